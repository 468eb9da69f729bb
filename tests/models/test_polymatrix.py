"""Polymatrix games on random graphs: the monotone sum vanishes exactly; a wrong sign is caught."""

from fractions import Fraction as Q

import pytest
from attrs import evolve
from flint import fmpq
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from mflverify.models.basis import Expansion
from mflverify.models.games import PolymatrixGame, monotone_sum, negated
from mflverify.models.kernel_data import general, transposed
from mflverify.models.rings import Rationals
from mflverify.models.spaces import torus
from mflverify.strategies import equilibria, games, perturbations

EXACT = Rationals()
SLOW = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def zero_sum(species, dimension):
    return games(species, spaces=equilibria(dimension, rational=True), zero_sum=True)


@pytest.mark.parametrize(("species", "dimension"), [(2, 2), (3, 1), (5, 1), (8, 1), (16, 1)])
@given(data=st.data())
@SLOW
def test_the_monotone_sum_is_exactly_zero(species, dimension, data):
    game = data.draw(zero_sum(species, dimension))
    assert game.is_antisymmetric
    states = [data.draw(perturbations(space, signed=True)) for space in game.spaces]
    assert monotone_sum(game, states, EXACT) == 0


def wrong(game, i, j):
    """The game in which player j has the payoff of i in place of the opposite one."""
    common = transposed(game.payoffs[i, j])
    return evolve(game, payoffs={**game.payoffs, (j, i): common})


@pytest.mark.parametrize("species", [2, 3, 16])
@given(data=st.data())
@SLOW
def test_one_wrong_sign_is_caught(species, data):
    """There are two states on which the sum is negative: of an edge (a, b) those along +-a and b."""
    game = data.draw(zero_sum(species, 1))
    edges = [
        (i, j)
        for i, j in sorted(game.payoffs)
        if i < j
        and any(
            c and not (a.is_constant or b.is_constant) for (a, b), c in game.terms(i, j).items()
        )
    ]
    assume(edges)
    i, j = data.draw(st.sampled_from(edges))
    false = wrong(game, i, j)
    assert not false.is_antisymmetric
    (a, b), c = next(
        (pair, c)
        for pair, c in game.terms(i, j).items()
        if c and not (pair[0].is_constant or pair[1].is_constant)
    )
    states = [Expansion(1, []) for _ in game.spaces]
    states[i], states[j] = Expansion(1, [(a, Q(1))]), Expansion(1, [(b, Q(1))])
    value = monotone_sum(false, states, EXACT)
    states[i] = -states[i]
    opposite = monotone_sum(false, states, EXACT)
    assert value == -opposite
    assert value != 0
    assert (value > 0) == (c > 0)


def test_a_known_value():
    """k = cos x cos y for both: 2 <cos, L cos>^2 = 1/2."""
    payoff = general(1, 1, [("cos x", "cos x", 1)])
    common = PolymatrixGame(
        (torus(1), torus(1)), {(0, 1): payoff, (1, 0): transposed(payoff)}, (1, 1)
    )
    phi = Expansion.of(1, {"cos x": 1})
    assert monotone_sum(common, [phi, phi], EXACT) == fmpq(1, 2)
    game = evolve(common, payoffs={(0, 1): payoff, (1, 0): negated(transposed(payoff))})
    assert monotone_sum(game, [phi, phi], EXACT) == 0
    with pytest.raises(ValueError, match="2 species and 1 differences"):
        monotone_sum(game, [phi], EXACT)
