"""What the commands about changes do: `diff`, `baseline update` and `watch`."""

from __future__ import annotations

import os
from pathlib import Path

import click
from attrs import evolve, frozen
from rich.console import Console
from rich.text import Text

from mflverify.ledger.records import StepRecord
from mflverify.proof.loader import Proofs, load
from mflverify.regression import BaselineError, Difference, Snapshot, compare, read_snapshot
from mflverify.regression.baseline import to_text, write_baseline
from mflverify.regression.margins import drifts
from mflverify.regression.markdown import to_markdown
from mflverify.regression.snapshot import snapshot_of
from mflverify.regression.sources import Source, SourceError, locate
from mflverify.regression.terminal import terminal_lines
from mflverify.terminal import STYLES, console, print_cache, run_with_progress
from mflverify.verification.cache import Cache
from mflverify.verification.record import step_digest

DEFAULT_PROFILE = "default"
EXAMPLES = True  # whether the closed-form examples belong to a baseline


@frozen
class Settings:
    """How proofs are examined that have no recorded state."""

    profile: str
    seed: int
    jobs: int | None
    cache: Cache | None
    examples: bool


def diff_command(
    old: str,
    new: str,
    *,
    root: Path,
    baseline: Path,
    profile: str | None,
    seed: int | None,
    jobs: int | None,
    cache: Cache | None,
    markdown: bool,
    rerun: bool,
) -> int:
    """Compare two states of the proofs and print the difference; 1 when it must be accepted.

    What has to be examined first is examined with the profile and seed of the other side, if that
    is recorded.  Raises click.UsageError for what cannot be found or read.
    """
    try:
        sources = [locate(n, proofs=root, baseline=baseline, rerun=rerun) for n in (old, new)]
        known = next((s.recorded for s in sources if s.recorded is not None), None)
        settings = Settings(
            profile or (known.settings.profile if known else DEFAULT_PROFILE),
            seed if seed is not None else (known.settings.seed if known else 0),
            jobs,
            cache,
            examples=bool(known.examples) if known else EXAMPLES,
        )
        before, after = (_state(source, settings) for source in sources)
    except (SourceError, BaselineError) as error:
        hint = "; record one with `mflverify baseline update`"
        missing = old == str(baseline) and not baseline.exists()
        raise click.UsageError(f"{error}{hint * missing}") from error
    difference = compare(before, after, names=(old, new))
    out = console()
    if markdown:
        click.echo(to_markdown(difference), nl=False)
    else:
        print_difference(out, difference)
        print_cache(out, cache)
    return 1 if difference.needs_acceptance else 0


def _state(source: Source, settings: Settings) -> Snapshot:
    """The recorded snapshot of a source, or its proofs examined.

    What a revision records is taken only when it is of that revision's proofs: otherwise a change
    whose author forgot the baseline would be shown as none.
    """
    if source.recorded is not None and not source.revision:
        return source.recorded
    with source.folder() as folder:
        try:
            proofs = load(folder)
        except FileNotFoundError as error:
            raise SourceError(f"{source.name}: {error}") from error
        if source.recorded is not None:
            if is_of(source.recorded, proofs):
                return source.recorded
            note = f"{source.name}: its baseline is not of its proofs, so they are examined"
            click.echo(note, err=True)
        return examine(proofs, settings)


def is_of(snapshot: Snapshot, proofs: Proofs) -> bool:
    """Whether a snapshot was made of these proofs: the same steps with the same digests."""
    recorded = {label: step.digest for label, step in snapshot.steps().items()}
    found = {step.label: step_digest(step) for s in proofs.statements.values() for step in s.steps}
    return recorded == found and not proofs.problems and not snapshot.problems


def examine(proofs: Proofs, settings: Settings) -> Snapshot:
    """The snapshot of proofs, everything in them examined."""
    ledger = run_with_progress(
        proofs,
        profile=settings.profile,
        seed=settings.seed,
        jobs=settings.jobs,
        examples=settings.examples,
        cache=settings.cache,
    )
    # where a revision was checked out is no part of what is wrong with a file
    place = f"{proofs.root.parent}{os.sep}"
    problems = tuple(
        evolve(p, where=p.where.replace(place, ""), message=p.message.replace(place, ""))
        for p in ledger.problems
    )
    return snapshot_of(evolve(ledger, problems=problems))


def update_command(
    proofs: Proofs,
    baseline: Path,
    *,
    profile: str | None,
    seed: int | None,
    jobs: int | None,
    cache: Cache | None,
    sure: bool,
) -> int:
    """Examine everything, show what changed since the baseline, ask, and record it.

    A baseline that cannot be read is never replaced.  Returns 0 when the baseline is up to date
    afterwards, 1 when nothing was recorded.  Raises click.ClickException when it cannot be read or
    written.
    """
    out = console()
    old = _previous(out, baseline)
    for problem in proofs.problems:
        out.print(Text(f"✗ {problem.where}: {problem.message}", style="bold red"), soft_wrap=True)
    if proofs.problems:
        out.print("Nothing is recorded while there are files that cannot be read.")
        return 1
    made = old.settings if old else None
    settings = Settings(
        profile or (made.profile if made else DEFAULT_PROFILE),
        seed if seed is not None else (made.seed if made else 0),
        jobs,
        cache,
        examples=EXAMPLES,
    )
    new = examine(proofs, settings)
    print_cache(out, cache)
    if old is not None:
        print_difference(out, compare(old, new, names=(str(baseline), "working tree")))
        if to_text(old) == to_text(new):
            return 0
        for line in drifts(old, new):
            out.print(line, soft_wrap=True)
    for label, step in new.steps().items():
        if not step.passes:
            out.print(Text(f"✗ {label} does not pass", style="bold red"), soft_wrap=True)
    if not sure and not click.confirm(f"Record this in {baseline}?", default=False):
        return 1
    try:
        write_baseline(new, baseline)
    except OSError as error:
        raise click.ClickException(f"{baseline}: cannot be written ({error.strerror})") from error
    out.print(f"{baseline}: {len(new.statements)} statements, {len(new.steps())} steps recorded")
    return 0


def _previous(out: Console, baseline: Path) -> Snapshot | None:
    """The baseline so far, or None when there is none."""
    if not baseline.exists():
        out.print(f"There is no {baseline} yet.")
        return None
    try:
        return read_snapshot(baseline)
    except BaselineError as error:
        hint = "nothing is recorded over it: restore it, say with `git checkout`, or move it away"
        raise click.ClickException(f"{error}\n{hint}") from error


def print_difference(out: Console, difference: Difference) -> None:
    """The difference, as wide as the terminal."""
    for line in terminal_lines(difference, out.width):
        out.print(line, soft_wrap=True)


def watch_command(
    root: Path, labels: list[str] | None, *, profile: str, seed: int, cache: Cache
) -> None:
    """Print what a watch finds until it is interrupted."""
    from mflverify.verification import watch as w  # noqa: PLC0415  (keeps the others fast)

    out = console()
    try:
        for event in w.watch(root, labels, profile=profile, seed=seed, cache=cache):
            _print_event(out, event, first=root)
    except KeyboardInterrupt:
        out.print()


def _print_event(out: Console, event: object, first: Path) -> None:
    from mflverify.verification import watch as w  # noqa: PLC0415  (keeps the others fast)

    match event:
        case w.Started(files, problems, tasks):
            names = ", ".join(path.name for path in files) if len(files) <= 4 else str(first)
            out.print(Text(f"{names}: {tasks} to check", style="bold"))
            for problem in problems:
                step = f" [{problem.step}]" if problem.step else ""
                text = f"✗ {problem.where}{step}: {problem.message}"
                out.print(Text(text, style=STYLES["red"]), soft_wrap=True)
        case w.Checked() if event.fault:
            _print_fault(out, event)
        case w.Ended(statements, ran, seconds):
            closed = sum(statement.status == "closed" for statement in statements)
            out.print(f"{closed} of {len(statements)} closed, {ran} checked in {seconds:.1f} s")
        case w.Overtaken():
            out.print(Text("saved again: starting over", style="dim"))
        case w.ProgramChanged(files):
            out.print(f"The program itself changed ({files[0].name}); start the watch again.")


def _print_fault(out: Console, event: object) -> None:
    from mflverify.verification import watch as w  # noqa: PLC0415  (keeps the others fast)

    assert isinstance(event, w.Checked)
    record = event.done.record
    place = f"{record.location}: " if isinstance(record, StepRecord) else ""
    text = f"✗ {place}{event.done.task.label}: {event.fault}"
    out.print(Text(text, style=STYLES["red"]), soft_wrap=True)
    if isinstance(record, StepRecord):
        out.print(Text(f"    {record.claim.unicode}"), soft_wrap=True)
        for item in record.evidence:
            if item.verdict == "refuted":
                out.print(
                    Text(f"    counterexample: {item.minimal or item.instance}"), soft_wrap=True
                )
