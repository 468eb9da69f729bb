"""The scalar prover: each functional atom is a real variable, and z3 decides the implication.

An atom known to be non-negative gets a non-negative variable; fractional powers are removed by
taking as variable the root of the atom whose order is the common denominator of its exponents;
a negative power needs a proof that the base cannot vanish.  Limits are counted in the solver's own
resource units, not in seconds, so that a run can be repeated exactly.
"""

# pyright: reportAssignmentType=false, reportArgumentType=false, reportAttributeAccessIssue=false, reportReturnType=false
# (z3's operators are typed as the union of everything they may return)

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import lcm
from typing import Literal

import z3
from attrs import define, field, frozen

from mflverify.algebra.polynomial import Atom, Polynomial
from mflverify.algebra.reading import read_atom, read_polynomial
from mflverify.engines.second_solver import SecondOpinion, second_opinion
from mflverify.expr.printing import to_unicode
from mflverify.expr.terms import Term
from mflverify.proof.kernel import Hypothesis, NormalRelation, Obligation

RESOURCE_LIMIT = 20_000_000

Answer = Literal["proved", "refuted", "unknown"]


@frozen
class ScalarResult:
    """What the solver says of an obligation.

    used: labels of hypotheses without which the proof fails.
    counterexample: values of the atoms (printed terms) with all hypotheses true and the goal false.
    pure: whether only constants of the statement occur, so that a counterexample disproves it.
    reason: why, when the answer is not `proved`.  second: what cvc5 says of it.
    relaxed: what a counterexample leaves out, since it may not be defined: then it need not be one.
    """

    answer: Answer
    used: tuple[str, ...] = ()
    counterexample: tuple[tuple[Term, str], ...] = ()
    pure: bool = False
    reason: str = ""
    second: SecondOpinion | None = None
    relaxed: str = ""


@frozen
class _Partial:
    """A variable defined only where `condition` holds, by `definition`."""

    condition: z3.BoolRef
    definition: z3.BoolRef
    message: str


@define
class _Translation:
    """Variables for atoms, and the constraints that tie them to what they stand for."""

    orders: dict[Atom, int]
    variables: dict[Atom, z3.ArithRef] = field(factory=dict)
    constraints: list[z3.BoolRef] = field(factory=list)
    partial: list[_Partial] = field(factory=list)
    _powers: dict[tuple[Atom, Fraction], z3.ArithRef] = field(factory=dict)

    def polynomial(self, p: Polynomial) -> z3.ArithRef:
        total: z3.ArithRef = z3.RealVal(0)
        for monomial in p.order:
            term: z3.ArithRef = z3.RealVal(str(p.terms[monomial]))
            for atom, power in monomial:
                term = term * self._power(atom, power)
            total = total + term
        return total

    def _power(self, atom: Atom, power: Fraction) -> z3.ArithRef:
        if (atom, power) not in self._powers:
            self._powers[atom, power] = self._new_power(atom, power)
        return self._powers[atom, power]

    def _new_power(self, atom: Atom, power: Fraction) -> z3.ArithRef:
        root = self._variable(atom)
        exponent = power * self.orders[atom]
        count = abs(exponent.numerator)
        if exponent < 0:
            inverse = self._inverse(atom, root)
            return _repeat(inverse, count)
        return _repeat(root, count)

    def _inverse(self, atom: Atom, root: z3.ArithRef) -> z3.ArithRef:
        inverse = z3.Real(f"1/{root}")
        definition = inverse * root == 1
        if atom.positive:
            self.constraints.append(definition)
        else:
            message = f"{to_unicode(read_atom(atom))} may vanish in a denominator"
            self.partial.append(_Partial(root != 0, definition, message))
        return inverse

    def _variable(self, atom: Atom) -> z3.ArithRef:
        if atom in self.variables:
            return self.variables[atom]
        root = z3.Real(f"v{len(self.variables)}")
        self.variables[atom] = root
        order = self.orders[atom]
        whole = _repeat(root, order)
        if atom.positive:
            self.constraints.append(root > 0)
        elif atom.nonnegative:
            self.constraints.append(root >= 0)
        if atom.kind == "prime":
            self.constraints.append(whole == int(atom.key))
        elif atom.kind == "composite":
            assert isinstance(atom.payload, Polynomial)
            value = self.polynomial(atom.payload)
            if order == 1:
                self.constraints.append(whole == value)
            elif atom.nonnegative:
                self.constraints.append(z3.And(whole == value, root >= 0))
            else:
                message = (
                    f"{to_unicode(read_polynomial(atom.payload))} may be negative under a root"
                )
                self.partial.append(
                    _Partial(value >= 0, z3.And(whole == value, root >= 0), message)
                )
        elif atom.kind == "abs":
            assert isinstance(atom.payload, Polynomial)
            value = self.polynomial(atom.payload)
            self.constraints.append(z3.Or(whole == value, whole == -value))
        elif atom.kind == "extremum":
            which, parts = atom.payload  # type: ignore[misc]
            values = [self.polynomial(part) for part in parts]
            self.constraints += [whole >= v if which == "max" else whole <= v for v in values]
            self.constraints.append(z3.Or(*(whole == v for v in values)))
        return root

    def relation(self, relation: NormalRelation) -> z3.BoolRef:
        value = self.polynomial(relation.difference)
        return {"eq": value == 0, "le": value >= 0, "lt": value > 0}[relation.sense]


def _repeat(base: z3.ArithRef, count: int) -> z3.ArithRef:
    result: z3.ArithRef = z3.RealVal(1)
    for _ in range(count):
        result = result * base
    return result


def prove(
    obligation: Obligation, limit: int = RESOURCE_LIMIT, *, confirm: bool = True
) -> ScalarResult:
    """Decide an obligation over the reals.  Never raises on a hard problem: `unknown` with a reason.

    confirm: whether to ask the second solver, too, and to find out what a proof needs.
    """
    hypotheses = list(dict.fromkeys(obligation.hypotheses))
    solution = _solve(obligation.normal, hypotheses, limit)
    answer, model, reason = solution.answer, solution.model, solution.reason
    if answer == "unknown":
        return ScalarResult("unknown", reason=reason)
    second = None
    if confirm:
        second = second_opinion(solution.problem, unsatisfiable=answer == "proved")
    if second is not None and second.opinion == "contradicts":
        return ScalarResult("unknown", reason=second.sentence, second=second)
    if answer == "proved":
        needed = _needed(obligation.normal, hypotheses, limit) if confirm else ()
        return ScalarResult("proved", used=needed, second=second)
    atoms = _all_atoms([obligation.normal, *(h.normal for h in hypotheses)])
    pure = all(a.kind in ("parameter", "prime", "composite", "abs", "extremum") for a in atoms)
    return ScalarResult(
        "refuted",
        counterexample=model,
        pure=pure,
        reason=reason,
        second=second,
        relaxed=solution.relaxed,
    )


def _needed(goal: NormalRelation, hypotheses: list[Hypothesis], limit: int) -> tuple[str, ...]:
    """Labels of a set of hypotheses from which none can be dropped."""
    kept = list(hypotheses)
    for hypothesis in list(reversed(hypotheses)):
        fewer = [other for other in kept if other is not hypothesis]
        if _solve(goal, fewer, limit // 10).answer == "proved":
            kept = fewer
    return tuple(dict.fromkeys(label for hypothesis in kept for label in hypothesis.labels))


@frozen
class _Solution:
    """z3's answer, a counterexample, why, the problem in SMT-LIB, and what it leaves out."""

    answer: Answer
    model: tuple[tuple[Term, str], ...] = ()
    reason: str = ""
    problem: str = ""
    relaxed: str = ""


def _solve(goal: NormalRelation, hypotheses: list[Hypothesis], limit: int) -> _Solution:
    translation = _Translation(_root_orders([goal, *(h.normal for h in hypotheses)]))
    given, left_out = _stated(translation, hypotheses, limit)
    target = translation.relation(goal)
    undefined = _settle_domain(translation, given, limit)
    if undefined:
        return _Solution("unknown", reason=f"not defined everywhere: {undefined[0].message}")
    status, solver = _check([*translation.constraints, *given], z3.Not(target), limit)
    if status == z3.unsat:
        return _Solution("proved", problem=solver.to_smt2())
    if status == z3.sat:
        relaxed = left_out[0].message if left_out else ""
        if left_out:  # is there also one where all is defined, and holds?
            whole = [*translation.constraints, *given, *(each.whole for each in left_out)]
            strictly, stricter = _check(whole, z3.Not(target), limit)
            if strictly == z3.sat:
                solver, relaxed = stricter, ""
        model = solver.model()
        values = tuple(
            (read_atom(atom), _value(model, _repeat(variable, translation.orders[atom])))
            for atom, variable in translation.variables.items()
            if atom.kind not in ("prime", "composite", "abs", "extremum")
        )
        why = "the named reasons do not imply it"
        return _Solution("refuted", values, why, solver.to_smt2(), relaxed)
    return _Solution("unknown", reason=f"the solver gave up: {solver.reason_unknown()}")


@frozen
class _LeftOut:
    """A hypothesis that may not be defined: why not, and that it is and holds."""

    message: str
    whole: z3.BoolRef


def _stated(
    translation: _Translation, hypotheses: list[Hypothesis], limit: int
) -> tuple[list[z3.BoolRef], list[_LeftOut]]:
    """The hypotheses that are defined, and those that are not shown to be.

    What is not defined by what comes before may be so by what comes after it.
    """
    given: list[z3.BoolRef] = []
    waiting = [(hypothesis, list[_Partial]()) for hypothesis in hypotheses]
    while True:
        still: list[tuple[Hypothesis, list[_Partial]]] = []
        for hypothesis, undefined in waiting:
            translation.partial = undefined
            stated = translation.relation(hypothesis.normal)
            left = _settle_domain(translation, given, limit)
            if left:
                still.append((hypothesis, left))
            else:
                given.append(stated)
        if len(still) in (0, len(waiting)):
            break
        waiting = still
    return given, [
        _LeftOut(
            left[0].message,
            z3.And(
                *(formula for part in left for formula in (part.condition, part.definition)),
                translation.relation(hypothesis.normal),
            ),
        )
        for hypothesis, left in still
    ]


def _settle_domain(
    translation: _Translation, given: list[z3.BoolRef], limit: int
) -> list[_Partial]:
    """Prove, in order, that pending partial definitions are defined; those that are not shown to be.

    A definition that is not shown to make sense is left out: its variable is then unconstrained,
    which can only make the goal harder.
    """
    failures: list[_Partial] = []
    for partial in translation.partial:
        status, _ = _check([*translation.constraints, *given], z3.Not(partial.condition), limit)
        if status == z3.unsat:
            translation.constraints.append(partial.definition)
        else:
            failures.append(partial)
    translation.partial = []
    return failures


def _check(
    constraints: list[z3.BoolRef], negated_goal: z3.BoolRef, limit: int
) -> tuple[z3.CheckSatResult, z3.Solver]:
    solver = z3.SolverFor("QF_NRA")
    for build in (lambda: z3.SolverFor("QF_NRA"), z3.Solver):
        solver = build()
        solver.set("rlimit", limit)
        solver.add(*constraints, negated_goal)
        try:
            status = solver.check()
        except z3.Z3Exception:
            continue
        if status != z3.unknown:
            return status, solver
    return z3.unknown, solver


def _root_orders(relations: Iterable[NormalRelation]) -> dict[Atom, int]:
    orders: dict[Atom, int] = {}

    def visit(p: Polynomial) -> None:
        for monomial in p.terms:
            for atom, power in monomial:
                orders[atom] = lcm(orders.get(atom, 1), power.denominator)
                for inner in _inside(atom):
                    visit(inner)

    for relation in relations:
        visit(relation.difference)
    return orders


def _inside(atom: Atom) -> tuple[Polynomial, ...]:
    if atom.kind in ("composite", "abs"):
        return (atom.payload,)
    if atom.kind == "extremum":
        return atom.payload[1]  # type: ignore[index]
    return ()


def _all_atoms(relations: Iterable[NormalRelation]) -> set[Atom]:
    found: set[Atom] = set()
    stack = [relation.difference for relation in relations]
    while stack:
        for atom in stack.pop().atoms():
            if atom not in found:
                found.add(atom)
                stack.extend(_inside(atom))
    return found


def _value(model: z3.ModelRef, expression: z3.ArithRef) -> str:
    value = model.eval(expression, model_completion=True)
    if z3.is_rational_value(value):
        return str(value.as_fraction())
    if z3.is_algebraic_value(value):
        return value.approx(12).as_decimal(8)
    return str(value)
