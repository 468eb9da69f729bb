"""All mutants of statements: in parallel, kept between runs, the same for the same seed."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from attrs import frozen

from mflverify.engines.profile import PROFILES
from mflverify.expr.digest import digest
from mflverify.ledger.records import SCHEMA_VERSION, Ledger, joined_digest
from mflverify.ledger.sections import MutantRecord
from mflverify.mutation.hypotheses import HypothesisTrial, dropped_sign, signed_parameters
from mflverify.mutation.trial import Trial
from mflverify.mutation.variants import Variants, variants_of
from mflverify.proof.loader import Proofs
from mflverify.proof.statement import Statement, Step
from mflverify.verification.cache import Cache
from mflverify.verification.keys import logical_question
from mflverify.verification.record import Printer, step_digest
from mflverify.verification.run import provenance
from mflverify.verification.sources import Engine
from mflverify.verification.workers import over_processes

ENGINE = Engine(("mflverify.mutation.run",))
# trajectories of this profile are shared by the mutants of a step
PROFILE = "quick"


@frozen
class Task:
    """All mutants of one step, of one hypothesis (counted from 1; 0: none), or of all signs."""

    statement: str
    step: str = ""
    hypothesis: int = 0

    @property
    def label(self) -> str:
        """How the task is called while it runs."""
        rest = f"hypothesis {self.hypothesis}" if self.hypothesis else "sign of constants"
        return f"{self.statement}/{self.step or rest}"


@frozen
class Mutants:
    """The records of one task, as they are kept."""

    records: tuple[MutantRecord, ...]


def tasks_of(statement: Statement) -> list[Task]:
    """One task for the signs of constants, one a hypothesis and one a step; what is acknowledged
    as false has no mutants."""
    signs = [Task(statement.label)] if signed_parameters(statement) else []
    given = [Task(statement.label, "", n + 1) for n in range(len(statement.given))]
    steps = [Task(statement.label, s.name) for s in statement.steps if s.acknowledged is None]
    return [*signs, *given, *steps]


def perform(proofs: Proofs, task: Task, seed: int, cache: Cache | None = None) -> Mutants:
    """The mutants of one task.  A crash is one undecided record with the traceback's end."""
    statement = proofs.statements[task.statement]
    variants = variants_of(proofs, statement)

    def compute() -> Mutants:
        if task.step:
            trial = Trial(_step(statement, task), PROFILES[PROFILE], seed, Variants(variants))
            return Mutants(tuple(trial.records()))
        if task.hypothesis:
            hypothesis = HypothesisTrial(statement, task.hypothesis, seed, Variants(variants))
            return Mutants(tuple(hypothesis.records()))
        signed = signed_parameters(statement)
        return Mutants(tuple(dropped_sign(statement, p, seed) for p in signed))

    try:
        if cache is None:
            return compute()
        return cache.fetch(
            _key(statement, variants, task, seed),
            Mutants,
            compute,
            still_valid=lambda: ENGINE.is_unchanged,
        )
    except Exception as error:  # a crash must be seen, not end the run
        return Mutants((_crashed(statement, task, error),))


def _step(statement: Statement, task: Task) -> Step:
    return next(step for step in statement.steps if step.name == task.step)


def _key(
    statement: Statement, variants: tuple[Statement, ...], task: Task, seed: int
) -> dict[str, Any]:
    """All that the records of a task depend on: a step with its reasons, or all steps; and variants."""
    step = _step(statement, task) if task.step else statement.steps[-1]
    about = {"part": "mutants", "task": task.label, "seed": seed, "engine": ENGINE.digest}
    about["variants"] = joined_digest(step_digest(s) for v in variants for s in v.steps)
    if not task.step:
        about["statement"] = joined_digest(step_digest(other) for other in statement.steps)
    return {**logical_question(step).key, **about}


def _crashed(statement: Statement, task: Task, error: Exception) -> MutantRecord:
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(last.filename).name}:{last.lineno}"
    if task.hypothesis:
        relation = statement.given[task.hypothesis - 1]
        about = digest(relation)
    elif task.step:
        relation = _step(statement, task).claim
        about = step_digest(_step(statement, task))
    else:
        relation = statement.steps[-1].claim
        about = joined_digest(step_digest(step) for step in statement.steps)
    return MutantRecord(
        statement=statement.label,
        step=task.label,
        digest=about,
        kind="crash",
        change="none was tried to the end",
        formula=Printer.of(statement).formula(relation),
        status="undecided",
        note=f"crashed: {type(error).__name__}: {error} ({where})",
    )


def _work(proofs: Proofs, task: Task, *, seed: int, cache: Cache | None) -> Mutants:
    return perform(proofs, task, seed, cache)


def run(
    proofs: Proofs,
    labels: list[str] | None = None,
    *,
    seed: int = 0,
    workers: int | None = None,
    cache: Cache | None = None,
    progress: Callable[[Task, int, int], None] | None = None,
) -> Ledger:
    """A ledger with the mutants of the named statements (None: all), and nothing else.

    labels: of statements, or of single steps such as `thm-4.1/sum`.
    progress: called with each finished task, how many are done and how many there are.
    Raises KeyError for an unknown label.
    """
    tasks = chosen_tasks(proofs, labels)
    found: dict[Task, Mutants] = {}
    work = partial(_work, seed=seed, cache=cache)
    for task, mutants in over_processes(proofs, work, tasks, workers):
        found[task] = mutants
        if progress is not None:
            progress(task, len(found), len(tasks))
    return Ledger(
        schema=SCHEMA_VERSION,
        provenance=provenance(PROFILE, seed),
        statements=(),
        mutants=tuple(record for task in tasks for record in found[task].records),
    )


def chosen_tasks(proofs: Proofs, labels: list[str] | None) -> list[Task]:
    """The tasks of the labels, in reading order.  Raises KeyError for an unknown one.

    None: of all that is in the paper.  A variant, which is evidence about mutants itself, has to be
    named.
    """
    if labels is None:
        return [task for s in proofs.stated for task in tasks_of(s)]
    tasks: list[Task] = []
    for label in labels:
        name, _, step = label.partition("/")
        own = tasks_of(proofs.statements[name])
        named = [task for task in own if not step or task.label == label]
        if not named:
            raise KeyError(label)
        tasks += [task for task in named if task not in tasks]
    return tasks
