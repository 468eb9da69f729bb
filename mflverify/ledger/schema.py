"""The JSON Schema of a ledger, derived from the records so that it cannot drift from them."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any, get_args, get_origin, get_type_hints

import attrs

from mflverify.ledger.records import (
    SCHEMA_VERSION,
    CertificateTerm,
    ConstantRecord,
    CoverageRecord,
    CurveRecord,
    EvidenceRecord,
    Ledger,
    MutantRecord,
    ObligationRecord,
    RateRecord,
    ReasonRecord,
    StatementRecord,
    StepRecord,
)
from mflverify.proof.verdict import Empirical, Logical

# A float inside `data` is written as {"$float": "0.1"}: text that Python reads back exactly.
FLOAT_KEY = "$float"

# Wall-clock times differ from run to run, so they are never written.
UNRECORDED: Mapping[type, str] = types.MappingProxyType({StatementRecord: "seconds"})

_LOGICAL = tuple(str(verdict) for verdict in Logical)
_EMPIRICAL = tuple(str(verdict) for verdict in Empirical)

# The fields whose text is one of a few words.
VOCABULARY: Mapping[tuple[type, str], tuple[str, ...]] = types.MappingProxyType(
    {
        (StepRecord, "relation"): ("eq", "le", "lt"),
        (StepRecord, "logical"): _LOGICAL,
        (StepRecord, "empirical"): _EMPIRICAL,
        (EvidenceRecord, "verdict"): _EMPIRICAL,
        (StatementRecord, "status"): ("closed", "open", "refuted", "undecided"),
        (ObligationRecord, "outcome"): (
            "settled",
            "certificate",
            "solver",
            "open",
            "disproved",
            "undecided",
        ),
        (ReasonRecord, "kind"): ("step", "fact", "lemma", "hypothesis"),
        (CertificateTerm, "kind"): (
            "hypothesis",
            "product",
            "monomial",
            "absolute",
            "square",
        ),
        (ConstantRecord, "arithmetic"): ("exact", "certified", "sampled"),
        (MutantRecord, "status"): ("killed", "survived", "undecided", "harmless"),
        (MutantRecord, "neighbour"): ("", "passes", "fails"),
        (CurveRecord, "role"): ("measured", "guaranteed", "conjectured", "lyapunov"),
        (RateRecord, "verdict"): ("holds", "violated", "undecided", "outside"),
        (CoverageRecord, "state"): ("formalised", "in part", "missing", "out of scope"),
    }
)

_PLAIN: Mapping[type, str] = types.MappingProxyType(
    {str: "string", int: "integer", bool: "boolean"}
)


def recorded_fields(record: type) -> list[attrs.Attribute[Any]]:
    """The fields of a record class that are written."""
    return [field for field in attrs.fields(record) if field.name != UNRECORDED.get(record)]


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the files that `mflverify.ledger.write` writes.

    Fields at their default are left out of a file; a reader supplies `default`.
    """
    definitions: dict[str, Any] = {}
    top = _reference(Ledger, definitions)
    definitions["Ledger"]["properties"]["schema"] = {"const": SCHEMA_VERSION}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mflverify ledger",
        **top,
        "$defs": dict(sorted(definitions.items())),
    }


def _reference(record: type, definitions: dict[str, Any]) -> dict[str, Any]:
    name = record.__name__
    if name not in definitions:
        definitions[name] = {}  # reserves the name: records may contain each other
        hints = get_type_hints(record)
        fields = recorded_fields(record)
        properties: dict[str, Any] = {}
        for field in fields:
            entry = _type(hints[field.name], definitions)
            if (record, field.name) in VOCABULARY:
                entry["enum"] = list(VOCABULARY[record, field.name])
            if field.default is not attrs.NOTHING:
                entry["default"] = [] if field.default == () else field.default
            properties[field.name] = entry
        definitions[name] = {
            "type": "object",
            "description": (record.__doc__ or "").strip(),
            "properties": properties,
            "required": [field.name for field in fields if field.default is attrs.NOTHING],
            "additionalProperties": False,
        }
    return {"$ref": f"#/$defs/{name}"}


def _type(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if attrs.has(hint):
        return _reference(hint, definitions)
    if hint in _PLAIN:
        return {"type": _PLAIN[hint]}
    if hint is Any:
        return {}
    arguments = get_args(hint)
    if get_origin(hint) is tuple:
        return {"type": "array", "items": _type(arguments[0], definitions)}
    if get_origin(hint) is dict:
        return {"type": "object", "additionalProperties": _type(arguments[1], definitions)}
    if get_origin(hint) is types.UnionType:
        return {"anyOf": [_type(part, definitions) for part in arguments]}
    if hint is types.NoneType:
        return {"type": "null"}
    raise TypeError(f"records must not hold {hint!r}: the ledger has no JSON form for it")
