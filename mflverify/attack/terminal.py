"""What `mflverify constants` prints."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from mflverify.attack.run import run
from mflverify.ledger import store
from mflverify.ledger.sections import ConstantRecord
from mflverify.proof.loader import Proofs
from mflverify.terminal import console, print_cache
from mflverify.verification.cache import Cache


def constants_command(
    proofs: Proofs,
    labels: list[str] | None,
    *,
    reports: Path,
    seed: int,
    jobs: int | None,
    cache: Cache | None,
    instances: bool,
) -> int:
    """Attack every inequality, write `constants.json`, print the table; returns the exit status."""
    with progress_bar() as bar:
        line = bar.add_task("attacking", total=None)

        def advance(label: str, count: int, total: int) -> None:
            bar.update(line, description=f"{label:<28.28}", completed=count, total=total)

        ledger = run(proofs, labels, seed=seed, workers=jobs, cache=cache, progress=advance)
    reports.mkdir(parents=True, exist_ok=True)
    store.write(ledger, reports / "constants.json")
    out = console()
    print_constants(out, ledger.constants, instances=instances)
    print_cache(out, cache)
    out.print(f"written to {reports / 'constants.json'}", soft_wrap=True)
    return 1 if any(is_refuted(r) or is_crash(r) for r in ledger.constants) else 0


def progress_bar() -> Progress:
    """A bar on standard error while it lasts."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )


def is_refuted(record: ConstantRecord) -> bool:
    """Whether a certain ratio above 1 was found: the inequality is false."""
    certain = record.arithmetic in ("exact", "certified")
    return certain and bool(record.best_ratio) and float(record.best_ratio) > 1


def is_crash(record: ConstantRecord) -> bool:
    """Whether the attack did not end by itself."""
    return record.note.startswith("crashed")


def print_constants(out: Console, records: tuple[ConstantRecord, ...], *, instances: bool) -> None:
    """The table, then what can be improved or is false, then on demand the extremal instances."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for head in ("inequality", "constant", "ratio ≥", "found by", "known to be sharp"):
        table.add_column(head, justify="right" if head == "ratio ≥" else "left", no_wrap=True)
    for record in records:
        ratio = "attained" if record.attained else record.best_ratio[:10] or "·"
        by = record.arithmetic if record.best_ratio else "·"
        sharp = "yes" if record.known_sharp else "·"
        style = "bold red" if is_refuted(record) or is_crash(record) else ""
        table.add_row(record.step, record.stated, ratio, by, sharp, style=style)
    out.print(table)
    out.print(
        "ratio: of the two sides, all summands on the side where they are positive\n"
        "attained: equality of rational numbers; certified: a lower bound in balls",
        style="dim",
    )
    for record in records:
        if is_refuted(record):
            out.print(Text(f"✗ {record.step}: false, ratio {record.best_ratio}", style="bold red"))
            out.print(Text(f"    at {record.instance}"), soft_wrap=True)
        sharp = f"sharp: {record.known_sharp}" if record.known_sharp else ""
        words = "; ".join(part for part in (sharp, record.note) if part)
        if words:
            out.print(Text(f"{record.step}: {words}", style="dim"), soft_wrap=True)
    if instances:
        for record in records:
            if record.instance:
                out.print(Text(f"{record.step}: {record.instance}"), soft_wrap=True)
    sharp = sum(r.attained or float(r.best_ratio or 0) > 0.999 for r in records)
    out.print(f"{sharp} of {len(records)} attained or within 0.001 of it")
