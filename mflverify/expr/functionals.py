"""A functional F of measures beyond its second variation at equilibrium, and bounds of F''.

F is given relative to the equilibrium by its second variation k there, the kernel of an operator M,
and by the remainder R of its first variation:

    F'[mu] = F'[mu_bar] + M f + R(f),         mu = (1 + f) mu_bar,
    F(mu)  = F(mu_bar) + int F'[mu_bar] f d mu_bar + <f, M f>/2 + F_R(f),
    F''[mu] = k + R',                          F_R(f) = int_0^1 <R(s f), f> ds,

with the first variation R' of R.  Suprema and slacks are over all probability measures mu.
"""

# pyright: reportAttributeAccessIssue=false, reportIncompatibleVariableOverride=false
# (attrs' `@field.validator` is not seen by the type checker)

from __future__ import annotations

from attrs import field, frozen

from mflverify.expr.sorts import SCALAR, FunctionSort, OperatorSort, Sort, SortError, Space
from mflverify.expr.terms import KernelSymbol, RemainderSymbol, Term, is_mean_zero


class _OfFunctional(Term):
    __slots__ = ()

    @property
    def sort(self) -> Sort:
        return SCALAR


def _require_one_space(functional: RemainderSymbol) -> Space:
    if functional.sources != (functional.target,):
        raise SortError(f"{functional!r} is no first variation of one functional on one space")
    return functional.target


def _require_operator(operator: Term, functional: RemainderSymbol) -> None:
    space = _require_one_space(functional)
    symmetric = isinstance(operator, KernelSymbol) and operator.symmetric
    if operator.sort != OperatorSort(space, space) or not symmetric:
        raise SortError(
            f"{operator!r} is no symmetric operator on {space}, where {functional!r} is"
        )


@frozen(repr=False, cache_hash=True)
class RemainderEnergy(_OfFunctional):
    """F_R(f): the part of F beyond its quadratic part at equilibrium."""

    functional: RemainderSymbol
    state: Term = field()

    @state.validator
    def _check(self, _attribute: object, value: Term) -> None:
        space = _require_one_space(self.functional)
        if value.sort != FunctionSort(space) or not is_mean_zero(value):
            raise SortError(
                f"the energy of {self.functional!r} is of a mean-zero function on {space}"
            )


@frozen(repr=False, cache_hash=True)
class VariationSup(_OfFunctional):
    """sup over measures and points of |F''|, of |grad' F''|, or of ||grad grad' F''||.

    derivatives: 0, 1 or 2; one derivative is in the second argument.
    """

    operator: Term
    functional: RemainderSymbol
    derivatives: int = field()

    @derivatives.validator
    def _check(self, _attribute: object, value: int) -> None:
        _require_operator(self.operator, self.functional)
        if value not in (0, 1, 2):
            raise SortError(
                f"a second variation is bounded with 0, 1 or 2 derivatives, not {value}"
            )


@frozen(repr=False, cache_hash=True)
class VariationSlack(_OfFunctional):
    """The least lambda >= 0 with <g, F''[mu] g> >= -lambda ||g||^2 for all mu and mean-zero g.

    The norm and the inner product are those of the equilibrium; 0 says that F is linearly convex.
    """

    operator: Term
    functional: RemainderSymbol = field()

    @functional.validator
    def _check(self, _attribute: object, value: RemainderSymbol) -> None:
        _require_operator(self.operator, value)


def remainder_energy(functional: RemainderSymbol, f: Term) -> Term:
    """F_R(f) = int_0^1 <R(s f), f> ds, the part of F beyond its quadratic part."""
    return RemainderEnergy(functional, f)


def variation_sup(operator: Term, functional: RemainderSymbol, derivatives: int = 0) -> Term:
    """sup |F''|, with derivatives = 1 sup |grad' F''|, with 2 sup ||grad grad' F''||."""
    return VariationSup(operator, functional, derivatives)


def variation_slack(operator: Term, functional: RemainderSymbol) -> Term:
    """The least slack of linear convexity at all measures; 0 where F is linearly convex."""
    return VariationSlack(operator, functional)
