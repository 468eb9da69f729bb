"""Unions of spaces in the kernel, and section 5 for all n against section 5 for one n."""

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from mflverify.algebra.normal import Normalizer
from mflverify.cli import main
from mflverify.engines.logical import judge
from mflverify.expr import (
    FunctionSymbol,
    Parameter,
    SortError,
    Space,
    as_term,
    chi2,
    dual_norm,
    equation,
    generator,
    inner,
    norm,
    third_norm,
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


def test_readers_are_told_what_a_union_is(proofs):
    shown = CliRunner().invoke(main, ["show", "eq-5.2", "--proofs", str(PROOFS)])
    assert shown.exit_code == 0
    told = " ".join(shown.output.split())
    assert "X is the union of the spaces of n species, for every n ≥ 1" in told
    single = CliRunner().invoke(main, ["show", "lem-3.10", "--proofs", str(PROOFS)])
    assert "union" not in single.output


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


@pytest.mark.parametrize(
    ("label", "names"),
    [
        ("eq-5.5-forces", ["dual", "chi2", "dual-derivative", "chi2-derivative", "gap-dual"]),
        ("thm-5.1", ["mixed-decay", "chi2-decay"]),
        ("rem-5.2", ["slack", "antisymmetric"]),
        ("rem-5.3", ["mean-value", "5.3"]),
    ],
)
def test_any_forces_for_all_n_are_those_for_two(proofs, label, names):
    everywhere, two = (by_name(loaded(label + end)) for end in ("", "[n=2]"))
    assert [name for name in names if not same(write_out(everywhere[name], 2), two[name])] == []


def test_without_slack_proposition_5_3_is_that_for_two(proofs):
    """Where (5.4) fails by more than the term of third order, (5.3) fails."""
    m = proofs["all_species_forces"]
    form, third = inner(m.f, m.M(m.f)), m.T * dual_norm(m.f) ** 3
    strong = m.local.at({m.lam: as_term(0)})
    hypotheses = [third_norm(m.R) <= m.T, 0 <= inner(m.f, m.M(m.f) + m.R(m.f))]
    for excess, verdicts in ((third, True), (third / 2, False)):
        statement = Statement("entry", "one claim", given=(*hypotheses, excess < -2 * form))
        found = judge(statement.step("absurd", as_term(1) <= 0, because=(strong,)))
        assert (found.verdict in GREEN_LOGICAL) == verdicts
    two, scaling = by_name(loaded("prop-5.3[n=2]")), by_name(loaded("prop-5.3-scaling"))
    assert same(write_out(inner(m.f, m.M(m.f) + m.R(m.f)) < 0, 2), two["5.3-fails"])
    assert same(write_out(scaling["form"], 2), two["blow-up-form"])
    assert same(write_out(scaling["size"], 2), two["blow-up-size"])


def test_the_least_slope_is_no_larger_bound(proofs):
    """Neither twice the slope, nor the slope at the other end, is what (5.3) is at least."""
    m = proofs["segments"]
    (right,) = (s for s in m.everywhere.steps if s.name == "mean-value")
    entry = Statement("entry", "one claim")
    claims = (
        m.slope <= m.pairing,
        2 * m.slope <= m.pairing,
        -m.slope <= m.pairing,
        m.pairing <= m.slope,
    )
    found = [
        judge(entry.step(f"claim-{number}", claim, because=right.because)).verdict in GREEN_LOGICAL
        for number, claim in enumerate(claims)
    ]
    assert found == [True, False, False, False]


STATIONARY = [
    ("assumption-B/at-equilibrium", 2),
    ("assumption-B/own", 2),
    ("assumption-B/own", -1),
    ("eq-5.1/evolution", 2),
    ("eq-5.1/balanced", -1),
]


@pytest.mark.parametrize(("label", "factor"), STATIONARY)
def test_a_wrong_factor_in_the_flow_is_noticed(proofs, label, factor):
    statement, _, name = label.partition("/")
    (right,) = (step for step in loaded(statement).steps if step.name == name)
    claim = equation(right.claim.lhs, factor * right.claim.rhs)
    wrong = right.statement.step(f"{name}-wrong", claim, because=right.because)
    assert judge(wrong).verdict not in GREEN_LOGICAL


def loaded(label):
    return load(PROOFS).statements[label]


@pytest.mark.parametrize("n", [1, 2, 3])
def test_remark_5_1_for_all_n_is_that_for_each(proofs, n):
    remark, each = by_name(loaded("rem-5.1")), by_name(loaded(f"rem-5.1[n={n}]"))
    names = ["room", "heat", "dual-decay", "chi2-decay"]
    assert [name for name in names if not same(write_out(remark[name], n), each[name])] == []
    lines = remark | by_name(loaded("eq-5.5-weights"))
    separate = by_name(loaded(f"eq-5.5[n={n}]"))
    names = ["5.2", "5.5-dual", "5.5-chi2", "dual-derivative", "gap-dual", "gap-chi2"]
    assert [name for name in names if not same(write_out(lines[name], n), separate[name])] == []


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


SHARPENED = [
    ("lem-coupling-all/3.9", "K"),
    ("lem-coupling-game/3.9", "K"),
    ("eq-5.5/5.5-dual", "K"),
    ("eq-5.5/5.5-chi2", "K"),
    ("eq-5.5-forces/dual", "T"),
    ("eq-5.5-forces/chi2", "T"),
    ("lem-5.4/bound", "T"),
    ("lem-5.4-transport/bound", "T"),
    ("lem-5.4-transport/chi2", "T"),
    ("prop-5.3/beyond", "T"),
    ("prop-5.3/5.4", "T"),
    ("prop-5.3/5.4", "lam"),
    ("prop-5.3-weak/5.2", "T"),
    ("prop-5.3-weak/5.2", "lam"),
    ("assumption-B/necessary", "alpha"),
    ("eq-5.2/5.2", "lam"),
    ("eq-5.5/gap-dual", "alpha"),
    ("eq-5.5-weights/3.9", "K"),
    ("eq-5.5-weights/dual", "K"),
    ("rem-5.1/5.2", "lam"),
    ("eq-5.5-weights/gap-chi2", "alpha"),
    ("rem-5.1/room", "alpha"),
    ("rem-5.1-signed/5.2", "lam"),
    ("rem-5.3-forces/change", "T"),
    ("rem-5.3-forces/near", "T"),
    ("rem-5.3-forces/5.3", "lam"),
    ("rem-5.3-segment[n=1]/5.2", "lam"),
    ("rem-5.3-segment[n=1]/5.3", "lam"),
]


@pytest.mark.parametrize(("label", "constant"), SHARPENED)
def test_a_lost_factor_two_is_noticed(proofs, label, constant):
    statement, _, name = label.partition("/")
    (right,) = (step for step in loaded(statement).steps if step.name == name)
    assert judge(right).verdict in GREEN_LOGICAL
    symbol = getattr(proofs["notation"], constant)
    # constants that are bounded below stand on the larger side
    image = 2 * symbol if constant == "alpha" else symbol / 2
    wrong = right.statement.step(
        f"{name}-wrong", Substitution.of({symbol: image})(right.claim), because=right.because
    )
    assert judge(wrong).verdict not in GREEN_LOGICAL
