"""Functionals with a third variation: values, bounds, refusals, and a false constant."""

from fractions import Fraction as Q

import numpy as np
import pytest
from flint import arb, fmpq

from mflverify.algebra.normal import normalize
from mflverify.engines.empirical import examine_instances
from mflverify.engines.profile import PROFILES
from mflverify.expr import (
    FunctionSymbol,
    Parameter,
    RemainderSymbol,
    SortError,
    Space,
    dual_norm,
    generator,
    grad,
    inner,
    norm,
    sup_norm,
    third_derivative_sup,
)
from mflverify.expr.terms import Flow
from mflverify.models import Request
from mflverify.models.families import TorusFamily
from mflverify.models.instance_data import InstanceData
from mflverify.models.interpretation import interpret
from mflverify.proof import Empirical, Statement

X, Y = Space("X"), Space("Y")
f = FunctionSymbol("f", X, "perturbation")
g = FunctionSymbol("g", Y, "perturbation")
R = RemainderSymbol("R", (X,), X)
COSINE = (Q(0), Q(1))


def cubic(strength: Q, out=COSINE, form=COSINE) -> InstanceData:
    return InstanceData(
        "torus",
        potentials={"X": ()},
        functions={"f": (Q(0), Q(1, 2))},
        remainders={"R": ((strength,), out, form)},
    )


def test_value_and_bound_on_one_harmonic():
    # f = L(cos/2) = cos/2, <cos, f> = 1/4, R = 3/2 (1/4)^2 cos
    request = Request.of(norm(grad(R(f))), third_derivative_sup(R))
    instance = interpret(cubic(Q(3)), request, "exact")
    assert instance.evaluate(sup_norm(grad(R(f)))) == fmpq(3, 32)
    assert instance.evaluate(third_derivative_sup(R)) == 3
    assert interpret(cubic(Q(-3)), request, "ball").evaluate(third_derivative_sup(R)).contains(3)


def test_floats_and_balls_agree():
    term = norm(grad(R(f))) ** 2 + third_derivative_sup(R) * inner(f, R(f))
    request = Request.of(term)
    batch = TorusFamily().draw(request, np.random.default_rng(5), 20)
    for index in range(5):
        ball = interpret(batch.data(index, 10**6), request, "ball").evaluate(term)
        assert float(ball.mid()) == pytest.approx(batch.evaluate(term)[index], rel=1e-3)


def test_instances_survive_json():
    data = cubic(Q(3, 7))
    assert InstanceData.from_json(data.to_json()) == data
    assert "third variation 3/7" in data.describe()


def test_asymmetric_third_variation_of_one_functional_is_refused():
    data = cubic(Q(1), form=(Q(0), Q(0), Q(1)))
    with pytest.raises(ValueError, match=r"remainders\.R.*symmetric"):
        interpret(data, Request.of(norm(R(f))), "ball")
    with pytest.raises(ValueError, match=r"remainders\.R"):
        interpret(
            InstanceData("torus", {"X": ()}, functions={"f": COSINE}, remainders={"R": ((Q(1),),)}),
            Request.of(norm(R(f))),
            "ball",
        )


def test_states_live_on_the_spaces_of_the_functional():
    with pytest.raises(SortError, match="one function on each"):
        R(g)
    with pytest.raises(SortError, match="mean-zero"):
        R(1 + f)


def test_the_algebra_knows_nothing_of_its_rate():
    flow = Flow.of("heat", {f: -generator(f)})
    with pytest.raises(SortError, match="derivative"):
        normalize(flow.derivative(norm(R(f)) ** 2))


def test_too_small_a_constant_is_refuted():
    T = Parameter("T", "nonnegative")
    false = Statement("lem-3.10-false", "a lost factor", given=[third_derivative_sup(R) <= T])
    step = false.conclude("bound", sup_norm(grad(R(f))) <= T / 8 * dual_norm(f) ** 2)
    verdicts = {e.verdict for e in examine_instances(step, PROFILES["quick"], 0)}
    assert Empirical.REFUTED in verdicts


def test_two_species_share_one_moment():
    P = RemainderSymbol("P", (X, Y), X)
    data = InstanceData(
        "torus",
        potentials={"X": (), "Y": ()},
        functions={"f": (Q(0), Q(1, 2)), "g": (Q(0), Q(0), Q(1, 4))},
        remainders={"P": ((Q(2),), COSINE, COSINE, (Q(0), Q(0), Q(1)))},
    )
    # <cos, f> = 1/4, <sin, g> = 1/8
    value = interpret(data, Request.of(norm(P(f, g)), P), "exact").evaluate(sup_norm(grad(P(f, g))))
    assert value == fmpq(9, 64)
    ball = interpret(data, Request.of(norm(P(f, g)), P), "ball").evaluate(
        third_derivative_sup(P, 0, 1)
    )
    assert ball.contains(arb(2))
