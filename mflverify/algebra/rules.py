"""The rewriting of tree diagrams to normal form: each rule is one identity.

w, a, b, c, .. are legs at the vertex at hand, x.y stands for grad x . grad y, and "vertex" means
one that is integrated, unless it says otherwise.  The *order* of a vertex is the number of L it
holds, a contracted pair counting one.  A vertex with an end of L^k, k >= 0, is only treated by
`adjoint`, `merging` and `expansion`, until that edge is gone.

On a union of spaces the integral of 1 is its number of components, which stays as it is, and L L^-1
is 1 minus the mean over each component, which is a kernel.  `component mean` takes such an edge
away, or everything.

Termination.  Compare trees by (number of Green edges, those not under L counted twice; number of
vertices; contractions of an end of L^k; sum of these k).  `inverse` lowers the first, `adjoint` and
`merging` the second, `expansion` the third or the fourth, and none raises what comes before.  The
other rules put L on a Green kernel, which lowers the first, or leave all four alone and act inside
one vertex: `chain` gives a form that it does not touch again; `divergence` removes a contraction of
a vector with a divergence, or else the only divergence, and never makes the former; `polarisation`
lowers the number of contracted pairs at a vertex where no other rule makes one; `by parts` lowers
the sum of powers; `green_places` and `among_greens` leave only contractions that they do not touch.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import combinations

from attrs import evolve

from mflverify.algebra.diagram import (
    IDENTITY,
    Edge,
    Hole,
    Item,
    Leaf,
    Vertex,
    component_mean,
    divergence,
    exchange,
    fill,
    gathered,
    has_equal_sides,
    hole_item,
    hole_power,
    is_differential,
    is_divergence,
    is_green,
    is_mean,
    is_vector,
    item,
    raised,
    rootings,
    weights_of,
)
from mflverify.algebra.green import among_greens, green_places
from mflverify.algebra.shapes import (
    Combination,
    is_first_order,
    is_local,
    is_plain,
    lowered,
    order,
    places,
)

ONE, HALF = Fraction(1), Fraction(1, 2)
Rule = Callable[[Vertex], Combination | None]


def first_rule(tree: Vertex) -> tuple[str, Combination] | None:
    """The name and the outcome of the first rule that applies at some vertex; None if none does."""
    rooted = sorted(rootings(tree), key=lambda root: root.key)
    for name, rule in RULES:
        for root in rooted:
            outcome = _applied(rule, root)
            if outcome is not None:
                return name, outcome
    return None


def _applied(rule: Rule, root: Vertex) -> Combination | None:
    """A rule at a vertex, past the constants of species there, by which all of it is multiplied."""
    if not root.has_weights:
        return rule(root)
    tree = gathered(root)
    weights = weights_of(tree)
    outcome = rule(tree.holding(*tree.without(*weights)))
    if outcome is None or not weights:
        return outcome
    # on unions no rule makes a product of integrals, and all stay with the species of the root
    return [(c, (result.holding(*result.items, *weights),)) for c, (result,) in outcome]


def _mean_zero(root: Vertex) -> Combination | None:
    """Integral of w = 0 for a mean-zero w that stands alone."""
    if root.point is None and len(root.legs) == 1:
        (leg,) = root.legs
        if is_green(leg) or leg.power > 0 or (isinstance(leg, Leaf) and leg.is_mean_zero):
            return []
    return None


def _component_mean(root: Vertex) -> Combination | None:
    """On a union: the mean over each component is constant there, 0 for a mean-zero function, and
    its own mean."""
    for value in root.items:
        for leg in value:
            if not is_mean(leg):
                continue
            far = hole_item(leg.child)
            if leg.power or hole_power(leg.child) or len(value) == 2 or len(far) == 2:
                return []
            others = root.without(value)
            if root.point is not None or len(others) > 1:
                continue
            if not others:
                return [(ONE, (leg.child.holding(*leg.child.without(far)),))]
            (other,) = others
            if len(other) == 1 and is_mean(other[0]):
                return [(ONE, (fill(leg.child, other[0]),))]
            if _mean_zero(root.holding(other)) is not None:
                return []
    return None


def _inverse(root: Vertex) -> Combination | None:
    """L L^-1 w = w - mean(w), at any vertex; so L^n L^-1 is L^(n-1), and minus the mean for n = 1;
    on a union the mean is that over the component."""
    for value in root.items:
        for position, leg in enumerate(value):
            if not is_green(leg) or leg.power == 0:
                continue
            far, far_power = hole_item(leg.child), hole_power(leg.child)
            bare = leg.child.holding(
                *leg.child.without(far),
                item(*(Hole() if isinstance(part, Hole) else part for part in far)),
            )
            edge = Edge(leg.power - 1 + far_power, "", bare)
            rest = root.without(value)
            outcome: Combination = [(ONE, (root.holding(*rest, exchange(value, position, edge)),))]
            has_mean = leg.power == 1 and far_power == 0 and len(value) == 1 and len(far) == 1
            if has_mean and root.space.union:
                inside = Edge(component_mean(root.space), "", bare)
                outcome.append((-ONE, (root.holding(*rest, (inside,)),)))
            elif has_mean:
                mean = leg.child.holding(*leg.child.without(far))
                outcome.append((-ONE, (root.holding(*rest), mean)))
            return outcome
    return None


def _adjoint(root: Vertex) -> Combination | None:
    """L^k is self-adjoint and grad* is the adjoint of grad: what stands alone beside an end of L^k
    goes to its other end, with L^k, or L^k grad* when it was contracted with that end."""
    if root.point is not None:
        return None
    for value in root.items:
        for position, leg in enumerate(value):
            if not is_differential(leg):
                continue
            power, child, others = leg.kind, leg.child, root.without(value)
            assert isinstance(power, int)
            if len(value) == 2 and not others:
                partner = value[1 - position]
                moved = (
                    raised(divergence(partner), power)
                    if is_vector(partner)
                    else raised(partner, power + 1)
                )
                return [(ONE, (fill(child, moved),))]
            if len(value) == 1 and len(others) == 1 and len(others[0]) == 1:
                return [(ONE, (fill(child, raised(others[0][0], power)),))]
            if len(value) == 1 and not others:
                far = hole_item(child)
                constant = power == 0 and len(far) == 1
                return [(ONE, (child.holding(*child.without(far)),))] if constant else []
    return None


def _merging(root: Vertex) -> Combination | None:
    """What stands beside an end of the identity goes to its other end; when that end is contracted,
    as a gradient, by the Leibniz rule."""
    if root.point is not None:
        return None
    for value in root.items:
        leg, others = value[0], root.without(value)
        if len(value) == 2 or not is_differential(leg) or leg.kind != IDENTITY:
            continue
        far = hole_item(leg.child)
        rest = leg.child.without(far)
        if len(far) == 1:
            return [(ONE, (leg.child.holding(*rest, *others),))]
        if is_plain(others):
            partner = next(part for part in far if not isinstance(part, Hole))
            return [(ONE, (leg.child.holding(*rest, *p),)) for p in places(others, partner)]
    return None


def _chain(root: Vertex) -> Combination | None:
    """A vertex with two legs composes operators: <L^i a, L^j b> depends on i + j, and a contraction
    counts one.  The powers are shared evenly; on a Green kernel they all go to it; <grad* Phi, b> is
    written <Phi, grad b>, and <Phi, grad L^j b> for j > 0 is <grad* Phi, L^j b>."""
    if not is_local(root) or len(root.legs) != 2:
        return None
    a, b = root.legs
    contracted = len(root.items) == 1
    if is_vector(a) or is_vector(b):
        phi, w = (a, b) if is_vector(a) else (b, a)
        if is_vector(w) or (w.power == 0 and not is_divergence(w)):
            return None
        return [(ONE, (root.holding((divergence(phi),), (w,)),))]  # type: ignore[arg-type]
    total = a.power + b.power + contracted
    a, b = lowered(a), lowered(b)
    if is_green(b):
        a, b = b, a
    if total and is_green(a):
        result = root.holding((raised(a, total),), (b,))
    elif total:
        both = (raised(a, total // 2), raised(b, total // 2))
        result = root.holding(item(*both)) if total % 2 else root.holding(*((leg,) for leg in both))
    elif is_divergence(a) != is_divergence(b):
        phi, w = (a, b) if is_divergence(a) else (b, a)
        result = root.holding(item(evolve(phi, divergence=False), w))
    else:
        return None
    return None if result.key == root.key else [(ONE, (result,))]


def _divergence(root: Vertex) -> Combination | None:
    """Integral of w grad* Phi = integral of Phi . grad w, used from left to right on a single
    divergence, and from right to left on w = a b with b a divergence."""
    if not is_local(root) or len(root.legs) < 3:
        return None
    for value in root.items:
        others = root.without(value)
        beside = [leg for other in others for leg in other]
        if not is_plain(others) or any(map(is_divergence, beside)):
            continue
        if len(value) == 2 and any(map(is_vector, value)) and any(map(is_divergence, value)):
            phi, b = value if is_vector(value[0]) else value[::-1]
            assert is_vector(phi)
            outcome = [(ONE, (root.holding(*others, (divergence(phi),), (b,)),))]
            return outcome + [(-ONE, (root.holding((b,), *p),)) for p in places(others, phi)]
        if len(value) == 1 and is_divergence(value[0]) and value[0].power == 0:
            phi = evolve(value[0], divergence=False)
            return [(ONE, (root.holding(*placed),)) for placed in places(others, phi)]
    return None


def _polarisation(root: Vertex) -> Combination | None:
    """2 a.b = a L b + b L a - L(a b), against a third leg c: the integral of c a L b + c b L a - a b L c
    is twice that of c a.b.  Used at order two and more, beside a divergence, and among three Green
    kernels; then the integrals of L^i a L^j b L^k c are a basis."""
    if not is_local(root) or len(root.legs) != 3 or any(map(is_vector, root.legs)):
        return None
    pair = next((value for value in root.items if len(value) == 2), None)
    if pair is None or not (
        order(root) > 1 or any(map(is_divergence, root.legs)) or all(map(is_green, root.legs))
    ):
        return None
    (a, b), ((c,),) = pair, root.without(pair)
    return [
        (HALF, (root.holding((a,), (raised(b, 1),), (c,)),)),
        (HALF, (root.holding((raised(a, 1),), (b,), (c,)),)),
        (-HALF, (root.holding((a,), (b,), (raised(c, 1),)),)),
    ]


def _by_parts(root: Vertex) -> Combination | None:
    """Integral of w L b = integral of w.b, at order one."""
    if not is_first_order(root):
        return None
    for value in root.items:
        if value[0].power == 1 and len(value) == 1:
            placed = places(root.without(value), lowered(value[0]))
            return [(ONE, (root.holding(*items),)) for items in placed]
    return None


def _expansion(root: Vertex) -> Combination | None:
    """grad*(w grad b) = w L b - w.b and L(a b ..) = sum of (L a) b .. - 2 sum of a.b .., where more than
    one leg stands on each side of an end of L^k; a visible square <u, L^k u> of higher order is kept."""
    if root.point is not None:
        return None
    for value in root.items:
        for position, leg in enumerate(value):
            others = root.without(value)
            if not is_differential(leg) or not is_plain(others):
                continue
            partners = value[1 - position : 2 - position] if len(value) == 2 else ()
            if any(is_differential(b) for (b,) in (*others, *((p,) for p in partners))):
                continue
            power = leg.kind
            assert isinstance(power, int)
            total = power + 2 * len(partners) + 2 * sum(b.power for (b,) in others)
            square = total > 1 and has_equal_sides(root, value, position)
            if square and leg.child.point is None:
                continue
            if partners:
                (b,) = partners
                image = divergence(b) if is_vector(b) else raised(b, 1)
                outcome = [(ONE, (root.holding((leg,), *others, (image,)),))]
                return outcome + [(-ONE, (root.holding((leg,), *p),)) for p in places(others, b)]
            if power:
                return [
                    (c, (root.holding((evolve(leg, kind=power - 1),), *placed),))
                    for c, placed in _generator_of_product(others)
                ]
    return None


RULES: tuple[tuple[str, Rule], ...] = (
    ("mean zero", _mean_zero),
    ("mean over components", _component_mean),
    ("L L^-1 = 1", _inverse),
    ("adjoint", _adjoint),
    ("integration by parts", _merging),
    ("L is self-adjoint", _chain),
    ("divergence by parts", _divergence),
    ("polarisation", _polarisation),
    ("integration by parts", _by_parts),
    ("L L^-1 = 1 by parts", green_places),
    ("L L^-1 = 1 by parts", among_greens),
    ("carré du champ", _expansion),
)


def _generator_of_product(items: tuple[Item, ...]) -> list[tuple[Fraction, tuple[Item, ...]]]:
    """L(product of single legs)."""
    terms: list[tuple[Fraction, tuple[Item, ...]]] = []
    for i, (a,) in enumerate(items):
        terms.append((ONE, (*items[:i], *items[i + 1 :], (raised(a, 1),))))
    for i, j in combinations(range(len(items)), 2):
        rest = tuple(value for k, value in enumerate(items) if k not in (i, j))
        terms.append((Fraction(-2), (*rest, item(items[i][0], items[j][0]))))
    return terms


__all__ = ["RULES", "Combination", "first_rule"]
