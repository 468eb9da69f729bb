"""Constants of weighted inequalities for a batch of float64 densities and weights on the torus.

Arrays are (batch, N) values on N equispaced points of [0, 2 pi); `mu` has mean 1 over the grid.  The
theory is in `mflverify.numerics.weighted_poincare`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mflverify.models.request import Unavailable

Array = NDArray[np.floating]

_MODES = 15


def weighted_poincare(mu: Array, weight: Array) -> Array:
    """The largest c with c ||g||^2 <= <g', g'/A> for mean-zero g, by Galerkin's method.

    The second eigenvalue of -d^2 + U'^2/4 + U''/2 against A.
    """
    root = 1 / np.sqrt(mu)
    well = _second_derivative(root) / root
    return _eigenvalue(well, weight, np.arange(-_MODES, _MODES + 1), 1)


def weighted_convexity(mu: Array, weight: Array) -> Array:
    """The largest c with c <Phi, A Phi> <= ||Phi'||^2 for int Phi dx = 0, on uniform circles."""
    if np.any(np.abs(mu - 1) > 1e-12):
        raise Unavailable("a weighted convexity where the equilibrium is not uniform")
    waves = np.arange(-_MODES, _MODES + 1)
    return _eigenvalue(0 * weight, weight, waves[waves != 0], 0)


def _eigenvalue(well: Array, weight: Array, waves: NDArray[np.integer], number: int) -> Array:
    """An eigenvalue of -d^2 + `well` against multiplication by `weight` in exp(ikx), k in `waves`."""
    form = _multiplication(well, waves) + np.diag(waves.astype(float) ** 2)
    inverse = np.linalg.inv(np.linalg.cholesky(_multiplication(weight, waves)))
    values = np.linalg.eigvalsh(inverse @ form @ np.conj(np.swapaxes(inverse, 1, 2)))
    return np.asarray(values[:, number], dtype=np.float64)


def _multiplication(u: Array, waves: NDArray[np.integer]) -> NDArray[np.complexfloating]:
    coefficients = np.fft.fft(u) / u.shape[1]
    return coefficients[:, (waves[:, None] - waves[None, :]) % u.shape[1]]


def _second_derivative(u: Array) -> Array:
    modes = np.arange(u.shape[1] // 2 + 1)
    return np.fft.irfft(-(modes**2) * np.fft.rfft(u), u.shape[1])
