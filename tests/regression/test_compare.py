"""Each kind of change, with its weight, its formulas and what it affects."""

import pytest
from attrs import evolve
from regression_builders import (
    BASE,
    EXAMPLES,
    LEMMA,
    SETTINGS,
    THEOREM,
    evidence,
    reason,
    said,
    snapshot,
    statement,
    step,
    with_statement,
    with_step,
)

from mflverify.regression import Weight, compare
from mflverify.regression.snapshot import ExampleEntry, count

WORSE, CHANGED, HARMLESS = Weight.WORSE, Weight.CHANGED, Weight.HARMLESS


def changes(new, old=BASE):
    return compare(old, new).changes


def only(new, old=BASE):
    (change,) = changes(new, old)
    return change


def kinds(new, old=BASE):
    return {(change.kind, change.label, change.weight) for change in changes(new, old)}


def test_nothing_changed():
    difference = compare(BASE, BASE)
    assert difference.changes == ()
    assert not difference.needs_acceptance


@pytest.mark.parametrize("weight", Weight)
def test_acceptance_is_for_what_is_worse_or_changed(weight):
    from mflverify.regression import Change, Difference

    difference = Difference("a", "b", (Change("x", "y", weight, "z"),))
    assert difference.needs_acceptance == (weight is not HARMLESS)


# ---------------------------------------------------------------------- steps and statements


def test_a_restated_step_shows_both_formulas_and_what_rests_on_it():
    change = only(with_step(BASE, "lem-3.9/pointwise", claim="|v·∇Mg| ≤ 2K‖g‖₋₁"))
    assert (change.kind, change.weight, change.constants) == ("constants", CHANGED, ("none → 2",))
    assert (change.old, change.new) == ("|v·∇Mg| ≤ K‖g‖₋₁", "|v·∇Mg| ≤ 2K‖g‖₋₁")
    assert change.affected == ("lem-3.9/bound", "thm-4.1")


def test_a_changed_norm_is_a_restatement():
    change = only(with_step(BASE, "lem-3.9/pointwise", claim="|v·∇Mg| ≤ K‖g‖"))
    assert (change.kind, change.weight) == ("restated", CHANGED)
    assert change.constants == ()


def test_a_changed_constant_is_told_as_numbers():
    change = only(with_step(BASE, "thm-4.1/decay", claim="‖f(t)‖₋₁² ≤ 3exp(−2αt)‖f(0)‖₋₁²"))
    assert (change.kind, change.weight, change.constants) == ("constants", CHANGED, ("2 → 3",))
    assert change.text == "conclusion restated, only its constants: 2 → 3"
    assert change.affected == ()


def test_a_formula_that_prints_alike_but_is_another_is_not_overlooked():
    other = evolve(LEMMA.steps["bound"].claim, digest="0" * 16)
    steps = {**LEMMA.steps, "bound": evolve(LEMMA.steps["bound"], claim=other)}
    change = only(with_statement(BASE, "lem-3.9", steps=steps))
    assert (change.kind, change.weight) == ("restated", CHANGED)
    assert "prints alike" in change.text


def test_an_added_step():
    passing = with_statement(
        BASE, "lem-3.9", steps={**LEMMA.steps, "length": step("‖∇L⁻¹g‖ = ‖g‖₋₁")}
    )
    assert kinds(passing) == {("added", "lem-3.9/length", HARMLESS)}
    failing = with_statement(
        BASE, "lem-3.9", steps={**LEMMA.steps, "length": step("‖∇L⁻¹g‖ = 2‖g‖₋₁", "open")}
    )
    assert kinds(failing) == {("added", "lem-3.9/length", WORSE), ("count", "", WORSE)}


def test_a_removed_step_affects_what_rested_on_it():
    steps = {name: entry for name, entry in LEMMA.steps.items() if name != "pointwise"}
    removed = next(
        c for c in changes(with_statement(BASE, "lem-3.9", steps=steps)) if c.kind == "removed"
    )
    assert (removed.label, removed.weight) == ("lem-3.9/pointwise", CHANGED)
    assert removed.old == "|v·∇Mg| ≤ K‖g‖₋₁"
    assert removed.affected == ("lem-3.9/bound", "thm-4.1")


def test_an_added_and_a_removed_statement():
    new = snapshot({"lem-3.9": LEMMA, "cor-1": statement("Corollary", it=step("a ≤ b", "open"))}, examples=EXAMPLES)  # fmt: skip
    found = kinds(new)
    assert ("removed", "thm-4.1", CHANGED) in found
    assert ("added", "cor-1", WORSE) in found
    removed = next(c for c in changes(snapshot({"thm-4.1": THEOREM}, examples=EXAMPLES)) if c.kind == "removed")  # fmt: skip
    assert (removed.label, removed.affected) == ("lem-3.9", ("thm-4.1",))


def test_a_statement_lost_with_its_file():
    new = snapshot({"lem-3.9": LEMMA}, examples=EXAMPLES, problems=("proofs/p/t.py: syntax error",))
    assert kinds(new) >= {("problem", "", WORSE), ("removed", "thm-4.1", CHANGED)}
    removed = next(c for c in changes(new) if c.kind == "removed")
    assert "cannot be read" in removed.text
    assert ("problem", "", HARMLESS) in kinds(BASE, new)


def test_changed_hypotheses_affect_those_who_apply_the_statement():
    change = only(with_statement(BASE, "lem-3.9", given=(said("sup‖k‖ ≤ 2K"),)))
    assert (change.kind, change.weight, change.text) == ("given", CHANGED, "hypotheses changed")
    assert (change.old, change.new) == ("sup‖k‖ ≤ K", "sup‖k‖ ≤ 2K")
    assert change.affected == ("thm-4.1",)
    added = only(with_statement(BASE, "lem-3.9", given=(*LEMMA.given, said("K ≤ 1"))))
    assert added.text == "hypothesis added"
    removed = only(with_statement(BASE, "lem-3.9", given=()))
    assert (removed.text, removed.old, removed.new) == ("hypothesis removed", "sup‖k‖ ≤ K", "")


def test_changed_assumptions_of_a_step():
    change = only(with_step(BASE, "thm-4.1/error", assuming=(said("t > 0"),)))
    assert (change.kind, change.weight, change.affected) == (
        "assuming",
        CHANGED,
        ("thm-4.1/decay",),
    )


def test_steps_in_another_order_are_harmless():
    change = only(with_statement(BASE, "lem-3.9", order=("pointwise", "by-parts", "bound")))
    assert (change.kind, change.weight) == ("order", HARMLESS)
    assert change.new == "pointwise, by-parts, bound"
    change = only(evolve(BASE, order=("thm-4.1", "lem-3.9")))
    assert (change.kind, change.label, change.weight) == ("order", "", HARMLESS)


def test_conclusions():
    lost = only(with_step(BASE, "thm-4.1/decay", conclusion=False))
    assert (lost.kind, lost.weight) == ("conclusion", CHANGED)
    won = only(with_step(BASE, "thm-4.1/aside", conclusion=True))
    assert (won.kind, won.weight) == ("conclusion", HARMLESS)


def test_other_reasons_are_told():
    because = (reason("lem-3.9/by-parts"), reason("hoelder", "fact"))
    found = changes(with_step(BASE, "lem-3.9/pointwise", because=because))
    change = next(c for c in found if c.kind == "reasons")
    assert change.weight is HARMLESS
    assert change.text == "argued without fact cauchy-schwarz and with fact hoelder now"
    because = (reason("lem-3.9/by-parts"), reason("cauchy-schwarz", "fact", "ffff"))
    change = only(with_step(BASE, "lem-3.9/pointwise", because=because))
    assert change.text == "what it uses of fact cauchy-schwarz says something else now"


# -------------------------------------------------------------------------------- verdicts


@pytest.mark.parametrize(
    ("old", "new", "weight"),
    [
        ("proved", "fact", WORSE),
        ("proved", "open", WORSE),
        ("proved", "disproved", WORSE),
        ("fact", "open", WORSE),
        ("lemma", "undecided", WORSE),
        ("fact", "proved", HARMLESS),
        ("open", "proved", HARMLESS),
        ("proved", "lemma", CHANGED),
    ],
)
def test_logical_findings(old, new, weight):
    label = "thm-4.1/error"
    change = next(
        c
        for c in changes(with_step(BASE, label, logical=new), with_step(BASE, label, logical=old))
        if c.kind == "verdict"
    )
    assert (change.label, change.weight) == (label, weight)
    assert change.text == f"logical finding {old} → {new}"
    assert change.affected == (("thm-4.1/decay",) if weight is WORSE else ())


@pytest.mark.parametrize(
    ("old", "new", "weight"),
    [
        ("exact", "certified", WORSE),
        ("certified", "sampled", WORSE),
        ("certified", "undecided", WORSE),
        ("sampled", "refuted", WORSE),
        ("undecided", "refuted", WORSE),
        ("sampled", "not applicable", WORSE),
        ("sampled", "certified", HARMLESS),
        ("refuted", "exact", HARMLESS),
    ],
)
def test_empirical_findings(old, new, weight):
    label = "thm-4.1/aside"
    found = kinds(with_step(BASE, label, empirical=new), with_step(BASE, label, empirical=old))
    assert ("verdict", label, weight) in found


def test_a_step_that_fails_with_the_same_words():
    assert ("verdict", "thm-4.1/aside", WORSE) in kinds(with_step(BASE, "thm-4.1/aside", passes=False))  # fmt: skip


def test_a_status_and_a_witness():
    found = kinds(with_statement(BASE, "lem-3.9", status="open"))
    assert found == {("status", "lem-3.9", WORSE)}
    assert kinds(BASE, with_statement(BASE, "lem-3.9", status="open")) == {("status", "lem-3.9", HARMLESS)}  # fmt: skip
    assert kinds(with_statement(BASE, "lem-3.9", witness="")) == {("witness", "lem-3.9", WORSE)}


def test_a_claim_acknowledged_as_false_must_be_accepted():
    new = with_step(BASE, "thm-4.1/aside", acknowledged="thm-4.1/error", empirical="refuted")
    found = {(c.kind, c.weight) for c in changes(new)}
    assert ("waiver", WORSE) in found
    assert ("count", WORSE) in found
    assert any("claims acknowledged as false: 0 → 1" in c.text for c in changes(new))
    other = with_step(new, "thm-4.1/aside", acknowledged="thm-4.1/decay")
    assert kinds(other, new) == {("waiver", "thm-4.1/aside", CHANGED)}


# ---------------------------------------------------------------- margins, counts, settings


def measured(**fields):
    return with_step(BASE, "lem-3.9/pointwise", evidence=evidence(**{"margin": "0.25", "radius": "1e-08", **fields}))  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "kind", "weight"),
    [
        ({"margin": "0.12"}, "margin", WORSE),
        ({"margin": "-0.25"}, "margin", WORSE),
        ({"margin": "0.6"}, "margin", HARMLESS),
        ({"radius": "2.1e-08"}, "radius", WORSE),
        ({"radius": "1e-09"}, "radius", HARMLESS),
        ({"instances": 4}, "instances", WORSE),
        ({"verdict": "undecided"}, "evidence", WORSE),
        ({"engine": "sampled"}, "evidence", WORSE),
    ],
)
def test_measures_that_are_worse_by_more_than_a_factor_of_two(fields, kind, weight):
    assert (kind, "lem-3.9/pointwise", weight) in kinds(measured(**fields))


@pytest.mark.parametrize(
    "fields", [{"margin": "0.13"}, {"margin": "0.49"}, {"radius": "1.9e-08"}, {"instances": 5}]
)
def test_measures_within_a_factor_of_two_need_nobody(fields):
    assert changes(measured(**fields)) == ()


def test_measures_of_other_draws_are_not_compared_but_the_settings_must_be_accepted():
    for settings in (evolve(SETTINGS, profile="quick"), evolve(SETTINGS, seed=1)):
        new = evolve(measured(margin="0.01"), settings=settings)
        assert kinds(new) == {("settings", "", CHANGED)}


def test_versions_are_told():
    new = evolve(BASE, settings=evolve(SETTINGS, packages={"numpy": "2.5.0", "z3-solver": "5"}))
    assert [c.text for c in changes(new)] == ["numpy 2.4.6 → 2.5.0", "z3-solver none → 5"]
    assert not compare(BASE, new).needs_acceptance


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"uses": ("lem-3.9/by-parts", "supremum"), "because": (reason("supremum", "fact"),)}, ""),
        (
            {"uses": ("poincare", "supremum"), "because": (reason("supremum", "fact"), reason("poincare", "fact"))},
            "distinct facts relied on: 2 → 3; uses of facts in steps: 2 → 3",
        ),
        (
            {"uses": ("cauchy-schwarz", "supremum"), "because": (reason("supremum", "fact"), reason("cauchy-schwarz", "fact"))},
            "uses of facts in steps: 2 → 3",
        ),
        ({"empirical": "sampled"}, "steps whose evidence is in floats only: 1 → 2"),
        ({"means": ("solver",)}, "steps that rest on a solver's word, without a certificate: 0 → 1"),
        ({"acknowledged": "lem-3.9/pointwise"}, "claims acknowledged as false: 0 → 1"),
        ({"passes": False}, "steps that do not pass: 0 → 1"),
    ],
)  # fmt: skip
def test_a_count_that_rises_must_be_accepted(fields, text):
    new = with_step(BASE, "lem-3.9/bound", **fields)
    assert "; ".join(c.text for c in changes(new) if c.kind == "count") == text
    assert all(c.weight is WORSE for c in changes(new) if c.kind == "count")
    assert all(c.weight is HARMLESS for c in changes(BASE, new) if c.kind == "count")


def test_facts_count_only_when_they_were_used():
    unused = with_step(BASE, "thm-4.1/aside", because=(reason("poincare", "fact"),))
    assert count(unused.statements.values()) == BASE.counts


def test_examples():
    def with_example(**fields):
        return evolve(BASE, examples={"kuramoto chi2": evolve(EXAMPLES["kuramoto chi2"], **fields)})

    label = "example kuramoto chi2"
    assert kinds(with_example(value="-0.5")) == {("constants", label, CHANGED)}
    assert kinds(with_example(passed=False)) == {("verdict", label, WORSE)}
    assert kinds(with_example(digits=46)) == {("digits", label, WORSE)}
    assert kinds(evolve(BASE, examples={})) == {("removed", "", CHANGED)}
    more = {**EXAMPLES, "new chi2": ExampleEntry("1", 50, passed=True)}
    assert kinds(evolve(BASE, examples=more)) == {("added", "example new chi2", HARMLESS)}
    assert kinds(BASE, evolve(BASE, examples=more)) == {("removed", "example new chi2", CHANGED)}


def test_the_gravest_comes_first_and_then_the_order_of_reading():
    new = with_step(BASE, "thm-4.1/error", logical="open")
    new = with_step(new, "lem-3.9/bound", claim="‖∇Mg‖_∞ ≤ ‖g‖₋₁")
    new = with_step(new, "lem-3.9/by-parts", logical="fact")
    found = [(c.weight, c.label) for c in changes(new)]
    assert found == [
        (WORSE, "lem-3.9/by-parts"),
        (WORSE, "thm-4.1/error"),
        (CHANGED, "lem-3.9/bound"),
    ]
