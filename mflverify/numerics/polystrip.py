"""Bounds of trees in several variables where all |Im z_j| <= a: an arithmetic for the walker.

With z = x + iy, |cos(k.z + phase)| and the oscillation of its real part are at most
cosh(a(|k_1| + ... + |k_d|)), and Re cos(k.z + phase) = cos(k.x + phase) cosh(k.y). A quotient,
logarithm or root is analytic where the real part of its argument is positive.
"""

from __future__ import annotations

from typing import TypeAlias

from attrs import frozen
from flint import arb, fmpq

from mflverify.numerics.suprema import matrix_minimum
from mflverify.numerics.torus_polynomial import TorusPolynomial
from mflverify.numerics.trig import Coefficient, TrigPolynomial

Bound: TypeAlias = tuple[arb, arb, arb]
"""An upper bound of the modulus, an upper and a lower bound of the real part."""


def torus_minimum(p: TorusPolynomial) -> arb:
    """A lower bound of min p over the torus: sharp for d <= 2, mean - sum of amplitudes beyond."""
    if p.dimension <= 2 and p.waves:
        shape, flat = p.tensor()
        columns = shape[1] if p.dimension == 2 else 1
        rows = [flat[i * columns : (i + 1) * columns] for i in range(shape[0])]
        return arb(matrix_minimum(rows, 1e-3).lower).lower()
    return (arb(p.mean) - sum((size for _, size in p.amplitudes()), arb(0))).lower()


@frozen
class PolystripMajorant:
    """Bounds over |Im z_j| <= width. Raises ArithmeticError where a tree is not proved analytic.

    minima: keeps the minima of the polynomials from one width to the next; None: an entire tree
    does not need them.
    """

    width: arb
    minima: dict[int, arb] | None

    def constant(self, value: Coefficient) -> Bound:
        number = arb(value)
        return abs(number), number, number

    def multivariate(self, p: TorusPolynomial) -> Bound:
        mean = arb(p.mean)
        waves, excess = arb(0), arb(0)
        for k, size in p.amplitudes():
            growth = (k * self.width).cosh()
            waves += size * growth
            excess += size * (growth - 1)
        low = mean - waves
        if self.minima is not None:
            if id(p) not in self.minima:
                self.minima[id(p)] = torus_minimum(p)
            low = low.max(self.minima[id(p)] - excess)
        return abs(mean) + waves, mean + waves, low

    def add(self, left: Bound, right: Bound) -> Bound:
        return left[0] + right[0], left[1] + right[1], left[2] + right[2]

    def multiply(self, left: Bound, right: Bound) -> Bound:
        if _is_number(right):
            left, right = right, left
        modulus = left[0] * right[0]
        if _is_number(left):
            ends = left[1] * right[1], left[1] * right[2]
            return modulus, ends[0].max(ends[1]), ends[0].min(ends[1])
        return modulus, modulus, -modulus

    def divide(self, left: Bound, right: Bound) -> Bound:
        return self.multiply(left, self.power(right, fmpq(-1)))

    def exp(self, value: Bound) -> Bound:
        modulus = value[1].exp()
        return modulus, modulus, -modulus

    def log(self, value: Bound) -> Bound:
        low, high = self._positive(value).log(), value[0].log()
        return abs(low).max(abs(high)) + arb.pi() / 2, high, low

    def power(self, value: Bound, exponent: fmpq) -> Bound:
        if exponent.q == 1 and exponent >= 0:
            modulus = value[0] ** int(exponent.p)
            return modulus, modulus, -modulus
        low = self._positive(value)
        modulus = (value[0] if exponent > 0 else low) ** arb(exponent)
        # |arg| < pi/2 before, so at most that afterwards if |exponent| <= 1.
        if exponent == -1:
            return modulus, modulus, low / value[0] ** 2
        return modulus, modulus, arb(0) if -1 <= exponent <= 1 else -modulus

    def absolute(self, value: Bound) -> Bound:
        if value[1] < 0:
            return self.multiply(self.constant(fmpq(-1)), value)
        self._positive(value)
        return value

    def trigonometric(self, p: TrigPolynomial) -> Bound:
        raise ValueError(f"a polynomial of one variable among several: {p}")

    def polynomial(self, coefficients: tuple[fmpq, ...]) -> Bound:
        raise ValueError(f"a polynomial is not periodic: {coefficients}")

    def _positive(self, value: Bound) -> arb:
        if not value[2] > 0:
            raise ArithmeticError(f"a real part is not proved positive: it is above {value[2]}")
        return value[2]


def _is_number(value: Bound) -> bool:
    """Whether the bound comes from `constant`, which gives one number twice."""
    return value[1] is value[2]
