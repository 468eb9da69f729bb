"""The flows that a step speaks of."""

from __future__ import annotations

from mflverify.expr.terms import Flow, Quantity, Relation, TimeDerivative, subterms
from mflverify.proof.admissible import trajectories
from mflverify.proof.statement import Application, Step


def flows_of(step: Step) -> set[Flow]:
    """The flows that the statement speaks of, up to and including the step.

    Those of the statements that it uses, when it names none itself.
    """
    found: set[Flow] = set()
    for other in step.statement.steps[: step.statement.steps.index(step) + 1]:
        relations: list[Relation] = [other.claim, *other.assuming]
        for reason in other.because:
            if isinstance(reason, Application):
                relations += [premise.claim for premise in reason.content.premises]
        found |= _flows(relations)
    return found | _flows(list(step.statement.given)) or set(trajectories(step.statement))


def _flows(relations: list[Relation]) -> set[Flow]:
    return {
        part.flow
        for relation in relations
        for part in subterms(relation)
        if isinstance(part, (TimeDerivative, Quantity))
    }
