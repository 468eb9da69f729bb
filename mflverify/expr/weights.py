"""Positive functions as weights: their reciprocals, and the constants of weighted inequalities.

For a positive function A there are two optimal constants, the largest c with

    c ||g||^2 <= <A^-1 grad g, grad g>   for mean-zero g         (Poincaré),
    c <A Phi, Phi> <= ||grad* Phi||^2    for gradients Phi       (convexity).
"""

# pyright: reportAttributeAccessIssue=false, reportIncompatibleVariableOverride=false
# (attrs' `@field.validator` is not seen by the type checker)

from __future__ import annotations

from attrs import field, frozen

from mflverify.expr.sorts import SCALAR, FunctionSort, Sort, SortError, Space
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


def _require_positive(weight: Term) -> None:
    if not isinstance(weight.sort, FunctionSort) or not is_positive_function(weight):
        raise SortError(f"{weight!r} is not visibly a positive function, such as a + u^2, a > 0")


@frozen(repr=False, cache_hash=True)
class Reciprocal(Term):
    """1/w for a function w that is visibly positive."""

    argument: Term = field()

    @argument.validator
    def _check(self, _attribute: object, value: Term) -> None:
        _require_positive(value)

    @property
    def sort(self) -> Sort:
        return self.argument.sort


def reciprocal(weight: Term) -> Term:
    """The function 1/w.  Raises SortError unless w is visibly positive, as a + u^2 with a > 0 is."""
    return Reciprocal(weight)


class _OfWeight(Term):
    __slots__ = ()

    @property
    def sort(self) -> Sort:
        return SCALAR

    @property
    def space(self) -> Space:
        """The space on which the weight lives."""
        sort = self.weight.sort
        assert isinstance(sort, FunctionSort)
        return sort.space


@frozen(repr=False, cache_hash=True)
class WeightedPoincare(_OfWeight):
    """The largest c with c ||g||^2 <= <A^-1 grad g, grad g> for mean-zero g."""

    weight: Term = field()

    @weight.validator
    def _check(self, _attribute: object, value: Term) -> None:
        _require_positive(value)


@frozen(repr=False, cache_hash=True)
class WeightedConvexity(_OfWeight):
    """The largest c with c <A Phi, Phi> <= ||grad* Phi||^2 for gradients Phi."""

    weight: Term = field()

    @weight.validator
    def _check(self, _attribute: object, value: Term) -> None:
        _require_positive(value)


def weighted_poincare_constant(weight: Term) -> Term:
    """The optimal constant of the Poincaré inequality with the weight A^-1.

    Raises SortError unless A is visibly a positive function.
    """
    return WeightedPoincare(weight)


def weighted_convexity_constant(weight: Term) -> Term:
    """The optimal constant in c <A Phi, Phi> <= ||grad* Phi||^2 on gradients.

    Raises SortError unless A is visibly a positive function.
    """
    return WeightedConvexity(weight)
