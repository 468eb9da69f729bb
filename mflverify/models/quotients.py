"""Circles with reciprocals of positive functions, in balls: quotients of which means are taken."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NoReturn

from attrs import define, frozen

from mflverify.expr.sorts import Space
from mflverify.models.request import Unavailable
from mflverify.models.ring_divergences import mean_of, tree_of
from mflverify.models.torus_ring import ONE, Function, Ring, RingTorus

MINUS_ONE = Fraction(-1)


@frozen
class Quotient:
    """numerator / denominator; the denominator is bounded below by a positive number."""

    numerator: Ring
    denominator: Ring
    inverse: None = None
    flux: None = None
    origin: None = None

    @property
    def parts(self) -> NoReturn:
        """Unavailable: a quotient is no sum of p_k e^{kU}."""
        raise Unavailable("more than a mean or a derivative of a quotient")


@define
class QuotientTorus(RingTorus):
    """The operations of `RingTorus`, and those of quotients.

    Sums, products, derivatives, grad* and inner products of quotients are again known; where a
    function of the ring is needed, a quotient is Unavailable.
    """

    def reciprocal(self, space: Space, u: Any) -> Quotient:
        if self.exact:
            raise Unavailable("a mean with a reciprocal is not rational")
        top, bottom = _split(u)
        return Quotient(bottom, top)

    def _product(self, u: Function, v: Function) -> Ring:
        product = super().times(u, v)
        assert isinstance(product, Ring)
        return product

    def add(self, u: Any, v: Any) -> Any:
        if not (isinstance(u, Quotient) or isinstance(v, Quotient)):
            return super().add(u, v)
        (a, b), (c, d) = _split(u), _split(v)
        total = super().add(self._product(a, d), self._product(c, b))
        assert isinstance(total, Ring)
        return Quotient(total, self._product(b, d))

    def scale(self, c: Any, u: Any) -> Any:
        if not isinstance(u, Quotient):
            return super().scale(c, u)
        numerator = super().scale(c, u.numerator)
        assert isinstance(numerator, Ring)
        return Quotient(numerator, u.denominator)

    def times(self, u: Any, v: Any) -> Any:
        if not (isinstance(u, Quotient) or isinstance(v, Quotient)):
            return super().times(u, v)
        (a, b), (c, d) = _split(u), _split(v)
        return Quotient(self._product(a, c), self._product(b, d))

    def grad(self, space: Space, u: Any) -> Any:
        if not isinstance(u, Quotient):
            return super().grad(space, u)
        rise = self._product(super().grad(space, u.numerator), u.denominator)
        fall = self._product(u.numerator, super().grad(space, u.denominator))
        top = super().add(rise, super().scale(self.number(MINUS_ONE), fall))
        assert isinstance(top, Ring)
        return Quotient(top, self._product(u.denominator, u.denominator))

    def grad_adjoint(self, space: Space, phi: Any) -> Any:
        if not isinstance(phi, Quotient):
            return super().grad_adjoint(space, phi)
        minus = self.scale(self.number(MINUS_ONE), self.grad(space, phi))
        return self.add(minus, self.times(Ring({0: self.potentials[space].derivative()}), phi))

    def inner(self, space: Space, u: Any, v: Any) -> Any:
        if not (isinstance(u, Quotient) or isinstance(v, Quotient)):
            return super().inner(space, u, v)
        top, bottom = _split(self.times(u, v))
        potential = self.potentials[space]
        return mean_of(potential, tree_of(potential, top.parts) / tree_of(potential, bottom.parts))


def _split(u: Any) -> tuple[Ring, Ring]:
    """Numerator and denominator."""
    if isinstance(u, Quotient):
        return u.numerator, u.denominator
    if not isinstance(u, Ring):
        raise Unavailable("a quotient with an L^-1 of which only the gradient is known")
    return u, Ring({0: ONE})
