"""Terms as plain JSON and back: a table of nodes, each naming its class and its fields.

A node is a list `[class, field, ...]`; a field that is a term is the number of an earlier node, a
rational is text such as "3/2", a space its name, a union of spaces its name in a list, a tuple a list.  Reading builds every node through
its constructor, so that what means nothing is refused; nothing is evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache
from inspect import isclass
from types import MappingProxyType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import attrs
from attrs import define, field

from mflverify.expr import (
    densities,
    distances,
    divergences,
    functionals,
    hessians,
    lebesgue,
    segments,
    terms,
    unions,
    variations,
    weights,
)
from mflverify.expr.sorts import SortError, Space
from mflverify.expr.terms import Flow, Node, Power, Product, Relation, Sum, Term

CLASSES: Mapping[str, type] = MappingProxyType(
    {
        name: value
        for module in (
            terms,
            densities,
            distances,
            divergences,
            functionals,
            hessians,
            lebesgue,
            segments,
            unions,
            variations,
            weights,
        )
        for name, value in vars(module).items()
        if isclass(value) and attrs.has(value) and issubclass(value, (Term, Relation, Flow))
    }
)
_RATIONAL = re.compile(r"-?[0-9]{1,400}(/[1-9][0-9]{0,399})?")


class TermsError(ValueError):
    """A table of terms that cannot be read: the place and what is wrong there."""


@define
class TermTable:
    """Nodes numbered as they are added, equal ones once."""

    nodes: list[list[Any]] = field(factory=list)
    _numbers: dict[Node, int] = field(factory=dict)

    def add(self, node: Node) -> int:
        """The number of a node, which it and everything below it get when first seen."""
        if node not in self._numbers:
            values = [getattr(node, name) for name, _ in _fields(type(node))]
            entry = [type(node).__name__, *(self._plain(value) for value in values)]
            self.nodes.append(entry)
            self._numbers[node] = len(self.nodes) - 1
        return self._numbers[node]

    def _plain(self, value: Any) -> Any:
        if isinstance(value, (Term, Relation, Flow)):
            return self.add(value)
        if isinstance(value, Fraction):
            return str(value)
        if isinstance(value, Space):
            return [value.name] if value.union else value.name
        if isinstance(value, tuple):
            return [self._plain(part) for part in value]
        if isinstance(value, (str, bool, int)):
            return value
        raise TypeError(f"{value!r} has no place in a table of terms")


def read_terms(table: Sequence[Any]) -> list[Node]:
    """The nodes of a table.  Raises TermsError at the first one that is wrong."""
    nodes: list[Node] = []
    for number, entry in enumerate(table):
        where = f"terms[{number}]"
        if not isinstance(entry, list) or not entry or not isinstance(entry[0], str):
            raise TermsError(f"{where}: a node is a list that begins with its class: {entry!r}")
        kind = CLASSES.get(entry[0])
        if kind is None:
            raise TermsError(f"{where}: no class {entry[0]!r}")
        expected = _fields(kind)
        if len(entry) != len(expected) + 1:
            raise TermsError(
                f"{where}: {entry[0]} has {len(expected)} fields, found {len(entry) - 1}"
            )
        values = [
            _value(raw, hint, nodes, f"{where}.{name}")
            for raw, (name, hint) in zip(entry[1:], expected, strict=True)
        ]
        try:
            nodes.append(_build(kind, values))
        except (SortError, TypeError, AttributeError, ValueError, ArithmeticError) as error:
            raise TermsError(f"{where}: {entry[0]}: {error}") from error
    return nodes


def _build(kind: type, values: list[Any]) -> Node:
    """A node through its constructor; sums, products and powers must come out as they are written."""
    if kind is Sum or kind is Product:
        (parts,) = values
        built = kind.of(*parts)
        if not isinstance(built, kind) or (built.terms if kind is Sum else built.factors) != parts:  # type: ignore[attr-defined]
            raise SortError("not flattened as a sum or product is")
        return built
    if kind is Power and Power.of(*values) != Power(*values):
        raise SortError("a power that is simplified when it is built")
    return kind(*values)


def _value(raw: Any, hint: Any, nodes: list[Node], where: str) -> Any:
    if get_origin(hint) is tuple:
        if not isinstance(raw, list):
            raise TermsError(f"{where}: expected a list, found {raw!r}")
        inner = get_args(hint)
        hints = [inner[0]] * len(raw) if inner[-1] is Ellipsis else list(inner)
        if len(hints) != len(raw):
            raise TermsError(f"{where}: expected {len(hints)} entries, found {len(raw)}")
        return tuple(
            _value(part, h, nodes, f"{where}[{i}]")
            for i, (part, h) in enumerate(zip(raw, hints, strict=True))
        )
    if get_origin(hint) is Literal:
        if raw not in get_args(hint):
            raise TermsError(f"{where}: {raw!r} is none of {', '.join(map(str, get_args(hint)))}")
        return raw
    if hint is Fraction:
        if not isinstance(raw, str) or not _RATIONAL.fullmatch(raw):
            raise TermsError(f"{where}: {raw!r} is no rational number such as '3/2'")
        return Fraction(raw)
    if hint is Space:
        name = raw[0] if (union := isinstance(raw, list) and len(raw) == 1) else raw
        if not isinstance(name, str):
            raise TermsError(f"{where}: {raw!r} is no name of a space")
        return Space(name, union)
    if hint in (str, bool, int):
        if type(raw) is not hint:
            raise TermsError(f"{where}: expected {hint.__name__}, found {raw!r}")
        return raw
    if type(raw) is not int or not 0 <= raw < len(nodes):
        raise TermsError(f"{where}: {raw!r} is not the number of an earlier node")
    if not isinstance(nodes[raw], hint):
        raise TermsError(f"{where}: node {raw} is a {type(nodes[raw]).__name__}")
    return nodes[raw]


@cache
def _fields(kind: type) -> tuple[tuple[str, Any], ...]:
    """Names and types of the fields that determine a node."""
    hints = get_type_hints(kind)
    return tuple((a.name, hints[a.name]) for a in attrs.fields(kind) if a.eq is not False)
