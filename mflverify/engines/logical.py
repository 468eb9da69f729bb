"""The logical finding of a step: kernel first, then certificates, then the solver."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from attrs import frozen

from mflverify.algebra.normal import Normalizer
from mflverify.engines.certificates import find_certificate
from mflverify.engines.comparison import compare
from mflverify.engines.interior import climb
from mflverify.engines.scalar import ScalarResult, prove
from mflverify.expr.terms import Parameter
from mflverify.models import Choice, InstanceData, Request, Unavailable, interpret
from mflverify.proof.certificate import Certificate, labels_used
from mflverify.proof.errors import ProofError
from mflverify.proof.facts import Fact
from mflverify.proof.kernel import Obligation, examine, normal_relation
from mflverify.proof.statement import Source, Step
from mflverify.proof.verdict import Logical

STARTS = 200  # from which a counterexample is climbed to where the solver gives up

Outcome = Literal["settled", "certificate", "solver", "open", "disproved", "undecided"]


@frozen
class Discharge:
    """How one obligation fared.

    how: one sentence for readers.  used: labels of what was really needed.
    """

    obligation: Obligation
    outcome: Outcome
    how: str
    used: tuple[str, ...] = ()
    certificate: Certificate | None = None
    solver: ScalarResult | None = None


@frozen
class LogicalFinding:
    """The logical verdict of a step with everything it rests on.

    uses: labels of steps, facts, statements and hypotheses really used.  reason: why not green.
    """

    verdict: Logical
    discharges: tuple[Discharge, ...]
    uses: tuple[str, ...]
    reason: str = ""


def judge(step: Step) -> LogicalFinding:
    """Decide a step.  A forbidden reason or a crash is `undecided` with the message."""
    try:
        obligations = examine(step)
    except ProofError as error:
        return LogicalFinding(Logical.UNDECIDED, (), (), error.message)
    discharges = tuple(discharge(obligation) for obligation in obligations)
    uses = dict.fromkeys(label for d in discharges for label in d.used)
    bad = [d for d in discharges if d.outcome in ("open", "disproved", "undecided")]
    if bad:
        worst = bad[-1]
        verdict = {
            "open": Logical.OPEN,
            "disproved": Logical.DISPROVED,
            "undecided": Logical.UNDECIDED,
        }[worst.outcome]
        return LogicalFinding(
            verdict, discharges, tuple(uses), f"{worst.obligation.role}: {worst.how}"
        )
    verdict = Logical.PROVED
    source = _direct_source(step)
    if source is not None:
        verdict = Logical.FACT if isinstance(source, Fact) else Logical.LEMMA
    return LogicalFinding(verdict, discharges, tuple(uses))


def _direct_source(step: Step) -> Source | None:
    """The fact or statement of which the claim is a conclusion, if there is one."""
    normalizer = Normalizer()
    claim = normal_relation(step.claim, normalizer)
    for application in step.applications:
        for relation in application.content.conclusions:
            if relation == step.claim or claim.follows_from(normal_relation(relation, normalizer)):
                return application.source
    return None


def discharge(obligation: Obligation) -> Discharge:
    """Settle one obligation by the first means that works."""
    if obligation.settled is not None:
        return Discharge(obligation, "settled", obligation.settled, obligation.used)
    certificate = find_certificate(obligation)
    if certificate is not None:
        used = labels_used(certificate, obligation)
        how = "a non-negative combination of what is used, checked by exact arithmetic"
        return Discharge(obligation, "certificate", how, used, certificate)
    result = prove(obligation)
    if result.answer == "unknown" and result.second is None:  # two that contradict are an error
        found = climb(obligation, STARTS)
        result = found if found.answer == "refuted" else result
    if result.answer == "proved":
        return Discharge(
            obligation,
            "solver",
            f"z3 shows its negation unsatisfiable; {_second(result)}",
            result.used,
            solver=result,
        )
    if result.answer == "unknown":
        return Discharge(obligation, "undecided", result.reason, solver=result)
    if obligation.normal.sense == "eq" and not obligation.hypotheses:
        return Discharge(
            obligation, "open", "the two sides have different normal forms", solver=result
        )
    # a premise or a condition of definedness that fails says nothing against the claim
    disproved = (
        result.pure and obligation.role == "claim" and _is_counterexample(obligation, result)
    )
    outcome: Outcome = "disproved" if disproved else "open"
    how = result.reason if result.second is None else f"{result.reason} ({_second(result)})"
    return Discharge(obligation, outcome, how, solver=result)


def _is_counterexample(obligation: Obligation, result: ScalarResult) -> bool:
    """Whether the solver's values, put into the formulas themselves, certainly violate the goal.

    The formulas are evaluated in balls, all hypotheses verified; algebraic values are not tried.
    """
    hypotheses = tuple(dict.fromkeys(h.relation for h in obligation.hypotheses))
    try:
        parameters = {
            term.name: Choice("value", Fraction(value))
            for term, value in result.counterexample
            if isinstance(term, Parameter)
        }
        request = Request.of(obligation.goal, hypotheses=hypotheses)
        named = {parameter.name for parameter in request.ordered(Parameter)}
        free = {name: Choice("value", Fraction(1)) for name in named - set(parameters)}
        instance = interpret(
            InstanceData("scalars", parameters={**free, **parameters}), request, "ball"
        )
        return compare(obligation.goal, instance).holds is False
    except (Unavailable, ValueError):
        return False


def _second(result: ScalarResult) -> str:
    return result.second.sentence if result.second is not None else "not cross-checked"
