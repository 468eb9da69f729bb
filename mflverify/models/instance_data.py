"""Instances as exact data: what a counterexample is, for readers and for machines.

Everything is a rational number written as text.  Units: circles have period 2 pi; a list of
coefficients is for 1, cos x, sin x, cos 2x, sin 2x, ... on a circle and for 1, x, x^2, ... on a
line; points are fractions of a period on circles and numbers on lines.
Parsing never evaluates (`instance_reading`).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from html import escape
from typing import Any

from attrs import evolve, field, frozen

from mflverify.models.basis import Expansion
from mflverify.models.instance_reading import (
    Coefficients,
    Matrix,
    read_coefficients,
    read_count,
    read_direction,
    read_field,
    read_function,
    read_kernel,
    read_number,
    read_place,
    read_remainder,
    read_section,
    read_space,
)
from mflverify.models.instance_text import parts_of
from mflverify.models.kernel_data import Kernel
from mflverify.models.spaces import SpaceData

FAMILY_NAMES = ("torus", "gaussian", "scalars", "spaces")

Place = Fraction | tuple[Fraction, ...]


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
            return Choice(rule, read_number(amount, f"parameters.{name}"))
        raise ValueError(f"parameters.{name}: {text!r} is not 'tight', 'value Q' or 'between Q'")


@frozen
class InstanceData:
    """One instance.

    family: `torus` (circles), `gaussian` (the line with N(0, 1)), `scalars`, or `spaces` (any
    products of circles and lines, described in `spaces`).
    potentials: U of each circle, with equilibrium exp(-U)/Z (torus; empty: uniform).
    spaces: what each space is (spaces).
    functions: phi of each function symbol, with f = L phi (torus, spaces), or the polynomial p with
    1 + f = p^2/E p^2 (gaussian perturbations) or f itself.  constants: added to plain functions.
    kernels: coefficient matrices, rows for the target space, or kernels with a `kind` (spaces).
    remainders: of a functional with third variation c phi(x) phi_j phi_k, the rows (c), phi, and one
    phi_j for each space (torus, spaces).
    fields: vector fields.  points: coordinates; directions: unit vectors.
    parameters: how each gets its value.
    quantities, rates: values of abstract quantities and of their time derivatives.
    components: how many each union of spaces has; 0 when none occurs.  Symbols are those of the
    components then, as X1, f1, M_12.
    """

    family: str
    potentials: Mapping[str, Coefficients] = field(factory=dict)
    spaces: Mapping[str, SpaceData] = field(factory=dict)
    functions: Mapping[str, Coefficients | Expansion] = field(factory=dict)
    constants: Mapping[str, Fraction] = field(factory=dict)
    kernels: Mapping[str, Matrix | Kernel] = field(factory=dict)
    remainders: Mapping[str, tuple[Coefficients | Expansion, ...]] = field(factory=dict)
    fields: Mapping[str, Coefficients | tuple[Expansion, ...]] = field(factory=dict)
    points: Mapping[str, Place] = field(factory=dict)
    directions: Mapping[str, Place] = field(factory=dict)
    parameters: Mapping[str, Choice] = field(factory=dict)
    quantities: Mapping[str, Fraction] = field(factory=dict)
    rates: Mapping[str, Fraction] = field(factory=dict)
    components: int = 0
    solved: Mapping[str, str] = field(factory=dict, eq=False)

    def uniform(self) -> InstanceData:
        """The same instance on rational equilibria: uniform circles, standard Gaussian lines."""
        return evolve(
            self,
            potentials=dict.fromkeys(self.potentials, ()),
            spaces={name: space.uniform() for name, space in self.spaces.items()},
        )

    def to_json(self) -> dict[str, Any]:
        """A tree of dicts, lists and strings; `from_json` reads it back."""
        unions = {"components": str(self.components)} if self.components else {}
        return {
            "family": self.family,
            **unions,
            "potentials": _written(self.potentials),
            "spaces": {name: space.to_json() for name, space in self.spaces.items()},
            "functions": {name: _function(phi) for name, phi in self.functions.items()},
            "constants": _written(self.constants),
            "kernels": {
                n: [_numbers(row) for row in k] if isinstance(k, tuple) else k.to_json()
                for n, k in self.kernels.items()
            },
            "remainders": {n: [_function(row) for row in r] for n, r in self.remainders.items()},
            "fields": {
                name: [c.to_json() if isinstance(c, Expansion) else str(c) for c in components]
                for name, components in self.fields.items()
            },
            "points": _written(self.points),
            "directions": _written(self.directions),
            "parameters": {n: str(c) for n, c in self.parameters.items()},
            "quantities": _written(self.quantities),
            "rates": _written(self.rates),
        }

    @staticmethod
    def from_json(tree: Any) -> InstanceData:
        """The instance of a JSON tree.  Raises ValueError naming the field at fault."""
        if not isinstance(tree, dict):
            raise ValueError("an instance is a JSON object")
        unknown = set(tree) - set(InstanceData("torus", components=1).to_json())
        if unknown:
            raise ValueError(f"unknown field {sorted(unknown)[0]!r}")
        family = tree.get("family")
        if family not in FAMILY_NAMES:
            raise ValueError(f"family: {family!r} is none of {', '.join(FAMILY_NAMES)}")
        return InstanceData(
            family=family,
            potentials=read_section(tree, "potentials", read_coefficients),
            spaces=read_section(tree, "spaces", read_space),
            functions=read_section(tree, "functions", read_function),
            constants=read_section(tree, "constants", read_number),
            kernels=read_section(tree, "kernels", read_kernel),
            remainders=read_section(tree, "remainders", read_remainder),
            fields=read_section(tree, "fields", read_field),
            points=read_section(tree, "points", read_place),
            directions=read_section(tree, "directions", read_direction),
            parameters=read_section(tree, "parameters", _choice),
            quantities=read_section(tree, "quantities", read_number),
            rates=read_section(tree, "rates", read_number),
            components=read_count(tree.get("components", "0"), "components"),
        )

    def describe(self) -> str:
        """One line for readers."""
        return "; ".join(parts_of(self))

    def _repr_html_(self) -> str:
        """A list of the parts, for notebooks."""
        items = "".join(f"<li>{escape(part)}</li>" for part in parts_of(self))
        return f'<div class="mflverify"><ul>{items}</ul></div>'


def _numbers(values: tuple[Fraction, ...]) -> list[str]:
    return [str(c) for c in values]


def _written(values: Mapping[str, Any]) -> dict[str, Any]:
    return {n: _numbers(v) if isinstance(v, tuple) else str(v) for n, v in values.items()}


def _function(phi: Coefficients | Expansion) -> Any:
    if isinstance(phi, Expansion):
        return {"variables": phi.dimension, "terms": phi.to_json()}
    return _numbers(phi)


def _choice(value: Any, where: str) -> Choice:
    if not isinstance(value, str):
        raise ValueError(f"{where}: expected text, got {value!r}")
    return Choice.parse(value, where.partition(".")[2])
