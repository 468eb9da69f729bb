"""Reciprocals of positive functions: the weights of weighted inequalities."""

# pyright: reportAttributeAccessIssue=false, reportIncompatibleVariableOverride=false
# (attrs' `@field.validator` is not seen by the type checker)

from __future__ import annotations

from attrs import field, frozen

from mflverify.expr.sorts import SCALAR, FunctionSort, Sort, SortError
from mflverify.expr.terms import One, Power, Product, Sum, Term, is_positive


def is_nonnegative_function(term: Term) -> bool:
    """Whether a function is nowhere negative for a reason visible in its form."""
    match term:
        case One():
            return True
        case Power(base=base, exponent=exponent):
            return exponent % 2 == 0 or is_nonnegative_function(base)
        case Sum(terms=parts):
            return all(map(is_nonnegative_function, parts))
        case Product(factors=parts):
            return all(
                is_positive(part) if part.sort == SCALAR else is_nonnegative_function(part)
                for part in parts
            )
    return False


def is_positive_function(term: Term) -> bool:
    """Whether a function is bounded below by a positive constant, visibly: c + u^2 with c > 0."""
    match term:
        case One():
            return True
        case Sum(terms=parts):
            return all(map(is_nonnegative_function, parts)) and any(
                map(is_positive_function, parts)
            )
        case Product(factors=parts):
            return all(
                is_positive(part) if part.sort == SCALAR else is_positive_function(part)
                for part in parts
            )
    return False


@frozen(repr=False, cache_hash=True)
class Reciprocal(Term):
    """1/w for a function w that is visibly positive."""

    argument: Term = field()

    @argument.validator
    def _check(self, _attribute: object, value: Term) -> None:
        if not isinstance(value.sort, FunctionSort) or not is_positive_function(value):
            raise SortError(f"{value!r} is not visibly a positive function, such as a + u^2, a > 0")

    @property
    def sort(self) -> Sort:
        return self.argument.sort


def reciprocal(weight: Term) -> Term:
    """The function 1/w.  Raises SortError unless w is visibly positive, as a + u^2 with a > 0 is."""
    return Reciprocal(weight)
