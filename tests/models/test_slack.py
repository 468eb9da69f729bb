"""The monotonicity slack and the spectral norm, against known values and between arithmetics."""

from fractions import Fraction as Q

import numpy as np
import pytest
from flint import arb, fmpq

from mflverify.expr import (
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    Space,
    convexity_slack,
    generator,
    inner,
    mixed_derivative_sup,
    monotonicity_slack,
    norm,
    spectral_norm,
)
from mflverify.models import Request
from mflverify.models.families import TorusFamily
from mflverify.models.instance_data import InstanceData
from mflverify.models.interpretation import interpret
from mflverify.models.request import Unavailable
from mflverify.models.slack import float_slack

X, Y = Space("X"), Space("Y")
S = KernelSymbol("S", X, X, symmetric=True)
M = KernelSymbol("M", source=Y, target=X)
N = KernelSymbol("N", source=X, target=Y)


def attractive(m: Q) -> tuple:
    """2 m cos(x - x') in the basis 1, cos, sin."""
    return ((Q(0),) * 3, (Q(0), 2 * m, Q(0)), (Q(0), Q(0), 2 * m))


def value(term, data: InstanceData, arithmetic: str):
    return interpret(data, Request.of(term), arithmetic).evaluate(term)


@pytest.mark.parametrize("m", [Q(3, 4), Q(-3, 4), Q(0)])
def test_one_harmonic_on_the_uniform_torus(m):
    data = InstanceData("torus", potentials={"X": ()}, kernels={"S": attractive(m)})
    expected = max(Q(0), -m)
    assert value(convexity_slack(S), data, "exact") == fmpq(
        expected.numerator, expected.denominator
    )
    ball = value(convexity_slack(S), data, "ball")
    assert ball.contains(arb(fmpq(expected.numerator, expected.denominator)))
    assert ball.rad() < 1e-10


def test_squared_distance_on_the_gaussian_line_is_centred():
    # gamma/2 (x - x')^2 = gamma/2 x^2 - gamma x x' + gamma/2 x'^2: only the middle term counts
    gamma = Q(2, 3)
    matrix = ((Q(0), Q(0), gamma / 2), (Q(0), -gamma, Q(0)), (gamma / 2, Q(0), Q(0)))
    data = InstanceData("gaussian", kernels={"S": matrix})
    assert value(convexity_slack(S), data, "exact") == fmpq(2, 3)


def test_a_zero_sum_game_has_no_slack_and_a_common_payoff_has():
    m = Q(1, 2)
    flat = {"X": (), "Y": ()}
    game = InstanceData("torus", flat, kernels={"M": attractive(m), "N": attractive(-m)})
    assert value(monotonicity_slack(M, N), game, "exact") == 0
    team = InstanceData("torus", flat, kernels={"M": attractive(m), "N": attractive(m)})
    # <f, M g> + <g, N f> with both equal to m <f, g> on one mode: at least -m (|f|^2 + |g|^2)
    ball = value(monotonicity_slack(M, N), team, "ball")
    assert ball.contains(arb(1) / 2)
    assert ball.rad() < 1e-10


def test_irrational_slack_is_refused_in_rational_arithmetic():
    matrix = ((Q(0),) * 3, (Q(0), Q(0), Q(1)), (Q(0), Q(1), Q(0)))
    data = InstanceData("torus", potentials={"X": ()}, kernels={"S": matrix})
    with pytest.raises(Unavailable, match="slack"):
        value(convexity_slack(S), data, "exact")
    assert value(convexity_slack(S), data, "ball").contains(arb(1) / 2)


def test_a_constant_kernel_and_a_zero_matrix_are_exactly_nothing():
    data = InstanceData("torus", potentials={"X": (Q(0), Q(1))}, kernels={"S": ((Q(5),),)})
    assert value(convexity_slack(S), data, "ball").is_zero()
    assert float_slack([(S, np.full((3, 1, 1), 5.0))], None, {}).tolist() == [0, 0, 0]
    empty = InstanceData("torus", potentials={"X": ()}, kernels={"S": ((Q(0),) * 3,) * 3})
    assert value(spectral_norm([mixed_derivative_sup(S)]), empty, "ball").is_zero()


@pytest.mark.parametrize(("second", "sign"), [(Q(0), 1), (Q(-1, 16), -1)])
def test_l_m_has_no_sign_though_m_has_one(second, sign):
    """The middle term of (2.3): M = (cos + cos 2) (x) (cos + cos 2) is not negative, L M is."""
    wave = (Q(0), Q(1), Q(0), Q(1))
    f = FunctionSymbol("f", X, "perturbation")
    data = InstanceData(
        "torus",
        potentials={"X": ()},
        functions={"f": (Q(0), Q(1, 2), Q(0), second)},
        kernels={"S": tuple(tuple(a * b for b in wave) for a in wave)},
    )
    assert value(convexity_slack(S), data, "ball") < arb("1e-9")
    assert value(inner(f, S(f)), data, "exact") > 0
    assert sign * value(inner(f, generator(S(f))), data, "exact") > 0


def test_floats_agree_with_balls_and_no_state_goes_below():
    f = FunctionSymbol("f", X, "mean-zero")
    slack = convexity_slack(S)
    request = Request.of(slack, f, S)
    batch = TorusFamily().draw(request, np.random.default_rng(3), 40)
    for index in range(6):
        data = batch.data(index)
        instance = interpret(data, request, "ball")
        ball = instance.evaluate(slack)
        assert ball.rad() <= 1e-6 * abs(ball.mid()) + arb("1e-9")
        form = instance.evaluate(inner(f, S(f)) + slack * norm(f) ** 2)
        assert not form < 0
    quotient = -batch.evaluate(inner(f, S(f))) / batch.evaluate(norm(f) ** 2)
    assert np.all(quotient <= batch.evaluate(slack) * (1 + 1e-8) + 1e-12)
    # the bound is not idle: some drawn state comes within a factor of three of it
    assert np.max(quotient / np.maximum(batch.evaluate(slack), 1e-12)) > 1 / 3


def test_spectral_norm_in_three_arithmetics():
    a, b = Parameter("a", "positive"), Parameter("b", "positive")
    data = InstanceData.from_json(
        {"family": "scalars", "parameters": {"a": "value 3", "b": "value 4"}}
    )
    diagonal, row = spectral_norm([a, 0], [0, b]), spectral_norm([a, b])
    assert value(diagonal, data, "exact") == 4
    assert value(diagonal, data, "ball").contains(4)
    assert value(row, data, "ball").contains(5)
    with pytest.raises(Unavailable, match="spectral norm"):
        value(row, data, "exact")
