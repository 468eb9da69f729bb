"""A ledger's proofs replayed by the kernel alone: no engine, no solver, nothing taken on trust.

Statements are rebuilt from the trace, the kernel lists their obligations anew, and each must be
settled by normal forms or by the certificate in the ledger.  The formulas that readers see must be
those of the terms that are replayed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import evolve, frozen

from mflverify.expr.terms import Relation
from mflverify.ledger.records import (
    Formula,
    Ledger,
    ObligationRecord,
    ReasonRecord,
    StatementRecord,
    StepRecord,
)
from mflverify.proof.certificate import check, labels_used
from mflverify.proof.errors import ProofError
from mflverify.proof.kernel import Obligation, examine
from mflverify.proof.statement import Application, Statement, Step
from mflverify.proof.trace import TraceError, certificate_from_json
from mflverify.proof.verdict import GREEN_LOGICAL
from mflverify.verification.record import Printer
from mflverify.verification.replay import statements_of
from mflverify.verification.status import close

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
        printer = Printer.of(statement)
        faults += _shown_otherwise(record, statement, printer)
        faults += _status(record, statement, recorded)
        for step_record, step in zip(record.steps, statement.steps, strict=False):
            if step_record.logical not in _GREEN:
                unclaimed.append(step_record.label)
                continue
            replay = _Replay(step, printer)
            found = list(replay.faults(step_record))
            faults += found
            count += replay.certificates
            if not found:
                done.append(step_record.label)
    if not faults:
        faults += _foundations(ledger.statements)
    return Recheck(tuple(done), count, tuple(unclaimed), tuple(faults))


def _foundations(records: tuple[StatementRecord, ...]) -> Iterator[Fault]:
    """Statements that do not rest on what the ledger says, by what their steps use."""
    for record, settled in zip(records, close(list(records)), strict=True):
        if record.rests_on != settled.rests_on:
            yield Fault(record.label, "it rests on other things than the ledger says")
        if record.status != settled.status:
            yield Fault(record.label, f"it is said to be {record.status}, and is {settled.status}")


def _shown_otherwise(
    record: StatementRecord, statement: Statement, printer: Printer
) -> Iterator[Fault]:
    """Differences between what readers see and what is replayed."""
    if [step.name for step in record.steps] != [step.name for step in statement.steps]:
        yield Fault(record.label, "the steps shown are not those of the trace")
    yield from _formulas(record.label, record.given, statement.given, printer)
    for shown, step in zip(record.steps, statement.steps, strict=False):
        formulas, relations = (shown.claim, *shown.assuming), (step.claim, *step.assuming)
        yield from _formulas(shown.label, formulas, relations, printer)
        corrected = step.acknowledged.label if step.acknowledged is not None else ""
        if (shown.label, shown.conclusion, shown.acknowledged, shown.relation) != (
            step.label,
            step.conclusion,
            corrected,
            step.claim.kind,
        ):
            yield Fault(shown.label, "it is not shown as what it is in the trace")
        if tuple(map(_said, shown.because)) != tuple(map(_said, printer.reasons(step))):
            yield Fault(shown.label, "the reasons shown are not those of the trace")


def _said(reason: ReasonRecord) -> ReasonRecord:
    """A reason without what the trace does not hold: titles of statements, notes of steps."""
    return reason if reason.kind == "fact" else evolve(reason, title="")


def _formulas(
    label: str, shown: tuple[Formula, ...], relations: tuple[Relation, ...], printer: Printer
) -> Iterator[Fault]:
    if len(shown) != len(relations):
        yield Fault(label, f"{len(shown)} formulas are shown, and the trace has {len(relations)}")
    for formula, relation in zip(shown, relations, strict=False):
        printed = printer.formula(relation)
        if (formula.unicode, formula.digest) != (printed.unicode, printed.digest):
            yield Fault(label, f"{formula.unicode} is shown, and the trace has {relation!r}")
        elif formula != printed:
            why = "changed, or written by another version of this program"
            yield Fault(label, f"the LaTeX or MathML of {formula.unicode} is not its own: {why}")


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


class _Replay:
    """One step proved again; `certificates` counts those that were needed."""

    def __init__(self, step: Step, printer: Printer) -> None:
        self.step, self.printer = step, printer
        self.certificates = 0

    def faults(self, record: StepRecord) -> Iterator[Fault]:
        label = self.step.label
        try:
            obligations = examine(self.step)
        except ProofError as error:
            yield Fault(label, error.message)
            return
        if len(obligations) != len(record.obligations):
            count = len(record.obligations)
            yield Fault(label, f"{len(obligations)} obligations, and the ledger has {count}")
            return
        used: dict[str, None] = {}
        sound = True
        for obligation, shown in zip(obligations, record.obligations, strict=True):
            reason, labels = self._discharged(obligation, shown)
            if reason:
                sound = False
                yield Fault(label, f"{obligation.role}: {reason}")
            used |= dict.fromkeys(labels)
        if sound and tuple(used) != record.uses:
            yield Fault(label, "it uses other things than the ledger says")

    def _discharged(
        self, obligation: Obligation, shown: ObligationRecord
    ) -> tuple[str, Iterable[str]]:
        """Why an obligation is not met ('' when it is), and labels of what it uses."""
        printer = self.printer
        if shown.role != obligation.role or shown.goal != printer.formula(obligation.goal):
            return "another goal is in the ledger", ()
        if shown.trace != printer.rewrites(obligation):
            return "other rewrites are shown than those that lead there", ()
        if obligation.settled is not None:
            if (shown.outcome, shown.how, shown.proof) != ("settled", obligation.settled, None):
                return "it is settled otherwise than the ledger says", ()
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
        if shown.outcome != "certificate" or shown.certificate != printer.cases(
            certificate, obligation
        ):
            return "another certificate is shown than the one that is replayed", ()
        self.certificates += 1
        return "", labels_used(certificate, obligation)


__all__ = ["Fault", "Recheck", "recheck"]
