"""Eigenfunctions of L on the line for densities exp(-U)/Z with polynomial U, in float64.

psi_j = sqrt(mu_bar) e_j are the eigenfunctions of the Schroedinger operator
H = -d^2 + U'^2/4 - U''/2 in L^2(dx), with those of L as eigenvalues and psi_0 = sqrt(mu_bar).  They
are found among Hermite functions, scaled so that they cover the support; there x and d/dx are
tridiagonal, so polynomials of x are banded and matrix elements have no quadrature error.
"""

from __future__ import annotations

import numpy as np
from attrs import frozen
from numpy.polynomial import Polynomial
from scipy.linalg import eigh

from mflverify.dynamics.exponential import Array

# where mu_bar falls below this share of its maximum, nothing is resolved
_SUPPORT = 1e-34
_MOST_HERMITE = 1600


class BasisError(ArithmeticError):
    """The eigenfunctions are not resolved by the Hermite functions that are tried."""


@frozen(eq=False)
class LineBasis:
    """e_0 = 1, ..., e_count, orthonormal in L^2(mu_bar).

    potential: U.  eigenvalues: of L, shape (count + 1,), the first 0.  vectors: psi_j in Hermite
    functions, shape (hermite + padding, count + 1), rows of the padding 0.  position, slope: x and
    d/dx there.  points, spacing: a uniform grid; roots: psi_j on it, shape (count + 1, points).
    """

    potential: Polynomial
    eigenvalues: Array
    vectors: Array
    position: Array
    slope: Array
    points: Array
    roots: Array

    @property
    def count(self) -> int:
        """The number of eigenfunctions of mean zero."""
        return len(self.eigenvalues) - 1

    @property
    def spacing(self) -> float:
        """The step of the grid, for the trapezoid rule."""
        return float(self.points[1] - self.points[0])

    @property
    def density(self) -> Array:
        """mu_bar on the grid, with respect to dx."""
        return self.roots[0] ** 2

    def coefficients(self, function: Polynomial) -> Array:
        """<e_j, function> in L^2(mu_bar) for j = 0, ..., count."""
        return self.vectors.T @ (_of_matrix(function, self.position) @ self.vectors[:, 0])

    def transport(self, function: Polynomial) -> Array:
        """<grad e_i, e_j grad function>: the matrix of f -> grad*(f grad function)."""
        drift = self.slope + _of_matrix(self.potential.deriv() / 2, self.position)
        gradients = drift @ self.vectors
        return gradients.T @ (_of_matrix(function.deriv(), self.position) @ self.vectors)


def _of_matrix(polynomial: Polynomial, matrix: Array) -> Array:
    total = np.zeros_like(matrix)
    identity = np.eye(len(matrix))
    for coefficient in reversed(polynomial.convert().coef):
        total = total @ matrix + coefficient * identity
    return total


def support(potential: Polynomial, share: float = _SUPPORT) -> tuple[float, float]:
    """The interval outside which exp(-U) is below `share` of its maximum.

    Raises ValueError unless U is of even degree with a positive leading coefficient.
    """
    coefficients = potential.trim().coef
    if len(coefficients) < 3 or len(coefficients) % 2 == 0 or coefficients[-1] <= 0:
        raise ValueError(
            f"U must have even degree and a positive leading coefficient: {list(coefficients)}"
        )
    critical = potential.deriv().roots()
    real = critical.real[np.abs(critical.imag) < 1e-9 * (1 + np.abs(critical))]
    lowest = float(np.min(potential(real)))
    ends = (potential - (lowest - np.log(share))).roots()
    ends = ends.real[np.abs(ends.imag) < 1e-7 * (1 + np.abs(ends))]
    return float(ends.min()), float(ends.max())


def line_basis(potential: Polynomial, count: int, *, tail: float = 1e-11) -> LineBasis:
    """The first `count` eigenfunctions of mean zero, and the constant.

    More Hermite functions are taken until the last tenth of them has a share of at most `tail` in
    every eigenfunction.  Raises ValueError as `support`, BasisError beyond 1600 Hermite functions.
    """
    low, high = support(potential)
    degree = potential.degree()
    first = potential.deriv()
    height = first**2 / 4 - first.deriv() / 2
    hermite = 2 * count + 40
    while hermite <= _MOST_HERMITE:
        centre, radius = (low + high) / 2, (high - low) / 2
        scale = radius / np.sqrt(2 * hermite)
        position, slope = _hermite_matrices(hermite + 2 * degree, centre, scale)
        whole = _of_matrix(height, position) - slope @ slope
        values, vectors = eigh(whole[:hermite, :hermite], subset_by_index=(0, count))
        last = np.linalg.norm(vectors[-hermite // 10 :], axis=0).max()
        if last <= tail:
            padded = np.zeros((len(position), count + 1))
            padded[:hermite] = vectors
            return _finished(potential, values, padded, position, slope, (centre, scale, hermite))
        low, high = _reach(height, float(values[-1]), (low, high))
        hermite = hermite * 5 // 4
    raise BasisError(f"{count} eigenfunctions of exp(-U) are not resolved, U = {potential}")


def _reach(height: Polynomial, level: float, least: tuple[float, float]) -> tuple[float, float]:
    """Where an eigenfunction of eigenvalue `level` has decayed to round-off, by WKB.

    The interval outside which the integral of sqrt(W - level) from the turning point exceeds 32;
    at least the given one.
    """
    ends = []
    for side, start in ((-1, least[0]), (1, least[1])):
        step = 1e-3 * (least[1] - least[0])
        x = start + side * step * np.arange(20000)
        momentum = np.sqrt(np.maximum(height(x) - level, 0.0))
        inside = np.linspace(sum(least) / 2, start, 4000)
        before = np.sqrt(np.maximum(height(inside) - level, 0.0))
        # only what lies beyond the last turning point counts
        turning = np.flatnonzero(before == 0)
        first = int(turning[-1]) + 1 if len(turning) else 0
        action = before[first:].sum() * abs(inside[1] - inside[0])
        total = action + np.cumsum(momentum) * step
        ends.append(float(x[min(int(np.searchsorted(total, 32.0)), len(x) - 1)]))
    return ends[0], ends[1]


def _finished(
    potential: Polynomial,
    values: Array,
    vectors: Array,
    position: Array,
    slope: Array,
    frame: tuple[float, float, int],
) -> LineBasis:
    centre, scale, hermite = frame
    reach = scale * (np.sqrt(2 * hermite) + 6)
    points = np.linspace(centre - reach, centre + reach, 4 * hermite)
    roots = vectors[:hermite].T @ _hermite_functions(hermite, (points - centre) / scale)
    roots /= np.sqrt(scale)
    # positive at the outermost point that matters, whatever basis they were found in
    outermost = [np.flatnonzero(np.abs(row) > 1e-6 * np.abs(row).max())[-1] for row in roots]
    signs = np.sign(roots[np.arange(len(roots)), outermost])
    eigenvalues = np.array(values)
    eigenvalues[0] = 0.0
    return LineBasis(
        potential, eigenvalues, vectors * signs, position, slope, points, roots * signs[:, None]
    )


def _hermite_matrices(size: int, centre: float, scale: float) -> tuple[Array, Array]:
    """x and d/dx on Hermite functions of (x - centre)/scale."""
    off = np.sqrt(np.arange(1, size) / 2)
    position = centre * np.eye(size) + scale * (np.diag(off, 1) + np.diag(off, -1))
    slope = (np.diag(off, 1) - np.diag(off, -1)) / scale
    return position, slope


def _hermite_functions(count: int, x: Array) -> Array:
    """Orthonormal Hermite functions, shape (count, points), by their recurrence."""
    values = np.empty((count, len(x)))
    values[0] = np.pi**-0.25 * np.exp(-(x**2) / 2)
    values[1] = np.sqrt(2.0) * x * values[0]
    for n in range(2, count):
        values[n] = np.sqrt(2 / n) * x * values[n - 1] - np.sqrt((n - 1) / n) * values[n - 2]
    return values
