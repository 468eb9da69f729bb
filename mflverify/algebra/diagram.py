"""Integrals as tree diagrams, and their canonical form.

Every integral in the language is a tree.  A *vertex* is a point that is integrated over its
space (or pinned at a named point); it holds *items*, whose pointwise product is the integrand.
An item is one leg, or a pair of legs whose gradients are contracted.  A *leg* is a leaf (a
function, or a vector field), or one end of an *edge* to another vertex: a kernel M, the Green
kernel G of L^-1, or the identity I.  So <f, M g> is  (f)(M)--(M)(g)  and  <grad u, grad v>  is
one vertex with the pair [u v].  Moving an operator to the other side of an inner product, or
transposing it, changes nothing in the tree: adjoints are equal on sight.

Rules (each an identity, applied at an integrated vertex; every vertex is tried as the root):
  identity   an identity edge that is not differentiated here and is differentiated there is
             integrated by parts: its partner's gradient falls on the other items (Leibniz);
  green      [G b] s1..sk with L G = delta - 1, one relation among the k+1 places of the gradient;
  zero       a vertex with nothing but a mean-zero factor integrates to zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Literal

from attrs import frozen

from mflverify.expr.sorts import Space
from mflverify.expr.terms import Direction, FunctionSymbol, KernelSymbol, Point, VectorSymbol

EdgeKind = KernelSymbol | Literal["G", "I"]
End = Literal["source", "target", ""]


@frozen
class Leaf:
    """A function symbol, or a vector that must be contracted."""

    symbol: FunctionSymbol | VectorSymbol | Direction

    @property
    def key(self) -> str:
        kind = self.symbol.kind if isinstance(self.symbol, FunctionSymbol) else "vector"
        return f"{self.symbol.space.name}.{self.symbol.name}:{kind}"

    @property
    def is_vector(self) -> bool:
        return not isinstance(self.symbol, FunctionSymbol)


@frozen
class Hole:
    """The end, at a child vertex, of the edge that leads to its parent."""

    @property
    def key(self) -> str:
        return "@"


@frozen(slots=False)
class Edge:
    """One end of an edge; `end` says which end of a kernel is here, `child` what hangs on it."""

    kind: EdgeKind
    end: End
    child: Vertex

    @property
    def far_end(self) -> End:
        return {"source": "target", "target": "source", "": ""}[self.end]  # type: ignore[return-value]

    @cached_property
    def key(self) -> str:
        name = self.kind if isinstance(self.kind, str) else f"kernel {self.kind.name}"
        return f"{name}{self.end[:1]}>{self.child.key}"


Leg = Leaf | Edge | Hole
Item = tuple[Leg, ...]


def item(*legs: Leg) -> Item:
    """An item with its legs in canonical order."""
    return tuple(sorted(legs, key=lambda leg: leg.key))


def _item_key(value: Item) -> str:
    return f"[{' '.join(leg.key for leg in value)}]" if len(value) == 2 else value[0].key


@frozen(slots=False)
class Vertex:
    """A vertex with its items in canonical order; `point` is None when it is integrated."""

    space: Space
    point: Point | None
    items: tuple[Item, ...]

    @cached_property
    def key(self) -> str:
        where = (
            f"{self.space.name}@{self.point.name}" if self.point is not None else self.space.name
        )
        return f"{where}({' '.join(_item_key(value) for value in self.items)})"

    def without(self, *removed: Item) -> tuple[Item, ...]:
        """The items with one occurrence of each of `removed` taken out."""
        rest = list(self.items)
        for value in removed:
            rest.pop(next(i for i, other in enumerate(rest) if other is value))
        return tuple(rest)


def vertex(space: Space, items: tuple[Item, ...], point: Point | None = None) -> Vertex:
    """The vertex with items sorted canonically."""
    return Vertex(space, point, tuple(sorted(items, key=_item_key)))


def replace_hole(child: Vertex, leg: Leg) -> Vertex:
    """`child` with its hole filled by `leg`."""
    items = tuple(
        item(*(leg if isinstance(part, Hole) else part for part in value)) for value in child.items
    )
    return vertex(child.space, items, child.point)


def hole_item(child: Vertex) -> Item:
    """The item of a child vertex that holds its hole."""
    return next(value for value in child.items if any(isinstance(leg, Hole) for leg in value))


def rootings(root: Vertex) -> Iterator[Vertex]:
    """The same tree seen from each of its vertices, the given root first."""
    seen: set[str] = set()
    stack = [root]
    while stack:
        current = stack.pop()
        if current.key in seen:
            continue
        seen.add(current.key)
        yield current
        for value in current.items:
            for position, leg in enumerate(value):
                if isinstance(leg, Edge):
                    legs = [Hole() if i == position else other for i, other in enumerate(value)]
                    parent = vertex(
                        current.space, (*current.without(value), item(*legs)), current.point
                    )
                    stack.append(replace_hole(leg.child, Edge(leg.kind, leg.far_end, parent)))


def canonical(root: Vertex) -> Vertex:
    """The rooting with the least key: one representative of each tree."""
    return min(rootings(root), key=lambda tree: tree.key)


def is_nonnegative(root: Vertex) -> bool:
    """Whether the integral is >= 0 for a reason visible in its form.

    Either it is <u, L^-1 u> or <u, u> split at a Green or identity edge with equal sides, or its
    integrand is a product of squares at a vertex.
    """
    for tree in rootings(root):
        keys = [_item_key(value) for value in tree.items]
        if all(
            keys.count(key) % 2 == 0 or (len(value) == 2 and value[0].key == value[1].key)
            for key, value in zip(keys, tree.items, strict=True)
        ):
            return True
        for value in tree.items:
            for leg in value:
                if (
                    isinstance(leg, Edge)
                    and leg.kind in ("G", "I")
                    and _same_sides(tree, value, leg)
                ):
                    return True
    return False


def _same_sides(tree: Vertex, value: Item, leg: Edge) -> bool:
    legs = list(value)
    legs[next(i for i, other in enumerate(legs) if other is leg)] = Hole()
    here = vertex(tree.space, (*tree.without(value), item(*legs)), tree.point)
    return here.key == leg.child.key
