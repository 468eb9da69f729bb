"""Margins of a statement's steps as a strip plot on a logarithmic axis, inline SVG."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal

from attrs import frozen
from markupsafe import Markup

from mflverify.ledger.records import EvidenceRecord, StatementRecord, StepRecord
from mflverify.report.trajectories import power_of_ten

_ROW = 22.0
_LABEL_WIDTH = 7.0
_AXIS = 420.0
_GROUP = 26.0
_TICK_GAP = 30.0
_FLOOR = -20  # smaller margins are drawn at 0, the left end

Scale = Callable[[float | None], float]
Shape = Literal["square", "disc", "ring", "cross", "diamond"]
_SHAPES: dict[str, Shape] = {
    "exact": "square",
    "certified": "disc",
    "sampled": "ring",
    "refuted": "cross",
    "undecided": "diamond",
}


@frozen
class Mark:
    """One margin: the decimal logarithm of its size (None for zero), its shape and its text."""

    decade: float | None
    shape: Shape
    text: str


@frozen
class Row:
    """The margins of one step."""

    name: str
    marks: tuple[Mark, ...]


def margin_rows(steps: Sequence[StepRecord]) -> tuple[Row, ...]:
    """The steps that have a margin, each with the marks of all its evidence."""
    rows = [Row(step.name, tuple(m for e in step.evidence if (m := _mark(e)))) for step in steps]
    return tuple(row for row in rows if row.marks)


def _mark(evidence: EvidenceRecord) -> Mark | None:
    try:
        margin = float(evidence.margin)
    except ValueError:
        return None
    if not math.isfinite(margin) or evidence.verdict not in _SHAPES:
        return None
    decade = math.log10(abs(margin)) if margin and math.log10(abs(margin)) > _FLOOR else None
    text = f"{evidence.engine}, {evidence.verdict}: {evidence.margin}"
    return Mark(decade, _SHAPES[evidence.verdict], text)


def margin_figure(statement: StatementRecord) -> Markup:
    """Worst relative margin of each step; empty markup when no step has one.

    Inequalities show their slack, equations the size of their residual, in two groups on one axis.
    """
    unequal = [step for step in statement.steps if is_inequality(step)]
    equal = [step for step in statement.steps if not is_inequality(step)]
    groups = [
        ("slack of inequalities", margin_rows(unequal)),
        ("residual of equations", margin_rows(equal)),
    ]
    groups = [(title, rows) for title, rows in groups if rows]
    if not groups:
        return Markup("")
    every = [row for _, rows in groups for row in rows]
    decades = [mark.decade for row in every for mark in row.marks if mark.decade is not None]
    low = min(-3, math.floor(min(decades, default=0.0)))
    left = max(len(row.name) for row in every) * _LABEL_WIDTH + 28
    # decade `low` sits one step right of the left end, which stands for 0
    unit = _AXIS / (1 - low)

    def x(decade: float | None) -> float:
        return left if decade is None else left + (decade - low + 1) * unit

    height = _GROUP * len(groups) + _ROW * len(every)
    body = [_ticks(low, x, height)]
    y = 0.0
    for title, rows in groups:
        body.append(
            Markup('<text class="group" x="{:.0f}" y="{:.1f}">{}</text>').format(
                left, y + 17, title
            )
        )
        y += _GROUP
        for row in rows:
            body.append(_row(row, left, y + _ROW / 2, x))
            y += _ROW
    label = f"Worst relative margins of the steps of {statement.label}; the evidence of each step lists them"
    return (
        Markup(
            '<svg class="margins" role="img" aria-label="{}" viewBox="0 0 {:.0f} {:.0f}" '
        ).format(label, left + _AXIS + 12, height + 26)
        + Markup('width="{:.0f}" height="{:.0f}">').format(left + _AXIS + 12, height + 26)
        + Markup("").join(body)
        + Markup("</svg>")
    )


def is_inequality(step: StepRecord) -> bool:
    """Whether the claim is an inequality."""
    return step.relation != "eq"


def _ticks(low: int, x: Scale, height: float) -> Markup:
    stride = max(1, math.ceil(-low / 6))
    places: list[tuple[float, str]] = [(x(None), "0")]
    clear = [d for d in range(0, low - 1, -stride) if x(d) - x(None) > _TICK_GAP]
    places += [(x(decade), power_of_ten(decade)) for decade in clear]
    return Markup("").join(
        Markup(
            '<line class="tick" x1="{0:.1f}" x2="{0:.1f}" y1="22" y2="{1:.1f}"/>'
            '<text class="tick" x="{0:.1f}" y="{2:.1f}">{3}</text>'
        ).format(place, height + 4, height + 19, text)
        for place, text in places
    )


def _row(row: Row, left: float, y: float, x: Scale) -> Markup:
    marks = Markup("").join(
        Markup('<g class="mark {}"><title>{}</title>{}</g>').format(
            mark.shape, mark.text, _shape(mark.shape, x(mark.decade), y)
        )
        for mark in row.marks
    )
    name = Markup('<text class="name" x="{:.1f}" y="{:.1f}">{}</text>').format(
        left - 14, y + 4, row.name
    )
    line = Markup('<line class="row" x1="{:.1f}" x2="{:.1f}" y1="{:.1f}" y2="{:.1f}"/>').format(
        left, left + _AXIS, y, y
    )
    return name + line + marks


def _shape(shape: Shape, x: float, y: float) -> Markup:
    match shape:
        case "disc" | "ring":
            return Markup('<circle cx="{:.1f}" cy="{:.1f}" r="4"/>').format(x, y)
        case "square":
            return Markup('<rect x="{:.1f}" y="{:.1f}" width="7" height="7"/>').format(
                x - 3.5, y - 3.5
            )
        case "diamond":
            path = f"M{x:.1f} {y - 5:.1f}l5 5l-5 5l-5 -5z"
        case "cross":
            path = f"M{x - 4:.1f} {y - 4:.1f}l8 8m0 -8l-8 8"
    return Markup('<path d="{}"/>').format(path)


LEGEND: tuple[tuple[Markup, str], ...] = tuple(
    (
        Markup(
            '<svg class="margins key" aria-hidden="true" width="12" height="12">'
            '<g class="mark {}">{}</g></svg>'
        ).format(shape, _shape(shape, 6, 6)),
        verdict,
    )
    for verdict, shape in _SHAPES.items()
)


def ratio_bar(ratio: str) -> Markup:
    """A bar whose full length is 1; empty for what is no number between 0 and 1, near enough."""
    try:
        value = float(ratio)
    except ValueError:
        return Markup("")
    if not 0 <= value <= 1 + 1e-6:
        return Markup("")
    return Markup(
        '<svg class="ratio" aria-hidden="true" width="120" height="7" viewBox="0 0 120 7">'
        '<rect class="full" x="0.5" y="0.5" width="119" height="6"/>'
        '<rect class="part" x="0.5" y="0.5" width="{:.1f}" height="6"/></svg>'
    ).format(119 * min(value, 1.0))
