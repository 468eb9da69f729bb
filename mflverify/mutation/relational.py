"""Mistakes in the relation itself, and what is weaker than a relation for a visible reason."""

from __future__ import annotations

from collections.abc import Iterator

from mflverify.algebra.normal import Normalizer
from mflverify.expr.sorts import SCALAR
from mflverify.expr.terms import Relation
from mflverify.mutation.operator import Change, Operator


class Reversed(Operator):
    """An inequality turned round; the neighbour negates both sides and turns it round as well."""

    kind = "reversed"
    mistake = "an inequality turned round"

    def changes(self, relation: Relation) -> Iterator[Change]:
        if relation.kind != "eq":
            turned = Relation(relation.kind, relation.rhs, relation.lhs)
            yield Change(turned, "the two sides exchanged")

    def neighbour(self, relation: Relation) -> Relation | None:
        if relation.kind == "eq":
            return None
        return Relation(relation.kind, -relation.rhs, -relation.lhs)


class Strict(Operator):
    """A strict inequality claimed for a weak one; the neighbour is `weaker`."""

    kind = "strict"
    mistake = "< for ≤"

    def changes(self, relation: Relation) -> Iterator[Change]:
        if relation.kind == "le":
            yield Change(Relation("lt", relation.lhs, relation.rhs), "≤ → <")

    def neighbour(self, relation: Relation) -> Relation | None:
        return weaker(relation)


def weaker(relation: Relation) -> Relation | None:
    """A claim that follows from the relation for a visible reason.

    From an equation the inequality; else the larger side twice, when its normal form is a sum of
    non-negative terms, or with 1 added.  None for an equation that does not compare scalars.
    """
    lhs, rhs = relation.lhs, relation.rhs
    if rhs.sort != SCALAR:
        return None
    if relation.kind == "eq":
        return lhs <= rhs
    normal = Normalizer()(rhs)
    return Relation("le", lhs, 2 * rhs if normal.is_total and normal.is_nonnegative else rhs + 1)
