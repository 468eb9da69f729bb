"""Analytic functions as expression trees: one tree, every arithmetic.

A tree of one variable is built from `VARIABLE`, `constant`, `trigonometric`, `polynomial`, one on a
torus of any dimension from `TorusPolynomial`s (which do not mix with the former), with +, -, *, /, ** and
`exp`, `log`, `sqrt`, `absolute`; products of trigonometric (or ordinary) polynomials and of
exponentials are merged on the way. All coefficients are real, so f(conj z) = conj f(z) wherever f
is analytic. How a tree is evaluated is the business of `arithmetic`; there is no other way to
write an integrand, so that Arb's `analytic` flag cannot be forgotten.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TypeAlias

from attrs import frozen
from flint import arb, fmpq, fmpq_poly, fmpz

from mflverify.numerics.torus_polynomial import TorusPolynomial
from mflverify.numerics.trig import Coefficient, Number, TrigPolynomial, as_coefficient


class Integrand:
    """A node; the arithmetic operators build new nodes. Every node is hashable and frozen."""

    __slots__ = ()

    @property
    def children(self) -> tuple[Integrand, ...]:
        """The nodes that this one is made of."""
        match self:
            case Sum(nodes) | Product(nodes):
                return nodes
            case Quotient(numerator, denominator):
                return numerator, denominator
            case Exponential(node) | Logarithm(node) | Absolute(node) | Power(node, _):
                return (node,)
        return ()

    @property
    def is_periodic(self) -> bool:
        """Whether the tree is 2 pi-periodic by its form: no bare variable, no polynomial."""
        return not isinstance(self, Polynomial) and all(c.is_periodic for c in self.children)

    @property
    def is_entire(self) -> bool:
        """Whether the tree is entire by its form: no quotient, logarithm, root, absolute value."""
        match self:
            case Quotient() | Logarithm() | Absolute():
                return False
            case Power(_, exponent) if exponent.q != 1 or exponent < 0:
                return False
        return all(child.is_entire for child in self.children)

    def derivative(self, axis: int | None = None) -> Integrand:
        """The derivative, again a tree; of several variables: in the variable number `axis`."""
        raise NotImplementedError

    def __neg__(self) -> Integrand:
        return multiply(constant(-1), self)

    def __add__(self, other: Convertible) -> Integrand:
        return add(self, as_integrand(other))

    __radd__ = __add__

    def __sub__(self, other: Convertible) -> Integrand:
        return add(self, -as_integrand(other))

    def __rsub__(self, other: Convertible) -> Integrand:
        return add(as_integrand(other), -self)

    def __mul__(self, other: Convertible) -> Integrand:
        return multiply(self, as_integrand(other))

    __rmul__ = __mul__

    def __truediv__(self, other: Convertible) -> Integrand:
        return divide(self, as_integrand(other))

    def __rtruediv__(self, other: Convertible) -> Integrand:
        return divide(as_integrand(other), self)

    def __pow__(self, exponent: int | Fraction | fmpq) -> Integrand:
        return power(self, exponent)


Convertible: TypeAlias = Integrand | TrigPolynomial | TorusPolynomial | fmpq_poly | Number


@frozen
class Constant(Integrand):
    """A rational or a ball."""

    value: Coefficient

    def derivative(self, axis: int | None = None) -> Integrand:
        return ZERO


@frozen
class Trigonometric(Integrand):
    """A trigonometric polynomial of the variable."""

    polynomial: TrigPolynomial

    def derivative(self, axis: int | None = None) -> Integrand:
        return trigonometric(self.polynomial.derivative())


@frozen
class Multivariate(Integrand):
    """A trigonometric polynomial on a torus of any dimension."""

    polynomial: TorusPolynomial

    def derivative(self, axis: int | None = None) -> Integrand:
        if axis is None:
            raise ValueError("a function of several variables has a derivative in each: give axis")
        return as_integrand(self.polynomial.derivative(axis))


@frozen
class Polynomial(Integrand):
    """sum_j coefficients[j] x^j, rational coefficients."""

    coefficients: tuple[fmpq, ...]

    def derivative(self, axis: int | None = None) -> Integrand:
        return polynomial(fmpq_poly(list(self.coefficients)).derivative())


@frozen
class Sum(Integrand):
    """The sum of at least two terms."""

    terms: tuple[Integrand, ...]

    def derivative(self, axis: int | None = None) -> Integrand:
        return add(*(term.derivative(axis) for term in self.terms))


@frozen
class Product(Integrand):
    """The product of at least two factors."""

    factors: tuple[Integrand, ...]

    def derivative(self, axis: int | None = None) -> Integrand:
        f = self.factors
        return add(*(multiply(*f[:i], f[i].derivative(axis), *f[i + 1 :]) for i in range(len(f))))


@frozen
class Quotient(Integrand):
    """numerator / denominator."""

    numerator: Integrand
    denominator: Integrand

    def derivative(self, axis: int | None = None) -> Integrand:
        n, d = self.numerator, self.denominator
        return (n.derivative(axis) * d - n * d.derivative(axis)) / power(d, 2)


@frozen
class Exponential(Integrand):
    """exp(argument)."""

    argument: Integrand

    def derivative(self, axis: int | None = None) -> Integrand:
        return self.argument.derivative(axis) * self


@frozen
class Logarithm(Integrand):
    """log(argument), principal branch."""

    argument: Integrand

    def derivative(self, axis: int | None = None) -> Integrand:
        return self.argument.derivative(axis) / self.argument


@frozen
class Power(Integrand):
    """base**exponent for a rational exponent, principal branch if it is not an integer."""

    base: Integrand
    exponent: fmpq

    def derivative(self, axis: int | None = None) -> Integrand:
        return self.exponent * power(self.base, self.exponent - 1) * self.base.derivative(axis)


@frozen
class Absolute(Integrand):
    """|argument|; analytic only where the argument keeps its sign, and certified there only."""

    argument: Integrand

    def derivative(self, axis: int | None = None) -> Integrand:
        return self.argument.derivative(axis) * self / self.argument


ZERO = Constant(fmpq(0))
ONE = Constant(fmpq(1))
VARIABLE = Polynomial((fmpq(0), fmpq(1)))
"""The variable x."""


def as_integrand(value: Convertible) -> Integrand:
    """`value` as a tree; ValueError for what is neither a tree, a polynomial nor a number."""
    match value:
        case Integrand():
            return value
        case TrigPolynomial():
            return trigonometric(value)
        case TorusPolynomial():
            return Multivariate(value)
        case fmpq_poly():
            return polynomial(value)
        case int() | Fraction() | fmpz() | fmpq() | arb():
            return constant(value)
    raise ValueError(f"not an integrand: {value!r}")


def constant(value: Number) -> Constant:
    """The constant function `value`."""
    return Constant(as_coefficient(value, "constant"))


def trigonometric(p: TrigPolynomial) -> Integrand:
    """The trigonometric polynomial p of the variable."""
    return Constant(p.mean) if p.is_constant else Trigonometric(p)


def polynomial(p: fmpq_poly) -> Integrand:
    """The polynomial p of the variable."""
    coefficients = tuple(p.coeffs())
    if len(coefficients) <= 1:
        return constant(coefficients[0] if coefficients else 0)
    return Polynomial(coefficients)


def exp(argument: Convertible) -> Integrand:
    """exp(argument)."""
    argument = as_integrand(argument)
    return ONE if argument == ZERO else Exponential(argument)


def log(argument: Convertible) -> Integrand:
    """log(argument)."""
    return Logarithm(as_integrand(argument))


def sqrt(argument: Convertible) -> Integrand:
    """The square root of the argument."""
    return power(as_integrand(argument), fmpq(1, 2))


def absolute(argument: Convertible) -> Integrand:
    """|argument|. Not analytic at sign changes: quadrature rules for analytic functions refuse it
    unless the argument is certified to keep its sign."""
    return Absolute(as_integrand(argument))


def add(*terms: Integrand) -> Integrand:
    """The sum; constants and (trigonometric) polynomials are merged."""
    rest: list[Integrand] = []
    simple: list[Integrand] = [ZERO]
    for term in _flatten(terms, Sum):
        if isinstance(term, Constant | Trigonometric | Multivariate | Polynomial):
            _merge(simple, term, "+")
        else:
            rest.append(term)
    rest = [s for s in simple if s != ZERO] + rest
    return Sum(tuple(rest)) if len(rest) > 1 else rest[0] if rest else ZERO


def multiply(*factors: Integrand) -> Integrand:
    """The product; constants, (trigonometric) polynomials and exponentials are merged."""
    rest: list[Integrand] = []
    exponents: list[Integrand] = []
    simple: list[Integrand] = [ONE]
    for factor in _flatten(factors, Product):
        match factor:
            case Constant() | Trigonometric() | Multivariate() | Polynomial():
                _merge(simple, factor, "*")
            case Exponential(argument):
                exponents.append(argument)
            case _:
                rest.append(factor)
    if ZERO in simple:
        return ZERO
    if exponents:
        rest.append(exp(add(*exponents)))
    rest = [f for f in simple + rest if f != ONE]
    return Product(tuple(rest)) if len(rest) > 1 else rest[0] if rest else ONE


def divide(numerator: Integrand, denominator: Integrand) -> Integrand:
    """The quotient; division by a constant or an exponential becomes a product.

    Raises ValueError if the denominator is exactly zero.
    """
    match denominator:
        case Constant(value):
            if value == 0:
                raise ValueError("denominator must not be zero")
            return multiply(constant(1 / value), numerator)
        case Exponential(argument):
            return multiply(numerator, exp(-argument))
    return Quotient(numerator, denominator)


def power(base: Integrand, exponent: int | Fraction | fmpq) -> Integrand:
    """base**exponent for a rational exponent; powers of exponentials and natural powers
    (up to 16) of polynomials are expanded."""
    q = as_coefficient(exponent, "exponent")
    if not isinstance(q, fmpq):
        raise ValueError(f"exponent must be rational, got {exponent}")
    if q == 0:
        return ONE
    if q == 1:
        return base
    match base:
        case Exponential(argument):
            return exp(constant(q) * argument)
        case Constant() | Trigonometric() | Polynomial() if q.q == 1 and 0 < q <= 16:
            return multiply(*(base,) * int(q.p))
    return Power(base, q)


def _flatten(nodes: tuple[Integrand, ...], kind: type[Sum] | type[Product]) -> list[Integrand]:
    flat: list[Integrand] = []
    for node in nodes:
        if isinstance(node, kind):
            flat.extend(node.children)
        else:
            flat.append(node)
    return flat


def _merge(simple: list[Integrand], node: Integrand, operation: str) -> None:
    """Combine `node` into the first entry of `simple` of a compatible kind, else append it."""
    for index, other in enumerate(simple):
        merged = _combine(other, node, operation)
        if merged is not None:
            simple[index] = merged
            return
    simple.append(node)


def _combine(left: Integrand, right: Integrand, operation: str) -> Integrand | None:
    match left, right:
        case Constant(a), Constant(b):
            return constant(a + b if operation == "+" else a * b)
        case (Trigonometric() | Constant(), Trigonometric() | Constant()):
            p, q = _trig(left), _trig(right)
            return trigonometric(p + q if operation == "+" else p * q)
        case (Multivariate(p), Constant(c)) | (Constant(c), Multivariate(p)):
            return Multivariate(p.plus(c) if operation == "+" else p.scaled(c))
        case Multivariate(p), Multivariate(q) if operation == "+":
            return Multivariate(p + q)
        case (Polynomial() | Constant(), Polynomial() | Constant()):
            p, q = _poly(left), _poly(right)
            if p is None or q is None:
                return None
            return polynomial(p + q if operation == "+" else p * q)
    return None


def _trig(node: Trigonometric | Constant) -> TrigPolynomial:
    return node.polynomial if isinstance(node, Trigonometric) else TrigPolynomial((node.value,))


def _poly(node: Polynomial | Constant) -> fmpq_poly | None:
    if isinstance(node, Polynomial):
        return fmpq_poly(list(node.coefficients))
    return fmpq_poly([node.value]) if isinstance(node.value, fmpq) else None
