"""A run: every step of every statement examined by every engine that can, in parallel."""

from __future__ import annotations

import multiprocessing
import os
import platform
import subprocess
import traceback
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib.metadata import version
from pathlib import Path

from attrs import evolve, frozen

from mflverify import __version__
from mflverify.engines.empirical import examine_instances, find_witness, speaks_of_time
from mflverify.engines.evidence import Evidence, Witness, overall
from mflverify.engines.logical import judge
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
from mflverify.verification.cache import Cache, Key, Result
from mflverify.verification.coverage import coverage
from mflverify.verification.keys import (
    PACKAGES,
    EmpiricalPart,
    ExamplePart,
    LogicalPart,
    empirical_key,
    example_key,
    logical_key,
    witness_key,
)
from mflverify.verification.record import Printer, evidence_record, step_digest, witness_record


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


def check_step(step: Step, profile: Profile, seed: int, cache: Cache | None = None) -> StepRecord:
    """Both findings of one step.  A crash of an engine is `undecided` with the traceback's end.

    cache: where results of unchanged engines on the unchanged step are kept; all text of the
    record that they do not depend on (place, note, reasons as printed) is made anew.
    """
    printer = Printer.of(step.statement)
    logical = _guard_logical(step, cache)
    evidence = _guard_empirical(step, profile, seed, cache)
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


def _guard_logical(step: Step, cache: Cache | None) -> LogicalPart:
    def compute() -> LogicalPart:
        found = judge(step)
        obligations = Printer.of(step.statement).obligations(found)
        return LogicalPart(found.verdict, found.uses, found.reason, obligations)

    try:
        return _kept(cache, logical_key, LogicalPart, compute, step)
    except Exception as error:  # an engine's crash must be seen, not end the run
        return LogicalPart(Logical.UNDECIDED, reason=_crash(error))


def _guard_empirical(
    step: Step, profile: Profile, seed: int, cache: Cache | None
) -> tuple[Evidence, ...]:
    def compute() -> EmpiricalPart:
        return EmpiricalPart(examine_instances(step, profile, seed))

    try:
        return _kept(cache, empirical_key, EmpiricalPart, compute, step, profile, seed).evidence
    except Exception as error:  # an engine's crash must be seen, not end the run
        return (Evidence("instances", Empirical.UNDECIDED, reason=_crash(error)),)


def _kept(
    cache: Cache | None,
    key: Callable[..., Key],
    kind: type[Result],
    compute: Callable[[], Result],
    *arguments: object,
) -> Result:
    """The result of `compute`, or the one kept under `key(*arguments)`; crashes are never kept."""
    return compute() if cache is None else cache.fetch(key(*arguments), kind, compute)


def _crash(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"crashed: {type(error).__name__}: {error} ({Path(last.filename).name}:{last.lineno})"


def relative(file: str, line: int) -> str:
    """`file:line`, relative to the folder that holds the folder of proofs.

    So a ledger is the same from wherever the run was started.
    """
    path = Path(file)
    return f"{path.relative_to(path.parents[2]) if len(path.parents) > 2 else path}:{line}"


def check_witness(statement: Statement, seed: int, cache: Cache | None = None) -> WitnessRecord:
    """An instance at which the hypotheses of the statement hold."""

    def compute() -> Witness:
        return find_witness(statement, seed)

    try:
        return witness_record(_kept(cache, witness_key, Witness, compute, statement, seed))
    except Exception as error:  # a crash means that no witness was found
        return WitnessRecord(False, reason=_crash(error))


def check_example(name: str, cache: Cache | None = None) -> tuple[ExampleRecord, ...]:
    """The comparison of one closed-form example; a crash is a failed comparison."""

    def compute() -> ExamplePart:
        from mflverify.verification.examples import example_records  # noqa: PLC0415  (sympy is slow)

        return ExamplePart(example_records(name))

    try:
        return _kept(cache, example_key, ExamplePart, compute, name).records
    except Exception as error:  # a crash must be seen, not end the run
        why = _crash(error)
        return (ExampleRecord(name, name, "", "both", why, "", "", "", "", 0, 0, passed=False),)


# --------------------------------------------------------------------------------- running

_proofs: Proofs | None = None


def _start_worker(root: Path) -> None:
    global _proofs  # noqa: PLW0603  (a worker process reads the proofs once)
    _proofs = load(root)


def _work(tasks: list[Task], profile: Profile, seed: int, cache: Cache | None) -> list[Done]:
    assert _proofs is not None
    return [perform(_proofs, task, profile, seed, cache) for task in tasks]


def perform(
    proofs: Proofs, task: Task, profile: Profile, seed: int, cache: Cache | None = None
) -> Done:
    """Carry out one task."""
    if task.example:
        return Done(task, check_example(task.example, cache))
    statement = proofs.statements[task.statement]
    if not task.step:
        return Done(task, check_witness(statement, seed, cache))
    return Done(task, check_step(_step_of(statement, task), profile, seed, cache))


def _step_of(statement: Statement, task: Task) -> Step:
    return next(step for step in statement.steps if step.name == task.step)


def is_kept(proofs: Proofs, task: Task, profile: Profile, seed: int, cache: Cache | None) -> bool:
    """Whether all results of a task are in the cache, so that carrying it out costs nothing."""
    if cache is None:
        return False
    if task.example:
        return cache.recall(example_key(task.example), ExamplePart) is not None
    statement = proofs.statements[task.statement]
    if not task.step:
        return cache.recall(witness_key(statement, seed), Witness) is not None
    step = _step_of(statement, task)
    try:
        return (
            cache.recall(logical_key(step), LogicalPart) is not None
            and cache.recall(empirical_key(step, profile, seed), EmpiricalPart) is not None
        )
    except Exception:  # what is wrong with the step is told when it is carried out
        return False


def tasks_of(statements: list[Statement]) -> list[Task]:
    """All units of work, in reading order."""
    return [
        task
        for s in statements
        for task in (Task(s.label, ""), *(Task(s.label, step.name) for step in s.steps))
    ]


def carry_out(
    proofs: Proofs,
    tasks: list[Task],
    profile: Profile,
    seed: int,
    workers: int,
    cache: Cache | None = None,
) -> Iterator[Done]:
    """Perform tasks, in this process or over `workers` processes, yielding each as it ends.

    What is in the cache comes first and needs no worker.
    """
    kept = [task for task in tasks if is_kept(proofs, task, profile, seed, cache)]
    rest = [task for task in tasks if task not in kept]
    alone = workers <= 1 or len(rest) <= 1
    for task in [*kept, *rest] if alone else kept:
        yield perform(proofs, task, profile, seed, cache)
    if alone:
        return
    # workers read this when they load numpy: one thread each, or they fight for the cores
    for library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(library, "1")
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        workers, mp_context=context, initializer=_start_worker, initargs=(proofs.root,)
    ) as pool:
        futures = [
            pool.submit(_work, group, profile, seed, cache) for group in _groups(proofs, rest)
        ]
        for future in as_completed(futures):
            yield from future.result()


def _groups(proofs: Proofs, tasks: list[Task]) -> list[list[Task]]:
    """Tasks as they are handed to workers, the longest first.

    The claims of one statement about later times share their trajectories, so they stay together.
    """
    groups: dict[tuple[str, str, str], list[Task]] = {}
    for task in tasks:
        together = not task.example and _is_long(proofs, task)
        key = (task.statement, "" if together else f"{task.step}/", task.example)
        groups.setdefault(key, []).append(task)
    return sorted(groups.values(), key=lambda group: (not _is_long(proofs, group[0]), -len(group)))


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
    cache: Cache | None = None,
    progress: Callable[[Done, int, int], None] | None = None,
) -> Ledger:
    """Examine the named statements and what they use (None: all).

    workers: processes; None: one per core.  examples: also the closed-form examples.
    cache: where results are kept between runs; None: everything is computed.  The ledger is the
    same with and without.  progress: called with each finished task, how many are done and how
    many there are.
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
    for done in carry_out(proofs, tasks, settings, seed, count, cache):
        records[done.task] = done.record
        if progress is not None:
            progress(done, len(records), len(tasks))
    found = [assemble(s, records) for s in statements]
    return Ledger(
        schema=SCHEMA_VERSION,
        provenance=provenance(profile, seed, proofs.root),
        statements=tuple(close(found)),
        examples=tuple(
            record
            for task in tasks
            if task.example
            for record in records[task]  # type: ignore[union-attr]  (examples have tuples)
        ),
        coverage=coverage(proofs),
        problems=tuple(
            ProblemRecord(
                _shortened(p.where, proofs.root), p.step, _shortened(p.message, proofs.root)
            )
            for p in proofs.problems
        ),
    )


def _shortened(text: str, root: Path) -> str:
    """The text with places in proof files told as `relative` tells them."""
    return text.replace(f"{root.parent}{os.sep}", "")


def provenance(profile: str, seed: int, root: Path | None = None) -> Provenance:
    """Versions and settings of this run; root: the folder of proofs, whose commit is recorded."""
    return Provenance(
        version=__version__,
        profile=profile,
        seed=seed,
        python=platform.python_version(),
        packages={name: version(name) for name in PACKAGES},
        commit="" if root is None else commit_of(root),
    )


def commit_of(folder: Path) -> str:
    """The git commit of a folder, with `+` when files in it have changed since; '' without git."""

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(folder), *arguments]
        return subprocess.run(  # noqa: S603  (a fixed program, no shell)
            command, capture_output=True, text=True, check=True, timeout=20
        ).stdout.strip()

    try:
        commit = git("rev-parse", "--short=12", "HEAD")
        changed = git("status", "--porcelain", "--", ".")
    except (OSError, subprocess.SubprocessError):
        return ""
    return f"{commit}+" if changed else commit


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
