"""The scalar prover: each functional atom is a real variable, and z3 decides the implication.

Limits are counted in the solver's own resource units, not in seconds, so that a run can be repeated
exactly.
"""

# pyright: reportAssignmentType=false, reportArgumentType=false, reportAttributeAccessIssue=false, reportReturnType=false
# (z3's operators are typed as the union of everything they may return)

from __future__ import annotations

from random import Random
from typing import Literal

import z3
from attrs import frozen

from mflverify.algebra.reading import read_atom
from mflverify.engines.second_solver import SecondOpinion, second_opinion
from mflverify.engines.translation import Partial, Translation, all_atoms, repeat, root_orders
from mflverify.expr.terms import Term
from mflverify.proof.kernel import Hypothesis, NormalRelation, Obligation

RESOURCE_LIMIT = 20_000_000
# what is given: sizes at which a lost factor or power shows
SIZES = ("0", "1/8", "1/4", "1/2", "1", "2", "4", "8", "16")
# kinds of atoms that are defined by others
DEFINED = ("prime", "composite", "abs", "extremum")

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


def prove(
    obligation: Obligation,
    limit: int = RESOURCE_LIMIT,
    *,
    confirm: bool = True,
    once: bool = False,
) -> ScalarResult:
    """Decide an obligation over the reals.  Never raises on a hard problem: `unknown` with a reason.

    confirm: whether to ask the second solver, too, and to find out what a proof needs.
    once: whether to leave it at the first of z3's two methods; the second may take far longer than
    the limit says.
    """
    hypotheses = list(dict.fromkeys(obligation.hypotheses))
    solution = _solve(obligation.normal, hypotheses, limit, once=once)
    answer = solution.answer
    if answer == "unknown":
        return ScalarResult("unknown", reason=solution.reason)
    second = None
    if confirm:
        second = second_opinion(solution.problem, unsatisfiable=answer == "proved")
    if second is not None and second.opinion == "contradicts":
        return ScalarResult("unknown", reason=second.sentence, second=second)
    if answer == "proved":
        needed = _needed(obligation.normal, hypotheses, limit) if confirm else ()
        return ScalarResult("proved", used=needed, second=second)
    return _refuted(obligation, solution, second)


def guess(obligation: Obligation, tries: int, limit: int) -> ScalarResult:
    """Look for a counterexample with some of its values given: fewer reals are left to the solver.

    Which values, and of how many atoms (a quarter to a half), is drawn from a fixed seed; all hypotheses
    are defined and hold.  The answer is `refuted` or `unknown`.
    """
    hypotheses = list(dict.fromkeys(obligation.hypotheses))
    posed = _posed(obligation.normal, hypotheses, limit, once=True)
    if posed.undefined:
        return ScalarResult("unknown", reason=posed.reason)
    free = [v for atom, v in posed.translation.variables.items() if atom.kind not in DEFINED]
    random = Random(0)
    for _ in range(tries if free else 0):
        most = max(1, len(free) // 2)
        fixed = random.sample(free, random.randint(max(1, len(free) // 4), most))
        given = [variable == z3.RealVal(random.choice(SIZES)) for variable in fixed]
        status, solver = _check([*posed.strict, *given], z3.Not(posed.target), limit, once=True)
        if status == z3.sat:
            found = _Solution("refuted", posed.values(solver), NOT_IMPLIED, solver.to_smt2())
            return _refuted(obligation, found, None)
    return ScalarResult("unknown", reason=f"no counterexample in {tries} guesses")


def _refuted(
    obligation: Obligation, solution: _Solution, second: SecondOpinion | None
) -> ScalarResult:
    return ScalarResult(
        "refuted",
        counterexample=solution.model,
        pure=is_pure(obligation),
        reason=solution.reason,
        second=second,
        relaxed=solution.relaxed,
    )


def is_pure(obligation: Obligation) -> bool:
    """Whether nothing occurs but constants of the statement."""
    atoms = all_atoms([obligation.normal, *(h.normal for h in obligation.hypotheses)])
    return all(atom.kind in ("parameter", *DEFINED) for atom in atoms)


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


NOT_IMPLIED = "the named reasons do not imply it"


@frozen
class _Posed:
    """An implication as constraints.

    given: hypotheses that are defined; left_out: the others.  undefined: why the goal may not be.
    """

    translation: Translation
    given: list[z3.BoolRef]
    left_out: list[_LeftOut]
    target: z3.BoolRef
    undefined: list[Partial]

    @property
    def reason(self) -> str:
        """Why the goal may not be defined, or ''."""
        return f"not defined everywhere: {self.undefined[0].message}" if self.undefined else ""

    @property
    def defined(self) -> list[z3.BoolRef]:
        """What must hold, as far as it is defined everywhere."""
        return [*self.translation.constraints, *self.given]

    @property
    def strict(self) -> list[z3.BoolRef]:
        """What must hold, and that all of it is defined."""
        return [*self.defined, *(each.whole for each in self.left_out)]

    def values(self, solver: z3.Solver) -> tuple[tuple[Term, str], ...]:
        """What the atoms are in the solver's model."""
        model, orders = solver.model(), self.translation.orders
        return tuple(
            (read_atom(atom), _value(model, repeat(variable, orders[atom])))
            for atom, variable in self.translation.variables.items()
            if atom.kind not in DEFINED
        )


def _posed(goal: NormalRelation, hypotheses: list[Hypothesis], limit: int, *, once: bool) -> _Posed:
    translation = Translation(root_orders([goal, *(h.normal for h in hypotheses)]))
    given, left_out = _stated(translation, hypotheses, limit, once=once)
    target = translation.relation(goal)
    undefined = _settle_domain(translation, given, limit, once=once)
    return _Posed(translation, given, left_out, target, undefined)


def _solve(
    goal: NormalRelation, hypotheses: list[Hypothesis], limit: int, *, once: bool = False
) -> _Solution:
    posed = _posed(goal, hypotheses, limit, once=once)
    if posed.undefined:
        return _Solution("unknown", reason=posed.reason)
    status, solver = _check(posed.defined, z3.Not(posed.target), limit, once=once)
    if status == z3.unsat:
        return _Solution("proved", problem=solver.to_smt2())
    if status == z3.sat:
        relaxed = posed.left_out[0].message if posed.left_out else ""
        if posed.left_out:  # is there also one where all is defined, and holds?
            strictly, stricter = _check(posed.strict, z3.Not(posed.target), limit, once=once)
            if strictly == z3.sat:
                solver, relaxed = stricter, ""
        return _Solution("refuted", posed.values(solver), NOT_IMPLIED, solver.to_smt2(), relaxed)
    return _Solution("unknown", reason=f"the solver gave up: {solver.reason_unknown()}")


@frozen
class _LeftOut:
    """A hypothesis that may not be defined: why not, and that it is and holds."""

    message: str
    whole: z3.BoolRef


def _stated(
    translation: Translation, hypotheses: list[Hypothesis], limit: int, *, once: bool
) -> tuple[list[z3.BoolRef], list[_LeftOut]]:
    """The hypotheses that are defined, and those that are not shown to be.

    What is not defined by what comes before may be so by what comes after it.
    """
    given: list[z3.BoolRef] = []
    waiting = [(hypothesis, list[Partial]()) for hypothesis in hypotheses]
    while True:
        still: list[tuple[Hypothesis, list[Partial]]] = []
        for hypothesis, undefined in waiting:
            translation.partial = undefined
            stated = translation.relation(hypothesis.normal)
            left = _settle_domain(translation, given, limit, once=once)
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
    translation: Translation, given: list[z3.BoolRef], limit: int, *, once: bool
) -> list[Partial]:
    """Prove, in order, that pending partial definitions are defined; those that are not shown to be.

    A definition that is not shown to make sense is left out: its variable is then unconstrained,
    which can only make the goal harder.
    """
    failures: list[Partial] = []
    for partial in translation.partial:
        known = [*translation.constraints, *given]
        status, _ = _check(known, z3.Not(partial.condition), limit, once=once)
        if status == z3.unsat:
            translation.constraints.append(partial.definition)
        else:
            failures.append(partial)
    translation.partial = []
    return failures


def _check(
    constraints: list[z3.BoolRef], negated_goal: z3.BoolRef, limit: int, *, once: bool = False
) -> tuple[z3.CheckSatResult, z3.Solver]:
    """once: whether to leave it at the first of the solver's two methods."""
    builders = (lambda: z3.SolverFor("QF_NRA"), z3.Solver)
    solver = builders[0]()
    for build in builders[:1] if once else builders:
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


def _value(model: z3.ModelRef, expression: z3.ArithRef) -> str:
    value = model.eval(expression, model_completion=True)
    if z3.is_rational_value(value):
        return str(value.as_fraction())
    if z3.is_algebraic_value(value):
        return value.approx(12).as_decimal(8)
    return str(value)
