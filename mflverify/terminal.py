"""What the commands print: progress while checking, one line a statement and one a step."""

from __future__ import annotations

import io
import shutil
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.text import Text

from mflverify.expr.printing import to_unicode
from mflverify.expr.terms import Relation
from mflverify.ledger.records import Ledger, StatementRecord, StepRecord
from mflverify.progress import progress
from mflverify.proof.facts import Fact
from mflverify.proof.legend import source_and_legend
from mflverify.proof.loader import Proofs
from mflverify.proof.statement import Application, Statement, Step
from mflverify.verification.cache import Cache
from mflverify.verification.record import Printer, hypothesis_label

MARKS = {"green": "✓", "red": "✗", "unknown": "?", "known": "≠"}
LACKING = ("in part", "missing")  # states of items of a paper with something still to do
STYLES = {"green": "green", "red": "bold red", "unknown": "yellow", "known": "magenta"}


def console() -> Console:
    """A console as wide as the terminal, 80 columns when there is none; colour only on a terminal.

    Into a pipe or file goes UTF-8 whatever the locale says, so that no sign is lost; a terminal
    that lacks a sign shows a question mark.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        if sys.stdout.isatty():
            sys.stdout.reconfigure(errors="replace")
        else:
            sys.stdout.reconfigure(encoding="utf-8")
    width = shutil.get_terminal_size((80, 24)).columns
    return Console(width=max(60, width), highlight=False, soft_wrap=False)


def print_folded(
    out: Console, text: str, indent: str = "", style: str = "", *, hanging: int = 2
) -> None:
    """Print text on lines no wider than the console, further ones `hanging` more to the right.

    Words stay whole.
    """
    lines = textwrap.wrap(
        text,
        out.width,
        initial_indent=indent,
        subsequent_indent=indent + " " * hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )
    for line in lines:
        out.print(Text(line, style=style), soft_wrap=True)


def colour_of(step: StepRecord) -> str:
    """`green`, `red`, `unknown` or `known` (acknowledged as false, and refuted again)."""
    if step.green:
        return "green"
    if step.acknowledged and not step.failure:
        return "known"
    return (
        "red" if "refuted" in step.empirical or step.logical in ("open", "disproved") else "unknown"
    )


def verify_command(
    root: Path,
    load: Callable[[], Proofs],
    labels: list[str] | None,
    *,
    reports: Path,
    profile: str,
    seed: int,
    jobs: int | None,
    examples: bool,
    quiet: bool,
    cache: Cache | None,
    sarif: Path | None = None,
) -> int:
    """Run, report and print; returns the exit status.

    root, load: the folder of proofs, and how it is read; it is not when nothing has changed since
    the run that wrote the ledger in `reports`.
    """
    from mflverify.ledger import campaign_files, store
    from mflverify.report import write_reports
    from mflverify.verification.unchanged import Beginning, remember, unchanged

    def begin() -> Beginning:
        return Beginning.of(root, labels, profile=profile, seed=seed, examples=examples)

    out = console()
    file = reports / "ledger.json"
    campaigns = _campaigns(file)
    beginning = begin() if cache is not None else None
    ledger = unchanged(cache, beginning, file) if cache is not None and beginning else None
    same = ledger is not None
    if ledger is None:
        ledger = run_with_progress(
            load(),
            labels,
            profile=profile,
            seed=seed,
            jobs=jobs,
            examples=examples,
            cache=cache,
        )
        reports.mkdir(parents=True, exist_ok=True)
        store.write(ledger, file)
        if cache is not None and beginning is not None:
            remember(cache, beginning, begin(), ledger, file)
    made_from = (file, *campaign_files(file))
    written = write_reports(ledger, reports, campaigns=campaigns, made_from=made_from, sarif=sarif)
    if not quiet:
        for statement in ledger.statements:
            print_statement(out, statement)
    print_summary(out, ledger)
    _print_files(out, [*written, file])
    if same:
        out.print(f"{'unchanged':<10} since the run that wrote this ledger")
    print_cache(out, cache)
    return 1 if ledger.failures else 0


def report_command(
    file: Path, folder: Path | None, *, sarif: Path | None, status: Path | None
) -> int:
    """Write the reports of a ledger again, checking nothing; returns the exit status."""
    import click

    from mflverify.ledger import LedgerError, campaign_files, read
    from mflverify.report import write_reports

    out = console()
    try:
        ledger = read(file)
        written = write_reports(
            ledger,
            folder or file.parent,
            campaigns=_campaigns(file),
            made_from=(file, *campaign_files(file)),
            sarif=sarif,
            status=status,
        )
    except LedgerError as error:
        raise click.ClickException(str(error)) from error
    except ValueError as error:
        raise click.ClickException(f"{file}: {error}") from error
    print_summary(out, ledger)
    _print_files(out, written)
    return 0


def _campaigns(file: Path) -> tuple[Ledger, ...]:
    """What campaigns left beside a ledger; a damaged file is told before anything runs."""
    import click

    from mflverify.ledger import LedgerError, campaigns_beside

    try:
        return campaigns_beside(file)
    except LedgerError as error:
        raise click.ClickException(str(error)) from error


def _print_files(out: Console, files: list[Path]) -> None:
    for position, file in enumerate(files):
        out.print(Text(f"{'' if position else 'reports':<10} {file}"), soft_wrap=True)


def run_with_progress(
    proofs: Proofs,
    labels: list[str] | None = None,
    *,
    profile: str,
    seed: int,
    jobs: int | None,
    examples: bool,
    cache: Cache | None,
) -> Ledger:
    """A run with a bar on standard error while it lasts.

    Raises click.ClickException when proof files are saved before all processes have read them.
    """
    import click

    from mflverify.verification.pool import ProofsChangedError
    from mflverify.verification.run import Done, run

    with progress("checking") as advance:

        def told(done: Done, count: int, total: int) -> None:
            advance(done.task.label, count, total)

        try:
            return run(
                proofs,
                labels,
                profile=profile,
                seed=seed,
                workers=jobs,
                examples=examples,
                cache=cache,
                progress=told,
            )
        except ProofsChangedError as error:
            raise click.ClickException(str(error)) from error


def print_cache(out: Console, cache: Cache | None) -> None:
    """What was wrong with the kept results, if anything."""
    if cache is not None and cache.damaged:
        count = len(cache.damaged)
        entries = "entry was" if count == 1 else "entries were"
        out.print(f"{'cache':<10} {count} {entries} not what had been written; computed again")
    if cache is not None and cache.problem:
        out.print(Text(f"{'cache':<10} results are not kept: {cache.problem}"), soft_wrap=True)


def print_statement(out: Console, statement: StatementRecord) -> None:
    """One line for the statement and one for each step, with both findings."""
    colour = {"closed": "green", "refuted": "red", "open": "red"}.get(statement.status, "unknown")
    head = Text(f"{MARKS[colour]} {statement.label}", style=STYLES[colour])
    head.append(f"  {statement.status}  {statement.title}", style="default")
    out.print(head, overflow="ellipsis", no_wrap=True)
    witness = statement.witness
    held = f"on the {witness.family} family ({witness.arithmetic})" if witness.found else "nowhere"
    out.print(Text(f"  hypotheses hold {held}", style="dim" if witness.found else STYLES["red"]))
    for step in statement.steps:
        shade = colour_of(step)
        line = Text("  ")
        line.append(f"{MARKS[shade]} ", style=STYLES[shade])
        line.append(f"{step.name:<20.20} {step.logical:<10} {_evidence(step)}")
        out.print(line, overflow="ellipsis", no_wrap=True)
        if step.failure:
            print_folded(out, step.claim.unicode, "      ")
            print_folded(out, f"{step.location}: {step.failure}", "      ", STYLES[shade])
            for item in step.evidence:
                if item.verdict == "refuted":
                    print_folded(out, f"counterexample: {item.minimal or item.instance}", "      ")


def _evidence(step: StepRecord) -> str:
    same = [e for e in step.evidence if e.verdict == step.empirical]
    count = sum(e.instances for e in same)
    margins = [float(e.margin) for e in same if e.margin]
    worst = f"  margin {min(margins):.2g}" if margins and step.empirical != "exact" else ""
    return f"{step.empirical} {count}{worst}" if same else step.empirical


def print_summary(out: Console, ledger: Ledger) -> None:
    """How many of each finding there are, and what failed."""
    counts = ledger.counts()
    for kind in ("logical", "empirical"):
        listed = ", ".join(f"{n} {verdict}" for verdict, n in sorted(counts[kind].items()))
        out.print(f"{kind:<10} {listed or 'none'}")
    known = sum(bool(step.acknowledged) for s in ledger.statements for step in s.steps)
    closed = sum(s.status == "closed" for s in ledger.statements)
    out.print(f"{'closed':<10} {closed} of {len(ledger.statements)} statements")
    wanted = [item for item in ledger.coverage if item.state != "out of scope"]
    if wanted:
        have, part = (sum(r.state == s for r in wanted) for s in ("formalised", "in part"))
        more = f", {part} in part" if part else ""
        out.print(
            f"{'coverage':<10} {have} of {len(wanted)} listed items of the papers formalised{more}"
        )
    if known:
        out.print(f"{'known':<10} {known} claims acknowledged as false, each refuted again")
    for example in ledger.examples:
        if not example.passed:
            text = f"✗ {example.name} ({example.functional}): {example.formula}"
            print_folded(out, text, style=STYLES["red"])
    if ledger.examples:
        good = sum(example.passed for example in ledger.examples)
        out.print(
            f"{'examples':<10} {good} of {len(ledger.examples)} derivatives agree to 45 digits"
        )
    for problem in ledger.problems:
        step = f" [{problem.step}]" if problem.step else ""
        print_folded(out, f"✗ {problem.where}{step}: {problem.message}", style=STYLES["red"])
    for failure in ledger.failures:
        if not any(failure.startswith(problem.where) for problem in ledger.problems):
            print_folded(out, f"✗ {failure}", style=STYLES["red"])


def evaluate_command(step: Step, file: Path, arithmetic: str, bits: int) -> int:
    """Both sides of a step on an instance from a file; returns the exit status."""
    import json

    import click

    from mflverify.engines.empirical import compare
    from mflverify.models import InstanceData, Request, Unavailable, interpret
    from mflverify.models.bounds import start_of
    from mflverify.models.relevance import gives, relevant

    claim = start_of(step.claim)
    hypotheses = (*step.statement.given, *step.assuming)
    needed = relevant(claim, hypotheses)
    try:
        data = InstanceData.from_json(json.loads(file.read_text(encoding="utf-8")))
        # recorded instances leave out constants that the claim does not need; a full one is checked
        asked = [h for h in hypotheses if h in needed or gives(data, h)]
        request = Request.of(claim, hypotheses=asked)
        sides = compare(claim, interpret(data, request, arithmetic, bits))  # type: ignore[arg-type]
    except (ValueError, Unavailable) as error:
        raise click.ClickException(f"{file}: {step.label}: {error}") from error
    out = console()
    out.print(Text(to_unicode(step.claim, width=out.width - 4)), soft_wrap=True)
    out.print(Text(f"instance    {data.describe()}"), soft_wrap=True)
    out.print(f"left side   {sides.lhs}")
    out.print(f"right side  {sides.rhs}")
    word = {True: "holds", False: "fails", None: "undecided: the ball straddles"}[sides.holds]
    out.print(f"{word}, relative margin {sides.margin:.6g}")
    return 0 if sides.holds is True else 1


# ------------------------------------------------------------------------------- show and list


def show_statement(statement: Statement, only: str = "") -> None:
    """The hypotheses and steps of a statement, formulas and reasons, in at most 80 columns."""
    out = console()
    spaces = Printer.of(statement).show_spaces
    width = min(out.width, 100) - 6

    def formula(node, indent: str) -> None:
        for line in to_unicode(node, width=width, show_spaces=spaces).splitlines():
            out.print(Text(f"{indent}{line}"), soft_wrap=True)

    print_folded(out, f"{statement.label}  {statement.title}", style="bold")
    if told := source_and_legend(statement):
        print_folded(out, f"{statement.kind}, {told}", style="dim")
    if statement.given and not only:
        out.print("\nGiven")
        for relation in statement.given:
            formula(relation, "    ")
    for step in statement.steps:
        if only and step.name != only:
            continue
        word = "Conclusion" if step.conclusion else "Step"
        out.print(Text(f"\n{word} {step.name}", style="bold"))
        formula(step.claim, "    ")
        for relation in step.assuming:
            out.print("    where")
            formula(relation, "      ")
        for name, reasons in _by_name(step, spaces).items():
            times = f" ({len(reasons)} times)" if len(reasons) > 1 else ""
            print_folded(out, f"by {name}{times}", "    ", "cyan")
            for reason in reasons:
                if only and isinstance(reason, Application):
                    for relation in reason.content.conclusions:
                        formula(relation, "      ")
        if step.note:
            print_folded(out, f"({step.note})", "    ", "dim")


def _by_name(step: Step, spaces: bool) -> dict[str, list[object]]:
    """The reasons of a step; a fact or lemma used at several places stands once."""
    named: dict[str, list[object]] = {}
    for reason in step.because:
        named.setdefault(_reason_name(reason, step, spaces), []).append(reason)
    return named


def _reason_name(reason: object, step: Step, spaces: bool) -> str:
    match reason:
        case Step():
            return f"step {reason.name}"
        case Statement():
            return f"{reason.label}: {reason.title}"
        case Application(source=Fact() as source):
            return source.title
        case Application(source=Statement() as source):
            return f"{source.label}: {source.title}"
        case Relation():
            text = to_unicode(reason, show_spaces=spaces)
            return f"{hypothesis_label(reason, step)}: {text}"
        case _:
            raise TypeError(f"{reason!r} is not a reason")


def list_statements(proofs: Proofs) -> None:
    """One line a statement, then what could not be read."""
    out = console()
    longest = max(map(len, proofs.statements), default=0)
    for statement in proofs.statements.values():
        count = f"{len(statement.steps)} step{'s' if len(statement.steps) != 1 else ''}"
        line = f"{statement.label:<{longest}}  {count:<9} {statement.title}"
        print_folded(out, line, hanging=longest + 12)
    for problem in proofs.problems:
        step = f" [{problem.step}]" if problem.step else ""
        print_folded(out, f"✗ {problem.where}{step}: {problem.message}", style=STYLES["red"])


def coverage_command(proofs: Proofs, *, only_missing: bool) -> int:
    """A line an item of each paper; returns the exit status."""
    from rich.markup import escape
    from rich.table import Table

    from mflverify.verification.coverage import coverage

    out = console()
    records = coverage(proofs)
    marks = {"formalised": "✓", "in part": "~", "missing": "✗", "out of scope": "–"}
    for paper in dict.fromkeys(record.paper for record in records):
        items = [r for r in records if r.paper == paper]
        table = Table(title=escape(paper), title_justify="left", box=None, pad_edge=False)
        for column in ("", "item", "section", "what it is"):
            table.add_column(column, no_wrap=column in ("item", "section"))
        for r in items:
            if r.state in LACKING or not only_missing:
                what = f"{r.title} ({r.reason})" if r.reason else r.title
                table.add_row(marks[r.state], escape(r.label), r.section, escape(what))
        out.print(table)
        counts = [f"{sum(r.state == state for r in items)} {state}" for state in marks]
        out.print(f"{len(items)} items: {', '.join(counts)}")
    return 1 if any(r.state in LACKING for r in records) else 0
