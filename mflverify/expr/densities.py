"""Densities relative to the equilibrium: 1, 1 + f, Gibbs densities; and their logarithms.

A Gibbs density has the potential u as exponent and is normalised under the equilibrium:

    exp(-u) / int exp(-u) d mu_bar.

The proximal Gibbs measure of F at mu, proportional to exp(-F'[mu]/tau), has the relative density
with u = (F'[mu] - F'[mu_bar])/tau, since F'[mu_bar] + tau log mu_bar is constant.
"""

# pyright: reportAttributeAccessIssue=false, reportIncompatibleVariableOverride=false
# (attrs' `@field.validator` is not seen by the type checker)

from __future__ import annotations

from attrs import field, frozen

from mflverify.expr.sorts import FunctionSort, Sort, SortError
from mflverify.expr.terms import FunctionSymbol, One, Sum, Term


@frozen(repr=False, cache_hash=True)
class GibbsDensity(Term):
    """exp(-u)/int exp(-u) d mu_bar for a function u; a constant added to u changes nothing."""

    potential: Term = field()

    @potential.validator
    def _check(self, _attribute: object, value: Term) -> None:
        if not isinstance(value.sort, FunctionSort):
            raise SortError(f"a Gibbs density has a function as potential, not {value!r}")

    @property
    def sort(self) -> Sort:
        return self.potential.sort


@frozen(repr=False, cache_hash=True)
class LogDensity(Term):
    """The logarithm of a density that is positive everywhere."""

    density: Term = field()

    @density.validator
    def _check(self, _attribute: object, value: Term) -> None:
        if not is_density(value):
            raise SortError(f"a logarithm is of a density 1 + f or a Gibbs density, not {value!r}")

    @property
    def sort(self) -> Sort:
        return self.density.sort


def is_density(term: Term) -> bool:
    """Whether `term` is 1, a Gibbs density, or 1 + f with f declared a perturbation."""
    match term:
        case One() | GibbsDensity():
            return True
        case Sum((One(), FunctionSymbol(kind="perturbation"))):
            return True
        case Sum((FunctionSymbol(kind="perturbation"), One())):
            return True
    return False


def density_of(f: Term) -> Term:
    """1 + f.  Raises SortError unless f is a perturbation."""
    if not (isinstance(f, FunctionSymbol) and f.kind == "perturbation"):
        raise SortError(
            f"{f!r} is not declared a perturbation, so 1 + it may be negative somewhere"
        )
    return Sum.of(One(f.space), f)


def gibbs_density(u: Term) -> Term:
    """exp(-u)/int exp(-u) d mu_bar, a density relative to the equilibrium."""
    return GibbsDensity(u)


def log_density(f: Term) -> Term:
    """log(1 + f).  Raises SortError unless f is a perturbation."""
    return LogDensity(density_of(f))
