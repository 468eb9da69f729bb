"""Copies of statements with something changed: a claim, a reason, a hypothesis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import evolve

from mflverify.expr.substitution import Substitution
from mflverify.expr.terms import Flow, Relation, Term
from mflverify.proof.statement import Application, Reason, Statement, Step


def with_step(
    step: Step,
    claim: Relation,
    *,
    name: str,
    because: Iterable[Reason] | None = None,
    assuming: Iterable[Relation] | None = None,
) -> Step:
    """A new step right after `step`, in a copy of its statement that ends there.

    Its reasons may include `step` itself and all earlier steps.
    """
    statement = step.statement
    copy = _empty(statement, statement.given)
    copy.steps.extend(statement.steps[: statement.steps.index(step) + 1])
    new = Step(
        copy,
        name,
        claim,
        step.because if because is None else tuple(because),
        step.assuming if assuming is None else tuple(assuming),
        conclusion=False,
        location=step.location,
    )
    copy.steps.append(new)
    return new


def with_hypotheses(statement: Statement, given: Iterable[Relation]) -> Statement:
    """The statement with other hypotheses; a reason that names a hypothesis no longer made is left
    out."""
    copy = _empty(statement, tuple(given))
    renewed: dict[int, Step] = {}
    for step in statement.steps:
        known = (*copy.given, *step.assuming)
        reasons = [
            renewed[id(reason)] if isinstance(reason, Step) else reason
            for reason in step.because
            if not isinstance(reason, Relation) or reason in known
        ]
        new = evolve(
            step,
            statement=copy,
            because=tuple(reasons),
            acknowledged=_renewed(step.acknowledged, renewed),
        )
        renewed[id(step)] = new
        copy.steps.append(new)
    return copy


def with_symbols(statement: Statement, terms: Mapping[Term, Term]) -> Statement:
    """The statement with symbols replaced in its hypotheses, claims, assumptions and reasons.

    Raises SortError when a reason means nothing any more.
    """
    replace = Substitution.of(terms)
    copy = _empty(statement, tuple(replace(relation) for relation in statement.given))
    renewed: dict[int, Step] = {}
    for step in statement.steps:
        new = evolve(
            step,
            statement=copy,
            claim=replace(step.claim),
            because=tuple(replaced(reason, replace, renewed) for reason in step.because),
            assuming=tuple(replace(relation) for relation in step.assuming),
            acknowledged=_renewed(step.acknowledged, renewed),
        )
        renewed[id(step)] = new
        copy.steps.append(new)
    return copy


def _renewed(corrected: Step | None, renewed: Mapping[int, Step]) -> Step | None:
    """The copy of the step that corrects an acknowledged claim; a step elsewhere stays itself."""
    return None if corrected is None else renewed.get(id(corrected), corrected)


def replaced(reason: Reason, replace: Substitution, renewed: Mapping[int, Step]) -> Reason:
    """A reason with symbols replaced; renewed: the copies of earlier steps, by identity."""
    match reason:
        case Step():
            return renewed[id(reason)]
        case Relation():
            return replace(reason)
        case Statement():
            return reason.at(replace.terms)
        case Application(source, Substitution() as arguments):
            # what the lemma leaves as it is, is replaced as everywhere else
            images = {**replace.terms, **{s: replace(t) for s, t in arguments.terms.items()}}
            flows = {old: replace(new) for old, new in arguments.flows.items()}
            return Application(source, Substitution.of(images, arguments.spaces, flows))
        case Application(source, arguments):
            return Application(source, _within(arguments, replace))


def _within(value: object, replace: Substitution) -> object:
    match value:
        case Term():
            return replace(value)
        case Relation():
            return replace(value)
        case Flow():
            return replace(value)
        case tuple() | list():
            return tuple(_within(part, replace) for part in value)
        case _:
            return value


def _empty(statement: Statement, given: tuple[Relation, ...]) -> Statement:
    copy = Statement(statement.label, statement.title, statement.kind, given, statement.source)
    copy.location = statement.location
    return copy
