"""What the commands print: at most 80 columns, no colour into a pipe, every sign in every locale."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LONG = "a title that goes on and on, " * 8
STATEMENT = f"""
from mflverify.expr import FunctionSymbol, Parameter, Space, dual_norm, norm, poincare_constant
from mflverify.proof import Statement, poincare_dual
X = Space("X")
f = FunctionSymbol("f", X, "perturbation")
alpha = Parameter("alpha", "positive")
gap = alpha <= poincare_constant(X)
s = Statement("lem-1", "{LONG}", given=[gap], source="{LONG}")
s.step("here", gap, because=[gap], note="{LONG}")
s.step("twice", 0 <= dual_norm(f), because=[poincare_dual(f), poincare_dual(f)])
s.conclude("dual", 2 * alpha * dual_norm(f) ** 2 <= norm(f) ** 2, because=[poincare_dual(f)])
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "proofs" / "paper").mkdir(parents=True)
    (tmp_path / "proofs" / "paper" / "lemma.py").write_text(STATEMENT, encoding="utf-8")
    return tmp_path


def _environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("LANG", "COLUMNS")}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


VERIFY = ("verify", "--profile", "quick", "--jobs", "1", "--no-examples", "--no-cache")
COMMANDS = [("list",), ("show", "lem-1"), ("show", "lem-1/dual"), VERIFY]


def _piped(folder: Path, *arguments: str, **environment: str) -> str:
    command = [sys.executable, "-m", "mflverify", *arguments]
    run = subprocess.run(
        command, cwd=folder, capture_output=True, env=_environment(**environment), check=False
    )
    assert run.returncode == (1 if arguments[0] == "verify" else 0), run.stderr.decode()
    return run.stdout.decode("utf-8")


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_pipe_gets_80_columns_of_plain_text(folder: Path, arguments: tuple[str, ...]) -> None:
    text = _piped(folder, *arguments)
    assert text
    assert "\x1b" not in text
    assert [line for line in text.splitlines() if len(line) > 80] == []


@pytest.mark.parametrize(
    "locale",
    [{"LC_ALL": "C"}, {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
     {"PYTHONIOENCODING": "latin-1"}],
    ids=str,
)  # fmt: skip
def test_signs_survive_in_every_locale(folder: Path, locale: dict[str, str]) -> None:
    assert "2α‖f‖₋₁² ≤ ‖f‖²" in _piped(folder, "show", "lem-1", **locale)


def test_reasons_that_are_hypotheses_have_their_number_and_formula(folder: Path) -> None:
    assert "by hypothesis 1: α ≤ α_PI(X)" in _piped(folder, "show", "lem-1")


def test_a_reason_at_several_places_stands_once(folder: Path) -> None:
    text = _piped(folder, "show", "lem-1/twice")
    assert text.count("by Poincaré") == 1
    assert "(2 times)" in " ".join(text.split())
    assert text.count("≤ ‖f‖²\n") == 2  # at both places


def test_a_terminal_gets_colour(folder: Path) -> None:
    outer, inner = pty.openpty()
    command = [sys.executable, "-m", "mflverify", "show", "lem-1"]
    environment = _environment(TERM="xterm-256color", LC_ALL="C.UTF-8")
    subprocess.run(command, cwd=folder, stdout=inner, env=environment, check=True)
    os.close(inner)
    assert re.search(rb"\x1b\[\d", os.read(outer, 65536))
    os.close(outer)
