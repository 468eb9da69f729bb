"""Exponential Runge-Kutta integration of u' = -s L u + N(u) on one-dimensional tori, batched.

Scheme ETDRK4 (Cox and Matthews 2002; coefficients as in Kassam and Trefethen 2005), with phi
functions evaluated on the real, non-positive spectrum of -s L h, where they need no contour:

    a  = e^{z/2} u + (h/2) phi1(z/2) N(u)
    b  = e^{z/2} u + (h/2) phi1(z/2) N(a)
    c  = e^{z/2} a + (h/2) phi1(z/2) (2 N(b) - N(u))
    u' = e^{z} u + h [(phi1 - 3 phi2 + 4 phi3) N(u) + (2 phi2 - 4 phi3)(N(a) + N(b))
                      + (4 phi3 - phi2) N(c)]

L = grad* grad is diagonalised once per instance: sqrt(mu) L / sqrt(mu) = A^T A is symmetric.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

Array = NDArray[np.floating]
State = dict[str, Array]


def differentiation_matrix(size: int) -> Array:
    """The spectral derivative on `size` equispaced points of [0, 2 pi), even size.

    The Nyquist mode has derivative zero.  Raises ValueError for an odd size.
    """
    if size % 2:
        raise ValueError(f"the grid must have an even number of points, not {size}")
    offsets = np.arange(1, size)
    column = np.zeros(size)
    column[1:] = 0.5 * (-1.0) ** offsets / np.tan(offsets * np.pi / size)
    index = (np.arange(size)[:, None] - np.arange(size)[None, :]) % size
    return column[index]


@frozen
class Diffusion:
    """L of each instance of a batch, diagonalised.

    eigenvalues: (batch, N), ascending.  to_modes, from_modes: (batch, N, N), on functions of mean
    zero without Nyquist mode: the two null vectors of the discrete gradient are left out.
    """

    eigenvalues: Array
    to_modes: Array
    from_modes: Array

    @staticmethod
    def of(density: Array) -> Diffusion:
        """L for densities on the grid, shape (batch, N), positive, of any normalisation.

        Raises ValueError for a density that is not positive and finite.
        """
        if not np.all(np.isfinite(density)) or np.any(density <= 0):
            raise ValueError(
                f"a density must be positive and finite, its minimum is {density.min()}"
            )
        root = np.sqrt(density)
        d = differentiation_matrix(density.shape[1])
        a = root[:, :, None] * d[None] / root[:, None, :]
        values, vectors = np.linalg.eigh(np.swapaxes(a, 1, 2) @ a)
        # constants and the Nyquist mode, which the discrete gradient does not see
        vectors[:, :, :2] = 0.0
        values[:, :2] = 0.0
        to_modes = np.swapaxes(vectors, 1, 2) * root[:, None, :]
        return Diffusion(values, to_modes, vectors / root[:, :, None])

    def apply(self, u: Array) -> Array:
        """L u for functions on the grid, shape (batch, N)."""
        return self._map(self.eigenvalues, u)

    def _map(self, values: Array, u: Array) -> Array:
        return _matvec(self.from_modes, values * _matvec(self.to_modes, u))


def _matvec(matrix: Array, vector: Array) -> Array:
    return np.einsum("bij,bj->bi", matrix, vector)


def phi_functions(z: Array) -> tuple[Array, Array, Array]:
    """phi1, phi2, phi3 for z <= 0, to machine precision: series near 0, recurrence elsewhere."""
    small = np.abs(z) < 1.0
    safe = np.where(small, -1.0, z)
    phi1 = np.expm1(safe) / safe
    phi2 = (phi1 - 1) / safe
    phi3 = (phi2 - 0.5) / safe
    near = np.where(small, z, 0.0)
    results = []
    for order, far in ((1, phi1), (2, phi2), (3, phi3)):
        term = np.full_like(z, 1.0 / np.prod(np.arange(1, order + 1)))
        total = term.copy()
        for k in range(1, 20):
            term = term * near / (order + k)
            total += term
        results.append(np.where(small, total, far))
    return results[0], results[1], results[2]


@frozen
class _Weights:
    """The maps of one step size for one symbol, as diagonal matrices in the modes of L."""

    diffusion: Diffusion
    full: Array
    half: Array
    half_phi: Array
    first: Array
    middle: Array
    last: Array

    @staticmethod
    def of(diffusion: Diffusion, speed: Array, step: float) -> _Weights:
        z = -speed[:, None] * diffusion.eigenvalues * step
        phi1, phi2, phi3 = phi_functions(z)
        half1, _, _ = phi_functions(z / 2)
        return _Weights(
            diffusion,
            np.exp(z),
            np.exp(z / 2),
            step / 2 * half1,
            step * (phi1 - 3 * phi2 + 4 * phi3),
            step * (2 * phi2 - 4 * phi3),
            step * (4 * phi3 - phi2),
        )


@frozen
class Integrator:
    """Steps of ETDRK4 for several symbols at once.

    right_side: the whole right-hand side u' as a function of the state.  diffusion, speed: L and
    the factor s of each symbol, speed of shape (batch,).
    """

    right_side: Callable[[State], State]
    diffusion: dict[str, Diffusion]
    speed: dict[str, Array]

    def run(self, state: State, step: float, count: int) -> State:
        """The state after `count` steps.  Raises FloatingPointError when it is not finite."""
        weights = {n: _Weights.of(self.diffusion[n], self.speed[n], step) for n in state}
        modes = {n: _matvec(self.diffusion[n].to_modes, u) for n, u in state.items()}
        for _ in range(count):
            modes = self._step(modes, weights)
        result = {n: _matvec(self.diffusion[n].from_modes, m) for n, m in modes.items()}
        if not all(np.all(np.isfinite(u)) for u in result.values()):
            raise FloatingPointError(f"the trajectory blew up with step {step:g}")
        return result

    def _force(self, modes: State) -> State:
        state = {n: _matvec(self.diffusion[n].from_modes, m) for n, m in modes.items()}
        whole = self.right_side(state)
        return {
            n: _matvec(self.diffusion[n].to_modes, whole[n])
            + self.speed[n][:, None] * self.diffusion[n].eigenvalues * modes[n]
            for n in modes
        }

    def _step(self, u: State, w: dict[str, _Weights]) -> State:
        nu = self._force(u)
        a: State = {n: w[n].half * u[n] + w[n].half_phi * nu[n] for n in u}
        na = self._force(a)
        b: State = {n: w[n].half * u[n] + w[n].half_phi * na[n] for n in u}
        nb = self._force(b)
        c: State = {n: w[n].half * a[n] + w[n].half_phi * (2 * nb[n] - nu[n]) for n in u}
        nc = self._force(c)
        return {
            n: w[n].full * u[n]
            + w[n].first * nu[n]
            + w[n].middle * (na[n] + nb[n])
            + w[n].last * nc[n]
            for n in u
        }
