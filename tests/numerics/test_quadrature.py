"""Certified integrals: closed forms, mpmath, and the traps that wrong quadrature falls into."""

from fractions import Fraction as Q

import mpmath
import numpy as np
import pytest
from flint import acb, arb, ctx, fmpq, fmpq_poly
from numerics_oracle import as_arb, encloses, mp_trapezoid, random_trig

from mflverify.numerics.arithmetic import ComplexBalls, evaluate
from mflverify.numerics.density import Gaussian, LogPolynomialDensity, UniformTorus
from mflverify.numerics.fourier_series import (
    Sampling,
    fourier_series,
    grid_size,
    plan_sampling,
    sampled_series,
    trapezoid,
)
from mflverify.numerics.grid_arithmetic import PeriodicGrid
from mflverify.numerics.integrand import VARIABLE, absolute, as_integrand, constant, exp, log, sqrt
from mflverify.numerics.line_quadrature import (
    WeightedLine,
    gaussian_moment,
    growth,
    line_integral,
    tail_bound,
)
from mflverify.numerics.precision import digits_to_bits, working_precision
from mflverify.numerics.quadrature import (
    WeightedTorus,
    adaptive_integral,
    bilinear_integral,
    periodic_integral,
)
from mflverify.numerics.strips import Strip, best_strip, strip_bound
from mflverify.numerics.trig import TrigPolynomial

COS, SIN = as_integrand(TrigPolynomial.cosine(1)), as_integrand(TrigPolynomial.sine(1))
P = TrigPolynomial((1, 2, Q(1, 3)), (0, -1))
x = VARIABLE


# --- periodic integrals ---------------------------------------------------------------------------


@pytest.mark.parametrize("digits", [10, 50, 200])
def test_bessel(digits: int) -> None:
    """int exp(k cos x) cos nx dx = 2 pi I_n(k), to the digits asked for."""
    for n, k in ((0, Q(13, 10)), (1, Q(13, 10)), (2, Q(5)), (7, Q(1, 2))):
        value = periodic_integral(exp(k * COS) * TrigPolynomial.cosine(n), digits)
        with working_precision(digits_to_bits(digits, 80)):
            exact = 2 * arb.pi() * arb(fmpq(k.numerator, k.denominator)).bessel_i(n)
            assert encloses(value, exact.mid())
            assert value.rad() < arb(10) ** -digits * (k.numerator + 10) ** 2


@pytest.mark.parametrize("kappa", [200, 2000])
@pytest.mark.parametrize("turns", [Q(0), Q(1, 3), Q(1, 31)])
def test_narrow_peaks(kappa: int, turns: Q) -> None:
    """A peak of width 1/sqrt(kappa) anywhere: relative accuracy, where sampling rules see nothing.

    A 16-point sum is off by orders of magnitude when the peak falls between its points."""
    with working_precision(300):
        U = TrigPolynomial.cosine(1, kappa).shift_turns(turns)
        exact = 2 * arb.pi() * arb(kappa).bessel_i(0)
        naive = sum(evaluate(exp(U), PeriodicGrid(16)), arb(0)) * 2 * arb.pi() / 16
    value = periodic_integral(exp(U), 40)
    assert value.overlaps(exact)
    assert value.rel_accuracy_bits() > 125
    assert abs(naive / exact - 1) > 0.4


def test_aliasing_is_covered_by_the_remainder() -> None:
    """With too few points the sum is wrong by far more than rounding, and the ball knows it."""
    tree = exp(3 * COS)
    strip = best_strip(tree, -100.0)
    exact = 2 * arb.pi() * arb(3).bessel_i(0)
    for N in (2, 4, 8, 12):
        total = 2 * arb.pi() * sum(evaluate(tree, PeriodicGrid(N)), arb(0)) / N
        assert not total.overlaps(exact)
        assert (total + arb(0, (2 * arb.pi() * strip.aliasing(N)).upper())).contains(exact.mid())


@pytest.mark.parametrize("N", [3, 6, 10, 14])
def test_too_few_points_give_a_wide_ball(N: int) -> None:
    """Every coefficient of exp(3 cos x) from N samples, far from resolved: wide, never wrong."""
    tree = exp(3 * COS)
    plan = Sampling(N, 100, best_strip(tree, -10.0))
    value = trapezoid(tree, plan)
    series = sampled_series(tree, plan, N - 1)
    with working_precision(200):
        assert value.contains((2 * arb.pi() * arb(3).bessel_i(0)).mid())
        for k in range(N):
            a, b = series.frequency(k)
            assert a.contains((arb(3).bessel_i(k) * (2 if k else 1)).mid())
            assert b.contains(0)
    assert value.rel_accuracy_bits() < 60


def test_the_aliasing_bound_is_sharp() -> None:
    """1/(5/4 + cos x) has c_k = (4/3)(-1/2)^|k|: |c_k| attains a bound M e^{-a|k|}, so that its
    aliases attain the bound of `aliasing` when N is even, for every k."""
    strip = Strip(arb(2).log(), arb(4) / 3)
    for N in (5, 8):
        for k in range(N):
            aliases = sum(
                (
                    arb(4) / 3 * arb(-1) ** (k + m * N) * arb(2) ** -abs(k + m * N)
                    for m in range(-60, 61)
                    if m
                ),
                arb(0),
            )
            assert abs(aliases) <= strip.aliasing(N, k) * (1 + arb("1e-12"))
            if N % 2 == 0:
                assert abs(aliases) >= strip.aliasing(N, k) * (1 - arb("1e-12"))


def test_aliasing_raises_beyond_the_resolved_frequencies() -> None:
    strip = Strip(arb(1), arb(2))
    assert strip.aliasing(8, 7) > 0
    with pytest.raises(ValueError, match="frequency 8 is not resolved by N = 8"):
        strip.aliasing(8, 8)


@pytest.mark.parametrize("k", [40, 64, 129])
def test_high_frequencies_integrate_to_zero(k: int) -> None:
    """cos kx is 1 on every grid of k points: a rule with a fixed N would return 2 pi."""
    value = periodic_integral(as_integrand(TrigPolynomial.cosine(k)), 20)
    assert value.contains(0)
    assert value.rad() < arb("1e-15")
    weighted = periodic_integral(TrigPolynomial.cosine(k) * exp(COS), 20)
    assert weighted.overlaps(2 * arb.pi() * arb(1).bessel_i(k))


@pytest.mark.parametrize(
    ("tree", "closed"),
    [
        (1 / (2 + COS), lambda: 2 * arb.pi() / arb(3).sqrt()),
        (1 / (1 + Q(1, 1000) + COS), lambda: 2 * arb.pi() / (arb(2001) / 10**6).sqrt()),
        (log(2 + COS), lambda: 2 * arb.pi() * (1 + arb(3).sqrt() / 2).log()),
        (absolute(2 + COS), lambda: 4 * arb.pi()),
        ((Q(5, 4) + COS) ** -1 * TrigPolynomial.cosine(2), lambda: 2 * arb.pi() / 3),
        (constant(3), lambda: 6 * arb.pi()),
    ],
)
def test_closed_forms(tree, closed) -> None:
    value = periodic_integral(tree, 30)
    assert value.rel_accuracy_bits() > 98
    with working_precision(200):
        assert value.overlaps(closed())


def test_kullback_leibler_divergence_of_a_cosine() -> None:
    """E2: KL((1 + s cos x) dx/2pi | dx/2pi) = log((1 + c)/2) + 1 - c, c = sqrt(1 - s^2)."""
    ratio = 1 + Q(3, 5) * COS
    value = periodic_integral(ratio * log(ratio), 40) / (2 * arb.pi())
    c = arb(4) / 5
    assert value.overlaps(((1 + c) / 2).log() + 1 - c)


def test_root_and_quotient_against_mpmath() -> None:
    tree = sqrt(2 + SIN) * exp(COS) / (3 + TrigPolynomial.cosine(2))
    with mpmath.workdps(50):
        assert encloses(periodic_integral(tree, 30), as_arb(mp_trapezoid(tree, 400)))


@pytest.mark.parametrize(
    "tree",
    [
        absolute(SIN),
        sqrt(1 + COS),
        1 / COS,
        log(SIN),
        (2 * SIN + 1) ** Q(1, 3),
        exp(1 / COS),
        absolute(COS) * exp(SIN),
        (1 + COS) ** -1,
    ],
)
def test_not_analytic_is_an_error(tree) -> None:
    with pytest.raises(ValueError, match="not certified analytic"):
        periodic_integral(tree)


def test_an_analytic_disguise_is_refused_too() -> None:
    """sqrt(cos^2) is |cos|: finite and smooth-looking at grid points, not analytic."""
    with pytest.raises(ValueError, match="not certified analytic"):
        periodic_integral(sqrt(COS * COS))


def test_not_periodic_is_an_error() -> None:
    with pytest.raises(ValueError, match="must be 2 pi-periodic"):
        periodic_integral(x * COS)
    with pytest.raises(ValueError, match="digits must be at least 1"):
        periodic_integral(exp(COS), 0)
    with pytest.raises(ValueError, match="more than"):
        grid_size(1e7)


def test_strip_bounds_hold() -> None:
    """M dominates |f| at random points of the strip, for majorants and for box coverings."""
    rng = np.random.default_rng(1)
    for tree, a in ((P * exp(SIN + COS), 1.0), (exp(P) / (4 + SIN), 0.5), (log(3 + SIN), 1.0)):
        bound = strip_bound(as_integrand(tree), arb(a))
        assert bound is not None
        for u, v in rng.uniform(-1, 1, (200, 2)):
            z = acb(float(u) * 3.2, float(v) * a)
            assert abs(_complex_value(tree, z)) <= bound
    assert strip_bound(1 / (2 + COS), arb(1.4)) is None  # the pole is at height 1.317


def _complex_value(tree, z: acb) -> arb:
    return evaluate(as_integrand(tree), ComplexBalls(z, analytic=True))


# --- series and weights ---------------------------------------------------------------------------


def test_fourier_series_encloses_every_coefficient() -> None:
    series = fourier_series(exp(2 * COS), 30)
    with working_precision(300):
        for k in (0, 1, 5, series.degree, series.degree + 1, series.degree + 20):
            a, b = series.frequency(k)
            exact = arb(2).bessel_i(k) * (2 if k else 1)
            assert a.overlaps(exact)
            assert b.contains(0)
    assert series.tail < arb("1e-30")
    short = fourier_series(exp(2 * COS), 30, degree=2)
    assert short.degree == 2
    assert short.frequency(2)[0].rel_accuracy_bits() > 90
    assert short.tail > 2 * arb(2).bessel_i(3)


def test_fourier_series_of_a_polynomial_is_exact() -> None:
    series = fourier_series(P, 30)
    assert series.polynomial == P
    assert series.tail == 0
    truncated = fourier_series(P, 30, degree=1)
    assert encloses(truncated.polynomial.frequency(1)[0], fmpq(2))
    with pytest.raises(ValueError, match="degree must not be negative"):
        fourier_series(P, 30, degree=-1)


@pytest.mark.parametrize("s", [-1, 0, 1, 2])
def test_weighted_torus_against_mpmath(s: int) -> None:
    U = TrigPolynomial((Q(1, 4), 1, Q(-1, 2)), (Q(1, 3),))
    weighted = WeightedTorus(U, 40)
    for degree in (0, 3, 9):
        p = random_trig(np.random.default_rng(degree), degree)
        with mpmath.workdps(60):
            reference = as_arb(mp_trapezoid(p * exp(s * as_integrand(U)), 256), "1e-50")
        assert encloses(weighted.integral(p, s), reference)
        assert weighted.integral(p, s).overlaps(periodic_integral(p * exp(s * as_integrand(U)), 40))


def test_weighted_torus_beyond_its_resolution_is_wide_not_wrong() -> None:
    weighted = WeightedTorus(TrigPolynomial.cosine(1, -1), 10)
    k = weighted.series(-1).degree + 5
    value = weighted.integral(TrigPolynomial.cosine(k))
    with working_precision(500):
        assert value.overlaps(2 * arb.pi() * arb(1).bessel_i(k))
    assert value.rel_accuracy_bits() <= 0


def test_weighted_torus_is_a_probability() -> None:
    weighted = WeightedTorus(TrigPolynomial.cosine(1, -2), 30)
    assert weighted.expectation(1).contains(1)
    ratio = arb(2).bessel_i(1) / arb(2).bessel_i(0)
    assert weighted.expectation(TrigPolynomial.cosine(1)).overlaps(ratio)


def test_bilinear_integral_is_the_double_integral() -> None:
    kernel = [[1, Q(1, 2), 0], [2, 0, -1], [0, 1, 1]]
    left, right = WeightedTorus(TrigPolynomial.sine(1), 30), WeightedTorus(P * Q(1, 4), 30)
    value = bilinear_integral(kernel, left.basis_integrals(1), right.basis_integrals(1, 1))
    waves = [TrigPolynomial((1,)), TrigPolynomial.cosine(1), TrigPolynomial.sine(1)]
    total = arb(0)
    for i, row in enumerate(kernel):
        for j, c in enumerate(row):
            total += fmpq(Q(c).numerator, Q(c).denominator) * (
                left.integral(waves[i]) * right.integral(waves[j], 1)
            )
    assert value.overlaps(total)
    with pytest.raises(ValueError, match="as many basis integrals"):
        bilinear_integral(kernel, left.basis_integrals(0), right.basis_integrals(1))
    with pytest.raises(ValueError, match="odd numbers"):
        bilinear_integral([[1, 2]], [arb(1)], [arb(1)])


# --- Arb's adaptive rule --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tree", "a", "b", "closed"),
    [
        (sqrt(x), 1, 4, lambda: arb(14) / 3),
        (log(x), 1, 9, lambda: 9 * arb(9).log() - 8),
        (x ** Q(1, 3), 1, 8, lambda: arb(45) / 4),
        (absolute(x), -1, 2, lambda: arb(5) / 2),
        (absolute(SIN), 0, 7, lambda: 5 - (7 - 2 * arb.pi()).cos()),
        (sqrt(x * x), -2, 3, lambda: arb(13) / 2),
        (exp(-1000 * (x - Q(1, 3)) ** 2), -1, 2, (arb.pi() / 1000).sqrt),
        (1 / (1 + x * x), -1, 1, lambda: arb.pi() / 2),
    ],
)
def test_adaptive_integral(tree, a, b, closed) -> None:
    """Roots, logarithms, absolute values: wrong digits if the analytic flag were ignored."""
    value = adaptive_integral(tree, a, b, 20)
    with working_precision(150):
        assert value.overlaps(closed() + arb(0, "1e-80"))
    assert value.rad() < arb("1e-6")


def test_ignoring_the_flag_would_show() -> None:
    """The trap itself: Arb's integrator with the flag dropped misses int_1^4 sqrt."""
    wrong = acb.integral(lambda z, _: z.sqrt(), 1, 4).real
    assert not wrong.overlaps(arb(14) / 3)


def test_adaptive_integral_refuses_poles_and_bad_limits() -> None:
    with pytest.raises(ValueError, match="not bounded"):
        adaptive_integral(1 / x, -1, 1)
    with pytest.raises(ValueError, match="limit must be"):
        adaptive_integral(x, 0.0, 1)  # type: ignore[arg-type]


# --- the line -------------------------------------------------------------------------------------

DOUBLE_WELL = LogPolynomialDensity((0, 0, Q(-1, 2), 0, Q(1, 4)))


def test_gaussian_moments_are_exact() -> None:
    assert line_integral(x**4, Gaussian(1, 2)) == fmpq(25)
    assert line_integral(3, Gaussian()) == fmpq(3)
    assert gaussian_moment(fmpq_poly([0] * 6 + [1]), Gaussian()) == fmpq(15)


def test_gaussian_tilts_by_completing_the_square() -> None:
    assert line_integral(x**2 * exp(x), Gaussian()).overlaps(2 * (arb(1) / 2).exp())
    value = line_integral(exp(x * x * Q(1, 4) + x) * (x + 1), Gaussian(Q(1, 2), Q(3, 4)), 30)
    with mpmath.workdps(50):
        reference = mpmath.quad(
            lambda t: mpmath.exp(t * t / 4 + t - (t - 0.5) ** 2 / 1.5) * (t + 1),
            [-30, -10, 0, 2, 4, 6, 10, 30],
        ) / mpmath.sqrt(1.5 * mpmath.pi)
    assert encloses(value, as_arb(reference, "1e-40")) or value.overlaps(as_arb(reference, "1e-30"))


def test_characteristic_function() -> None:
    value = line_integral(COS * x**2, Gaussian(), 30)
    assert value.contains(0)
    assert line_integral(COS, Gaussian(), 30).overlaps((-arb(1) / 2).exp())


def test_double_well_normalisation_is_a_bessel_function() -> None:
    """int exp(x^2/2 - x^4/4) = (pi/2) e^{1/8} (I_{-1/4} + I_{1/4})(1/8)."""
    value = WeightedLine(DOUBLE_WELL, 50).normalisation
    with working_precision(300):
        z = arb(1) / 8
        bessel = z.bessel_i(arb(1) / 4) + z.bessel_i(-arb(1) / 4)
        assert value.overlaps(arb.pi() / 2 * z.exp() * bessel)
    assert value.rel_accuracy_bits() > 160


def test_moment_recurrence_of_a_log_polynomial_density() -> None:
    """E p'(x) x^k = k E x^{k-1}."""
    line = WeightedLine(LogPolynomialDensity((0, 1, Q(-1, 2), 0, Q(1, 4))), 30)
    slope = 1 - x + x**3
    for k in range(5):
        left = arb(line.expectation(slope * x**k))
        assert left.overlaps(k * arb(line.expectation(x ** max(k - 1, 0))))


@pytest.mark.parametrize("R", [2, 3])
def test_truncation_too_early_gives_a_wide_ball(R: int) -> None:
    line = WeightedLine(DOUBLE_WELL, 30)
    value = line.truncated_integral(x**2, R)
    assert value.contains(line.integral(x**2).mid())
    assert value.rel_accuracy_bits() < 30
    with pytest.raises(ValueError, match="no tail bound beyond R = 1"):
        line.truncated_integral(x**4, 1)


def test_tails_are_bounded_from_above() -> None:
    potential = DOUBLE_WELL.potential
    for R in (4, 6):
        bound = tail_bound(growth(as_integrand(x**4)), potential, R)
        assert bound is not None
        actual = 2 * adaptive_integral(x**4 * DOUBLE_WELL.weight, R, R + 8, 20)
        assert actual.upper() < bound < 4 * actual
    assert tail_bound(growth(x**4), potential, 1) is None
    assert tail_bound(growth(x**4 * exp(x**4)), potential, 50) is None


@pytest.mark.parametrize(
    ("tree", "density", "message"),
    [
        (exp(x**4), Gaussian(), "grows too fast"),
        (exp(x**2), Gaussian(), "grows too fast"),
        (exp(x**4), DOUBLE_WELL, "grows too fast"),
        (1 / (1 + x**2), DOUBLE_WELL, "no bound at infinity is known for a quotient"),
        (exp(absolute(x)), DOUBLE_WELL, "exp of a function not a polynomial"),
        (log(1 + x**2), DOUBLE_WELL, "logarithm"),
        (sqrt(1 + x**2), DOUBLE_WELL, "the power 1/2"),
        (x, UniformTorus(), "must be Gaussian or log-polynomial"),
    ],
)
def test_line_refusals(tree, density, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        line_integral(tree, density)


def test_precision_is_restored() -> None:
    before = ctx.prec
    WeightedLine(DOUBLE_WELL, 20).expectation(x**2)
    periodic_integral(exp(COS), 60)
    plan_sampling(exp(COS), 60)
    assert ctx.prec == before
