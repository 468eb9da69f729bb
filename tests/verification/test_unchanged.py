"""A whole run is skipped exactly when nothing that it depends on has changed."""

import json

import pytest
from click.testing import CliRunner

from mflverify.cli import main
from mflverify.verification import keys, unchanged


@pytest.fixture
def verify(paper):
    """verify(*arguments) checks the paper; whether the run was skipped."""

    def again(*arguments, code=0):
        plain = ["verify", "--jobs", "1", "--no-examples", "--profile", "quick"]
        result = CliRunner().invoke(main, [*plain, *arguments])
        assert result.exit_code == code, result.output
        again.output = result.output
        return "unchanged" in result.output

    return again


def test_nothing_changed(verify, computed, paper):
    assert not verify()
    first, ledger = verify.output, (paper.parents[1] / "reports" / "ledger.json").read_bytes()
    computed.clear()
    assert verify()
    assert computed == []
    note = "unchanged  since the run that wrote this ledger\n"
    assert verify.output.replace(note, "").strip() == first.strip()
    assert (paper.parents[1] / "reports" / "ledger.json").read_bytes() == ledger


@pytest.mark.parametrize(
    "arguments", [["--seed", "1"], ["--profile", "default"], ["lem-1"], ["--no-cache"]]
)
def test_other_settings_are_another_run(verify, arguments):
    verify()
    assert not verify(*arguments)


def test_an_edit_of_proofs(verify, edit):
    verify()
    edit("lemma.py", '"The gap"', '"A gap"')
    assert not verify()
    assert "A gap" in verify.output
    assert verify()


def test_a_new_file_beside_the_proofs(verify, paper):
    verify()
    (paper / "data.json").write_text("{}")
    assert not verify()


@pytest.mark.parametrize("how", ["edited", "gone"])
def test_another_ledger_on_disk_is_not_believed(verify, paper, how):
    verify()
    file = paper.parents[1] / "reports" / "ledger.json"
    before = file.read_bytes()
    if how == "gone":
        file.unlink()
    else:
        file.write_bytes(before.replace(b'"closed"', b'"opened"', 1))
    assert not verify()
    assert file.read_bytes() == before


def test_another_version_of_a_package(verify, monkeypatch):
    verify()
    versions = {**keys.versions(), "numpy": "another"}
    monkeypatch.setattr(unchanged, "versions", lambda: versions)
    assert not verify()


def test_another_program(verify, monkeypatch, tmp_path):
    verify()
    (tmp_path / "program.py").write_text("")
    monkeypatch.setattr(unchanged, "ROOT", tmp_path / "program.py")
    assert not verify()


def test_a_run_that_fails_is_tried_again(verify, edit):
    edit("lemma.py", "alpha * dual_norm(f) ** 2 <= norm(f) ** 2", "alpha * norm(f) <= norm(f)")
    assert not verify(code=1)
    assert not verify(code=1)


def test_proofs_that_read_modules_from_elsewhere_are_read_again(
    verify, edit, tmp_path, monkeypatch
):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "some_constants.py").write_text("two = 2\n")
    monkeypatch.syspath_prepend(tmp_path / "elsewhere")
    edit("theorem.py", "\nfrom .lemma", "\nfrom some_constants import two\nfrom .lemma")
    assert not verify()
    assert not verify()


def test_what_is_kept_of_a_run_is_the_hash_of_its_ledger(verify, paper):
    verify()
    kept = [json.loads(p.read_text()) for p in (paper.parents[1]).glob(".mflverify-cache/*/*.json")]
    runs = [e["entry"]["result"] for e in kept if e["entry"]["key"].get("part") == "run"]
    (run,) = runs
    assert list(run) == ["ledger"]
