"""Accuracy by refinement, and every fault an undecided run."""

import numpy as np
import pytest

from mflverify.dynamics.interaction import Kernel
from mflverify.dynamics.simulation import Limits, UndecidedError, simulate
from mflverify.dynamics.torus_flow import TorusFlow
from mflverify.dynamics.torus_grid import TorusGrid
from mflverify.dynamics.torus_model import mean_field_langevin
from mflverify.dynamics.trigonometric import TrigSeries
from tests.dynamics.instances import random_model, random_state


def _kuramoto(modes=32, coupling=1.2):
    kernel = Kernel(TrigSeries(1, {(1,): (-coupling, 0.0)}))
    return TorusFlow(mean_field_langevin(TrigSeries(1, {}), 1.0, kernel), TorusGrid(1, modes))


@pytest.mark.parametrize(
    ("model", "coarse", "fine"),
    [
        (random_model(11, 1), 32, 48),
        (random_model(12, 2), 32, 48),
        (random_model(13, 3, cubic=True), 32, 48),
        (random_model(14, 1, dimension=2), 28, 36),
    ],
    ids=["mfld", "two species", "three species, cubic", "two dimensions"],
)
def test_ten_digits_by_refinement_of_steps_and_modes(model, coarse, fine):
    runs = []
    for modes, tolerance in ((coarse, 1e-10), (fine, 1e-12)):
        flow = TorusFlow(model, TorusGrid(model.dimension, modes))
        state = random_state(flow, 1, degree=1)
        limits = Limits(tolerance=tolerance)
        run = simulate(flow, state, 0.5, outputs=2, limits=limits).require_resolved()
        runs.append((flow, run.states[-1]))
    (coarse_flow, found), (fine_flow, reference) = runs
    moved = coarse_flow.grid.refined(found, fine_flow.grid)
    assert fine_flow.size(moved - reference) <= 1e-10 * fine_flow.size(reference)


def test_outputs_and_monitors():
    flow = _kuramoto()
    run = simulate(flow, random_state(flow, 1), 4.0, outputs=8)
    assert run.verdict == "resolved"
    assert np.allclose(run.times, np.arange(9) / 2)
    assert run.chi2.shape == (9, 1)
    assert np.all(np.diff(run.free_energy) < 0)
    assert run.lowest > 0


def test_relative_accuracy_far_below_round_off_of_the_density():
    """chi2 decays at the rate 2 tau - coupling to 1e-30 and further: nothing saturates."""
    flow = _kuramoto()
    run = simulate(flow, random_state(flow, 1), 100.0, outputs=25).require_resolved()
    slope = np.log(run.chi2[-2, 0] / run.chi2[-1, 0]) / 4.0
    assert run.chi2[-1, 0] < 1e-30
    assert slope == pytest.approx(0.8, rel=1e-9)


def test_a_negative_density_is_undecided():
    flow = _kuramoto()
    run = simulate(flow, flow.state_of([1.1 * np.cos(flow.grid.coordinates[0])]), 1.0)
    assert run.verdict == "undecided"
    assert "negative" in run.reason
    with pytest.raises(UndecidedError, match="negative"):
        run.require_resolved()


def test_too_few_modes_are_undecided():
    flow = _kuramoto(modes=6)
    rough = 0.9 * np.exp(-10 * (1 - np.cos(flow.grid.coordinates[0])))
    run = simulate(flow, flow.state_of([rough]), 1.0)
    assert run.verdict == "undecided"
    assert "too few modes" in run.reason


class _Faulty:
    """A flow of which one thing is broken."""

    def __init__(self, flow, **broken):
        self._flow = flow
        self._broken = broken

    def __getattr__(self, name):
        return self._broken.get(name, getattr(self._flow, name))


def test_blow_up_is_undecided():
    flow = _kuramoto()
    explosive = _Faulty(flow, force=lambda state: 1e6 * state * np.abs(state))
    run = simulate(explosive, random_state(flow, 1), 1.0)
    assert run.verdict == "undecided"
    assert "step too small" in run.reason


def test_a_growing_free_energy_is_undecided():
    """The wrong sign of the interaction, with the functionals of the right one."""
    flow = _kuramoto(coupling=4.0)
    wrong = _Faulty(flow, force=lambda state: -flow.force(state))
    start = flow.state_of([0.3 * np.cos(flow.grid.coordinates[0])])
    run = simulate(wrong, start, 1.0)
    assert run.verdict == "undecided"
    assert "free energy grows" in run.reason


def test_a_time_out_is_undecided():
    flow = _kuramoto()
    run = simulate(flow, random_state(flow, 1), 1e4, outputs=5, limits=Limits(seconds=0.05))
    assert run.verdict == "undecided"
    assert "no time left" in run.reason


def test_a_run_can_be_stopped_when_all_is_seen():
    flow = _kuramoto()
    start = random_state(flow, 1)
    run = simulate(flow, start, 50.0, stop=lambda values: values.chi2.sum() < 1e-3)
    assert run.verdict == "resolved"
    assert run.times[-1] < 50.0


def test_progress_reaches_one():
    flow = _kuramoto()
    seen = []
    simulate(flow, random_state(flow, 1), 1.0, outputs=4, progress=seen.append)
    assert seen == [0.25, 0.5, 0.75, 1.0]


@pytest.mark.parametrize("bad", [{"tolerance": 0.0}, {"seconds": -1.0}, {"tail": float("nan")}])
def test_limits_must_be_positive(bad):
    with pytest.raises(ValueError, match="must be positive"):
        Limits(**bad)


def test_a_start_that_is_not_finite_is_refused():
    flow = _kuramoto()
    with pytest.raises(ValueError, match="not finite"):
        simulate(flow, random_state(flow, 1) * np.nan, 1.0)
