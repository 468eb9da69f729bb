"""The spectrum of the linearised flow against closed forms, and two computations of it."""

import numpy as np
import pytest

from mflverify.dynamics.constants import constants, interaction_slack
from mflverify.dynamics.interaction import Kernel
from mflverify.dynamics.spectrum import (
    SpectrumError,
    generator_basis,
    hessian_matrix,
    interaction_matrix,
    linearised_spectrum,
    transport_matrix,
)
from mflverify.dynamics.torus_flow import TorusFlow
from mflverify.dynamics.torus_grid import TorusGrid
from mflverify.dynamics.torus_model import TorusModel, descent_ascent, mean_field_langevin
from mflverify.dynamics.trigonometric import TrigSeries
from tests.dynamics.instances import random_model

FLAT = TrigSeries(1, {})


def _cosine(size: float) -> Kernel:
    return Kernel(TrigSeries(1, {(1,): (size, 0.0)}))


def test_example_e1():
    kernel = Kernel(TrigSeries(1, {(1,): (0.6, 0.0), (2,): (-0.4, 0.0)}))
    found = linearised_spectrum(mean_field_langevin(FLAT, 1.0, kernel), 8)
    assert np.allclose(found.eigenvalues[:6], [1.3, 1.3, 3.2, 3.2, 9, 9])
    assert found.rate == pytest.approx(2.6)
    assert found.condition == pytest.approx(1.0)


def test_example_e5_von_mises_is_double():
    model = TorusModel((TrigSeries(1, {(1,): (-1.3, 0.0)}),), (1.0,), (1.0,), {})
    found = linearised_spectrum(model, 20)
    assert np.allclose(found.eigenvalues[:2], 1.27830004159244, rtol=1e-12)


def test_example_e11_rotates():
    tau, c = 0.5, 1.7
    found = linearised_spectrum(descent_ascent((FLAT, FLAT), tau, _cosine(2 * c)), 8)
    assert found.rate == pytest.approx(2 * tau, rel=1e-12)
    pair = found.eigenvalues[:4]
    assert np.allclose(np.sort(pair.imag), [-c, -c, c, c])


@pytest.mark.parametrize(("m", "eta"), [(0.1, 4.0), (1.5, 4.0), (0.0, 0.25)])
def test_example_e13_two_timescales(m, eta):
    """One pair of modes: the block [[tau, m], [-eta m, eta tau]]."""
    tau = 0.7
    model = descent_ascent((FLAT, FLAT), tau, _cosine(2 * m), timescale=eta)
    found = linearised_spectrum(model, 8)
    block = np.array([[tau, m], [-eta * m, eta * tau]])
    others = [4 * tau, 4 * eta * tau]
    expected = min(np.linalg.eigvals(block).real.min(), *others)
    assert found.rate == pytest.approx(2 * expected, rel=1e-9)
    assert found.rate >= 2 * tau * min(1, eta) - 1e-9


def test_example_e14_three_players():
    c = {(0, 1): 0.5, (1, 2): 0.75, (2, 0): 0.25}
    kernels = {}
    for (i, j), value in c.items():
        kernels[i, j] = _cosine(2 * value)
        kernels[j, i] = kernels[i, j].transposed(-1.0)
    model = TorusModel((FLAT,) * 3, (0.6,) * 3, (1.0,) * 3, kernels)
    found = linearised_spectrum(model, 6)
    size = np.sqrt(sum(value**2 for value in c.values()))
    assert np.allclose(np.unique(np.round(found.eigenvalues[:6].imag, 9)), [-size, 0, size])
    assert found.rate == pytest.approx(1.2)


@pytest.mark.parametrize(("species", "dimension"), [(1, 1), (2, 1), (3, 1), (2, 2)])
def test_two_discretisations_share_their_low_eigenvalues(species, dimension):
    model = random_model(2, species, dimension)
    flow = TorusFlow(model, TorusGrid(dimension, 24 if dimension == 1 else 7))
    first = np.linalg.eigvals(hessian_matrix(flow))
    second = np.linalg.eigvals(transport_matrix(flow))
    for value in first[np.argsort(first.real)][:4]:
        assert np.abs(second - value).min() <= 1e-6 * abs(value)


def test_symmetric_for_a_gradient_flow_and_skew_for_a_game():
    flow = TorusFlow(random_model(3, 1), TorusGrid(1, 16))
    matrix = hessian_matrix(flow)
    assert np.allclose(matrix, matrix.T, atol=1e-10)
    k = random_model(3, 2).kernels[0, 1]
    game = TorusFlow(descent_ascent((FLAT, FLAT), 0.5, k), TorusGrid(1, 16))
    matrix, size = hessian_matrix(game), game.grid.size
    assert np.allclose(matrix[:size, size:], -matrix[size:, :size].T, atol=1e-10)
    assert np.abs(matrix[:size, size:]).max() > 0.01


def test_disagreement_is_an_error():
    """Too few modes for a steep potential: the two computations differ, and say so."""
    steep = TorusModel((TrigSeries(1, {(1,): (-25.0, 0.0)}),), (1.0,), (1.0,), {})
    with pytest.raises(SpectrumError, match="two computations"):
        linearised_spectrum(steep, 6)


@pytest.mark.parametrize("kappa", [12.0, 25.0])
def test_steep_equilibria_are_decided_by_the_enclosure(kappa):
    """In Fourier modes of f mu_bar the operator is too far from normal; its enclosure is not."""
    steep = TorusModel(
        (TrigSeries(1, {(1,): (-kappa, 0.0)}),), (0.5,), (1.0,), {(0, 0): _cosine(0.8)}
    )
    found = linearised_spectrum(steep, 32, enclosed=True)
    assert found.enclosure is not None
    assert found.rate == pytest.approx(found.enclosure.upper, rel=1e-9)


def test_slack_of_diagonal_kernels():
    """lambda = max (-m_j)_+ for k = sum 2 m_j cos j(x - y) about the uniform law."""
    kernel = Kernel(TrigSeries(1, {(1,): (1.0, 0.0), (3,): (-0.8, 0.0)}))
    assert interaction_slack(mean_field_langevin(FLAT, 1.0, kernel)) == pytest.approx(0.4, rel=1e-8)


@pytest.mark.parametrize(("species", "dimension"), [(1, 1), (2, 1), (1, 2)])
def test_slack_is_the_least_eigenvalue_of_the_symmetric_part(species, dimension):
    model = random_model(9, species, dimension)
    flow = TorusFlow(model, TorusGrid(dimension, 30 if dimension == 1 else 7))
    bases = [generator_basis(flow.grid, potential) for potential in model.potentials]
    matrix = interaction_matrix(flow, bases)
    least = np.linalg.eigvalsh((matrix + matrix.T) / 2)[0]
    assert interaction_slack(model) == pytest.approx(max(0.0, -least), rel=1e-5, abs=1e-8)


def test_zero_sum_games_have_no_slack():
    k = random_model(3, 2).kernels[0, 1]
    assert interaction_slack(descent_ascent((FLAT, FLAT), 0.5, k)) <= 1e-9


def test_constants_are_on_the_safe_side():
    model = mean_field_langevin(TrigSeries(1, {(1,): (-1.0, 0.0)}), 0.5, _cosine(0.8))
    found = constants(model)
    assert 1.1654 < found.alpha[0] < 1.16549653046466
    assert 0.8 <= found.mixed[0, 0] < 0.82
