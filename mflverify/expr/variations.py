"""Variations of a remainder: along segments of measures, and suprema along transported ones.

Along the segment (1 + s f) mu_bar the second derivative of R is a function of the point,
`SegmentVariation`: the third variation of F integrated twice against f d mu_bar.

For a remainder R (the part of F' beyond its linear part), R'[mu](x, x') is its first variation in
mu at x'; it vanishes at equilibrium.  When mu is moved along x' -> x' + s Delta(x'), the second
derivative of grad R[mu](x) in s has two parts: one with the mixed third derivative of R''
(`ThirdSup`, T_1), and one with the Hessian in x' of R', whose supremum is here (T_2).
"""

# pyright: reportAttributeAccessIssue=false, reportIncompatibleVariableOverride=false
# (attrs' `@field.validator` is not seen by the type checker)

from __future__ import annotations

from attrs import field, frozen

from mflverify.expr.sorts import SCALAR, FunctionalSort, FunctionSort, Sort, SortError
from mflverify.expr.terms import Parameter, RemainderSymbol, Term, is_mean_zero


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


@frozen(repr=False, cache_hash=True)
class SegmentVariation(Term):
    """x -> int int F'''[mu](x, x', x'') g(x') h(x'') d mu_bar d mu_bar at mu = (1 + s f) mu_bar.

    It is the second derivative of R at s f along g and h, for a remainder on one space.  s is
    q / (1 + q): it runs through [0, 1) as q runs through the numbers that are not negative.
    """

    functional: RemainderSymbol
    position: Parameter
    state: Term
    left: Term
    right: Term = field()

    @right.validator
    def _check(self, _attribute: object, value: Term) -> None:
        q, space = self.position, self.functional.target
        if not isinstance(q, Parameter) or q.sign == "real":
            raise SortError(
                f"a segment is run through by a parameter that is not negative, not {q!r}"
            )
        if self.functional.sources != (space,):
            raise SortError(f"{self.functional!r} is no first variation of one functional")
        for term in (self.state, self.left, value):
            if term.sort != FunctionSort(space) or not is_mean_zero(term):
                raise SortError(
                    f"a variation of {self.functional!r} is along mean-zero functions, not {term!r}"
                )

    @property
    def sort(self) -> Sort:
        return FunctionSort(self.functional.target)


def segment_variation(
    functional: RemainderSymbol, q: Parameter, f: Term, left: Term, right: Term
) -> Term:
    """The second derivative of a remainder at s f along two functions, for s = q / (1 + q) < 1.

    Raises SortError unless f and both functions are mean-zero, on the space of the functional, and
    q is a parameter that is not negative.
    """
    return SegmentVariation(functional, q, f, left, right)


def second_derivative_sup(functional: RemainderSymbol, index: int = 0) -> Term:
    """T_2: the supremum of grad_x grad_x'^2 of the first variation of a remainder.

    index: the species of x', counted from 0.  Raises SortError when there is no such species.
    """
    return SecondSup(functional, index)


__all__ = ["SecondSup", "SegmentVariation", "second_derivative_sup", "segment_variation"]
