"""Values of trigonometric polynomials on grids of a torus, in balls.

A polynomial with coefficient matrix A in the last two variables has the values B A B^T, one product
of ball matrices for all points in these; the other variables are put in before.
"""

import math
from collections.abc import Iterator, Sequence

from attrs import define, field
from flint import arb, arb_mat, fmpq

from mflverify.numerics.torus_polynomial import TorusPolynomial


@define(eq=False)
class TorusGrid:
    """The points 2 pi i/N_j in each variable, as slabs: all points of the last two variables.

    The order is that of the indices, the last variable fastest. Values are computed at the working
    precision in force when a polynomial is first seen.
    """

    sizes: tuple[int, ...]
    _bases: dict[tuple[int, int], arb_mat] = field(factory=dict, init=False)
    _matrices: dict[int, tuple[TorusPolynomial, list[arb_mat]]] = field(factory=dict, init=False)

    @property
    def slabs(self) -> int:
        """How many slabs there are."""
        return math.prod(self.sizes[:-2])

    @property
    def slab_size(self) -> int:
        """The number of points of a slab."""
        return math.prod(self.sizes[-2:])

    def slab(self, p: TorusPolynomial, index: int) -> list[arb]:
        """The values of p in a slab."""
        if id(p) not in self._matrices:
            shape, flat = p.tensor()
            values = [arb(c) for c in flat]
            self._matrices[id(p)] = p, list(self._reduced(self.sizes, shape, values))
        A = self._matrices[id(p)][1][index]
        *others, last = self.sizes
        if others:
            A = self._basis(others[-1], A.nrows()) * A
        return (A * self._basis(last, A.ncols()).transpose()).entries()

    def _reduced(
        self, sizes: tuple[int, ...], shape: tuple[int, ...], values: Sequence[arb]
    ) -> Iterator[arb_mat]:
        """The coefficient matrices in the last two variables, the first ones put in."""
        if len(shape) <= 2:
            rows = shape[0] if len(shape) == 2 else 1
            yield arb_mat(rows, len(values) // rows, values)
            return
        rest = len(values) // shape[0]
        first = self._basis(sizes[0], shape[0]) * arb_mat(shape[0], rest, values)
        entries = first.entries()
        for i in range(sizes[0]):
            yield from self._reduced(sizes[1:], shape[1:], entries[i * rest : (i + 1) * rest])

    def _basis(self, N: int, size: int) -> arb_mat:
        """Rows: the points 2 pi i/N; columns: 1, cos x, sin x, ..."""
        if (N, size) not in self._bases:
            table = [arb.sin_cos_pi_fmpq(fmpq(2 * i, N)) for i in range(N)]
            rows = []
            for i in range(N):
                row = [arb(1)]
                for k in range(1, (size + 1) // 2):
                    s, c = table[i * k % N]
                    row += [c, s]
                rows.append(row)
            self._bases[N, size] = arb_mat(rows)
        return self._bases[N, size]
