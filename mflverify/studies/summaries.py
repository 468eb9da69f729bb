"""What the rows of a study say, as a table, and whether anything went wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import frozen

from mflverify.studies.agreement import agreement_slope
from mflverify.studies.storage import Row

REGIMES = ("inside", "edge", "outside")


@frozen
class Summary:
    """A table, and the number of findings that are bad or undecided.

    bad: a bound violated in its ball, a known result that differs, a slower rate than conjectured.
    """

    title: str
    headings: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    bad: int
    undecided: int
    note: str = ""


def _count(rows: Sequence[Row], key: str, value: object) -> int:
    return sum(row[key] == value for row in rows)


def _least(rows: Sequence[Row], key: str) -> float:
    values = [row[key] for row in rows if np.isfinite(row[key])]
    return min(values, default=float("nan"))


def conclusion_summary(rows: Sequence[Row]) -> Summary:
    """By theorem and regime: how often the bound held, and the least margin."""
    lines, bad = [], 0
    for theorem in dict.fromkeys(row["theorem"] for row in rows):
        for regime in REGIMES:
            some = [r for r in rows if r["theorem"] == theorem and r["regime"] == regime]
            if not some:
                continue
            violated = _count(some, "bound", "violated")
            # outside its ball a theorem claims nothing
            bad += violated if regime != "outside" else 0
            lines.append(
                (
                    theorem,
                    regime,
                    str(len(some)),
                    str(_count(some, "bound", "holds")),
                    str(violated),
                    str(_count(some, "bound", "undecided")),
                    f"{_least(some, 'margin'):.3g}",
                    str(_count(some, "converged", True)),
                )
            )
    return Summary(
        "Bounds on whole trajectories",
        ("theorem", "start", "runs", "held", "broken", "undecided", "margin", "converged"),
        tuple(lines),
        bad,
        _count(rows, "bound", "undecided"),
        "margin: the least log(bound / value) over all runs and later times",
    )


def basin_summary(rows: Sequence[Row]) -> Summary:
    """By family: the ratio of the true basin to the ball."""
    lines = []
    for family in dict.fromkeys(row["family"] for row in rows):
        some = [row for row in rows if row["family"] == family]
        ratios = np.array([row["ratio"] for row in some])
        lines.append(
            (
                family,
                str(len(some)),
                str(_count(some, "ends", "escapes")),
                str(_count(some, "ends", "undecided")),
                f"{ratios.min():.3g}",
                f"{np.median(ratios):.3g}",
                f"{ratios.max():.3g}",
            )
        )
    return Summary(
        "True basin / ball of the theorem, in sqrt(χ²)",
        ("family", "directions", "bounded", "undecided", "least", "median", "most"),
        tuple(lines),
        0,
        _count(rows, "ends", "undecided"),
        "where no boundary was met the ratio is that of the largest positive density",
    )


def exact_rate_summary(rows: Sequence[Row]) -> Summary:
    """By theorem: measured against conjectured rates."""
    lines = []
    for theorem in dict.fromkeys(row["theorem"] for row in rows):
        some = [row for row in rows if row["theorem"] == theorem]
        verdicts = [_count(some, "verdict", v) for v in ("agrees", "faster", "slower", "undecided")]
        gaps = [abs(r["measured"] / r["conjectured"] - 1) for r in some if not r["reason"]]
        lines.append(
            (theorem, str(len(some)), *(str(v) for v in verdicts), f"{np.median(gaps):.1e}")
        )
    return Summary(
        "Measured against conjectured rates",
        ("theorem", "runs", "agree", "faster", "slower", "undecided", "median gap"),
        tuple(lines),
        _count(rows, "verdict", "slower"),
        _count(rows, "verdict", "undecided"),
        "faster: the slowest mode is hardly excited; undecided: the two slowest modes nearly tie",
    )


def critical_slack_summary(rows: Sequence[Row]) -> Summary:
    """chi2 tau t / 2 at the last time of each run."""
    lines = []
    for tau, slack in dict.fromkeys((row["temperature"], row["slack"]) for row in rows):
        last = [r for r in rows if (r["temperature"], r["slack"]) == (tau, slack)][-1]
        lines.append(
            (
                f"{tau:g}",
                f"{slack / tau:g}",
                f"{last['time']:.4g}",
                f"{last['chi2']:.4g}",
                f"{last['scaled']:.5f}" if slack == tau else "exponential",
                last["verdict"],
            )
        )
    return Summary(
        "Decay at the critical slack",
        ("τ", "λ/τ", "time", "χ²", "χ² τ t/2", "verdict"),
        tuple(lines),
        0,
        _count(rows, "verdict", "undecided"),
        "at λ = τ, χ² tends to 2/(τ t)",
    )


def low_temperature_summary(rows: Sequence[Row]) -> Summary:
    """Constants times the temperature, and their ratio, between proved bounds."""
    lines = tuple(
        (
            row["well"],
            f"{row['temperature']:g}",
            f"{row['alpha']:.6g}",
            f"{row['rho_low']:.4g} .. {row['rho_high']:.4g}",
            f"{row['ratio_low']:.4g} .. {row['ratio_high']:.4g}",
        )
        for row in rows
    )
    return Summary(
        "Poincaré and log-Sobolev constants of exp(-V/t), times t",
        ("well", "t", "α t", "ρ t", "α/ρ"),
        lines,
        0,
        _count(rows, "verdict", "undecided"),
    )


def agreement_summary(rows: Sequence[Row]) -> Summary:
    """The exponent of N for each preset."""
    lines, bad = [], 0
    for preset in dict.fromkeys(row["preset"] for row in rows):
        slope, error = agreement_slope([row for row in rows if row["preset"] == preset])
        bad += abs(slope + 0.5) > 4 * error
        lines.append((preset, f"{slope:.3f} ± {error:.3f}", "-1/2"))
    return Summary(
        "Distance of particles from the equation ~ N^exponent",
        ("model", "measured exponent", "expected"),
        tuple(lines),
        bad,
        0,
    )


def known_summary(rows: Sequence[Row]) -> Summary:
    """Known and found values."""
    lines = tuple(
        (row["check"], f"{row['known']:.10g}", f"{row['found']:.10g}", row["verdict"])
        for row in rows
    )
    return Summary(
        "Known results",
        ("what", "known", "found", "verdict"),
        lines,
        _count(rows, "verdict", "differs"),
        _count(rows, "verdict", "undecided"),
    )
