"""Entropies, transport distances and log-Sobolev constants of densities relative to the equilibrium.

A density is 1 + f with a perturbation f, 1, the equilibrium itself, or a Gibbs density.  All terms here are numbers
that the algebra does not look into.  Normalisations (statements.md, section 0): with mu = (1 + f)
mu_bar and nu = (1 + g) mu_bar,

    KL(mu | nu) = int (1 + f) log((1 + f)/(1 + g)) d mu_bar,
    I(mu | nu)  = int |grad log((1 + f)/(1 + g))|^2 (1 + f) d mu_bar,
    alpha_LSI(nu) = the largest rho with  2 rho KL(mu | nu) <= I(mu | nu)  for all mu,
    alpha_T2 = the largest rho with  rho W2(mu, mu_bar)^2 <= 2 KL(mu | mu_bar)  for all mu,

and W2 is taken in the distance of the space (arc length on a torus); on a union of spaces its square
is the sum of those of the components.
"""

# pyright: reportAttributeAccessIssue=false, reportIncompatibleVariableOverride=false
# (attrs' `@field.validator` is not seen by the type checker)

from __future__ import annotations

from attrs import field, frozen

from mflverify.expr.densities import GibbsDensity, density_of, is_density
from mflverify.expr.sorts import SCALAR, FunctionSort, Sort, SortError, Space
from mflverify.expr.terms import One, Term


class _OfDensities(Term):
    __slots__ = ()

    @property
    def sort(self) -> Sort:
        return SCALAR


def _require_densities(node: str, *terms: Term) -> None:
    for term in terms:
        if not is_density(term):
            raise SortError(f"{node} is of a density 1 + f, f a perturbation, not of {term!r}")
    if len({term.sort for term in terms}) > 1:
        raise SortError(
            f"{node} compares densities on one space, not {terms[0]!r} and {terms[1]!r}"
        )


@frozen(repr=False, cache_hash=True)
class RelativeEntropy(_OfDensities):
    """KL(density | reference), both relative to the equilibrium."""

    density: Term
    reference: Term = field()

    @reference.validator
    def _check(self, _attribute: object, value: Term) -> None:
        _require_densities("relative entropy", self.density, value)


@frozen(repr=False, cache_hash=True)
class FisherInformation(_OfDensities):
    """I(density | reference), both relative to the equilibrium."""

    density: Term
    reference: Term = field()

    @reference.validator
    def _check(self, _attribute: object, value: Term) -> None:
        _require_densities("Fisher information", self.density, value)


@frozen(repr=False, cache_hash=True)
class Wasserstein(_OfDensities):
    """W2(density, reference), both relative to the equilibrium; on a union (sum_i W2_i^2)^(1/2)."""

    density: Term
    reference: Term = field()

    @reference.validator
    def _check(self, _attribute: object, value: Term) -> None:
        _require_densities("the Wasserstein distance", self.density, value)


@frozen(repr=False, cache_hash=True)
class LogSobolevConstant(_OfDensities):
    """The optimal log-Sobolev constant of a density; of 1, that of the equilibrium."""

    reference: Term = field()

    @reference.validator
    def _check(self, _attribute: object, value: Term) -> None:
        _require_densities("a log-Sobolev constant", value)

    @property
    def space(self) -> Space:
        """The space on which the density lives."""
        sort = self.reference.sort
        assert isinstance(sort, FunctionSort)
        return sort.space


@frozen(repr=False, cache_hash=True)
class TransportConstant(_OfDensities):
    """The largest alpha with alpha W2(mu, mu_bar)^2 <= 2 KL(mu | mu_bar) for all mu."""

    space: Space


@frozen(repr=False, cache_hash=True)
class MeanAbsolute(_OfDensities):
    """The L1(equilibrium) norm of a function; of a perturbation, the total mass |mu - mu_bar|."""

    argument: Term = field()

    @argument.validator
    def _check(self, _attribute: object, value: Term) -> None:
        if not isinstance(value.sort, FunctionSort):
            raise SortError(f"an L1 norm is of a function, not of {value!r}")


def relative_entropy(f: Term, reference: Term | None = None) -> Term:
    """KL((1 + f) mu_bar | (1 + reference) mu_bar); without a reference, relative to mu_bar.

    Raises SortError unless both are perturbations on one space, or the reference a Gibbs density.
    """
    density = density_of(f)
    return RelativeEntropy(density, _reference(density, reference))


def equilibrium_entropy(reference: Term) -> Term:
    """KL(mu_bar | (1 + reference) mu_bar), or relative to a Gibbs density.

    Raises SortError unless the reference is a perturbation or a Gibbs density.
    """
    sort = reference.sort
    if not isinstance(sort, FunctionSort):
        raise SortError(f"{reference!r} is no density")
    density = One(sort.space)
    return RelativeEntropy(density, _reference(density, reference))


def fisher_information(f: Term, reference: Term | None = None) -> Term:
    """I((1 + f) mu_bar | (1 + reference) mu_bar); without a reference, relative to mu_bar.

    Raises SortError unless both are perturbations on one space, or the reference a Gibbs density.
    """
    density = density_of(f)
    return FisherInformation(density, _reference(density, reference))


def wasserstein(f: Term, reference: Term | None = None) -> Term:
    """W2((1 + f) mu_bar, (1 + reference) mu_bar); without a reference, the distance to mu_bar.

    Raises SortError unless both are perturbations on one space.
    """
    density = density_of(f)
    return Wasserstein(density, _reference(density, reference))


def log_sobolev_constant(of: Space | Term) -> Term:
    """The optimal log-Sobolev constant of the equilibrium of a space, or of (1 + g) mu_bar.

    Raises SortError unless g is a perturbation or a Gibbs density.
    """
    return LogSobolevConstant(One(of) if isinstance(of, Space) else _density(of))


def transport_constant(space: Space) -> Term:
    """The optimal constant of the transport inequality T2 of the equilibrium of a space."""
    return TransportConstant(space)


def mean_absolute(u: Term) -> Term:
    """The L1(equilibrium) norm of a function."""
    return MeanAbsolute(u)


def _reference(density: Term, reference: Term | None) -> Term:
    if reference is not None:
        return _density(reference)
    sort = density.sort
    assert isinstance(sort, FunctionSort)
    return One(sort.space)


def _density(term: Term) -> Term:
    return term if isinstance(term, GibbsDensity) else density_of(term)
