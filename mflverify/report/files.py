"""The reports of a ledger as files."""

from __future__ import annotations

from pathlib import Path

from mflverify.ledger import Ledger, gather
from mflverify.report.html import render_html
from mflverify.report.kept import origin, write_unless_kept
from mflverify.report.latex import render_latex
from mflverify.report.sarif import write_sarif
from mflverify.report.status import DATA, STYLE, write_status


def write_reports(
    ledger: Ledger,
    folder: Path,
    *,
    campaigns: tuple[Ledger, ...] = (),
    made_from: tuple[Path, ...],
    sarif: Path | None = None,
    status: Path | None = None,
) -> list[Path]:
    """Write report.html and report.tex into `folder`, and what else is asked for; what was written.

    campaigns: ledgers without statements whose findings the reports show as well.
    made_from: the files that hold the ledger and the campaigns; a report that this program has made
    of the same files is left as it is.  sarif: a file.  status: a folder for `mflstatus.sty` and its data.
    Raises ValueError for markup that a report does not let pass, OSError for what cannot be written.
    """
    whole = gather(ledger, campaigns)
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / "report.html", folder / "report.tex"]
    source = origin(made_from)
    write_unless_kept(written[0], source, lambda: render_html(whole))
    write_unless_kept(written[1], source, lambda: render_latex(whole))
    if sarif is not None:
        sarif.parent.mkdir(parents=True, exist_ok=True)
        write_sarif(whole, sarif)
        written.append(sarif)
    if status is not None:
        write_status(whole, status)
        written += [status / STYLE, status / DATA]
    return written
