"""Snapshots as files: sorted, one fact a line where it fits, so that `git diff` is readable."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from cattrs import Converter, transform_error

from mflverify.ledger import LedgerError, read
from mflverify.ledger.records import EvidenceRecord, StatementRecord, StepRecord
from mflverify.ledger.schema import VOCABULARY
from mflverify.regression.snapshot import SNAPSHOT_VERSION, Snapshot, count, snapshot_of

_WIDTH = 120
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?(e[-+]?\d+)?|inf)")
_CONFLICT = re.compile(r"^(<{7}|={7}|>{7})", re.MULTILINE)


class BaselineError(ValueError):
    """A baseline that cannot be read; says which file and what is wrong."""


def write_baseline(snapshot: Snapshot, path: Path) -> None:
    """Write a snapshot, replacing the file in one move; equal snapshots give equal bytes.

    Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        partial.write_text(to_text(snapshot), encoding="utf-8")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def to_text(snapshot: Snapshot) -> str:
    """The text of a baseline file."""
    return _layout(_converter().unstructure(snapshot), 0, 0) + "\n"


def read_snapshot(path: Path) -> Snapshot:
    """The snapshot in a baseline file, or of a ledger file.  Raises BaselineError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BaselineError(f"{path}: cannot be read ({error})") from error
    raw = _parse(text, str(path))
    if isinstance(raw, dict) and "provenance" in raw:
        try:
            return snapshot_of(read(path))
        except LedgerError as error:
            raise BaselineError(str(error)) from error
    return _structured(raw, str(path))


def from_text(text: str, name: str) -> Snapshot:
    """The snapshot in the text of a baseline file; `name` is how errors call it.

    Raises BaselineError for text that is no baseline, has another version, contradicts itself, or
    says what this program does not understand.
    """
    return _structured(_parse(text, name), name)


def _parse(text: str, name: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_distinct, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        conflict = "; it holds the marks of a merge conflict" * bool(_CONFLICT.search(text))
        raise BaselineError(f"{name}: not a JSON file ({error}){conflict}") from error


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        repeated = next(key for key, n in Counter(key for key, _ in pairs).items() if n > 1)
        raise ValueError(f"the key {repeated!r} occurs twice in one object")
    return found


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _structured(raw: Any, name: str) -> Snapshot:
    version = raw.get("schema") if isinstance(raw, dict) else None
    if version != SNAPSHOT_VERSION or isinstance(version, bool):
        raise BaselineError(
            f"{name}: baseline version {version!r}, but this program reads {SNAPSHOT_VERSION}"
        )
    try:
        snapshot = _converter().structure(raw, Snapshot)
    except Exception as error:
        raise BaselineError(f"{name}: {transform_error(error, path='baseline')[0]}") from error
    for fault in _faults(snapshot):
        raise BaselineError(f"{name}: {fault}")
    return snapshot


def _faults(snapshot: Snapshot) -> Iterator[str]:
    """Contradictions, and words and numbers that mean nothing."""
    counts = count(snapshot.statements.values())
    if snapshot.counts != counts:
        yield f"counts are {snapshot.counts}, but the steps give {counts}"
    if sorted(snapshot.order) != sorted(snapshot.statements):
        yield "order does not list the statements"
    for label, statement in snapshot.statements.items():
        if sorted(statement.order) != sorted(statement.steps):
            yield f"{label}: order does not list the steps"
        yield from _unknown(label, "status", StatementRecord, statement.status)
        for name, step in statement.steps.items():
            here = f"{label}/{name}"
            yield from _unknown(here, "logical", StepRecord, step.logical)
            yield from _unknown(here, "empirical", StepRecord, step.empirical)
            for engine, entry in step.evidence.items():
                yield from _unknown(f"{here}: {engine}", "verdict", EvidenceRecord, entry.verdict)
                for number in (entry.margin, entry.radius):
                    if number and not _NUMBER.fullmatch(number):
                        yield f"{here}: {engine}: {number!r} is not a number"


def _unknown(where: str, name: str, record: type, word: str) -> Iterator[str]:
    known = VOCABULARY[record, name]
    if word not in known:
        yield f"{where}: {name} is {word!r}, not one of {', '.join(known)}"


@cache
def _converter() -> Converter:
    converter = Converter(forbid_extra_keys=True, omit_if_default=True)
    for kind in (str, int, bool):
        converter.register_structure_hook(kind, _exactly)
    return converter


def _exactly(raw: Any, kind: type) -> Any:
    """No conversions: "1" is not 1, and True is not 1."""
    if type(raw) is not kind:
        raise TypeError(f"expected {kind.__name__}, found {raw!r:.60}")
    return raw


def _layout(value: Any, indent: int, before: int) -> str:
    """JSON with sorted keys; what fits on a line stays on it.  before: columns already taken."""
    line = json.dumps(value, sort_keys=True, ensure_ascii=False)
    if not isinstance(value, (dict, list, tuple)) or not value:
        return line
    if len(line) + indent + before <= _WIDTH and not _is_deep(value):
        return line
    inner = " " * (indent + 1)
    if isinstance(value, dict):
        parts = []
        for key in sorted(value):
            name = f"{json.dumps(key, ensure_ascii=False)}: "
            parts.append(f"{inner}{name}{_layout(value[key], indent + 1, len(name))}")
        opening, closing = "{", "}"
    else:
        parts = [f"{inner}{_layout(part, indent + 1, 0)}" for part in value]
        opening, closing = "[", "]"
    return "\n".join([opening, ",\n".join(parts), f"{' ' * indent}{closing}"])


def _is_deep(value: Any) -> bool:
    """Whether a value holds objects or lists, which then get lines of their own."""
    parts = value.values() if isinstance(value, dict) else value
    return any(isinstance(part, (dict, list, tuple)) and part for part in parts)
