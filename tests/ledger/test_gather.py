"""Campaigns beside a run: gathered into one ledger, never blended with another run."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve
from test_store import FORMULA, LEDGER

from mflverify.ledger import LedgerError, campaigns_beside, gather, read, write
from mflverify.ledger.records import (
    ConstantRecord,
    CoverageRecord,
    CurveRecord,
    Ledger,
    MutantRecord,
    RateRecord,
)

CURVE = CurveRecord("chi2", "measured", ("0", "0.5"), ("1", "0.25"))
CONSTANT = ConstantRecord(
    "thm-1", "thm-1/s", "d2", "2", "0.97", "f = cos x", "certified", False, FORMULA, {"f": [0.5]}
)
MUTANT = MutantRecord(
    "thm-1", "thm-1/s", "d2", "sign", "the sign of b", FORMULA, "killed", ("exact",), ("exact",)
)
RATE = RateRecord(
    "thm-1",
    "thm-1/s",
    "d2",
    "decay",
    "torus",
    "holds",
    "1",
    "1.2",
    "0.1",
    quantity=FORMULA,
    curves=(CURVE,),
)
ITEM = CoverageRecord("paper", "thm-1", "4.1", "formalised")


def campaign(**sections: object) -> Ledger:
    return evolve(Ledger(LEDGER.schema, LEDGER.provenance, ()), **sections)


def test_sections_survive_the_file(tmp_path: Path) -> None:
    whole = campaign(constants=(CONSTANT,), mutants=(MUTANT,), rates=(RATE,), coverage=(ITEM,))
    write(whole, tmp_path / "c.json")
    assert read(tmp_path / "c.json") == whole


def test_campaigns_are_found_beside_the_ledger(tmp_path: Path) -> None:
    write(LEDGER, tmp_path / "ledger.json")
    write(campaign(mutants=(MUTANT,)), tmp_path / "mutants.json")
    write(campaign(rates=(RATE,)), tmp_path / "rates.json")
    whole = gather(LEDGER, campaigns_beside(tmp_path / "ledger.json"))
    assert whole == evolve(LEDGER, mutants=(MUTANT,), rates=(RATE,))


def test_two_runs_are_never_blended(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must have no statements, but it has thm-1"):
        gather(LEDGER, (LEDGER,))
    write(LEDGER, tmp_path / "mutants.json")
    with pytest.raises(LedgerError, match=r"mutants\.json: ledger\.statements: .* must have none"):
        campaigns_beside(tmp_path / "ledger.json")


def test_curves_have_as_many_values_as_times() -> None:
    with pytest.raises(ValueError, match="curve 'chi2': 2 times and 1 values"):
        CurveRecord("chi2", "measured", ("0", "1"), ("1",))
