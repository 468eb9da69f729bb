"""Commands that check proofs, and say why a step holds."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mflverify.commands.options import (
    PROFILE_NAMES,
    cache_of,
    jobs_option,
    load_proofs,
    no_cache_option,
    proofs_option,
    reports_option,
    require_known,
    sarif_option,
    seed_option,
)

if TYPE_CHECKING:
    from mflverify.proof.loader import Proofs


@click.command()
@click.argument("statements", nargs=-1)
@proofs_option
@reports_option("Where report.html, report.tex and ledger.json are written.")
@click.option(
    "--profile",
    type=click.Choice(PROFILE_NAMES),
    default="default",
    show_default=True,
    help="How many instances each engine tries.",
)
@seed_option
@jobs_option
@no_cache_option
@click.option("--no-examples", is_flag=True, help="Leave out the closed-form examples.")
@sarif_option
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
        proofs = load_proofs(root)
        require_known(proofs, statements)
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
            cache=cache_of(no_cache=no_cache),
            sarif=sarif,
        )
    )


@click.command()
@click.argument("statements", nargs=-1)
@proofs_option
@click.option(
    "--profile",
    type=click.Choice(PROFILE_NAMES),
    default="quick",
    show_default=True,
    help="How many instances each engine tries.",
)
@seed_option
def watch(statements: tuple[str, ...], root: Path, profile: str, seed: int) -> None:
    """Check STATEMENTS and what they use (or all) again whenever a proof file is saved.

    Only the steps that an edit touches run, and a step at fault is shown as soon as it is found.
    Stop with Ctrl-C.
    """
    from mflverify.changes import watch_command  # noqa: PLC0415  (keeps --help fast)

    require_known(load_proofs(root), statements)
    cache = cache_of(no_cache=False)
    assert cache is not None
    watch_command(root, list(statements) or None, profile=profile, seed=seed, cache=cache)


@click.command()
@click.argument("step")
@click.argument("instance", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@proofs_option
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

    proofs = load_proofs(root)
    label, _, name = step.partition("/")
    require_known(proofs, (label,))
    found = [s for s in proofs.statements[label].steps if s.name == name]
    if not found:
        names = ", ".join(s.name for s in proofs.statements[label].steps)
        raise click.UsageError(f"{label} has no step {name!r}; it has {names}")
    sys.exit(evaluate_command(found[0], instance, arithmetic, bits))


@click.command()
@click.argument("step")
@proofs_option
@click.option(
    "--depth",
    type=click.IntRange(min=0),
    default=None,
    help="How many steps and lemmas to go down [default: to the facts].",
)
@no_cache_option
def explain(step: str, root: Path, depth: int | None, *, no_cache: bool) -> None:
    """Say why STEP (such as thm-4.1/error-x) holds, down to facts and hypotheses.

    Only what the proof really used is shown.  Exits with 1 when the step is not proved.
    """
    from mflverify.explain import Foundations, explain_command  # noqa: PLC0415  (keeps --help fast)

    proofs = load_proofs(root)
    label, _, name = step.partition("/")
    require_known(proofs, (label,))
    foundations = Foundations(proofs, cache_of(no_cache=no_cache))
    found = foundations.step(step)
    if found is None:
        names = ", ".join(s.name for s in proofs.statements[label].steps)
        raise click.UsageError(f"{label} has no step {name!r}; it has {names}")
    sys.exit(explain_command(foundations, found, depth))


@click.command()
@click.argument("statements", nargs=-1)
@proofs_option
@no_cache_option
def trust(statements: tuple[str, ...], root: Path, *, no_cache: bool) -> None:
    """List the facts and lemmas that STATEMENTS (or all) rest on.

    From what the steps really used, directly and through lemmas.  Exits with 1 when a statement
    rests on a step that is not proved.
    """
    from mflverify.explain import Foundations, trust_command  # noqa: PLC0415  (keeps --help fast)

    proofs = load_proofs(root)
    require_known(proofs, statements)
    labels = list(statements) or list(proofs.statements)
    sys.exit(trust_command(Foundations(proofs, cache_of(no_cache=no_cache)), labels))


@click.command()
@click.argument("ledger", type=click.Path(dir_okay=False, path_type=Path))
def recheck(ledger: Path) -> None:
    """Replay all proofs in LEDGER with the kernel alone.

    Needs no solver: normal forms and certificates are recomputed in exact arithmetic.  Exits with
    1 when anything is rejected, and with 2 when the file cannot be read.
    """
    from mflverify.explain import recheck_command  # noqa: PLC0415  (keeps --help fast)

    sys.exit(recheck_command(ledger))
