"""What the commands `simulate`, `rate` and `study` do and print."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Context
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from mflverify.dynamics.simulation import Limits, UndecidedError
from mflverify.dynamics.spectrum import Spectrum, SpectrumError
from mflverify.ledger import store
from mflverify.ledger.gather import RATES
from mflverify.ledger.records import Ledger
from mflverify.studies.exact_rate import Rates, rates
from mflverify.studies.model_file import load_case
from mflverify.studies.reading import ModelFileError
from mflverify.studies.storage import MissingExtraError, Row
from mflverify.studies.study import STUDIES, Request
from mflverify.studies.summaries import Summary
from mflverify.studies.trajectory import Simulation, accuracy, save_simulation, simulate_case

UNDECIDED = 1


def progress_bar(console: Console) -> Progress:
    """A bar with the share done and the time left; it disappears when done."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )


def simulate_command(
    model: str,
    *,
    duration: float,
    outputs: int,
    modes: int | None,
    limits: Limits,
    check: bool,
    out: Path,
) -> int:
    """Simulate, print, save.  0 when resolved, 1 when undecided."""
    console = Console()
    with _misuse():
        case = load_case(model)
        with progress_bar(console) as bar:
            task = bar.add_task(case.name, total=1.0)
            simulation = simulate_case(
                case,
                duration,
                outputs=outputs,
                modes=modes,
                limits=limits,
                progress=lambda share: bar.update(task, completed=share),
            )
        console.print(_functionals(simulation))
        console.print(_summary(simulation), highlight=False)
        if check and not simulation.run.reason:
            with console.status("more modes, a hundredth of the tolerance"):
                try:
                    line = f"changes by {accuracy(simulation):.1e} (relative)"
                except UndecidedError as error:
                    line = f"could not be checked: {error}"
            console.print(
                f"With half as many modes again and a smaller tolerance the last state {line}."
            )
        for path in save_simulation(simulation, out, Path(model).stem):
            console.print(f"wrote {path}", highlight=False, soft_wrap=True)
    return UNDECIDED if simulation.run.reason else 0


class _misuse:  # noqa: N801  (a context manager, used like a function)
    """Turns errors of the user's input into one clear line."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if isinstance(error, ModelFileError | MissingExtraError):
            raise click.UsageError(str(error)) from None


def _functionals(simulation: Simulation) -> Table:
    run = simulation.run
    table = Table(title=simulation.case.name)
    energy = bool(run.free_energy[0] == run.free_energy[0])
    for heading in ("time", "χ²", "dual norm²", "KL", *(["free energy"] if energy else [])):
        table.add_column(heading, justify="right")
    chosen = sorted({round(i * (len(run.times) - 1) / 10) for i in range(11)})
    for i in chosen:
        values = [run.chi2[i].sum(), run.dual[i].sum(), run.entropy[i].sum()]
        values += [run.free_energy[i]] if energy else []
        table.add_row(f"{run.times[i]:.4g}", *(f"{value:.6e}" for value in values))
    return table


def _summary(simulation: Simulation) -> str:
    run = simulation.run
    words = (
        f"{simulation.modes} modes, {run.steps} steps ({run.rejected} rejected); least density {run.lowest:.3g} of the mean, "
        f"{run.tail:.1e} of the norm in the upper third of the modes."
    )
    if run.reason:
        return f"[bold red]undecided[/]: {run.reason}\n{words}"
    return f"[bold green]resolved[/]: {words}"


def rate_command(model: str, *, limits: Limits, out: Path | None) -> int:
    """Print the rates of a model.  0 when all are found, 1 when something is undecided."""
    console = Console()
    with _misuse():
        case = load_case(model)
        try:
            with progress_bar(console) as bar:
                task = bar.add_task(case.name, total=1.0)
                found = rates(
                    case, limits=limits, progress=lambda share: bar.update(task, completed=share)
                )
        except SpectrumError as error:
            console.print(f"[bold red]undecided[/]: {error}", highlight=False)
            return UNDECIDED
        console.print(_rates_table(found, case.name))
        if out is not None and found.simulation is not None:
            for path in save_simulation(found.simulation, out, Path(model).stem):
                console.print(f"wrote {path}", highlight=False, soft_wrap=True)
    return UNDECIDED if found.undecided else 0


def _rates_table(found: Rates, name: str) -> Table:
    table = Table(title=f"{name}: rates of χ²", show_lines=False)
    table.add_column("rate")
    table.add_column("value", justify="right")
    table.add_column("what it is")
    low, high = found.log_sobolev
    c, s = found.constants, found.spectrum
    alphas = ", ".join(f"{alpha:.6g}" for alpha in c.alpha)
    table.add_row("by log-Sobolev", f"{low:.4g} .. {high:.4g}", "with the constant ρ ≤ α for α")
    table.add_row(
        "guaranteed",
        f"{found.guaranteed:.8g}",
        f"2 min η α (τ - λ), up to any ε: α = {alphas}, λ = {c.slack:.3g}",
    )
    first = s.eigenvalues[0]
    table.add_row(
        "conjectured",
        f"{s.rate:.8g}",
        f"2 Re z, z = {first.real:.6g}{abs(first.imag):+.6g}i; " + _certainty(s),
    )
    fit = found.measured
    if found.undecided or fit is None:
        table.add_row("measured", "undecided", found.undecided)
    else:
        table.add_row(
            "measured",
            f"{fit.rate:.8g} ± {fit.error:.1g}",
            f"slope of log χ² for t in [{fit.start:.4g}, {fit.end:.4g}]",
        )
    return table


def _certainty(spectrum: Spectrum) -> str:
    found = spectrum.enclosure
    if found is None:
        return f"found twice, to {spectrum.disagreement:.0e}, not proved"
    down, up = (Context(prec=10, rounding=way) for way in (ROUND_FLOOR, ROUND_CEILING))
    lower, upper = down.create_decimal(found.lower), up.create_decimal(found.upper)
    return f"proved: from {lower} to {upper}"


def study_command(name: str, request: Request) -> int:
    """Run a study, print its table, save tables, figures and the rates that reports show.

    1 for anything bad or undecided.
    """
    console = Console()
    with _misuse():
        try:
            study = STUDIES[name](request)
        except (ValueError, FileNotFoundError) as error:
            raise click.UsageError(str(error)) from None
        rows: list[Row] = []
        total = sum(campaign.count for campaign in study.campaigns)
        with progress_bar(console) as bar:
            done = sum(len(campaign.finished()) for campaign in study.campaigns)
            task = bar.add_task(name, total=total, completed=done)
            for campaign in study.campaigns:
                offset = sum(len(c.finished()) for c in study.campaigns if c is not campaign)
                found = campaign.run(
                    lambda finished, offset=offset: bar.update(task, completed=offset + finished)
                )
                rows.extend(found)
        summary = study.summary(rows)
        console.print(_summary_table(summary))
        if summary.note:
            console.print(summary.note, highlight=False)
        for campaign in study.campaigns:
            console.print(f"wrote {campaign.table}", highlight=False, soft_wrap=True)
        lost, unsound = 0, 0
        if study.rates is not None:
            try:
                unsound = _write_rates(console, study.rates(), request.reports)
            except ArithmeticError as error:
                lost += 1
                console.print(_undecided(RATES, error), highlight=False, soft_wrap=True)
        for figure, draw in study.figures.items():
            try:
                for path in draw(rows).save(request.out):
                    console.print(f"wrote {path}", highlight=False, soft_wrap=True)
            except MissingExtraError:
                raise
            except Exception as error:  # whatever is wrong with one figure, the others are saved
                lost += 1
                console.print(
                    _undecided(f"figure {figure}", error), highlight=False, soft_wrap=True
                )
        if summary.bad or summary.undecided:
            console.print(
                f"[bold red]{summary.bad} bad, {summary.undecided} undecided[/]", highlight=False
            )
    return UNDECIDED if summary.bad or summary.undecided or lost or unsound else 0


def _undecided(what: str, error: Exception) -> str:
    """What is missing and why; errors other than those of arithmetic with their kind."""
    kind = "" if isinstance(error, ArithmeticError) else f"{type(error).__name__}: "
    return f"[bold red]undecided[/]: no {escape(what)}: {escape(kind + str(error))}"


def _write_rates(console: Console, found: Ledger, reports: Path) -> int:
    """Write rates.json; how many of its trajectories break their bound or are undecided."""
    reports.mkdir(parents=True, exist_ok=True)
    store.write(found, reports / RATES)
    console.print(f"wrote {reports / RATES}", highlight=False, soft_wrap=True)
    unsound = sum(record.verdict in ("violated", "undecided") for record in found.rates)
    if unsound:
        console.print(
            f"[bold red]{unsound} of its trajectories break their bound or are undecided[/]",
            highlight=False,
        )
    return unsound


def _summary_table(summary: Summary) -> Table:
    table = Table(title=summary.title)
    for number, heading in enumerate(summary.headings):
        table.add_column(heading, justify="right" if number > 1 else "left")
    for line in summary.lines:
        table.add_row(*line)
    return table
