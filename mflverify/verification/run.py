"""A run: every step of every statement examined by every engine that can, in parallel."""

from __future__ import annotations

import multiprocessing
import os
import platform
import traceback
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib.metadata import version
from pathlib import Path

from attrs import evolve, frozen

from mflverify import __version__
from mflverify.engines.empirical import examine_instances, find_witness, speaks_of_time
from mflverify.engines.evidence import Evidence, overall
from mflverify.engines.logical import LogicalFinding, judge
from mflverify.engines.profile import PROFILES, Profile
from mflverify.ledger.records import (
    SCHEMA_VERSION,
    ExampleRecord,
    Ledger,
    ProblemRecord,
    Provenance,
    StatementRecord,
    StepRecord,
    WitnessRecord,
)
from mflverify.proof.loader import Proofs, load
from mflverify.proof.statement import Application, Statement, Step
from mflverify.proof.verdict import GREEN_EMPIRICAL, GREEN_LOGICAL, Empirical, Logical
from mflverify.verification.record import Printer, evidence_record, step_digest, witness_record

_PACKAGES = ("hypothesis", "mpmath", "numpy", "python-flint", "scipy", "sympy", "z3-solver")


@frozen
class Task:
    """One unit of work: a step, the witness of a statement (step empty), or an example."""

    statement: str
    step: str
    example: str = ""

    @property
    def label(self) -> str:
        """How the task is called while it runs."""
        return self.example or (f"{self.statement}/{self.step}" if self.step else self.statement)


@frozen
class Done:
    """A finished task with its record."""

    task: Task
    record: StepRecord | WitnessRecord | tuple[ExampleRecord, ...]


def check_step(step: Step, profile: Profile, seed: int) -> StepRecord:
    """Both findings of one step.  A crash of an engine is `undecided` with the traceback's end."""
    printer = Printer.of(step.statement)
    logical = _guard_logical(step)
    evidence = _guard_empirical(step, profile, seed)
    empirical = overall(evidence)
    failure = failure_of(step, logical, empirical, evidence)
    acknowledged = step.acknowledged.label if step.acknowledged is not None else ""
    return StepRecord(
        label=step.label,
        name=step.name,
        claim=printer.formula(step.claim),
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
        obligations=printer.obligations(logical),
        evidence=tuple(evidence_record(item) for item in evidence),
        uses=logical.uses,
        failure=failure,
    )


def failure_of(
    step: Step, logical: LogicalFinding, empirical: Empirical, evidence: tuple[Evidence, ...]
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


def _guard_logical(step: Step) -> LogicalFinding:
    try:
        return judge(step)
    except Exception as error:  # an engine's crash must be seen, not end the run
        return LogicalFinding(Logical.UNDECIDED, (), (), _crash(error))


def _guard_empirical(step: Step, profile: Profile, seed: int) -> tuple[Evidence, ...]:
    try:
        return examine_instances(step, profile, seed)
    except Exception as error:  # an engine's crash must be seen, not end the run
        return (Evidence("instances", Empirical.UNDECIDED, reason=_crash(error)),)


def _crash(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"crashed: {type(error).__name__}: {error} ({Path(last.filename).name}:{last.lineno})"


def relative(file: str, line: int) -> str:
    """`file:line`, relative to the working directory when below it."""
    path = Path(file)
    cwd = Path.cwd()
    return f"{path.relative_to(cwd) if path.is_relative_to(cwd) else path}:{line}"


def check_witness(statement: Statement, seed: int) -> WitnessRecord:
    """An instance at which the hypotheses of the statement hold."""
    try:
        return witness_record(find_witness(statement, seed))
    except Exception as error:  # a crash means that no witness was found
        return WitnessRecord(False, reason=_crash(error))


def check_example(name: str) -> tuple[ExampleRecord, ...]:
    """The comparison of one closed-form example; a crash is a failed comparison."""
    from mflverify.verification.examples import example_records  # noqa: PLC0415  (sympy is slow)

    try:
        return example_records(name)
    except Exception as error:  # a crash must be seen, not end the run
        why = _crash(error)
        return (ExampleRecord(name, name, "", "both", why, "", "", "", "", 0, 0, passed=False),)


# --------------------------------------------------------------------------------- running

_proofs: Proofs | None = None


def _start_worker(root: Path) -> None:
    global _proofs  # noqa: PLW0603  (a worker process reads the proofs once)
    _proofs = load(root)


def _work(task: Task, profile: Profile, seed: int) -> Done:
    assert _proofs is not None
    return perform(_proofs, task, profile, seed)


def perform(proofs: Proofs, task: Task, profile: Profile, seed: int) -> Done:
    """Carry out one task."""
    if task.example:
        return Done(task, check_example(task.example))
    statement = proofs.statements[task.statement]
    if not task.step:
        return Done(task, check_witness(statement, seed))
    step = next(step for step in statement.steps if step.name == task.step)
    return Done(task, check_step(step, profile, seed))


def tasks_of(statements: list[Statement]) -> list[Task]:
    """All units of work, in reading order."""
    return [
        task
        for s in statements
        for task in (Task(s.label, ""), *(Task(s.label, step.name) for step in s.steps))
    ]


def carry_out(
    proofs: Proofs, tasks: list[Task], profile: Profile, seed: int, workers: int
) -> Iterator[Done]:
    """Perform tasks, in this process or over `workers` processes, yielding each as it ends."""
    if workers <= 1 or len(tasks) <= 1:
        for task in tasks:
            yield perform(proofs, task, profile, seed)
        return
    # workers read this when they load numpy: one thread each, or they fight for the cores
    for library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(library, "1")
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        workers, mp_context=context, initializer=_start_worker, initargs=(proofs.root,)
    ) as pool:
        # claims about later times integrate trajectories: the longest tasks go first
        order = sorted(tasks, key=lambda task: not _is_long(proofs, task))
        futures = [pool.submit(_work, task, profile, seed) for task in order]
        for future in as_completed(futures):
            yield future.result()


def _is_long(proofs: Proofs, task: Task) -> bool:
    if task.example:
        return True
    steps = proofs.statements[task.statement].steps
    return any(step.name == task.step and speaks_of_time(step.claim) for step in steps)


def closure(proofs: Proofs, labels: list[str]) -> list[str]:
    """The named statements and all that they use, in reading order."""
    wanted = set(labels)
    stack = list(labels)
    while stack:
        for used in used_statements(proofs.statements[stack.pop()]):
            if used not in wanted:
                wanted.add(used)
                stack.append(used)
    return [label for label in proofs.statements if label in wanted]


def used_statements(statement: Statement) -> set[str]:
    """Labels of the statements that the steps of this one name."""
    found: set[str] = set()
    for step in statement.steps:
        for reason in step.because:
            source = reason.source if isinstance(reason, Application) else reason
            if isinstance(source, Statement):
                found.add(source.label)
    return found


def run(
    proofs: Proofs,
    labels: list[str] | None = None,
    *,
    profile: str = "default",
    seed: int = 0,
    workers: int | None = None,
    examples: bool = False,
    progress: Callable[[Done, int, int], None] | None = None,
) -> Ledger:
    """Examine the named statements and what they use (None: all).

    workers: processes; None: one per core.  examples: also the closed-form examples.  progress: called with each finished task, how many
    are done and how many there are.
    Raises KeyError for an unknown label or profile.
    """
    chosen = closure(proofs, labels) if labels is not None else list(proofs.statements)
    statements = [proofs.statements[label] for label in chosen]
    tasks = tasks_of(statements)
    if examples:
        from mflverify.verification.examples import example_names  # noqa: PLC0415  (sympy is slow)

        tasks += [Task("", "", name) for name in example_names()]
    settings = PROFILES[profile]
    records: dict[Task, StepRecord | WitnessRecord | tuple[ExampleRecord, ...]] = {}
    count = workers or os.cpu_count() or 1
    for done in carry_out(proofs, tasks, settings, seed, count):
        records[done.task] = done.record
        if progress is not None:
            progress(done, len(records), len(tasks))
    found = [assemble(s, records) for s in statements]
    return Ledger(
        schema=SCHEMA_VERSION,
        provenance=provenance(profile, seed),
        statements=tuple(close(found)),
        examples=tuple(
            record
            for task in tasks
            if task.example
            for record in records[task]  # type: ignore[union-attr]  (examples have tuples)
        ),
        problems=tuple(
            ProblemRecord(_relative_where(p.where), p.step, p.message) for p in proofs.problems
        ),
    )


def _relative_where(where: str) -> str:
    return where.replace(f"{Path.cwd()}{os.sep}", "")


def provenance(profile: str, seed: int) -> Provenance:
    """Versions and settings of this run."""
    return Provenance(
        version=__version__,
        profile=profile,
        seed=seed,
        python=platform.python_version(),
        packages={name: version(name) for name in _PACKAGES},
    )


def assemble(
    statement: Statement,
    records: Mapping[Task, StepRecord | WitnessRecord | tuple[ExampleRecord, ...]],
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
        source=statement.source,
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
