"""The search for certificates: a linear program over products, made exact in rationals.

Columns are the parts of `mflverify.proof.certificate`; rows are monomials.  The program is solved
in floating point only to find which columns matter; their coefficients are then solved for in
rational arithmetic, and the kernel checks the result.  Whatever fails here is left to the solver.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import product

import numpy as np
from attrs import evolve
from flint import fmpq, fmpq_mat
from scipy.optimize import linprog
from scipy.sparse import csc_matrix

from mflverify.algebra.polynomial import (
    Atom,
    Monomial,
    Polynomial,
    monomial_is_nonnegative,
    monomial_key,
    monomial_polynomial,
)
from mflverify.proof.certificate import (
    Certificate,
    Part,
    check,
    is_strict_part,
    part_polynomial,
    sign_cases,
    squared_case,
)
from mflverify.proof.kernel import NormalRelation, Obligation

MAX_COLUMNS = 4000
MAX_ROWS = 300
ROUNDS = 3


def find_certificate(obligation: Obligation) -> Certificate | None:
    """A certificate of the obligation that the kernel accepts, or None when none was found."""
    goal = obligation.normal
    if goal.sense == "eq" or not goal.difference.is_total:
        return None
    hypotheses = [hypothesis.normal for hypothesis in obligation.hypotheses]
    strict = goal.sense == "lt"
    for squared in (False, True):
        cases: list[tuple[Part, ...]] = []
        for case in sign_cases(goal):
            target = squared_case(case) if squared else case
            parts = _combination(target, hypotheses, strict=strict) if target is not None else None
            if parts is None:
                break
            cases.append(parts)
        else:
            certificate = Certificate(tuple(cases), squared)
            if check(certificate, obligation):
                return certificate
    return None


def _combination(
    target: Polynomial, hypotheses: list[NormalRelation], *, strict: bool
) -> tuple[Part, ...] | None:
    """Parts that sum to `target`: first few columns, then more, then products of hypotheses."""
    wanted = set(target.terms)
    columns: dict[Part, Polynomial] = {}
    for number in range(ROUNDS):
        last = number == ROUNDS - 1
        for part in _candidates(wanted, target, hypotheses, pairs=last):
            if part not in columns:
                columns[part] = part_polynomial(part, hypotheses)
        if len(columns) > MAX_COLUMNS:
            return None
        found = _solve(target, columns, hypotheses, strict=strict)
        if found is not None:
            return found
        grown = wanted.union(*(set(p.terms) for p in columns.values()))
        if len(grown) > MAX_ROWS:
            break
        wanted = grown
    return None


def _candidates(
    wanted: set[Monomial], target: Polynomial, hypotheses: list[NormalRelation], *, pairs: bool
) -> Iterable[Part]:
    one = Fraction(1)
    for monomial in wanted:
        if monomial_is_nonnegative(monomial):
            yield Part("monomial", one, monomial)
    for index, hypothesis in enumerate(hypotheses):
        if not hypothesis.difference.is_total:
            continue
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
    if pairs:
        yield from _products(set(target.terms), hypotheses)


def _products(goal: set[Monomial], hypotheses: list[NormalRelation]) -> Iterable[Part]:
    """Products of two short hypotheses, times what brings them to monomials of the goal."""
    short = [
        (index, h)
        for index, h in enumerate(hypotheses)
        if h.sense != "eq" and h.difference.is_total and 0 < len(h.difference.terms) <= 3
    ]
    for position, (i, first) in enumerate(short):
        for j, second in short[position:]:
            for multiplier in _multipliers(goal, first.difference * second.difference):
                if monomial_is_nonnegative(multiplier):
                    yield Part("product", Fraction(1), multiplier, index=i, second=j)


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
    """Squares of binomials r u + v/r - 2 w whose middle term w is a negative term of the target.

    u is a wanted monomial, or takes some of the factors of w^2; v is the rest of w^2.
    """
    for middle, cross in target.terms.items():
        if cross > 0 or not middle or not all(atom.nonnegative for atom, _ in middle):
            continue
        square = {atom: 2 * power for atom, power in middle}
        lefts = {m for m in wanted if m and all(atom.nonnegative for atom, _ in m)}
        if len(square) <= 6:
            lefts |= {
                tuple(
                    (a, square[a] * share) for a, share in zip(square, shares, strict=True) if share
                )
                for shares in product(
                    (Fraction(0), Fraction(1, 2), Fraction(1)), repeat=len(square)
                )
            }
        for left in lefts:
            right = _quotient(square, left)
            if right is None:
                continue
            first, second = monomial_polynomial(left), monomial_polynomial(right)
            if not (set(first.terms) | set(second.terms)) <= wanted:
                continue
            yield from (
                Part("square", Fraction(1), (), left=left, right=right, ratio=ratio)
                for ratio in _ratios(target, first, second, cross)
            )


def _quotient(square: dict[Atom, Fraction], left: Monomial) -> Monomial | None:
    """square / left as a monomial of non-negative atoms, or None."""
    powers = dict(square)
    for atom, power in left:
        powers[atom] = powers.get(atom, Fraction(0)) - power
    rest = tuple(sorted(((a, p) for a, p in powers.items() if p), key=lambda pair: pair[0].order))
    return rest if all(p > 0 or a.positive for a, p in rest) else None


def _ratios(
    target: Polynomial, first: Polynomial, second: Polynomial, cross: Fraction
) -> set[Fraction]:
    """Weights r for which r u + v/r - 2 w fits the coefficients of the target."""
    ratios = {Fraction(1)}
    for polynomial, inverse in ((first, False), (second, True)):
        monomial, own = next(iter(polynomial.terms.items()))
        have = target.terms.get(monomial, Fraction(0)) / own
        if have > 0:
            ratio = -2 * have / cross
            ratios.add(1 / ratio if inverse else ratio)
    return ratios


def _solve(
    target: Polynomial,
    columns: dict[Part, Polynomial],
    hypotheses: list[NormalRelation],
    *,
    strict: bool,
) -> tuple[Part, ...] | None:
    # a fixed order, so that the same obligation always gets the same certificate
    parts = sorted(columns, key=_part_key)
    monomials = set(target.terms).union(*(p.terms for p in columns.values()))
    rows = {m: i for i, m in enumerate(sorted(monomials, key=monomial_key))}
    entries = [
        (rows[m], j, float(c))
        for j, part in enumerate(parts)
        for m, c in columns[part].terms.items()
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
    cost = np.array(
        [0.0 if f else 1.0 + 0.01 * len(p.multiplier) for p, f in zip(parts, free, strict=True)]
    )
    if strict:
        for k, part in enumerate(parts):
            if is_strict_part(part, hypotheses):
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


def _part_key(part: Part) -> tuple[str, ...]:
    atom = part.atom.key if part.atom is not None else ""
    texts = (monomial_key(m) for m in (part.multiplier, part.left, part.right))
    return (part.kind, f"{part.index} {part.second} {part.sign} {part.ratio} {atom}", *texts)


def _exact(
    target: Polynomial, parts: list[Part], columns: dict[Part, Polynomial]
) -> tuple[Part, ...] | None:
    """Rational coefficients on the given support, or None when it carries no solution."""
    rows = sorted(
        set(target.terms).union(*(columns[p].terms for p in parts)),
        key=monomial_key,
    )
    width = len(parts) + 1
    flat = [
        fmpq(c.numerator, c.denominator)
        for m in rows
        for c in (
            *(columns[p].terms.get(m, Fraction(0)) for p in parts),
            target.terms.get(m, Fraction(0)),
        )
    ]
    reduced, rank = fmpq_mat(len(rows), width, flat).rref()
    solution = [Fraction(0)] * len(parts)
    for r in range(rank):
        pivot = next(c for c in range(width) if reduced[r, c] != 0)
        if pivot == len(parts):
            return None
        value = reduced[r, len(parts)]
        solution[pivot] = Fraction(int(value.p), int(value.q))
    chosen = [evolve(p, coefficient=c) for p, c in zip(parts, solution, strict=True) if c]
    return tuple(chosen)
