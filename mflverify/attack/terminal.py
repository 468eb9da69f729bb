"""What `mflverify constants` and `mflverify hunt` print."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from mflverify.attack.campaign import DaskWorkers, LocalWorkers, Workers, deadline
from mflverify.attack.hunt import Hunt, Prey
from mflverify.attack.page import constants_page, is_close, known
from mflverify.attack.run import run
from mflverify.attack.store import Chunk, Store
from mflverify.ledger import store
from mflverify.ledger.sections import ConstantRecord
from mflverify.models import InstanceData
from mflverify.progress import bar, progress
from mflverify.proof.loader import Proofs
from mflverify.proof.statement import Step
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
    markdown: bool,
) -> int:
    """Attack every inequality, write `constants.json`, print the table; returns the exit status.

    markdown: print the page docs/constants.md, and nothing else, instead of the table.
    """
    with progress("attacking") as advance:
        ledger = run(proofs, labels, seed=seed, workers=jobs, cache=cache, progress=advance)
    reports.mkdir(parents=True, exist_ok=True)
    store.write(ledger, reports / "constants.json")
    out = console()
    if markdown:
        out.print(constants_page(ledger.constants), end="", markup=False, soft_wrap=True)
    else:
        print_constants(out, ledger.constants, instances=instances)
        print_cache(out, cache)
        out.print(f"written to {reports / 'constants.json'}", soft_wrap=True)
    return (
        1 if any(is_refuted(r) or is_suspected(r) or is_crash(r) for r in ledger.constants) else 0
    )


def is_refuted(record: ConstantRecord) -> bool:
    """Whether a certain ratio above 1 was found: the inequality is false."""
    certain = record.arithmetic in ("exact", "certified")
    return certain and bool(record.best_ratio) and float(record.best_ratio) > 1


def is_suspected(record: ConstantRecord) -> bool:
    """Whether a claim about later times is violated on a trajectory, by floats alone."""
    return not is_refuted(record) and bool(record.best_ratio) and float(record.best_ratio) > 1


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
        style = "yellow" if is_suspected(record) else style
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
        if words := known(record):
            out.print(Text(f"{record.step}: {words}", style="dim"), soft_wrap=True)
    if instances:
        for record in records:
            if record.instance:
                out.print(Text(f"{record.step}: {record.instance}"), soft_wrap=True)
    out.print(
        f"{sum(map(is_close, records))} of {len(records)} certainly attained or within 0.001 of it"
    )


# ---------------------------------------------------------------------------------- hunts


def hunt_command(
    proofs: Proofs,
    steps: list[Step],
    *,
    store: Path,
    budget: float,
    limit: int | None,
    seed: int,
    jobs: int | None,
    scheduler: str | None,
) -> int:
    """Hunt counterexamples until the budget ends, print what was found; returns the exit status.

    Raises StoreError for a file that is no store, OSError when the scheduler cannot be reached.
    """

    def workers() -> Workers:
        if scheduler is not None:
            return DaskWorkers(scheduler)
        return LocalWorkers(jobs) if jobs else LocalWorkers()

    out = console()
    with Store(store) as kept, bar(Console(stderr=True)) as shown:
        total = None if limit is None else limit * len(steps)
        line = shown.add_task("hunting", total=total)

        def advance(label: str, chunk: Chunk | None) -> None:
            shown.update(line, description=f"{label:<28.28}", advance=0 if chunk is None else 1)

        hunt = Hunt(proofs, steps, kept, seed, limit)
        try:
            prey = hunt.run(workers, deadline(budget), advance)
        except KeyboardInterrupt:
            out.print("stopped; the same command continues where it stopped")
            return 130
    for item in prey:
        print_prey(out, item)
    caught = sum(item.finding is not None for item in prey)
    unseen = sum(is_unseen(item) for item in prey)
    out.print(f"{caught} of {len(prey)} steps refuted; kept in {store}", soft_wrap=True)
    suspected = any(item.is_suspected for item in prey)
    errors = any(item.totals is not None and item.totals.errors for item in prey)
    return 1 if caught or suspected or errors or unseen else 0


def is_unseen(prey: Prey) -> bool:
    """Whether not one instance was evaluated, though the step can be hunted."""
    known = prey.finding is not None or prey.tried or (prey.totals and prey.totals.instances)
    return not prey.skipped and not known


def print_prey(out: Console, prey: Prey) -> None:
    """One line for the step, and its counterexample or what went wrong."""
    if prey.skipped:
        out.print(Text(f"· {prey.step:<28} not hunted: {prey.skipped}", style="dim"))
        return
    totals = prey.totals
    count = prey.tried + (totals.instances if totals is not None else 0)
    ratio = totals.ratio if totals is not None else 0.0
    if is_unseen(prey):
        why = "the budget ended before, or no family can evaluate it"
        out.print(Text(f"? {prey.step:<28} no instance evaluated: {why}", style="yellow"))
    elif prey.is_suspected:
        what = "trajectories" if prey.late else "instances"
        words = f"{count:>12,} {what}, violated in floats alone: ratio {ratio:.6f}"
        out.print(Text(f"? {prey.step:<28} {words}", style="yellow"))
    elif prey.late:
        words = f"{count:>12,} trajectories, float ratio {ratio:.6f}"
        out.print(Text(f"~ {prey.step:<28} {words}", style="cyan"))
    elif prey.finding is None:
        words = f"{count:>12,} instances, largest ratio {ratio:.9f}"
        out.print(Text(f"✓ {prey.step:<28} {words}", style="green"))
    else:
        how = "refuted again by a kept instance" if prey.replayed else "refuted"
        out.print(Text(f"✗ {prey.step:<28} {how}", style="bold red"))
        small = InstanceData.from_json(prey.finding.minimal).describe()
        out.print(Text(f"    counterexample ({prey.finding.arithmetic}): {small}"), soft_wrap=True)
    for error in totals.errors if totals is not None else ():
        out.print(Text(f"    a chunk was lost: {error}", style="yellow"), soft_wrap=True)


def seconds_of(text: str) -> float:
    """The seconds in `90s`, `10m`, `2h` or a plain number.  Raises ValueError."""
    units = {"s": 1.0, "m": 60.0, "h": 3600.0}
    number, unit = (text[:-1], units[text[-1]]) if text[-1:] in units else (text, 1.0)
    seconds = float(number) * unit
    if not 0 < seconds < float("inf"):
        raise ValueError(f"a budget is a positive time, not {text!r}")
    return seconds
