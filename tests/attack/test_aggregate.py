"""How far the aggregate constants of several species are from sharp, by a short search."""

from pathlib import Path

import pytest

from mflverify.attack.constants import attack
from mflverify.attack.search import Effort
from mflverify.models.relevance import relevant
from mflverify.proof.loader import load

PROOFS = Path(__file__).parents[2] / "proofs"
SHORT = Effort(size=100, rounds=2, starts=2, iterations=15, modes=())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("label", "found"), [("eq-5.5[n=2]", "0.32"), ("eq-5.5-game[n=2]", "0.26")]
)
def test_the_largest_certain_ratio_of_a_short_search(label, found):
    statement = load(PROOFS).statements[label]
    (step,) = [s for s in statement.steps if s.name == "errors"]
    best = attack(step.claim, relevant(step.claim, statement.given), step.label, 0, SHORT).best
    assert best is not None
    assert f"{best.ratio:.2f}" == found
