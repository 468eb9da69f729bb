"""Both sides of a comparison: files, folders, git revisions; and the commands on them."""

import json
import os
import re
import subprocess

import pytest
from click.testing import CliRunner
from regression_builders import BASE, with_step

from mflverify.cli import main
from mflverify.regression import read_snapshot, write_baseline
from mflverify.regression.sources import SourceError, locate

PAPER = """
from mflverify.expr import FunctionSymbol, Parameter, Space, dual_norm, norm, poincare_constant
from mflverify.proof import Statement, poincare_dual
X = Space("X")
f = FunctionSymbol("f", X, "perturbation")
alpha = Parameter("alpha", "positive")
gap = Statement("gap", "The gap", given=[alpha <= poincare_constant(X)])
gap.conclude("it", alpha * dual_norm(f) ** 2 <= norm(f) ** 2, because=[poincare_dual(f)])
"""


def git(*arguments):
    who = ["-c", "user.name=Author", "-c", "user.email=author@example.org"]
    done = subprocess.run(["git", *who, *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository with one small proof, not yet committed, and no recorded baseline."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr("mflverify.changes.EXAMPLES", False)
    (tmp_path / "proofs" / "paper").mkdir(parents=True)
    (tmp_path / "proofs" / "paper" / "gap.py").write_text(PAPER)
    (tmp_path / ".gitignore").write_text(".mflverify-cache/\n")
    git("init", "--quiet")
    return tmp_path


def commit(message="change"):
    git("add", "--all")
    git("commit", "--quiet", "--allow-empty", "--message", message)


def run(*arguments, **options):
    return CliRunner().invoke(main, list(arguments), **options)


def update(*options):
    result = run("baseline", "update", "--yes", "--jobs", "1", "--profile", "quick", *options)
    assert result.exit_code == 0, result.output
    return result


def diff(*arguments):
    return run("diff", "--jobs", "1", "--profile", "quick", *arguments)


def edit(repository, before, after):
    path = repository / "proofs" / "paper" / "gap.py"
    text = path.read_text()
    assert text.count(before) == 1
    path.write_text(text.replace(before, after))


def test_update_asks_shows_and_records(repository):
    asked = run("baseline", "update", "--jobs", "1", "--profile", "quick", input="n\n")
    assert asked.exit_code == 1
    assert "There is no reports/baseline.json yet." in asked.output
    assert "Record this in reports/baseline.json?" in asked.output
    assert not (repository / "reports" / "baseline.json").exists()
    update()
    assert list(read_snapshot(repository / "reports" / "baseline.json").steps()) == ["gap/it"]
    again = run("baseline", "update", "--jobs", "1")
    assert again.exit_code == 0
    assert "nothing changed" in again.output
    assert "Record this" not in again.output


def test_an_update_is_made_with_the_settings_of_the_baseline(repository):
    update("--seed", "7")
    run("baseline", "update", "--jobs", "1", "--yes")
    settings = read_snapshot(repository / "reports" / "baseline.json").settings
    assert (settings.profile, settings.seed) == ("quick", 7)


def test_diff_with_the_baseline(repository):
    update()
    same = run("diff", "--jobs", "1")
    assert same.exit_code == 0
    assert "nothing changed" in same.output
    edit(repository, "alpha * dual_norm", "2 * alpha * dual_norm")
    worse = run("diff", "--jobs", "1")
    assert worse.exit_code == 1
    assert re.search(r"gap/it  empirical finding \w+ → refuted", worse.output)
    assert "old α‖f‖₋₁² ≤ ‖f‖²" in worse.output
    assert "new 2α‖f‖₋₁² ≤ ‖f‖²" in worse.output
    shown = run("baseline", "update", "--jobs", "1", input="\n")
    assert "gap/it  conclusion restated" in shown.output
    assert shown.exit_code == 1


def test_without_a_baseline_the_remedy_is_told(repository):
    result = diff()
    assert result.exit_code == 2
    assert "mflverify baseline update" in result.output


def test_a_baseline_that_cannot_be_read_is_never_replaced(repository):
    update()
    path = repository / "reports" / "baseline.json"
    path.write_text("<<<<<<< HEAD\n" + path.read_text())
    before = path.read_bytes()
    result = run("baseline", "update", "--yes", "--jobs", "1")
    assert result.exit_code == 1
    assert "merge conflict" in result.output
    assert "nothing is recorded over it" in result.output
    assert "Traceback" not in result.output
    assert path.read_bytes() == before
    assert diff().exit_code == 2


def test_nothing_is_recorded_while_a_file_cannot_be_read(repository):
    update()
    before = (repository / "reports" / "baseline.json").read_bytes()
    (repository / "proofs" / "paper" / "more.py").write_text("x = (")
    result = run("baseline", "update", "--yes", "--jobs", "1")
    assert result.exit_code == 1
    assert "more.py:1: syntax error" in result.output
    assert (repository / "reports" / "baseline.json").read_bytes() == before
    shown = diff()
    assert shown.exit_code == 1
    assert "cannot be read: proofs/paper/more.py" in shown.output


def test_revisions_with_and_without_a_baseline(repository):
    commit("proof without a baseline")
    update()
    commit("its baseline")
    edit(repository, "dual_norm(f) ** 2 <= norm", "dual_norm(f) ** 2 <= 2 * norm")
    update()
    commit("weaker, with its baseline")
    assert diff("HEAD", "HEAD").exit_code == 0
    for old in ("HEAD~1", "HEAD~2"):
        result = diff(old, "HEAD")
        assert result.exit_code == 1
        assert f"{old} → HEAD: 1 changed" in result.output
        assert "only its constants: none → 2" in result.output
    assert diff("HEAD").exit_code == 0
    edit(repository, "2 * norm", "3 * norm")
    result = diff("HEAD")
    assert "only its constants: 2 → 3" in result.output
    assert "HEAD → proofs: 1 changed" in result.output


def test_a_revision_whose_baseline_was_forgotten_is_examined(repository):
    update()
    commit()
    edit(repository, "alpha * dual_norm", "2 * alpha * dual_norm")
    commit("wrong, and its baseline forgotten")
    result = diff("HEAD~1", "HEAD")
    assert result.exit_code == 1
    assert "HEAD: its baseline is not of its proofs" in result.output
    assert "refuted" in result.output


def test_rerun_examines_both(repository):
    update()
    path = repository / "reports" / "baseline.json"
    certified, sampled = (f'"verdict": "{kind}"' for kind in ("certified", "sampled"))
    path.write_text(path.read_text().replace(certified, sampled, 1))
    commit()
    assert diff("HEAD", "HEAD").exit_code == 0
    assert "evidence" in diff("--rerun", "HEAD", "reports/baseline.json").output


def test_in_a_hook_git_speaks_of_the_right_repository(repository, tmp_path_factory, monkeypatch):
    update()
    commit()
    other = tmp_path_factory.mktemp("other")
    subprocess.run(["git", "init", "--quiet", str(other)], check=True)
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git" / "index"))
    assert diff("HEAD").exit_code == 0


def test_what_is_neither_file_nor_revision(repository):
    commit()
    result = diff("nonsense")
    assert result.exit_code == 2
    assert "'nonsense' is no file, no folder and no git revision" in result.output
    for word in ("--help-me", "-x"):
        with pytest.raises(SourceError, match="no git revision"):
            locate(word, proofs=repository / "proofs", baseline=repository / "b.json")


def test_a_revision_without_proofs(repository):
    git("rm", "--quiet", "-r", "--cached", "proofs", "--ignore-unmatch")
    git("commit", "--quiet", "--allow-empty", "--message", "nothing")
    result = diff("HEAD")
    assert result.exit_code == 2
    assert "proofs" in result.output
    assert "Traceback" not in result.output


def test_a_damaged_baseline_in_a_revision(repository):
    (repository / "reports").mkdir()
    (repository / "reports" / "baseline.json").write_text("{")
    commit()
    result = diff("HEAD")
    assert result.exit_code == 2
    assert "HEAD:reports/baseline.json: not a JSON file" in result.output
    assert diff("--rerun", "HEAD").exit_code == 0


def test_outside_of_a_repository(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(SourceError, match="not a git repository"):
        locate("HEAD", proofs=tmp_path, baseline=tmp_path / "b.json")


def test_two_files_and_markdown(repository):
    write_baseline(BASE, repository / "old.json")
    write_baseline(with_step(BASE, "thm-4.1/aside", claim="2ab ≤ a²"), repository / "new.json")
    result = run("diff", "old.json", "new.json", "--format", "markdown")
    assert result.exit_code == 1
    assert result.output.startswith("### Proofs: 1 changed\n")
    assert run("diff", "old.json", "old.json").exit_code == 0


def test_a_ledger_is_compared_too(repository):
    run("verify", "--profile", "quick", "--jobs", "1", "--no-examples", "--quiet")
    result = run("diff", "reports/ledger.json", "--jobs", "1")
    assert result.exit_code == 0, result.output
    content = json.loads((repository / "reports" / "ledger.json").read_text())
    content["statements"][0]["status"] = "open"
    (repository / "ledger.json").write_text(json.dumps(content))
    assert "status open → closed" in run("diff", "ledger.json", "--jobs", "1").output
