"""Quantities of which the rate is bounded from below: drawn and moved at that bound."""

import numpy as np
import pytest

from mflverify.engines.profile import PROFILES
from mflverify.engines.trajectories import examine_trajectories
from mflverify.expr import Flow, Parameter, at_time, exp
from mflverify.models import Request, ScalarFamily
from mflverify.proof import Empirical, Statement, gronwall_below

flow = Flow("abstract")
U, P = flow.quantity("U"), flow.quantity("P")
a, t = Parameter("a", "positive"), Parameter("t", "nonnegative")
GIVEN = [-a * U <= flow.derivative(U), flow.derivative(P) <= -a * P]


def examined(claim, given=GIVEN):
    statement = Statement("s", "a lower bound", given=given)
    step = statement.step("claim", claim, because=[gronwall_below(U, a, flow, t)])
    return examine_trajectories(step, PROFILES["quick"], 0)


def test_a_bound_from_below_is_approached():
    found = examined(exp(-a * t) * at_time(U, 0) <= at_time(U, t))
    assert found.verdict is Empirical.SAMPLED
    # trajectories at the bound are among those that are tried, up to the error of Euler steps
    assert abs(found.margin) < 2e-3


def test_a_faster_decay_would_be_noticed():
    found = examined(exp(-a * t / 2) * at_time(U, 0) <= at_time(U, t))
    assert found.verdict is not Empirical.SAMPLED


def test_two_sides_confine_the_rate():
    both = [*GIVEN, flow.derivative(U) <= -a * U / 2]
    above = at_time(U, t) <= exp(-a * t / 2) * at_time(U, 0)
    assert examined(above, both).verdict is Empirical.SAMPLED
    below = exp(-a * t) * at_time(U, 0) <= at_time(U, t)
    assert examined(below, both).verdict is Empirical.SAMPLED


@pytest.mark.parametrize("given", [GIVEN, [*GIVEN, flow.derivative(U) <= -a * U / 2]])
def test_drawn_rates_satisfy_the_bounds(given):
    request = Request.of(flow.derivative(U) + flow.derivative(P) + a, hypotheses=given)
    batch = ScalarFamily().draw(request, np.random.default_rng(0), 200)
    rate, bottom = batch.evaluate(flow.derivative(U)), -batch.evaluate(a * U)
    assert np.all(rate >= bottom)
    assert np.any(rate <= bottom * (1 - 1e-6)) or len(given) == 3
    if len(given) == 3:
        assert np.all(rate <= bottom / 2 + 1e-12)
