"""Moments E[x^n exp(ik.x)] of an equilibrium, in each arithmetic.

They factorise over the independent groups of variables.  Exact: uniform circles and Gaussian lines.
Balls: one circle by its certified Fourier series, two coupled circles by the tensor trapezoid rule,
lines by certified quadrature and the recursion E[x^k p'] = k E[x^(k-1)].  Floats: midpoints of balls.
A factor exp(-a x^2/2 + b x) changes the density of a line into another of the same kind.

The tensor rule: for |f| <= M on |Im x_j| <= a the N x N mean of f exp(-ik.x) differs from the integral by
the aliases of f's coefficients, |c_k| <= M exp(-a |k|_1), hence by at most
M exp(a |k|_1) ((1 + d)^2 - 1), d = 2/(exp(aN) - 1).
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache
from operator import add
from typing import Any

import numpy as np
from attrs import define, field
from flint import acb, arb, fmpq, fmpq_poly

from mflverify.models.basis import Expansion
from mflverify.models.request import Unavailable
from mflverify.models.rings import Balls, Floats, Ring, rational, rational_root
from mflverify.models.spaces import SpaceData, gaussian_law, trigonometric
from mflverify.numerics.density import LogPolynomialDensity
from mflverify.numerics.dual_norm import line_moments
from mflverify.numerics.integrand import as_integrand
from mflverify.numerics.line_quadrature import WeightedLine
from mflverify.numerics.precision import current_bits, digits_to_bits, working_precision
from mflverify.numerics.quadrature import WeightedTorus
from mflverify.numerics.trig import TrigPolynomial

Index = tuple[Any, ...]
"""Powers of all variables, then frequencies of all variables; then, or not at all, the curvatures a and
the tilts b (rationals) of a factor exp(-a x^2/2 + b x) for each variable, 0 on circles."""

_MOMENTS_AT_ONCE = 24
_FLOAT_BITS = 96
_LARGEST_GRID = 384


class Moments:
    """The moments of one space in one arithmetic; computed once each."""

    def __init__(self, space: SpaceData, ring: Ring) -> None:
        self.space, self.ring = space, ring
        self._known: dict[Index, Any] = {}
        self._matrices: dict[tuple[tuple[Index, ...], tuple[Index, ...]], np.ndarray] = {}
        if isinstance(ring, Balls):
            self._balls = _ball_moments(space, current_bits())
        elif isinstance(ring, Floats):
            self._balls = _ball_moments(space, _FLOAT_BITS)
        elif not space.is_rational:
            raise Unavailable(f"{space.text()}: moments are not rational")

    def __call__(self, index: Index) -> Any:
        """E[x^powers exp(i frequencies . x)] as a coefficient of the arithmetic."""
        if index not in self._known:
            self._known[index] = self._compute(index)
        return self._known[index]

    def _compute(self, index: Index) -> Any:
        ring = self.ring
        if isinstance(ring, Balls):
            return self._balls(index)
        if isinstance(ring, Floats):
            return np.full(ring.size, self.nearest(index))
        return ring.complex(_rational_moment(self.space, index), fmpq(0))

    def nearest(self, index: Index) -> complex:
        """The same for one instance in floats."""
        with working_precision(_FLOAT_BITS):
            return complex(self._balls(index).mid())

    def matrix(self, first: tuple[Index, ...], second: tuple[Index, ...]) -> np.ndarray:
        """The moments of all products, in floats."""
        key = first, second
        if key not in self._matrices:
            indices, places = product_places(first, second)
            values = np.array([self.nearest(index) for index in indices])
            self._matrices[key] = values[places]
        return self._matrices[key]


def product_index(i: Index, j: Index) -> Index:
    """The index of a product."""
    if len(i) != len(j):  # one of them has no Gaussian factor
        zeros = (Fraction(0),) * abs(len(i) - len(j))
        i, j = (i + zeros, j) if len(i) < len(j) else (i, j + zeros)
    return tuple(map(add, i, j))


@lru_cache(maxsize=1024)
def product_places(
    left: tuple[Index, ...], right: tuple[Index, ...]
) -> tuple[tuple[Index, ...], np.ndarray]:
    """The indices of a product of two sums, and the place of each pair among them."""
    known: dict[Index, int] = {}
    places = [[known.setdefault(product_index(i, j), len(known)) for j in right] for i in left]
    return tuple(known), np.array(places)


def _rational_moment(space: SpaceData, index: Index) -> fmpq:
    d = space.dimension
    total, square, exponent = fmpq(1), fmpq(1), fmpq(0)
    for i, axis in enumerate(space.axes):
        n, k = index[i], index[d + i]
        if axis == "circle":
            total *= int(k == 0)
            continue
        if k:
            raise Unavailable("the mean of a wave on a Gaussian line is not rational")
        law = space.gaussian(i)
        assert law is not None
        if len(index) > 2 * d:
            law, factor, power = reweighted(law, index[2 * d + i], index[3 * d + i])
            square, exponent = square * factor, exponent + power
        total *= _gaussian_moment(n, *law)
    if exponent:
        raise Unavailable("the exponential of a rational is not rational")
    return total * rational_root(square, Fraction(1, 2))


def reweighted(
    law: tuple[fmpq, fmpq], curvature: Fraction, tilt: Fraction
) -> tuple[tuple[fmpq, fmpq], fmpq, fmpq]:
    """A Gaussian of this mean and variance times exp(-curvature x^2/2 + tilt x).

    The mean and variance of the result, and (s, e): its mass is sqrt(s) exp(e).  Raises Unavailable
    when it is not finite.
    """
    mean, variance = law
    factor = 1 + rational(Fraction(curvature)) * variance
    if factor <= 0:
        raise Unavailable("the mean of a function that grows faster than the density decays")
    narrow = variance / factor
    moved = narrow * (mean / variance + rational(Fraction(tilt)))
    return (
        (moved, narrow),
        1 / factor,
        moved**2 / (2 * narrow) - mean**2 / (2 * variance),
    )


def _gaussian_moment(n: int, mean: fmpq, variance: fmpq) -> fmpq:
    """E X^n by E X^n = mean E X^(n-1) + (n-1) variance E X^(n-2)."""
    before, now = fmpq(0), fmpq(1)
    for m in range(1, n + 1):
        before, now = now, mean * now + (m - 1) * variance * before
    return now


@lru_cache(maxsize=256)
def _ball_moments(space: SpaceData, bits: int) -> _BallMoments:
    with working_precision(bits):
        return _BallMoments(space, bits)


class _BallMoments:
    """Shared by all instances on one space: tables of one-group moments."""

    def __init__(self, space: SpaceData, bits: int) -> None:
        self.space = space
        self._digits = digits = max(10, int(bits / math.log2(10)))
        self._tilted: dict[tuple[int, Fraction, Fraction], tuple[_Line, arb]] = {}
        self._blocks: list[tuple[tuple[int, ...], Any]] = []
        for block in space.circle_blocks:
            potential = space.block_potential(block)
            if potential.terms and len(block) > 2:
                raise Unavailable(f"an equilibrium that couples {len(block)} circles")
            table = (
                _Uniform()
                if not potential.terms
                else _Circle(WeightedTorus(trigonometric(potential), digits))
                if len(block) == 1
                else _TwoCircles(potential, bits)
            )
            self._blocks.append((block, table))
        self._lines = {
            i: _Line(LogPolynomialDensity(space.line_polynomial(i)), digits) for i in space.lines
        }

    def __call__(self, index: Index) -> acb:
        d = self.space.dimension
        total = acb(1)
        for block, table in self._blocks:
            total *= table(tuple(index[d + i] for i in block))
        for i, table in self._lines.items():
            if len(index) > 2 * d and (index[2 * d + i] or index[3 * d + i]):
                table, mass = self._reweighted(i, index[2 * d + i], index[3 * d + i])
                total *= mass
            total *= table(index[i], index[d + i])
        return total

    def _reweighted(self, axis: int, curvature: Fraction, tilt: Fraction) -> tuple[_Line, arb]:
        """The density of a line times exp(-curvature x^2/2 + tilt x), normalised, and its mass."""
        key = axis, curvature, tilt
        if key not in self._tilted:
            coefficients = list(self.space.line_polynomial(axis))
            coefficients[1] -= tilt
            coefficients[2] += Fraction(curvature) / 2
            density = LogPolynomialDensity(coefficients)
            law = self.space.gaussian(axis)
            if law is None:
                mass = _mass(density, self._digits) / _mass(self._lines[axis].density, self._digits)
            else:
                _, square, exponent = reweighted(law, curvature, tilt)
                mass = arb(square).sqrt() * arb(exponent).exp()
            self._tilted[key] = _Line(density, self._digits), mass
        return self._tilted[key]


def _mass(density: LogPolynomialDensity, digits: int) -> arb:
    return WeightedLine(density, digits).normalisation


class _Uniform:
    def __call__(self, frequency: tuple[int, ...]) -> acb:
        return acb(0 if any(frequency) else 1)


@define
class _Circle:
    weight: WeightedTorus

    def __call__(self, frequency: tuple[int, ...]) -> acb:
        k = frequency[0]
        if k == 0:
            return acb(1)
        series = self.weight.series(-1)
        a, b = series.frequency(abs(k))
        # e^-U = sum a_k cos kx + b_k sin kx, so the integral of e^-U e^ikx is pi (a_k + i b_k)
        total = 2 * arb(series.polynomial.mean)
        return acb(a / total, b / total if k > 0 else -b / total)


class _TwoCircles:
    """Fourier coefficients of exp(-U) on the torus of dimension 2, from an N x N grid."""

    def __init__(self, potential: Expansion, bits: int) -> None:
        self.width, self.bound, self.size = _plan(potential, bits)
        n = self.size
        table = [arb.sin_cos_pi_fmpq(fmpq(2 * i, n)) for i in range(n)]
        rows = []
        for i in range(n):
            values = []
            for j in range(n):
                u = arb(0)
                for basis, c in potential:
                    k, m = basis.frequency
                    s, co = table[(k * i + m * j) % n]
                    u -= (co if basis.wave == "cos" else s) * fmpq(c.numerator, c.denominator)
                values.append(acb(u.exp()))
            rows.append(acb.dft(values))
        columns = [acb.dft([row[m] for row in rows]) for m in range(n)]
        self._sums = columns
        self._total = self._coefficient(0, 0)

    def _coefficient(self, k: int, m: int) -> acb:
        """The mean of exp(-U) exp(i(kx + my))."""
        n = self.size
        d = 2 / ((self.width * n).exp() - 1)
        error = self.bound * (self.width * (abs(k) + abs(m))).exp() * d * (2 + d)
        ball = arb(0, error.upper())
        return self._sums[-m % n][-k % n] / n**2 + acb(ball, ball)

    def __call__(self, frequency: tuple[int, ...]) -> acb:
        return self._coefficient(*frequency) / self._total.real


def _plan(potential: Expansion, bits: int) -> tuple[arb, arb, int]:
    """A strip width a, a bound of |exp(-U)| on it, and N so that the error is negligible.

    On the strip |cos(k.z)| and |sin(k.z)| are at most cosh(a |k|_1).
    """

    def growth(a: arb) -> arb:
        total = arb(0)
        for basis, c in potential:
            total += (
                abs(arb(fmpq(c.numerator, c.denominator)))
                * (a * sum(map(abs, basis.frequency))).cosh()
            )
        return total

    best = min(
        (arb(2) ** fmpq(j, 2) for j in range(-10, 6)),
        key=lambda a: float(((bits + 8) * arb(2).log() + growth(a) + 8 * a) / a),
    )
    needed = float(((bits + 8) * arb(2).log() + growth(best) + 8 * best) / best)
    if needed > _LARGEST_GRID:
        raise Unavailable(f"two coupled circles would need {needed:.0f} points a side")
    return best, growth(best).exp(), 8 * (int(needed) // 8 + 1)


@define
class _Line:
    """E x^n exp(ikx): the first few n by quadrature, then E[U' x^n e] = E[n x^(n-1) e + ik x^n e]."""

    density: LogPolynomialDensity
    digits: int
    _tables: dict[int, list[acb]] = field(factory=dict)

    def __call__(self, n: int, k: int) -> acb:
        if k < 0:
            value = self(n, -k)
            return acb(value.real, -value.imag)
        if n >= len(self._tables.get(k, ())):
            count = _MOMENTS_AT_ONCE * (n // _MOMENTS_AT_ONCE + 1)
            # the recursion loses digits with every power
            digits = self.digits + count
            with working_precision(digits_to_bits(digits, 32)):
                self._tables[k] = self._table(k, count, digits)
        return self._tables[k][n]

    def _table(self, k: int, count: int, digits: int) -> list[acb]:
        if k == 0 and len(self.density.coefficients) == 3:
            law = gaussian_law(self.density.coefficients)
            return [acb(arb(_gaussian_moment(n, *law))) for n in range(count)]
        if k == 0:
            return [acb(m) for m in line_moments(self.density, count, digits)]
        slope = self.density.potential_derivative
        top = slope.degree()
        line = WeightedLine(self.density, digits)

        def mean(power: int, wave: TrigPolynomial) -> arb:
            monomial = fmpq_poly([0] * power + [1])
            return arb(line.expectation(as_integrand(monomial) * as_integrand(wave)))

        table = [
            acb(mean(n, TrigPolynomial.cosine(k)), mean(n, TrigPolynomial.sine(k)))
            for n in range(top)
        ]
        for n in range(count - top):
            value = (n * table[n - 1] if n else acb(0)) + acb(0, k) * table[n]
            for j in range(top):
                value -= slope[j] * table[n + j]
            table.append(value / slope[top])
        return table
