"""The rules for contractions with Green kernels, by parts: L G = delta - 1.

For each Green kernel G at a vertex, the sum over the other legs b of the integral of G.b (rest) is the
integral of L G (all others).  These relations are solved for as many contractions as there are
relations, so that none is left.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

from mflverify.algebra.diagram import Leaf, Leg, Vertex, is_green, is_vector, item, raised
from mflverify.algebra.shapes import Combination, is_local, order, places


def green_places(root: Vertex) -> Combination | None:
    """Beside legs that are no Green kernels: the relation of G is solved for its contraction with
    one chosen of these."""
    pairs = sum(len(value) == 2 for value in root.items)
    if not is_local(root) or len(root.legs) < 3 or pairs != 1:
        return None
    if any(map(is_vector, root.legs)) or all(map(is_green, root.legs)):
        return None
    pivot = max((leg for leg in root.legs if not is_green(leg)), key=_rank)
    for value in root.items:
        if len(value) == 2 and any(map(is_green, value)) and any(b.key == pivot.key for b in value):
            green, b = value if is_green(value[0]) else value[::-1]
            others = (*root.without(value), (b,))
            share = Fraction(1, sum(leg.key == pivot.key for (leg,) in others))
            outcome = [(share, (root.holding(*others, (raised(green, 1),)),))]
            for (leg,), placed in zip(others, places(others, green), strict=True):
                if leg.key != pivot.key:
                    outcome.append((-share, (root.holding(*placed),)))
            return outcome
    return None


def among_greens(root: Vertex) -> Combination | None:
    """Among four or more Green kernels, P the greatest: the relation of each is solved for its
    contraction with P, and that of P, when there is one P, for the greatest contraction of others:
    the relations of the others less that of P are twice the sum of all contractions without P."""
    if not is_local(root) or len(root.legs) < 4 or not all(map(is_green, root.legs)):
        return None
    pair = next((value for value in root.items if len(value) == 2), None)
    if pair is None or order(root) != 1:
        return None
    legs = sorted(root.legs, key=lambda leg: leg.key)
    everyone, last = range(len(legs)), len(legs) - 1

    def contracted(i: int, j: int) -> tuple[Vertex, ...]:
        rest = ((leg,) for k, leg in enumerate(legs) if k not in (i, j))
        return (root.holding(*rest, item(legs[i], legs[j])),)

    def image(i: int) -> tuple[Vertex, ...]:
        return (root.holding(*((raised(leg, int(k == i)),) for k, leg in enumerate(legs))),)

    pivot, here = legs[last].key, sorted(leg.key for leg in pair)
    if pivot in here:
        partner = here[0] if here[1] == pivot else here[1]
        i = max(k for k in everyone if legs[k].key == partner)
        near = [j for j in everyone if j != i]
        solved = [j for j in near if legs[j].key == pivot]
        share = Fraction(1, len(solved))
        kept = [(-share, contracted(i, j)) for j in near if j not in solved]
        return [(share, image(i)), *kept]
    if legs[last - 1].key == pivot or here != [legs[last - 2].key, legs[last - 1].key]:
        return None
    without = list(combinations(range(last), 2))
    same = [(i, j) for i, j in without if [legs[i].key, legs[j].key] == here]
    share = Fraction(1, 2 * len(same))
    outcome = [(share if i < last else -share, image(i)) for i in everyone]
    return outcome + [(-2 * share, contracted(i, j)) for i, j in without if (i, j) not in same]


def _rank(leg: Leg) -> tuple[bool, str]:
    """The contraction of a leaf with a Green kernel is eliminated first, so that
    <grad L^-1 f, f grad M g> stays as it is written."""
    return (isinstance(leg, Leaf), leg.key)


__all__ = ["among_greens", "green_places"]
