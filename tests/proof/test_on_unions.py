"""Unions of spaces in the kernel, and section 5 for all n against section 5 for one n."""

import sys
from pathlib import Path

import pytest

from mflverify.algebra.normal import Normalizer
from mflverify.engines.logical import judge
from mflverify.expr import (
    FunctionSymbol,
    Parameter,
    SortError,
    Space,
    as_term,
    chi2,
    generator,
    norm,
)
from mflverify.expr.components import write_out
from mflverify.expr.substitution import Substitution
from mflverify.expr.terms import Flow
from mflverify.proof import LIBRARY, Statement, gronwall, gronwall_from
from mflverify.proof.loader import load
from mflverify.proof.on_unions import _REASONS
from mflverify.proof.verdict import GREEN_LOGICAL

PROOFS = Path(__file__).parents[2] / "proofs"
X, A = Space("X", union=True), Space("A")
f = FunctionSymbol("f", X, "perturbation")
s, t, r = (Parameter(name, "nonnegative") for name in "str")
heat = Flow.of("heat", {f: -generator(f)})


@pytest.fixture(scope="module")
def proofs():
    """The modules of the paper by name."""
    loaded = load(PROOFS)
    assert not loaded.problems
    return {n.rpartition(".")[2]: m for n, m in sys.modules.items() if ".local_convergence." in n}


def finding(*because):
    statement = Statement("entry", "one claim", given=(s <= t,))
    return judge(statement.step("claim", chi2(f) <= chi2(f) + r, because=because))


def test_a_fact_that_nobody_looked_at_is_refused():
    refused = finding(gronwall_from(chi2(f), r, heat, s, t))
    assert refused.verdict not in GREEN_LOGICAL
    assert "gronwall-from is about single spaces" in refused.reason
    assert "single spaces" not in finding(gronwall(chi2(f), r, heat, t)).reason


def test_reasons_are_about_facts_of_the_library():
    assert set(_REASONS) <= {fact.label for fact in LIBRARY}


def test_a_lemma_about_a_space_is_not_about_a_union():
    u = FunctionSymbol("u", A, "perturbation")
    lemma = Statement("lemma", "on one space", kind="lemma")
    lemma.conclude("mass", norm(1 + u) ** 2 <= 1 + norm(u) ** 2)
    with pytest.raises(SortError, match="need not hold on a union"):
        lemma.at({u: f})


def same(left, right):
    """Whether two relations say the same, side by side."""
    normal = Normalizer()
    sides = [(r.kind, normal(r.lhs), normal(r.rhs)) for r in (left, right)]
    return sides[0] == sides[1]


def by_name(statement):
    return {step.name: step.claim for step in statement.steps}


def in_symbols_of_one(proofs, n):
    """One temperature and one timescale in the statements for n species."""
    s = proofs["species_inequalities"].families[n]
    one = as_term(1)
    images = {
        **dict.fromkeys(s.tau, proofs["notation"].tau),
        **dict.fromkeys(s.eta, one),
        **dict.fromkeys(s.weight, one),
    }
    return Substitution.of(images)


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("name", ["5.2", "5.5-dual", "5.5-chi2", "dual-derivative", "gap-dual"])
def test_the_inequalities_for_all_n_are_those_for_each(proofs, n, name):
    everywhere = by_name(proofs["all_species"].lines)
    everywhere |= by_name(proofs["all_species"].monotone)
    here = in_symbols_of_one(proofs, n)(by_name(proofs["species_inequalities"].inequality[n])[name])
    assert same(write_out(everywhere[name], n), here)
    assert not same(write_out(everywhere[name], n + 1), here)


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("name", ["dual-decay", "chi2-decay"])
def test_theorem_5_2_for_all_n_is_that_for_each(proofs, n, name):
    everywhere = by_name(proofs["all_species"].theorem_5_2)[name]
    assert same(write_out(everywhere, n), by_name(proofs["theorem_5_2"].theorem[n])[name])


@pytest.mark.parametrize("n", [2, 3])
def test_hypotheses_for_all_n_are_those_for_each(proofs, n):
    written = [write_out(h, n) for h in proofs["all_species"].theorem_5_2.given]
    missing = [
        h
        for h in proofs["theorem_5_2"].theorem[n].given
        if not any(same(h, other) for other in written)
    ]
    # alpha <= min alpha_i is one hypothesis there, and one for each species here
    assert len(missing) == n
