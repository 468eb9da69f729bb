"""A run's ledger together with what campaigns found.

A campaign writes a ledger without statements beside the one of the run, under one of `CAMPAIGNS`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from attrs import evolve

from mflverify.ledger.records import Ledger
from mflverify.ledger.store import LedgerError, read

RATES = "rates.json"
CAMPAIGNS = ("constants.json", "mutants.json", RATES)


def gather(ledger: Ledger, campaigns: Iterable[Ledger]) -> Ledger:
    """`ledger` with the constants, mutants and rates of the campaigns; the run itself is unchanged.

    Raises ValueError for a campaign that has statements: two runs are not blended into one.
    """
    constants, mutants, rates = list(ledger.constants), list(ledger.mutants), list(ledger.rates)
    for campaign in campaigns:
        if campaign.statements:
            labels = ", ".join(statement.label for statement in campaign.statements)
            raise ValueError(f"a campaign's ledger must have no statements, but it has {labels}")
        constants += campaign.constants
        mutants += campaign.mutants
        rates += campaign.rates
    return evolve(ledger, constants=tuple(constants), mutants=tuple(mutants), rates=tuple(rates))


def campaign_files(path: str | Path) -> tuple[Path, ...]:
    """Which files campaigns have left beside the ledger at `path`."""
    files = (Path(path).with_name(name) for name in CAMPAIGNS)
    return tuple(file for file in files if file.exists())


def campaigns_beside(path: str | Path) -> tuple[Ledger, ...]:
    """The campaigns' ledgers in the folder of the ledger at `path`.

    Raises LedgerError for one that is damaged or has statements.
    """
    found: list[Ledger] = []
    for file in campaign_files(path):
        campaign = read(file)
        if campaign.statements:
            raise LedgerError(file, "ledger.statements", "a campaign's ledger must have none")
        found.append(campaign)
    return tuple(found)
