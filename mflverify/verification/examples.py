"""The closed-form examples as ledger records."""

from __future__ import annotations

from mflverify.ledger.records import ExampleRecord


def example_records() -> tuple[ExampleRecord, ...]:
    return ()
