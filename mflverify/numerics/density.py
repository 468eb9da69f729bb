"""Probability densities on the torus R/2 pi Z and on the line, by exact data.

Every density is smooth and positive; `weight` is the unnormalised density as an integrand and
`potential` the exact U with weight = exp(-U), so that L = -d^2/dx^2 + U' d/dx is known exactly and
N's Schroedinger potential W = U'^2/4 - U''/2 is `schroedinger_potential`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Protocol, runtime_checkable

from attrs import field, frozen
from flint import arb, fmpq, fmpq_poly

from mflverify.numerics.integrand import (
    Convertible,
    Integrand,
    as_integrand,
    constant,
    exp,
    log,
    multiply,
)
from mflverify.numerics.trig import Number, TrigPolynomial, as_coefficient


@runtime_checkable
class Density(Protocol):
    """A positive probability density on a torus or on the line."""

    @property
    def dimension(self) -> int:
        """The dimension of the space."""
        ...

    @property
    def is_periodic(self) -> bool:
        """Whether the space is a torus (period 2 pi); otherwise it is the line."""
        ...

    @property
    def weight(self) -> Integrand:
        """The density up to normalisation, with respect to dx."""
        ...

    @property
    def potential(self) -> Integrand:
        """U, with weight = exp(-U)."""
        ...


def schroedinger_potential(density: Density) -> Integrand:
    """W = U'^2/4 - U''/2, whose -d^2/dx^2 + W is L conjugated by the square root of the weight."""
    slope = density.potential.derivative()
    return constant(Fraction(1, 4)) * slope * slope - constant(Fraction(1, 2)) * slope.derivative()


@frozen
class UniformTorus:
    """dx/(2 pi)^d on the torus of the given dimension."""

    dimension: int = field(default=1)

    @dimension.validator
    def _positive(self, _: object, value: int) -> None:
        if value < 1:
            raise ValueError(f"dimension must be at least 1, got {value}")

    @property
    def is_periodic(self) -> bool:
        return True

    @property
    def weight(self) -> Integrand:
        return constant(1)

    @property
    def potential(self) -> Integrand:
        return constant(0)


@frozen
class LogTrigDensity:
    """exp(-U)/Z on the one-dimensional torus, U = `log_potential` a trigonometric polynomial."""

    log_potential: TrigPolynomial

    @property
    def dimension(self) -> int:
        return 1

    @property
    def is_periodic(self) -> bool:
        return True

    @property
    def weight(self) -> Integrand:
        return exp(-as_integrand(self.log_potential))

    @property
    def potential(self) -> Integrand:
        return as_integrand(self.log_potential)
