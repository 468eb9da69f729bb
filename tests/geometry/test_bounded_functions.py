"""Proposition 3.4's first step: bounded functions come arbitrarily near the slack.

For k = -x x' on the Gaussian line the slack is 1, attained by f = x alone, which is not bounded.  Cut at
+-c it is bounded, of mean 0, and the quotient is E[x f]^2 / E[f^2] with E[x f] = P(|x| <= c), by
integration by parts.
"""

from fractions import Fraction as Q

import pytest
from scipy.stats import norm as normal

from mflverify.expr import KernelSymbol, Space, convexity_slack
from mflverify.models import InstanceData, Request, interpret

S = KernelSymbol("S", Space("X"), Space("X"), symmetric=True)


def quotient(c: float) -> float:
    """-<f, M f>/||f||^2 for x cut at +-c."""
    inside = normal.cdf(c) - normal.cdf(-c)
    square = inside - 2 * c * normal.pdf(c) + 2 * c**2 * normal.sf(c)
    return inside**2 / square


def test_cut_functions_approach_the_slack_from_below():
    data = InstanceData("gaussian", kernels={"S": ((Q(0), Q(0)), (Q(0), Q(-1)))})
    term = convexity_slack(S)
    slack = interpret(data, Request.of(term), "exact").evaluate(term)
    assert slack == 1
    values = [quotient(c) for c in (0.5, 1, 2, 3, 4, 6)]
    assert values == sorted(values)
    assert all(value < 1 for value in values[:-1])
    assert values[-1] == pytest.approx(1, abs=1e-7)
    # a temperature below the slack is already exceeded by a bounded function
    assert values[1] > 0.85
