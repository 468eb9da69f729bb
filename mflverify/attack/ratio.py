"""How close an inequality is to equality at an instance: one number, 1 for equality.

All summands are brought to the side where they count positively: `a - b <= c - d` is read as
`a + d <= c + b` where all four are positive, with signs as they are at the instance.  The ratio of
the two sides is at most 1 exactly where the inequality holds, and does not change when both sides
are multiplied by the same number.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from attrs import frozen
from flint import arb, fmpq

from mflverify.expr.terms import (
    Abs,
    Power,
    Product,
    Relation,
    Sum,
    Term,
)
from mflverify.models import Instance
from mflverify.models.bounds import start_of
from mflverify.models.float_torus import Array
from mflverify.numerics.precision import working_precision

# below this both sides count as zero: 0 <= 0 is no case of equality
TINY = 1e-14


@frozen
class Ratio:
    """The ratio of an inequality; for an equation 1 plus its relative residual.

    right, left: summands of the two sides.
    """

    relation: Relation
    right: tuple[Term, ...]
    left: tuple[Term, ...]

    @staticmethod
    def of(claim: Relation) -> Ratio:
        """The ratio of a claim about scalars, values at time 0 read at the state."""
        return Ratio.along(start_of(claim))

    @staticmethod
    def along(claim: Relation) -> Ratio:
        """The ratio of a claim about scalars at several moments."""
        return Ratio(claim, _summands(claim.rhs), _summands(claim.lhs))

    @property
    def is_plain(self) -> bool:
        """Whether both sides are single terms, so that the ratio is lhs/rhs when both are positive."""
        return len(self.right) == len(self.left) == 1

    def floats(self, evaluate: Callable[[Term], Array]) -> Array:
        """The ratio over a batch; 0 where both sides vanish or something is not finite."""
        values = [np.asarray(evaluate(term)) for term in self.right]
        values += [-np.asarray(evaluate(term)) for term in self.left]
        large = sum(np.maximum(v, 0.0) for v in values)
        small = sum(np.maximum(-v, 0.0) for v in values)
        size = large + small
        if self.relation.kind == "eq":
            ratio = 1 + np.abs(large - small) / np.maximum(size, TINY)
        else:
            ratio = small / np.maximum(large, TINY * size + np.finfo(float).tiny)
        return np.where((size > TINY) & np.isfinite(ratio), ratio, 0.0)

    def sides(self, instance: Instance) -> tuple[arb | fmpq, arb | fmpq]:
        """The smaller and the larger side at one instance, in its arithmetic.  Raises Unavailable."""
        zero: Any = fmpq(0) if instance.arithmetic == "exact" else arb(0)
        large, small = zero, zero
        with working_precision(instance.bits):
            for terms, sign in ((self.right, 1), (self.left, -1)):
                for term in terms:
                    value: Any = instance.evaluate(term) * sign
                    large, small = (
                        large + (abs(value) + value) / 2,
                        small + (abs(value) - value) / 2,
                    )
        return small, large

    def at_least(self, instance: Instance) -> float:
        """A number that the ratio at the instance certainly reaches.  Raises Unavailable."""
        small, large = self.sides(instance)
        with working_precision(instance.bits):
            if isinstance(small, fmpq) and isinstance(large, fmpq):
                quotient = arb(small / large) if large else arb(0)
            else:
                quotient = arb(small) / arb(large) if not arb(large).contains(0) else arb(0)
            low = quotient.lower() if quotient.is_finite() else arb(0)
        # no side is negative, so that a ratio is not either
        return max(0.0, float(np.nextafter(float(low), -np.inf))) if low != 1 else 1.0

    def is_attained(self, instance: Instance) -> bool:
        """Whether the two sides are the same non-zero rational number.  Raises Unavailable.

        When single roots stand on the two sides, their squares are compared.
        """
        if self.is_plain:
            (left,), (right,) = self.left, self.right
            small, large = (instance.evaluate(squared(side)) for side in (left, right))
        else:
            small, large = self.sides(instance)
        return isinstance(small, fmpq) and small == large and small != 0


def _summands(term: Term) -> tuple[Term, ...]:
    return term.terms if isinstance(term, Sum) else (term,)


def squared(term: Term) -> Term:
    """The square of a scalar, with the roots of norms taken away where they are visible."""
    match term:
        case Product(factors=factors):
            return Product.of(*(squared(factor) for factor in factors))
        case Power(base, exponent):
            return Power.of(base, 2 * exponent)
        case Abs(x):
            return x**2
        case _:
            return term**2
