"""Steps of order four, an error estimate of order three, and a control that keeps its promise."""

import numpy as np
import pytest

from mflverify.dynamics.stepping import Adaptive, Stepper, StepSizeError
from mflverify.dynamics.torus_flow import TorusFlow
from mflverify.dynamics.torus_grid import TorusGrid
from tests.dynamics.instances import random_model, random_state


def _run(flow, state, count, time=0.5):
    stepper, n = Stepper(flow), flow.force(state)
    estimate = 0.0
    for _ in range(count):
        state, n, error = stepper.step(state, n, time / count)
        estimate = max(estimate, flow.size(error))
    return state, estimate


@pytest.mark.parametrize("species", [1, 2])
def test_order_four_with_an_estimate_of_order_four_for_each_step(species):
    flow = TorusFlow(random_model(8, species), TorusGrid(1, 16))
    state = random_state(flow, 1)
    reference, _ = _run(flow, state, 1024)
    counts = (32, 64, 128)
    runs = [_run(flow, state, count) for count in counts]
    errors = np.array([flow.size(found - reference) for found, _ in runs])
    estimates = np.array([estimate for _, estimate in runs])
    assert np.all(np.log2(errors[:-1] / errors[1:]) > 3.7)
    assert np.all(np.abs(np.log2(estimates[:-1] / estimates[1:]) - 4) < 0.4)


class _Linear:
    """u' = -c u + force(u) on two numbers."""

    def __init__(self, force, decay=(1.0, 50.0)):
        self.decay = np.array(decay)
        self._force = force

    def force(self, state):
        return self._force(state)

    def size(self, state):
        return float(np.linalg.norm(state))


def test_the_diagonal_part_is_exact():
    stepper = Stepper(_Linear(np.zeros_like))
    state, _, error = stepper.step(np.array([1.0, 1.0]), np.zeros(2), 0.7)
    assert np.allclose(state, np.exp([-0.7, -35.0]), rtol=1e-14)
    assert not np.any(error)


@pytest.mark.parametrize("tolerance", [1e-5, 1e-8, 1e-11])
def test_the_step_control_keeps_its_promise(tolerance):
    """A rotation with a stiff second component: the error stays near the tolerance times time."""
    matrix = np.array([[0.0, 3.0], [-3.0, 0.0]])
    equation = _Linear(lambda u: matrix @ u)
    adaptive = Adaptive(Stepper(equation), tolerance)
    start = np.array([1.0, -0.5])
    state, force = start, equation.force(start)
    for _ in range(4):
        state, force = adaptive.advance(state, force, 0.5)
    from scipy.linalg import expm

    exact = expm(2.0 * (matrix - np.diag(equation.decay))) @ start
    assert equation.size(state - exact) <= 10 * tolerance * equation.size(exact)


def test_blow_up_is_an_error():
    equation = _Linear(lambda u: u**3, decay=(0.0, 0.0))
    adaptive = Adaptive(Stepper(equation), 1e-6, deepest=20)
    start = np.array([1.0, 1.0])  # infinite at time 1/2
    with pytest.raises(StepSizeError, match="no step"):
        adaptive.advance(start, equation.force(start), 2.0)


def test_whoever_watches_can_stop_it():
    class EnoughError(Exception):
        pass

    def stop():
        raise EnoughError

    adaptive = Adaptive(Stepper(_Linear(np.zeros_like)), 1e-6, stop)
    with pytest.raises(EnoughError):
        adaptive.advance(np.ones(2), np.zeros(2), 1.0)
