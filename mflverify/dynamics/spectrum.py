"""The linearised flow at an equilibrium on a torus, and the conjectured exact rate 2 inf Re spec.

Two discretisations that share nothing but the kernels are compared, because the operator of a game
is not normal and its computed eigenvalues could be wrong without a warning:

- `transport_matrix`: the right-hand side of the solver, linearised, acting on Fourier coefficients of
  q = f mu_bar;
- `hessian_matrix`: the operator nabla (tau + M) nabla* on gradient fields, in the eigenbasis of L
  found from a Galerkin method for f sqrt(mu_bar).  It is symmetric for a gradient flow and has a skew
  off-diagonal part for a zero-sum game.
"""

from __future__ import annotations

import numpy as np
from attrs import frozen
from scipy.linalg import eig, eigh, eigvals

from mflverify.dynamics.certified_spectrum import (
    NoEnclosureError,
    RateEnclosure,
    enclose_rate,
)
from mflverify.dynamics.exponential import Array
from mflverify.dynamics.line_flow import LineModel
from mflverify.dynamics.torus_flow import TorusFlow
from mflverify.dynamics.torus_grid import Complex, TorusGrid
from mflverify.dynamics.torus_model import TorusModel, resolved_grid
from mflverify.dynamics.trigonometric import TrigSeries


@frozen(eq=False)
class Spectrum:
    """Eigenvalues z of the linearised operator (f' = -z f), by increasing real part.

    rate: 2 inf Re z, the conjectured exact rate of chi2.  disagreement: the difference between the
    two computations of that rate, with different discretisations and numbers of modes.
    condition: of the eigenvalue that gives the rate; 1 for a normal operator.  enclosure: between what
    the rate certainly lies, where that was asked for and can be proved.
    """

    eigenvalues: Complex
    rate: float
    disagreement: float
    condition: float
    enclosure: RateEnclosure | None = None


class SpectrumError(ArithmeticError):
    """The computations of the rate disagree: it is undecided."""


def linearised_spectrum(
    model: TorusModel, modes: int = 32, *, agreement: float = 1e-7, enclosed: bool = False
) -> Spectrum:
    """The spectrum with about `modes` wave numbers, checked with half as many again.

    enclosed: also against a proved enclosure of the rate, where there is one.  Raises SpectrumError
    when two computations of the rate differ by more than `agreement`, relative to the largest
    diffusion rate among the lowest modes, and no enclosure of that width decides between them, or
    the rate is that far outside the enclosure.
    """
    coarse = TorusFlow(model, resolved_grid(model, modes))
    fine = TorusFlow(model, resolved_grid(model, modes + modes // 2))
    values, left, right = eigen(hessian_matrix(coarse))
    other = np.asarray(eigvals(transport_matrix(fine)), dtype=complex)
    rate, second = 2 * complex(values[0]).real, 2 * float(np.real(other).min())
    difference = abs(rate - second)
    unit = max(t * eta for t, eta in zip(model.temperatures, model.timescales, strict=True))
    if not difference <= agreement * max(unit, abs(rate)):
        raise SpectrumError(f"two computations of the rate give {rate:.10g} and {second:.10g}")
    enclosure = (
        checked_enclosure(model, rate, agreement * max(unit, abs(rate))) if enclosed else None
    )
    condition = 1 / abs(complex(np.vdot(left, right)))
    return Spectrum(values, rate, difference, condition, enclosure)


def checked_enclosure(
    model: TorusModel | LineModel, rate: float, tolerance: float
) -> RateEnclosure | None:
    """The proved enclosure of the rate, or None where there is none.

    Raises SpectrumError when the rate in floats is outside it by more than the tolerance.
    """
    try:
        enclosure = enclose_rate(model)
    except NoEnclosureError:
        return None
    if max(enclosure.lower - rate, rate - enclosure.upper) > tolerance:
        raise SpectrumError(
            f"floats give the rate {rate:.10g}, but it certainly lies in "
            f"[{enclosure.lower:.10g}, {enclosure.upper:.10g}]"
        )
    return enclosure


def eigen(matrix: Array) -> tuple[Complex, Complex, Complex]:
    """Eigenvalues by increasing real part, unit left and right eigenvectors of the first."""
    if np.allclose(matrix, matrix.T, rtol=0, atol=1e-11 * np.abs(matrix).max()):
        values, vectors = eigh((matrix + matrix.T) / 2)
        return values.astype(complex), vectors[:, 0], vectors[:, 0]
    values, left, right = _sorted(matrix)
    return values, left[:, 0], right[:, 0]


def _sorted(matrix: Array) -> tuple[Complex, Complex, Complex]:
    found = eig(matrix, left=True, right=True)
    values, left, right = (np.asarray(part, dtype=complex) for part in found)
    order = np.argsort(np.real(values))
    return values[order], left[:, order], right[:, order]


def transport_matrix(flow: TorusFlow) -> Array:
    """Minus the linearised right-hand side on coefficients of q, shape (n size, n size)."""
    grid, n = flow.grid, flow.species
    total = n * grid.size
    matrix = np.empty((total, total))
    unit = np.zeros(total)
    for column in range(total):
        unit[column] = 1.0
        state = grid.from_vector(unit.reshape(n, grid.size))
        image = flow.decay * state - flow.linear_force(state)
        matrix[:, column] = grid.to_vector(image).reshape(-1)
        unit[column] = 0.0
    return matrix


@frozen(eq=False)
class GeneratorBasis:
    """Eigenfunctions e_j of L for one species, orthonormal in L^2(mu_bar), without the constant.

    eigenvalues: ascending, positive.  roots: e_j sqrt(mu_bar) on the grid, shape (count, points).
    ground: sqrt(mu_bar), shape (points,).
    """

    eigenvalues: Array
    roots: Array
    ground: Array

    @property
    def functions(self) -> Array:
        """e_j on the grid, mean zero; round-off where the density is that small."""
        return self.roots / self.ground


def generator_basis(grid: TorusGrid, potential: TrigSeries) -> GeneratorBasis:
    """The eigenbasis of L for exp(-potential)/Z, e_j sqrt(mu_bar) among trigonometric polynomials.

    There L is -Laplace + W = A* A with A = grad + (grad U)/2, however steep the density is.
    """
    waves = np.concatenate(
        [np.ones((1, *grid.shape)), grid.to_values(grid.from_vector(np.eye(grid.size)))]
    )
    slopes = grid.to_values(
        1j * grid.wave_numbers[:, None] * grid.from_vector(np.eye(grid.size))[None]
    )
    points = grid.coordinates
    stiffness = np.zeros((len(waves), len(waves)))
    for direction, slope in enumerate(slopes):
        raised = waves * (potential.derivative(direction).values(points) / 2)
        raised[1:] += slope
        flat = raised.reshape(len(waves), -1)
        stiffness += flat @ flat.T / flat.shape[1]
    values, vectors = eigh(stiffness)
    height = potential.values(points).reshape(-1)
    weight = np.exp(height.min() - height)
    roots = vectors[:, 1:].T @ waves.reshape(len(waves), -1)
    return GeneratorBasis(values[1:], roots, np.sqrt(weight / weight.mean()))


def hessian_matrix(flow: TorusFlow) -> Array:
    """sqrt(eta_i l_i) (tau + M)_ij sqrt(eta_j l_j) in the eigenbases of the generators.

    Similar to the linearised operator on L^2_0, and its expression on gradient fields: symmetric
    for a symmetric kernel.  Shape (n size, n size).
    """
    model, grid, n = flow.model, flow.grid, flow.species
    bases = [generator_basis(grid, potential) for potential in model.potentials]
    interaction = interaction_matrix(flow, bases)
    roots = np.concatenate(
        [
            np.sqrt(eta * basis.eigenvalues)
            for eta, basis in zip(model.timescales, bases, strict=True)
        ]
    )
    temperatures = np.repeat(model.temperatures, grid.size)
    assert len(roots) == n * grid.size
    return roots[:, None] * (interaction + np.diag(temperatures)) * roots[None, :]


def interaction_matrix(flow: TorusFlow, bases: list[GeneratorBasis]) -> Array:
    """<e_a, M_ij e_b> in orthonormal bases of L^2_0 of each species, shape (n size, n size)."""
    grid, n = flow.grid, flow.species
    size = grid.size
    matrix = np.zeros((n * size, n * size))
    for j in range(n):
        weighted = (bases[j].roots * bases[j].ground).reshape(size, *grid.shape)
        states = np.zeros((size, n, *grid.retained.shape), dtype=complex)
        states[:, j] = grid.to_coefficients(weighted)
        for b, state in enumerate(states):
            images = grid.to_values(flow.linear_potential(state)).reshape(n, -1)
            for i in range(n):
                column = bases[i].roots @ (bases[i].ground * images[i]) / bases[i].ground.size
                matrix[i * size : (i + 1) * size, j * size + b] = column
    return matrix
