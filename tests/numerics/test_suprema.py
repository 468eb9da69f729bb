"""Suprema: brackets of the true value, exact where claimed, sharp to the gap asked for."""

import math
from fractions import Fraction as Q
from itertools import islice

import numpy as np
import pytest
from flint import arb, fmpq
from numerics_oracle import random_trig

from mflverify.numerics.arithmetic import Floats, evaluate
from mflverify.numerics.coefficient_matrix import mixed_derivative
from mflverify.numerics.float_extrema import ScaledMatrix, _basis, maximum_of_matrix
from mflverify.numerics.integrand import VARIABLE, absolute, as_integrand, exp
from mflverify.numerics.suprema import (
    Bounds,
    _progressive_maximum,
    certainly_positive,
    integrand_maximum,
    integrand_minimum,
    integrand_sup_norm,
    matrix_maximum,
    matrix_minimum,
    matrix_sup_norm,
    maximum,
    minimum,
    mixed_sup,
    sup_norm,
)
from mflverify.numerics.trig import TrigPolynomial

GRID = np.linspace(0, 2 * np.pi, 40_001)


def _float(value: fmpq) -> float:
    return int(value.p) / int(value.q)


def _refined_maximum(values, points: np.ndarray) -> float:
    """Grid maximum plus a local zoom: an independent float value, good to about 1e-12."""
    best = points[np.argmax(values(points))]
    width = points[1] - points[0]
    for _ in range(6):
        local = best + width * np.linspace(-1, 1, 201)
        best = local[np.argmax(values(local))]
        width /= 50
    return float(np.max(values(np.array([best]))))


@pytest.mark.parametrize("degree", [1, 2, 5, 12, 20])
@pytest.mark.parametrize("gap", [1e-2, 1e-6, 1e-9])
def test_bracket_and_gap(degree: int, gap: float) -> None:
    p = random_trig(np.random.default_rng(degree), degree)
    reference = _refined_maximum(p, GRID)
    bounds = maximum(p, gap)
    assert _float(bounds.lower) <= reference + 1e-11
    assert _float(bounds.upper) >= reference - 1e-11
    oscillation = np.ptp(p(GRID))
    assert _float(bounds.upper - bounds.lower) <= gap * 1.3 * max(abs(reference), oscillation)
    low = minimum(p, gap)
    assert low == Bounds(-maximum(-p, gap).upper, -maximum(-p, gap).lower)
    both = sup_norm(p, gap)
    assert both.upper == max(bounds.upper, -low.lower)


@pytest.mark.parametrize(
    ("p", "exact"),
    [
        (TrigPolynomial.cosine(3, Q(2, 7)), Q(2, 7)),
        (TrigPolynomial((1, 2, 3)), Q(6)),
        (TrigPolynomial((-5,)), Q(-5)),
        (TrigPolynomial((0, 1, 0, Q(1, 9))), Q(10, 9)),
    ],
)
def test_exact_maxima(p: TrigPolynomial, exact: Q) -> None:
    bounds = maximum(p)
    assert bounds.is_exact
    assert bounds.upper == fmpq(exact.numerator, exact.denominator)


def test_upper_end_is_exact_for_a_single_wave() -> None:
    bounds = maximum(TrigPolynomial((0, 3), (4,)))
    assert bounds.upper == 5
    assert 5 - _float(bounds.lower) < 1e-5


def test_peak_between_all_grid_points_is_not_missed() -> None:
    """A Fejer kernel at an irrational place: the maximum is n + 1, a coarse grid sees much less."""
    n = 20
    fejer = TrigPolynomial([1] + [Q(2 * (n + 1 - k), n + 1) for k in range(1, n + 1)])
    p = fejer.shift(arb(1) / 7)
    bounds = maximum(p)
    assert bounds.lower <= n + 1 <= bounds.upper
    assert _float(bounds.upper) - (n + 1) < 1e-4
    assert np.max(p(np.linspace(0, 2 * np.pi, 23))) < n


def test_ball_coefficients_widen_the_bounds() -> None:
    p = TrigPolynomial((0, arb(1, 0.125)))
    bounds = maximum(p)
    assert _float(bounds.upper) >= 1.125
    assert _float(bounds.lower) <= 0.875 + 1e-9


@pytest.mark.parametrize("scale", [Q(1, 10**200), Q(10**200), Q(1, 10**400)])
def test_scaling_does_not_under_or_overflow(scale: Q) -> None:
    p = TrigPolynomial((0, 1, Q(1, 3)), (2, Q(1, 5)))
    reference, scaled = maximum(p), maximum(p * scale)
    s = fmpq(scale.numerator, scale.denominator)
    assert scaled.lower <= reference.upper * s
    assert reference.lower * s <= scaled.upper
    assert (scaled.upper - scaled.lower) <= reference.upper * s * fmpq(1, 10**5)


def test_basis_errors_are_below_eight_units() -> None:
    rng = np.random.default_rng(0)
    centres = rng.integers(0, 1 << 24, 200)
    values = _basis(centres, 20)
    for row, j in zip(values[:40], centres[:40].tolist(), strict=True):
        for k in range(1, 21):
            s, c = arb.sin_cos_pi_fmpq(fmpq(2 * j * k, 1 << 24))
            assert abs(arb(float(row[2 * k - 1])) - c) < 8 * arb(2) ** -53
            assert abs(arb(float(row[2 * k])) - s) < 8 * arb(2) ** -53


def _matrix_values(C, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    def basis(points: np.ndarray, size: int) -> np.ndarray:
        rows = [np.ones_like(points)]
        for k in range(1, (size + 1) // 2):
            rows += [np.cos(k * points), np.sin(k * points)]
        return np.array(rows)

    A = np.array([[float(Q(c)) for c in row] for row in C])
    return basis(x, A.shape[0]).T @ A @ basis(y, A.shape[1])


def _random_matrix(seed: int, n1: int, n2: int) -> list[list[Q]]:
    rng = np.random.default_rng(seed)
    return [[Q(int(c), 7) for c in row] for row in rng.integers(-9, 10, (2 * n1 + 1, 2 * n2 + 1))]


@pytest.mark.parametrize(("n1", "n2"), [(1, 1), (2, 3), (4, 4), (0, 3), (3, 0), (0, 0)])
def test_two_variables(n1: int, n2: int) -> None:
    C = _random_matrix(n1 + 10 * n2, n1, n2)
    points = np.linspace(0, 2 * np.pi, 601)
    values = _matrix_values(C, points, points)
    top = matrix_maximum(C)
    assert values.max() <= _float(top.upper) + 1e-12
    # Between two grid points (spacing d) the maximum exceeds the grid by at most (n d)^2/4 sup.
    assert _float(top.lower) <= values.max() + (n1 + n2) ** 2 * 3e-5 * np.abs(values).max() + 1e-12
    assert matrix_minimum(C).lower <= matrix_minimum(C).upper <= top.lower
    both = matrix_sup_norm(C)
    assert np.abs(values).max() <= _float(both.upper) + 1e-12
    assert _float(both.upper - both.lower) <= 3e-6 * _float(both.upper)


def test_mixed_derivative_matrix() -> None:
    """k = cos 2x sin y: d_x d_y k = -2 sin 2x cos y."""
    C = [[0] * 3 for _ in range(5)]
    C[3][2] = 1
    expected = [[fmpq(0)] * 3 for _ in range(5)]
    expected[4][1] = fmpq(-2)
    assert [list(row) for row in mixed_derivative(C)] == expected


def test_mixed_sup_of_translation_invariant_kernels_is_exact() -> None:
    """E1: k = sum 2 m_j cos j(x - y): K = sup |sum 2 m_j j^2 cos j t|, attained on a whole line."""
    C = [[0] * 7 for _ in range(7)]
    for j, m in ((1, Q(1, 2)), (3, Q(1, 5))):
        C[2 * j - 1][2 * j - 1] = C[2 * j][2 * j] = 2 * m
    bounds = mixed_sup(C)
    assert bounds.is_exact
    assert bounds.upper == fmpq(23, 5)


def test_mixed_sup_with_a_degenerate_maximum() -> None:
    """Signs that forbid the exact shortcut; the maximum is still attained on a line."""
    C = [[0] * 5 for _ in range(5)]
    for j, m in ((1, 1), (2, Q(-1, 2))):
        C[2 * j - 1][2 * j - 1] = C[2 * j][2 * j] = m
    one = TrigPolynomial((0, 1, -2))  # d_x d_y k as a function of x - y
    one_dimensional, two_dimensional = sup_norm(one), mixed_sup(C)
    assert two_dimensional.lower <= one_dimensional.upper
    assert one_dimensional.lower <= two_dimensional.upper


def test_bad_matrices() -> None:
    for bad in ([[1, 2]], [[1], [2]], [[1, 2, 3], [1], [1]], []):
        with pytest.raises(ValueError, match="matrix must be rectangular"):
            matrix_maximum(bad)
    with pytest.raises(ValueError, match="matrix entry must be"):
        matrix_maximum([[0.5]])
    with pytest.raises(ValueError, match="relative_gap must be positive, got 0"):
        maximum(TrigPolynomial.cosine(1), 0)


def test_readable_upper() -> None:
    bounds = maximum(TrigPolynomial((0, 1, Q(1, 3)), (2,)))
    readable = bounds.readable_upper(1e-3)
    assert bounds.upper <= readable <= bounds.upper * fmpq(1001, 1000)
    assert int(readable.q) < 100
    assert Bounds(fmpq(1), fmpq(1)).readable_upper() == 1
    negative = Bounds(fmpq(-7, 3), fmpq(-15, 7)).readable_upper(0.1)
    assert fmpq(-15, 7) <= negative <= 0
    assert bounds.ball.contains(arb(bounds.lower))


def test_certainly_positive() -> None:
    square = TrigPolynomial((0, 1, Q(1, 3)), (Q(2, 7), 1)) ** 2
    assert certainly_positive(square + Q(1, 10**18))
    assert not certainly_positive(square)
    assert not certainly_positive(square - Q(1, 10**18))
    assert not certainly_positive(TrigPolynomial((0,)))
    assert certainly_positive(TrigPolynomial((1, Q(10**15 - 1, 10**15))))


def test_integrands() -> None:
    U = as_integrand(TrigPolynomial((0, 1), (Q(1, 2),)))
    tree = as_integrand(TrigPolynomial((0, 1), (2,))) * exp(U) + exp(2 * U) - exp(-U)
    reference = _refined_maximum(lambda t: evaluate(tree, Floats(t)), GRID)
    bounds = integrand_maximum(tree)
    assert _float(bounds.lower) <= reference + 1e-9
    assert reference - 1e-9 <= _float(bounds.upper)
    assert _float(bounds.upper - bounds.lower) <= 1.01e-6 * abs(reference)
    lower = _refined_maximum(lambda t: -evaluate(tree, Floats(t)), GRID)
    bounds = integrand_minimum(tree)
    assert _float(bounds.lower) <= -lower + 1e-9
    assert -lower - 1e-9 <= _float(bounds.upper)
    assert integrand_sup_norm(tree).upper >= integrand_maximum(tree).lower


def test_narrow_peak_of_an_integrand() -> None:
    """exp(200 (cos(x - 1) - 1)) + cos x/10: the peak at 1 is not missed."""
    with_peak = exp(200 * as_integrand(TrigPolynomial((0, 1)).shift(-arb(1)) - 1))
    bounds = integrand_maximum(with_peak + as_integrand(TrigPolynomial.cosine(1, Q(1, 10))), 1e-4)
    assert _float(bounds.lower) >= 1 + math.cos(1) / 10 - 1e-3
    assert _float(bounds.upper) <= 1 + math.cos(1) / 10 + 1e-3


def test_unbounded_integrands_are_refused() -> None:
    with pytest.raises(ValueError, match="could not be bounded"):
        integrand_maximum(1 / as_integrand(TrigPolynomial.cosine(1)))
    with pytest.raises(ValueError, match="2 pi-periodic"):
        integrand_maximum(absolute(VARIABLE))


@pytest.mark.parametrize("n", [1, 2, 4, 8])
def test_float_bound_holds_at_the_first_level(n: int) -> None:
    """cos n(x - s) with its maximum halfway between two points of the first grid; a gap of 10
    stops the search there, so that the bound rests on the curvature term alone."""
    points = 1 << (8 * n - 1).bit_length()
    p = TrigPolynomial.cosine(n).shift(-arb.pi() / points)
    scaled = ScaledMatrix.of([[c] for c in (p.mean, *_interleaved(p))])
    lower, upper = (end * 2.0**scaled.exponent for end in maximum_of_matrix(scaled, 10.0))
    assert lower <= math.cos(n * math.pi / points) + 1e-12
    assert 1 <= upper <= 1.4


def _interleaved(p: TrigPolynomial) -> list:
    return [c for k in range(1, p.degree + 1) for c in p.frequency(k)]


def test_float_bound_holds_at_the_first_level_in_two_variables() -> None:
    """cos(x - s) cos(y - s), s half a grid step: both curvatures are needed."""
    s = math.pi / 8
    c, d = Q(math.cos(s)), Q(math.sin(s))
    C = [[fmpq(0)] * 3] + [
        [fmpq(0)] + [fmpq(a.numerator, a.denominator) for a in row]
        for row in ((c * c, c * d), (c * d, d * d))
    ]
    scaled = ScaledMatrix.of(C)
    lower, upper = (end * 2.0**scaled.exponent for end in maximum_of_matrix(scaled, 10.0))
    assert lower < 0.9
    assert 1 - 1e-12 <= upper


def test_ball_bounds_hold_at_every_level() -> None:
    """max e^{cos x} = e at 0, an end of two cells: each (lower, upper) on the way contains it."""
    tree = exp(TrigPolynomial.cosine(1))
    top = arb(1).exp()
    steps = list(islice(_progressive_maximum(tree), 60))
    assert all(low <= top.upper() and top.lower() <= high for low, high in steps)
    assert not steps[0][0] > arb("2.7")
    assert steps[-1][1] - steps[-1][0] < arb("1e-3")


def test_rounding_errors_are_covered() -> None:
    """At the finest gap the ends still bracket the exact values at 64 points, rounding included."""
    rng = np.random.default_rng(3)
    for _ in range(50):
        p = random_trig(rng, 6, 9)
        lower, upper = _float_bounds(p, 1e-13)
        exact = [arb(p.at_turns(Q(j, 64))) for j in range(64)]
        assert all(value.lower() <= arb(upper) for value in exact)
        assert lower <= upper


def _float_bounds(p: TrigPolynomial, gap: float) -> tuple[float, float]:
    scaled = ScaledMatrix.of([[c] for c in (p.mean, *_interleaved(p))])
    lower, upper = maximum_of_matrix(scaled, gap)
    return lower * 2.0**scaled.exponent, upper * 2.0**scaled.exponent


def test_coefficients_that_are_balls_around_zero():
    tiny = arb(0, 1e-30)
    bounds = matrix_sup_norm([[arb(0)], [arb(1)], [tiny]])
    assert abs(float(bounds.ball.mid()) - 1) < 1e-6
    assert matrix_sup_norm([[tiny] * 3] * 3).upper < fmpq(1, 10**28)
