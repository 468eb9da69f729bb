"""Ascent of the ratio in the free numbers of one instance, by gradients and many instances at once.

A gradient is taken from differences, all of which are evaluated as one batch; the search itself is
SciPy's L-BFGS-B (Byrd, Lu, Nocedal, Zhu 1995).  Kinks (a supremum that changes its place) only
slow it down: the best instance seen is kept, whatever the last one was.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from attrs import define, field, frozen
from scipy.optimize import minimize

from mflverify.expr.terms import KernelSymbol
from mflverify.models import Batch, Solved, TorusBatch, Unavailable
from mflverify.models.float_torus import Array
from mflverify.models.torus_batch import Raw
from mflverify.models.unions import UnionBatch

# numbers that stay as they were drawn
FIXED = frozenset({"tight", "direction", "place"})
LIMITS = {"share": (1e-3, 1.0), "edge": (1e-3, 1.0), "amount": (0.01, 0.99)}
LARGEST = 20.0
DIFFERENCE = 1e-6
# minus the logarithm of the ratio where there is none
NOWHERE = 60.0

Objective = Callable[[Batch], Array]


@frozen
class Chart:
    """The free numbers of one instance as a vector.

    keys, shapes: the arrays that move.  base: the instance itself, one row.  uniform: potentials
    stay 0.
    """

    base: Solved
    keys: tuple[tuple[str, str], ...]
    shapes: tuple[tuple[int, ...], ...]

    @staticmethod
    def of(base: Solved, *, uniform: bool = False) -> Chart:
        """The chart around a batch of one instance."""
        fixed = FIXED | {"potential"} if uniform else FIXED
        arrays = base.raw.arrays
        keys = tuple(sorted(key for key in arrays if key[0] not in fixed))
        return Chart(base, keys, tuple(arrays[key].shape[1:] for key in keys))

    def vector(self) -> Array:
        """The instance itself."""
        arrays = self.base.raw.arrays
        return np.concatenate([arrays[key].ravel() for key in self.keys] or [np.zeros(0)])

    def limits(self) -> list[tuple[float, float]]:
        """Bounds of each number."""
        found: list[tuple[float, float]] = []
        for (kind, _), shape in zip(self.keys, self.shapes, strict=True):
            found += [LIMITS.get(kind, (-LARGEST, LARGEST))] * int(np.prod(shape, dtype=int))
        return found

    def batch(self, vectors: Array) -> Solved:
        """One instance for each row.  Raises ValueError when none is admissible."""
        count = len(vectors)
        arrays = {k: np.repeat(v, count, axis=0) for k, v in self.base.raw.arrays.items()}
        start = 0
        for key, shape in zip(self.keys, self.shapes, strict=True):
            size = int(np.prod(shape, dtype=int))
            arrays[key] = vectors[:, start : start + size].reshape(count, *shape)
            start += size
        for kernel in self.base.request.ordered(KernelSymbol):
            if kernel.symmetric:
                matrix = arrays["kernel", kernel.name]
                arrays["kernel", kernel.name] = (matrix + np.swapaxes(matrix, 1, 2)) / 2
        return self.base.with_raw(Raw(arrays))


@define
class _Climb:
    """The function that is minimised, and the best instance seen."""

    chart: Chart
    objective: Objective
    lower: Array
    upper: Array
    best: float = field(default=-np.inf, init=False)
    where: Array | None = field(default=None, init=False)
    count: int = field(default=0, init=False)

    def values(self, vectors: Array) -> Array:
        """Minus the logarithm of the ratio, for each row."""
        try:
            batch = self.chart.batch(vectors)
            ratio = self.objective(batch)
        except (ValueError, Unavailable):
            return np.full(len(vectors), NOWHERE)
        self.count += len(vectors)
        ratio = np.where(batch.admissible & np.isfinite(ratio), ratio, 0.0)
        top = int(np.argmax(ratio))
        if ratio[top] > self.best:
            self.best, self.where = float(ratio[top]), vectors[top].copy()
        return -np.log(np.maximum(ratio, np.exp(-NOWHERE)))

    def __call__(self, x: Array) -> tuple[float, Array]:
        step = DIFFERENCE * np.maximum(np.abs(x), 0.1)
        step = np.where(x + step > self.upper, -step, step)
        found = self.values(np.vstack([x, x + np.diag(step)]))
        gradient = np.where(found[1:] < NOWHERE, (found[1:] - found[0]) / step, 0.0)
        return float(found[0]), gradient


@frozen
class Summit:
    """Where an ascent ended: one instance, its ratio in floats, and how many were evaluated."""

    ratio: float
    batch: Solved | UnionBatch
    count: int


def ascend(base: Solved, objective: Objective, iterations: int, *, uniform: bool = False) -> Summit:
    """The best instance seen on the way up from a batch of one instance."""
    chart = Chart.of(base, uniform=uniform)
    limits = chart.limits()
    lower, upper = (np.array([pair[k] for pair in limits]) for k in (0, 1))
    climb = _Climb(chart, objective, lower, upper)
    start = np.clip(chart.vector(), lower, upper)
    climb.values(start[None])
    if len(start) and climb.where is not None:
        options: Any = {"maxiter": iterations, "maxfun": 2 * iterations}
        minimize(climb, start, jac=True, method="L-BFGS-B", bounds=limits, options=options)
    if climb.where is None:
        return Summit(0.0, base, climb.count)
    return Summit(climb.best, chart.batch(climb.where[None]), climb.count)


def widened(batch: TorusBatch, modes: int) -> TorusBatch:
    """The same instances with room for `modes` modes in kernels and states."""
    arrays = dict(batch.raw.arrays)
    for (kind, name), value in batch.raw.arrays.items():
        if kind in ("kernel", "function"):
            missing = max(0, 2 * modes + 1 - value.shape[-1])
            room = [(0, 0)] + [(0, missing)] * (value.ndim - 1)
            arrays[kind, name] = np.pad(value, room)
    return TorusBatch(batch.request, Raw(arrays))
