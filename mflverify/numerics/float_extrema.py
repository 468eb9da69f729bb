"""Rigorous extrema of real trigonometric polynomials in one or two variables, in float64.

A polynomial is a coefficient matrix C in the basis (1, cos x, sin x, cos 2x, sin 2x, ...) of each
variable: p(x, y) = sum_{ij} C[i, j] b_i(x) b_j(y). All cells of a subdivision are treated at once.

If a cell of half-widths h = (h1, h2) about c contains a point where p is largest, the gradient
vanishes there, so Taylor's formula gives, for degrees (n1, n2),
    max p <= p(c) + R (n1 h1 + n2 h2)^2 / 2,    R >= sup |p - m| for some constant m,
by Bernstein's inequality sup |q'| <= n sup |q|, applied to p - m in each variable. Cells for which
the right side falls short of a value that p attains are dropped. R comes from a grid of N > 2n
points: sup |q| <= max_grid |q| / cos(pi n/N) for each variable (Ehlich and Zeller 1964; Jetter,
Pfander and Zimmermann 2001).

Rounding: the centres are multiples of a 2^-24 turn, whose sines and cosines come from two tables by
the addition theorem (each entry comes from a ball, within 2u, so every basis value has an error
below 8u, u = 2^-53); sums of products err by at most (terms + 2) u times the sum of moduli in
whatever order they are formed (Higham, Accuracy and Stability, 3.1). No library sine is trusted.
"""

import math
from functools import lru_cache

import numpy as np
from attrs import frozen
from flint import arb

from mflverify.numerics.coefficient_matrix import Matrix
from mflverify.numerics.precision import working_precision

_TABLE_BITS = 12
_RESOLUTION = 2 * _TABLE_BITS
_UNIT = 2.0**-53
_INFLATE = 1 + 1e-12  # covers the few roundings of the error bounds themselves
_LARGEST_WORKLIST = 1 << 19
_CHUNK = 1 << 15


@lru_cache(maxsize=1)
def _tables() -> tuple[np.ndarray, np.ndarray]:
    """Rows sin, cos of 2 pi j/2^12 and of 2 pi j/2^24, j < 2^12, each entry within 2u."""
    with working_precision(96):
        step = arb(2) ** (1 - _TABLE_BITS)
        coarse = [(j * step).sin_cos_pi() for j in range(1 << _TABLE_BITS)]
        fine = [(j * step * step / 2).sin_cos_pi() for j in range(1 << _TABLE_BITS)]
    first, second = (np.array([[float(v) for v in r] for r in t]).T for t in (coarse, fine))
    return first, second


def _basis(centres: np.ndarray, degree: int) -> np.ndarray:
    """The basis at 2 pi centres/2^24, shape (cells, 2 degree + 1)."""
    values = np.ones((centres.size, 2 * degree + 1))
    coarse, fine = _tables()
    for k in range(1, degree + 1):
        angle = (k * centres) & ((1 << _RESOLUTION) - 1)
        s1, c1 = coarse[:, angle >> _TABLE_BITS]
        s2, c2 = fine[:, angle & ((1 << _TABLE_BITS) - 1)]
        values[:, 2 * k - 1] = c1 * c2 - s1 * s2
        values[:, 2 * k] = s1 * c2 + c1 * s2
    return values


@frozen(eq=False)
class ScaledMatrix:
    """2^exponent * (values + error): float64 coefficients with |error| summed below `error`."""

    values: np.ndarray
    error: float
    exponent: int

    @staticmethod
    def of(matrix: Matrix) -> "ScaledMatrix":
        """Scaled so that the sum of moduli is about one: no overflow, no harmful underflow."""
        with working_precision(128):
            balls = [[arb(c) for c in row] for row in matrix]
            total = sum((abs(c) for row in balls for c in row), arb(0)).upper()
            exponent = 0 if total == 0 else int((total.log() / arb(2).log()).upper().ceil().fmpq())
            scale = arb(2) ** (-exponent)
            scaled = [[c * scale for c in row] for row in balls]
            values = np.array([[float(c.mid()) for c in row] for row in scaled])
            error = sum(
                (
                    abs(c - arb(v))
                    for row, line in zip(scaled, values.tolist(), strict=True)
                    for c, v in zip(row, line, strict=True)
                ),
                arb(0),
            )
            return ScaledMatrix(values, float(error.upper()) * _INFLATE, exponent)


def _evaluation_error(scaled: ScaledMatrix) -> float:
    """A bound of |computed p - p| for p evaluated as sums of (B_x C) B_y, in any order."""
    moduli = float(np.abs(scaled.values).sum()) * _INFLATE
    rounding = (sum(scaled.values.shape) + 32) * _UNIT * moduli
    return (rounding + scaled.error) * _INFLATE + 1e-290


def _initial_points(degree: int) -> int:
    return 1 if degree == 0 else 1 << (8 * degree - 1).bit_length()


def maximum_of_matrix(scaled: ScaledMatrix, relative_gap: float) -> tuple[float, float]:
    """(lower, upper) with lower <= max p/2^exponent <= upper, aiming at the relative gap.

    Relative to max(|max p|, R). The interval is wider, never wrong, if the number of cells grows
    beyond all measure.
    """
    C = scaled.values
    n1, n2 = (C.shape[0] - 1) // 2, (C.shape[1] - 1) // 2
    error = _evaluation_error(scaled)
    N1, N2 = _initial_points(n1), _initial_points(n2)
    full = 1 << _RESOLUTION
    grid = np.arange(N1) * (full // N1), np.arange(N2) * (full // N2)
    values = _basis(grid[0], n1) @ C @ _basis(grid[1], n2).T
    middle = (values.max() + values.min()) / 2
    # N >= 8n (or n = 0) makes each cosine at least cos(pi/8) > 0.923.
    R = (np.abs(values - middle).max() + 2 * error) / 0.923**2 * _INFLATE
    best = -math.inf
    x, y = (g.ravel() for g in np.meshgrid(*grid, indexing="ij"))
    h1, h2 = (full // N1) // 2, (full // N2) // 2
    v = values.ravel()
    while True:
        reach = (n1 * h1 + n2 * h2) * 2 * math.pi / full
        slack = (R * reach**2 / 2 + error) * _INFLATE
        best = max(best, float(v.max()) - error)
        # The cells that were dropped contain no maximiser.
        top = max(float(np.nextafter(v.max() + slack, math.inf)), best)
        keep = v + slack > best
        splits = (1 + (n1 > 0)) * (1 + (n2 > 0))
        done = top - best <= relative_gap * max(abs(best), R) or min(h1, h2) < 2
        if done or int(keep.sum()) * splits > _LARGEST_WORKLIST:
            return best, top
        x, y = x[keep], y[keep]
        h1, h2 = h1 // 2, h2 // 2
        shifts = [(i, j) for i in ((-h1, h1) if n1 else (0,)) for j in ((-h2, h2) if n2 else (0,))]
        x, y = (
            np.concatenate([(x + i) % full for i, _ in shifts]),
            np.concatenate([(y + j) % full for _, j in shifts]),
        )
        v = np.empty(x.size)
        for i in range(0, x.size, _CHUNK):
            part = slice(i, i + _CHUNK)
            v[part] = np.einsum("ci,ci->c", _basis(x[part], n1) @ C, _basis(y[part], n2))
