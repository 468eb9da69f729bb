"""One tree, every arithmetic: values, derivatives, normal forms and the analytic flag."""

from fractions import Fraction as Q

import mpmath
import numpy as np
import pytest
from flint import acb, arb, fmpq, fmpq_poly
from numerics_oracle import as_arb

from mflverify.numerics.arithmetic import (
    ComplexBalls,
    Floats,
    MpFloats,
    RealBalls,
    evaluate,
    integer_power,
)
from mflverify.numerics.grid_arithmetic import PeriodicGrid
from mflverify.numerics.integrand import (
    ONE,
    VARIABLE,
    ZERO,
    Exponential,
    Integrand,
    Polynomial,
    Trigonometric,
    absolute,
    as_integrand,
    constant,
    exp,
    log,
    sqrt,
)
from mflverify.numerics.trig import TrigPolynomial

COS, SIN = as_integrand(TrigPolynomial.cosine(1)), as_integrand(TrigPolynomial.sine(1))
P = as_integrand(TrigPolynomial((1, Q(1, 2), 3), (2, 5)))
x = VARIABLE

TREES = {
    "von Mises": P * P * exp(2 * COS),
    "quotient": (1 + P) / (3 + COS),
    "log": log(2 + SIN) * COS,
    "root": sqrt(2 + SIN * COS) - 1 / sqrt(3 + COS),
    "power": (2 + SIN) ** Q(-2, 3) + (x**2 + 1) ** -2,
    "mixed": x**3 * exp(-(x**2) + COS) + constant(arb("0.25")) * x,
    "absolute": absolute(x - 5) * absolute(2 + SIN),
    "exponential of a quotient": exp(SIN / (2 + COS)),
}
PERIODIC = [name for name, tree in TREES.items() if tree.is_periodic]


@pytest.mark.parametrize("name", TREES)
def test_arithmetics_agree(name: str) -> None:
    tree = TREES[name]
    with mpmath.workdps(50):
        reference = as_arb(evaluate(tree, MpFloats(mpmath.mpf(7) / 8)))
    at = arb(7) / 8
    assert evaluate(tree, RealBalls(at)).overlaps(reference)
    for analytic in (False, True):
        value = evaluate(tree, ComplexBalls(acb(at), analytic))
        assert value.real.overlaps(reference)
        assert value.imag.overlaps(arb(0))
    (as_float,) = evaluate(tree, Floats(np.array([7 / 8])))
    assert as_float == pytest.approx(float(reference), rel=1e-12)


@pytest.mark.parametrize("name", TREES)
def test_derivative_against_mpmath(name: str) -> None:
    tree = TREES[name]
    with mpmath.workdps(50):
        numeric = mpmath.diff(lambda t: evaluate(tree, MpFloats(t)), mpmath.mpf(7) / 8)
    value = evaluate(tree.derivative(), RealBalls(arb(7) / 8))
    assert value.overlaps(as_arb(numeric, "1e-14"))


@pytest.mark.parametrize("name", PERIODIC)
@pytest.mark.parametrize("N", [1, 3, 16, 21])
def test_grid_values_are_the_values_at_the_points(name: str, N: int) -> None:
    """Frequencies beyond N/2 fold onto the grid as they must (N = 1, 3 alias everything)."""
    values = evaluate(TREES[name], PeriodicGrid(N))
    assert len(values) == N
    for j, value in enumerate(values):
        assert value.overlaps(evaluate(TREES[name], RealBalls(2 * arb.pi() * j / N)))


def test_merging() -> None:
    assert COS * COS + SIN * SIN == ONE
    assert exp(COS) * exp(-COS) == ONE
    assert exp(COS) ** 2 == exp(2 * COS)
    assert 1 / exp(COS) == exp(-COS)
    assert isinstance((1 + x) ** 5, Polynomial)
    assert isinstance(3 * COS - SIN, Trigonometric)
    assert isinstance(exp(COS) * exp(SIN), Exponential)
    assert COS - COS == ZERO
    assert 0 * exp(COS) == ZERO
    assert as_integrand(fmpq_poly([1, 2])) == 1 + 2 * x
    assert (P**2).derivative() == 2 * P * P.derivative()
    assert sqrt(x) ** 1 == sqrt(x)
    assert (x + COS) ** 0 == ONE
    assert (x + COS) - (x + COS) != ONE


@pytest.mark.parametrize(
    ("tree", "periodic", "entire"),
    [
        (P * exp(SIN), True, True),
        (1 / (2 + COS), True, False),
        (log(2 + COS), True, False),
        (sqrt(2 + COS), True, False),
        (absolute(COS), True, False),
        (exp(SIN) + x, False, True),
        ((2 + exp(COS)) ** 3, True, True),
        ((2 + exp(COS)) ** -1, True, False),
    ],
)
def test_structure(tree: Integrand, periodic: bool, entire: bool) -> None:
    assert tree.is_periodic is periodic
    assert tree.is_entire is entire


@pytest.mark.parametrize("tree", [sqrt(x), log(x), x ** Q(1, 3), absolute(x)])
def test_the_analytic_flag_is_forwarded(tree: Integrand) -> None:
    """On a rectangle across the branch cut: not finite if analyticity is asked for."""
    across = acb(arb(-1, 0.5), arb(0, 0.5)) if tree != absolute(x) else acb(arb(0, 1), arb(0, 1))
    assert not evaluate(tree, ComplexBalls(across, analytic=True)).is_finite()
    assert evaluate(tree, ComplexBalls(acb(arb(4, 0.5), arb(0, 0.5)), analytic=True)).is_finite()
    if tree != log(x):
        assert evaluate(tree, ComplexBalls(across, analytic=False)).is_finite()


def test_nested_functions_forward_the_flag() -> None:
    inner = exp(sqrt(x)) / (5 + log(2 + x ** Q(1, 3)))
    across = acb(arb(-1, 0.25), arb(0, 0.25))
    assert not evaluate(inner, ComplexBalls(across, analytic=True)).is_finite()


def test_undefined_values_are_not_finite() -> None:
    assert not evaluate(1 / x, RealBalls(arb(0, 1))).is_finite()
    assert not evaluate(sqrt(x), RealBalls(arb(-1))).is_finite()
    assert not evaluate(x ** Q(1, 3), RealBalls(arb(-1))).is_finite()


def test_bad_arguments() -> None:
    with pytest.raises(ValueError, match="not an integrand"):
        as_integrand(0.5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="not an integrand"):
        exp("x")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="denominator must not be zero"):
        x / 0
    with pytest.raises(ValueError, match="exponent must be"):
        x**0.5  # type: ignore[operator]
    with pytest.raises(ValueError, match="N must be at least 1, got 0"):
        PeriodicGrid(0)
    with pytest.raises(ValueError, match="not periodic"):
        evaluate(x, PeriodicGrid(8))
    assert as_integrand(fmpq(2)) == constant(2)


@pytest.mark.parametrize("n", [-3, -1, 0, 1, 2, 5, 8])
@pytest.mark.parametrize("value", [arb(2), arb("-1.5", "1e-10"), arb(0, "1e-3")])
def test_integer_powers_of_balls(value: arb, n: int) -> None:
    """Powers of both ends lie inside; a negative power of a ball around zero is not finite."""
    for found in (integer_power(value, n), integer_power(acb(value), n).real):
        if n < 0 and value.contains(0):
            assert not found.is_finite()
            continue
        assert found.is_finite()
        for end in (-0.99, 0.0, 0.99):
            assert found.overlaps((value.mid() + end * value.rad()) ** n)
