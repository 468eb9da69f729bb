"""Certified strips of analyticity: |f| <= M on |Im z| <= a, from the expression tree.

Entire trees have a majorant by their form: on the strip |a_k cos kz + b_k sin kz| and its real part
are at most sqrt(a_k^2 + b_k^2) cosh ka. For any other tree the strip is covered by rectangles on
which Arb certifies analyticity and bounds |f|; as f(conj z) = conj f(z), the upper half suffices.
Before that, quotients, roots and logarithms of functions with a positive real part are bounded by
their form too (`polystrip`). If no strip can be certified, that is an error.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

from attrs import frozen
from flint import acb, arb, fmpq

from mflverify.numerics.arithmetic import ComplexBalls, OneVariable, evaluate
from mflverify.numerics.coefficient_matrix import amplitude
from mflverify.numerics.integrand import Integrand
from mflverify.numerics.polystrip import PolystripMajorant, wanted_minima
from mflverify.numerics.precision import working_precision
from mflverify.numerics.trig import Coefficient, TrigPolynomial

_BOUND_BITS = 64
_NARROWEST = 2.0**-10
_WIDEST, _WIDEST_ENTIRE = 2.0, 64.0
_OVERFLOW = 700.0
_DEEPEST = 7
Bound: TypeAlias = tuple[Any, Any]


@frozen
class StripMajorant(OneVariable[Any]):
    """Bounds (of the modulus, of the real part) over |Im z| <= width, for entire trees.

    Numbers are balls here; `FloatMajorant` has the same rules in floats.
    """

    width: Any

    def constant(self, value: Coefficient) -> Bound:
        number = arb(value)
        return abs(number), number

    def waves(self, p: TrigPolynomial) -> tuple[Any, Any]:
        """The mean, and the sum of amplitude * cosh(k width)."""
        total = arb(0)
        for k, size in enumerate(amplitudes(p), 1):
            total += size * (k * self.width).cosh()
        return arb(p.mean), total

    def trigonometric(self, p: TrigPolynomial) -> Bound:
        mean, waves = self.waves(p)
        return abs(mean) + waves, mean + waves

    def polynomial(self, coefficients: tuple[fmpq, ...]) -> Bound:
        raise ValueError(f"a polynomial is not periodic: {coefficients}")

    def add(self, left: Bound, right: Bound) -> Bound:
        return left[0] + right[0], left[1] + right[1]

    def multiply(self, left: Bound, right: Bound) -> Bound:
        modulus = left[0] * right[0]
        return modulus, modulus

    def divide(self, left: Bound, right: Bound) -> Bound:
        raise ValueError("a quotient is not entire")

    def exp(self, value: Bound) -> Bound:
        modulus = value[1].exp()
        return modulus, modulus

    def log(self, value: Bound) -> Bound:
        raise ValueError("a logarithm is not entire")

    def power(self, value: Bound, exponent: fmpq) -> Bound:
        modulus = value[0] ** int(exponent.p)
        return modulus, modulus

    def absolute(self, value: Bound) -> Bound:
        raise ValueError("an absolute value is not entire")


def amplitudes(p: TrigPolynomial) -> list[arb]:
    """sqrt(a_k^2 + b_k^2) for k = 1, ..., degree."""
    return [arb(amplitude(a, b)) for a, b in zip(p.cosines[1:], p.sines, strict=True)]


@frozen
class FloatMajorant(StripMajorant):
    """The same in float64, to choose a strip quickly; proves nothing. Overflow is infinity.

    `seen` keeps the amplitudes of the tree's polynomials from one width to the next.
    """

    seen: dict[int, tuple[float, list[float]]]

    def constant(self, value: Coefficient) -> Bound:
        number = float(arb(value))
        return abs(number), number

    def waves(self, p: TrigPolynomial) -> tuple[float, float]:
        if id(p) not in self.seen:
            self.seen[id(p)] = float(arb(p.mean)), [float(r) for r in amplitudes(p)]
        mean, radii = self.seen[id(p)]
        if len(radii) * self.width > _OVERFLOW:
            return mean, math.inf
        return mean, sum(r * math.cosh(k * self.width) for k, r in enumerate(radii, 1))

    def exp(self, value: Bound) -> Bound:
        modulus = math.exp(value[1]) if value[1] < _OVERFLOW else math.inf
        return modulus, modulus

    def power(self, value: Bound, exponent: fmpq) -> Bound:
        modulus = math.exp(min(_OVERFLOW, int(exponent.p) * math.log(value[0] + 1e-300)))
        return modulus, modulus


def strip_bound(tree: Integrand, width: arb) -> arb | None:
    """M >= sup |f| over |Im z| <= width, or None if f is not certified analytic there."""
    with working_precision(_BOUND_BITS):
        if tree.is_entire:
            return evaluate(tree, StripMajorant(width))[0].upper()
        bound = arb(0)
        columns = 12
        side = 2 * arb.pi() / columns
        boxes = [(j * side, arb(0), side, width, 0) for j in range(columns)]
        while boxes:
            x, y, dx, dy, depth = boxes.pop()
            z = acb(x.union(x + dx), y.union(y + dy))
            value = abs(evaluate(tree, ComplexBalls(z, analytic=True)))
            if value.is_finite():
                bound = bound.max(value.upper())
                continue
            if depth == _DEEPEST:
                return None
            dx, dy = dx / 2, dy / 2
            boxes += [(x + i * dx, y + j * dy, dx, dy, depth + 1) for i in (0, 1) for j in (0, 1)]
        return bound


@frozen
class Strip:
    """|f| <= bound on |Im z| <= width, hence |c_k| <= bound e^{-width |k|}."""

    width: arb
    bound: arb

    def decay(self, k: int) -> arb:
        """The bound of |c_k|."""
        return self.bound * (-self.width * abs(k)).exp()

    def aliasing(self, N: int, k: int = 0) -> arb:
        """A bound of |t_k - c_k| for N points; ValueError unless |k| < N."""
        if abs(k) >= N:
            raise ValueError(f"frequency {k} is not resolved by N = {N} points")
        return (self.decay(N - abs(k)) + self.decay(N + abs(k))) / (1 - (-self.width * N).exp())

    def resolution(self, log_tolerance: float) -> float:
        """The frequency beyond which all coefficients are below exp(log_tolerance)."""
        if self.bound == 0:
            return 0.0
        return max(0.0, (float(self.bound.log()) - log_tolerance) / float(self.width))


def best_strip(tree: Integrand, log_tolerance: float) -> Strip:
    """A certified strip that resolves f to exp(log_tolerance) with few points.

    Raises ValueError if f is not certified analytic on any strip that is tried.
    """
    if tree.is_entire:
        width = _float_width(tree, log_tolerance)
        if width is not None:
            bound = strip_bound(tree, arb(width))
            if bound is not None and bound.is_finite():
                return Strip(arb(width), bound)
    minima = wanted_minima(tree)
    with working_precision(_BOUND_BITS):
        found = _widest_first(lambda width: _quotient_bound(tree, width, minima), log_tolerance)
    found = found or _widest_first(lambda width: strip_bound(tree, width), log_tolerance)
    if found is None:
        raise ValueError(f"the integrand is not certified analytic on any strip: {tree}")
    return found


def _quotient_bound(tree: Integrand, width: arb, minima: dict[int, arb | None]) -> arb | None:
    """M from the form of the tree, where the arguments of quotients, roots and logarithms have
    a positive real part; None where that is not proved."""
    try:
        return evaluate(tree, PolystripMajorant(width, minima))[0].upper()
    except ArithmeticError:
        return None


def _widest_first(bound_of: Callable[[arb], arb | None], log_tolerance: float) -> Strip | None:
    """The strip that needs the fewest points, from wide to narrow; None if none is certified."""
    best: Strip | None = None
    fewest = math.inf
    width = _WIDEST
    while width >= _NARROWEST:
        bound = bound_of(arb(width))
        if bound is not None and bound.is_finite():
            strip = Strip(arb(width), bound)
            needed = strip.resolution(log_tolerance)
            if needed >= fewest:
                break
            best, fewest = strip, needed
        width *= 0.7
    return best


def _float_width(tree: Integrand, log_tolerance: float) -> float | None:
    """The width that needs the fewest points, by float bounds; None where they overflow."""
    best: tuple[float, float] | None = None
    seen: dict[int, tuple[float, list[float]]] = {}
    width = 1.0
    for factor in (1.4, 0.7):
        while _NARROWEST <= width <= _WIDEST_ENTIRE:
            modulus = evaluate(tree, FloatMajorant(width, seen))[0]
            if not modulus < math.inf:
                break
            needed = (math.log(modulus) - log_tolerance) / width if modulus > 0 else 0.0
            if best is not None and needed >= best[0]:
                break
            best = needed, width
            width *= factor
        width = 0.7
    return best[1] if best is not None else None
