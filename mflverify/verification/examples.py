"""The closed-form examples as ledger records."""

from __future__ import annotations

import sympy

from mflverify.examples import ExampleReport, catalogue, run_example
from mflverify.ledger.records import ExampleRecord


def example_names() -> list[str]:
    """Names of all examples."""
    return [example.name for example in catalogue()]


def example_records(name: str) -> tuple[ExampleRecord, ...]:
    """Both derivatives of the named example, compared."""
    example = next(example for example in catalogue() if example.name == name)
    return tuple(_record(report) for report in run_example(example))


def _record(report: ExampleReport) -> ExampleRecord:
    return ExampleRecord(
        name=report.name,
        title=report.title,
        source=report.source,
        functional=report.functional,
        formula=str(report.formula),
        latex=sympy.latex(report.formula),
        value=report.value,
        mpmath=report.mpmath_value,
        arb=report.arb_value,
        digits_mpmath=report.digits_mpmath,
        digits_arb=report.digits_arb,
        passed=report.passed,
    )
