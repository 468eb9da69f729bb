"""The figures of the studies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mflverify.studies.agreement import SIZES, agreement_slope
from mflverify.studies.figures import COLOURS, Figure, panels
from mflverify.studies.storage import Row

_MARKERS = "osD^v"


def basin_figure(rows: Sequence[Row]) -> Figure:
    """Boundary of the basin against the radius of the ball."""
    picture, (axis,) = panels(1, width=5.5, height=4.2)
    for number, family in enumerate(dict.fromkeys(row["family"] for row in rows)):
        some = [row for row in rows if row["family"] == family]
        axis.loglog(
            [row["ball"] for row in some],
            [row["lower"] for row in some],
            _MARKERS[number],
            color=COLOURS[number],
            label=family,
        )
    reach = np.array([min(r["ball"] for r in rows), max(r["lower"] for r in rows)])
    axis.loglog(reach, reach, "k--", linewidth=0.8, label="equal")
    axis.set_xlabel("radius of the theorem's ball, √χ²")
    axis.set_ylabel("distance to the boundary, √χ²")
    axis.legend(fontsize=8)
    bounded = sum(row["ends"] == "escapes" for row in rows)
    ratios = np.array([row["ratio"] for row in rows])
    above = int(np.sum(ratios >= 1))
    return Figure(
        "basin",
        picture,
        f"How conservative the balls are: along {len(rows)} random directions, the largest datum "
        f"that converges against the ball. {bounded} directions leave the basin, "
        f"{sum(row['ends'] == 'undecided' for row in rows)} are undecided; along the others the "
        f"largest positive density converges.",
        f"A scatter plot on logarithmic axes; {above} of {len(rows)} points lie on or above the "
        f"diagonal, by factors from {ratios.min():.3g} to {ratios.max():.3g}.",
    )


def exact_rate_figure(rows: Sequence[Row]) -> Figure:
    """Measured against conjectured rates, with error bars, and their relative difference."""
    picture, axes = panels(2)
    known = [row for row in rows if not row["reason"]]
    for number, theorem in enumerate(dict.fromkeys(row["theorem"] for row in known)):
        some = [row for row in known if row["theorem"] == theorem]
        x = np.array([row["conjectured"] for row in some])
        y = np.array([row["measured"] for row in some])
        error = np.array([row["error"] for row in some])
        colour = COLOURS[number]
        axes[0].errorbar(
            x, y, error, fmt=_MARKERS[number], color=colour, markersize=3, label=theorem
        )
        axes[1].semilogy(
            x, np.maximum(np.abs(y / x - 1), 1e-14), _MARKERS[number], color=colour, markersize=3
        )
    reach = [0, max(row["conjectured"] for row in known)]
    axes[0].plot(reach, reach, "k--", linewidth=0.8)
    axes[0].set_xlabel("conjectured rate of χ² (1 / time)")
    axes[0].set_ylabel("measured rate of χ² (1 / time)")
    axes[0].legend(fontsize=7)
    axes[1].set_xlabel("conjectured rate of χ² (1 / time)")
    axes[1].set_ylabel("relative difference")
    gaps = [abs(row["measured"] / row["conjectured"] - 1) for row in known]
    counts = {v: sum(row["verdict"] == v for row in rows) for v in ("agrees", "faster", "slower")}
    return Figure(
        "exact-rate",
        picture,
        f"Measured and conjectured rates of {len(rows)} random instances: {counts['agrees']} agree "
        f"within their error bars, {counts['faster']} are faster, {counts['slower']} slower.",
        f"Left: measured against conjectured rates, with the diagonal. Right: relative differences on "
        f"a logarithmic axis; their median is {np.median(gaps):.1e}, the largest {max(gaps):.1e}.",
    )


def critical_slack_figure(rows: Sequence[Row]) -> Figure:
    """chi2 against time on logarithmic axes, and chi2 tau t / 2 at the critical slack."""
    picture, axes = panels(2)
    last: list[float] = []
    for number, (tau, slack) in enumerate(
        dict.fromkeys((row["temperature"], row["slack"]) for row in rows)
    ):
        some = [r for r in rows if (r["temperature"], r["slack"]) == (tau, slack)]
        time = [row["time"] for row in some]
        label = f"τ = {tau:g}, λ = {slack:g}"
        shown = [(t, row["chi2"]) for t, row in zip(time, some, strict=True) if row["chi2"] > 1e-16]
        axes[0].loglog(*zip(*shown, strict=True), color=COLOURS[number], label=label)
        if slack == tau:
            scaled = [row["scaled"] for row in some]
            last.append(scaled[-1])
            axes[1].semilogx(time, scaled, color=COLOURS[number], label=label)
    axes[1].axhline(1.0, color="k", linestyle="--", linewidth=0.8)
    axes[0].set_xlabel("time t")
    axes[0].set_ylabel("χ² (no unit)")
    axes[1].set_xlabel("time t")
    axes[1].set_ylabel("χ² τ t / 2 (no unit)")
    axes[0].legend(fontsize=7)
    axes[1].legend(fontsize=7)
    return Figure(
        "critical-slack",
        picture,
        "Oscillators with slack λ up to the temperature τ. Left: exponential decay for λ < τ, "
        "algebraic at λ = τ. Right: at λ = τ, χ² approaches 2/(τ t).",
        f"Left: χ² against time on logarithmic axes. Right: χ² τ t / 2 at λ = τ; at the last times "
        f"it is {', '.join(f'{value:.4f}' for value in last)}.",
    )


def low_temperature_figure(rows: Sequence[Row]) -> Figure:
    """Bounds of alpha / rho against the temperature."""
    picture, (axis,) = panels(1, width=5.5, height=4.0)
    known = [row for row in rows if not row["reason"]]
    for number, well in enumerate(dict.fromkeys(row["well"] for row in known)):
        some = [row for row in known if row["well"] == well]
        t = [row["temperature"] for row in some]
        low, high = [row["ratio_low"] for row in some], [row["ratio_high"] for row in some]
        axis.fill_between(t, low, high, color=COLOURS[number], alpha=0.25, label=well)
        axis.plot(t, low, marker=_MARKERS[number], color=COLOURS[number], linewidth=0.8)
    axis.set_xscale("log")
    axis.set_xlabel("temperature t")
    axis.set_ylabel("α / ρ between proved bounds (no unit)")
    axis.legend(fontsize=8)
    return Figure(
        "low-temperature",
        picture,
        "The Poincaré constant over the log-Sobolev constant of exp(-V/t): how much faster the "
        "guaranteed local rate is than one by log-Sobolev.",
        "Bands of proved bounds against the temperature; at the lowest one: "
        + "; ".join(
            f"{row['well']} {row['ratio_low']:.3g} to {row['ratio_high']:.3g}"
            for row in known
            if row["temperature"] == min(r["temperature"] for r in known)
        ),
    )


def agreement_figure(rows: Sequence[Row]) -> Figure:
    """Root mean square distance against the number of particles."""
    picture, (axis,) = panels(1, width=5.0, height=4.0)
    words = []
    for number, preset in enumerate(dict.fromkeys(row["preset"] for row in rows)):
        some = [row for row in rows if row["preset"] == preset]
        means = [
            np.sqrt(np.mean([r["distance"] ** 2 for r in some if r["particles"] == size]))
            for size in SIZES
        ]
        slope, error = agreement_slope(some)
        axis.loglog(SIZES, means, _MARKERS[number] + "-", color=COLOURS[number], label=preset)
        words.append(f"{preset}: {slope:.3f} ± {error:.3f}")
    axis.loglog(SIZES, 0.3 / np.sqrt(SIZES), "k--", linewidth=0.8, label="slope -1/2")
    axis.set_xlabel("number of particles N")
    axis.set_ylabel("distance of Fourier coefficients (no unit)")
    axis.legend(fontsize=8)
    return Figure(
        "particles",
        picture,
        f"Particles against the equation at time 1; exponents of N: {'; '.join(words)}.",
        f"Distances against N on logarithmic axes, from N = {SIZES[0]} to {SIZES[-1]}, beside a line "
        f"of slope -1/2.",
    )
