"""The constants in the theorems, for one model on a torus.

Each is on the safe side of the true value: alpha from below (a proved enclosure), K, T and lambda
from above.  lambda is computed in float64 and raised by 1e-10 of the norm of the interaction.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from attrs import frozen
from scipy.linalg import block_diag

from mflverify.dynamics.exponential import Array
from mflverify.dynamics.torus_flow import TorusFlow
from mflverify.dynamics.torus_grid import TorusGrid
from mflverify.dynamics.torus_model import TorusModel, resolved_grid
from mflverify.dynamics.trigonometric import TrigSeries, equispaced
from mflverify.numerics.density import UniformTorus
from mflverify.numerics.log_sobolev import log_sobolev_constant
from mflverify.numerics.poincare import poincare_constant
from mflverify.numerics.spectral_densities import LogTrigTorus


@frozen(eq=False)
class Constants:
    """alpha, tau, eta: per species, arrays of shape (n,).  slack: lambda of (3.1) or (5.2).

    mixed: K_ij = sup |grad_i grad_j k_ij|, shape (n, n).  third: T_ijk, shape
    (n, n, n): the suprema of Lemma 5.4, zero for kernels alone.
    """

    alpha: Array
    temperature: Array
    timescale: Array
    slack: float
    mixed: Array
    third: Array


def measure(potential: TrigSeries) -> LogTrigTorus | UniformTorus:
    """exp(-potential)/Z as an exact density: floats are the rationals that they are."""
    terms = {
        mode: (Fraction(a), Fraction(b)) for mode, (a, b) in potential.terms.items() if any(mode)
    }
    return LogTrigTorus(terms) if terms else UniformTorus(potential.dimension)


def poincare_lower(potential: TrigSeries) -> float:
    """A float below the Poincare constant of exp(-potential)/Z, within 1e-6 relative."""
    enclosure = poincare_constant(measure(potential), digits=6)
    return float(np.nextafter(float(enclosure.lower), 0.0))


def log_sobolev_bounds(potential: TrigSeries) -> tuple[float, float]:
    """Floats below and above the log-Sobolev constant of exp(-potential)/Z."""
    enclosure = log_sobolev_constant(measure(potential))
    return (
        float(np.nextafter(float(enclosure.lower), 0.0)),
        float(np.nextafter(float(enclosure.upper), np.inf)),
    )


def interaction_slack(model: TorusModel) -> float:
    """lambda: the least number with <f, M f> >= -lambda |f|^2 on mean-zero f, at least 0.

    With k = sum C_ab b_a b_b in the trigonometric functions b that occur, <f, M f> = v.C v for
    v = <b, f>, so the non-zero eigenvalues of the symmetric part of M are those of
    G^(1/2) (C + C^T)/2 G^(1/2), G the Gram matrix of the centred b in L^2(mu_bar).
    """
    n, d = model.species, model.dimension
    degree = max((kernel.degree for kernel in model.kernels.values()), default=0)
    if not degree:
        return 0.0
    flow = TorusFlow(model, resolved_grid(model, degree))
    grid = flow.grid
    states = grid.from_vector(np.eye(n * grid.size).reshape(-1, n, grid.size))
    kernel = np.array(
        [grid.to_vector(flow.linear_potential(state)).reshape(-1) for state in states]
    )
    points = _gram_points(model)
    roots = []
    for potential in model.potentials:
        weight = np.exp(-potential.values(points))
        functions = _trigonometric_values(grid, points)
        axes = tuple(range(1, d + 1))
        weight = weight / weight.sum()
        functions = functions - np.sum(functions * weight, axis=axes, keepdims=True)
        flat = functions.reshape(len(functions), -1)
        roots.append(np.linalg.cholesky((flat * weight.reshape(-1)) @ flat.T))
    root = np.asarray(block_diag(*roots), dtype=float)
    values = np.linalg.eigvalsh(root.T @ (kernel + kernel.T) @ root / 2)
    norm = float(np.linalg.norm(root.T @ kernel @ root, 2))
    return max(0.0, float(-values[0])) + 1e-10 * norm


def _gram_points(model: TorusModel) -> Array:
    """Enough points for the trapezoid rule to be exact to round-off for exp(-U) b_a b_b."""
    steepness = max(
        sum(abs(a) + abs(b) for a, b in potential.terms.values()) for potential in model.potentials
    )
    count = 2 * model.degree() * (12 + int(np.ceil(2 * steepness)))
    return equispaced((count,) * model.dimension)


def _trigonometric_values(grid: TorusGrid, points: Array) -> Array:
    """The orthonormal basis behind `to_vector`, at points of shape (d, ...)."""
    coefficients = grid.from_vector(np.eye(grid.size))
    weighted = (coefficients * grid.multiplicity).reshape(grid.size, -1)
    used = np.any(weighted != 0, axis=0)
    waves = grid.wave_numbers.reshape(grid.dimension, -1)[:, used]
    phases = np.exp(1j * np.tensordot(waves.T, points, axes=1))
    return np.tensordot(weighted[:, used], phases, axes=1).real


def constants(model: TorusModel) -> Constants:
    """All constants of a model."""
    n = model.species
    mixed = np.zeros((n, n))
    for (i, j), kernel in model.kernels.items():
        mixed[i, j] = kernel.mixed_derivative_supremum()
    remainder = model.remainder
    return Constants(
        alpha=np.array([poincare_lower(potential) for potential in model.potentials]),
        temperature=np.array(model.temperatures),
        timescale=np.array(model.timescales),
        slack=interaction_slack(model),
        mixed=mixed,
        third=np.zeros((n, n, n)) if remainder is None else remainder.third_variation_suprema(),
    )
