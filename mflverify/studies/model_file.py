"""Models from small TOML or JSON files, parsed and never evaluated; presets are such files too.

    name = "noisy Kuramoto"
    space = "torus"                  # period 2 pi in each direction
    dimension = 1

    [[species]]
    temperature = 1.0
    timescale = 1.0                  # eta, 1 if left out
    potential = []                   # U: the equilibrium is exp(-U)/Z, here uniform
    start = [{mode = [1], cos = 0.5}]    # f_0 = d mu_0/d mu_bar - 1, its mean is removed

    [[kernels]]
    target = 1                       # species are counted from 1
    source = 1
    convolution = [{mode = [1], cos = -1.2}]       # k(x - y)
    products = []                    # [{target = [...], source = [...]}, ...]
    zero_sum = false                 # true: the source species gets -k transposed

A series is a list of {mode, cos, sin}: the sum of cos * cos(mode.x) + sin * sin(mode.x).

With space = "line" there is no dimension and no convolution; functions are polynomials, lists of
coefficients of 1, x, x^2, ...: potential = [0, 0, 0.5] is a standard Gaussian, products are
{target = [0, 1], source = [0, 1]}, and start is p in mu_0 proportional to exp(p) mu_bar.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.polynomial import Polynomial

from mflverify.dynamics.exponential import Array
from mflverify.dynamics.interaction import Kernel, Remainder
from mflverify.dynamics.line_flow import LineModel, ProductKernel, transposed
from mflverify.dynamics.torus_model import TorusModel
from mflverify.dynamics.trigonometric import TrigSeries
from mflverify.studies.cases import Case, LineCase, TorusCase
from mflverify.studies.reading import Reader

_PRESETS = "presets"


def preset_names() -> list[str]:
    """The names that `load_case` knows without a file."""
    folder = files("mflverify.studies") / _PRESETS
    return sorted(item.name.removesuffix(".toml") for item in folder.iterdir())


def load_case(name: str) -> Case:
    """The case of a preset's name or of a TOML or JSON file.

    Raises ModelFileError, naming the file, the entry and the value, for anything that is not right.
    """
    if name in preset_names():
        text = (files("mflverify.studies") / _PRESETS / f"{name}.toml").read_text()
        return parse_case(text, f"preset {name}", json_format=False)
    path = Path(name)
    reader = Reader(name)
    if not path.is_file():
        raise reader.error("", f"no such file or preset; presets are {', '.join(preset_names())}")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise reader.error("", f"cannot be read: {error}") from error
    return parse_case(text, name, json_format=path.suffix == ".json")


def parse_case(text: str, origin: str, *, json_format: bool) -> Case:
    """The case in a text.  Raises ModelFileError as `load_case`."""
    reader = Reader(origin)
    try:
        data = json.loads(text) if json_format else tomllib.loads(text)
    except (json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        raise reader.error("", f"is not {'JSON' if json_format else 'TOML'}: {error}") from error
    table = reader.table(
        "", data, {"name", "space", "dimension", "species", "kernels", "remainder"}
    )
    if reader.choice("space", table.get("space"), ("torus", "line")) == "line":
        for key in ("dimension", "remainder"):
            if key in table:
                raise reader.error(key, "is for tori only")
        return _line_case(reader, table, text)
    return _torus_case(reader, table, text)


def _torus_case(reader: Reader, table: Mapping[str, object], text: str) -> TorusCase:
    dimension = reader.integer("dimension", table.get("dimension", 1), 1, 3)
    species = reader.items("species", table.get("species"))
    if not species:
        raise reader.error("species", "at least one species is needed")
    potentials, temperatures, timescales, starts = [], [], [], []
    for number, item in enumerate(species, 1):
        at = f"species {number}"
        entry = reader.table(at, item, {"temperature", "timescale", "potential", "start"})
        temperatures.append(reader.positive(f"{at}: temperature", entry.get("temperature")))
        timescales.append(reader.positive(f"{at}: timescale", entry.get("timescale", 1.0)))
        for key, found in (("potential", potentials), ("start", starts)):
            found.append(_series(reader, f"{at}: {key}", entry.get(key, []), dimension))
    kernels: dict[tuple[int, int], Kernel] = {}
    for number, item in enumerate(reader.items("kernels", table.get("kernels", [])), 1):
        _add_kernel(reader, f"kernel {number}", item, dimension, len(species), kernels)
    model = TorusModel(
        potentials=tuple(potentials),
        temperatures=tuple(temperatures),
        timescales=tuple(timescales),
        kernels=kernels,
        remainder=_remainder(reader, table.get("remainder"), dimension, len(species)),
        name=reader.text("name", table.get("name")),
    )
    return TorusCase(model, tuple(starts), text)


def _line_case(reader: Reader, table: Mapping[str, object], text: str) -> LineCase:
    species = reader.items("species", table.get("species"))
    potentials, temperatures, timescales, starts = [], [], [], []
    for number, item in enumerate(species, 1):
        at = f"species {number}"
        entry = reader.table(at, item, {"temperature", "timescale", "potential", "start"})
        temperatures.append(reader.positive(f"{at}: temperature", entry.get("temperature")))
        timescales.append(reader.positive(f"{at}: timescale", entry.get("timescale", 1.0)))
        potential = _polynomial(reader, f"{at}: potential", entry.get("potential"))
        if potential.degree() % 2 or potential.coef[-1] <= 0 or potential.degree() < 2:
            raise reader.error(
                f"{at}: potential",
                f"needs even degree and a positive last coefficient: {list(potential.coef)}",
            )
        potentials.append(potential)
        starts.append(_polynomial(reader, f"{at}: start", entry.get("start", [0.0])))
    if not species:
        raise reader.error("species", "at least one species is needed")
    kernels: dict[tuple[int, int], ProductKernel] = {}
    for number, item in enumerate(reader.items("kernels", table.get("kernels", [])), 1):
        at = f"kernel {number}"
        entry = reader.table(at, item, {"target", "source", "products", "zero_sum"})
        pair, zero_sum = _pair(reader, at, entry, len(species))
        products = []
        for count, factors in enumerate(reader.items(f"{at}: products", entry.get("products")), 1):
            where = f"{at}: product {count}"
            both = reader.table(where, factors, {"target", "source"})
            products.append(
                (
                    _polynomial(reader, f"{where}: target", both.get("target")),
                    _polynomial(reader, f"{where}: source", both.get("source")),
                )
            )
        _put(reader, at, kernels, pair, tuple(products))
        if zero_sum:
            _put(reader, at, kernels, (pair[1], pair[0]), transposed(tuple(products), -1.0))
    model = LineModel(
        potentials=tuple(potentials),
        temperatures=tuple(temperatures),
        timescales=tuple(timescales),
        kernels=kernels,
        name=reader.text("name", table.get("name")),
    )
    return LineCase(model, tuple(starts), text)


def _polynomial(reader: Reader, at: str, value: object) -> Polynomial:
    coefficients = [reader.number(at, c) for c in reader.items(at, value)]
    if not coefficients:
        raise reader.error(at, "needs at least one coefficient")
    return Polynomial(coefficients).trim()


_Value = TypeVar("_Value")


def _put(
    reader: Reader,
    at: str,
    kernels: dict[tuple[int, int], _Value],
    pair: tuple[int, int],
    kernel: _Value,
) -> None:
    if pair in kernels:
        raise reader.error(at, f"species {pair[1] + 1} already acts on species {pair[0] + 1}")
    kernels[pair] = kernel


def _pair(
    reader: Reader, at: str, entry: Mapping[str, object], species: int
) -> tuple[tuple[int, int], bool]:
    """Target and source counted from 0, and whether the source gets -k transposed."""
    target = reader.integer(f"{at}: target", entry.get("target"), 1, species) - 1
    source = reader.integer(f"{at}: source", entry.get("source"), 1, species) - 1
    zero_sum = reader.boolean(f"{at}: zero_sum", entry.get("zero_sum", False))
    if zero_sum and target == source:
        raise reader.error(f"{at}: zero_sum", "needs two different species")
    return (target, source), zero_sum


def _add_kernel(
    reader: Reader,
    at: str,
    item: object,
    dimension: int,
    species: int,
    kernels: dict[tuple[int, int], Kernel],
) -> None:
    entry = reader.table(at, item, {"target", "source", "convolution", "products", "zero_sum"})
    pair, zero_sum = _pair(reader, at, entry, species)
    products = []
    for number, both in enumerate(reader.items(f"{at}: products", entry.get("products", [])), 1):
        where = f"{at}: product {number}"
        factors = reader.table(where, both, {"target", "source"})
        products.append(
            tuple(
                _series(reader, f"{where}: {key}", factors.get(key), dimension)
                for key in ("target", "source")
            )
        )
    convolution = _series(reader, f"{at}: convolution", entry.get("convolution", []), dimension)
    kernel = Kernel(convolution, tuple(products))
    _put(reader, at, kernels, pair, kernel)
    if zero_sum:
        _put(reader, at, kernels, (pair[1], pair[0]), kernel.transposed(-1.0))


def _series(reader: Reader, at: str, value: object, dimension: int) -> TrigSeries:
    terms: dict[tuple[int, ...], tuple[float, float]] = {}
    for number, item in enumerate(reader.items(at, value), 1):
        where = f"{at}, term {number}"
        entry = reader.table(where, item, {"mode", "cos", "sin"})
        mode = tuple(
            reader.integer(f"{where}: mode", k, -(10**4), 10**4)
            for k in reader.items(f"{where}: mode", entry.get("mode"))
        )
        if len(mode) != dimension:
            raise reader.error(f"{where}: mode", f"needs {dimension} integers, not {list(mode)}")
        if mode in terms:
            raise reader.error(f"{where}: mode", f"{list(mode)} occurs twice")
        terms[mode] = (
            reader.number(f"{where}: cos", entry.get("cos", 0.0)),
            reader.number(f"{where}: sin", entry.get("sin", 0.0)),
        )
    return TrigSeries(dimension, terms)


def _remainder(reader: Reader, value: object, dimension: int, species: int) -> Remainder | None:
    if value is None:
        return None
    table = reader.table("remainder", value, {"functions", "tensor"})
    functions = [
        _series(reader, f"remainder: function {number}", item, dimension)
        for number, item in enumerate(
            reader.items("remainder: functions", table.get("functions")), 1
        )
    ]
    tensor = _tensor(reader, table.get("tensor"), species)
    try:
        return Remainder(tuple(functions), tensor)
    except ValueError as error:
        raise reader.error("remainder", str(error)) from error


def _tensor(reader: Reader, value: object, species: int) -> Array:
    at = "remainder: tensor"
    rows = [
        [
            [reader.number(at, entry) for entry in reader.items(at, row)]
            for row in reader.items(at, m)
        ]
        for m in reader.items(at, value)
    ]
    sizes = {len(rows), *(len(m) for m in rows), *(len(row) for m in rows for row in m)}
    if sizes != {species}:
        raise reader.error(at, f"needs {species} numbers in each of its three directions")
    return np.array(rows)
