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
from typing import Any

import numpy as np
from flint import arb, arb_poly, fmpq

from mflverify.models.product_functions import Field, Function, stacked
from mflverify.models.product_space import ProductSpace
from mflverify.models.request import Unavailable
from mflverify.models.rings import Balls, Floats, Rationals, Scalar, rational
from mflverify.numerics.line_suprema import GaussianTerm, UnboundedError, line_sup_norm
from mflverify.numerics.suprema import Bounds, matrix_maximum, matrix_sup_norm

ROUNDING = 1e-12
FINENESS, LARGEST_GRID = 16, 1 << 18
FLOAT_GRID, AT_ONCE = 1 << 12, 1 << 20
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
        return enclosed(ring, matrix_sup_norm(_rows(space, parts[0])))
    if d == 2:
        assert isinstance(u, Field)
        square = matrix_maximum(_rows(space, u.times(u)), 1e-9)
        bounds = Bounds(max(square.lower, fmpq(0)), square.upper)
        return ring.scalar_power(enclosed(ring, bounds), Fraction(1, 2))
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


def enclosed(ring: Any, bounds: Bounds) -> Scalar:
    if isinstance(ring, Balls):
        return bounds.ball
    if not bounds.is_exact:
        raise Unavailable("a supremum that is not known as a rational number")
    return bounds.lower


def grid(degrees: Sequence[int], largest: int = LARGEST_GRID) -> tuple[list[Array], float]:
    """Points in each variable, at most `largest` in all, and the factor by which the largest value
    there may fall short.

    Raises Unavailable when the grid would be too large for the factor to be below 2.
    """
    fineness = FINENESS
    while fineness > 4:
        sizes = [max(1, fineness * n) for n in degrees]
        if np.prod(sizes, dtype=float) <= largest:
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


def points_of(axes: list[Array]) -> Array:
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
    axes, _ = grid(_degrees(parts, d), FLOAT_GRID)
    points = points_of(axes)
    tables = [
        (stacked(part.terms).T, np.exp(1j * (np.array([i[d:] for i in part.terms]) @ points.T)))
        for part in parts
        if part.terms
    ]
    largest = np.zeros(size)
    rows = max(1, AT_ONCE // len(points))
    for start in range(0, size, rows):
        here = slice(start, start + rows)
        square = sum(np.real(weights[here] @ phases) ** 2 for weights, phases in tables)
        largest[here] = np.max(square, axis=-1)
    return np.sqrt(largest)


def float_minimum(space: ProductSpace, u: Function) -> Array:
    """The least value of waves plus a polynomial of each line variable, for a batch of floats.

    Estimated from above over a grid; Raises Unavailable for other functions.
    """
    d = space.dimension
    waves: dict[Any, Array] = {}
    lines: dict[int, dict[int, Array]] = {}
    total = space.ring.number(Fraction(0))
    for index, c in u.terms.items():
        used = [i for i in range(d) if index[i]]
        if len(used) > 1 or (used and any(index[d:])):
            raise Unavailable("the least value of a product of waves and powers")
        if used:
            lines.setdefault(used[0], {})[index[used[0]]] = np.real(c)
        elif any(index[d:]):
            waves[index] = c
        else:
            total = total + np.real(c)
    if waves:
        part = Function(space.ring, waves)
        points = points_of(grid(_degrees((part,), d), FLOAT_GRID)[0])
        phases = np.exp(1j * (np.array([i[d:] for i in waves]) @ points.T))
        total = total + np.min(np.real(stacked(waves).T @ phases), axis=1)
    for powers in lines.values():
        columns: list[Array] = [
            powers[n] if n in powers else 0 * total for n in range(max(powers) + 1)
        ]
        total = total + _polynomial_minimum(np.stack(columns, axis=1))
    return total


def _polynomial_minimum(p: Array) -> Array:
    """The least value at the real parts of the critical points; coefficients (batch, n), lowest first."""
    degree = p.shape[1] - 1
    slope = p[:, 1:] * np.arange(1, degree + 1)
    companion = np.zeros((len(p), degree - 1, degree - 1))
    companion[:, np.arange(1, degree - 1), np.arange(degree - 2)] = 1.0
    companion[:, :, -1] = -slope[:, :-1] / slope[:, -1:]
    points = np.real(np.linalg.eigvals(companion))
    values = np.zeros_like(points)
    for column in p.T[::-1]:
        values = values * points + column[:, None]
    return values.min(axis=1)


def _grid_ball(parts: Sequence[Function], d: int) -> arb:
    axes, factor = grid(_degrees(parts, d))
    points = points_of(axes)
    square = sum(_values(part, d, points, lambda c: complex(c.mid())) ** 2 for part in parts)
    top = float(np.sqrt(np.max(square)))
    radius = sum((abs(c).upper() for part in parts for c in part.terms.values()), arb(0)) * ROUNDING
    radius += sum((arb(c.real.rad()) + arb(c.imag.rad()) for part in parts for c in
                   part.terms.values()), arb(0))  # fmt: skip
    lower = (arb(top) - radius).lower().max(arb(0))
    return lower.union(((arb(top) + radius) * factor).upper())
