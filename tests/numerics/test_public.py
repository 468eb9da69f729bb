"""The public entry point: what is offered, and the examples of the documentation."""

import ast
import doctest
import subprocess
import sys
from pathlib import Path

import pytest

import mflverify.numerics as public

DOCS = Path(__file__).parents[2] / "docs"
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def test_every_name_is_there_and_typed() -> None:
    tree = ast.parse(Path(public.__file__).read_text(encoding="utf-8"))
    typed = {
        alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("mflverify.")
        for alias in node.names
    }
    assert sorted(typed) == sorted(public.__all__) == sorted(dir(public))
    for name in public.__all__:
        value = getattr(public, name)
        assert value is getattr(sys.modules[str(typed[name])], name)
        if callable(value):
            assert value.__doc__, name


def test_unknown_names() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = public.nonsense  # pyright: ignore[reportAttributeAccessIssue]


def test_nothing_heavy_is_imported_at_first() -> None:
    code = "import sys, mflverify.numerics; print('scipy' in sys.modules, 'flint' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )
    assert result.stdout.split() == ["False", "False"]


def test_the_example_of_the_package() -> None:
    assert doctest.testmod(public, optionflags=OPTIONS).failed == 0


@pytest.mark.parametrize("name", ["numerics.md", "poincare.md"])
def test_examples_of_the_documentation(name: str) -> None:
    result = doctest.testfile(str(DOCS / name), module_relative=False, optionflags=OPTIONS)
    assert result.attempted > 3
    assert result.failed == 0
