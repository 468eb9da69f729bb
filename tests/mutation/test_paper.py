"""The score of statements of the paper: every mutant is killed or shown to be harmless."""

from pathlib import Path

import pytest

from mflverify.ledger.kills import CERTAIN, holes
from mflverify.mutation.run import run
from mflverify.proof.loader import load

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.parametrize(
    "label",
    [
        "eq-2.3",
        "eq-2.4",
        "lem-3.9",
        "lem-mixed/hypothesis 6",  # a variant
        "prop-B.1/hypothesis 6",  # a counterexample where a constant is 0
        "lem-A.1/at-most",  # a weight written the other way round
        "lem-5.4[n=2]/form",  # a fact that needs no fact
    ],
)
def test_no_mutant_is_left(label):
    records = run(load(ROOT / "proofs"), [label], workers=1).mutants
    assert len(records) > 20
    assert [f"{r.step} {r.kind}: {r.change}: {r.note}" for r in holes(records)] == []


@pytest.mark.slow
@pytest.mark.parametrize("label", ["eq-2.3", "eq-2.4"])
def test_mistakes_in_an_identity_are_refuted_with_certainty(label):
    """Not only left open: a counterexample in rational or ball arithmetic."""
    records = run(load(ROOT / "proofs"), [label], workers=1).mutants
    mistakes = ("factor", "sign", "exponent", "operator", "dropped factor", "dropped term")
    doubtful = [r for r in records if r.kind in mistakes and not CERTAIN & set(r.killed_by)]
    assert [(r.kind, r.change) for r in doubtful] == []
