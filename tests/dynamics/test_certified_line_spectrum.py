"""Enclosures of rates on the line: closed forms, published digits, and a second computation."""

import numpy as np
import pytest
from numpy.polynomial import Polynomial

from mflverify.dynamics import spectrum
from mflverify.dynamics.certified_spectrum import RateEnclosure, enclose_rate
from mflverify.dynamics.line_flow import LineModel, transposed
from mflverify.dynamics.line_section import LineSection
from mflverify.dynamics.line_spectrum import line_spectrum
from mflverify.dynamics.spectral_section import norm
from mflverify.dynamics.spectrum import SpectrumError
from mflverify.numerics.inertia import UndecidedSignError
from mflverify.numerics.precision import working_precision

X = Polynomial([0.0, 1.0])
GAUSS = Polynomial([0.0, 0.0, 0.5])
WELLS = Polynomial([0.0, 0.0, -0.5, 0.0, 0.25])


def one(potential, *kernel, temperature=1.0):
    return LineModel((potential,), (temperature,), (1.0,), {(0, 0): kernel})


def assert_encloses(found: RateEnclosure, rate: float, width: float) -> None:
    rounding = 1e-14 * abs(rate)
    assert found.lower - rounding <= rate <= found.upper + rounding
    assert found.upper - found.lower <= width * abs(rate)


# gaps with eight digits: of x^4/4 - x^2/2 at tau = 1 and 1/4, and of (x^2 - 1)^2
@pytest.mark.parametrize(
    ("potential", "alpha", "width"),
    [
        (WELLS, 0.79208843, 1e-8),
        (4 * WELLS, 0.18717042 / 0.25, 1e-7),
        (Polynomial([1.0, 0.0, -2.0, 0.0, 1.0]), 0.74868167, 1e-8),
    ],
)
def test_without_interaction_it_is_the_poincare_constant(potential, alpha, width):
    found = enclose_rate(one(potential))
    assert found.lower - 3e-8 <= 2 * alpha <= found.upper + 3e-8
    assert found.upper - found.lower <= width


@pytest.mark.parametrize("m", [-0.5, -1.5, 0.25])
@pytest.mark.parametrize("variance", [1.0, 0.5])
def test_gaussians_with_a_bilinear_kernel(m, variance):
    """x is an eigenfunction, <x, M x> = m variance^2: the rate is that of x or of x^2."""
    model = one(GAUSS / variance, (m * X, X))
    expected = 2 / variance * min(1 + m * variance, 2.0)
    assert_encloses(enclose_rate(model), expected, 1e-12)


def test_a_shifted_gaussian_has_the_same_rate():
    model = one(Polynomial([0.3, -1.1, 0.5]), (-0.5 * X, X))
    assert_encloses(enclose_rate(model), 1.0, 1e-12)


def test_a_game_between_gaussians_rotates():
    payoff = ((1.3 * X, X),)
    model = LineModel(
        (GAUSS, 4 * GAUSS), (0.5, 0.5), (1.0, 2.0), {(0, 1): payoff, (1, 0): transposed(payoff, -1)}
    )
    # x' = -tau x - m y, y' = eta (m x - 4 tau y) in the coefficients of x and y
    block = np.array([[0.5, 1.3 / 4], [-2 * 1.3 * 4, 4.0]])
    expected = 2 * min(np.linalg.eigvals(block).real.min(), 1.0)
    assert_encloses(enclose_rate(model), expected, 1e-11)


def _wells(kind: str) -> LineModel:
    squares = Polynomial([0.0, 0.2, 1.0])
    if kind == "attraction":
        return one(WELLS, (-0.6 * X, X), temperature=0.5)
    if kind == "squares":
        return one(WELLS, (0.4 * squares, squares))
    payoff = ((1.5 * X, X), (0.2 * squares, X))
    steep = 4 * WELLS
    kernels = {(0, 1): payoff, (1, 0): transposed(payoff, -1.0)}
    return LineModel((WELLS, steep), (0.5, 0.5), (1.0, 3.0), kernels)


@pytest.mark.parametrize("kind", ["attraction", "squares", "game"])
def test_double_wells_agree_with_floats(kind):
    model = _wells(kind)
    found = enclose_rate(model)
    assert_encloses(found, line_spectrum(model).rate, 1e-7)
    assert found.upper - found.lower < 1e-8


@pytest.mark.parametrize("degree", [1, 2, 5])
def test_errors_of_products_with_the_ground_state(degree):
    """Against many more Hermite functions: the bound holds, and is not far from the truth."""
    function = Polynomial([*([0.0] * degree), 1.0])
    with working_precision(192):
        coarse, fine = (LineSection.of(WELLS, count, 5) for count in (48, 120))
        for name in ("source", "target"):
            (_, bound), (values, better) = (getattr(s, name)(function) for s in (coarse, fine))
            assert better < bound / 1e4
            # both are near the same function, so their norms are near
            first, _ = getattr(coarse, name)(function)
            assert abs(norm(first) - norm(values)) < bound + better


def test_wells_that_are_not_resolved_say_so():
    with working_precision(128), pytest.raises(UndecidedSignError):
        LineSection.of(1000 * WELLS, 12, 1)


def test_a_rate_outside_its_enclosure_is_undecided(monkeypatch):
    monkeypatch.setattr(spectrum, "enclose_rate", lambda model: RateEnclosure(2.61, 2.62, 3))
    with pytest.raises(SpectrumError, match=r"certainly lies in \[2\.61, 2\.62\]"):
        line_spectrum(one(GAUSS), enclosed=True)
