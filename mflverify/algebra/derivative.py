"""Time derivatives along a flow, by the program: the product and chain rules, nothing else."""

from __future__ import annotations

from fractions import Fraction

from mflverify.expr.sorts import FunctionSort, SortError
from mflverify.expr.substitution import rebuild
from mflverify.expr.terms import (
    Apply,
    Center,
    Dot,
    DualNorm,
    Exp,
    Flow,
    FunctionSymbol,
    Generator,
    GeneratorInverse,
    Gradient,
    GradientAdjoint,
    Inner,
    Node,
    Norm,
    One,
    Power,
    Product,
    Projector,
    Quantity,
    Rational,
    Sum,
    Term,
    TimeDerivative,
    subterms,
)

_LINEAR = (Generator, GeneratorInverse, GradientAdjoint, Gradient, Projector, Center)


def is_constant(term: Node, flow: Flow) -> bool:
    """Whether nothing in `term` moves along `flow`."""
    moving = {symbol for symbol, _ in flow.equations}
    return not any(
        part in moving
        or isinstance(part, TimeDerivative)
        or (isinstance(part, Quantity) and part.flow == flow)
        for part in subterms(term)
        if isinstance(part, (FunctionSymbol, TimeDerivative, Quantity))
    )


def time_derivative(term: Term, flow: Flow) -> Term:
    """d/dt of `term` along `flow`, as a term.

    Raises SortError for what has no derivative here (suprema, absolute values, extrema).
    """
    if is_constant(term, flow):
        return _zero_like(term)
    match term:
        case FunctionSymbol():
            return dict(flow.equations)[term]
        case Quantity():
            return TimeDerivative(term, flow)
        case Sum(terms):
            return _sum([time_derivative(p, flow) for p in terms if not is_constant(p, flow)], term)
        case Product(factors=factors):
            return _sum(
                [
                    Product.of(*factors[:i], time_derivative(p, flow), *factors[i + 1 :])
                    for i, p in enumerate(factors)
                    if not is_constant(p, flow)
                ],
                term,
            )
        case Power(Norm(u), Fraction(numerator=2, denominator=1)):
            return 2 * Inner(u, time_derivative(u, flow))
        case Power(DualNorm(u), Fraction(numerator=2, denominator=1)):
            return 2 * Inner(u, GeneratorInverse(time_derivative(u, flow)))
        case Power(base, exponent):
            outer = (
                Product.of(Rational(exponent), Power.of(base, exponent - 1))
                if exponent != 2
                else 2 * base
            )
            return Product.of(outer, time_derivative(base, flow))
        case Norm(u):
            return Inner(u, time_derivative(u, flow)) / term
        case DualNorm(u):
            return Inner(u, GeneratorInverse(time_derivative(u, flow))) / term
        case Inner(left, right) | Dot(left, right):
            build = type(term)
            parts: list[Term] = []
            if not is_constant(left, flow):
                parts.append(build(time_derivative(left, flow), right))
            if not is_constant(right, flow):
                parts.append(build(left, time_derivative(right, flow)))
            return _sum(parts, term)
        case Apply(operator, argument):
            return Apply(operator, time_derivative(argument, flow))
        case Exp(argument):
            return Product.of(term, time_derivative(argument, flow))
        case _ if isinstance(term, _LINEAR):
            derived = rebuild(term, lambda child: time_derivative(child, flow))  # type: ignore[arg-type]
            assert isinstance(derived, Term)
            return derived
    raise SortError(f"{term!r} has no time derivative in this language")


def _sum(parts: list[Term], like: Term) -> Term:
    return Sum.of(*parts) if parts else _zero_like(like)


def _zero_like(term: Term) -> Term:
    zero = Rational(Fraction(0))
    if isinstance(term.sort, FunctionSort):
        return Product((zero, One(term.sort.space)), result_sort=term.sort)
    return zero
