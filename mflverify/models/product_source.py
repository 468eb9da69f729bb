"""Values of symbols on products of circles and lines, from exact data.

A state is f = L phi, so that it has mean zero and L^-1 f is known.  That 1 + f >= 0 is proved, or the instance
is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from attrs import define, field
from flint import arb, fmpq, fmpq_poly, fmpz_poly

from mflverify.expr.sorts import Space
from mflverify.expr.terms import (
    Direction,
    FunctionSymbol,
    KernelSymbol,
    Point,
    RemainderSymbol,
    VectorSymbol,
)
from mflverify.models.basis import BasisFunction, Expansion
from mflverify.models.instance_data import InstanceData
from mflverify.models.kernel_data import GaussianKernel, PairTerms
from mflverify.models.product_backend import ProductBackend, Vector
from mflverify.models.product_space import ProductSpace
from mflverify.models.request import Request
from mflverify.models.rings import Balls, Floats, Rationals, Ring
from mflverify.models.spaces import SpaceData
from mflverify.numerics.suprema import matrix_minimum

# the stencil for time derivatives is exact for any step; a small one keeps what is only enclosed
# quadratically in the step (pairings of fields that are no gradients) out of the digits
SMALL_STEP = Fraction(1, 2**40)


def ring_of(arithmetic: str) -> Ring:
    """The arithmetic of this name: `exact`, `ball`, or `float` for one instance."""
    match arithmetic:
        case "exact":
            return Rationals()
        case "ball":
            return Balls()
        case "float":
            return Floats(1)
    raise ValueError(f"arithmetic {arithmetic!r} is none of exact, ball, float")


def value_of(values: Mapping[str, Any], name: str, section: str) -> Any:
    """The value of a symbol.  Raises ValueError naming it when there is none."""
    if name not in values:
        raise ValueError(f"{section}: no value for {name}")
    return values[name]


@define
class ProductSource:
    """The backend of an instance, and the values of its symbols.  Raises ValueError naming a symbol
    whose value is missing or does not fit its space."""

    data: InstanceData
    request: Request
    ring: Ring
    backend: ProductBackend = field(init=False)
    _terms: dict[KernelSymbol, PairTerms] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        spaces = {
            space: value_of(self.data.spaces, space.name, "spaces")
            for space in self.request.ordered_spaces
        }
        bases: dict[Space, dict[BasisFunction, int]] = {}
        for space, data in spaces.items():
            bases[space] = {BasisFunction((0,) * data.dimension, (0,) * data.dimension): 0}
        for kernel in self.request.ordered(KernelSymbol):
            self._terms[kernel] = self._pairs(kernel, spaces)
            for a, b in self._terms[kernel]:
                for space, basis in ((kernel.target, a), (kernel.source, b)):
                    bases[space].setdefault(basis, len(bases[space]))
        self.backend = ProductBackend(
            self.ring,
            {space: ProductSpace(data, self.ring) for space, data in spaces.items()},
            {space: tuple(known) for space, known in bases.items()},
        )

    @property
    def step(self) -> Fraction:
        """The increment of the stencil for time derivatives."""
        return SMALL_STEP if isinstance(self.ring, Balls) else Fraction(1, 8)

    def _pairs(self, kernel: KernelSymbol, spaces: dict[Space, SpaceData]) -> PairTerms:
        value = value_of(self.data.kernels, kernel.name, "kernels")
        target, source = spaces[kernel.target], spaces[kernel.source]
        where = f"kernels.{kernel.name}"
        try:
            if isinstance(value, GaussianKernel):
                _check_lines(value, target, source)
                terms = {}
            elif isinstance(value, tuple):
                terms = _matrix_terms(value, target, source)
            else:
                terms = value.terms(target.dimension, source.dimension)
            for a, b in terms:
                _check_basis(a, target)
                _check_basis(b, source)
        except ValueError as error:
            raise ValueError(f"{where}: {error}") from error
        if kernel.symmetric:
            for (a, b), c in terms.items():
                other = terms.get((b, a), Fraction(0))
                if other != c:
                    raise ValueError(
                        f"{where} must be symmetric: the coefficients of ({a.text('x')}) "
                        f"({b.text('y')}) and ({b.text('x')}) ({a.text('y')}) are {c} and {other}"
                    )
        return terms

    def remainder(self, functional: RemainderSymbol) -> Any:
        """Its strength, the function that it multiplies, and one form on each space."""
        rows = value_of(self.data.remainders, functional.name, "remainders")
        where, count = f"remainders.{functional.name}", 2 + len(functional.sources)
        if len(rows) != count or not isinstance(rows[0], tuple) or len(rows[0]) != 1:
            raise ValueError(f"{where}: one number and {count - 1} functions are needed")
        if functional.sources == (functional.target,) and rows[1] != rows[2]:
            raise ValueError(f"{where}: the third variation of one functional is symmetric")
        places = (functional.target, *functional.sources)
        out, *forms = (
            self.backend.spaces[space].function_of(self._expansion(row, space, f"{where}[{i}]"))
            for i, (space, row) in enumerate(zip(places, rows[1:], strict=True), 1)
        )
        return self.ring.number(rows[0][0]), out, tuple(forms)

    def kernel(self, kernel: KernelSymbol) -> Any:
        """Its coefficients in the bases of the two spaces, or the Gaussian kernel itself."""
        value = self.data.kernels[kernel.name]
        if isinstance(value, GaussianKernel):
            return value
        rows, columns = self.backend.bases[kernel.target], self.backend.bases[kernel.source]
        terms = self._terms[kernel]
        matrix = tuple(tuple(terms.get((a, b), Fraction(0)) for b in columns) for a in rows)
        if not isinstance(self.ring, Floats):
            return matrix
        return np.array([[[float(c) for c in row] for row in matrix]] * self.ring.size)

    def _place(self, values: Any, name: str, section: str, space: Space) -> tuple[Fraction, ...]:
        value = value_of(values, name, section)
        parts = (value,) if isinstance(value, Fraction) else value
        dimension = self.backend.spaces[space].dimension
        if len(parts) != dimension:
            raise ValueError(f"{section}.{name}: {dimension} numbers are needed, got {len(parts)}")
        return parts

    def point(self, point: Point) -> tuple[Fraction, ...]:
        """Its coordinates: fractions of a period on circles, numbers on lines."""
        return self._place(self.data.points, point.name, "points", point.space)

    def direction(self, direction: Direction) -> Vector:
        """Its components."""
        parts = self._place(self.data.directions, direction.name, "directions", direction.space)
        if sum(c * c for c in parts) != 1:
            raise ValueError(f"directions.{direction.name}: not a unit vector")
        return Vector(tuple(self.ring.number(c) for c in parts))

    def field(self, phi: VectorSymbol) -> Any:
        """The field with these components."""
        space = self.backend.spaces[phi.space]
        value = value_of(self.data.fields, phi.name, "fields")
        if all(isinstance(c, Fraction) for c in value):
            value = (self._expansion(value, phi.space, f"fields.{phi.name}"),)
        try:
            for component in value:
                for basis, _ in component:
                    _check_basis(basis, space.data)
            return space.field_of(value)
        except ValueError as error:
            raise ValueError(f"fields.{phi.name}: {error}") from error

    def _expansion(self, value: Any, space: Space, where: str) -> Expansion:
        data = self.backend.spaces[space].data
        if isinstance(value, tuple):
            value = _listed(value, data, where)
        if value.dimension != data.dimension:
            raise ValueError(
                f"{where}: {value.dimension} variables on a space of dimension {data.dimension}"
            )
        try:
            for basis, _ in value:
                _check_basis(basis, data)
        except ValueError as error:
            raise ValueError(f"{where}: {error}") from error
        return value

    def function(self, f: FunctionSymbol) -> Any:
        """L phi, plus a constant for plain functions."""
        where = f"functions.{f.name}"
        phi = self._expansion(value_of(self.data.functions, f.name, "functions"), f.space, where)
        space = self.backend.spaces[f.space]
        if f.kind == "perturbation":
            low = lower_bound(space.data, phi)
            if low < -1:
                raise ValueError(
                    f"{where}: 1 + {f.name} must not be negative, and {f.name} may go down to "
                    f"{float(low):.6g}"
                )
        value = space.grad_adjoint(space.grad(space.function_of(phi)))
        constant = self.data.constants.get(f.name, Fraction(0))
        if f.kind == "function" and constant:
            return value.plus(space.one().scaled(self.ring.number(constant)))
        return value


def _listed(value: tuple[Fraction, ...], data: SpaceData, where: str) -> Expansion:
    if data.dimension != 1:
        raise ValueError(
            f"{where}: a list of coefficients on a space of dimension {data.dimension}"
        )
    make = Expansion.waves if data.axes == ("circle",) else Expansion.polynomial
    return make(value)


def _matrix_terms(matrix: Any, target: SpaceData, source: SpaceData) -> PairTerms:
    terms: PairTerms = {}

    def names(count: int, data: SpaceData) -> list[BasisFunction]:
        whole = _listed((Fraction(1),) * count, data, "a coefficient matrix")
        return sorted((b for b, _ in whole), key=lambda b: (b.powers, b.frequency, b.wave))

    rows, columns = names(len(matrix), target), names(len(matrix[0]), source)
    for a, row in zip(rows, matrix, strict=True):
        for b, c in zip(columns, row, strict=True):
            if c:
                terms[a, b] = c
    return terms


def _check_lines(kernel: GaussianKernel, target: SpaceData, source: SpaceData) -> None:
    for space in (target, source):
        if space.axes != ("line",) * kernel.dimension:
            raise ValueError(
                f"a Gaussian kernel in {kernel.dimension} variables acts between lines of that "
                f"number, not on {' x '.join(space.axes)}"
            )


def _check_basis(basis: BasisFunction, data: SpaceData) -> None:
    for axis, n in zip(data.axes, basis.powers, strict=True):
        if n and axis == "circle":
            raise ValueError(f"{basis.text()} is not periodic on a circle")


# --------------------------------------------------------------------------- positivity of 1 + f


def lower_bound(data: SpaceData, phi: Expansion) -> fmpq:
    """A rational that L phi is nowhere below, sharp where L phi depends on one or two circles or is a
    sum of polynomials of one line variable each.

    Raises ValueError when no bound can be proved.
    """
    space = ProductSpace(data, Rationals())
    f = space.grad_adjoint(space.grad(space.function_of(phi)))
    total = fmpq(0)
    circles: dict[BasisFunction, fmpq] = {}
    lines: dict[int, dict[int, fmpq]] = {}
    for basis, c in space.coefficients(f).items():
        used = [i for i, n in enumerate(basis.powers) if n]
        if not used and any(basis.frequency):
            circles[basis] = c
        elif not used:
            total += c
        elif len(used) == 1 and not any(basis.frequency):
            lines.setdefault(used[0], {})[basis.powers[used[0]]] = c
        else:
            raise ValueError(f"no lower bound is known for {basis.text()} in L phi")
    for powers in lines.values():
        total += polynomial_minimum(
            fmpq_poly([powers.get(n, fmpq(0)) for n in range(max(powers) + 1)])
        )
    return total + _wave_minimum(circles, data.dimension)


def _wave_minimum(waves: dict[BasisFunction, fmpq], dimension: int) -> fmpq:
    if not waves:
        return fmpq(0)
    used = sorted({i for b in waves for i, k in enumerate(b.frequency) if k})
    if len(used) > 2:
        return -sum((abs(c) for c in waves.values()), fmpq(0))
    pair = (used * 2)[:2] if len(used) == 1 else used
    flat = ProductSpace(SpaceData(("circle", "circle"), Expansion(2)), Rationals())
    terms = []
    for basis, c in waves.items():
        first, second = basis.frequency[pair[0]], basis.frequency[pair[1]] if len(used) == 2 else 0
        terms.append((BasisFunction((0, 0), (first, second), basis.wave), c))
    return matrix_minimum(flat.matrix(flat.function_of(terms))).lower


def polynomial_minimum(p: fmpq_poly) -> fmpq:
    """A lower bound of a polynomial on the line: its least value over balls around all real critical
    points.  Raises ValueError when it is not bounded below."""
    degree = p.degree()
    if degree <= 0:
        return p[0]
    if degree % 2 or p.leading_coefficient() < 0:
        raise ValueError("a polynomial that is not bounded below on the line")
    slope = p.derivative()
    integral = fmpz_poly([int(c * slope.denom()) for c in slope.coeffs()])
    values = []
    roots: list[Any] = integral.complex_roots()
    for root, _ in roots:
        if root.imag.contains(0):
            value = arb(0)
            for c in reversed(p.coeffs()):
                value = value * root.real + arb(c)
            values.append(value.lower())
    return min(values).fmpq()
