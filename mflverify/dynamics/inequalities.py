"""Extremal trajectories of differential inequalities between quantities of an abstract flow.

Each quantity with an inequality X' <= rhs moves at the bound, or below it; one with lhs <= X' at that
bound, or above it; quantities without one
(a Dirichlet form) are controls, placed at their lower bound or above.  Where a hypothesis such as
alpha X <= Y would be left, X is lowered onto it, which X' <= rhs allows.
"""

from __future__ import annotations

import numpy as np
from attrs import evolve, frozen

from mflverify.dynamics.exponential import Array
from mflverify.expr.terms import Quantity, Relation, Term, subterms
from mflverify.models.evaluation import Evaluator
from mflverify.models.scalar_batch import ScalarBatch, sort_relations


@frozen
class Path:
    """Outputs of a batch: times (outputs, batch) and an evaluator for each."""

    times: Array
    evaluators: tuple[Evaluator, ...]


def extremal(
    batch: ScalarBatch,
    relations: tuple[Relation, ...],
    unit: Array,
    outputs: tuple[float, ...],
    steps: int,
) -> Path:
    """Euler steps of size unit/steps from the drawn quantities, outputs at multiples of `unit`.

    In a quarter of the instances the rates stay a fixed share below their bounds.
    """
    lower, upper, floors, _ = sort_relations(relations, batch.request.ordered(Quantity))
    moving = [q for q in lower if q in upper or q in floors]
    controls = [q for q in lower if q not in moving]
    rng = np.random.default_rng(batch.size)
    share = np.where(rng.random(batch.size) < 0.75, 0.0, rng.uniform(0, 0.5, batch.size))
    lift = np.where(rng.random(batch.size) < 0.5, 1.0, 1 + rng.exponential(2.0, batch.size))
    values: dict[Term, Array] = {q: np.asarray(batch.evaluator(q)) for q in lower}

    def settled(current: dict[Term, Array]) -> Evaluator:
        evaluator = evolve(batch.evaluator, symbols={**batch.evaluator.symbols, **current})
        for q in controls:
            bounds = [np.asarray(evaluator(term)) for term in lower[q]]
            current[q] = lift * np.max(bounds, axis=0) if bounds else current[q]
            evaluator = evolve(evaluator, symbols={**evaluator.symbols, **current})
        return evaluator

    evaluator = settled(values)
    found = [evaluator]
    now = 0.0
    step = unit / steps
    for output in outputs:
        for _ in range(round((output - now) * steps)):
            rates = {q: _rate(evaluator, upper.get(q), floors.get(q), share) for q in moving}
            for q in moving:
                values[q] = np.maximum(values[q] + step * rates[q], 0.0)
            _project(values, lower, moving, batch.evaluator)
            evaluator = settled(values)
        now = output
        found.append(evaluator)
        values = dict(values)
    times = np.array([0.0, *outputs])[:, None] * unit[None, :]
    return Path(times, tuple(found))


def _rate(
    evaluator: Evaluator, upper: list[Term] | None, floors: list[Term] | None, share: Array
) -> Array:
    """At the bound or a share beside it: at the lower one where there is one."""
    if upper is None or floors is not None:
        assert floors is not None
        bottom = np.max([evaluator(term) for term in floors], axis=0)
        raised = bottom + share * np.abs(bottom)
        if upper is None:
            return raised
        return np.minimum(raised, np.min([evaluator(term) for term in upper], axis=0))
    top = np.min([evaluator(term) for term in upper], axis=0)
    return top - share * np.abs(top)


def _project(
    values: dict[Term, Array],
    lower: dict[Quantity, list[Term]],
    moving: list[Quantity],
    base: Evaluator,
) -> None:
    """Lower what violates `term <= q`: the moving quantities inside `term`, by the same factor."""
    for q in moving:
        for term in lower[q]:
            evaluator = evolve(base, symbols={**base.symbols, **values})
            excess = np.asarray(evaluator(term)) / np.maximum(values[q], 1e-300)
            factor = np.where(excess > 1, 1 / np.maximum(excess, 1e-300), 1.0)
            for other in moving:
                if other != q and _contains(term, other):
                    values[other] = values[other] * factor


def _contains(term: Term, quantity: Quantity) -> bool:
    return any(part == quantity for part in subterms(term))
