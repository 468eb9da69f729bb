"""Entropies and transport distances of a batch of float64 densities on the torus.

Arrays are (batch, N) values on N equispaced points of [0, 2 pi).  `mu` is the equilibrium with mean
1 over the grid; `density` and `reference` are relative to it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mflverify.models.request import Unavailable
from mflverify.numerics.entropy import entropy_density
from mflverify.numerics.wasserstein_float import circle_cut

Array = NDArray[np.floating]

_FLOOR = 1e-9
_REFINEMENT = 8
_TRANSPORT_GRID = 256
_TRANSPORT_LEVELS = 2048


def refined(u: Array, factor: int = _REFINEMENT) -> Array:
    """The trigonometric interpolant on a `factor` times finer grid."""
    return np.fft.irfft(np.fft.rfft(u), factor * u.shape[1]) * factor


def relative_entropy(mu: Array, density: Array, reference: Array) -> Array:
    """KL(density mu | reference mu) of each row."""
    m, p = _refined(mu), _refined(density)
    q = np.where(_resolved_as_log(reference), np.exp(refined(_log(reference))), _refined(reference))
    return np.mean(m * q * entropy_density((p - q) / q), axis=1)


def entropy_rate(mu: Array, density: Array, reference: Array, change: Array) -> Array:
    """d/dt KL((density + t change) mu | reference mu) at t = 0, by central differences of order 8.

    The steps are at most an eightieth of the time in which some value of the density would vanish.
    """
    room = np.min(np.maximum(density, _FLOOR) / np.maximum(np.abs(change), 1e-300), axis=1)
    step = 0.0125 * np.minimum(room, 1 / np.maximum(np.abs(change).max(axis=1), 1e-300))

    def at(multiple: int) -> Array:
        return relative_entropy(mu, density + (multiple * step)[:, None] * change, reference)

    weights = (4 / 5, -1 / 5, 4 / 105, -1 / 280)
    total = sum(c * (at(k) - at(-k)) for k, c in enumerate(weights, 1))
    return np.asarray(total) / step


def logarithm(u: Array) -> Array:
    """log u of each row, values below 1e-9 raised to that."""
    return np.log(_positive(u))


def fisher_information(
    mu: Array, density: Array, reference: Array, derivative: Callable[[Array], Array]
) -> Array:
    """I(density mu | reference mu) of each row; derivative: that of a function on the grid."""
    m, p = _refined(mu), _refined(density)
    direct = refined(derivative(reference)) / _refined(reference)
    slope = np.where(_resolved_as_log(reference), refined(derivative(_log(reference))), direct)
    return np.mean(m * p * (refined(derivative(density)) / p - slope) ** 2, axis=1)


def wasserstein(mu: Array, density: Array, reference: Array) -> Array:
    """W2(density mu, reference mu) of each row, in arc length."""
    factor = _TRANSPORT_GRID // mu.shape[1]
    m, p, q = (_positive(refined(u, factor)) for u in (mu, density, reference))
    pairs = zip(m * p, m * q, strict=True)
    costs = np.array([circle_cut(a, b, _TRANSPORT_LEVELS)[1] for a, b in pairs])
    return 2 * np.pi * np.sqrt(costs)


def mean_absolute(mu: Array, u: Array) -> Array:
    """The L1(mu) norm of each row."""
    return np.mean(refined(mu) * np.abs(refined(u)), axis=1)


def lebesgue_norm(mu: Array, density: Array, exponent: Array) -> Array:
    """(int density^p d mu)^(1/p) of each row; exponent: (batch,)."""
    powers = _refined(density) ** exponent[:, None]
    return np.mean(refined(mu) * powers, axis=1) ** (1 / exponent)


def log_sobolev(mu: Array) -> Array:
    """The log-Sobolev constant: 1 for the uniform density, otherwise not known as a float."""
    if np.any(np.abs(mu - 1) > 1e-12):
        raise Unavailable("the log-Sobolev constant of a density that is not uniform, in floats")
    return np.ones(len(mu))


def _refined(u: Array) -> Array:
    return _positive(refined(u))


def _log(u: Array) -> Array:
    return np.log(np.maximum(u, 1e-300))


def _resolved_as_log(density: Array) -> NDArray[np.bool_]:
    """Whether the grid resolves the logarithm of a density better, as of exp(-u) with a smooth u.

    By the share of the upper third of the spectrum, for each row, as a column.
    """

    def tail(u: Array) -> Array:
        size = np.abs(np.fft.rfft(u))[:, 1:]
        return size[:, 2 * size.shape[1] // 3 :].max(axis=1) / np.maximum(size.max(axis=1), 1e-300)

    return (tail(_log(density)) < tail(density))[:, None]


def _positive(u: Array) -> Array:
    """States are drawn with 1 + f >= 0 on the coarse grid; between its points it may dip below 0."""
    return np.maximum(u, _FLOOR)
