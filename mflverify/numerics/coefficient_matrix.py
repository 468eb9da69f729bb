"""Trigonometric polynomials of two variables as coefficient matrices.

p(x, y) = sum C[i][j] b_i(x) b_j(y) in the basis b = (1, cos x, sin x, cos 2x, sin 2x, ...), so 2n+1
rows for degree n in x. A polynomial of one variable is a single column.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TypeAlias

from flint import arb, fmpq, fmpz

from mflverify.numerics.trig import Coefficient, as_coefficient

Matrix: TypeAlias = Sequence[Sequence[Coefficient]]


def checked_matrix(matrix: Matrix) -> tuple[tuple[Coefficient, ...], ...]:
    """`matrix` as tuples of rationals or balls.

    Raises ValueError unless it is rectangular with an odd number of rows and of columns.
    """
    rows = tuple(tuple(as_coefficient(c, "matrix entry") for c in row) for row in matrix)
    widths = {len(row) for row in rows}
    if len(rows) % 2 == 0 or len(widths) != 1 or widths.pop() % 2 == 0:
        raise ValueError(
            "matrix must be rectangular with odd numbers of rows and columns "
            f"(1, cos x, sin x, ...), got rows of lengths {[len(r) for r in rows]}"
        )
    return rows


def amplitude(a: Coefficient, b: Coefficient) -> Coefficient:
    """sqrt(a^2 + b^2), exact when it is rational."""
    square = a * a + b * b
    if isinstance(square, fmpq):
        root = fmpq(_root(square.p), _root(square.q))
        if root * root == square:
            return root
    ball = arb(square)
    # a ball around 0 may reach below it, where there is no root
    return arb(0).union(ball.upper().sqrt()) if ball.contains(0) else ball.sqrt()


def _root(square: fmpz) -> fmpz:
    return square.isqrt()


def amplitudes(matrix: Matrix) -> Iterator[tuple[int, int, Coefficient]]:
    """(j, |k|, A) for the waves A cos(jx + ky + phase), (j, k) != 0, that p is the sum of."""
    n1, n2 = (len(matrix) - 1) // 2, (len(matrix[0]) - 1) // 2
    for j in range(1, n1 + 1):
        yield j, 0, amplitude(matrix[2 * j - 1][0], matrix[2 * j][0])
    for k in range(1, n2 + 1):
        yield 0, k, amplitude(matrix[0][2 * k - 1], matrix[0][2 * k])
    for j in range(1, n1 + 1):
        for k in range(1, n2 + 1):
            cc, cs = matrix[2 * j - 1][2 * k - 1], matrix[2 * j - 1][2 * k]
            sc, ss = matrix[2 * j][2 * k - 1], matrix[2 * j][2 * k]
            yield j, k, amplitude(cc - ss, cs + sc) / 2
            yield j, k, amplitude(cc + ss, cs - sc) / 2


def amplitude_sum(matrix: Matrix) -> Coefficient:
    """An upper bound of sup |p - mean|."""
    return sum((a for _, _, a in amplitudes(matrix)), fmpq(0))


def quarter_turn_values(matrix: Matrix) -> list[Coefficient]:
    """The values at the points whose coordinates are multiples of pi/2."""

    def basis(size: int, quarter: int) -> list[int]:
        cosine = (1, 0, -1, 0)
        waves = [(cosine[k * quarter % 4], cosine[(k * quarter - 1) % 4]) for k in range(1, size)]
        return [1, *chain.from_iterable(waves)]

    rows, columns = (len(matrix) + 1) // 2, (len(matrix[0]) + 1) // 2
    values: list[Coefficient] = []
    for q in range(4 if rows > 1 else 1):
        bx = basis(rows, q)
        line = [
            sum((b * row[j] for b, row in zip(bx, matrix, strict=True) if b), fmpq(0))
            for j in range(len(matrix[0]))
        ]
        for r in range(4 if columns > 1 else 1):
            by = basis(columns, r)
            values.append(sum((b * c for b, c in zip(by, line, strict=True) if b), fmpq(0)))
    return values


def mixed_derivative(matrix: Matrix) -> tuple[tuple[Coefficient, ...], ...]:
    """The matrix of d_x d_y p."""
    C = checked_matrix(matrix)
    n1, n2 = (len(C) - 1) // 2, (len(C[0]) - 1) // 2

    # (cos kx)' = -k sin kx and (sin kx)' = k cos kx: entry i of the derivative is sign * C[source].
    def plan(n: int) -> list[tuple[int, int]]:
        return [
            (0, 0),
            *chain.from_iterable(((2 * k, k), (2 * k - 1, -k)) for k in range(1, n + 1)),
        ]

    return tuple(tuple(f * g * C[i][j] for j, g in plan(n2)) for i, f in plan(n1))
