"""Bounds of trees in several variables where all |Im z_j| <= a: an arithmetic for the walker.

With z = x + iy, |cos(k.z + phase)| and the oscillation of its real part are at most
cosh(a(|k_1| + ... + |k_d|)), and Re cos(k.z + phase) = cos(k.x + phase) cosh(k.y). A quotient,
logarithm or root is analytic where the real part of its argument is positive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from attrs import frozen
from flint import arb, fmpq

from mflverify.numerics.coefficient_matrix import amplitude
from mflverify.numerics.integrand import (
    Absolute,
    Integrand,
    Logarithm,
    Multivariate,
    Power,
    Quotient,
    Trigonometric,
)
from mflverify.numerics.suprema import minimum
from mflverify.numerics.torus_polynomial import TorusPolynomial
from mflverify.numerics.torus_suprema import torus_minimum
from mflverify.numerics.trig import Coefficient, TrigPolynomial

Bound: TypeAlias = tuple[arb, arb, arb]
"""An upper bound of the modulus, an upper and a lower bound of the real part."""


def wanted_minima(tree: Integrand) -> dict[int, arb | None]:
    """The polynomials (by id) of which the tree takes a quotient, logarithm, root or modulus."""
    match tree:
        case Quotient(numerator, denominator):
            return wanted_minima(numerator) | dict.fromkeys(_polynomials(denominator))
        case Logarithm(node) | Absolute(node):
            return dict.fromkeys(_polynomials(node))
        case Power(node, exponent) if exponent.q != 1 or exponent < 0:
            return dict.fromkeys(_polynomials(node))
    found: dict[int, arb | None] = {}
    for child in tree.children:
        found |= wanted_minima(child)
    return found


def _polynomials(tree: Integrand) -> Iterator[int]:
    if isinstance(tree, Trigonometric | Multivariate):
        yield id(tree.polynomial)
    for child in tree.children:
        yield from _polynomials(child)


@frozen
class PolystripMajorant:
    """Bounds over |Im z_j| <= width. Raises ArithmeticError where a tree is not proved analytic.

    minima: what `wanted_minima` gives for the tree; filled in, and kept from one width to the next.
    """

    width: arb
    minima: dict[int, arb | None]

    def constant(self, value: Coefficient) -> Bound:
        number = arb(value)
        return abs(number), number, number

    def multivariate(self, p: TorusPolynomial) -> Bound:
        return self._waves(p, p.mean, p.amplitudes(), lambda: arb(torus_minimum(p).lower).lower())

    def trigonometric(self, p: TrigPolynomial) -> Bound:
        pairs = zip(p.cosines[1:], p.sines, strict=True)
        sizes = ((k, arb(amplitude(a, b))) for k, (a, b) in enumerate(pairs, 1))
        return self._waves(p, p.mean, sizes, lambda: arb(minimum(p, 1e-3).lower).lower())

    def _waves(
        self,
        p: TorusPolynomial | TrigPolynomial,
        mean: Coefficient,
        amplitudes: Iterable[tuple[int, arb]],
        least: Callable[[], arb],
    ) -> Bound:
        centre, waves, excess = arb(mean), arb(0), arb(0)
        for k, size in amplitudes:
            growth = (k * self.width).cosh()
            waves += size * growth
            excess += size * (growth - 1)
        low = centre - waves
        if id(p) in self.minima:
            known = self.minima[id(p)]
            found = least() if known is None else known
            self.minima[id(p)] = found
            low = low.max(found - excess)
        return abs(centre) + waves, centre + waves, low

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

    def polynomial(self, coefficients: tuple[fmpq, ...]) -> Bound:
        raise ValueError(f"a polynomial is not periodic: {coefficients}")

    def _positive(self, value: Bound) -> arb:
        if not value[2] > 0:
            raise ArithmeticError(f"a real part is not proved positive: it is above {value[2]}")
        return value[2]


def _is_number(value: Bound) -> bool:
    """Whether the bound comes from `constant`, which gives one number twice."""
    return value[1] is value[2]
