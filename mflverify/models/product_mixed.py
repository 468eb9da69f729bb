"""Suprema of mixed derivatives of kernels on products of circles and lines.

k = sum rows[i][j] a_i(x) b_j(y) with waves and coordinates.  Below: values on a grid.  Above: those over the
factor of Ehlich and Zeller (`product_suprema`), or the sum of the suprema of the parts of k with one
frequency k in x and one l in y.  Such a part is h(k.x, l.y) = w(k.x)^T m w(l.y), w = (cos, sin); its mixed
derivative is k l^T times a bilinear form with the matrix m at two unit vectors, hence at most |k| |l| ||m||,
which is attained.  A coordinate counts as a wave with a constant slope.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from flint import arb, fmpq

from mflverify.models.basis import BasisFunction
from mflverify.models.product_space import ProductSpace
from mflverify.models.product_suprema import ROUNDING, Array, enclosed, grid, points_of
from mflverify.models.request import Unavailable
from mflverify.models.rings import Floats, Rationals, Scalar, fraction, rational
from mflverify.numerics.suprema import matrix_sup_norm

FLOAT_ROUNDING = 1e-13


def mixed_sup(target: ProductSpace, source: ProductSpace, rows: Any, bases: Any) -> Scalar:
    """sup ||grad_x grad_y k||_op, k = sum rows[i][j] a_i(x) b_j(y); bases: the a_i and the b_j.

    rows: Fractions, balls, or floats (batch, rows, columns).  Raises Unavailable when the mixed derivative is unbounded, or not known as a rational.
    """
    ring = target.ring
    floats = isinstance(ring, Floats)
    first, second = bases
    used = [
        (i, j)
        for i in range(len(first))
        for j in range(len(second))
        if _occurs(rows, i, j, floats) and not (first[i].is_constant or second[j].is_constant)
    ]
    for basis in {first[i] for i, _ in used} | {second[j] for _, j in used}:
        if not _has_bounded_slope(basis):
            raise Unavailable("the mixed derivative of this kernel is not bounded on the line")
    if not used:
        return ring.number(Fraction(0))
    if not floats and target.dimension == source.dimension == 1:
        return enclosed(ring, matrix_sup_norm(_mixed_rows(ring, rows, first, second, used)))
    if isinstance(ring, Rationals):
        raise Unavailable("a supremum that is not known as a rational number")
    if floats:
        return _mixed_floats(rows, first, second, used)
    middle, radius = _middles(rows, first, second, used)
    return _mixed_ball(middle, tuple(first), tuple(second), tuple(used)) + radius


def _middles(
    rows: Any, first: Any, second: Any, used: Any
) -> tuple[tuple[tuple[Fraction, ...], ...], arb]:
    """Rational coefficients, and a ball by which the others may change the operator norm."""
    middle = [[Fraction(0)] * len(second) for _ in first]
    radius = arb(0)
    for i, j in used:
        value = rows[i][j]
        if isinstance(value, arb):
            radius += arb(value.rad()) * _slope_bound(first[i]) * _slope_bound(second[j])
            value = fraction(value.mid().fmpq())
        middle[i][j] = value
    return tuple(map(tuple, middle)), arb(0, radius.upper())


def _slope_bound(basis: BasisFunction) -> int:
    return max(1, sum(map(abs, basis.frequency)))


def _occurs(rows: Any, i: int, j: int, floats: bool) -> bool:
    if floats:
        return bool(np.any(rows[:, i, j]))
    vanishes = rows[i][j] == 0  # for a ball: certainly
    return not vanishes


def _has_bounded_slope(basis: BasisFunction) -> bool:
    return sum(basis.powers) == 0 or (sum(basis.powers) == 1 and not any(basis.frequency))


def _mixed_rows(ring: Any, rows: Any, first: Any, second: Any, used: Any) -> list[list[Any]]:
    """The coefficient matrix of d_x d_y k in 1, cos, sin, ... of both variables."""

    def slope(basis: BasisFunction) -> tuple[int, int]:
        """Place in 1, cos x, sin x, ... of the derivative, and its factor."""
        k = basis.frequency[0]
        if k == 0:
            return 0, 1
        return (2 * k, -k) if basis.wave == "cos" else (2 * k - 1, k)

    height = 2 * max(first[i].frequency[0] for i, _ in used) + 1
    width = 2 * max(second[j].frequency[0] for _, j in used) + 1
    total: list[list[Any]] = [[fmpq(0)] * width for _ in range(height)]
    for i, j in used:
        (row, a), (column, b) = slope(first[i]), slope(second[j])
        value = rows[i][j]
        exact = value if isinstance(value, arb) else rational(value)
        total[row][column] = total[row][column] + exact * (a * b)
    return total


def _slopes(bases: Sequence[BasisFunction], points: Array) -> Array:
    """Gradients at the points, shape (basis, points, dimension)."""
    result = []
    for basis in bases:
        k = np.array(basis.frequency, dtype=float)
        if not k.any():
            result.append(np.ones((len(points), 1)) * np.array(basis.powers, dtype=float))
            continue
        angle = points @ k
        wave = -np.sin(angle) if basis.wave == "cos" else np.cos(angle)
        result.append(wave[:, None] * k)
    return np.array(result)


def _mixed_tables(first: Any, second: Any, used: Any) -> tuple[Any, Any, Array, Array, float]:
    """Which basis functions occur, their slopes on grids of both spaces, and the grids' factor."""
    left = sorted({i for i, _ in used})
    right = sorted({j for _, j in used})
    lists = [[first[i] for i in left], [second[j] for j in right]]
    degrees = [
        max(abs(b.frequency[axis]) for b in part)
        for part in lists
        for axis in range(part[0].dimension)
    ]
    axes, factor = grid(degrees)
    cut = lists[0][0].dimension
    a, b = _slopes(lists[0], points_of(axes[:cut])), _slopes(lists[1], points_of(axes[cut:]))
    return left, right, a, b, factor


def _mixed_floats(rows: Array, first: Any, second: Any, used: Any) -> Array:
    """An upper bound, attained by kernels with one frequency in each variable."""
    parts: dict[tuple[Wave, Wave], dict[tuple[int, int], Array]] = {}
    for i, j in used:
        place = int(first[i].wave == "sin"), int(second[j].wave == "sin")
        parts.setdefault((_wave(first[i]), _wave(second[j])), {})[place] = rows[:, i, j]
    total = np.zeros(len(rows))
    for waves, entries in parts.items():
        total += np.sqrt(_squared_lengths(waves)) * _spectral(entries)
    return total * (1 + FLOAT_ROUNDING)


Wave = tuple[tuple[int, ...], tuple[int, ...]]


def _wave(basis: BasisFunction) -> Wave:
    """What a cosine and the sine beside it share."""
    return basis.powers, basis.frequency


def _squared_lengths(waves: tuple[Wave, Wave]) -> int:
    """|k|^2 |l|^2; a coordinate has slope 1."""
    first, second = (sum(n * n for n in (*powers, *frequency)) for powers, frequency in waves)
    return first * second


def _spectral(entries: dict[tuple[int, int], Any]) -> Any:
    """The largest singular value of a matrix of size two."""
    a, b, c, d = (entries.get(place, 0.0) for place in ((0, 0), (0, 1), (1, 0), (1, 1)))
    return (np.hypot(a + d, b - c) + np.hypot(a - d, b + c)) / 2


@lru_cache(maxsize=256)
def _mixed_ball(
    rows: tuple[tuple[Fraction, ...], ...],
    first: tuple[BasisFunction, ...],
    second: tuple[BasisFunction, ...],
    used: tuple[tuple[int, int], ...],
) -> arb:
    left, right, a, b, factor = _mixed_tables(first, second, used)
    matrix = np.array([[float(rows[i][j]) for j in right] for i in left])
    top = _largest_norm(a, matrix, b)
    size = np.abs(a).max(axis=(1, 2)) @ np.abs(matrix) @ np.abs(b).max(axis=(1, 2))
    slack = arb(float(size)) * ROUNDING * (a.shape[2] * b.shape[2])
    lower = (arb(top) - slack).lower().max(arb(0))
    upper = ((arb(top) + slack) * factor).upper()
    return lower.union(upper.min(_sum_of_parts(rows, first, second, used)).max(lower))


def _sum_of_parts(
    rows: tuple[tuple[Fraction, ...], ...], first: Any, second: Any, used: Any
) -> arb:
    """An upper bound: the sum over pairs of frequencies."""
    parts: dict[tuple[Wave, Wave], dict[tuple[int, int], fmpq]] = {}
    for i, j in used:
        place = int(first[i].wave == "sin"), int(second[j].wave == "sin")
        value = rational(rows[i][j])
        parts.setdefault((_wave(first[i]), _wave(second[j])), {})[place] = value
    total = arb(0)
    for waves, entries in parts.items():
        a, b, c, d = (entries.get(p, fmpq(0)) for p in ((0, 0), (0, 1), (1, 0), (1, 1)))
        squares = (a + d) ** 2 + (b - c) ** 2, (a - d) ** 2 + (b + c) ** 2
        size = sum((arb(square).sqrt() for square in squares), arb(0))
        total += arb(_squared_lengths(waves)).sqrt() * size / 2
    return total.upper()


def _largest_norm(a: Array, matrix: Array, b: Array) -> float:
    """max over grid points of the operator norm of sum matrix[i, j] a_i(x) b_j(y)^T."""
    half = np.einsum("ixp,ij->xpj", a, matrix)
    table = np.einsum("xpj,jyq->xypq", half, b)
    if min(table.shape[2:]) == 1:
        return float(np.sqrt((table**2).sum(axis=(2, 3)).max()))
    gram = np.einsum("xypq,xyrq->xypr", table, table)
    if gram.shape[2] == 2:
        half = (gram[..., 0, 0] + gram[..., 1, 1]) / 2
        spread = np.hypot((gram[..., 0, 0] - gram[..., 1, 1]) / 2, gram[..., 0, 1])
        return float(np.sqrt((half + spread).max()))
    return float(np.sqrt(np.linalg.eigvalsh(gram)[..., -1].max()))
