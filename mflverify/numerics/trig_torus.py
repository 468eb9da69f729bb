"""Exact coefficients and trigonometric polynomials for spectra and transport."""

from collections.abc import Iterable
from fractions import Fraction

from flint import acb, arb

from mflverify.numerics.fourier_block import Mode
from mflverify.numerics.suprema import maximum, minimum
from mflverify.numerics.torus_spectrum import ApproximatePotential
from mflverify.numerics.trig import Coefficient, Number, TrigPolynomial, as_coefficient

_FIRST_DEGREE = 16
_LARGEST_GRID = 4096

Modes = dict[int, tuple[arb, arb]]


def exact_coefficients(values: Iterable[Number]) -> tuple[Fraction, ...]:
    """Rationals as Fractions. Raises ValueError for a ball, whose value is not known exactly."""
    result = []
    for value in values:
        coefficient = as_coefficient(value)
        if isinstance(coefficient, arb):
            raise ValueError(f"coefficients must be rational here, got the ball {value}")
        result.append(Fraction(int(coefficient.p), int(coefficient.q)))
    return tuple(result)


def modes_of(polynomial: TrigPolynomial) -> Modes:
    """{k: (a_k, b_k)} for sum_k a_k cos kx + b_k sin kx, at the working precision."""
    result: Modes = {}
    for k in range(polynomial.degree + 1):
        a, b = polynomial.frequency(k)
        if not (a == 0 and b == 0):
            result[k] = arb(a), arb(b)
    return result


def fourier_coefficients(polynomial: TrigPolynomial) -> dict[Mode, acb]:
    """{(k,): c_k} with p(x) = sum_k c_k exp(ikx); the zero mode, k and -k are present."""
    result: dict[Mode, acb] = {(0,): acb(0)}
    for k, (a, b) in modes_of(polynomial).items():
        if k == 0:
            result[(0,)] = acb(a)
        else:
            result[(k,)] = acb(a / 2, -b / 2)
            result[(-k,)] = acb(a / 2, b / 2)
    return result


def trigonometric_range(polynomial: TrigPolynomial, relative_gap: float = 1e-6) -> arb:
    """A ball that contains all values of the polynomial and is sharp to `relative_gap`."""
    low = minimum(polynomial, relative_gap).lower
    return arb(low).lower().union(arb(maximum(polynomial, relative_gap).upper).upper())


def positive_range(polynomial: TrigPolynomial) -> arb:
    """As `trigonometric_range`, of positive numbers.

    Raises ValueError if the polynomial is not proved positive.
    """
    gap = 1e-6
    while gap > 1e-15:
        extent = trigonometric_range(polynomial, gap)
        if extent > 0:
            return extent
        gap /= 1000
    raise ValueError(f"the density must be positive, got {polynomial}")


def rational_potential(density: TrigPolynomial, digits: int, attempt: int) -> ApproximatePotential:
    """W = m''/(2m) - m'^2/(4m^2) for a positive trigonometric density m, by a polynomial W_p.

    W_p interpolates; its error is proved: m^2 (W - W_p) is a trigonometric polynomial, so
    |W - W_p| is at most the sum of its coefficients over (min m)^2. A later attempt aims lower.
    Raises ValueError if m is not proved positive, ArithmeticError if the degree grows too large.
    """
    m = density.to_ring(arb)
    least = arb(positive_range(m).lower())
    slope = m.derivative()
    numerator = m * slope.derivative() * arb(0.5) - slope * slope * arb(0.25)
    square = m * m
    target = arb(10) ** (-(digits + 2) - 6 * attempt)
    size, error = 4 * max(_FIRST_DEGREE, m.degree), arb("inf")
    while size <= _LARGEST_GRID:
        # Small coefficients are dropped: fewer of them, and exact parities stay exact.
        threshold = target * least**2 / (8 * size)
        interpolant = _without_small(_interpolate(numerator, square, size), threshold)
        residual = numerator - square * interpolant
        error = _coefficient_sum(residual) / least**2
        if error <= target:
            return ApproximatePotential(fourier_coefficients(interpolant), arb(error.upper()))
        size *= 2
    raise ArithmeticError(f"a grid of {_LARGEST_GRID} points leaves an error of {error} in W")


def _interpolate(numerator: TrigPolynomial, square: TrigPolynomial, size: int) -> TrigPolynomial:
    """Midpoints of the coefficients below size/2 of numerator/square sampled on a grid."""
    values = []
    for j in range(size):
        x = 2 * arb.pi() * j / size
        values.append(acb((numerator(x) / square(x)).mid()))
    transform = [c / size for c in acb.dft(values)]
    modes = range(1, size // 2)
    return TrigPolynomial(
        [transform[0].real.mid(), *((2 * transform[k].real).mid() for k in modes)],
        [(-2 * transform[k].imag).mid() for k in modes],
    )


def _without_small(polynomial: TrigPolynomial, threshold: arb) -> TrigPolynomial:
    def kept(c: Coefficient) -> arb:
        return arb(0) if abs(arb(c)) < threshold else arb(c)

    return TrigPolynomial(map(kept, polynomial.cosines), map(kept, polynomial.sines))


def _coefficient_sum(polynomial: TrigPolynomial) -> arb:
    return sum((abs(arb(c)) for c in (*polynomial.cosines, *polynomial.sines)), arb(0))
