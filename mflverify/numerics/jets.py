"""Truncated Taylor series in balls, and densities composed with them.

A jet is the list [y_0, ..., y_{n-1}] of the Taylor coefficients of a function at a point. If y_0 is
a ball (a cell), coefficient y_m encloses y^{(m)}/m! over the whole cell: Lagrange's remainder.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from attrs import frozen
from flint import arb, arb_poly

Jet = list[arb]


def multiply(left: Sequence[arb], right: Sequence[arb]) -> Jet:
    """The product, truncated to the length of the shorter factor."""
    size = min(len(left), len(right))
    product = arb_poly(list(left[:size])) * arb_poly(list(right[:size]))
    return [product[i] for i in range(size)]


def divide(numerator: Sequence[arb], denominator: Sequence[arb]) -> Jet:
    """The quotient; balls are infinite if the denominator's first ball contains zero."""
    quotient: Jet = []
    for n in range(min(len(numerator), len(denominator))):
        rest = numerator[n]
        for m in range(n):
            rest = rest - quotient[m] * denominator[n - m]
        quotient.append(rest / denominator[0])
    return quotient


def exponential(exponent: Sequence[arb]) -> Jet:
    """exp of a jet, by n e_n = sum_{m=1}^n m y_m e_{n-m}."""
    result = [exponent[0].exp()]
    for n in range(1, len(exponent)):
        total = arb(0)
        for m in range(1, n + 1):
            total += m * exponent[m] * result[n - m]
        result.append(total / n)
    return result


def sine_cosine(angle: Sequence[arb]) -> tuple[Jet, Jet]:
    """sin and cos of a jet, by the coupled recurrence s' = y' c, c' = -y' s."""
    first_sine, first_cosine = angle[0].sin_cos()
    sine, cosine = [first_sine], [first_cosine]
    for n in range(1, len(angle)):
        s, c = arb(0), arb(0)
        for m in range(1, n + 1):
            s += m * angle[m] * cosine[n - m]
            c -= m * angle[m] * sine[n - m]
        sine.append(s / n)
        cosine.append(c / n)
    return sine, cosine


def variable(at: arb, size: int) -> Jet:
    """The jet of the identity at `at`."""
    return [at, arb(1), *(arb(0) for _ in range(size - 2))][:size]


class DensityJet(Protocol):
    """A positive density (not necessarily normalised) that can be composed with a jet."""

    def __call__(self, y: Sequence[arb], /) -> Jet:
        """The jet of density(y(.))."""
        ...


def compose_polynomial(coefficients: Sequence[arb], y: Sequence[arb]) -> Jet:
    """The jet of sum_j c_j y^j, coefficients lowest degree first."""
    result = [arb(0) for _ in y]
    for c in reversed(coefficients):
        result = multiply(result, y)
        result[0] += c
    return result


def compose_trigonometric(
    modes: Mapping[int, tuple[arb, arb]], y: Sequence[arb], frequency: arb
) -> Jet:
    """The jet of sum_k a_k cos(k w y) + b_k sin(k w y), by {k: (a_k, b_k)}, w = `frequency`."""
    result = [arb(0) for _ in y]
    for k, (a, b) in modes.items():
        sine, cosine = sine_cosine([k * frequency * c for c in y])
        result = [r + a * c + b * s for r, s, c in zip(result, sine, cosine, strict=True)]
    return result


@frozen
class LogPolynomialJet:
    """exp(-p), p by its coefficients, lowest degree first."""

    coefficients: tuple[arb, ...]

    def __call__(self, y: Sequence[arb]) -> Jet:
        return exponential([-c for c in compose_polynomial(self.coefficients, y)])


@frozen
class TrigonometricJet:
    """sum_k a_k cos(k w y) + b_k sin(k w y), by {k: (a_k, b_k)}, k >= 0, w = `frequency`.

    With w = 2 pi the circle has length one and its end points are exact numbers.
    """

    modes: Mapping[int, tuple[arb, arb]]
    frequency: arb

    def __call__(self, y: Sequence[arb]) -> Jet:
        return compose_trigonometric(self.modes, y, self.frequency)


@frozen
class LogTrigonometricJet:
    """exp(-U), U by modes and frequency as in TrigonometricJet."""

    modes: Mapping[int, tuple[arb, arb]]
    frequency: arb

    def __call__(self, y: Sequence[arb]) -> Jet:
        return exponential([-c for c in compose_trigonometric(self.modes, y, self.frequency)])
