"""Statements and certificates as plain JSON and back, for replay by the kernel alone.

Terms go to one table (`mflverify.expr.serial`).  A certificate names hypotheses by their position in
the obligation, and atoms by their position among all atoms of the obligation in canonical order: the
kernel recomputes both, so a certificate says nothing but coefficients and exponents.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from attrs import fields

from mflverify.algebra.polynomial import Atom, Monomial, Polynomial
from mflverify.expr.serial import TermTable
from mflverify.expr.sorts import Space
from mflverify.expr.substitution import Substitution
from mflverify.expr.terms import Flow, Node, Term
from mflverify.proof.certificate import Certificate, Part, obligation_atoms
from mflverify.proof.facts import LIBRARY
from mflverify.proof.kernel import Obligation
from mflverify.proof.statement import Application, Statement

_RATIONAL = re.compile(r"-?[0-9]{1,2000}(/[1-9][0-9]{0,1999})?")

MAX_EXPONENT = 100  # expanding a sum to a larger power would take for ever


class TraceError(ValueError):
    """A trace that cannot be replayed: the place and what is wrong there."""


# ------------------------------------------------------------------------------ certificates


def certificate_to_json(certificate: Certificate, obligation: Obligation) -> dict[str, Any]:
    """A certificate in JSON's own types.  Raises KeyError for an atom foreign to the obligation."""
    number = {atom: i for i, atom in enumerate(obligation_atoms(obligation))}

    def plain(value: Any) -> Any:
        match value:
            case Fraction():
                return str(value)
            case Atom():
                return number[value]
            case Polynomial():
                return [[str(value.terms[m]), plain(m)] for m in value.order]
            case tuple():
                return [plain(part) for part in value]
        return value

    def part_to_json(part: Part) -> dict[str, Any]:
        given = {a.name: getattr(part, a.name) for a in fields(Part)}
        defaults = {a.name: a.default for a in fields(Part)}
        return {name: plain(v) for name, v in given.items() if v != defaults[name]}

    return {
        "squared": certificate.squared,
        "lift": plain(certificate.lift),
        "cases": [[part_to_json(part) for part in case] for case in certificate.cases],
    }


def certificate_from_json(raw: Any, obligation: Obligation) -> Certificate:
    """The certificate; whether it proves anything is for the kernel.  Raises TraceError."""
    atoms = obligation_atoms(obligation)
    record = _object(raw, "certificate", {"squared", "lift", "cases"})
    if type(record["squared"]) is not bool:
        raise TraceError(f"certificate.squared: {record['squared']!r} is neither true nor false")
    cases = tuple(
        tuple(_part(part, atoms, f"certificate.cases[{i}][{j}]") for j, part in enumerate(case))
        for i, case in enumerate(_lists(record["cases"], "certificate.cases"))
    )
    lift = _monomial(record["lift"], atoms, "certificate.lift")
    return Certificate(cases, record["squared"], lift)


def _part(raw: Any, atoms: list[Atom], where: str) -> Part:
    readers: dict[str, Callable[[Any, str], Any]] = {
        "coefficient": _rational,
        "multiplier": lambda value, place: _monomial(value, atoms, place),
        "hypotheses": _integers,
        "root": lambda value, place: _polynomial(value, atoms, place),
    }
    record = _object(raw, where, set(readers), {"coefficient"})
    return Part(**{name: readers[name](v, f"{where}.{name}") for name, v in record.items()})


def _object(raw: Any, where: str, allowed: set[str], needed: set[str] | None = None) -> dict:
    if not isinstance(raw, dict):
        raise TraceError(f"{where}: expected an object, found {raw!r}")
    if unknown := set(raw) - allowed:
        raise TraceError(f"{where}: unknown field {min(unknown)!r}")
    if missing := (allowed if needed is None else needed) - set(raw):
        raise TraceError(f"{where}.{min(missing)}: missing")
    return raw


def _rational(raw: Any, where: str) -> Fraction:
    if not isinstance(raw, str) or not _RATIONAL.fullmatch(raw):
        raise TraceError(f"{where}: {raw!r} is no rational number such as '3/2'")
    return Fraction(raw)


def _integers(raw: Any, where: str) -> tuple[int, ...]:
    if not isinstance(raw, list) or not all(type(part) is int for part in raw):
        raise TraceError(f"{where}: {raw!r} is no list of whole numbers")
    return tuple(raw)


def _atom(raw: Any, atoms: list[Atom], where: str) -> Atom:
    if type(raw) is not int or not 0 <= raw < len(atoms):
        raise TraceError(f"{where}: {raw!r} is not the number of one of {len(atoms)} atoms")
    return atoms[raw]


def _monomial(raw: Any, atoms: list[Atom], where: str) -> Monomial:
    pairs: list[tuple[Atom, Fraction]] = []
    for i, pair in enumerate(_lists(raw, where)):
        if len(pair) != 2:
            raise TraceError(f"{where}[{i}]: expected an atom and its exponent")
        place = f"{where}[{i}]"
        power = _rational(pair[1], place)
        if max(abs(power.numerator), power.denominator) > MAX_EXPONENT:
            raise TraceError(f"{place}: the exponent {power} is beyond {MAX_EXPONENT}")
        pairs.append((_atom(pair[0], atoms, place), power))
    return tuple(pairs)


def _polynomial(raw: Any, atoms: list[Atom], where: str) -> Polynomial:
    total: dict[Monomial, Fraction] = {}
    for i, pair in enumerate(_lists(raw, where)):
        if len(pair) != 2:
            raise TraceError(f"{where}[{i}]: expected a coefficient and a monomial")
        place = f"{where}[{i}]"
        monomial = _monomial(pair[1], atoms, place)
        if monomial in total:
            raise TraceError(f"{place}: a monomial that occurred before")
        total[monomial] = _rational(pair[0], place)
    return Polynomial(total)


def _lists(raw: Any, where: str) -> list[list[Any]]:
    if not isinstance(raw, list) or not all(isinstance(part, list) for part in raw):
        raise TraceError(f"{where}: expected a list of lists, found {raw!r}")
    return raw


# -------------------------------------------------------------------------------- arguments


def arguments_to_json(application: Application, table: TermTable) -> Any:
    """What a fact or a statement is applied to."""
    given = application.arguments
    if isinstance(given, Substitution):
        return {
            "terms": [[table.add(s), table.add(image)] for s, image in given.terms.items()],
            "spaces": [[_space_json(s), _space_json(i)] for s, i in given.spaces.items()],
            "flows": [[table.add(s), table.add(image)] for s, image in given.flows.items()],
        }

    def plain(value: object) -> Any:
        match value:
            case Term() | Flow():
                return table.add(value)
            case Space():
                return {"space": _space_json(value)}
            case int() | Fraction():
                return {"number": str(Fraction(value))}
            case tuple() | list():
                return [plain(part) for part in value]
        raise TypeError(f"{application.label}: the argument {value!r} cannot be recorded")

    return plain(given)


def application_from_json(
    kind: str, name: str, raw: Any, nodes: Sequence[Node], statements: Mapping[str, Statement]
) -> Application:
    """A fact or a statement applied.  Raises TraceError."""
    if kind == "fact":
        fact = next((fact for fact in LIBRARY if fact.label == name), None)
        if fact is None:
            raise TraceError(f"{name!r} is not in the fact library")
        arguments = _fact_arguments(raw, nodes, name)
        if not isinstance(arguments, tuple):
            raise TraceError(f"{name}: the arguments of a fact are a list")
        return Application(fact, arguments)
    if name not in statements:
        raise TraceError(f"the statement {name!r} is not in the ledger")
    record = _object(raw, f"arguments of {name}", {"terms", "spaces", "flows"})

    def pairs(part: str) -> Iterable[tuple[Any, Any]]:
        for i, pair in enumerate(_lists(record[part], f"{name}.{part}")):
            if len(pair) != 2:
                raise TraceError(f"{name}.{part}[{i}]: expected a pair")
            yield pair[0], pair[1]

    return Application(
        statements[name],
        Substitution.of(
            {_node(a, nodes, Term, name): _node(b, nodes, Term, name) for a, b in pairs("terms")},
            {_space(a, name): _space(b, name) for a, b in pairs("spaces")},
            {_node(a, nodes, Flow, name): _node(b, nodes, Flow, name) for a, b in pairs("flows")},
        ),
    )


def _fact_arguments(raw: Any, nodes: Sequence[Node], where: str) -> object:
    match raw:
        case list():
            return tuple(_fact_arguments(part, nodes, where) for part in raw)
        case {"space": name, **rest} if not rest:
            return _space(name, where)
        case {"number": text, **rest} if not rest:
            return _rational(text, where)
    return _node(raw, nodes, (Term, Flow), where)


def _space_json(space: Space) -> Any:
    return [space.name] if space.union else space.name


def _space(raw: Any, where: str) -> Space:
    name = raw[0] if (union := isinstance(raw, list) and len(raw) == 1) else raw
    if not isinstance(name, str):
        raise TraceError(f"{where}: {raw!r} is no name of a space")
    return Space(name, union)


def _node(raw: Any, nodes: Sequence[Node], kind: Any, where: str) -> Any:
    if type(raw) is not int or not 0 <= raw < len(nodes) or not isinstance(nodes[raw], kind):
        raise TraceError(f"{where}: {raw!r} is not the number of a node of the right kind")
    return nodes[raw]
