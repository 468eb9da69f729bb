"""The scalar half of the normal form against numbers: random expressions with roots and moduli."""

import math
from fractions import Fraction

from hypothesis import given, note, settings
from hypothesis import strategies as st

from mflverify.algebra import normalize
from mflverify.algebra.reading import read_polynomial
from mflverify.expr import Parameter, SortError, exp, maximum, minimum, sqrt
from mflverify.expr.terms import Abs, Exp, Extremum, Power, Product, Rational, Sum

A, B = Parameter("a", "positive"), Parameter("b", "nonnegative")
C, D = Parameter("c"), Parameter("d")
POINTS = [
    {A: a, B: b, C: c, D: d}
    for a, b, c, d in [
        (0.5, 1.25, -0.75, 1.5),
        (1.5, 0.0, 0.625, -1.25),
        (0.25, 0.5, 1.75, 0.375),
        (2.0, 1.0, -1.5, -0.5),
    ]
]
EXPONENTS = [-2, -1, 2, 3, *(Fraction(*q) for q in [(1, 2), (3, 2), (-1, 2), (1, 3), (2, 3)])]


class Undefined(Exception):
    pass


def power(base, exponent):
    if abs(base) < 1e-7 and (exponent < 0 or base):
        raise Undefined  # zero, or too near to tell which side
    if exponent.denominator == 1:
        return base**exponent.numerator
    if base < 0:
        raise Undefined
    return base ** float(exponent)


def value(term, point):
    match term:
        case Rational(number):
            return float(number)
        case Parameter():
            return point[term]
        case Sum(terms):
            return sum(value(part, point) for part in terms)
        case Product(factors=factors):
            return math.prod(value(part, point) for part in factors)
        case Power(base, exponent):
            return power(value(base, point), exponent)
        case Abs(argument):
            return abs(value(argument, point))
        case Exp(argument):
            return math.exp(value(argument, point))
        case Extremum(which, arguments):
            return {"max": max, "min": min}[which](value(part, point) for part in arguments)
    raise TypeError(type(term).__name__)


def _root(base, exponent):
    try:
        return Power.of(base, Fraction(exponent))
    except SortError:  # a root of a negative number
        return base


SCALARS = st.recursive(
    st.sampled_from([A, B, C, D, *(Rational(Fraction(n)) for n in (-2, 0, 1, 3))]),
    lambda part: st.one_of(
        st.tuples(part, part).map(lambda p: p[0] + p[1]),
        st.tuples(part, part).map(lambda p: p[0] - p[1]),
        st.tuples(part, part).map(lambda p: p[0] * p[1]),
        st.tuples(part, st.sampled_from(EXPONENTS)).map(lambda p: _root(*p)),
        part.map(lambda a: sqrt(a**2)),
        part.map(abs),
        part.map(lambda a: exp(a / 4)),
        st.tuples(part, part).map(lambda p: maximum(*p)),
        st.tuples(part, part).map(lambda p: minimum(*p)),
    ),
    max_leaves=6,
)


def values(term):
    """Values at the points where the term is defined and of moderate size."""
    for point in POINTS:
        try:
            number = value(term, point)
        except (Undefined, OverflowError):
            continue
        if abs(number) < 1e6:
            yield point, number


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(SCALARS)
def test_the_normal_form_has_the_value_of_the_term(term):
    try:
        polynomial = normalize(term)
    except (ZeroDivisionError, ValueError):
        assert not list(values(term)), "it is defined somewhere"
        return
    back = read_polynomial(polynomial)
    for point, number in values(term):
        note(f"{term!r} -> {back!r} at {point}")
        assert math.isclose(value(back, point), number, rel_tol=1e-7, abs_tol=1e-7)
        if polynomial.is_nonnegative:
            assert number >= 0
        if polynomial.is_zero:
            assert abs(number) < 1e-7


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(SCALARS)
def test_what_is_called_total_is_defined_everywhere(term):
    try:
        polynomial = normalize(term)
    except (ZeroDivisionError, ValueError):
        return
    if not polynomial.is_total:
        return
    back = read_polynomial(polynomial)
    for point in POINTS:
        try:
            value(back, point)
        except OverflowError:
            pass
        except Undefined:
            raise AssertionError(f"{back!r} is undefined at {point}") from None
