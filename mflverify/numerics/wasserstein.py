"""The quadratic Wasserstein distance: certified between smooth densities, float for batches.

All functions return W2^2. `wasserstein_squared` encloses it from both sides in one dimension; the
functions of `wasserstein_float`, offered here too, are not certified.
"""

from fractions import Fraction

from flint import arb

from mflverify.numerics.density import (
    Gaussian,
    LogPolynomialDensity,
    LogTrigDensity,
    TrigDensity,
    UniformTorus,
)
from mflverify.numerics.jets import DensityJet, LogTrigonometricJet, TrigonometricJet
from mflverify.numerics.line_spectrum import as_ball
from mflverify.numerics.precision import working_precision
from mflverify.numerics.spectral_enclosure import Enclosure, exact_value
from mflverify.numerics.trig_torus import exact_coefficients, modes_of
from mflverify.numerics.wasserstein_certified import (
    WASSERSTEIN_BITS,
    wasserstein_squared_circle,
    wasserstein_squared_log_polynomials,
)
from mflverify.numerics.wasserstein_float import (
    wasserstein_squared_circle_densities,
    wasserstein_squared_circle_samples,
    wasserstein_squared_line_samples,
    wasserstein_squared_points,
)

__all__ = [
    "circle_jet",
    "wasserstein_squared",
    "wasserstein_squared_circle_densities",
    "wasserstein_squared_circle_samples",
    "wasserstein_squared_line_samples",
    "wasserstein_squared_points",
]

LineDensity = Gaussian | LogPolynomialDensity
CircleDensity = UniformTorus | LogTrigDensity | TrigDensity


def wasserstein_squared(
    source: LineDensity | CircleDensity, target: LineDensity | CircleDensity
) -> Enclosure:
    """A two-sided enclosure of W2^2 between two densities on the line or on the circle.

    Line: |x - y|; circle of length 2 pi: arc length. Gaussians in closed form; otherwise the
    monotone map is integrated in balls, to about 1e-9 in absolute terms, in about a second (more
    where the map stretches strongly). Theorems: `wasserstein_certified`.
    Raises ValueError if the densities do not live on the same one-dimensional space, TailError or
    QuantileError if the tails cannot be bounded.
    """
    match source, target:
        case Gaussian(), Gaussian():
            return _gaussians(source, target)
        case ((Gaussian() | LogPolynomialDensity()), (Gaussian() | LogPolynomialDensity())):
            return wasserstein_squared_log_polynomials(
                line_potential(source), line_potential(target)
            )
        case (
            (UniformTorus(dimension=1) | LogTrigDensity() | TrigDensity()),
            (UniformTorus(dimension=1) | LogTrigDensity() | TrigDensity()),
        ):
            with working_precision(WASSERSTEIN_BITS):
                jets = circle_jet(source), circle_jet(target)
            return wasserstein_squared_circle(*jets)
        case _:
            raise ValueError(
                f"source and target must be densities on the line or on the circle: "
                f"{source!r}, {target!r}"
            )


def _gaussians(source: Gaussian, target: Gaussian) -> Enclosure:
    with working_precision(WASSERSTEIN_BITS):
        means = exact_coefficients((source.mean, target.mean))
        variances = exact_coefficients((source.variance, target.variance))
        deviations = [as_ball(v).sqrt() for v in variances]
        value = as_ball(means[0] - means[1]) ** 2 + (deviations[0] - deviations[1]) ** 2
        return exact_value(value, "W2^2 = (m - m')^2 + (s - s')^2 for Gaussians on the line")


def line_potential(density: LineDensity) -> tuple[Fraction, ...]:
    """p with density = exp(-p)/Z, coefficients lowest degree first."""
    if isinstance(density, Gaussian):
        mean, variance = exact_coefficients((density.mean, density.variance))
        return (Fraction(0), -mean / variance, 1 / (2 * variance))
    return exact_coefficients(density.coefficients)


def circle_jet(density: CircleDensity) -> DensityJet:
    """The density, not normalised, on the unit interval: x = 2 pi u."""
    frequency = 2 * arb.pi()
    match density:
        case UniformTorus():
            return TrigonometricJet({0: (arb(1), arb(0))}, frequency)
        case LogTrigDensity(potential=potential):
            return LogTrigonometricJet(modes_of(potential), frequency)
        case TrigDensity(values=values):
            return TrigonometricJet(modes_of(values), frequency)
