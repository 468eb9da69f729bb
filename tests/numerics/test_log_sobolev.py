"""Log-Sobolev constants: classical values, bounds from both sides, rho <= alpha."""

from fractions import Fraction as Q

import numpy as np
import pytest
from flint import arb, ctx

from mflverify.numerics.density import (
    Gaussian,
    LogPolynomialDensity,
    LogTrigDensity,
    TrigDensity,
    UniformTorus,
)
from mflverify.numerics.log_sobolev import log_sobolev_constant
from mflverify.numerics.log_sobolev_bounds import circle_bound, convexity_bound, perturbation_bound
from mflverify.numerics.log_sobolev_trials import circle_trial_bound, line_trial_bound
from mflverify.numerics.poincare import poincare_constant
from mflverify.numerics.precision import working_precision
from mflverify.numerics.spectral_densities import (
    Laplace,
    LogTrigTorus,
    ProductMeasure,
    UniformInterval,
)
from mflverify.numerics.trig import TrigPolynomial
from mflverify.numerics.trig_torus import positive_range, trigonometric_range
from mflverify.numerics.wasserstein import circle_jet

DOUBLE_WELL = LogPolynomialDensity((0, 0, Q(-1, 2), 0, Q(1, 4)))


def von_mises(kappa: int | Q) -> LogTrigDensity:
    return LogTrigDensity(TrigPolynomial((0, -kappa)))


@pytest.mark.parametrize(
    ("density", "value"),
    [
        (Gaussian(1, 4), 0.25),
        (LogPolynomialDensity((0, 1, 2)), 4.0),
        (UniformTorus(2), 1.0),
        (UniformInterval(0, 2), np.pi**2 / 4),
        (ProductMeasure((UniformTorus(1), Gaussian(0, 2))), 0.5),
    ],
)
def test_classical_values(density, value) -> None:
    found = log_sobolev_constant(density)
    assert found.relative_width < 1e-9
    assert float(found.upper) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    "density",
    [
        von_mises(1),
        von_mises(3),
        LogTrigDensity(TrigPolynomial((0, 1, Q(1, 2)), (Q(1, 3),))),
        TrigDensity(TrigPolynomial((1, Q(1, 2)))),
        DOUBLE_WELL,
        LogPolynomialDensity((0, 1, -2, 0, 1)),
        LogPolynomialDensity((0, 0, Q(1, 2), 0, Q(1, 4))),
        LogTrigTorus({(1, 0): (Q(1, 2), 0), (1, 1): (0, Q(1, 4))}),
    ],
)
def test_both_bounds_are_ordered_and_below_alpha(density) -> None:
    found = log_sobolev_constant(density)
    assert found.lower > 0
    assert found.upper <= poincare_constant(density, digits=8).upper


@pytest.mark.parametrize("kappa", [Q(1, 2), 1, 3])
def test_the_reflected_von_mises_law_has_quotient_one(kappa) -> None:
    # nu = exp(-kappa cos) against mu = exp(kappa cos): KL = 2 kappa A, I = 4 kappa A, A = I_1/I_0.
    # So rho <= 1 for every kappa, although alpha grows with kappa.
    assert float(poincare_constant(von_mises(kappa)).lower) > 1.01
    assert float(log_sobolev_constant(von_mises(kappa)).upper) == pytest.approx(1, abs=1e-3)


def test_holley_stroock_for_von_mises() -> None:
    with working_precision(64):
        extent = trigonometric_range(von_mises(1).potential)
        bound = circle_bound(extent, (-extent).exp() / arb(1).bessel_i(0))
    assert float(bound) == pytest.approx(np.exp(-2), rel=1e-3)
    assert bound <= arb(-2).exp()


def test_contraction_is_better_for_a_narrow_peak() -> None:
    # Relative to the uniform measure 1 + eps times a Fejer kernel: minimum near 1 - eps, maximum
    # 1 + eps n: rho >= (1 - eps)^2 although exp(-osc) is only about 1/(1 + eps n).
    n, eps = 12, Q(1, 10)
    fejer = TrigPolynomial((1, *(2 * (1 - Q(k, n)) for k in range(1, n))))
    density = TrigDensity(TrigPolynomial((1 - eps,)) + fejer * eps)
    assert float(log_sobolev_constant(density).lower) == pytest.approx(0.81, rel=1e-2)


@pytest.mark.parametrize(
    ("coefficients", "value"),
    [
        ((0, 0, Q(1, 2), 0, Q(1, 4)), 1.0),
        ((0, 0, 0, Q(1, 6), Q(1, 8)), None),
        ((0, 0, -1, 0, 1), None),
    ],
)
def test_bakry_emery_is_the_least_curvature(coefficients, value) -> None:
    with working_precision(128):
        found = convexity_bound(coefficients)
    if value is None:
        assert found is None
    else:
        assert found is not None
        assert found <= value
        assert float(found) == pytest.approx(value, rel=1e-6)


def test_bakry_emery_with_an_interior_minimum() -> None:
    # The minimum of p'' = 12 a x^2 + 6 b x + 2 c is 2 c - 3 b^2/(4 a) = 55/16.
    a, b, c = Q(1, 3), Q(1, 2), Q(2)
    with working_precision(128):
        found = convexity_bound((0, 0, c, b, a))
    assert found is not None
    assert found <= arb(55) / 16
    assert float(found) == pytest.approx(float(2 * c - 3 * b**2 / (4 * a)), rel=1e-6)


def test_holley_stroock_on_the_line_is_below_every_trial_measure() -> None:
    # Independent quotients of Gaussian-tilted trials by plain sums.
    p = np.array([0.25, 0, -0.5, 0, 0])
    x = np.linspace(-6, 6, 4001)
    weight = np.exp(-np.polyval(p, x))
    with working_precision(128):
        lower = float(perturbation_bound(DOUBLE_WELL.coefficients))
        upper = float(line_trial_bound(DOUBLE_WELL.coefficients))
    quotients = []
    for a in np.linspace(-3, 3, 13):
        for b in (0.0, 0.5, 1.0):
            r = a * x + b * x**2
            if a == 0 and b == 0:
                continue
            trial = weight * np.exp(-r)
            mass = trial.sum()
            entropy = -(trial @ r) / mass - np.log(mass / weight.sum())
            quotients.append(trial @ (a + 2 * b * x) ** 2 / mass / (2 * entropy))
    assert 0.3 < lower < min(quotients)
    assert upper <= min(quotients) * (1 + 1e-9)


def test_a_trial_bound_is_not_below_the_constant() -> None:
    # For the uniform circle rho = 1, so every trial measure gives at least 1.
    with working_precision(128):
        bound = circle_trial_bound(circle_jet(UniformTorus(1)))
    assert bound >= 1
    assert float(bound) == pytest.approx(1, abs=0.05)


def test_ranges_contain_the_values_and_are_sharp() -> None:
    p = TrigPolynomial((2, 1, 0, Q(1, 3)), (Q(1, 2),))
    values = p(np.linspace(0, 2 * np.pi, 20001))
    with working_precision(128):
        found = trigonometric_range(p)
        positive = positive_range(p)
    for ball in (found, positive):
        assert ball.lower() <= values.min()
        assert values.max() <= ball.upper()
    assert float(found.upper()) - values.max() < 1e-3
    assert positive.lower() > 0


def test_a_density_that_touches_zero_is_refused() -> None:
    with working_precision(128), pytest.raises(ValueError, match="positive"):
        positive_range(TrigPolynomial((1, 1)))


def test_exponential_tails_are_refused() -> None:
    with pytest.raises(ValueError, match="no log-Sobolev bounds"):
        log_sobolev_constant(Laplace(1))


def test_the_callers_precision_is_kept() -> None:
    before = ctx.prec
    log_sobolev_constant(von_mises(1))
    assert ctx.prec == before
