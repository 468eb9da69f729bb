"""Terms of second order: Hessians along vector fields, and the convexity of a free energy.

The equilibrium is mu_bar = e^{-U}.  These are the terms of Wasserstein Hessians (Villani, Optimal
Transport: Old and New, chapter 15; statements.md, section 2.1 and appendix A): at mu = (1 + f) mu_bar
and for gradient fields Phi the Hessian of KL(. | mu_bar) is

    int (tr((grad Phi)^2) + Phi^T hess U Phi) (1 + f) d mu_bar.

The algebra does not look into them; facts say how they are related to grad and grad*.
"""

# pyright: reportAttributeAccessIssue=false, reportIncompatibleVariableOverride=false
# (attrs' `@field.validator` is not seen by the type checker)

from __future__ import annotations

from attrs import field, frozen

from mflverify.expr.sorts import (
    SCALAR,
    FunctionSort,
    OperatorSort,
    Sort,
    SortError,
    Space,
    VectorSort,
)
from mflverify.expr.terms import KernelSymbol, Number, Term, Transpose, as_term, is_positive


def _require_field(term: Term, where: str) -> None:
    if not isinstance(term.sort, VectorSort):
        raise SortError(f"{where} is of a vector field, not of {term!r}")


class _OfField(Term):
    __slots__ = ()

    @property
    def sort(self) -> Sort:
        argument = self.argument
        return FunctionSort(argument.sort.space)


@frozen(repr=False, cache_hash=True)
class JacobianSquare(_OfField):
    """tr((grad Phi)^2) = sum of d_i Phi_j d_j Phi_i, a function; ||grad Phi||^2 for gradients."""

    argument: Term = field()

    @argument.validator
    def _check(self, _attribute: object, value: Term) -> None:
        _require_field(value, "tr((grad .)^2)")


@frozen(repr=False, cache_hash=True)
class Curvature(_OfField):
    """Phi^T hess U Phi, a function, for the equilibrium e^{-U}."""

    argument: Term = field()

    @argument.validator
    def _check(self, _attribute: object, value: Term) -> None:
        _require_field(value, "hess U(., .)")


@frozen(repr=False, cache_hash=True)
class Divergence(_OfField):
    """The sum of d_i Phi_i, a function: minus the adjoint of grad for dx, not for the equilibrium."""

    argument: Term = field()

    @argument.validator
    def _check(self, _attribute: object, value: Term) -> None:
        _require_field(value, "a divergence")


@frozen(repr=False, cache_hash=True)
class Score(Term):
    """grad U, a vector field, for the equilibrium e^{-U}."""

    space: Space

    @property
    def sort(self) -> Sort:
        return VectorSort(self.space)


@frozen(repr=False, cache_hash=True)
class Advection(Term):
    """(Phi . grad) Psi: the derivative of `argument` along `along`, a vector field."""

    along: Term
    argument: Term = field()

    @argument.validator
    def _check(self, _attribute: object, value: Term) -> None:
        _require_field(self.along, "a derivative along a field")
        _require_field(value, "a derivative along a field")
        if value.sort != self.along.sort:
            raise SortError(f"{value!r} does not live where {self.along!r} does")

    @property
    def sort(self) -> Sort:
        return self.along.sort


@frozen(repr=False, cache_hash=True)
class KernelAlong(Term):
    """x -> int grad_y k(x, y) . Phi(y) d equilibrium(y): how M sees a displacement Phi."""

    operator: Term
    argument: Term = field()

    @argument.validator
    def _check(self, _attribute: object, value: Term) -> None:
        if not isinstance(self.operator.sort, OperatorSort):
            raise SortError(f"{self.operator!r} is no kernel operator")
        _require_field(value, "the displacement of a kernel")
        if value.sort != VectorSort(self.operator.sort.source):
            raise SortError(f"{self.operator!r} does not act where {value!r} lives")

    @property
    def sort(self) -> Sort:
        sort = self.operator.sort
        assert isinstance(sort, OperatorSort)
        return FunctionSort(sort.target)


@frozen(repr=False, cache_hash=True)
class EquilibriumConvexity(Term):
    """The largest rho with <grad* Phi, (tau + M) grad* Phi> >= rho ||Phi||^2 for gradients Phi.

    temperature: tau.  operators: M, or nothing for M = 0.  It is the bottom of the spectrum of
    L (tau + M) on mean-zero functions (section 3.1.3 of the paper).
    """

    space: Space
    temperature: Term
    operators: tuple[Term, ...] = field(default=())

    @operators.validator
    def _check(self, _attribute: object, value: tuple[Term, ...]) -> None:
        if self.temperature.sort != SCALAR or not is_positive(self.temperature):
            raise SortError(f"the temperature {self.temperature!r} is not known to be positive")
        for operator in value:
            if not (isinstance(operator, KernelSymbol) and operator.symmetric):
                raise SortError(f"{operator!r} is not known to be symmetric")
            if operator.source != self.space:
                raise SortError(f"{operator!r} does not act on functions on {self.space}")

    @property
    def sort(self) -> Sort:
        return SCALAR


@frozen(repr=False, cache_hash=True)
class CurvatureBound(Term):
    """The largest kappa with hess U >= kappa everywhere, for the equilibrium e^{-U}."""

    space: Space

    @property
    def sort(self) -> Sort:
        return SCALAR


@frozen(repr=False, cache_hash=True)
class InteractionBottom(Term):
    """The largest m with <f, M f> >= m ||f||^2 for mean-zero f: minus a slack that may be negative."""

    operator: Term = field()

    @operator.validator
    def _check(self, _attribute: object, value: Term) -> None:
        if not (isinstance(value, KernelSymbol) and value.symmetric):
            raise SortError(f"{value!r} is not known to be symmetric")

    @property
    def sort(self) -> Sort:
        return SCALAR


@frozen(repr=False, cache_hash=True)
class HilbertSchmidt(Term):
    """The Hilbert–Schmidt norm of grad M grad* in L2 of the equilibria.

    It is the root of the mean of |grad_x grad_y k(x, y)|_F^2 under both equilibria.
    """

    operator: Term = field()

    @operator.validator
    def _check(self, _attribute: object, value: Term) -> None:
        if not isinstance(value, (KernelSymbol, Transpose)):
            raise SortError(f"{value!r} is no operator with a kernel, nor the transpose of one")

    @property
    def sort(self) -> Sort:
        return SCALAR


@frozen(repr=False, cache_hash=True)
class FirstEigenfunction(Term):
    """A function e with L e = alpha e, alpha the Poincaré constant; 0 where there is no other.

    It exists, other than 0, when H^1 of the equilibrium embeds compactly in L^2.  Which one of
    several it is, and its size, are not said.
    """

    space: Space

    @property
    def sort(self) -> Sort:
        return FunctionSort(self.space)


def curvature_bound(space: Space) -> Term:
    """The largest kappa with hess U >= kappa everywhere, U = -log of the density."""
    return CurvatureBound(space)


def interaction_bottom(operator: KernelSymbol) -> Term:
    """The largest m with <f, M f> >= m ||f||^2 for mean-zero f.  Raises SortError unless symmetric."""
    return InteractionBottom(operator)


def hilbert_schmidt(operator: KernelSymbol | Transpose) -> Term:
    """The L2 norm of |grad_x grad_y k|_F under both equilibria, that of M and of its transpose."""
    return HilbertSchmidt(operator)


def first_eigenfunction(space: Space) -> Term:
    """A function e with L e = alpha_PI e, not normalised; 0 where the gap is no eigenvalue."""
    return FirstEigenfunction(space)


def jacobian_square(phi: Term) -> Term:
    """The function tr((grad Phi)^2); it may be negative unless Phi is a gradient."""
    return JacobianSquare(phi)


def curvature(phi: Term) -> Term:
    """The function Phi^T hess U Phi, with U = -log of the density of the equilibrium."""
    return Curvature(phi)


def divergence(phi: Term) -> Term:
    """The function div Phi, with respect to dx."""
    return Divergence(phi)


def score(space: Space) -> Term:
    """The vector field grad U, with U = -log of the density of the equilibrium."""
    return Score(space)


def advection(along: Term, field_: Term) -> Term:
    """(Phi . grad) Psi, the derivative of a vector field along a vector field on the same space."""
    return Advection(along, field_)


def kernel_along(operator: KernelSymbol | Transpose, phi: Term) -> Term:
    """The function x -> int grad_y k(x, y) . Phi(y) d equilibrium(y)."""
    return KernelAlong(operator, phi)


def equilibrium_convexity(
    space: Space, temperature: Term | Number = 1, operator: KernelSymbol | None = None
) -> Term:
    """The largest rho with <grad* Phi, (tau + M) grad* Phi> >= rho ||Phi||^2 for gradients Phi.

    Without an operator and with temperature 1: the convexity of KL(. | equilibrium) at the
    equilibrium.  Raises SortError unless the temperature is visibly positive and M symmetric.
    """
    operators = () if operator is None else (operator,)
    return EquilibriumConvexity(space, as_term(temperature), operators)
