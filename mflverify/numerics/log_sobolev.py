"""Log-Sobolev constants rho: KL(nu|mu) <= (1/(2 rho)) int |grad log(dnu/dmu)|^2 dnu, best possible.

Exact where classical, two-sided otherwise. In this normalisation rho <= alpha (linearise at mu),
and the circle of length 2 pi and N(m, sigma^2) have rho = alpha = 1, 1/sigma^2.
"""

from collections.abc import Callable

from flint import arb

from mflverify.numerics.density import (
    Gaussian,
    LogPolynomialDensity,
    LogTrigDensity,
    TrigDensity,
    UniformTorus,
)
from mflverify.numerics.log_sobolev_bounds import (
    circle_bound,
    convexity_bound,
    perturbation_bound,
)
from mflverify.numerics.log_sobolev_tightening import (
    circle_tightened_bound,
    dimension_bound,
    line_tightened_bound,
    torus_tightened_bound,
)
from mflverify.numerics.log_sobolev_trials import circle_mean, circle_trial_bound, line_trial_bound
from mflverify.numerics.poincare import poincare_constant
from mflverify.numerics.precision import working_precision
from mflverify.numerics.spectral_densities import (
    LogTrigTorus,
    ProductMeasure,
    SpectralDensity,
    UniformInterval,
)
from mflverify.numerics.spectral_enclosure import Enclosure
from mflverify.numerics.torus_polynomial import TorusPolynomial
from mflverify.numerics.trig import as_coefficient
from mflverify.numerics.trig_torus import positive_range, trigonometric_range
from mflverify.numerics.wasserstein import circle_jet, line_potential

_BITS = 128
_GAP_DIGITS = 10
_THEOREM = (
    "below: the best of Bakry-Emery, Holley-Stroock, contraction, Rothaus' curvature-dimension "
    "bound, and Rothaus' tightening of a defective inequality by alpha; above: rho <= alpha and "
    "I/(2 KL) of a trial measure"
)


def log_sobolev_constant(density: SpectralDensity) -> Enclosure:
    """A two-sided enclosure of rho; exact for Gaussians, uniform tori and uniform intervals.

    Below: Bakry-Emery or Holley-Stroock (on the circle also the contraction principle), and the
    bounds of `log_sobolev_tightening`, which use the certified Poincare constant. Above: the
    Poincare constant and trial measures exp(-r) mu with r of degree three, minimised in floats and
    evaluated in balls. The two ends may differ by a large factor: rho is not known better here.
    Raises ValueError for densities without such bounds, e.g. laws with exponential tails (rho = 0).
    """
    match density:
        case Gaussian() | UniformTorus() | UniformInterval():
            alpha = poincare_constant(density, digits=_GAP_DIGITS)
            theorem = "classical (Gross; Emery-Yukich): rho = alpha"
            return Enclosure(alpha.lower, alpha.upper, "closed form", theorem)
        case ProductMeasure(factors=factors):
            return _least([log_sobolev_constant(factor) for factor in factors])
        case LogTrigDensity(potential=potential):
            with working_precision(_BITS):
                jet = circle_jet(density)
                extent = trigonometric_range(potential)
                mean = circle_mean(jet)
                lower = circle_bound(extent, (-extent).exp() / mean)
                return _circle(density, mean, lower, circle_trial_bound(jet))
        case TrigDensity(values=values):
            with working_precision(_BITS):
                extent = positive_range(values)  # relative to the uniform measure
                lower = circle_bound(extent.log(), extent)
                return _circle(density, arb(1), lower, circle_trial_bound(circle_jet(density)))
        case LogPolynomialDensity():
            return _log_polynomial(density)
        case LogTrigTorus():
            return _torus(density)
        case _:
            raise ValueError(f"density has no log-Sobolev bounds here: {density!r}")


def _circle(density: LogTrigDensity | TrigDensity, mean: arb, lower: arb, trial: arb) -> Enclosure:
    """The bound given or a better one; mean: of the weight over the circle."""
    potential = -density.log_weight
    return _enclose(
        density,
        trial,
        lambda alpha: [
            lower,
            dimension_bound(potential, alpha),
            circle_tightened_bound(potential, mean, alpha),
        ],
    )


def _enclose(density: SpectralDensity, trial: arb, below: Callable[[arb], list[arb]]) -> Enclosure:
    """The best of the lower bounds that a lower bound of alpha gives; alpha and `trial` above."""
    alpha = poincare_constant(density, digits=_GAP_DIGITS)
    upper = alpha.upper.min(trial.upper())
    # A lower bound may be alpha itself, up to its rounding.
    lower = max((bound.lower() for bound in below(alpha.lower)), key=float).min(upper)
    return Enclosure(lower, upper, "bounds from both sides", _THEOREM)


def _least(parts: list[Enclosure]) -> Enclosure:
    lower, upper = parts[0].lower, parts[0].upper
    for part in parts[1:]:
        lower, upper = lower.min(part.lower), upper.min(part.upper)
    theorems = "; ".join(dict.fromkeys(part.theorem for part in parts))
    return Enclosure(lower, upper, "least of the factors", f"tensorisation of entropy; {theorems}")


def _log_polynomial(density: LogPolynomialDensity) -> Enclosure:
    potential = line_potential(density)
    if len(potential) == 3:
        variance = 1 / (2 * potential[2])
        return log_sobolev_constant(Gaussian(-potential[1] * variance, variance))
    with working_precision(_BITS):
        lower = perturbation_bound(potential)
        convexity = convexity_bound(potential)
        if convexity is not None:
            lower = lower.max(convexity.lower())
        return _enclose(
            density,
            line_trial_bound(potential),
            lambda alpha: [lower, line_tightened_bound(potential, alpha)],
        )


def _torus(density: LogTrigTorus) -> Enclosure:
    """Holley-Stroock with the oscillation at most 2 sum sqrt(a_k^2 + b_k^2), k != 0; tightening."""
    modes = {k: (as_coefficient(a), as_coefficient(b)) for k, (a, b) in density.potential.items()}
    potential = TorusPolynomial(density.dimension, modes)
    with working_precision(_BITS):
        oscillation = 2 * sum((size for _, size in potential.amplitudes()), arb(0))
        lower = (-oscillation).exp().lower()
        return _enclose(
            density, arb("inf"), lambda alpha: [lower, torus_tightened_bound(potential, alpha)]
        )
