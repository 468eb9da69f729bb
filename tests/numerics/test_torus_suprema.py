"""Extrema in several variables: bounds from both sides, exact where they are attained."""

from fractions import Fraction as Q

import numpy as np
import pytest
from flint import arb, fmpq

from mflverify.numerics.integrand import as_integrand, exp, log, sqrt
from mflverify.numerics.precision import working_precision
from mflverify.numerics.torus_integrand_suprema import (
    torus_integrand_maximum,
    torus_integrand_sup_norm,
)
from mflverify.numerics.torus_polynomial import TorusPolynomial
from mflverify.numerics.torus_suprema import (
    torus_maximum,
    torus_minimum,
    torus_sup_norm,
    value_at_turns,
)


def random_polynomial(rng, dimension: int) -> TorusPolynomial:
    modes = {
        tuple(int(j) for j in rng.integers(-2, 3, dimension)): (
            Q(int(rng.integers(-5, 6)), 2),
            Q(int(rng.integers(-5, 6)), 3),
        )
        for _ in range(5)
    }
    return TorusPolynomial(dimension, modes)


@pytest.mark.parametrize("dimension", [1, 2, 3, 4])
@pytest.mark.parametrize("seed", range(3))
def test_no_sampled_value_leaves_the_bounds(dimension: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    p = random_polynomial(rng, dimension)
    x = rng.uniform(0, 2 * np.pi, (20000, dimension))
    k = np.array([wave[0] for wave in p.waves])
    a, b = (np.array([float(arb(wave[i])) for wave in p.waves]) for i in (1, 2))
    values = np.cos(x @ k.T) @ a + np.sin(x @ k.T) @ b
    top, bottom, norm = torus_maximum(p), torus_minimum(p), torus_sup_norm(p)
    high, low = float(arb(top.upper)), float(arb(bottom.lower))
    assert low - 1e-9 <= values.min()
    assert values.max() <= high + 1e-9
    # The lower bounds come from a point, so they are at least as good as random search.
    assert float(arb(top.lower)) >= values.max() - 1e-6
    assert float(arb(bottom.upper)) <= values.min() + 1e-6
    assert float(arb(norm.upper)) == pytest.approx(max(high, -low), rel=1e-5)
    # The gap is visible and small.
    assert high - float(arb(top.lower)) <= 0.2 * (values.max() - values.min())


def test_exact_third_derivatives() -> None:
    """d_x d_y d_z of cos(x + y + z) + sin(x - y): the amplitude is attained at a quarter turn."""
    p = TorusPolynomial(3, {(1, 1, 1): (1, 0), (1, -1, 0): (0, 1)})
    for axis in range(3):
        p = p.derivative(axis)
    bounds = torus_sup_norm(p)
    assert bounds.is_exact
    assert bounds.upper == 1


def test_a_maximum_between_all_grid_points() -> None:
    """Phases in arbitrary position: the search finds what the grid misses."""
    phase = [Q(7, 25), Q(5, 13), Q(8, 17)]
    other = [Q(24, 25), Q(12, 13), Q(15, 17)]
    modes = {}
    for axis in range(3):
        k = tuple(int(i == axis) for i in range(3))
        modes[k] = (phase[axis], other[axis])
    bounds = torus_maximum(TorusPolynomial(3, modes))
    assert bounds.upper == 3  # three waves of amplitude one
    assert float(arb(bounds.lower)) == pytest.approx(3, abs=1e-9)
    assert bounds.lower <= 3


def test_values_at_turns() -> None:
    p = TorusPolynomial(2, {(1, 2): (3, 5), (0, 0): (1, 0)})
    assert value_at_turns(p, (fmpq(1, 4), fmpq(0))) == 1 + 5
    assert value_at_turns(p, (fmpq(1, 4), fmpq(1, 8))) == 1 - 3
    value = value_at_turns(p, (fmpq(1, 6), fmpq(0)))
    assert float(arb(value)) == pytest.approx(1 + 1.5 + 5 * np.sqrt(3) / 2)


def test_constants() -> None:
    for dimension in (1, 2, 3):
        zero = TorusPolynomial(dimension)
        assert torus_maximum(zero).upper == 0 == torus_maximum(zero).lower
        assert torus_sup_norm(zero.plus(-2)).upper == 2


# --- trees ----------------------------------------------------------------------------------------

SUM = TorusPolynomial(2, {(1, 0): (1, 0), (0, 1): (0, 1)})  # cos x + sin y


@pytest.mark.parametrize(
    ("tree", "exact"),
    [
        (exp(SUM), np.exp(2)),
        (1 / as_integrand(SUM.plus(3)), 1.0),
        (log(SUM.plus(3)), np.log(5)),
        (sqrt(SUM.plus(3)) * -1, -1.0),
    ],
)
def test_closed_forms(tree, exact: float) -> None:
    bounds = torus_integrand_maximum(tree)
    assert float(arb(bounds.lower)) <= exact * (1 + 1e-12 * np.sign(exact))
    assert exact * (1 - 1e-12 * np.sign(exact)) <= float(arb(bounds.upper))
    assert float(arb(bounds.upper - bounds.lower)) <= 1.1e-6 * abs(exact)


def test_mixed_derivative_of_a_kernel_that_is_no_polynomial() -> None:
    """K = sup |d_x d_y k| for k = log(3 + cos(x + y) + sin(2x - y)/2), against a dense grid."""
    inside = TorusPolynomial(2, {(0, 0): (3, 0), (1, 1): (1, 0), (2, -1): (0, Q(1, 2))})
    mixed = log(inside).derivative(0).derivative(1)
    bounds = torus_integrand_sup_norm(mixed, 1e-3)
    t = 2 * np.pi * np.arange(600) / 600
    x, y = np.meshgrid(t, t, indexing="ij")
    u = 3 + np.cos(x + y) + np.sin(2 * x - y) / 2
    ux = -np.sin(x + y) + np.cos(2 * x - y)
    uy = -np.sin(x + y) - np.cos(2 * x - y) / 2
    uxy = -np.cos(x + y) + np.sin(2 * x - y)
    sampled = np.abs(uxy / u - ux * uy / u**2).max()
    assert sampled <= float(arb(bounds.upper))
    assert float(arb(bounds.lower)) >= sampled * (1 - 1e-4)
    assert float(arb(bounds.upper)) <= sampled * (1 + 1e-3)


def test_a_narrow_peak_in_two_variables_is_not_missed() -> None:
    with working_precision(128):
        modes = {
            (1, 0): (2000 * arb(1).cos(), 2000 * arb(1).sin()),
            (0, 1): (2000 * arb(2).cos(), 2000 * arb(2).sin()),
            (0, 0): (arb(-4000), 0),
        }
    bounds = torus_integrand_maximum(exp(TorusPolynomial(2, modes)), 1e-3)
    assert bounds.lower <= 1 <= arb(bounds.upper) + arb("1e-25")
    assert float(arb(bounds.upper)) < 1.01


def test_tree_refusals() -> None:
    with pytest.raises(ValueError, match="could not be bounded"):
        torus_integrand_maximum(1 / as_integrand(SUM))
    with pytest.raises(ValueError, match="relative_gap must be positive"):
        torus_integrand_maximum(exp(SUM), 0)
    with pytest.raises(ValueError, match="of one dimension"):
        torus_integrand_maximum(3)
