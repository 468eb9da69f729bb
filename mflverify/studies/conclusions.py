"""The conclusions of the theorems on whole trajectories: inside the ball, at its edge, far outside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from attrs import frozen

from mflverify.dynamics.constants import Constants, constants, log_sobolev_bounds
from mflverify.dynamics.simulation import Limits, Run, simulate
from mflverify.dynamics.spectrum import Spectrum, SpectrumError, linearised_spectrum
from mflverify.dynamics.torus_flow import TorusFlow
from mflverify.dynamics.torus_grid import Complex, TorusGrid
from mflverify.dynamics.torus_model import TorusModel
from mflverify.studies.draws import direction_state, draw_direction, draw_model
from mflverify.studies.exact_rate import chi2_frequency, log_sobolev_rates, outputs_for, settling
from mflverify.studies.rates import fit_rate
from mflverify.studies.storage import Campaign, Row
from mflverify.studies.theorems import Claim, StatedTheorems, claim

REGIMES = ("inside", "edge", "outside")
_MODES = 32
# relative error of a value on a trajectory whose steps are computed to 1e-7
_ACCURACY = 1e-5


@frozen(eq=False)
class Instance:
    """One model with a direction of initial data, and the claim of a theorem about it.

    unit: the state of the direction; most: the largest multiple with a positive density.
    """

    theorem: str
    model: TorusModel
    flow: TorusFlow
    constants: Constants
    claim: Claim
    spectrum: Spectrum
    unit: Complex
    most: float

    def multiple(self, size: float) -> float:
        """The s for which s * unit has a given size, by bisection; `most` if it is never reached."""
        low, high = 0.0, self.most
        if self.size(high) < size:
            return high
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if self.size(middle) < size else (low, middle)
        return low

    def size(self, multiple: float) -> float:
        """The size of a multiple of the direction, as the claim measures it."""
        return self.claim.size(self.flow.functionals(multiple * self.unit))

    def start(self, regime: str) -> Complex:
        """Half the radius, just inside the edge, or as far outside as the density allows."""
        ball = self.claim.size_of_ball
        sizes = {"inside": 0.25 * ball, "edge": (1 - 1e-9) * ball, "outside": np.inf}
        return self.multiple(sizes[regime]) * self.unit

    def run(self, start: Complex, limits: Limits | None = None) -> Run:
        """Until the slowest mode is alone.  Raises ValueError unless the conjectured rate is positive."""
        if self.spectrum.rate <= 0:
            raise ValueError(f"no decay to follow: the conjectured rate is {self.spectrum.rate}")
        needed = settling(self.spectrum)
        limits = limits or Limits(tolerance=1e-7, seconds=120.0)
        outputs = outputs_for(needed, self.spectrum)
        return simulate(self.flow, start, needed.duration, outputs=outputs, limits=limits)


def instance(
    theorem: str, number: int, seed: int, theorems: StatedTheorems, species: int = 3
) -> Instance:
    """Instance `number` of a theorem: the same seed gives the same instance.

    species: as for `draw_model`.  Raises SpectrumError or ValueError when the draw cannot be used.
    """
    rng = generator(theorem, number, seed)
    model = draw_model(theorem, rng, species)
    direction = draw_direction(model, rng)
    flow = TorusFlow(model, TorusGrid(1, _MODES))
    unit, most = direction_state(flow, direction)
    return about(theorem, model, flow, unit, most, theorems)


def generator(theorem: str, number: int, seed: int) -> np.random.Generator:
    """The random numbers of one instance."""
    return np.random.default_rng([seed, number, *theorem.encode()])


def about(
    theorem: str,
    model: TorusModel,
    flow: TorusFlow,
    unit: Complex,
    most: float,
    theorems: StatedTheorems,
) -> Instance:
    """The claim of a theorem about a model and a direction."""
    found = constants(model)
    stated = claim(
        theorem,
        model,
        found,
        theorems,
        log_sobolev=lambda: np.array([log_sobolev_bounds(p)[0] for p in model.potentials]),
    )
    spectrum = linearised_spectrum(model, 24, enclosed=True)
    return Instance(theorem, model, flow, found, stated, spectrum, unit, most)


def judge(case: Instance, run: Run) -> dict[str, Any]:
    """The margin to the bound and the fitted rate of one run.

    margin: the least log(bound / value) at times after 0; below -1e-5 the bound is violated.  A run that is not
    resolved is undecided, whatever its values.  measured_error: infinite when the two slowest modes
    nearly tie, so that the slope may belong to both.
    """
    value, bound = case.claim.value(run), case.claim.bound(run)
    margin = float(np.min(np.log(bound / value)[1:], initial=np.inf))
    rate = error = float("nan")
    if not run.reason:
        fit = fit_rate(run.times, run.chi2.sum(axis=1), frequency=chi2_frequency(case.spectrum))
        rate = fit.rate
        error = fit.error if settling(case.spectrum).settled else float("inf")
    verdict = "undecided" if run.reason else "violated" if margin < -_ACCURACY else "holds"
    return {
        "margin": margin,
        "bound": verdict,
        "reason": run.reason,
        "measured": rate,
        "measured_error": error,
        "converged": bool(not run.reason and run.chi2[-1].sum() < 1e-3 * run.chi2[0].sum()),
        "chi2_first_grows": bool(len(run.chi2) > 1 and run.chi2[1].sum() > run.chi2[0].sum()),
        "lyapunov_grows": bool(np.any(np.diff(case.claim.lyapunov(run)) > 0)),
    }


def conclusion_rows(theorem: str, number: int, seed: int, theorems: StatedTheorems) -> list[Row]:
    """The three regimes of one instance; one undecided row when the draw cannot be used."""
    base: dict[str, Any] = {"theorem": theorem, "instance": number, "seed": seed}
    try:
        case = instance(theorem, number, seed, theorems)
    except SpectrumError as error:
        return [{**_EMPTY, **base, "bound": "undecided", "reason": str(error)}]
    bounds = np.array([log_sobolev_bounds(p) for p in case.model.potentials])
    low, high = log_sobolev_rates(bounds, case.constants)
    rows: list[Row] = []
    for regime in REGIMES:
        start = case.start(regime)
        size, ball = case.claim.size(case.flow.functionals(start)), case.claim.size_of_ball
        rows.append(
            {
                **_EMPTY,
                **base,
                "regime": regime,
                "size": size,
                "ball": ball,
                "reached": bool(size > 0.9 * ball) if regime == "edge" else size > ball,
                "claimed": case.claim.rate,
                "guaranteed": case.claim.limit,
                "conjectured": case.spectrum.rate,
                "log_sobolev_low": low,
                "log_sobolev_high": high,
                "condition": case.spectrum.condition,
                "slack": case.constants.slack,
                **judge(case, case.run(start)),
            }
        )
    return rows


_EMPTY: dict[str, Any] = {
    "theorem": "",
    "instance": 0,
    "seed": 0,
    "regime": "",
    "size": float("nan"),
    "ball": float("nan"),
    "reached": False,
    "claimed": float("nan"),
    "guaranteed": float("nan"),
    "conjectured": float("nan"),
    "log_sobolev_low": float("nan"),
    "log_sobolev_high": float("nan"),
    "condition": float("nan"),
    "slack": float("nan"),
    "margin": float("nan"),
    "bound": "",
    "reason": "",
    "measured": float("nan"),
    "measured_error": float("nan"),
    "converged": False,
    "chi2_first_grows": False,
    "lyapunov_grows": False,
}


def conclusions_campaign(
    theorem: str, count: int, seed: int, proofs: Path, folder: Path
) -> Campaign:
    """`count` instances of one theorem, three trajectories each."""
    theorems = StatedTheorems.load(proofs)
    stated = theorems.statements[theorem]
    statement = [repr(part) for part in (*stated.given, *stated.claims.values())]
    return Campaign(
        name=f"conclusions-{theorem}",
        folder=folder,
        count=count,
        parameters={"theorem": theorem, "seed": seed, "statement": statement},
        task=lambda number: conclusion_rows(theorem, number, seed, theorems),
    )
