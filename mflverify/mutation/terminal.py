"""What `mflverify mutate` prints: the kill matrix, the score, and every hole."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from mflverify.ledger import store
from mflverify.ledger.kills import Row, holes, row, rows
from mflverify.ledger.records import Ledger
from mflverify.ledger.sections import MutantRecord
from mflverify.mutation.page import mutants_page
from mflverify.mutation.run import Task, run
from mflverify.progress import progress
from mflverify.proof.loader import Proofs
from mflverify.terminal import console, print_cache
from mflverify.verification.cache import Cache

MARKS = {"killed": "✓", "harmless": "=", "survived": "✗", "undecided": "?"}
SHORT = {
    "exact": "exact",
    "sampled": "smpl",
    "certified": "cert",
    "trajectories": "traj",
    "algebra": "alg",
    "prover": "prov",
    "kernel": "krnl",
    "witness": "wit",
}
STYLES = {"killed": "green", "harmless": "cyan", "survived": "bold red", "undecided": "yellow"}


def mutate_command(
    proofs: Proofs,
    labels: list[str] | None,
    *,
    reports: Path,
    seed: int,
    jobs: int | None,
    cache: Cache | None,
    everything: bool,
    markdown: bool,
) -> int:
    """Try all mutants, write `mutants.json`, print; returns the exit status.

    everything: every mutant, not only the holes.  markdown: print the page docs/kills.md, and
    nothing else, instead of the table.
    """
    ledger = run_with_progress(proofs, labels, seed=seed, jobs=jobs, cache=cache)
    reports.mkdir(parents=True, exist_ok=True)
    store.write(ledger, reports / "mutants.json")
    out = console()
    if markdown:
        out.print(mutants_page(ledger.mutants), end="", markup=False, soft_wrap=True)
    else:
        print_mutants(out, ledger.mutants, everything=everything)
        print_cache(out, cache)
        out.print(f"written to {reports / 'mutants.json'}", soft_wrap=True)
    return 1 if holes(ledger.mutants) else 0


def run_with_progress(
    proofs: Proofs, labels: list[str] | None, *, seed: int, jobs: int | None, cache: Cache | None
) -> Ledger:
    """A run that tells on standard error how far it is."""
    with progress("mutating") as advance:

        def done(task: Task, count: int, total: int) -> None:
            advance(task.label, count, total)

        return run(proofs, labels, seed=seed, workers=jobs, cache=cache, progress=done)


def print_mutants(out: Console, records: tuple[MutantRecord, ...], *, everything: bool) -> None:
    """The matrix, the score by statement, what is not settled, and on demand every mutant."""
    out.print(_matrix(records))
    out.print(
        "ref(uted): fails at a certain instance, or its normal form is not 0\n"
        "open: the reasons no longer imply it, which is weaker evidence\n"
        "=: shown equivalent, weaker or also true; ?: survived or undecided\n"
        "traj: violated on a trajectory in floats, which kills nothing by itself",
        style="dim",
    )
    for statement in rows(records, by="statement"):
        good = statement.total - statement.loose
        style = "green" if not statement.loose else "bold red"
        line = f"{statement.name:<12} {good:>5} of {statement.total:<5} killed or shown harmless"
        out.print(Text(line, style=style))
    loose = holes(records)
    if everything:
        for record in records:
            _print_record(out, record)
    else:
        for record in loose:
            _print_record(out, record)
    total = row("", records)
    out.print(
        f"{total.refuted} refuted, {total.open_only} open, {total.harmless} harmless, "
        f"{total.loose} not settled; of {total.total} mutants"
    )


def _matrix(records: tuple[MutantRecord, ...]) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("mistake", no_wrap=True)
    total = row("all", records)
    heads = ("all", "ref", "open", "=", "?", *(SHORT[check] for check in total.noticed))
    for head in heads:
        table.add_column(head, justify="right", no_wrap=True)
    for line in [*rows(records, by="kind"), total]:
        cells = _cells(line, total.noticed)
        table.add_row(*cells, style="bold" if line is total else "")
    return table


def _cells(line: Row, checks: tuple[str, ...]) -> list[str]:
    counts = [line.total, line.refuted, line.open_only, line.harmless, line.loose]
    counts += [line.by[check] for check in checks]
    return [f"{line.name:.18}", *(str(n) if n else "·" for n in counts)]


def _print_record(out: Console, record: MutantRecord) -> None:
    head = Text(f"{MARKS[record.status]} {record.step}", style=STYLES[record.status])
    head.append(f"  {record.kind}: {record.change}", style="default")
    out.print(head, soft_wrap=True)
    killers = f"by {', '.join(record.killed_by)}; " if record.killed_by else ""
    pair = "  (its harmless neighbour fails)" if record.neighbour == "fails" else ""
    out.print(
        Text(f"    {record.status} {killers}{record.note}{pair}", style="dim"), soft_wrap=True
    )
