"""How species act on each other: kernels k_ij(x_i, x_j) and quadratic remainders.

The force on species i is the gradient of

    phi_i = sum_j M_ij f^j + R_i,     M_ij f(x) = int k_ij(x, y) f(y) d mu_bar^j(y),
    R_i = (1/2) psi_i sum_jk B_ijk s_j s_k,     s_j = int psi_j f^j d mu_bar^j,

that is V_i[mu] - V_i[mu_bar] up to a constant.  Kernels are sums of functions of x - y and of
products of trigonometric polynomials; both are applied to Fourier coefficients, never as matrices
over the grid.
"""

from __future__ import annotations

import numpy as np
from attrs import field, frozen

from mflverify.dynamics.exponential import Array
from mflverify.dynamics.trigonometric import TrigSeries


@frozen
class Kernel:
    """k(x, y) = convolution(x - y) + sum_r target_r(x) source_r(y).

    products: pairs (target_r, source_r).  Raises ValueError for series of different dimensions.
    """

    convolution: TrigSeries
    products: tuple[tuple[TrigSeries, TrigSeries], ...] = field(default=(), converter=tuple)

    def __attrs_post_init__(self) -> None:
        for pair in self.products:
            for series in pair:
                if series.dimension != self.dimension:
                    raise ValueError(
                        f"a kernel mixes dimensions {self.dimension} and {series.dimension}"
                    )

    @property
    def dimension(self) -> int:
        """d, the same for both arguments."""
        return self.convolution.dimension

    @property
    def degree(self) -> int:
        """The largest |k_j| of a mode in either argument."""
        return max(self.convolution.degree, *(s.degree for pair in self.products for s in pair), 0)

    def transposed(self, factor: float = 1.0) -> Kernel:
        """factor * k(y, x) as a function of (x, y)."""
        return Kernel(
            self.convolution.reflected().scaled(factor),
            tuple((source.scaled(factor), target) for target, source in self.products),
        )

    def scaled(self, factor: float) -> Kernel:
        """factor * k."""
        return Kernel(
            self.convolution.scaled(factor),
            tuple((target.scaled(factor), source) for target, source in self.products),
        )

    def mixed_derivative_supremum(self) -> float:
        """An upper bound of sup_{x,y} |grad_x grad_y k|_op, in the Frobenius norm when d > 1.

        One dimension: 1 percent above the supremum of the whole kernel (Ehlich and Zeller).
        Higher dimensions: convolution and products are bounded apart and added.
        """
        d = self.dimension
        if d == 1:
            return self._supremum_on_the_circle()
        first = [self.convolution.derivative(i) for i in range(d)]
        total = _frobenius([[p.derivative(j) for j in range(d)] for p in first])
        for target, source in self.products:
            total += _length(target) * _length(source)
        return total

    def _supremum_on_the_circle(self) -> float:
        if not self.products:
            return self.convolution.derivative(0).derivative(0).supremum()
        count = 24 * max(self.degree, 1)
        grid = 2 * np.pi * np.arange(count) / count
        difference = (grid[:, None] - grid[None, :])[None]
        total = -self.convolution.derivative(0).derivative(0).values(difference)
        for target, source in self.products:
            total += np.outer(
                target.derivative(0).values(grid[None]), source.derivative(0).values(grid[None])
            )
        return float(np.abs(total).max() / np.cos(np.pi * self.degree / count) ** 2)


def _length(series: TrigSeries) -> float:
    """An upper bound of sup |grad p|."""
    return float(
        np.sqrt(sum(series.derivative(i).supremum() ** 2 for i in range(series.dimension)))
    )


def _frobenius(entries: list[list[TrigSeries]]) -> float:
    return float(np.sqrt(sum(p.supremum() ** 2 for row in entries for p in row)))


@frozen(eq=False)
class Remainder:
    """R_i of the module's docstring: functions psi_i, and B of shape (n, n, n), symmetric in j, k.

    For one species it is the third variation B psi psi psi of F.  Raises ValueError if B is not
    symmetric or its shape does not fit.
    """

    functions: tuple[TrigSeries, ...]
    tensor: Array

    def __attrs_post_init__(self) -> None:
        n = len(self.functions)
        if self.tensor.shape != (n, n, n):
            raise ValueError(f"the tensor must have shape {(n, n, n)}: {self.tensor.shape}")
        if not np.allclose(self.tensor, np.swapaxes(self.tensor, 1, 2)):
            raise ValueError("the tensor must be symmetric in its last two indices")

    def third_variation_suprema(self) -> Array:
        """T_ijk = sup |grad_i grad_j grad_k delta^2 V_i|, upper bounds, shape (n, n, n)."""
        slopes = np.array([_length(series) for series in self.functions])
        return np.abs(self.tensor) * np.einsum("i,j,k->ijk", slopes, slopes, slopes)
