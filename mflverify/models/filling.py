"""Batches of the size that was asked for, from draws of which not all meet the hypotheses."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mflverify.models.batch_solving import AnyBatch
from mflverify.models.request import Request
from mflverify.models.torus_batch import Raw

ROUNDS = 8


def filled(
    make: Callable[[Request, Raw], AnyBatch],
    join: Callable[[list[AnyBatch]], AnyBatch],
    draw: Callable[[Request, np.random.Generator, int], Raw],
    request: Request,
    rng: np.random.Generator,
    size: int,
) -> AnyBatch:
    """Admissible instances, drawn in at most `ROUNDS` rounds until there are `size` of them.

    No instance is repeated to make up the number: a count of instances means different ones.
    Raises ValueError when no round has an admissible instance.
    """
    kept: list[AnyBatch] = []
    missing, refusal = size, ValueError(f"size must be positive, got {size}")
    for count in [size] + [max(size, 32)] * (ROUNDS - 1):
        if missing <= 0:
            break
        try:
            batch = make(request, draw(request, rng, count))
        except ValueError as error:
            refusal = error
            continue
        if count == missing == size and np.all(batch.admissible):
            return batch
        good = np.flatnonzero(batch.admissible)[:missing]
        kept.append(batch.take(good))
        missing -= len(good)
    if not kept:
        raise refusal
    return kept[0] if len(kept) == 1 else join(kept)
