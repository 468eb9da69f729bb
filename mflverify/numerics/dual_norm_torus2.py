"""The squared dual norm on a two-dimensional torus with density exp(-U)/Z, from both sides.

For every trigonometric polynomial psi, with r = f - L psi, L = -Laplace + grad U . grad:
* below (Galerkin, i.e. Dirichlet's principle): ||f||_{-1}^2 >= 2 <f, psi> - ||grad psi||^2;
* above (an admissible flux, Thomson's principle): with mu = w/Z and -Laplace h = r mu the field
  J = mu grad psi + grad h satisfies -div J = f mu, so
      ||f||_{-1}^2 <= int |J|^2/mu = 2 <f, psi> - ||grad psi||^2 + int |grad h|^2/mu,
  and int |grad h|^2 <= int (r mu)^2, since the Laplacian's gap is 1 on functions of mean zero.
psi is found in float64; both bounds are evaluated in balls by the tensor trapezoid rule, whose
remainder is (2 pi)^2 M ((1 + d)^2 - 1), d = 2/(e^{aN} - 1), for |integrand| <= M on |Im x|, |Im y|
<= a (the one-dimensional theorem in each variable). Values on the grid are u^T A v in `arb_mat`.
"""

import math

import numpy as np
from attrs import define, field, frozen
from flint import arb, arb_mat, fmpq

from mflverify.numerics.fourier_series import grid_size
from mflverify.numerics.precision import digits_to_bits, working_precision
from mflverify.numerics.suprema import Matrix, amplitudes, checked_matrix, matrix_minimum
from mflverify.numerics.trig import Coefficient

_DEGREES = (4, 8, 12, 16, 20)
_GUARD_BITS = 40
_LARGEST_GRID = 512


@frozen
class TwoSided:
    """lower <= value <= upper, two exact numbers."""

    lower: arb
    upper: arb

    @property
    def ball(self) -> arb:
        """A ball that contains the whole interval."""
        return self.lower.union(self.upper)

    @property
    def relative_gap(self) -> float:
        """(upper - lower)/upper; 0 if the ends coincide."""
        gap = self.upper - self.lower
        return float((gap / self.upper).upper()) if gap > 0 else 0.0


Rows = tuple[tuple[Coefficient, ...], ...]


def _differentiate(rows: Rows, axis: int) -> Rows:
    """The coefficient matrix of the partial derivative in x (axis 0) or y (axis 1)."""
    if axis == 1:
        return _transposed(_differentiate(_transposed(rows), 0))
    zero = tuple(fmpq(0) * c for c in rows[0])
    result = [zero]
    for k in range(1, (len(rows) + 1) // 2):
        result.append(tuple(k * c for c in rows[2 * k]))
        result.append(tuple(-k * c for c in rows[2 * k - 1]))
    return tuple(result)


def _transposed(rows: Rows) -> Rows:
    return tuple(zip(*rows, strict=True))


def _strip_bound(rows: Rows, a: arb) -> arb:
    """sup |p| over |Im x|, |Im y| <= a."""
    total = abs(arb(rows[0][0]))
    for j, k, amplitude in amplitudes(rows):
        total += arb(amplitude) * ((j + k) * a).cosh()
    return total


def _basis_matrix(N: int, size: int) -> arb_mat:
    """Rows: the points 2 pi i/N; columns: 1, cos x, sin x, ..."""
    table = [arb.sin_cos_pi_fmpq(fmpq(2 * i, N)) for i in range(N)]
    rows = []
    for i in range(N):
        row = [arb(1)]
        for k in range(1, (size + 1) // 2):
            s, c = table[i * k % N]
            row += [c, s]
        rows.append(row)
    return arb_mat(rows)


@define(eq=False)
class _Grid:
    """Values at the N x N grid, as flat lists of balls."""

    N: int
    _bases: dict[int, arb_mat] = field(factory=dict, init=False)

    def _basis(self, size: int) -> arb_mat:
        if size not in self._bases:
            self._bases[size] = _basis_matrix(self.N, size)
        return self._bases[size]

    def values(self, rows: Rows) -> list[arb]:
        A = arb_mat([[arb(c) for c in row] for row in rows])
        return (self._basis(len(rows)) * A * self._basis(len(rows[0])).transpose()).entries()

    def integral(self, values: list[arb], modulus: arb, a: arb) -> arb:
        """The integral over the torus, given a bound of the modulus on the polystrip of width a."""
        d = 2 / ((a * self.N).exp() - 1)
        mean = sum(values, arb(0)) / self.N**2
        error = modulus * d * (2 + d)
        return 4 * arb.pi() ** 2 * (mean + arb(0, error.upper()))


def torus2_dual_norm_squared(
    f: Matrix, potential: Matrix, relative_gap: float = 1e-8, digits: int = 20
) -> TwoSided:
    """||f||_{-1}^2 under exp(-U)/Z on the torus of dimension 2, enclosed from both sides.

    `f` and `potential` are coefficient matrices in the basis (1, cos x, sin x, cos 2x, ...) of each
    variable. The degree of psi grows until the relative gap is reached, or 20; the best enclosure
    is returned either way. Raises ValueError if f is certainly not mean-zero (a mean that is a ball
    around zero is taken for zero), for matrices of the wrong shape, and for densities so narrow
    that they need more than 512 points a side.
    """
    if not 0 < relative_gap < 1:
        raise ValueError(f"relative_gap must be between 0 and 1, got {relative_gap}")
    F, U = checked_matrix(f), checked_matrix(potential)
    best: TwoSided | None = None
    for degree in _DEGREES:
        width, N = _strip(F, U, degree, digits)
        psi = _float_solution(F, U, degree)
        result = _enclosure(F, U, psi, digits, width, _Grid(N))
        if best is None or result.relative_gap < best.relative_gap:
            best = result
        if best.relative_gap <= relative_gap:
            break
    assert best is not None
    return best


def _rational(values: np.ndarray) -> Rows:
    return tuple(tuple(arb(float(v)).fmpq() for v in row) for row in values)


def _enclosure(F: Rows, U: Rows, psi: Rows, digits: int, a: arb, grid: _Grid) -> TwoSided:
    """Both bounds for this psi, on a grid that resolves the polystrip of width a."""
    with working_precision(digits_to_bits(digits, _GUARD_BITS)):
        px, py = _differentiate(psi, 0), _differentiate(psi, 1)
        second = _differentiate(px, 0), _differentiate(py, 1)
        slopes = _differentiate(U, 0), _differentiate(U, 1)
        w = [(-v).exp() for v in grid.values(U)]
        W = _weight_bound(U, a)
        Z = grid.integral(w, W, a)
        raw = grid.values(F)
        mean = grid.integral(
            [v * c for v, c in zip(raw, w, strict=True)], _strip_bound(F, a) * W, a
        )
        if not mean.contains(0):
            raise ValueError(f"f must be mean-zero, its mean is {mean / Z}")
        # f is centred with the exact mean, which is known as a ball.
        offset = mean / Z
        fv, pv = [v - offset for v in raw], grid.values(psi)
        gx, gy = grid.values(px), grid.values(py)
        lx, ly = grid.values(second[0]), grid.values(second[1])
        ux, uy = grid.values(slopes[0]), grid.values(slopes[1])
        energy = [
            (2 * f * p - x * x - y * y) * c for f, p, x, y, c in zip(fv, pv, gx, gy, w, strict=True)
        ]
        residual = [
            ((f + xx + yy - x * s - y * t) * c) ** 2
            for f, xx, yy, x, y, s, t, c in zip(fv, lx, ly, gx, gy, ux, uy, w, strict=True)
        ]
        B = [_strip_bound(rows, a) for rows in (F, psi, px, py, *second, *slopes)]
        f_bound = B[0] + abs(offset)
        energy_bound = (2 * f_bound * B[1] + B[2] ** 2 + B[3] ** 2) * W
        residual_bound = ((f_bound + B[4] + B[5] + B[2] * B[6] + B[3] * B[7]) * W) ** 2
        lower = grid.integral(energy, energy_bound, a) / Z
        excess = grid.integral(residual, residual_bound, a) / Z
        # sup 1/w = exp(max U).
        excess *= arb(-matrix_minimum([[-c for c in row] for row in U]).lower).exp()
        upper = lower + excess.upper().max(arb(0))
        return TwoSided(lower.lower(), upper.upper())


def _weight_bound(U: Rows, a: arb) -> arb:
    """sup |exp(-U)| over the polystrip: the real part of -U is at most -mean + waves."""
    mean = arb(U[0][0])
    return (_strip_bound(U, a) - abs(mean) - mean).exp()


def _strip(F: Rows, U: Rows, degree: int, digits: int) -> tuple[arb, int]:
    """A width and a number of points that make the remainder negligible.

    Raises ValueError if the number of points is out of reach.
    """
    n = degree + (max(len(F), len(F[0]), len(U), len(U[0])) - 1) // 2
    target = digits_to_bits(digits, _GUARD_BITS // 2) * math.log(2)
    best = (math.inf, arb(1))
    for j in range(-8, 6):
        a = arb(1.3**j)
        # Relative to exp(-mean U), a low estimate of the size of the weight.
        growth = float(_weight_bound(U, a).log()) + float(arb(U[0][0]))
        needed = (2 * growth + 4 * n * float(a) + target) / float(a)
        best = min(best, (needed, a), key=lambda pair: pair[0])
    if best[0] > _LARGEST_GRID:
        raise ValueError(
            f"the density needs {best[0]:.0f} points a side, more than {_LARGEST_GRID}"
        )
    return best[1], grid_size(best[0])


def _float_solution(F: Rows, U: Rows, degree: int) -> Rows:
    """The Galerkin solution of the given degree in float64, as exact rationals."""
    size = 2 * degree + 1
    N = 4 * degree + 2 * max(len(F), len(F[0]), len(U), len(U[0])) + 8
    x = 2 * np.pi * np.arange(N) / N

    def basis(columns: int) -> np.ndarray:
        k = np.arange(1, (columns + 1) // 2)
        waves = np.stack([np.cos(np.outer(x, k)), np.sin(np.outer(x, k))], axis=2)
        return np.hstack([np.ones((N, 1)), waves.reshape(N, -1)])

    def values(rows: Rows) -> np.ndarray:
        A = np.array([[float(arb(c)) for c in row] for row in rows])
        return basis(A.shape[0]) @ A @ basis(A.shape[1]).T

    exponent = -values(U)
    w = np.exp(exponent - exponent.max())
    w /= w.sum()
    b = basis(size)
    D = np.zeros((size, size))
    for k in range(1, degree + 1):
        D[2 * k, 2 * k - 1], D[2 * k - 1, 2 * k] = -k, k
    db = b @ D
    f = values(F)
    f = f - (f * w).sum()
    # Stiffness by quadrature, one index pair at a time in tensor form.
    x_part = np.einsum("xi,xj,xy->ijy", db, db, w, optimize=True)
    y_part = np.einsum("xi,xj,xy->ijy", b, b, w, optimize=True)
    K = np.einsum("ijy,yk,yl->ikjl", x_part, b, b, optimize=True)
    K += np.einsum("ijy,yk,yl->ikjl", y_part, db, db, optimize=True)
    load = b.T @ (f * w) @ b
    K = K.reshape(size * size, size * size)[1:, 1:]
    solution = np.linalg.solve(K, load.ravel()[1:])
    return _rational(np.concatenate([[0.0], solution]).reshape(size, size))
