"""Certificates of scalar steps, checked by exact arithmetic without any solver.

A certificate writes the goal 0 <= p, times a product of atoms of known sign that clears its
denominators, as a sum, in rational arithmetic,

    sum of  c m h  +  sum of  c m h h'  +  sum of  c m  +  sum of  c m (r u + v/r - 2 w)  +  sum of  c m q^2,

with c m >= 0 (m a product of powers of atoms of known sign), 0 <= h, h' hypotheses (for an equation
0 = h, c has any sign), squares of binomials (w^2 = u v) and of polynomials q.  When p = b - a with
b >= 0 for a visible reason, it may be b^2 - a^2 that is written so.  An equation is a combination
of equations.  Checking means expanding polynomials and comparing dictionaries (Handelman, Krivine;
sums of squares).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Literal, get_args

from attrs import frozen

from mflverify.algebra.polynomial import (
    Atom,
    Monomial,
    Polynomial,
    abs_polynomial,
    monomial_polynomial,
)
from mflverify.proof.kernel import NormalRelation, Obligation

PartKind = Literal["hypothesis", "product", "monomial", "absolute", "square", "polynomial"]


@frozen
class Part:
    """One summand.

    kind: `hypothesis` (index into the obligation's hypotheses), `product` (of the hypotheses index
    and second), `monomial`, `absolute` (0 <= |q| + sign q), `square` (of a binomial: r u + v/r -
    2 w with w = sqrt(u v)) or `polynomial` (the square of `root`).
    """

    kind: PartKind
    coefficient: Fraction
    multiplier: Monomial
    index: int = -1
    second: int = -1
    atom: Atom | None = None
    sign: int = 1
    ratio: Fraction = Fraction(1)
    left: Monomial = ()
    right: Monomial = ()
    root: Polynomial | None = None


@frozen
class Certificate:
    """Certificates of all sign cases of the goal: one when it contains no absolute value.

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
        atoms = {a for r in (obligation.normal, *relations) for a in r.difference.atoms()}

        def known(sense: Literal["lt", "le"], factor: int) -> frozenset[Atom]:
            found: set[Atom] = set()
            for atom in atoms:
                goal = NormalRelation(sense, value_of(atom).scale(Fraction(factor)))
                if goal.is_trivial or any(goal.follows_from(relation) for relation in relations):
                    found.add(atom)
            return frozenset(found)

        return Signs(known("lt", 1), known("lt", -1), known("le", 1))

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
        """Whether no denominator may vanish and no even root is of what may be negative."""
        return all(
            (power > 0 or self.is_nonzero(atom))
            and (power.denominator % 2 == 1 or self.is_nonnegative(atom))
            for atom, power in monomial
        )

    def vanishes_nowhere(self, monomial: Monomial) -> bool:
        return all(self.is_nonzero(atom) for atom, _ in monomial)

    def is_total(self, p: Polynomial) -> bool:
        """Whether every monomial is defined everywhere that the hypotheses hold."""
        return all(self.is_defined(monomial) for monomial in p.terms)


def value_of(atom: Atom) -> Polynomial:
    """The polynomial that a composite atom stands for; the atom itself for any other."""
    if atom.kind == "composite":
        assert isinstance(atom.payload, Polynomial)
        return atom.payload
    return Polynomial.atom(atom)


def sign_cases(goal: NormalRelation) -> list[Polynomial]:
    """The goal's polynomial with each absolute value |q| replaced by q and by -q.

    Proving all of them proves the goal, since |q| is one of the two.
    """
    cases = [goal.difference]
    for atom in sorted(
        (a for a in goal.difference.atoms() if a.kind == "abs"), key=lambda a: a.key
    ):
        assert isinstance(atom.payload, Polynomial)
        inner = atom.payload
        cases = [
            case.map_atoms(lambda a, v=value, b=atom: v if a == b else Polynomial.atom(a))
            for case in cases
            for value in (inner, -inner)
        ]
    return cases


def squared_case(case: Polynomial, signs: Signs) -> Polynomial | None:
    """b^2 - a^2 for b - a, with b the monomials of positive coefficient; None unless b >= 0."""
    upper = Polynomial({m: c for m, c in case.terms.items() if c > 0})
    lower = upper - case
    if not all(signs.of_monomial(monomial) == 1 for monomial in upper.terms):
        return None
    return upper * upper - lower * lower


def lifted(p: Polynomial, lift: Monomial) -> Polynomial:
    """p times a product of powers, exponents added before anything is expanded: c^-1 c = 1."""
    total = Polynomial()
    for monomial, coefficient in p.terms.items():
        total = total + monomial_polynomial([*monomial, *lift]).scale(coefficient)
    return total


def part_polynomial(part: Part, hypotheses: Sequence[NormalRelation]) -> Polynomial:
    """The polynomial that a part contributes, coefficient included."""

    def times(p: Polynomial) -> Polynomial:
        return lifted(p, part.multiplier).scale(part.coefficient)

    match part.kind:
        case "hypothesis":
            return times(hypotheses[part.index].difference)
        case "product":
            return times(hypotheses[part.index].difference * hypotheses[part.second].difference)
        case "monomial":
            return times(Polynomial.constant(1))
        case "absolute":
            assert part.atom is not None
            assert isinstance(part.atom.payload, Polynomial)
            q = part.atom.payload
            return times(abs_polynomial(q) + q.scale(Fraction(part.sign)))
        case "square":
            left, right = monomial_polynomial(part.left), monomial_polynomial(part.right)
            middle = monomial_polynomial((*halved(part.left), *halved(part.right)))
            square = (
                left.scale(part.ratio) + right.scale(1 / part.ratio) - middle.scale(Fraction(2))
            )
            return times(square)
        case "polynomial":
            assert part.root is not None
            return times(part.root * part.root)


def halved(monomial: Monomial) -> Monomial:
    """The square root of a product of powers."""
    return tuple((atom, power / 2) for atom, power in monomial)


def is_valid_part(part: Part, hypotheses: Sequence[NormalRelation], signs: Signs) -> bool:
    """Whether a part is defined and >= 0 whenever the hypotheses hold."""
    if part.kind not in get_args(PartKind) or not signs.is_defined(part.multiplier):
        return False
    used = {"hypothesis": (part.index,), "product": (part.index, part.second)}.get(part.kind, ())
    if not all(0 <= i < len(hypotheses) for i in used):
        return False
    if not all(signs.is_total(hypotheses[i].difference) for i in used):
        return False
    if part.kind == "hypothesis" and hypotheses[part.index].sense == "eq":
        return True
    if part.coefficient * signs.of_monomial(part.multiplier) < 0 or (
        part.coefficient and not signs.of_monomial(part.multiplier)
    ):
        return False
    match part.kind:
        case "product":
            return "eq" not in (hypotheses[part.index].sense, hypotheses[part.second].sense)
        case "absolute":
            is_value = part.atom is not None and part.atom.kind == "abs"
            return is_value and part.sign in (1, -1) and signs.is_total(part.atom.payload)  # type: ignore[union-attr, arg-type]
        case "square":
            sides = (part.left, part.right)
            return part.ratio > 0 and all(
                signs.is_nonnegative(atom) and signs.is_defined(side)
                for side in sides
                for atom, _ in side
            )
        case "polynomial":
            return part.root is not None and signs.is_total(part.root)
    return True


def is_strict_part(part: Part, hypotheses: Sequence[NormalRelation], signs: Signs) -> bool:
    """Whether a valid part is > 0 whenever the hypotheses hold."""
    if not part.coefficient or not signs.vanishes_nowhere(part.multiplier):
        return False
    if part.kind == "product":
        return hypotheses[part.index].sense == "lt" and hypotheses[part.second].sense == "lt"
    return part.kind == "monomial" or (
        part.kind == "hypothesis" and hypotheses[part.index].sense == "lt"
    )


def targets(certificate: Certificate, obligation: Obligation) -> list[Polynomial]:
    """What the parts of each case must sum to; empty when the certificate is of the wrong form."""
    goal, signs = obligation.normal, Signs.of(obligation)
    side = signs.of_monomial(certificate.lift)
    if not (side and signs.vanishes_nowhere(certificate.lift)):
        return []
    if goal.sense == "eq":
        cases: list[Polynomial | None] = [] if certificate.squared else [goal.difference]
    else:
        cases = list(sign_cases(goal))
    if certificate.squared:
        cases = [squared_case(case, signs) for case in cases if case is not None]
    found = [
        lifted(case, certificate.lift).scale(Fraction(side)) for case in cases if case is not None
    ]
    return found if len(found) == len(cases) else []


def check(certificate: Certificate, obligation: Obligation) -> bool:
    """Whether the certificate proves the obligation: exact, no search, no solver.

    Not covered is anything with a denominator or an even root whose sign does not follow from its
    form or from a single hypothesis.
    """
    goal, signs = obligation.normal, Signs.of(obligation)
    hypotheses = [hypothesis.normal for hypothesis in obligation.hypotheses]
    cases = targets(certificate, obligation)
    if not cases or len(certificate.cases) != len(cases) or not signs.is_total(goal.difference):
        return False
    for target, parts in zip(cases, certificate.cases, strict=True):
        if not _is_allowed(parts, goal, hypotheses, signs):
            return False
        total = target
        for part in parts:
            total = total - part_polynomial(part, hypotheses)
        if not total.is_zero:
            return False
    return True


def labels_used(certificate: Certificate, obligation: Obligation) -> tuple[str, ...]:
    """Labels of all that a certificate uses."""
    indices = (i for case in certificate.cases for p in case for i in (p.index, p.second))
    used = (label for i in indices if i >= 0 for label in obligation.hypotheses[i].labels)
    return tuple(dict.fromkeys(used))


def _is_allowed(
    parts: Iterable[Part], goal: NormalRelation, hypotheses: Sequence[NormalRelation], signs: Signs
) -> bool:
    """Whether parts may be added up to a goal of that sense."""
    parts = list(parts)
    if not all(is_valid_part(part, hypotheses, signs) for part in parts):
        return False
    if goal.sense == "eq":
        return all(p.kind == "hypothesis" and hypotheses[p.index].sense == "eq" for p in parts)
    return goal.sense == "le" or any(is_strict_part(part, hypotheses, signs) for part in parts)
