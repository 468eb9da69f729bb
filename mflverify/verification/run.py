"""A run: every step of every statement examined by every engine that can, in parallel."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from mflverify import __version__
from mflverify.engines.profile import PROFILES
from mflverify.ledger.records import SCHEMA_VERSION, Ledger, ProblemRecord, Provenance
from mflverify.proof.loader import Proofs
from mflverify.verification.cache import Cache
from mflverify.verification.check import names_of_examples
from mflverify.verification.coverage import coverage
from mflverify.verification.keys import PACKAGES
from mflverify.verification.pool import carry_out
from mflverify.verification.replay import trace_of
from mflverify.verification.status import assemble, close
from mflverify.verification.tasks import Done, Record, Task, closure, tasks_of


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
    Raises KeyError for an unknown label or profile, ProofsChangedError when proof files are saved
    before the workers have read them.
    """
    chosen = closure(proofs, labels) if labels is not None else list(proofs.statements)
    statements = [proofs.statements[label] for label in chosen]
    tasks = tasks_of(statements)
    if examples:
        tasks += [Task("", "", name) for name in names_of_examples(cache)]
    settings = PROFILES[profile]
    records: dict[Task, Record] = {}
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
        trace=trace_of(statements),
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
