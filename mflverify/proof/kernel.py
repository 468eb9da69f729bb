"""The trusted kernel: what must be shown for a step, and what may be used to show it.

No search, no numerics.  For a step the kernel checks that its reasons are allowed (earlier steps,
hypotheses, facts and lemmas whose content it recomputes itself), lists the obligations (premises
of what is applied, then the claim) with the hypotheses usable for each, and brings everything to
normal form.  An obligation is *settled* here when normal forms agree; otherwise it needs a
certificate (`mflverify.proof.certificate`) or a scalar prover.

Discipline of definedness.  Whatever is claimed, and whatever a fact or lemma is applied to, must be
shown to be defined first (`mflverify.proof.admissible`).

Discipline of time.  A relation without `at_time` holds at every time; so at any time s >= 0 that
is mentioned, its instance at s may be used too, provided that it rests on no assumption.  A premise
of a fact or lemma is established under its own assumptions only, never under those of the step.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from attrs import evolve, frozen

from mflverify.algebra.normal import Normalizer
from mflverify.algebra.polynomial import Polynomial, monomial_is_positive
from mflverify.expr.language import at_time
from mflverify.expr.sorts import SCALAR, SortError
from mflverify.expr.substitution import Substitution
from mflverify.expr.terms import AtTime, Parameter, Rational, Relation, Term, subterms
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
from mflverify.proof.on_unions import union_fault
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

    through: labels of what establishes the assumptions that it rests on.  shown_here: a condition
    of definedness, which is an obligation of its own.
    """

    label: str
    relation: Relation
    normal: NormalRelation
    through: tuple[str, ...] = ()
    shown_here: bool = False

    @property
    def labels(self) -> tuple[str, ...]:
        """All that using it uses."""
        return self.through if self.shown_here else (self.label, *self.through)


@frozen
class Obligation:
    """A goal and what may be used for it.

    role: `claim`, `premise n of FACT`, or `domain of` one of these.  settled: how the normal form
    alone decides it, or None; used: the labels of what that uses.
    """

    role: str
    goal: Relation
    normal: NormalRelation
    hypotheses: tuple[Hypothesis, ...]
    settled: str | None
    used: tuple[str, ...]


def normal_relation(relation: Relation, normalizer: Normalizer) -> NormalRelation:
    """The relation with everything on one side, in normal form."""
    return NormalRelation(relation.kind, normalizer(relation.rhs) - normalizer(relation.lhs))


def examine(step: Step, normalizer: Normalizer | None = None) -> tuple[Obligation, ...]:
    """The obligations of a step.  Raises ProofError when its reasons are not allowed.

    normalizer: one that remembers the normal forms of related steps; None: a new one.
    """
    try:
        return Examination(step, normalizer).obligations()
    except (SortError, ZeroDivisionError, ValueError) as error:
        raise ProofError(str(error), where=str(step.location), step=step.label) from error


class Examination:
    """One step looked at; what is usable is kept as hypotheses that hold at all times."""

    def __init__(self, step: Step, normalizer: Normalizer | None = None) -> None:
        self.step, self.statement = step, step.statement
        self.steps = [reason for reason in step.because if isinstance(reason, Step)]
        self.normalizer = Normalizer() if normalizer is None else normalizer

    def refuse(self, message: str) -> ProofError:
        return ProofError(message, where=str(self.step.location), step=self.step.label)

    def admit(self) -> list[tuple[Application, Content]]:
        """What the step applies, with what that says, once all of its reasons are allowed."""
        if around := circle(self.statement):
            raise self.refuse(f"circular use: {' -> '.join(around)}")
        earlier = self.statement.steps[: self.statement.steps.index(self.step)]
        for used in self.steps:
            if used not in earlier:
                raise self.refuse(f"{used.label} is not an earlier step of this proof")
            if used.acknowledged is not None:
                raise self.refuse(f"{used.label} is known to be false and cannot be used")
        for reason in self.step.because:
            known = (*self.statement.given, *self.step.assuming)
            if isinstance(reason, Relation) and reason not in known:
                raise self.refuse(f"{reason!r} is not among the hypotheses")
        for application in self.step.applications:
            if fault := _source_fault(application):
                raise self.refuse(f"{application.label}: {fault}")
        applied = [(application, application.content) for application in self.step.applications]
        relations = [self.step.claim, *self.step.assuming, *self.statement.given]
        relations += [r for used in self.steps for r in (used.claim, *used.assuming)]
        for _, content in applied:
            relations += content.conclusions
            relations += [r for p in content.premises for r in (p.claim, *p.assuming)]
        told = name_fault(relations) or time_fault(relations) or union_fault(relations, applied)
        if fault := told or flow_fault(self.statement, relations):
            raise self.refuse(fault)
        return applied

    def obligations(self) -> tuple[Obligation, ...]:
        applied = self.admit()
        found: list[Obligation] = []
        available = [
            self.hypothesis(f"hypothesis {n}", relation)
            for n, relation in enumerate(self.statement.given, 1)
        ]
        for application, content in applied:
            self.check_generic(application, content)
            needed = self.hidden(
                c for term in argument_terms(application) for c in conditions(term)
            )
            timeless, _ = self.usable(available, ())
            role = f"domain of {application.label}"
            found += [self.obligation(role, relation, timeless, []) for relation in needed]
            available += [self.hypothesis(application.label, relation) for relation in needed]
            for number, premise in enumerate(content.premises, 1):
                timeless, local = self.usable(available, premise.assuming)
                role = f"premise {number} of {application.label}"
                found += self.oblige(role, premise.claim, timeless, local)
            # only now, so that no premise is established by what it is a premise of
            for relation in content.conclusions:
                available += self.granted(application.label, relation)
        timeless, local = self.usable(available, self.step.assuming)
        labels = {hypothesis.label for hypothesis in (*timeless, *local)}
        premises = [premise for _, content in applied for premise in content.premises]
        for used in self.steps:
            under = any(set(used.assuming) <= set(premise.assuming) for premise in premises)
            if used.label not in labels and not under:
                raise self.refuse(f"{used.label} rests on an assumption that is not made here")
        return (*found, *self.oblige("claim", self.step.claim, timeless, local))

    def usable(
        self, available: list[Hypothesis], assuming: tuple[Relation, ...]
    ) -> tuple[list[Hypothesis], list[Hypothesis]]:
        """What holds at all times, and what holds where `assuming` does.

        A step made under an assumption holds at all times once that assumption is available.
        """
        timeless = list(available)
        settled = {known.relation: known.label for known in reversed(available)}
        settled |= {step.claim: step.label for step in self.steps if not step.assuming}
        local = [self.hypothesis(f"assumption {n}", r) for n, r in enumerate(assuming, 1)]
        for step in self.steps:
            missing = set(step.assuming) - set(settled)
            through = tuple(dict.fromkeys(settled[a] for a in step.assuming if a in settled))
            if not missing:
                timeless += self.granted(step.label, step.claim, through)
            elif missing <= set(assuming):
                local += self.granted(step.label, step.claim, through)
        return timeless, local

    def check_generic(self, application: Application, content: Content) -> None:
        """What is ranged over must not be restricted here (nor, for a point, be left over)."""
        hypotheses = (*self.statement.given, *self.step.assuming)
        for symbol in content.generic:
            left = () if isinstance(symbol, Parameter) else content.conclusions
            if any(symbol == part for r in (*hypotheses, *left) for part in subterms(r)):
                raise self.refuse(
                    f"{application.label} ranges over {symbol!r}, which is restricted or left over here"
                )

    def hypothesis(
        self, label: str, relation: Relation, through: tuple[str, ...] = ()
    ) -> Hypothesis:
        return Hypothesis(label, relation, normal_relation(relation, self.normalizer), through)

    def granted(
        self, label: str, relation: Relation, through: tuple[str, ...] = ()
    ) -> list[Hypothesis]:
        """What an established relation gives: itself, and that it is defined."""
        known = (relation, *self.hidden(conditions(relation)))
        return [self.hypothesis(label, r, through) for r in known]

    def hidden(self, needed: Iterable[Relation]) -> list[Relation]:
        """Those conditions of definedness that are not visible in the form."""
        conditions_ = dict.fromkeys(needed)
        return [r for r in conditions_ if not normal_relation(r, self.normalizer).is_trivial]

    def oblige(
        self, role: str, goal: Relation, timeless: list[Hypothesis], local: list[Hypothesis]
    ) -> list[Obligation]:
        """The goal, after the obligations that make it defined."""
        needed, domain = self.hidden(conditions(goal)), f"domain of {role}"
        defined = [self.obligation(domain, relation, timeless, local) for relation in needed]
        shown = [evolve(self.hypothesis(domain, r), shown_here=True) for r in needed]
        return [*defined, self.obligation(role, goal, timeless, [*local, *shown])]

    def obligation(
        self, role: str, goal: Relation, timeless: list[Hypothesis], local: list[Hypothesis]
    ) -> Obligation:
        normal = normal_relation(goal, self.normalizer)
        hypotheses = [*timeless, *local]
        moments = _times([goal, *(known.relation for known in hypotheses)])
        for known in timeless:
            lhs, rhs = known.relation.lhs, known.relation.rhs
            if lhs.sort != SCALAR or _times([known.relation]):
                continue
            for moment in filter(_is_later, moments):
                moved = Relation(known.relation.kind, at_time(lhs, moment), at_time(rhs, moment))
                then = self.hypothesis(known.label, moved, known.through)
                if then.normal != known.normal:
                    hypotheses.append(then)
        settled: str | None = None
        used: tuple[str, ...] = ()
        if normal.is_trivial:
            same = "the two sides have the same normal form"
            settled = same if goal.kind == "eq" else "a sum of non-negative terms"
        else:
            for known in hypotheses:
                if normal.follows_from(known.normal):
                    settled, used = f"it is {known.label}", known.labels
                    break
        return Obligation(role, goal, normal, tuple(hypotheses), settled, used)


def _source_fault(application: Application) -> str | None:
    """Why something cannot be applied: neither a fact of the library nor a statement that holds."""
    source = application.source
    if type(source) is Statement:
        given = application.arguments
        assert isinstance(given, Substitution)
        if forged := source.forged:
            return f"it has not written its step {forged.label}"
        if given != Substitution.of(given.terms, given.spaces, given.flows):
            return "the spaces of its substitution do not go with the symbols"
        return substitution_fault(source, given)
    known = any(source is fact for fact in LIBRARY)
    return None if known else "it is neither a statement nor in the fact library"


def _times(relations: list[Relation]) -> list[Term]:
    """The moments that are mentioned."""
    parts = (part for relation in relations for part in subterms(relation))
    return list(dict.fromkeys(part.time for part in parts if isinstance(part, AtTime)))


def _is_later(time: Term) -> bool:
    """Whether a moment is known to be >= 0."""
    if isinstance(time, Rational):
        return time.value >= 0
    return isinstance(time, Parameter) and time.sign != "real"
