"""Lower bounds of the log-Sobolev constant rho that use the Poincare constant alpha.

mu = exp(-U)/Z, E(f) = int f'^2 dmu, Ent(f^2) <= (2/rho) E(f).

Curvature-dimension (`dimension_bound`, circle; Rothaus, J. Funct. Anal. 42, 1981, for compact
manifolds; Deuschel and Stroock 1990): for every N >= 1, with t = 4N/(N+1)^2,
    rho >= t alpha + N/(N+1)^2 inf((N-1) U'' - U'^2);      N = 1: rho >= alpha - sup U'^2/4.
Proof. Let rho < alpha. Then there is an extremal f > 0 that is not constant, -Lf = rho f log f up
to a factor. With f = u^r, r = (N+2)/(N+1), p = u', q = u'^2/u, integrations by parts give
rho int p^2 = int (Lu)^2 + (4r/3 - 1) int q^2 - (2r/3) int U' p q, and the same again show that it is
t int (Lu)^2 + int (a square) + N/(N+1)^2 int ((N-1) U'' - U'^2) p^2; and int (Lu)^2 >= alpha int p^2.

Tightening (`tightened`): if Ent(f^2) <= a E(f) + b int f^2 then Rothaus' lemma
Ent(f^2) <= Ent((f - <f>)^2) + 2 Var f gives rho >= 2/(a + (b + 2)/alpha) (Bakry, Gentil and Ledoux,
Analysis and Geometry of Markov Diffusion Operators, Propositions 5.1.3 and 5.1.4). The defective
inequality is the ground-state transform g = f sqrt(dmu/dnu) of one for nu (Rosen 1976):
* circle, nu uniform with rho = 1: a = 2, b = sup(U'' - U'^2/2 + U) + log mean e^{-U};
* torus of dimension d, nu uniform with rho = 1: a = 2,
  b = sup(Laplace U - |grad U|^2/2 + U) + log mean e^{-U};
* line, nu Lebesgue with int g^2 log g^2 <= log((2/(pi e)) int g'^2)/2 for int g^2 = 1 (Gross;
  Weissler), made linear by log y <= ty - 1 - log t: for every a > 0
  b = sup(a U''/2 - a U'^2/4 + U) + log Z - 1 - log(pi a)/2.
"""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from flint import arb, arb_poly, fmpq

from mflverify.numerics.arithmetic import Floats, evaluate
from mflverify.numerics.density import LogPolynomialDensity
from mflverify.numerics.integrand import (
    Constant,
    Integrand,
    Trigonometric,
    as_integrand,
    constant,
    exp,
)
from mflverify.numerics.line_quadrature import WeightedLine
from mflverify.numerics.line_spectrum import as_ball, real_roots
from mflverify.numerics.log_sobolev_bounds import proved_nonnegative
from mflverify.numerics.suprema import integrand_maximum, maximum
from mflverify.numerics.torus_polynomial import TorusPolynomial
from mflverify.numerics.torus_quadrature import torus_integral
from mflverify.numerics.torus_suprema import torus_maximum

_GAP = 1e-4
_MEAN_DIGITS = 12
_GRID = 2 * np.pi * np.arange(512) / 512
_DIMENSIONS = (fmpq(1), *(1 + fmpq(2) ** j for j in range(-8, 5)))
_COEFFICIENTS = tuple(Fraction(2) ** j for j in range(-24, 9))


def supremum(tree: Integrand) -> arb:
    """An upper bound of the maximum over the circle, close to it on the scale of 1 + |maximum|."""
    match tree:
        case Constant(value):
            return arb(value).upper()
        case Trigonometric(p):
            return arb(maximum(p, _GAP).upper)
    # Shifted, so that the relative gap makes sense.
    shift = constant(Fraction(1 + abs(float(evaluate(tree, Floats(_GRID)).max()))))
    return (arb(integrand_maximum(tree + shift, _GAP).upper) - arb(shift.value)).upper()


def dimension_bound(potential: Integrand, alpha: arb) -> arb:
    """The best lower bound of rho on the circle from a table of N; negative bounds say nothing."""
    slope = potential.derivative()
    bend = slope.derivative()
    first, second = (evaluate(tree, Floats(_GRID)) for tree in (slope, bend))

    def quality(N: fmpq) -> float:
        n = float(arb(N))
        return (4 * n * float(alpha) + n * ((n - 1) * second - first**2).min()) / (n + 1) ** 2

    N = max(_DIMENSIONS, key=quality)
    curvature = -supremum(slope * slope - constant(N - 1) * bend)
    return ((4 * N * alpha + N * curvature) / (N + 1) ** 2).lower()


def tightened(a: arb, b: arb, alpha: arb) -> arb:
    """2/(a + (b + 2)/alpha) from below; alpha a lower bound of the Poincare constant."""
    # b + 2 is not negative: constants satisfy the defective inequality, so b >= 0.
    return (2 / (a + (b + 2) / alpha)).lower()


def circle_tightened_bound(potential: Integrand, mean: arb, alpha: arb) -> arb:
    """The lower bound of rho on the circle; mean: of e^{-U} against the uniform probability."""
    slope = potential.derivative()
    b = supremum(slope.derivative() - slope * slope / 2 + potential) + mean.log()
    return tightened(arb(2), b, alpha)


def torus_tightened_bound(potential: TorusPolynomial, alpha: arb) -> arb:
    """The lower bound of rho for exp(-U)/Z on a torus of any dimension. Raises ValueError if the mean of e^{-U} needs too many points."""
    exponent = potential + potential.laplacian()
    for axis in range(potential.dimension):
        slope = potential.derivative(axis)
        exponent = exponent + (slope * slope).scaled(Fraction(-1, 2))
    integral = torus_integral(exp(-as_integrand(potential)), _MEAN_DIGITS)
    mean = integral / (2 * arb.pi()) ** potential.dimension
    return tightened(arb(2), mean.log() + arb(torus_maximum(exponent).upper), alpha)


def line_tightened_bound(potential: Sequence[Fraction | int], alpha: arb) -> arb:
    """The best lower bound of rho for exp(-p)/Z on the line from a table of a, deg p >= 4.

    Raises ArithmeticError if the supremum is not proved.
    """
    p = np.array([float(c) for c in reversed(potential)])
    first, second = np.polyder(p), np.polyder(p, 2)
    logarithm = WeightedLine(LogPolynomialDensity(tuple(potential))).normalisation.log()

    def exponent(a: Fraction) -> np.ndarray:
        curved = np.polyadd(float(a) / 2 * second, -float(a) / 4 * np.polymul(first, first))
        return np.polyadd(curved, p)

    def landmarks(a: Fraction) -> np.ndarray:
        return np.append(real_roots(np.polyder(exponent(a))), 0.0)

    def quality(a: Fraction) -> float:
        top = float(np.polyval(exponent(a), landmarks(a)).max())
        b = top + float(logarithm) - 1 - float(np.log(np.pi * float(a))) / 2
        return float(a) + (b + 2) / float(alpha)

    a = min(_COEFFICIENTS, key=quality)
    slope = arb_poly([as_ball(c) for c in potential]).derivative()
    exact = (
        arb_poly([as_ball(a / 2)]) * slope.derivative()
        - arb_poly([as_ball(a / 4)]) * slope * slope
        + arb_poly([as_ball(c) for c in potential])
    )
    roots = landmarks(a)
    top = float(np.polyval(exponent(a), roots).max())
    for margin in (1e-9, 1e-6, 1e-3):
        bound = arb(top + margin * (1 + abs(top)))
        if proved_nonnegative(arb_poly([bound]) - exact, roots):
            b = bound + logarithm - 1 - (arb.pi() * as_ball(a)).log() / 2
            return tightened(as_ball(a), b, alpha)
    raise ArithmeticError(f"the supremum {top} of a polynomial was not proved")
