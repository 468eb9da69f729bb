"""Entropies of floats near the equilibrium, where direct formulas cancel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


def entropy_density(f: Array) -> Array:
    """(1 + f) log(1 + f) - f, without cancellation near 0; nan where f < -1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        direct = np.where(f == -1, 1.0, (1 + f) * np.log1p(f) - f)
    small = np.where(np.abs(f) < 0.02, f, 0.0)
    # sum over k >= 2 of (-f)^k / (k (k - 1)), by Horner: powers of arrays are slow
    series = np.zeros_like(small)
    for k in range(10, 1, -1):
        series = 1 / (k * (k - 1)) - small * series
    series *= small * small
    return np.where(np.abs(f) < 0.02, series, direct)
