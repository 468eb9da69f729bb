"""The norm of a density in a Lebesgue space whose exponent is a number, not fixed."""

# pyright: reportAttributeAccessIssue=false, reportIncompatibleVariableOverride=false
# (attrs' `@field.validator` is not seen by the type checker)

from __future__ import annotations

from attrs import field, frozen

from mflverify.expr.densities import density_of, is_density
from mflverify.expr.sorts import SCALAR, Sort, SortError
from mflverify.expr.terms import Exp, Number, Sum, Term, as_term, is_positive


def _is_positive(term: Term) -> bool:
    """Whether a number is visibly positive; it may depend on the time, as 1 + exp(-t) does."""
    if isinstance(term, Sum):
        return all(map(_is_positive, term.terms))
    return isinstance(term, Exp) or is_positive(term)


@frozen(repr=False, cache_hash=True)
class LebesgueNorm(Term):
    """(int density^p d equilibrium)^(1/p) for a number p > 0; density: relative to the equilibrium."""

    density: Term
    exponent: Term = field()

    @exponent.validator
    def _check(self, _attribute: object, value: Term) -> None:
        if not is_density(self.density):
            raise SortError(f"an L^p norm is of a density 1 + f here, not of {self.density!r}")
        if value.sort != SCALAR or not _is_positive(value):
            raise SortError(f"the exponent {value!r} is not known to be positive")

    @property
    def sort(self) -> Sort:
        return SCALAR


def lebesgue_norm(f: Term, exponent: Term | Number) -> Term:
    """The L^p(equilibrium) norm of the density 1 + f.

    Raises SortError unless f is a perturbation and p a number that is visibly positive.
    """
    return LebesgueNorm(density_of(f), as_term(exponent))


__all__ = ["LebesgueNorm", "lebesgue_norm"]
