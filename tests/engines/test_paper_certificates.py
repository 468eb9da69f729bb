"""Nearly every scalar step of the paper has a certificate; those that rest on a solver are listed."""

from pathlib import Path

import pytest

from mflverify.engines.certificates import find_certificate
from mflverify.proof.kernel import examine
from mflverify.proof.loader import load

PROOFS = Path(__file__).parents[2] / "proofs"
ON_A_SOLVER = [
    "assumption-A-implied/3.1",
    "cor-3.6-passage/start",
    "eq-3.3/point",
    "lem-3.7-proximal/spread",
    "rem-5.3-forces/change",
]


@pytest.mark.slow
def test_which_steps_of_the_paper_need_a_solver():
    proofs = load(PROOFS)
    assert not proofs.problems
    missing = [
        f"{step.label}: {obligation.role}"
        for statement in proofs.statements.values()
        for step in statement.steps
        if step.acknowledged is None
        for obligation in examine(step)
        if obligation.settled is None and find_certificate(obligation) is None
    ]
    assert missing == [f"{label}: claim" for label in ON_A_SOLVER]
