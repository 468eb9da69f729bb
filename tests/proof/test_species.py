"""The proofs of section 5 close for more species than the reports show."""

import sys
from pathlib import Path

import pytest

from mflverify.engines.logical import judge
from mflverify.proof.loader import load
from mflverify.proof.verdict import GREEN_LOGICAL

PROOFS = Path(__file__).parents[2] / "proofs"


@pytest.fixture(scope="module")
def section_5():
    proofs = load(PROOFS)
    assert not proofs.problems
    (name,) = (n for n in sys.modules if n.endswith("local_convergence.species"))
    return sys.modules[name]


def not_closed(statement):
    findings = {step.name: judge(step) for step in statement.steps}
    return {n: f.reason for n, f in findings.items() if f.verdict not in GREEN_LOGICAL}


@pytest.mark.slow
def test_three_species(section_5):
    _, statement = section_5.monotone_species(3)
    assert not_closed(statement) == {}


@pytest.mark.slow
@pytest.mark.parametrize("n", [3, 4])
def test_polymatrix_games(section_5, n):
    _, statement = section_5.polymatrix_game(n)
    assert not_closed(statement) == {}


def test_a_wrong_sign_leaves_a_form_that_does_not_vanish(section_5):
    """Common payoffs instead of opposite ones: (5.2) is no identity any more."""
    from attrs import evolve

    game = section_5.species(2, antisymmetric=True)
    wrong = evolve(
        game, payoffs=(game.payoffs[0], tuple(evolve(p, sign=1) for p in game.payoffs[1]))
    )
    total, inner, equation = section_5.total, section_5.inner, section_5.equation

    def form(s):
        return total(inner(s.f[i], p(s.f[p.key])) for i in range(2) for p in s.payoffs[i])

    right = section_5.Statement("right", "").conclude("5.2", equation(form(game), 0))
    false = section_5.Statement("false", "").conclude("5.2", equation(form(wrong), 0))
    assert judge(right).verdict in GREEN_LOGICAL
    assert judge(false).verdict not in GREEN_LOGICAL
