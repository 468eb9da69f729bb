"""When a report need not be made again: its last line says what it was made from, and of its text."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
_PROGRAM = (_PACKAGE / "report", _PACKAGE / "ledger")  # all that a report's text depends on
_COMPILED = (".pyc", ".pyo")
_COMMENTS = {".html": ("<!-- ", " -->"), ".tex": ("% ", "")}


def origin(files: Iterable[Path]) -> str:
    """Digest of the files that a report shows, and of the program, templates included, that prints it.

    Raises OSError for a file that cannot be read.
    """
    total = hashlib.sha256()
    program = (p for folder in _PROGRAM for p in folder.rglob("*") if p.suffix not in _COMPILED)
    for path in (*sorted(p for p in program if p.is_file()), *files):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.name} {content}\n".encode())
    return total.hexdigest()


def write_unless_kept(path: Path, made_from: str, render: Callable[[], str]) -> None:
    """Write a report with its last line, unless it is there already and nobody has changed it.

    path: ends in `.html` or `.tex`.  made_from: an `origin`.
    """
    if _is_kept(path, made_from):
        return
    text = render().rstrip("\n") + "\n"
    path.write_text(text + _last_line(path, made_from, text), encoding="utf-8")


def _is_kept(path: Path, made_from: str) -> bool:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    end = text.rfind("\n", 0, -1) + 1
    return text[end:] == _last_line(path, made_from, text[:end])


def _last_line(path: Path, made_from: str, text: str) -> str:
    before, after = _COMMENTS[path.suffix]
    content = hashlib.sha256(text.encode()).hexdigest()
    return f"{before}made from {made_from}, text {content}{after}\n"
