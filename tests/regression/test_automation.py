"""The workflow and the hooks: well-formed, and made of commands that exist and do what is said."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
import yaml

from mflverify.cli import main

ROOT = Path(__file__).parents[2]
WORKFLOW = ROOT / ".github" / "workflows" / "proofs.yml"
HOOKS = ROOT / ".pre-commit-hooks.yaml"
GOOD = """
from mflverify.expr import FunctionSymbol, Space, norm
from mflverify.proof import Statement
f = FunctionSymbol("f", Space("X"), "perturbation")
it = Statement("it", "Twice as much")
it.conclude("more", norm(f) <= 2 * norm(f))
"""


def parsed(command):
    """The command and its options, as the command line understands them."""
    words = shlex.split(command)
    assert words.pop(0) == "mflverify"
    group, context = main, click.Context(main)
    while isinstance(group, click.Group):
        _, group, words = group.resolve_command(context, words)
    return group.name, group.make_context(group.name, words).params


def steps():
    jobs = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]
    return [step for job in jobs.values() for step in job["steps"]]


def test_the_workflow_runs_commands_that_exist():
    lines = [line.strip() for step in steps() for line in step.get("run", "").splitlines()]
    commands = [line.partition(" > ")[0] for line in lines if line.startswith("mflverify ")]
    found = [parsed(command) for command in commands]
    assert [name for name, _ in found] == ["verify", "diff", "diff"]
    assert found[1][1]["style"] == "markdown"
    assert (found[2][1]["old"], found[2][1]["new"]) == (None, None)


def test_the_workflow_keeps_what_the_program_keeps_and_may_write_only_the_comment():
    from mflverify.verification.cache import FOLDER

    whole = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))
    assert {step["with"]["path"] for step in steps() if "cache@" in step.get("uses", "")} == {
        FOLDER
    }
    assert whole["permissions"] == {"contents": "read"}
    assert whole["jobs"]["comment"]["permissions"] == {"pull-requests": "write"}
    assert "permissions" not in whole["jobs"]["check"]
    assert not any("checkout" in s.get("uses", "") for s in whole["jobs"]["comment"]["steps"])
    # nothing that an author of a change chooses is pasted into a script
    assert not any("${{" in step.get("run", "") for step in steps())


def test_the_hooks_are_commands_that_exist():
    hooks = yaml.safe_load(HOOKS.read_text(encoding="utf-8"))
    assert [parsed(hook["entry"])[0] for hook in hooks] == ["verify", "diff"]
    assert all(hook["language"] == "python" and not hook["pass_filenames"] for hook in hooks)


@pytest.fixture
def repository(tmp_path):
    """A repository whose commits are checked by the first hook."""
    (tmp_path / "proofs" / "paper").mkdir(parents=True)
    (tmp_path / "proofs" / "paper" / "it.py").write_text(GOOD)
    (tmp_path / ".gitignore").write_text("reports/*\n.mflverify-cache/\n")
    git(tmp_path, "init", "--quiet")
    entry = yaml.safe_load(HOOKS.read_text(encoding="utf-8"))[0]["entry"].removeprefix("mflverify ")
    hook = tmp_path / ".git" / "hooks" / "pre-commit"
    program = "from mflverify.cli import main; main()"
    hook.write_text(f"#!/bin/sh\nexec '{sys.executable}' -c '{program}' {entry}\n")
    hook.chmod(0o755)
    return tmp_path


def git(folder, *arguments, check=True):
    who = ["-c", "user.name=Author", "-c", "user.email=author@example.org"]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    return subprocess.run(
        ["git", *who, *arguments],
        cwd=folder,
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=check,
    )


def test_a_commit_with_a_false_step_is_refused(repository):
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "true")
    path = repository / "proofs" / "paper" / "it.py"
    path.write_text(path.read_text().replace("<= 2 *", "<= 1 / 2 *").replace("2 * norm", "norm"))
    git(repository, "add", "--all")
    refused = git(repository, "commit", "--quiet", "--message", "false", check=False)
    assert refused.returncode == 1
    assert "it/more" in refused.stdout + refused.stderr
    assert git(repository, "log", "--format=%s").stdout == "true\n"
