"""Tasks carried out, in this process or over several worker processes.

A worker that dies takes with it what it was doing: the task that kills its worker also when it is
alone is undecided, and all others are carried out again.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from attrs import frozen

from mflverify.engines.profile import Profile
from mflverify.expr.digest import canonical_text
from mflverify.expr.terms import AtTime, Relation, subterms
from mflverify.proof.loader import Proofs, load
from mflverify.verification.cache import Cache
from mflverify.verification.check import crashed, perform, recall
from mflverify.verification.record import step_digest
from mflverify.verification.tasks import Done, Task, step_of
from mflverify.verification.workers import begin_worker, one_thread_each


class ProofsChangedError(RuntimeError):
    """Proof files were saved while a run was reading them."""


@frozen
class _Job:
    """Tasks for one worker, each with what it is about in this process's reading of the proofs."""

    tasks: tuple[tuple[Task, str], ...]
    profile: Profile
    seed: int
    cache: Cache | None


@frozen
class _Answer:
    done: tuple[Done, ...]
    cache: Cache | None


def carry_out(
    proofs: Proofs,
    tasks: Sequence[Task],
    profile: Profile,
    seed: int,
    workers: int,
    cache: Cache | None = None,
) -> Iterator[Done]:
    """Perform tasks, yielding each as it ends.

    What is in the cache comes first and needs no worker; with one worker all is done here.
    Raises ProofsChangedError when a worker reads other proofs than these.
    """
    rest: list[Task] = []
    for task in tasks:
        kept = recall(proofs, task, profile, seed, cache) if cache is not None else None
        if kept is None:
            rest.append(task)
        else:
            yield kept
    if workers <= 1 or len(rest) <= 1:
        for task in rest:
            yield perform(proofs, task, profile, seed, cache)
        return
    jobs = [
        _Job(tuple((task, _subject(proofs, task)) for task in group), profile, seed, cache)
        for group in groups(proofs, rest)
    ]
    left = list(jobs)
    for job, answer in _run_jobs(proofs.root, jobs, min(workers, len(jobs))):
        if answer is not None:
            left.remove(job)
            _gather(cache, answer)
            yield from answer.done
    # a worker died: nobody knows of what, so each job that is left gets a worker of its own
    for task in [task for job in left for task in job.tasks]:
        for _, answer in _run_jobs(proofs.root, [_Job((task,), profile, seed, cache)], 1):
            if answer is None:
                yield crashed(proofs, task[0], "crashed: the process that examined it died")
            else:
                _gather(cache, answer)
                yield from answer.done


def _run_jobs(
    root: Path, jobs: Sequence[_Job], workers: int
) -> Iterator[tuple[_Job, _Answer | None]]:
    """Each job with its answer, or None when its worker died (or another one did before it)."""
    one_thread_each()
    pool = ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start_worker,
        initargs=(root,),
    )
    try:
        futures: dict[Future[_Answer], _Job] = {}
        for job in jobs:
            try:
                futures[pool.submit(_work, job)] = job
            except BrokenProcessPool:
                yield job, None
        for future in as_completed(futures):
            try:
                answer = future.result()
            except BrokenProcessPool:
                yield futures[future], None
            else:
                yield futures[future], answer
    finally:
        # also when interrupted: what has not begun is given up
        pool.shutdown(wait=True, cancel_futures=True)


def _gather(cache: Cache | None, answer: _Answer) -> None:
    """What a worker's copy of the cache learnt."""
    if cache is not None and answer.cache is not None:
        cache.damaged |= answer.cache.damaged
        cache.problem = cache.problem or answer.cache.problem


# ------------------------------------------------------------------------------ in a worker

_proofs: Proofs | None = None


def _start_worker(root: Path) -> None:
    global _proofs  # noqa: PLW0603  (a worker process reads the proofs once)
    begin_worker()
    _proofs = load(root)


def _work(job: _Job) -> _Answer:
    assert _proofs is not None
    for task, subject in job.tasks:
        if not task.example and _subject_or_none(_proofs, task) != subject:
            raise ProofsChangedError(
                f"{task.label} changed while the proofs were being checked; run again"
            )
    done = tuple(perform(_proofs, t, job.profile, job.seed, job.cache) for t, _ in job.tasks)
    return _Answer(done, job.cache)


def _subject(proofs: Proofs, task: Task) -> str:
    """What a task is about; equal in two readings of the same proofs."""
    if task.example:
        return ""
    statement = proofs.statements[task.statement]
    if task.step:
        return step_digest(step_of(statement, task))
    return "\n".join(canonical_text(r) for r in _relations(proofs, task))


def _subject_or_none(proofs: Proofs, task: Task) -> str | None:
    statement = proofs.statements.get(task.statement)
    if statement is None or task.step not in ("", *(step.name for step in statement.steps)):
        return None
    return _subject(proofs, task)


# ------------------------------------------------------------------------------- scheduling


def groups(proofs: Proofs, tasks: Sequence[Task]) -> list[tuple[Task, ...]]:
    """Tasks as they are handed to workers, the longest first.

    The claims of one statement about later times share their trajectories, so they stay together.
    """
    found: dict[tuple[str, str, str], list[Task]] = {}
    for task in tasks:
        together = not task.example and _speaks_of_time(proofs, task)
        key = (task.statement, "" if together else f"{task.step}/", task.example)
        found.setdefault(key, []).append(task)
    return sorted(
        (tuple(group) for group in found.values()),
        key=lambda group: -sum(_length(proofs, task) for task in group),
    )


def _speaks_of_time(proofs: Proofs, task: Task) -> bool:
    return bool(task.step) and any(
        isinstance(part, AtTime) for r in _relations(proofs, task) for part in subterms(r)
    )


def _length(proofs: Proofs, task: Task) -> int:
    """A rough measure of how long a task takes: examples, then long formulas with hypotheses."""
    if task.example:
        return 10_000
    if not task.step:
        return 0
    return sum(1 for r in _relations(proofs, task) for _ in subterms(r))


def _relations(proofs: Proofs, task: Task) -> list[Relation]:
    statement = proofs.statements[task.statement]
    if task.step:
        step = step_of(statement, task)
        return [step.claim, *step.assuming]
    return [*statement.given, *(step.claim for step in statement.steps)]
