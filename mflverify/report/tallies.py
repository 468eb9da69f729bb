"""Counts that all reports show."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from attrs import frozen

from mflverify.ledger.records import EvidenceRecord, ExampleRecord, StatementRecord
from mflverify.report import wording
from mflverify.report.figures import is_inequality


@frozen
class Tally:
    """How many steps of a statement pass each finding, and the least slack of its inequalities."""

    total: int
    logical: int
    empirical: int
    least_slack: str


def tally(statement: StatementRecord) -> Tally:
    """Passes of each finding, counted apart."""
    steps = statement.steps
    margins = [
        margin
        for step in steps
        if is_inequality(step)
        for evidence in step.evidence
        if (margin := _margin(evidence)) is not None
    ]
    return Tally(
        total=len(steps),
        logical=sum(_passes(wording.LOGICAL[step.logical]) for step in steps),
        empirical=sum(_passes(wording.EMPIRICAL[step.empirical]) for step in steps),
        least_slack=f"{min(margins):.2g}" if margins else "",
    )


def _passes(word: wording.Wording) -> bool:
    return word.tone not in ("doubt", "fail")


def _margin(evidence: EvidenceRecord) -> float | None:
    try:
        return float(evidence.margin)
    except ValueError:
        return None


def example_groups(
    examples: Iterable[ExampleRecord],
) -> list[tuple[ExampleRecord, list[ExampleRecord]]]:
    """Examples that stand together, by name; each group with its first member."""
    groups = [list(group) for _, group in groupby(examples, key=lambda example: example.name)]
    return [(group[0], group) for group in groups]
