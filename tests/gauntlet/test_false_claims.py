"""At least sixty false statements of every kind of mistake: none is accepted, each for its reason."""

from collections import Counter

import pytest
from false_claims import FALSE
from false_free_energy import FREE_ENERGY
from false_neighbours import NEIGHBOURS
from false_smoothing import SMOOTHING
from false_transport import TRANSPORT
from false_unions import UNIONS
from false_weighted import WEIGHTED

from mflverify.engines.logical import judge
from mflverify.expr.sorts import SortError
from mflverify.proof import LIBRARY, Application, Logical, Statement
from mflverify.proof.verdict import GREEN_LOGICAL

TABLES = {**FALSE, **FREE_ENERGY, **TRANSPORT, **UNIONS, **NEIGHBOURS, **WEIGHTED, **SMOOTHING}
CASES = {
    f"{kind}: {name}": entry for kind, table in TABLES.items() for name, entry in table.items()
}


def test_there_are_enough_of_every_kind():
    assert len(CASES) >= 60
    assert all(len(table) >= 2 for table in TABLES.values())


def test_every_fact_has_two_false_neighbours():
    """A lost factor and a lost condition beside each fact of the library."""
    named = Counter(
        reason.source.label
        for entry in CASES.values()
        for reason in entry.because
        if isinstance(reason, Application)
    )
    assert {fact.label for fact in LIBRARY if named[fact.label] < 2} == set()


@pytest.mark.parametrize("name", CASES)
def test_a_false_claim_is_not_accepted(name):
    entry = CASES[name]
    finding = judge(entry.step())
    assert finding.verdict not in GREEN_LOGICAL
    failed = [
        d.obligation.role
        for d in finding.discharges
        if d.outcome not in ("settled", "certificate", "solver")
    ]
    if failed:
        assert entry.at in failed
    else:
        assert entry.at in finding.reason
    # nothing is given up: what fails has a counterexample, or is refused in words
    assert finding.verdict is not Logical.UNDECIDED or not finding.discharges


def test_what_means_nothing_is_refused_when_it_is_written():
    from symbols import f, g, u

    from mflverify.expr import dual_norm, inner, inverse_generator, one, relative_entropy

    s = Statement("s", "ill-typed")
    for build in (
        lambda: inverse_generator(1 + f),
        lambda: inverse_generator(one(f.space)),
        lambda: inverse_generator(u),
        lambda: dual_norm(u),
        lambda: inner(f, g),
        lambda: relative_entropy(2 * f),
    ):
        with pytest.raises(SortError):
            s.step("x", build() >= 0)
