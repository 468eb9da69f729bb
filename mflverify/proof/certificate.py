"""Certificates of scalar steps, checked by exact arithmetic without any solver.

A certificate writes the goal 0 <= p, times a product of atoms of known sign that clears its
denominators, as a sum of parts, in rational arithmetic,

    c m h_1 ... h_k q^2,

with c m >= 0 (m a product of powers of atoms of known sign), 0 <= h_i what may be used, and q a
polynomial; when some h_i is an equation, c m has any sign.  What may be used are the hypotheses of
the obligation, then what absolute values and extrema in it satisfy by definition.  When p = b - a
with b >= 0 for a visible reason, it may be b^2 - a^2 that is written so.  An equation is two
inequalities.  Checking means expanding polynomials and comparing dictionaries
(Handelman, Krivine; sums of squares).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Literal

from attrs import frozen

from mflverify.algebra.polynomial import Atom, Monomial, Polynomial
from mflverify.proof.kernel import NormalRelation, Obligation


@frozen
class Part:
    """One summand: coefficient, m, the indices of what is multiplied, and q (1 when missing)."""

    coefficient: Fraction
    multiplier: Monomial = ()
    hypotheses: tuple[int, ...] = ()
    root: Polynomial | None = None


@frozen
class Certificate:
    """Certificates of all cases of the goal: one when no absolute value or extremum is in it.

    squared: whether it is the squares of the two sides that are compared.  lift: what the goal is
    multiplied by, a product of atoms of known sign.
    """

    cases: tuple[tuple[Part, ...], ...]
    squared: bool = False
    lift: Monomial = ()


@frozen
class Signs:
    """Atoms whose sign follows from their form or from one hypothesis."""

    positive: frozenset[Atom]
    negative: frozenset[Atom]
    nonnegative: frozenset[Atom]

    @staticmethod
    def of(obligation: Obligation) -> Signs:
        """Signs of all atoms of an obligation."""
        relations = [h.normal for h in obligation.hypotheses]
        relations += [NormalRelation("le", -r.difference) for r in relations if r.sense == "eq"]
        monomials = {m for r in (obligation.normal, *relations) for m in r.difference.terms}
        atoms = {atom for monomial in monomials for atom, _ in monomial}
        inner = {atom: atom.inside[0] for atom in atoms if atom.kind == "composite"}
        values = {atom: inner.get(atom, Polynomial.atom(atom)) for atom in atoms}

        def known(sense: Literal["lt", "le"], sign: int) -> frozenset[Atom]:
            scaled = {atom: value.scale(Fraction(sign)) for atom, value in values.items()}
            return frozenset(a for a, v in scaled.items() if is_known(v, sense, relations))

        roots = [m for m in monomials if len(m) == 1 and m[0][0].nonnegative]
        powers = {m[0][0] for m in roots if is_known(Polynomial({m: Fraction(1)}), "lt", relations)}
        return Signs(known("lt", 1) | powers, known("lt", -1), known("le", 1))

    def is_nonzero(self, atom: Atom) -> bool:
        return atom.positive or atom in self.positive or atom in self.negative

    def is_nonnegative(self, atom: Atom) -> bool:
        return atom.nonnegative or atom in self.nonnegative or atom in self.positive

    def of_monomial(self, monomial: Monomial) -> int:
        """1 when it is >= 0, -1 when it is <= 0, 0 when neither is known."""
        sign = 1
        for atom, power in monomial:
            even = power.numerator % 2 == 0 or power.denominator % 2 == 0
            if even or self.is_nonnegative(atom):
                continue
            if atom not in self.negative:
                return 0
            sign = -sign
        return sign

    def is_defined(self, monomial: Monomial) -> bool:
        """Whether no denominator may vanish and no root is of what may be negative."""
        return all(
            (power > 0 or self.is_nonzero(atom))
            and (power.denominator == 1 or self.is_nonnegative(atom))
            for atom, power in monomial
        )

    def vanishes_nowhere(self, monomial: Monomial) -> bool:
        return all(self.is_nonzero(atom) for atom, _ in monomial)

    def is_total(self, p: Polynomial) -> bool:
        """Whether every monomial is defined everywhere that the hypotheses hold."""
        return all(self.is_defined(monomial) for monomial in p.terms)


def is_known(
    value: Polynomial, sense: Literal["lt", "le"], relations: Sequence[NormalRelation]
) -> bool:
    """Whether a value is > 0 or >= 0: visibly, or it is a relation plus what visibly is >= 0."""
    first = value.order[0]
    for known in (NormalRelation("le", Polynomial()), *relations):
        ratio = known.difference.terms.get(first, Fraction(0)) / value.terms[first]
        if known.difference.terms and ratio <= 0:
            continue
        rest = value - known.difference.scale(1 / ratio) if ratio else value
        enough = "le" if known.sense == "lt" else sense
        if NormalRelation(enough, rest).is_trivial:
            return True
    return False


def obligation_atoms(obligation: Obligation) -> list[Atom]:
    """All atoms of an obligation, and those inside others, in canonical order."""
    found: set[Atom] = set()
    stack = [obligation.normal.difference, *(h.normal.difference for h in obligation.hypotheses)]
    while stack:
        for atom in stack.pop().atoms() - found:
            found.add(atom)
            stack.extend(atom.inside)
    return sorted(found, key=lambda atom: atom.order)


def usable(obligation: Obligation) -> tuple[NormalRelation, ...]:
    """The hypotheses, then what each absolute value and extremum satisfies by definition."""
    found = [hypothesis.normal for hypothesis in obligation.hypotheses]
    for atom in obligation_atoms(obligation):
        found += _beyond(atom, Polynomial.atom(atom), branches(atom))
    return tuple(found)


def branches(atom: Atom) -> tuple[Polynomial, ...]:
    """Polynomials one of which the atom equals: q and -q for |q|, a and b for max(a, b)."""
    if atom.kind == "abs":
        (inner,) = atom.inside
        return (inner, -inner)
    return atom.inside if atom.kind == "extremum" else ()


def _beyond(
    atom: Atom, value: Polynomial, parts: tuple[Polynomial, ...]
) -> Iterator[NormalRelation]:
    """That the value of an absolute value or extremum is at least (for min, at most) each part."""
    least = atom.kind == "extremum" and atom.payload[0] == "min"  # type: ignore[index]
    for part in parts:
        yield NormalRelation("le", part - value if least else value - part)


@frozen
class Case:
    """A polynomial to be shown >= 0 (for a strict goal > 0), and what may be used for it."""

    target: Polynomial
    given: tuple[NormalRelation, ...]


def goal_cases(p: Polynomial, given: tuple[NormalRelation, ...]) -> Iterator[Case]:
    """p with its absolute values and extrema replaced by what they may equal.

    In each case what was chosen is at least (for min, at most) the others.  Proving all of these
    proves the goal, since in each instance one of them is p.
    """
    split = next((a for a in sorted(p.atoms(), key=lambda a: a.order) if branches(a)), None)
    if split is None:
        yield Case(p, given)
        return
    for value in branches(split):
        others = tuple(part for part in branches(split) if part != value)
        chosen = p.map_atoms(lambda a, v=value: v if a == split else Polynomial.atom(a))
        yield from goal_cases(chosen, (*given, *_beyond(split, value, others)))


def squared_case(case: Polynomial, signs: Signs) -> Polynomial | None:
    """b^2 - a^2 for b - a, with b the monomials of positive coefficient; None unless b >= 0."""
    upper = Polynomial({m: c for m, c in case.terms.items() if c > 0})
    lower = upper - case
    if not all(signs.of_monomial(monomial) == 1 for monomial in upper.terms):
        return None
    return upper * upper - lower * lower


def lifted(p: Polynomial, lift: Monomial) -> Polynomial:
    """p times a product of powers, exponents added before anything is expanded: c^-1 c = 1."""
    return p * Polynomial({lift: Fraction(1)})


def part_polynomial(part: Part, given: Sequence[NormalRelation]) -> Polynomial:
    """The polynomial that a part contributes, coefficient included."""
    product = Polynomial.constant(1) if part.root is None else part.root * part.root
    for index in part.hypotheses:
        product = product * given[index].difference
    return lifted(product, part.multiplier).scale(part.coefficient)


def is_valid_part(part: Part, given: Sequence[NormalRelation], signs: Signs) -> bool:
    """Whether a part is defined and >= 0 whenever the hypotheses hold."""
    if not all(0 <= index < len(given) for index in part.hypotheses):
        return False
    factors = [given[index].difference for index in part.hypotheses]
    factors += [] if part.root is None else [part.root]
    if not (signs.is_defined(part.multiplier) and all(signs.is_total(p) for p in factors)):
        return False
    return vanishes(part, given) or part.coefficient * signs.of_monomial(part.multiplier) > 0


def vanishes(part: Part, given: Sequence[NormalRelation]) -> bool:
    """Whether a valid part is a multiple of an equation."""
    return any(given[index].sense == "eq" for index in part.hypotheses)


def is_strict_part(part: Part, given: Sequence[NormalRelation], signs: Signs) -> bool:
    """Whether a valid part is > 0 whenever the hypotheses hold."""
    strict = all(given[index].sense == "lt" for index in part.hypotheses)
    return strict and part.root is None and signs.vanishes_nowhere(part.multiplier)


def cases_of(obligation: Obligation, *, squared: bool, lift: Monomial) -> list[Case]:
    """What the parts of each case must sum to; empty when the goal has no such form."""
    goal, signs = obligation.normal, Signs.of(obligation)
    side, given = signs.of_monomial(lift), usable(obligation)
    if not (side and signs.vanishes_nowhere(lift)):
        return []
    sides = [goal.difference, -goal.difference] if goal.sense == "eq" else [goal.difference]
    found: list[Case] = []
    for case in (case for p in sides for case in goal_cases(p, given)):
        target = squared_case(case.target, signs) if squared else case.target
        if target is None:
            return []
        found.append(Case(lifted(target, lift).scale(Fraction(side)), case.given))
    return found


def check(certificate: Certificate, obligation: Obligation) -> bool:
    """Whether the certificate proves the obligation: exact, no search, no solver.

    Not covered is anything with a denominator or a root whose sign does not follow from its form or
    from a single hypothesis.
    """
    sense, signs = obligation.normal.sense, Signs.of(obligation)
    cases = cases_of(obligation, squared=certificate.squared, lift=certificate.lift)
    total = signs.is_total(obligation.normal.difference)
    if not cases or len(certificate.cases) != len(cases) or not total:
        return False
    for case, parts in zip(cases, certificate.cases, strict=True):
        if not all(is_valid_part(part, case.given, signs) for part in parts):
            return False
        if sense == "lt" and not any(is_strict_part(part, case.given, signs) for part in parts):
            return False
        rest = case.target
        for part in parts:
            rest = rest - part_polynomial(part, case.given)
        if not rest.is_zero:
            return False
    return True


def labels_used(certificate: Certificate, obligation: Obligation) -> tuple[str, ...]:
    """Labels of all that a certificate uses."""
    indices = (i for case in certificate.cases for part in case for i in part.hypotheses)
    given = obligation.hypotheses
    labels = (label for i in indices if i < len(given) for label in given[i].labels)
    return tuple(dict.fromkeys(labels))
