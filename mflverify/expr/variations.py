"""Suprema of derivatives of the first variation of a remainder, along transported measures.

For a remainder R (the part of F' beyond its linear part), R'[mu](x, x') is its first variation in
mu at x'; it vanishes at equilibrium.  When mu is moved along x' -> x' + s Delta(x'), the second
derivative of grad R[mu](x) in s has two parts: one with the mixed third derivative of R''
(`ThirdSup`, T_1), and one with the Hessian in x' of R', whose supremum is here (T_2).
"""

# pyright: reportAttributeAccessIssue=false, reportIncompatibleVariableOverride=false
# (attrs' `@field.validator` is not seen by the type checker)

from __future__ import annotations

from attrs import field, frozen

from mflverify.expr.sorts import SCALAR, FunctionalSort, Sort, SortError
from mflverify.expr.terms import RemainderSymbol, Term


@frozen(repr=False, cache_hash=True)
class SecondSup(Term):
    """sup of the operator norm of grad_x grad_x'^2 R'[mu](x, x'), over all points and all measures.

    x' is the argument of species `index`, counted from 0; measures are probabilities.
    """

    functional: RemainderSymbol
    index: int = field(default=0)

    @index.validator
    def _check(self, _attribute: object, value: int) -> None:
        if not isinstance(self.functional.sort, FunctionalSort):
            raise SortError(f"{self.functional!r} is no remainder")
        if not 0 <= value < len(self.functional.sources):
            raise SortError(f"{self.functional!r} has no argument number {value}")

    @property
    def sort(self) -> Sort:
        return SCALAR


def second_derivative_sup(functional: RemainderSymbol, index: int = 0) -> Term:
    """T_2: the supremum of grad_x grad_x'^2 of the first variation of a remainder.

    index: the species of x', counted from 0.  Raises SortError when there is no such species.
    """
    return SecondSup(functional, index)


__all__ = ["SecondSup", "second_derivative_sup"]
