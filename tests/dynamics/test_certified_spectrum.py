"""The enclosure of the rate contains closed forms and eigenvalues from larger matrices, and is narrow."""

from fractions import Fraction

import numpy as np
import pytest

from mflverify.dynamics import certified_spectrum, spectrum
from mflverify.dynamics.certified_spectrum import NoEnclosureError, RateEnclosure, enclose_rate
from mflverify.dynamics.interaction import Kernel
from mflverify.dynamics.spectrum import SpectrumError, linearised_spectrum
from mflverify.dynamics.torus_model import TorusModel, descent_ascent, mean_field_langevin
from mflverify.dynamics.trigonometric import TrigSeries
from mflverify.numerics.poincare import poincare_constant
from mflverify.numerics.spectral_densities import LogTrigTorus
from tests.dynamics.instances import random_model

FLAT = TrigSeries(1, {})
NONE = Kernel(FLAT)


def cosine(size: float, potential: float = 0.0) -> Kernel:
    return Kernel(TrigSeries(1, {(1,): (size, potential)}))


def von_mises(kappa: float) -> TrigSeries:
    return TrigSeries(1, {(1,): (-kappa, 0.0)})


def assert_encloses(found: RateEnclosure, rate: float, width: float = 1e-8) -> None:
    rounding = 1e-14 * abs(rate)
    assert found.lower - rounding <= rate
    assert rate <= found.upper + rounding
    assert found.upper - found.lower <= width * abs(rate)


# E5, eigenvalues to fifteen digits
@pytest.mark.parametrize(
    ("kappa", "alpha"),
    [(0.5, 1.04159412825283), (1.0, 1.16549653046466), (2.0, 1.64736539850416)],
)
def test_without_interaction_it_is_the_poincare_constant(kappa, alpha):
    found = enclose_rate(mean_field_langevin(von_mises(kappa), 1.0, NONE))
    assert found.lower - 1e-13 <= 2 * alpha <= found.upper + 1e-13
    assert found.upper - found.lower < 1e-8


def test_example_e1():
    kernel = Kernel(TrigSeries(1, {(1,): (0.6, 0.0), (2,): (-0.4, 0.0)}))
    assert_encloses(enclose_rate(mean_field_langevin(FLAT, 1.0, kernel)), 2.6, 1e-13)


def test_an_unstable_equilibrium_has_a_negative_rate():
    found = enclose_rate(mean_field_langevin(FLAT, 1.0, cosine(-3.0)))  # tau + m = 1 - 3/2
    assert_encloses(found, -1.0, 1e-13)
    assert found.upper < 0


@pytest.mark.parametrize(("m", "eta"), [(0.1, 4.0), (1.5, 4.0), (0.0, 0.25)])
def test_example_e13_games_rotate(m, eta):
    tau = 0.7
    block = np.array([[tau, m], [-eta * m, eta * tau]])
    expected = 2 * min(np.linalg.eigvals(block).real.min(), 4 * tau, 4 * eta * tau)
    model = descent_ascent((FLAT, FLAT), tau, cosine(2 * m), timescale=eta)
    assert_encloses(enclose_rate(model), expected, 1e-12)


def test_about_a_uniform_equilibrium_in_two_dimensions():
    flat = TrigSeries(2, {})
    kernel = Kernel(TrigSeries(2, {(1, 1): (-0.5, 0.0), (0, 1): (0.8, 0.0)}))
    found = enclose_rate(mean_field_langevin(flat, 1.0, kernel))
    assert_encloses(found, min(2 * 2 * (1 - 0.25), 2 * 1.0), 1e-12)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("species", [1, 2, 3])
def test_random_models_agree_with_a_larger_discretisation(species, seed):
    model = random_model(100 * species + seed, species)
    found = enclose_rate(model)
    other = linearised_spectrum(model, 48)
    assert found.lower - 1e-7 <= other.rate <= found.upper + 1e-7
    assert found.upper - found.lower < 1e-6


def test_more_modes_only_narrow_it():
    model = mean_field_langevin(von_mises(1.3), 0.5, cosine(0.8))
    wide, narrow = enclose_rate(model, 8), enclose_rate(model, 16)
    assert wide.lower <= narrow.lower <= narrow.upper <= wide.upper
    assert narrow.upper - narrow.lower < (wide.upper - wide.lower) / 1e3


@pytest.mark.parametrize("kappa", [10.0, 25.0, 60.0])
def test_steep_equilibria_on_circles(kappa):
    """Double eigenvalues, of which the interaction raises the even one: 2 tau alpha is left."""
    even = TrigSeries(1, {(1,): (1.0, 0.0)})
    model = mean_field_langevin(von_mises(kappa), 0.5, Kernel(FLAT, ((even.scaled(0.8), even),)))
    alpha = poincare_constant(LogTrigTorus({(1,): (Fraction(-int(kappa)), Fraction(0))}), digits=9)
    found = enclose_rate(model)
    assert found.lower <= float(alpha.upper)
    assert float(alpha.lower) <= found.upper
    assert found.upper - found.lower < 1e-7


def test_about_other_equilibria_in_two_dimensions():
    """A product of circles on whose first factor the kernel acts: the smaller of two rates."""
    potential = TrigSeries(2, {(1, 0): (0.5, 0.2), (0, 1): (-0.3, 0.0)})
    kernel = Kernel(TrigSeries(2, {(1, 0): (-0.4, 0.0)}))
    found = enclose_rate(mean_field_langevin(potential, 0.5, kernel), 7)
    first = TrigSeries(1, {(1,): (0.5, 0.2)})
    second = TrigSeries(1, {(1,): (-0.3, 0.0)})
    parts = [
        enclose_rate(mean_field_langevin(first, 0.5, cosine(-0.4))),
        enclose_rate(mean_field_langevin(second, 0.5, NONE)),
    ]
    assert_encloses(found, min(part.lower for part in parts), 2e-4)


def test_models_without_an_enclosure_say_so(monkeypatch):
    monkeypatch.setattr(certified_spectrum, "LARGEST", 100)
    model = mean_field_langevin(von_mises(60.0), 1.0, NONE)
    with pytest.raises(NoEnclosureError, match="do not separate for 4"):
        enclose_rate(model, 4)
    with pytest.raises(NoEnclosureError, match="up to 100 functions"):
        enclose_rate(mean_field_langevin(von_mises(5e5), 1.0, NONE))
    three = TrigSeries(3, {(1, 0, 0): (0.1, 0.0)})
    with pytest.raises(NoEnclosureError, match="up to 100 functions"):
        enclose_rate(mean_field_langevin(three, 1.0, Kernel(TrigSeries(3, {}))))


def test_a_rate_outside_its_enclosure_is_undecided(monkeypatch):
    monkeypatch.setattr(spectrum, "enclose_rate", lambda model: RateEnclosure(2.61, 2.62, 3))
    model = TorusModel((FLAT,), (1.0,), (1.0,), {(0, 0): cosine(0.6)})
    with pytest.raises(SpectrumError, match=r"certainly lies in \[2\.61, 2\.62\]"):
        linearised_spectrum(model, 8, enclosed=True)


def test_at_the_critical_coupling_the_rate_is_enclosed_about_zero():
    """tau + m = 0: the eigenvalues of the first mode join those of constants, and stay."""
    found = enclose_rate(mean_field_langevin(FLAT, 1.0, cosine(-2.0)))
    assert found.lower <= 0 <= found.upper
    assert found.upper - found.lower < 1e-12
