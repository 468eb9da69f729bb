"""Probability densities on the torus R/2 pi Z and on the line, by exact data.

Every density is smooth and positive. `weight` is the density up to normalisation, with respect to
dx; `log_weight` is its logarithm -U, so that L = -d^2/dx^2 + U' d/dx. Both are integrands, hence
evaluated in every arithmetic. The families also keep U in its own ring: `potential` and
`potential_derivative` are a TrigPolynomial on the torus and an fmpq_poly on the line.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Protocol, runtime_checkable

from attrs import field, frozen
from flint import fmpq, fmpq_poly

from mflverify.numerics.integrand import Integrand, as_integrand, constant, exp, log
from mflverify.numerics.suprema import certainly_positive
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
        """The density with respect to dx, up to normalisation."""
        ...

    @property
    def log_weight(self) -> Integrand:
        """The logarithm -U of the weight."""
        ...


def schroedinger_potential(density: Density) -> Integrand:
    """W = U'^2/4 - U''/2: L is unitarily equivalent to -d^2/dx^2 + W on L^2(dx)."""
    slope = -density.log_weight.derivative()
    return slope * slope * Fraction(1, 4) - slope.derivative() * Fraction(1, 2)


def _check_dimension(_: object, attribute: object, value: int) -> None:
    if value < 1:
        raise ValueError(f"dimension must be at least 1, got {value}")


@frozen
class UniformTorus:
    """dx/(2 pi)^d on the torus of dimension d. Raises ValueError if d < 1."""

    dimension: int = field(default=1, validator=_check_dimension)

    @property
    def is_periodic(self) -> bool:
        return True

    @property
    def weight(self) -> Integrand:
        return constant(1)

    @property
    def log_weight(self) -> Integrand:
        return constant(0)

    @property
    def potential(self) -> TrigPolynomial:
        return TrigPolynomial((0,))

    @property
    def potential_derivative(self) -> TrigPolynomial:
        return TrigPolynomial((0,))


def _require_trig(_: object, attribute: object, value: object) -> None:
    if not isinstance(value, TrigPolynomial):
        name = getattr(attribute, "name", "argument")
        raise ValueError(f"{name} must be a TrigPolynomial, got {value!r}")


@frozen
class LogTrigDensity:
    """exp(-U)/Z on the one-dimensional torus, U = `potential` a trigonometric polynomial.

    The coefficients of U may be rationals or balls. Raises ValueError for anything else.
    """

    potential: TrigPolynomial = field(validator=_require_trig)

    @property
    def dimension(self) -> int:
        return 1

    @property
    def is_periodic(self) -> bool:
        return True

    @property
    def weight(self) -> Integrand:
        return exp(self.log_weight)

    @property
    def log_weight(self) -> Integrand:
        return as_integrand(-self.potential)

    @property
    def potential_derivative(self) -> TrigPolynomial:
        return self.potential.derivative()


@frozen(init=False)
class TrigDensity:
    """p/(2 pi) on the one-dimensional torus, p = `values` a positive polynomial of mean 1.

    `values` is normalised at construction (exactly, for rational coefficients): it is the density
    with respect to dx/(2 pi). Raises ValueError unless p is certified positive by ball branch and
    bound; a polynomial that touches zero cannot be.
    """

    values: TrigPolynomial

    def __init__(self, values: TrigPolynomial) -> None:
        if not isinstance(values, TrigPolynomial):
            raise ValueError(f"values must be a TrigPolynomial, got {values!r}")
        if not certainly_positive(values):
            raise ValueError(f"values must be certainly positive on the torus, got {values}")
        self.__attrs_init__(values / values.mean)  # pyright: ignore[reportAttributeAccessIssue]

    @property
    def dimension(self) -> int:
        return 1

    @property
    def is_periodic(self) -> bool:
        return True

    @property
    def weight(self) -> Integrand:
        return as_integrand(self.values)

    @property
    def log_weight(self) -> Integrand:
        return log(self.values)


def _fractions(values: Iterable[int | Fraction]) -> tuple[Fraction, ...]:
    coefficients = tuple(values)
    for v in coefficients:
        if not isinstance(v, int | Fraction):
            raise ValueError(f"coefficients must be integers or Fractions, got {v!r}")
    return tuple(Fraction(v) for v in coefficients)


def _check_growth(_: object, attribute: object, value: tuple[Fraction, ...]) -> None:
    if len(value) < 3 or len(value) % 2 == 0 or value[-1] <= 0:
        raise ValueError(
            "coefficients must have an even degree, at least 2, and a positive leading "
            f"coefficient, got {value}"
        )


@frozen
class LogPolynomialDensity:
    """exp(-p)/Z on the line, p(x) = sum_j coefficients[j] x^j.

    Raises ValueError unless the degree is even and at least 2, with a positive leading coefficient.
    """

    coefficients: tuple[Fraction, ...] = field(converter=_fractions, validator=_check_growth)

    @property
    def dimension(self) -> int:
        return 1

    @property
    def is_periodic(self) -> bool:
        return False

    @property
    def potential(self) -> fmpq_poly:
        return fmpq_poly([fmpq(c.numerator, c.denominator) for c in self.coefficients])

    @property
    def potential_derivative(self) -> fmpq_poly:
        return self.potential.derivative()

    @property
    def weight(self) -> Integrand:
        return exp(self.log_weight)

    @property
    def log_weight(self) -> Integrand:
        return as_integrand(-self.potential)


def _rational(value: Number) -> fmpq:
    q = as_coefficient(value)
    if not isinstance(q, fmpq):
        raise ValueError(f"mean and variance must be rational, got {value!r}")
    return q


def _check_variance(_: object, attribute: object, value: fmpq) -> None:
    if value <= 0:
        raise ValueError(f"variance must be positive, got {value}")


@frozen
class Gaussian:
    """N(mean, variance) on the line, rational parameters (kept as fmpq).

    Raises ValueError if the variance is not positive or a parameter is not rational.
    """

    mean: fmpq = field(default=fmpq(0), converter=_rational)
    variance: fmpq = field(default=fmpq(1), converter=_rational, validator=_check_variance)

    @property
    def dimension(self) -> int:
        return 1

    @property
    def is_periodic(self) -> bool:
        return False

    @property
    def potential(self) -> fmpq_poly:
        shifted = fmpq_poly([-self.mean, fmpq(1)])
        return shifted * shifted * (1 / (2 * self.variance))

    @property
    def potential_derivative(self) -> fmpq_poly:
        return self.potential.derivative()

    @property
    def weight(self) -> Integrand:
        return exp(self.log_weight)

    @property
    def log_weight(self) -> Integrand:
        return as_integrand(-self.potential)
