"""The backend of the evaluator on any products of circles and lines, in any arithmetic.

Each space brings its own operations (`ProductSpace`); kernels between any two spaces are finite sums
of products of basis functions, so that their action is a matrix acting on moments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import numpy as np
from attrs import define, field, frozen
from flint import arb, fmpq

from mflverify.expr.sorts import Space
from mflverify.expr.terms import KernelSymbol
from mflverify.models import gaussian_action, product_divergences
from mflverify.models.basis import BasisFunction
from mflverify.models.kernel_data import GaussianKernel
from mflverify.models.no_densities import WithoutDensities
from mflverify.models.product_functions import Function
from mflverify.models.product_mixed import mixed_sup
from mflverify.models.product_space import ProductSpace
from mflverify.models.product_suprema import sup_norm
from mflverify.models.request import Unavailable
from mflverify.models.rings import (
    Balls,
    Floats,
    Rationals,
    Ring,
    RingScalars,
    Scalar,
    coefficient_square,
    rational,
)
from mflverify.models.slack import (
    ROUND_UP,
    ball_slack,
    ball_spectral_norm,
    exact_slack,
    exact_spectral_norm,
    float_slack,
)
from mflverify.models.spaces import POINCARE_BITS
from mflverify.numerics.precision import working_precision

KernelValue = tuple[KernelSymbol, Any]
"""A kernel and its coefficients in the bases of its spaces: rows of Fractions, or (batch, rows,
columns); or a `GaussianKernel`."""


@frozen
class Vector:
    """Components of a vector at a point; `*` is the inner product."""

    components: tuple[Scalar, ...]

    def __mul__(self, other: Vector) -> Scalar:
        total: Any = None
        for a, b in zip(self.components, other.components, strict=True):
            total = a * b if total is None else total + a * b
        return total


@define
class ProductBackend(WithoutDensities, RingScalars):
    """The operations.

    spaces: by symbol.  bases: the basis functions that kernels use, the constant 1 first.
    """

    ring: Ring
    spaces: Mapping[Space, ProductSpace]
    bases: Mapping[Space, tuple[BasisFunction, ...]]
    _functions: dict[tuple[Space, int], Function] = field(factory=dict, init=False, repr=False)

    # ---------------------------------------------------------------- functions and fields

    def add(self, u: Any, v: Any) -> Any:
        return u.plus(v)

    def scale(self, c: Scalar, u: Any) -> Any:
        return u.scaled(c)

    def times(self, u: Any, v: Any) -> Any:
        return u.times(v)

    def one(self, space: Space) -> Function:
        return self.spaces[space].one()

    def grad(self, space: Space, u: Any) -> Any:
        return self.spaces[space].grad(u)

    def grad_adjoint(self, space: Space, phi: Any) -> Any:
        return self.spaces[space].grad_adjoint(phi)

    def generator_inverse(self, space: Space, u: Any) -> Any:
        return self.spaces[space].generator_inverse(u)

    def projector(self, space: Space, phi: Any) -> Any:
        return self.spaces[space].projector(phi)

    def center(self, space: Space, u: Any) -> Any:
        return self.spaces[space].center(u)

    def inner(self, space: Space, u: Any, v: Any) -> Scalar:
        return self.spaces[space].inner(u, v)

    def dual_square(self, space: Space, u: Any) -> Scalar:
        return self.spaces[space].dual_square(u)

    def sup(self, space: Space, u: Any) -> Scalar:
        return sup_norm(self.spaces[space], u)

    def at_point(self, space: Space, u: Any, point: Any) -> Any:
        """The value of a function, or the components of a field, at a point."""
        if isinstance(u, Function):
            return self._value(space, u, point)
        if not hasattr(u, "components"):
            raise Unavailable("a value of an L^-1 of which only the gradient is known")
        return Vector(tuple(self._value(space, part, point) for part in u.components))

    def _value(self, space: Space, u: Function, point: Any) -> Scalar:
        here = self.spaces[space]
        if u.has_gaussian_factors(here.dimension):
            return gaussian_value(here, u, point)
        total = self.ring.number(Fraction(0))
        for basis, c in here.coefficients(u).items():
            total = total + c * basis_value(self.ring, here.data.axes, basis, point)
        return total

    def point_distance(self, space: Space, x: Any, y: Any) -> Scalar:
        """The root of the sum of squares of arc lengths and of distances on lines."""
        total = self.ring.number(Fraction(0))
        for axis, a, b in zip(self.spaces[space].data.axes, x, y, strict=True):
            gap = abs(a - b)
            if axis == "line" or not gap:
                size = self.ring.number(gap)
            elif isinstance(self.ring, Balls):
                size = 2 * arb.pi() * self.ring.number(min(gap % 1, 1 - gap % 1))
            else:
                raise Unavailable("an arc length that is not rational")
            total = total + size * size
        return self.ring.scalar_power(total, Fraction(1, 2))

    # ------------------------------------------------------------------------------ kernels

    def _basis(self, space: Space, i: int) -> Function:
        if (space, i) not in self._functions:
            made = self.spaces[space].function_of([(self.bases[space][i], Fraction(1))])
            self._functions[space, i] = made
        return self._functions[space, i]

    def _rows(self, kernel: KernelValue, *, transposed: bool) -> list[list[Any]]:
        """Coefficients as scalars, None where they vanish; rows for the space of the image."""
        _, matrix = kernel
        if isinstance(matrix, np.ndarray):
            rows = [
                [
                    matrix[:, i, j] if np.any(matrix[:, i, j]) else None
                    for j in range(matrix.shape[2])
                ]
                for i in range(matrix.shape[1])
            ]
        else:
            rows = [[self.ring.number(c) if c else None for c in row] for row in matrix]
        return [list(column) for column in zip(*rows, strict=True)] if transposed else rows

    def first_eigenfunction(self, space: Space) -> Function:
        raise Unavailable("an eigenfunction on products of circles and lines")

    def advection(self, space: Space, phi: Any, psi: Any) -> Any:
        return self.spaces[space].advection(phi, psi)

    def divergence(self, space: Space, phi: Any) -> Function:
        return self.spaces[space].divergence(phi)

    def score(self, space: Space) -> Any:
        return self.spaces[space].score

    def jacobian_square(self, space: Space, phi: Any) -> Function:
        return self.spaces[space].jacobian_square(phi)

    def curvature(self, space: Space, phi: Any) -> Function:
        return self.spaces[space].curvature(phi)

    def curvature_bound(self, space: Space) -> Scalar:
        raise Unavailable("a bound of the curvature on products of circles and lines")

    def convexity(self, space: Space, temperature: Scalar, kernels: list[KernelValue]) -> Scalar:
        raise Unavailable("the convexity at equilibrium on products of circles and lines")

    def apply(self, kernel: KernelValue, u: Any, *, transposed: bool) -> Function:
        symbol, value = kernel
        if isinstance(value, GaussianKernel):
            source = symbol.target if transposed else symbol.source
            return gaussian_action.applied(value, self.spaces[source], u)

        def moment(source: Space, j: int) -> Scalar:
            if j == 0 and isinstance(u, Function):
                return self.spaces[source].mean(u)  # exactly 0 for states
            return self.inner(source, self._basis(source, j), u)

        return self._applied(kernel, moment, transposed=transposed)

    def kernel_along(self, kernel: KernelValue, phi: Any, *, transposed: bool) -> Function:
        symbol, value = kernel
        if isinstance(value, GaussianKernel):  # by parts
            source = symbol.target if transposed else symbol.source
            return self.apply(kernel, self.grad_adjoint(source, phi), transposed=transposed)

        def moment(source: Space, j: int) -> Scalar:
            return self.inner(source, self.grad(source, self._basis(source, j)), phi)

        return self._applied(kernel, moment, transposed=transposed)

    def _applied(
        self, kernel: KernelValue, moment: Callable[[Space, int], Scalar], *, transposed: bool
    ) -> Function:
        """The moments of the basis functions, multiplied by the coefficients of the kernel."""
        symbol = kernel[0]
        target, source = symbol.target, symbol.source
        if transposed:
            target, source = source, target
        rows = self._rows(kernel, transposed=transposed)
        moments: dict[int, Scalar] = {}
        total: list[tuple[BasisFunction, Scalar]] = []
        for i, row in enumerate(rows):
            weight: Any = None
            for j, c in enumerate(row):
                if c is None:
                    continue
                if j not in moments:
                    moments[j] = moment(source, j)
                weight = c * moments[j] if weight is None else weight + c * moments[j]
            if weight is not None:
                total.append((self.bases[target][i], weight))
        return self.spaces[target].function_of(total)

    def kernel_slice(
        self, kernel: KernelValue, point: Any, direction: Vector, *, transposed: bool
    ) -> Function:
        """y -> direction . grad_x k(point, y)."""
        symbol = kernel[0]
        target, source = symbol.target, symbol.source
        if transposed:
            target, source = source, target
        if isinstance(kernel[1], GaussianKernel):
            return gaussian_action.sliced(
                kernel[1], self.spaces[source], point, direction.components
            )
        rows = self._rows(kernel, transposed=transposed)
        weights: dict[int, Scalar] = {}
        for i, row in enumerate(rows):
            if all(c is None for c in row):
                continue
            gradient = self.grad(target, self._basis(target, i))
            slope = self.at_point(target, gradient, point) * direction
            for j, c in enumerate(row):
                if c is not None:
                    weights[j] = weights[j] + c * slope if j in weights else c * slope
        return self.spaces[source].function_of(
            [(self.bases[source][j], value) for j, value in weights.items()]
        )

    def reciprocal(self, space: Space, u: Any) -> Any:
        raise Unavailable("a reciprocal on products of circles and lines")

    def mixed_sup(self, kernel: KernelValue) -> Scalar:
        symbol, matrix = kernel
        if isinstance(matrix, GaussianKernel):
            return gaussian_action.mixed_derivative_sup(matrix, self.ring)
        bases = self.bases[symbol.target], self.bases[symbol.source]
        return mixed_sup(self.spaces[symbol.target], self.spaces[symbol.source], matrix, bases)

    def mixed_square(self, kernel: KernelValue) -> Scalar:
        symbol, value = kernel
        if isinstance(value, GaussianKernel):
            spaces = self.spaces[symbol.target], self.spaces[symbol.source]
            return gaussian_action.mixed_square(value, *spaces)
        rows = self._rows(kernel, transposed=False)
        zero = self.ring.number(Fraction(0))
        left = self._slope_gram(symbol.target, len(rows))
        return coefficient_square(rows, left, self._slope_gram(symbol.source, len(rows[0])), zero)

    def _slope_gram(self, space: Space, count: int) -> list[list[Any]]:
        slopes = [self.grad(space, self._basis(space, i)) for i in range(count)]
        return [[self.inner(space, u, v) for v in slopes] for u in slopes]

    def slack(
        self,
        kernels: list[KernelValue],
        weights: Mapping[Space, Any],
        shifts: Mapping[Space, Any] = MappingProxyType({}),
    ) -> Scalar:
        gaussian = [value for _, value in kernels if isinstance(value, GaussianKernel)]
        if gaussian:
            symbol = kernels[0][0]
            if len(kernels) > 1 or symbol.target != symbol.source or weights or shifts:
                raise Unavailable("the slack of a Gaussian kernel beside others")
            return gaussian_action.slack(gaussian[0], self.spaces[symbol.source])
        match self.ring:
            case Floats():
                return float_slack(kernels, self._gram_floats, weights, shifts)
            case Rationals():
                return exact_slack(kernels, self._gram, weights, shifts)
            case _:
                return ball_slack(kernels, self._gram, weights, shifts)

    def _gram(self, space: Space, count: int) -> list[list[Any]]:
        waves = [self.center(space, self._basis(space, i + 1)) for i in range(count)]
        return [[self.inner(space, u, v) for v in waves] for u in waves]

    def _gram_floats(self, space: Space, count: int) -> np.ndarray:
        return np.moveaxis(np.array(self._gram(space, count)), 2, 0)

    def spectral_norm(self, rows: list[list[Scalar]]) -> Scalar:
        entries: list[list[Any]] = [list(row) for row in rows]
        match self.ring:
            case Floats():
                matrix = np.moveaxis(np.array(entries), 2, 0)
                return np.linalg.norm(matrix, 2, axis=(1, 2)) * ROUND_UP
            case Rationals():
                return exact_spectral_norm(entries)
            case _:
                return ball_spectral_norm(entries)

    # -------------------------------------------------------------------------- equilibrium

    def poincare(self, space: Space) -> Scalar:
        value = self.spaces[space].data.poincare_constant()
        match self.ring:
            case Balls():
                return value
            case Floats():
                with working_precision(POINCARE_BITS):
                    return self.number(Fraction(float(value.lower())))
            case _:
                if not self.spaces[space].data.is_rational:
                    raise Unavailable("a Poincaré constant that is not rational")
                return value.fmpq() if value.is_exact() else self._gaussian_gap(space)

    def _gaussian_gap(self, space: Space) -> fmpq:
        data = self.spaces[space].data
        laws = [law for law in map(data.gaussian, data.lines) if law is not None]
        return min([1 / variance for _, variance in laws] + [fmpq(1)] * bool(data.circles))

    def relative_entropy(self, space: Space, p: Any, q: Any) -> Scalar:
        return product_divergences.relative_entropy(self.spaces[space], p, q)

    def fisher_information(self, space: Space, p: Any, q: Any) -> Scalar:
        return product_divergences.fisher_information(self.spaces[space], p, q)

    def wasserstein(self, space: Space, p: Any, q: Any) -> Scalar:
        return product_divergences.wasserstein(self.spaces[space], p, q)

    def mean_absolute(self, space: Space, u: Any) -> Scalar:
        return product_divergences.mean_absolute(self.spaces[space], u)

    def log_sobolev(self, space: Space, reference: Any) -> Scalar:
        return product_divergences.log_sobolev(self.spaces[space], reference)


def gaussian_value(space: ProductSpace, u: Function, point: Sequence[Fraction]) -> Scalar:
    """The value at a rational point of a function on lines without waves."""
    d, ring = space.dimension, space.ring
    total = ring.number(Fraction(0))
    for index, c in u.terms.items():
        if any(index[d : 2 * d]):
            raise Unavailable("a value of a wave beside a Gaussian factor")
        value, exponent = Fraction(1), Fraction(0)
        for i, x in enumerate(point):
            value *= x ** index[i]
            if len(index) > 2 * d:
                exponent += x * (index[3 * d + i] - index[2 * d + i] * x / 2)
        total = total + ring.real(c) * (ring.number(value) * ring.exp(ring.number(exponent)))
    return total


def basis_value(ring: Ring, axes: tuple[str, ...], basis: BasisFunction, point: Any) -> Scalar:
    """The value of a basis function at a point: fractions of a period on circles, numbers on lines."""
    value = ring.number(Fraction(1))
    turns: Any = Fraction(0)
    angle: Any = Fraction(0)
    for axis, n, k, x in zip(axes, basis.powers, basis.frequency, point, strict=True):
        if n:
            coordinate = x if isinstance(x, np.ndarray) else ring.number(x)
            for _ in range(n):
                value = value * coordinate
        if k and axis == "circle":
            turns = turns + k * x
        elif k:
            angle = angle + k * x
    if not any(basis.frequency):
        return value
    return value * _wave(ring, basis.wave, turns, angle)


def _wave(ring: Ring, wave: str, turns: Any, angle: Any) -> Scalar:
    if isinstance(ring, Floats):
        total = 2 * np.pi * np.asarray(turns, dtype=float) + np.asarray(angle, dtype=float)
        return (np.cos if wave == "cos" else np.sin)(total) * np.ones(ring.size)
    if isinstance(ring, Rationals):
        quarter = 4 * turns
        if angle or quarter.denominator != 1:
            raise Unavailable("a value that is not rational")
        sine, cosine = ((0, 1), (1, 0), (0, -1), (-1, 0))[quarter.numerator % 4]
        return fmpq(cosine if wave == "cos" else sine)
    radians = 2 * arb.pi() * rational(turns) + rational(angle)
    return radians.cos() if wave == "cos" else radians.sin()
