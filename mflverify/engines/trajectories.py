"""Claims about later times, on whole trajectories: of the flow itself, or of extremal inequalities.

The initial state satisfies the hypotheses, in half of the draws exactly at the edge of the basin.
Findings are `sampled`: the trajectories are floats, with steps refined until they agree to 1e-6.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache

import numpy as np
from attrs import evolve, frozen

from mflverify.dynamics.flows import UnresolvedError, integrate
from mflverify.dynamics.inequalities import extremal
from mflverify.engines.evidence import Evidence
from mflverify.engines.flows import flows_of
from mflverify.engines.profile import Profile
from mflverify.expr.components import write_out
from mflverify.expr.terms import (
    AtTime,
    Flow,
    Parameter,
    Quantity,
    Rational,
    Relation,
    subterms,
)
from mflverify.expr.unions import mentions_union
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
# of a union of spaces; the written-out flow is the heavier the more there are
COMPONENTS = 3


class NoJourneyError(ValueError):
    """A claim that is not about one time of one flow."""


@frozen
class Travelled:
    """A batch at its output times.

    batch: as it starts.  outputs: an evaluator for each output, the start first, that knows the
    time, the state then and the initial state.  tolerance: the relative error allowed for.
    """

    batch: TorusBatch | ScalarBatch
    outputs: tuple[Evaluator, ...]
    tolerance: float
    family: str
    note: str


@frozen
class Journey:
    """What a claim about later times is about: one flow, one moment, and admissible initial data."""

    flow: Flow
    moment: Parameter
    request: Request
    components: int = 0

    @staticmethod
    def of(step: Step) -> Journey:
        """The journey of a step.  Raises NoJourneyError for other than one flow and one time."""
        flows = flows_of(step)
        times = {part.time for part in subterms(step.claim) if isinstance(part, AtTime)}
        moments = [time for time in times if isinstance(time, Parameter)]
        if len(flows) != 1 or len(moments) != 1:
            reason = f"needs one flow and one time, found {len(flows)} and {len(moments)}"
            raise NoJourneyError(reason)
        (flow,), (moment,) = flows, moments
        hypotheses, claim = (*step.statement.given, *step.assuming), start_of(step.claim)
        components = COMPONENTS if mentions_union(flow) else 0
        if components:
            flow, claim = write_out(flow, components), write_out(claim, components)
            hypotheses = [write_out(relation, components) for relation in hypotheses]
        symbols = [symbol for symbol, _ in flow.equations]
        request = Request.of(claim, flow, *symbols, hypotheses=hypotheses)
        return Journey(flow, moment, request, components)

    def claim(self, step: Step) -> Relation:
        """The claim of the step as it is evaluated, unions written out."""
        return write_out(step.claim, self.components) if self.components else step.claim

    def start(self, rng: np.random.Generator, count: int) -> TorusBatch | ScalarBatch:
        """Random initial data, `count` of them.  Raises Unavailable, ValueError."""
        family = TorusFamily() if self.flow.equations else ScalarFamily()
        return family.draw(self.request, rng, count)

    def travel(self, batch: TorusBatch | ScalarBatch) -> Travelled:
        """The batch at its output times.  Raises UnresolvedError, Unavailable, ValueError."""
        if isinstance(batch, TorusBatch):
            path = integrate(batch, self.flow, OUTPUTS)
            tolerance, family = SAFETY * path.error, "torus"
            note = f"states agree to {path.error:.1e}"
        else:
            path = extremal(batch, self._relations, _time_unit(batch), OUTPUTS, EULER_STEPS)
            tolerance, family = EULER_TOLERANCE, "scalars"
            note = f"Euler steps, {EULER_STEPS} a unit"
        outputs = tuple(self._outputs(path.evaluators, path.times))
        return Travelled(batch, outputs, tolerance, family, note)

    @property
    def _relations(self) -> tuple[Relation, ...]:
        return tuple(
            start_of(r)
            for r in self.request.hypotheses
            if any(isinstance(part, Quantity) for part in subterms(r))
        )

    def _outputs(self, states: tuple[Evaluator, ...], times: Array) -> Iterator[Evaluator]:
        initial = Rational(Fraction(0))
        for state, time in zip(states, times, strict=True):
            # the initial state knows the time too, on which an exponent may depend
            start, now = (
                evolve(s, symbols={**s.symbols, self.moment: time}) for s in (states[0], state)
            )
            yield evolve(now, times={initial: start, self.moment: now})


def examine_trajectories(step: Step, profile: Profile, seed: int) -> Evidence:
    """Evaluate a claim with `at_time` along trajectories of the statement's flow."""
    try:
        journey = Journey.of(step)
    except NoJourneyError as error:
        return Evidence("trajectories", Empirical.NOT_APPLICABLE, reason=str(error))
    try:
        travelled = _travelled(journey, profile.trajectories, seed)
        return _judge(journey.claim(step), travelled, journey.components)
    except (UnresolvedError, Unavailable, ValueError) as error:
        return Evidence("trajectories", Empirical.UNDECIDED, reason=str(error))


@lru_cache(maxsize=4)
def _travelled(journey: Journey, count: int, seed: int) -> Travelled:
    """The same trajectories for all claims of a statement about later times."""
    if journey.flow.equations:
        batch = journey.start(np.random.default_rng([seed, 4]), count)
    else:
        batch = journey.start(np.random.default_rng([seed, 5]), 20 * count)
    return journey.travel(batch)


def _time_unit(batch: ScalarBatch) -> Array:
    """A time in which nothing changes by more than a factor of e at its initial rate."""
    speeds = [
        np.abs(np.asarray(batch.evaluator.rates[q]))
        / np.maximum(np.asarray(batch.evaluator(q)), 1e-300)
        for q in batch.request.ordered(Quantity)
        if q in batch.evaluator.rates
    ]
    return 1 / np.maximum(np.max(speeds, axis=0), 1e-6)


def _judge(claim: Relation, travelled: Travelled, components: int) -> Evidence:
    batch, family = travelled.batch, travelled.family
    worst: tuple[float, float, float, int, int] | None = None
    for index, evaluator in enumerate(travelled.outputs):
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
    data = evolve(batch.data(i), components=components)
    when = "at the start" if index == 0 else f"at output {OUTPUTS[index - 1]:g} time units"
    good = margin_ >= -travelled.tolerance
    note = travelled.note
    reason = f"{note}; worst {when}" if good else f"violated {when} by floats alone; {note}"
    return Evidence(
        "trajectories", Empirical.SAMPLED if good else Empirical.UNDECIDED, batch.size, family,
        margin_, f"{left:.12g}", f"{right:.12g}", data.describe(), data.to_json(), reason=reason,
    )  # fmt: skip
