"""Guaranteed, conjectured and measured rate of one trajectory on a common axis, inline SVG."""

from __future__ import annotations

import math

from markupsafe import Markup

from mflverify.ledger.records import RateRecord

_LEFT, _WIDTH, _RIGHT = 130.0, 388.0, 16.0  # as wide as a trajectory
_ROW, _BOTTOM = 22.0, 40.0


def rate_strip(record: RateRecord) -> Markup:
    """A row for each rate that the record has; empty markup when it has none that is positive."""
    rows = [(name, value) for name, text in _named(record) if (value := _number(text)) is not None]
    end = max((value for _, value in rows), default=0.0) * 1.1
    if end <= 0:
        return Markup("")

    def x(value: float) -> float:
        return _LEFT + max(value, 0.0) / end * _WIDTH

    bottom = _ROW * len(rows) + 4
    body = [_tick(x(mark), bottom, f"{mark:g}") for mark in _marks(end)]
    for index, (name, value) in enumerate(rows):
        y = _ROW * (index + 0.5)
        error = (_number(record.error_bar) or 0.0) if name == "measured" else 0.0
        body.append(_row(name, y, (x(value - error), x(value), x(value + error)), f"{value:.6g}"))
    unit = f"per {record.time_unit}" if record.time_unit else "per unit of time"
    body.append(
        Markup('<text class="x" x="{:.1f}" y="{:.1f}">rate [{}]</text>').format(
            _LEFT + _WIDTH / 2, bottom + 34, unit
        )
    )
    width, height = _LEFT + _WIDTH + _RIGHT, bottom + _BOTTOM
    words = ", ".join(f"{name} {value:.6g}" for name, value in rows)
    return (
        Markup(
            '<svg class="trajectory rates" role="img" aria-label="{}" viewBox="0 0 {:.0f} {:.0f}" '
            'width="{:.0f}" height="{:.0f}">'
        ).format(f"Rates of {record.step}: {words}", width, height, width, height)
        + Markup("").join(body)
        + Markup("</svg>")
    )


def _named(record: RateRecord) -> tuple[tuple[str, str], ...]:
    return (
        ("of the bound", record.claimed),
        ("guaranteed", record.guaranteed),
        ("conjectured", record.conjectured),
        ("measured", record.measured),
    )


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _marks(end: float) -> list[float]:
    """About five round numbers from 0 to the end."""
    power = 10.0 ** math.floor(math.log10(end / 5))
    step = next(f * power for f in (1, 2, 5, 10) if f * power >= end / 5 * (1 - 1e-9))
    return [n * step for n in range(math.floor(end / step + 1e-9) + 1)]


def _tick(x: float, bottom: float, text: str) -> Markup:
    return Markup(
        '<line x1="{0:.1f}" x2="{0:.1f}" y1="0" y2="{1:.1f}"/>'
        '<text class="x" x="{0:.1f}" y="{2:.1f}">{3}</text>'
    ).format(x, bottom, bottom + 15, text)


def _row(name: str, y: float, places: tuple[float, float, float], text: str) -> Markup:
    low, middle, high = places
    role = name.removeprefix("of the ")
    return Markup(
        '<text class="y" x="{:.1f}" y="{:.1f}">{}</text>'
        '<g class="rate is-{}"><title>{}</title><path d="M{:.1f} {:.1f}H{:.1f}"/>'
        '<circle cx="{:.1f}" cy="{:.1f}" r="4"/></g>'
    ).format(
        _LEFT - 10, y + 4, name, role, f"{name}: {text}", low, y, max(high, low + 0.1), middle, y
    )
