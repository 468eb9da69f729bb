"""The largest ratio of an inequality over the families of instances, in floats."""

from __future__ import annotations

import numpy as np
from attrs import evolve, frozen

from mflverify.attack.ascent import Objective, Summit, ascend, widened
from mflverify.attack.ratio import Ratio
from mflverify.expr.components import write_out
from mflverify.models import FAMILIES, Batch, Family, Request, Solved, TorusBatch, Unavailable
from mflverify.models.float_torus import Array
from mflverify.models.torus_batch import Raw
from mflverify.models.unions import ATTACKED, UnionBatch, UnionFamily, request_on


@frozen
class Effort:
    """How hard a search tries.

    size: instances drawn.  rounds: in which the best ones are perturbed.  starts: how many of the
    best are climbed from.  iterations: of each ascent.  modes: to which kernels and states are
    widened, one ascent after the other.
    """

    size: int = 400
    rounds: int = 4
    starts: int = 4
    iterations: int = 60
    modes: tuple[int, ...] = (9,)


ELITE = 40
# how many of the drawn instances are kept as they are
DRAWN = 2


def search(
    claim: Ratio,
    request: Request,
    family: Family,
    seed: list[int],
    effort: Effort,
    components: int = ATTACKED,
) -> list[Summit]:
    """Summits of the ratio in one family, the highest first; none when nothing can be evaluated.

    On tori also among uniform equilibria, where rational arithmetic can decide equality.
    components: how many unions of spaces have; fewer when no instance meets the hypotheses there.
    """
    if isinstance(family, UnionFamily):
        for n in range(components, 0, -1):
            parts = Ratio.of(write_out(claim.relation, n)), request_on(request, n)
            found = search(*parts, family.base, seed, effort)
            if found:
                return [evolve(summit, batch=UnionBatch(summit.batch, n)) for summit in found]
        return []
    found: list[Summit] = []
    try:
        batch = family.draw(request, np.random.default_rng(seed), effort.size)
        found += _climb(batch, claim, np.random.default_rng([*seed, 1]), effort, uniform=False)
        if isinstance(batch, TorusBatch):
            flat = _flattened(batch)
            rng = np.random.default_rng([*seed, 2])
            found += _climb(flat, claim, rng, evolve(effort, modes=()), uniform=True)
    except (ValueError, Unavailable):
        pass  # no instance meets the hypotheses (there), or floats have no value for it
    return sorted(found, key=lambda summit: -summit.ratio)


def families(request: Request) -> list[Family]:
    """The families with float batches that can meet a request."""
    return [f for f in FAMILIES if "float" in f.arithmetics and f.supports(request) is None]


def _climb(
    batch: Batch, claim: Ratio, rng: np.random.Generator, effort: Effort, *, uniform: bool
) -> list[Summit]:
    objective: Objective = _Objective(claim)
    count = 0
    ratio = objective(batch)
    best: list[tuple[float, Batch]] = []
    for number in range(effort.rounds + 1):
        count += batch.size
        order = np.argsort(-ratio, kind="stable")
        best += [(float(ratio[i]), batch.take(order[k : k + 1])) for k, i in enumerate(order[:2])]
        if number < effort.rounds:
            batch = batch.take(order[:ELITE]).perturb(rng, 0.5 ** (number + 1))
            batch = _flattened(batch) if uniform and isinstance(batch, TorusBatch) else batch
            ratio = objective(batch)
    best.sort(key=lambda pair: -pair[0])
    summits: list[Summit] = []
    for rank, (value, single) in enumerate(best[: max(DRAWN, effort.starts)]):
        assert isinstance(single, Solved)
        if rank < DRAWN:
            summits.append(Summit(value, single, 0))
        if rank < effort.starts:
            summits.append(ascend(single, objective, effort.iterations, uniform=uniform))
    if summits and isinstance(summits[0].batch, TorusBatch):
        summits += _widen(max(summits, key=lambda s: s.ratio), objective, effort, uniform=uniform)
    if summits:
        summits[0] = evolve(summits[0], count=summits[0].count + count)
    return summits


def _widen(top: Summit, objective: Objective, effort: Effort, *, uniform: bool) -> list[Summit]:
    found: list[Summit] = []
    for modes in effort.modes:
        assert isinstance(top.batch, TorusBatch)
        try:
            room = widened(top.batch, modes)
        except ValueError:
            break  # a hypothesis that held with equality no longer holds after rounding
        wider = ascend(room, objective, effort.iterations, uniform=uniform)
        found.append(wider)
        top = wider if wider.ratio > top.ratio else top
    return found


def _flattened(batch: TorusBatch) -> TorusBatch:
    """The same instances on uniform equilibria."""
    arrays = {
        key: np.zeros_like(value) if key[0] == "potential" else value
        for key, value in batch.raw.arrays.items()
    }
    return TorusBatch(batch.request, Raw(arrays)).kept()


@frozen
class _Objective:
    claim: Ratio

    def __call__(self, batch: Batch) -> Array:
        with np.errstate(all="ignore"):
            return self.claim.floats(batch.evaluate)
