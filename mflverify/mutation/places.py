"""Places in an expression, and the expression with another term at one of them."""

from __future__ import annotations

from collections.abc import Iterator

from mflverify.expr.sorts import SortError
from mflverify.expr.substitution import rebuild
from mflverify.expr.terms import Node, Relation, Term, children

Place = tuple[int, ...]


def places(node: Node) -> Iterator[tuple[Place, Node]]:
    """Every subterm with its place, parents first: a place lists which child to take, from the top.

    The right-hand sides of a flow count as its children.
    """
    yield (), node
    for index, child in enumerate(children(node)):
        for place, part in places(child):
            yield (index, *place), part


def put(node: Node, place: Place, new: Term) -> Node:
    """`node` with the subterm at `place` replaced.  Raises SortError when the result means nothing."""
    if not place:
        return new
    wanted, rest = place[0], place[1:]
    count = -1

    def visit(child: Node) -> Node:
        nonlocal count
        count += 1
        return put(child, rest, new) if count == wanted else child

    return rebuild(node, visit)


def put_in(relation: Relation, place: Place, new: Term) -> Relation | None:
    """A relation with the subterm at `place` replaced, or None when that means nothing."""
    try:
        changed = put(relation, place, new)
    except SortError:
        return None
    assert isinstance(changed, Relation)
    return changed
