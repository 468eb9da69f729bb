"""One case simulated: modes chosen until resolved, a table of the functionals, a figure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from attrs import evolve, frozen

from mflverify.dynamics.simulation import Limits, Progress, Run, simulate
from mflverify.studies.cases import Case, DiscreteFlow
from mflverify.studies.figures import COLOURS, Figure, panels
from mflverify.studies.storage import Row, write_table


@frozen(eq=False)
class Simulation:
    """A run with the grid on which it was resolved, or on which it was given up."""

    case: Case
    flow: DiscreteFlow
    modes: int
    run: Run
    limits: Limits

    def rows(self) -> list[Row]:
        """One row for each output: time and functionals of each species."""
        run = self.run
        rows: list[Row] = []
        for number, time in enumerate(run.times):
            row: dict[str, Any] = {"time": float(time)}
            for i in range(self.flow.species):
                row[f"chi2_{i + 1}"] = float(run.chi2[number, i])
                row[f"dual_{i + 1}"] = float(run.dual[number, i])
                row[f"entropy_{i + 1}"] = float(run.entropy[number, i])
            row["free_energy"] = float(run.free_energy[number])
            rows.append(row)
        return rows

    def parameters(self) -> dict[str, Any]:
        """All that the rows depend on, and the verdict."""
        return {
            "model": self.case.source,
            "modes": self.modes,
            "tolerance": self.limits.tolerance,
            "duration": float(self.run.times[-1]),
            "verdict": self.run.verdict,
            "reason": self.run.reason,
            "steps": self.run.steps,
        }


_CUT_OFF = 1e-3


def simulate_case(
    case: Case,
    duration: float,
    *,
    outputs: int = 100,
    modes: int | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Simulation:
    """The case over [0, duration].

    Without `modes` their number is doubled, up to `case.most`, as long as there are too few.
    """
    limits = limits or Limits()
    number = modes or case.fewest
    while True:
        flow = case.flow(number)
        run = simulate(
            flow, case.start(flow), duration, outputs=outputs, limits=limits, progress=progress
        )
        # a density that is slightly negative is one that is cut off too early
        negative = run.reason.startswith("the density is negative") and run.lowest > -_CUT_OFF
        short = run.reason.startswith("too few modes") or negative
        if modes is not None or not short or 2 * number > case.most:
            return Simulation(case, flow, number, run, limits)
        number *= 2


def accuracy(simulation: Simulation) -> float:
    """How much the last state changes with half as many modes again and a tolerance 100 times less.

    Relative, in the norm of the step control.  Raises UndecidedError when either run is undecided.
    """
    run = simulation.run.require_resolved()
    limits = evolve(simulation.limits, tolerance=simulation.limits.tolerance / 100)
    finer = simulate_case(
        simulation.case,
        float(run.times[-1]),
        outputs=len(run.times) - 1,
        modes=simulation.modes * 3 // 2,
        limits=limits,
    )
    reference = finer.run.require_resolved().states[-1]
    state = simulation.flow.refined(run.states[-1], finer.flow)
    return finer.flow.size(state - reference) / finer.flow.size(reference)


def decay_figure(simulation: Simulation, name: str) -> Figure:
    """The functionals against time, on a logarithmic scale."""
    run = simulation.run
    picture, (axis,) = panels(1, width=6.0, height=4.0)
    curves = [
        (run.chi2.sum(axis=1), "χ²", "-"),
        (run.dual.sum(axis=1), "squared dual norm", "--"),
        (run.entropy.sum(axis=1), "KL", ":"),
        (run.free_energy, "free energy", "-."),
    ]
    for (values, label, style), colour in zip(curves, COLOURS, strict=False):
        if np.any(values > 0):
            axis.semilogy(run.times, values, style, color=colour, label=label)
    axis.set_xlabel("time t")
    axis.set_ylabel("sum over species (no unit)")
    axis.legend()
    title = simulation.case.name
    return Figure(
        name,
        picture,
        f"{title}: distances to the equilibrium. {run.verdict}",
        f"Curves of {', '.join(label for _, label, _ in curves)} against time up to "
        f"{run.times[-1]:.3g}; χ² goes from {run.chi2[0].sum():.3g} to {run.chi2[-1].sum():.3g}.",
    )


def save_simulation(simulation: Simulation, folder: Path, name: str) -> list[Path]:
    """name.parquet, name.svg and name.png in `folder`."""
    table = folder / f"{name}.parquet"
    write_table(table, simulation.rows(), simulation.parameters())
    return [table, *decay_figure(simulation, name).save(folder)]
