"""Reports from a ledger: one HTML file, one LaTeX document, SARIF, statuses for a paper."""

from mflverify.report.files import write_reports
from mflverify.report.html import render_html, write_html
from mflverify.report.latex import render_latex, write_latex
from mflverify.report.sarif import render_sarif, write_sarif
from mflverify.report.status import render_status, write_status

__all__ = [
    "render_html",
    "render_latex",
    "render_sarif",
    "render_status",
    "write_html",
    "write_latex",
    "write_reports",
    "write_sarif",
    "write_status",
]
