"""One task carried out: engines are called, their crashes caught, their results kept and recalled.

Engines are imported when something has to be computed; what is kept needs none of them.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path

from mflverify.engines.evidence import Evidence, Witness, overall
from mflverify.engines.profile import Profile
from mflverify.ledger.records import ExampleRecord, StepRecord, WitnessRecord
from mflverify.proof.loader import Proofs
from mflverify.proof.statement import Statement, Step
from mflverify.proof.verdict import GREEN_EMPIRICAL, GREEN_LOGICAL, Empirical, Logical
from mflverify.verification.cache import Cache, Result
from mflverify.verification.keys import (
    EmpiricalPart,
    ExampleNames,
    ExamplePart,
    LogicalPart,
    Question,
    empirical_question,
    example_names_question,
    example_question,
    logical_question,
    witness_question,
)
from mflverify.verification.record import Printer, evidence_record, step_digest, witness_record
from mflverify.verification.tasks import Done, Task, relative, step_of


def perform(
    proofs: Proofs, task: Task, profile: Profile, seed: int, cache: Cache | None = None
) -> Done:
    """Carry out one task."""
    if task.example:
        return Done(task, check_example(task.example, cache))
    statement = proofs.statements[task.statement]
    if not task.step:
        return Done(task, check_witness(statement, seed, cache))
    return Done(task, check_step(step_of(statement, task), profile, seed, cache))


def recall(proofs: Proofs, task: Task, profile: Profile, seed: int, cache: Cache) -> Done | None:
    """The task as done when all of its results are kept; nothing is computed."""
    if task.example:
        kept = cache.recall(example_question(task.example).key, ExamplePart)
        return None if kept is None else Done(task, kept.records)
    statement = proofs.statements[task.statement]
    if not task.step:
        witness = cache.recall(witness_question(statement, seed).key, Witness)
        return None if witness is None else Done(task, witness_record(witness))
    step = step_of(statement, task)
    try:
        logical = cache.recall(logical_question(step).key, LogicalPart)
        empirical = cache.recall(empirical_question(step, profile, seed).key, EmpiricalPart)
    except Exception:  # what is wrong with the step is told when it is carried out
        return None
    if logical is None or empirical is None:
        return None
    return Done(task, _step_record(step, logical, empirical.evidence))


def crashed(proofs: Proofs, task: Task, why: str) -> Done:
    """The task as undecided, since whatever carried it out crashed."""
    if task.example:
        return Done(task, _crashed_example(task.example, why))
    if not task.step:
        return Done(task, WitnessRecord(False, reason=why))
    logical = LogicalPart(Logical.UNDECIDED, reason=why)
    step = step_of(proofs.statements[task.statement], task)
    return Done(task, _step_record(step, logical, _crashed_evidence(why)))


def check_step(step: Step, profile: Profile, seed: int, cache: Cache | None = None) -> StepRecord:
    """Both findings of one step.  A crash of an engine is `undecided` with the traceback's end.

    cache: where results of unchanged engines on the unchanged step are kept; all text of the
    record that they do not depend on (place, note, reasons as printed) is made anew.
    """
    return _step_record(step, logical_part(step, cache), _evidence(step, profile, seed, cache))


def _step_record(step: Step, logical: LogicalPart, evidence: tuple[Evidence, ...]) -> StepRecord:
    printer = Printer.of(step.statement)
    empirical = overall(evidence)
    failure = failure_of(step, logical, empirical, evidence)
    acknowledged = step.acknowledged.label if step.acknowledged is not None else ""
    return StepRecord(
        label=step.label,
        name=step.name,
        claim=printer.formula(step.claim),
        relation=step.claim.kind,
        location=relative(step.location.file, step.location.line),
        logical=str(logical.verdict),
        empirical=str(empirical),
        green=not failure and not acknowledged,
        digest=step_digest(step),
        assuming=tuple(printer.formula(relation) for relation in step.assuming),
        because=printer.reasons(step),
        note=step.note,
        conclusion=step.conclusion,
        acknowledged=acknowledged,
        obligations=logical.obligations,
        evidence=tuple(evidence_record(item) for item in evidence),
        uses=logical.uses,
        failure=failure,
    )


def failure_of(
    step: Step, logical: LogicalPart, empirical: Empirical, evidence: tuple[Evidence, ...]
) -> str:
    """Why the step keeps a run from passing, or ''.

    An acknowledged claim fails unless this run refuted it again; any other step fails unless both
    findings are a pass.
    """
    refuted = empirical is Empirical.REFUTED or logical.verdict is Logical.DISPROVED
    if step.acknowledged is not None:
        return "" if refuted else "acknowledged as false, but this run did not refute it"
    parts: list[str] = []
    if logical.verdict not in GREEN_LOGICAL:
        parts.append(f"{logical.verdict}: {logical.reason}")
    if empirical not in GREEN_EMPIRICAL:
        why = next(
            (item.reason for item in evidence if item.verdict is empirical and item.reason), ""
        )
        parts.append(f"{empirical}: {why}" if why else str(empirical))
    return "; ".join(parts)


def logical_part(step: Step, cache: Cache | None = None) -> LogicalPart:
    """The logical finding of a step, obligations printed; a crash is `undecided`."""

    def compute() -> LogicalPart:
        from mflverify.engines.logical import judge  # noqa: PLC0415  (heavy)

        found = judge(step)
        obligations = Printer.of(step.statement).obligations(found)
        return LogicalPart(found.verdict, found.uses, found.reason, obligations)

    try:
        return _kept(cache, lambda: logical_question(step), LogicalPart, compute)
    except Exception as error:  # an engine's crash must be seen, not end the run
        return LogicalPart(Logical.UNDECIDED, reason=_crash(error))


def _evidence(step: Step, profile: Profile, seed: int, cache: Cache | None) -> tuple[Evidence, ...]:
    def compute() -> EmpiricalPart:
        from mflverify.engines.empirical import examine_instances  # noqa: PLC0415  (heavy)

        return EmpiricalPart(examine_instances(step, profile, seed))

    try:
        question = lambda: empirical_question(step, profile, seed)  # noqa: E731
        return _kept(cache, question, EmpiricalPart, compute).evidence
    except Exception as error:  # an engine's crash must be seen, not end the run
        return _crashed_evidence(_crash(error))


def _crashed_evidence(why: str) -> tuple[Evidence, ...]:
    return (Evidence("instances", Empirical.UNDECIDED, reason=why),)


def check_witness(statement: Statement, seed: int, cache: Cache | None = None) -> WitnessRecord:
    """An instance at which the hypotheses of the statement hold."""

    def compute() -> Witness:
        from mflverify.engines.empirical import find_witness  # noqa: PLC0415  (heavy)
        from mflverify.models import Request  # noqa: PLC0415  (heavy)

        claims = (step.claim for step in statement.steps)
        return find_witness(Request.of(*claims, hypotheses=statement.given), seed)

    try:
        question = lambda: witness_question(statement, seed)  # noqa: E731
        return witness_record(_kept(cache, question, Witness, compute))
    except Exception as error:  # a crash means that no witness was found
        return WitnessRecord(False, reason=_crash(error))


def check_example(name: str, cache: Cache | None = None) -> tuple[ExampleRecord, ...]:
    """The comparison of one closed-form example; a crash is a failed comparison."""

    def compute() -> ExamplePart:
        from mflverify.verification.examples import example_records  # noqa: PLC0415  (sympy)

        return ExamplePart(example_records(name))

    try:
        return _kept(cache, lambda: example_question(name), ExamplePart, compute).records
    except Exception as error:  # a crash must be seen, not end the run
        return _crashed_example(name, _crash(error))


def _crashed_example(name: str, why: str) -> tuple[ExampleRecord, ...]:
    return (ExampleRecord(name, name, "", "both", why, "", "", "", "", 0, 0, passed=False),)


def names_of_examples(cache: Cache | None = None) -> tuple[str, ...]:
    """Names of all closed-form examples, in their order."""

    def compute() -> ExampleNames:
        from mflverify.verification.examples import example_names  # noqa: PLC0415  (sympy)

        return ExampleNames(tuple(example_names()))

    return _kept(cache, example_names_question, ExampleNames, compute).names


def _kept(
    cache: Cache | None,
    ask: Callable[[], Question],
    kind: type[Result],
    compute: Callable[[], Result],
) -> Result:
    """The result of `compute`, or the one kept as the answer to `ask()`; crashes are never kept."""
    if cache is None:
        return compute()
    question = ask()
    return cache.fetch(
        question.key, kind, compute, still_valid=lambda: question.engine.is_unchanged
    )


def _crash(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"crashed: {type(error).__name__}: {error} ({Path(last.filename).name}:{last.lineno})"
