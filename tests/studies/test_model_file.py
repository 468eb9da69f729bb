"""Model files: read back exactly, and one clear error for what is not right."""

import json

import numpy as np
import pytest

from mflverify.studies.model_file import load_case, parse_case, preset_names
from mflverify.studies.reading import ModelFileError
from mflverify.studies.trajectory import simulate_case

GOOD = {
    "name": "test",
    "space": "torus",
    "dimension": 1,
    "species": [
        {"temperature": 0.5, "start": [{"mode": [1], "cos": 0.3}]},
        {"temperature": 0.5, "timescale": 2, "potential": [{"mode": [2], "sin": 0.4}]},
    ],
    "kernels": [
        {
            "target": 1,
            "source": 2,
            "convolution": [{"mode": [1], "cos": 0.6, "sin": 0.1}],
            "products": [
                {"target": [{"mode": [1], "cos": 1}], "source": [{"mode": [2], "sin": 1}]}
            ],
            "zero_sum": True,
        }
    ],
}


def _parse(change=None):
    data = json.loads(json.dumps(GOOD))
    if change is not None:
        change(data)
    return parse_case(json.dumps(data), "model.json", json_format=True)


def test_a_game_is_read():
    model = _parse().model
    assert model.species == 2
    assert model.timescales == (1.0, 2.0)
    assert model.kernels[0, 1].convolution.terms == {(1,): (0.6, 0.1)}
    # k_21(y, x) = -k(x, y): -0.6 cos(y - x) + 0.1 sin(y - x) and so on
    assert model.kernels[1, 0].convolution.terms == {(1,): (-0.6, 0.1)}


@pytest.mark.parametrize("name", preset_names())
def test_presets_run(name):
    case = load_case(name)
    run = simulate_case(case, 0.05, outputs=2).run
    assert run.verdict == "resolved", run.reason
    assert np.all(run.chi2.sum(axis=1) > 0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.update(space="plane"), "space: must be one of torus, line, not 'plane'"),
        (lambda d: d.update(dimension=4), "dimension: must be an integer from 1 to 3, not 4"),
        (lambda d: d.update(colour="red"), "unknown entry 'colour'"),
        (lambda d: d.update(species=[]), "at least one species"),
        (lambda d: d.pop("name"), "name: must be a text"),
        (lambda d: d["species"][0].update(temperature=-1), "species 1: temperature.*positive.*-1"),
        (lambda d: d["species"][0].update(temperature="1"), "must be a finite number, not '1'"),
        (lambda d: d["species"][1].update(potential=[{"mode": [1, 2]}]), "needs 1 integers"),
        (lambda d: d["species"][1].update(potential=[{"mode": [0.5]}]), "an integer.*not 0.5"),
        (lambda d: d["species"][1].update(potential=[{"mode": [1], "cosine": 1}]), "'cosine'"),
        (lambda d: d["species"][1].update(potential=2 * [{"mode": [1]}]), "occurs twice"),
        (lambda d: d["kernels"][0].update(source=3), "kernel 1: source.*from 1 to 2, not 3"),
        (lambda d: d["kernels"][0].update(source=1), "two different species"),
        (lambda d: d["kernels"].append(d["kernels"][0]), "already acts"),
        (lambda d: d["kernels"][0].update(zero_sum="yes"), "true or false, not 'yes'"),
        (lambda d: d.update(remainder={"functions": [[], []], "tensor": [[1]]}), "tensor"),
    ],
)
def test_errors_name_file_entry_and_value(change, message):
    with pytest.raises(ModelFileError, match=f"model.json: .*{message}"):
        _parse(change)


def test_text_is_never_evaluated():
    with pytest.raises(ModelFileError, match="not TOML"):
        parse_case("name = __import__('os').getcwd()", "evil.toml", json_format=False)


def test_missing_files_name_the_presets(tmp_path):
    with pytest.raises(ModelFileError, match="kuramoto"):
        load_case(str(tmp_path / "none.toml"))


def test_binary_files_are_refused(tmp_path):
    path = tmp_path / "model.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ModelFileError, match="cannot be read"):
        load_case(str(path))


LINE = {
    "name": "test",
    "space": "line",
    "species": [{"temperature": 1, "potential": [0, 0, 0.5], "start": [0, 0.3]}],
    "kernels": [{"target": 1, "source": 1, "products": [{"target": [0, 1], "source": [0, 1]}]}],
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.update(dimension=1), "dimension: is for tori only"),
        (lambda d: d["species"][0].update(potential=[0, 1]), r"potential: needs even degree.*1\.0"),
        (lambda d: d["species"][0].update(potential=[]), "at least one coefficient"),
        (lambda d: d["kernels"][0].update(convolution=[]), "unknown entry 'convolution'"),
        (lambda d: d["kernels"][0].pop("products"), "products: must be a list, not None"),
    ],
)
def test_errors_on_the_line(change, message):
    data = json.loads(json.dumps(LINE))
    change(data)
    with pytest.raises(ModelFileError, match=f"line.json: .*{message}"):
        parse_case(json.dumps(data), "line.json", json_format=True)
