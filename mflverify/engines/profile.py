"""How much work each engine does: three named profiles."""

from __future__ import annotations

from attrs import frozen


@frozen
class Profile:
    """Numbers of instances and limits.

    batches, batch_size: float64 instances are drawn in so many batches of this size, per family.
    ascents: rounds in which the worst instances of a batch are perturbed and kept when worse.
    exact, certified: instances in rational and in ball arithmetic.
    further: certified (for equations: rational) instances of each family of products of circles and
    lines.  elsewhere: batches of floats there.
    trajectories: initial data per step that speaks of time.  bits: ball precision.
    """

    name: str
    batches: int
    batch_size: int
    ascents: int
    exact: int
    certified: int
    further: int
    elsewhere: int
    trajectories: int
    bits: int


PROFILES: dict[str, Profile] = {
    "quick": Profile("quick", 1, 200, 1, 3, 2, 1, 0, 4, 128),
    "default": Profile("default", 4, 250, 3, 8, 5, 1, 1, 8, 128),
    "deep": Profile("deep", 40, 500, 8, 40, 30, 12, 12, 60, 256),
}
