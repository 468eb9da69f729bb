"""Functions and vector fields on products of circles and lines, in any arithmetic.

A function is a finite sum of c x^n exp(ik.x) exp(-sum a_j x_j^2/2 + b.x), the last factor on lines only;
indices add when functions are multiplied.  An index is the powers and the frequencies, and where there
is such a factor the a_j and the b_j behind them.  What is known of L^-1 travels along: `known` says
that a function is L a + grad* Phi.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from attrs import frozen

from mflverify.models.moments import Index, product_index, product_places
from mflverify.models.request import Unavailable
from mflverify.models.rings import Coefficient, Floats, Ring, Scalar

Terms = dict[Index, Coefficient]

_ZERO, _ONE = Fraction(0), Fraction(1)


@frozen(eq=False)
class Function:
    """sum of coefficients times x^n exp(ik.x), real-valued.

    known: (a, Phi) with this = L a + grad* Phi; None when no such pair is known.
    """

    ring: Ring
    terms: Terms
    known: tuple[Function, Field] | None = None

    def plus(self, other: Any) -> Function:
        """The sum.  Raises Unavailable beside an L^-1 that is not explicit."""
        if not isinstance(other, Function):
            raise Unavailable("a sum with an L^-1 of which only the gradient is known")
        known = None
        if self.known is not None and other.known is not None:
            known = (self.known[0].plus(other.known[0]), self.known[1].plus(other.known[1]))
        return Function(self.ring, _sum(self.ring, self.terms, other.terms), known)

    def scaled(self, factor: Scalar) -> Function:
        """factor times this."""
        known = None
        if self.known is not None:
            known = (self.known[0].scaled(factor), self.known[1].scaled(factor))
        return Function(self.ring, {i: c * factor for i, c in self.terms.items()}, known)

    def times(self, other: Any) -> Any:
        """The product with a function or a field."""
        if isinstance(other, Field):
            return other.times(self)
        if not isinstance(other, Function):
            raise Unavailable("a product with an L^-1 of which only the gradient is known")
        if isinstance(self.ring, Floats):
            return Function(self.ring, _product_of_batches(self.terms, other.terms))
        total: Terms = {}
        for i, a in self.terms.items():
            for j, b in other.terms.items():
                index = product_index(i, j)
                value = a * b
                total[index] = total[index] + value if index in total else value
        return Function(self.ring, total)

    def derivative(self, axis: int, dimension: int) -> Function:
        """The partial derivative in one variable."""
        ring, total = self.ring, {}
        zero = ring.number(_ZERO)
        for index, c in self.terms.items():
            n, k = index[axis], index[dimension + axis]
            if k:
                turned = c * ring.complex(zero, ring.number(_ONE) * k)
                total[index] = total[index] + turned if index in total else turned
            if n:
                lower = (*index[:axis], n - 1, *index[axis + 1 :])
                total[lower] = total[lower] + c * n if lower in total else c * n
            if len(index) > 2 * dimension:
                curvature, tilt = index[2 * dimension + axis], index[3 * dimension + axis]
                higher = (*index[:axis], n + 1, *index[axis + 1 :])
                for place, factor in ((index, tilt), (higher, -curvature)):
                    if factor:
                        part = c * ring.number(Fraction(factor))
                        total[place] = total[place] + part if place in total else part
        return Function(ring, _clean(ring, total))

    @property
    def is_zero(self) -> bool:
        """Whether every coefficient is exactly zero."""
        return all(self.ring.is_zero(c) for c in self.terms.values())

    def has_gaussian_factors(self, dimension: int) -> bool:
        """Whether some term decays or grows exponentially."""
        return any(len(index) > 2 * dimension for index in self.terms)


@frozen(eq=False)
class Field:
    """A vector field by its components.  origin: u with this = grad u, when known."""

    components: tuple[Function, ...]
    origin: Function | None = None

    def plus(self, other: Any) -> Field:
        """The sum."""
        if not isinstance(other, Field):
            raise Unavailable("a sum with the gradient of an L^-1 that is not known")
        origin = None
        if self.origin is not None and other.origin is not None:
            origin = self.origin.plus(other.origin)
        pairs = zip(self.components, other.components, strict=True)
        return Field(tuple(u.plus(v) for u, v in pairs), origin)

    def scaled(self, factor: Scalar) -> Field:
        """factor times this."""
        origin = None if self.origin is None else self.origin.scaled(factor)
        return Field(tuple(u.scaled(factor) for u in self.components), origin)

    def times(self, other: Any) -> Any:
        """The product with a function, or the inner product of two fields at each point."""
        if isinstance(other, Function):
            return Field(tuple(other.times(u) for u in self.components))
        if not isinstance(other, Field):
            raise Unavailable("a product with the gradient of an L^-1 that is not known")
        total: Function | None = None
        for u, v in zip(self.components, other.components, strict=True):
            value = u.times(v)
            total = value if total is None else total.plus(value)
        assert total is not None
        return total

    @property
    def is_zero(self) -> bool:
        """Whether every component is exactly zero."""
        return all(u.is_zero for u in self.components)


@frozen(eq=False)
class Inverse:
    """L^-1 of a function, or its gradient, known only through what it is paired with."""

    source: Function
    is_gradient: bool = False

    def scaled(self, factor: Scalar) -> Inverse:
        """factor times this."""
        return Inverse(self.source.scaled(factor), self.is_gradient)

    def plus(self, other: Any) -> Inverse:
        """The sum of two of a kind."""
        if isinstance(other, Inverse) and other.is_gradient == self.is_gradient:
            return Inverse(self.source.plus(other.source), self.is_gradient)
        raise Unavailable("a sum with an L^-1 of which only the gradient is known")

    def times(self, other: Any) -> Any:
        """Unavailable."""
        raise Unavailable("a product with an L^-1 of which only the gradient is known")


def _product_of_batches(left: Terms, right: Terms) -> Terms:
    """The same product, all terms of `right` at a time."""
    if not left or not right:
        return {}
    indices, places = product_places(tuple(left), tuple(right))
    second = stacked(right)
    total = np.zeros((len(indices), second.shape[1]), dtype=complex)
    for a, place in zip(left.values(), places, strict=True):
        total[place] += a * second  # different terms have different places
    return dict(zip(indices, total, strict=True))


def stacked(terms: Terms) -> np.ndarray:
    """The coefficients of batches of floats, (terms, batch)."""
    return np.stack([np.asarray(c) for c in terms.values()])


def _sum(ring: Ring, left: Terms, right: Terms) -> Terms:
    total = dict(left)
    for index, c in right.items():
        total[index] = total[index] + c if index in total else c
    return _clean(ring, total)


def _clean(ring: Ring, terms: Terms) -> Terms:
    return {index: c for index, c in terms.items() if not ring.is_zero(c)}
