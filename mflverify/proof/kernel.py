"""The trusted kernel: what must be shown for a step, and what may be used to show it.

No search, no numerics.  For a step the kernel checks that its reasons are allowed (earlier steps,
hypotheses, facts and lemmas whose content it recomputes itself), lists the obligations (premises
of what is applied, then the claim) with the hypotheses usable for each, and brings everything to
normal form.  An obligation is *settled* here when normal forms agree; otherwise it is handed to a
scalar prover as a statement about real numbers.

Discipline of time.  A relation without `at_time` holds at every time; so at any time s >= 0 that
is mentioned, its instance at s may be used too, provided that it rests on no assumption.  A premise
of a fact or lemma is established under its own assumptions only, never under those of the step.
"""

from __future__ import annotations

from typing import Literal

from attrs import field, frozen

from mflverify.algebra.normal import Normalizer, Rewrite
from mflverify.algebra.polynomial import Polynomial, monomial_is_positive
from mflverify.expr.language import at_time
from mflverify.expr.sorts import SCALAR
from mflverify.expr.terms import (
    AtTime,
    Parameter,
    Rational,
    Relation,
    Term,
    subterms,
)
from mflverify.proof.errors import ProofError
from mflverify.proof.statement import Application, Content, Statement, Step

Sense = Literal["eq", "le", "lt"]


@frozen
class NormalRelation:
    """`0 = p`, `0 <= p` or `0 < p`, with p = rhs - lhs in normal form."""

    sense: Sense
    difference: Polynomial

    @property
    def is_trivial(self) -> bool:
        """True for a reason visible in the form: 0 = 0, or a sum of non-negative monomials."""
        p = self.difference
        if self.sense == "eq":
            return p.is_zero
        if not (p.is_total and p.is_nonnegative):
            return False
        return self.sense == "le" or any(monomial_is_positive(monomial) for monomial in p.terms)

    def follows_from(self, other: NormalRelation) -> bool:
        """Whether it is `other` up to a positive factor (or a weaker sense of it)."""
        mine, theirs = self.difference, other.difference
        if not mine.terms or set(mine.terms) != set(theirs.terms):
            return False
        ratio = mine.leading / theirs.leading
        if any(mine.terms[m] != ratio * c for m, c in theirs.terms.items()):
            return False
        if other.sense == "eq":
            return self.sense != "lt"
        return ratio > 0 and (
            self.sense == other.sense or (self.sense, other.sense) == ("le", "lt")
        )


@frozen
class Hypothesis:
    """Something usable, with the label of where it comes from."""

    label: str
    relation: Relation
    normal: NormalRelation


@frozen
class Obligation:
    """A goal and what may be used for it.

    role: `claim`, or `premise n of FACT`.  settled: how the normal form alone decides it, or None.
    trace: rewrites of integrals made on the way.
    """

    role: str
    goal: Relation
    normal: NormalRelation
    hypotheses: tuple[Hypothesis, ...]
    settled: str | None
    used: tuple[str, ...]
    trace: tuple[Rewrite, ...] = field(repr=False)


@frozen
class Examination:
    """All obligations of a step, and the reasons that are direct matches of the claim."""

    obligations: tuple[Obligation, ...]
    applications: tuple[Application, ...]
    direct: Application | None


def examine(step: Step) -> Examination:
    """The obligations of a step.  Raises ProofError when its reasons are not allowed."""
    reasons = _reasons(step)
    normalizer = Normalizer()
    givens = [(f"hypothesis {n}", relation) for n, relation in enumerate(step.statement.given, 1)]
    steps = [reason for reason in reasons if isinstance(reason, Step)]
    applications = [reason for reason in reasons if isinstance(reason, Application)]
    obligations: list[Obligation] = []
    available = list(givens)
    for application in applications:
        content = application.content
        _check_generic(step, application, content)
        for number, premise in enumerate(content.premises, 1):
            timeless, local = _usable(steps, available, premise.assuming)
            role = f"premise {number} of {application.label}"
            obligations.append(_oblige(role, premise.claim, timeless, local, normalizer))
        # only now, so that no premise is established by what it is a premise of
        available += [(application.label, relation) for relation in content.conclusions]
    timeless, local = _usable(steps, available, step.assuming)
    for used in steps:
        labels = {label for label, _ in (*timeless, *local)}
        premises = [premise for a in applications for premise in a.content.premises]
        if used.label not in labels and not any(
            set(used.assuming) <= set(p.assuming) for p in premises
        ):
            raise ProofError(
                f"{used.label} rests on an assumption that is not made here",
                where=str(step.location),
                step=step.label,
            )
    obligations.append(_oblige("claim", step.claim, timeless, local, normalizer))
    return Examination(
        tuple(obligations), tuple(applications), _direct(step, applications, normalizer)
    )


Labelled = list[tuple[str, Relation]]


def _usable(
    steps: list[Step], available: Labelled, assuming: tuple[Relation, ...]
) -> tuple[Labelled, Labelled]:
    """What holds at all times, and what holds where `assuming` does.

    A step made under an assumption holds at all times once that assumption is itself available.
    """
    timeless = list(available)
    settled = {relation for _, relation in available}
    settled |= {step.claim for step in steps if not step.assuming}
    local: Labelled = [(f"assumption {n}", relation) for n, relation in enumerate(assuming, 1)]
    for step in steps:
        missing = set(step.assuming) - settled
        if not missing:
            timeless.append((step.label, step.claim))
        elif missing <= set(assuming):
            local.append((step.label, step.claim))
    return timeless, local


def _reasons(step: Step) -> list[Step | Application | Relation]:
    """The step's reasons, each checked to be allowed; a bare statement is its identical instance."""
    earlier = step.statement.steps[: step.statement.steps.index(step)]
    checked: list[Step | Application | Relation] = []
    for reason in step.because:
        problem = {"where": str(step.location), "step": step.label}
        if isinstance(reason, Statement):
            reason = reason.at({})
        if isinstance(reason, Step) and reason not in earlier:
            raise ProofError(f"{reason.label} is not an earlier step of this proof", **problem)
        if isinstance(reason, Step) and reason.acknowledged is not None:
            raise ProofError(f"{reason.label} is known to be false and cannot be used", **problem)
        if isinstance(reason, Application) and reason.source is step.statement:
            raise ProofError("a statement cannot be used in its own proof", **problem)
        if isinstance(reason, Relation) and reason not in (*step.statement.given, *step.assuming):
            raise ProofError(f"{reason!r} is not among the hypotheses", **problem)
        checked.append(reason)
    return checked


def _check_generic(step: Step, application: Application, content: Content) -> None:
    """What an application ranges over must not be restricted here (nor, for a point, left over)."""
    hypotheses = (*step.statement.given, *step.assuming)
    for symbol in content.generic:
        scope = hypotheses if isinstance(symbol, Parameter) else (*hypotheses, *content.conclusions)
        if any(symbol == part for relation in scope for part in subterms(relation)):
            raise ProofError(
                f"{application.label} ranges over {symbol!r}, which is restricted or left over here",
                where=str(step.location),
                step=step.label,
            )


def _oblige(
    role: str, goal: Relation, timeless: Labelled, local: Labelled, normalizer: Normalizer
) -> Obligation:
    start = len(normalizer.trace)
    normal = normal_relation(goal, normalizer)
    hypotheses = [
        Hypothesis(label, relation, normal_relation(relation, normalizer))
        for label, relation in (*timeless, *local)
    ]
    moments = _times([goal, *(relation for _, relation in (*timeless, *local))])
    for label, relation in timeless:
        if relation.lhs.sort != SCALAR or any(
            isinstance(part, AtTime) for part in subterms(relation)
        ):
            continue
        now = normal_relation(relation, normalizer)
        for moment in moments:
            moved = Relation(
                relation.kind, at_time(relation.lhs, moment), at_time(relation.rhs, moment)
            )
            then = normal_relation(moved, normalizer)
            if then != now:
                hypotheses.append(Hypothesis(label, moved, then))
    settled: str | None = None
    used: tuple[str, ...] = ()
    if normal.is_trivial:
        same = "the two sides have the same normal form"
        settled = same if goal.kind == "eq" else "a sum of non-negative terms"
    else:
        for hypothesis in hypotheses:
            if normal.follows_from(hypothesis.normal):
                settled, used = f"it is {hypothesis.label}", (hypothesis.label,)
                break
    trace = tuple(normalizer.trace[start:])
    return Obligation(role, goal, normal, tuple(hypotheses), settled, used, trace)


def normal_relation(relation: Relation, normalizer: Normalizer) -> NormalRelation:
    """The relation with everything on one side, in normal form."""
    return NormalRelation(relation.kind, normalizer(relation.rhs) - normalizer(relation.lhs))


def _times(relations: list[Relation]) -> list[Term]:
    found: dict[Term, None] = {}
    for relation in relations:
        for part in subterms(relation):
            if isinstance(part, AtTime) and _is_nonnegative_time(part.time):
                found[part.time] = None
    return list(found)


def _is_nonnegative_time(time: Term) -> bool:
    if isinstance(time, Rational):
        return time.value >= 0
    return isinstance(time, Parameter) and time.sign != "real"


def _direct(
    step: Step, applications: list[Application], normalizer: Normalizer
) -> Application | None:
    claim = normal_relation(step.claim, normalizer)
    for application in applications:
        for relation in application.content.conclusions:
            if relation == step.claim or claim.follows_from(normal_relation(relation, normalizer)):
                return application
    return None
