"""From floats to certain statements: small rationals, balls, and equality decided exactly."""

from __future__ import annotations

from attrs import frozen

from mflverify.attack.ascent import Summit
from mflverify.attack.ratio import Ratio
from mflverify.engines.shrink import shrink
from mflverify.models import InstanceData, Request, Unavailable, interpret

# denominators tried, the simplest first
PARTS = (4, 16, 64, 256, 1024)
# a simpler instance is preferred when its ratio is this close to the best one
CLOSE = 1e-4
NEARLY = 0.99


@frozen
class Certified:
    """An instance with a ratio that is certainly reached.

    ratio: a lower bound, rounded down.  arithmetic: `exact` or `certified`.  attained: the two
    sides are the same rational number.
    """

    ratio: float
    data: InstanceData
    arithmetic: str
    attained: bool = False


def certify(claim: Ratio, request: Request, summits: list[Summit]) -> Certified | None:
    """The best certain ratio at roundings of the summits, or None when none can be certified."""
    found: list[Certified] = []
    for summit in summits[:3]:
        if summit.ratio > NEARLY:
            equal = _attained(claim, request, summit)
            if equal is not None:
                return equal
        found += rounded(claim, request, summit)
    if not found:
        return None
    best = max(entry.ratio for entry in found)
    return next(entry for entry in found if entry.ratio >= best - CLOSE * abs(best))


def rounded(claim: Ratio, request: Request, summit: Summit) -> list[Certified]:
    """Certain ratios at roundings of a summit, the coarsest first; none where balls have no value."""
    found: list[Certified] = []
    for parts in PARTS:
        try:
            data = summit.batch.data(0, parts)
            ratio = claim.at_least(interpret(data, request, "ball"))
        except (Unavailable, ValueError, ZeroDivisionError):
            continue  # rounding left the hypotheses, or balls have no value here
        found.append(Certified(ratio, data, "certified"))
    return found


def _attained(claim: Ratio, request: Request, summit: Summit) -> Certified | None:
    """A rational instance of equality near the summit, as simple as possible."""

    def equal(data: InstanceData) -> bool:
        try:
            return claim.is_attained(interpret(data, request, "exact"))
        except (Unavailable, ValueError, ZeroDivisionError):
            return False

    for parts in PARTS:
        try:
            data = summit.batch.data(0, parts).uniform()
        except (Unavailable, ValueError):
            continue
        if equal(data):
            return Certified(1.0, shrink(data, request, equal), "exact", attained=True)
    return None
