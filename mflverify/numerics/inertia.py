"""Sylvester's law of inertia in balls: how many eigenvalues of a symmetric matrix are negative.

An interval eigensolver must separate the eigenvalues and gives up on clusters (on the circle every
non-zero eigenvalue of a von Mises generator is double). A count does not care: by Sylvester's law
the number of negative pivots of LDL^T is the number of negative eigenvalues, and the pivots are
balls, so the count is a theorem as soon as none of them contains zero.
"""

from collections.abc import Sequence

from flint import arb, arb_mat

# Below this size the scalar elimination in Python beats the overhead of splitting.
_SCALAR_SIZE = 24


class UndecidedSignError(ArithmeticError):
    """A pivot's ball contains zero: the sign cannot be read at this precision and shift."""


def is_symmetric(matrix: arb_mat) -> bool:
    """Whether some symmetric matrix lies in the balls of `matrix` (exactly symmetric if exact)."""
    return matrix.nrows() == matrix.ncols() and bool(matrix.overlaps(matrix.transpose()))


def _scalar_negative_pivots(rows: list[list[arb]]) -> int:
    """Negative pivots of the LDL^T of the symmetric matrix with these rows (overwritten)."""
    size = len(rows)
    negative = 0
    for k in range(size):
        pivot = rows[k][k]
        if pivot < 0:
            negative += 1
        elif not pivot > 0:
            raise UndecidedSignError(f"pivot {k} of {size} is {pivot}")
        column = [rows[i][k] for i in range(size)]
        for i in range(k + 1, size):
            if column[i].is_zero():
                continue
            factor = column[i] / pivot
            row = rows[i]
            for j in range(k + 1, i + 1):
                if not column[j].is_zero():
                    row[j] -= factor * column[j]
    return negative


def _split(matrix: arb_mat, at: int) -> tuple[arb_mat, arb_mat, arb_mat]:
    rows = matrix.tolist()
    return (
        arb_mat([row[:at] for row in rows[:at]]),
        arb_mat([row[at:] for row in rows[:at]]),
        arb_mat([row[at:] for row in rows[at:]]),
    )


def schur_complement(pivot_block: arb_mat, coupling: arb_mat, block: arb_mat) -> arb_mat:
    """`block - coupling^T pivot_block^{-1} coupling`, shapes (n, n), (n, m), (m, m).

    Raises UndecidedSignError if the balls of `pivot_block` contain a singular matrix.
    """
    try:
        solved = pivot_block.solve(coupling)
    except ZeroDivisionError as error:
        raise UndecidedSignError("a leading block may be singular") from error
    return block - coupling.transpose() * solved


def _negative_eigenvalues(matrix: arb_mat) -> int:
    size = matrix.nrows()
    if size <= _SCALAR_SIZE:
        return _scalar_negative_pivots(matrix.tolist())
    leading, coupling, trailing = _split(matrix, size // 2)
    return _negative_eigenvalues(leading) + _negative_eigenvalues(
        schur_complement(leading, coupling, trailing)
    )


def negative_eigenvalues(diagonal: Sequence[arb_mat], coupling: Sequence[arb_mat] = ()) -> int:
    """Number of negative eigenvalues of a symmetric block-tridiagonal matrix, with multiplicity.

    `diagonal[j]` has shape (n_j, n_j), `coupling[j]` the shape (n_j, n_{j+1}): the block in row j
    and column j+1. A dense matrix is one block. The answer holds for every symmetric matrix in the
    balls (Sylvester 1852; Haynsworth 1968 for the additivity over Schur complements). There is no
    pivoting: order the indices so that the definite part (high frequencies) comes first.

    Raises ValueError if a diagonal block is not symmetric or the shapes disagree,
    UndecidedSignError if a pivot's ball contains zero.
    """
    if len(coupling) != max(len(diagonal) - 1, 0):
        raise ValueError(f"{len(diagonal)} diagonal blocks need one coupling fewer: {coupling!r}")
    for j, block in enumerate(diagonal):
        if not is_symmetric(block):
            raise ValueError(f"diagonal[{j}] is not symmetric: {block!r}")
    for j, block in enumerate(coupling):
        shape = (diagonal[j].nrows(), diagonal[j + 1].nrows())
        if (block.nrows(), block.ncols()) != shape:
            raise ValueError(f"coupling[{j}] must have shape {shape}: {block!r}")
    count = 0
    current = None
    for j, block in enumerate(diagonal):
        current = block if current is None else schur_complement(current, coupling[j - 1], block)
        count += _negative_eigenvalues(current)
    return count
