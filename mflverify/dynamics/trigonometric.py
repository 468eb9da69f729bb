"""Real trigonometric polynomials in float64 on the torus of period 2 pi in d directions."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import numpy as np
from attrs import field, frozen

from mflverify.dynamics.exponential import Array

Mode = tuple[int, ...]
Coefficients = tuple[float, float]


def _canonical(terms: Mapping[Mode, Coefficients]) -> dict[Mode, Coefficients]:
    """One of k and -k for each pair: the one whose first non-zero entry is positive."""
    found: dict[Mode, Coefficients] = {}
    for mode, (a, b) in terms.items():
        first = next((entry for entry in mode if entry), 0)
        key, sign = (tuple(-entry for entry in mode), -1.0) if first < 0 else (tuple(mode), 1.0)
        old = found.get(key, (0.0, 0.0))
        found[key] = (old[0] + float(a), old[1] + sign * float(b) if first else 0.0)
    return {mode: pair for mode, pair in found.items() if pair != (0.0, 0.0)}


@frozen
class TrigSeries:
    """p(x) = sum_k a_k cos(k.x) + b_k sin(k.x), from {k: (a_k, b_k)}; x in the torus (R/2 pi Z)^d.

    Raises ValueError if a mode has another length than `dimension`, or a coefficient is not finite.
    """

    dimension: int
    terms: Mapping[Mode, Coefficients] = field(converter=_canonical)

    def __attrs_post_init__(self) -> None:
        for mode, pair in self.terms.items():
            if len(mode) != self.dimension:
                raise ValueError(f"mode {mode} must have {self.dimension} entries")
            if not np.all(np.isfinite(pair)):
                raise ValueError(f"the coefficients of mode {mode} must be finite: {pair}")

    @property
    def degree(self) -> int:
        """The largest |k_j| of a mode."""
        return max((abs(entry) for mode in self.terms for entry in mode), default=0)

    def scaled(self, factor: float) -> TrigSeries:
        """factor * p."""
        return TrigSeries(
            self.dimension, {m: (factor * a, factor * b) for m, (a, b) in self.terms.items()}
        )

    def reflected(self) -> TrigSeries:
        """x -> p(-x)."""
        return TrigSeries(self.dimension, {m: (a, -b) for m, (a, b) in self.terms.items()})

    def derivative(self, direction: int) -> TrigSeries:
        """The partial derivative in one direction."""
        return TrigSeries(
            self.dimension,
            {m: (b * m[direction], -a * m[direction]) for m, (a, b) in self.terms.items()},
        )

    def values(self, points: Array) -> Array:
        """p at `points` of shape (d, ...): shape (...)."""
        total = np.zeros(points.shape[1:])
        for mode, (a, b) in self.terms.items():
            phase = np.tensordot(np.array(mode, dtype=float), points, axes=1)
            total += a * np.cos(phase) + b * np.sin(phase)
        return total

    def supremum(self) -> float:
        """An upper bound of sup |p|, at most 1 percent too large in each direction.

        Ehlich and Zeller: on n equispaced points with n > 2 degree, sup |p| is at most
        max |p(x_j)| / cos(pi degree / n) for each direction.
        """
        if not self.degree:
            return abs(self.terms.get((0,) * self.dimension, (0.0, 0.0))[0])
        count = 24 * self.degree
        loss = np.cos(np.pi * self.degree / count) ** self.dimension
        return float(np.abs(self.values(equispaced((count,) * self.dimension))).max() / loss)


def equispaced(shape: tuple[int, ...]) -> Array:
    """The points 2 pi j / n of each direction, shape (d, n_1, ..., n_d)."""
    axes = [2 * np.pi * np.arange(count) / count for count in shape]
    return np.stack(np.meshgrid(*axes, indexing="ij"))


def half_space_modes(dimension: int, degree: int) -> list[Mode]:
    """Modes k != 0 with |k_j| <= degree, one of each pair k, -k, shortest first."""
    modes = [
        mode
        for mode in product(range(-degree, degree + 1), repeat=dimension)
        if next((entry for entry in mode if entry), 0) > 0
    ]
    return sorted(modes, key=lambda mode: (sum(entry**2 for entry in mode), mode))


def random_series(rng: np.random.Generator, dimension: int, degree: int, size: float) -> TrigSeries:
    """Gaussian coefficients that decrease like 1/|k|^2, mean zero; `size` scales all of them."""
    terms = {}
    for mode in half_space_modes(dimension, degree):
        scale = size / sum(entry**2 for entry in mode)
        a, b = rng.normal(0.0, scale, 2)
        terms[mode] = (float(a), float(b))
    return TrigSeries(dimension, terms)
