"""Instances as exact data: what a counterexample is, for readers and for machines.

Everything is a rational number written as text.  Units: the torus has period 2 pi; trigonometric
coefficients are for 1, cos x, sin x, cos 2x, sin 2x, ...; points are fractions of a period.
Parsing never evaluates: numbers go through `Fraction`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from html import escape
from typing import Any

from attrs import evolve, field, frozen

Coefficients = tuple[Fraction, ...]
Matrix = tuple[Coefficients, ...]

FAMILY_NAMES = ("torus", "gaussian", "scalars")

# No exponents: "1e999999999" would fill the memory with its digits.
_NUMBER = re.compile(r"[+-]?\d{1,4000}(/0*[1-9]\d{0,3999}|\.\d{1,4000})?", re.ASCII)


@frozen
class Choice:
    """How a parameter gets its value, given the bounds that the hypotheses put on it.

    rule: `value` (just this), `tight` (at its non-strict bound) or `between` (at this fraction of
    the way between its bounds, or this factor away from its only bound).
    """

    rule: str
    amount: Fraction = Fraction(0)

    def __str__(self) -> str:
        return self.rule if self.rule == "tight" else f"{self.rule} {self.amount}"

    @staticmethod
    def parse(text: str, name: str) -> Choice:
        """The choice written as `tight`, `value 1/2` or `between 1/3`.  Raises ValueError."""
        rule, _, amount = text.partition(" ")
        if rule == "tight" and not amount:
            return Choice("tight")
        if rule in ("value", "between"):
            return Choice(rule, _number(amount, f"parameters.{name}"))
        raise ValueError(f"parameters.{name}: {text!r} is not 'tight', 'value Q' or 'between Q'")


@frozen
class InstanceData:
    """One instance.

    family: `torus`, `gaussian` or `scalars`.
    potentials: U of each space, with equilibrium exp(-U)/Z (torus; empty: uniform).
    functions: phi of each function symbol, with f = L phi (torus), or the polynomial p with
    1 + f = p^2/E p^2 (gaussian perturbations) or f itself.  constants: added to plain functions.
    kernels: coefficient matrices, rows for the target space.  fields: vector fields.
    points: fractions of a period; directions: 1 or -1.  parameters: how each gets its value.
    quantities, rates: values of abstract quantities and of their time derivatives.
    """

    family: str
    potentials: Mapping[str, Coefficients] = field(factory=dict)
    functions: Mapping[str, Coefficients] = field(factory=dict)
    constants: Mapping[str, Fraction] = field(factory=dict)
    kernels: Mapping[str, Matrix] = field(factory=dict)
    fields: Mapping[str, Coefficients] = field(factory=dict)
    points: Mapping[str, Fraction] = field(factory=dict)
    directions: Mapping[str, Fraction] = field(factory=dict)
    parameters: Mapping[str, Choice] = field(factory=dict)
    quantities: Mapping[str, Fraction] = field(factory=dict)
    rates: Mapping[str, Fraction] = field(factory=dict)
    solved: Mapping[str, str] = field(factory=dict, eq=False)

    def uniform(self) -> InstanceData:
        """The same instance on uniform equilibria, where torus arithmetic is rational."""
        return evolve(self, potentials=dict.fromkeys(self.potentials, ()))

    def to_json(self) -> dict[str, Any]:
        """A tree of dicts, lists and strings; `from_json` reads it back."""
        return {
            "family": self.family,
            "potentials": _vectors(self.potentials),
            "functions": _vectors(self.functions),
            "constants": _scalars(self.constants),
            "kernels": {n: [[str(c) for c in row] for row in m] for n, m in self.kernels.items()},
            "fields": _vectors(self.fields),
            "points": _scalars(self.points),
            "directions": _scalars(self.directions),
            "parameters": {n: str(c) for n, c in self.parameters.items()},
            "quantities": _scalars(self.quantities),
            "rates": _scalars(self.rates),
        }

    @staticmethod
    def from_json(tree: Any) -> InstanceData:
        """The instance of a JSON tree.  Raises ValueError naming the field at fault."""
        if not isinstance(tree, dict):
            raise ValueError("an instance is a JSON object")
        unknown = set(tree) - set(InstanceData("torus").to_json())
        if unknown:
            raise ValueError(f"unknown field {sorted(unknown)[0]!r}")
        family = tree.get("family")
        if family not in FAMILY_NAMES:
            raise ValueError(f"family: {family!r} is none of {', '.join(FAMILY_NAMES)}")
        return InstanceData(
            family=family,
            potentials=_read(tree, "potentials", _coefficients),
            functions=_read(tree, "functions", _coefficients),
            constants=_read(tree, "constants", _number),
            kernels=_read(tree, "kernels", _matrix),
            fields=_read(tree, "fields", _coefficients),
            points=_read(tree, "points", _number),
            directions=_read(tree, "directions", _direction),
            parameters=_read(tree, "parameters", _choice),
            quantities=_read(tree, "quantities", _number),
            rates=_read(tree, "rates", _number),
        )

    def describe(self) -> str:
        """One line for readers."""
        return "; ".join(self._parts())

    def _repr_html_(self) -> str:
        """A list of the parts, for notebooks."""
        items = "".join(f"<li>{escape(part)}</li>" for part in self._parts())
        return f'<div class="mflverify"><ul>{items}</ul></div>'

    def _parts(self) -> list[str]:
        letters = "xyzw"
        parts: list[str] = ["line, N(0, 1)"] if self.family == "gaussian" else []
        for index, (name, u) in enumerate(self.potentials.items()):
            text = _trig(u, letters[index % 4]) if any(u) else ""
            parts.append(f"{name}: torus, " + (f"U = {text}" if text else "uniform"))
        for name, phi in self.functions.items():
            if self.family == "torus":
                constant = self.constants.get(name, Fraction(0))
                extra = f" + {constant}" if constant else ""
                parts.append(f"{name} = L({_trig(phi, 'x')}){extra}")
            else:
                parts.append(f"{name} from p = {_poly(phi)}")
        for name, matrix in self.kernels.items():
            parts.append(f"{name}: k = {_kernel(matrix, self.family)}")
        write = _poly if self.family == "gaussian" else lambda c: _trig(c, "x")
        parts += [f"{n} = {write(c)}" for n, c in self.fields.items()]
        unit = "" if self.family == "gaussian" else " of a period"
        parts += [f"{n} = {q}{unit}" for n, q in self.points.items()]
        parts += [f"{n} = {q}" for n, q in self.directions.items()]
        parts += [f"{n} = {self.solved.get(n, str(c))}" for n, c in self.parameters.items()]
        parts += [f"{n} = {q}" for n, q in self.quantities.items()]
        parts += [f"{n}' = {q}" for n, q in self.rates.items()]
        return parts


def _vectors(values: Mapping[str, Coefficients]) -> dict[str, list[str]]:
    return {name: [str(c) for c in row] for name, row in values.items()}


def _scalars(values: Mapping[str, Fraction]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}


def _read(tree: dict, name: str, parse) -> dict:
    value = tree.get(name, {})
    if not isinstance(value, dict):
        raise ValueError(f"{name}: expected an object")
    return {key: parse(item, f"{name}.{key}") for key, item in value.items()}


def _number(value: Any, where: str) -> Fraction:
    if not isinstance(value, str):
        raise ValueError(f"{where}: expected a rational number as text, got {value!r}")
    if not _NUMBER.fullmatch(value):
        raise ValueError(f"{where}: {value[:40]!r} is not a rational number")
    return Fraction(value)


def _coefficients(value: Any, where: str) -> Coefficients:
    if not isinstance(value, list):
        raise ValueError(f"{where}: expected a list of coefficients")
    return tuple(_number(item, f"{where}[{i}]") for i, item in enumerate(value))


def _matrix(value: Any, where: str) -> Matrix:
    if not isinstance(value, list) or not value:
        raise ValueError(f"{where}: expected a list of rows")
    rows = tuple(_coefficients(row, f"{where}[{i}]") for i, row in enumerate(value))
    if len({len(row) for row in rows}) != 1:
        raise ValueError(f"{where}: rows of different lengths")
    return rows


def _direction(value: Any, where: str) -> Fraction:
    number = _number(value, where)
    if abs(number) != 1:
        raise ValueError(f"{where}: a unit vector in one dimension is 1 or -1, not {number}")
    return number


def _choice(value: Any, where: str) -> Choice:
    if not isinstance(value, str):
        raise ValueError(f"{where}: expected text, got {value!r}")
    return Choice.parse(value, where.partition(".")[2])


def basis(index: int, letter: str) -> str:
    """The name of a basis function: 1, cos x, sin x, cos 2x, ..."""
    if index == 0:
        return "1"
    mode = (index + 1) // 2
    wave = "cos" if index % 2 else "sin"
    return f"{wave} {mode if mode > 1 else ''}{letter}"


def _signed(terms: Iterable[tuple[Fraction, str]]) -> str:
    text = ""
    for c, name in terms:
        if not c:
            continue
        size = abs(c)
        body = str(size) if name == "1" else name if size == 1 else f"{size} {name}"
        text += f" {'-' if c < 0 else '+'} {body}" if text else f"{'-' if c < 0 else ''}{body}"
    return text or "0"


def _trig(coefficients: Coefficients, letter: str) -> str:
    return _signed((c, basis(i, letter)) for i, c in enumerate(coefficients))


def _poly(coefficients: Coefficients) -> str:
    names = ["1", "x", *(f"x^{i}" for i in range(2, len(coefficients)))]
    return _signed(zip(coefficients, names, strict=False))


def _kernel(matrix: Matrix, family: str) -> str:
    def name(i: int, letter: str) -> str:
        if family == "torus":
            return basis(i, letter)
        return "1" if i == 0 else letter if i == 1 else f"{letter}^{i}"

    return _signed(
        (c, " ".join(p for p in (name(i, "x"), name(j, "y")) if p != "1") or "1")
        for i, row in enumerate(matrix)
        for j, c in enumerate(row)
    )
