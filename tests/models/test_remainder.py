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
from mflverify.expr.variations import SecondSup
from mflverify.models import DOUBLE_WELL_FAMILY, TORUS_2_FAMILY, Request, Unavailable
from mflverify.models.basis import Expansion
from mflverify.models.families import TorusFamily
from mflverify.models.instance_data import InstanceData
from mflverify.models.interpretation import interpret
from mflverify.models.spaces import double_well, gaussian
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


LINES = {
    "gaussian": (gaussian(2), lambda x: np.exp(-(x**2) / 4), lambda x: x / 2),
    "double well": (
        double_well(),
        lambda x: np.exp(x**2 / 2 - x**4 / 4),
        lambda x: x**3 - x,
    ),
}


@pytest.mark.parametrize("name", LINES)
def test_functionals_of_moments_on_lines(name):
    space, weight, push = LINES[name]
    wave = Expansion.of(1, {"cos x": 1, "sin 2x": Q(1, 2)})
    data = InstanceData(
        "spaces",
        spaces={"X": space},
        functions={"f": Expansion.of(1, {"x^2": Q(1, 16)})},
        remainders={"R": ((Q(3),), wave, wave)},
    )
    assert InstanceData.from_json(data.to_json()) == data
    assert "third variation 3 on (cos x + 1/2 sin 2x, cos x + 1/2 sin 2x)" in data.describe()
    terms = inner(f, R(f)), norm(grad(R(f))) ** 2, third_derivative_sup(R), SecondSup(R, 0)
    instance = interpret(data, Request.of(*terms), "ball")
    x = np.linspace(-12, 12, 100_001)
    mu = weight(x) / weight(x).sum()
    state = push(x) * x / 8 - 1 / 8
    phi = np.cos(x) + np.sin(2 * x) / 2
    slope, bend = -np.sin(x) + np.cos(2 * x), -np.cos(x) - 2 * np.sin(2 * x)
    moment = mu @ (phi * state)
    top = abs(slope).max()
    expected = (
        1.5 * moment**3,
        (1.5 * moment**2) ** 2 * (mu @ slope**2),
        3 * top**3,
        3 * abs(phi - mu @ phi).max() * top * abs(bend).max(),
    )
    for term, value in zip(terms, expected, strict=True):
        found = instance.evaluate(term)
        assert float(found.mid()) == pytest.approx(value, rel=1e-6)
        assert float(found.rad()) < 1e-6 * abs(value)
    assert instance.evaluate(sup_norm(grad(R(f)))) <= instance.evaluate(
        third_derivative_sup(R) * dual_norm(f) ** 2 / 2
    )


def test_bad_functionals_on_lines_are_refused():
    wave, other = Expansion.of(1, {"cos x": 1}), Expansion.of(1, {"cos 2x": 1})
    for rows, words in (
        (((Q(1),), wave), "one number and 2 functions"),
        (((Q(1),), wave, other), "symmetric"),
        (((Q(1),), *[Expansion.of(2, {"cos x1": 1})] * 2), r"R\[1\]: 2 variables"),
    ):
        data = InstanceData("spaces", spaces={"X": gaussian()}, remainders={"R": rows})
        with pytest.raises(ValueError, match=words):
            interpret(data, Request.of(third_derivative_sup(R)), "ball")
    unbounded = Expansion.of(1, {"x^2": 1})
    data = InstanceData(
        "spaces", spaces={"X": gaussian()}, remainders={"R": ((Q(1),), unbounded, unbounded)}
    )
    with pytest.raises(Unavailable, match="infinite"):
        interpret(data, Request.of(third_derivative_sup(R)), "ball").evaluate(
            third_derivative_sup(R)
        )


def test_double_wells_draw_functionals_in_balls():
    bound = sup_norm(grad(R(f))) <= third_derivative_sup(R) * dual_norm(f) ** 2 / 2
    request = Request.of(bound)
    data = list(DOUBLE_WELL_FAMILY.draw_data(request, np.random.default_rng(3), 4))
    for one in data:
        instance = interpret(one, request, "ball")
        assert instance.evaluate(bound.lhs) <= instance.evaluate(bound.rhs)
    assert any(len(phi.terms) > 1 for one in data for phi in one.remainders["R"][1:])
    with pytest.raises(Unavailable, match="on circles only"):
        DOUBLE_WELL_FAMILY.draw(request, np.random.default_rng(3), 4)
    assert "one variable only" in (TORUS_2_FAMILY.supports(request) or "")
