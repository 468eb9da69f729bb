"""Certified integrals over the torus of dimension d of trees that do not separate.

If f is 2 pi-periodic in each variable and analytic with |f| <= M where all |Im z_j| <= a, then
|c_k| <= M e^{-a(|k_1| + ... + |k_d|)}, and the mean over N^d equispaced points differs from c_0 by
the aliases sum c_{Nm}, m != 0, so by at most M ((1 + t)^d - 1), t = 2/(e^{aN} - 1).

Values on the grid come from products of ball matrices (`torus_grid`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from attrs import define, field, frozen
from flint import arb

from mflverify.numerics.arithmetic import evaluate
from mflverify.numerics.fourier_series import grid_size
from mflverify.numerics.grid_arithmetic import BallLists
from mflverify.numerics.integrand import Convertible, Integrand, Multivariate, as_integrand
from mflverify.numerics.polystrip import PolystripMajorant, wanted_minima
from mflverify.numerics.precision import digits_to_bits, working_precision
from mflverify.numerics.torus_grid import TorusGrid
from mflverify.numerics.torus_polynomial import TorusPolynomial

_GUARD_BITS = 24
_BOUND_BITS = 64
_COARSE = 8
_MOST_POINTS = 1 << 21
_WIDTHS = tuple(1.3**j for j in range(-24, 9))


def dimension_of(trees: Sequence[Integrand]) -> int:
    """The dimension of all polynomials in the trees.

    Raises ValueError if there is none, or if they differ.
    """
    found: set[int] = set()
    waiting = list(trees)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Multivariate):
            found.add(node.polynomial.dimension)
        waiting.extend(node.children)
    if len(found) != 1:
        raise ValueError(f"the integrand needs polynomials of one dimension, got {sorted(found)}")
    return found.pop()


@define(eq=False)
class TorusSlab(BallLists):
    """The arithmetic of one slab; what occurs again in several trees is computed once."""

    grid: TorusGrid
    index: int
    _leaves: dict[int, list[arb]] = field(factory=dict, init=False)
    _exponentials: dict[int, list[arb]] = field(factory=dict, init=False)

    @property
    def size(self) -> int:
        return self.grid.slab_size

    def multivariate(self, p: TorusPolynomial) -> list[arb]:
        if id(p) not in self._leaves:
            self._leaves[id(p)] = self.grid.slab(p, self.index)
        return self._leaves[id(p)]

    def exp(self, value: list[arb]) -> list[arb]:
        # The lists of the leaves live as long as this object, so that ids are not reused.
        if not any(value is leaf for leaf in self._leaves.values()):
            return super().exp(value)
        if id(value) not in self._exponentials:
            self._exponentials[id(value)] = super().exp(value)
        return self._exponentials[id(value)]


def grid_sums(trees: Sequence[Integrand], grid: TorusGrid) -> list[arb]:
    """The means over the grid of all trees, at the working precision."""
    totals = [arb(0)] * len(trees)
    for index in range(grid.slabs):
        slab = TorusSlab(grid, index)
        for i, tree in enumerate(trees):
            totals[i] += sum(evaluate(tree, slab), arb(0))
    return [total / (grid.slabs * grid.slab_size) for total in totals]


@frozen
class Polystrip:
    """|f| <= bound where all |Im z_j| <= width, for a function of `dimension` variables."""

    width: arb
    bound: arb
    dimension: int

    def aliasing(self, N: int) -> arb:
        """A bound of the error of the mean over N^d points."""
        t = 2 / ((self.width * N).exp() - 1)
        return self.bound * (self.dimension * t.log1p()).expm1()  # t may be below the precision

    def points(self, log_tolerance: float) -> float:
        """How large N must be for an error of about exp(log_tolerance)."""
        if self.bound == 0:
            return 1.0
        size = float(self.bound.log()) + math.log(2 * self.dimension + 1)
        return max(1.0, (size - log_tolerance) / float(self.width))


def best_polystrip(tree: Integrand, log_tolerance: float) -> Polystrip:
    """The certified polystrip that needs the fewest points.

    Raises ValueError if the tree is not certified analytic on any polystrip that is tried.
    """
    dimension = dimension_of([tree])
    best: Polystrip | None = None
    minima = wanted_minima(tree)
    with working_precision(_BOUND_BITS):
        for width in _WIDTHS:
            try:
                bound = evaluate(tree, PolystripMajorant(arb(width), minima))[0]
            except ArithmeticError:
                break
            if not bound.is_finite():
                break
            found = Polystrip(arb(width), bound.upper(), dimension)
            if best is None or found.points(log_tolerance) < best.points(log_tolerance):
                best = found
    if best is None:
        raise ValueError(f"the integrand is not certified analytic on any polystrip: {tree}")
    return best


def points_needed(trees: Sequence[Integrand], log_tolerance: float) -> int:
    """N such that the errors of all means over N^d points are about exp(log_tolerance).

    Raises ValueError if a tree is not certified analytic, or N^d is more than two million.
    """
    least = max(best_polystrip(tree, log_tolerance).points(log_tolerance) for tree in trees)
    N, dimension = grid_size(least), dimension_of(trees)
    if N**dimension > _MOST_POINTS:
        raise ValueError(f"the integrand needs {N} points a side in dimension {dimension}")
    return N


def torus_integrals(trees: Sequence[Integrand], log_tolerance: float, bits: int) -> list[arb]:
    """The means under dx/(2 pi)^d of all trees, from one grid; the errors are about
    exp(log_tolerance).

    Raises ValueError if a tree is not certified analytic, or needs more than two million points.
    """
    strips = [best_polystrip(tree, log_tolerance) for tree in trees]
    N = points_needed(trees, log_tolerance)
    with working_precision(bits):
        sums = grid_sums(trees, TorusGrid((N,) * dimension_of(trees)))
        return [
            mean + arb(0, strip.aliasing(N).upper())
            for mean, strip in zip(sums, strips, strict=True)
        ]


def torus_integral(integrand: Convertible | TorusPolynomial, digits: int = 20) -> arb:
    """The integral over [0, 2 pi]^d of a tree of `multivariate` polynomials.

    Quotients, logarithms and roots are accepted where the real part of their argument is proved
    positive on a polystrip. About `digits` digits relative to sup |f|. Raises ValueError if the
    integrand is not certified analytic, or needs more than two million points.
    """
    tree = as_integrand(integrand)
    dimension = dimension_of([tree])
    with working_precision(_BOUND_BITS):
        slab = TorusSlab(TorusGrid((_COARSE,) * dimension), 0)
        sizes = [v.abs_lower() for v in evaluate(tree, slab) if v.is_finite()]
        largest = max(sizes, default=arb(0))
        scale = float(largest.log()) if largest > 0 else 0.0
    bits = digits_to_bits(digits, _GUARD_BITS)
    mean = torus_integrals([tree], scale - bits * math.log(2), bits)[0]
    with working_precision(bits):
        return (2 * arb.pi()) ** dimension * mean
