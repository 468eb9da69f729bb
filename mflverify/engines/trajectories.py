"""Claims about later times, on whole trajectories: of the flow itself, or of extremal inequalities.

The initial state satisfies the hypotheses, in half of the draws exactly at the edge of the basin.
Findings are `sampled`: the trajectories are floats, with steps refined until they agree to 1e-6.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache

import numpy as np
from attrs import evolve

from mflverify.dynamics.flows import Trajectory, UnresolvedError, integrate
from mflverify.dynamics.inequalities import Path, extremal
from mflverify.engines.evidence import Evidence
from mflverify.engines.flows import flows_of
from mflverify.engines.profile import Profile
from mflverify.expr.terms import (
    AtTime,
    Flow,
    Parameter,
    Quantity,
    Rational,
    subterms,
)
from mflverify.models import Evaluator, Request, ScalarFamily, TorusBatch, TorusFamily, Unavailable
from mflverify.models.bounds import start_of
from mflverify.models.float_torus import Array
from mflverify.models.scalar_batch import ScalarBatch
from mflverify.proof.statement import Step
from mflverify.proof.verdict import Empirical

OUTPUTS = (0.05, 0.2, 0.5, 1.0, 2.0)
# relative error allowed: ten times the change seen when the step was last halved, and for the
# Euler steps of inequalities their known size
SAFETY = 10
EULER_TOLERANCE = 2e-3
EULER_STEPS = 800


def examine_trajectories(step: Step, profile: Profile, seed: int) -> Evidence:
    """Evaluate a claim with `at_time` along trajectories of the statement's flow."""
    flows = flows_of(step)
    times = {part.time for part in subterms(step.claim) if isinstance(part, AtTime)}
    moments = [time for time in times if isinstance(time, Parameter)]
    if len(flows) != 1 or len(moments) != 1:
        reason = f"needs one flow and one time, found {len(flows)} and {len(moments)}"
        return Evidence("trajectories", Empirical.NOT_APPLICABLE, reason=reason)
    (flow,), (moment,) = flows, moments
    symbols = [symbol for symbol, _ in flow.equations]
    hypotheses = (*step.statement.given, *step.assuming)
    request = Request.of(start_of(step.claim), flow, *symbols, hypotheses=hypotheses)
    try:
        if flow.equations:
            return _along_flow(step, flow, moment, request, profile, seed)
        return _along_inequalities(step, moment, request, profile, seed)
    except (UnresolvedError, Unavailable, ValueError) as error:
        return Evidence("trajectories", Empirical.UNDECIDED, reason=str(error))


def _along_flow(
    step: Step, flow: Flow, moment: Parameter, request: Request, profile: Profile, seed: int
) -> Evidence:
    batch, trajectory = _trajectory(request, flow, profile.trajectories, seed)
    outputs = _evaluators(batch.evaluator, trajectory.evaluators, trajectory.times, moment)
    return _judge(
        step,
        batch,
        outputs,
        SAFETY * trajectory.error,
        "torus",
        f"states agree to {trajectory.error:.1e}",
    )


def _along_inequalities(
    step: Step, moment: Parameter, request: Request, profile: Profile, seed: int
) -> Evidence:
    batch, path = _extremal_path(request, 20 * profile.trajectories, seed)
    outputs = _evaluators(batch.evaluator, path.evaluators, path.times, moment)
    return _judge(
        step, batch, outputs, EULER_TOLERANCE, "scalars", f"Euler steps, {EULER_STEPS} a unit"
    )


@lru_cache(maxsize=4)
def _trajectory(
    request: Request, flow: Flow, count: int, seed: int
) -> tuple[TorusBatch, Trajectory]:
    """The same trajectories for all claims of a statement about later times."""
    batch = TorusFamily().draw(request, np.random.default_rng([seed, 4]), count)
    return batch, integrate(batch, flow, OUTPUTS)


@lru_cache(maxsize=4)
def _extremal_path(request: Request, count: int, seed: int) -> tuple[ScalarBatch, Path]:
    batch = ScalarFamily().draw(request, np.random.default_rng([seed, 5]), count)
    relations = tuple(
        start_of(r) for r in request.hypotheses if any(isinstance(p, Quantity) for p in subterms(r))
    )
    return batch, extremal(batch, relations, _time_unit(batch), OUTPUTS, EULER_STEPS)


def _time_unit(batch: ScalarBatch) -> Array:
    """A time in which nothing changes by more than a factor of e at its initial rate."""
    speeds = [
        np.abs(np.asarray(batch.evaluator.rates[q]))
        / np.maximum(np.asarray(batch.evaluator(q)), 1e-300)
        for q in batch.request.ordered(Quantity)
        if q in batch.evaluator.rates
    ]
    return 1 / np.maximum(np.max(speeds, axis=0), 1e-6)


def _evaluators(
    base: Evaluator, states: tuple[Evaluator, ...], times: Array, moment: Parameter
) -> Iterator[tuple[int, Evaluator]]:
    """For each output an evaluator that knows the time, the state then and the initial state."""
    initial = Rational(Fraction(0))
    for index, (state, time) in enumerate(zip(states, times, strict=True)):
        symbols = {**state.symbols, moment: time}
        now = evolve(state, symbols=symbols)
        yield index, evolve(now, times={initial: states[0], moment: now})


def _judge(
    step: Step,
    batch: TorusBatch | ScalarBatch,
    outputs: Iterator[tuple[int, Evaluator]],
    tolerance: float,
    family: str,
    note: str,
) -> Evidence:
    claim = step.claim
    worst: tuple[float, float, float, int, int] | None = None
    for index, evaluator in outputs:
        lhs, rhs = np.asarray(evaluator(claim.lhs)), np.asarray(evaluator(claim.rhs))
        size = np.maximum(np.abs(lhs) + np.abs(rhs), np.finfo(float).tiny)
        margin = -np.abs(rhs - lhs) / size if claim.kind == "eq" else (rhs - lhs) / size
        if not np.all(np.isfinite(margin)):
            return Evidence(
                "trajectories", Empirical.UNDECIDED, family=family, reason="not a finite number"
            )
        i = int(np.argmin(margin))
        if worst is None or margin[i] < worst[0]:
            worst = (float(margin[i]), float(lhs[i]), float(rhs[i]), i, index)
    assert worst is not None
    margin_, left, right, i, index = worst
    data = batch.data(i)
    when = "at the start" if index == 0 else f"at output {OUTPUTS[index - 1]:g} diffusion times"
    good = margin_ >= -tolerance
    reason = f"{note}; worst {when}" if good else f"violated {when} by floats alone; {note}"
    return Evidence(
        "trajectories", Empirical.SAMPLED if good else Empirical.UNDECIDED, batch.size, family,
        margin_, f"{left:.12g}", f"{right:.12g}", data.describe(), data.to_json(), reason=reason,
    )  # fmt: skip
