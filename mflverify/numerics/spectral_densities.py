"""Densities whose spectral gap is known in closed form or by a finite problem, and products.

They complement `density`: what these classes share is that `poincare_constant` accepts them.
"""

from collections.abc import Mapping
from fractions import Fraction

from attrs import field, frozen
from attrs.validators import deep_iterable, instance_of

from mflverify.numerics.density import (
    Gaussian,
    LogPolynomialDensity,
    LogTrigDensity,
    TrigDensity,
    UniformTorus,
)

Mode = tuple[int, ...]


def _rational(value: Fraction | int) -> Fraction:
    return Fraction(value)


def _positive(instance: object, attribute: object, value: Fraction) -> None:
    if not value > 0:
        name = getattr(attribute, "name", "value")
        raise ValueError(f"{name} must be positive: {value}")


@frozen
class UniformInterval:
    """Lebesgue measure on [lower, upper], normalised; reflecting ends."""

    lower: Fraction = field(converter=_rational)
    upper: Fraction = field(converter=_rational)

    def __attrs_post_init__(self) -> None:
        if not self.lower < self.upper:
            raise ValueError(f"lower must be below upper: {self.lower}, {self.upper}")


@frozen
class LogPolynomialInterval:
    """exp(-p)/Z restricted to [lower, upper], p by coefficients, lowest degree first."""

    coefficients: tuple[Fraction, ...] = field(
        converter=lambda values: tuple(Fraction(v) for v in values)
    )
    lower: Fraction = field(converter=_rational)
    upper: Fraction = field(converter=_rational)

    def __attrs_post_init__(self) -> None:
        if not self.coefficients:
            raise ValueError(f"coefficients must not be empty: {self.coefficients}")
        if not self.lower < self.upper:
            raise ValueError(f"lower must be below upper: {self.lower}, {self.upper}")


@frozen
class SechPower:
    """sech(x/scale)^exponent / Z on the line; exponent and scale positive.

    Exponent 2 with scale 2s is the logistic law of scale s, exponent 1 the hyperbolic secant law.
    """

    exponent: Fraction = field(converter=_rational, validator=_positive)
    scale: Fraction = field(converter=_rational, validator=_positive)


@frozen
class Laplace:
    """exp(-|x|/scale)/(2 scale) on the line."""

    scale: Fraction = field(converter=_rational, validator=_positive)


@frozen
class Triangular:
    """(1 - |x|/half_width)/half_width on [-half_width, half_width]."""

    half_width: Fraction = field(converter=_rational, validator=_positive)


def logistic(scale: Fraction | int = 1) -> SechPower:
    """The logistic law exp(-x/s)/(s (1 + exp(-x/s))^2)."""
    return SechPower(2, 2 * Fraction(scale))


@frozen
class LogTrigTorus:
    """exp(-U)/Z on the torus of period 2 pi in d directions, U not necessarily separable.

    `potential` maps k in Z^d to (a_k, b_k): U(x) = sum_k a_k cos(k.x) + b_k sin(k.x).
    Raises ValueError if it is empty or the modes differ in length.
    """

    potential: Mapping[Mode, tuple[Fraction, Fraction]] = field(
        converter=lambda given: {
            tuple(k): (Fraction(a), Fraction(b)) for k, (a, b) in given.items()
        }
    )

    def __attrs_post_init__(self) -> None:
        lengths = {len(k) for k in self.potential}
        if len(lengths) != 1 or 0 in lengths:
            raise ValueError(f"potential needs modes of one positive length: {self.potential}")

    @property
    def dimension(self) -> int:
        """d."""
        return len(next(iter(self.potential)))


Factor = (
    UniformTorus
    | LogTrigDensity
    | TrigDensity
    | Gaussian
    | LogPolynomialDensity
    | UniformInterval
    | LogPolynomialInterval
    | SechPower
    | Laplace
    | Triangular
    | LogTrigTorus
)


@frozen
class ProductMeasure:
    """The product of measures, each on its own space."""

    factors: tuple[Factor, ...] = field(
        converter=tuple, validator=deep_iterable(instance_of(Factor))
    )

    def __attrs_post_init__(self) -> None:
        if not self.factors:
            raise ValueError(f"factors must not be empty: {self.factors}")


SpectralDensity = Factor | ProductMeasure
