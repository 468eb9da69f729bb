"""The true basin of attraction against the ball of a theorem, along random directions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mflverify.dynamics.functionals import Functionals
from mflverify.dynamics.interaction import Kernel
from mflverify.dynamics.simulation import Limits, simulate
from mflverify.dynamics.torus_flow import TorusFlow
from mflverify.dynamics.torus_grid import Complex, TorusGrid
from mflverify.dynamics.torus_model import TorusModel, mean_field_langevin
from mflverify.dynamics.trigonometric import TrigSeries
from mflverify.studies.conclusions import Instance, about, generator, instance
from mflverify.studies.draws import direction_state, draw_direction
from mflverify.studies.storage import Campaign, Row
from mflverify.studies.theorems import StatedTheorems

FAMILIES = ("bistable", "thm-3.2", "thm-4.1", "thm-5.2")
_BISECTIONS = 12


def bistable_model(rng: np.random.Generator) -> TorusModel:
    """Kuramoto and Daido's oscillators where the uniform and an ordered state are both stable.

    Energy -(K/2) int int (cos + m cos 2) at temperature 1/2 with m = 0.75 and K between the fold,
    0.95621..., and the loss of stability of the uniform state, 1.
    """
    coupling = float(rng.uniform(0.962, 0.992))
    terms = {(1,): (-coupling, 0.0), (2,): (-0.75 * coupling, 0.0)}
    return mean_field_langevin(TrigSeries(1, {}), 0.5, Kernel(TrigSeries(1, terms)))


def outcome(case: Instance, start: Complex, limits: Limits | None = None) -> str:
    """`converges`, `escapes` or `undecided`.

    It converges when it enters the ball of the theorem.  A gradient flow escapes when its free
    energy falls below that of the equilibrium, which it can never reach again.  Whatever is
    neither within 200 relaxation times is undecided.
    """
    ball = 0.999 * case.claim.size_of_ball

    def known(values: Functionals) -> bool:
        below = values.free_energy is not None and values.free_energy < -1e-9
        return below or case.claim.size(values) < ball

    run = simulate(
        case.flow,
        start,
        200 / case.spectrum.rate,
        outputs=1000,
        limits=limits or Limits(tolerance=1e-7, seconds=60.0, tail=1e-5),
        stop=known,
    )
    if run.reason:
        return "undecided"
    last = case.flow.functionals(run.states[-1])
    if case.claim.size(last) < ball:
        return "converges"
    return "escapes" if known(last) else "undecided"


def basin_row(family: str, number: int, seed: int, theorems: StatedTheorems) -> Row:
    """The boundary of the basin along one random direction, between `lower` and `upper`.

    Both are distances sqrt(chi2); the ball's is the theorem's r along that direction.  ends: what
    happens at the largest density of that direction; `converges` there means that no boundary was
    met, and lower = upper is that distance.
    """
    if family == "bistable":
        rng = generator("thm-3.2", number, seed)
        model = bistable_model(rng)
        flow = TorusFlow(model, TorusGrid(1, 48))
        unit, most = direction_state(flow, draw_direction(model, rng))
        case = about("thm-3.2", model, flow, unit, most, theorems)
    else:
        case = instance(family, number, seed, theorems)
    length = float(np.sqrt(case.flow.functionals(case.unit).chi2.sum()))
    inside = case.multiple(case.claim.size_of_ball)
    low, high = inside, case.most
    ends = outcome(case, high * case.unit)
    if ends == "converges":
        low = high
    for _ in range(_BISECTIONS if ends == "escapes" else 0):
        middle = float(np.sqrt(low * high))
        found = outcome(case, middle * case.unit)
        if found == "undecided":
            break
        low, high = (middle, high) if found == "converges" else (low, middle)
    record: dict[str, Any] = {
        "family": family,
        "instance": number,
        "seed": seed,
        "ball": inside * length,
        "lower": low * length,
        "upper": high * length,
        "ends": ends,
        "ratio": low / inside,
        "slack": case.constants.slack,
        "temperature": float(case.constants.temperature[0]),
    }
    return record


def basin_campaign(family: str, count: int, seed: int, proofs: Path, folder: Path) -> Campaign:
    """`count` random models with one random direction each."""
    theorems = StatedTheorems.load(proofs)
    return Campaign(
        name=f"basin-{family}",
        folder=folder,
        count=count,
        parameters={"family": family, "seed": seed},
        task=lambda number: [basin_row(family, number, seed, theorems)],
    )
