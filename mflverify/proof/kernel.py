"""The trusted kernel: what must be shown for a step, and what may be used to show it.

No search, no numerics.  For a step the kernel checks that its reasons are allowed (earlier steps,
hypotheses, facts and lemmas whose content it recomputes itself), lists the obligations (premises
of what is applied, then the claim) with the hypotheses usable for each, and brings everything to
normal form.  An obligation is *settled* here when normal forms agree; otherwise it is handed to a
scalar prover as a statement about real numbers.

Discipline of definedness.  Whatever is claimed, and whatever a fact or lemma is applied to, must be
shown to be defined first (`mflverify.proof.admissible`).

Discipline of time.  A relation without `at_time` holds at every time; so at any time s >= 0 that
is mentioned, its instance at s may be used too, provided that it rests on no assumption.  A premise
of a fact or lemma is established under its own assumptions only, never under those of the step.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from attrs import field, frozen

from mflverify.algebra.normal import Normalizer, Rewrite
from mflverify.algebra.polynomial import Polynomial, monomial_is_positive
from mflverify.expr.language import at_time
from mflverify.expr.sorts import SCALAR, SortError
from mflverify.expr.substitution import Substitution
from mflverify.expr.terms import (
    AtTime,
    Parameter,
    Rational,
    Relation,
    Term,
    subterms,
)
from mflverify.proof.admissible import (
    argument_terms,
    circle,
    conditions,
    flow_fault,
    name_fault,
    substitution_fault,
    time_fault,
)
from mflverify.proof.errors import ProofError
from mflverify.proof.facts import LIBRARY
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
    """Something usable, with the label of where it comes from.

    through: labels of what establishes the assumptions that it rests on.
    """

    label: str
    relation: Relation
    normal: NormalRelation
    through: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """All that using it uses; a condition of definedness is an obligation of its own."""
        own = () if self.label.startswith("domain of") else (self.label,)
        return (*own, *self.through)


@frozen
class Obligation:
    """A goal and what may be used for it.

    role: `claim`, `premise n of FACT`, or `domain of` one of these.  settled: how the normal form alone decides it, or None.
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


@frozen
class _Usable:
    """A relation that may be used: its label, and labels of what establishes its assumptions."""

    label: str
    relation: Relation
    through: tuple[str, ...] = ()


def examine(step: Step) -> Examination:
    """The obligations of a step.  Raises ProofError when its reasons are not allowed."""
    try:
        return _examine(step)
    except (SortError, ZeroDivisionError, ValueError) as error:
        raise ProofError(str(error), where=str(step.location), step=step.label) from error


def refusal(step: Step) -> str:
    """Why the kernel does not even look at a step, or ''.

    Beyond the step's own text it depends on the whole statement and on what that uses.
    """
    try:
        _admitted(step)
    except (ProofError, SortError, ZeroDivisionError, ValueError) as error:
        return str(error)
    return ""


def _admitted(step: Step) -> tuple[list[Step], list[Application], list[Content]]:
    """The earlier steps and the applications that a step names, with what they say."""
    reasons = _reasons(step)
    steps = [reason for reason in reasons if isinstance(reason, Step)]
    applications = [reason for reason in reasons if isinstance(reason, Application)]
    contents = [application.content for application in applications]
    _require_admissible(step, steps, contents)
    return steps, applications, contents


def _examine(step: Step) -> Examination:
    steps, applications, contents = _admitted(step)
    normalizer = Normalizer()
    obligations: list[Obligation] = []
    available = [
        _Usable(f"hypothesis {n}", relation) for n, relation in enumerate(step.statement.given, 1)
    ]
    for application, content in zip(applications, contents, strict=True):
        _check_generic(step, application, content)
        needed = [c for term in argument_terms(application) for c in conditions(term)]
        timeless, _ = _usable(steps, available, (), normalizer)
        role = f"domain of {application.label}"
        obligations += _domain(role, needed, timeless, [], normalizer)
        available += [_Usable(application.label, r) for r in _hidden(needed, normalizer)]
        for number, premise in enumerate(content.premises, 1):
            timeless, local = _usable(steps, available, premise.assuming, normalizer)
            role = f"premise {number} of {application.label}"
            obligations += _oblige(role, premise.claim, timeless, local, normalizer)
        # only now, so that no premise is established by what it is a premise of
        for relation in content.conclusions:
            available += [_Usable(application.label, r) for r in _granted(relation, normalizer)]
    timeless, local = _usable(steps, available, step.assuming, normalizer)
    for used in steps:
        labels = {usable.label for usable in (*timeless, *local)}
        premises = [premise for content in contents for premise in content.premises]
        if used.label not in labels and not any(
            set(used.assuming) <= set(p.assuming) for p in premises
        ):
            raise ProofError(
                f"{used.label} rests on an assumption that is not made here",
                where=str(step.location),
                step=step.label,
            )
    obligations += _oblige("claim", step.claim, timeless, local, normalizer)
    return Examination(
        tuple(obligations), tuple(applications), _direct(step, applications, normalizer)
    )


def _usable(
    steps: list[Step],
    available: list[_Usable],
    assuming: tuple[Relation, ...],
    normalizer: Normalizer,
) -> tuple[list[_Usable], list[_Usable]]:
    """What holds at all times, and what holds where `assuming` does.

    A step made under an assumption holds at all times once that assumption is itself available.
    """
    timeless = list(available)
    settled = {usable.relation: usable.label for usable in reversed(available)}
    settled |= {step.claim: step.label for step in steps if not step.assuming}
    local = [_Usable(f"assumption {n}", relation) for n, relation in enumerate(assuming, 1)]
    for step in steps:
        missing = set(step.assuming) - set(settled)
        through = tuple(dict.fromkeys(settled[a] for a in step.assuming if a in settled))
        found = [_Usable(step.label, r, through) for r in _granted(step.claim, normalizer)]
        if not missing:
            timeless += found
        elif missing <= set(assuming):
            local += found
    return timeless, local


def _reasons(step: Step) -> list[Step | Application | Relation]:
    """The step's reasons, each checked to be allowed; a bare statement is its identical instance."""
    problem = {"where": str(step.location), "step": step.label}
    around = circle(step.statement)
    if around:
        raise ProofError(f"circular use: {' -> '.join(around)}", **problem)
    earlier = step.statement.steps[: step.statement.steps.index(step)]
    checked: list[Step | Application | Relation] = []
    for reason in step.because:
        if isinstance(reason, Statement):
            reason = reason.at({})
        if isinstance(reason, Step) and reason not in earlier:
            raise ProofError(f"{reason.label} is not an earlier step of this proof", **problem)
        if isinstance(reason, Step) and reason.acknowledged is not None:
            raise ProofError(f"{reason.label} is known to be false and cannot be used", **problem)
        if isinstance(reason, Relation) and reason not in (*step.statement.given, *step.assuming):
            raise ProofError(f"{reason!r} is not among the hypotheses", **problem)
        if isinstance(reason, Application):
            fault = _source_fault(reason)
            if fault is not None:
                raise ProofError(f"{reason.label}: {fault}", **problem)
        checked.append(reason)
    return checked


def _source_fault(application: Application) -> str | None:
    """Why something cannot be applied: neither a fact of the library nor a statement that holds."""
    source = application.source
    if type(source) is Statement:
        assert isinstance(application.arguments, Substitution)
        return substitution_fault(source, application.arguments)
    if any(source is fact for fact in LIBRARY):
        return None
    return "it is neither a statement nor in the fact library"


def _require_admissible(step: Step, steps: list[Step], contents: list[Content]) -> None:
    """Names, moments and flows of everything that the step looks at."""
    relations = [step.claim, *step.assuming, *step.statement.given]
    relations += [relation for used in steps for relation in (used.claim, *used.assuming)]
    for content in contents:
        relations += content.conclusions
        relations += [r for p in content.premises for r in (p.claim, *p.assuming)]
    fault = name_fault(relations) or time_fault(relations) or flow_fault(step.statement, relations)
    if fault is not None:
        raise ProofError(fault, where=str(step.location), step=step.label)


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


def _domain(
    role: str,
    needed: Iterable[Relation],
    timeless: list[_Usable],
    local: list[_Usable],
    normalizer: Normalizer,
) -> list[Obligation]:
    """Obligations for those conditions of definedness that are not visible in the form."""
    return [
        _obligation(role, relation, timeless, local, normalizer)
        for relation in _hidden(needed, normalizer)
    ]


def _granted(relation: Relation, normalizer: Normalizer) -> list[Relation]:
    """What an established relation gives: itself, and that it is defined."""
    return [relation, *_hidden(conditions(relation), normalizer)]


def _hidden(needed: Iterable[Relation], normalizer: Normalizer) -> list[Relation]:
    """Those conditions that are not visible in the form."""
    return [r for r in dict.fromkeys(needed) if not normal_relation(r, normalizer).is_trivial]


def _oblige(
    role: str,
    goal: Relation,
    timeless: list[_Usable],
    local: list[_Usable],
    normalizer: Normalizer,
) -> list[Obligation]:
    """The goal, after the obligations that make it defined."""
    defined = _domain(f"domain of {role}", conditions(goal), timeless, local, normalizer)
    shown = [_Usable(d.role, d.goal) for d in defined]
    return [*defined, _obligation(role, goal, timeless, [*local, *shown], normalizer)]


def _obligation(
    role: str,
    goal: Relation,
    timeless: list[_Usable],
    local: list[_Usable],
    normalizer: Normalizer,
) -> Obligation:
    start = len(normalizer.trace)
    normal = normal_relation(goal, normalizer)
    hypotheses = [
        Hypothesis(u.label, u.relation, normal_relation(u.relation, normalizer), u.through)
        for u in (*timeless, *local)
    ]
    moments = _times([goal, *(usable.relation for usable in (*timeless, *local))])
    for usable in timeless:
        relation = usable.relation
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
                hypotheses.append(Hypothesis(usable.label, moved, then, usable.through))
    settled: str | None = None
    used: tuple[str, ...] = ()
    if normal.is_trivial:
        same = "the two sides have the same normal form"
        settled = same if goal.kind == "eq" else "a sum of non-negative terms"
    else:
        for hypothesis in hypotheses:
            if normal.follows_from(hypothesis.normal):
                settled, used = f"it is {hypothesis.label}", hypothesis.labels
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
