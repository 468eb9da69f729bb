"""The LaTeX report: complete, escaped, determined, and pdflatex compiles it without complaint."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from attrs import evolve

from mflverify.ledger.records import Formula, Ledger
from mflverify.report import render_latex, write_latex

PDFLATEX = shutil.which("pdflatex")


def test_every_step_has_its_formula_and_both_marks(ledger: Ledger) -> None:
    text = render_latex(ledger)
    steps = [step for statement in ledger.statements for step in statement.steps]
    marks = re.findall(r"\\mflstep\{.*?\}\{.*\}\{\\mflmark\{.*?\}\{(.*?)\}\{(.*?)\}\}"
                       r"\{\\mflmark\{.*?\}\{(.*?)\}\{(.*?)\}", text)  # fmt: skip
    assert [(mark[1], mark[3]) for mark in marks] == [(s.logical, s.empirical) for s in steps]
    signs = {mark[1]: mark[0] for mark in marks} | {mark[3]: mark[2] for mark in marks}
    assert signs["proved"] == signs["exact"] == r"\mflsignpass"
    assert signs["disproved"] == signs["refuted"] == r"\mflsignfail"
    assert signs["open"] == signs["not applicable"] == r"\mflsigndoubt"
    for step in steps:
        assert step.claim.latex in text


def test_counterexamples_and_examples_stand_in_appendices(ledger: Ledger) -> None:
    appendix = render_latex(ledger).split(r"\appendix")[1]
    assert "the dramatic instance" in appendix
    assert "the minimal instance a = 1" in appendix.replace(r"\allowbreak{}", "")
    assert "mpmath 50, Arb 3 digits" in appendix


def test_acknowledged_claims_stay_red(ledger: Ledger) -> None:
    text = render_latex(ledger)
    assert r"\textcolor{fail}{Known to be false; corrected by" in text
    assert r"\textcolor{fail}{Known to be false:} \hyperlink{" in text


def test_nothing_of_the_ledger_escapes(ledger: Ledger) -> None:
    text = render_latex(ledger)
    assert text.isascii()
    assert r"\input" not in text
    assert "$m$ ^2" not in text
    assert r"\textbackslash{}input\{z\}" in text


def test_targets_of_links_exist_once(ledger: Ledger) -> None:
    text = render_latex(ledger)
    targets = re.findall(r"\\(?:mfltarget|hypertarget)\{(m[0-9a-f]+|refutations)\}", text)
    links = re.findall(r"\\hyperlink\{(\w+)\}", text)
    assert links
    assert set(links) <= set(targets)
    assert len(targets) == len(set(targets))


def test_hostile_latex_is_refused(ledger: Ledger) -> None:
    bad = Formula("a", r"\input{secret}", "<math><mi>a</mi></math>", "d")
    statement = evolve(ledger.statements[0], given=(bad,))
    with pytest.raises(ValueError, match=r"latex must not contain '\\\\input'"):
        render_latex(evolve(ledger, statements=(statement,)))


def test_hypotheses_among_the_reasons_are_written_out(ledger: Ledger) -> None:
    text = render_latex(ledger)
    assert re.search(
        r"lemma \\hyperlink\{\w+\}\{lem-.*?0\}, \\hyperlink\{\w+\}\{hypothesis 1\} \(\$a\s*\\le b\$\)",
        text,
    )


def test_bytes_are_determined(ledger: Ledger, tmp_path: Path) -> None:
    write_latex(ledger, tmp_path / "a.tex")
    slower = tuple(evolve(statement, seconds=7.0) for statement in ledger.statements)
    write_latex(evolve(ledger, statements=slower), tmp_path / "b.tex")
    assert (tmp_path / "a.tex").read_bytes() == (tmp_path / "b.tex").read_bytes()


@pytest.mark.skipif(
    PDFLATEX is None,
    reason="pdflatex is missing: apt-get install texlive-latex-recommended texlive-fonts-recommended"
    " lmodern",
)
def test_pdflatex_compiles_it_without_complaint(campaigns: Ledger, tmp_path: Path) -> None:
    assert PDFLATEX is not None
    write_latex(campaigns, tmp_path / "report.tex")
    command = [
        PDFLATEX,
        "-interaction=nonstopmode",
        "-halt-on-error",
        "-no-shell-escape",
        "report.tex",
    ]
    for _ in range(2):  # the second run knows the width of the tables
        run = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
        log = (tmp_path / "report.log").read_text(encoding="latin-1")
        assert run.returncode == 0, log[-3000:]
    assert (tmp_path / "report.pdf").stat().st_size > 20_000
    log = (tmp_path / "report.log").read_text(encoding="latin-1")
    complaints = re.findall(
        r"^(?:!|Overfull|LaTeX Warning|Package \w+ Warning).*", log, re.MULTILINE
    )
    assert complaints == []
