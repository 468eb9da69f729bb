"""Multilinear expansion of a scalar into summands, for traces that a reader can follow."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

from mflverify.algebra.derivative import time_derivative
from mflverify.algebra.understood import is_understood
from mflverify.expr.sorts import SCALAR
from mflverify.expr.terms import (
    Apply,
    Dot,
    Generator,
    GeneratorInverse,
    Gradient,
    GradientAdjoint,
    Inner,
    Product,
    Projector,
    Sum,
    Term,
    TimeDerivative,
)

_LINEAR = (Generator, GeneratorInverse, Gradient, GradientAdjoint, Projector)


def summands(term: Term) -> list[Term]:
    """The term as a list of summands: sums pulled out of products, operators and inner products.

    Numbers and scalars come in front; time derivatives along a concrete flow are carried out.
    """
    if not is_understood(term):
        return [term]
    match term:
        case Sum(terms):
            return [part for summand in terms for part in summands(summand)]
        case TimeDerivative(argument, flow) if flow.equations:
            return summands(time_derivative(argument, flow))
        case Product(factors=factors):
            return [Product.of(*choice) for choice in product(*(summands(p) for p in factors))]
        case Inner(left, right):
            return [_inner(u, v) for u, v in product(summands(left), summands(right))]
        case Dot(left, right):
            return [Dot(u, v) for u, v in product(summands(left), summands(right))]
        case Apply(operator, argument):
            return [_outside(part, lambda u: Apply(operator, u)) for part in summands(argument)]
        case _ if isinstance(term, _LINEAR):
            build = type(term)
            return [_outside(part, build) for part in summands(term.argument)]
        case _:
            return [term]


def _split(term: Term) -> tuple[list[Term], list[Term]]:
    """Scalar factors and the rest of a product."""
    factors = term.factors if isinstance(term, Product) else (term,)
    scalars = [p for p in factors if p.sort == SCALAR]
    return scalars, [p for p in factors if p.sort != SCALAR]


def _outside(term: Term, build: Callable[[Term], Term]) -> Term:
    scalars, rest = _split(term)
    return Product.of(*scalars, build(Product.of(*rest))) if rest else build(term)


def _inner(u: Term, v: Term) -> Term:
    scalars_u, rest_u = _split(u)
    scalars_v, rest_v = _split(v)
    if not rest_u or not rest_v:
        return Inner(u, v)
    return Product.of(*scalars_u, *scalars_v, Inner(Product.of(*rest_u), Product.of(*rest_v)))
