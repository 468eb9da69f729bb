"""Checking again on every save: only what the edit touched runs, and faults show as they are found.

Files are polled, which works on every file system.  Steps run one by one in this process, those of
the files just saved first; a save in the middle of a round ends the round and starts the next.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from attrs import frozen

from mflverify.engines.profile import PROFILES
from mflverify.ledger.records import StatementRecord, StepRecord, WitnessRecord
from mflverify.proof.loader import Problem, Proofs, load
from mflverify.verification.cache import Cache
from mflverify.verification.check import perform, recall
from mflverify.verification.keys import LOGICAL, TRAJECTORIES
from mflverify.verification.sources import Stamps, stamps_of
from mflverify.verification.status import assemble, close
from mflverify.verification.tasks import Done, Record, Task, closure, tasks_of


@frozen
class Started:
    """A round begins: files that changed since the last one (all, in the first), and what is to do."""

    files: tuple[Path, ...]
    problems: tuple[Problem, ...]
    tasks: int


@frozen
class Checked:
    """A task was carried out in this round, or its kept result is a fault."""

    done: Done

    @property
    def fault(self) -> str:
        """What is wrong with the step or the hypotheses, or ''."""
        record = self.done.record
        if isinstance(record, StepRecord):
            return record.failure
        if isinstance(record, WitnessRecord) and not record.found:
            return f"no witness for the hypotheses: {record.reason}"
        return ""


@frozen
class Ended:
    """A round is complete: all statements with their statuses, and how much had to run."""

    statements: tuple[StatementRecord, ...]
    ran: int
    seconds: float


@frozen
class Overtaken:
    """Files were saved during the round; it was given up."""


@frozen
class ProgramChanged:
    """The program's own source changed: the watch is over, since it runs the old one."""

    files: tuple[Path, ...]


Event = Started | Checked | Ended | Overtaken | ProgramChanged


def watch(
    root: Path,
    labels: list[str] | None = None,
    *,
    profile: str = "quick",
    seed: int = 0,
    cache: Cache,
    wait: Callable[[], None] = lambda: time.sleep(0.3),
) -> Iterator[Event]:
    """Events for as long as the caller takes them.

    labels: statements to check with what they use; None: all.  A label that does not exist (yet)
    is left out.  wait: what to do between two looks at the files.
    Raises FileNotFoundError when `root` holds no proof files at the start.
    """
    load(root)
    files = tuple({*LOGICAL.files, *TRAJECTORIES.files})
    program = stamps_of(files)
    before: Stamps = ()
    while True:
        own = stamps_of(files)
        if own != program:
            yield ProgramChanged(_differing(program, own))
            return
        now = proof_stamps(root)
        if now != before:
            changed = _differing(before, now)
            before = now
            yield from _round(root, labels, changed, now, profile, seed, cache)
        else:
            wait()


def _round(
    root: Path,
    labels: list[str] | None,
    changed: tuple[Path, ...],
    stamps: Stamps,
    profile: str,
    seed: int,
    cache: Cache,
) -> Iterator[Event]:
    began = time.monotonic()
    try:
        proofs = load(root)
    except FileNotFoundError as error:
        yield Started(changed, (Problem(str(root), "", str(error)),), 0)
        return
    known = None if labels is None else [label for label in labels if label in proofs.statements]
    chosen = list(proofs.statements) if known is None else closure(proofs, known)
    statements = [proofs.statements[label] for label in chosen]
    settings = PROFILES[profile]
    tasks = tasks_of(statements)
    kept = {t: done for t in tasks if (done := recall(proofs, t, settings, seed, cache))}
    rest = [task for task in tasks if task not in kept]
    rest.sort(key=lambda task: not _stands_in(proofs, task, changed))
    yield Started(changed, proofs.problems, len(rest))
    records: dict[Task, Record] = {}
    for task in (*rest, *kept):
        done = kept.get(task) or perform(proofs, task, settings, seed, cache)
        records[task] = done.record
        checked = Checked(done)
        if task not in kept or checked.fault:
            yield checked
        if task not in kept and proof_stamps(root) != stamps:
            yield Overtaken()
            return
    found = close([assemble(statement, records) for statement in statements])
    yield Ended(tuple(found), len(rest), time.monotonic() - began)


def _stands_in(proofs: Proofs, task: Task, files: tuple[Path, ...]) -> bool:
    return Path(proofs.statements[task.statement].location.file) in files


def proof_stamps(root: Path) -> Stamps:
    """Time of change and size of every file that a reading of the proofs depends on."""
    resolved = root.resolve()
    return stamps_of((*resolved.glob("*/*.py"), *resolved.glob("*/paper.toml")))


def _differing(before: Stamps, now: Stamps) -> tuple[Path, ...]:
    return tuple(sorted({path for path, _, _ in set(before) ^ set(now)}))
