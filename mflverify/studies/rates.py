"""Long-time rates fitted to a decay, with an error bar."""

from __future__ import annotations

import numpy as np
from attrs import frozen

from mflverify.dynamics.exponential import Array


@frozen
class RateFit:
    """values ~ C exp(-rate t) on [start, end]; error: how far the rate is uncertain.

    A rate that still changes, or an oscillation, makes the error large rather than the rate wrong.
    """

    rate: float
    error: float
    start: float
    end: float


def fit_rate(
    times: Array,
    values: Array,
    *,
    last: float = 0.5,
    floor: float = 0.0,
    frequency: float = 0.0,
) -> RateFit:
    """Least squares of log(values) on the last share of the times, with what may still change.

    The window is cut into four; the slopes of the quarters tell how the rate settles.  The rate
    is the slope of the last quarter.  The error adds its standard error, its difference from the
    quarter before, and, when the differences shrink like a geometric sequence (a second
    exponential that dies out), what that sequence still adds up to.
    frequency: of an oscillation of log(values), if known.  When the window holds more than one
    period, four harmonics are fitted too, on the window and on its last two thirds; the error adds
    the difference of these two slopes.
    Values from the first below `floor` on are left out.  Raises ValueError when fewer than forty
    positive values are left.
    """
    used = (values > floor) & np.isfinite(values)
    count = len(values) if used.all() else int(np.argmin(used))
    times, values = times[:count], values[:count]
    first = int(np.searchsorted(times, times[-1] * (1 - last))) if count else 0
    t, log = times[first:], np.log(values[first:])
    if len(t) < 40:
        raise ValueError(f"a rate needs at least forty positive values, not {len(t)}")
    if frequency * (t[-1] - t[0]) > 3 * np.pi:
        whole, _ = _slope(t, log, frequency)
        third = len(t) // 3
        late, spread = _slope(t[third:], log[third:], frequency)
        return RateFit(-late, spread + abs(late - whole), float(t[third]), float(t[-1]))
    quarters = [_slope(a, b, 0.0) for a, b in zip(_split(t), _split(log), strict=True)]
    slopes = [slope for slope, _ in quarters]
    change, before = slopes[3] - slopes[2], slopes[2] - slopes[1]
    error = quarters[3][1] + abs(change)
    ratio = change / before if before else 0.0
    if 0 < ratio < 1:
        error += abs(change) * ratio / (1 - ratio)
    elif abs(ratio) >= 1:
        error += max(slopes) - min(slopes)
    return RateFit(-slopes[3], error, float(_split(t)[3][0]), float(t[-1]))


def _split(values: Array) -> list[Array]:
    return np.array_split(values, 4)


def _slope(t: Array, log: Array, frequency: float) -> tuple[float, float]:
    """Slope and its standard error."""
    centred = t - t.mean()
    columns = [np.ones_like(t), centred]
    if frequency:
        for harmonic in range(1, 5):
            columns += [np.cos(harmonic * frequency * t), np.sin(harmonic * frequency * t)]
    design = np.stack(columns, axis=1)
    solution, *_ = np.linalg.lstsq(design, log, rcond=None)
    residual = log - design @ solution
    variance = float(residual @ residual) / max(len(t) - len(columns), 1)
    covariance = np.linalg.pinv(design.T @ design)
    return float(solution[1]), float(np.sqrt(variance * covariance[1, 1]))
