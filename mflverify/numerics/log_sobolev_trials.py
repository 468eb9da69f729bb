"""Upper bounds of the log-Sobolev constant: trial measures found in floats, evaluated in balls.

For dnu = exp(-r) dmu/Z the definition gives rho <= I(nu|mu)/(2 KL(nu|mu)) with

    I = int r'^2 dnu,      KL = -int r dnu - log Z.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np
from attrs import frozen
from flint import arb
from scipy.optimize import minimize

from mflverify.numerics.cumulative import graded_nodes, integral
from mflverify.numerics.jets import (
    DensityJet,
    Jet,
    LogPolynomialJet,
    compose_polynomial,
    compose_trigonometric,
    exponential,
    multiply,
)
from mflverify.numerics.line_spectrum import as_ball, wells_of
from mflverify.numerics.line_tail import tail_moment

_ORDER = 20
_RESOLUTION = 0.7
_CORE_HEIGHT = 60.0
_MODES = 3
_LINE_DEGREE = 3


@frozen
class _TrialIntegrals:
    """Integrals of m, m e, r m e, r'^2 m e for e = exp(-r) and a density m, not normalised."""

    reference: arb
    trial: arb
    exponent: arb
    gradient: arb

    def quotient(self) -> arb:
        """I/(2 KL); infinite if KL > 0 is not proved."""
        entropy = -self.exponent / self.trial - (self.trial / self.reference).log()
        if not entropy > 0:
            return arb("inf")
        return self.gradient / self.trial / (2 * entropy)


def _integrals(
    density: DensityJet, exponent: Callable[[Jet], Jet], nodes: Sequence[arb]
) -> _TrialIntegrals:
    def trial(y: Jet) -> Jet:
        return multiply(density(y), exponential([-c for c in exponent(y)]))

    def gradient(y: Jet) -> Jet:
        r = exponent(y)
        derivative = [(n + 1) * r[n + 1] for n in range(len(r) - 1)]
        return multiply(multiply(derivative, derivative), trial(y))

    return _TrialIntegrals(
        reference=integral(density, nodes, _ORDER),
        trial=integral(trial, nodes, _ORDER),
        exponent=integral(lambda y: multiply(exponent(y), trial(y)), nodes, _ORDER),
        gradient=integral(gradient, nodes, _ORDER + 1),
    )


def _float_minimum(
    weights: np.ndarray, basis: np.ndarray, slopes: np.ndarray, starts: Sequence[np.ndarray]
) -> np.ndarray:
    """Coefficients of r in `basis` (rows; `slopes` their derivatives) with the least quotient."""

    def quotient(c: np.ndarray) -> float:
        r = c @ basis
        trial = weights * np.exp(np.clip(-(r - r.min()), -700, 0))
        mass = trial.sum()
        entropy = -(trial @ (r - r.min())) / mass - np.log(mass / weights.sum())
        information = trial @ (c @ slopes) ** 2 / mass
        if not np.isfinite(entropy) or entropy < 1e-6:
            return 1e6
        return float(information / (2 * entropy))

    results = [
        minimize(quotient, start, method="Nelder-Mead", options={"maxiter": 1500})
        for start in starts
    ]
    return min(results, key=lambda result: result.fun).x


def _log_slope(density: DensityJet, x: float) -> float:
    value, derivative = density([arb(x), arb(1)])
    return float((derivative / value).mid())


def circle_mean(density: DensityJet) -> arb:
    """The mean of a density on [0, 1] (frequency 2 pi)."""
    nodes = graded_nodes(lambda v: _log_slope(density, v), 0.0, 1.0, _RESOLUTION)
    return integral(density, nodes, _ORDER)


def circle_trial_bound(density: DensityJet) -> arb:
    """An upper bound of rho on the circle of length 2 pi; `density` on [0, 1], frequency 2 pi."""
    u = np.arange(256) / 256
    weights = np.array([float(density([arb(float(x))])[0].mid()) for x in u])
    k = np.arange(1, _MODES + 1)[:, None]
    x = 2 * np.pi * u
    basis = np.vstack([np.cos(k * x), np.sin(k * x)])
    slopes = np.vstack([-k * np.sin(k * x), k * np.cos(k * x)])
    units = np.eye(2 * _MODES)
    starts = [sign * units[i] for i in (0, _MODES) for sign in (-0.5, 0.5)]
    c = _float_minimum(weights, basis, slopes, starts)
    modes = {j + 1: (arb(float(c[j])), arb(float(c[_MODES + j]))) for j in range(_MODES)}
    frequency = 2 * arb.pi()
    nodes = graded_nodes(lambda v: _log_slope(density, v), 0.0, 1.0, _RESOLUTION)
    found = _integrals(density, lambda y: compose_trigonometric(modes, y, frequency), nodes)
    # The gradient was taken in units of the period.
    return (found.quotient() / frequency**2).upper()


def line_trial_bound(potential: Sequence[Fraction | int]) -> arb:
    """An upper bound of rho for exp(-p)/Z on the line, deg p >= 4 even, leading coefficient > 0."""
    wells = wells_of(potential)
    left, right = wells.level_set(_CORE_HEIGHT)
    x = np.linspace(left, right, 2000)
    weights = np.exp(wells.lowest - np.polyval(wells.coefficients, x))
    powers = np.arange(1, _LINE_DEGREE + 1)[:, None]
    units = np.eye(_LINE_DEGREE) / (right - left) ** np.arange(1, _LINE_DEGREE + 1)
    starts = [sign * units[i] for i in (0, 1) for sign in (-3.0, 3.0, -12.0, 12.0)]
    c = _float_minimum(weights, x**powers, powers * x ** (powers - 1), starts)

    p = [as_ball(value) for value in potential]
    r = [arb(0), *(arb(float(value)) for value in c)]
    shift = [a + b for a, b in zip(p, r + [arb(0)] * (len(p) - len(r)), strict=True)]
    trial_wells = wells_of([_fraction(value) for value in shift])
    ends = trial_wells.level_set(_CORE_HEIGHT)
    lower, upper = min(left, ends[0]), max(right, ends[1])
    density = LogPolynomialJet(tuple(p))
    nodes = graded_nodes(lambda v: _log_slope(density, v), lower, upper, _RESOLUTION)
    core = _integrals(density, lambda y: compose_polynomial(r, y), nodes)

    derivative = [(n + 1) * r[n + 1] for n in range(_LINE_DEGREE)]
    square = [arb(0)] * (2 * _LINE_DEGREE - 1)
    for i, a in enumerate(derivative):
        for j, b in enumerate(derivative):
            square[i + j] = square[i + j] + a * b

    def tails(exponents: list[arb], weight: list[arb]) -> arb:
        left = tail_moment(exponents, weight, nodes[0], -1)
        return (left + tail_moment(exponents, weight, nodes[-1], +1)).upper()

    one = [arb(1)]
    return (
        _TrialIntegrals(
            reference=core.reference + arb(0).union(tails(p, one)),
            trial=core.trial + arb(0).union(tails(shift, one)),
            exponent=core.exponent + arb(0, tails(shift, r)),
            gradient=core.gradient + arb(0).union(tails(shift, square)),
        )
        .quotient()
        .upper()
    )


def _fraction(value: arb) -> Fraction:
    mantissa, exponent = value.mid().man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
