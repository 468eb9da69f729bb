"""Findings in SARIF 2.1.0, which code hosts and editors show beside the lines of the proof files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from attrs import frozen

from mflverify.ledger.records import Ledger, StatementRecord, StepRecord

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

Level = Literal["error", "warning", "note"]


@frozen
class _Rule:
    """A kind of finding: what it is, and how grave."""

    name: str
    level: Level
    meaning: str


_RULES = (
    _Rule("unreadable", "error", "A proof file, statement or step could not be read or run."),
    _Rule("disproved", "error", "The claim is false for some values of its constants."),
    _Rule("refuted", "error", "A certified counterexample to the claim was found."),
    _Rule("not-refuted", "error", "A claim acknowledged as false was not refuted by this run."),
    _Rule("open", "warning", "The reasons given do not settle the claim."),
    _Rule("undecided", "warning", "An engine gave up or crashed, or an enclosure straddles."),
    _Rule("no-witness", "warning", "No instance was found at which the hypotheses hold."),
    _Rule("example", "error", "A closed form and its quadratures disagree."),
    _Rule("known-false", "note", "The claim is known to be false, and was refuted again."),
)
_LEVELS: dict[str, Level] = {rule.name: rule.level for rule in _RULES}
_INDEX = {rule.name: index for index, rule in enumerate(_RULES)}


def render_sarif(ledger: Ledger) -> str:
    """The findings as JSON: one result for whatever keeps the run from passing, or is known false.

    Places are relative to the folder that holds the folder of proofs (`SRCROOT`).
    """
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "mflverify",
                        "semanticVersion": ledger.provenance.version,
                        "rules": [_rule(rule) for rule in _RULES],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "invocations": [{"executionSuccessful": not ledger.problems}],
                "properties": {
                    "profile": ledger.provenance.profile,
                    "seed": ledger.provenance.seed,
                },
                "results": list(_results(ledger)),
            }
        ],
    }
    return json.dumps(log, indent=1, ensure_ascii=False) + "\n"


def write_sarif(ledger: Ledger, path: str | Path) -> None:
    """Write the findings; the same ledger gives the same bytes.

    Raises OSError when the file cannot be written.
    """
    Path(path).write_text(render_sarif(ledger), encoding="utf-8")


def _rule(rule: _Rule) -> dict[str, Any]:
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.meaning},
        "defaultConfiguration": {"level": rule.level},
    }


def _results(ledger: Ledger) -> Iterator[dict[str, Any]]:
    for problem in ledger.problems:
        step = f"{problem.step}: " if problem.step else ""
        yield _result("unreadable", f"{step}{problem.message}", problem.where, problem.step)
    for statement in ledger.statements:
        if not statement.witness.found:
            yield _no_witness(statement)
        for step in statement.steps:
            if step.failure or step.acknowledged:
                yield _step(step)
    for example in ledger.examples:
        if not example.passed:
            text = f"{example.title}, {example.functional}: the digits disagree"
            yield _result("example", text, "", f"{example.name} {example.functional}")


def _no_witness(statement: StatementRecord) -> dict[str, Any]:
    text = f"{statement.label}: no witness for its hypotheses: {statement.witness.reason}"
    return _result("no-witness", text, statement.location, statement.label)


def _step(step: StepRecord) -> dict[str, Any]:
    name = rule_of(step)
    said = step.failure or f"known to be false, corrected by {step.acknowledged}"
    lines = [f"{step.label}: {said}", step.claim.unicode]
    lines += [
        f"counterexample: {evidence.minimal or evidence.instance}"
        for evidence in step.evidence
        if evidence.verdict == "refuted"
    ]
    result = _result(name, "\n".join(lines), step.location, step.label)
    result["properties"] = {
        "logical": step.logical,
        "empirical": step.empirical,
        "digest": step.digest,
    }
    return result


def rule_of(step: StepRecord) -> str:
    """The gravest rule that a step which does not pass falls under."""
    if step.acknowledged:
        return "not-refuted" if step.failure else "known-false"
    for verdict in ("disproved", "refuted", "open"):
        if verdict in (step.logical, step.empirical):
            return verdict
    return "undecided"


def _result(rule: str, text: str, where: str, label: str) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": rule,
        "ruleIndex": _INDEX[rule],
        "level": _LEVELS[rule],
        "message": {"text": text},
    }
    if where:
        result["locations"] = [_location(where, label)]
    if label:
        result["partialFingerprints"] = {"label/v1": f"{rule} {label}"}
    return result


def _location(where: str, label: str) -> dict[str, Any]:
    """The place `FILE:LINE`; a place without a line is the file."""
    file, colon, line = where.rpartition(":")
    if not (colon and line.isdecimal() and int(line) > 0):
        file, line = where, ""
    physical: dict[str, Any] = {
        "artifactLocation": {"uri": quote(file.replace("\\", "/")), "uriBaseId": "SRCROOT"}
    }
    if line:
        physical["region"] = {"startLine": int(line)}
    location: dict[str, Any] = {"physicalLocation": physical}
    if label:
        location["logicalLocations"] = [{"fullyQualifiedName": label}]
    return location


__all__ = ["render_sarif", "rule_of", "write_sarif"]
