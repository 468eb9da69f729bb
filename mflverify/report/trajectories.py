"""Quantities along a trajectory on a logarithmic axis, inline SVG."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from attrs import frozen
from markupsafe import Markup

from mflverify.ledger.records import CurveRecord, RateRecord

_WIDTH, _HEIGHT = 460.0, 220.0
_LEFT, _TOP, _RIGHT, _BOTTOM = 58.0, 12.0, 16.0, 44.0
_DECADES = 16  # what lies further below the largest value is not drawn

ROLES = {
    "measured": "measured",
    "guaranteed": "guaranteed bound",
    "lyapunov": "Lyapunov functional",
    "conjectured": "conjectured rate",
}


@frozen
class _Scale:
    """From times and decimal logarithms to pixels."""

    start: float
    end: float
    low: float
    high: float

    def point(self, time: float, decade: float) -> tuple[float, float]:
        x = _LEFT + (time - self.start) / (self.end - self.start) * _WIDTH
        y = _TOP + (self.high - decade) / (self.high - self.low) * _HEIGHT
        return x, y


Run = list[tuple[float, float]]


def trajectory_figure(rate: RateRecord) -> Markup:
    """The curves of a rate; empty markup when none has two positive values.

    What is not a positive number has no place on a logarithmic axis: a curve is broken there.
    """
    runs = {index: _runs(curve) for index, curve in enumerate(rate.curves)}
    points = [point for pieces in runs.values() for run in pieces for point in run]
    if len(points) < 2:
        return Markup("")
    start, end = min(t for t, _ in points), max(t for t, _ in points)
    high = math.ceil(max(d for _, d in points))
    low = max(math.floor(min(d for _, d in points)), high - _DECADES)
    scale = _Scale(start, end if end > start else start + 1, low, high if high > low else low + 1)
    body = [_axes(scale, rate)]
    body += [
        _curve(curve, runs[index], scale) for index, curve in enumerate(rate.curves) if runs[index]
    ]
    width, height = _LEFT + _WIDTH + _RIGHT, _TOP + _HEIGHT + _BOTTOM
    return (
        Markup(
            '<svg class="trajectory" role="img" aria-label="{}" viewBox="0 0 {:.0f} {:.0f}" '
            'width="{:.0f}" height="{:.0f}">'
        ).format(alternative(rate), width, height, width, height)
        + Markup("").join(body)
        + Markup("</svg>")
    )


def alternative(rate: RateRecord) -> str:
    """The figure in words: each curve with its first and last value."""
    said = [
        f"{curve.label} ({ROLES[curve.role]}) from {curve.values[0] or 'nothing'} at time "
        f"{curve.times[0]} to {curve.values[-1] or 'nothing'} at time {curve.times[-1]}"
        for curve in rate.curves
        if curve.times
    ]
    return f"{rate.step}, {rate.title}, on a logarithmic axis: {'; '.join(said)}"


def _runs(curve: CurveRecord) -> list[Run]:
    """Stretches of consecutive points that have a logarithm."""
    runs: list[Run] = [[]]
    for time, value in zip(curve.times, curve.values, strict=True):
        point = _point(time, value)
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return [run for run in runs if run]


def _point(time: str, value: str) -> tuple[float, float] | None:
    try:
        t, v = float(time), float(value)
    except ValueError:
        return None
    return (t, math.log10(v)) if math.isfinite(t) and math.isfinite(v) and v > 0 else None


def _curve(curve: CurveRecord, runs: Sequence[Run], scale: _Scale) -> Markup:
    path = "".join(
        _path([scale.point(*point) for point in run if point[1] >= scale.low]) for run in runs
    )
    return Markup('<path class="curve is-{}" d="{}"><title>{}</title></path>').format(
        curve.role, path, f"{curve.label}, {ROLES[curve.role]}"
    )


def _path(points: Iterable[tuple[float, float]]) -> str:
    """A line through the points; a single one is a dot."""
    text = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return f"M{text}{'' if 'L' in text else 'h0.1'}" if text else ""


def _axes(scale: _Scale, rate: RateRecord) -> Markup:
    bottom, right = _TOP + _HEIGHT, _LEFT + _WIDTH
    marks: list[Markup] = []
    stride = max(1, math.ceil((scale.high - scale.low) / 6))
    for decade in range(int(scale.high), int(scale.low) - 1, -stride):
        y = scale.point(scale.start, decade)[1]
        marks.append(
            Markup(
                '<line class="tick" x1="{:.1f}" x2="{:.1f}" y1="{:.1f}" y2="{:.1f}"/>'
                '<text class="y" x="{:.1f}" y="{:.1f}">{}</text>'
            ).format(_LEFT, right, y, y, _LEFT - 8, y + 4, power_of_ten(decade))
        )
    for time in _round_times(scale.start, scale.end):
        x = scale.point(time, scale.low)[0]
        marks.append(
            Markup(
                '<line class="tick" x1="{:.1f}" x2="{:.1f}" y1="{:.1f}" y2="{:.1f}"/>'
                '<text class="x" x="{:.1f}" y="{:.1f}">{:g}</text>'
            ).format(x, x, bottom, bottom + 4, x, bottom + 17, time)
        )
    unit = rate.time_unit or "no unit"
    name = Markup('<text class="x name" x="{:.1f}" y="{:.1f}">time t [{}]</text>').format(
        (_LEFT + right) / 2, bottom + 36, unit
    )
    return Markup("").join([*marks, name])


def power_of_ten(decade: int) -> Markup:
    """10 with an exponent, as the contents of a `<text>` element; 1 for exponent 0."""
    if decade == 0:
        return Markup("1")
    sign = "−" if decade < 0 else ""
    return Markup('10<tspan dy="-5" class="exponent">{}{}</tspan>').format(sign, abs(decade))


def _round_times(start: float, end: float) -> list[float]:
    """About six round numbers between two times."""
    rough = (end - start) / 6
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * (1 - 1e-9))
    first = math.ceil(start / step - 1e-9)
    return [n * step for n in range(first, math.floor(end / step + 1e-9) + 1)]


def curve_key(role: str) -> Markup:
    """The line style of a role, for a legend."""
    return Markup(
        '<svg class="trajectory key" aria-hidden="true" width="26" height="10">'
        '<path class="curve is-{}" d="M1 5H25"/></svg>'
    ).format(role)
