"""Lower bounds of the log-Sobolev constant rho of a one-dimensional measure.

Bakry-Emery (rho >= inf p''), Holley-Stroock (rho >= rho_0 exp(-osc) against a measure with constant
rho_0) and the contraction principle. Convention: KL <= (1/(2 rho)) Fisher information, so that
N(m, sigma^2) has rho = 1/sigma^2 and the circle of length 2 pi has rho = 1.
"""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from flint import arb, arb_poly
from scipy.optimize import minimize

from mflverify.numerics.line_spectrum import as_ball, real_roots, wells_of
from mflverify.numerics.line_tail import nonnegative_beyond, shifted

_CORE_HEIGHT = 80.0


def second_order_range(polynomial: arb_poly, lower: arb, upper: arb, cells: int) -> arb:
    """A ball containing the values of a polynomial on [lower, upper], centred form on cells."""
    width = (upper - lower) / cells
    total: arb | None = None
    half = arb(0).union(width / 2).union(-width / 2)
    for j in range(cells):
        local = shifted(polynomial, lower + width * (j + arb(0.5)))
        ball = local(half)
        total = ball if total is None else total.union(ball)
    assert total is not None
    return total


def convexity_bound(potential: Sequence[Fraction | int]) -> arb | None:
    """Bakry-Emery: a positive lower bound of p'' on the line, or None if p'' may be <= 0.

    The float minimum less a relative 1e-9, proved on cells and, further out, by the signs of the
    Taylor coefficients.
    """
    p = np.array([float(c) for c in reversed(potential)])
    curvature = np.polyder(p, 2)
    real = real_roots(np.polyder(p, 3))
    least = float(np.polyval(curvature, real).min()) if len(real) else float(curvature[-1])
    bound = arb(least * (1 - 1e-9))
    if not bound > 0:
        return None
    exact = arb_poly([as_ball(c) for c in potential]).derivative().derivative()
    return bound if proved_nonnegative(exact - arb_poly([bound]), real) else None


def proved_nonnegative(polynomial: arb_poly, landmarks: np.ndarray) -> bool:
    """Whether a polynomial is proved non-negative on the line; `landmarks` its critical points."""
    left = arb(float(landmarks.min()) - 1.0) if len(landmarks) else arb(-1)
    right = arb(float(landmarks.max()) + 1.0) if len(landmarks) else arb(1)
    for _ in range(40):
        if nonnegative_beyond(polynomial, left, -1) and nonnegative_beyond(polynomial, right, 1):
            return _nonnegative_on(polynomial, left, right, 60)
        left, right = (left * 3 - right) / 2, (right * 3 - left) / 2
    return False


def _nonnegative_on(polynomial: arb_poly, lower: arb, upper: arb, depth: int) -> bool:
    centre = ((lower + upper) / 2).mid()
    half = arb(0, ((upper - lower) / 2).upper())
    local = shifted(polynomial, centre)
    if local(half) >= 0:
        return True
    if depth == 0 or local[0] < 0:
        return False
    return _nonnegative_on(polynomial, lower, centre, depth - 1) and _nonnegative_on(
        polynomial, centre, upper, depth - 1
    )


def perturbation_bound(potential: Sequence[Fraction | int]) -> arb:
    """Holley-Stroock on the line: p outside [a, b], p' replaced by its chord inside.

    The comparison potential is convex with second derivative at least
    kappa = min(chord slope of p', inf p'' outside), and differs from p by a bounded function; so
    rho >= kappa exp(-osc) (Bakry-Emery for the comparison measure). a and b are optimised in
    floats; kappa and the oscillation are proved. Raises ArithmeticError if no a, b is admissible.
    """
    wells = wells_of(potential)
    p = wells.coefficients
    left, right = wells.level_set(_CORE_HEIGHT)
    grid = np.linspace(left, right, 1500)

    def quality(ends: np.ndarray) -> float:
        a, b = min(ends), max(ends)
        slopes = np.polyval(np.polyder(p), [a, b])
        outside = np.polyval(np.polyder(p, 2), np.append(grid[(grid < a) | (grid > b)], [a, b]))
        kappa = min((slopes[1] - slopes[0]) / max(b - a, 1e-9), outside.min())
        if kappa <= 0:
            return 1e3 - float(kappa)
        x = np.linspace(a, b, 200)
        chord = slopes[0] * (x - a) + (slopes[1] - slopes[0]) * (x - a) ** 2 / (2 * (b - a))
        difference = np.append(np.polyval(p, x) - np.polyval(p, a) - chord, 0.0)
        return float(np.ptp(difference) - np.log(kappa))

    critical = np.roots(np.polyder(p)).real
    starts = [
        (critical.min() - s, critical.max() + s) for s in (right - left) * np.array([0.01, 0.1])
    ]
    found = min(
        (minimize(quality, start, method="Nelder-Mead") for start in starts), key=lambda r: r.fun
    )
    a, b = sorted(float(x) for x in found.x)
    return _proved_perturbation(potential, arb(a), arb(b), float(found.fun))


def _proved_perturbation(
    potential: Sequence[Fraction | int], a: arb, b: arb, quality: float
) -> arb:
    exact = arb_poly([as_ball(c) for c in potential])
    slope = exact.derivative()
    curvature = slope.derivative()
    chord = (slope(b) - slope(a)) / (b - a)
    comparison = arb_poly([exact(a), slope(a), chord / 2])(arb_poly([-a, 1]))
    oscillating = second_order_range(exact - comparison, a, b, 400)
    jump = (exact - comparison)(b)
    # p minus the comparison potential is 0 left of a and `jump` right of b.
    whole = oscillating.union(arb(0)).union(jump)
    oscillation = whole.upper() - whole.lower()
    kappa = chord.min(curvature(a)).min(curvature(b)).lower() * (1 - arb(2) ** -30)
    for _ in range(60):
        rest = curvature - arb_poly([kappa])
        if kappa > 0 and nonnegative_beyond(rest, a, -1) and nonnegative_beyond(rest, b, +1):
            return (kappa * (-oscillation).exp()).lower()
        kappa *= arb(0.9)
    raise ArithmeticError(f"no Holley-Stroock splitting proved (float quality {quality})")


def circle_bound(log_density_range: arb, normalised_minimum: arb) -> arb:
    """Lower bound on the circle of length 2 pi against the uniform measure, rho_0 = 1.

    The better of Holley-Stroock, exp(-osc log density), and the contraction principle: the monotone
    map from the uniform measure is Lipschitz with constant 1/m, m = min of the density relative to
    the uniform measure (`normalised_minimum`), so rho >= m^2.
    """
    oscillation = log_density_range.upper() - log_density_range.lower()
    contraction = normalised_minimum.lower().max(arb(0)) ** 2
    return (-oscillation).exp().lower().max(contraction.lower())
