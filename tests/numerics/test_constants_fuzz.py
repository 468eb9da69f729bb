"""Random instances of constants, dual norms and integrals in two variables, against computations
that share no code with them."""

import mpmath
import numpy as np
import pytest
import scipy.linalg
from flint import arb
from numerics_oracle import agrees, as_arb, random_trig

from mflverify.numerics import (
    LogTrigDensity,
    TorusPolynomial,
    as_integrand,
    exp,
    log,
    log_sobolev_constant,
    poincare_constant,
    torus_dual_norm_squared,
    torus_integral,
    torus_maximum,
)

pytestmark = pytest.mark.slow


def weighted_galerkin(weight: np.ndarray, modes: int) -> float:
    """The gap of int w f'g' against int w f g in the Fourier basis, by plain sums in float64."""
    x = 2 * np.pi * np.arange(weight.size) / weight.size
    k = np.arange(1, modes + 1)[:, None]
    basis = np.vstack([np.ones_like(x), np.cos(k * x), np.sin(k * x)])
    slopes = np.vstack([np.zeros_like(x), -k * np.sin(k * x), k * np.cos(k * x)])
    mass, stiffness = (basis * weight) @ basis.T, (slopes * weight) @ slopes.T
    return float(scipy.linalg.eigvalsh(stiffness, mass)[1])


def test_poincare_and_log_sobolev_constants_on_the_circle() -> None:
    """40 potentials: the gap agrees with a weighted Galerkin method; no trial is below rho."""
    rng = np.random.default_rng(21)
    x = 2 * np.pi * np.arange(512) / 512
    for _ in range(40):
        U = random_trig(rng, int(rng.integers(1, 3)), 2)
        weight = np.exp(-U(x) + U(x).min())
        weight /= weight.sum()
        alpha = poincare_constant(LogTrigDensity(U))
        assert alpha.relative_width <= 1e-12
        assert float(alpha.lower) == pytest.approx(weighted_galerkin(weight, 40), rel=1e-8), U
        rho = log_sobolev_constant(LogTrigDensity(U))
        assert 0 < rho.lower <= rho.upper
        assert float(rho.upper) <= float(alpha.upper) * (1 + 1e-9)
        for _ in range(30):
            a, b = rng.normal(size=(2, 3, 1))
            k = np.arange(1, 4)[:, None]
            r = (a * np.cos(k * x) + b * np.sin(k * x)).sum(axis=0)
            slope = (k * (b * np.cos(k * x) - a * np.sin(k * x))).sum(axis=0)
            trial = weight * np.exp(r)
            mass = trial.sum()
            entropy = trial @ r / mass - np.log(mass)
            assert float(rho.lower) <= trial @ slope**2 / mass / (2 * entropy), U


def _random(rng: np.random.Generator, size: int) -> TorusPolynomial:
    """A polynomial with three waves of frequencies at most two."""
    modes = {}
    for _ in range(3):
        k = tuple(int(j) for j in rng.integers(-2, 3, 2))
        modes[k] = tuple(arb(int(c)) / 4 for c in rng.integers(-size, size + 1, 2))
    return TorusPolynomial(2, modes)


def _mp(p: TorusPolynomial, x, y):
    total = mpmath.mpf(0)
    for k, a, b in p.waves:
        angle = k[0] * x + k[1] * y
        total += float(arb(a)) * mpmath.cos(angle) + float(arb(b)) * mpmath.sin(angle)
    return total


def test_integrals_in_two_variables() -> None:
    """30 integrals at 12 digits, against plain double sums in mpmath."""
    rng = np.random.default_rng(22)
    with mpmath.workdps(25):
        for index in range(30):
            p, q = _random(rng, 3), _random(rng, 3)
            base = q.plus(-q.mean).plus(8)
            tree, function = (
                (exp(p) * q, lambda u, v, _: mpmath.exp(u) * v),
                (as_integrand(p) / base, lambda u, _, w: u / w),
                (log(base) * p, lambda u, _, w: u * mpmath.log(w)),
            )[index % 3]

            def double_sum(N: int, p=p, q=q, base=base, function=function):
                grid = [2 * mpmath.pi * i / N for i in range(N)]
                values = (
                    function(_mp(p, x, y), _mp(q, x, y), _mp(base, x, y))
                    for x in grid
                    for y in grid
                )
                return (2 * mpmath.pi / N) ** 2 * mpmath.fsum(values)

            reference = double_sum(56)
            error = float(abs(reference - double_sum(48))) + 1e-20
            ball = torus_integral(tree, 12)
            assert agrees(ball, as_arb(reference, f"{min(error, 1e-9):.3e}")), (p, q)


def test_dual_norms_in_two_variables() -> None:
    """20 dual norms of f = L phi: between the bounds lies the energy of phi, a double sum."""
    rng = np.random.default_rng(23)
    t = 2 * np.pi * np.arange(64) / 64
    x, y = np.meshgrid(t, t, indexing="ij")

    def values(p: TorusPolynomial) -> np.ndarray:
        total = np.zeros_like(x)
        for k, a, b in p.waves:
            angle = k[0] * x + k[1] * y
            total += float(arb(a)) * np.cos(angle) + float(arb(b)) * np.sin(angle)
        return total

    for _ in range(20):
        U, phi = _random(rng, 4), _random(rng, 4)
        f = phi.laplacian().scaled(-1)
        energy = np.zeros_like(x)
        for axis in range(2):
            slope = phi.derivative(axis)
            f = f + slope * U.derivative(axis)
            energy += values(slope) ** 2
        weight = np.exp(-values(U))
        exact = (energy * weight).sum() / weight.sum()
        result = torus_dual_norm_squared(f, U)
        assert float(result.lower) <= exact * (1 + 1e-12) + 1e-14
        assert exact * (1 - 1e-12) - 1e-14 <= float(result.upper)
        assert result.relative_gap < 1e-8 or exact < 1e-8
        top = torus_maximum(U)
        assert float(arb(top.lower)) - 1e-5 <= float(arb(top.upper))
        assert values(U).max() <= float(arb(top.upper)) + 1e-9
