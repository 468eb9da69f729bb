"""The studies that `mflverify study` runs: campaigns, a summary table, figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from attrs import field, frozen

from mflverify.ledger.records import Ledger
from mflverify.proof.loader import load
from mflverify.studies.agreement import agreement_campaign
from mflverify.studies.basin import FAMILIES, basin_campaign
from mflverify.studies.conclusion_figures import theorem_figure
from mflverify.studies.conclusions import conclusions_campaign
from mflverify.studies.conjectures import (
    critical_slack_campaign,
    exact_rate_campaign,
    low_temperature_campaign,
)
from mflverify.studies.figures import Figure
from mflverify.studies.known import checks
from mflverify.studies.rate_records import rate_ledger
from mflverify.studies.storage import Campaign, Row
from mflverify.studies.study_figures import (
    agreement_figure,
    basin_figure,
    critical_slack_figure,
    exact_rate_figure,
    low_temperature_figure,
)
from mflverify.studies.summaries import (
    Summary,
    agreement_summary,
    basin_summary,
    conclusion_summary,
    critical_slack_summary,
    exact_rate_summary,
    known_summary,
    low_temperature_summary,
)
from mflverify.studies.theorems import THEOREMS, StatedTheorems


@frozen
class Request:
    """What the command was asked for.

    count: 0 for each study's own default.  reports: where a study leaves what reports show.
    """

    count: int
    seed: int
    proofs: Path
    out: Path
    reports: Path


@frozen(eq=False)
class Study:
    """Campaigns to run, and what to make of all their rows.

    figures: by name, each drawn by itself, so that one that cannot be drawn costs no other.
    rates: trajectories for the reports.
    """

    campaigns: tuple[Campaign, ...]
    summary: Callable[[Sequence[Row]], Summary]
    figures: Mapping[str, Callable[[Sequence[Row]], Figure]] = field(factory=dict)
    rates: Callable[[], Ledger] | None = None


def conclusions_study(request: Request) -> Study:
    """Every theorem with a rate, on random instances inside, at the edge of and outside its ball."""
    count = request.count or 12
    proofs = load(request.proofs)
    theorems = StatedTheorems.of(proofs)

    def draw(theorem: str, rows: Sequence[Row]) -> Figure:
        own = [row for row in rows if row["theorem"] == theorem and row["regime"]]
        return theorem_figure(theorem, own, request.seed, theorems)

    return Study(
        tuple(
            conclusions_campaign(theorem, count, request.seed, request.proofs, request.out)
            for theorem in THEOREMS
        ),
        conclusion_summary,
        {f"conclusion-{theorem}": partial(draw, theorem) for theorem in THEOREMS},
        lambda: rate_ledger(proofs, request.seed),
    )


def basin_study(request: Request) -> Study:
    """The true basin against the ball, by bisection along random directions."""
    count = request.count or 8
    return Study(
        tuple(
            basin_campaign(family, count, request.seed, request.proofs, request.out)
            for family in FAMILIES
        ),
        basin_summary,
        {"basin": basin_figure},
    )


def exact_rate_study(request: Request) -> Study:
    """Measured against conjectured rates."""
    campaign = exact_rate_campaign(request.count or 200, request.seed, request.proofs, request.out)
    return Study((campaign,), exact_rate_summary, {"exact-rate": exact_rate_figure})


def critical_slack_study(request: Request) -> Study:
    """Algebraic decay where the slack equals the temperature."""
    return Study(
        (critical_slack_campaign(request.out),),
        critical_slack_summary,
        {"critical-slack": critical_slack_figure},
    )


def low_temperature_study(request: Request) -> Study:
    """Poincare against log-Sobolev constants as the temperature tends to 0."""
    return Study(
        (low_temperature_campaign(request.out),),
        low_temperature_summary,
        {"low-temperature": low_temperature_figure},
    )


def particles_study(request: Request) -> Study:
    """The distance of particles from the equation against their number."""
    repeats = request.count or 20
    return Study(
        tuple(
            agreement_campaign(preset, repeats, request.seed, request.out)
            for preset in ("kuramoto", "matching-pennies")
        ),
        agreement_summary,
        {"particles": agreement_figure},
    )


def known_study(request: Request) -> Study:
    """Published results found again."""
    found = checks()
    campaign = Campaign(
        name="known",
        folder=request.out,
        count=len(found),
        parameters={"checks": [check.name for check in found]},
        task=lambda number: [found[number].row()],
    )
    return Study((campaign,), known_summary)


STUDIES: dict[str, Callable[[Request], Study]] = {
    "conclusions": conclusions_study,
    "basin": basin_study,
    "exact-rate": exact_rate_study,
    "critical-slack": critical_slack_study,
    "low-temperature": low_temperature_study,
    "particles": particles_study,
    "known": known_study,
}
