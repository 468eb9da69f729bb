"""Certified periodic integrals against mpmath.quad, in one run: python benchmarks/quadrature.py

Integrands of chi-square divergences and dual norms: a squared trigonometric polynomial against a
weight exp(U) or a quotient. `cold`: one call of `periodic_integral`, nothing cached. `shared`: one
more integral against a weight whose moments are known (`WeightedTorus`), which is what a chi-square
or a dual norm consists of; `20 at once` is 20 different integrals including the moments.
mpmath.quad gets a plain mpmath function and the same number of digits; no certificate comes with
its answer.
Minimum of several runs; exits with an error if the two answers disagree.
"""

import sys
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
from flint import arb
from mpmath import cos, sin
from mpmath import exp as exp_

from mflverify.numerics.integrand import Integrand, as_integrand, exp
from mflverify.numerics.precision import digits_to_bits, working_precision
from mflverify.numerics.quadrature import WeightedTorus, periodic_integral
from mflverify.numerics.trig import TrigPolynomial

P = TrigPolynomial((1, 2, Fraction(1, 3)), (0, -1))
SQUARE = P * P
SIN = TrigPolynomial.sine(1)
STEEP = TrigPolynomial((0, 3, Fraction(1, 2)), (1,))
POSITIVE = TrigPolynomial((1, Fraction(1, 2)), (Fraction(1, 3),))


def plain_sine(x: Any) -> Any:
    """exp(sin x) p^2 as one would write it for mpmath."""
    return exp_(sin(x)) * (1 + 2 * cos(x) + cos(2 * x) / 3 - sin(2 * x)) ** 2


def plain_steep(x: Any) -> Any:
    """exp(3 cos x + cos(2x)/2 + sin x) p^2."""
    p = 1 + 2 * cos(x) + cos(2 * x) / 3 - sin(2 * x)
    return exp_(3 * cos(x) + cos(2 * x) / 2 + sin(x)) * p**2


def plain_quotient(x: Any) -> Any:
    """p^2/(1 + cos(x)/2 + sin(x)/3)."""
    return (1 + 2 * cos(x) + cos(2 * x) / 3 - sin(2 * x)) ** 2 / (1 + cos(x) / 2 + sin(x) / 3)


Case = tuple[Integrand, Callable[[Any], Any], tuple[TrigPolynomial, TrigPolynomial] | None]
CASES: dict[str, Case] = {
    "exp(sin x) p^2": (exp(SIN) * SQUARE, plain_sine, (SIN, SQUARE)),
    "exp(3 cos x + ...) p^2": (exp(STEEP) * SQUARE, plain_steep, (STEEP, SQUARE)),
    "p^2 / positive polynomial": (
        as_integrand(SQUARE) / as_integrand(POSITIVE),
        plain_quotient,
        None,
    ),
}


def best_of(action: Callable[[], Any], repeats: int) -> tuple[float, Any]:
    """The least time in milliseconds, and the last result."""
    least, result = float("inf"), None
    for _ in range(repeats):
        start = time.perf_counter()
        result = action()
        least = min(least, time.perf_counter() - start)
    return 1e3 * least, result


def main() -> int:
    """Print the table; 1 if an answer of mpmath is not the certified one to nearly all digits."""
    wrong = 0
    print(f"mpmath {mpmath.__version__} on {mpmath.libmp.BACKEND} numbers")
    print(
        f"{'integrand':28}{'digits':>7}{'mpmath ms':>11}{'cold ms':>9}{'ratio':>7}"
        f"{'shared ms':>11}{'ratio':>8}{'20 at once':>12}{'ratio':>7}"
    )
    for name, (tree, plain, parts) in CASES.items():
        for digits in (50, 200):
            with mpmath.workdps(digits):
                slow, reference = best_of(lambda f=plain: mpmath.quad(f, [0, 2 * mpmath.pi]), 3)
                text = mpmath.nstr(reference, digits)
            cold, ball = best_of(lambda t=tree, d=digits: periodic_integral(t, d), 20)
            with working_precision(digits_to_bits(digits, 40)):
                agree = abs(ball - arb(text)) < abs(ball) * arb(10) ** (5 - digits)
            wrong += not agree
            line = f"{name:28}{digits:7}{slow:11.1f}{cold:9.3f}{slow / cold:7.0f}"
            if parts is not None:
                U, p = parts
                weighted = WeightedTorus(U, digits)
                weighted.integral(p, 1)
                shared, _ = best_of(lambda w=weighted, q=p: w.integral(q, 1), 50)

                def twenty(U: TrigPolynomial = U, p: TrigPolynomial = p, d: int = digits) -> None:
                    fresh = WeightedTorus(U, d)
                    for k in range(20):
                        fresh.integral(p * TrigPolynomial.cosine(k), 1)

                many, _ = best_of(twenty, 5)
                line += f"{shared:11.4f}{slow / shared:8.0f}{many:12.2f}{20 * slow / many:7.0f}"
            print(line + ("" if agree else "   DISAGREE"))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
