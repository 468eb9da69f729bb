"""The distance of two points of a space: Euclidean on lines, arc length on circles."""

# pyright: reportAttributeAccessIssue=false, reportIncompatibleVariableOverride=false
# (attrs' `@field.validator` is not seen by the type checker)

from __future__ import annotations

from attrs import field, frozen

from mflverify.expr.sorts import SCALAR, PointSort, Sort, SortError
from mflverify.expr.terms import Term


@frozen(repr=False, cache_hash=True)
class PointDistance(Term):
    """d(x, x') of two points of one space; a product has the root of the sum of squares."""

    left: Term
    right: Term = field()

    @right.validator
    def _check(self, _attribute: object, value: Term) -> None:
        if not isinstance(self.left.sort, PointSort) or self.left.sort != value.sort:
            raise SortError(
                f"a distance is of two points of one space, not {self.left!r}, {value!r}"
            )

    @property
    def sort(self) -> Sort:
        return SCALAR


def distance(x: Term, y: Term) -> Term:
    """The distance of two points.  Raises SortError unless they are points of one space."""
    return PointDistance(x, y)


__all__ = ["PointDistance", "distance"]
