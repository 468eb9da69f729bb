"""Studies of what the paper conjectures: exact rates, the critical slack, low temperatures."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from mflverify.dynamics.interaction import Kernel
from mflverify.dynamics.simulation import Limits, simulate
from mflverify.dynamics.spectrum import SpectrumError
from mflverify.dynamics.torus_flow import TorusFlow
from mflverify.dynamics.torus_grid import TorusGrid
from mflverify.dynamics.torus_model import mean_field_langevin
from mflverify.dynamics.trigonometric import TrigSeries
from mflverify.numerics.density import LogPolynomialDensity
from mflverify.numerics.log_sobolev import log_sobolev_constant
from mflverify.numerics.poincare import poincare_constant
from mflverify.numerics.spectral_enclosure import NotEnclosedError
from mflverify.studies.conclusions import instance, judge
from mflverify.studies.exact_rate import settling
from mflverify.studies.storage import Campaign, Row
from mflverify.studies.theorems import StatedTheorems

_DRAWN = ("thm-3.2", "thm-4.1", "cor-4.2", "thm-5.2", "thm-3.8")


def exact_rate_row(number: int, seed: int, theorems: StatedTheorems) -> Row:
    """Measured against conjectured rate, from as far away as the density allows.

    verdict: `agrees` within the error bar or 1e-3, `faster` when chi2 decays faster than conjectured
    (the datum hardly excites the slowest mode), `slower`, which would refute the conjecture if the
    error bar can be believed, or `undecided`.  lower, upper: between what the conjectured rate
    certainly lies.
    """
    theorem = _DRAWN[number % len(_DRAWN)]
    record: dict[str, Any] = {
        "theorem": theorem,
        "instance": number,
        "seed": seed,
        "guaranteed": float("nan"),
        "conjectured": float("nan"),
        "lower": float("nan"),
        "upper": float("nan"),
        "measured": float("nan"),
        "error": float("nan"),
        "condition": float("nan"),
        "imaginary": float("nan"),
        "verdict": "undecided",
        "reason": "",
    }
    try:
        case = instance(theorem, number, seed, theorems)
    except SpectrumError as error:
        return {**record, "reason": str(error)}
    found = judge(case, case.run(case.start("outside")))
    rate, measured, error = case.spectrum.rate, found["measured"], found["measured_error"]
    record.update(
        guaranteed=case.claim.limit,
        conjectured=rate,
        measured=measured,
        error=error,
        condition=case.spectrum.condition,
        imaginary=abs(complex(case.spectrum.eigenvalues[0]).imag),
        reason=found["reason"],
    )
    enclosure = case.spectrum.enclosure
    if enclosure is not None:
        record.update(lower=enclosure.lower, upper=enclosure.upper)
    if found["reason"]:
        return record
    if not np.isfinite(error):
        gap = settling(case.spectrum).gap
        return {
            **record,
            "reason": f"not settled: slowest modes nearly tie (gap {gap:.3g}) or turn too slowly",
        }
    if error > 0.05 * rate:
        return {**record, "reason": f"the error bar is too wide ({error:.2g})"}
    if abs(measured - rate) <= max(error, 1e-3 * rate):
        record["verdict"] = "agrees"
    else:
        record["verdict"] = "faster" if measured > rate else "slower"
    return record


def exact_rate_campaign(count: int, seed: int, proofs: Path, folder: Path) -> Campaign:
    """`count` random instances of five theorems in turn."""
    theorems = StatedTheorems.load(proofs)
    return Campaign(
        name="exact-rate",
        folder=folder,
        count=count,
        parameters={"seed": seed},
        task=lambda number: [exact_rate_row(number, seed, theorems)],
    )


_SLACKS = (0.9, 0.99, 0.999, 1.0, 1.0, 1.0)
_TEMPERATURES = (1.0, 1.0, 1.0, 0.5, 1.0, 2.0)


def critical_slack_rows(number: int) -> list[Row]:
    """Oscillators k = -2 lambda cos(x - y) about the uniform law, lambda up to tau.

    At lambda = tau the linear rate is 0 and the first mode obeys |c|^2' = -tau |c|^4 in the end (by
    E1, with the second mode following it), so that chi2 ~ 2/(tau t): `scaled` is chi2 tau t / 2.
    """
    tau = _TEMPERATURES[number]
    slack = _SLACKS[number] * tau
    kernel = Kernel(TrigSeries(1, {(1,): (-2 * slack, 0.0)}))
    flow = TorusFlow(mean_field_langevin(TrigSeries(1, {}), tau, kernel), TorusGrid(1, 32))
    start = flow.state_of([0.8 * np.cos(flow.grid.coordinates[0])])
    rows: list[Row] = []
    time = 0.0
    for duration in np.diff([0.0, *(10.0 ** np.arange(0, 4.01, 0.25))]):
        run = simulate(
            flow, start, float(duration), outputs=1, limits=Limits(tolerance=1e-9, seconds=120.0)
        )
        time += float(duration)
        chi2 = float(run.chi2[-1].sum())
        rows.append(
            {
                "temperature": tau,
                "slack": slack,
                "time": time,
                "chi2": chi2,
                "scaled": chi2 * tau * time / 2,
                "verdict": run.verdict,
                "reason": run.reason,
            }
        )
        if run.reason or chi2 < 1e-200:
            break
        start = run.states[-1]
    return rows


def critical_slack_campaign(folder: Path) -> Campaign:
    """Three slacks below the temperature, and the critical one at three temperatures."""
    return Campaign(
        name="critical-slack",
        folder=folder,
        count=len(_SLACKS),
        parameters={"slacks": list(_SLACKS), "temperatures": list(_TEMPERATURES)},
        task=critical_slack_rows,
    )


# one well with a slope that is nearly flat (not convex), one convex well, and the double well
_WELLS = {
    "shoulder": (0, 0, Fraction(1, 2), Fraction(-4, 9), Fraction(1, 9)),
    "convex": (0, 0, Fraction(1, 2), 0, Fraction(1, 4)),
    "double well": (0, 0, Fraction(-1, 2), 0, Fraction(1, 4)),
}
_COLD = (1, Fraction(1, 2), Fraction(1, 4), Fraction(1, 8), Fraction(1, 16), Fraction(1, 32))


def low_temperature_rows(number: int) -> list[Row]:
    """alpha and rho of exp(-V/t)/Z, times t, and the ratio alpha/rho between proved bounds."""
    name, well = list(_WELLS.items())[number // len(_COLD)]
    temperature = _COLD[number % len(_COLD)]
    density = LogPolynomialDensity(tuple(Fraction(c) / temperature for c in well))
    t = float(temperature)
    record: dict[str, Any] = {
        "well": name,
        "temperature": t,
        "alpha": float("nan"),
        "rho_low": float("nan"),
        "rho_high": float("nan"),
        "ratio_low": float("nan"),
        "ratio_high": float("nan"),
        "verdict": "undecided",
        "reason": "",
    }
    try:
        alpha, rho = poincare_constant(density, digits=8), log_sobolev_constant(density)
    except (NotEnclosedError, ArithmeticError) as error:
        return [{**record, "reason": str(error)}]
    record.update(
        alpha=float(alpha.lower) * t,
        rho_low=float(rho.lower) * t,
        rho_high=float(rho.upper) * t,
        ratio_low=float(alpha.lower) / float(rho.upper),
        ratio_high=float(alpha.upper) / float(rho.lower) if rho.lower > 0 else float("inf"),
        verdict="enclosed",
    )
    return [record]


def low_temperature_campaign(folder: Path) -> Campaign:
    """Three potentials at six temperatures."""
    return Campaign(
        name="low-temperature",
        folder=folder,
        count=len(_WELLS) * len(_COLD),
        parameters={
            "wells": {name: [str(c) for c in well] for name, well in _WELLS.items()},
            "temperatures": [str(t) for t in _COLD],
        },
        task=low_temperature_rows,
    )
