"""Real trigonometric polynomials on the torus R/2 pi Z, over the rationals or over balls.

p(x) = cosines[0] + sum_{j>=1} cosines[j] cos jx + sines[j-1] sin jx. Products are convolutions of
complex coefficients c_j = (a_j - i b_j)/2, done by FLINT's polynomial multiplication; they are
exact when the coefficients are rational, and enclosures otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import chain, zip_longest
from typing import Any, TypeAlias, overload

import mpmath
import numpy as np
from attrs import field, frozen
from flint import acb, arb, arb_poly, fmpq, fmpq_poly, fmpz

Coefficient: TypeAlias = fmpq | arb
"""An exact rational or a ball."""
Number: TypeAlias = int | Fraction | fmpz | fmpq | arb
"""What is accepted as a coefficient; integers and Fractions become rationals."""

Mpf: TypeAlias = Any
"""An mpmath number (mpmath has no types)."""

_ZERO = fmpq(0)


def as_coefficient(value: Number, name: str = "coefficient") -> Coefficient:
    """`value` as an exact rational, or as the ball that it is.

    Raises ValueError for anything else (floats too: their exact value is rarely what is meant)
    and for balls that are not finite.
    """
    if isinstance(value, fmpq):
        return value
    if isinstance(value, arb):
        if not value.is_finite():
            raise ValueError(f"{name} must be finite, got {value}")
        return value
    if isinstance(value, Fraction):
        return fmpq(value.numerator, value.denominator)
    if isinstance(value, fmpz | int) and not isinstance(value, bool):
        return fmpq(value)
    raise ValueError(f"{name} must be an integer, a Fraction, fmpq or arb, got {value!r}")


def _coefficients(values: Iterable[Number]) -> tuple[Coefficient, ...]:
    return tuple(as_coefficient(v) for v in values)


@frozen(init=False)
class TrigPolynomial:
    """p(x) = cosines[0] + sum_{j>=1} cosines[j] cos jx + sines[j-1] sin jx, period 2 pi.

    `cosines` has degree+1 entries and `sines` degree entries. All coefficients are fmpq, or all
    are arb (one ball makes all of them balls). Exactly vanishing leading coefficients are dropped.
    Raises ValueError for coefficients that are neither rational nor finite balls.
    """

    cosines: tuple[Coefficient, ...] = field()
    sines: tuple[Coefficient, ...] = field()

    def __init__(self, cosines: Iterable[Number] = (0,), sines: Iterable[Number] = ()) -> None:
        a, b = _coefficients(cosines), _coefficients(sines)
        if not a:
            a = (_ZERO,)
        size = max(len(a) - 1, len(b))
        while size and _vanishes(a, size) and _vanishes(b, size - 1):
            size -= 1
        a = a[: size + 1] + (_ZERO,) * (size + 1 - len(a))
        b = b[:size] + (_ZERO,) * (size - len(b))
        if any(isinstance(c, arb) for c in chain(a, b)):
            a, b = tuple(arb(c) for c in a), tuple(arb(c) for c in b)
        self.__attrs_init__(a, b)  # pyright: ignore[reportAttributeAccessIssue]

    @staticmethod
    def constant(value: Number) -> TrigPolynomial:
        """The constant polynomial `value`."""
        return TrigPolynomial((value,))

    @staticmethod
    def cosine(frequency: int, amplitude: Number = 1) -> TrigPolynomial:
        """amplitude * cos(frequency x), frequency >= 0."""
        _check_frequency(frequency, 0)
        return TrigPolynomial((0,) * frequency + (amplitude,))

    @staticmethod
    def sine(frequency: int, amplitude: Number = 1) -> TrigPolynomial:
        """amplitude * sin(frequency x), frequency >= 1."""
        _check_frequency(frequency, 1)
        return TrigPolynomial((0,), (0,) * (frequency - 1) + (amplitude,))

    @staticmethod
    def from_fractions(
        cosines: Sequence[int | Fraction], sines: Sequence[int | Fraction] = ()
    ) -> TrigPolynomial:
        """The exact polynomial with these coefficients."""
        return TrigPolynomial(cosines, sines)

    @property
    def degree(self) -> int:
        """The largest frequency whose coefficients are not exactly zero (0 for constants)."""
        return len(self.sines)

    @property
    def is_exact(self) -> bool:
        """Whether the coefficients are rational."""
        return isinstance(self.cosines[0], fmpq)

    @property
    def is_zero(self) -> bool:
        """Whether the polynomial is exactly zero."""
        return not self.degree and self.cosines[0] == 0

    @property
    def is_constant(self) -> bool:
        """Whether only the coefficient of the constant may differ from zero."""
        return self.degree == 0

    @property
    def mean(self) -> Coefficient:
        """The mean with respect to dx/(2 pi)."""
        return self.cosines[0]

    def frequency(self, j: int) -> tuple[Coefficient, Coefficient]:
        """The coefficients of cos jx and sin jx (zero beyond the degree)."""
        if j == 0:
            return self.cosines[0], _ZERO
        if j > self.degree:
            return _ZERO, _ZERO
        return self.cosines[j], self.sines[j - 1]

    def to_ring(self, ring: type[fmpq] | type[arb]) -> TrigPolynomial:
        """The same polynomial over `ring`; balls become rational only if they are exact.

        Raises ValueError if `ring` is fmpq and a coefficient is a ball of positive radius.
        """
        if ring is arb:
            return TrigPolynomial(map(arb, self.cosines), map(arb, self.sines))
        if self.is_exact:
            return self
        for c in chain(self.cosines, self.sines):
            if not arb(c).is_exact():
                raise ValueError(f"coefficient {c} is not exact, so it is no rational number")
        return TrigPolynomial(
            (arb(c).fmpq() for c in self.cosines), (arb(c).fmpq() for c in self.sines)
        )

    def __neg__(self) -> TrigPolynomial:
        return TrigPolynomial((-c for c in self.cosines), (-c for c in self.sines))

    def __add__(self, other: TrigPolynomial | Number) -> TrigPolynomial:
        if not isinstance(other, _OPERANDS):
            return NotImplemented
        other = _as_polynomial(other)
        return TrigPolynomial(
            (a + b for a, b in zip_longest(self.cosines, other.cosines, fillvalue=_ZERO)),
            (a + b for a, b in zip_longest(self.sines, other.sines, fillvalue=_ZERO)),
        )

    __radd__ = __add__

    def __sub__(self, other: TrigPolynomial | Number) -> TrigPolynomial:
        return self + (-other) if isinstance(other, _OPERANDS) else NotImplemented

    def __rsub__(self, other: Number) -> TrigPolynomial:
        return -self + other

    def __mul__(self, other: TrigPolynomial | Number) -> TrigPolynomial:
        if not isinstance(other, TrigPolynomial):
            if not isinstance(other, _OPERANDS):
                return NotImplemented
            factor = as_coefficient(other, "factor")
            return TrigPolynomial(
                (c * factor for c in self.cosines), (c * factor for c in self.sines)
            )
        if other.is_constant:
            return self * other.mean
        if self.is_constant:
            return other * self.mean
        return _product(self, other)

    __rmul__ = __mul__

    def __truediv__(self, other: Number) -> TrigPolynomial:
        if not isinstance(other, _OPERANDS):
            return NotImplemented
        divisor = as_coefficient(other, "divisor")
        if divisor == 0:
            raise ValueError(f"divisor must not be zero, got {other}")
        return self * (1 / divisor)

    def __pow__(self, exponent: int) -> TrigPolynomial:
        if exponent < 0:
            raise ValueError(f"exponent must be a natural number, got {exponent}")
        result = TrigPolynomial((1,))
        for _ in range(exponent):
            result = result * self
        return result

    def derivative(self, order: int = 1) -> TrigPolynomial:
        """The derivative of the given order (order >= 0)."""
        _check_frequency(order, 0, "order")
        p = self
        for _ in range(order):
            p = TrigPolynomial(
                (_ZERO, *(j * b for j, b in enumerate(p.sines, 1))),
                (-j * a for j, a in enumerate(p.cosines[1:], 1)),
            )
        return p

    def antiderivative(self) -> TrigPolynomial:
        """The mean-free P with P' = p, for a mean-free p.

        Raises ValueError if the mean is certainly not zero. A ball that contains zero as the mean
        is taken for zero: the caller vouches for it, and P' = p - mean.
        """
        if not arb(self.mean).contains(0):
            raise ValueError(f"only a mean-free polynomial has a primitive; mean {self.mean}")
        return TrigPolynomial(
            (_ZERO, *(-b / j for j, b in enumerate(self.sines, 1))),
            (a / j for j, a in enumerate(self.cosines[1:], 1)),
        )

    def shift(self, angle: arb) -> TrigPolynomial:
        """x -> p(x + angle), in balls."""
        return self._rotate([(j * angle).sin_cos() for j in range(self.degree + 1)])

    def shift_turns(self, turns: int | Fraction) -> TrigPolynomial:
        """x -> p(x + 2 pi turns); exact if p is and 4*turns is an integer."""
        return self._rotate([_sine_cosine(j * Fraction(turns)) for j in range(self.degree + 1)])

    def _rotate(self, angles: Sequence[tuple[Coefficient, Coefficient]]) -> TrigPolynomial:
        pairs = list(zip(self.cosines[1:], self.sines, angles[1:], strict=True))
        return TrigPolynomial(
            (self.cosines[0], *(a * c + b * s for a, b, (s, c) in pairs)),
            (b * c - a * s for a, b, (s, c) in pairs),
        )

    def at_turns(self, turns: int | Fraction) -> Coefficient:
        """p(2 pi turns); exact if p is and 4*turns is an integer."""
        return self.shift_turns(turns).sum_of_cosines()

    def sum_of_cosines(self) -> Coefficient:
        """p(0)."""
        return sum(self.cosines[1:], self.cosines[0])

    @overload
    def __call__(self, x: arb) -> arb: ...
    @overload
    def __call__(self, x: acb) -> acb: ...
    @overload
    def __call__(self, x: np.ndarray) -> np.ndarray: ...
    @overload
    def __call__(self, x: Mpf) -> Mpf: ...
    def __call__(self, x: Any) -> Any:
        """The value at x: a real or complex ball, a float64 array (any shape) or an mpf.

        Balls give enclosures; floats and mpf are not certified.
        """
        if isinstance(x, arb | acb):
            return _at_ball(self, x)
        if isinstance(x, np.ndarray):
            total = np.full(x.shape, float(arb(self.cosines[0])))
            for j, (a, b) in enumerate(zip(self.cosines[1:], self.sines, strict=True), 1):
                total += float(arb(a)) * np.cos(j * x) + float(arb(b)) * np.sin(j * x)
            return total
        if isinstance(x, mpmath.mpf):
            total = to_mpf(self.cosines[0])
            for j, (a, b) in enumerate(zip(self.cosines[1:], self.sines, strict=True), 1):
                total += to_mpf(a) * mpmath.cos(j * x) + to_mpf(b) * mpmath.sin(j * x)
            return total
        raise ValueError(f"x must be arb, acb, a float array or mpf, got {x!r}")


def _at_ball(p: TrigPolynomial, x: Any) -> Any:
    total = x * 0 + p.cosines[0]
    for j, (a, b) in enumerate(zip(p.cosines[1:], p.sines, strict=True), 1):
        s, c = (j * x).sin_cos()
        total += a * c + b * s
    return total


# Anything else may know how to combine itself with a polynomial (integrand trees do).
_OPERANDS = (TrigPolynomial, int, Fraction, fmpz, fmpq, arb)


def to_mpf(value: Coefficient) -> Mpf:
    """`value` (the midpoint of a ball) at mpmath's working precision."""
    if isinstance(value, fmpq):
        return mpmath.mpf(int(value.p)) / int(value.q)
    return mpmath.mpf(value.mid())


def _vanishes(coefficients: tuple[Coefficient, ...], index: int) -> bool:
    return index >= len(coefficients) or coefficients[index] == 0


def _check_frequency(value: int, least: int, name: str = "frequency") -> None:
    if value < least:
        raise ValueError(f"{name} must be at least {least}, got {value}")


def _as_polynomial(value: TrigPolynomial | Number) -> TrigPolynomial:
    return value if isinstance(value, TrigPolynomial) else TrigPolynomial((value,))


def _sine_cosine(turns: Fraction) -> tuple[Coefficient, Coefficient]:
    """sin and cos of 2 pi turns, exact at quarter turns."""
    quarter = 4 * (turns % 1)
    if quarter.denominator == 1:
        sine, cosine = ((0, 1), (1, 0), (0, -1), (-1, 0))[quarter.numerator]
        return fmpq(sine), fmpq(cosine)
    return arb.sin_cos_pi_fmpq(fmpq(2 * turns.numerator, turns.denominator))


def _product(left: TrigPolynomial, right: TrigPolynomial) -> TrigPolynomial:
    """(R + iI)(R' + iI') for the shifted Laurent polynomials of 2 c_j: R even, I odd in j."""
    exact = left.is_exact and right.is_exact
    n = left.degree + right.degree
    (r, i), (s, j) = _laurent(left, exact), _laurent(right, exact)
    real, imaginary = r * s - i * j, r * j + i * s
    # The factors carry 2 c_j, so the product carries 4 c_j = 2 (a_j - i b_j).
    return TrigPolynomial(
        (real[n] / 4, *(real[n + k] / 2 for k in range(1, n + 1))),
        (-imaginary[n + k] / 2 for k in range(1, n + 1)),
    )


def _laurent(p: TrigPolynomial, exact: bool) -> tuple[Any, Any]:
    polynomial: Any = fmpq_poly if exact else arb_poly
    a, b = p.cosines, p.sines
    real = [*reversed(a[1:]), 2 * a[0], *a[1:]]
    imaginary = [*reversed(b), _ZERO, *(-c for c in b)]
    return polynomial(real), polynomial(imaginary)
