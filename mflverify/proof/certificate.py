"""Certificates of scalar steps, checked by exact arithmetic without any solver.

A certificate writes the goal 0 <= p as a sum, in rational arithmetic,

    p  =  sum of  c m h  +  sum of  c m h h'  +  sum of  c m  +  sum of  c (r u + v/r - 2 w),

with c >= 0, m a monomial that is non-negative for a visible reason, 0 <= h, h' hypotheses (for an
equation 0 = h, c has any sign), and squares of binomials (w^2 = u v).  When p = b - a with b >= 0
for a visible reason, it may be b^2 - a^2 that is written so.  Checking means expanding polynomials
and comparing dictionaries (Handelman, Krivine; sums of binomial squares).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from attrs import frozen

from mflverify.algebra.polynomial import (
    Atom,
    Monomial,
    Polynomial,
    abs_polynomial,
    monomial_is_nonnegative,
    monomial_is_positive,
    monomial_polynomial,
)
from mflverify.proof.kernel import NormalRelation, Obligation


@frozen
class Part:
    """One summand.

    kind: `hypothesis` (index into the obligation's hypotheses), `product` (of the hypotheses index
    and second), `monomial`, `absolute` (0 <= |q| + sign q) or `square` (of a binomial: r u + v/r -
    2 w with w = sqrt(u v)).
    """

    kind: Literal["hypothesis", "product", "monomial", "absolute", "square"]
    coefficient: Fraction
    multiplier: Monomial
    index: int = -1
    second: int = -1
    atom: Atom | None = None
    sign: int = 1
    ratio: Fraction = Fraction(1)
    left: Monomial = ()
    right: Monomial = ()


@frozen
class Certificate:
    """Certificates of all sign cases of the goal: one when it contains no absolute value.

    squared: whether it is the squares of the two sides that are compared.
    """

    cases: tuple[tuple[Part, ...], ...]
    squared: bool = False


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


def squared_case(case: Polynomial) -> Polynomial | None:
    """b^2 - a^2 for b - a, with b the monomials of positive coefficient; None unless b >= 0."""
    upper = Polynomial({m: c for m, c in case.terms.items() if c > 0})
    lower = upper - case
    return upper * upper - lower * lower if upper.is_nonnegative else None


def part_polynomial(part: Part, hypotheses: list[NormalRelation]) -> Polynomial:
    """The polynomial that a part contributes, coefficient included."""
    multiplier = Polynomial({part.multiplier: part.coefficient})
    match part.kind:
        case "hypothesis":
            return multiplier * hypotheses[part.index].difference
        case "product":
            both = hypotheses[part.index].difference * hypotheses[part.second].difference
            return multiplier * both
        case "monomial":
            return multiplier
        case "absolute":
            assert part.atom is not None
            assert isinstance(part.atom.payload, Polynomial)
            q = part.atom.payload
            return multiplier * (abs_polynomial(q) + q.scale(Fraction(part.sign)))
        case "square":
            left, right = monomial_polynomial(part.left), monomial_polynomial(part.right)
            middle = monomial_polynomial((*halved(part.left), *halved(part.right)))
            square = (
                left.scale(part.ratio) + right.scale(1 / part.ratio) - middle.scale(Fraction(2))
            )
            return multiplier * square


def halved(monomial: Monomial) -> Monomial:
    """The square root of a product of powers."""
    return tuple((atom, power / 2) for atom, power in monomial)


def is_valid_part(part: Part, hypotheses: list[NormalRelation]) -> bool:
    """Whether a part is >= 0 whenever the hypotheses hold."""
    if not all(power > 0 or atom.positive for atom, power in part.multiplier):
        return False
    if part.kind == "hypothesis" and hypotheses[part.index].sense == "eq":
        return True
    if part.coefficient < 0 or not monomial_is_nonnegative(part.multiplier):
        return False
    if part.kind == "product":
        return "eq" not in (hypotheses[part.index].sense, hypotheses[part.second].sense)
    if part.kind == "square":
        factors = (*part.left, *part.right)
        return part.ratio > 0 and all(a.nonnegative and (p > 0 or a.positive) for a, p in factors)
    return True


def is_strict_part(part: Part, hypotheses: list[NormalRelation]) -> bool:
    """Whether a part is > 0 whenever the hypotheses hold."""
    if part.coefficient <= 0 or not monomial_is_positive(part.multiplier):
        return False
    if part.kind == "product":
        return hypotheses[part.index].sense == "lt" and hypotheses[part.second].sense == "lt"
    return part.kind == "monomial" or (
        part.kind == "hypothesis" and hypotheses[part.index].sense == "lt"
    )


def check(certificate: Certificate, obligation: Obligation) -> bool:
    """Whether the certificate proves the obligation: exact, no search, no solver.

    Equations as goals are not covered (two inequalities are), nor is anything with a denominator
    that may vanish or a root that may be of a negative number.
    """
    goal = obligation.normal
    hypotheses = [hypothesis.normal for hypothesis in obligation.hypotheses]
    cases = sign_cases(goal)
    used = {
        i
        for parts in certificate.cases
        for part in parts
        for i in (part.index, part.second)
        if i >= 0
    }
    relations = [goal, *(hypotheses[i] for i in used)]
    if goal.sense == "eq" or len(certificate.cases) != len(cases):
        return False
    if not all(relation.difference.is_total for relation in relations):
        return False
    for case, parts in zip(cases, certificate.cases, strict=True):
        target = squared_case(case) if certificate.squared else case
        if target is None:
            return False
        if not all(is_valid_part(part, hypotheses) for part in parts):
            return False
        if goal.sense == "lt" and not any(is_strict_part(part, hypotheses) for part in parts):
            return False
        total = Polynomial()
        for part in parts:
            total = total + part_polynomial(part, hypotheses)
        if not (target - total).is_zero:
            return False
    return True
