"""mpmath as an independent second opinion: values, trapezoid sums and comparisons with balls."""

from fractions import Fraction

import mpmath
import numpy as np
from flint import arb, fmpq
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import spsolve

from mflverify.numerics.arithmetic import MpFloats, evaluate
from mflverify.numerics.integrand import Convertible, as_integrand
from mflverify.numerics.precision import working_precision
from mflverify.numerics.trig import TrigPolynomial


def as_arb(value: mpmath.mpf, error: str = "1e-45") -> arb:
    """The exact value of an mpf, widened by its assumed error (absolute and relative)."""
    sign, mantissa, exponent, _ = value._mpf_
    with working_precision(1000):
        exact = arb((-int(mantissa) if sign else int(mantissa), exponent))
        return exact + arb(0, (abs(exact) + 1) * arb(error))


def encloses(ball: fmpq | arb, value: fmpq | arb) -> bool:
    """Whether the ball contains the value for certain (a rational is rounded at 1000 bits)."""
    with working_precision(1000):
        return arb(ball).contains(arb(value))


def agrees(ball: arb, reference: arb) -> bool:
    """Whether the ball contains all of `reference`, or is itself (nearly) exact and meets it."""
    return encloses(ball, reference) or (ball.rad() < arb("1e-30") and ball.overlaps(reference))


def mp_trapezoid(integrand: Convertible, points: int) -> mpmath.mpf:
    """The trapezoid rule over a period in mpmath, with every function evaluated by mpmath."""
    tree = as_integrand(integrand)
    step = 2 * mpmath.pi / points
    return step * mpmath.fsum(evaluate(tree, MpFloats(j * step)) for j in range(points))


def random_trig(rng, degree: int, size: int = 4) -> TrigPolynomial:
    """A rational trigonometric polynomial with small coefficients."""

    def draw(count: int) -> list[Fraction]:
        return [
            Fraction(int(rng.integers(-size, size + 1)), int(rng.integers(1, 5)))
            for _ in range(count)
        ]

    return TrigPolynomial(draw(degree + 1), draw(degree))


def finite_volume_dual_norm(U, f, n: int) -> float:
    """<f, L^{-1} f> on the two-dimensional torus by a second-order finite volume scheme.

    U, f: three by three coefficient matrices; independent of Fourier bases and of the library.
    """
    t = 2 * np.pi * np.arange(n) / n
    h = t[1]

    def values(rows, sx: float, sy: float) -> np.ndarray:
        def basis(s):
            return np.array([np.ones(n), np.cos(t + s), np.sin(t + s)])

        A = np.array([[float(Fraction(c)) for c in row] for row in rows])
        return basis(sx).T @ A @ basis(sy)

    w = np.exp(-values(U, 0, 0))
    index = np.arange(n * n).reshape(n, n)
    rows, columns, entries = [], [], []
    for axis, face in ((0, np.exp(-values(U, h / 2, 0))), (1, np.exp(-values(U, 0, h / 2)))):
        other = np.roll(index, -1, axis)
        for a, b, sign in (
            (index, index, 1),
            (other, other, 1),
            (index, other, -1),
            (other, index, -1),
        ):
            rows.append(a.ravel())
            columns.append(b.ravel())
            entries.append(sign * face.ravel())
    K = coo_matrix(
        (np.concatenate(entries), (np.concatenate(rows), np.concatenate(columns)))
    ).tocsc()
    load = (values(f, 0, 0) * w).ravel() * h * h
    solution = np.zeros(n * n)
    solution[1:] = spsolve(K[1:, 1:], load[1:])
    return float(load @ solution / (w.sum() * h * h))
