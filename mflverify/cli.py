"""The command line; `mflverify --help` lists the commands.

Heavy modules are imported inside the commands, so that `--help` answers at once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mflverify import __version__

if TYPE_CHECKING:
    from mflverify.proof.loader import Proofs
    from mflverify.verification.cache import Cache

PROFILE_NAMES = ("quick", "default", "deep")

_proofs_option = click.option(
    "--proofs",
    "root",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("proofs"),
    show_default=True,
    help="Folder with one subfolder a paper.",
)


_no_cache_option = click.option(
    "--no-cache", is_flag=True, help="Compute everything; read and keep no earlier results."
)
_baseline_option = click.option(
    "--baseline",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("reports/baseline.json"),
    show_default=True,
    help="The recorded baseline.",
)
_jobs_option = click.option(
    "--jobs", type=click.IntRange(min=1), default=None, help="Processes [default: cores]."
)
_sarif_option = click.option(
    "--sarif",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help="Also write the findings in SARIF, for code hosts and editors.",
)
_seed_option = click.option(
    "--seed", type=int, default=0, show_default=True, help="Seed of all random draws."
)


def _reports_option(purpose: str) -> Callable[[Any], Any]:
    return click.option(
        "--reports",
        type=click.Path(file_okay=False, path_type=Path),
        default=Path("reports"),
        show_default=True,
        help=purpose,
    )


_own_profile_option = click.option(
    "--profile",
    type=click.Choice(PROFILE_NAMES),
    default=None,
    help="How many instances each engine tries [default: as the baseline, or default].",
)
_own_seed_option = click.option(
    "--seed", type=int, default=None, help="Seed of all draws [default: as the baseline, or 0]."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80})
@click.version_option(__version__)
def main() -> None:
    """Check proofs about mean-field Langevin dynamics, step by step.

    Every step is one expression that is printed, proved and evaluated on random and adversarial
    instances.  A step carries two findings: the logical one (proved, fact, lemma, open, disproved)
    and the empirical one (exact, certified, sampled, refuted, undecided).

    \b
    Typical use, in the folder that holds `proofs`:
      mflverify list               what there is; `list facts`: the facts
      mflverify show thm-4.1       a proof with its formulas
      mflverify verify             check everything, write reports/
      mflverify verify thm-4.1     check one statement and what it uses
      pytest proofs/               the same steps as tests
      mflverify report             write the reports of the last run again
      mflverify watch              check again on every save
      mflverify mutate thm-4.1     make every small mistake; see what notices
      mflverify constants          how sharp each constant is
      mflverify hunt thm-4.1       hunt counterexamples, as long as you like
      mflverify explain thm-4.1/error-x   why a step holds, down to facts
      mflverify trust              the facts that each statement rests on
      mflverify recheck reports/ledger.json   replay all proofs, no solver
      mflverify diff               what changed since the recorded baseline
      mflverify baseline update    accept what changed
    """


@main.command()
@click.argument("statements", nargs=-1)
@_proofs_option
@_reports_option("Where report.html, report.tex and ledger.json are written.")
@click.option(
    "--profile",
    type=click.Choice(PROFILE_NAMES),
    default="default",
    show_default=True,
    help="How many instances each engine tries.",
)
@_seed_option
@_jobs_option
@_no_cache_option
@click.option("--no-examples", is_flag=True, help="Leave out the closed-form examples.")
@_sarif_option
@click.option("--quiet", is_flag=True, help="Only the summary.")
def verify(
    statements: tuple[str, ...],
    root: Path,
    reports: Path,
    profile: str,
    seed: int,
    jobs: int | None,
    *,
    no_cache: bool,
    no_examples: bool,
    sarif: Path | None,
    quiet: bool,
) -> None:
    """Check STATEMENTS (labels such as thm-4.1) and what they use; without arguments, all.

    Results of unchanged steps are kept in .mflverify-cache and used again.  Exits with 1 when
    anything is open, undecided, refuted without being acknowledged, or cannot
    be read, and with 2 on misuse.
    """
    from mflverify.terminal import verify_command  # noqa: PLC0415  (keeps --help fast)

    def load() -> Proofs:
        proofs = _load(root)
        _require_known(proofs, statements)
        return proofs

    sys.exit(
        verify_command(
            root,
            load,
            list(statements) or None,
            reports=reports,
            profile=profile,
            seed=seed,
            jobs=jobs,
            examples=not no_examples and not statements,
            quiet=quiet,
            cache=_cache(no_cache=no_cache),
            sarif=sarif,
        )
    )


@main.command()
@click.argument(
    "ledger",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=Path("reports/ledger.json"),
)
@click.option(
    "--reports",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="Where report.html and report.tex are written [default: beside LEDGER].",
)
@_sarif_option
@click.option(
    "--status",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="Write mflstatus.sty and its data here, for your own LaTeX paper.",
)
def report(ledger: Path, reports: Path | None, sarif: Path | None, status: Path | None) -> None:
    """Write the reports of LEDGER [reports/ledger.json] again, without checking anything.

    What campaigns left beside it (constants.json, mutants.json, rates.json) is shown as well.
    """
    from mflverify.terminal import report_command  # noqa: PLC0415  (keeps --help fast)

    sys.exit(report_command(ledger, reports, sarif=sarif, status=status))


@main.command()
def schema() -> None:
    """Print the JSON Schema of ledgers."""
    import json  # noqa: PLC0415  (keeps --help fast)

    from mflverify.ledger import json_schema  # noqa: PLC0415

    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@main.command()
@click.argument("statement")
@_proofs_option
def show(statement: str, root: Path) -> None:
    """Print the proof of STATEMENT with its formulas; a label like thm-4.1/error-x shows one step."""
    from mflverify.terminal import show_statement  # noqa: PLC0415  (keeps --help fast)

    proofs = _load(root)
    label, _, step = statement.partition("/")
    _require_known(proofs, (label,))
    if step and step not in [s.name for s in proofs.statements[label].steps]:
        names = ", ".join(s.name for s in proofs.statements[label].steps)
        raise click.UsageError(f"{label} has no step {step!r}; it has {names}")
    show_statement(proofs.statements[label], step)


@main.command("list")
@click.argument("what", type=click.Choice(["statements", "facts"]), default="statements")
@_proofs_option
@click.option("--markdown", is_flag=True, help="Facts as the page docs/facts.md.")
def list_(what: str, root: Path, *, markdown: bool) -> None:
    """List all statements with their numbers of steps and the files they stand in.

    With `facts`: the facts of the library, whether they are sharp, and their sources.
    """
    if what == "facts":
        from mflverify.fact_library import list_facts  # noqa: PLC0415  (keeps --help fast)

        list_facts(markdown=markdown)
        return
    if markdown:
        raise click.UsageError("--markdown is for `list facts`")
    from mflverify.terminal import list_statements  # noqa: PLC0415  (keeps --help fast)

    proofs = _load(root)
    list_statements(proofs)
    sys.exit(1 if proofs.problems else 0)


@main.command()
@_proofs_option
@click.option("--missing", is_flag=True, help="Only what is missing, or here in part.")
def coverage(root: Path, *, missing: bool) -> None:
    """List the numbered items of the papers, and what formalises each.

    Items are those of proofs/PAPER/paper.toml.  Exits with 1 when one is neither formalised nor
    waived there with a reason.
    """
    from mflverify.terminal import coverage_command  # noqa: PLC0415  (keeps --help fast)

    sys.exit(coverage_command(_load(root), only_missing=missing))


@main.command()
@click.argument("step")
@click.argument("instance", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_proofs_option
@click.option(
    "--arithmetic",
    type=click.Choice(("exact", "ball")),
    default="ball",
    show_default=True,
    help="Rationals, or balls that contain the true values.",
)
@click.option("--bits", type=click.IntRange(min=24), default=128, show_default=True)
def evaluate(step: str, instance: Path, root: Path, arithmetic: str, bits: int) -> None:
    """Evaluate both sides of STEP (such as lem-3.9/bound) on the INSTANCE in a JSON file.

    The file holds an instance as the ledger records them, for example the counterexample of a
    refuted step.  All hypotheses are verified first.  Exits with 1 when the claim fails there.
    """
    from mflverify.terminal import evaluate_command  # noqa: PLC0415  (keeps --help fast)

    proofs = _load(root)
    label, _, name = step.partition("/")
    _require_known(proofs, (label,))
    found = [s for s in proofs.statements[label].steps if s.name == name]
    if not found:
        names = ", ".join(s.name for s in proofs.statements[label].steps)
        raise click.UsageError(f"{label} has no step {name!r}; it has {names}")
    sys.exit(evaluate_command(found[0], instance, arithmetic, bits))


@main.command()
@click.argument("old", required=False)
@click.argument("new", required=False)
@_proofs_option
@_baseline_option
@_own_profile_option
@_own_seed_option
@_jobs_option
@_no_cache_option
@click.option(
    "--format",
    "style",
    type=click.Choice(("terminal", "markdown")),
    default="terminal",
    show_default=True,
    help="Markdown fits a comment on a change request.",
)
@click.option(
    "--rerun", is_flag=True, help="Examine the proofs of a git revision, not its recorded baseline."
)
def diff(
    old: str | None,
    new: str | None,
    root: Path,
    baseline: Path,
    profile: str | None,
    seed: int | None,
    jobs: int | None,
    *,
    no_cache: bool,
    style: str,
    rerun: bool,
) -> None:
    """Show what changed from OLD [the baseline] to NEW [the working tree].

    Each is a ledger or baseline file, a folder of proofs, or a git revision (the baseline recorded
    in it, or its proofs examined when it has none).  Exits with 1 when there is something that a
    person has to accept: anything worse, or the mathematics changed; `mflverify baseline update`
    accepts it.
    """
    from mflverify.changes import diff_command  # noqa: PLC0415  (keeps --help fast)

    status = diff_command(
        old or str(baseline),
        new or str(root),
        root=root,
        baseline=baseline,
        profile=profile,
        seed=seed,
        jobs=jobs,
        cache=_cache(no_cache=no_cache),
        markdown=style == "markdown",
        rerun=rerun,
    )
    sys.exit(status)


@main.group("baseline")
def baseline_group() -> None:
    """Keep the recorded state of all proofs, reports/baseline.json."""


@baseline_group.command()
@_proofs_option
@_baseline_option
@_own_profile_option
@_own_seed_option
@_jobs_option
@_no_cache_option
@click.option("--yes", is_flag=True, help="Do not ask.")
def update(
    root: Path,
    baseline: Path,
    profile: str | None,
    seed: int | None,
    jobs: int | None,
    *,
    no_cache: bool,
    yes: bool,
) -> None:
    """Check everything, show what changed, ask, and record it as the new baseline."""
    from mflverify.changes import update_command  # noqa: PLC0415  (keeps --help fast)

    sys.exit(
        update_command(
            _load(root),
            baseline,
            profile=profile,
            seed=seed,
            jobs=jobs,
            cache=_cache(no_cache=no_cache),
            sure=yes,
        )
    )


@main.command()
@click.argument("statements", nargs=-1)
@_proofs_option
@_reports_option("Folder for mutants.json.")
@_seed_option
@_jobs_option
@_no_cache_option
@click.option("--all", "everything", is_flag=True, help="Print every mutant, not only the holes.")
def mutate(
    statements: tuple[str, ...],
    root: Path,
    reports: Path,
    seed: int,
    jobs: int | None,
    *,
    no_cache: bool,
    everything: bool,
) -> None:
    """Make every small mistake in STATEMENTS (or steps, or all) and see which checks notice.

    Mutants are typed changes of claims and hypotheses: signs, factors, exponents, norms, dropped
    terms and hypotheses.  Exits with 1 when a mutant is neither killed nor shown to be harmless.
    """
    from mflverify.mutation.terminal import mutate_command  # noqa: PLC0415  (keeps --help fast)

    proofs = _load(root)
    _require_known(proofs, tuple(label.partition("/")[0] for label in statements))
    try:
        status = mutate_command(
            proofs,
            list(statements) or None,
            reports=reports,
            seed=seed,
            jobs=jobs,
            cache=_cache(no_cache=no_cache),
            everything=everything,
        )
    except KeyError as error:
        raise click.UsageError(f"no step {error.args[0]!r}") from error
    sys.exit(status)


@main.command()
@click.argument("statements", nargs=-1)
@_proofs_option
@_reports_option("Folder for constants.json.")
@_seed_option
@_jobs_option
@_no_cache_option
@click.option("--instances", is_flag=True, help="Print where each ratio is reached.")
def constants(
    statements: tuple[str, ...],
    root: Path,
    reports: Path,
    seed: int,
    jobs: int | None,
    *,
    no_cache: bool,
    instances: bool,
) -> None:
    """Find out how sharp the constants of STATEMENTS (or steps, or `facts`, or all) are.

    Maximises the ratio of the two sides of each inequality over the families of instances, and
    certifies the best ratio.  Exits with 1 when an inequality turns out to be false.
    """
    from mflverify.attack.terminal import constants_command  # noqa: PLC0415  (keeps --help fast)

    try:
        status = constants_command(
            _load(root),
            list(statements) or None,
            reports=reports,
            seed=seed,
            jobs=jobs,
            cache=_cache(no_cache=no_cache),
            instances=instances,
        )
    except KeyError as error:
        raise click.UsageError(f"no statement or step {error.args[0]!r}") from error
    sys.exit(status)


@main.command()
@click.argument("statements", nargs=-1, required=True)
@_proofs_option
@click.option("--budget", default="1m", show_default=True, help="Time, such as 90s, 10m or 2h.")
@click.option(
    "--chunks",
    "limit",
    type=click.IntRange(min=0),
    default=None,
    help="Stop after so many chunks for each step.",
)
@_seed_option
@_jobs_option
@click.option(
    "--store",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path(".mflverify-hunt/campaigns.sqlite"),
    show_default=True,
    help="File in which campaigns are kept.",
)
@click.option("--scheduler", default=None, help="Address of a Dask scheduler, tcp://HOST:PORT.")
def hunt(
    statements: tuple[str, ...],
    root: Path,
    budget: str,
    limit: int | None,
    seed: int,
    jobs: int | None,
    store: Path,
    scheduler: str | None,
) -> None:
    """Hunt counterexamples against STATEMENTS or single steps, on all cores or a Dask cluster.

    Counterexamples found before are tried first.  What was done is kept, so the same command
    continues after an interruption of any kind.  Exits with 1 when something is refuted.
    """
    from mflverify.attack.hunt import chosen_steps  # noqa: PLC0415  (keeps --help fast)
    from mflverify.attack.store import StoreError  # noqa: PLC0415
    from mflverify.attack.terminal import hunt_command, seconds_of  # noqa: PLC0415

    proofs = _load(root)
    _require_known(proofs, tuple(label.partition("/")[0] for label in statements))
    try:
        seconds = seconds_of(budget)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--budget") from error
    try:
        status = hunt_command(
            proofs,
            chosen_steps(proofs, list(statements)),
            store=store,
            budget=seconds,
            limit=limit,
            seed=seed,
            jobs=jobs,
            scheduler=scheduler,
        )
    except KeyError as error:
        raise click.UsageError(f"no step {error.args[0]!r}") from error
    except (StoreError, OSError) as error:
        raise click.ClickException(str(error)) from error
    except ModuleNotFoundError as error:
        if error.name not in ("dask", "distributed"):
            raise
        raise click.ClickException("--scheduler needs: pip install 'mflverify[cluster]'") from error
    sys.exit(status)


@main.command()
@click.argument("statements", nargs=-1)
@_proofs_option
@click.option(
    "--profile",
    type=click.Choice(PROFILE_NAMES),
    default="quick",
    show_default=True,
    help="How many instances each engine tries.",
)
@_seed_option
def watch(statements: tuple[str, ...], root: Path, profile: str, seed: int) -> None:
    """Check STATEMENTS and what they use (or all) again whenever a proof file is saved.

    Only the steps that an edit touches run, and a step at fault is shown as soon as it is found.
    Stop with Ctrl-C.
    """
    from mflverify.changes import watch_command  # noqa: PLC0415  (keeps --help fast)

    _require_known(_load(root), statements)
    cache = _cache(no_cache=False)
    assert cache is not None
    watch_command(root, list(statements) or None, profile=profile, seed=seed, cache=cache)


@main.command()
@click.argument("step")
@_proofs_option
@click.option(
    "--depth",
    type=click.IntRange(min=0),
    default=None,
    help="How many steps and lemmas to go down [default: to the facts].",
)
@_no_cache_option
def explain(step: str, root: Path, depth: int | None, *, no_cache: bool) -> None:
    """Say why STEP (such as thm-4.1/error-x) holds, down to facts and hypotheses.

    Only what the proof really used is shown.  Exits with 1 when the step is not proved.
    """
    from mflverify.explain import Foundations, explain_command  # noqa: PLC0415  (keeps --help fast)

    proofs = _load(root)
    label, _, name = step.partition("/")
    _require_known(proofs, (label,))
    foundations = Foundations(proofs, _cache(no_cache=no_cache))
    found = foundations.step(step)
    if found is None:
        names = ", ".join(s.name for s in proofs.statements[label].steps)
        raise click.UsageError(f"{label} has no step {name!r}; it has {names}")
    sys.exit(explain_command(foundations, found, depth))


@main.command()
@click.argument("statements", nargs=-1)
@_proofs_option
@_no_cache_option
def trust(statements: tuple[str, ...], root: Path, *, no_cache: bool) -> None:
    """List the facts and lemmas that STATEMENTS (or all) rest on.

    From what the steps really used, directly and through lemmas.  Exits with 1 when a statement
    rests on a step that is not proved.
    """
    from mflverify.explain import Foundations, trust_command  # noqa: PLC0415  (keeps --help fast)

    proofs = _load(root)
    _require_known(proofs, statements)
    labels = list(statements) or list(proofs.statements)
    sys.exit(trust_command(Foundations(proofs, _cache(no_cache=no_cache)), labels))


@main.command()
@click.argument("ledger", type=click.Path(dir_okay=False, path_type=Path))
def recheck(ledger: Path) -> None:
    """Replay all proofs in LEDGER with the kernel alone.

    Needs no solver: normal forms and certificates are recomputed in exact arithmetic.  Exits with
    1 when anything is rejected, and with 2 when the file cannot be read.
    """
    from mflverify.explain import recheck_command  # noqa: PLC0415  (keeps --help fast)

    sys.exit(recheck_command(ledger))


_seconds_option = click.option(
    "--seconds",
    type=click.FloatRange(min=0.1),
    default=600.0,
    show_default=True,
    help="Wall-clock time after which a run is given up as undecided.",
)


@main.command()
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


@main.command()
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


@main.command()
@click.argument("name", type=click.Choice(STUDY_NAMES))
@click.option(
    "--count",
    type=click.IntRange(min=0),
    default=0,
    help="Random instances of each kind [default: the study's own number].",
)
@_seed_option
@_proofs_option
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("studies"),
    show_default=True,
    help="Where tables and figures go; finished parts in it are not computed again.",
)
@_reports_option("Folder for rates.json, which `conclusions` writes.")
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
    known result is not found, or anything is undecided.

    \b
    Examples:
      mflverify study known
      mflverify study conclusions --count 40 --seed 3
    """
    from mflverify.studies.study import Request  # noqa: PLC0415  (keeps --help fast)
    from mflverify.studies.terminal import study_command  # noqa: PLC0415

    request = Request(count=count, seed=seed, proofs=root, out=out, reports=reports)
    sys.exit(study_command(name, request))


def _cache(*, no_cache: bool) -> Cache | None:
    from mflverify.verification.cache import FOLDER, Cache  # noqa: PLC0415  (keeps --help fast)

    return None if no_cache else Cache.open(Path(FOLDER))


def _load(root: Path) -> Proofs:
    from mflverify.proof.loader import load  # noqa: PLC0415  (keeps --help fast)

    try:
        return load(root)
    except FileNotFoundError as error:
        raise click.UsageError(
            f"{error}; run in the folder that holds it, or give --proofs"
        ) from error


def _require_known(proofs: Proofs, labels: tuple[str, ...]) -> None:
    for label in labels:
        if label not in proofs.statements:
            known = ", ".join(proofs.statements)
            broken = "".join(f"\n  {p.where}: {p.message}" for p in proofs.problems)
            hint = f"\nFiles that could not be read:{broken}" if broken else ""
            raise click.UsageError(f"no statement {label!r}; there are {known}{hint}")
