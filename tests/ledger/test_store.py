"""The store: what is written comes back, the same findings give the same bytes, faults are named."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from mflverify.ledger import LedgerError, read, write
from mflverify.ledger.records import (
    SCHEMA_VERSION,
    EvidenceRecord,
    Formula,
    Ledger,
    ObligationRecord,
    ProblemRecord,
    Provenance,
    ReasonRecord,
    StatementRecord,
    StepRecord,
    WitnessRecord,
)

FORMULA = Formula("a ≤ b", r"a \le b", "<math><mi>a</mi></math>", "d1")
STEP = StepRecord(
    label="thm-1/s",
    name="s",
    claim=FORMULA,
    relation="le",
    location="proofs/t.py:3",
    logical="proved",
    empirical="sampled",
    green=True,
    digest="d2",
    because=(ReasonRecord("fact", "young", "Young's inequality", (FORMULA,), "Someone"),),
    obligations=(ObligationRecord("claim", FORMULA, "certificate", "by a sum"),),
    evidence=(
        EvidenceRecord(
            "sampled",
            "sampled",
            7,
            margin="1e-3",
            data={"x": [0.1, 1, True, None, {"y": math.inf}], "s": "χ"},
        ),
    ),
)
STATEMENT = StatementRecord(
    "thm-1", "Title", "theorem", "", "t.py:1", "closed", (FORMULA,), WitnessRecord(True), (STEP,)
)
LEDGER = Ledger(
    SCHEMA_VERSION,
    Provenance("0.1", "quick", 3, "3.11", {"numpy": "2", "flint": "1"}),
    (STATEMENT,),
    (ProblemRecord("x.py:1", "", "broken"),),
)


def test_round_trip(tmp_path: Path) -> None:
    write(LEDGER, tmp_path / "l.json")
    assert read(tmp_path / "l.json") == LEDGER


def test_floats_survive_to_the_last_bit(tmp_path: Path) -> None:
    values = [0.1, -0.0, 5e-324, 1.7976931348623157e308, math.inf, -math.inf, math.nan, 1 / 3]
    evidence = EvidenceRecord("sampled", "sampled", 1, data={"v": values})
    ledger = evolve(
        LEDGER, statements=(evolve(STATEMENT, steps=(evolve(STEP, evidence=(evidence,)),)),)
    )
    write(ledger, tmp_path / "l.json")
    data = read(tmp_path / "l.json").statements[0].steps[0].evidence[0].data
    assert data is not None
    assert [v.hex() for v in data["v"]] == [v.hex() for v in values]


def test_same_findings_same_bytes(tmp_path: Path) -> None:
    slower = evolve(LEDGER, statements=(evolve(STATEMENT, seconds=9.5),))
    reordered = evolve(
        slower, provenance=evolve(LEDGER.provenance, packages={"flint": "1", "numpy": "2"})
    )
    write(LEDGER, tmp_path / "a.json")
    write(reordered, tmp_path / "b.json")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    write(read(tmp_path / "a.json"), tmp_path / "c.json")
    assert (tmp_path / "c.json").read_bytes() == (tmp_path / "a.json").read_bytes()


def test_another_finding_gives_other_bytes(tmp_path: Path) -> None:
    other = evolve(LEDGER, statements=(evolve(STATEMENT, status="open"),))
    write(LEDGER, tmp_path / "a.json")
    write(other, tmp_path / "b.json")
    assert (tmp_path / "a.json").read_bytes() != (tmp_path / "b.json").read_bytes()


def test_text_is_utf8_with_sorted_keys_and_no_bare_float(tmp_path: Path) -> None:
    write(LEDGER, tmp_path / "l.json")
    text = (tmp_path / "l.json").read_text(encoding="utf-8")
    assert "a ≤ b" in text
    assert text.endswith("}\n")
    assert "seconds" not in text

    def refuse(number: str) -> float:
        raise AssertionError(number)

    pairs: list[list[str]] = []

    def keep(items: list[tuple[str, Any]]) -> dict[str, Any]:
        pairs.append([key for key, _ in items])
        return dict(items)

    json.loads(text, parse_float=refuse, parse_constant=refuse, object_pairs_hook=keep)
    assert all(keys == sorted(keys) for keys in pairs)


def test_replacing_is_atomic_and_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "l.json"
    write(LEDGER, path)
    before = path.read_bytes()
    bad = evolve(LEDGER, statements=(STATEMENT, STATEMENT))
    with pytest.raises(LedgerError, match="'thm-1' occurs twice"):
        write(bad, path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["l.json"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"x": [1, {2}]}, r"evidence\[0\]\.data\.x\[1\]: set has no JSON form"),
        ({"$float": "1.0"}, r"evidence\[0\]\.data: keys must be text other than '\$float'"),
        ({3: "x"}, r"evidence\[0\]\.data: keys must be text"),
    ],
)
def test_data_without_json_form_is_refused(
    tmp_path: Path, data: dict[Any, Any], message: str
) -> None:
    evidence = EvidenceRecord("sampled", "sampled", 1, data=data)
    ledger = evolve(
        LEDGER, statements=(evolve(STATEMENT, steps=(evolve(STEP, evidence=(evidence,)),)),)
    )
    with pytest.raises(LedgerError, match=message):
        write(ledger, tmp_path / "l.json")


def test_what_could_not_be_read_is_not_written(tmp_path: Path) -> None:
    ledger = evolve(LEDGER, statements=(evolve(STATEMENT, steps=(evolve(STEP, logical="fine"),)),))
    with pytest.raises(
        LedgerError, match=r"statements\[0\]\.steps\[0\]\.logical: 'fine' is none of"
    ):
        write(ledger, tmp_path / "l.json")
    assert not list(tmp_path.iterdir())


Change = Callable[[dict[str, Any]], object]


def _step(raw: dict[str, Any]) -> dict[str, Any]:
    return raw["statements"][0]["steps"][0]


FAULTS: list[tuple[str, Change, str]] = [
    (
        "earlier",
        lambda r: r.update(schema=SCHEMA_VERSION - 1),
        f"ledger.schema: version {SCHEMA_VERSION - 1}, but this program reads version "
        f"{SCHEMA_VERSION}: an earlier mflverify wrote it; run the command that wrote it again",
    ),
    (
        "later",
        lambda r: r.update(schema=SCHEMA_VERSION + 1),
        f"version {SCHEMA_VERSION}: a later mflverify wrote it",
    ),
    ("version-flag", lambda r: r.update(schema=True), "ledger.schema: version True"),
    ("no-version", lambda r: r.pop("schema"), "ledger.schema: missing"),
    ("unknown", lambda r: r.update(extra=1), "ledger.extra: unknown field"),
    ("missing", lambda r: _step(r)["claim"].pop("latex"), "steps[0].claim.latex: missing"),
    ("text", lambda r: _step(r)["claim"].update(latex=3), "claim.latex: expected str, found 3"),
    (
        "list",
        lambda r: r.update(statements="abc"),
        "ledger.statements: expected a list, found 'abc'",
    ),
    ("object", lambda r: r["statements"].append(None), "statements[1]: expected an object"),
    ("number", lambda r: r["provenance"].update(seed="3"), "provenance.seed: expected int"),
    ("flag-for-number", lambda r: r["provenance"].update(seed=True), "seed: expected int"),
    ("flag", lambda r: _step(r).update(green=1), "steps[0].green: expected bool"),
    ("map", lambda r: r["provenance"].update(packages=[]), "packages: expected an object"),
    ("map-value", lambda r: r["provenance"]["packages"].update(flint=1), "packages['flint']"),
    ("verdict", lambda r: _step(r).update(empirical="good"), "empirical: 'good' is none of exact"),
    ("status", lambda r: r["statements"][0].update(status="done"), "status: 'done' is none of"),
    ("kind", lambda r: _step(r)["because"][0].update(kind="guess"), "because[0].kind: 'guess'"),
    ("outcome", lambda r: _step(r)["obligations"][0].update(outcome="ok"), "[0].outcome: 'ok'"),
    ("bare-float", lambda r: _step(r)["evidence"][0].update(data={"x": 0.5}), "data: the bare"),
    ("bad-float", lambda r: _step(r)["evidence"][0].update(data={"$float": "x"}), "is no float"),
    (
        "float-code",
        lambda r: _step(r)["evidence"][0].update(data={"$float": "1_0.0"}),
        "is no float",
    ),
    ("seconds", lambda r: r["statements"][0].update(seconds=1), "[0].seconds: unknown field"),
    ("twice", lambda r: r["statements"].append(r["statements"][0]), "'thm-1' occurs twice"),
]


@pytest.mark.parametrize(("change", "message"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
def test_faults_are_named(tmp_path: Path, change: Change, message: str) -> None:
    path = tmp_path / "l.json"
    write(LEDGER, path)
    raw = json.loads(path.read_text(encoding="utf-8"))
    change(raw)
    path.write_text(json.dumps(raw), encoding="utf-8")
    with pytest.raises(LedgerError) as caught:
        read(path)
    assert str(path) in str(caught.value)
    assert message in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b'{"schema": NaN}', b"[" * 100_000])
def test_files_that_are_no_json(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "l.json"
    path.write_bytes(content)
    with pytest.raises(LedgerError, match=f"^{re.escape(str(path))}: not a JSON file"):
        read(path)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match=r"none\.json: No such file"):
        read(tmp_path / "none.json")


def test_another_version_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="an earlier mflverify wrote it"):
        write(evolve(LEDGER, schema=SCHEMA_VERSION - 1), tmp_path / "l.json")
    assert not list(tmp_path.iterdir())
