"""Moments E[x^n exp(ik.x)] of an equilibrium, in each arithmetic.

They factorise over the independent groups of variables.  Exact: uniform circles and Gaussian lines.
Balls: one circle by its certified Fourier series, two coupled circles by the tensor trapezoid rule,
lines by certified quadrature and the recursion E[x^k p'] = k E[x^(k-1)].  Floats: midpoints of balls.

The tensor rule: for |f| <= M on |Im x_j| <= a the N x N mean of f exp(-ik.x) differs from the integral by
the aliases of f's coefficients, |c_k| <= M exp(-a |k|_1), hence by at most
M exp(a |k|_1) ((1 + d)^2 - 1), d = 2/(exp(aN) - 1).
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from attrs import define, field
from flint import acb, arb, fmpq, fmpq_poly

from mflverify.models.basis import Expansion
from mflverify.models.request import Unavailable
from mflverify.models.rings import Balls, Floats, Ring
from mflverify.models.spaces import SpaceData, trigonometric
from mflverify.numerics.density import LogPolynomialDensity
from mflverify.numerics.dual_norm import line_moments
from mflverify.numerics.integrand import as_integrand
from mflverify.numerics.line_quadrature import WeightedLine
from mflverify.numerics.precision import current_bits, digits_to_bits, working_precision
from mflverify.numerics.quadrature import WeightedTorus
from mflverify.numerics.trig import TrigPolynomial

Index = tuple[int, ...]
"""Powers of all variables, then frequencies of all variables."""

_MOMENTS_AT_ONCE = 24
_FLOAT_BITS = 96
_LARGEST_GRID = 384


class Moments:
    """The moments of one space in one arithmetic; computed once each."""

    def __init__(self, space: SpaceData, ring: Ring) -> None:
        self.space, self.ring = space, ring
        self._known: dict[Index, Any] = {}
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
            with working_precision(_FLOAT_BITS):
                value = complex(self._balls(index).mid())
            return np.full(ring.size, value)
        return ring.complex(_rational_moment(self.space, index), fmpq(0))


def _rational_moment(space: SpaceData, index: Index) -> fmpq:
    d = space.dimension
    total = fmpq(1)
    for i, axis in enumerate(space.axes):
        n, k = index[i], index[d + i]
        if axis == "circle":
            total *= int(k == 0)
        elif k:
            raise Unavailable("the mean of a wave on a Gaussian line is not rational")
        else:
            law = space.gaussian(i)
            assert law is not None
            total *= _gaussian_moment(n, *law)
    return total


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
        digits = max(10, int(bits / math.log2(10)))
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
            total *= table(index[i], index[d + i])
        return total


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
