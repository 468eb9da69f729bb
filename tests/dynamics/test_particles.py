"""Particles: the drift of the model, the order of the schemes, and agreement with the equation."""

from itertools import islice

import numpy as np
import pytest
from numpy.polynomial import Polynomial

from mflverify.dynamics.line_flow import LineFlow, LineModel
from mflverify.dynamics.particles import LineParticles, TorusParticles, sample_torus, steps
from mflverify.dynamics.torus_flow import TorusFlow
from mflverify.dynamics.torus_grid import TorusGrid
from mflverify.dynamics.trigonometric import TrigSeries
from tests.dynamics.instances import random_model

X = Polynomial([0.0, 1.0])


@pytest.mark.parametrize(("species", "dimension"), [(1, 1), (2, 1), (2, 2)])
def test_drift_by_summing_over_all_pairs(species, dimension):
    """-eta grad(tau U + int k d(mu_N - mu_bar)) with N^2 kernel values and finite differences."""
    model = random_model(5, species, dimension)
    rng = np.random.default_rng(1)
    positions = rng.uniform(0, 2 * np.pi, (species, dimension, 60))
    grid = TorusGrid(dimension, 30 if dimension == 1 else 12)
    flow = TorusFlow(model, grid)
    points = grid.coordinates.reshape(dimension, -1)

    def potential(i, x):
        total = model.temperatures[i] * model.potentials[i].values(x)
        for j in range(species):
            kernel = model.kernels[i, j]
            weight = flow.equilibrium[j].reshape(-1) / points.shape[1]
            for y, w in ((positions[j], np.full(60, 1 / 60)), (points, -weight)):
                values = kernel.convolution.values(x[:, :, None] - y[:, None, :])
                for target, source in kernel.products:
                    values = values + np.outer(target.values(x), source.values(y))
                total = total + values @ w
        return total

    found = TorusParticles(model).drift(positions)
    for i in range(species):
        for axis in range(dimension):
            shift = np.zeros((dimension, 1))
            shift[axis] = 1e-5
            slope = (potential(i, positions[i] + shift) - potential(i, positions[i] - shift)) / 2e-5
            assert np.allclose(found[i, axis], -model.timescales[i] * slope, atol=1e-7)


def test_chunks_and_threads_do_not_change_the_result():
    model = random_model(6, 2)
    positions = np.random.default_rng(2).uniform(0, 2 * np.pi, (2, 1, 70_000))
    one = TorusParticles(model, workers=1).drift(positions)
    two = TorusParticles(model, workers=2).drift(positions)
    assert np.array_equal(one, two)


def _ornstein_uhlenbeck():
    """dX = -X dt + sqrt 2 dB, the noise of the test set by hand."""
    return LineParticles(LineFlow(LineModel([X**2 / 2], [1.0], [1.0], {}), 4))


@pytest.mark.parametrize(("scheme", "order"), [("euler", 1), ("heun", 2)])
def test_weak_order_on_a_linear_equation(scheme, order):
    """E X^2 after time 1 by the exact recursion of the second moment under each scheme."""
    ensemble = _ornstein_uhlenbeck()
    errors = []
    for count in (16, 32, 64):
        h = 1 / count
        # three-point noise has the moments of a Gaussian up to order five: enumerate it exactly
        second = 4.0
        for _ in range(count):
            values = []
            for start in (np.sqrt(second), -np.sqrt(second)):
                for weight, noise in ((1 / 6, np.sqrt(3)), (2 / 3, 0.0), (1 / 6, -np.sqrt(3))):
                    rng = _Fixed(noise)
                    moved = next(steps(ensemble, np.full((1, 1, 1), start), h, rng, scheme))
                    values.append(0.5 * weight * moved.item() ** 2)
            second = sum(values)
        exact = 1 + 3 * np.exp(-2.0)
        errors.append(abs(second - exact))
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert np.all(np.abs(orders - order) < 0.35)


class _Fixed:
    """A generator that always draws one value."""

    def __init__(self, value):
        self.value = value

    def standard_normal(self, shape):
        return np.full(shape, self.value)


def test_samples_follow_the_density():
    rng = np.random.default_rng(3)
    potential, start = TrigSeries(1, {(1,): (0.6, 0.0)}), TrigSeries(1, {(2,): (0.3, 0.2)})
    points = sample_torus(potential, start, 200_000, rng)
    grid = np.linspace(0, 2 * np.pi, 4001)[:-1]
    weight = np.exp(-potential.values(grid[None]))
    f = start.values(grid[None])
    density = weight * (1 + f - np.sum(weight * f) / weight.sum())
    density /= density.sum()
    for k in (1, 2):
        exact = np.sum(density * np.exp(1j * k * grid))
        assert abs(np.mean(np.exp(1j * k * points[0])) - exact) < 4 / np.sqrt(200_000)


def test_a_negative_density_cannot_be_sampled():
    rng = np.random.default_rng(3)
    with pytest.raises(ValueError, match="negative"):
        sample_torus(TrigSeries(1, {}), TrigSeries(1, {(1,): (1.5, 0.0)}), 10, rng)


def test_the_same_seed_gives_the_same_path():
    ensemble = TorusParticles(random_model(7, 1))
    start = np.random.default_rng(0).uniform(0, 6, (1, 1, 500))
    paths = [next(steps(ensemble, start, 0.01, np.random.default_rng(9))) for _ in range(2)]
    assert np.array_equal(*paths)


def test_unknown_schemes_and_blow_up_are_errors():
    ensemble = _ornstein_uhlenbeck()
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="milstein"):
        next(steps(ensemble, np.zeros((1, 1, 3)), 0.1, rng, "milstein"))
    cubic = LineParticles(LineFlow(LineModel([X**4 / 4], [1.0], [1.0], {}), 4))
    path = steps(cubic, np.full((1, 1, 3), 30.0), 1.0, rng)
    with np.errstate(all="ignore"), pytest.raises(FloatingPointError, match="blew up"):
        list(islice(path, 20))
