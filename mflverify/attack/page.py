"""The table of constants as a page in Markdown: docs/constants.md."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from mflverify.attack.constants import FACTS
from mflverify.ledger.sections import ConstantRecord
from mflverify.markdown import cell

INTRODUCTION = """# How sharp the constants are

Inequalities of the proofs and of the fact library, attacked as described in [attack](attack.md). The ratio is the largest
certain quotient of the two sides that was found, with all summands on the side where they are positive: at most 1
where the inequality holds, and 1 where it is attained; 0 means that one side is nothing at all. So *constant* times *ratio* is a lower bound for the best constant.
*Attained* means that both sides are the same non-zero rational number at an instance; *exact* and *certified* bounds are
rational arithmetic and balls, *sampled* ones floats along trajectories. *Improvable* means that the named reasons
prove a smaller constant. Where each ratio is reached is in `reports/constants.json` and in the report.

`mflverify constants --markdown` prints this page for every inequality, `mflverify constants facts --markdown` for the fact
library alone.
"""
HEAD = """
| inequality | constant | ratio | found by | what is known |
| --- | --- | --- | --- | --- |
"""


def constants_page(records: Iterable[ConstantRecord]) -> str:
    """The whole page: one table a statement, in the order of the records."""
    parts, rows = [], tuple(records)
    for statement, own in groupby(rows, key=lambda record: record.statement):
        title = "The fact library" if statement == FACTS else f"`{statement}`"
        parts.append(f"\n## {title}\n{HEAD}{''.join(_row(record) for record in own)}")
    return f"{INTRODUCTION}\n{_summary(rows)}\n{''.join(parts)}"


def _row(record: ConstantRecord) -> str:
    name = record.step.partition("/")[2]
    ratio = "attained" if record.attained else record.best_ratio or "not measured"
    by = record.arithmetic if record.best_ratio else ""
    cells = (f"`{name}`", record.stated, ratio, by, known(record))
    return f"| {' | '.join(map(cell, cells))} |\n"


def known(record: ConstantRecord) -> str:
    """Why the constant is sharp, if it is known to be, and what else there is to say of it."""
    sharp = f"sharp: {record.known_sharp}" if record.known_sharp else ""
    return "; ".join(part for part in (sharp, record.note) if part)


def is_close(record: ConstantRecord) -> bool:
    """Whether the bound is certainly attained, or within 0.001 of it."""
    certain = record.attained or record.arithmetic != "sampled"
    return certain and bool(record.best_ratio) and float(record.best_ratio) > 0.999


def _summary(records: tuple[ConstantRecord, ...]) -> str:
    attained = sum(record.attained for record in records)
    close = sum(is_close(record) and not record.attained for record in records)
    improvable = sum("improvable" in record.note for record in records)
    unmeasured = sum(not record.best_ratio for record in records)
    return (
        f"{len(records)} inequalities: {attained} attained, {close} more certainly within 0.001 of it; "
        f"{improvable} improvable by their own reasons; {unmeasured} not measured."
    )
