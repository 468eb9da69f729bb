"""Commands that compare proofs with what was recorded of them."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mflverify.commands.options import (
    baseline_option,
    cache_of,
    jobs_option,
    load_proofs,
    no_cache_option,
    own_profile_option,
    own_seed_option,
    proofs_option,
)


@click.command()
@click.argument("old", required=False)
@click.argument("new", required=False)
@proofs_option
@baseline_option
@own_profile_option
@own_seed_option
@jobs_option
@no_cache_option
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
        cache=cache_of(no_cache=no_cache),
        markdown=style == "markdown",
        rerun=rerun,
    )
    sys.exit(status)


@click.group("baseline")
def baseline_group() -> None:
    """Keep the recorded state of all proofs, reports/baseline.json."""


@baseline_group.command()
@proofs_option
@baseline_option
@own_profile_option
@own_seed_option
@jobs_option
@no_cache_option
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
            load_proofs(root),
            baseline,
            profile=profile,
            seed=seed,
            jobs=jobs,
            cache=cache_of(no_cache=no_cache),
            sure=yes,
        )
    )
