"""The score of statements of the paper: every mutant is killed or shown to be harmless."""

from pathlib import Path

import pytest

from mflverify.mutation.matrix import CERTAIN, holes
from mflverify.mutation.run import run
from mflverify.proof.loader import load

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.parametrize("label", ["eq-2.3", "eq-2.4", "lem-3.9"])
def test_no_mutant_is_left(label):
    records = run(load(ROOT / "proofs"), [label], workers=1).mutants
    assert len(records) > 50
    assert [f"{r.step} {r.kind}: {r.change}: {r.note}" for r in holes(records)] == []
    refuted = [r for r in records if CERTAIN & set(r.killed_by)]
    assert len(refuted) > 0.6 * len(records)
