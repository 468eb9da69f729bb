"""The JSON Schema says what the store writes and nothing else."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import attrs
import pytest
from attrs import evolve
from jsonschema import Draft202012Validator
from test_gather import CONSTANT, ITEM, MUTANT, RATE
from test_store import LEDGER

from mflverify.ledger import json_schema, records, write
from mflverify.proof.verdict import Empirical, Logical

SCHEMA = json_schema()


VALIDATOR = Draft202012Validator(SCHEMA)


def faults(value: Any) -> list[str]:
    """What the schema has against a value."""
    return [error.message for error in VALIDATOR.iter_errors(value)]


def written(tmp_path: Path) -> dict[str, Any]:
    whole = evolve(
        LEDGER, constants=(CONSTANT,), mutants=(MUTANT,), rates=(RATE,), coverage=(ITEM,)
    )
    write(whole, tmp_path / "l.json")
    return json.loads((tmp_path / "l.json").read_text(encoding="utf-8"))


def test_what_is_written_fits_the_schema(tmp_path: Path) -> None:
    assert faults(written(tmp_path)) == []


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
        (("mutants", 0, "status"), "dead"),
        (("rates", 0, "curves", 0, "values", 0), 1.0),
        (("coverage", 0, "state"), "done"),
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
    assert faults(raw)


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


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_the_schema_is_json() -> None:
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA
