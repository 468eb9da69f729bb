"""Lower bounds of the log-Sobolev constant that use alpha: the algebra, values, random functions."""

from fractions import Fraction as Q

import numpy as np
import pytest
import sympy
from flint import arb

from mflverify.numerics.density import LogPolynomialDensity, LogTrigDensity, TrigDensity
from mflverify.numerics.integrand import as_integrand, exp
from mflverify.numerics.log_sobolev import log_sobolev_constant
from mflverify.numerics.log_sobolev_tightening import (
    circle_tightened_bound,
    dimension_bound,
    line_tightened_bound,
    supremum,
    tightened,
    torus_tightened_bound,
)
from mflverify.numerics.precision import working_precision
from mflverify.numerics.spectral_densities import LogTrigTorus
from mflverify.numerics.torus_polynomial import TorusPolynomial
from mflverify.numerics.trig import TrigPolynomial


def test_the_square_in_the_proof_of_the_dimension_bound() -> None:
    """rho int p^2 less the two terms of the bound is the integral of a square.

    Null integrals: of (p^3/u)' and of (U' p^2)', with s = u'' and U'' = c, against exp(-U).
    """
    s, p, q, U1, c, N = sympy.symbols("s p q U1 c N", positive=True)
    r = (N + 2) / (N + 1)
    t = 4 * N / (N + 1) ** 2
    generator_square = s**2 + c * p**2  # int (Lu)^2 = int u''^2 + U'' u'^2
    identity = generator_square + (4 * r / 3 - 1) * q**2 - 2 * r / 3 * U1 * p * q
    first = 3 * s * q - q**2 - U1 * p * q
    second = 2 * U1 * s * p + (c - U1**2) * p**2
    beta, gamma = -sympy.Rational(2, 3) * (N - 1) / (N + 1), (N - 1) / (N + 1) ** 2
    rest = (
        identity
        + beta * first
        + gamma * second
        - t * generator_square
        - N / (N + 1) ** 2 * ((N - 1) * c - U1**2) * p**2
    )
    square = ((N - 1) * s + U1 * p - (N + 1) * q) / (N + 1)
    assert sympy.simplify(sympy.expand(rest - square**2)) == 0


def test_the_identity_of_the_extremal_function() -> None:
    """int rho p^2 = int (Lu)^2 + r int q Lu + (r-1) int q^2, by parts, from the equation of f = u^r."""
    x, r, rho = sympy.symbols("x r rho")
    u, U = sympy.Function("u")(x), sympy.Function("U")(x)
    p = u.diff(x)
    L = u.diff(x, 2) - U.diff(x) * p
    q = p**2 / u
    # The value of log u that f'' - U' f' + rho f log f = 0 gives.
    logarithm = -(L + (r - 1) * q) / (rho * u)
    f = u**r
    assert sympy.simplify(f.diff(x, 2) - U.diff(x) * f.diff(x) + rho * f * r * logarithm) == 0
    # The integral of e^U d/dx (e^{-U} rho log(u) u p) vanishes.
    divergence = rho * p**2 + rho * logarithm * (p**2 + u * L)
    log_u = sympy.log(u)
    product = sympy.exp(-U) * rho * log_u * u * p
    assert (
        sympy.simplify(sympy.exp(U) * product.diff(x) - (rho * p**2 + rho * log_u * (p**2 + u * L)))
        == 0
    )
    assert sympy.simplify(divergence - rho * p**2 + L**2 + r * q * L + (r - 1) * q**2) == 0


def von_mises(kappa: int | Q) -> LogTrigDensity:
    return LogTrigDensity(TrigPolynomial((0, -kappa)))


@pytest.mark.parametrize(
    ("kappa", "least"),
    [(Q(1, 4), 0.99), (Q(1, 2), 0.97), (1, 0.91), (2, 0.64), (3, 0.57), (5, 0.62)],
)
def test_von_mises_is_enclosed_within_a_factor_of_two(kappa, least) -> None:
    found = log_sobolev_constant(von_mises(kappa))
    assert least < float(found.lower) <= 1


def test_small_kappa_is_alpha_less_a_quarter_of_kappa_squared() -> None:
    with working_precision(128):
        bound = dimension_bound(as_integrand(TrigPolynomial((0, Q(-1, 3)))), arb("1.01"))
    # N = 1 is in the table; nothing else may give more than alpha.
    assert arb("1.01") - arb(1) / 36 - arb("1e-6") <= bound <= arb("1.01")
    assert float(bound) == pytest.approx(1.01 - 1 / 36, rel=1e-3)


def test_tightening_on_the_circle_by_hand() -> None:
    # For exp(kappa cos x): b = sup(-kappa^2 sin^2 x/2) + log I_0(kappa) = log I_0(kappa).
    with working_precision(128):
        mean = arb(2).bessel_i(0)
        bound = circle_tightened_bound(as_integrand(TrigPolynomial((0, -2))), mean, arb("1.6"))
        exact = 2 / (2 + (mean.log() + 2) / arb("1.6"))
    assert bound <= exact
    assert float(bound) == pytest.approx(float(exact), rel=1e-6)


def test_tightening_on_a_torus_that_is_a_circle_in_disguise() -> None:
    circle = as_integrand(TrigPolynomial((0, -2)))
    with working_precision(128):
        plain = circle_tightened_bound(circle, arb(2).bessel_i(0), arb(1))
        for dimension in (2, 3):
            k = (1, *(0,) * (dimension - 1))
            torus = torus_tightened_bound(TorusPolynomial(dimension, {k: (-2, 0)}), arb(1))
            # The supremum is the sum of the amplitudes in three dimensions: not sharp, not above.
            assert torus <= plain + arb("1e-9")
            if dimension == 2:
                assert float(torus) == pytest.approx(float(plain), rel=1e-2)


def test_a_coupled_torus() -> None:
    found = log_sobolev_constant(LogTrigTorus({(1, 0): (Q(1, 2), 0), (1, 1): (0, Q(1, 4))}))
    assert 0.4 < float(found.lower) < float(found.upper) < 1.1


def test_a_near_gaussian_loses_a_factor_of_two() -> None:
    # a = 2 gives b = 0, Gross's inequality itself; the tightening then costs 2/alpha.
    with working_precision(128):
        bound = line_tightened_bound((0, 0, Q(1, 2), 0, Q(1, 10**7)), arb(1))
    assert float(bound) == pytest.approx(0.5, rel=1e-5)
    assert tightened(arb(2), arb(0), arb(1)) <= 0.5


@pytest.mark.parametrize("tau", [1, Q(1, 4), Q(1, 20)])
def test_double_wells_stay_in_the_order_of_alpha(tau) -> None:
    density = LogPolynomialDensity((0, 0, Q(-1, 2) / tau, 0, Q(1, 4) / tau))
    found = log_sobolev_constant(density)
    assert float(found.lower) > 0.39 * float(found.upper)


@pytest.mark.parametrize(
    "density",
    [
        von_mises(1),
        von_mises(4),
        LogTrigDensity(TrigPolynomial((0, 1, Q(1, 2)), (Q(1, 3),))),
        TrigDensity(TrigPolynomial((1, Q(4, 5)), (Q(-1, 3),))),
    ],
)
def test_random_functions_respect_the_bound(density) -> None:
    """Plain sums on a grid: no function has a quotient below the certified lower bound."""
    lower = float(log_sobolev_constant(density).lower)
    x = 2 * np.pi * np.arange(400) / 400
    weight = (
        density.values(x) if isinstance(density, TrigDensity) else np.exp(-density.potential(x))
    )
    weight = weight / weight.sum()
    rng = np.random.default_rng(11)
    least = np.inf
    for scale in (0.3, 1.0, 3.0):
        for _ in range(200):
            r, slope = np.zeros_like(x), np.zeros_like(x)
            for k in range(1, 4):
                a, b = scale * rng.normal(size=2) / k
                r += a * np.cos(k * x) + b * np.sin(k * x)
                slope += -k * a * np.sin(k * x) + k * b * np.cos(k * x)
            trial = weight * np.exp(r - r.max())
            mass = trial.sum()
            entropy = trial @ (r - r.max()) / mass - np.log(mass)
            least = min(least, trial @ slope**2 / mass / (2 * entropy))
    assert lower <= least


def test_suprema_of_trees_are_bounded_even_around_zero() -> None:
    quotient = as_integrand(TrigPolynomial.sine(1)) * exp(TrigPolynomial.cosine(1))
    with working_precision(64):
        for tree, top in (
            (as_integrand(3), 3.0),
            (as_integrand(TrigPolynomial((1, 2))), 3.0),
            (quotient * quotient * -1, 0.0),
        ):
            assert top <= float(supremum(tree)) < top + 1e-3
