"""The enclosure of the rate contains closed forms and eigenvalues from larger matrices, and is narrow."""

import numpy as np
import pytest

from mflverify.dynamics import spectrum
from mflverify.dynamics.certified_spectrum import NoEnclosureError, RateEnclosure, enclose_rate
from mflverify.dynamics.interaction import Kernel
from mflverify.dynamics.spectrum import SpectrumError, linearised_spectrum
from mflverify.dynamics.torus_model import TorusModel, descent_ascent, mean_field_langevin
from mflverify.dynamics.trigonometric import TrigSeries
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
    assert found.upper - found.lower < 1e-3


def test_more_modes_only_narrow_it():
    model = mean_field_langevin(von_mises(1.3), 0.5, cosine(0.8))
    wide, narrow = enclose_rate(model, 8), enclose_rate(model, 16)
    assert wide.lower <= narrow.lower <= narrow.upper <= wide.upper
    assert narrow.upper - narrow.lower < (wide.upper - wide.lower) / 1e3


def test_models_without_an_enclosure_say_so():
    potential = TrigSeries(2, {(1, 0): (0.5, 0.0)})
    with pytest.raises(NoEnclosureError, match="uniform"):
        enclose_rate(mean_field_langevin(potential, 1.0, Kernel(TrigSeries(2, {}))))
    with pytest.raises(NoEnclosureError):
        enclose_rate(mean_field_langevin(von_mises(60.0), 1.0, NONE), 4)
    with pytest.raises(NoEnclosureError):
        enclose_rate(mean_field_langevin(von_mises(5e5), 1.0, NONE))


def test_a_rate_outside_its_enclosure_is_undecided(monkeypatch):
    monkeypatch.setattr(spectrum, "enclose_rate", lambda model: RateEnclosure(2.61, 2.62, 3))
    model = TorusModel((FLAT,), (1.0,), (1.0,), {(0, 0): cosine(0.6)})
    with pytest.raises(SpectrumError, match=r"certainly lies in \[2\.61, 2\.62\]"):
        linearised_spectrum(model, 8, enclosed=True)
