"""One figure for each theorem: decay and bound, rates, and a Lyapunov functional beside chi2."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np

from mflverify.dynamics.simulation import Limits, Run, simulate
from mflverify.dynamics.torus_flow import TorusFlow
from mflverify.dynamics.torus_grid import TorusGrid
from mflverify.studies.conclusions import REGIMES, Instance, about, generator, instance
from mflverify.studies.draws import draw_monotone_model
from mflverify.studies.figures import COLOURS, Figure, panels
from mflverify.studies.growth import fastest_growth
from mflverify.studies.storage import Row
from mflverify.studies.theorems import StatedTheorems

_FACTORS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0)
_DRAWS = 8
_FRAME_MODES = 48


def growing_instance(theorem: str, seed: int, theorems: StatedTheorems) -> tuple[Instance, float]:
    """An instance with a datum along which chi2 first grows at least at half the rate of decay.

    Without slack, with interactions doubled until there is one, or else with the next interaction:
    one that hardly mixes eigenfunctions of L has none.  Its direction is that datum.  Raises
    ArithmeticError when no interaction has one.
    """
    for number, factor in product(range(_DRAWS), _FACTORS):
        model = draw_monotone_model(theorem, generator(theorem, number, seed), factor)
        flow = TorusFlow(model, TorusGrid(1, _FRAME_MODES))
        rate, state = fastest_growth(flow)
        if rate > min(model.temperatures):
            most = 0.98 / float(np.max(-flow.perturbation(state)))
            return about(theorem, model, flow, state, most, theorems), rate
    raise ArithmeticError(f"{theorem}: no initial datum was found along which chi2 grows")


def theorem_figure(
    theorem: str, rows: Sequence[Row], seed: int, theorems: StatedTheorems, fewest: int = 0
) -> Figure:
    """The figure of one theorem; rows: those of its instances, the first of which is drawn.

    fewest: the number of the instance that is drawn.
    """
    case = instance(theorem, fewest, seed, theorems)
    runs = {regime: case.run(case.start(regime)) for regime in REGIMES}
    grown, growth = growing_instance(theorem, seed, theorems)
    picture, axes = panels(3)
    _decay(axes[0], case, runs)
    drawn = [row for row in rows if row["instance"] == fewest]
    _rates(axes[1], drawn)
    peak, falls = _lyapunov(axes[2], grown)
    edge = next(row for row in drawn if row["regime"] == "edge")
    caption = (
        f"{theorem}. Left: {case.claim.reading.quantity} of one instance from three distances, and the "
        f"bound for the one at the edge of the ball. Middle: rates of χ² of that instance. Right: "
        f"another instance, with an initial datum along which χ² first grows (rate {growth:.3g}), "
        f"and a Lyapunov functional. {_words(rows)}"
    )
    ends = ", ".join(f"{run.chi2[-1].sum():.1e} ({regime})" for regime, run in runs.items())
    alternative = (
        f"Left: curves on a logarithmic scale; at the end χ² is {ends}; the least log of bound over "
        f"value at the edge is {edge['margin']:.3g}. Middle: rates by log-Sobolev "
        f"{edge['log_sobolev_low']:.3g} to {edge['log_sobolev_high']:.3g}, guaranteed "
        f"{edge['guaranteed']:.3g}, conjectured {edge['conjectured']:.3g}, measured "
        f"{edge['measured']:.3g} ± {edge['measured_error']:.1g}. Right: χ² reaches {peak:.4g} times "
        f"its initial value; the Lyapunov functional {'only falls' if falls else 'does not only fall'}."
    )
    return Figure(f"conclusion-{theorem}", picture, caption, alternative)


def _words(rows: Sequence[Row]) -> str:
    inside = [row for row in rows if row["regime"] in ("inside", "edge")]
    held = sum(row["bound"] == "holds" for row in inside)
    undecided = sum(row["bound"] == "undecided" for row in rows)
    text = f"In the ball the bound held on {held} of {len(inside)} trajectories"
    return f"{text}; {undecided} undecided." if undecided else f"{text}."


def _decay(axis: Any, case: Instance, runs: dict[str, Run]) -> None:
    labels = {"inside": "half the radius", "edge": "at the edge", "outside": "far outside"}
    for (regime, run), colour in zip(runs.items(), COLOURS, strict=False):
        shown = run.times <= run.times[-1] / 2
        axis.semilogy(
            run.times[shown], case.claim.value(run)[shown], color=colour, label=labels[regime]
        )
    edge = runs["edge"]
    shown = edge.times <= edge.times[-1] / 2
    axis.semilogy(
        edge.times[shown], case.claim.bound(edge)[shown], "k--", label="bound at the edge"
    )
    axis.set_xlabel("time t")
    axis.set_ylabel(f"{case.claim.reading.quantity} (no unit)")
    axis.legend(fontsize=8)


def _rates(axis: Any, rows: Sequence[Row]) -> None:
    edge = next(row for row in rows if row["regime"] == "edge")
    low, high = edge["log_sobolev_low"], edge["log_sobolev_high"]
    names = ("log-Sobolev", "guaranteed", "conjectured", "measured")
    axis.plot([low, high], [0, 0], color=COLOURS[0], linewidth=4, solid_capstyle="butt")
    axis.plot(edge["guaranteed"], 1, "o", color=COLOURS[1])
    axis.plot(edge["conjectured"], 2, "s", color=COLOURS[2])
    for row, marker in zip(rows, ("v", "D", "^"), strict=True):
        error = row["measured_error"]
        bar = error if np.isfinite(error) else None
        axis.errorbar(row["measured"], 3, xerr=bar, fmt=marker, color="k")
    axis.set_yticks(range(4), names)
    axis.set_xlim(left=0)
    axis.set_xlabel("rate of χ² (1 / unit of time)")


def _lyapunov(axis: Any, case: Instance) -> tuple[float, bool]:
    """Draws; returns the largest chi2 over its initial value, and whether the other only falls."""
    start = case.start("inside")
    first = simulate(
        case.flow,
        start,
        1.0 / max(case.spectrum.rate, 0.05),
        outputs=400,
        limits=Limits(tolerance=1e-8, seconds=60.0, tail=1e-6),
    )
    chi2, other = first.chi2.sum(axis=1), case.claim.lyapunov(first)
    axis.plot(first.times, chi2 / chi2[0], color=COLOURS[1], label="χ²")
    axis.plot(first.times, other / other[0], color=COLOURS[0], label="Lyapunov functional")
    axis.axhline(1.0, color="#888888", linewidth=0.6)
    axis.set_xlabel("time t")
    axis.set_ylabel("relative to the initial value")
    axis.legend(fontsize=8)
    return float(np.max(chi2 / chi2[0])), bool(np.all(np.diff(other) < 0))
