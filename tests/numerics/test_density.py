"""Densities: normalisation, exact accessors, and everything that is refused."""

from fractions import Fraction as Q

import numpy as np
import pytest
from flint import arb, fmpq, fmpq_poly

from mflverify.numerics.arithmetic import Floats, RealBalls, evaluate
from mflverify.numerics.density import (
    Density,
    Gaussian,
    LogPolynomialDensity,
    LogTrigDensity,
    TrigDensity,
    UniformTorus,
    schroedinger_potential,
)
from mflverify.numerics.trig import TrigPolynomial

U = TrigPolynomial((0, Q(-3, 2), Q(1, 3)), (Q(1, 5),))
ALL = [
    UniformTorus(),
    LogTrigDensity(U),
    TrigDensity(TrigPolynomial((2, 1), (Q(1, 2),))),
    LogPolynomialDensity((0, 0, Q(-1, 2), 0, Q(1, 4))),
    Gaussian(Q(1, 2), 2),
]


@pytest.mark.parametrize("density", ALL, ids=lambda d: type(d).__name__)
def test_weight_is_the_exponential_of_log_weight(density: Density) -> None:
    assert isinstance(density, Density)
    x = RealBalls(arb("0.7"))
    assert evaluate(density.weight, x).overlaps(evaluate(density.log_weight, x).exp())


@pytest.mark.parametrize("density", ALL, ids=lambda d: type(d).__name__)
def test_schroedinger_potential_conjugates_the_generator(density: Density) -> None:
    """(sqrt w)'' = W sqrt w, by central differences in float64."""
    h, x = 1e-4, 0.7
    points = np.array([x - h, x, x + h])
    a, b, c = np.sqrt(evaluate(density.weight, Floats(points)))
    W = evaluate(schroedinger_potential(density), Floats(np.array([x])))[0]
    assert (a - 2 * b + c) / h**2 == pytest.approx(W * b, abs=1e-6)


def test_accessors() -> None:
    assert LogTrigDensity(U).potential_derivative == U.derivative()
    assert LogPolynomialDensity((1, 0, 3)).potential == fmpq_poly([1, 0, 3])
    assert Gaussian(1, Q(1, 2)).potential == fmpq_poly([1, -2, 1])
    assert Gaussian(1, Q(1, 2)).potential_derivative == fmpq_poly([-2, 2])
    assert TrigDensity(TrigPolynomial((2, 1))).values == TrigPolynomial((1, Q(1, 2)))
    assert Gaussian().variance == fmpq(1)
    assert UniformTorus(3).dimension == 3


@pytest.mark.parametrize(
    "values",
    [
        TrigPolynomial((1, 1)),  # touches zero
        TrigPolynomial((1, 2)),
        TrigPolynomial((-1, Q(1, 2))),
        TrigPolynomial((Q(1, 2), 0, Q(1, 3)), (0, 0, Q(1, 2))),
        TrigPolynomial((arb(1, 0.6), Q(1, 2))),
    ],
)
def test_density_that_is_not_certainly_positive(values: TrigPolynomial) -> None:
    with pytest.raises(ValueError, match="values must be certainly positive"):
        TrigDensity(values)


def test_positivity_is_certified_close_to_zero() -> None:
    """A square plus 10^-18 is positive, out of reach of float64; minus 10^-18 it is not."""
    square = TrigPolynomial((0, 1, Q(1, 3)), (Q(2, 7), 1)) ** 2
    with pytest.raises(ValueError, match="positive"):
        TrigDensity(square)
    assert TrigDensity(square + Q(1, 10**18)).values.mean == 1
    with pytest.raises(ValueError, match="positive"):
        TrigDensity(square - Q(1, 10**18))


@pytest.mark.parametrize("coefficients", [(0, 1), (1,), (0, 0, -1), (0, 0, 1, 1), (0, 0, 0)])
def test_log_polynomial_must_grow(coefficients: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="positive leading coefficient"):
        LogPolynomialDensity(coefficients)


def test_bad_parameters() -> None:
    with pytest.raises(ValueError, match="variance must be positive, got 0"):
        Gaussian(0, 0)
    with pytest.raises(ValueError, match="must be an integer"):
        Gaussian(0.5, 1)
    with pytest.raises(ValueError, match="must be rational"):
        Gaussian(arb("0.1"), 1)
    with pytest.raises(ValueError, match="dimension must be at least 1, got 0"):
        UniformTorus(0)
    with pytest.raises(ValueError, match="potential must be a TrigPolynomial"):
        LogTrigDensity(3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="integers or Fractions"):
        LogPolynomialDensity((0, 0, 1.5))
