"""Counterexamples with room on all sides: floats climb to them, balls confirm them.

Where hypotheses are inequalities, the points at which all of them hold strictly and the goal fails
are an open set; if there are any, there are some with simple rational coordinates.  Floats maximise
the smallest relative margin, positive coordinates by their logarithms; a point with a positive one
is rounded, and balls decide whether it is a counterexample.  Nothing rests on the floats.

What is at least 0 and also at most 0, such as an optimal constant that is assumed to vanish, is 0.
"""

from __future__ import annotations

from fractions import Fraction
from functools import reduce

import numpy as np
from attrs import frozen
from flint import arb, fmpq

from mflverify.algebra.polynomial import Atom, Monomial, Polynomial
from mflverify.algebra.reading import read_atom
from mflverify.engines.landscape import Landscape, is_maximum
from mflverify.engines.scalar import DEFINED, NOT_IMPLIED, ScalarResult, is_pure
from mflverify.numerics.precision import working_precision
from mflverify.numerics.suprema import simplest_between
from mflverify.proof.kernel import NormalRelation, Obligation

BITS = 128
CONFIRMED = f"{NOT_IMPLIED}: a counterexample is confirmed in balls"
ROUNDINGS = (Fraction(1, 8), Fraction(1, 50), Fraction(1, 1000), Fraction(1, 10**5))


def has_room(obligation: Obligation) -> bool:
    """Whether nothing is an equation: then there may be counterexamples with room on all sides."""
    return all(relation.sense != "eq" for relation in (obligation.normal, *_given(obligation)))


def climb(obligation: Obligation, starts: int) -> ScalarResult:
    """Look for a counterexample at which all hypotheses hold strictly, from so many starts.

    The starts are drawn from a fixed seed.  The answer is `refuted` or `unknown`.
    """
    if not has_room(obligation):
        return ScalarResult("unknown", reason="an equation leaves no room")
    given = _given(obligation)
    zero = vanishing(given)
    # what says no more than that 0 is at most 0 has no margin
    open_ = [r.difference for r in given if r.sense == "lt" or _left(r.difference, zero)]
    landscape = Landscape.of([*open_, -obligation.normal.difference], zero)
    rng = np.random.default_rng(0)
    for _ in range(starts if landscape.free else 0):
        summit = landscape.ascend(rng)
        if summit is None:
            continue
        for width in ROUNDINGS:
            point = dict.fromkeys(zero, Fraction(0))
            point |= {a: _near(x, width) for a, x in zip(landscape.free, summit, strict=True)}
            if is_counterexample(point, obligation.normal, given):
                values = tuple((read_atom(atom), str(x)) for atom, x in point.items())
                pure = is_pure(obligation)
                return ScalarResult("refuted", counterexample=values, pure=pure, reason=CONFIRMED)
    return ScalarResult("unknown", reason=f"no counterexample from {starts} starts")


def _given(obligation: Obligation) -> list[NormalRelation]:
    relations = dict.fromkeys(hypothesis.normal for hypothesis in obligation.hypotheses)
    return [relation for relation in relations if not relation.is_trivial]


def vanishing(given: list[NormalRelation]) -> tuple[Atom, ...]:
    """Atoms that are 0, since none is negative in a sum of them that is at most 0."""
    found: tuple[Atom, ...] = ()
    while True:
        more = {
            loose[0][0]
            for relation in given
            if _is_at_most_zero(relation, found)
            for monomial in _left(relation.difference, found)
            if len(loose := [(atom, power) for atom, power in monomial if not atom.positive]) == 1
            and loose[0][1] > 0
            and loose[0][0].kind not in DEFINED
        }
        if not more:
            return found
        found = tuple(sorted({*found, *more}, key=lambda atom: atom.order))


def _is_at_most_zero(relation: NormalRelation, zero: tuple[Atom, ...]) -> bool:
    """Whether it says that what cannot be negative is at most 0."""
    return all(
        c < 0 and all(atom.nonnegative for atom, _ in monomial)
        for monomial, c in _left(relation.difference, zero).items()
    )


def _left(p: Polynomial, zero: tuple[Atom, ...]) -> dict[Monomial, Fraction]:
    """The terms that do not vanish."""
    return {
        monomial: c
        for monomial, c in p.terms.items()
        if not any(atom in zero and power > 0 for atom, power in monomial)
    }


def is_counterexample(
    point: dict[Atom, Fraction], goal: NormalRelation, given: list[NormalRelation]
) -> bool:
    """Whether all that is given certainly holds at a point, and the goal is defined and fails."""
    with working_precision(BITS):
        values = _Values({atom: arb(fmpq(x.numerator, x.denominator)) for atom, x in point.items()})
        holds = all(_is_met(r, values.of(r.difference)) for r in given)
        return holds and _is_missed(goal, values.of(goal.difference))


# What has no certain value, such as the root of what may be negative, is an indeterminate ball, and
# no comparison with it is true.
def _is_met(relation: NormalRelation, value: arb) -> bool:
    return bool(value >= 0 if relation.sense == "le" else value > 0)


def _is_missed(relation: NormalRelation, value: arb) -> bool:
    return bool(value < 0 if relation.sense == "le" else value <= 0)


@frozen
class _Values:
    """What atoms and polynomials are at a point, in balls."""

    known: dict[Atom, arb]

    def of(self, p: Polynomial) -> arb:
        total = arb(0)
        for monomial in p.order:
            c = p.terms[monomial]
            product = arb(fmpq(c.numerator, c.denominator))
            for atom, power in monomial:
                product *= _power(self.atom(atom), power)
            total += product
        return total

    def atom(self, atom: Atom) -> arb:
        if atom not in self.known:
            self.known[atom] = self._defined(atom)
        return self.known[atom]

    def _defined(self, atom: Atom) -> arb:
        if atom.kind == "prime":
            return arb(int(atom.key))
        parts = [self.of(p) for p in atom.inside]
        if atom.kind == "extremum":
            return reduce(arb.max if is_maximum(atom) else arb.min, parts)
        return abs(parts[0]) if atom.kind == "abs" else parts[0]


def _power(base: arb, power: Fraction) -> arb:
    return (base if power.denominator == 1 else base.root(power.denominator)) ** power.numerator


def _near(value: float, width: Fraction) -> Fraction:
    """The simplest rational within a relative distance."""
    exact = Fraction(value)
    if exact < 0:
        return -_near(-value, width)
    return simplest_between(exact * (1 - width), exact * (1 + width))


__all__ = ["climb", "has_room", "is_counterexample"]
