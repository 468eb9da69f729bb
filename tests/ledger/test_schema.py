"""The JSON Schema says what the store writes and nothing else."""

from __future__ import annotations

import hashlib
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
        (("schema",), records.SCHEMA_VERSION - 1),
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


# The form of ledgers at each version of the schema.  A record that changes takes a new version and a
# new line here: a file must never be read as something else than what was written.
FORMS = {2: "14e16585bfc0488d", 3: "a9e1ce4eb23be84f"}


def _form(value: Any) -> Any:
    """A schema without its prose and its version."""
    if isinstance(value, dict):
        return {k: _form(v) for k, v in value.items() if k not in ("description", "const")}
    return [_form(item) for item in value] if isinstance(value, list) else value


def _digest(schema: dict[str, Any]) -> str:
    text = json.dumps(_form(schema), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def test_every_change_of_the_records_has_a_version_of_its_own() -> None:
    assert max(FORMS) == records.SCHEMA_VERSION
    assert _digest(SCHEMA) == FORMS[records.SCHEMA_VERSION], (
        "the records have changed: raise SCHEMA_VERSION and add the new form to FORMS"
    )


def test_a_record_with_another_field_or_word_has_another_form() -> None:
    for change in (
        lambda s: s["$defs"]["StepRecord"]["properties"].pop("note"),
        lambda s: s["$defs"]["RateRecord"]["properties"]["verdict"]["enum"].append("maybe"),
        lambda s: s["$defs"]["RateRecord"]["required"].pop(),
    ):
        other = json.loads(json.dumps(SCHEMA))
        change(other)
        assert _digest(other) != _digest(SCHEMA)
    reworded = json.loads(json.dumps(SCHEMA))
    reworded["$defs"]["StepRecord"]["description"] = "said otherwise"
    assert _digest(reworded) == _digest(SCHEMA)
