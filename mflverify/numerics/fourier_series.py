"""Certified Fourier coefficients of periodic analytic integrands.

If f is 2 pi-periodic and analytic in |Im z| <= a with |f| <= M there, its complex coefficients
satisfy |c_k| <= M e^{-a|k|}, and the N-point sums t_k = (1/N) sum_j f(x_j) e^{-ikx_j} differ from
c_k by the aliases sum_{m != 0} c_{k + mN}, so for |k| < N
    |t_k - c_k| <= M (e^{-a(N-|k|)} + e^{-a(N+|k|)}) / (1 - e^{-aN})
(Trefethen and Weideman, SIAM Review 56, 2014, Theorem 3.2 for k = 0).

M comes from the tree itself. Entire trees have a majorant by their form: on the strip
|a_k cos kz + b_k sin kz| and its real part are at most sqrt(a_k^2 + b_k^2) cosh ka. For any other
tree the strip is covered by rectangles on which Arb certifies analyticity and bounds |f|; as
f(conj z) = conj f(z), the upper half suffices. If no strip can be certified, that is an error.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from attrs import frozen
from flint import acb, arb, fmpq

from mflverify.numerics.arithmetic import ComplexBalls, PeriodicGrid, evaluate
from mflverify.numerics.integrand import (
    Constant,
    Convertible,
    Integrand,
    Trigonometric,
    as_integrand,
)
from mflverify.numerics.precision import digits_to_bits, working_precision
from mflverify.numerics.trig import Coefficient, TrigPolynomial

_BOUND_BITS = 64
_GUARD_BITS = 24
_COARSE = 16
_NARROWEST = 2.0**-10
_DEEPEST = 7
_LARGEST_GRID = 1 << 17
_Bound = tuple[arb, arb]


@frozen
class StripMajorant:
    """Bounds (of the modulus, of the real part) over |Im z| <= width, for entire trees."""

    width: arb

    def constant(self, value: Coefficient) -> _Bound:
        return abs(arb(value)), arb(value)

    def trigonometric(self, p: TrigPolynomial) -> _Bound:
        waves = arb(0)
        for k, (a, b) in enumerate(zip(p.cosines[1:], p.sines, strict=True), 1):
            if b == 0:
                amplitude = abs(arb(a))
            elif a == 0:
                amplitude = abs(arb(b))
            else:
                amplitude = (arb(a) ** 2 + arb(b) ** 2).sqrt()
            waves += amplitude * (k * self.width).cosh()
        mean = arb(p.mean)
        return abs(mean) + waves, mean + waves

    def polynomial(self, coefficients: tuple[fmpq, ...]) -> _Bound:
        raise ValueError(f"a polynomial is not periodic: {coefficients}")

    def add(self, left: _Bound, right: _Bound) -> _Bound:
        return left[0] + right[0], left[1] + right[1]

    def multiply(self, left: _Bound, right: _Bound) -> _Bound:
        modulus = left[0] * right[0]
        return modulus, modulus

    def divide(self, left: _Bound, right: _Bound) -> _Bound:
        raise ValueError("a quotient is not entire")

    def exp(self, value: _Bound) -> _Bound:
        modulus = value[1].exp()
        return modulus, modulus

    def log(self, value: _Bound) -> _Bound:
        raise ValueError("a logarithm is not entire")

    def power(self, value: _Bound, exponent: fmpq) -> _Bound:
        modulus = value[0] ** int(exponent.p)
        return modulus, modulus

    def absolute(self, value: _Bound) -> _Bound:
        raise ValueError("an absolute value is not entire")


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


def _widths(entire: bool) -> Iterator[float]:
    width = 1.0 if entire else 2.0
    while width >= _NARROWEST:
        yield width
        width *= 0.7


def best_strip(tree: Integrand, log_tolerance: float) -> Strip:
    """A certified strip that resolves f to exp(log_tolerance) with few points.

    Raises ValueError if f is not certified analytic on any strip that is tried.
    """
    best: Strip | None = None
    fewest = math.inf
    growing = [1.4**j for j in range(1, 8)] if tree.is_entire else []
    for direction in (growing, _widths(tree.is_entire)):
        for width in direction:
            bound = strip_bound(tree, arb(width))
            if bound is None or not bound.is_finite():
                if best is not None:
                    break
                continue
            strip = Strip(arb(width), bound)
            needed = strip.resolution(log_tolerance)
            if needed >= fewest:
                break
            best, fewest = strip, needed
    if best is None:
        raise ValueError(f"the integrand is not certified analytic on any strip: {tree}")
    return best


def _log_scale(tree: Integrand) -> float:
    """log of the largest modulus on a coarse grid: a low estimate of the size of f."""
    with working_precision(_BOUND_BITS):
        sizes = [v.abs_lower() for v in evaluate(tree, PeriodicGrid(_COARSE)) if v.is_finite()]
        largest = max(sizes, default=arb(0))
        return float(largest.log()) if largest > 0 else 0.0


def grid_size(least: float) -> int:
    """The smallest 2^k, 3*2^k or 5*2^k that is at least `least` (fast transforms).

    Raises ValueError beyond the largest grid in use.
    """
    if least > _LARGEST_GRID:
        raise ValueError(f"the integrand would need {least:.3g} points, more than {_LARGEST_GRID}")
    power = max(8, 1 << math.ceil(math.log2(max(least, 1))))
    return min(n for n in (power, 3 * power // 4, 5 * power // 8) if n >= least)


@frozen
class Sampling:
    """How to sample a periodic integrand: N points, precision and the strip behind the error."""

    N: int
    bits: int
    strip: Strip


def plan_sampling(tree: Integrand, digits: int, degree: int | None = 0) -> Sampling:
    """N so large that coefficients up to `degree` have about `digits` digits relative to sup |f|.

    `degree` None means: all coefficients that are not negligible. Raises ValueError for trees that
    are not periodic by form or not certified analytic on a strip.
    """
    if not tree.is_periodic:
        raise ValueError(f"the integrand must be 2 pi-periodic, got {tree}")
    bits = digits_to_bits(digits, _GUARD_BITS)
    log_tolerance = _log_scale(tree) - bits * math.log(2)
    strip = best_strip(tree, log_tolerance)
    needed = strip.resolution(log_tolerance) + 1
    N = grid_size(needed + (needed if degree is None else degree))
    # exp loses as many bits as its argument has before the point: log |f| bounds the argument.
    exponent_bits = max(0, int(math.log2(2 + abs(float((strip.bound + 1).log())))))
    return Sampling(N, bits + exponent_bits, strip)


@frozen
class FourierSeries:
    """Enclosures of the coefficients up to a degree, and a bound of all others.

    `polynomial` has ball coefficients that contain the true ones for frequencies up to its degree;
    the complex coefficients of larger frequency obey `strip.decay`.
    """

    polynomial: TrigPolynomial
    degree: int
    strip: Strip

    @property
    def tail(self) -> arb:
        """A bound of sup |f - p|, p the exact truncation: sum_{|k| > degree} |c_k|."""
        return 2 * self.strip.decay(self.degree + 1) / (1 - (-self.strip.width).exp())

    def frequency(self, k: int) -> tuple[arb, arb]:
        """Enclosures of the coefficients of cos kx and sin kx, for every k >= 0."""
        if k <= self.degree:
            a, b = self.polynomial.frequency(k)
            return arb(a), arb(b)
        radius = arb(0, (2 * self.strip.decay(k)).upper())
        return radius, radius

    def integral(self, p: TrigPolynomial) -> arb:
        """The integral of p f over a period: a dot product of coefficients."""
        total = 2 * arb(p.mean) * self.frequency(0)[0]
        for k in range(1, p.degree + 1):
            (a, b), (c, d) = p.frequency(k), self.frequency(k)
            total += a * c + b * d
        return arb.pi() * total


def fourier_series(
    integrand: Convertible, digits: int = 30, degree: int | None = None
) -> FourierSeries:
    """Certified Fourier series of a periodic analytic integrand.

    About `digits` digits relative to sup |f|; coefficients up to `degree`, by default all that are
    not negligible. Exact trigonometric polynomials are returned as they are. Raises ValueError if
    the integrand is not periodic or not certified analytic on a strip around the real line.
    """
    tree = as_integrand(integrand)
    if degree is not None and degree < 0:
        raise ValueError(f"degree must not be negative, got {degree}")
    match tree:
        case Constant(value):
            return FourierSeries(TrigPolynomial((value,)), degree or 0, Strip(arb(1), arb(0)))
        case Trigonometric(p) if degree is None or degree >= p.degree:
            return FourierSeries(p, degree or p.degree, Strip(arb(1), arb(0)))
    plan = plan_sampling(tree, digits, degree)
    n = plan.N // 2 - 1 if degree is None else degree
    with working_precision(plan.bits):
        spectrum = acb.dft(evaluate(tree, PeriodicGrid(plan.N)))
        cosines: list[arb] = []
        sines: list[arb] = []
        for k in range(n + 1):
            # t_k = (a_k - i b_k)/2 for k > 0; the errors of a_k and b_k are twice that of c_k.
            value = spectrum[k] * 2 / plan.N
            error = arb(0, (2 * plan.strip.aliasing(plan.N, k)).upper())
            cosines.append(value.real + error)
            sines.append(-value.imag + error)
        return FourierSeries(
            TrigPolynomial([cosines[0] / 2, *cosines[1:]], sines[1:]), n, plan.strip
        )
