"""Trigonometric polynomials: ring laws, calculus and evaluation against direct computation."""

from fractions import Fraction as Q

import mpmath
import numpy as np
import pytest
from flint import acb, arb, fmpq
from numerics_oracle import as_arb, encloses, random_trig

from mflverify.numerics.trig import TrigPolynomial, as_coefficient

P = TrigPolynomial((1, Q(1, 2), 3), (2, 5))
S = TrigPolynomial((0, 1, 0, Q(-2, 7)), (1,))


def test_product_is_the_exact_convolution() -> None:
    cos, sin = TrigPolynomial.cosine(1), TrigPolynomial.sine(1)
    assert cos * cos == TrigPolynomial((Q(1, 2), 0, Q(1, 2)))
    assert sin * sin + cos * cos == TrigPolynomial((1,))
    assert sin * cos == TrigPolynomial.sine(2, Q(1, 2))
    assert cos**3 == TrigPolynomial((0, Q(3, 4), 0, Q(1, 4)))
    assert (P * S).is_exact


@pytest.mark.parametrize("seed", range(20))
def test_ring_laws_and_degree_twenty(seed: int) -> None:
    rng = np.random.default_rng(seed)
    p, q, r = (random_trig(rng, d) for d in (20, 7, 3))
    assert p * q == q * p
    assert (p * q) * r == p * (q * r)
    assert p * (q + r) == p * q + p * r
    assert (p * q).derivative() == p.derivative() * q + p * q.derivative()
    x = arb(Q(7, 10).numerator) / 10
    assert (p * q)(x).overlaps(p(x) * q(x))
    assert (p.to_ring(arb) * q)(x).overlaps(p(x) * q(x))


def test_balls_contain_the_exact_product() -> None:
    product, exact = P.to_ring(arb) * S.to_ring(arb), P * S
    for k in range(exact.degree + 1):
        for ball, rational in zip(product.frequency(k), exact.frequency(k), strict=True):
            assert encloses(ball, rational)
    assert not product.is_exact


def test_derivative_and_antiderivative() -> None:
    free = P - P.mean
    assert free.derivative().antiderivative() == free
    assert free.antiderivative().derivative() == free
    assert P.derivative(4) == P.derivative().derivative(3)
    with pytest.raises(ValueError, match="mean-free"):
        P.antiderivative()
    assert TrigPolynomial((arb(0, 1e-9), 1)).antiderivative().mean == 0


def test_shift() -> None:
    x = arb("0.3")
    assert P.shift_turns(Q(1, 4)).is_exact
    assert P.shift_turns(Q(1, 4))(x).overlaps(P(x + arb.pi() / 2))
    assert P.shift_turns(Q(1, 7))(x).overlaps(P(x + 2 * arb.pi() / 7))
    assert P.shift(arb(1))(x).overlaps(P(x + 1))
    assert P.at_turns(Q(3, 4)) == fmpq(-4)
    assert P.at_turns(0) == fmpq(9, 2)


def test_evaluation_in_four_arithmetics_agrees() -> None:
    with mpmath.workdps(50):
        at_mp = as_arb(P(mpmath.mpf(7) / 8))
    x = arb(7) / 8
    assert P(x).overlaps(at_mp)
    assert P(acb(x)).real.overlaps(at_mp)
    assert P(acb(x)).imag.overlaps(arb(0))
    assert abs(P(np.array([[7 / 8]])) - float(at_mp)).item() < 1e-13
    imaginary = P(acb(0, 1)).real
    assert imaginary.overlaps(1 + arb(1).cosh() / 2 + 3 * arb(2).cosh())
    with pytest.raises(ValueError, match="x must be"):
        P("0.5")  # type: ignore[call-overload]


def test_wide_balls_enclose_the_range() -> None:
    cell = arb(1, 0.25)
    for t in np.linspace(0.75, 1.25, 33):
        assert encloses(P(cell), P(arb(float(t))).mid())


def test_rings() -> None:
    assert P.to_ring(arb).to_ring(fmpq) == P  # dyadic coefficients are exact balls
    with pytest.raises(ValueError, match="not exact"):
        S.to_ring(arb).to_ring(fmpq)


def test_normal_form() -> None:
    assert TrigPolynomial((1, 0, 0), (0, 0, 0)) == TrigPolynomial((1,))
    assert TrigPolynomial((0, 1), (0, 2)).degree == 2
    assert TrigPolynomial().is_zero
    assert hash(P * 2) == hash(P + P)
    assert TrigPolynomial.from_fractions([1, Q(1, 2), 3], [2, 5]) == P


@pytest.mark.parametrize("bad", [0.5, "1", None, True, arb("nan")])
def test_bad_coefficients(bad: object) -> None:
    with pytest.raises(ValueError, match="coefficient must be"):
        TrigPolynomial((bad,))  # type: ignore[arg-type]


def test_bad_arguments() -> None:
    with pytest.raises(ValueError, match="frequency must be at least 1, got 0"):
        TrigPolynomial.sine(0)
    with pytest.raises(ValueError, match="divisor must not be zero"):
        P / 0
    with pytest.raises(ValueError, match="exponent must be a natural number, got -1"):
        P**-1
    assert as_coefficient(Q(2, 6)) == fmpq(1, 3)
