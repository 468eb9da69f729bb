"""What engines report of one step, and the one empirical verdict made of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import frozen

from mflverify.proof.verdict import Empirical


@frozen
class Evidence:
    """What one engine found.

    engine: `exact`, `certified`, `sampled` or `trajectories`.  instances: how many were evaluated.
    margin: worst relative margin (rhs - lhs)/(|lhs| + |rhs|); for equations minus the residual.
    instance, data: the instance that attains it, for readers and for rebuilding it.
    minimal, minimal_data: for a refutation, the shrunk counterexample beside the dramatic one.
    """

    engine: str
    verdict: Empirical
    instances: int = 0
    family: str = ""
    margin: float | None = None
    lhs: str = ""
    rhs: str = ""
    instance: str = ""
    data: dict[str, Any] | None = None
    minimal: str = ""
    minimal_data: dict[str, Any] | None = None
    reason: str = ""


@frozen
class Witness:
    """An instance at which all hypotheses of a statement hold, or why none was found."""

    found: bool
    family: str = ""
    arithmetic: str = ""
    instance: str = ""
    reason: str = ""


def overall(evidence: Iterable[Evidence]) -> Empirical:
    """A refutation outweighs all; then anything undecided; then the strongest pass.

    Rational arithmetic counts as the strongest only when it could evaluate at least as many
    instances as balls could.
    """
    found = list(evidence)
    for verdict in (Empirical.REFUTED, Empirical.UNDECIDED):
        if any(item.verdict is verdict for item in found):
            return verdict
    exact, certified, sampled = (
        sum(item.instances for item in found if item.verdict is verdict)
        for verdict in (Empirical.EXACT, Empirical.CERTIFIED, Empirical.SAMPLED)
    )
    if exact and exact >= certified:
        return Empirical.EXACT
    if certified:
        return Empirical.CERTIFIED
    return Empirical.SAMPLED if sampled else Empirical.NOT_APPLICABLE
