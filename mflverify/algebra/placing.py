"""Terms to diagrams: functions and vector fields as products of items at a vertex."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from attrs import frozen

from mflverify.algebra.diagram import (
    GREEN,
    IDENTITY,
    Edge,
    EdgeKind,
    End,
    Hole,
    Item,
    Leaf,
    Leg,
    Vertex,
    Weight,
    component_mean,
    item,
    item_key,
    leibniz,
    vertex,
)
from mflverify.algebra.polynomial import Polynomial
from mflverify.algebra.understood import is_understood
from mflverify.expr.densities import GibbsDensity, LogDensity
from mflverify.expr.hessians import FirstEigenfunction, Score
from mflverify.expr.sorts import SCALAR, FunctionSort, Space, VectorSort
from mflverify.expr.terms import (
    Apply,
    Center,
    Directional,
    Dot,
    FunctionSymbol,
    Generator,
    GeneratorInverse,
    Gradient,
    GradientAdjoint,
    Inner,
    KernelSlice,
    KernelSymbol,
    One,
    Power,
    Product,
    Projector,
    SpeciesConstant,
    SpeciesGap,
    Sum,
    Term,
    Transpose,
    VectorSymbol,
)

Placed = list[tuple[Polynomial, tuple[Item, ...]]]
PlacedVector = list[tuple[Polynomial, tuple[Item, ...], Leg]]
UNIT = Polynomial.constant(1)


@frozen
class Placer:
    """Places terms at a vertex, multilinearly.  scalar: the normal form of a scalar coefficient."""

    scalar: Callable[[Term], Polynomial]

    def pairing(self, left: Term, right: Term) -> list[tuple[Polynomial, Vertex]]:
        """The inner product of two functions or two vector fields, as a combination of trees."""
        space = _space(left)
        if isinstance(left.sort, VectorSort):
            return [
                (c * d, vertex(space, (*i, *j, item(a, b))))
                for c, i, a in self.vector(left)
                for d, j, b in self.vector(right)
            ]
        return [
            (c * d, vertex(space, (*i, *j)))
            for c, i in self.function(left)
            for d, j in self.function(right)
        ]

    def value(self, term: Directional) -> list[tuple[Polynomial, Vertex]]:
        """A vector field at a point along a direction, as a combination of pinned trees."""
        point, direction = term.point, Leaf(term.direction)
        return [
            (c, vertex(point.space, (*items, item(leg, direction)), point))  # type: ignore[union-attr, arg-type]
            for c, items, leg in self.vector(term.field_)
        ]

    def function(self, u: Term) -> Placed:
        """A function: coefficients times products of items."""
        if not is_understood(u):
            return [(UNIT, ((Leaf(u),),))]
        match u:
            case FunctionSymbol() | FirstEigenfunction() | GibbsDensity() | LogDensity():
                return [(UNIT, ((Leaf(u),),))]
            case SpeciesConstant() | SpeciesGap():
                return [(UNIT, ((Weight(u),),))]
            case Power(SpeciesConstant() as base, exponent) if is_understood(base):
                return [(UNIT, ((Weight(base, exponent),),))]
            case One():
                return [(UNIT, ())]
            case Sum(terms):
                return _collected([placed for part in terms for placed in self.function(part)])
            case Product(factors=factors):
                product: Placed = [(UNIT, ())]
                for part in factors:
                    product = _times(product, self._factor(part))
                return product
            case Power(base, exponent):
                placed, power = self.function(base), [(UNIT, ())]
                for _ in range(exponent.numerator):
                    power = _times(power, placed)
                return power
            case Dot(left, right):
                return [
                    (c * d, (*i, *j, item(a, b)))
                    for c, i, a in self.vector(left)
                    for d, j, b in self.vector(right)
                ]
            case Generator(argument):
                return self._applied(1, "", argument)
            case GeneratorInverse(argument):
                return self._applied(GREEN, "", argument)
            case GradientAdjoint(argument):
                return [
                    (c, _hang(IDENTITY, "", vertex(_space(u), (*items, item(leg, Hole())))))
                    for c, items, leg in self.vector(argument)
                ]
            case Center(argument) if _space(u).union:
                inside = self._applied(component_mean(_space(u)), "", argument)
                return [*self.function(argument), *((-c, items) for c, items in inside)]
            case Center(argument):
                mean = self.scalar(Inner(argument, One(_space(u))))
                return [*self.function(argument), (-mean, ())]
            case Apply(operator, argument):
                return self._applied(*_kernel_end(operator, "target"), argument)
            case KernelSlice(operator, point, direction):
                end = item(Hole(), Leaf(direction))
                pinned = vertex(point.space, (end,), point)  # type: ignore[union-attr, arg-type]
                return [(UNIT, _hang(*_kernel_end(operator, "source"), pinned))]
        raise TypeError(f"no diagram for the function {type(u).__name__}")

    def vector(self, phi: Term) -> PlacedVector:
        """A vector field: coefficients, products of items, and the one leg still to be contracted."""
        if not is_understood(phi):
            return [(UNIT, (), Leaf(phi))]
        match phi:
            case VectorSymbol() | Score():
                return [(UNIT, (), Leaf(phi))]
            case Sum(terms):
                return [placed for part in terms for placed in self.vector(part)]
            case Product(factors=factors):
                (field_,) = (p for p in factors if isinstance(p.sort, VectorSort))
                outer: Placed = [(UNIT, ())]
                for part in factors:
                    if part is not field_:
                        outer = _times(outer, self._factor(part))
                return [
                    (c * d, (*i, *j), leg) for c, i in outer for d, j, leg in self.vector(field_)
                ]
            case Projector(argument):
                return self.vector(Gradient(GeneratorInverse(GradientAdjoint(argument))))
            case Gradient(argument):
                mark = Hole()
                found: PlacedVector = []
                for c, items in self.function(argument):
                    for placed in leibniz(items, mark, _space(phi)):
                        (marked,) = (value for value in placed if mark in value)
                        (leg,) = (leg for leg in marked if leg is not mark)
                        found.append((c, tuple(v for v in placed if v is not marked), leg))
                return found
        raise TypeError(f"no diagram for the vector field {type(phi).__name__}")

    def _factor(self, part: Term) -> Placed:
        return [(self.scalar(part), ())] if part.sort == SCALAR else self.function(part)

    def _applied(self, kind: EdgeKind, end: End, argument: Term) -> Placed:
        return [
            (c, _hang(kind, end, vertex(_space(argument), (*items, (Hole(),)))))
            for c, items in self.function(argument)
        ]


def _times(left: Placed, right: Placed) -> Placed:
    return [(c * d, (*i, *j)) for c, i in left for d, j in right]


def _collected(placed: Placed) -> Placed:
    """The same combination with equal products gathered, and without those that cancel."""
    found: dict[str, tuple[Polynomial, tuple[Item, ...]]] = {}
    for c, items in placed:
        key = " ".join(sorted(item_key(value) for value in items))
        found[key] = (found[key][0] + c if key in found else c, items)
    return [(c, items) for c, items in found.values() if c.terms]


def _hang(kind: EdgeKind, end: End, child: Vertex) -> tuple[Item, ...]:
    return ((Edge(kind, end, child),),)


def _space(u: Term) -> Space:
    assert isinstance(u.sort, (FunctionSort, VectorSort))
    return u.sort.space


def _kernel_end(operator: Term, near: Literal["source", "target"]) -> tuple[KernelSymbol, End]:
    """The kernel symbol and which of its ends is here; `near` is the operator's own end."""
    if isinstance(operator, Transpose):
        return operator.operator, "source" if near == "target" else "target"
    assert isinstance(operator, KernelSymbol)
    return operator, "" if operator.symmetric else near
