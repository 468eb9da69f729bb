"""One species for an enclosure of the spectrum: eigenfunctions of its generator, nearly.

S = -Laplace + W is the generator L on L^2(dx), by the ground state sqrt(mu_bar).  In an orthonormal
basis whose first n functions span F, S maps F into the span of the first n+ functions, and S >= t
on the complement of F.  The columns of U span a space V in F of m approximate eigenfunctions, and
f = U y + x with x orthogonal to V.  In these coordinates S has four blocks: a small matrix on V, a
coupling whose size is that of the residuals, the same backwards, and S on the complement.  There

    S >= sigma - |coupling|^2 / (sigma - max of S on V)                            (Haynsworth)

when S has at most m eigenvalues below sigma.  That is counted by Sylvester's law of inertia: with A
the block of F and C its coupling, at most the negative eigenvalues of A - sigma - C^T C/(t - sigma).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from attrs import frozen
from flint import acb, arb, arb_mat

from mflverify.dynamics.exponential import Array
from mflverify.numerics.inertia import UndecidedSignError

_MOST = 120  # eigenfunctions
_RESIDUAL = 1e-6  # relative, of those that are used
_CLUSTER = 1e-10  # eigenvalues nearer than this, relative to the largest, are not told apart
_LEAST_GAP = 1e-4  # relative, above the last of them


@frozen(eq=False)
class Section:
    """S on a finite space: `image` of shape (n+, n) holds S e_1, ..., S e_n; tail: t above."""

    image: arb_mat
    tail: arb

    @property
    def size(self) -> int:
        """n."""
        return self.image.ncols()

    @property
    def extended(self) -> int:
        """n+."""
        return self.image.nrows()


@frozen(eq=False)
class Diagonalised:
    """A section with all approximate eigenvectors Z of its block A.

    values: approximate eigenvalues, ascending.  vectors: Z, shape (n, n), exact.  leaks: |C z| for each.
    block, coupling, gram: Z^T A Z, (C Z)^T C Z and Z^T Z in balls.
    """

    section: Section
    values: Array
    vectors: arb_mat
    leaks: Array
    block: arb_mat
    coupling: arb_mat
    gram: arb_mat

    @staticmethod
    def of(section: Section) -> Diagonalised:
        """All eigenvectors, at the working precision."""
        size, rows = section.size, section.image.tolist()
        inner, outer = arb_mat(rows[:size]), rows[size:]
        dense = _floats(inner)
        values, found = np.linalg.eigh((dense + dense.T) / 2)
        start = arb_mat(found.tolist())
        vectors = _improved(start, start.transpose() * inner * start)
        leaving = arb_mat(outer) * vectors if outer else arb_mat(0, size)
        return Diagonalised(
            section,
            values,
            vectors,
            np.linalg.norm(_floats(leaving), axis=0) if outer else np.zeros(size),
            vectors.transpose() * inner * vectors,
            leaving.transpose() * leaving if outer else arb_mat(size, size),
            vectors.transpose() * vectors,
        )

    def count_below(self, sigma: arb) -> int:
        """An upper bound for the number of eigenvalues of S below sigma.

        Raises UndecidedSignError when sigma is not below the tail, or too near an eigenvalue.
        """
        distance = self.section.tail - sigma
        if not distance > 0:
            raise UndecidedSignError(f"{sigma} is not below the tail {self.section.tail}")
        form = (self.block - self.gram * sigma - self.coupling / distance).tolist()
        negative = 0
        for i, row in enumerate(form):
            radius = sum((abs(x) for j, x in enumerate(row) if j != i), arb(0))
            # diagonally dominant: the form and Z are not singular, and signs can be read
            if row[i] < -radius:
                negative += 1
            elif not row[i] > radius:
                raise UndecidedSignError(f"row {i} of {len(form)} is not dominant at {sigma}")
        return negative

    def ground(self) -> list[arb]:
        """The first eigenvector, of norm 1 up to the working precision; shape (n,)."""
        column = [row[0] for row in self.vectors.tolist()]
        length = sum((x * x for x in column), arb(0)).sqrt()
        return [x / length for x in column]

    def gap(self) -> arb:
        """A lower bound for the first eigenvalue above the ground state's, which is 0.

        Raises UndecidedSignError when none is found.
        """
        sigma = arb(float(self.values[1]) * 0.75)
        if not sigma > 0 or self.count_below(sigma) > 1:
            raise UndecidedSignError("the ground state is not separated from the rest")
        return sigma

    def eigenspace(self) -> Eigenspace:
        """As many eigenfunctions as the section resolves, cut where there is a gap.

        Raises UndecidedSignError when there are none above the ground state.
        """
        resolved = self.leaks <= _RESIDUAL * (1 + np.abs(self.values))
        most = int(np.argmin(resolved)) if not resolved.all() else len(resolved) - 1
        count = min(most, _MOST)
        while count > 1:
            below, above = self.values[count - 1], self.values[count]
            if above - below > _LEAST_GAP * above:
                try:
                    return self._eigenspace(count, arb(float(above - (above - below) / 16)))
                except UndecidedSignError:
                    count -= count // 8
            count -= 1
        raise UndecidedSignError("no eigenfunctions are resolved")

    def _eigenspace(self, count: int, sigma: arb) -> Eigenspace:
        if self.count_below(sigma) > count:
            raise UndecidedSignError(f"more than {count} eigenvalues may lie below {sigma}")
        section = self.section
        used = arb_mat([row[:count] for row in self.vectors.tolist()])
        images = section.image * used
        vectors = padded(used, section.extended)
        gram = vectors.transpose() * vectors
        inverse = gram.inv()
        block = inverse * (vectors.transpose() * images)
        leak = images - vectors * block
        rows = enumerate(gram.tolist())
        spread = norm(x - int(i == j) for i, row in rows for j, x in enumerate(row))
        shrink = 1 - spread  # |U y|^2 >= shrink |y|^2
        room = sigma - _largest_disc(block)
        if not (shrink > 0 and room > 0):
            raise UndecidedSignError("the eigenfunctions are not nearly orthonormal")
        coupling = norm(column_norms(leak))
        return Eigenspace(
            vectors, inverse, block, leak, sigma - coupling * coupling / shrink / room
        )


@frozen(eq=False)
class Eigenspace:
    """V and S in its coordinates.

    vectors: U, shape (n+, m).  inverse: (U^T U)^-1.  block: S on V, (m, m).  leak: the part of
    S U orthogonal to V, (n+, m).  floor: S >= floor on the complement of V.
    """

    vectors: arb_mat
    inverse: arb_mat
    block: arb_mat
    leak: arb_mat
    floor: arb

    @property
    def size(self) -> int:
        """m."""
        return self.vectors.ncols()

    def split(self, functions: arb_mat) -> tuple[arb_mat, arb_mat, arb_mat]:
        """For columns w: U^T w, the coordinates (U^T U)^-1 U^T w, and the rest w - U (those)."""
        products = self.vectors.transpose() * functions
        coordinates = self.inverse * products
        return products, coordinates, functions - self.vectors * coordinates


def _improved(vectors: arb_mat, block: arb_mat) -> arb_mat:
    """A step of Newton's method for orthonormal eigenvectors: errors are squared.

    block: Z^T A Z.  Ogita and Aishima, Iterative refinement for symmetric eigenvalue decomposition,
    Japan J. Indust. Appl. Math. 35 (2018); only a guess, whatever comes of it is checked.
    """
    size = vectors.ncols()
    gram = (vectors.transpose() * vectors).tolist()
    rows = block.tolist()
    values = [rows[i][i] / gram[i][i] for i in range(size)]
    near = float(max(abs(v) for v in values)) * _CLUSTER
    step = [
        [
            (rows[i][j] - values[j] * gram[i][j]) / (values[j] - values[i])
            if i != j and abs(values[j] - values[i]) > near
            else (int(i == j) - gram[i][j]) / 2
            for j in range(size)
        ]
        for i in range(size)
    ]
    return (vectors + vectors * arb_mat(step)).mid()


def padded(matrix: arb_mat, rows: int) -> arb_mat:
    """The matrix with rows of zeros below."""
    missing = rows - matrix.nrows()
    return arb_mat([*matrix.tolist(), *([[arb(0)] * matrix.ncols()] * missing)])


def column_norms(matrix: arb_mat) -> list[arb]:
    """Euclidean norms of the columns."""
    return [norm(column) for column in matrix.transpose().tolist()]


def norm(vector: Iterable[arb | acb]) -> arb:
    """An upper bound of the Euclidean norm."""
    sizes = (abs(x).upper() for x in vector)
    return sum((size * size for size in sizes), arb(0)).sqrt().upper()


def _largest_disc(matrix: arb_mat) -> arb:
    """An upper bound of the real eigenvalues, by Gershgorin's discs."""
    ends = [
        row[i] + sum((abs(x) for j, x in enumerate(row) if j != i), arb(0))
        for i, row in enumerate(matrix.tolist())
    ]
    largest = ends[0]
    for end in ends[1:]:
        largest = largest.max(end)
    return largest


def _floats(matrix: arb_mat) -> Array:
    return np.array([[float(x.mid()) for x in row] for row in matrix.tolist()])
