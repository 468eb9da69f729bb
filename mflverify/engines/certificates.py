"""The search for certificates: a linear program over products, made exact in rationals.

Columns are the parts of `mflverify.proof.certificate`; rows are monomials.  The program is solved
in floating point only to find which columns matter; their coefficients are then solved for in
rational arithmetic, and the kernel checks the result.  Whatever fails here is left to the solver.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product
from math import floor

import numpy as np
from attrs import evolve, frozen
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
    times,
)
from mflverify.engines.squares import sum_of_squares
from mflverify.proof.certificate import (
    Case,
    Certificate,
    Part,
    Signs,
    cases_of,
    check,
    is_strict_part,
    is_valid_part,
    lifted,
    part_polynomial,
    vanishes,
)
from mflverify.proof.kernel import NormalRelation, Obligation, Sense

MAX_COLUMNS = 6000
MAX_ROWS = 300
STAGES = ("first", "products", "grown", "grown", "grown")
PAIR_TERMS = 4
MAX_LIFT = 3
MAX_LIFTED = 4
MAX_MIDDLES = 150
MAX_FACTORS = 6
MAX_UNPRUNED = 12  # hypotheses, each of which may bring many columns


def find_certificate(obligation: Obligation, *, thorough: bool = True) -> Certificate | None:
    """A certificate of the obligation that the kernel accepts, or None when none was found.

    thorough: whether to search on where few are found and a search in vain takes longest: with all
    hypotheses at once, and with the whole obligation multiplied by an atom.
    """
    sense, signs = obligation.normal.sense, Signs.of(obligation)
    if not signs.is_total(obligation.normal.difference):
        return None
    plain = cases_of(obligation, squared=False, lift=())
    if sense == "eq":
        found = _by_equations(obligation, plain[0], signs)
        if found is not None:
            return found
    squares = cases_of(obligation, squared=True, lift=())
    for squared, cases in ((False, plain), (True, squares)):
        found = _combined(obligation, cases, signs, squared=squared)
        if found is not None:
            return found
    found = _squares_alone(obligation, signs)
    if found is not None or not thorough:
        return found
    if len(obligation.hypotheses) <= MAX_UNPRUNED:
        for squared, cases in ((False, plain), (True, squares)):
            found = _combined(obligation, cases, signs, squared=squared, pruned=False)
            if found is not None:
                return found
    for atom in _hidden_atoms(plain, signs)[:MAX_LIFTED]:
        lift = ((atom, Fraction(1)),)
        found = _combined(obligation, plain, signs, squared=False, lift=lift)
        if found is not None:
            return found
    return None


def _combined(
    obligation: Obligation,
    cases: list[Case],
    signs: Signs,
    *,
    squared: bool,
    lift: Monomial = (),
    pruned: bool = True,
) -> Certificate | None:
    """A sum of parts for each case; `lift` is what targets are multiplied by beside denominators."""
    sense = "lt" if obligation.normal.sense == "lt" else "le"
    lift, searches = _searches(cases, signs, sense, lift, pruned=pruned)
    found: list[tuple[Part, ...]] = []
    for case, search in zip(cases, searches, strict=True):
        parts = search.combination(case.target)
        if parts is None:
            return None
        found.append(parts)
    certificate = Certificate(tuple(found), squared, lift)
    return certificate if check(certificate, obligation) else None


def _by_equations(obligation: Obligation, case: Case, signs: Signs) -> Certificate | None:
    """An equation as a combination of equations; the other inequality with the opposite signs."""
    lift, (search,) = _searches([case], signs, "eq")
    parts = search.combination(case.target)
    if parts is None:
        return None
    opposite = tuple(evolve(part, coefficient=-part.coefficient) for part in parts)
    certificate = Certificate((parts, opposite), lift=lift)
    return certificate if check(certificate, obligation) else None


def _hidden_atoms(cases: list[Case], signs: Signs) -> list[Atom]:
    """Positive atoms that are not in the goal and connect two hypotheses: p <= a q, a r <= s."""
    goal = frozenset().union(*(_all_atoms(case.target) for case in cases))
    uses = Counter(a for h in cases[0].given for a in h.difference.atoms() if h.difference.terms)
    found = [a for a, n in uses.items() if n > 1 and a not in goal and a in signs.positive]
    return sorted(found, key=lambda atom: atom.order)


def _squares_alone(obligation: Obligation, signs: Signs) -> Certificate | None:
    """The goal as a sum of squares of polynomials, without hypotheses."""
    if obligation.normal.sense != "le":
        return None
    plain = cases_of(obligation, squared=False, lift=())
    cases = [sum_of_squares(case.target, signs) for case in plain]
    found = tuple(case for case in cases if case is not None)
    certificate = Certificate(found)
    return certificate if len(found) == len(cases) and check(certificate, obligation) else None


def _searches(
    cases: list[Case], signs: Signs, sense: Sense, lift: Monomial = (), *, pruned: bool = True
) -> tuple[Monomial, list[_Search]]:
    """What clears the denominators of all cases, and the search of each.

    pruned: whether hypotheses that are unlikely to help are left out.
    """
    relevant: list[list[int]] = []
    depth = {atom: power.numerator for atom, power in lift}
    for case in cases:
        total = [
            i
            for i, h in enumerate(case.given)
            if h.difference.terms
            and signs.is_total(h.difference)
            and (sense != "eq" or h.sense == "eq")
        ]
        relevant.append(_relevant([case.target], case.given, total) if pruned else total)
        for p in (case.target, *(case.given[i].difference for i in relevant[-1])):
            for atom, power in (pair for monomial in p.terms for pair in monomial):
                if atom.kind == "composite" and power < 0:
                    depth[atom] = min(MAX_LIFT, max(depth.get(atom, 0), -floor(power)))
    atoms = sorted(depth, key=lambda atom: atom.key)
    lift = tuple((atom, Fraction(depth[atom])) for atom in atoms)
    factors = tuple(
        tuple((a, Fraction(k)) for a, k in zip(atoms, powers, strict=True) if k)
        for powers in product(*(range(depth[atom] + 1) for atom in atoms))
    )
    return lift, [
        _Search(case.given, found, signs, sense, lift, factors)
        for case, found in zip(cases, relevant, strict=True)
    ]


@frozen
class _Search:
    """Everything but the target: what may be used, and what clears the denominators.

    usable: indices of hypotheses whose signs are understood.  lift: what targets are multiplied by.
    factors: the products of powers of denominators that hypotheses are multiplied by.
    """

    hypotheses: tuple[NormalRelation, ...]
    usable: list[int]
    signs: Signs
    sense: Sense
    lift: Monomial
    factors: tuple[Monomial, ...]

    def combination(self, target: Polynomial) -> tuple[Part, ...] | None:
        """Parts that sum to the lifted target: first few columns, then more, then products."""
        side = Fraction(self.signs.of_monomial(self.lift))
        goal = lifted(target, self.lift).scale(side)
        if not goal.terms and self.sense != "lt":
            return ()
        wanted = set(goal.terms)
        columns: dict[Part, Polynomial] = {}
        for stage in STAGES:
            if stage == "grown":
                single = (p.terms for part, p in columns.items() if _is_growing(part))
                wanted = wanted.union(*single)
                if len(wanted) > MAX_ROWS:
                    return None
            candidates = (
                self._products(set(goal.terms))
                if stage == "products" and self.sense != "eq"
                else self._candidates(wanted, goal)
            )
            for part in candidates:
                if part is not None and part not in columns:
                    columns[part] = part_polynomial(part, self.hypotheses)
                if len(columns) > MAX_COLUMNS:
                    return None
            if self.sense != "eq":
                for monomial in set().union(*(p.terms for p in columns.values())):
                    part = self._part(monomial)
                    if part is not None:
                        columns.setdefault(part, part_polynomial(part, self.hypotheses))
            found = self._solve(goal, columns)
            if found is not None:
                return found
        return None

    def _part(
        self,
        multiplier: Monomial,
        hypotheses: tuple[int, ...] = (),
        root: Polynomial | None = None,
        weight: Fraction = Fraction(1),
    ) -> Part | None:
        """A part with plus or minus the weight, whichever is non-negative; None if neither is."""
        coefficient = weight * (self.signs.of_monomial(multiplier) or 1)
        part = Part(coefficient, multiplier, hypotheses, root)
        return part if is_valid_part(part, self.hypotheses, self.signs) else None

    def _candidates(self, wanted: set[Monomial], target: Polynomial) -> Iterator[Part | None]:
        yield from self._from_hypotheses(wanted)
        if self.sense != "eq":
            yield from (self._part(monomial) for monomial in wanted)
            yield from self._completed(target)
            yield from self._squares(wanted, target)

    def _from_hypotheses(self, wanted: set[Monomial]) -> Iterator[Part | None]:
        for index in self.usable:
            shape = self.hypotheses[index].difference
            for factor in self.factors:
                cleared = lifted(shape, factor) if factor else shape
                for multiplier in self._multipliers(wanted, cleared):
                    yield self._part(times(multiplier, factor), (index,))

    def _products(self, goal: set[Monomial]) -> Iterator[Part | None]:
        """Products of two short hypotheses, times what brings them to monomials of the goal."""
        short = [
            (index, self.hypotheses[index])
            for index in self.usable
            if self.hypotheses[index].sense != "eq"
            and 0 < len(self.hypotheses[index].difference.terms) <= PAIR_TERMS
        ]
        for position, (i, first) in enumerate(short):
            for j, second in short[position:]:
                for multiplier in self._multipliers(goal, first.difference * second.difference):
                    yield self._part(multiplier, (i, j))

    def _multipliers(self, wanted: set[Monomial], shape: Polynomial) -> set[Monomial]:
        """Monomials m such that m times some monomial of `shape` is wanted.

        Only atoms that cannot vanish may get a negative exponent.
        """
        found: set[Monomial] = set()
        inverses = [tuple((atom, -power) for atom, power in base) for base in shape.terms]
        for goal in wanted:
            for inverse in inverses:
                rest = times(goal, inverse)
                if all(p > 0 or self.signs.is_nonzero(a) for a, p in rest):
                    found.add(rest)
        return found

    def _completed(self, target: Polynomial) -> Iterator[Part | None]:
        """a (y - b / a)^2 for each power y of an atom, when the target is a y^2 - 2 b y + ..."""
        powers = {(a, p) for monomial in target.terms for a, p in monomial}
        for atom, power in sorted(powers, key=lambda pair: (pair[0].order, pair[1])):
            leading = [m for m in target.terms if dict(m).get(atom) == 2 * power]
            if len(leading) != 1 or target.terms[leading[0]] < 0:
                continue
            rest = times(leading[0], ((atom, -2 * power),))
            if not self.signs.vanishes_nowhere(rest):
                continue
            size = target.terms[leading[0]]
            inverse = tuple((a, -p) for a, p in rest)
            root = Polynomial.atom(atom, power)
            for monomial, c in target.terms.items():
                if dict(monomial).get(atom) == power:
                    whole = times(times(monomial, ((atom, -power),)), inverse)
                    root = root + monomial_polynomial(whole).scale(c / (2 * size))
            yield self._part(rest, root=root, weight=size)

    def _squares(self, wanted: set[Monomial], target: Polynomial) -> Iterator[Part | None]:
        """Squares of binomials r u + v/r - 2 w whose middle term w is to be cancelled.

        w is a negative term of the target, or (when there are few) comes from a hypothesis; u is a
        wanted monomial, or takes some of the factors of w^2; v is the rest of w^2.
        """
        middles = {m: c for m, c in target.terms.items() if c < 0}
        if len(wanted) <= MAX_MIDDLES:
            middles |= dict.fromkeys(wanted - set(target.terms), Fraction(0))
        for middle, cross in middles.items():
            if not middle or not all(self.signs.is_nonnegative(atom) for atom, _ in middle):
                continue
            square = tuple((atom, 2 * power) for atom, power in middle)
            for left in self._lefts(square, wanted, shared=bool(cross)):
                right = times(square, tuple((a, -p) for a, p in left))
                if not all(p > 0 or self.signs.is_nonzero(a) for a, p in right):
                    continue
                first, second = monomial_polynomial(left), monomial_polynomial(right)
                if not (set(first.terms) | set(second.terms)) <= wanted:
                    continue
                for ratio in _ratios(target, first, second, cross):
                    root = monomial_polynomial(_halved(left)).scale(ratio)
                    root = root - monomial_polynomial(_halved(right))
                    yield self._part((), root=root, weight=1 / ratio)

    def _lefts(self, square: Monomial, wanted: set[Monomial], *, shared: bool) -> set[Monomial]:
        """Candidates for u; with `shared`, also products of some of the factors of w^2."""
        known = self.signs.is_nonnegative
        lefts = {m for m in wanted if m and all(known(atom) for atom, _ in m)}
        if shared and len(square) <= MAX_FACTORS:
            parts = (Fraction(0), Fraction(1, 2), Fraction(1))
            for shares in product(parts, repeat=len(square)):
                pairs = zip(square, shares, strict=True)
                lefts.add(tuple((a, power * share) for (a, power), share in pairs if share))
        return lefts

    def _solve(
        self, target: Polynomial, columns: dict[Part, Polynomial]
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
        free = [vanishes(part, self.hypotheses) for part in parts]
        # a strict goal needs a strict part: reward those, so that one enters when it can
        cost = np.array(
            [0.0 if f else 1.0 + 0.01 * len(p.multiplier) for p, f in zip(parts, free, strict=True)]
        )
        if self.sense == "lt":
            for k, part in enumerate(parts):
                if is_strict_part(part, self.hypotheses, self.signs):
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


def _relevant(
    targets: list[Polynomial], hypotheses: Sequence[NormalRelation], usable: list[int]
) -> list[int]:
    """Those hypotheses whose atoms can cancel.

    An atom cancels when it is in the target or in another hypothesis, is an absolute value, or is
    only in subtracted monomials, to which non-negative ones may be added.
    """
    inside = {i: _all_atoms(hypotheses[i].difference) for i in usable}
    stuck = {
        i: frozenset(
            atom
            for monomial, c in hypotheses[i].difference.terms.items()
            if c > 0 or (hypotheses[i].sense == "eq" and not monomial_is_nonnegative(monomial))
            for atom, _ in monomial
            if atom.kind not in ("abs", "composite")
        )
        for i in usable
    }
    goal = frozenset().union(*(_all_atoms(target) for target in targets))
    while True:
        uses = Counter(atom for atoms in inside.values() for atom in atoms)
        lonely = [i for i in inside if any(a not in goal and uses[a] < 2 for a in stuck[i])]
        if not lonely:
            return list(inside)
        for i in lonely:
            del inside[i]


def _all_atoms(p: Polynomial) -> frozenset[Atom]:
    """Atoms of a polynomial, and those inside composites and absolute values."""
    found: set[Atom] = set()
    stack = [p]
    while stack:
        for atom in stack.pop().atoms():
            if atom not in found:
                found.add(atom)
                if atom.kind in ("composite", "abs") and isinstance(atom.payload, Polynomial):
                    stack.append(atom.payload)
    return frozenset(found)


def _ratios(
    target: Polynomial, first: Polynomial, second: Polynomial, cross: Fraction
) -> set[Fraction]:
    """Weights r for which r u + v/r - 2 w fits the coefficients of the target."""
    ratios = {Fraction(1)}
    if not cross:
        return ratios
    for polynomial, inverse in ((first, False), (second, True)):
        monomial, own = next(iter(polynomial.terms.items()))
        have = target.terms.get(monomial, Fraction(0)) / own
        if have > 0:
            ratio = -2 * have / cross
            ratios.add(1 / ratio if inverse else ratio)
    return ratios


def _is_growing(part: Part) -> bool:
    """Whether its monomials become wanted: one hypothesis, or a square."""
    return len(part.hypotheses) == 1 or part.root is not None


def _halved(monomial: Monomial) -> Monomial:
    """The square root of a product of powers."""
    return tuple((atom, power / 2) for atom, power in monomial)


def _part_key(part: Part) -> tuple[str, ...]:
    root = "" if part.root is None else part.root.key
    return (f"{part.hypotheses} {part.coefficient}", monomial_key(part.multiplier), root)


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
    chosen = [
        evolve(p, coefficient=c * p.coefficient) for p, c in zip(parts, solution, strict=True) if c
    ]
    return tuple(chosen)
