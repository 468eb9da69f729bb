"""Rigorous enclosures of maxima, minima and suprema over the torus, with exact rational ends.

Trigonometric polynomials in one or two variables go through `float_extrema` (branch and bound in
float64 with rounding bounds); two cheap exact bounds close the interval altogether in the common
cases: from above the sum of the amplitudes, from below the values at quarter turns. Any other
integrand goes through branch and bound in balls, on
max f <= f(c) + sup_cell |f''| h^2/2 for a cell that contains a maximiser (f' = 0 there).

Two-variable polynomials are coefficient matrices C, p(x, y) = sum C[i][j] b_i(x) b_j(y), in the
basis b = (1, cos x, sin x, cos 2x, sin 2x, ...), so 2n+1 rows for degree n in x.
"""

import heapq
import math
from collections.abc import Iterator
from fractions import Fraction
from itertools import chain, count

from attrs import frozen
from flint import arb, fmpq, fmpz

from mflverify.numerics.arithmetic import RealBalls, evaluate
from mflverify.numerics.float_extrema import Matrix, ScaledMatrix, maximum_of_matrix
from mflverify.numerics.integrand import Convertible, Integrand, absolute, as_integrand
from mflverify.numerics.precision import working_precision
from mflverify.numerics.trig import Coefficient, TrigPolynomial, as_coefficient

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
        simplest = _simplest_between(low, low + abs(low) * Fraction(relative_gap))
        return fmpq(simplest.numerator, simplest.denominator)


def _simplest_between(low: Fraction, high: Fraction) -> Fraction:
    """The rational of smallest denominator in [low, high], by continued fractions."""
    floor = math.floor(low)
    if floor == low or floor + 1 <= high:
        return Fraction(math.ceil(low))
    return floor + 1 / _simplest_between(1 / (high - floor), 1 / (low - floor))


def _check_gap(relative_gap: float) -> None:
    if not 0 < relative_gap < math.inf:
        raise ValueError(f"relative_gap must be positive, got {relative_gap}")


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


def _column(p: TrigPolynomial) -> tuple[tuple[Coefficient, ...], ...]:
    waves = chain.from_iterable(zip(p.cosines[1:], p.sines, strict=True))
    return tuple((c,) for c in (p.mean, *waves))


def _negative(matrix: Matrix) -> Matrix:
    return [[-c for c in row] for row in matrix]


def _dyadic(value: float, exponent: int) -> fmpq:
    fraction = Fraction(value) * Fraction(2) ** exponent
    return fmpq(fraction.numerator, fraction.denominator)


def _amplitude(a: Coefficient, b: Coefficient) -> Coefficient:
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
        yield j, 0, _amplitude(matrix[2 * j - 1][0], matrix[2 * j][0])
    for k in range(1, n2 + 1):
        yield 0, k, _amplitude(matrix[0][2 * k - 1], matrix[0][2 * k])
    for j in range(1, n1 + 1):
        for k in range(1, n2 + 1):
            cc, cs = matrix[2 * j - 1][2 * k - 1], matrix[2 * j - 1][2 * k]
            sc, ss = matrix[2 * j][2 * k - 1], matrix[2 * j][2 * k]
            yield j, k, _amplitude(cc - ss, cs + sc) / 2
            yield j, k, _amplitude(cc + ss, cs - sc) / 2


def _amplitude_sum(matrix: Matrix) -> Coefficient:
    """An upper bound of sup |p - mean|."""
    return sum((a for _, _, a in amplitudes(matrix)), fmpq(0))


def _quarter_turn_values(matrix: Matrix) -> list[Coefficient]:
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


def matrix_maximum(matrix: Matrix, relative_gap: float = RELATIVE_GAP) -> Bounds:
    """max of p over the torus, gap at most relative_gap * max(|max p|, osc p).

    Exact (lower = upper) if the amplitude bound is rational and attained at quarter turns. Raises
    ValueError for a matrix of the wrong shape or a gap that is not positive.
    """
    _check_gap(relative_gap)
    C = checked_matrix(matrix)
    low = max(_lower(v) for v in _quarter_turn_values(C))
    with working_precision(_BITS):
        high = _upper(C[0][0] + _amplitude_sum(C))
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
    low = max(_lower(abs(v)) for v in _quarter_turn_values(C))
    with working_precision(_BITS):
        high = _upper(abs(C[0][0]) + _amplitude_sum(C))
    if low == high:
        return Bounds(low, high)
    first = matrix_maximum(C, relative_gap)
    second = matrix_maximum(_negative(C), relative_gap)
    return Bounds(max(first.lower, second.lower), max(first.upper, second.upper))


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
