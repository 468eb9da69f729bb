"""Ball instances on one-dimensional tori with functions beyond the ring: exponentials, logarithms,
reciprocals.

Such a function is an integrand, an analytic function as an expression tree; its integrals are
certified quadratures.  L^-1, the projector and dual norms are those of the ring only.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from attrs import define, frozen
from flint import arb

from mflverify.expr.sorts import Space
from mflverify.models import ring_divergences
from mflverify.models.request import Unavailable
from mflverify.models.torus_ring import Potential, Ring, Scalar
from mflverify.models.torus_second_order import SecondOrderTorus
from mflverify.numerics.arithmetic import RealBalls, evaluate
from mflverify.numerics.density import LogTrigDensity
from mflverify.numerics.integrand import Integrand, as_integrand, constant, exp, log
from mflverify.numerics.log_sobolev import log_sobolev_constant
from mflverify.numerics.suprema import integrand_sup_norm
from mflverify.numerics.trig import TrigPolynomial


@frozen
class Tree:
    """A function or vector field as an integrand.

    logarithm: its logarithm, when it was built as an exponential.  potential: u with this
    proportional to exp(-u), when u is a trigonometric polynomial.
    """

    tree: Integrand
    logarithm: Integrand | None = None
    potential: TrigPolynomial | None = None


Value = Any
"""A function of the ring, or a tree."""


@define
class TreeTorus(SecondOrderTorus):
    """The operations of the ring, and those on trees where one occurs."""

    def add(self, u: Value, v: Value) -> Value:
        if isinstance(u, Tree) or isinstance(v, Tree):
            return Tree(self.tree(u) + self.tree(v))
        return super().add(u, v)

    def scale(self, c: Scalar, u: Value) -> Value:
        if isinstance(u, Tree):
            return Tree(constant(c) * u.tree)
        return super().scale(c, u)

    def times(self, u: Value, v: Value) -> Value:
        if isinstance(u, Tree) or isinstance(v, Tree):
            return Tree(self.tree(u) * self.tree(v))
        return super().times(u, v)

    def grad(self, space: Space, u: Value) -> Value:
        return Tree(u.tree.derivative()) if isinstance(u, Tree) else super().grad(space, u)

    def grad_adjoint(self, space: Space, phi: Value) -> Value:
        if isinstance(phi, Tree):
            slope = as_integrand(self.potentials[space].derivative())
            return Tree(slope * phi.tree - phi.tree.derivative())
        return super().grad_adjoint(space, phi)

    def reciprocal(self, space: Space, u: Value) -> Value:
        self._inexact(space)
        return Tree(1 / self.tree(u))

    def generator_inverse(self, space: Space, u: Value) -> Any:
        return super().generator_inverse(space, _ring(u, "L^-1"))

    def projector(self, space: Space, phi: Value) -> Ring:
        return super().projector(space, _ring(phi, "the projection"))

    def dual_square(self, space: Space, u: Value) -> Scalar:
        return super().dual_square(space, _ring(u, "the dual norm"))

    def center(self, space: Space, u: Value) -> Value:
        if isinstance(u, Tree):
            return Tree(u.tree - self._tree_mean(space, u.tree))
        return super().center(space, u)

    def inner(self, space: Space, u: Value, v: Value) -> Scalar:
        if isinstance(u, Tree) or isinstance(v, Tree):
            return self._tree_mean(space, self.tree(u) * self.tree(v))
        return super().inner(space, u, v)

    def sup(self, space: Space, u: Value) -> Scalar:
        if isinstance(u, Tree):
            return integrand_sup_norm(u.tree).ball
        return super().sup(space, u)

    def at_point(self, space: Space, u: Value, point: Fraction) -> Scalar:
        if isinstance(u, Tree):
            angle = 2 * arb.pi() * self.number(point)
            return evaluate(u.tree, RealBalls(arb(angle)))
        return super().at_point(space, u, point)

    # -------------------------------------------------------------------------- densities

    def gibbs(self, space: Space, u: Value) -> Value:
        self._inexact(space)
        exponent = -self.tree(u)
        normaliser = self._tree_mean(space, exp(exponent))
        logarithm = exponent - normaliser.log()
        plain = isinstance(u, Ring) and set(u.parts) <= {0}
        polynomial = u.parts.get(0, TrigPolynomial.constant(0)) if plain else None
        return Tree(exp(exponent) * (1 / normaliser), logarithm, polynomial)

    def log(self, space: Space, density: Value) -> Value:
        self._inexact(space)
        return Tree(_logarithm(density, self.tree(density)))

    def relative_entropy(self, space: Space, p: Value, q: Value) -> Scalar:
        if not (isinstance(p, Tree) or isinstance(q, Tree)):
            return super().relative_entropy(space, p, q)
        first, second = self.tree(p), self.tree(q)
        return self._tree_mean(space, first * (_logarithm(p, first) - _logarithm(q, second)))

    def entropy_rate(self, space: Space, p: Value, q: Value, change: Value) -> Scalar:
        self._inexact(space)
        first, second = self.tree(p), self.tree(q)
        ratio = _logarithm(p, first) - _logarithm(q, second)
        return self._tree_mean(space, self.tree(change) * (ratio + 1))

    def fisher_information(self, space: Space, p: Value, q: Value) -> Scalar:
        if not (isinstance(p, Tree) or isinstance(q, Tree)):
            return super().fisher_information(space, p, q)
        first, second = self.tree(p), self.tree(q)
        slope = first.derivative() - first * _logarithm(q, second).derivative()
        return self._tree_mean(space, slope**2 / first)

    def wasserstein(self, space: Space, p: Value, q: Value) -> Scalar:
        if isinstance(p, Tree) or isinstance(q, Tree):
            raise Unavailable("a certified Wasserstein distance of a Gibbs density")
        return super().wasserstein(space, p, q)

    def mean_absolute(self, space: Space, u: Value) -> Scalar:
        if isinstance(u, Tree):
            return ring_divergences.mean_absolute_of(self._inexact(space), u.tree)
        return super().mean_absolute(space, u)

    def lebesgue_norm(self, space: Space, p: Value, exponent: Any) -> Scalar:
        self._inexact(space)
        logarithm = _logarithm(p, self.tree(p))
        return self._tree_mean(space, exp(logarithm * constant(exponent))) ** (1 / exponent)

    def log_sobolev(self, space: Space, reference: Value | None) -> Scalar:
        if not isinstance(reference, Tree):
            return super().log_sobolev(space, reference)
        if reference.potential is None:
            raise Unavailable("the log-Sobolev constant of a density of no known potential")
        density = LogTrigDensity(self.potentials[space] + reference.potential)
        return log_sobolev_constant(density).ball

    # ------------------------------------------------------------------------------ trees

    def tree(self, u: Value) -> Integrand:
        """The function as an integrand."""
        if isinstance(u, Tree):
            return u.tree
        if isinstance(u, Potential):
            raise Unavailable("a function known only by its gradient beside an exponential")
        if set(u.parts) <= {0}:
            return as_integrand(u.parts.get(0, TrigPolynomial.constant(0)))
        if len(self.potentials) != 1:
            raise Unavailable("an exponential beside a function of one of several equilibria")
        (potential,) = self.potentials.values()
        return ring_divergences.tree_of(potential, u.parts)

    def _tree_mean(self, space: Space, tree: Integrand) -> arb:
        return ring_divergences.mean_of(self._inexact(space), tree)


def _ring(u: Value, what: str) -> Any:
    if isinstance(u, Tree):
        raise Unavailable(f"{what} of an exponential or a logarithm")
    return u


def _logarithm(u: Value, tree: Integrand) -> Integrand:
    if isinstance(u, Tree) and u.logarithm is not None:
        return u.logarithm
    return log(tree)
