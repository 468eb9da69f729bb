"""mpmath as an independent second opinion: values, trapezoid sums and comparisons with balls."""

from fractions import Fraction

import mpmath
from flint import arb, fmpq

from mflverify.numerics.arithmetic import MpFloats, evaluate
from mflverify.numerics.integrand import Convertible, as_integrand
from mflverify.numerics.precision import working_precision
from mflverify.numerics.trig import TrigPolynomial


def as_arb(value: mpmath.mpf, error: str = "1e-45") -> arb:
    """The exact value of an mpf, widened by its assumed error (absolute and relative)."""
    sign, mantissa, exponent, _ = value._mpf_
    with working_precision(1000):
        exact = arb((-int(mantissa) if sign else int(mantissa), exponent))
        return exact + arb(0, (abs(exact) + 1) * arb(error))


def encloses(ball: fmpq | arb, value: fmpq | arb) -> bool:
    """Whether the ball contains the value for certain (a rational is rounded at 1000 bits)."""
    with working_precision(1000):
        return arb(ball).contains(arb(value))


def agrees(ball: arb, reference: arb) -> bool:
    """Whether the ball contains all of `reference`, or is itself (nearly) exact and meets it."""
    return encloses(ball, reference) or (ball.rad() < arb("1e-30") and ball.overlaps(reference))


def mp_trapezoid(integrand: Convertible, points: int) -> mpmath.mpf:
    """The trapezoid rule over a period in mpmath, with every function evaluated by mpmath."""
    tree = as_integrand(integrand)
    step = 2 * mpmath.pi / points
    return step * mpmath.fsum(evaluate(tree, MpFloats(j * step)) for j in range(points))


def random_trig(rng, degree: int, size: int = 4) -> TrigPolynomial:
    """A rational trigonometric polynomial with small coefficients."""

    def draw(count: int) -> list[Fraction]:
        return [
            Fraction(int(rng.integers(-size, size + 1)), int(rng.integers(1, 5)))
            for _ in range(count)
        ]

    return TrigPolynomial(draw(degree + 1), draw(degree))
