"""Rigorous enclosures of maxima, minima and suprema over the torus, with exact rational ends.

Trigonometric polynomials in one or two variables go through `float_extrema` (branch and bound in
float64 with rounding bounds); two cheap exact bounds close the interval altogether in the common
cases: from above the sum of the amplitudes, from below the values at quarter turns. Any other
integrand goes through branch and bound in balls, on
max f <= f(c) + sup_cell |f''| h^2/2 for a cell that contains a maximiser (f' = 0 there).

Two-variable polynomials are coefficient matrices (`coefficient_matrix`).
"""

import heapq
import math
from collections.abc import Iterator
from fractions import Fraction
from itertools import chain, count

from attrs import frozen
from flint import arb, fmpq

from mflverify.numerics.arithmetic import RealBalls, evaluate
from mflverify.numerics.coefficient_matrix import (
    Matrix,
    amplitude_sum,
    checked_matrix,
    mixed_derivative,
    quarter_turn_values,
)
from mflverify.numerics.float_extrema import ScaledMatrix, maximum_of_matrix
from mflverify.numerics.integrand import Convertible, Integrand, absolute, as_integrand
from mflverify.numerics.precision import working_precision
from mflverify.numerics.trig import Coefficient, TrigPolynomial

RELATIVE_GAP = 1e-6
_CELLS = 20_000
_BITS = 128


@frozen
class Bounds:
    """A real number known to lie in [lower, upper]; both ends are exact rationals."""

    lower: fmpq
    upper: fmpq

    @property
    def is_exact(self) -> bool:
        """Whether the two ends coincide, so that the number is known exactly."""
        return self.lower == self.upper

    @property
    def ball(self) -> arb:
        """A ball that contains [lower, upper]."""
        return arb(self.lower).union(arb(self.upper))

    def readable_upper(self, relative_gap: float = RELATIVE_GAP) -> fmpq:
        """The simplest rational in [upper, upper + relative_gap |upper|]: an upper bound too.

        (Smallest denominator; `upper` itself when the ends coincide.)
        """
        if self.is_exact or self.upper == 0:
            return self.upper
        low = Fraction(int(self.upper.p), int(self.upper.q))
        simplest = simplest_between(low, low + abs(low) * Fraction(relative_gap))
        return fmpq(simplest.numerator, simplest.denominator)


def simplest_between(low: Fraction, high: Fraction) -> Fraction:
    """The rational of smallest denominator in [low, high], by continued fractions."""
    floor = math.floor(low)
    if floor == low or floor + 1 <= high:
        return Fraction(math.ceil(low))
    return floor + 1 / simplest_between(1 / (high - floor), 1 / (low - floor))


def _check_gap(relative_gap: float) -> None:
    if not 0 < relative_gap < math.inf:
        raise ValueError(f"relative_gap must be positive, got {relative_gap}")


def _column(p: TrigPolynomial) -> tuple[tuple[Coefficient, ...], ...]:
    waves = chain.from_iterable(zip(p.cosines[1:], p.sines, strict=True))
    return tuple((c,) for c in (p.mean, *waves))


def _negative(matrix: Matrix) -> Matrix:
    return [[-c for c in row] for row in matrix]


def _dyadic(value: float, exponent: int) -> fmpq:
    fraction = Fraction(value) * Fraction(2) ** exponent
    return fmpq(fraction.numerator, fraction.denominator)


def matrix_maximum(matrix: Matrix, relative_gap: float = RELATIVE_GAP) -> Bounds:
    """max of p over the torus, gap at most relative_gap * max(|max p|, osc p).

    Exact (lower = upper) if the amplitude bound is rational and attained at quarter turns. Raises
    ValueError for a matrix of the wrong shape or a gap that is not positive.
    """
    _check_gap(relative_gap)
    C = checked_matrix(matrix)
    low = max(_lower(v) for v in quarter_turn_values(C))
    with working_precision(_BITS):
        high = _upper(C[0][0] + amplitude_sum(C))
    if low == high:
        return Bounds(low, high)
    scaled = ScaledMatrix.of(C)
    lower, upper = maximum_of_matrix(scaled, relative_gap)
    low = max(low, _dyadic(lower, scaled.exponent))
    return Bounds(low, min(high, _dyadic(upper, scaled.exponent)))


def matrix_minimum(matrix: Matrix, relative_gap: float = RELATIVE_GAP) -> Bounds:
    """min of p over the torus; as `matrix_maximum`."""
    b = matrix_maximum(_negative(checked_matrix(matrix)), relative_gap)
    return Bounds(-b.upper, -b.lower)


def matrix_sup_norm(matrix: Matrix, relative_gap: float = RELATIVE_GAP) -> Bounds:
    """sup |p| over the torus; as `matrix_maximum`."""
    _check_gap(relative_gap)
    C = checked_matrix(matrix)
    low = max(_lower(abs(v)) for v in quarter_turn_values(C))
    with working_precision(_BITS):
        high = _upper(abs(C[0][0]) + amplitude_sum(C))
    if low == high:
        return Bounds(low, high)
    first = matrix_maximum(C, relative_gap)
    second = matrix_maximum(_negative(C), relative_gap)
    return Bounds(max(first.lower, second.lower), max(first.upper, second.upper))


def mixed_sup(kernel: Matrix, relative_gap: float = RELATIVE_GAP) -> Bounds:
    """K = sup |d_x d_y k| for the kernel with this coefficient matrix."""
    return matrix_sup_norm(mixed_derivative(kernel), relative_gap)


def maximum(p: TrigPolynomial, relative_gap: float = RELATIVE_GAP) -> Bounds:
    """max of p over the torus; as `matrix_maximum`."""
    return matrix_maximum(_column(p), relative_gap)


def minimum(p: TrigPolynomial, relative_gap: float = RELATIVE_GAP) -> Bounds:
    """min of p over the torus; as `matrix_maximum`."""
    return matrix_minimum(_column(p), relative_gap)


def sup_norm(p: TrigPolynomial, relative_gap: float = RELATIVE_GAP) -> Bounds:
    """sup |p| over the torus; as `matrix_maximum`."""
    return matrix_sup_norm(_column(p), relative_gap)


def certainly_positive(p: TrigPolynomial) -> bool:
    """Whether p > 0 on the whole torus, certified; false also when it cannot be decided."""
    bounds = minimum(p)
    if bounds.lower > 0 or bounds.upper <= 0:
        return bounds.lower > 0
    with working_precision(192):
        for lower, upper in _progressive_maximum(as_integrand(-p)):
            if upper < 0 or lower >= 0:
                return bool(upper < 0)
    return False


def _lower(value: Coefficient) -> fmpq:
    return value if isinstance(value, fmpq) else value.lower().fmpq()


def _upper(value: Coefficient) -> fmpq:
    return value if isinstance(value, fmpq) else value.upper().fmpq()


def integrand_maximum(tree: Convertible, relative_gap: float = RELATIVE_GAP) -> Bounds:
    """max over the torus of a periodic integrand, gap at most relative_gap * |max|.

    The interval is wider if the budget of cells runs out. Raises ValueError if the tree is not
    periodic, or not bounded as far as balls can tell (a pole, a logarithm of zero).
    """
    _check_gap(relative_gap)
    tree = as_integrand(tree)
    if not tree.is_periodic:
        raise ValueError(f"the integrand must be 2 pi-periodic, got {tree}")
    lower, upper = arb.neg_inf(), arb.pos_inf()
    with working_precision(_BITS):
        for lower, upper in _progressive_maximum(tree):
            if upper - lower <= relative_gap * abs(lower):
                break
    if not (lower.is_finite() and upper.is_finite()):
        raise ValueError(f"the integrand could not be bounded on the torus: {tree}")
    return Bounds(lower.fmpq(), upper.fmpq())


def integrand_minimum(tree: Convertible, relative_gap: float = RELATIVE_GAP) -> Bounds:
    """min over the torus of a periodic integrand; as `integrand_maximum`."""
    b = integrand_maximum(-as_integrand(tree), relative_gap)
    return Bounds(-b.upper, -b.lower)


def integrand_sup_norm(tree: Convertible, relative_gap: float = RELATIVE_GAP) -> Bounds:
    """sup |f| over the torus of a periodic integrand f; as `integrand_maximum`."""
    return integrand_maximum(absolute(tree), relative_gap)


def _progressive_maximum(tree: Integrand) -> Iterator[tuple[arb, arb]]:
    """Ever better exact (lower, upper) for max of a periodic tree, by branch and bound in balls."""
    bend = tree.derivative().derivative()
    order = count()
    best = arb.neg_inf()
    queue: list[tuple[arb, int, arb, arb]] = []

    def push(centre: arb, half: arb) -> None:
        nonlocal best
        cell = RealBalls((centre - half).union(centre + half))
        value = evaluate(tree, RealBalls(centre))
        if value.is_finite():
            best = best.max(value.lower())
        # The bound is for cells that contain a maximiser, where the slope vanishes.
        taylor = value + abs(evaluate(bend, cell)) * half * half / 2
        finite = [b.upper() for b in (taylor, evaluate(tree, cell)) if b.is_finite()]
        bound = min(finite, default=arb.pos_inf())
        if not bound <= best:
            heapq.heappush(queue, (-bound, next(order), centre, half))

    half = arb.pi() / 16
    for k in range(16):
        push(half * (2 * k + 1), half)
    for _ in range(_CELLS):
        top = best.max(-queue[0][0]) if queue else best
        yield best, top
        if not queue:
            return
        _, _, centre, half = heapq.heappop(queue)
        half = half / 2
        push(centre - half, half)
        push(centre + half, half)
