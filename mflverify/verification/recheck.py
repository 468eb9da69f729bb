"""A ledger's proofs replayed by the kernel alone: no engine, no solver, nothing taken on trust.

Statements are rebuilt from the trace, the kernel lists their obligations anew, and each must be
settled by normal forms or by the certificate in the ledger.  The formulas that readers see must be
those of the terms that are replayed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import frozen

from mflverify.expr.digest import digest
from mflverify.expr.printing import to_unicode
from mflverify.expr.terms import Relation
from mflverify.ledger.records import Formula, Ledger, ObligationRecord, StatementRecord, StepRecord
from mflverify.proof.certificate import check, labels_used
from mflverify.proof.errors import ProofError
from mflverify.proof.kernel import Obligation, examine
from mflverify.proof.statement import Application, Statement, Step
from mflverify.proof.trace import TraceError, certificate_from_json
from mflverify.proof.verdict import GREEN_LOGICAL
from mflverify.verification.replay import statements_of

_GREEN = frozenset(str(verdict) for verdict in GREEN_LOGICAL)


@frozen
class Fault:
    """Something that the kernel does not accept: the step (or statement), and why."""

    label: str
    message: str


@frozen
class Recheck:
    """What a replay found.

    steps: labels of the steps that were replayed.  certificates: how many were checked.
    unclaimed: labels of steps for which the ledger claims no proof.  faults: what was rejected.
    """

    steps: tuple[str, ...]
    certificates: int
    unclaimed: tuple[str, ...]
    faults: tuple[Fault, ...]


def recheck(ledger: Ledger) -> Recheck:
    """Replay all proofs that the ledger claims.  What cannot be read is a fault, not an error."""
    if ledger.trace is None:
        return Recheck((), 0, (), (Fault("ledger", "it holds no trace of its proofs"),))
    try:
        statements = statements_of(ledger.trace)
    except TraceError as error:
        return Recheck((), 0, (), (Fault("ledger", str(error)),))
    recorded = {record.label: record for record in ledger.statements}
    faults: list[Fault] = []
    done: list[str] = []
    unclaimed: list[str] = []
    count = 0
    for label in dict.fromkeys((*recorded, *statements)):
        if label not in statements or label not in recorded:
            missing = "trace" if label not in statements else "records"
            faults.append(Fault(label, f"it is missing in the {missing}"))
            continue
        record, statement = recorded[label], statements[label]
        faults += _shown_otherwise(record, statement)
        faults += _status(record, statement, recorded)
        for step_record, step in zip(record.steps, statement.steps, strict=False):
            if step_record.logical not in _GREEN:
                unclaimed.append(step_record.label)
                continue
            found, certificates = _replay(step_record, step)
            faults += found
            count += certificates
            if not found:
                done.append(step_record.label)
    return Recheck(tuple(done), count, tuple(unclaimed), tuple(faults))


def _shown_otherwise(record: StatementRecord, statement: Statement) -> Iterator[Fault]:
    """Differences between what readers see and what is replayed."""
    if [step.name for step in record.steps] != [step.name for step in statement.steps]:
        yield Fault(record.label, "the steps shown are not those of the trace")
    yield from _formulas(record.label, record.given, statement.given)
    for shown, step in zip(record.steps, statement.steps, strict=False):
        yield from _formulas(
            shown.label, (shown.claim, *shown.assuming), (step.claim, *step.assuming)
        )
        if (shown.conclusion, bool(shown.acknowledged)) != (
            step.conclusion,
            step.acknowledged is not None,
        ):
            yield Fault(shown.label, "it is not shown as what it is in the trace")


def _formulas(
    label: str, shown: tuple[Formula, ...], relations: tuple[Relation, ...]
) -> Iterator[Fault]:
    if len(shown) != len(relations):
        yield Fault(label, f"{len(shown)} formulas are shown, and the trace has {len(relations)}")
    for formula, relation in zip(shown, relations, strict=False):
        printed = (to_unicode(relation, show_spaces=spaces) for spaces in (False, True))
        if formula.digest != digest(relation) or formula.unicode not in printed:
            yield Fault(label, f"{formula.unicode} is shown, and the trace has {relation!r}")


def _status(
    record: StatementRecord, statement: Statement, recorded: dict[str, StatementRecord]
) -> Iterator[Fault]:
    """Why a statement said to be closed is not, by what its steps and lemmas say."""
    if record.status != "closed":
        return
    if not record.witness.found:
        yield Fault(record.label, "it is said to be closed, and nothing satisfies its hypotheses")
    if not any(step.conclusion for step in record.steps):
        yield Fault(record.label, "it is said to be closed and concludes nothing")
    for step in record.steps:
        if step.logical not in _GREEN and not step.acknowledged:
            yield Fault(step.label, f"its statement is said to be closed, and it is {step.logical}")
    for step in statement.steps:
        for reason in step.because:
            source = reason.source if isinstance(reason, Application) else reason
            if isinstance(source, Statement):
                lower = recorded.get(source.label)
                if lower is None or lower.status != "closed":
                    message = f"it uses {source.label}, which is not closed"
                    yield Fault(step.label, message)


def _replay(record: StepRecord, step: Step) -> tuple[list[Fault], int]:
    """Faults of one step, and how many certificates proved it."""
    try:
        obligations = examine(step)
    except ProofError as error:
        return [Fault(step.label, error.message)], 0
    if len(obligations) != len(record.obligations):
        message = f"{len(obligations)} obligations, and the ledger has {len(record.obligations)}"
        return [Fault(step.label, message)], 0
    faults: list[Fault] = []
    used: dict[str, None] = {}
    count = 0
    for obligation, shown in zip(obligations, record.obligations, strict=True):
        if shown.role != obligation.role or shown.goal.digest != digest(obligation.goal):
            faults.append(Fault(step.label, f"{obligation.role}: another goal is in the ledger"))
            continue
        reason, labels = _discharged(obligation, shown)
        if reason:
            faults.append(Fault(step.label, f"{obligation.role}: {reason}"))
        used |= dict.fromkeys(labels)
        count += shown.proof is not None and obligation.settled is None
    if not faults and tuple(used) != record.uses:
        faults.append(Fault(step.label, "it uses other things than the ledger says"))
    return faults, count


def _discharged(obligation: Obligation, shown: ObligationRecord) -> tuple[str, Iterable[str]]:
    """Why an obligation is not met ('' when it is), and labels of what it uses."""
    if obligation.settled is not None:
        return "", obligation.used
    if shown.proof is None:
        return f"no certificate; the ledger says: {shown.outcome}", ()
    try:
        certificate = certificate_from_json(shown.proof, obligation)
        accepted = check(certificate, obligation)
    except (TraceError, ArithmeticError, ValueError) as error:
        return f"the certificate cannot be read: {error}", ()
    if not accepted:
        return "the certificate does not prove it", ()
    return "", labels_used(certificate, obligation)


__all__ = ["Fault", "Recheck", "recheck"]
