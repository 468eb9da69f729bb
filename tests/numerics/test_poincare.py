"""Poincare constants: published values, independent computations, and the traps."""

from fractions import Fraction as Q

import numpy as np
import pytest
from flint import acb, acb_mat, arb, arb_mat, arb_poly, ctx
from scipy import special
from scipy.linalg import eigh, eigh_tridiagonal

from mflverify.numerics.density import (
    Gaussian,
    LogPolynomialDensity,
    LogTrigDensity,
    TrigDensity,
    UniformTorus,
)
from mflverify.numerics.fourier_block import fourier_block, schroedinger_potential
from mflverify.numerics.inertia import UndecidedSignError, negative_eigenvalues
from mflverify.numerics.line_spectrum import Wells, _cut, as_ball
from mflverify.numerics.line_tail import nonnegative_beyond
from mflverify.numerics.poincare import (
    poincare_constant,
    poincare_constant_float,
    spectrum_enclosures,
)
from mflverify.numerics.precision import working_precision
from mflverify.numerics.spectral_densities import (
    Laplace,
    LogPolynomialInterval,
    LogTrigTorus,
    ProductMeasure,
    SechPower,
    Triangular,
    UniformInterval,
    logistic,
)
from mflverify.numerics.spectral_enclosure import Enclosure, NotEnclosedError, bracket_eigenvalue
from mflverify.numerics.sturm import End, SturmLiouville
from mflverify.numerics.torus_spectrum import ApproximatePotential, _bracket, torus_eigenvalues
from mflverify.numerics.trig import TrigPolynomial
from mflverify.numerics.trig_torus import rational_potential


def von_mises(kappa: int) -> LogTrigDensity:
    return LogTrigDensity(TrigPolynomial((0, -kappa)))


def quartic(temperature: Q) -> LogPolynomialDensity:
    """exp(-V/tau), V = x^4/4 - x^2/2."""
    return LogPolynomialDensity((0, 0, -1 / (2 * temperature), 0, 1 / (4 * temperature)))


def assert_digits(found: Enclosure, published: str, factor: int | Q = 1) -> None:
    """The enclosure times `factor` meets the decimal, which is rounded in its last digit."""
    half_unit = Q(1, 2 * 10 ** len(published.split(".")[1]))
    with working_precision(200):
        assert found.upper * as_ball(factor) >= as_ball(Q(published) - half_unit)
        assert found.lower * as_ball(factor) <= as_ball(Q(published) + half_unit)


class TestPublishedValues:
    @pytest.mark.parametrize(("kappa", "value"), [(1, "1.16549653046466"), (2, "1.64736539850416")])
    def test_von_mises(self, kappa: int, value: str) -> None:
        found = poincare_constant(von_mises(kappa), digits=14)
        assert_digits(found, value)
        assert found.relative_width <= 1e-14

    @pytest.mark.parametrize(
        ("temperature", "values"),
        [
            (Q(1), ["0.79208843", "3.54888918", "6.84354846"]),
            (Q(1, 4), ["0.18717042"]),
            (Q(1, 20), ["0.00277614"]),
        ],
    )
    def test_quartic_double_well(self, temperature: Q, values: list[str]) -> None:
        # Published for tau f'' - V' f': tau times the gap of exp(-V/tau).
        found = spectrum_enclosures(quartic(temperature), len(values))
        for enclosure, value in zip(found, values, strict=True):
            assert_digits(enclosure, value, temperature)
            assert enclosure.relative_width <= 1e-12

    def test_squared_well(self) -> None:
        found = spectrum_enclosures(LogPolynomialDensity((1, 0, -2, 0, 1)), 3)
        for enclosure, value in zip(
            found, ["0.74868167", "6.00411367", "11.66069556"], strict=True
        ):
            assert_digits(enclosure, value)

    def test_truncated_gaussian(self) -> None:
        found = poincare_constant(LogPolynomialInterval((0, 0, Q(1, 2)), -1, 1))
        assert found.lower <= 3 <= found.upper
        assert found.relative_width <= 1e-12

    @pytest.mark.parametrize(
        ("density", "value"),
        [
            (Gaussian(3, Q(1, 4)), 4),
            (LogPolynomialDensity((5, 1, Q(1, 2))), 1),
            (UniformTorus(1), 1),
            (UniformTorus(3), 1),
            (logistic(), Q(1, 4)),
            (Laplace(1), Q(1, 4)),
            (SechPower(1, 1), Q(1, 4)),
            (SechPower(4, 1), 3),
        ],
    )
    def test_closed_forms(self, density, value) -> None:
        found = poincare_constant(density)
        assert found.lower <= as_ball(value) <= found.upper
        assert found.relative_width <= 1e-15

    def test_uniform_interval_against_shooting(self) -> None:
        closed = spectrum_enclosures(UniformInterval(1, 3), 3)
        shot = spectrum_enclosures(LogPolynomialInterval((0,), 1, 3), 3)
        for j, (a, b) in enumerate(zip(closed, shot, strict=True), start=1):
            assert b.lower <= a.lower <= a.upper <= b.upper
            assert float(a.upper) == pytest.approx((j * np.pi / 2) ** 2, rel=1e-15)

    def test_triangular(self) -> None:
        found = poincare_constant(Triangular(1))
        assert 1 / float(found.upper) == pytest.approx(0.172915069030645, abs=1e-15)
        assert found.relative_width <= 1e-12


class TestIndependentComputations:
    @pytest.mark.parametrize("kappa", [1, 3])
    def test_weighted_galerkin_with_bessel_entries(self, kappa: int) -> None:
        # int mu f'g' against int mu f g in the Fourier basis: no Schroedinger transform.
        k = np.arange(-12, 13)
        mass = special.iv(np.subtract.outer(k, k), kappa)
        expected = eigh(np.outer(k, k) * mass, mass, eigvals_only=True)[1:5]
        found = spectrum_enclosures(von_mises(kappa), 4)
        assert [float(e.upper) for e in found] == pytest.approx(expected, rel=1e-9)

    @pytest.mark.parametrize(
        ("cosines", "sines"), [((1, Q(1, 2)), ()), ((3, 1, 0, Q(1, 2)), (0, 1))]
    )
    def test_trigonometric_density(self, cosines, sines) -> None:
        density = TrigDensity(TrigPolynomial(cosines, sines))
        found = spectrum_enclosures(density, 2)
        x = np.arange(1024) * 2 * np.pi / 1024
        coefficients = np.fft.fft(density.values(x)) / 1024
        k = np.arange(-100, 101)
        mass = coefficients[np.subtract.outer(k, k) % 1024]
        expected = eigh(np.outer(k, k) * mass, mass, eigvals_only=True)[1:3]
        assert [float(e.upper) for e in found] == pytest.approx(expected, rel=1e-10)
        assert all(e.relative_width <= 1e-12 for e in found)

    def test_finite_differences_for_a_sextic(self) -> None:
        coefficients = (0, 1, -3, Q(1, 3), 2, 0, Q(1, 10))
        p = np.array([float(c) for c in reversed(coefficients)])
        rough = []
        for n in (4000, 8000):
            x = np.linspace(-5, 5, n)
            h = x[1] - x[0]
            partner = np.polyval(np.polyder(p), x) ** 2 / 4 + np.polyval(np.polyder(p, 2), x) / 2
            rough.append(
                eigh_tridiagonal(
                    2 / h**2 + partner, -np.ones(n - 1) / h**2, select="i", select_range=(0, 2)
                )[0]
            )
        expected = (4 * rough[1] - rough[0]) / 3
        found = spectrum_enclosures(LogPolynomialDensity(coefficients), 3)
        assert [float(e.upper) for e in found] == pytest.approx(expected, rel=1e-7)

    def test_float_batch(self) -> None:
        rows = np.random.default_rng(7).normal(size=(5, 6))
        values = poincare_constant_float(rows)
        for row, value in zip(rows, values, strict=True):
            exact = [Q(float(c)) for c in row]
            density = LogTrigDensity(TrigPolynomial((0, *exact[:3]), exact[3:]))
            assert value == pytest.approx(float(poincare_constant(density).upper), rel=1e-11)

    def test_two_dimensions_against_galerkin(self) -> None:
        modes = {
            (1, 0): (-1, 0),
            (0, 1): (Q(-1, 2), 0),
            (1, 1): (Q(-2, 5), 0),
            (1, -1): (0, Q(1, 5)),
        }
        found = poincare_constant(LogTrigTorus(modes), digits=6)
        x = np.arange(64) * 2 * np.pi / 64
        u = sum(
            float(a) * np.cos(k[0] * x[:, None] + k[1] * x)
            + float(b) * np.sin(k[0] * x[:, None] + k[1] * x)
            for k, (a, b) in modes.items()
        )
        weight = np.fft.fft2(np.exp(-u)) / 64**2
        k = np.array([(i, j) for i in range(-7, 8) for j in range(-7, 8)])
        difference = k[:, None, :] - k[None, :, :]
        mass = weight[difference[..., 0] % 64, difference[..., 1] % 64]
        expected = eigh((k @ k.T) * mass, mass, eigvals_only=True)[1]
        assert float(found.upper) == pytest.approx(expected, rel=1e-6)
        assert found.relative_width <= 1e-6

    def test_separable_torus_is_the_least_factor(self) -> None:
        plane = poincare_constant(LogTrigTorus({(1, 0): (-1, 0), (0, 1): (0, -2)}), digits=8)
        factors = (von_mises(1), von_mises(2))
        product = poincare_constant(ProductMeasure(factors), digits=8)
        assert plane.lower <= product.upper
        assert product.lower <= plane.upper
        assert product.ball.overlaps(poincare_constant(von_mises(1), digits=8).ball)


class TestSmallGaps:
    def test_quartic_at_low_temperature(self) -> None:
        # Eyring-Kramers: each well leaves at rate sqrt(V''(1) |V''(0)|)/(2 pi tau) exp(-1/(4 tau)).
        temperature = Q(1, 400)
        found = poincare_constant(quartic(temperature))
        kramers = np.sqrt(2) / np.pi * 400 * np.exp(-100)
        assert float(found.upper) == pytest.approx(kramers, rel=0.01)
        assert found.relative_width <= 1e-12

    def test_torus_at_low_temperature(self) -> None:
        # Eyring-Kramers, two saddles: U'' = 120 at the wells and -120 at the saddles.
        found = poincare_constant(LogTrigDensity(TrigPolynomial((0, 0, -30))))
        assert float(found.upper) == pytest.approx(4 * 120 / (2 * np.pi) * np.exp(-60), rel=0.05)
        assert found.relative_width <= 1e-12

    @pytest.mark.parametrize("temperature", [Q(1, 100), Q(1, 1000)])
    def test_one_well_at_low_temperature(self, temperature: Q) -> None:
        # tau alpha tends to the least Hessian at the minimum: V = x^4/4 + x^2/2, V'' = 1.
        coefficients = (0, 0, 1 / (2 * temperature), 0, 1 / (4 * temperature))
        found = poincare_constant(LogPolynomialDensity(coefficients))
        assert found.relative_width <= 1e-12
        scaled = float(found.lower) * float(temperature)
        assert 0 < scaled - 1 < 5 * float(temperature)

    def test_a_gap_that_lives_where_the_mass_is_not(self) -> None:
        # One well, but a slow slope of mass exp(-46): truncation at that height gives 17.66.
        coefficients = (Q(19, 10), Q(-21, 10), Q(-11, 10), Q(-23, 10), Q(1, 2))
        found = poincare_constant(LogPolynomialDensity(coefficients))
        assert float(found.upper) == pytest.approx(3.67017151, rel=1e-8)


class TestTraps:
    def test_every_von_mises_eigenvalue_is_double(self) -> None:
        found = spectrum_enclosures(von_mises(1), 6)
        for first, second in zip(found[::2], found[1::2], strict=True):
            assert first.ball.overlaps(second.ball)
        assert found[1].upper < found[2].lower

    def test_the_interval_eigensolver_fails_where_the_count_does_not(self) -> None:
        cluster = [[2, 1, 1], [1, 2, 1], [1, 1, 2]]  # 1, 1, 4
        with pytest.raises(ValueError, match="fail"):
            acb_mat([[acb(x) for x in row] for row in cluster]).eig()
        shifted = [
            [arb(x) - (1.5 if i == j else 0) for j, x in enumerate(row)]
            for i, row in enumerate(cluster)
        ]
        assert negative_eigenvalues([arb_mat(shifted)]) == 2

    def test_inertia_refuses_a_matrix_that_is_not_symmetric(self) -> None:
        with pytest.raises(ValueError, match="symmetric"):
            negative_eigenvalues([arb_mat([[1, 5], [0, 1]])])

    def test_inertia_of_a_large_block_against_floats(self) -> None:
        rng = np.random.default_rng(3)
        a = rng.integers(-9, 10, size=(60, 60))
        a = a + a.T
        blocks = [arb_mat([[int(v) for v in row] for row in a])]
        with working_precision(300):
            assert negative_eigenvalues(blocks) == int((np.linalg.eigvalsh(a) < 0).sum())

    def test_inertia_of_coupled_blocks(self) -> None:
        diagonal = [arb_mat([[2, 1], [1, 2]]), arb_mat([[1]])]
        coupling = [arb_mat([[3], [0]])]
        dense = np.array([[2, 1, 3], [1, 2, 0], [3, 0, 1.0]])
        assert negative_eigenvalues(diagonal, coupling) == int(
            (np.linalg.eigvalsh(dense) < 0).sum()
        )

    def test_a_singular_matrix_is_undecided(self) -> None:
        with pytest.raises(UndecidedSignError):
            negative_eigenvalues([arb_mat([[1, 1], [1, 1]])])

    @pytest.mark.parametrize("bits", [20, 53, 400])
    @pytest.mark.parametrize("density", [von_mises(2), quartic(Q(1))])
    def test_the_callers_precision_is_neither_used_nor_changed(self, density, bits: int) -> None:
        expected = poincare_constant(density)
        with working_precision(bits):
            found = poincare_constant(density)
            assert ctx.prec == bits
        assert (found.lower, found.upper) == (expected.lower, expected.upper)

    def test_precision_is_restored_after_an_error(self) -> None:
        before = ctx.prec
        with pytest.raises(NotEnclosedError):
            poincare_constant(LogPolynomialDensity((0, 0, -20000, 0, 10000)))
        assert ctx.prec == before

    @pytest.mark.parametrize("cutoff", [1, 2, 3])
    def test_a_block_too_small_still_counts_correctly(self, cutoff: int) -> None:
        # Just above the double eigenvalue 1.647...; the tail of so small a block matters.
        with working_precision(128):
            u = {(1,): acb(-1), (-1,): acb(-1)}
            block = fourier_block(schroedinger_potential(u), cutoff)
            sigma = arb("1.64737")
            assert block.count_below(sigma) <= 3
            upper = block.count_below_at_most(sigma)
            assert upper is None or upper >= 3

    def test_the_block_alone_would_be_wrong(self) -> None:
        # Without the tail's correction the smallest block would claim one eigenvalue only.
        with working_precision(128):
            u = {(1,): acb(-1), (-1,): acb(-1)}
            block = fourier_block(schroedinger_potential(u), 2)
            sigma = arb("1.64737")
            assert block.count_below(sigma) < 3
            assert (block.count_below_at_most(sigma) or 0) >= 3


class TestCuttingTheLine:
    @pytest.mark.parametrize("end", [Q(3, 2), Q(2)])
    def test_free_and_clamped_ends_enclose_the_line(self, end: Q) -> None:
        # Both cuts have p'' >= sigma outside; so near, the two bounds differ visibly.
        with working_precision(160):
            p = [as_ball(c) for c in quartic(Q(1)).coefficients]
            problem = SturmLiouville(p, as_ball(-end), as_ball(end), arb(1), 160)
            truth = arb("0.7920884265")
            assert problem.count_below(truth, End.FREE) == 1
            assert problem.count_below(truth, End.CLAMPED) == 0

    def test_a_cut_too_near_certifies_nothing(self, monkeypatch) -> None:
        monkeypatch.setattr(Wells, "level_set", lambda *_: (-2.0, 2.0))
        with pytest.raises(NotEnclosedError):
            poincare_constant(quartic(Q(1)))

    @pytest.mark.parametrize("sigma", [1, 50])
    def test_the_cut_moves_out_until_the_tail_is_convex_enough(self, sigma: int) -> None:
        with working_precision(128):
            p = arb_poly([as_ball(c) for c in quartic(Q(1)).coefficients])
            right = _cut(p, 0.25, 0.0, +1, arb(sigma))
            left = _cut(p, -0.25, 0.0, -1, arb(sigma))
        for x in (left, right):
            assert 3 * x * x - 1 >= sigma
        assert left < 0 < right

    def test_what_is_not_negative_beyond_a_point(self) -> None:
        # x^2 - 1: beyond 1 and -1, not beyond 0.9.
        parabola = arb_poly([-1, 0, 1])
        assert nonnegative_beyond(parabola, arb(1), +1)
        assert nonnegative_beyond(parabola, arb(-1), -1)
        assert not nonnegative_beyond(parabola, arb(0.9), +1)
        assert not nonnegative_beyond(parabola, arb(0.9), -1)


class TestErrorOfThePotential:
    def test_the_interpolant_is_as_close_as_claimed(self) -> None:
        m = TrigPolynomial((1, Q(4, 5)), (Q(1, 10),))
        with working_precision(128):
            found = rational_potential(m, 1, 0)
        x = np.linspace(0, 2 * np.pi, 500)
        slope, curvature = m.derivative()(x), m.derivative(2)(x)
        exact = curvature / (2 * m(x)) - slope**2 / (4 * m(x) ** 2)
        interpolant = sum(
            complex(float(w.real.mid()), float(w.imag.mid())) * np.exp(1j * k[0] * x)
            for k, w in found.coefficients.items()
        )
        assert 1e-12 < np.abs(exact - interpolant).max() <= float(found.error)
        assert found.error < 1e-3

    @pytest.mark.parametrize("shift", ["0.05", "-0.05"])
    def test_both_ends_allow_for_it(self, shift: str) -> None:
        # Eigenvalues are moved by the whole error; the bracket must still contain 1.1654965.
        u = {(1,): acb(-1) / 2, (-1,): acb(-1) / 2}
        with working_precision(128):
            potential = schroedinger_potential(u)
            potential[(0,)] += arb(shift)
            block = fourier_block(potential, 12)
            bracket = _bracket(block, arb("0.05"), 1, arb("1.1654965") + arb(shift), 1)
        assert bracket.lower is not None
        assert bracket.upper is not None
        assert bracket.lower <= 1.16549653 <= bracket.upper

    def test_it_limits_what_can_be_proved(self) -> None:
        u = {(1,): acb(-1) / 2, (-1,): acb(-1) / 2}
        with pytest.raises(NotEnclosedError):
            torus_eigenvalues(
                lambda _: ApproximatePotential(schroedinger_potential(u), arb("1e-6")), 1, 12
            )


class TestSturm:
    def test_the_taylor_remainder_covers_the_truncation(self) -> None:
        # p = 0, sigma = 1: k = sin x. Few Taylor terms, evaluated at a far higher precision.
        with working_precision(600):
            problem = SturmLiouville([arb(0)], arb(0), arb(2), arb(2), 16)
            shot = problem.shoot(arb(1), End.CLAMPED)
            assert shot.end_value.contains(arb(2).sin())
            assert shot.end_slope.contains(arb(2).cos())
            assert shot.end_value.rad() > arb(2) ** -500

    @pytest.mark.parametrize("index", [1, 2, 3])
    def test_counts_step_at_the_eigenvalues(self, index: int) -> None:
        # -f'' on [0, pi]: free ends for f' give 0, 1, 4, ...; clamped give 1, 4, 9, ...
        with working_precision(128):
            problem = SturmLiouville([arb(0)], arb(0), arb.pi(), arb(30), 128)
            below, above = (
                arb(index**2) * (1 - arb(10) ** -20),
                arb(index**2) * (1 + arb(10) ** -20),
            )
            assert problem.count_below(below, End.CLAMPED) == index - 1
            assert problem.count_below(above, End.CLAMPED) == index
            assert problem.count_below(below, End.FREE) == index
            assert problem.count_below(above, End.FREE) == index + 1

    def test_zeros_closer_than_the_taylor_steps_would_be(self) -> None:
        # sin(20 x) on [0, pi]: with a thousand bits the series alone would allow steps that hold
        # two zeros, whose signs cancel.
        with working_precision(1024):
            problem = SturmLiouville([arb(0)], arb(0), arb.pi(), arb(500), 1024)
            assert problem.count_below(arb(400.5), End.CLAMPED) == 20
            assert problem.count_below(arb(399.5), End.CLAMPED) == 19

    def test_short_series_for_a_steep_potential(self) -> None:
        p = [arb(0), arb(0), arb(0), arb(0), arb(3)]
        with working_precision(600):
            sharp = SturmLiouville(p, arb(-1), arb(2), arb(5), 600).shoot(arb(4), End.CLAMPED)
            short = SturmLiouville(p, arb(-1), arb(2), arb(5), 16).shoot(arb(4), End.CLAMPED)
        assert short.end_value.overlaps(sharp.end_value)
        assert sharp.end_value.rad() < short.end_value.rad()

    def test_sigma_out_of_range(self) -> None:
        problem = SturmLiouville([arb(0)], arb(0), arb(1), arb(2), 64)
        with pytest.raises(ValueError, match="sigma must lie"):
            problem.shoot(arb(3), End.FREE)


class TestBracket:
    def test_a_wrong_guess_costs_time_not_correctness(self) -> None:
        truth = arb("0.0123")
        found = bracket_eigenvalue(lambda s: s <= truth, lambda s: s >= truth, arb(50), 10)
        assert found.tight
        assert found.lower is not None
        assert found.upper is not None
        assert found.lower <= truth <= found.upper

    def test_what_cannot_be_proved_is_not_claimed(self) -> None:
        found = bracket_eigenvalue(lambda s: s < 1, lambda s: s > 2, arb(1.5), 6)
        assert not found.tight
        assert found.lower is not None
        assert found.upper is not None
        assert found.lower < 1
        assert found.upper > 2


class TestBadInput:
    @pytest.mark.parametrize("digits", [0, 101])
    def test_digits(self, digits: int) -> None:
        with pytest.raises(ValueError, match="digits"):
            poincare_constant(von_mises(1), digits=digits)

    def test_count(self) -> None:
        with pytest.raises(ValueError, match="count"):
            spectrum_enclosures(von_mises(1), 0)

    def test_no_discrete_spectrum(self) -> None:
        with pytest.raises(ValueError, match="no spectrum"):
            spectrum_enclosures(logistic(), 1)

    def test_intervals(self) -> None:
        with pytest.raises(ValueError, match="lower must be below upper"):
            UniformInterval(1, 1)
        with pytest.raises(ValueError, match="lower must be below upper"):
            LogPolynomialInterval((0,), 2, 1)

    def test_scale(self) -> None:
        with pytest.raises(ValueError, match="scale must be positive"):
            Laplace(0)

    def test_a_potential_known_only_as_a_wide_ball_is_refused(self) -> None:
        density = LogTrigDensity(TrigPolynomial((0, arb(1, 0.1))))
        with pytest.raises(NotEnclosedError):
            poincare_constant(density)

    @pytest.mark.parametrize("rows", [np.zeros(4), np.zeros((2, 3)), np.full((1, 2), np.nan)])
    def test_float_batch(self, rows) -> None:
        with pytest.raises(ValueError, match="potential_coefficients"):
            poincare_constant_float(rows)

    def test_enclosure_ends(self) -> None:
        with pytest.raises(ValueError, match="lower must not exceed upper"):
            Enclosure(arb(2), arb(1), "", "")
