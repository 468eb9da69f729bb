"""Which source files an engine consists of, found by reading import statements.

The sources of an engine are its modules and all modules of this package that they import, also
inside functions.  A package that is only passed through on the way to a module counts with its own
text, not with what it imports.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

from attrs import field, frozen

ROOT = Path(__file__).parents[1]

# Import statements as the formatter of this package lays them out, one or several lines each.
# Reading too many does no harm: an engine is then computed again once more than needed.
_FROM = re.compile(
    rf"^[ \t]*from[ \t]+({ROOT.name}[\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n]*)", re.MULTILINE
)
_PLAIN = re.compile(rf"^[ \t]*import[ \t]+({ROOT.name}[^\n]*)", re.MULTILINE)
_COMMENT = re.compile(r"#[^\n]*")

Stamps = tuple[tuple[Path, int, int], ...]


@frozen
class Engine:
    """What computes a kind of result.

    modules: where it begins.  without: modules that it imports for other kinds of result only.
    beside: modules of which only their own text counts.
    """

    modules: tuple[str, ...]
    without: frozenset[str] = field(default=frozenset(), converter=frozenset)
    beside: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """The source files, sorted."""
        return _files(self)

    @property
    def digest(self) -> str:
        """Digest of the source files as they were when this process first asked."""
        return _pinned(self)[1]

    @property
    def is_unchanged(self) -> bool:
        """Whether the files are still those of `digest`; if not, this process runs others."""
        return stamps_of(self.files) == _pinned(self)[0]


@cache
def _pinned(engine: Engine) -> tuple[Stamps, str]:
    stamps = stamps_of(engine.files)
    total = hashlib.sha256()
    for path in engine.files:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(ROOT).as_posix()} {content}\n".encode())
    return stamps, total.hexdigest()[:32]


@cache
def _files(engine: Engine) -> tuple[Path, ...]:
    seen: set[str] = set(engine.without)
    files: set[Path] = {file for name in engine.beside if (file := file_of(name)) is not None}
    stack = list(engine.modules)
    while stack:
        name = stack.pop()
        if name in seen:
            continue
        seen.add(name)
        path = file_of(name)
        if path is None:
            continue
        files.add(path)
        parts = name.split(".")
        files.update(
            parent
            for count in range(1, len(parts))
            if (parent := file_of(".".join(parts[:count]))) is not None
        )
        stack.extend(imported(path))
    return tuple(sorted(files))


@cache
def imported(path: Path) -> tuple[str, ...]:
    """Names that may be modules of this package, from all import statements of a file."""
    text = _COMMENT.sub("", path.read_text(encoding="utf-8"))
    found: dict[str, None] = {}
    for module, names in _FROM.findall(text):
        found[module] = None
        for name in names.strip("()").split(","):
            first = name.split()
            if first:
                found[f"{module}.{first[0]}"] = None
    for names in _PLAIN.findall(text):
        found |= dict.fromkeys(name.split()[0] for name in names.split(","))
    return tuple(found)


def file_of(module: str) -> Path | None:
    """The source file of a module of this package, or None for what is no such module."""
    first, *rest = module.split(".")
    if first != ROOT.name:
        return None
    base = ROOT.joinpath(*rest)
    if (base / "__init__.py").is_file():
        return base / "__init__.py"
    file = base.with_suffix(".py")
    return file if rest and file.is_file() else None


def stamps_of(files: tuple[Path, ...]) -> Stamps:
    """Time of change and size of each file; one that is gone has none."""
    found: list[tuple[Path, int, int]] = []
    for path in sorted(files):
        try:
            status = path.stat()
        except FileNotFoundError:
            continue
        found.append((path, status.st_mtime_ns, status.st_size))
    return tuple(found)
