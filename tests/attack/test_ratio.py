"""The ratio measures how close an inequality is to failing, the same in all arithmetics."""

from fractions import Fraction

import numpy as np
import pytest

from mflverify.attack.ratio import Ratio, squared
from mflverify.expr import (
    FunctionSymbol,
    Parameter,
    Space,
    dual_norm,
    equation,
    grad,
    norm,
    poincare_constant,
)
from mflverify.models import Choice, InstanceData, Request, ScalarFamily, TorusFamily, interpret

X = Space("X")
f = FunctionSymbol("f", X, "perturbation")
a, b, c = (Parameter(name, "positive") for name in "abc")


def scalars(**values):
    parameters = {name: Choice("value", Fraction(value)) for name, value in values.items()}
    return InstanceData("scalars", parameters=parameters)


def ratio_at(claim, arithmetic="exact", **values):
    ratio = Ratio.of(claim)
    return ratio.at_least(interpret(scalars(**values), Request.of(claim), arithmetic))


@pytest.mark.parametrize("arithmetic", ["exact", "ball"])
@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (a <= b, 1.5),
        (a <= 2 * b, 0.75),
        (a - b <= c, 0.5),  # a <= b + c
        (-2 * a <= -a, 0.5),  # a <= 2 a
    ],
)
def test_summands_count_on_the_side_where_they_are_positive(claim, expected, arithmetic):
    found = ratio_at(claim, arithmetic, a=3, b=2, c=4)
    assert found == pytest.approx(expected, rel=1e-12)
    assert found <= expected


def test_balls_and_floats_agree():
    claim = dual_norm(f) ** 2 - norm(grad(f)) <= norm(f) ** 2
    request = Request.of(claim)
    batch = TorusFamily().draw(request, np.random.default_rng(0), 6)
    ratio = Ratio.of(claim)
    floats = ratio.floats(batch.evaluate)
    for index in range(batch.size):
        ball = ratio.at_least(interpret(batch.data(index, 2**20), request, "ball"))
        assert ball == pytest.approx(floats[index], rel=1e-3)


def test_an_equation_has_ratio_one_where_it_holds():
    batch = ScalarFamily().draw(Request.of(a <= b), np.random.default_rng(0), 50)
    assert np.allclose(Ratio.of(equation(a * b, b * a)).floats(batch.evaluate), 1)
    assert np.all(Ratio.of(equation(a, 2 * a)).floats(batch.evaluate) > 1.3)


def test_zero_on_both_sides_is_no_equality():
    batch = ScalarFamily().draw(Request.of(a <= b), np.random.default_rng(0), 5)
    assert np.all(Ratio.of(0 * a <= 0 * b).floats(batch.evaluate) == 0)


def eigenfunction(phi):
    return InstanceData("torus", potentials={"X": ()}, functions={"f": phi})


def test_equality_is_decided_in_rationals_even_between_roots():
    claim = poincare_constant(X) * dual_norm(f) <= norm(f)
    ratio = Ratio.of(claim)
    tenth = Fraction(1, 10)
    for phi, equal in (((0, tenth), True), ((0, 0, 0, tenth), False)):
        data = eigenfunction(tuple(Fraction(x) for x in phi))
        assert ratio.is_attained(interpret(data, Request.of(claim), "exact")) is equal


def test_squares_take_roots_away():
    assert squared(norm(f)) == norm(f) ** 2
    assert squared(2 * a * norm(f) ** Fraction(1, 2)) == 4 * a**2 * norm(f)
    assert squared(abs(a - b)) == (a - b) ** 2
