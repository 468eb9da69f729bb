"""Commands that show what there is and what was found, checking nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mflverify.commands.options import load_proofs, proofs_option, require_known, sarif_option


@click.command()
@click.argument("statement")
@proofs_option
def show(statement: str, root: Path) -> None:
    """Print the proof of STATEMENT with its formulas; a label like thm-4.1/error-x shows one step."""
    from mflverify.terminal import show_statement  # noqa: PLC0415  (keeps --help fast)

    proofs = load_proofs(root)
    label, _, step = statement.partition("/")
    require_known(proofs, (label,))
    if step and step not in [s.name for s in proofs.statements[label].steps]:
        names = ", ".join(s.name for s in proofs.statements[label].steps)
        raise click.UsageError(f"{label} has no step {step!r}; it has {names}")
    show_statement(proofs.statements[label], step)


@click.command("list")
@click.argument("what", type=click.Choice(["statements", "facts"]), default="statements")
@proofs_option
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

    proofs = load_proofs(root)
    list_statements(proofs)
    sys.exit(1 if proofs.problems else 0)


@click.command()
@proofs_option
@click.option("--missing", is_flag=True, help="Only what is missing, or here in part.")
def coverage(root: Path, *, missing: bool) -> None:
    """List the numbered items of the papers, and what formalises each.

    Items are those of proofs/PAPER/paper.toml.  Exits with 1 when one is neither formalised nor
    waived there with a reason.
    """
    from mflverify.terminal import coverage_command  # noqa: PLC0415  (keeps --help fast)

    sys.exit(coverage_command(load_proofs(root), only_missing=missing))


@click.command()
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
@sarif_option
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


@click.command()
def schema() -> None:
    """Print the JSON Schema of ledgers."""
    import json  # noqa: PLC0415  (keeps --help fast)

    from mflverify.ledger import json_schema  # noqa: PLC0415

    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
