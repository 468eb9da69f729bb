"""Solving a batch of floats: parameters from their bounds, states from the constraints on their size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import numpy as np
from attrs import frozen

from mflverify.expr.terms import KernelSymbol, Parameter, Relation, Term
from mflverify.models.bounds import Bounds, numeric_bounds, place_batch, start_of, within
from mflverify.models.crossing import holds, largest_factor, standing
from mflverify.models.evaluation import Evaluator
from mflverify.models.float_torus import Array, Index, Mask
from mflverify.models.request import Request


@frozen
class Solution:
    """What solving a batch costs: kept when some of its instances are taken.

    factor: the size of each state beside what was drawn.  numbers: parameters and constants.
    """

    factor: Array
    numbers: dict[Term, Array]
    admissible: Mask

    def take(self, index: Index) -> Solution:
        numbers = {term: value[index] for term, value in self.numbers.items()}
        return Solution(self.factor[index], numbers, self.admissible[index])

    @staticmethod
    def joined(parts: list[Solution]) -> Solution:
        """The solutions of several batches of one request, in order."""
        return Solution(
            np.concatenate([part.factor for part in parts]),
            {t: np.concatenate([part.numbers[t] for part in parts]) for t in parts[0].numbers},
            np.concatenate([part.admissible for part in parts]),
        )


def solve_parameter(
    p: Parameter, bounds: Bounds, tight: Mask, amount: Array, evaluator: Evaluator
) -> tuple[Array, Mask]:
    """The values of a parameter over a batch, and where they satisfy its bounds.

    tight: whether it is at its bound where it can be.  amount: its free number in (0, 1).
    """
    if not bounds.lower and not bounds.upper:
        # nothing but the sign: log-uniform in [1/10, 10]
        size = 10 ** (2 * amount - 1)
        free = size if p.sign != "real" else size * np.where(amount * 1e3 % 1 < 0.5, -1.0, 1.0)
        return free, np.ones(len(amount), dtype=bool)
    lower, upper, strict_lower, strict_upper = numeric_bounds(p, bounds, evaluator)
    open_above, open_below = np.asarray(strict_upper), np.asarray(strict_lower)
    placed = place_batch(lower, upper, amount, tight & bounds.has_tight, ~open_above, ~open_below)
    value = np.asarray(placed) * np.ones(len(amount))
    return value, within(value, lower, upper, strict_lower, strict_upper)


def largest_states(
    at: Callable[[Array], Evaluator], state: tuple[Relation, ...], edge: Array
) -> tuple[Array, Mask]:
    """The largest factor in (0, 1] at which the constraints hold, times `edge`, and where there is one.

    1 where the constraints hold there, and without constraints.
    """
    size = len(edge)
    if not state:
        return np.ones(size), np.ones(size, dtype=bool)
    largest = largest_factor(lambda factor: standing(at(factor), state), size)
    factor = np.where((largest == 0) | (largest == 1), 1.0, largest * (1 - 1e-9) * edge)
    # a state of size 0 would satisfy homogeneous constraints and witness nothing
    return factor, largest > 0


def require_some(admissible: Mask, evaluator: Evaluator, request: Request) -> None:
    """Raise ValueError, naming a hypothesis at fault, when no instance of a batch is admissible."""
    if np.any(admissible):
        return
    for relation in request.hypotheses:
        if not np.any(holds(evaluator, (start_of(relation),))):
            raise ValueError(f"no drawn instance satisfies {relation!r}")
    raise ValueError("no drawn instance satisfies all hypotheses")


class SolvedBatch(Protocol):
    """A batch that knows its free numbers, and which of its instances are admissible.

    kept: the admissible ones alone.  with_raw: other free numbers of the same request.
    """

    @property
    def request(self) -> Request: ...
    @property
    def raw(self) -> Any: ...
    @property
    def size(self) -> int: ...
    @property
    def admissible(self) -> Mask: ...
    def take(self, index: Index) -> Any: ...
    def with_raw(self, raw: Any) -> Any: ...
    def kept(self) -> Any: ...


AnyBatch = TypeVar("AnyBatch", bound=SolvedBatch)


def perturbed(batch: AnyBatch, rng: np.random.Generator, scale: float) -> AnyBatch:
    """Admissible ones of five children of each instance, moved by `scale` and solved again.

    The batch itself when no child is admissible.
    """
    moved = batch.raw.take(np.repeat(np.arange(batch.size), 5)).perturbed(rng, scale)
    for kernel in batch.request.ordered(KernelSymbol):
        if kernel.symmetric:
            matrix = moved.arrays["kernel", kernel.name]
            moved.arrays["kernel", kernel.name] = (matrix + np.swapaxes(matrix, 1, 2)) / 2
    try:
        children = batch.with_raw(moved)
    except ValueError:  # not one is admissible
        return batch
    return children if np.all(children.admissible) else children.kept()
