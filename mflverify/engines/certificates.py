"""The search for certificates: a linear program over products, made exact in rationals.

Columns are the parts of `mflverify.proof.certificate`; rows are monomials.  The program is solved
in floating point only to find which columns matter; their coefficients are then solved for in
rational arithmetic, and the kernel checks the result.  Whatever fails here is left to the solver.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import numpy as np
from flint import fmpq, fmpq_mat
from scipy.optimize import linprog
from scipy.sparse import csc_matrix

from mflverify.algebra.polynomial import (
    Monomial,
    Polynomial,
    monomial_is_nonnegative,
    monomial_is_positive,
)
from mflverify.proof.certificate import Certificate, Part, check, part_polynomial, sign_cases
from mflverify.proof.kernel import NormalRelation, Obligation

MAX_COLUMNS = 4000
ROUNDS = 3


def find_certificate(obligation: Obligation) -> Certificate | None:
    """A certificate of the obligation that the kernel accepts, or None when none was found."""
    goal = obligation.normal
    if goal.sense == "eq":
        return None
    hypotheses = [hypothesis.normal for hypothesis in obligation.hypotheses]
    cases: list[tuple[Part, ...]] = []
    for case in sign_cases(goal):
        parts = _combination(case, hypotheses, strict=goal.sense == "lt")
        if parts is None:
            return None
        cases.append(parts)
    certificate = Certificate(tuple(cases))
    return certificate if check(certificate, obligation) else None


def _combination(
    target: Polynomial, hypotheses: list[NormalRelation], *, strict: bool
) -> tuple[Part, ...] | None:
    wanted = set(target.terms)
    columns: dict[Part, Polynomial] = {}
    for _ in range(ROUNDS):
        for part in _candidates(wanted, target, hypotheses):
            if part not in columns:
                columns[part] = part_polynomial(part, hypotheses)
        if len(columns) > MAX_COLUMNS:
            return None
        found = _solve(target, columns, hypotheses, strict=strict)
        if found is not None:
            return found
        wanted = wanted.union(*(set(p.terms) for p in columns.values()))
        if len(wanted) > 300:
            return None
    return None


def _candidates(
    wanted: set[Monomial], target: Polynomial, hypotheses: list[NormalRelation]
) -> Iterable[Part]:
    one = Fraction(1)
    for monomial in wanted:
        if monomial_is_nonnegative(monomial):
            yield Part("monomial", one, monomial)
    for index, hypothesis in enumerate(hypotheses):
        for multiplier in _multipliers(wanted, hypothesis.difference):
            if hypothesis.sense == "eq" or monomial_is_nonnegative(multiplier):
                yield Part("hypothesis", one, multiplier, index=index)
    absolutes = {
        atom
        for relation in hypotheses
        for atom in relation.difference.atoms()
        if atom.kind == "abs"
    }
    for atom in absolutes:
        assert isinstance(atom.payload, Polynomial)
        shape = Polynomial.atom(atom) + atom.payload
        for multiplier in _multipliers(wanted, shape):
            if monomial_is_nonnegative(multiplier):
                for sign in (1, -1):
                    yield Part("absolute", one, multiplier, atom=atom, sign=sign)
    yield from _squares(wanted, target)


def _multipliers(wanted: set[Monomial], shape: Polynomial) -> set[Monomial]:
    """Monomials m such that m times some monomial of `shape` is wanted.

    Only atoms that are positive may get a negative exponent.
    """
    found: set[Monomial] = set()
    for goal in wanted:
        for base in shape.terms:
            powers = dict(goal)
            for atom, power in base:
                powers[atom] = powers.get(atom, Fraction(0)) - power
            rest = tuple(
                sorted(((a, p) for a, p in powers.items() if p), key=lambda pair: pair[0].order)
            )
            if all(p > 0 or a.positive for a, p in rest):
                found.add(rest)
    return found


def _squares(wanted: set[Monomial], target: Polynomial) -> Iterable[Part]:
    """Squares of binomials r u + v/r - 2 sqrt(u v) whose middle term is wanted."""
    squarable = sorted(
        (m for m in wanted if m and all(a.nonnegative for a, _ in m)),
        key=lambda m: Polynomial({m: Fraction(1)}).key,
    )
    if len(squarable) > 60:
        return
    for i, left in enumerate(squarable):
        for right in squarable[i + 1 :]:
            product = Polynomial({left: Fraction(1)}) * Polynomial({right: Fraction(1)})
            middle = product.power(Fraction(1, 2))
            if len(middle.terms) != 1:
                continue
            ((monomial, _),) = middle.terms.items()
            if monomial not in wanted:
                continue
            ratios = {Fraction(1), Fraction(2), Fraction(1, 2)}
            first, second = target.terms.get(left), target.terms.get(right)
            cross = target.terms.get(monomial)
            if first and cross and first > 0 > cross:
                ratios.add(-2 * first / cross)
            if second and cross and second > 0 > cross:
                ratios.add(-cross / (2 * second))
            for ratio in ratios:
                yield Part("square", Fraction(1), (), left=left, right=right, ratio=ratio)


def _solve(
    target: Polynomial,
    columns: dict[Part, Polynomial],
    hypotheses: list[NormalRelation],
    *,
    strict: bool,
) -> tuple[Part, ...] | None:
    parts = list(columns)
    rows = {m: i for i, m in enumerate(set(target.terms).union(*(p.terms for p in columns.values())))}
    entries = [
        (rows[m], j, float(c)) for j, part in enumerate(parts) for m, c in columns[part].terms.items()
    ]
    if not entries:
        return None
    i, j, values = zip(*entries, strict=True)
    matrix = csc_matrix((values, (i, j)), shape=(len(rows), len(parts)))
    rhs = np.zeros(len(rows))
    for monomial, c in target.terms.items():
        rhs[rows[monomial]] = float(c)
    free = [p.kind == "hypothesis" and hypotheses[p.index].sense == "eq" for p in parts]
    # a strict goal needs a strict part: reward those, so that one enters when it can
    cost = np.array([0.0 if f else 1.0 + 0.01 * len(p.multiplier) for p, f in zip(parts, free, strict=True)])
    if strict:
        for k, part in enumerate(parts):
            strictly = part.kind == "monomial" or (
                part.kind == "hypothesis" and hypotheses[part.index].sense == "lt"
            )
            if strictly and monomial_is_positive(part.multiplier):
                cost[k] = 0.0
    result = linprog(
        cost,
        A_eq=matrix,
        b_eq=rhs,
        bounds=[(None if f else 0, None) for f in free],
        method="highs",
    )
    if result.status != 0:
        return None
    support = [k for k, value in enumerate(result.x) if abs(value) > 1e-9]
    return _exact(target, [parts[k] for k in support], columns)


def _exact(
    target: Polynomial, parts: list[Part], columns: dict[Part, Polynomial]
) -> tuple[Part, ...] | None:
    """Rational coefficients on the given support, or None when it carries no solution."""
    rows = sorted(
        set(target.terms).union(*(columns[p].terms for p in parts)),
        key=lambda m: Polynomial({m: Fraction(1)}).key,
    )
    width = len(parts) + 1
    flat = [
        fmpq(c.numerator, c.denominator)
        for m in rows
        for c in (*(columns[p].terms.get(m, Fraction(0)) for p in parts), target.terms.get(m, Fraction(0)))
    ]
    reduced, rank = fmpq_mat(len(rows), width, flat).rref()
    solution = [Fraction(0)] * len(parts)
    for r in range(rank):
        pivot = next(c for c in range(width) if reduced[r, c] != 0)
        if pivot == len(parts):
            return None
        value = reduced[r, len(parts)]
        solution[pivot] = Fraction(int(value.p), int(value.q))
    chosen = [
        Part(p.kind, c, p.multiplier, p.index, p.atom, p.sign, p.ratio, p.left, p.right)
        for p, c in zip(parts, solution, strict=True)
        if c
    ]
    return tuple(chosen)
