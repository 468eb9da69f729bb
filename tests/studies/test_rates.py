"""Fitted rates: right within their error bars, also when the decay has not settled."""

from pathlib import Path

import numpy as np
import pytest

from mflverify.dynamics.simulation import Limits
from mflverify.dynamics.spectrum import Spectrum
from mflverify.studies.conjectures import exact_rate_row
from mflverify.studies.exact_rate import rates, settling
from mflverify.studies.model_file import load_case
from mflverify.studies.rates import fit_rate
from mflverify.studies.theorems import StatedTheorems

TIMES = np.linspace(0, 30, 301)


@pytest.mark.parametrize(
    "values",
    [
        np.exp(-0.8 * TIMES),
        np.exp(-0.8 * TIMES) + 5 * np.exp(-0.9 * TIMES),
        np.exp(-0.8 * TIMES) * (2 + np.cos(3 * TIMES)),
        np.exp(-0.8 * TIMES) * (1 + 0.1 * np.random.default_rng(0).normal(size=301)),
    ],
    ids=["pure", "two exponentials", "oscillating", "noisy"],
)
def test_the_error_bar_covers_the_rate(values):
    fit = fit_rate(TIMES, values)
    assert abs(fit.rate - 0.8) <= fit.error + 1e-12
    assert fit.error < 0.4  # the strong oscillation: a quarter of the window is two periods


def test_a_known_frequency_makes_the_rate_sharp():
    fit = fit_rate(TIMES, np.exp(-0.8 * TIMES) * (2 + np.cos(3 * TIMES)), frequency=3.0)
    assert fit.error < 3e-3
    assert abs(fit.rate - 0.8) <= fit.error


def test_values_below_the_floor_are_left_out():
    values = np.exp(-0.8 * TIMES) + 1e-6 * np.abs(np.sin(40 * TIMES))
    assert fit_rate(TIMES, values, floor=1e-4, last=0.9).rate == pytest.approx(0.8, rel=0.05)


def test_too_few_values_are_refused():
    with pytest.raises(ValueError, match="at least forty"):
        fit_rate(TIMES[:50], np.exp(-TIMES[:50]))


def test_a_run_without_time_leaves_the_other_rates():
    found = rates(load_case("von-mises"), limits=Limits(seconds=1e-3))
    assert "no time left" in found.undecided
    assert found.measured is None
    assert found.guaranteed < found.spectrum.rate


@pytest.mark.parametrize("name", ["kuramoto", "matching-pennies", "two-timescales", "cubic-energy"])
def test_measured_and_conjectured_rates_agree(name):
    found = rates(load_case(name), limits=Limits(tolerance=1e-8))
    assert found.measured is not None
    assert not found.undecided
    difference = abs(found.measured.rate - found.spectrum.rate)
    assert difference <= found.measured.error + 1e-6 * found.spectrum.rate
    assert found.measured.error <= 1e-2 * found.spectrum.rate
    assert found.guaranteed <= found.spectrum.rate * (1 + 1e-9)
    low, high = found.log_sobolev
    assert low <= high <= found.guaranteed * (1 + 1e-6)


def _spectrum(*values):
    return Spectrum(np.array(values, dtype=complex), 2 * complex(values[0]).real, 0.0, 1.0)


def test_runs_last_until_the_slowest_mode_is_alone():
    # conjugate and double eigenvalues are no second mode
    quick = settling(_spectrum(0.5 + 1j, 0.5 - 1j, 2.0))
    assert quick.settled
    assert quick.duration == pytest.approx(40.0)
    slow = settling(_spectrum(0.5, 0.55))
    assert slow.settled
    assert slow.duration == pytest.approx(200.0)


def test_modes_that_nearly_tie_are_not_settled():
    tie = settling(_spectrum(0.5, 0.501))
    assert not tie.settled
    assert tie.duration == pytest.approx(500.0)


def test_slow_oscillations_need_four_periods():
    turning = settling(_spectrum(0.5 + 0.05j, 0.5 - 0.05j, 2.0))
    assert turning.settled
    assert turning.duration == pytest.approx(4 * 2 * np.pi / 0.1)
    assert not settling(_spectrum(0.5 + 1e-3j, 0.5 - 1e-3j, 2.0)).settled


def test_a_near_tie_is_undecided_not_slower():
    """The spectrum of this instance has two pairs with real parts 0.0004 apart."""
    row = exact_rate_row(106, 0, StatedTheorems.load(Path(__file__).parents[2] / "proofs"))
    assert row["verdict"] == "undecided"
    assert "nearly tie" in row["reason"]
