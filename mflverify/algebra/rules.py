"""The rewriting of tree diagrams to normal form (rules described in `diagram`).

Each application is one identity valid for all functions of the stated kind; the result is a
linear combination of products of smaller or canonically lower trees, so rewriting ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from mflverify.algebra.diagram import (
    Edge,
    EdgeKind,
    Hole,
    Item,
    Leaf,
    Leg,
    Vertex,
    canonical,
    hole_item,
    item,
    rootings,
    vertex,
)
from mflverify.expr.terms import FunctionSymbol

Combination = list[tuple[Fraction, tuple[Vertex, ...]]]
Recorder = Callable[[str, Vertex, "Combination"], None]


def reduce_tree(root: Vertex, record: Recorder) -> Combination:
    """The normal form of one tree: coefficients times products of canonical trees."""
    tree = canonical(root)
    step = _first_rule(tree)
    if step is None:
        return [(Fraction(1), (tree,) if tree.items else ())]
    rule, outcome = step
    record(rule, tree, outcome)
    total: Combination = []
    for coefficient, factors in outcome:
        partial: Combination = [(coefficient, ())]
        for factor in factors:
            reduced = reduce_tree(factor, record)
            partial = [(c * d, done + new) for c, done in partial for d, new in reduced]
        total.extend(partial)
    return total


def _first_rule(tree: Vertex) -> tuple[str, Combination] | None:
    for rule, apply in (
        ("mean zero", _zero),
        ("integration by parts", _identity),
        ("L L^-1 = 1", _green),
    ):
        for rooted in sorted(rootings(tree), key=lambda v: v.key):
            if rooted.point is None:
                for outcome in apply(rooted):
                    return rule, outcome
    return None


def _zero(root: Vertex) -> Iterator[Combination]:
    """A single undifferentiated factor of mean zero integrates to zero."""
    if len(root.items) == 1 and len(root.items[0]) == 1:
        (leg,) = root.items[0]
        mean_zero_leaf = (
            isinstance(leg, Leaf)
            and isinstance(leg.symbol, FunctionSymbol)
            and leg.symbol.kind != "function"
        )
        if mean_zero_leaf or (isinstance(leg, Edge) and leg.kind == "G"):
            yield []


def _identity(root: Vertex) -> Iterator[Combination]:
    """grad* moved across: integral of w grad* Phi = integral of grad w . Phi."""
    for value in root.items:
        leg = value[0]
        if len(value) != 1 or not isinstance(leg, Edge) or leg.kind != "I":
            continue
        others = root.without(value)
        far = hole_item(leg.child)
        if len(far) == 1:
            merged = (*leg.child.without(far), *others)
            yield [(Fraction(1), (vertex(leg.child.space, merged, leg.child.point),))]
            continue
        if others and not any(len(other) == 1 for other in others):
            continue  # the gradient would fall on a contracted pair: a Hessian, kept as it stands
        partner = next(part for part in far if not isinstance(part, Hole))
        rest = leg.child.without(far)
        yield [
            (Fraction(1), (vertex(leg.child.space, (*rest, *placed), leg.child.point),))
            for placed in leibniz(others, partner)
        ]


def leibniz(items: tuple[Item, ...], partner: Leg) -> Iterator[tuple[Item, ...]]:
    """grad(product of items) . partner, as the list of products (contracted pairs kept whole)."""
    pairs = tuple(value for value in items if len(value) == 2)
    for position, value in enumerate(items):
        if len(value) == 1:
            yield (*items[:position], *items[position + 1 :], item(value[0], partner))
    if pairs:
        singles = tuple(value for value in items if len(value) == 1)
        space = _space_of(pairs[0])
        wrapped = Edge("I", "", vertex(space, (*pairs, (Hole(),))))
        yield (*singles, item(wrapped, partner))


def _space_of(value: Item):
    for leg in value:
        if isinstance(leg, Leaf):
            return leg.symbol.space
        if isinstance(leg, Edge):
            if isinstance(leg.kind, str):
                return leg.child.space
            return leg.kind.target if leg.end == "target" else leg.kind.source
    raise AssertionError("an item has a leg other than the hole")


def _green(root: Vertex) -> Iterator[Combination]:
    """Integrate grad G against the other items: L G = delta - 1.

    sum over b of integral [G b] (others) = (product at the far end) - (mean) : one relation among
    the places b of the gradient, solved for the canonically greatest of them.
    """
    for value in root.items:
        for leg in value if len(value) == 2 else ():
            if not isinstance(leg, Edge) or leg.kind != "G":
                continue
            partner = value[1] if value[0] is leg else value[0]
            others = root.without(value)
            if isinstance(partner, Leaf) and partner.is_vector:
                continue
            if any(len(other) == 2 for other in others):
                continue
            legs = (partner, *(other[0] for other in others))
            places = [
                canonical(
                    vertex(
                        root.space,
                        (
                            item(leg, chosen),
                            *(item(b) for i, b in enumerate(legs) if i != position),
                        ),
                    )
                )
                for position, chosen in enumerate(legs)
            ]
            greatest = max(places, key=_rank).key
            if places[0].key != greatest:
                continue
            multiplicity = sum(place.key == greatest for place in places)
            outcome = _far_product(leg, tuple(item(b) for b in legs), root)
            outcome += [(Fraction(-1), (place,)) for place in places if place.key != greatest]
            yield [(c / multiplicity, factors) for c, factors in outcome]


def _rank(tree: Vertex) -> tuple[int, str]:
    """The order in which places are eliminated: gradients of a leaf against a Green kernel first,
    so that <grad L^-1 f, f grad M g> stays as it is written."""
    return (_leaf_contractions(tree, parent=None), tree.key)


def _leaf_contractions(tree: Vertex, parent: EdgeKind | None) -> int:
    count = 0
    for value in tree.items:
        kinds = [
            parent if isinstance(leg, Hole) else leg.kind if isinstance(leg, Edge) else None
            for leg in value
        ]
        if len(value) == 2 and "G" in kinds and any(isinstance(leg, Leaf) for leg in value):
            count += 1
        count += sum(
            _leaf_contractions(leg.child, leg.kind) for leg in value if isinstance(leg, Edge)
        )
    return count


def _far_product(leg: Edge, moved: tuple[Item, ...], root: Vertex) -> Combination:
    """The moved items evaluated at the far end of a Green edge, minus their mean there."""
    child = leg.child
    far = hole_item(child)
    rest = child.without(far)
    if len(far) == 2:
        partner = next(part for part in far if not isinstance(part, Hole))
        return [
            (Fraction(1), (vertex(child.space, (*rest, *placed), child.point),))
            for placed in leibniz(moved, partner)
        ]
    merged = vertex(child.space, (*rest, *moved), child.point)
    remainder = vertex(child.space, rest, child.point)
    mean = vertex(root.space, moved)
    return [(Fraction(1), (merged,)), (Fraction(-1), (mean, remainder))]


__all__ = ["Combination", "Recorder", "leibniz", "reduce_tree"]
