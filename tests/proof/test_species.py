"""The proofs of section 5 close for more species than the reports show, and hold on instances."""

import sys
from fractions import Fraction
from pathlib import Path

import pytest
from attrs import evolve

from mflverify.engines.comparison import compare
from mflverify.engines.empirical import examine_instances
from mflverify.engines.logical import judge
from mflverify.engines.profile import PROFILES
from mflverify.expr import as_term, equation
from mflverify.expr.substitution import Substitution
from mflverify.models import Choice, InstanceData, Request, interpret
from mflverify.proof import Empirical, Statement
from mflverify.proof.loader import load
from mflverify.proof.verdict import GREEN_LOGICAL

PROOFS = Path(__file__).parents[2] / "proofs"
MANY = [pytest.param(n, marks=pytest.mark.slow) for n in (4, 5, 8)]


@pytest.fixture(scope="module")
def proofs():
    """The modules of the paper by name."""
    loaded = load(PROOFS)
    assert not loaded.problems
    return {n.rpartition(".")[2]: m for n, m in sys.modules.items() if ".local_convergence." in n}


def not_closed(statement):
    findings = {step.name: judge(step) for step in statement.steps}
    return {n: f.reason for n, f in findings.items() if f.verdict not in GREEN_LOGICAL}


def not_holding(step):
    """Engines that found a violation of a step, or could not tell; a pass is needed."""
    evidence = examine_instances(step, PROFILES["quick"], 0)
    passed = (Empirical.EXACT, Empirical.CERTIFIED, Empirical.SAMPLED)
    assert any(e.verdict in passed for e in evidence)
    return [e for e in evidence if e.verdict not in (*passed, Empirical.NOT_APPLICABLE)]


@pytest.mark.parametrize("n", MANY)
def test_any_payoffs(proofs, n):
    section, theorem = proofs["species_inequalities"], proofs["theorem_5_2"]
    over = proofs["coupling"].sums(n)
    s, lines = section.monotone_species(n, over)
    assert not_closed(over) == {}
    assert not_closed(lines) == {}
    one = theorem.one_temperature("thm-5.2", "", s, lines, proofs["notation"].lam, [as_term(1)] * n)
    assert not_closed(one) == {}
    assert not_closed(theorem.own_temperatures(s, lines)) == {}


@pytest.mark.parametrize("n", [3, *MANY])
def test_polymatrix_games(proofs, n):
    section, theorem = proofs["species_inequalities"], proofs["theorem_5_2"]
    c = proofs["coupling"]
    over, players = c.sums(n), c.sums_of_others(n)
    s, lines = section.polymatrix_game(n, over, players)
    assert not_closed(players) == {}
    assert not_closed(lines) == {}
    one = theorem.one_temperature("polymatrix", "", s, lines, None, [as_term(1)] * n)
    assert not_closed(one) == {}


@pytest.mark.slow
@pytest.mark.parametrize("n", [5, 8])
def test_the_inequalities_hold_on_instances(proofs, n):
    section, c = proofs["species_inequalities"], proofs["coupling"]
    any_payoffs = section.monotone_species(n, c.sums(n))
    game = section.polymatrix_game(n, c.sums(n), c.sums_of_others(n))
    for _, lines in (any_payoffs, game):
        for step in lines.conclusions:
            if step.name.startswith("5.5"):
                assert not_holding(step) == []


@pytest.mark.slow
def test_any_forces_of_three_species(proofs, monkeypatch):
    section, theorem = proofs["species_forces"], proofs["theorem_5_1"]
    monkeypatch.setitem(section.lemma, 3, section.forces_beyond(3))
    s = section.forces(3)
    lines = section.general_inequalities(3, s)
    assert not_closed(section.lemma[3][-1]) == {}
    assert not_closed(lines) == {}
    assert not_closed(theorem.of_species(3, s, lines)) == {}
    for step in lines.conclusions:
        assert not_holding(step) == []


def halved(step, constant):
    """The step with half of a constant in its claim, for the same reasons."""
    claim = Substitution.of({constant: constant / 2})(step.claim)
    return step.statement.step(f"{step.name}-half", claim, because=step.because)


@pytest.mark.parametrize("name", ["5.5-dual", "5.5-chi2"])
def test_half_the_coupling_is_not_enough(proofs, name):
    _, lines = proofs["species_inequalities"].monotone_species(2, proofs["coupling"].sums(2))
    (right,) = [step for step in lines.steps if step.name == name]
    assert judge(right).verdict in GREEN_LOGICAL
    assert judge(halved(right, proofs["notation"].K)).verdict not in GREEN_LOGICAL


@pytest.mark.parametrize("name", ["dual", "chi2"])
def test_half_the_remainders_is_not_enough(proofs, name):
    forces = proofs["species_forces"]
    lines = forces.general_inequalities(2, forces.forces(2))
    (right,) = [step for step in lines.steps if step.name == name]
    assert judge(right).verdict in GREEN_LOGICAL
    assert judge(halved(right, proofs["notation"].T)).verdict not in GREEN_LOGICAL


def test_a_wrong_sign_leaves_a_form_that_does_not_vanish(proofs):
    """Common payoffs instead of opposite ones: (5.2) is no identity any more."""
    game = proofs["species"].species(2, antisymmetric=True)
    common = tuple(evolve(p, sign=1) for p in game.payoffs[1])
    wrong = evolve(game, payoffs=(game.payoffs[0], common))
    right = Statement("right", "").conclude("5.2", equation(game.form, 0))
    false = Statement("false", "").conclude("5.2", equation(wrong.form, 0))
    assert judge(right).verdict in GREEN_LOGICAL
    assert judge(false).verdict not in GREEN_LOGICAL
    assert not_holding(right) == []
    evidence = examine_instances(false, PROFILES["quick"], 0)
    assert Empirical.REFUTED in {e.verdict for e in evidence}


def test_the_gain_of_games_is_attained_by_two_players(proofs):
    """All numbers 1, for K12 = K21 = 1: both sides are equal, and no smaller factor will do."""
    c = proofs["coupling"]
    lemma = c.over_players[2]
    (errors,) = lemma.conclusions
    values = {f"{name}{i}": Choice("value", Fraction(1)) for name in "pzu" for i in (1, 2)}
    values |= {"k": Choice("value", Fraction(1)), "b": Choice("value", Fraction(2))}
    data = InstanceData("scalars", parameters=values)
    smaller = errors.claim.lhs <= Fraction(999, 1000) * errors.claim.rhs
    request = Request.of(errors.claim, smaller, hypotheses=lemma.given)
    instance = interpret(data, request, "ball")
    assert compare(smaller, instance).holds is False
    assert abs(compare(errors.claim, instance).margin) < 1e-30
