"""Weighted constants on the circle: closed forms, Galerkin's method on a grid, and both ends."""

from fractions import Fraction as Q

import numpy as np
import pytest
from flint import arb
from scipy.linalg import eigh

from mflverify.numerics import (
    LogTrigDensity,
    TrigPolynomial,
    poincare_constant,
    weighted_convexity_constant,
    weighted_poincare_constant,
)
from mflverify.numerics.weighted_poincare import _Pencil

POINTS = np.arange(512) * 2 * np.pi / 512
FINDING = TrigPolynomial((1, Q(4, 5), Q(1, 2)))
ROUGH = TrigPolynomial((2, Q(1, 3), 0, Q(1, 3)), (Q(1, 2), Q(-1, 2), Q(1, 7)))
STRONG = ROUGH * ROUGH + Q(1, 10)
POTENTIAL = TrigPolynomial((0, Q(1, 2)), (Q(-1, 3), Q(2, 3)))
FLAT = TrigPolynomial.constant(0)


def values(polynomial):
    waves = [polynomial.frequency(k) for k in range(polynomial.degree + 1)]
    return sum(
        float(a) * np.cos(k * POINTS) + float(b) * np.sin(k * POINTS)
        for k, (a, b) in enumerate((arb(a), arb(b)) for a, b in waves)
    )


def galerkin(weight, potential, *, convex):
    """The least quotient over waves up to 48: an upper bound, from the definitions."""
    mu, a = np.exp(-values(potential)), values(weight)
    mu = mu / mu.mean()
    slope = values(potential.derivative())
    k = np.repeat(np.arange(1, 49), 2)[:, None]
    phase = np.tile([0.0, np.pi / 2], 48)[:, None]
    waves, first, second = (k**n * np.cos(k * POINTS + phase + n * np.pi / 2) for n in range(3))
    if convex:
        images = -second + slope * first
        above, below = (images * mu) @ images.T, (first * mu * a) @ first.T
    else:
        centred = waves - (waves * mu).mean(axis=1, keepdims=True)
        above, below = (first * mu / a) @ first.T, (centred * mu) @ centred.T
    return eigh(above, below, eigvals_only=True)[0]


@pytest.mark.parametrize("weight", [FINDING, STRONG, TrigPolynomial((3, 0, 1), (1,))])
@pytest.mark.parametrize("potential", [FLAT, POTENTIAL])
def test_the_enclosure_agrees_with_galerkin(weight, potential):
    found = weighted_poincare_constant(weight, potential)
    assert found.relative_width < 1e-11
    assert float(found.lower) == pytest.approx(galerkin(weight, potential, convex=False), rel=1e-9)
    if potential.is_constant:
        convexity = weighted_convexity_constant(weight)
        assert float(convexity.lower) == pytest.approx(
            galerkin(weight, potential, convex=True), rel=1e-9
        )
        if weight.frequency(2)[1] != 0 or weight == FINDING:
            assert convexity.upper < found.lower
        else:  # even about pi/2, with an odd slowest function
            assert convexity.lower == found.lower


def test_a_constant_weight_divides_the_gap():
    third = TrigPolynomial.constant(3)
    assert weighted_poincare_constant(third).ball.contains(arb(1) / 3)
    assert weighted_convexity_constant(third).ball.contains(arb(1) / 3)
    gap = poincare_constant(LogTrigDensity(POTENTIAL)).ball
    assert (3 * weighted_poincare_constant(third, POTENTIAL).ball).overlaps(gap)
    assert not (2 * weighted_poincare_constant(third, POTENTIAL).ball).overlaps(gap)


def test_a_weight_of_smaller_period_has_both_constants_equal():
    """Its eigenfunctions have mean zero or its period; the ends are even the same."""
    weight = TrigPolynomial((2, 0, Q(1, 3)), (0, 1))
    first, second = weighted_poincare_constant(weight), weighted_convexity_constant(weight)
    assert (first.lower, first.upper) == (second.lower, second.upper)


@pytest.mark.parametrize("mean_zero", [False, True])
def test_neither_end_is_proved_on_the_wrong_side(mean_zero):
    from mflverify.numerics.fourier_block import schroedinger_potential
    from mflverify.numerics.trig_torus import fourier_coefficients

    flat = schroedinger_potential(fourier_coefficients(FLAT))
    pencil = _Pencil(flat, fourier_coefficients(FINDING), 12, mean_zero)
    number, value = int(not mean_zero), 0.7715335684 if mean_zero else 1.0483410260
    for factor in (0.5, 0.999):
        assert pencil.has_at_most(number, arb(value * factor))
        assert not pencil.has_more_than(number, arb(value * factor))
    for factor in (1.001, 3.0):
        assert pencil.has_more_than(number, arb(value * factor))
        assert not pencil.has_at_most(number, arb(value * factor))


def test_a_block_that_is_too_small_proves_nothing_false():
    strong = STRONG * 40
    found = weighted_poincare_constant(strong)
    assert (40 * found.ball).overlaps(weighted_poincare_constant(STRONG).ball)
    assert (40 * weighted_convexity_constant(strong).ball).overlaps(
        weighted_convexity_constant(STRONG).ball
    )


def test_bad_input():
    with pytest.raises(ValueError, match="must be positive"):
        weighted_poincare_constant(TrigPolynomial((1, 2)))
    with pytest.raises(ValueError, match="must be positive"):
        weighted_convexity_constant(TrigPolynomial((1, 1)))
    with pytest.raises(ValueError, match="digits must be"):
        weighted_poincare_constant(FINDING, digits=0)
