"""Counting eigenvalues on an interval by shooting in balls (Sturm oscillation).

For mu = exp(-p)/Z on an interval with p a polynomial, the eigenproblem -f'' + p' f' = sigma f is
followed through its scaled derivative k = f'/sigma:

    f' = sigma k,      k' = p' k - f.

u = k exp(-p/2) solves u'' = (W - sigma) u with W = p'^2/4 + p''/2, the supersymmetric partner of
the ground-state transform: its eigenvalues are the non-zero eigenvalues of f. Sturm: for either end
condition below, the eigenvalues under sigma are counted by the zeros of k.

- `free` end: k' = 0. Lower bounds on the whole line, see `line_spectrum`.
- `clamped` end: k = 0, that is f' = 0 (Neumann for f): the measure restricted to the interval.

Each step is a Taylor polynomial whose remainder is bounded by a majorant (see `_step`). A zero of k
is located only by its sign at the steps' ends: every step, of length t, is short enough that
W - sigma > -(pi/t)^2 on it, so by Sturm's comparison k has at most one zero there.
"""

from collections.abc import Sequence
from enum import Enum

from attrs import frozen
from flint import arb, arb_poly

from mflverify.numerics.inertia import UndecidedSignError

_RADIUS_OVER_STEP = 4  # Taylor terms decay at least like 4^-n: two bits a term
_SHORTEST_STEP = arb(2) ** -40


class End(Enum):
    """Condition at an end of the interval on k, the derivative of the eigenfunction."""

    FREE = "k' = 0"
    CLAMPED = "k = 0"


@frozen
class _Point:
    """One end of a step: the step's length up to the next point and p' expanded there."""

    length: arb
    slope: tuple[arb, ...]  # Taylor coefficients of p'
    bound: arb  # sum |slope_j| r^j, r = 4 length


@frozen
class Shot:
    """What one shot found: the ball of k at the right end and the count of eigenvalues."""

    end_value: arb  # k(b)
    end_slope: arb  # k'(b)
    zeros: int | None  # zeros of k in the open interval; None if undecided


def _shifted(polynomial: arb_poly, at: arb) -> arb_poly:
    return polynomial(arb_poly([at, 1]))


def _coefficients(polynomial: arb_poly) -> tuple[arb, ...]:
    return tuple(polynomial[i] for i in range(polynomial.degree() + 1))


class SturmLiouville:
    """The problem above for `potential` p (coefficients, lowest degree first) on [lower, upper].

    `largest` is the largest sigma that will be asked about. The working precision at construction
    and that at `shoot` should agree; the number of Taylor terms follows from it.
    Raises ValueError if lower < upper cannot be proved.
    """

    def __init__(
        self, potential: Sequence[arb], lower: arb, upper: arb, largest: arb, bits: int
    ) -> None:
        if not lower < upper:
            raise ValueError(f"lower must be below upper: {lower}, {upper}")
        self.largest = largest
        self._order = max(bits // 2 + 16, 2 * len(potential))
        slope = arb_poly(list(potential)).derivative()
        curvature = slope.derivative()
        partner = slope * slope * arb(0.25) + curvature * arb(0.5)
        self._points: list[_Point] = []
        at = lower
        while True:
            local = _coefficients(_shifted(slope, at)) or (arb(0),)
            length, last = self._step_length(local, partner, at, upper)
            bound = _norm(local, _RADIUS_OVER_STEP * length)
            self._points.append(_Point(length, local, bound))
            if last:
                break
            at = at + length
        self._end_slope = slope(upper)

    def _step_length(
        self, local: tuple[arb, ...], partner: arb_poly, at: arb, upper: arb
    ) -> tuple[arb, bool]:
        """A step from `at` on which the majorant and the comparison argument both hold."""
        remaining = upper - at
        length, last = remaining, True
        while not self._is_allowed(local, partner, at, length):
            length, last = (length / 2).mid(), False
            if length < remaining * _SHORTEST_STEP:
                raise UndecidedSignError(f"no admissible step at {at}")
        if not last and remaining < 2 * length:  # avoid a sliver at the end
            length = (remaining / 2).mid()
        return length, last

    def _is_allowed(self, local: tuple[arb, ...], partner: arb_poly, at: arb, length: arb) -> bool:
        radius = _RADIUS_OVER_STEP * length
        growth = radius * (_norm(local, radius) + 1) / (self._order + 1)
        if not (growth <= 1 and radius * self.largest / (self._order + 1) <= 1):
            return False
        local_partner = _coefficients(_shifted(partner, at))
        lowest = arb(0)
        if local_partner:
            rest = _norm((arb(0), *local_partner[1:]), length)
            lowest = local_partner[0] - rest
        return bool(lowest - self.largest > -((arb.pi() / length) ** 2))

    def shoot(self, sigma: arb, end: End) -> Shot:
        """Follow the solution with condition `end` on the left, k (or k') positive there.

        Raises ValueError if sigma is not in [0, largest].
        """
        if not (sigma >= 0 and sigma <= self.largest):
            raise ValueError(f"sigma must lie in [0, {self.largest}]: {sigma}")
        if end is End.FREE:
            k, f = arb(1), self._points[0].slope[0]
        else:
            k, f = arb(0), arb(-1)
        zeros: int | None = 0
        positive = True
        for point in self._points:
            f, k = self._step(f, k, sigma, point)
            if k.contains(0):
                zeros = None
            elif zeros is not None and positive != bool(k > 0):
                zeros += 1
                positive = not positive
        return Shot(k, self._end_slope * k - f, zeros)

    def count_below(self, sigma: arb, end: End) -> int:
        """The number of eigenvalues below sigma with condition `end` at both ends.

        Zeros of k in the open interval and, for free ends, one more if k k' < 0 at the right end.
        Raises UndecidedSignError if a ball contains zero.
        """
        shot = self.shoot(sigma, end)
        if shot.zeros is None:
            raise UndecidedSignError("k may vanish at the end of a step")
        if end is End.CLAMPED:
            return shot.zeros
        sign = shot.end_value * shot.end_slope
        if sign.contains(0):
            raise UndecidedSignError("k' may vanish at the right end")
        return shot.zeros + (1 if sign < 0 else 0)

    def _step(self, f: arb, k: arb, sigma: arb, point: _Point) -> tuple[arb, arb]:
        """f and k one step on.

        f_{n+1} = sigma k_n/(n+1), k_{n+1} = (sum_j a_j k_{n-j} - f_n)/(n+1), a_j those of p'.
        If |f_n|, |k_n| <= M r^-n for the last len(a) indices up to n0, and
        r sigma <= n0 + 1, r (sum |a_j| r^j + 1) <= n0 + 1, then it holds for all n > n0, by
        induction; with r = 4t the remainder at t is at most M 4^-n0 / 3.
        """
        slope, length = point.slope, point.length
        fs, ks = [f], [k]
        for n in range(self._order):
            total = -fs[n]
            for j in range(min(len(slope), n + 1)):
                total += slope[j] * ks[n - j]
            fs.append(sigma * ks[n] / (n + 1))
            ks.append(total / (n + 1))
        radius = _RADIUS_OVER_STEP * length
        largest = arb(0)
        power = radius ** (self._order - len(slope) + 1)
        for n in range(self._order - len(slope) + 1, self._order + 1):
            largest = largest.max(abs(fs[n]) * power).max(abs(ks[n]) * power)
            power *= radius
        remainder = (largest * arb(_RADIUS_OVER_STEP) ** (-self._order) / 3).upper()
        error = arb(0, remainder)
        return arb_poly(fs)(length) + error, arb_poly(ks)(length) + error


def _norm(coefficients: Sequence[arb], radius: arb) -> arb:
    """sum |c_j| radius^j."""
    return arb_poly([abs(c) for c in coefficients])(radius)
