"""Closed-form examples: symbolic derivatives of chi2 and of the dual norm against quadrature."""

from mflverify.examples.catalogue import ClosedExample, catalogue
from mflverify.examples.report import ExampleReport, run_all, run_example, symbolic_derivative

__all__ = [
    "ClosedExample",
    "ExampleReport",
    "catalogue",
    "run_all",
    "run_example",
    "symbolic_derivative",
]
