"""The records of statements: their statuses, and what each rests on."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve

from mflverify.ledger.records import StatementRecord, StepRecord, WitnessRecord
from mflverify.proof.legend import source_and_legend
from mflverify.proof.statement import Statement
from mflverify.proof.verdict import Empirical, Logical
from mflverify.verification.record import Printer
from mflverify.verification.tasks import Record, Task, relative


def assemble(
    statement: Statement,
    records: Mapping[Task, Record],
) -> StatementRecord:
    """The record of a statement, its status not yet settled by what it uses."""
    printer = Printer.of(statement)
    witness = records[Task(statement.label, "")]
    steps = tuple(records[Task(statement.label, step.name)] for step in statement.steps)
    assert isinstance(witness, WitnessRecord)
    own = tuple(step for step in steps if isinstance(step, StepRecord))
    return StatementRecord(
        label=statement.label,
        title=statement.title,
        kind=statement.kind,
        source=source_and_legend(statement),
        location=relative(statement.location.file, statement.location.line),
        status=own_status(own, witness, has_conclusion=bool(statement.conclusions)),
        given=tuple(printer.formula(relation) for relation in statement.given),
        witness=witness,
        steps=own,
    )


def own_status(
    steps: tuple[StepRecord, ...], witness: WitnessRecord, *, has_conclusion: bool
) -> str:
    """`refuted`, `undecided`, `open` or `closed`, from the statement's own steps."""
    counted = [step for step in steps if not step.acknowledged]
    logical = {step.logical for step in counted}
    empirical = {step.empirical for step in counted}
    if str(Empirical.REFUTED) in empirical or str(Logical.DISPROVED) in logical:
        return "refuted"
    if not witness.found or str(Logical.UNDECIDED) in logical:
        return "undecided"
    if empirical & {str(Empirical.UNDECIDED), str(Empirical.NOT_APPLICABLE)}:
        return "undecided"
    if str(Logical.OPEN) in logical or not has_conclusion:
        return "open"
    return "closed"


def close(found: list[StatementRecord]) -> list[StatementRecord]:
    """Statuses and foundations with the statements that each one uses taken into account."""
    by_label = {record.label: record for record in found}
    settled: dict[str, StatementRecord] = {}

    def settle(label: str) -> StatementRecord:
        if label not in settled:
            record = by_label[label]
            rests: dict[str, None] = {}
            status = record.status
            for step in record.steps:
                for used in step.uses:
                    if used in by_label and used != label:
                        lower = settle(used)
                        rests |= {used: None} | dict.fromkeys(lower.rests_on)
                        if lower.status != "closed" and status == "closed":
                            status = "open"
                    elif _is_fact(step, used):
                        rests[used] = None
            settled[label] = evolve(record, status=status, rests_on=tuple(sorted(rests)))
        return settled[label]

    return [settle(record.label) for record in found]


def _is_fact(step: StepRecord, used: str) -> bool:
    return any(reason.kind == "fact" and reason.label == used for reason in step.because)
