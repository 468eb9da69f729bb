"""The three arithmetics: exact rationals, balls, and batches of float64.

A scalar is what terms of the language evaluate to: fmpq, arb, or an array (batch,).  A coefficient is
a complex number over them, for the exponentials exp(ik.x): `Gaussian rational`, acb, or an array
(batch,) of complex128.  Both support +, -, * among themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import isqrt
from typing import Any, Protocol

import numpy as np
from attrs import frozen
from flint import acb, arb, fmpq

from mflverify.models.request import Unavailable

Scalar = Any
Coefficient = Any


class Ring(Protocol):
    """One arithmetic.  is_exact: equality of values is equality of numbers."""

    @property
    def name(self) -> str: ...
    @property
    def is_exact(self) -> bool: ...
    def number(self, value: Fraction) -> Scalar: ...
    def complex(self, real: Scalar, imaginary: Scalar) -> Coefficient: ...
    def real(self, value: Coefficient) -> Scalar: ...
    def conjugate(self, value: Coefficient) -> Coefficient: ...
    def is_zero(self, value: Coefficient) -> bool: ...
    def scalar_power(self, base: Scalar, exponent: Fraction) -> Scalar: ...
    def exp(self, x: Scalar) -> Scalar: ...
    def log(self, x: Scalar) -> Scalar: ...
    def absolute(self, x: Scalar) -> Scalar: ...
    def extremum(self, which: str, xs: list[Scalar]) -> Scalar: ...


def rational(value: Fraction) -> fmpq:
    """A Fraction as a FLINT rational."""
    return fmpq(value.numerator, value.denominator)


def fraction(value: fmpq) -> Fraction:
    """A FLINT rational as a Fraction."""
    return Fraction(int(value.p), int(value.q))


def rational_root(base: fmpq, exponent: Fraction) -> fmpq:
    """base ** exponent when it is rational.  Raises Unavailable otherwise."""
    if base < 0:
        raise Unavailable(f"a root of the negative number {base}")
    order = exponent.denominator
    numerator, denominator = int(base.p), int(base.q)
    if order == 2:
        top, bottom = isqrt(numerator), isqrt(denominator)
        if top * top == numerator and bottom * bottom == denominator:
            return fmpq(top, bottom) ** exponent.numerator
    raise Unavailable("a root that is not rational")


@frozen
class GaussianRational:
    """real + i imaginary, both rational."""

    real: fmpq
    imaginary: fmpq

    def __add__(self, other: GaussianRational) -> GaussianRational:
        return GaussianRational(self.real + other.real, self.imaginary + other.imaginary)

    def __sub__(self, other: GaussianRational) -> GaussianRational:
        return GaussianRational(self.real - other.real, self.imaginary - other.imaginary)

    def __neg__(self) -> GaussianRational:
        return GaussianRational(-self.real, -self.imaginary)

    def __mul__(self, other: GaussianRational | fmpq | int) -> GaussianRational:
        if not isinstance(other, GaussianRational):
            return GaussianRational(self.real * other, self.imaginary * other)
        a, b, c, d = self.real, self.imaginary, other.real, other.imaginary
        if not b and not d:
            return GaussianRational(a * c, b)
        return GaussianRational(a * c - b * d, a * d + b * c)

    __rmul__ = __mul__


@frozen
class Rationals:
    """Exact arithmetic: what is not rational is Unavailable."""

    name: str = "exact"
    is_exact: bool = True

    def number(self, value: Fraction) -> fmpq:
        return rational(value)

    def complex(self, real: fmpq, imaginary: fmpq) -> GaussianRational:
        return GaussianRational(real, imaginary)

    def real(self, value: GaussianRational) -> fmpq:
        return value.real

    def conjugate(self, value: GaussianRational) -> GaussianRational:
        return GaussianRational(value.real, -value.imaginary)

    def is_zero(self, value: GaussianRational) -> bool:
        return not value.real and not value.imaginary

    def scalar_power(self, base: fmpq, exponent: Fraction) -> fmpq:
        if exponent.denominator != 1:
            return rational_root(base, exponent)
        if exponent < 0 and base == 0:
            raise Unavailable("division by zero")
        return base**exponent.numerator

    def exp(self, x: fmpq) -> fmpq:
        if x == 0:
            return fmpq(1)
        raise Unavailable("exp of a rational is not rational")

    def log(self, x: fmpq) -> fmpq:
        if x == 1:
            return fmpq(0)
        raise Unavailable("log of a rational is not rational")

    def absolute(self, x: fmpq) -> fmpq:
        return abs(x)

    def extremum(self, which: str, xs: list[fmpq]) -> fmpq:
        return max(xs) if which == "max" else min(xs)


@frozen
class Balls:
    """Ball arithmetic at the working precision: every value contains the true one."""

    name: str = "ball"
    is_exact: bool = False

    def number(self, value: Fraction) -> arb:
        return arb(rational(value))

    def complex(self, real: arb, imaginary: arb) -> acb:
        return acb(real, imaginary)

    def real(self, value: acb) -> arb:
        return value.real

    def conjugate(self, value: acb) -> acb:
        return acb(value.real, -value.imag)

    def is_zero(self, value: acb) -> bool:
        return bool(value == 0)

    def scalar_power(self, base: arb, exponent: Fraction) -> arb:
        if exponent.denominator == 1:
            if exponent < 0 and base.contains(0):
                raise Unavailable("division by something that may vanish")
            return base**exponent.numerator
        if exponent == Fraction(1, 2) and base.contains(0) and base.upper() >= 0:
            # a square that the ball cannot tell from 0: its root lies in [0, sqrt(upper)]
            top = base.upper().sqrt()
            return (top / 2).union(arb(0)).union(top)
        return base ** arb(rational(exponent))

    def exp(self, x: arb) -> arb:
        return x.exp()

    def log(self, x: arb) -> arb:
        return x.log()

    def absolute(self, x: arb) -> arb:
        return abs(x)

    def extremum(self, which: str, xs: list[arb]) -> arb:
        result = xs[0]
        for x in xs[1:]:
            result = result.max(x) if which == "max" else result.min(x)
        return result


@frozen
class Floats:
    """A batch of `size` float64 numbers: not certified."""

    size: int
    name: str = "float"
    is_exact: bool = False

    def number(self, value: Fraction) -> np.ndarray:
        return np.full(self.size, float(value))

    def complex(self, real: np.ndarray, imaginary: np.ndarray) -> np.ndarray:
        return np.asarray(real + 1j * np.asarray(imaginary))

    def real(self, value: np.ndarray) -> np.ndarray:
        return np.real(value)

    def conjugate(self, value: np.ndarray) -> np.ndarray:
        return np.conj(value)

    def is_zero(self, value: np.ndarray) -> bool:
        return not np.any(value)

    def scalar_power(self, base: np.ndarray, exponent: Fraction) -> np.ndarray:
        if exponent.denominator == 1:
            return base ** float(exponent) if exponent < 0 else base ** int(exponent)
        # squares of norms may come out as -1e-30
        return np.maximum(base, 0.0) ** float(exponent)

    def exp(self, x: np.ndarray) -> np.ndarray:
        return np.exp(x)

    def log(self, x: np.ndarray) -> np.ndarray:
        return np.log(x)

    def absolute(self, x: np.ndarray) -> np.ndarray:
        return np.abs(x)

    def extremum(self, which: str, xs: list[np.ndarray]) -> np.ndarray:
        return np.max(xs, axis=0) if which == "max" else np.min(xs, axis=0)


def between(low: Scalar, high: Scalar) -> Scalar:
    """A value known to lie between two others, where they agree to 1e-6.

    A ball that holds two distant bounds would decide nothing about the order of the three.
    Raises Unavailable when they differ.
    """
    if isinstance(low, arb):
        both = low.union(high)
        if not both.rad() < abs(both.mid()) / 10**6:
            raise Unavailable("a value known only between two bounds")
        return both
    if not np.allclose(low, high, rtol=1e-8) if isinstance(low, np.ndarray) else low != high:
        raise Unavailable("a value known only between two bounds")
    return low


def coefficient_square(
    rows: Sequence[Sequence[Any]],
    target: Sequence[Sequence[Any]],
    source: Sequence[Sequence[Any]],
    zero: Any,
) -> Any:
    """tr(C^T G C H): the squared L2 norm of sum C_ij e_i(x) e'_j(y), with Gram matrices G and H."""
    places = [(i, j) for i, row in enumerate(rows) for j, c in enumerate(row) if c is not None]
    total = zero
    for i, j in places:
        for k, m in places:
            total = total + rows[i][j] * rows[k][m] * target[i][k] * source[j][m]
    return total


class RingScalars:
    """The operations on scalars of a backend, by its arithmetic `ring`."""

    ring: Ring

    def number(self, value: Fraction) -> Scalar:
        return self.ring.number(value)

    def scalar_power(self, base: Scalar, exponent: Fraction) -> Scalar:
        return self.ring.scalar_power(base, exponent)

    def exp(self, x: Scalar) -> Scalar:
        return self.ring.exp(x)

    def absolute(self, x: Scalar) -> Scalar:
        return self.ring.absolute(x)

    def extremum(self, which: str, xs: list[Scalar]) -> Scalar:
        return self.ring.extremum(which, xs)
