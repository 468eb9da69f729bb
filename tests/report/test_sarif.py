"""SARIF: every finding that keeps a run from passing, at its place, with the right gravity."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from mflverify.ledger.records import Ledger
from mflverify.report import render_sarif, write_sarif


@pytest.fixture
def run(ledger: Ledger) -> dict[str, Any]:
    log = json.loads(render_sarif(ledger))
    assert log["version"] == "2.1.0"
    (only,) = log["runs"]
    return only


def _of(run: dict[str, Any], label: str) -> dict[str, Any]:
    (found,) = [r for r in run["results"] if r["message"]["text"].startswith(f"{label}: ")]
    return found


def test_nothing_that_fails_is_left_out(ledger: Ledger, run: dict[str, Any]) -> None:
    levels = Counter(result["level"] for result in run["results"])
    assert levels["error"] + levels["warning"] == len(ledger.failures)
    acknowledged = [s for t in ledger.statements for s in t.steps if s.acknowledged]
    assert levels["note"] == len(acknowledged) == 1


def test_rules_are_those_of_the_verdicts(run: dict[str, Any]) -> None:
    rules = {_of(run, f"thm-1/{name}")["ruleId"] for name in ("disproved", "straddling")}
    assert rules == {"disproved", "undecided"}
    assert _of(run, "thm-1/refuted")["ruleId"] == "known-false"
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]


def test_a_refuted_step_says_where_and_at_which_instance(ledger: Ledger) -> None:
    statement = ledger.statements[1]
    steps = tuple(
        evolve(step, acknowledged="", failure="refuted") if step.name == "refuted" else step
        for step in statement.steps
    )
    changed = evolve(ledger, statements=(evolve(statement, steps=steps),))
    result = _of(json.loads(render_sarif(changed))["runs"][0], "thm-1/refuted")
    assert (result["ruleId"], result["level"]) == ("refuted", "error")
    assert "counterexample: the minimal instance a = 1" in result["message"]["text"]
    (place,) = result["locations"]
    assert place["physicalLocation"] == {
        "artifactLocation": {"uri": "proofs/some/theorem_1.py", "uriBaseId": "SRCROOT"},
        "region": {"startLine": 7},
    }
    assert result["properties"]["logical"] == "proved"


def test_an_acknowledged_claim_that_was_not_refuted_is_an_error(ledger: Ledger) -> None:
    statement = ledger.statements[1]
    steps = tuple(evolve(s, failure="not refuted") for s in statement.steps if s.acknowledged)
    changed = evolve(ledger, statements=(evolve(statement, steps=steps),))
    result = _of(json.loads(render_sarif(changed))["runs"][0], "thm-1/refuted")
    assert (result["ruleId"], result["level"]) == ("not-refuted", "error")


def test_places_without_a_line_are_files(ledger: Ledger) -> None:
    problem = evolve(ledger.problems[0], where="proofs/a paper/paper.toml")
    result = json.loads(render_sarif(evolve(ledger, problems=(problem,))))["runs"][0]["results"][0]
    (place,) = result["locations"]
    assert place["physicalLocation"] == {
        "artifactLocation": {"uri": "proofs/a%20paper/paper.toml", "uriBaseId": "SRCROOT"}
    }


def test_a_clean_run_has_no_results_and_bytes_are_determined(
    ledger: Ledger, tmp_path: Path
) -> None:
    clean = Ledger(ledger.schema, ledger.provenance, ledger.statements[:1])
    assert json.loads(render_sarif(clean))["runs"][0]["results"] == []
    for name in "ab":
        write_sarif(ledger, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
