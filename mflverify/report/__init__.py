"""Reports from a ledger: one HTML file, one LaTeX document."""

from mflverify.report.html import write_html

__all__ = ["write_html"]
