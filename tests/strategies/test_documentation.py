"""The examples of docs/models.md and docs/strategies.md run as they stand."""

import doctest
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("page", ["models.md", "strategies.md"])
def test_documented_examples_run(page):
    result = doctest.testfile(str(PAGES / page), module_relative=False)
    assert result.attempted > 15
    assert result.failed == 0
