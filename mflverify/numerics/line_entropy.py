"""Entropy and Fisher information of a polynomial density on a line, in balls.

Beyond R the integrands are bounded by what has a known integral.  If all Taylor coefficients of p at R/2 (outwards)
are non-negative and p > 0 there, then p(x) > 0 for x >= R, |p log p| <= p^2 + 1, and, as then
(x - R/2) p'(x) <= n p(x) with n the degree, p'^2/p <= (2n/R)^2 p.  On [-R, R] Arb's adaptive rule decides
whether p is positive: where it is not, there is no finite ball.
"""

from __future__ import annotations

from collections.abc import Sequence

from flint import arb, arb_poly, fmpq

from mflverify.numerics.density import LogPolynomialDensity
from mflverify.numerics.integrand import VARIABLE, Integrand, as_integrand, constant, log
from mflverify.numerics.line_quadrature import WeightedLine, growth, tail_bound
from mflverify.numerics.precision import digits_to_bits, working_precision
from mflverify.numerics.quadrature import adaptive_integral

_GUARD_BITS = 24
_FARTHEST = 1 << 10


def polynomial_tree(coefficients: Sequence[arb]) -> Integrand:
    """sum c_n x^n, lowest first, as an integrand."""
    tree: Integrand = constant(0)
    for n, c in enumerate(coefficients):
        tree = tree + constant(c) * VARIABLE**n
    return tree


def line_entropy(
    density: LogPolynomialDensity, coefficients: Sequence[arb], digits: int = 20
) -> arb:
    """int p log p d mu for a polynomial p >= 0.

    Raises ValueError when p is not certainly positive on the line.
    """
    p = polynomial_tree(coefficients)
    return _mean(density, coefficients, p * log(p), p * p + constant(1), digits)


def line_fisher_information(
    density: LogPolynomialDensity, coefficients: Sequence[arb], digits: int = 20
) -> arb:
    """int p'^2/p d mu for a polynomial p >= 0.

    Raises ValueError when p is not certainly positive on the line.
    """
    p = polynomial_tree(coefficients)
    slope = polynomial_tree([n * c for n, c in enumerate(coefficients)][1:])
    # beyond R >= 2 the factor (2n/R)^2 is at most n^2
    bound = p * constant((len(coefficients) - 1) ** 2)
    return _mean(density, coefficients, slope**2 / p, bound, digits)


def _mean(
    density: LogPolynomialDensity,
    coefficients: Sequence[arb],
    tree: Integrand,
    bound: Integrand,
    digits: int,
) -> arb:
    """int tree d mu, |tree| <= bound beyond every R at which the polynomial grows outwards."""
    with working_precision(digits_to_bits(digits, _GUARD_BITS)):
        majorant, smallest = growth(bound), arb(2) ** -digits_to_bits(digits)
        R = 2
        while R <= _FARTHEST:
            if _grows(coefficients, fmpq(R, 2)):
                tail = tail_bound(majorant, density.potential, R)
                if tail is not None and tail < smallest:
                    break
            R *= 2
        else:
            raise ValueError("no bound of the tails is known")
        weighted = tree * as_integrand(density.weight)
        total = adaptive_integral(weighted, -R, 0, digits) + adaptive_integral(
            weighted, 0, R, digits
        )
        value = (total + arb(0, tail.upper())) / WeightedLine(density, digits).normalisation
        if not value.is_finite():
            raise ValueError("a density that is not certified positive on the line")
        return value


def _grows(coefficients: Sequence[arb], R: fmpq) -> bool:
    """Whether p is positive and all its derivatives point outwards at R and at -R."""
    p = arb_poly(list(coefficients))
    for side in (1, -1):
        outwards = p(arb_poly([arb(side * R), arb(side)]))
        values = [outwards[n] for n in range(len(coefficients))]
        if not (values[0] > 0 and all(c >= 0 for c in values[1:])):
            return False
    return True
