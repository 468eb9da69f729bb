"""Test modules are imported by their names alone: no two share one."""

from collections import Counter
from pathlib import Path


def test_names_of_test_modules_are_unique():
    names = Counter(p.name for p in Path(__file__).parent.rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []
