"""W2^2: closed forms, independent quantile computations, linear programming."""

import sys
from fractions import Fraction as Q

import numpy as np
import pytest
from flint import arb, ctx
from scipy import special
from scipy.optimize import linear_sum_assignment

from mflverify.numerics import wasserstein_certified
from mflverify.numerics.cumulative import Primitive, QuantileError, integral
from mflverify.numerics.density import (
    Gaussian,
    LogPolynomialDensity,
    LogTrigDensity,
    TrigDensity,
    UniformTorus,
)
from mflverify.numerics.jets import (
    LogPolynomialJet,
    LogTrigonometricJet,
    TrigonometricJet,
    divide,
    exponential,
    multiply,
    sine_cosine,
    variable,
)
from mflverify.numerics.line_tail import TailError, tail_moment
from mflverify.numerics.precision import working_precision
from mflverify.numerics.trig import TrigPolynomial
from mflverify.numerics.wasserstein import (
    wasserstein_squared,
    wasserstein_squared_circle_densities,
    wasserstein_squared_circle_samples,
    wasserstein_squared_line_samples,
    wasserstein_squared_points,
)

DOUBLE_WELL = LogPolynomialDensity((0, 0, Q(-1, 2), 0, Q(1, 4)))


class TestClosedForms:
    def test_gaussians(self) -> None:
        found = wasserstein_squared(Gaussian(1, Q(1, 4)), Gaussian(-1, 4))
        assert found.lower <= arb("6.25") <= found.upper
        assert found.relative_width < 1e-30

    def test_gaussians_through_the_quantile_map(self) -> None:
        # N(0, 1) and N(1, 4) as log-polynomials: 1 + (2 - 1)^2 = 2.
        found = wasserstein_certified.wasserstein_squared_log_polynomials(
            (0, 0, Q(1, 2)), (0, Q(-1, 4), Q(1, 8))
        )
        assert found.lower <= 2 <= found.upper
        assert found.relative_width < 1e-8

    def test_what_lies_in_the_tails_is_bounded_not_forgotten(self, monkeypatch) -> None:
        # Cut where the density is exp(-4) of its maximum: wide, but the value is inside.
        monkeypatch.setattr(wasserstein_certified, "_COST_HEIGHTS", (4.0,))
        found = wasserstein_certified.wasserstein_squared_log_polynomials(
            (0, 0, Q(1, 2)), (0, Q(-1, 4), Q(1, 8))
        )
        assert found.lower < 1.99
        assert found.upper >= 2

    @pytest.mark.parametrize("c", [Q(1, 10), Q(1, 2), Q(9, 10)])
    def test_cosine_density_and_the_uniform_circle(self, c: Q) -> None:
        # T(x) = x + c sin x from 1 + c cos x to the uniform law; W2^2 = c^2/2.
        density, uniform = TrigDensity(TrigPolynomial((1, c))), UniformTorus(1)
        for pair in ((density, uniform), (uniform, density)):
            found = wasserstein_squared(*pair)
            exact = arb((c * c).numerator) / (2 * (c * c).denominator)
            assert found.lower <= exact + exact * 1e-15
            assert found.upper >= exact - exact * 1e-15
            assert found.relative_width < 1e-7

    def test_a_translation_on_the_line(self) -> None:
        # p(x - 1) against p: W2^2 = 1.
        moved = (Q(-1, 4), 0, Q(1), -1, Q(1, 4))
        found = wasserstein_squared(DOUBLE_WELL, LogPolynomialDensity(moved))
        assert found.lower <= 1 <= found.upper
        assert found.relative_width < 1e-7

    def test_a_measure_and_itself(self) -> None:
        density = LogTrigDensity(TrigPolynomial((0, 1), (Q(1, 2),)))
        found = wasserstein_squared(density, density)
        assert found.lower == 0
        assert found.upper < 1e-12


class TestIndependentComputations:
    def test_double_well_and_gaussian(self) -> None:
        x = np.linspace(-9, 9, 400001)
        cumulative = np.cumsum(np.exp(x**2 / 2 - x**4 / 4))
        levels = (np.arange(2_000_000) + 0.5) / 2_000_000
        quantiles = np.interp(levels, cumulative / cumulative[-1], x + (x[1] - x[0]) / 2)
        expected = np.mean((quantiles - special.ndtri(levels)) ** 2)
        for pair in ((DOUBLE_WELL, Gaussian()), (Gaussian(), DOUBLE_WELL)):
            found = wasserstein_squared(*pair)
            assert float(found.upper) == pytest.approx(expected, rel=1e-4)
            assert found.relative_width < 1e-7

    def test_circle_densities_in_floats(self) -> None:
        u, v = TrigPolynomial((0, -1)), TrigPolynomial((0, Q(-1, 2)), (Q(3, 10),))
        found = wasserstein_squared(LogTrigDensity(u), LogTrigDensity(v))
        x = np.arange(2048) * 2 * np.pi / 2048
        expected = wasserstein_squared_circle_densities(
            np.exp(-u(x))[None, :], np.exp(-v(x))[None, :]
        )[0]
        assert float(found.upper) == pytest.approx(expected, rel=1e-5)
        assert found.relative_width < 1e-7

    def test_opposite_peaks_need_both_ways_round(self) -> None:
        # Mass leaves the peak both ways; cutting at one side only would cost about pi^2.
        u = TrigPolynomial((0, -3))
        found = wasserstein_squared(LogTrigDensity(u), LogTrigDensity(-u))
        x = (np.arange(400) + 0.5) * 2 * np.pi / 400
        grid = np.linspace(0, 2 * np.pi, 20001)
        samples = []
        for sign in (1, -1):
            cumulative = np.cumsum(np.exp(sign * 3 * np.cos(grid)))
            samples.append(np.interp(x / (2 * np.pi), cumulative / cumulative[-1], grid))
        discrete = wasserstein_squared_circle_samples(samples[0][None], samples[1][None])[0]
        assert float(found.upper) == pytest.approx(discrete, rel=1e-2)
        assert found.upper < 8

    def test_circle_samples_against_assignment(self) -> None:
        rng = np.random.default_rng(5)
        x, y = rng.uniform(0, 2 * np.pi, (6, 9)), rng.normal(2.0, 1.0, (6, 9))
        found = wasserstein_squared_circle_samples(x, y)
        for row in range(6):
            difference = x[row][:, None] - y[row]
            cost = (difference - 2 * np.pi * np.round(difference / (2 * np.pi))) ** 2
            rows, columns = linear_sum_assignment(cost)
            assert found[row] == pytest.approx(cost[rows, columns].mean(), rel=1e-12)

    def test_line_samples_against_assignment(self) -> None:
        rng = np.random.default_rng(6)
        x, y = rng.normal(size=(4, 8)), rng.exponential(size=(4, 8))
        found = wasserstein_squared_line_samples(x, y)
        for row in range(4):
            cost = (x[row][:, None] - y[row]) ** 2
            rows, columns = linear_sum_assignment(cost)
            assert found[row] == pytest.approx(cost[rows, columns].mean(), rel=1e-12)


class TestLinearProgramming:
    def test_the_plane_against_assignment(self) -> None:
        rng = np.random.default_rng(8)
        x, y = rng.normal(size=(7, 2)), rng.normal(size=(7, 2))
        cost = ((x[:, None] - y) ** 2).sum(axis=2)
        rows, columns = linear_sum_assignment(cost)
        expected = cost[rows, columns].mean()
        assert wasserstein_squared_points(x, y) == pytest.approx(expected, rel=1e-12)

    def test_the_torus_goes_the_short_way(self) -> None:
        found = wasserstein_squared_points([[0.1, 0.0]], [[6.2, 0.0]], period=2 * np.pi)
        assert found == pytest.approx((2 * np.pi - 6.1) ** 2)

    def test_weights(self) -> None:
        found = wasserstein_squared_points([[0.0]], [[1.0], [2.0]], None, [0.25, 0.75])
        assert found == pytest.approx(0.25 + 0.75 * 4)

    def test_without_the_library_the_error_says_what_to_install(self, monkeypatch) -> None:
        monkeypatch.setitem(sys.modules, "ot", None)
        with pytest.raises(ModuleNotFoundError, match="pip install pot"):
            wasserstein_squared_points([[0.0]], [[1.0]])

    def test_bad_input(self) -> None:
        with pytest.raises(ValueError, match="weights_y"):
            wasserstein_squared_points([[0.0]], [[1.0]], None, [0.5])
        with pytest.raises(ValueError, match="one dimension"):
            wasserstein_squared_points([[0.0]], [[1.0, 2.0]])
        with pytest.raises(ValueError, match="period"):
            wasserstein_squared_points([[0.0]], [[1.0]], period=0.0)


class TestPieces:
    def test_jets_against_closed_forms(self) -> None:
        x = variable(arb("0.3"), 9)
        e = exponential(x)
        for n, c in enumerate(e):
            assert c.overlaps(arb("0.3").exp() / arb.fac_ui(n))
        sine, cosine = sine_cosine(x)
        unit = [a + b for a, b in zip(multiply(sine, sine), multiply(cosine, cosine), strict=True)]
        assert unit[0].contains(1)
        assert all(c.contains(0) for c in unit[1:])
        back = divide(multiply(e, sine), e)
        assert all(a.overlaps(b) for a, b in zip(back, sine, strict=True))

    @pytest.mark.parametrize("order", [3, 4, 8])
    def test_integrals_contain_the_value_at_any_order(self, order: int) -> None:
        with working_precision(128):
            nodes = [arb(j) / 4 for j in range(9)]
            found = integral(exponential, nodes, order)
            assert found.contains(arb(2).exp() - 1)
            assert found.rad() < arb(0.2) ** (order - 2)

    @pytest.mark.parametrize("order", [4, 5, 12])
    def test_the_normal_distribution_function(self, order: int) -> None:
        with working_precision(128):
            density = LogPolynomialJet((arb(0), arb(0), arb(0.5)))
            primitive = Primitive(density, [arb(j) / 8 for j in range(17)], order)
            for j in (3, 16):
                x = arb(j) / 8
                exact = (arb.pi() / 2).sqrt() * (x / arb(2).sqrt()).erf()
                assert primitive.values[j].contains(exact)
                if j < 16:
                    assert primitive.inverse(exact).contains(x)

    def test_levels_out_of_range(self) -> None:
        primitive = Primitive(exponential, [arb(0), arb(1)], 8)
        with pytest.raises(QuantileError, match="not within"):
            primitive.inverse(arb(5))

    def test_the_density_must_be_positive(self) -> None:
        with pytest.raises(ValueError, match="positive"):
            Primitive(TrigonometricJet({1: (arb(1), arb(0))}, arb(4)), [arb(-1), arb(1)], 4)

    def test_nodes_must_increase(self) -> None:
        with pytest.raises(ValueError, match="increase"):
            Primitive(exponential, [arb(1), arb(0)], 4)

    def test_a_narrow_peak_is_not_missed(self) -> None:
        # exp(2000 cos) on coarse nodes: the ball may be wide, but it contains the value.
        with working_precision(256):
            density = LogTrigonometricJet({1: (arb(-2000), arb(0))}, 2 * arb.pi())
            exact = arb(2000).bessel_i(0)
            coarse = integral(density, [arb(j) / 7 for j in range(8)], 8)
            assert coarse.overlaps(exact)
            fine = integral(density, [arb(j) / 512 for j in range(513)], 24)
            assert fine.contains(exact)
            assert fine.rel_accuracy_bits() > 40

    @pytest.mark.parametrize("direction", [-1, 1])
    def test_gaussian_tails(self, direction: int) -> None:
        with working_precision(128):
            p, at = [arb(0), arb(0), arb(0.5)], arb(direction * 6)
            mass = (arb.pi() / 2).sqrt() * (arb(6) / arb(2).sqrt()).erfc()
            bound = tail_moment(p, [arb(1)], at, direction)
            assert mass <= bound <= mass * 1.1
            second = 6 * arb(-18).exp() + mass
            bound = tail_moment(p, [arb(0), arb(0), arb(1)], at, direction)
            assert second <= bound <= second * 1.1

    def test_an_exponential_tail_is_exact(self) -> None:
        # int_1^inf x^3 exp(-x) dx = 16/e.
        with working_precision(128):
            bound = tail_moment([arb(0), arb(1)], [arb(0), arb(0), arb(0), arb(1)], arb(1), 1)
            exact = 16 * arb(-1).exp()
            assert exact <= bound + exact * arb(2) ** -100
            assert bound <= exact * (1 + arb(2) ** -100)

    def test_a_tail_that_is_not_convex_is_refused(self) -> None:
        with pytest.raises(TailError):
            tail_moment([arb(0), arb(0), arb(-1), arb(0), arb(1)], [arb(1)], arb(0.1), 1)


class TestBadInput:
    def test_spaces_must_agree(self) -> None:
        with pytest.raises(ValueError, match="on the line or on the circle"):
            wasserstein_squared(Gaussian(), UniformTorus(1))
        with pytest.raises(ValueError, match="on the line or on the circle"):
            wasserstein_squared(UniformTorus(2), UniformTorus(2))

    def test_shapes(self) -> None:
        with pytest.raises(ValueError, match="one shape"):
            wasserstein_squared_line_samples([[1.0]], [[1.0, 2.0]])
        with pytest.raises(ValueError, match="finite"):
            wasserstein_squared_circle_samples([[np.nan]], [[1.0]])
        with pytest.raises(ValueError, match="positive"):
            wasserstein_squared_circle_densities([[1.0, 0.0]], [[1.0, 1.0]])

    def test_the_callers_precision_is_neither_used_nor_changed(self) -> None:
        expected = wasserstein_squared(DOUBLE_WELL, Gaussian())
        with working_precision(24):
            found = wasserstein_squared(DOUBLE_WELL, Gaussian())
            assert ctx.prec == 24
        assert (found.lower, found.upper) == (expected.lower, expected.upper)
