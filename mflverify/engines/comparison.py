"""Both sides of a relation at one instance, in its own arithmetic."""

from __future__ import annotations

from attrs import frozen
from flint import arb, fmpq

from mflverify.expr.terms import Relation
from mflverify.models import Instance
from mflverify.numerics.precision import working_precision


@frozen
class Sides:
    """Both sides of a relation at one instance.

    holds: True, False, or None when a ball straddles.  margin: relative, as a float.
    """

    lhs: str
    rhs: str
    holds: bool | None
    margin: float


def compare(relation: Relation, instance: Instance) -> Sides:
    """Evaluate both sides in the instance's own arithmetic.  Raises Unavailable."""
    lhs, rhs = instance.evaluate(relation.lhs), instance.evaluate(relation.rhs)
    if isinstance(lhs, fmpq) and isinstance(rhs, fmpq):
        holds: bool | None = {"eq": lhs == rhs, "le": lhs <= rhs, "lt": lhs < rhs}[relation.kind]
        size = abs(float(lhs)) + abs(float(rhs))
        gap = float(rhs - lhs)
    else:
        with working_precision(instance.bits):
            left, right = arb(lhs), arb(rhs)
            difference = right - left
        size = float(abs(left).mid()) + float(abs(right).mid())
        gap = float(difference.mid())
        match relation.kind:
            case "eq":
                holds = None if difference.contains(0) else False
            case "le":
                holds = True if difference >= 0 else False if difference < 0 else None
            case "lt":
                holds = True if difference > 0 else False if difference <= 0 else None
    margin = gap / size if size else 0.0
    return Sides(_text(lhs), _text(rhs), holds, -abs(margin) if relation.kind == "eq" else margin)


def _text(value: fmpq | arb) -> str:
    return str(value) if isinstance(value, fmpq) else value.str(12)
