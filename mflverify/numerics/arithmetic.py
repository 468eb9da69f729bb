"""Evaluation of an integrand tree in one of several arithmetics, by one walker.

`RealBalls` and `ComplexBalls` enclose (Arb); `Floats` (float64 arrays) and `MpFloats` (mpmath) are
independent second opinions and certify nothing. Whole grids at once: `grid_arithmetic`.
"""

from typing import Any, Generic, Protocol, TypeVar

import mpmath
import numpy as np
from attrs import frozen
from flint import acb, arb, fmpq

from mflverify.numerics.integrand import (
    Absolute,
    Constant,
    Exponential,
    Integrand,
    Logarithm,
    Multivariate,
    Polynomial,
    Power,
    Product,
    Quotient,
    Sum,
    Trigonometric,
)
from mflverify.numerics.torus_polynomial import TorusPolynomial
from mflverify.numerics.trig import Coefficient, Mpf, TrigPolynomial, to_mpf

V = TypeVar("V")
B = TypeVar("B", arb, acb)


class Arithmetic(Protocol[V]):
    """What the walker needs; the point of evaluation is part of the arithmetic."""

    def constant(self, value: Coefficient) -> V: ...
    def trigonometric(self, p: TrigPolynomial) -> V: ...
    def multivariate(self, p: TorusPolynomial) -> V: ...
    def polynomial(self, coefficients: tuple[fmpq, ...]) -> V: ...
    def add(self, left: V, right: V) -> V: ...
    def multiply(self, left: V, right: V) -> V: ...
    def divide(self, left: V, right: V) -> V: ...
    def exp(self, value: V) -> V: ...
    def log(self, value: V) -> V: ...
    def power(self, value: V, exponent: fmpq) -> V: ...
    def absolute(self, value: V) -> V: ...


def evaluate(tree: Integrand, arithmetic: Arithmetic[V]) -> V:
    """The value of the tree in the given arithmetic."""
    match tree:
        case Constant(value):
            return arithmetic.constant(value)
        case Trigonometric(p):
            return arithmetic.trigonometric(p)
        case Multivariate(p):
            return arithmetic.multivariate(p)
        case Polynomial(coefficients):
            return arithmetic.polynomial(coefficients)
        case Sum(nodes):
            total = evaluate(nodes[0], arithmetic)
            for node in nodes[1:]:
                total = arithmetic.add(total, evaluate(node, arithmetic))
            return total
        case Product(nodes):
            total = evaluate(nodes[0], arithmetic)
            for node in nodes[1:]:
                total = arithmetic.multiply(total, evaluate(node, arithmetic))
            return total
        case Quotient(numerator, denominator):
            return arithmetic.divide(
                evaluate(numerator, arithmetic), evaluate(denominator, arithmetic)
            )
        case Exponential(argument):
            return arithmetic.exp(evaluate(argument, arithmetic))
        case Logarithm(argument):
            return arithmetic.log(evaluate(argument, arithmetic))
        case Power(base, exponent):
            return arithmetic.power(evaluate(base, arithmetic), exponent)
        case Absolute(argument):
            return arithmetic.absolute(evaluate(argument, arithmetic))
    raise ValueError(f"not an integrand: {tree!r}")


def _horner(coefficients: tuple[fmpq, ...], x: Any) -> Any:
    total = x * 0 + coefficients[-1]
    for c in reversed(coefficients[:-1]):
        total = total * x + c
    return total


class OneVariable(Generic[V]):
    """What functions of one variable have in common: those of several are refused."""

    def multivariate(self, p: TorusPolynomial) -> V:
        raise ValueError(f"a function of {p.dimension} variables where one is expected: {p}")


class _Operators(OneVariable[V]):
    """Addition and multiplication by the operators of the values themselves."""

    def add(self, left: Any, right: Any) -> Any:
        return left + right

    def multiply(self, left: Any, right: Any) -> Any:
        return left * right

    def divide(self, left: Any, right: Any) -> Any:
        return left / right

    def exp(self, value: Any) -> Any:
        return value.exp()


@frozen
class RealBalls(_Operators[arb]):
    """Enclosures of the range over the ball x; not finite where the tree is not defined."""

    x: arb

    def constant(self, value: Coefficient) -> arb:
        return arb(value)

    def trigonometric(self, p: TrigPolynomial) -> arb:
        return p(self.x)

    def polynomial(self, coefficients: tuple[fmpq, ...]) -> arb:
        return _horner(coefficients, self.x)

    def log(self, value: arb) -> arb:
        return value.log()

    def power(self, value: arb, exponent: fmpq) -> arb:
        return real_power(value, exponent)

    def absolute(self, value: arb) -> arb:
        return abs(value)


@frozen
class RealBox(_Operators[arb]):
    """Enclosures of the range over the box x of a torus of several variables."""

    x: tuple[arb, ...]

    def constant(self, value: Coefficient) -> arb:
        return arb(value)

    def trigonometric(self, p: TrigPolynomial) -> arb:
        raise ValueError(f"a function of one variable among those of several: {p}")

    def multivariate(self, p: TorusPolynomial) -> arb:
        total = arb(0)
        for k, a, b in p.waves:
            s, c = sum((j * x for j, x in zip(k, self.x, strict=True)), arb(0)).sin_cos()
            total += a * c + b * s
        return total

    def polynomial(self, coefficients: tuple[fmpq, ...]) -> arb:
        raise ValueError(f"a polynomial is not periodic: {coefficients}")

    def log(self, value: arb) -> arb:
        return value.log()

    def power(self, value: arb, exponent: fmpq) -> arb:
        return real_power(value, exponent)

    def absolute(self, value: arb) -> arb:
        return abs(value)


def real_power(value: arb, exponent: fmpq) -> arb:
    """value**exponent for real balls: not finite if the base may be negative and the exponent is
    not an integer."""
    if exponent.q == 1:
        return integer_power(value, int(exponent.p))
    if exponent == fmpq(1, 2):
        return value.sqrt()
    return value**exponent


def integer_power(value: B, n: int) -> B:
    """value**n by squaring. (Flint's own power of a ball around zero is not a number.)"""
    if n < 0:
        return 1 / integer_power(value, -n)
    result, square = value * 0 + 1, value
    while n:
        if n % 2:
            result = result * square
        square, n = square * square, n // 2
    return result


@frozen
class ComplexBalls(_Operators[acb]):
    """Enclosures of the range over the rectangle z.

    If `analytic` is true, the value is finite only if the tree is analytic on all of z, as Arb's
    integrator requires.
    """

    z: acb
    analytic: bool

    def constant(self, value: Coefficient) -> acb:
        return acb(value)

    def trigonometric(self, p: TrigPolynomial) -> acb:
        return p(self.z)

    def polynomial(self, coefficients: tuple[fmpq, ...]) -> acb:
        return _horner(coefficients, self.z)

    def log(self, value: acb) -> acb:
        return value.log(analytic=self.analytic)

    def power(self, value: acb, exponent: fmpq) -> acb:
        if exponent.q == 1:
            return integer_power(value, int(exponent.p))
        if exponent == fmpq(1, 2):
            return value.sqrt(analytic=self.analytic)
        return value.pow(acb(exponent), analytic=self.analytic)

    def absolute(self, value: acb) -> acb:
        return value.real_abs(analytic=self.analytic)


@frozen(eq=False)
class Floats(_Operators[np.ndarray]):
    """float64, elementwise over the array x; not certified."""

    x: np.ndarray

    def constant(self, value: Coefficient) -> np.ndarray:
        return np.full(self.x.shape, float(arb(value)))

    def trigonometric(self, p: TrigPolynomial) -> np.ndarray:
        return p(self.x)

    def polynomial(self, coefficients: tuple[fmpq, ...]) -> np.ndarray:
        return np.polynomial.polynomial.polyval(self.x, [float(arb(c)) for c in coefficients])

    def exp(self, value: np.ndarray) -> np.ndarray:
        return np.exp(value)

    def log(self, value: np.ndarray) -> np.ndarray:
        return np.log(value)

    def power(self, value: np.ndarray, exponent: fmpq) -> np.ndarray:
        return value ** (int(exponent.p) if exponent.q == 1 else float(arb(exponent)))

    def absolute(self, value: np.ndarray) -> np.ndarray:
        return np.abs(value)


@frozen
class MpFloats(_Operators[Mpf]):
    """mpmath at its working precision; not certified."""

    x: Mpf

    def constant(self, value: Coefficient) -> Mpf:
        return to_mpf(value)

    def trigonometric(self, p: TrigPolynomial) -> Mpf:
        return p(self.x)

    def polynomial(self, coefficients: tuple[fmpq, ...]) -> Mpf:
        return mpmath.polyval([to_mpf(c) for c in reversed(coefficients)], self.x)

    def exp(self, value: Mpf) -> Mpf:
        return mpmath.exp(value)

    def log(self, value: Mpf) -> Mpf:
        return mpmath.log(value)

    def power(self, value: Mpf, exponent: fmpq) -> Mpf:
        return mpmath.power(value, to_mpf(exponent))

    def absolute(self, value: Mpf) -> Mpf:
        return abs(value)
