"""Integrals as tree diagrams, and their canonical form.

Every integral in the language is a tree.  A *vertex* is a point that is integrated over its
space (or pinned at a named point); it holds *items*, whose pointwise product is the integrand.
An item is one leg, or a pair of legs whose gradients are contracted.  A *leg* is a leaf (a
function, a vector field, or the divergence grad* of one), or one end of an *edge* to another
vertex; the edges are the kernels M and the kernels of L^k: k = -1 is the Green kernel of L^-1 on
mean-zero functions, k = 0 the identity.  On a union of spaces there is the kernel of the mean over
each component besides, named `·mean`.  Each leg carries a *power* n: L^n acts on it.  So <f, M g>
is  (f)(M)--(M)(g)  and  <grad u, grad v>  is one vertex with the pair [u v].  Moving an operator to
the other side of an inner product, or transposing it, changes nothing in the tree: adjoints are
equal on sight.

Keys are texts that determine the tree: names are quoted in them, so none can imitate structure.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cached_property
from typing import Literal, TypeGuard

from attrs import evolve, frozen

from mflverify.algebra.understood import exact_text, is_understood, space_text
from mflverify.expr.sorts import FunctionSort, Space
from mflverify.expr.terms import (
    Direction,
    FunctionSymbol,
    KernelSymbol,
    Point,
    SpeciesConstant,
    Term,
    VectorSymbol,
)

EdgeKind = KernelSymbol | int
End = Literal["source", "target", ""]
GREEN, IDENTITY = -1, 0
_MEAN = "·mean"  # no symbol of an author has such a name


def _point_text(point: Point) -> str:
    return repr(point.name) if is_understood(point) else exact_text(point)


def _power_key(power: int) -> str:
    return f"L{power} " if power else ""


@frozen(slots=False)
class Leaf:
    """L^power of a function, or of grad* of a vector field (`divergence`); otherwise a vector field
    or a direction, which has no power and must be contracted.  What is not a symbol is opaque."""

    symbol: Term
    power: int = 0
    divergence: bool = False

    def __attrs_post_init__(self) -> None:
        if self.power and self.is_vector:
            raise AssertionError(f"L does not act on the vector field of {self.key}")

    @cached_property
    def key(self) -> str:
        match self.symbol:
            case FunctionSymbol(name, space, role) if is_understood(self.symbol):
                pass
            case VectorSymbol(name, space) if is_understood(self.symbol):
                role = "divergence" if self.divergence else "vector"
            case Direction(name, space) if is_understood(self.symbol):
                role = "direction"
            case _:
                role = "divergence" if self.divergence else "opaque"
                return f"{_power_key(self.power)}{exact_text(self.symbol)}:{role}"
        return f"{_power_key(self.power)}{space_text(space)}.{name!r}:{role}"

    @cached_property
    def is_vector(self) -> bool:
        return not isinstance(self.symbol.sort, FunctionSort) and not self.divergence

    @cached_property
    def is_mean_zero(self) -> bool:
        """Whether its integral vanishes: a mean-zero function, a divergence, a power of L."""
        if self.divergence or self.power > 0:
            return True
        known = isinstance(self.symbol, FunctionSymbol) and is_understood(self.symbol)
        return known and self.symbol.kind in ("perturbation", "mean-zero")  # type: ignore[union-attr]


@frozen(slots=False)
class Weight:
    """A constant of the species of a vertex, to a power.  It commutes with all but kernels, so it
    may stand at any vertex that is joined to this one by powers of L (see `gathered`)."""

    symbol: Term
    exponent: Fraction = Fraction(1)
    power: int = 0  # as all legs have it; L gives 0

    @cached_property
    def key(self) -> str:
        return f"{exact_text(self.symbol)}^{self.exponent}:weight"

    @property
    def is_nonnegative(self) -> bool:
        """Whether its values are visibly not negative."""
        sign = self.symbol.sign if isinstance(self.symbol, SpeciesConstant) else "positive"
        return sign != "real" or (self.exponent / 2).denominator == 1


@frozen(slots=False)
class Hole:
    """The end, at a child vertex, of the edge that leads to its parent; L^power acts on that end."""

    power: int = 0

    @property
    def key(self) -> str:
        return f"{_power_key(self.power)}@"


@frozen(slots=False)
class Edge:
    """One end of an edge; `end` says which end of an asymmetric kernel is here, `child` what hangs
    on it.  The kernel of L^k, k >= 0, carries its powers in k: L commutes with it."""

    kind: EdgeKind
    end: End
    child: Vertex
    power: int = 0

    @property
    def far_end(self) -> End:
        return {"source": "target", "target": "source", "": ""}[self.end]  # type: ignore[return-value]

    @cached_property
    def key(self) -> str:
        name = f"~{self.kind}" if isinstance(self.kind, int) else f"{self.kind.name!r}{self.end}"
        return f"{_power_key(self.power)}{name}>{self.child.key}"


Leg = Leaf | Edge | Hole | Weight
Item = tuple[Leg, ...]


def raised(leg: Leg, power: int) -> Leg:
    """L^power applied to a leg."""
    if isinstance(leg, Edge) and isinstance(leg.kind, int) and leg.kind >= 0:
        return evolve(leg, kind=leg.kind + power)
    return evolve(leg, power=leg.power + power) if power else leg


def divergence(leg: Leaf) -> Leaf:
    """grad* of a vector leaf, as a function."""
    return evolve(leg, divergence=True)


def is_vector(leg: Leg) -> TypeGuard[Leaf]:
    """Whether a leg is a vector that must be contracted."""
    return isinstance(leg, Leaf) and leg.is_vector


def is_divergence(leg: Leg) -> TypeGuard[Leaf]:
    """Whether a leg is grad* of a vector symbol."""
    return isinstance(leg, Leaf) and leg.divergence


def is_green(leg: Leg) -> TypeGuard[Edge]:
    """Whether a leg is an end of the Green kernel."""
    return isinstance(leg, Edge) and leg.kind == GREEN


def is_differential(leg: Leg) -> TypeGuard[Edge]:
    """Whether a leg is an end of the kernel of L^k with k >= 0."""
    return isinstance(leg, Edge) and isinstance(leg.kind, int) and leg.kind >= 0


def component_mean(space: Space) -> KernelSymbol:
    """The operator that takes a function on a union to its mean on each component."""
    return KernelSymbol(_MEAN, space, space, symmetric=True)


def is_mean(leg: Leg) -> TypeGuard[Edge]:
    """Whether a leg is an end of the kernel of the component means."""
    return isinstance(leg, Edge) and isinstance(leg.kind, KernelSymbol) and leg.kind.name == _MEAN


def item(*legs: Leg) -> Item:
    """An item with its legs in canonical order."""
    return tuple(sorted(legs, key=lambda leg: leg.key))


def item_key(value: Item) -> str:
    """Canonical text of an item."""
    return f"[{' '.join(leg.key for leg in value)}]" if len(value) == 2 else value[0].key


@frozen(slots=False)
class Vertex:
    """A vertex with its items in canonical order; `point` is None when it is integrated."""

    space: Space
    point: Point | None
    items: tuple[Item, ...]

    @cached_property
    def key(self) -> str:
        where = space_text(self.space)
        if self.point is not None:
            where += f"@{_point_text(self.point)}"
        return f"{where}({' '.join(item_key(value) for value in self.items)})"

    @cached_property
    def legs(self) -> tuple[Leg, ...]:
        """All legs, item by item."""
        return tuple(leg for value in self.items for leg in value)

    @cached_property
    def has_weights(self) -> bool:
        """Whether a constant of species occurs in the tree."""
        return any(
            isinstance(leg, Weight) or (isinstance(leg, Edge) and leg.child.has_weights)
            for leg in self.legs
        )

    def without(self, *removed: Item) -> tuple[Item, ...]:
        """The items with one occurrence of each of `removed` taken out."""
        rest = list(self.items)
        for value in removed:
            rest.pop(next(i for i, other in enumerate(rest) if other is value))
        return tuple(rest)

    def holding(self, *items: Item) -> Vertex:
        """The same point with other items."""
        return vertex(self.space, items, self.point)


def vertex(space: Space, items: tuple[Item, ...], point: Point | None = None) -> Vertex:
    """The vertex with items sorted canonically; a vector that stands alone is an AssertionError."""
    for value in items:
        if len(value) == 1 and is_vector(value[0]):
            raise AssertionError(f"{value[0].key} is a vector field and must be contracted")
    return Vertex(space, point, tuple(sorted(items, key=item_key)))


def exchange(value: Item, position: int, leg: Leg) -> Item:
    """An item with the leg at `position` replaced."""
    return item(*(leg if i == position else other for i, other in enumerate(value)))


def hole_item(child: Vertex) -> Item:
    """The item of a child vertex that holds its hole."""
    return next(value for value in child.items if any(isinstance(leg, Hole) for leg in value))


def hole_power(child: Vertex) -> int:
    """The power of L on the hole of a child vertex."""
    return next(leg.power for leg in child.legs if isinstance(leg, Hole))


def fill(child: Vertex, leg: Leg) -> Vertex:
    """`child` with its hole filled by `leg`; the hole's power of L falls on it."""
    return child.holding(
        *(
            item(*(raised(leg, part.power) if isinstance(part, Hole) else part for part in value))
            for value in child.items
        )
    )


def leibniz(items: tuple[Item, ...], partner: Leg, space: Space) -> Iterator[tuple[Item, ...]]:
    """grad(product of items) . partner, as the list of products.

    The product of the contracted pairs is kept whole, behind an identity edge: its gradient is a
    Hessian.
    """
    pairs = tuple(value for value in items if len(value) == 2)
    for position, value in enumerate(items):
        if len(value) == 1 and not isinstance(value[0], Weight):
            yield (*items[:position], *items[position + 1 :], item(value[0], partner))
    if pairs:
        singles = tuple(value for value in items if len(value) == 1)
        yield (
            *singles,
            item(Edge(IDENTITY, "", vertex(space, (*pairs, (Hole(),)))), partner),
        )


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
                    rest = current.without(value)
                    parent = current.holding(*rest, exchange(value, position, Hole(leg.power)))
                    stack.append(fill(leg.child, Edge(leg.kind, leg.far_end, parent)))


def gathered(root: Vertex) -> Vertex:
    """The tree with the constants of species at the topmost of the vertices that they may stand at."""
    if not root.has_weights:
        return root
    found, bare = _stripped(root)
    exponents: dict[Term, Fraction] = {}
    for weight in found:
        exponents[weight.symbol] = exponents.get(weight.symbol, Fraction(0)) + weight.exponent
    return bare.holding(*bare.items, *((Weight(s, e),) for s, e in exponents.items() if e))


def weights_of(root: Vertex) -> tuple[Item, ...]:
    """The constants of species that stand at a vertex."""
    return tuple(value for value in root.items if isinstance(value[0], Weight))


def _stripped(root: Vertex) -> tuple[list[Weight], Vertex]:
    """The constants of species that may stand at the root, and the tree without them."""
    found = [leg for leg in root.legs if isinstance(leg, Weight)]

    def rest(leg: Leg) -> Leg:
        if not isinstance(leg, Edge):
            return leg
        if isinstance(leg.kind, int) or is_mean(leg):
            inner, child = _stripped(leg.child)
            found.extend(inner)
            return evolve(leg, child=child)
        return evolve(leg, child=gathered(leg.child))

    others = [value for value in root.items if not isinstance(value[0], Weight)]
    items = [item(*map(rest, value)) for value in others]
    return found, root.holding(*items)


def canonical(root: Vertex) -> Vertex:
    """The rooting with the least key: one representative of each tree."""
    return min(map(gathered, rootings(root)), key=lambda tree: tree.key)


def is_nonnegative(root: Vertex) -> bool:
    """Whether the integral is >= 0 for a reason visible in its form.

    Either its integrand is a product of squares at a vertex, or it is <u, L^k u>, k >= -1, split
    at that edge into equal sides.
    """
    for rooted in rootings(root):
        tree = gathered(rooted)
        weights = weights_of(tree)
        if not all(isinstance(w, Weight) and w.is_nonnegative for (w,) in weights):
            continue
        tree = tree.holding(*tree.without(*weights))
        keys = [item_key(value) for value in tree.items]
        if all(
            keys.count(key) % 2 == 0 or (len(value) == 2 and value[0].key == value[1].key)
            for key, value in zip(keys, tree.items, strict=True)
        ):
            return True
        for value in tree.items:
            for position, leg in enumerate(value):
                if (
                    isinstance(leg, Edge)
                    and isinstance(leg.kind, int)
                    and has_equal_sides(tree, value, position)
                ):
                    return True
    return False


def has_equal_sides(root: Vertex, value: Item, position: int) -> bool:
    """Whether the tree looks alike from both ends of the edge at `position` of the item `value`."""
    leg = value[position]
    assert isinstance(leg, Edge)
    here = root.holding(*root.without(value), exchange(value, position, Hole(leg.power)))
    return here.key == leg.child.key
