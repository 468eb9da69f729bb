"""Ten thousand small random instances: every ball contains an independently computed value.

References are exact rationals, or mpmath values with an assumed error far below the ball's radius:
the ball must contain the whole interval around the reference, not merely meet it.
"""

from fractions import Fraction as Q

import mpmath
import numpy as np
import pytest
from flint import arb, arb_poly, fmpq, fmpq_poly
from numerics_oracle import agrees, as_arb, encloses, mp_trapezoid, random_trig

from mflverify.numerics.arithmetic import MpFloats, RealBalls, evaluate
from mflverify.numerics.density import Gaussian, LogTrigDensity, UniformTorus
from mflverify.numerics.dual_norm import dual_norm_squared
from mflverify.numerics.integrand import Integrand, as_integrand, exp, log, sqrt
from mflverify.numerics.line_quadrature import line_integral
from mflverify.numerics.line_suprema import GaussianTerm, line_sup_norm
from mflverify.numerics.quadrature import WeightedTorus, periodic_integral
from mflverify.numerics.suprema import matrix_sup_norm, maximum, minimum
from mflverify.numerics.trig import TrigPolynomial

pytestmark = pytest.mark.slow


def _random_tree(rng: np.random.Generator) -> Integrand:
    """An analytic periodic tree: polynomials, exponentials, quotients, logarithms, roots."""
    p, q, r = (as_integrand(random_trig(rng, int(d), 2)) for d in rng.integers(0, 4, 3))
    bounded = as_integrand(random_trig(rng, 2, 1)) + 5
    return (
        p * exp(q),
        p * q + exp(-p) * r,
        p / bounded,
        log(bounded) * q,
        sqrt(bounded) + exp(p) / bounded,
        p**2 * exp(q) - r,
    )[int(rng.integers(6))]


def test_integrand_values() -> None:
    """4000 trees at random points, in balls and in mpmath."""
    rng = np.random.default_rng(1)
    with mpmath.workdps(40):
        for _ in range(4000):
            tree, t = _random_tree(rng), Q(int(rng.integers(-300, 300)), 97)
            ball = evaluate(tree, RealBalls(arb(fmpq(t.numerator, t.denominator))))
            reference = evaluate(tree, MpFloats(mpmath.mpf(t.numerator) / t.denominator))
            assert agrees(ball, as_arb(reference, "1e-33")), (tree, t)


def test_periodic_integrals() -> None:
    """700 integrals of such trees at 15 digits, against mpmath's trapezoid sums at 40."""
    rng = np.random.default_rng(2)
    with mpmath.workdps(40):
        for _ in range(700):
            tree = _random_tree(rng)
            reference = mp_trapezoid(tree, 128)
            # The sum's own error: estimated by halving the number of points.
            coarse = mp_trapezoid(tree, 96)
            error = float(abs(reference - coarse)) + 1e-32
            ball = periodic_integral(tree, 15)
            assert agrees(ball, as_arb(reference, f"{min(error, 1e-10):.3e}")), tree


def test_weighted_moments() -> None:
    """1200 dot products with cached moments of 60 weights."""
    rng = np.random.default_rng(3)
    with mpmath.workdps(50):
        for _ in range(60):
            U = random_trig(rng, int(rng.integers(1, 3)), 2)
            weighted, s = WeightedTorus(U, 20), int(rng.choice([-1, 1, 2]))
            weight = exp(s * as_integrand(U))
            grid = [2 * mpmath.pi * j / 192 for j in range(192)]
            values = [evaluate(weight, MpFloats(t)) for t in grid]
            waves = [
                2
                * mpmath.pi
                / 192
                * mpmath.fsum(v * mpmath.expj(k * t) for v, t in zip(values, grid, strict=True))
                for k in range(6)
            ]
            for _ in range(20):
                p = random_trig(rng, 5)
                reference = mpmath.mpf(0)
                for k in range(6):
                    a, b = p.frequency(k)
                    reference += mpmath.mpf(int(a.p)) / int(a.q) * waves[k].real
                    reference += mpmath.mpf(int(b.p)) / int(b.q) * waves[k].imag
                assert encloses(weighted.integral(p, s), as_arb(reference, "1e-38")), (U, p, s)


def test_extrema() -> None:
    """1500 polynomials in one variable and 100 in two: no sampled value leaves the bounds."""
    rng = np.random.default_rng(4)
    x = np.linspace(0, 2 * np.pi, 1025)
    for _ in range(1500):
        p = random_trig(rng, int(rng.integers(1, 9)), 5)
        top, bottom, values = maximum(p, 1e-4), minimum(p, 1e-4), p(x)
        assert float(arb(top.upper)) >= values.max() - 1e-12
        assert float(arb(bottom.lower)) <= values.min() + 1e-12
        # From the other side: a maximum cannot exceed its sampled value by more than theory allows.
        slack = (p.degree * x[1]) ** 2 * np.abs(values - values.mean()).max() + 1e-12
        assert float(arb(top.lower)) <= values.max() + slack
        assert float(arb(bottom.upper)) >= values.min() - slack
    waves = [np.ones_like(x[::8])]
    for k in range(1, 4):
        waves += [np.cos(k * x[::8]), np.sin(k * x[::8])]
    for _ in range(100):
        C = rng.integers(-9, 10, (7, 7))
        values = np.abs(np.array(waves).T @ C @ np.array(waves))
        bounds = matrix_sup_norm([[int(c) for c in row] for row in C], 1e-3)
        assert values.max() <= float(arb(bounds.upper)) + 1e-10
        slack = (6 * x[8]) ** 2 * values.max()
        assert float(arb(bounds.lower)) <= values.max() + slack


def test_gaussian_expectations() -> None:
    """1500 exact moments against the recursion E x^{k+1} = m E x^k + k v E x^{k-1}."""
    rng = np.random.default_rng(5)
    for _ in range(1500):
        density = Gaussian(Q(int(rng.integers(-5, 6)), 3), Q(int(rng.integers(1, 9)), 4))
        coefficients = [fmpq(int(c), 5) for c in rng.integers(-9, 10, int(rng.integers(1, 9)))]
        moments = [fmpq(1), density.mean]
        for k in range(1, len(coefficients)):
            moments.append(density.mean * moments[k] + k * density.variance * moments[k - 1])
        exact = sum((c * m for c, m in zip(coefficients, moments, strict=False)), fmpq(0))
        assert line_integral(fmpq_poly(coefficients), density) == exact


def test_dual_norms() -> None:
    """1000 exact or certified dual norms of f = L phi, against the energy of phi."""
    rng = np.random.default_rng(6)
    for _ in range(400):
        phi = random_trig(rng, int(rng.integers(1, 9)), 5)
        energy = (phi.derivative() * phi.derivative()).mean
        assert dual_norm_squared(-phi.derivative(2), UniformTorus()) == energy
    for _ in range(400):
        density = Gaussian(Q(int(rng.integers(-5, 6)), 3), Q(int(rng.integers(1, 9)), 4))
        slope = fmpq_poly([int(c) for c in rng.integers(-5, 6, 6)])
        f = density.potential_derivative * slope - slope.derivative()
        assert dual_norm_squared(f, density) == line_integral(slope * slope, density)
    with mpmath.workdps(50):
        for _ in range(200):
            U, phi = random_trig(rng, 2, 1), random_trig(rng, 3, 2)
            f = U.derivative() * phi.derivative() - phi.derivative(2)
            ball = dual_norm_squared(f, LogTrigDensity(U), 15)
            weight = exp(-as_integrand(U))
            energy = mp_trapezoid(phi.derivative() ** 2 * weight, 160) / mp_trapezoid(weight, 160)
            assert encloses(ball, as_arb(energy, "1e-38")), (U, phi)


def test_ring_operations() -> None:
    """1000 products of degree up to 10: exact, and in balls that contain the exact result."""
    rng = np.random.default_rng(7)
    for _ in range(1000):
        p, q = (random_trig(rng, int(d)) for d in rng.integers(0, 11, 2))
        exact, balls = p * q, p.to_ring(arb) * q
        turns = Q(int(rng.integers(0, 4)), 4)
        assert exact.at_turns(turns) == p.at_turns(turns) * q.at_turns(turns)
        for k in range(exact.degree + 1):
            for ball, value in zip(balls.frequency(k), exact.frequency(k), strict=True):
                assert encloses(ball, value)
        assert isinstance(exact, TrigPolynomial)


def test_suprema_on_the_line() -> None:
    """400 sums of polynomials times Gaussians: no value on a fine grid leaves the ball."""
    rng = np.random.default_rng(9)
    x = np.linspace(-30, 30, 60_001)
    for _ in range(400):
        terms, values = [], np.zeros_like(x)
        for _ in range(int(rng.integers(1, 4))):
            p = [int(c) for c in rng.integers(-5, 6, int(rng.integers(1, 5)))]
            a, b = Q(int(rng.integers(1, 9)), 2), Q(int(rng.integers(-6, 7)), 2)
            curvature, tilt = fmpq(a.numerator, a.denominator), fmpq(b.numerator, b.denominator)
            terms.append(GaussianTerm(arb_poly(p), curvature, tilt))
            values += np.polyval(p[::-1], x) * np.exp(-float(a) * x**2 / 2 + float(b) * x)
        top, ball = np.abs(values).max(), line_sup_norm(terms)
        assert float(ball.upper()) >= top * (1 - 1e-12)
        assert float(ball.lower()) <= top * (1 + 1e-4) + 1e-12
