"""Certificates of scalar steps, checked by exact arithmetic without any solver.

A certificate writes the goal 0 <= p as a sum, in rational arithmetic,

    p  =  sum of  c m h  +  sum of  c m  +  sum of  c (r u + v/r - 2 w),

with c >= 0, m a monomial that is non-negative for a visible reason, 0 <= h a hypothesis (for an
equation 0 = h, c has any sign), and squares of binomials (w^2 = u v).  Checking means expanding
polynomials and comparing dictionaries (Handelman, Krivine; sums of binomial squares).
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
)
from mflverify.proof.kernel import NormalRelation, Obligation


@frozen
class Part:
    """One summand.

    kind: `hypothesis` (index into the obligation's hypotheses), `monomial`, `absolute`
    (0 <= |q| + sign q) or `square` (of a binomial: r u + v/r - 2 w with w = sqrt(u v)).
    """

    kind: Literal["hypothesis", "monomial", "absolute", "square"]
    coefficient: Fraction
    multiplier: Monomial
    index: int = -1
    atom: Atom | None = None
    sign: int = 1
    ratio: Fraction = Fraction(1)
    left: Monomial = ()
    right: Monomial = ()


@frozen
class Certificate:
    """Certificates of all sign cases of the goal: one when it contains no absolute value."""

    cases: tuple[tuple[Part, ...], ...]


def sign_cases(goal: NormalRelation) -> list[Polynomial]:
    """The goal's polynomial with each absolute value |q| replaced by q and by -q.

    Proving all of them proves the goal, since |q| is one of the two.
    """
    cases = [goal.difference]
    for atom in sorted((a for a in goal.difference.atoms() if a.kind == "abs"), key=lambda a: a.key):
        assert isinstance(atom.payload, Polynomial)
        inner = atom.payload
        cases = [
            case.map_atoms(lambda a, v=value, b=atom: v if a == b else Polynomial.atom(a))
            for case in cases
            for value in (inner, -inner)
        ]
    return cases


def part_polynomial(part: Part, hypotheses: list[NormalRelation]) -> Polynomial:
    """The polynomial that a part contributes, coefficient included."""
    multiplier = Polynomial({part.multiplier: part.coefficient})
    match part.kind:
        case "hypothesis":
            return multiplier * hypotheses[part.index].difference
        case "monomial":
            return multiplier
        case "absolute":
            assert part.atom is not None and isinstance(part.atom.payload, Polynomial)
            q = part.atom.payload
            return multiplier * (abs_polynomial(q) + q.scale(Fraction(part.sign)))
        case "square":
            left, right = Polynomial({part.left: Fraction(1)}), Polynomial({part.right: Fraction(1)})
            middle = (left * right).power(Fraction(1, 2))
            square = left.scale(part.ratio) + right.scale(1 / part.ratio) - middle.scale(Fraction(2))
            return multiplier * square


def is_valid_part(part: Part, hypotheses: list[NormalRelation]) -> bool:
    """Whether a part is >= 0 whenever the hypotheses hold."""
    if part.kind == "hypothesis" and hypotheses[part.index].sense == "eq":
        return True
    if part.coefficient < 0 or not monomial_is_nonnegative(part.multiplier):
        return False
    if part.kind == "square":
        return part.ratio > 0 and all(atom.nonnegative for atom, _ in (*part.left, *part.right))
    return True


def is_strict_part(part: Part, hypotheses: list[NormalRelation]) -> bool:
    """Whether a part is > 0 whenever the hypotheses hold."""
    if part.coefficient <= 0 or not monomial_is_positive(part.multiplier):
        return False
    return part.kind == "monomial" or (
        part.kind == "hypothesis" and hypotheses[part.index].sense == "lt"
    )


def check(certificate: Certificate, obligation: Obligation) -> bool:
    """Whether the certificate proves the obligation: exact, no search, no solver.

    Equations as goals are not covered (two inequalities are).
    """
    goal = obligation.normal
    hypotheses = [hypothesis.normal for hypothesis in obligation.hypotheses]
    cases = sign_cases(goal)
    if goal.sense == "eq" or len(certificate.cases) != len(cases):
        return False
    for case, parts in zip(cases, certificate.cases, strict=True):
        if not all(is_valid_part(part, hypotheses) for part in parts):
            return False
        if goal.sense == "lt" and not any(is_strict_part(part, hypotheses) for part in parts):
            return False
        total = Polynomial()
        for part in parts:
            total = total + part_polynomial(part, hypotheses)
        if not (case - total).is_zero:
            return False
    return True
