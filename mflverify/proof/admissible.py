"""What the kernel refuses before it looks at a proof, and where a formula is defined.

Trusted, like the kernel.  A relation with a quotient or a root says that the denominator is
positive and the radicand non-negative; whoever claims it must show that, and whoever
uses an established claim may use it.  (Hypotheses of a statement say only that they are defined and
true, so nothing is drawn from the form of theirs.)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from mflverify.algebra.derivative import is_constant, time_derivative
from mflverify.expr.sorts import SCALAR
from mflverify.expr.substitution import Substitution
from mflverify.expr.substitution import symbols as symbols_of
from mflverify.expr.terms import (
    AtTime,
    Direction,
    Flow,
    FunctionSymbol,
    KernelSymbol,
    MonotonicitySlack,
    Node,
    Parameter,
    Power,
    Product,
    Quantity,
    Rational,
    Relation,
    RemainderSymbol,
    Term,
    TimeDerivative,
    VectorSymbol,
    children,
    subterms,
)
from mflverify.expr.unions import ShiftedSlack
from mflverify.proof.fact import ZERO
from mflverify.proof.statement import Application, Statement

_NAME = re.compile(r"[^\W_]\w*'*")
_FLOW_NAME = re.compile(r"[\w' -]+")
_MOVING = (FunctionSymbol, VectorSymbol, Quantity, TimeDerivative)
_ROLES = {
    "vector": (VectorSymbol, Direction),
    "operator": (KernelSymbol, RemainderSymbol),
    "scalar": (Parameter, Quantity),
}


# ------------------------------------------------------------------------------- definedness


@lru_cache(maxsize=4096)
def conditions(node: Node) -> tuple[Relation, ...]:
    """Relations `0 < d` and `0 <= r` that say that the formula is defined; derivatives included."""
    found: dict[Relation, None] = {}
    match node:
        case AtTime(argument, time):
            for needed in conditions(argument):
                found[Relation(needed.kind, ZERO, AtTime(needed.rhs, time))] = None
            return tuple(found)
        case TimeDerivative(argument, flow):
            expanded = time_derivative(argument, flow)
            found.update(dict.fromkeys(conditions(argument)))
            if expanded != node:
                found.update(dict.fromkeys(conditions(expanded)))
            return tuple(found)
        case Flow():
            return ()
        case Power(base, exponent) if base.sort == SCALAR:
            if exponent < 0:
                found.update({Relation("lt", ZERO, part): None for part in _factors(base)})
            elif exponent.denominator != 1:
                found[Relation("le", ZERO, base)] = None
    for child in children(node):
        found.update(dict.fromkeys(conditions(child)))
    return tuple(found)


def _factors(term: Term) -> Iterator[Term]:
    """Terms whose positivity makes `term` positive."""
    match term:
        case Power(base, exponent) if exponent.denominator == 1 and exponent > 0:
            yield from _factors(base)
        case Product(factors=factors) if not any(
            isinstance(part, Rational) and part.value < 0 for part in factors
        ):
            for part in factors:
                yield from _factors(part)
        case _:
            yield term


def argument_terms(application: Application) -> Iterator[Term]:
    """The terms that a fact or statement is applied to."""
    given = application.arguments
    parts = given.terms.values() if isinstance(given, Substitution) else _flat(given)
    return (part for part in parts if isinstance(part, Term))


def _flat(value: object) -> Iterator[object]:
    if not isinstance(value, (tuple, list)):
        return iter((value,))
    return (inner for part in value for inner in _flat(part))


# ------------------------------------------------------------------------------------- names


def name_fault(relations: Iterable[Relation]) -> str | None:
    """Why the symbols in `relations` cannot be told apart, or None.

    Normal forms and readers know symbols by their names: one name is one thing, and made of
    letters, digits, underscores and primes.
    """
    known: dict[tuple[object, ...], Node] = {}
    for part in (part for relation in relations for part in subterms(relation)):
        name = getattr(part, "name", None)
        if isinstance(part, Flow):
            if not _FLOW_NAME.fullmatch(part.name):
                return f"{name!r} is no name of a flow"
        elif name is not None:
            if not _NAME.fullmatch(name):
                return f"{name!r} is no name: letters, digits, underscores, primes"
            if known.setdefault((_role(part), name, getattr(part, "space", None)), part) != part:
                return f"the name {name!r} stands for two different things"
    return None


def _role(symbol: Node) -> str:
    """Symbols with one role and one name, on one space if they live on one, must be equal."""
    kinds = (kind for kind, classes in _ROLES.items() if isinstance(symbol, classes))
    return next(kinds, type(symbol).__qualname__)


# ---------------------------------------------------------------------------- time and flows


def time_fault(relations: Iterable[Relation]) -> str | None:
    """A moment that is not a constant, or None."""
    for part in (part for relation in relations for part in _parts(relation, AtTime)):
        if any(isinstance(p, (*_MOVING, AtTime)) for p in subterms(part.time)):
            return f"the moment {part.time!r} is not a constant"
    return None


def written(statement: Statement) -> Iterator[Relation]:
    """All relations of a statement: hypotheses, claims, assumptions."""
    yield from statement.given
    for step in statement.steps:
        yield step.claim
        yield from step.assuming


def applications(statement: Statement) -> Iterator[Application]:
    """All applications of facts and statements in the proof of a statement."""
    return (application for step in statement.steps for application in step.applications)


def circle(statement: Statement) -> list[str]:
    """Labels along a circle among the statements that `statement` uses; empty when there is none."""
    path: list[Statement] = []
    done: set[int] = set()

    def visit(current: Statement) -> list[str]:
        if any(current is other for other in path):
            labels = [other.label for other in (*path, current)]
            return labels[labels.index(current.label) :]
        if id(current) in done:
            return []
        path.append(current)
        for application in applications(current):
            if isinstance(application.source, Statement) and (found := visit(application.source)):
                return found
        path.pop()
        done.add(id(current))
        return []

    return visit(statement)


def trajectories(statement: Statement) -> frozenset[Flow]:
    """The flows along whose trajectories something is concluded.  Uses must not be circular."""
    found: set[Flow] = set()
    for application in applications(statement):
        arguments = application.arguments
        if isinstance(application.source, Statement):
            assert isinstance(arguments, Substitution)
            found |= {arguments(flow) for flow in trajectories(application.source)}
        else:
            found |= {part for part in _flat(arguments) if isinstance(part, Flow)}
    if _speaks_of_time(statement):
        found |= flows_in(written(statement))
    return frozenset(found)


def flow_fault(statement: Statement, relations: Iterable[Relation]) -> str | None:
    """Why values at different moments may belong to different trajectories, or None."""
    moving = trajectories(statement)
    flows = moving | flows_in(written(statement)) | flows_in(relations)
    if len(flows) > 1 and (moving or _speaks_of_time(statement)):
        names = " and ".join(sorted(repr(flow) for flow in flows))
        return f"values at a later time are about one flow, and here are {names}"
    return None


def flows_in(relations: Iterable[Relation]) -> frozenset[Flow]:
    """All flows that occur."""
    return frozenset().union(*(_parts(relation, Flow) for relation in relations))


def _speaks_of_time(statement: Statement) -> bool:
    return any(_parts(relation, AtTime) for relation in written(statement))


@lru_cache(maxsize=4096)  # of the same statements again and again
def _parts(relation: Relation, kind: type) -> frozenset[Any]:
    return frozenset(part for part in subterms(relation) if isinstance(part, kind))


# -------------------------------------------------------------------------- uses of statements


def substitution_fault(statement: Statement, substitution: Substitution) -> str | None:
    """Why a statement does not hold under a substitution, or None.

    A statement holds for all values of its symbols of the kinds declared, where what is constant in
    time stays constant, and what is a flow without equations is any flow.
    """
    relations = list(written(statement))
    symbols = frozenset().union(*(symbols_of(relation) for relation in relations))
    for flow in substitution.flows:
        if flow.equations:
            return f"{flow!r} has equations, and cannot be replaced by another flow"
    for symbol in symbols:
        image = substitution(symbol)
        is_density = isinstance(symbol, FunctionSymbol) and symbol.kind == "perturbation"
        if is_density and not (isinstance(image, FunctionSymbol) and image.kind == "perturbation"):
            return f"{symbol!r} is a perturbation, and {image!r} is not declared one"
    slacks = (MonotonicitySlack, ShiftedSlack)
    if any(isinstance(p, slacks) for relation in relations for p in subterms(relation)):
        targets = list(substitution.spaces.values())
        if len(set(targets)) < len(targets):
            return "a slack is about one function on each space, and two spaces become one"
    flows = trajectories(statement) | flows_in(relations)
    if not flows and not _speaks_of_time(statement):
        return None
    images = {flow: substitution(flow) for flow in flows}
    for symbol in symbols:
        image = substitution(symbol)
        if isinstance(symbol, Parameter) and not _stays(image, frozenset(images.values())):
            return f"{symbol!r} is constant, and {image!r} may move"
        for flow, target in images.items():
            if isinstance(symbol, (FunctionSymbol, VectorSymbol, Quantity)):
                moves = symbol in dict(flow.equations) or (
                    isinstance(symbol, Quantity) and symbol.flow == flow
                )
                if not moves and not _stays(image, frozenset({target})):
                    return f"{symbol!r} does not move along {flow!r}, and {image!r} may"
    return None


def _stays(term: Node, flows: frozenset[Flow]) -> bool:
    """Whether a term is constant in time: nothing in it moves, except under a fixed moment."""
    if isinstance(term, AtTime):
        return True
    if isinstance(term, _MOVING):
        return bool(flows) and all(is_constant(term, flow) for flow in flows)
    return all(_stays(child, flows) for child in children(term) if not isinstance(child, Flow))
