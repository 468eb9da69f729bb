"""The functionals of the paper along a flow on a torus: chi2, squared dual norm, entropy, free energy.

For each species: Y = chi2 = ||f||^2, X = ||f||_{-1}^2 = <f, L^{-1} f>, and the relative entropy
KL(mu | mu_bar).  With time scales eta_i the sum X_i / eta_i is the one that contracts.
"""

from __future__ import annotations

import numpy as np
from attrs import frozen
from scipy.sparse.linalg import LinearOperator, cg

from mflverify.dynamics.exponential import Array
from mflverify.dynamics.torus_grid import Complex, TorusGrid


@frozen(eq=False)
class Functionals:
    """Values at one time, arrays of shape (n,).

    free_energy: F_tau(mu) - F_tau(mu_bar) for a gradient flow, else None.
    """

    chi2: Array
    dual: Array
    entropy: Array
    free_energy: float | None


def dual_norm_squared(grid: TorusGrid, density: Array, q: Complex) -> float:
    """||f||_{-1}^2 for f = q / density: density on the grid, mean 1; q by its coefficients.

    d = 1: the integral of Q^2 / mu_bar, Q the antiderivative of q for which Q / mu_bar has mean 0.
    d > 1: int psi q with div(mu_bar grad psi) = -q, by conjugate gradients to 1e-12.
    Raises ArithmeticError if these do not converge.
    """
    if grid.dimension > 1:
        return _dual_by_iteration(grid, density, q)
    antiderivative = np.zeros_like(q)
    antiderivative[1:] = q[1:] / (1j * grid.wave_numbers[0, 1:])
    values = grid.to_values(antiderivative)
    weight = 1 / density
    values = values - np.mean(values * weight) / np.mean(weight)
    return float(np.mean(values**2 * weight))


def _dual_by_iteration(grid: TorusGrid, density: Array, q: Complex) -> float:
    gradient = 1j * grid.wave_numbers * grid.retained
    scale = 1 / np.sqrt(np.where(grid.laplacian > 0, grid.laplacian, 1.0))

    def apply(vector: Array) -> Array:
        """|k|^{-1} (-div mu_bar grad) |k|^{-1}: symmetric, positive, well conditioned."""
        psi = grid.from_vector(vector.reshape(-1)) * scale
        flux = grid.to_coefficients(density * grid.to_values(gradient * psi))
        return grid.to_vector(-scale * np.sum(gradient * flux, axis=0))

    right = grid.to_vector(q * scale)
    if not np.any(right):
        return 0.0
    operator = LinearOperator((grid.size, grid.size), matvec=apply, dtype=float)  # pyright: ignore[reportCallIssue]
    solution, status = cg(operator, right, rtol=1e-12, maxiter=2000)
    if status:
        raise ArithmeticError(f"the dual norm did not converge in {status} iterations")
    return float(solution @ right)
