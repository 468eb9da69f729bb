"""Initial data along which chi2 first grows: chi2 is not a Lyapunov functional."""

from __future__ import annotations

import numpy as np

from mflverify.dynamics.spectrum import generator_basis, interaction_matrix
from mflverify.dynamics.torus_flow import TorusFlow
from mflverify.dynamics.torus_grid import Complex


def fastest_growth(flow: TorusFlow) -> tuple[float, Complex]:
    """The largest initial rate of chi2 under the linearised flow, and a state that has it.

    d chi2/dt = -2 <f, L(tau + M) f>, so it is -2 times the least eigenvalue of the symmetric part
    of L(tau + M) in an orthonormal basis of L^2(mu_bar).  Positive: chi2 first grows.
    """
    model, grid, n = flow.model, flow.grid, flow.species
    bases = [generator_basis(grid, potential) for potential in model.potentials]
    speeds = np.concatenate(
        [eta * b.eigenvalues for eta, b in zip(model.timescales, bases, strict=True)]
    )
    temperatures = np.diag(np.repeat(model.temperatures, grid.size))
    operator = speeds[:, None] * (temperatures + interaction_matrix(flow, bases))
    values, vectors = np.linalg.eigh((operator + operator.T) / 2)
    worst = vectors[:, 0].reshape(n, grid.size)
    perturbations = [
        (row @ basis.functions).reshape(grid.shape) for row, basis in zip(worst, bases, strict=True)
    ]
    return float(-2 * values[0]), flow.state_of(perturbations)
