"""The monotonicity slack of finite-rank kernels: an eigenvalue problem of the size of their rank.

With e_a the basis functions beside 1, made mean-zero, G their Gram matrix in L2(equilibrium) and S
the symmetric part of the coefficients of all kernels, sum <f_i, M_ij f_j> = m^T S m for the moments
m = <e, f>.  A component of f orthogonal to all e_a changes nothing but ||f||, so f = sum c_a e_a,
m = G c and the slack is the largest eigenvalue of -G S G against G, or 0 when that is negative
(mean-zero functions orthogonal to all e_a exist).

A shift adds s_i ||f_i||^2 to the form: s_i G to its block, and s_i on what is orthogonal to all e_a.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import numpy as np
from flint import arb, arb_mat, fmpq
from numpy.typing import NDArray

from mflverify.expr.sorts import Space
from mflverify.expr.terms import KernelSymbol
from mflverify.models.request import Unavailable
from mflverify.models.rings import rational
from mflverify.numerics.inertia import UndecidedSignError, negative_eigenvalues

Array = NDArray[np.floating]
ROUND_UP = 1 + 1e-9


def block_sizes(shapes: Iterable[tuple[KernelSymbol, int, int]]) -> dict[Space, int]:
    """How many basis functions beside 1 of each space occur.  shapes: (kernel, rows, columns)."""
    sizes: dict[Space, int] = {}
    for symbol, rows, columns in shapes:
        for space, count in ((symbol.target, rows), (symbol.source, columns)):
            sizes[space] = max(sizes.get(space, 0), count - 1)
    return sizes


def _offsets(sizes: dict[Space, int]) -> dict[Space, slice]:
    places: dict[Space, slice] = {}
    start = 0
    for space, count in sizes.items():
        places[space] = slice(start, start + count)
        start += count
    return places


def float_slack(
    kernels: list[tuple[KernelSymbol, Array]],
    gram: Callable[[Space, int], Array],
    weights: Mapping[Space, Array],
    shifts: Mapping[Space, Array] = MappingProxyType({}),
) -> Array:
    """The slack of a batch, rounded up by 1e-9 of the size of the spectrum, shape (batch,).

    kernels: coefficients (batch, rows, columns).  gram(space, n): Gram matrices (batch, n, n) of
    the first n basis functions beside 1, made mean-zero.  weights: of the species that are not
    weighted by 1, (batch,).  shifts: of the species with one, (batch,); not beside weights.
    """
    sizes = block_sizes((k, *matrix.shape[1:]) for k, matrix in kernels)
    places, total, batch = _offsets(sizes), sum(sizes.values()), len(kernels[0][1])
    outside = [np.zeros(batch), *(-np.asarray(s) * np.ones(batch) for s in shifts.values())]
    if not total:  # constant kernels vanish on mean-zero functions
        return np.max(outside, axis=0)
    form = np.zeros((batch, total, total))
    for symbol, matrix in kernels:
        rows, columns = places[symbol.target].start, places[symbol.source].start
        height, width = matrix.shape[1] - 1, matrix.shape[2] - 1
        form[:, rows : rows + height, columns : columns + width] += matrix[:, 1:, 1:]
    root = np.zeros((batch, total, total))
    for space, place in places.items():
        root[:, place, place] = np.linalg.cholesky(gram(space, sizes[space]))
        if space in weights:  # G against w G: as if the moments were divided by sqrt(w)
            root[:, place, place] /= np.sqrt(weights[space])[:, None, None]
    half = np.swapaxes(root, 1, 2) @ (form + np.swapaxes(form, 1, 2)) @ root / 2
    for space, shift in shifts.items():
        if space in places:
            size = sizes[space]
            half[:, places[space], places[space]] += np.multiply.outer(shift, np.eye(size))
    values = np.linalg.eigvalsh(half)
    inside = -values[:, 0] + (ROUND_UP - 1) * np.abs(values).max(axis=1)
    return np.max([inside, *outside], axis=0)


def exact_slack(
    kernels: list[tuple[KernelSymbol, tuple[tuple[Fraction, ...], ...]]],
    gram: Callable[[Space, int], list[list[fmpq]]],
    weights: Mapping[Space, fmpq],
    shifts: Mapping[Space, fmpq] = MappingProxyType({}),
) -> fmpq:
    """The slack where both matrices are diagonal.  Raises Unavailable where it may be irrational."""
    form, metric, against = _matrices(kernels, gram, weights, fmpq(0))
    shifted = _shifts(kernels, shifts, fmpq(0))
    size = len(form)
    for i in range(size):
        for j in range(size):
            if i != j and (form[i][j] + form[j][i] != 0 or metric[i][j] != 0):
                raise Unavailable("a slack that is not known as a rational number")
    return max(
        [
            fmpq(0),
            *(-shift for shift in shifts.values()),
            *(-form[i][i] * metric[i][i] ** 2 / against[i][i] - shifted[i] for i in range(size)),
        ]
    )


def ball_slack(
    kernels: list[tuple[KernelSymbol, tuple[tuple[Fraction, ...], ...]]],
    gram: Callable[[Space, int], list[list[arb]]],
    weights: Mapping[Space, arb],
    shifts: Mapping[Space, arb] = MappingProxyType({}),
) -> arb:
    """A ball that contains the slack: a Rayleigh quotient below, an inertia count above."""
    rows, metric_rows, against = _matrices(kernels, gram, weights, arb(0))
    shifted, outside = _shifts(kernels, shifts, arb(0)), arb(0)
    for shift in shifts.values():
        outside = outside.max(-shift)
    size = len(rows)
    if all(c.is_zero() for row in rows for c in row):
        return outside
    metric = arb_mat(metric_rows)
    form = arb_mat([[(rows[i][j] + rows[j][i]) / 2 for j in range(size)] for i in range(size)])
    product = metric * form * metric
    if shifts:  # blocks of the metric, each with the shift of its species
        shift_rows = [[s * c for c in row] for s, row in zip(shifted, metric_rows, strict=True)]
        product = product + arb_mat(shift_rows)
    product = (product + product.transpose()) / 2
    return most_negative(product, arb_mat(against)).max(outside)


def most_negative(product: arb_mat, metric: arb_mat) -> arb:
    """A ball that contains the largest eigenvalue of -product against metric, or 0 if negative.

    Both are symmetric, metric is positive definite.  Raises Unavailable when it is not enclosed.
    """
    try:
        if negative_eigenvalues([product]) == 0:
            return arb(0)
    except UndecidedSignError:
        pass  # a singular form is enclosed from above only
    lower, guess, spread = _rayleigh(product, metric)
    for exponent in (40, 32, 24, 16):
        upper = arb(max(guess, 0.0)) + arb(max(spread, 1e-300)) * arb(2) ** -exponent
        try:
            if negative_eigenvalues([product + metric * upper]) == 0:
                return (lower.max(arb(0))).union(upper) if upper > 0 else arb(0)
        except UndecidedSignError:
            continue
    raise Unavailable("the slack could not be enclosed at this precision")


def exact_spectral_norm(rows: list[list[fmpq]]) -> fmpq:
    """The largest singular value of a matrix with at most one entry a row and a column other than 0.

    Raises Unavailable for other matrices, whose norm may be irrational.
    """
    lines = [*rows, *([row[j] for row in rows] for j in range(len(rows[0])))]
    if any(sum(entry != 0 for entry in line) > 1 for line in lines):
        raise Unavailable("a spectral norm that is not known as a rational number")
    return max(abs(entry) for row in rows for entry in row)


def ball_spectral_norm(rows: list[list[arb]]) -> arb:
    """A ball that contains the largest singular value: the slack of -A^T A, and a square root."""
    matrix = arb_mat(rows)
    if all(entry.is_zero() for row in rows for entry in row):
        return arb(0)
    square = matrix.transpose() * matrix
    square = (square + square.transpose()) / 2
    size = matrix.ncols()
    identity = arb_mat([[arb(int(i == j)) for j in range(size)] for i in range(size)])
    return most_negative(-square, identity).sqrt()


def _rayleigh(product: arb_mat, metric: arb_mat) -> tuple[arb, float, float]:
    """A certified lower bound of the largest eigenvalue of -product, its guess and the spread."""
    a = np.array([[float(x.mid()) for x in row] for row in product.tolist()])
    g = np.array([[float(x.mid()) for x in row] for row in metric.tolist()])
    root = np.linalg.cholesky(g)
    inverse = np.linalg.inv(root)
    values, vectors = np.linalg.eigh(-(inverse @ a @ inverse.T))
    vector = arb_mat([[arb(float(c))] for c in inverse.T @ vectors[:, -1]])
    quotient = (vector.transpose() * product * vector)[0, 0] / (
        vector.transpose() * metric * vector
    )[0, 0]
    return arb((-quotient).lower()), float(values[-1]), float(np.abs(values).max())


def _shifts(
    kernels: list[tuple[KernelSymbol, tuple[tuple[Fraction, ...], ...]]],
    shifts: Mapping[Space, fmpq] | Mapping[Space, arb],
    zero: fmpq | arb,
) -> list[Any]:
    """The shift of each basis function, in the order of `_matrices`."""
    sizes = block_sizes((k, len(matrix), len(matrix[0])) for k, matrix in kernels)
    return [shifts.get(space, zero) for space, count in sizes.items() for _ in range(count)]


def _matrices(
    kernels: list[tuple[KernelSymbol, tuple[tuple[Fraction, ...], ...]]],
    gram: Callable[[Space, int], list[list]],
    weights: Mapping[Space, fmpq] | Mapping[Space, arb],
    zero: fmpq | arb,
) -> tuple[list[list], list[list], list[list]]:
    """The coefficients of the form, the Gram matrix, and the weighted one, as rows."""
    sizes = block_sizes((k, len(matrix), len(matrix[0])) for k, matrix in kernels)
    places, total = _offsets(sizes), sum(sizes.values())
    form = [[zero for _ in range(total)] for _ in range(total)]
    metric = [[zero for _ in range(total)] for _ in range(total)]
    against = [[zero for _ in range(total)] for _ in range(total)]
    for symbol, matrix in kernels:
        top, left = places[symbol.target].start, places[symbol.source].start
        for i, row in enumerate(matrix[1:]):
            for j, c in enumerate(row[1:]):
                form[top + i][left + j] += rational(c) if isinstance(c, Fraction) else c
    for space, place in places.items():
        for i, row in enumerate(gram(space, sizes[space])):
            for j, value in enumerate(row):
                metric[place.start + i][place.start + j] = value
                weighted = value * weights[space] if space in weights else value
                against[place.start + i][place.start + j] = weighted
    return form, metric, against
