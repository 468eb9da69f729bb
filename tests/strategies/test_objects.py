"""Strategies for spaces, kernels, games and flows: what they promise, and what they shrink to."""

from fractions import Fraction

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from mflverify.expr import (
    Direction,
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    Point,
    Space,
    VectorSymbol,
    chi2,
    directional,
    grad,
    grad_adjoint,
    inner,
    inverse_generator,
    kernel_slice,
    norm,
)
from mflverify.models import InstanceData, Request, interpret
from mflverify.models.games import stationarity
from mflverify.models.product_source import lower_bound
from mflverify.models.rings import Balls, Rationals
from mflverify.models.spaces import double_well, gaussian, product, torus
from mflverify.numerics.precision import working_precision
from mflverify.strategies import (
    directions,
    equilibria,
    flows,
    functionals,
    games,
    instances_on,
    interactions,
    networks,
    payoffs,
    perturbations,
    positive_rationals,
)

QUICK = settings(max_examples=12, database=None, derandomize=True, deadline=None)
SEARCH = settings(max_examples=400, database=None, derandomize=True, deadline=None)

X, Y = Space("X"), Space("Y")
f = FunctionSymbol("f", X, "perturbation")
g = FunctionSymbol("g", Y, "perturbation")
M = KernelSymbol("M", source=Y, target=X)
S = KernelSymbol("S", X, X, symmetric=True)
phi = VectorSymbol("Phi", X)
x, v = Point("x", X), Direction("v", X)
tau = Parameter("tau", "positive")
REQUEST = Request.of(f, g, M, S, phi, x, v, tau)
PLACES = [torus(2), double_well(), product(torus(1, {"cos x": 1}), gaussian(2))]

ANY = st.one_of(
    equilibria(1),
    equilibria(2),
    equilibria(3),
    equilibria(1, lines=True),
    equilibria(2, lines=True),
)


@QUICK
@given(positive_rationals(2, 3))
def test_positive_rationals(q):
    assert 0 < q <= 2
    assert q.denominator <= 3


@QUICK
@given(instances_on(REQUEST, ANY))
def test_instances_on_any_spaces_satisfy_identities(data):
    instance = interpret(data, REQUEST, "ball")
    for left, right in (
        (inner(f, M(g)), inner(M.T(f), g)),
        (inner(f, S(f * f)), inner(S(f), f * f)),
        (inner(grad(f), phi), inner(f, grad_adjoint(phi))),
        (
            directional(grad(M(g)), x, v),
            inner(grad(kernel_slice(M, x, v)), grad(inverse_generator(g))),
        ),
    ):
        difference = instance.evaluate(left) - instance.evaluate(right)
        assert difference.contains(0)
        assert float(difference.rad()) < 1e-20
    assert instance.evaluate(tau) > 0
    assert InstanceData.from_json(data.to_json()).to_json() == data.to_json()


@QUICK
@given(equilibria(2, lines=True, rational=True))
def test_rational_equilibria_are_rational(space):
    assert space.is_rational


@pytest.mark.parametrize("space", PLACES, ids=lambda s: s.text()[:24])
def test_perturbations_are_positive_unless_signed(space):
    @QUICK
    @given(perturbations(space))
    def positive(phi):
        assert lower_bound(space, phi) >= -1

    positive()
    negative = find(
        perturbations(torus(1), signed=True),
        lambda phi: lower_bound(torus(1), phi) < -1,
        settings=SEARCH,
    )
    assert len(negative.terms) == 1


@pytest.mark.parametrize("space", PLACES, ids=lambda s: s.text()[:24])
def test_interactions_are_symmetric(space):
    d = space.dimension

    @QUICK
    @given(interactions(space), directions(space))
    def symmetric(kernel, direction):
        terms = kernel.terms(d, d)
        assert all(terms[b, a] == c for (a, b), c in terms.items())
        assert sum(c * c for c in direction) == 1

    symmetric()


@QUICK
@given(payoffs(torus(2), gaussian()))
def test_payoffs_fit_their_spaces(kernel):
    assert all(a.dimension == 2 and b.dimension == 1 for a, b in kernel.terms(2, 1))


@QUICK
@given(flows(3))
def test_flows_move_every_species(flow):
    assert len(flow.equations) == 3
    request = Request.of(flow.derivative(chi2(flow.equations[0][0])))
    assert len(request.ordered_spaces) >= 1


def test_flows_differ_and_shrink_to_no_interaction():
    still = find(flows(2, zero_sum=True), lambda flow: True, settings=SEARCH)
    assert not Request.of(*(rhs for _, rhs in still.equations)).ordered(KernelSymbol)
    moving = find(
        flows(3),
        lambda flow: bool(Request.of(*(r for _, r in flow.equations)).ordered(KernelSymbol)),
        settings=SEARCH,
    )
    assert len(Request.of(*(r for _, r in moving.equations)).ordered(KernelSymbol)) == 1
    with pytest.raises(ValueError, match="species must be at least 1"):
        find(flows(0), lambda flow: True, settings=SEARCH)


@QUICK
@given(games(3, spaces=equilibria(1, lines=True), zero_sum=True))
def test_zero_sum_games_are_antisymmetric_and_at_rest(game):
    assert game.is_antisymmetric
    with working_precision(128):
        for i in range(3):
            for c in stationarity(game, i, Balls()).terms.values():
                assert c.real.contains(0)


@QUICK
@given(functionals(torus(2)), networks(torus(2)))
def test_functionals_and_networks_are_at_rest(functional, network):
    assert functional.stationarity(Rationals()).is_zero
    with working_precision(128):
        for c in network.stationarity(Balls()).terms.values():
            assert c.real.contains(0)


def test_a_counterexample_on_any_space_is_small():
    claim = norm(f) ** 2 <= norm(grad(f)) ** 2 / 2
    request = Request.of(claim)

    def fails(data):
        instance = interpret(data, request, "ball")
        return bool(instance.evaluate(claim.lhs) > instance.evaluate(claim.rhs))

    small = find(instances_on(request, equilibria(2)), fails, settings=SEARCH)
    assert small.spaces["X"] == torus(2)
    assert len(small.functions["f"].terms) == 1
    assert small.functions["f"].terms[0][1] in (1, Fraction(1, 2))
