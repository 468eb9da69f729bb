"""Means of trigonometric polynomials against powers of exp(U) on the torus, certified.

The N-point trapezoid rule of a 2 pi-periodic function bounded by M in |Im x| <= a has error at most
2 M/(exp(a N) - 1) for the mean (Trefethen and Weideman 2014, Theorem 3.2).  For exp(ikx) exp(sU),
M <= exp(ka) exp(|s| sum of (|a_j| + |b_j|) cosh(ja)), since |cos j(x+ia)|, |sin j(x+ia)| <= cosh ja.
"""

from __future__ import annotations

from math import cosh, log

from attrs import define, field
from flint import arb

from mflverify.numerics.precision import current_bits
from mflverify.numerics.trig import TrigPolynomial

Moment = tuple[arb, arb]


@define
class Moments:
    """Means of cos kx e^{sU} and sin kx e^{sU} with respect to dx/(2 pi), computed once each.

    potential: U, rational.  The working precision must not change during the lifetime.
    """

    potential: TrigPolynomial
    _bits: int = field(factory=current_bits, init=False)
    _tables: dict[int, tuple[int, list[arb]]] = field(factory=dict, init=False, repr=False)
    _known: dict[tuple[int, int], Moment] = field(factory=dict, init=False, repr=False)

    def mean(self, p: TrigPolynomial, power: int) -> arb:
        """The mean of p e^{power U}."""
        total = p.cosines[0] * self._moment(power, 0)[0]
        for k in range(1, p.degree + 1):
            a, b = p.frequency(k)
            even, odd = self._moment(power, k)
            total = total + a * even + b * odd
        return arb(total)

    def _moment(self, power: int, k: int) -> Moment:
        if (power, k) not in self._known:
            self._known[power, k] = self._compute(power, k)
        return self._known[power, k]

    def _compute(self, power: int, k: int) -> Moment:
        if power == 0:
            return (arb(1 if k == 0 else 0), arb(0))
        count, a = self._points(power, k)
        table = self._values(power, count)
        step = arb(2) / count
        even, odd = arb(0), arb(0)
        for i, value in enumerate(table):
            angle = step * ((i * k) % count)
            even += value * angle.cos_pi()
            odd += value * angle.sin_pi()
        bound = 2 * (arb(k) * a).exp() * self._strip_bound(power, a)
        error = bound / ((arb(a) * count).exp() - 1)
        ball = arb(0, error.upper())
        return (even / count + ball, odd / count + ball)

    def _strip_bound(self, power: int, a: float) -> arb:
        total = arb(0)
        for j in range(1, self.potential.degree + 1):
            c, s = self.potential.frequency(j)
            total += (abs(arb(c)) + abs(arb(s))) * (arb(a) * j).cosh()
        return (abs(power) * (total + abs(arb(self.potential.cosines[0])))).exp()

    def _points(self, power: int, k: int) -> tuple[int, float]:
        """How many points, and which strip, for an error below the working precision."""
        sizes = [
            abs(float(arb(c))) + abs(float(arb(s)))
            for c, s in (self.potential.frequency(j) for j in range(1, self.potential.degree + 1))
        ]
        goal = (self._bits + 8) * log(2)

        def needed(a: float) -> float:
            growth = abs(power) * sum(size * cosh((j + 1) * a) for j, size in enumerate(sizes))
            return (goal + k * a + growth) / a

        a = min((0.25 * i for i in range(1, 25)), key=needed)
        # few different sizes, so that the tables of exp(sU) are shared
        return 32 * (int(needed(a)) // 32 + 1), a

    def _values(self, power: int, count: int) -> list[arb]:
        known = self._tables.get(power)
        if known is None or known[0] != count:
            step = 2 * arb.pi() / count
            known = (count, [(power * arb(self.potential(step * i))).exp() for i in range(count)])
            self._tables[power] = known
        return known[1]


def is_uniform(potential: TrigPolynomial) -> bool:
    """Whether the equilibrium is uniform."""
    return potential.degree == 0
