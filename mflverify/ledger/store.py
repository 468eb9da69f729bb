"""Reading and writing ledgers: canonical JSON, checked against the records, nothing evaluated.

The same findings give the same bytes: keys are sorted, wall-clock seconds and fields at their
default are left out, and floats are written as text.
"""

from __future__ import annotations

import json
import math
import os
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_origin

import attrs
from cattrs import Converter
from cattrs.errors import (
    ClassValidationError,
    ForbiddenExtraKeysError,
    IterableValidationError,
)
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from mflverify.ledger.records import SCHEMA_VERSION, Ledger
from mflverify.ledger.schema import FLOAT_KEY, UNRECORDED, VOCABULARY


class LedgerError(ValueError):
    """A ledger that cannot be read or written: names the file, the field and what is wrong."""

    def __init__(self, path: str | Path, where: str, message: str) -> None:
        self.path, self.where, self.message = str(path), where, message
        super().__init__(f"{path}: {where}: {message}" if where else f"{path}: {message}")


def write(ledger: Ledger, path: str | Path) -> None:
    """Write a ledger; the file is replaced in one step, so a reader never sees half of it.

    Equal ledgers give equal bytes.  Raises LedgerError, before anything is written, for another
    schema version, when labels repeat, a field holds what its record does not allow, or `data`
    something that has no JSON form; OSError when the disk refuses.
    """
    target = Path(path)
    if ledger.schema != SCHEMA_VERSION:
        raise LedgerError(target, "ledger.schema", _other_version(ledger.schema))
    _require_consistent(ledger, target)
    raw = _converter().unstructure(ledger)
    try:
        plain = _plain(raw, "ledger")
    except _NoJsonFormError as error:
        raise LedgerError(target, error.where, error.message) from error
    _structured(plain, target)  # what could not be read back is not written
    text = json.dumps(plain, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        partial.write_text(text + "\n", encoding="utf-8")
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def read(path: str | Path) -> Ledger:
    """Read a ledger back; equal to the one written, seconds apart (tuples in `data` become lists).

    Raises LedgerError, naming file and field, for a file that is missing, is no JSON, has another
    schema version, or differs from the records in any field.
    """
    source = Path(path)
    try:
        raw = json.loads(source.read_text(encoding="utf-8"), parse_constant=_refuse_constant)
    except OSError as error:
        raise LedgerError(source, "", error.strerror or "cannot be read") from error
    except (ValueError, RecursionError) as error:
        raise LedgerError(source, "", f"not a JSON file ({error})") from error
    if not isinstance(raw, dict) or "schema" not in raw:
        raise LedgerError(source, "ledger.schema", "missing: this is not a ledger")
    if raw["schema"] != SCHEMA_VERSION or isinstance(raw["schema"], bool):
        raise LedgerError(source, "ledger.schema", _other_version(raw["schema"]))
    ledger = _structured(raw, source)
    _require_consistent(ledger, source)
    return ledger


def _other_version(found: Any) -> str:
    message = f"version {found!r}, but this program reads version {SCHEMA_VERSION}"
    if type(found) is not int:
        return message
    if found > SCHEMA_VERSION:
        return f"{message}: a later mflverify wrote it"
    return f"{message}: an earlier mflverify wrote it; run the command that wrote it again"


def _structured(raw: Any, path: Path) -> Ledger:
    try:
        return _converter().structure(raw, Ledger)
    except (ClassValidationError, IterableValidationError) as error:
        where, message = _first_fault(error, "ledger")
        raise LedgerError(path, where, message) from error


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _require_consistent(ledger: Ledger, path: Path) -> None:
    """Labels are permanent identifiers, so no two statements or steps may share one."""
    labels = Counter(
        label
        for statement in ledger.statements
        for label in (statement.label, *(step.label for step in statement.steps))
    )
    repeated = [label for label, times in labels.items() if times > 1]
    if repeated:
        raise LedgerError(path, "ledger.statements", f"the label {repeated[0]!r} occurs twice")


@cache
def _converter() -> Converter:
    converter = Converter(forbid_extra_keys=True, detailed_validation=True)
    for kind in (str, int, bool):
        converter.register_structure_hook(kind, _exactly)
    converter.register_structure_hook_factory(
        lambda hint: get_origin(hint) is tuple, lambda hint: _tuple_of(converter, get_args(hint)[0])
    )
    converter.register_structure_hook_factory(attrs.has, lambda record: _reader(converter, record))
    converter.register_unstructure_hook_factory(
        attrs.has, lambda record: _writer(converter, record)
    )
    converter.register_structure_hook(dict[str, Any] | None, _data)
    return converter


def _exactly(raw: Any, kind: type) -> Any:
    """No conversions: "1" is not 1, and True is not 1."""
    if type(raw) is not kind:
        raise TypeError(f"expected {kind.__name__}, found {_shown(raw)}")
    return raw


def _tuple_of(converter: Converter, item: Any) -> Any:
    def structure(raw: Any, _: Any) -> tuple[Any, ...]:
        if not isinstance(raw, list):
            raise TypeError(f"expected a list, found {_shown(raw)}")
        items: list[Any] = []
        for index, part in enumerate(raw):
            try:
                items.append(converter.structure(part, item))
            except Exception as error:
                raise _ItemFaultError(index, error) from error
        return tuple(items)

    return structure


def _reader(converter: Converter, record: type) -> Any:
    structure = make_dict_structure_fn(record, converter, **_omissions(record))
    closed = {field: words for (owner, field), words in VOCABULARY.items() if owner is record}

    def checked(raw: Any, hint: Any) -> Any:
        if not isinstance(raw, dict):
            raise TypeError(f"expected an object, found {_shown(raw)}")
        result = structure(raw, hint)
        for field, words in closed.items():
            if getattr(result, field) not in words:
                message = f"{getattr(result, field)!r} is none of {', '.join(words)}"
                raise _FieldFaultError(field, message)
        return result

    return checked


def _writer(converter: Converter, record: type) -> Any:
    return make_dict_unstructure_fn(
        record, converter, _cattrs_omit_if_default=True, **_omissions(record)
    )


def _omissions(record: type) -> dict[str, Any]:
    return {UNRECORDED[record]: override(omit=True)} if record in UNRECORDED else {}


class _ItemFaultError(ValueError):
    def __init__(self, index: int, fault: Exception) -> None:
        self.index, self.fault = index, fault
        super().__init__(index, fault)


class _FieldFaultError(ValueError):
    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


class _NoJsonFormError(ValueError):
    def __init__(self, where: str, message: str) -> None:
        self.where, self.message = where, message
        super().__init__(message)


def _plain(value: Any, where: str) -> Any:
    """`value` in JSON's own types, floats as {"$float": text}."""
    if value is None or type(value) in (str, int, bool):
        return value
    if isinstance(value, float):
        return {FLOAT_KEY: repr(float(value))}
    if isinstance(value, (list, tuple)):
        return [_plain(part, f"{where}[{index}]") for index, part in enumerate(value)]
    if isinstance(value, dict):
        if FLOAT_KEY in value or not all(type(key) is str for key in value):
            raise _NoJsonFormError(where, f"keys must be text other than {FLOAT_KEY!r}")
        return {key: _plain(part, f"{where}.{key}") for key, part in value.items()}
    raise _NoJsonFormError(where, f"{type(value).__name__} has no JSON form; write it as text")


def _data(raw: Any, _: Any) -> dict[str, Any] | None:
    if raw is not None and not isinstance(raw, dict):
        raise TypeError(f"expected an object, found {_shown(raw)}")
    return None if raw is None else _revived(raw)


def _revived(raw: Any) -> Any:
    if isinstance(raw, float):
        raise TypeError(f'the bare number {raw!r}; floats are written as {{"{FLOAT_KEY}": text}}')
    if isinstance(raw, list):
        return [_revived(part) for part in raw]
    if not isinstance(raw, dict):
        return raw
    if FLOAT_KEY in raw:
        return _float(raw)
    return {key: _revived(part) for key, part in raw.items()}


def _float(raw: dict[str, Any]) -> float:
    text = raw[FLOAT_KEY]
    try:
        value = float(text) if isinstance(text, str) and len(raw) == 1 else None
    except ValueError:
        value = None
    if value is None or (repr(value) != text and not math.isnan(value)):
        raise TypeError(f"{raw!r} is no float")
    return value


def _first_fault(error: BaseException, where: str) -> tuple[str, str]:
    """Descend to the first thing wrong: its place and what is wrong with it."""
    if isinstance(error, _ItemFaultError):
        return _first_fault(error.fault, f"{where}[{error.index}]")
    if isinstance(error, IterableValidationError):
        with_notes, _ = error.group_exceptions()
        inner, note = with_notes[0]
        return _first_fault(inner, f"{where}[{note.index!r}]")
    if isinstance(error, ClassValidationError):
        with_notes, without = error.group_exceptions()
        if with_notes:
            inner, note = with_notes[0]
            return _first_fault(inner, f"{where}.{note.name}")
        return _first_fault(without[0], where)
    if isinstance(error, KeyError):
        return where, "missing"
    if isinstance(error, ForbiddenExtraKeysError):
        return f"{where}.{min(error.extra_fields)}", "unknown field"
    if isinstance(error, AttributeError):  # what cattrs raises for a dictionary that is none
        return where, "expected an object"
    if isinstance(error, _FieldFaultError):
        return f"{where}.{error.field}", str(error)
    return where, str(error)


def _shown(raw: Any) -> str:
    text = repr(raw)
    return text if len(text) <= 60 else f"{text[:57]}..."
