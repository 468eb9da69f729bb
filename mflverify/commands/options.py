"""Options that several commands share, and what they do with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from mflverify.proof.loader import Proofs
    from mflverify.verification.cache import Cache

PROFILE_NAMES = ("quick", "default", "deep")


proofs_option = click.option(
    "--proofs",
    "root",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("proofs"),
    show_default=True,
    help="Folder with one subfolder a paper.",
)


no_cache_option = click.option(
    "--no-cache", is_flag=True, help="Compute everything; read and keep no earlier results."
)


baseline_option = click.option(
    "--baseline",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("reports/baseline.json"),
    show_default=True,
    help="The recorded baseline.",
)


jobs_option = click.option(
    "--jobs", type=click.IntRange(min=1), default=None, help="Processes [default: cores]."
)


sarif_option = click.option(
    "--sarif",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help="Also write the findings in SARIF, for code hosts and editors.",
)


seed_option = click.option(
    "--seed", type=int, default=0, show_default=True, help="Seed of all random draws."
)


def reports_option(purpose: str) -> Callable[[Any], Any]:
    return click.option(
        "--reports",
        type=click.Path(file_okay=False, path_type=Path),
        default=Path("reports"),
        show_default=True,
        help=purpose,
    )


def campaign_options(name: str) -> Callable[[Any], Any]:
    """STATEMENTS and the options of a campaign over them; name: the file that it writes."""
    options = (
        click.argument("statements", nargs=-1),
        proofs_option,
        reports_option(f"Folder for {name}."),
        seed_option,
        jobs_option,
        no_cache_option,
    )

    def decorate(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


own_profile_option = click.option(
    "--profile",
    type=click.Choice(PROFILE_NAMES),
    default=None,
    help="How many instances each engine tries [default: as the baseline, or default].",
)


own_seed_option = click.option(
    "--seed", type=int, default=None, help="Seed of all draws [default: as the baseline, or 0]."
)


def cache_of(*, no_cache: bool) -> Cache | None:
    from mflverify.verification.cache import FOLDER, Cache  # noqa: PLC0415  (keeps --help fast)

    return None if no_cache else Cache.open(Path(FOLDER))


def load_proofs(root: Path) -> Proofs:
    from mflverify.proof.loader import load  # noqa: PLC0415  (keeps --help fast)

    try:
        return load(root)
    except FileNotFoundError as error:
        raise click.UsageError(
            f"{error}; run in the folder that holds it, or give --proofs"
        ) from error


def require_known(proofs: Proofs, labels: tuple[str, ...]) -> None:
    for label in labels:
        if label not in proofs.statements:
            known = ", ".join(proofs.statements)
            broken = "".join(f"\n  {p.where}: {p.message}" for p in proofs.problems)
            hint = f"\nFiles that could not be read:{broken}" if broken else ""
            raise click.UsageError(f"no statement {label!r}; there are {known}{hint}")
