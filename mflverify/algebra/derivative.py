"""Time derivatives along a flow, by the program: linearity, the product and chain rules, no more."""

from __future__ import annotations

from fractions import Fraction

from mflverify.algebra.understood import is_understood
from mflverify.expr.densities import LogDensity
from mflverify.expr.divergences import RelativeEntropy
from mflverify.expr.functionals import RemainderEnergy
from mflverify.expr.sorts import FunctionSort, SortError, VectorSort
from mflverify.expr.substitution import rebuild
from mflverify.expr.terms import (
    Apply,
    AtTime,
    Center,
    Directional,
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
    Norm,
    One,
    Power,
    Product,
    Projector,
    Quantity,
    Rational,
    Remainder,
    Sum,
    Term,
    TimeDerivative,
    children,
)

_LINEAR = (Generator, GeneratorInverse, GradientAdjoint, Gradient, Projector, Center)


def is_constant(term: Term, flow: Flow) -> bool:
    """Whether nothing in `term` moves: no symbol of `flow`, no quantity, no derivative.

    A value at a fixed time is constant.  Raises SortError for a node that the algebra does not
    understand: nobody told whether it moves.
    """
    if not is_understood(term):
        # the name alone: a node unknown here may be unknown to the printers too
        raise SortError(f"no time derivative: the algebra does not know {type(term).__name__}")
    match term:
        case FunctionSymbol():
            return all(term != symbol for symbol, _ in flow.equations)
        case Quantity() | TimeDerivative():
            return False
        case AtTime(time=Rational() as time) if is_understood(time):
            return True
        case AtTime():
            return False
    return all(is_constant(part, flow) for part in children(term) if isinstance(part, Term))


def time_derivative(term: Term, flow: Flow) -> Term:
    """d/dt of `term` along `flow`, as a term of the same sort.

    Raises SortError for what has no derivative here: suprema, absolute values, extrema,
    quantities that another flow moves, and nodes that the algebra does not understand.
    """
    if is_constant(term, flow):
        return _zero_like(term)
    match term:
        case FunctionSymbol():
            return dict(flow.equations)[term]
        case Quantity() if term.flow == flow:
            return TimeDerivative(term, flow)
        case TimeDerivative(argument, inner) if not isinstance(argument, Quantity):
            return time_derivative(time_derivative(argument, inner), flow)
        case Sum(terms):
            return Sum.of(*(time_derivative(p, flow) for p in _moving(terms, flow)))
        case Product(factors=factors):
            return Sum.of(
                *(
                    Product.of(*factors[:i], time_derivative(p, flow), *factors[i + 1 :])
                    for i, p in enumerate(factors)
                    if not is_constant(p, flow)
                ),
            )
        case Power(Norm() | DualNorm() as norm, Fraction(numerator=2, denominator=1)):
            return 2 * _half_of_square(norm, flow)
        case Power(base, exponent):
            outer = Product.of(Rational(exponent), _power(base, exponent - 1))
            return Product.of(outer, time_derivative(base, flow))
        case Norm() | DualNorm():
            return _half_of_square(term, flow) / term
        case Inner(left, right) | Dot(left, right):
            build = type(term)
            parts: list[Term] = []
            if not is_constant(left, flow):
                parts.append(build(time_derivative(left, flow), right))
            if not is_constant(right, flow):
                parts.append(build(left, time_derivative(right, flow)))
            return Sum.of(*parts)
        case RelativeEntropy(density, One()):
            # the derivative of p log p is log p + 1, and the mass is constant
            return Inner(LogDensity(density), time_derivative(density, flow))
        case RemainderEnergy(functional, state):
            return Inner(Remainder(functional, (state,)), time_derivative(state, flow))
        case Apply(operator, argument):
            return Apply(operator, time_derivative(argument, flow))
        case Directional(field, point, direction):
            return Directional(time_derivative(field, flow), point, direction)
        case Exp(argument):
            return Product.of(term, time_derivative(argument, flow))
        case _ if isinstance(term, _LINEAR):
            derived = rebuild(term, lambda child: time_derivative(child, flow))
            assert isinstance(derived, Term)
            return derived
    raise SortError(f"{term!r} has no time derivative in this language")


def _moving(terms: tuple[Term, ...], flow: Flow) -> list[Term]:
    return [part for part in terms if not is_constant(part, flow)]


def _half_of_square(norm: Norm | DualNorm, flow: Flow) -> Term:
    """Half the derivative of the square of a norm."""
    moved = time_derivative(norm.argument, flow)
    return Inner(norm.argument, moved if isinstance(norm, Norm) else GeneratorInverse(moved))


def _power(base: Term, exponent: Fraction) -> Term:
    """base ** exponent, also for a function to the power 0."""
    if exponent == 0 and isinstance(base.sort, FunctionSort):
        return One(base.sort.space)
    return Power.of(base, exponent)


def _zero_like(term: Term) -> Term:
    zero = Rational(Fraction(0))
    match term.sort:
        case FunctionSort(space):
            return Product((zero, One(space)), result_sort=term.sort)
        case VectorSort(space):
            return Product((zero, Gradient(One(space))), result_sort=term.sort)
    return zero
