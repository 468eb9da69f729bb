"""Transforms: exact on what is retained, products without aliases, no Nyquist mode."""

import numpy as np
import pytest

from mflverify.dynamics.torus_grid import TorusGrid
from mflverify.dynamics.trigonometric import TrigSeries, equispaced, half_space_modes, random_series

GRIDS = [TorusGrid(1, 7), TorusGrid(2, 5), TorusGrid(3, 3)]
IDS = ["1-d", "2-d", "3-d"]


def _random(grid: TorusGrid, seed: int) -> TrigSeries:
    return random_series(np.random.default_rng(seed), grid.dimension, grid.modes, 1.0)


@pytest.mark.parametrize("grid", GRIDS, ids=IDS)
def test_series_and_values_agree(grid):
    series = _random(grid, 1)
    assert np.allclose(grid.to_values(grid.series(series)), series.values(grid.coordinates))


@pytest.mark.parametrize("grid", GRIDS, ids=IDS)
def test_products_of_retained_functions_are_not_aliased(grid):
    """The retained part of a product equals that on a grid without any alias, in all directions."""
    u, v = _random(grid, 2), _random(grid, 3)
    points = equispaced((8 * grid.modes,) * grid.dimension)
    values = u.values(points) * v.values(points)
    found = grid.to_coefficients(u.values(grid.coordinates) * v.values(grid.coordinates))
    for mode in half_space_modes(grid.dimension, grid.modes):
        at, conjugated = grid.index(mode)
        phase = np.exp(-1j * np.tensordot(np.array(mode), points, axes=1))
        exact = np.mean(values * phase)
        assert found.flat[at] == pytest.approx(np.conj(exact) if conjugated else exact, abs=1e-12)


@pytest.mark.parametrize("grid", GRIDS, ids=IDS)
def test_only_modes_with_every_entry_retained_survive(grid):
    """and, not or: noise on the grid keeps no mode with one entry beyond the cut."""
    noise = np.random.default_rng(0).normal(size=grid.shape)
    kept = np.abs(grid.to_coefficients(noise)) > 0
    assert np.all(np.abs(grid.wave_numbers[:, kept]) <= grid.modes)
    assert grid.points > 2 * grid.modes + 1  # so the Nyquist mode is never retained


@pytest.mark.parametrize("grid", GRIDS, ids=IDS)
def test_vectors_are_isometric(grid):
    rng = np.random.default_rng(4)
    vector = rng.normal(size=(2, grid.size))
    coefficients = grid.from_vector(vector)
    assert np.allclose(grid.to_vector(coefficients), vector)
    values = grid.to_values(coefficients)
    axes = tuple(range(1, grid.dimension + 1))
    assert np.allclose(np.mean(values**2, axis=axes), np.sum(vector**2, axis=1))
    assert np.allclose(grid.to_coefficients(values), coefficients)


@pytest.mark.parametrize("grid", GRIDS, ids=IDS)
def test_refinement_keeps_the_function(grid):
    series = _random(grid, 5)
    finer = TorusGrid(grid.dimension, grid.modes + 3)
    assert np.allclose(grid.refined(grid.series(series), finer), finer.series(series))


def test_derivatives_of_series():
    series = TrigSeries(2, {(1, 2): (0.3, -0.7), (0, 1): (1.0, 0.0), (0, 0): (5.0, 0.0)})
    point = np.array([0.3, 1.1])
    for direction in (0, 1):
        shift = 1e-6 * np.eye(2)[direction]
        slope = (series.values(point + shift) - series.values(point - shift)) / 2e-6
        assert series.derivative(direction).values(point) == pytest.approx(slope, rel=1e-8)


def test_opposite_modes_are_one():
    series = TrigSeries(2, {(1, -1): (1.0, 2.0), (-1, 1): (0.5, 1.0)})
    assert dict(series.terms) == {(1, -1): (1.5, 1.0)}


def test_supremum_is_an_upper_bound_and_nearly_attained():
    rng = np.random.default_rng(6)
    for _ in range(20):
        series = random_series(rng, 1, 5, 1.0)
        true = np.abs(series.values(np.linspace(0, 2 * np.pi, 20001)[None])).max()
        assert true <= series.supremum() <= 1.012 * true


@pytest.mark.parametrize(
    ("dimension", "modes", "message"), [(0, 3, "dimension"), (4, 3, "dimension"), (1, 0, "mode")]
)
def test_bad_grids_are_refused(dimension, modes, message):
    with pytest.raises(ValueError, match=message):
        TorusGrid(dimension, modes)


def test_modes_that_are_not_kept_are_refused():
    with pytest.raises(ValueError, match="beyond the 3 modes"):
        TorusGrid(1, 3).series(TrigSeries(1, {(4,): (1.0, 0.0)}))
