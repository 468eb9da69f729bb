"""The convexity of a free energy at equilibrium: the bottom of the spectrum of L (tau + M).

With eigenfunctions e_i of L of eigenvalues l_i, sizes g_i = ||e_i||^2 and the symmetric part S of the
coefficients of M, the quotient <f, (tau + M) f> / ||f||_{-1}^2 at f = sum c_i e_i / sqrt(g_i) is that
of the matrix sqrt(l_i l_j) (tau delta_ij + S_ij sqrt(g_i g_j)) at c_i / sqrt(l_i).  Eigenfunctions on
which M does not act contribute tau l.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from attrs import frozen
from flint import arb, arb_mat, fmpq
from numpy.typing import NDArray

from mflverify.models.request import Unavailable
from mflverify.models.slack import ROUND_UP, most_negative

Array = NDArray[np.floating]


@frozen
class Mode:
    """An eigenfunction of L: its eigenvalue and its squared norm."""

    rate: fmpq
    size: fmpq


def exact_convexity(
    temperature: fmpq, form: Sequence[Sequence[fmpq]], modes: Sequence[Mode], beyond: fmpq
) -> fmpq:
    """The bottom of the spectrum where the form is diagonal.

    form: symmetric, the coefficients of M in the modes.  beyond: the least eigenvalue of L of no
    mode.  Raises Unavailable where it may be irrational.
    """
    size = len(modes)
    if any(form[i][j] != 0 for i in range(size) for j in range(size) if i != j):
        raise Unavailable("a bottom of the spectrum that is not known as a rational number")
    values = [m.rate * (temperature + form[i][i] * m.size) for i, m in enumerate(modes)]
    return min([temperature * beyond, *values])


def ball_convexity(
    temperature: arb, form: Sequence[Sequence[fmpq]], modes: Sequence[Mode], beyond: fmpq
) -> arb:
    """A ball that contains the bottom of the spectrum; arguments as in `exact_convexity`."""
    size = len(modes)
    rest = temperature * beyond
    if not size:
        return rest
    roots = [arb(m.rate).sqrt() for m in modes]
    weights = [arb(m.rate * m.size).sqrt() for m in modes]
    top = arb(rest.upper())
    rows = [
        [
            weights[i] * weights[j] * form[i][j]
            + (temperature * roots[i] * roots[j] - top if i == j else 0)
            for j in range(size)
        ]
        for i in range(size)
    ]
    identity = arb_mat([[arb(int(i == j)) for j in range(size)] for i in range(size)])
    # 0 when no mode lies below what is beyond them
    return (top - most_negative(arb_mat(rows), identity)).min(rest)


def float_convexity(form: Array, metric: Array) -> Array:
    """The least eigenvalue of `form` against `metric`, rounded down by 1e-9 of the spectrum.

    form, metric: symmetric, (batch, n, n): <f, (tau + M) f> and <f, L^-1 f> of mean-zero functions.
    """
    inverse = np.linalg.inv(np.linalg.cholesky(metric))
    values = np.linalg.eigvalsh(inverse @ form @ np.swapaxes(inverse, 1, 2))
    return values[:, 0] - (ROUND_UP - 1) * np.abs(values[:, 0])


def symmetric_form(matrices: Sequence[Sequence[Sequence[Fraction]]], size: int) -> list[list[fmpq]]:
    """The symmetric part of the coefficients beside 1, in a square of this size."""
    form: list[list[Any]] = [[fmpq(0)] * size for _ in range(size)]
    for matrix in matrices:
        for i, row in enumerate(matrix[1:]):
            for j, c in enumerate(row[1:]):
                half = fmpq(c.numerator, 2 * c.denominator)
                form[i][j] += half
                form[j][i] += half
    return form
