"""Which hypotheses an instance of a claim must be solved for.

A hypothesis that only bounds a constant which the claim does not mention, and which can always be
chosen to satisfy it, restricts nothing that the claim speaks of: alpha <= alpha_PI(X) says nothing
about a claim without alpha.  Leaving such hypotheses out makes instances smaller and cheaper, and
any counterexample found without them extends to one with them.
"""

from __future__ import annotations

from collections.abc import Iterable

from mflverify.expr.components import symbols_on
from mflverify.expr.substitution import symbols
from mflverify.expr.terms import (
    Parameter,
    PoincareConstant,
    Power,
    Product,
    Rational,
    Relation,
    Sum,
    Term,
)
from mflverify.models.bounds import is_static
from mflverify.models.instance_data import InstanceData


def relevant(claim: Relation, hypotheses: Iterable[Relation]) -> tuple[Relation, ...]:
    """The hypotheses without those about constants that occur nowhere else, in their order."""
    kept = list(hypotheses)
    while True:
        mentioned = symbols(claim).union(
            *(symbols(h) for h in kept if not _bounds(h)),
            *(symbols(other) for h in kept for other in [_bound_by(h)] if other is not None),
        )
        idle = {
            p
            for p in {p for h in kept for p in _bounds(h)} - mentioned
            if _always_solvable(p, [h for h in kept if p in _bounds(h)])
        }
        rest = [h for h in kept if not idle & set(_bounds(h))]
        if len(rest) == len(kept):
            return tuple(kept)
        kept = rest


def gives(data: InstanceData, relation: Relation) -> bool:
    """Whether every symbol of a relation has a value in `data`."""
    sections = [part for part in data.to_json().values() if isinstance(part, dict)]
    names = {name for section in sections for name in section}
    asked = (part for symbol in symbols(relation) for part in symbols_on(symbol, data.components))
    return all(symbol.name in names for symbol in asked)


def _bounds(relation: Relation) -> tuple[Parameter, ...]:
    """The parameter that `p <= e` or `e <= p` bounds; the smaller one when both are parameters."""
    if relation.kind == "eq" or not (is_static(relation.lhs) and is_static(relation.rhs)):
        return ()
    for side in (relation.lhs, relation.rhs):
        if isinstance(side, Parameter):
            return (side,)
    return ()


def _bound_by(relation: Relation) -> Term | None:
    """The other side of a bound of a parameter."""
    if not _bounds(relation):
        return None
    return relation.rhs if isinstance(relation.lhs, Parameter) else relation.lhs


def _always_solvable(p: Parameter, bounds: list[Relation]) -> bool:
    """Whether some value of p satisfies these bounds whatever the rest is."""
    upper = [h.rhs for h in bounds if h.lhs == p]
    lower = [h.lhs for h in bounds if h.lhs != p]
    if not upper:
        return True
    return not lower and (p.sign == "real" or all(_positive(e) for e in upper))


def _positive(term: Term) -> bool:
    match term:
        case PoincareConstant():
            return True
        case Rational(value):
            return value > 0
        case Parameter(sign=sign):
            return sign == "positive"
        case Sum(terms=parts) | Product(factors=parts):
            return all(_positive(part) for part in parts)
        case Power(base=base):
            return _positive(base)
    return False
