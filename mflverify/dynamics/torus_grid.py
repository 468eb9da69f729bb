"""Fourier transforms on the torus with dealiasing in every direction.

Retained wave numbers satisfy |k_j| <= modes for every j (and, not or).  Products of two retained
functions are formed on n >= 3 modes + 1 points in each direction, so no product is aliased onto a
retained mode (Orszag 1971).  The Nyquist mode is never retained.
"""

from __future__ import annotations

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from mflverify.dynamics.exponential import Array
from mflverify.dynamics.trigonometric import Mode, TrigSeries, equispaced

Complex = NDArray[np.complexfloating]


def _points(modes: int) -> int:
    """The least even number from 3 modes + 1 on with no prime factor above 5."""
    count = 3 * modes + 1
    while count % 2 or not _is_smooth(count):
        count += 1
    return count


def _is_smooth(count: int) -> bool:
    for prime in (2, 3, 5):
        while count % prime == 0:
            count //= prime
    return count == 1


@frozen(eq=False)
class TorusGrid:
    """The functions on (R/2 pi Z)^d with wave numbers |k_j| <= modes.

    Coefficients c_k of sum_k c_k exp(i k.x) are kept for k_d >= 0 (the function is real), in arrays
    of shape (..., n, ..., n, modes + 1); values on the grid have shape (..., n, ..., n).
    wave_numbers: shape (d, n, ..., n, modes + 1).  retained: which of them are used.
    Raises ValueError for dimension outside 1..3 or modes < 1.
    """

    dimension: int
    modes: int
    points: int = field(init=False)
    wave_numbers: Array = field(init=False, repr=False)
    retained: NDArray[np.bool_] = field(init=False, repr=False)
    _half: tuple[NDArray[np.intp], ...] = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        if not 1 <= self.dimension <= 3:
            raise ValueError(f"the dimension must be 1, 2 or 3: {self.dimension}")
        if self.modes < 1:
            raise ValueError(f"at least one mode is needed: {self.modes}")
        put = object.__setattr__  # attrs' way to derive fields of a frozen class
        put(self, "points", _points(self.modes))
        whole = np.fft.fftfreq(self.points, 1 / self.points)
        axes = [whole] * (self.dimension - 1) + [np.arange(self.modes + 1.0)]
        put(self, "wave_numbers", np.stack(np.meshgrid(*axes, indexing="ij")))
        put(self, "retained", np.all(np.abs(self.wave_numbers) <= self.modes, axis=0))
        put(self, "_half", np.nonzero(self.retained & self._first_is_positive()))

    def _first_is_positive(self) -> NDArray[np.bool_]:
        """Whether the last non-zero entry of k is positive: one of each pair k, -k."""
        positive = np.zeros(self.wave_numbers.shape[1:], dtype=bool)
        undecided = ~positive
        for axis in reversed(range(self.dimension)):
            positive |= undecided & (self.wave_numbers[axis] > 0)
            undecided &= self.wave_numbers[axis] == 0
        return positive

    @property
    def size(self) -> int:
        """The number of real degrees of freedom of a function of mean zero."""
        return 2 * len(self._half[0])

    def to_vector(self, coefficients: Complex) -> Array:
        """Mean-zero functions as vectors of length `size`, isometric from L^2(dx/(2 pi)^d)."""
        return np.ascontiguousarray(np.sqrt(2) * coefficients[(..., *self._half)]).view(float)

    def from_vector(self, vector: Array) -> Complex:
        """The inverse of `to_vector`."""
        half = np.ascontiguousarray(vector).view(complex) / np.sqrt(2)
        found = np.zeros(half.shape[:-1] + self.retained.shape, dtype=complex)
        found[(..., *self._half)] = half
        mirrored = tuple(-self.wave_numbers[axis][self._half] for axis in range(self.dimension))
        kept = mirrored[-1] == 0  # -k is kept as well
        place = tuple(entry[kept].astype(int) % self.points for entry in mirrored)
        found[(..., *place)] = np.conj(half[..., kept])
        return found

    @property
    def shape(self) -> tuple[int, ...]:
        """Points in each direction."""
        return (self.points,) * self.dimension

    @property
    def coordinates(self) -> Array:
        """The grid, shape (d, n, ..., n)."""
        return equispaced(self.shape)

    @property
    def laplacian(self) -> Array:
        """|k|^2 of each coefficient: minus the Laplacian."""
        return np.sum(self.wave_numbers**2, axis=0)

    @property
    def multiplicity(self) -> Array:
        """How often each coefficient counts in a sum over all modes: 2 where -k is not kept, 0 unused."""
        return np.where(self.wave_numbers[-1] > 0, 2.0, 1.0) * self.retained

    def to_values(self, coefficients: Complex) -> Array:
        """Values on the grid."""
        if self.dimension == 1:
            return np.fft.irfft(coefficients, self.points, norm="forward")
        axes = tuple(range(-self.dimension, 0))
        return np.fft.irfftn(coefficients, self.shape, axes, norm="forward")

    def to_coefficients(self, values: Array) -> Complex:
        """The retained coefficients of a function given on the grid."""
        if self.dimension == 1:
            return np.fft.rfft(values, norm="forward")[..., : self.modes + 1]
        axes = tuple(range(-self.dimension, 0))
        whole = np.fft.rfftn(values, self.shape, axes, norm="forward")
        return whole[..., : self.modes + 1] * self.retained

    def index(self, mode: Mode) -> tuple[int, bool]:
        """Where the coefficient of `mode` is kept, as a flat index, and whether conjugated.

        Raises ValueError for a mode that is not retained.
        """
        if any(abs(entry) > self.modes for entry in mode):
            raise ValueError(f"mode {mode} is beyond the {self.modes} modes that are kept")
        conjugated = mode[-1] < 0
        kept = tuple(-entry for entry in mode) if conjugated else mode
        position = (*(entry % self.points for entry in kept[:-1]), kept[-1])
        shape = (self.points,) * (self.dimension - 1) + (self.modes + 1,)
        return int(np.ravel_multi_index(position, shape)), conjugated

    def series(self, series: TrigSeries) -> Complex:
        """The coefficients of a trigonometric polynomial.  Raises ValueError if one is not retained."""
        found = np.zeros(self.retained.shape, dtype=complex)
        for mode, (a, b) in series.terms.items():
            for sign in (1, -1):
                at, conjugated = self.index(tuple(sign * entry for entry in mode))
                value = complex(a, -sign * b) / 2
                if conjugated:
                    continue
                if not any(mode):
                    found.flat[at] = a
                    break
                found.flat[at] = value
        return found

    def tail(self, coefficients: Complex) -> float:
        """Share of the norm beyond two thirds of the retained wave numbers, in any direction."""
        high = np.any(np.abs(self.wave_numbers) > 2 * self.modes / 3, axis=0)
        energy = np.abs(coefficients) ** 2 * self.multiplicity
        total = float(energy.sum())
        return float(np.sqrt(energy[..., high].sum() / total)) if total else 0.0

    def refined(self, coefficients: Complex, finer: TorusGrid) -> Complex:
        """The same functions on a finer grid: coefficients padded with zeros."""
        found = np.zeros(coefficients.shape[: -self.dimension] + finer.retained.shape, complex)
        positions = np.nonzero(self.retained)
        moved = tuple(
            self.wave_numbers[axis][positions].astype(int) % finer.points
            for axis in range(self.dimension)
        )
        found[(..., *moved)] = coefficients[(..., *positions)]
        return found
