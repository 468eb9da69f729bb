"""Statuses for an author's own paper: `mflstatus.sty` and the data that it reads.

\\usepackage{mflstatus}
Theorem 4.1 \\mflstatus{thm:4.1} ...
"""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from mflverify.ledger.records import Ledger, StatementRecord, StepRecord
from mflverify.report import wording
from mflverify.report.latex import tex_sign
from mflverify.report.tallies import tally
from mflverify.report.tex import breakable, escape_tex

STYLE = "mflstatus.sty"
DATA = "mflstatus-data.tex"

# What can stand in the argument of a macro as it is.
_NAME = re.compile(r"[][A-Za-z0-9 .:/_+*()'=,-]+")


def render_status(ledger: Ledger) -> str:
    """The data file: for each statement and step its verdicts, and how the run was made; ASCII.

    A label such as `thm-4.1` also answers to `thm:4.1`.  Labels with signs that mean something to
    TeX cannot be named in a paper; the file says how many were left out.
    """
    made = ledger.provenance
    commit = f", commit {breakable(made.commit)}" if made.commit else ""
    run = f"mflverify {escape_tex(made.version)}, profile {escape_tex(made.profile)}, seed {made.seed}"
    lines = ["% written by mflverify; read by mflstatus.sty", rf"\mflrun{{{run}{commit}}}"]
    left_out = 0
    for statement in ledger.statements:
        for label, entry in _entries(statement):
            if _NAME.fullmatch(label):
                lines.append(rf"\mflentry{{{label}}}{entry}")
            else:
                left_out += 1
    if left_out:
        lines.append(f"% {left_out} labels cannot be named in TeX")
    return "\n".join(lines) + "\n"


def write_status(ledger: Ledger, folder: str | Path) -> None:
    """Write `mflstatus.sty` and `mflstatus-data.tex` into a folder, which is made if need be.

    Raises OSError when a file cannot be written.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    style = files("mflverify.report").joinpath(STYLE).read_text(encoding="ascii")
    (target / STYLE).write_text(style, encoding="ascii")
    (target / DATA).write_text(render_status(ledger), encoding="ascii")


def _entries(statement: StatementRecord) -> list[tuple[str, str]]:
    """Labels with tone, sign, word and findings of a statement and its steps."""
    counted = tally(statement)
    status = wording.STATUS[statement.status]
    found = (
        f"{counted.logical} of {counted.total} steps pass logically, "
        f"{counted.empirical} empirically"
    )
    entries = [(statement.label, _entry(status, statement.status, found))]
    entries += [(step.label, _step_entry(step)) for step in statement.steps]
    return [
        (name, entry) for label, entry in entries for name in dict.fromkeys((label, colon(label)))
    ]


def _step_entry(step: StepRecord) -> str:
    """A step shows its logical finding, or the empirical one where that is worse and no pass."""
    logical, empirical = wording.LOGICAL[step.logical], wording.EMPIRICAL[step.empirical]
    order = ("pass", "cited", "sampled", "doubt", "fail")
    if order.index(empirical.tone) > max(order.index(logical.tone), order.index("sampled")):
        return _entry(empirical, step.empirical, f"{step.logical}, {step.empirical}")
    return _entry(logical, step.logical, f"{step.logical}, {step.empirical}")


def _entry(word: wording.Wording, verdict: str, found: str) -> str:
    return f"{{{word.tone}}}{{{tex_sign(word)}}}{{{escape_tex(verdict)}}}{{{escape_tex(found)}}}"


def colon(label: str) -> str:
    """The label as papers write it: `thm:4.1` for `thm-4.1`, `thm:4.1/s` for `thm-4.1/s`."""
    return re.sub(r"^([A-Za-z]+)-", r"\1:", label)


__all__ = ["DATA", "STYLE", "colon", "render_status", "write_status"]
