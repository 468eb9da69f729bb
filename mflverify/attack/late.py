"""Claims about later times: the initial data whose trajectory comes closest to the bound.

Trajectories are floats, so nothing here is certain: a ratio above 1 is a suspicion.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import evolve, frozen

from mflverify.attack.ratio import Ratio
from mflverify.engines.trajectories import Journey
from mflverify.models import TorusBatch
from mflverify.models.float_torus import Array
from mflverify.models.scalar_batch import ScalarBatch
from mflverify.proof.statement import Step

# initial data of a flow in one round, and of extremal inequalities, which cost much less
SIZES = (16, 320)
ROUNDS = 5
ELITE = 0.1


@frozen
class Approach:
    """How close trajectories came.

    ratio: the largest at any output, less the relative error of its trajectory; at the start, where
    a bound with prefactor 1 is an equality, only when it is above 1.  data: the initial data of that
    trajectory, rounded.  instances: how many trajectories were followed.
    """

    ratio: float
    data: dict[str, Any]
    describe: str
    instances: int


def approach(step: Step, seed: list[int]) -> Approach:
    """Draw initial data, follow them, perturb those that came closest, and so on.

    Raises NoJourneyError for a claim that is not about one time of one flow, UnresolvedError,
    Unavailable or ValueError when no trajectory can be followed, or a side of the claim is not finite.
    """
    journey = Journey.of(step)
    claim = Ratio.along(journey.claim(step))
    rng = np.random.default_rng(seed)
    batch = journey.start(rng, SIZES[0] if journey.flow.equations else SIZES[1])
    best: tuple[float, TorusBatch | ScalarBatch] | None = None
    count = 0
    for number in range(ROUNDS):
        count += batch.size
        ratios = _ratios(journey, claim, batch)
        order = np.argsort(-ratios, kind="stable")
        if best is None or ratios[order[0]] > best[0]:
            best = float(ratios[order[0]]), batch.take(order[:1])
        batch = batch.take(order[: max(1, round(ELITE * batch.size))])
        batch = batch.perturb(rng, 0.5 ** (number + 1))
    assert best is not None
    data = evolve(best[1].data(0), components=journey.components)
    return Approach(best[0], data.to_json(), data.describe(), count)


def _ratios(journey: Journey, claim: Ratio, batch: TorusBatch | ScalarBatch) -> Array:
    travelled = journey.travel(batch)
    with np.errstate(all="ignore"):
        for evaluator in travelled.outputs:
            for side in (claim.relation.lhs, claim.relation.rhs):
                if not np.all(np.isfinite(np.asarray(evaluator(side)))):
                    raise ValueError("a side of the claim is not a finite number on a trajectory")
        start, *later = (claim.floats(e) - travelled.tolerance for e in travelled.outputs)
    return np.max([np.where(start > 1, start, 0.0), *later], axis=0)
