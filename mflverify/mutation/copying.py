"""Copies of statements with something changed: a claim, a reason, a hypothesis."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve

from mflverify.expr.terms import Relation
from mflverify.proof.statement import Reason, Statement, Step


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
        corrected = step.acknowledged
        new = evolve(
            step,
            statement=copy,
            because=tuple(reasons),
            acknowledged=None if corrected is None else renewed.get(id(corrected), corrected),
        )
        renewed[id(step)] = new
        copy.steps.append(new)
    return copy


def _empty(statement: Statement, given: tuple[Relation, ...]) -> Statement:
    copy = Statement(statement.label, statement.title, statement.kind, given, statement.source)
    copy.location = statement.location
    return copy
