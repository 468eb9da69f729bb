"""Extrema over a torus of trees of several variables, by branch and bound in balls.

A cell of half-widths h about c that contains a maximiser, where the gradient vanishes, satisfies
    max f <= f(c) + (1/2) sum_ij sup_cell |d_i d_j f| h_i h_j
by Taylor's formula; the range of f over the cell is a bound too.
"""

import heapq
from itertools import count, product

from flint import arb

from mflverify.numerics.arithmetic import RealBox, evaluate
from mflverify.numerics.integrand import Convertible, as_integrand
from mflverify.numerics.precision import working_precision
from mflverify.numerics.suprema import RELATIVE_GAP, Bounds
from mflverify.numerics.torus_quadrature import dimension_of

_BITS = 96
_CELLS = 20_000
_FIRST = 4
_PATIENCE = 1_000  # cells, with a bound that is still infinite


def torus_integrand_maximum(tree: Convertible, relative_gap: float = RELATIVE_GAP) -> Bounds:
    """max over the torus of a tree of `TorusPolynomial`s, gap at most relative_gap * |max|.

    The interval is wider, never wrong, if 20,000 cells do not suffice, as for a maximum along a
    curve. Raises ValueError for a gap that is not positive, or if the tree is not bounded as far as
    balls can tell.
    """
    if not relative_gap > 0:
        raise ValueError(f"relative_gap must be positive, got {relative_gap}")
    f = as_integrand(tree)
    d = dimension_of([f])
    slopes = [f.derivative(axis) for axis in range(d)]
    bends = [(i, j, slopes[i].derivative(j)) for i in range(d) for j in range(i + 1)]
    best, order = arb.neg_inf(), count()
    queue: list[tuple[arb, int, tuple[arb, ...], arb]] = []

    def push(centre: tuple[arb, ...], half: arb) -> None:
        nonlocal best
        cell = RealBox(tuple((c - half).union(c + half) for c in centre))
        value = evaluate(f, RealBox(centre))
        if value.is_finite():
            best = best.max(value.lower())
        bend = sum((abs(evaluate(g, cell)) * (1 if i == j else 2) for i, j, g in bends), arb(0))
        bounds = value + bend * half * half / 2, evaluate(f, cell)
        bound = min((b.upper() for b in bounds if b.is_finite()), default=arb.pos_inf())
        if not bound <= best:
            heapq.heappush(queue, (-bound, next(order), centre, half))

    with working_precision(_BITS):
        half = arb.pi() / _FIRST
        for index in product(range(_FIRST), repeat=d):
            push(tuple(half * (2 * i + 1) for i in index), half)
        top = best.max(-queue[0][0]) if queue else best
        for cells in range(_CELLS):
            hopeless = cells >= _PATIENCE and not top.is_finite()
            if not queue or hopeless or top - best <= relative_gap * abs(best):
                break
            _, _, centre, half = heapq.heappop(queue)
            half = half / 2
            for signs in product((-1, 1), repeat=d):
                push(tuple(c + s * half for c, s in zip(centre, signs, strict=True)), half)
            top = best.max(-queue[0][0]) if queue else best
    if not (best.is_finite() and top.is_finite()):
        raise ValueError(f"the integrand could not be bounded on the torus: {f}")
    return Bounds(best.fmpq(), top.fmpq())


def torus_integrand_sup_norm(tree: Convertible, relative_gap: float = RELATIVE_GAP) -> Bounds:
    """sup |f| over the torus; as `torus_integrand_maximum`."""
    f = as_integrand(tree)
    first = torus_integrand_maximum(f, relative_gap)
    second = torus_integrand_maximum(-f, relative_gap)
    return Bounds(max(first.lower, second.lower), max(first.upper, second.upper))
