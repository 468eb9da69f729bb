"""Counterexamples with room on all sides: floats climb to them, balls confirm them.

Where hypotheses are inequalities, the points at which all of them hold strictly and the goal fails
are an open set; if there are any, there are some with simple rational coordinates.  Floats maximise
the smallest relative margin, positive coordinates by their logarithms; a point with a positive one
is rounded, and balls decide whether it is a counterexample.  Nothing rests on the floats.

What is at least 0 and also at most 0, such as an optimal constant that is assumed to vanish, is 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import reduce

import numpy as np
from attrs import frozen
from flint import arb, fmpq
from scipy.optimize import minimize

from mflverify.algebra.polynomial import Atom, Monomial, Polynomial
from mflverify.algebra.reading import read_atom
from mflverify.engines.scalar import DEFINED, NOT_IMPLIED, ScalarResult, is_pure
from mflverify.engines.translation import all_atoms
from mflverify.numerics.precision import working_precision
from mflverify.numerics.suprema import simplest_between
from mflverify.proof.kernel import NormalRelation, Obligation

BITS = 128
LOGARITHM, SIZE = 9.0, 1e3  # of positive coordinates, of others
SPREAD = 2.0
ENOUGH = 0.1  # relative margin beyond which more room is of no use
LEAST = 1e-5
NOTHING = 1e-60  # what is 0, where floats take logarithms
STEPS = 120
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
            return reduce(arb.max if _is_maximum(atom) else arb.min, parts)
        return abs(parts[0]) if atom.kind == "abs" else parts[0]


def _power(base: arb, power: Fraction) -> arb:
    return (base if power.denominator == 1 else base.root(power.denominator)) ** power.numerator


def _is_maximum(atom: Atom) -> bool:
    return isinstance(atom.payload, tuple) and atom.payload[0] == "max"


def _near(value: float, width: Fraction) -> Fraction:
    """The simplest rational within a relative distance."""
    exact = Fraction(value)
    if exact < 0:
        return -_near(-value, width)
    return simplest_between(exact * (1 - width), exact * (1 + width))


@frozen
class _Rows:
    """Polynomials over numbered atoms: coefficients (m,) and exponents (m, atoms) of all their
    monomials, and where each polynomial begins."""

    coefficients: np.ndarray
    exponents: np.ndarray
    begins: np.ndarray

    @staticmethod
    def of(polynomials: Sequence[Polynomial], index: dict[Atom, int]) -> _Rows:
        # an empty sum is 0 times an empty product
        terms = [p.terms if p.terms else {(): Fraction(0)} for p in polynomials]
        monomials = [(m, c) for each in terms for m, c in each.items()]
        exponents = np.zeros((len(monomials), len(index)))
        for row, (monomial, _) in enumerate(monomials):
            for atom, power in monomial:
                exponents[row, index[atom]] = float(power)
        coefficients = np.array([float(c) for _, c in monomials])
        begins = np.cumsum([0, *map(len, terms[:-1])])
        return _Rows(coefficients, exponents, begins)

    def at(self, x: np.ndarray, slopes: np.ndarray) -> tuple[np.ndarray, ...]:
        """Values and sums of absolute values, each with their gradients.

        x: values of atoms (atoms,).  slopes: gradients of their logarithms (atoms, free).
        """
        sizes = np.exp(self.exponents @ np.log(np.abs(x))) * np.abs(self.coefficients)
        odd = (self.exponents[:, x < 0] % 2).sum(axis=1) % 2
        terms = sizes * np.sign(self.coefficients) * np.where(odd, -1.0, 1.0)
        bent = self.exponents @ slopes
        return (
            np.add.reduceat(terms, self.begins),
            np.add.reduceat(terms[:, None] * bent, self.begins),
            np.add.reduceat(sizes, self.begins),
            np.add.reduceat(sizes[:, None] * bent, self.begins),
        )


@frozen
class Landscape:
    """Relative margins of polynomials that are to be positive, over the free atoms.

    free: atoms whose values are chosen.  Others are 0, or `defined` by earlier ones.
    """

    free: list[Atom]
    _signed: np.ndarray
    _index: dict[Atom, int]
    _defined: list[tuple[Atom, _Rows]]
    _margins: _Rows

    @staticmethod
    def of(polynomials: list[Polynomial], zero: tuple[Atom, ...] = ()) -> Landscape:
        atoms = sorted(
            all_atoms([NormalRelation("le", p) for p in polynomials]), key=lambda a: a.order
        )
        free = [atom for atom in atoms if atom.kind not in DEFINED and atom not in zero]
        defined: list[Atom] = []
        waiting = [atom for atom in atoms if atom.kind in DEFINED]
        while waiting:
            ready = [atom for atom in waiting if _leaves(atom) <= {*free, *defined, *zero}]
            defined += ready
            waiting = [atom for atom in waiting if atom not in ready]
        index = {atom: i for i, atom in enumerate([*free, *defined, *zero])}
        return Landscape(
            free,
            np.array([not atom.nonnegative for atom in free], dtype=bool),
            index,
            [(atom, _Rows.of(_parts(atom), index)) for atom in defined],
            _Rows.of(polynomials, index),
        )

    def ascend(self, rng: np.random.Generator) -> np.ndarray | None:
        """Values of the free atoms with a positive margin, or None where none was found."""
        n = len(self.free)
        start = rng.normal(0.0, SPREAD, n + 1)
        start[-1] = -1.0
        bound = np.where(self._signed, SIZE, LOGARITHM)
        objective = np.append(np.zeros(n), -1.0)
        room = _once(self.room)
        with np.errstate(all="ignore"):
            result = minimize(
                lambda u: -u[-1],
                start,
                jac=lambda u: objective,
                method="SLSQP",
                bounds=[*((-b, b) for b in bound), (-1.0, ENOUGH)],
                constraints={
                    "type": "ineq",
                    "fun": lambda u: room(u)[0],
                    "jac": lambda u: room(u)[1],
                },
                options={"maxiter": STEPS},
            )
            margins = self.room(np.append(result.x[:-1], 0.0))[0]
        if not (np.isfinite(margins).all() and margins.min() > LEAST):
            return None
        return self.values(result.x[:-1])

    def values(self, u: np.ndarray) -> np.ndarray:
        """What the free atoms are at a point: positive ones are given by their logarithms."""
        return np.where(self._signed, u, np.exp(np.where(self._signed, 0.0, u)))

    def room(self, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Relative margins less the last coordinate, and their gradients."""
        n = len(self.free)
        x = np.ones(len(self._index))  # a logarithm of 0 would spoil what does not use it
        x[n + len(self._defined) :] = NOTHING
        slopes = np.zeros((len(self._index), n))
        x[:n] = self.values(u[:-1])
        slopes[:n] = np.diag(np.where(self._signed, 1 / x[:n], 1.0))
        for position, (atom, parts) in enumerate(self._defined, n):
            x[position], slopes[position] = _composed(atom, parts, x, slopes)
        value, slope, size, growth = self._margins.at(x, slopes)
        margin = value / size
        gradient = (slope - margin[:, None] * growth) / size[:, None]
        return margin - u[-1], np.hstack([gradient, np.full((len(margin), 1), -1.0)])


def _once(
    compute: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]],
) -> Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """The same, without computing it again at the same point."""
    last: list[tuple[bytes, tuple[np.ndarray, np.ndarray]]] = []

    def value(u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if not last or last[0][0] != u.tobytes():
            last[:] = [(u.tobytes(), compute(u))]
        return last[0][1]

    return value


def _composed(
    atom: Atom, parts: _Rows, x: np.ndarray, slopes: np.ndarray
) -> tuple[float, np.ndarray]:
    """Value of a defined atom, and the gradient of its logarithm."""
    if atom.kind == "prime":
        return float(atom.key), np.zeros(slopes.shape[1])
    values, gradients, *_ = parts.at(x, slopes)
    chosen = 0
    if atom.kind == "extremum":
        chosen = int(values.argmax() if _is_maximum(atom) else values.argmin())
    value, gradient = float(values[chosen]), gradients[chosen]
    return (abs(value) if atom.kind == "abs" else value), gradient / value


def _parts(atom: Atom) -> tuple[Polynomial, ...]:
    """What an atom is defined by; a prime by nothing."""
    return () if atom.kind == "prime" else atom.inside


def _leaves(atom: Atom) -> set[Atom]:
    return set().union(*(p.atoms() for p in _parts(atom)))


__all__ = ["climb", "has_room", "is_counterexample"]
