"""Suprema over products of circles and lines: of functions, of fields, of mixed derivatives of kernels.

One and two variables go to `numerics.suprema`.  Otherwise values on a grid of N_j points in the j-th
variable bound a trigonometric polynomial of degree n_j in it: its supremum is at most the largest
of them over prod_j cos(pi n_j/N_j) (Ehlich and Zeller 1964, one variable after the other).  The same
factor holds for operator norms, since v.A(x)w is such a polynomial for all unit vectors v and w.
Rounding of float64 is allowed for by 1e-12 of the sum of all coefficients.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from flint import arb, arb_poly, fmpq

from mflverify.models.basis import BasisFunction
from mflverify.models.product_functions import Field, Function
from mflverify.models.product_space import ProductSpace
from mflverify.models.request import Unavailable
from mflverify.models.rings import Balls, Floats, Rationals, Scalar, fraction, rational
from mflverify.numerics.line_suprema import GaussianTerm, UnboundedError, line_sup_norm
from mflverify.numerics.suprema import Bounds, matrix_maximum, matrix_sup_norm

ROUNDING = 1e-12
FINENESS, LARGEST_GRID = 16, 1 << 18
Array = np.ndarray


def sup_norm(space: ProductSpace, u: Any) -> Scalar:
    """sup |u| of a function or a field.  Raises Unavailable when it is infinite or not known."""
    if not isinstance(u, Function | Field):
        raise Unavailable("the supremum of an L^-1 of which only the gradient is known")
    parts = u.components if isinstance(u, Field) else (u,)
    d, ring = space.dimension, space.ring
    if any(part.has_gaussian_factors(d) for part in parts):
        return _on_line(space, parts)
    for part in parts:
        if any(any(index[:d]) for index in part.terms):
            raise Unavailable("the supremum of a polynomial over the line is infinite")
    if isinstance(ring, Floats):
        return _grid_floats(parts, d, ring.size)
    if all(not any(index) for part in parts for index in part.terms):
        values = [ring.real(c) for part in parts for c in part.terms.values()]
        if len(values) <= 1:
            return abs(values[0]) if values else ring.number(Fraction(0))
    if d <= 2 and len(parts) == 1:
        return _enclosed(ring, matrix_sup_norm(_rows(space, parts[0])))
    if d == 2:
        assert isinstance(u, Field)
        square = matrix_maximum(_rows(space, u.times(u)), 1e-9)
        bounds = Bounds(max(square.lower, fmpq(0)), square.upper)
        return ring.scalar_power(_enclosed(ring, bounds), Fraction(1, 2))
    if isinstance(ring, Rationals):
        raise Unavailable("a supremum that is not known as a rational number")
    return _grid_ball(parts, d)


def _on_line(space: ProductSpace, parts: Sequence[Function]) -> arb:
    """sup |u| of polynomials times Gaussian factors, in balls."""
    if space.data.axes != ("line",) or not isinstance(space.ring, Balls):
        raise Unavailable(
            "the supremum of a function with Gaussian factors, not on one line in balls"
        )
    (part,) = parts
    groups: dict[tuple[Fraction, Fraction], dict[int, arb]] = {}
    for index, c in part.terms.items():
        power, frequency, *weight = index
        if frequency:
            raise Unavailable("the supremum of a wave beside a Gaussian factor")
        curvature, tilt = weight or (Fraction(0), Fraction(0))
        groups.setdefault((curvature, tilt), {})[power] = c.real
    terms = [
        GaussianTerm(
            arb_poly([powers.get(n, arb(0)) for n in range(max(powers) + 1)]),
            rational(Fraction(curvature)),
            rational(Fraction(tilt)),
        )
        for (curvature, tilt), powers in groups.items()
    ]
    try:
        return line_sup_norm(terms)
    except UnboundedError as error:
        raise Unavailable(str(error)) from error


def hessian_sup(space: ProductSpace, u: Function) -> Scalar:
    """An upper bound of sup |grad^2 u|, by the Frobenius norm; sharp in one dimension."""
    d = space.dimension
    if d == 1:
        return sup_norm(space, u.derivative(0, 1).derivative(0, 1))
    rows = [u.derivative(i, d).derivative(j, d) for i in range(d) for j in range(d)]
    return _norm_of_parts(space, tuple(rows))


def _norm_of_parts(space: ProductSpace, parts: tuple[Function, ...]) -> Scalar:
    """sup of the Euclidean norm of several functions."""
    square: Any = None
    for part in parts:
        value = part.times(part)
        square = value if square is None else square.plus(value)
    return space.ring.scalar_power(sup_norm(space, square), Fraction(1, 2))


def _rows(space: ProductSpace, u: Function) -> list[list[Any]]:
    if space.dimension == 2:
        return space.matrix(u)
    values = space.coefficients(u)
    size = max((b.frequency[0] for b in values), default=0)
    zero = space.ring.number(Fraction(0))
    rows = [[zero] for _ in range(2 * size + 1)]
    for basis, c in values.items():
        k = basis.frequency[0]
        rows[0 if k == 0 else 2 * k - (basis.wave == "cos")][0] = c
    return rows


def _enclosed(ring: Any, bounds: Bounds) -> Scalar:
    if isinstance(ring, Balls):
        return bounds.ball
    if not bounds.is_exact:
        raise Unavailable("a supremum that is not known as a rational number")
    return bounds.lower


def grid(degrees: Sequence[int]) -> tuple[list[Array], float]:
    """Points in each variable, and the factor by which the largest value there may fall short.

    Raises Unavailable when the grid would be too large for the factor to be below 2.
    """
    fineness = FINENESS
    while fineness > 4:
        sizes = [max(1, fineness * n) for n in degrees]
        if np.prod(sizes, dtype=float) <= LARGEST_GRID:
            break
        fineness -= 1
    else:
        raise Unavailable(f"suprema of degree {list(degrees)} need too fine a grid")
    factor = 1.0
    for n, size in zip(degrees, sizes, strict=True):
        factor /= np.cos(np.pi * n / size) if n else 1.0
    return [2 * np.pi * np.arange(size) / size for size in sizes], float(factor) * (1 + 1e-14)


def _degrees(parts: Sequence[Function], d: int) -> list[int]:
    return [
        max((abs(index[d + i]) for part in parts for index in part.terms), default=0)
        for i in range(d)
    ]


def _points(axes: list[Array]) -> Array:
    """All grid points, shape (points, dimension)."""
    return np.stack([c.ravel() for c in np.meshgrid(*axes, indexing="ij")], axis=1)


def _values(part: Function, d: int, points: Array, middle: Any) -> Array:
    """Real values, shape (..., points), given how a coefficient becomes complex numbers."""
    if not part.terms:
        return np.zeros(len(points))
    phases = np.exp(1j * (np.array([i[d:] for i in part.terms]) @ points.T))
    weights = np.array([middle(c) for c in part.terms.values()])
    return np.real(np.moveaxis(weights, 0, -1) @ phases)


def _grid_floats(parts: Sequence[Function], d: int, size: int) -> Array:
    """An estimate from below over the grid, for each instance of a batch."""
    axes, _ = grid(_degrees(parts, d))
    points = _points(axes)
    square = sum(_values(part, d, points, np.asarray) ** 2 for part in parts)
    return np.sqrt(np.max(square, axis=-1)) * np.ones(size)


def _grid_ball(parts: Sequence[Function], d: int) -> arb:
    axes, factor = grid(_degrees(parts, d))
    points = _points(axes)
    square = sum(_values(part, d, points, lambda c: complex(c.mid())) ** 2 for part in parts)
    top = float(np.sqrt(np.max(square)))
    radius = sum((abs(c).upper() for part in parts for c in part.terms.values()), arb(0)) * ROUNDING
    radius += sum((arb(c.real.rad()) + arb(c.imag.rad()) for part in parts for c in
                   part.terms.values()), arb(0))  # fmt: skip
    lower = (arb(top) - radius).lower().max(arb(0))
    return lower.union(((arb(top) + radius) * factor).upper())


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
        return _enclosed(ring, matrix_sup_norm(_mixed_rows(ring, rows, first, second, used)))
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
    a, b = _slopes(lists[0], _points(axes[:cut])), _slopes(lists[1], _points(axes[cut:]))
    return left, right, a, b, factor


def _mixed_floats(rows: Array, first: Any, second: Any, used: Any) -> Array:
    left, right, a, b, factor = _mixed_tables(first, second, used)
    picked = rows[:, left][:, :, right]
    return np.array([_largest_norm(a, matrix, b) for matrix in picked]) * factor


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
    return lower.union(((arb(top) + slack) * factor).upper())


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
