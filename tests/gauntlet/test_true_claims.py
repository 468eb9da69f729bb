"""At least sixty true statements in unusual forms: none is refuted, by proof or by instance."""

import pytest
from attrs import evolve
from true_claims import TRUE

from mflverify.engines.empirical import examine_instances, speaks_of_time
from mflverify.engines.evidence import overall
from mflverify.engines.logical import judge
from mflverify.engines.profile import PROFILES
from mflverify.expr.sorts import SCALAR
from mflverify.models import Unavailable
from mflverify.proof import Empirical, Logical
from mflverify.proof.verdict import GREEN_LOGICAL

TINY = evolve(
    PROFILES["quick"], name="tiny", batches=1, batch_size=60, ascents=0, exact=2, certified=1
)


def test_there_are_enough():
    assert len(TRUE) >= 60


@pytest.mark.parametrize("name", TRUE)
def test_a_true_claim_is_proved_and_not_refuted(name):
    step = TRUE[name].step()
    finding = judge(step)
    assert finding.verdict is not Logical.DISPROVED
    assert finding.verdict in GREEN_LOGICAL, finding.reason
    if speaks_of_time(step.claim) or step.claim.lhs.sort != SCALAR:
        return
    try:
        evidence = examine_instances(step, TINY, 0)
    except Unavailable:  # hypotheses of a form from which no family draws
        return
    assert overall(evidence) is not Empirical.REFUTED
