"""Several variables: polynomials, tensor quadrature, dual norms from both sides."""

from fractions import Fraction as Q

import mpmath
import numpy as np
import pytest
from flint import arb, fmpq
from numerics_oracle import as_arb, encloses, finite_volume_dual_norm

from mflverify.numerics import torus_quadrature
from mflverify.numerics.arithmetic import Floats, evaluate
from mflverify.numerics.density import LogTrigDensity
from mflverify.numerics.dual_norm import dual_norm_squared, uniform_dual_norm_squared
from mflverify.numerics.dual_norm_torus import (
    FloatGalerkin,
    TwoSided,
    grid_values,
    torus_dual_norm_squared,
    two_sided,
)
from mflverify.numerics.integrand import absolute, as_integrand, exp, log, sqrt
from mflverify.numerics.polystrip import PolystripMajorant, wanted_minima
from mflverify.numerics.precision import working_precision
from mflverify.numerics.quadrature import periodic_integral
from mflverify.numerics.torus_grid import TorusGrid
from mflverify.numerics.torus_polynomial import TorusPolynomial
from mflverify.numerics.torus_quadrature import (
    Polystrip,
    best_polystrip,
    grid_sums,
    torus_integral,
)
from mflverify.numerics.trig import TrigPolynomial


def polynomial(**modes) -> TorusPolynomial:
    """Keyword c12 is the cosine of x + 2y, s1m2 the sine of x - 2y."""
    total = None
    for name, value in modes.items():
        k, sign = [], 1
        for letter in name[1:]:
            if letter == "m":
                sign = -1
                continue
            k.append(sign * int(letter))
            sign = 1
        pair = (value, 0) if name[0] == "c" else (0, value)
        wave = TorusPolynomial(len(k), {tuple(k): pair})
        total = wave if total is None else total + wave
    assert total is not None
    return total


def random_polynomial(rng, dimension: int, size: int = 3) -> TorusPolynomial:
    modes = {
        tuple(int(j) for j in rng.integers(-2, 3, dimension)): (
            Q(int(rng.integers(-size, size + 1)), 2),
            Q(int(rng.integers(-size, size + 1)), 3),
        )
        for _ in range(4)
    }
    return TorusPolynomial(dimension, modes)


def plain(p: TorusPolynomial, point) -> float:
    """The sum as it is written, in floats."""
    total = 0.0
    for k, a, b in p.waves:
        angle = float(np.dot(k, point))
        total += float(arb(a)) * np.cos(angle) + float(arb(b)) * np.sin(angle)
    return total


# --- polynomials ----------------------------------------------------------------------------------


@pytest.mark.parametrize("dimension", [1, 2, 3])
@pytest.mark.parametrize("seed", range(4))
def test_values_on_the_grid_and_ring_operations(dimension: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    p, q = random_polynomial(rng, dimension), random_polynomial(rng, dimension)
    N = 7
    points = 2 * np.pi * np.indices((N,) * dimension).reshape(dimension, -1).T / N
    for r, values in (
        (p, [plain(p, x) for x in points]),
        (p + q.scaled(-2), [plain(p, x) - 2 * plain(q, x) for x in points]),
        (p * q, [plain(p, x) * plain(q, x) for x in points]),
    ):
        grid = TorusGrid((N,) * dimension)
        balls = [v for i in range(grid.slabs) for v in grid.slab(r, i)]
        assert np.allclose([float(v) for v in balls], values, atol=1e-12)
        assert np.allclose(grid_values(r, N).ravel(), values, atol=1e-12)
    x, h = rng.normal(size=dimension), 1e-5
    second = 0.0
    for axis in range(dimension):
        step = h * np.eye(dimension)[axis]
        slope = (plain(p, x + step) - plain(p, x - step)) / (2 * h)
        assert plain(p.derivative(axis), x) == pytest.approx(slope, abs=1e-7)
        second += plain(p.derivative(axis).derivative(axis), x)
    assert plain(p.laplacian(), x) == pytest.approx(second, abs=1e-12)


def test_matrices() -> None:
    rows = [[1, 2, 3, 0, 5], [4, 0, -1, 2, 7], [Q(1, 2), -2, 6, 1, 1]]
    p = TorusPolynomial.from_matrix(rows)
    rng = np.random.default_rng(1)
    for x, y in rng.normal(size=(5, 2)):
        bx = np.array([1, np.cos(x), np.sin(x)])
        by = np.array([1, np.cos(y), np.sin(y), np.cos(2 * y), np.sin(2 * y)])
        exact = bx @ np.array([[float(c) for c in row] for row in rows]) @ by
        assert plain(p, (x, y)) == pytest.approx(exact)
    shape, flat = p.tensor()
    assert shape == (3, 5)
    assert flat == [fmpq(Q(c).numerator, Q(c).denominator) for row in rows for c in row]


def test_opposite_frequencies_are_one_wave() -> None:
    p = TorusPolynomial(2, {(1, -1): (1, 2), (-1, 1): (3, 5), (0, 0): (4, 9)})
    assert p.modes == {(1, -1): (4, -3), (0, 0): (4, 0)}
    assert p.mean == 4
    assert TorusPolynomial(2, {(1, 0): (0, 0)}) == TorusPolynomial(2)


def test_bad_polynomials() -> None:
    with pytest.raises(ValueError, match="must have 2 entries"):
        TorusPolynomial(2, {(1,): (1, 0)})
    with pytest.raises(ValueError, match="dimension must be at least 1"):
        TorusPolynomial(0)
    with pytest.raises(ValueError, match="dimensions differ"):
        polynomial(c1=1) + polynomial(c11=1)
    with pytest.raises(ValueError, match="dimensions differ"):
        polynomial(c1=1) * polynomial(c11=1)
    with pytest.raises(ValueError, match="rectangular"):
        TorusPolynomial.from_matrix([[0, 1]])


# --- quadrature -----------------------------------------------------------------------------------


@pytest.mark.parametrize("digits", [15, 50, 200])
def test_a_coupled_integral_by_bessel_functions(digits: int) -> None:
    """int exp(cos x + cos y + cos(x - y)) = (2 pi)^2 sum_n I_n(1)^3, and it does not separate."""
    ball = torus_integral(exp(polynomial(c10=1, c01=1, c1m1=1)), digits)
    with mpmath.workdps(digits + 20):
        total = mpmath.nsum(lambda n: mpmath.besseli(n, 1) ** 3, [1, mpmath.inf]) * 2
        exact = (2 * mpmath.pi) ** 2 * (total + mpmath.besseli(0, 1) ** 3)
        assert ball.overlaps(as_arb(exact, f"1e-{digits + 10}"))
    assert ball.rel_accuracy_bits() > 3.3 * digits


def test_one_and_three_dimensions() -> None:
    one = torus_integral(exp(polynomial(c1=2)) * polynomial(c1=1), 30)
    assert one.overlaps(periodic_integral(exp(TrigPolynomial((0, 2))) * TrigPolynomial((0, 1)), 30))
    three = torus_integral(exp(polynomial(c100=1, c010=1, c001=1)), 20)
    assert three.overlaps((2 * arb.pi() * arb(1).bessel_i(0)) ** 3)
    assert three.rel_accuracy_bits() > 60


def test_quotients_logarithms_and_roots_against_mpmath() -> None:
    p = polynomial(c00=4, c10=1, s11=1)
    with mpmath.workdps(30):
        N = 64
        step = 2 * mpmath.pi / N
        values = [
            4 + mpmath.cos(i * step) + mpmath.sin((i + j) * step)
            for i in range(N)
            for j in range(N)
        ]
        for tree, function in (
            (polynomial(c00=1) / as_integrand(p), lambda v: 1 / v),
            (log(p), mpmath.log),
            (sqrt(p), mpmath.sqrt),
            (as_integrand(p) ** Q(-3, 2), lambda v: v ** mpmath.mpf(-1.5)),
            (absolute(p), lambda v: v),
            (absolute(p.scaled(-1)), lambda v: v),
        ):
            reference = step**2 * mpmath.fsum(function(v) for v in values)
            ball = torus_integral(tree, 15)
            assert encloses(ball, as_arb(reference, "1e-19")), tree
            assert ball.rel_accuracy_bits() > 45


def test_a_narrow_peak_off_the_grid_is_not_missed() -> None:
    """exp(300(cos(x - 1) + cos(y - 2)) - 600): invisible to a coarse grid."""
    with working_precision(200):
        modes = {
            (1, 0): (300 * arb(1).cos(), 300 * arb(1).sin()),
            (0, 1): (300 * arb(2).cos(), 300 * arb(2).sin()),
            (0, 0): (arb(-600), 0),
        }
    t = 2 * np.pi * np.arange(8) / 8
    coarse = np.exp(300 * (np.cos(t - 1)[:, None] + np.cos(t - 2)[None, :]) - 600).mean()
    ball = torus_integral(exp(TorusPolynomial(2, modes)), 15)
    with working_precision(200):
        exact = (2 * arb.pi() * arb(300).bessel_i(0) * arb(-300).exp()) ** 2
    assert ball.overlaps(exact)
    assert ball.rel_accuracy_bits() > 38  # 15 digits relative to the peak, not to the integral
    assert abs(4 * np.pi**2 * coarse - float(exact)) > 0.5 * float(exact)


@pytest.mark.parametrize("dimension", [1, 2, 3])
@pytest.mark.parametrize("N", [1, 2, 4, 6])
def test_the_remainder_covers_a_coarse_grid(dimension: int, N: int) -> None:
    """int exp(2 cos x_1 + ... + 2 cos x_d) on too few points; without the remainder it is wrong."""
    axes = np.eye(dimension, dtype=int)
    tree = exp(TorusPolynomial(dimension, {tuple(map(int, k)): (2, 0) for k in axes}))
    exact = arb(2).bessel_i(0) ** dimension
    mean = grid_sums([tree], TorusGrid((N,) * dimension))[0]
    strip = Polystrip(arb(1), (2 * dimension * arb(1).cosh()).exp(), dimension)
    assert not mean.overlaps(exact)
    assert (mean + arb(0, strip.aliasing(N).upper())).contains(exact.mid())


def test_the_remainder_is_sharp() -> None:
    """The mean of 1/|1 - r e^{iz}|^2-like kernels: all aliases have one sign and nearly add up."""
    # f = (1 - q^2)/(1 - 2q cos x + q^2) has c_k = q^|k|, so that the error is 2 q^N/(1 - q^N).
    q, N = Q(1, 2), 6
    poisson = constant_over(polynomial(c0=1 + q * q, c1=-2 * q), 1 - q * q)
    mean = grid_sums([poisson], TorusGrid((N,)))[0]
    error = float(mean) - 1
    assert error == pytest.approx(2 * 0.5**N / (1 - 0.5**N), rel=1e-9)
    strip = best_polystrip(poisson, -20.0)
    assert error <= float(strip.aliasing(N))


def constant_over(p: TorusPolynomial, c: Q):
    return as_integrand(c) / as_integrand(p)


@pytest.mark.parametrize("seed", range(5))
def test_polystrip_bounds_hold(seed: int) -> None:
    """The modulus and real part at random points of the polystrip, in complex floats."""
    rng = np.random.default_rng(seed)
    p, q = random_polynomial(rng, 2, 2), random_polynomial(rng, 2, 1)
    base = q.plus(-q.mean).plus(12)
    width = 0.3
    for tree, function in (
        (exp(p) * q, lambda u, v, _: np.exp(u) * v),
        (as_integrand(p) / base, lambda u, _, w: u / w),
        (log(base), lambda _u, _v, w: np.log(w)),
        (as_integrand(base) ** Q(-1, 2), lambda _u, _v, w: w**-0.5),
        (as_integrand(q) ** 3 - p, lambda u, v, _: v**3 - u),
    ):
        modulus, high, low = evaluate(tree, PolystripMajorant(arb(width), wanted_minima(tree)))
        for _ in range(40):
            z = rng.uniform(0, 2 * np.pi, 2) + 1j * rng.uniform(-width, width, 2)
            u, v, w = (
                sum(
                    float(arb(a)) * np.cos(np.dot(k, z)) + float(arb(b)) * np.sin(np.dot(k, z))
                    for k, a, b in r.waves
                )
                for r in (p, q, base)
            )
            value = function(u, v, w)
            assert abs(value) <= float(modulus) + 1e-9
            assert float(low) - 1e-9 <= np.real(value) <= float(high) + 1e-9


def test_quadrature_refusals() -> None:
    p = polynomial(c10=1, c01=1)
    for tree in (1 / as_integrand(p), log(p), sqrt(p), absolute(p)):
        with pytest.raises(ValueError, match="not certified analytic on any polystrip"):
            torus_integral(tree)
    with pytest.raises(ValueError, match="polynomials of one dimension"):
        torus_integral(as_integrand(p) * exp(polynomial(c1=1)))
    with pytest.raises(ValueError, match="polynomials of one dimension"):
        torus_integral(3)
    with pytest.raises(ValueError, match="one variable among"):
        torus_integral(as_integrand(p) * TrigPolynomial.cosine(1))
    with pytest.raises(ValueError, match="2 variables where one is expected"):
        periodic_integral(exp(p))
    with pytest.raises(ValueError, match="give axis"):
        as_integrand(p).derivative()
    with pytest.raises(ValueError, match="2 variables"):
        evaluate(as_integrand(p), Floats(np.zeros(1)))
    with pytest.raises(ValueError, match="points a side"):
        torus_integral(exp(polynomial(c100=10**6, c011=1)))


# --- dual norms -----------------------------------------------------------------------------------

POTENTIAL_ROWS = [[0, Q(1, 2), 0], [Q(-13, 10), Q(1, 3), 0], [0, 0, Q(1, 2)]]
ODD_ROWS = [[0, 0, 0], [0, 0, 1], [1, 0, 0]]  # odd under x -> -x, U is even: mean-zero
POTENTIAL = TorusPolynomial.from_matrix(POTENTIAL_ROWS)
ODD = TorusPolynomial.from_matrix(ODD_ROWS)


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_a_product_is_the_circle(dimension: int) -> None:
    """U = -k cos x, f = L cos x: ||f||^2 = E sin^2 = I_1(k)/(k I_0(k))."""
    k, one, two = Q(13, 10), (1, 0, 0)[:dimension], (2, 0, 0)[:dimension]
    f = TorusPolynomial(dimension, {(0,) * dimension: (-k / 2, 0), one: (1, 0), two: (k / 2, 0)})
    result = torus_dual_norm_squared(f, TorusPolynomial(dimension, {one: (-k, 0)}), 1e-10)
    with working_precision(200):
        z = arb(13) / 10
        exact = z.bessel_i(1) / (z * z.bessel_i(0))
        assert result.lower <= exact <= result.upper
    assert result.relative_gap < 1e-10


def test_one_dimension_against_the_flux_integral() -> None:
    f, U = TrigPolynomial((0, 0, 1), (1,)), TrigPolynomial((0, 0, -1), (Q(1, 2),))
    weight = exp(-as_integrand(U))
    mean = periodic_integral(f * weight, 40) / periodic_integral(weight, 40)
    exact = dual_norm_squared(f - mean, LogTrigDensity(U), 20)
    p = polynomial(c2=1, s1=1).plus(-mean)
    result = torus_dual_norm_squared(p, polynomial(c2=-1, s1=Q(1, 2)), 1e-12)
    assert result.ball.overlaps(arb(exact))
    assert result.lower <= arb(exact).upper()
    assert arb(exact).lower() <= result.upper
    assert result.relative_gap < 1e-12


def test_uniform_is_rational() -> None:
    modes = {(1, 1, 0): (Q(1, 2), 0), (1, -1, 2): (Q(1, 2), 1), (1, 0, 0): (0, Q(1, 2))}
    result = torus_dual_norm_squared(TorusPolynomial(3, modes), TorusPolynomial(3))
    assert encloses(result.ball, uniform_dual_norm_squared(modes))
    assert result.relative_gap < 1e-8


def test_two_sides_and_a_finite_volume_solution() -> None:
    result = torus_dual_norm_squared(ODD, POTENTIAL)
    assert result.lower < result.upper
    assert result.relative_gap < 1e-8
    reference = finite_volume_dual_norm(POTENTIAL_ROWS, ODD_ROWS, 64)
    assert float(result.upper) == pytest.approx(reference, rel=2e-3)
    tighter = torus_dual_norm_squared(ODD, POTENTIAL, 1e-13)
    assert tighter.relative_gap < 1e-13
    assert result.lower <= tighter.upper
    assert tighter.lower <= result.upper


def test_three_coupled_dimensions() -> None:
    """f = L phi, so that the norm is the mean of |grad phi|^2, by quadrature."""
    U = polynomial(c100=Q(-1, 2), c010=Q(1, 3), c1m11=Q(1, 4))
    phi = polynomial(s100=1, c011=Q(1, 2), s10m1=Q(1, 3))
    f, energy = phi.laplacian().scaled(-1), as_integrand(0)
    for axis in range(3):
        f = f + phi.derivative(axis) * U.derivative(axis)
        energy = energy + as_integrand(phi.derivative(axis)) ** 2
    weight = exp(-as_integrand(U))
    exact = torus_integral(energy * weight, 15) / torus_integral(weight, 15)
    result = torus_dual_norm_squared(f, U)
    assert result.relative_gap < 1e-8
    assert result.lower <= exact.upper()
    assert exact.lower() <= result.upper


def test_a_density_that_varies_by_eight_orders_of_magnitude() -> None:
    U = polynomial(c10=-4, c01=-4, c1m1=2)
    result = torus_dual_norm_squared(polynomial(s10=1, s21=1), U)
    assert result.relative_gap < 1e-8
    assert float(result.lower) == pytest.approx(0.68800377512315, rel=1e-10)


def test_both_bounds_hold_for_a_bad_potential() -> None:
    """psi = 0 and psi far from the solution: both bounds are theorems for every psi."""
    k = Q(13, 10)
    f = polynomial(c00=-k / 2, c10=1, c20=k / 2)
    U = polynomial(c10=-k, c01=0)
    with working_precision(200):
        z = arb(13) / 10
        exact = z.bessel_i(1) / (z * z.bessel_i(0))
    for scale in (0, Q(1, 2), 2, -1):
        result = two_sided(f, U, polynomial(c10=scale, c01=0), 0.4, 1e-8)
        assert result.lower <= exact <= result.upper
        assert result.relative_gap > 0.1


def test_the_float_solution_is_not_aliased() -> None:
    """The highest frequencies kept, in two directions at once: L is exact on them."""
    phi = polynomial(c44=1, s4m4=1)
    U = polynomial(c10=Q(1, 2), s01=Q(1, 3))
    f = phi.laplacian().scaled(-1)
    for axis in range(2):
        f = f + phi.derivative(axis) * U.derivative(axis)
    found = FloatGalerkin(f, U, 4).psi.modes
    for k, (a, b) in phi.modes.items():
        assert float(arb(found[k][0])) == pytest.approx(float(arb(a)), abs=1e-12)
        assert float(arb(found[k][1])) == pytest.approx(float(arb(b)), abs=1e-12)


def test_narrow_densities_get_a_wider_ball_before_they_are_refused(monkeypatch) -> None:
    """As in three dimensions, where points are few on each side."""
    f, U = polynomial(s10=1), polynomial(c10=-3, c01=-2, c1m1=Q(1, 2))
    sharp = torus_dual_norm_squared(f, U)
    monkeypatch.setattr(torus_quadrature, "_MOST_POINTS", 2500)
    wide = torus_dual_norm_squared(f, U)
    assert wide.lower <= sharp.lower
    assert sharp.upper <= wide.upper
    assert sharp.relative_gap < 1e-8 < wide.relative_gap < 1e-3
    monkeypatch.setattr(torus_quadrature, "_MOST_POINTS", 1600)
    with pytest.raises(ValueError, match="48 points a side"):
        torus_dual_norm_squared(f, U)


def test_dual_norm_refusals() -> None:
    with pytest.raises(ValueError, match="mean-zero"):
        torus_dual_norm_squared(polynomial(c01=1), POTENTIAL)
    with pytest.raises(ValueError, match="dimensions differ"):
        torus_dual_norm_squared(polynomial(c1=1), POTENTIAL)
    with pytest.raises(ValueError, match="relative_gap must be between"):
        torus_dual_norm_squared(ODD, POTENTIAL, 0)
    with pytest.raises(ValueError, match="points"):
        torus_dual_norm_squared(polynomial(s10=1), polynomial(c10=10**6))
    with pytest.raises(ValueError, match="more than 500"):
        FloatGalerkin(polynomial(s1=1), polynomial(c1=700), 4)
    assert TwoSided(arb(1), arb(1)).relative_gap == 0
    zero = torus_dual_norm_squared(TorusPolynomial(2), POTENTIAL)
    assert zero.lower <= 0 <= zero.upper < 1e-8
