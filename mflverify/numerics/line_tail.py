"""Certified tails of exp(-p), p a polynomial that is convex beyond the cut."""

from collections.abc import Sequence

from flint import arb, arb_poly


class TailError(ArithmeticError):
    """The cut is not far enough out for the tail bound to hold."""


def shifted(polynomial: arb_poly, at: arb, direction: int = 1) -> arb_poly:
    """t -> polynomial(at + direction t)."""
    return polynomial(arb_poly([at, direction]))


def nonnegative_beyond(polynomial: arb_poly, at: arb, direction: int) -> bool:
    """Proved: polynomial >= 0 from `at` outwards (no Taylor coefficient there is negative)."""
    outward = shifted(polynomial, at, direction)
    return all(outward[i] >= 0 for i in range(max(outward.degree(), 0) + 1))


def tail_moment(potential: Sequence[arb], weight: Sequence[arb], at: arb, direction: int) -> arb:
    """An upper bound of the integral of |weight| exp(-p) from `at` outwards (direction +-1).

    p and the weight by coefficients, lowest degree first. Beyond `at` p is convex, so
    p(at + direction t) >= p(at) + g t with g the outward slope, and |weight| is at most
    sum |w_j| t^j: the bound is exp(-p(at)) sum |w_j| j!/g^{j+1}.
    Raises TailError if convexity or g > 0 is not proved.
    """
    p = arb_poly(list(potential))
    outward = shifted(p, at, direction)
    slope = outward[1]
    if not (slope > 0 and nonnegative_beyond(p.derivative().derivative(), at, direction)):
        raise TailError(f"p is not proved convex and increasing outwards beyond {at}")
    local = shifted(arb_poly(list(weight)), at, direction)
    total, factor = arb(0), 1 / slope
    for j in range(max(local.degree(), 0) + 1):
        total += abs(local[j]) * factor
        factor *= (j + 1) / slope
    return (total * (-outward[0]).exp()).upper()
