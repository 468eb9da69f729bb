"""When a margin or a radius got worse: by more than a factor of two, beyond rounding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from mflverify.regression.snapshot import Snapshot

Trend = Literal["worse", "better", "same"]

FACTOR = 2

# Below these, what is left of a margin is rounding of the engine's own arithmetic, or of how its
# numbers are printed; machines and library versions may differ there.
ROUNDING = {"exact": 0.0, "certified": 1e-20, "sampled": 1e-12, "trajectories": 1e-9}
PRINTED_RADIUS = 1e-11


def margin_trend(engine: str, old: str, new: str) -> Trend:
    """How a relative margin moved; positive ones should be large, negative ones near 0.

    old, new: decimal numbers; '' is no margin, and the same as any.
    """
    if not old or not new:
        return "same"
    before, after = float(old), float(new)
    floor = ROUNDING.get(engine, 0.0)
    if _fell(before, after, floor):
        return "worse"
    return "better" if _fell(after, before, floor) else "same"


def _fell(before: float, after: float, floor: float) -> bool:
    if before > floor:
        return after < before / FACTOR
    return after < -floor and after < FACTOR * before


def radius_trend(old: str, new: str) -> Trend:
    """How a relative radius moved; '' is no radius, and the same as any."""
    if not old or not new:
        return "same"
    before, after = max(float(old), PRINTED_RADIUS), max(float(new), PRINTED_RADIUS)
    if after > FACTOR * before:
        return "worse"
    return "better" if before > FACTOR * after else "same"


def drifts(old: Snapshot, new: Snapshot) -> Iterator[str]:
    """Margins and radii that moved within the factor: small steps add up, so they are shown too."""
    before = old.steps()
    for label, step in new.steps().items():
        for name, entry in step.evidence.items():
            earlier = before[label].evidence.get(name) if label in before else None
            if earlier is None:
                continue
            engine = name.partition(" ")[0]
            for kind, first, second, trend in (
                ("margin", earlier.margin, entry.margin, margin_trend),
                ("radius", earlier.radius, entry.radius, lambda _, a, b: radius_trend(a, b)),
            ):
                if first != second and trend(engine, first, second) == "same":
                    yield f"  {label}  {kind} {first or 'none'} → {second or 'none'} ({name})"
