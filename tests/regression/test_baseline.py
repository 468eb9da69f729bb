"""Baseline files: canonical, readable by eye, and never believed or replaced when damaged."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from attrs import evolve
from regression_builders import BASE, EXAMPLES, LEMMA, SETTINGS, snapshot, with_step

from mflverify.ledger import store
from mflverify.ledger.records import SCHEMA_VERSION, Ledger, Provenance
from mflverify.regression import BaselineError, read_snapshot, snapshot_of, write_baseline
from mflverify.regression.baseline import from_text, to_text

ROOT = Path(__file__).parents[2]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "reports" / "baseline.json"
    write_baseline(BASE, path)
    return path


def test_what_is_written_is_read(file):
    assert read_snapshot(file) == BASE
    assert [path.name for path in file.parent.iterdir()] == ["baseline.json"]


def test_the_order_of_dictionaries_does_not_matter():
    statements = dict(reversed(BASE.statements.items()))
    shuffled = snapshot(statements, order=BASE.order, examples=EXAMPLES)
    settings = evolve(SETTINGS, packages=dict(reversed(SETTINGS.packages.items())))
    assert to_text(evolve(shuffled, settings=settings)) == to_text(BASE)


def test_it_is_sorted_and_has_short_lines():
    text = to_text(BASE)
    assert json.loads(text, object_pairs_hook=lambda pairs: sorted(pairs) == pairs or pytest.fail(str(pairs)))  # fmt: skip
    assert max(map(len, text.splitlines())) <= 160
    assert text.endswith("}\n")


def test_one_edit_changes_few_lines():
    edited = with_step(BASE, "lem-3.9/pointwise", claim="|v·∇Mg| ≤ 2K‖g‖₋₁")
    before, after = to_text(BASE).splitlines(), to_text(edited).splitlines()
    assert len(set(after) - set(before)) == 2  # claim and digest


def test_it_says_what_a_person_compares(file):
    text = file.read_text()
    for part in ('"seed": 0', '"profile": "default"', '"margin": "0.25"', '"digest"', "≤ K‖g‖₋₁"):
        assert part in text


def edited(change):
    raw = json.loads(to_text(BASE))
    change(raw)
    return json.dumps(raw)


def step_of(raw):
    return raw["statements"]["lem-3.9"]["steps"]["pointwise"]


DAMAGES = {
    "empty": ("", "not a JSON file"),
    "cut": (to_text(BASE)[:400], "not a JSON file"),
    "a list": ("[]", "baseline version None"),
    "null": ("null", "baseline version None"),
    "deep": ("[" * 100_000, "not a JSON file"),
    "NaN": (edited(lambda raw: raw.update(order=float("nan"))), "NaN is not JSON"),
    "a merge conflict": (
        f"<<<<<<< HEAD\n{to_text(BASE)}=======\n{{}}\n>>>>>>> branch\n",
        "merge conflict",
    ),
    "a key twice": (
        to_text(BASE).replace('"examples"', '"counts": {}, "examples"', 1),
        "the key 'counts' occurs twice",
    ),
    "another version": (edited(lambda raw: raw.update(schema=1)), "baseline version 1"),
    "a version that is true": (
        edited(lambda raw: raw.update(schema=True)),
        "baseline version True",
    ),
    "an unknown field": (edited(lambda raw: raw.update(extra=1)), "extra"),
    "a missing field": (edited(lambda raw: raw.pop("settings")), "settings"),
    "a number for a text": (edited(lambda raw: step_of(raw).update(logical=1)), "expected str"),
    "a text for a number": (
        edited(lambda raw: raw["settings"].update(seed="0")),
        "expected int",
    ),
    "other counts": (edited(lambda raw: raw["counts"].update(facts=9)), "counts are"),
    "a finding nobody knows": (
        edited(lambda raw: step_of(raw).update(logical="splendid")),
        "lem-3.9/pointwise: logical is 'splendid'",
    ),
    "a status nobody knows": (
        edited(lambda raw: raw["statements"]["lem-3.9"].update(status="fine")),
        "lem-3.9: status is 'fine'",
    ),
    "a margin that is no number": (
        edited(lambda raw: step_of(raw)["evidence"]["certified torus"].update(margin="big")),
        "'big' is not a number",
    ),
    "a statement that is not listed": (
        edited(lambda raw: raw.update(order=["lem-3.9"])),
        "order does not list the statements",
    ),
    "a step that is not listed": (
        edited(lambda raw: raw["statements"]["lem-3.9"].update(order=["bound"])),
        "lem-3.9: order does not list the steps",
    ),
}


@pytest.mark.parametrize(("text", "message"), DAMAGES.values(), ids=DAMAGES)
def test_damage_is_told_with_the_file(file, text, message):
    file.write_text(text)
    with pytest.raises(BaselineError) as caught:
        read_snapshot(file)
    assert str(caught.value).startswith(str(file))
    assert message in str(caught.value)


def test_a_file_that_is_no_text_or_is_not_there(tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name in ("binary", "missing", "."):
        with pytest.raises(BaselineError, match="cannot be read"):
            read_snapshot(tmp_path / name)


def test_every_truncation_is_noticed():
    text = to_text(BASE)
    for length in range(0, len(text.rstrip()), 7):
        with pytest.raises(BaselineError):
            from_text(text[:length], "x")


def test_nothing_is_lost_when_writing_fails(file, monkeypatch):
    before = file.read_bytes()
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        write_baseline(snapshot({"lem-3.9": LEMMA}), file)
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == ["baseline.json"]


def test_a_ledger_is_read_as_its_snapshot_also_when_it_speaks_of_settings(tmp_path):
    made = Provenance("0.1.0", 'a profile called "settings"', 0, "3.11.7", {})
    ledger = Ledger(SCHEMA_VERSION, made, ())
    store.write(ledger, tmp_path / "ledger.json")
    assert read_snapshot(tmp_path / "ledger.json") == snapshot_of(ledger)
    (tmp_path / "ledger.json").write_text('{"provenance": 1, "schema": 99}')
    with pytest.raises(BaselineError, match=r"ledger\.json: .*schema"):
        read_snapshot(tmp_path / "ledger.json")


PAPER = """
from mflverify.expr import FunctionSymbol, Parameter, Space, dual_norm, norm, poincare_constant
from mflverify.proof import Statement, poincare_dual
X = Space("X")
f = FunctionSymbol("f", X, "perturbation")
alpha = Parameter("alpha", "positive")
gap = Statement("gap", "The gap", given=[alpha <= poincare_constant(X)])
gap.step("more", norm(f) <= 2 * norm(f))
gap.conclude("gap", alpha * dual_norm(f) ** 2 <= norm(f) ** 2, because=[poincare_dual(f)])
"""


def test_the_recorded_bytes_depend_on_nothing_but_the_proofs(tmp_path):
    (tmp_path / "proofs" / "paper").mkdir(parents=True)
    (tmp_path / "proofs" / "paper" / "gap.py").write_text(PAPER)
    recorded = set()
    for number, (seed, jobs, cached) in enumerate([("1", "1", True), ("2", "2", False), ("3", "2", True)]):  # fmt: skip
        file = f"{number}.json"
        options = ["--yes", "--profile", "quick", "--baseline", file, "--jobs", jobs]
        program = "import mflverify.changes as c; c.EXAMPLES = False; from mflverify.cli import main; main()"  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-c", program, "baseline", "update", *options, *["--no-cache"] * (not cached)],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        recorded.add((tmp_path / file).read_bytes())
    assert len(recorded) == 1
    assert list(read_snapshot(tmp_path / "0.json").steps()) == ["gap/more", "gap/gap"]
