"""Certified Fourier coefficients of periodic analytic integrands.

If f is 2 pi-periodic and analytic in |Im z| <= a with |f| <= M there (`strips`), its complex
coefficients satisfy |c_k| <= M e^{-a|k|}, and the N-point sums t_k = (1/N) sum_j f(x_j) e^{-ikx_j}
differ from c_k by the aliases sum_{m != 0} c_{k + mN}, so for |k| < N
    |t_k - c_k| <= M (e^{-a(N-|k|)} + e^{-a(N+|k|)}) / (1 - e^{-aN})
(Trefethen and Weideman, SIAM Review 56, 2014, Theorem 3.2 for k = 0).
"""

from __future__ import annotations

import math

from attrs import frozen
from flint import acb, arb

from mflverify.numerics.arithmetic import evaluate
from mflverify.numerics.grid_arithmetic import PeriodicGrid
from mflverify.numerics.integrand import (
    Constant,
    Convertible,
    Integrand,
    Trigonometric,
    as_integrand,
)
from mflverify.numerics.precision import digits_to_bits, working_precision
from mflverify.numerics.strips import Strip, best_strip
from mflverify.numerics.trig import TrigPolynomial

_SCALE_BITS = 64
_GUARD_BITS = 24
_COARSE = 16
_LARGEST_GRID = 1 << 17


def _log_scale(tree: Integrand) -> float:
    """log of the largest modulus on a coarse grid: a low estimate of the size of f."""
    with working_precision(_SCALE_BITS):
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
    return sampled_series(tree, plan, plan.N // 2 - 1 if degree is None else degree)


def sampled_series(tree: Integrand, plan: Sampling, degree: int) -> FourierSeries:
    """The series up to `degree` from the plan's samples, with the aliasing bound of every
    coefficient: too few points give wide balls. Raises ValueError unless degree < plan.N."""
    with working_precision(plan.bits):
        spectrum = acb.dft(evaluate(tree, PeriodicGrid(plan.N)))
        cosines: list[arb] = []
        sines: list[arb] = []
        for k in range(degree + 1):
            # t_k = (a_k - i b_k)/2 for k > 0; the errors of a_k and b_k are twice that of c_k.
            error = arb(0, (2 * plan.strip.aliasing(plan.N, k)).upper())
            value = spectrum[k] * 2 / plan.N
            cosines.append(value.real + error)
            sines.append(-value.imag + error)
        waves = TrigPolynomial([cosines[0] / 2, *cosines[1:]], sines[1:])
        return FourierSeries(waves, degree, plan.strip)


def trapezoid(tree: Integrand, plan: Sampling) -> arb:
    """The integral over a period from the plan's samples; too few points give a wide ball."""
    with working_precision(plan.bits):
        values = evaluate(tree, PeriodicGrid(plan.N))
        mean = sum(values, arb(0)) / plan.N + arb(0, plan.strip.aliasing(plan.N).upper())
        return 2 * arb.pi() * mean
