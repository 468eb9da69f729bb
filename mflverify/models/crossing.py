"""The largest states that constraints allow: one crossing a row, for a whole batch at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from mflverify.expr.terms import Relation
from mflverify.models.evaluation import Evaluator
from mflverify.models.float_torus import Array, Mask

SMALLEST = 2.0**-20  # of smaller states, floats see differences of entropies as noise
_TOLERANCE = 1e-10  # of a factor, and of the sides of a constraint, relative
_COARSE = 1e-4  # where a constraint loses its meaning: that is no edge to be met
_ROUNDS = 60
_FAR = 1e3


class Standing(NamedTuple):
    """How each row stands to its constraints.

    holds: in floats.  room: the least log(rhs / lhs), negative where one fails; it only guides, so
    that sides that are not positive count as far away.
    """

    holds: Mask
    room: Array


def standing(evaluator: Evaluator, relations: tuple[Relation, ...]) -> Standing:
    """How the instances of a batch stand to all relations together."""
    met: Mask | None = None
    room: Array | None = None
    for relation in relations:
        lhs, rhs = evaluator(relation.lhs), evaluator(relation.rhs)
        size = np.abs(lhs) + np.abs(rhs)
        match relation.kind:
            case "eq":
                good = np.abs(lhs - rhs) <= 1e-9 * size
            case "le":
                good = lhs <= rhs + 1e-12 * size
            case "lt":
                good = lhs < rhs
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.log(rhs / lhs)
        guide = np.clip(np.where(np.isfinite(ratio), ratio, _FAR), -_FAR, _FAR)
        guide = np.where(good, np.maximum(guide, 1e-12), np.minimum(guide, -1e-12))
        guide = np.where((lhs > 0) & (rhs > 0), guide, np.where(good, _FAR, -_FAR))
        met = good if met is None else met & good
        room = guide if room is None else np.minimum(room, guide)
    assert met is not None
    assert room is not None
    return Standing(met, room)


def largest_factor(at: Callable[[Array], Standing], size: int) -> Array:
    """A factor in (0, 1] of each row at which its constraints hold and just beyond which they fail.

    1 where they hold there, 0 where they fail at 2^-20 already.  Sides are nearly powers of the
    factor, so that the Illinois method on logarithms takes a few evaluations; each bracket is
    halved when that stalls.  at: the standing of all rows at a factor of each.
    """
    ones = np.ones(size)
    top, bottom = at(ones), at(SMALLEST * ones)
    low, high = np.full(size, np.log(SMALLEST)), np.zeros(size)
    above, below, inside, outside = bottom.room, top.room, bottom.room, top.room
    searched = bottom.holds & ~top.holds
    stalled, last = np.zeros(size, dtype=int), np.zeros(size)
    for _ in range(_ROUNDS):
        width = high - low
        # where both sides agree, what is left of the bracket may be rounding
        lost = outside <= -_FAR
        searched &= (width > np.where(lost, _COARSE, _TOLERANCE)) & (inside > _TOLERANCE)
        if not np.any(searched):
            break
        with np.errstate(divide="ignore", invalid="ignore"):
            step = width * above / (above - below)
        # close to an end, a step just beyond the crossing closes the bracket
        step = np.clip(step, _TOLERANCE / 2, np.maximum(width - _TOLERANCE / 2, _TOLERANCE / 2))
        step = np.where(lost | (stalled >= 3) | ~np.isfinite(step), width / 2, step)
        middle = low + step
        found = at(np.exp(middle))
        moved_low = searched & found.holds
        moved_high = searched & ~found.holds
        inside = np.where(moved_low, found.room, inside)
        outside = np.where(moved_high, found.room, outside)
        # the end that stays twice counts half (Illinois)
        above = np.where(moved_low, found.room, np.where(moved_high & (last < 0), above / 2, above))
        below = np.where(moved_high, found.room, np.where(moved_low & (last > 0), below / 2, below))
        last = np.where(moved_low, 1.0, np.where(moved_high, -1.0, last))
        low, high = np.where(moved_low, middle, low), np.where(moved_high, middle, high)
        stalled = np.where(high - low <= width / 4, 0, stalled + 1)
        stalled[stalled > 3] = 0
    factor = np.where(top.holds, 1.0, np.exp(low))
    return np.where(top.holds | bottom.holds, factor, 0.0)


def holds(evaluator: Evaluator, relations: tuple[Relation, ...]) -> Mask:
    """Which instances satisfy all relations, in floats."""
    return standing(evaluator, relations).holds
