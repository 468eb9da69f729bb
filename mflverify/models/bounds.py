"""Parameters are solved from the hypotheses, not drawn blindly.

`p <= e` and `e <= p` bound a parameter p by something that can be evaluated; a relation between two
parameters bounds the smaller one.  What is not of this form is a constraint on the state.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import define, field, frozen

from mflverify.expr.terms import (
    FunctionSymbol,
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
        return any(not strict and not isinstance(e, Rational) for e, strict in (*self.lower, *self.upper))


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


Evaluate = Callable[[Term], Any]
"""A partial evaluator: knows the parameters solved so far."""
