"""Suprema on the line of sums of polynomials times Gaussian factors, enclosed from both sides.

f = sum_g P_g(x) exp(-a_g x^2/2 + b_g x).  Beyond R every |x|^n exp(-a x^2/2 + |b x|) that decays does so
monotonically, once a R^2 - |b| R >= n, so that its value at R bounds the tail.  On [-R, R] cells are
bisected, with f(c) + f'(c) h + sup|f''| h^2/2 over a cell around c, in balls.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from itertools import count

from attrs import frozen
from flint import arb, arb_poly, fmpq

from mflverify.numerics.precision import working_precision

_BITS = 80
_FARTHEST = fmpq(1 << 14)


class UnboundedError(ValueError):
    """The function is not bounded on the line."""


@frozen(eq=False)
class GaussianTerm:
    """p(x) exp(-curvature x^2/2 + tilt x)."""

    p: arb_poly
    curvature: fmpq
    tilt: fmpq

    def derivative(self) -> GaussianTerm:
        """Again such a term."""
        slope = arb_poly([arb(self.tilt), arb(-self.curvature)])
        return GaussianTerm(self.p.derivative() + slope * self.p, self.curvature, self.tilt)

    def at(self, x: arb) -> arb:
        """The value at, or over, a ball."""
        return self.p(x) * (x * (self.tilt - self.curvature * x / 2)).exp()

    @property
    def is_constant(self) -> bool:
        """Whether this is a number."""
        return not self.curvature and not self.tilt and self.p.degree() <= 0

    def tail(self, R: fmpq) -> arb | None:
        """A bound beyond |x| = R; None where this is no bound yet."""
        a, b, n = self.curvature, abs(self.tilt), max(self.p.degree(), 0)
        if a * R * R - b * R < n:
            return None
        powers = sum((abs(self.p[k]) * arb(R) ** k for k in range(n + 1)), arb(0))
        return powers * (arb(b * R - a * R * R / 2)).exp()


def line_sup_norm(terms: Sequence[GaussianTerm], relative: float = 1e-9, cells: int = 4000) -> arb:
    """A ball that contains sup |f| over the line; wide when `cells` bisections do not suffice.

    Raises UnboundedError when a term does not decay and is not constant.
    """
    with working_precision(_BITS):
        plain = [term for term in terms if term.is_constant]
        decaying = [term for term in terms if not term.is_constant]
        for term in decaying:
            if term.curvature <= 0:
                raise UnboundedError("the supremum over the line is infinite")
        limit = abs(sum((term.p[0] for term in plain), arb(0)))
        if not decaying:
            return limit
        R, tail = _cut(decaying, relative * 1e-3)
        inner = _sup_on([*plain, *decaying], R, relative, cells)
        return inner.max(limit).union(inner.max(limit + tail))


def _cut(terms: Sequence[GaussianTerm], relative: float) -> tuple[fmpq, arb]:
    """R, and a bound beyond it that is small beside the terms, where R need not be too large."""
    size = sum((abs(term.p[k]) for term in terms for k in range(term.p.degree() + 1)), arb(0))
    R = fmpq(1)
    while True:
        tails = [term.tail(R) for term in terms]
        known = [t for t in tails if t is not None]
        total = sum(known, arb(0)).upper()
        if len(known) == len(tails) and (total <= size.upper() * relative or _FARTHEST <= R):
            return R, arb(total)
        if R > _FARTHEST:
            raise UnboundedError("no bound of the tails is known")
        R = R * 5 / 4


def _sup_on(terms: Sequence[GaussianTerm], R: fmpq, relative: float, cells: int) -> arb:
    slopes = [term.derivative() for term in terms]
    bends = [term.derivative() for term in slopes]

    def total(parts: Sequence[GaussianTerm], x: arb) -> arb:
        return sum((term.at(x) for term in parts), arb(0))

    order = count()
    best = arb(0)
    heap: list[tuple[float, int, fmpq, fmpq]] = []

    def push(c: fmpq, h: fmpq) -> None:
        nonlocal best
        ball = arb(c, h)
        middle = total(terms, arb(c))
        best = best.max(abs(middle).lower())
        curved = abs(middle) + abs(total(slopes, arb(c))) * h + abs(total(bends, ball)) * h * h / 2
        top = min(curved.upper(), abs(total(terms, ball)).upper())
        # rounded up: the keys only order the cells and bound from above
        heapq.heappush(heap, (-float(top) * (1 + 1e-15), next(order), c, h))

    push(fmpq(0), R)
    for _ in range(cells):
        top = -heap[0][0]
        if top <= float(best) * (1 + relative):
            break
        _, _, c, h = heapq.heappop(heap)
        push(c - h / 2, h / 2)
        push(c + h / 2, h / 2)
    return best.union(arb(-heap[0][0]).max(best))
