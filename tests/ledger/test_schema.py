"""The JSON Schema says what the store writes and nothing else."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import attrs
import pytest
from test_store import LEDGER

from mflverify.ledger import json_schema, records, write
from mflverify.proof.verdict import Empirical, Logical

SCHEMA = json_schema()


def faults(value: Any, schema: dict[str, Any], where: str = "ledger") -> list[str]:
    """What the subset of JSON Schema in use has against a value."""
    if "$ref" in schema:
        return faults(value, SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")], where)
    if "const" in schema:
        return [] if value == schema["const"] else [where]
    if "anyOf" in schema:
        tries = [faults(value, part, where) for part in schema["anyOf"]]
        return [] if [] in tries else tries[0]
    if "enum" in schema and value not in schema["enum"]:
        return [where]
    kinds = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict}
    if schema.get("type") == "null":
        return [] if value is None else [where]
    if "type" in schema and type(value) is not kinds[schema["type"]]:
        return [where]
    if isinstance(value, list):
        items = schema.get("items", {})
        return [f for i, part in enumerate(value) for f in faults(part, items, f"{where}[{i}]")]
    if isinstance(value, dict):
        known = schema.get("properties", {})
        rest = schema.get("additionalProperties", {})
        found = [f"{where}.{name}" for name in schema.get("required", []) if name not in value]
        for name, part in value.items():
            if name not in known and rest is False:
                found.append(f"{where}.{name}")
            else:
                found += faults(part, known.get(name, rest or {}), f"{where}.{name}")
        return found
    return []


def written(tmp_path: Path) -> dict[str, Any]:
    write(LEDGER, tmp_path / "l.json")
    return json.loads((tmp_path / "l.json").read_text(encoding="utf-8"))


def test_what_is_written_fits_the_schema(tmp_path: Path) -> None:
    assert faults(written(tmp_path), SCHEMA) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema",), 2),
        (("extra",), 1),
        (("statements", 0, "status"), "done"),
        (("statements", 0, "seconds"), 1.5),
        (("statements", 0, "steps", 0, "logical"), "fine"),
        (("statements", 0, "steps", 0, "claim", "latex"), 3),
        (("provenance", "packages", "numpy"), 2),
    ],
)
def test_what_does_not_belong_does_not_fit(
    tmp_path: Path, path: tuple[Any, ...], value: object
) -> None:
    raw = written(tmp_path)
    target: Any = raw
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    assert faults(raw, SCHEMA)


def test_every_record_is_described() -> None:
    classes = {
        name for name, item in vars(records).items() if inspect.isclass(item) and attrs.has(item)
    }
    assert set(SCHEMA["$defs"]) == classes
    assert all(definition["description"] for definition in SCHEMA["$defs"].values())


def test_verdicts_are_those_of_the_proof_layer() -> None:
    step = SCHEMA["$defs"]["StepRecord"]["properties"]
    assert step["logical"]["enum"] == [str(verdict) for verdict in Logical]
    assert step["empirical"]["enum"] == [str(verdict) for verdict in Empirical]


def test_the_schema_is_json() -> None:
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA
