"""Commands that attack proofs: mutants, sharp constants, hunts."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mflverify.commands.options import (
    cache_of,
    campaign_options,
    jobs_option,
    load_proofs,
    proofs_option,
    require_known,
    seed_option,
)


@click.command()
@campaign_options("mutants.json")
@click.option("--all", "everything", is_flag=True, help="Print every mutant, not only the holes.")
@click.option("--markdown", is_flag=True, help="Print the page docs/kills.md.")
def mutate(
    statements: tuple[str, ...],
    root: Path,
    reports: Path,
    seed: int,
    jobs: int | None,
    *,
    no_cache: bool,
    everything: bool,
    markdown: bool,
) -> None:
    """Make every small mistake in STATEMENTS (or steps, or all) and see which checks notice.

    Mutants are typed changes of claims and hypotheses: signs, factors, exponents, norms, dropped
    terms and hypotheses.  Exits with 1 when a mutant is neither killed nor shown to be harmless.
    """
    from mflverify.mutation.terminal import mutate_command  # noqa: PLC0415  (keeps --help fast)

    proofs = load_proofs(root)
    require_known(proofs, tuple(label.partition("/")[0] for label in statements))
    try:
        status = mutate_command(
            proofs,
            list(statements) or None,
            reports=reports,
            seed=seed,
            jobs=jobs,
            cache=cache_of(no_cache=no_cache),
            everything=everything,
            markdown=markdown,
        )
    except KeyError as error:
        raise click.UsageError(f"no step {error.args[0]!r}") from error
    sys.exit(status)


@click.command()
@campaign_options("constants.json")
@click.option("--instances", is_flag=True, help="Print where each ratio is reached.")
@click.option("--markdown", is_flag=True, help="Print the page docs/constants.md.")
def constants(
    statements: tuple[str, ...],
    root: Path,
    reports: Path,
    seed: int,
    jobs: int | None,
    *,
    no_cache: bool,
    instances: bool,
    markdown: bool,
) -> None:
    """Find out how sharp the constants of STATEMENTS (or steps, or `facts`, or all) are.

    Maximises the ratio of the two sides of each inequality over the families of instances, and
    certifies the best ratio.  Exits with 1 when an inequality turns out to be false.
    """
    from mflverify.attack.terminal import constants_command  # noqa: PLC0415  (keeps --help fast)

    try:
        status = constants_command(
            load_proofs(root),
            list(statements) or None,
            reports=reports,
            seed=seed,
            jobs=jobs,
            cache=cache_of(no_cache=no_cache),
            instances=instances,
            markdown=markdown,
        )
    except KeyError as error:
        raise click.UsageError(f"no statement or step {error.args[0]!r}") from error
    sys.exit(status)


@click.command()
@click.argument("statements", nargs=-1, required=True)
@proofs_option
@click.option("--budget", default="1m", show_default=True, help="Time, such as 90s, 10m or 2h.")
@click.option(
    "--chunks",
    "limit",
    type=click.IntRange(min=0),
    default=None,
    help="Stop after so many chunks for each step.",
)
@seed_option
@jobs_option
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

    proofs = load_proofs(root)
    require_known(proofs, tuple(label.partition("/")[0] for label in statements))
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
