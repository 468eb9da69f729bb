"""Parameters are solved from the hypotheses, not drawn blindly.

`p <= e` and `e <= p` bound a parameter p by something that can be evaluated; a relation between two
parameters bounds the smaller one.  What is not of this form is a constraint on the state.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from attrs import define, field, frozen

from mflverify.expr.substitution import rebuild
from mflverify.expr.terms import (
    AtTime,
    FunctionSymbol,
    Node,
    Parameter,
    Quantity,
    Rational,
    Relation,
    Term,
    TimeDerivative,
    subterms,
)
from mflverify.models.request import Request


@define
class Bounds:
    """Bounds on one parameter: (term, strict) pairs."""

    lower: list[tuple[Term, bool]] = field(factory=list)
    upper: list[tuple[Term, bool]] = field(factory=list)

    @property
    def has_tight(self) -> bool:
        """Whether some non-strict bound by a term that is not a number can be attained."""
        return any(
            not strict and not isinstance(e, Rational) for e, strict in (*self.lower, *self.upper)
        )


@frozen
class System:
    """Parameters in the order in which they can be solved, and the constraints on the state."""

    order: tuple[Parameter, ...]
    bounds: dict[Parameter, Bounds]
    state: tuple[Relation, ...]


def is_static(term: Term) -> bool:
    """Whether a term depends on spaces, kernels and parameters only."""
    return not any(
        isinstance(part, (FunctionSymbol, Quantity, TimeDerivative)) for part in subterms(term)
    )


def analyse(request: Request) -> System:
    """Split the hypotheses into bounds of parameters and constraints on the state.

    Raises ValueError when parameters bound each other in a circle.
    """
    parameters = request.ordered(Parameter)
    bounds = {p: Bounds() for p in parameters}
    state: list[Relation] = []
    for relation in request.hypotheses:
        small, large = relation.lhs, relation.rhs
        strict = relation.kind == "lt"
        if relation.kind == "eq" or not (is_static(small) and is_static(large)):
            state.append(relation)
        elif isinstance(small, Parameter):
            bounds[small].upper.append((large, strict))
        elif isinstance(large, Parameter):
            bounds[large].lower.append((small, strict))
        else:
            state.append(relation)
    order: list[Parameter] = []
    waiting = list(parameters)
    while waiting:
        ready = [p for p in waiting if _needs(bounds[p]) <= set(order)]
        if not ready:
            names = ", ".join(p.name for p in waiting)
            raise ValueError(f"the parameters {names} bound each other in a circle")
        order += ready
        waiting = [p for p in waiting if p not in ready]
    return System(tuple(order), bounds, tuple(state))


def _needs(bounds: Bounds) -> set[Parameter]:
    return {
        part
        for term, _ in (*bounds.lower, *bounds.upper)
        for part in subterms(term)
        if isinstance(part, Parameter)
    }


def start_of(relation: Relation) -> Relation:
    """Values at time 0 read at the state, which is the initial one."""

    def start(node: Node) -> Node:
        if isinstance(node, AtTime) and node.time == Rational(Fraction(0)):
            return start(node.argument)
        return rebuild(node, start)

    moved = start(relation)
    assert isinstance(moved, Relation)
    return moved


def numeric_bounds(
    p: Parameter, bounds: Bounds, evaluate: Callable[[Term], Any]
) -> tuple[Any, Any, bool, bool]:
    """Largest lower and smallest upper bound over a batch (None: none), and where each is strict."""
    lower = 0.0 if p.sign != "real" else None
    upper = None
    strict_lower: Any = p.sign == "positive"
    strict_upper: Any = False
    for term, strict in bounds.lower:
        value = evaluate(term)
        if lower is None:
            lower, strict_lower = value, strict
        else:
            strict_lower = _strictness(value > lower, value == lower, strict, strict_lower)
            lower = np.maximum(lower, value)
    for term, strict in bounds.upper:
        value = evaluate(term)
        if upper is None:
            upper, strict_upper = value, strict
        else:
            strict_upper = _strictness(value < upper, value == upper, strict, strict_upper)
            upper = np.minimum(upper, value)
    return lower, upper, strict_lower, strict_upper


def _strictness(sharper: Any, equal: Any, strict: bool, before: Any) -> Any:
    """Whether the binding bound is strict, after a further one: the sharper of the two decides."""
    return np.where(sharper, strict, np.where(equal, before | strict, before)).astype(bool)


def within(value: Any, lower: Any, upper: Any, strict_lower: Any, strict_upper: Any) -> Any:
    """Where a value over a batch satisfies its bounds, which may contradict each other."""
    good = np.isfinite(value)
    if lower is not None:
        good &= np.where(strict_lower, value > lower, value >= lower)
    if upper is not None:
        good &= np.where(strict_upper, value < upper, value <= upper)
    return good


def place(
    lower: Any, upper: Any, amount: Any, tight: Any, upper_closed: bool, lower_closed: bool
) -> Any:
    """The value of one parameter: at its closed bound when tight, else by its free number in (0, 1).

    One instance in any arithmetic (`place_batch` for arrays).  None when nothing bounds it.
    """
    if upper is not None:
        if tight and upper_closed:
            return upper
        return upper - amount if lower is None else lower + (upper - lower) * amount
    if lower is None:
        return None
    if tight and lower_closed:
        return lower
    return lower + lower * amount if lower > 0 else amount


def place_batch(
    lower: Any, upper: Any, amount: Any, tight: Any, upper_closed: Any, lower_closed: Any
) -> Any:
    """`place` over a batch of floats; not finite where a bound is not."""
    if upper is not None:
        with np.errstate(invalid="ignore"):
            loose = upper - amount if lower is None else lower + (upper - lower) * amount
        return np.where(tight & upper_closed, upper, loose)
    assert lower is not None
    loose = np.where(np.asarray(lower) > 0, lower + lower * amount, amount)
    return np.where(tight & lower_closed, lower, loose)
