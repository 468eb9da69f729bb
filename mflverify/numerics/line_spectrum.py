"""Eigenvalue enclosures for exp(-p)/Z, p a polynomial, on the whole line or on an interval.

Upper bounds on the line: an eigenfunction of the measure restricted to [a, b] (f' = 0 at the ends)
extends by zero derivative, so the j-th eigenvalue of the restricted problem is not below that of
the line (Dirichlet monotonicity of the partner operator -d^2 + p'^2/4 + p''/2).
Lower bounds: cut the line at a and b and let k = f' jump there (Neumann bracketing for the form
int (k'^2 + p'' k^2) dmu); where p'' >= sigma the outer parts have no eigenvalue below sigma, so
those below sigma are counted by [a, b] with free ends. For the first one this is the formula of
Chen-Wang and Veysseire, alpha >= inf -(L f)'/f', with f' constant in the tails.
Both counts are Sturm counts in balls (`sturm`).
"""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import reduce

import numpy as np
from attrs import frozen
from flint import arb, arb_poly

from mflverify.numerics.inertia import UndecidedSignError
from mflverify.numerics.line_tail import nonnegative_beyond
from mflverify.numerics.precision import working_precision
from mflverify.numerics.spectral_enclosure import (
    Enclosure,
    NotEnclosedError,
    bracket_eigenvalue,
)
from mflverify.numerics.sturm import End, SturmLiouville

_ATTEMPTS = 6
_MOST_BITS = 8000
LINE_METHOD = "shooting in balls (Taylor steps with majorant remainder)"
LINE_THEOREM = (
    "Sturm oscillation with Neumann bracketing of the partner operator below "
    "(Chen-Wang 1997, Veysseire 2010) and restriction to an interval above"
)
INTERVAL_THEOREM = "Sturm oscillation for the partner operator with Dirichlet ends"

Coefficients = Sequence[Fraction | int]


def as_ball(value: Fraction | int) -> arb:
    """An exact rational as a ball at the working precision."""
    fraction = Fraction(value)
    return arb(fraction.numerator) / fraction.denominator


def real_roots(coefficients: np.ndarray) -> np.ndarray:
    """Real roots in floats, highest degree first, roots within 1e-7 of the line included."""
    roots = np.asarray(np.roots(coefficients), dtype=complex)
    near = np.abs(np.imag(roots)) < 1e-7 * (1 + np.abs(roots))
    return np.real(roots[near])


@frozen
class Wells:
    """Float landmarks of p: all heuristic, they only choose where to cut and how to start."""

    coefficients: np.ndarray  # highest degree first
    lowest: float
    highest: float  # largest critical value
    stiffness: float  # largest p'' at a critical point
    centre: float

    def level_set(self, height: float) -> tuple[float, float]:
        """The outermost points where p reaches `height` above its largest critical value."""
        shifted = self.coefficients.copy()
        shifted[-1] -= self.highest + height
        real = real_roots(shifted)
        return float(real.min()), float(real.max())


def wells_of(coefficients: Coefficients) -> Wells:
    p = np.array([float(c) for c in reversed(coefficients)])
    points = real_roots(np.polyder(p))
    values = np.polyval(p, points)
    return Wells(
        coefficients=p,
        lowest=float(values.min()),
        highest=float(values.max()),
        stiffness=float(np.abs(np.polyval(np.polyder(p, 2), points)).max()),
        centre=float(points[np.argmin(values)]),
    )


def _cut(potential: arb_poly, start: float, centre: float, direction: int, sigma: arb) -> arb:
    """An exact point at or beyond `start` with p'' >= sigma from there outwards."""
    curvature = potential.derivative().derivative()
    distance = abs(start - centre)
    while True:
        point = arb(centre + direction * distance)
        if nonnegative_beyond(curvature - arb_poly([sigma]), point, direction):
            return point
        distance *= 1.1


def _approximate_eigenvalue(problem: SturmLiouville, known: list[arb], first: arb) -> arb:
    """The next zero of sigma -> k(b; sigma) after those `known`, by deflated secants.

    k(b; .) is a product over (1 - sigma/lambda_j), so from the left secants increase to the next
    zero, also when it is exponentially small. Only a guess: counts decide later.
    """

    def deflated(sigma: arb) -> arb:
        value = problem.shoot(sigma, End.CLAMPED).end_value.mid()
        for eigenvalue in known:
            value = (value / (1 - sigma / eigenvalue)).mid()
        return value

    if known:
        start, ahead = known[-1] * (1 + arb(2) ** -30), known[-1] * (1 + arb(2) ** -20)
    else:
        start, ahead = arb(0), first
    left, right = start.mid(), ahead.mid()
    at_left, at_right = deflated(left), deflated(right)
    for _ in range(60):
        if at_left == at_right:
            break
        following = (right - at_right * (right - left) / (at_right - at_left)).mid()
        following = following.max(arb(0)).min(problem.largest).mid()
        left, at_left = right, at_right
        right = following
        if abs(right - left) <= abs(right) * arb(2) ** -60:
            break
        at_right = deflated(right)
    return right


def _decided(count: Callable[[arb, End], int], sigma: arb, end: End) -> int | None:
    try:
        return count(sigma, end)
    except (UndecidedSignError, ValueError):
        return None


def _guesses(problem: SturmLiouville, first: arb, count: int) -> list[arb]:
    known: list[arb] = []
    for _ in range(count):
        known.append(_approximate_eigenvalue(problem, known, first))
    return known


def _enclosures(
    problem: SturmLiouville, lower_end: End, guesses: list[arb], digits: int, theorem: str
) -> list[Enclosure] | None:
    """Non-zero eigenvalues 1, 2, ... near `guesses`; None if one is not enclosed tightly enough."""
    result = []
    for j, guess in enumerate(guesses, start=1):

        def prove_lower(sigma: arb, j: int = j) -> bool:
            below = _decided(problem.count_below, sigma, lower_end)
            return below is not None and below < j

        def prove_upper(sigma: arb, j: int = j) -> bool:
            below = _decided(problem.count_below, sigma, End.CLAMPED)
            return below is not None and below >= j

        if not guess > 0:
            return None
        bracket = bracket_eigenvalue(prove_lower, prove_upper, guess, digits)
        if bracket.lower is None or bracket.upper is None or not bracket.tight:
            return None
        result.append(Enclosure(bracket.lower, bracket.upper, LINE_METHOD, theorem))
    return result


def _search_problem(
    potential: Sequence[arb], ends: tuple[arb, arb], start: float, count: int, bits: int
) -> SturmLiouville:
    """The problem with `largest` above its `count` first eigenvalues, to look for them."""
    largest = arb(start)
    for _ in range(40):
        problem = SturmLiouville(potential, *ends, largest, bits)
        below = _decided(problem.count_below, largest, End.CLAMPED)
        if below is not None and below >= count:
            return problem
        largest = (largest * 2).mid()
    raise NotEnclosedError(f"fewer than {count} eigenvalues found below {largest}")


def _certified_range(guesses: list[arb], searched: arb, attempt: int) -> arb:
    """Up to where to certify: just above the guesses, or everything if that failed before."""
    highest = reduce(arb.max, guesses)  # not by floats: they underflow for high barriers
    return searched if attempt % 2 else (highest * 9 / 8).mid()


def line_eigenvalues(coefficients: Coefficients, count: int, digits: int) -> list[Enclosure]:
    """The first `count` non-zero eigenvalues of -f'' + p' f' on L^2(exp(-p)/Z), increasing.

    `coefficients` of p, lowest degree first; even degree >= 4, positive leading coefficient (for
    degree 2 the measure is Gaussian and the eigenvalues are j p''). Each enclosure has relative
    width at most 10**-digits. Theorem: module docstring.
    Raises ValueError if p is not such a polynomial, NotEnclosedError if the width is not reached.
    """
    degree = len(coefficients) - 1
    if degree < 4 or degree % 2 or not coefficients[-1] > 0:
        raise ValueError(f"coefficients must be of even degree >= 4, leading > 0: {coefficients}")
    wells = wells_of(coefficients)
    for attempt in range(_ATTEMPTS):
        # Cutting where exp(-p) is 10^-digits below the barrier's density changes the eigenvalue
        # by about that relative amount.
        height = (digits + 3) * math.log(10) + 12 * attempt
        bits = _bits(wells, digits, height, attempt)
        with working_precision(bits):
            balls = [as_ball(c) for c in coefficients]
            level = wells.level_set(height)
            problem = _search_problem(
                balls,
                (arb(level[0]), arb(level[1])),
                wells.stiffness * (count + 1) + 1,
                count,
                bits,
            )
            first = arb(wells.lowest - wells.highest).exp() * arb(2) ** -20
            guesses = _guesses(problem, first, count)
            largest = _certified_range(guesses, problem.largest, attempt)
            potential = arb_poly(balls)
            ends = [
                _cut(potential, x, wells.centre, direction, largest)
                for x, direction in zip(level, (-1, +1), strict=True)
            ]
        top = float(max(np.polyval(wells.coefficients, float(x)) for x in ends)) - wells.highest
        bits = _bits(wells, digits, top, attempt)
        with working_precision(bits):
            balls = [as_ball(c) for c in coefficients]
            problem = SturmLiouville(balls, ends[0], ends[1], largest, bits)
            found = _enclosures(problem, End.FREE, guesses, digits, LINE_THEOREM)
        if found is not None:
            return found
    raise NotEnclosedError(f"relative width 10^-{digits} not reached for p = {coefficients}")


def _bits(wells: Wells, digits: int, height: float, attempt: int) -> int:
    """Working precision: the solution grows by exp(p) up each outer slope and over the barrier."""
    nats = 2 * height + 4.5 * (wells.highest - wells.lowest)
    return _affordable(96 + 3.4 * digits + 1.45 * nats) * (1 + attempt // 2)


def _affordable(bits: float) -> int:
    if bits > _MOST_BITS:
        raise NotEnclosedError(f"the barriers would need {bits:.0f} bits, more than {_MOST_BITS}")
    return int(bits)


def interval_eigenvalues(
    coefficients: Coefficients, lower: Fraction, upper: Fraction, count: int, digits: int
) -> list[Enclosure]:
    """As `line_eigenvalues` for exp(-p)/Z restricted to [lower, upper], any polynomial p.

    Both bounds come from the same count, no truncation enters.
    Raises ValueError unless lower < upper, NotEnclosedError if the width is not reached.
    """
    if not lower < upper:
        raise ValueError(f"lower must be below upper: {lower}, {upper}")
    p = np.array([float(c) for c in reversed(coefficients)])
    values = np.polyval(p, np.linspace(float(lower), float(upper), 200))
    oscillation = float(values.max() - values.min())
    scale = (np.pi * (count + 1) / float(upper - lower)) ** 2
    for attempt in range(_ATTEMPTS):
        bits = _affordable(96 + 3.4 * digits + 6 * oscillation) * (1 + attempt)
        with working_precision(bits):
            balls = [as_ball(c) for c in coefficients]
            ends = (as_ball(lower), as_ball(upper))
            problem = _search_problem(balls, ends, scale, count, bits)
            first = arb(-oscillation).exp() * scale * arb(2) ** -30
            guesses = _guesses(problem, first, count)
            largest = _certified_range(guesses, problem.largest, attempt)
            problem = SturmLiouville(balls, *ends, largest, bits)
            found = _enclosures(problem, End.CLAMPED, guesses, digits, INTERVAL_THEOREM)
        if found is not None:
            return found
    raise NotEnclosedError(f"relative width 10^-{digits} not reached for p = {coefficients}")
