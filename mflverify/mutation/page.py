"""The kill matrix as the page docs/kills.md."""

from __future__ import annotations

from collections.abc import Sequence

from mflverify.ledger.kills import Row, holes, row, rows
from mflverify.ledger.sections import MutantRecord
from mflverify.markdown import cell

INTRODUCTION = """# The kill matrix

Which check noticed which mistake; what the words mean is told in [mutation](mutation.md). *Refuted* mutants fail at a
certain instance, or their normal form is not 0; of *open* ones the reasons no longer imply it, or no instance is left,
which is weaker; *harmless* ones are shown to be equivalent, weaker or also true. The columns after these count the
mutants that each check noticed, and several may notice the same one.

`mflverify mutate --markdown` prints this page. Each mutant with its formula, instance and neighbour is in
`reports/mutants.json` and in the report.
"""
COUNTS = ("mutants", "refuted", "open", "harmless", "not settled")


def mutants_page(records: Sequence[MutantRecord]) -> str:
    """The whole page: the matrix by mistake, then by statement, then what is not settled."""
    total = row("all", records)
    by_kind = _table("mistake", [*rows(records, by="kind"), total], total.noticed)
    by_statement = _table("statement", rows(records, by="statement"), total.noticed, code=True)
    return "\n".join(
        (
            INTRODUCTION,
            _summary(total),
            f"\n## By mistake\n\n{by_kind}",
            f"## By statement\n\n{by_statement}",
            f"## Not settled\n\n{_unsettled(records)}",
        )
    )


def _summary(total: Row) -> str:
    return (
        f"{total.total} mutants: {total.refuted} refuted, {total.open_only} open, "
        f"{total.harmless} harmless, {total.loose} not settled."
    )


def _table(what: str, lines: list[Row], checks: tuple[str, ...], *, code: bool = False) -> str:
    heads = (what, *COUNTS, *checks)
    found = [f"| {' | '.join(heads)} |", f"| --- |{' ---: |' * (len(heads) - 1)}"]
    for line in lines:
        name = f"`{line.name}`" if code else line.name
        counts = (line.total, line.refuted, line.open_only, line.harmless, line.loose)
        numbers = (*counts, *(line.by[check] for check in checks))
        found.append(f"| {' | '.join((name, *(str(n) if n else '' for n in numbers)))} |")
    return "\n".join(found) + "\n"


def _unsettled(records: Sequence[MutantRecord]) -> str:
    lines = [
        f"- `{record.step}`, {record.kind}: {cell(record.change)}. {record.status}: {cell(record.note)}"
        for record in holes(records)
    ]
    return "\n".join(lines) + "\n" if lines else "Nothing.\n"
