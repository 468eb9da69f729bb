"""Every scalar step of the paper has a certificate: none rests on a solver."""

from pathlib import Path

import pytest

from mflverify.engines.certificates import find_certificate
from mflverify.proof.kernel import examine
from mflverify.proof.loader import load

PROOFS = Path(__file__).parents[2] / "proofs"


@pytest.mark.slow
def test_no_step_of_the_paper_needs_a_solver():
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
    assert missing == []
