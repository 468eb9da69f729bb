"""Dual norms: closed forms E1-E7, two routes for random data, and bad input."""

from fractions import Fraction as Q

import mpmath
import numpy as np
import pytest
from flint import arb, fmpq, fmpq_poly
from numerics_oracle import as_arb, encloses, mp_trapezoid, random_trig

from mflverify.numerics.density import (
    Density,
    Gaussian,
    LogPolynomialDensity,
    LogTrigDensity,
    TrigDensity,
    UniformTorus,
)
from mflverify.numerics.dual_norm import (
    dual_norm_squared,
    flux_norm_squared,
    hermite_dual_norm_squared,
    line_moments,
    uniform_dual_norm_squared,
)
from mflverify.numerics.fourier_series import FourierSeries, fourier_series
from mflverify.numerics.integrand import VARIABLE, absolute, as_integrand, constant, exp
from mflverify.numerics.line_quadrature import WeightedLine
from mflverify.numerics.precision import digits_to_bits, working_precision
from mflverify.numerics.quadrature import periodic_integral
from mflverify.numerics.strips import Strip
from mflverify.numerics.trig import TrigPolynomial

x = VARIABLE
DOUBLE_WELL = LogPolynomialDensity((0, 0, Q(-1, 2), 0, Q(1, 4)))


def generator(phi: TrigPolynomial, U: TrigPolynomial) -> TrigPolynomial:
    """L phi = -phi'' + U' phi'."""
    return U.derivative() * phi.derivative() - phi.derivative(2)


# --- uniform tori ---------------------------------------------------------------------------------


def test_uniform_circle() -> None:
    """E2: f = s cos x + r cos 2x: s^2/2 + r^2/8, exactly."""
    s, r = Q(2, 3), Q(-3, 5)
    value = dual_norm_squared(TrigPolynomial((0, s, r)), UniformTorus())
    assert value == fmpq(2, 9) + fmpq(9, 200)
    assert dual_norm_squared(TrigPolynomial((0,)) + TrigPolynomial.sine(3), UniformTorus()) == fmpq(
        1, 18
    )


def test_uniform_tori_in_higher_dimension() -> None:
    modes = {(1, 2, 0): (1, Q(1, 2)), (0, 0, 3): (0, 2), (0, 0, 0): (0, 0)}
    assert uniform_dual_norm_squared(modes) == fmpq(1, 8) + fmpq(4, 18)
    # k and -k are one frequency: 3 cos + (1 - 2) sin.
    merged = {(1, -1): (1, 1), (-1, 1): (2, 2)}
    assert uniform_dual_norm_squared(merged) == fmpq(10, 4)
    with pytest.raises(ValueError, match="mean-zero, its mean is 1"):
        uniform_dual_norm_squared({(0, 0): (1, 0)})
    with pytest.raises(ValueError, match="same length"):
        uniform_dual_norm_squared({(0, 1): (1, 0), (1,): (1, 0)})


# --- weighted circles -----------------------------------------------------------------------------


@pytest.mark.parametrize("kappa", [Q(1, 10), Q(13, 10), Q(20), Q(100)])
@pytest.mark.parametrize("digits", [15, 40])
def test_von_mises(kappa: Q, digits: int) -> None:
    """E4: X(L cos) = I1/(k I0), X(L sin) = 1 - I1/(k I0)."""
    U = TrigPolynomial.cosine(1, -kappa)
    with working_precision(digits_to_bits(digits, 120)):
        k = arb(fmpq(kappa.numerator, kappa.denominator))
        ratio = k.bessel_i(1) / (k * k.bessel_i(0))
        exact = {TrigPolynomial.cosine(1): ratio, TrigPolynomial.sine(1): 1 - ratio}
    for phi, value in exact.items():
        ball = dual_norm_squared(generator(phi, U), LogTrigDensity(U), digits)
        assert ball.overlaps(value)
        assert arb(ball).rel_accuracy_bits() >= digits_to_bits(digits, 0)


@pytest.mark.parametrize("seed", range(8))
def test_flux_integral_against_the_potential(seed: int) -> None:
    """f = L phi: <f, L^{-1} f> = ||phi'||^2 by mpmath, not by the flux."""
    rng = np.random.default_rng(seed)
    U, phi = random_trig(rng, 3, 2), random_trig(rng, 5)
    value = dual_norm_squared(generator(phi, U), LogTrigDensity(U), 30)
    with mpmath.workdps(70):
        weight = exp(-as_integrand(U))
        energy = mp_trapezoid(phi.derivative() * phi.derivative() * weight, 300)
        reference = as_arb(energy / mp_trapezoid(weight, 300), "1e-55")
    assert encloses(value, reference)


@pytest.mark.parametrize("seed", range(6))
def test_trigonometric_density(seed: int) -> None:
    """The same with the density a polynomial p: f = -(p phi')'/p is a quotient, f p exact."""
    rng = np.random.default_rng(100 + seed)
    p = random_trig(rng, 2, 2)
    p = p - p.mean + 1 + sum((abs(Q(int(c.p), int(c.q))) for c in p.cosines[1:] + p.sines), Q(0))
    density, phi = TrigDensity(p), random_trig(rng, 4)
    source = -(density.values * phi.derivative()).derivative()
    value = dual_norm_squared(as_integrand(source) / as_integrand(density.values), density, 25)
    # E phi'^2 is rational: the mean of a product of polynomials.
    exact = (phi.derivative() * phi.derivative() * density.values).mean
    assert encloses(value, exact)
    assert arb(value).rel_accuracy_bits() > 80


def test_trigonometric_perturbation_of_a_trigonometric_density() -> None:
    density = TrigDensity(TrigPolynomial((1, Q(1, 2)), (Q(1, 3),)))
    f = TrigPolynomial.cosine(1) - (TrigPolynomial.cosine(1) * density.values).mean
    value = dual_norm_squared(f, density, 25)
    # Independent: the flux by hand, its constant by periodicity.
    G = as_integrand((f * density.values).antiderivative())
    inverse = 1 / as_integrand(density.values)
    A, B, C = (periodic_integral(inverse * G**k, 40) for k in range(3))
    assert arb(value).overlaps((C - B * B / A) / (2 * arb.pi()))


def test_analytic_perturbation_of_the_uniform_circle() -> None:
    """f = e^{cos x}/I0 - 1, X = sum_k 2 I_k^2/(I0^2 k^2)."""
    with working_precision(200):
        I0 = arb(1).bessel_i(0)
        f = exp(TrigPolynomial.cosine(1)) * (1 / I0) - 1
        exact = sum((2 * (arb(1).bessel_i(k) / I0) ** 2 / k**2 for k in range(1, 60)), arb(0))
    assert arb(dual_norm_squared(f, UniformTorus(), 30)).overlaps(exact)


@pytest.mark.parametrize("degree", [1, 2, 4])
def test_a_series_cut_off_early_gives_a_wide_ball(degree: int) -> None:
    """f = L cos under exp(2 cos x), its source f w known to a few frequencies only."""
    U = TrigPolynomial.cosine(1, -2)
    weight = exp(-as_integrand(U))
    source = fourier_series(generator(TrigPolynomial.cosine(1), U) * weight, 30, degree)
    inverse = fourier_series(1 / weight, 30)
    value = flux_norm_squared(source, inverse, fourier_series(weight, 30), 150)
    exact = arb(2).bessel_i(1) / (2 * arb(2).bessel_i(0))
    assert value.contains(exact.mid())
    exact_source = FourierSeries(source.polynomial, degree, Strip(arb(1), arb(0)))
    assert not flux_norm_squared(exact_source, inverse, fourier_series(weight, 30), 150).overlaps(
        exact
    )


# --- the line -------------------------------------------------------------------------------------


def test_hermite() -> None:
    assert dual_norm_squared(x**2 - 1, Gaussian()) == fmpq(1)
    assert dual_norm_squared(x - 3, Gaussian(3, Q(1, 2))) == fmpq(1, 4)
    assert hermite_dual_norm_squared(fmpq_poly([0]), Gaussian()) == 0


@pytest.mark.parametrize("seed", range(6))
def test_gaussian_polynomials_against_their_potential(seed: int) -> None:
    """f = -phi'' + (x - m) phi'/v: X = E phi'^2, exactly."""
    rng = np.random.default_rng(seed)
    density = Gaussian(Q(int(rng.integers(-3, 4)), 2), Q(int(rng.integers(1, 5)), 3))
    phi = fmpq_poly([int(c) for c in rng.integers(-5, 6, 6)])
    d = phi.derivative()
    f = density.potential_derivative * d - d.derivative()
    exact = WeightedLine(density).expectation(as_integrand(d * d))
    assert dual_norm_squared(as_integrand(f), density) == exact


@pytest.mark.parametrize("m", [Q(1, 10), Q(3, 2), Q(3)])
def test_shifted_gaussian_is_ein(m: Q) -> None:
    """E6: N(m, 1) against N(0, 1): X = Ein(m^2)."""
    value = arb(dual_norm_squared(exp(m * x - m * m / 2) - 1, Gaussian(), 25))
    with working_precision(200):
        z = arb(fmpq((m * m).numerator, (m * m).denominator))
        assert value.overlaps(z.ei() - arb.const_euler() - z.log())
    assert value.rel_accuracy_bits() > 80


@pytest.mark.parametrize(("m", "u"), [(Q(1, 2), Q(21, 100)), (Q(-1), Q(-7, 16))])
def test_gaussian_of_another_variance(m: Q, u: Q) -> None:
    """E7: N(m, 1 + u): X = int_0^1 [(1 - r^2u^2)^{-1/2} e^{m^2 r/(1 - ru)} - 1] dr/r."""
    root = {Q(21, 100): Q(11, 10), Q(-7, 16): Q(3, 4)}[u]
    shift = as_integrand(x - m)
    ratio = exp(x**2 * Q(1, 2) - shift**2 * Q(1, 2) / (1 + u)) * (1 / root)
    value = arb(dual_norm_squared(ratio - 1, Gaussian(), 20))
    with mpmath.workdps(40):
        a, b = mpmath.mpf(m.numerator) / m.denominator, mpmath.mpf(u.numerator) / u.denominator
        reference = mpmath.quad(
            lambda r: (mpmath.exp(a * a * r / (1 - r * b)) / mpmath.sqrt(1 - (r * b) ** 2) - 1) / r,
            [0, 0.5, 1],
        )
    assert value.overlaps(as_arb(reference, "1e-30"))
    assert value.rel_accuracy_bits() > 60


@pytest.mark.parametrize("coefficients", [(0, 1), (0, 1, 0, Q(1, 3)), (0, 0, 1, 2)])
def test_double_well_against_the_potential(coefficients: tuple[Q, ...]) -> None:
    """f = L phi for a polynomial phi: the Galerkin space contains it, X = E phi'^2."""
    phi = sum((c * x**k for k, c in enumerate(coefficients) if c), constant(0))
    d = phi.derivative()
    slope = -DOUBLE_WELL.log_weight.derivative()
    value = arb(dual_norm_squared(slope * d - d.derivative(), DOUBLE_WELL, 15))
    assert value.overlaps(arb(WeightedLine(DOUBLE_WELL, 40).expectation(d * d)))
    assert value.rel_accuracy_bits() > 48


@pytest.mark.parametrize("depth", [Q(1, 4), Q(5)])
def test_double_well_against_the_flux_in_floats(depth: Q) -> None:
    """f = x under exp(-depth (x^2 - 1)^2): X = (1/Z) int flux^2/w by sums in float64."""
    density = LogPolynomialDensity((depth, 0, -2 * depth, 0, depth))
    value = arb(dual_norm_squared(x, density, 12))
    assert value.rel_accuracy_bits() >= 39
    # flux/w is even: integrate from the left tail to zero only, where nothing cancels.
    t = np.linspace(-3.2, 0, 200_001)
    h = t[1] - t[0]
    w = np.exp(-float(depth) * (t * t - 1) ** 2)
    source = t * w
    flux = np.concatenate([[0.0], np.cumsum((source[1:] + source[:-1]) / 2)]) * h
    reference = np.trapezoid(flux**2 / w, t) / np.trapezoid(w, t)
    assert float(value) == pytest.approx(reference, rel=1e-6)


def test_moment_recurrence_encloses_the_moments() -> None:
    line = WeightedLine(DOUBLE_WELL, 40)
    for k, moment in enumerate(line_moments(DOUBLE_WELL, 12, 40)):
        assert moment.overlaps(arb(line.expectation(as_integrand(x) ** k)))
        assert moment.rel_accuracy_bits() > 80 or moment.contains(0)


# --- bad input ------------------------------------------------------------------------------------

COS = TrigPolynomial.cosine(1)


@pytest.mark.parametrize(
    ("f", "density"),
    [
        (COS + 1, UniformTorus()),
        (COS, LogTrigDensity(COS)),
        (COS, TrigDensity(COS + 2)),
        (x**2, Gaussian()),
        (x - 1, Gaussian()),
        (exp(x), Gaussian()),
        (x**2, DOUBLE_WELL),
        (constant(1), UniformTorus()),
        (constant(1), DOUBLE_WELL),
    ],
)
def test_not_mean_zero(f, density: Density) -> None:
    with pytest.raises(ValueError, match="f must be mean-zero"):
        dual_norm_squared(f, density)


@pytest.mark.parametrize(
    ("f", "density", "message"),
    [
        (COS, Gaussian(), None),
        (x, UniformTorus(), "must be 2 pi-periodic"),
        (exp(x) - 1, DOUBLE_WELL, "no dual norm is known"),
        (absolute(TrigPolynomial.sine(1)), UniformTorus(), "not certified analytic"),
        (COS, UniformTorus(2), "one-dimensional"),
    ],
)
def test_unsupported(f, density: Density, message: str | None) -> None:
    with pytest.raises(ValueError, match=message or "mean-zero"):
        dual_norm_squared(f, density)


def test_zero_perturbation() -> None:
    assert dual_norm_squared(TrigPolynomial(), UniformTorus()) == 0
    assert arb(dual_norm_squared(TrigPolynomial(), LogTrigDensity(COS))).contains(0)
    assert dual_norm_squared(constant(0), Gaussian()) == 0
