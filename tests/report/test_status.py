"""Statuses in an author's own paper: the data say what the ledger says, and a paper compiles."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from attrs import evolve

from mflverify.ledger.records import Ledger
from mflverify.report import render_status, write_status

PDFLATEX = shutil.which("pdflatex")
PDFTOTEXT = shutil.which("pdftotext")

PAPER = r"""
\documentclass{article}
\usepackage[OPTIONS]{mflstatus}
\usepackage{hyperref}
\mflalias{main}{thm-1}
\begin{document}
\section{A title \mflstatus*{lem:0} \mflstatus{lem:0}\mflfindings{lem:0}}
\begin{itemize}
\item[first] \mflstatus{thm:1}
\item[second] \mflstatus{lem-0}, \mflfindings{lem-0}
\item[third] \mflfindings{thm:1/straddling} \mflstatus{thm:1/straddling}
\item[fourth] \mflstatus{main}\mflmargin{main}
\end{itemize}
\mflprovenance
MORE
\end{document}
"""


def _entries(ledger: Ledger) -> dict[str, list[str]]:
    lines = render_status(ledger).splitlines()
    entries = [re.findall(r"\{([^{}]*)\}", line) for line in lines if line.startswith(r"\mflentry")]
    return {label: rest for label, *rest in entries}


def test_every_label_that_tex_can_name_has_an_entry(ledger: Ledger) -> None:
    entries = _entries(ledger)
    assert entries["thm-1"] == entries["thm:1"]
    assert entries["thm-1"][:3] == ["fail", "fail", "refuted"]
    assert entries["lem-0"][:3] == ["pass", "pass", "closed"]
    assert entries["lem:0/only"] == ["pass", "pass", "proved", "proved, certified"]
    steps = [step for statement in ledger.statements for step in statement.steps]
    assert len(entries) == 2 * (len(ledger.statements) + len(steps) - 1)
    assert "% 2 labels cannot be named in TeX" in render_status(ledger)


def test_a_step_never_looks_better_than_its_worse_finding(ledger: Ledger) -> None:
    entries = _entries(ledger)
    for name in ("refuted", "straddling", "inapplicable"):  # all of them are logically proved
        assert entries[f"thm-1/{name}"][1] in ("fail", "doubt")
    for name in ("open", "disproved", "undecided"):  # all of them are empirically certified
        assert entries[f"thm-1/{name}"][1] in ("fail", "doubt")


def _compiled(folder: Path, options: str = "", more: str = "") -> tuple[str, str]:
    """The text of the paper, and the log."""
    assert PDFLATEX is not None
    text = PAPER.replace("OPTIONS", options).replace("MORE", more)
    (folder / "paper.tex").write_text(text, encoding="ascii")
    command = [PDFLATEX, "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    run = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    log = (folder / "paper.log").read_text(encoding="latin-1")
    assert run.returncode == 0, log[-2000:]
    if PDFTOTEXT is None:
        return "", log
    plain = subprocess.run(
        [PDFTOTEXT, "-raw", "paper.pdf", "-"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return " ".join(plain.stdout.split()), log


@pytest.mark.skipif(
    PDFLATEX is None or PDFTOTEXT is None,
    reason="needs pdflatex (Debian: texlive-latex-recommended texlive-fonts-recommended) and"
    " pdftotext (poppler-utils)",
)
def test_a_paper_shows_its_statuses(ledger: Ledger, tmp_path: Path) -> None:
    write_status(ledger, tmp_path)
    text, log = _compiled(tmp_path)
    assert "first × refuted" in text
    assert "second ✓ closed, 1 of 1 steps pass logically, 1 empirically" in text
    assert "third proved, undecided ? undecided" in text
    assert "fourth × refuted" in text
    assert "mflverify 0.1.0, profile quick, seed 0, commit abc" in text
    assert re.findall(r"Package (?:mflstatus|hyperref) Warning.*", log) == []


def _of_two_species(ledger: Ledger) -> Ledger:
    statement = ledger.statements[0]
    steps = tuple(evolve(step, label=f"lem-0[n=2]/{step.name}") for step in statement.steps)
    return evolve(ledger, statements=(evolve(statement, label="lem-0[n=2]", steps=steps),))


def test_statements_about_so_many_species_have_entries(ledger: Ledger) -> None:
    entries = _entries(_of_two_species(ledger))
    assert set(entries) == {"lem-0[n=2]", "lem:0[n=2]", "lem-0[n=2]/only", "lem:0[n=2]/only"}


@pytest.mark.skipif(PDFLATEX is None or PDFTOTEXT is None, reason="needs pdflatex and pdftotext")
def test_a_label_with_brackets_may_stand_in_an_optional_argument(
    ledger: Ledger, tmp_path: Path
) -> None:
    write_status(_of_two_species(ledger), tmp_path)
    text, _ = _compiled(tmp_path, more=r"\par\makebox[4cm]{x \mflstatus{lem:0[n=2]}}"
                        r"\begin{description}\item[y \mflstatus*{lem:0[n=2]}] z\end{description}")  # fmt: skip
    assert "x ✓ closed" in text
    assert "y ✓ z" in text


@pytest.mark.skipif(PDFLATEX is None, reason="needs pdflatex")
def test_unknown_labels_and_missing_data_are_told(ledger: Ledger, tmp_path: Path) -> None:
    write_status(ledger, tmp_path)
    _, log = _compiled(tmp_path, "monochrome", r"\mflstatus{thm:9.9_x}")
    assert "No status for `thm:9.9_x'" in log
    _, log = _compiled(tmp_path, "data=elsewhere.tex")
    assert "No data file `elsewhere.tex'" in log
