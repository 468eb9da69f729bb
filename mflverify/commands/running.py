"""Commands that run flows: trajectories, rates, studies."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mflverify.commands.options import proofs_option, reports_option, seed_option

_seconds_option = click.option(
    "--seconds",
    type=click.FloatRange(min=0.1),
    default=600.0,
    show_default=True,
    help="Wall-clock time after which a run is given up as undecided.",
)


@click.command()
@click.argument("model")
@click.option("--duration", type=click.FloatRange(min=1e-6), default=10.0, show_default=True)
@click.option("--outputs", type=click.IntRange(min=1), default=100, show_default=True)
@click.option(
    "--modes",
    type=click.IntRange(min=1),
    default=None,
    help="Wave numbers kept in each direction [default: doubled until resolved].",
)
@click.option(
    "--tolerance",
    type=click.FloatRange(1e-14, 1e-2),
    default=1e-10,
    show_default=True,
    help="Relative error allowed in each step.",
)
@_seconds_option
@click.option(
    "--check", is_flag=True, help="Run again, with more modes and smaller steps, and compare."
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("simulations"),
    show_default=True,
    help="Where the Parquet table and the SVG and PNG figures go.",
)
def simulate(
    model: str,
    duration: float,
    outputs: int,
    modes: int | None,
    tolerance: float,
    seconds: float,
    *,
    check: bool,
    out: Path,
) -> None:
    """Follow a flow from an initial datum to its equilibrium.

    MODEL is a preset or a TOML or JSON file (docs/dynamics.md says what is in one):

    \b
      kuramoto, von-mises, cubic-energy   gradient flows on the circle
      torus-2d                            a gradient flow on the 2-torus
      matching-pennies, two-timescales    descent-ascent
      three-players                       a polymatrix game
      desai-zwanzig, gaussian             gradient flows on the line
      double-well-game                    descent-ascent on the line

    The run is resolved, or undecided with its reason: blow-up, a negative density, too few modes,
    a free energy that grows, no time left.  Exits with 1 when undecided.

    \b
    Examples:
      mflverify simulate kuramoto --check
      mflverify simulate my-model.toml --duration 50 --out results
    """
    from mflverify.dynamics.simulation import Limits  # noqa: PLC0415  (keeps --help fast)
    from mflverify.studies.terminal import simulate_command  # noqa: PLC0415

    sys.exit(
        simulate_command(
            model,
            duration=duration,
            outputs=outputs,
            modes=modes,
            limits=Limits(tolerance=tolerance, seconds=seconds),
            check=check,
            out=out,
        )
    )


@click.command()
@click.argument("model")
@click.option(
    "--tolerance",
    type=click.FloatRange(1e-14, 1e-2),
    default=1e-8,
    show_default=True,
    help="Relative error allowed in each step.",
)
@_seconds_option
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="Keep the run behind the measured rate there.",
)
def rate(model: str, tolerance: float, seconds: float, out: Path | None) -> None:
    """Compare the rates of a flow: guaranteed, conjectured, measured.

    MODEL is a preset or a file, as for `mflverify simulate`.  Rates are those of chi2, twice the
    rates of distances.  Guaranteed: by the theorems, from certified Poincare constants.
    Conjectured: twice the least real part in the spectrum of the linearised flow, computed in two
    ways.  Measured: fitted to the second half of a long run, with an error bar.

    \b
    Example:
      mflverify rate matching-pennies
    """
    from mflverify.dynamics.simulation import Limits  # noqa: PLC0415  (keeps --help fast)
    from mflverify.studies.terminal import rate_command  # noqa: PLC0415

    sys.exit(rate_command(model, limits=Limits(tolerance=tolerance, seconds=seconds), out=out))


STUDY_NAMES = (
    "conclusions",
    "basin",
    "exact-rate",
    "critical-slack",
    "low-temperature",
    "particles",
    "known",
)


@click.command()
@click.argument("name", type=click.Choice(STUDY_NAMES))
@click.option(
    "--count",
    type=click.IntRange(min=0),
    default=0,
    help="Random instances of each kind [default: the study's own number].",
)
@seed_option
@proofs_option
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("studies"),
    show_default=True,
    help="Where tables and figures go; finished parts in it are not computed again.",
)
@reports_option("Folder for rates.json, which `conclusions` writes.")
def study(name: str, count: int, seed: int, root: Path, out: Path, reports: Path) -> None:
    """Run a study: many trajectories, a table (Parquet) and figures (SVG, PNG).

    \b
      conclusions      every theorem with a rate on random trajectories, inside,
                       at the edge of and far outside its ball; one figure each;
                       rates.json, which the reports show
      basin            how much larger the true basin is than the ball
      exact-rate       the conjectured exact rate on random instances
      critical-slack   algebraic decay where the slack equals the temperature
      low-temperature  Poincare against log-Sobolev constants
      particles        particles against the equation, error against N
      known            published results found again

    An interrupted study goes on where it was when run again with the same seed and folder; a
    larger --count only adds instances.  Exits with 1 when a bound is broken inside its ball, a
    known result is not found, a figure cannot be drawn (the others are saved), or
    anything is undecided.

    \b
    Examples:
      mflverify study known
      mflverify study conclusions --count 40 --seed 3
    """
    from mflverify.studies.study import Request  # noqa: PLC0415  (keeps --help fast)
    from mflverify.studies.terminal import study_command  # noqa: PLC0415

    request = Request(count=count, seed=seed, proofs=root, out=out, reports=reports)
    sys.exit(study_command(name, request))
