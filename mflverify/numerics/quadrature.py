"""Certified integrals: every result is a ball that contains the true value.

* `periodic_integral`: trapezoid rule in balls, geometric remainder (`fourier_series`).
* `WeightedTorus`: the same for many integrals against powers of one weight e^{-U}; its Fourier
  moments are computed once, and every further integral is a dot product.
* `bilinear_integral`: double integrals of a trigonometric kernel as u^T A v in ball matrices.
* `adaptive_integral`: Arb's adaptive Gauss-Legendre rule (Petras) on an interval.
Integrals over the line are in `line_quadrature`.
"""

from collections.abc import Sequence
from fractions import Fraction

from attrs import define, field, frozen
from flint import acb, arb, arb_mat

from mflverify.numerics.arithmetic import ComplexBalls, evaluate
from mflverify.numerics.coefficient_matrix import Matrix, checked_matrix
from mflverify.numerics.fourier_series import (
    FourierSeries,
    fourier_series,
    plan_sampling,
    trapezoid,
)
from mflverify.numerics.integrand import Constant, Convertible, Integrand, as_integrand, exp
from mflverify.numerics.precision import current_bits, digits_to_bits, working_precision
from mflverify.numerics.trig import Number, TrigPolynomial, as_coefficient

_GUARD_BITS = 24
_RETRIES = 8


def periodic_integral(integrand: Convertible, digits: int = 30) -> arb:
    """The integral over [0, 2 pi] of a periodic analytic integrand.

    About `digits` digits relative to sup |f|. Raises ValueError if the tree is not periodic by its
    form, or not certified analytic on a strip around the real line.
    """
    tree = as_integrand(integrand)
    if isinstance(tree, Constant):
        with working_precision(digits_to_bits(digits, _GUARD_BITS)):
            return 2 * arb.pi() * tree.value
    return trapezoid(tree, plan_sampling(tree, digits))


@define(eq=False)
class WeightedTorus:
    """Integrals of p(x) e^{sU(x)} over a period, for trigonometric polynomials p and integers s.

    `potential` is U, so that s = -1 is the density of exp(-U)/Z and s = 1 its inverse. The Fourier
    moments of each e^{sU} are computed at the first use and kept; precision is about `digits`
    digits relative to sup e^{sU}. A p of higher degree than the moments resolve is still enclosed,
    by the geometric bound of the coefficients. Nothing depends on the precision in force.
    """

    potential: TrigPolynomial
    digits: int = 30
    _moments: dict[int, FourierSeries] = field(factory=dict, init=False, repr=False)

    def series(self, s: int) -> FourierSeries:
        """The certified Fourier series of e^{sU}."""
        if s not in self._moments:
            self._moments[s] = fourier_series(exp(s * as_integrand(self.potential)), self.digits)
        return self._moments[s]

    def integral(self, p: TrigPolynomial | Number, s: int = -1) -> arb:
        """The integral of p e^{sU} dx over a period."""
        if not isinstance(p, TrigPolynomial):
            p = TrigPolynomial((p,))
        with working_precision(digits_to_bits(self.digits, _GUARD_BITS)):
            return self.series(s).integral(p)

    @property
    def normalisation(self) -> arb:
        """Z, the integral of e^{-U} dx."""
        return self.integral(1)

    def expectation(self, p: TrigPolynomial | Number) -> arb:
        """The mean of p under the probability e^{-U} dx/Z."""
        with working_precision(digits_to_bits(self.digits, _GUARD_BITS)):
            return self.integral(p) / self.normalisation

    def basis_integrals(self, degree: int, s: int = -1) -> list[arb]:
        """The integrals of (1, cos x, sin x, ..., cos nx, sin nx) e^{sU}, n = `degree`."""
        with working_precision(digits_to_bits(self.digits, _GUARD_BITS)):
            series = self.series(s)
            pairs = [series.frequency(k) for k in range(degree + 1)]
            waves = [arb.pi() * c for pair in pairs[1:] for c in pair]
            return [2 * arb.pi() * pairs[0][0], *waves]


def bilinear_integral(kernel: Matrix, left: Sequence[arb], right: Sequence[arb]) -> arb:
    """u^T A v: the double integral of k(x, y) against two measures given by `basis_integrals`.

    `kernel` is the coefficient matrix of k in the basis (1, cos x, sin x, ...) of each variable.
    Raises ValueError if there are fewer basis integrals than rows or columns.
    """
    A = checked_matrix(kernel)
    rows, columns = len(A), len(A[0])
    if len(left) < rows or len(right) < columns:
        raise ValueError(
            f"a {rows} by {columns} kernel needs as many basis integrals, "
            f"got {len(left)} and {len(right)}"
        )
    u, v = arb_mat(1, rows, list(left[:rows])), arb_mat(columns, 1, list(right[:columns]))
    return (u * arb_mat([list(map(arb, row)) for row in A]) * v)[0, 0]


@frozen
class _ArbIntegrand:
    """A tree as the callback that Arb's integrator wants; the analytic flag is passed on."""

    tree: Integrand

    def __call__(self, z: acb, analytic: bool) -> acb:
        return evaluate(self.tree, ComplexBalls(z, analytic))


def adaptive_integral(
    integrand: Convertible,
    lower: int | Fraction | arb,
    upper: int | Fraction | arb,
    digits: int = 30,
) -> arb:
    """The integral of the tree over [lower, upper], by Arb's adaptive rule.

    The integrand need not be analytic on the whole interval, but must be bounded as far as balls
    can tell: otherwise ValueError. Hard integrands give wider balls.
    """
    tree = as_integrand(integrand)
    with working_precision(digits_to_bits(digits, _GUARD_BITS)):
        a, b = (arb(as_coefficient(v, "limit")) for v in (lower, upper))
        value = acb.integral(_ArbIntegrand(tree), a, b).real
        for _ in range(_RETRIES):
            # Arb stops at the absolute tolerance 2^-bits: too early for small integrals.
            size = value.abs_upper()
            missing = current_bits() // 2 - value.rel_accuracy_bits()
            if missing <= 0 or not size.is_finite() or size >= 1 or size == 0:
                break
            tolerance = size * arb(2) ** -current_bits()
            again = acb.integral(_ArbIntegrand(tree), a, b, abs_tol=tolerance).real
            if not again.rad() < value.rad():
                break
            value = again
    if not value.is_finite():
        raise ValueError(f"the integrand is not bounded on [{lower}, {upper}]: {tree}")
    return value
