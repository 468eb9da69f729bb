"""Instances on unions of spaces: drawn, interpreted, stored, and refused."""

from fractions import Fraction as Q

import numpy as np
import pytest
from attrs import evolve
from flint import fmpq

from mflverify.expr import (
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    RemainderSymbol,
    Space,
    SpeciesConstant,
    center,
    dual_norm,
    inner,
    mixed_norm,
    norm,
    one,
    segment_slope,
    sup_norm,
)
from mflverify.models import FAMILIES, InstanceData, Request, TorusFamily, Unavailable, interpret
from mflverify.models.relevance import gives
from mflverify.models.unions import SIZES, UnionFamily, with_fewer

X = Space("X", union=True)
f, u = FunctionSymbol("f", X, "perturbation"), FunctionSymbol("u", X)
M = KernelSymbol("M", X, X)
K = Parameter("K", "nonnegative")
ONE = one(X)
UNIFORM = InstanceData(
    "torus",
    potentials={"X1": (), "X2": ()},
    functions={"u1": (Q(0), Q(1)), "u2": (Q(0),)},  # cos x, and a constant
    constants={"u2": Q(2)},
    components=2,
)
REQUEST = Request.of(norm(u), inner(ONE, ONE))


def test_values_by_hand():
    """|cos|^2 = 1/2, |2|^2 = 4; the means are 0 and 2."""
    instance = interpret(UNIFORM, REQUEST, "exact")
    assert instance.evaluate(norm(u) ** 2) == fmpq(9, 2)
    assert instance.evaluate(inner(u, ONE)) == 2
    assert instance.evaluate(inner(ONE, ONE)) == 2
    assert instance.evaluate(norm(center(u)) ** 2) == fmpq(1, 2)
    with pytest.raises(Unavailable, match="not a scalar"):
        instance.evaluate(u)


def test_arithmetics_agree():
    h = FunctionSymbol("h", X, "mean-zero")
    claim = dual_norm(h) ** 2 + inner(h, M(h))
    request = Request.of(claim)
    drawn = UnionFamily(TorusFamily()).draw_data(
        request, np.random.default_rng(1), 8, rational=True
    )
    for data in drawn:
        exact, ball = (interpret(data, request, kind).evaluate(claim) for kind in ("exact", "ball"))
        assert ball.contains(exact)
        assert ball.rad() < 1e-20


def test_every_number_of_components_is_drawn():
    family = UnionFamily(TorusFamily())
    drawn = list(family.draw_data(Request.of(norm(u)), np.random.default_rng(0), 60))
    assert {data.components for data in drawn} == set(SIZES)
    assert len(drawn) == 60


def test_the_same_seed_gives_the_same_instances():
    family, request = UnionFamily(TorusFamily()), Request.of(norm(f))
    first, second = (
        [d.to_json() for d in family.draw_data(request, np.random.default_rng(7), 5)]
        for _ in range(2)
    )
    assert first == second


def test_instances_are_stored_with_their_number_of_components():
    assert InstanceData.from_json(UNIFORM.to_json()) == UNIFORM
    assert "components" not in InstanceData("torus").to_json()
    for wrong in ("1/2", "-1", "101", 2, "two"):
        with pytest.raises(ValueError, match="components"):
            InstanceData.from_json({"family": "torus", "components": wrong})


def test_a_number_of_components_goes_with_a_union():
    with pytest.raises(ValueError, match="components"):
        interpret(evolve(UNIFORM, components=0), REQUEST, "exact")
    single = Request.of(norm(FunctionSymbol("u", Space("X"))))
    with pytest.raises(ValueError, match="components"):
        interpret(UNIFORM, single, "exact")
    with pytest.raises(ValueError, match="X3"):
        interpret(evolve(UNIFORM, components=3), REQUEST, "exact")


def test_families_of_single_spaces_refuse_unions_and_the_reverse():
    single = Request.of(norm(FunctionSymbol("u", Space("X"))))
    for family in FAMILIES:
        is_union = isinstance(family, UnionFamily)
        assert (family.supports(REQUEST) is None) == is_union
        assert is_union <= (family.supports(single) is not None)


def test_the_supremum_is_over_all_components():
    value = interpret(UNIFORM, REQUEST, "ball").evaluate(sup_norm(u))
    assert float(value.mid()) == pytest.approx(2, abs=1e-5)


def test_each_component_can_be_left_out():
    left = list(with_fewer(UNIFORM, REQUEST))
    values = [interpret(data, REQUEST, "exact").evaluate(norm(u) ** 2) for data in left]
    assert values == [fmpq(4), fmpq(1, 2)]
    assert not [smaller for data in left for smaller in with_fewer(data, REQUEST)]


def test_what_joins_the_other_components_stays():
    """Kernels M_ij, remainders with one form for each state, and numbers of the species."""
    N = KernelSymbol("N", X, X, symmetric=True)
    R, w = RemainderSymbol("R", (X,), X), SpeciesConstant("w", X, "positive")
    v = FunctionSymbol("v", Space("Y"))
    claim = inner(f, M(f)) + inner(f, N(f)) + inner(w * f, R(f)) + norm(v)
    request = Request.of(claim)
    rng = np.random.default_rng(3)
    data = next(
        d for d in UnionFamily(TorusFamily()).draw_data(request, rng, 30) if d.components == 4
    )
    third = list(with_fewer(data, request))[2]
    assert third.components == 3
    numbers = {1: 1, 2: 2, 3: 4}
    for i, old in numbers.items():
        assert third.functions[f"f{i}"] == data.functions[f"f{old}"]
        assert third.potentials[f"X{i}"] == data.potentials[f"X{old}"]
        assert third.parameters[f"w_{i}"] == data.parameters[f"w_{old}"]
        rows = data.remainders[f"R_{old}"]
        assert third.remainders[f"R_{i}"] == (*rows[:4], rows[5])
        for j, other in numbers.items():
            assert third.kernels[f"M_{i}{j}"] == data.kernels[f"M_{old}{other}"]
            if i <= j:
                assert third.kernels[f"N_{i}{j}"] == data.kernels[f"N_{old}{other}"]
    assert third.functions["v"] == data.functions["v"]
    assert len(third.kernels) == 9 + 6
    while third.components > 1:
        third = next(with_fewer(third, request))
        interpret(third, request, "ball").evaluate(claim)


def test_symbols_of_components_are_known_to_be_given():
    bound = mixed_norm(M) <= K
    (data,) = UnionFamily(TorusFamily()).draw_data(
        Request.of(norm(f), hypotheses=[bound]), np.random.default_rng(0), 1
    )
    assert gives(data, bound)
    assert not gives(evolve(data, kernels={}), bound)


@pytest.mark.parametrize("arithmetic", ["exact", "ball"])
@pytest.mark.parametrize("space", [X, Space("Y")])
def test_the_least_slope_of_quadratic_forces(space, arithmetic):
    """By hand from the values at 0, 1/2 and 1: p'(0) = 4 p(1/2) - 3 p(0) - p(1), p'(1) likewise."""
    a, b = (FunctionSymbol(name, space, "perturbation") for name in "ab")
    R, h = RemainderSymbol("R", (space,), space), a - b
    slope, values = segment_slope(R, a, b), [inner(h, R(b + s * h)) for s in (0, Q(1, 2), 1)]
    request = Request.of(slope, *values)
    family = next(
        k for k in FAMILIES if k.supports(request) is None and {"exact", "ball"} <= k.arithmetics
    )
    signs = set()
    for data in family.draw_data(request, np.random.default_rng(5), 40, rational=True):
        try:
            instance = interpret(data, request, arithmetic)
        except ValueError:
            continue  # on a uniform equilibrium 1 + f may be negative
        start, middle, end = (instance.evaluate(value) for value in values)
        first, last = 4 * middle - 3 * start - end, 3 * end + start - 4 * middle
        found = instance.evaluate(slope)
        least_slope = min(first, last) if arithmetic == "exact" else first.min(last)
        assert found == least_slope if arithmetic == "exact" else abs(found - least_slope) < 1e-15
        signs.add(first < last)
    assert signs == {True, False}
