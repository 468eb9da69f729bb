"""Reports from a ledger: one HTML file, one LaTeX document."""

from mflverify.report.html import render_html, write_html
from mflverify.report.latex import render_latex, write_latex

__all__ = ["render_html", "render_latex", "write_html", "write_latex"]
