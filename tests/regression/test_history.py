"""A history of edits replayed in a repository: each shows what it should, and the author decides."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from history import HISTORY, Files

from mflverify.changes import Settings, examine
from mflverify.cli import main
from mflverify.proof.loader import load
from mflverify.regression import Weight, compare, read_snapshot, write_baseline
from mflverify.regression.terminal import terminal_lines
from mflverify.verification.cache import Cache

PAPER = Path(__file__).parents[2] / "proofs" / "local_convergence"
FILES = ("__init__.py", "notation.py", "quadratic_flow.py", "lemma_3_9.py", "lemma_q.py",
         "theorem_4_1.py", "paper.toml")  # fmt: skip

# Measured numbers and how often facts are used follow from the engines, not from the edit.
MEASURED = ("margin", "radius", "instances", "evidence", "count", "reasons")


def git(*arguments):
    who = ["-c", "user.name=Author", "-c", "user.email=author@example.org"]
    done = subprocess.run(["git", *who, *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def seen(difference, weight):
    """Kind and label of the changes of a weight, measured numbers apart."""
    return {(c.kind, c.label) for c in difference.of(weight) if c.kind not in MEASURED}


def run(*arguments):
    return CliRunner().invoke(main, list(arguments))


def test_the_history_is_long_enough_and_has_both_kinds():
    assert len(HISTORY) >= 15
    assert len({edit.name for edit in HISTORY}) == len(HISTORY)
    assert sum(not edit.accepted for edit in HISTORY) >= 5
    assert sum(edit.accepted for edit in HISTORY) >= 5


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_each_edit_shows_what_it_should(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    files = Files(tmp_path / "proofs" / "local_convergence")
    files.folder.mkdir(parents=True)
    for name in FILES:
        shutil.copy(PAPER / name, files.folder)
    (tmp_path / ".gitignore").write_text(".mflverify-cache/\n")
    baseline = tmp_path / "reports" / "baseline.json"
    settings = Settings("quick", 0, 1, Cache.open(tmp_path / ".mflverify-cache"), examples=False)

    def state():
        return examine(load(tmp_path / "proofs"), settings)

    before = state()
    assert before.counts["failing"] == 0
    write_baseline(before, baseline)
    git("init", "--quiet")
    git("add", "--all")
    git("commit", "--quiet", "--message", "first")
    kept = []
    for edit in HISTORY:
        edit.apply(files)
        after = state()
        difference = compare(before, after)
        report = "\n".join(line.plain for line in terminal_lines(difference, 1000))
        for weight, expected in (
            (Weight.WORSE, edit.worse),
            (Weight.CHANGED, edit.changed),
            (Weight.HARMLESS, edit.harmless),
        ):
            assert seen(difference, weight) == expected, f"{edit.name}\n{report}"
        passes = not after.problems and after.counts["failing"] == 0
        assert passes == edit.passes, f"{edit.name}\n{report}"
        for text in edit.says:
            assert text in report, f"{edit.name}\n{report}"
        if edit.accepted:
            write_baseline(after, baseline)
            git("add", "--all")
            git("commit", "--quiet", "--allow-empty", "--message", edit.name)
            kept.append((edit, difference.needs_acceptance))
            before = after
        else:
            git("checkout", "--quiet", "--", "proofs")
            git("clean", "--quiet", "--force", "proofs")
            assert compare(before, state()).changes == (), f"{edit.name} undone"

    # the same history as a reviewer sees it, from what is recorded in its revisions
    for back, (edit, needs_acceptance) in enumerate(reversed(kept)):
        result = run("diff", f"HEAD~{back + 1}", f"HEAD~{back}")
        assert result.exit_code == needs_acceptance, f"{edit.name}\n{result.output}"
    assert run("diff", "HEAD", "--jobs", "1").exit_code == 0
    assert read_snapshot(baseline) == before
