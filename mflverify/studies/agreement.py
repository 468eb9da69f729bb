"""How the particles approach the equation: the error of Fourier coefficients against N."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mflverify.dynamics.particles import TorusParticles, sample_torus, steps
from mflverify.dynamics.simulation import Limits
from mflverify.studies.cases import TorusCase
from mflverify.studies.model_file import load_case
from mflverify.studies.storage import Campaign, Row
from mflverify.studies.trajectory import simulate_case

SIZES = (100, 1_000, 10_000, 100_000)
_TIME, _STEP = 1.0, 0.02


def agreement_rows(preset: str, number: int, repeats: int, seed: int) -> list[Row]:
    """The distance of empirical from true Fourier coefficients at time 1, one row for each repeat.

    distance: root mean square over the modes and species of the model.
    """
    case = load_case(preset)
    assert isinstance(case, TorusCase)
    size = SIZES[number]
    simulation = simulate_case(case, _TIME, outputs=1, limits=Limits(tolerance=1e-9))
    state = simulation.run.require_resolved().states[-1]
    ensemble = TorusParticles(case.model)
    flow = case.flow(simulation.modes)
    exact = ensemble.from_state(flow.grid, state)
    rows: list[Row] = []
    for repeat in range(repeats):
        rng = np.random.default_rng([seed, size, repeat])
        positions = np.stack(
            [
                sample_torus(potential, start, size, rng)
                for potential, start in zip(case.model.potentials, case.starts, strict=True)
            ]
        )
        path = steps(ensemble, positions, _STEP, rng)
        for _ in range(round(_TIME / _STEP)):
            positions = next(path)
        difference = ensemble.deviations(positions) - exact
        rows.append(
            {
                "preset": preset,
                "particles": size,
                "repeat": repeat,
                "seed": seed,
                "distance": float(np.sqrt(np.mean(np.abs(difference) ** 2))),
            }
        )
    return rows


def agreement_slope(rows: list[Row]) -> tuple[float, float]:
    """The exponent of N in the root mean square distance, and its standard error."""
    sizes = sorted({row["particles"] for row in rows})
    logs, spreads = [], []
    for size in sizes:
        squares = np.array([row["distance"] ** 2 for row in rows if row["particles"] == size])
        logs.append(0.5 * np.log(squares.mean()))
        spreads.append(0.5 * squares.std(ddof=1) / squares.mean() / np.sqrt(len(squares)))
    x = np.log(np.array(sizes, dtype=float))
    weights = 1 / np.array(spreads) ** 2
    centre = np.sum(weights * x) / weights.sum()
    square = np.sum(weights * (x - centre) ** 2)
    slope = np.sum(weights * (x - centre) * np.array(logs)) / square
    return float(slope), float(1 / np.sqrt(square))


def agreement_campaign(preset: str, repeats: int, seed: int, folder: Path) -> Campaign:
    """Four numbers of particles, several repeats each."""
    return Campaign(
        name=f"particles-{preset}",
        folder=folder,
        count=len(SIZES),
        parameters={"preset": preset, "repeats": repeats, "seed": seed},
        task=lambda number: agreement_rows(preset, number, repeats, seed),
    )
