"""Renames, renumberings and moves are told as such."""

from attrs import evolve
from regression_builders import BASE, LEMMA, THEOREM, reason, snapshot, statement, step

from mflverify.regression import Weight, compare
from mflverify.regression.matching import match


def relabelled(entry, old, new):
    """A statement whose steps speak of `new` where they spoke of `old`."""

    def changed(label):
        return new + label[len(old) :] if label == old or label.startswith(f"{old}/") else label

    steps = {
        name: evolve(
            s,
            because=tuple(evolve(r, label=changed(r.label)) for r in s.because),
            uses=tuple(changed(u) for u in s.uses),
            acknowledged=changed(s.acknowledged),
        )
        for name, s in entry.steps.items()
    }
    return evolve(entry, steps=steps, rests_on=tuple(changed(u) for u in entry.rests_on))


def renumbered(old, new, statements=None):
    return {
        new if label == old else label: relabelled(entry, old, new)
        for label, entry in (statements or BASE.statements).items()
    }


def found(new, old=BASE):
    return [(c.kind, c.label, c.weight) for c in compare(old, new).changes]


def test_a_renumbered_lemma_is_one_rename():
    new = snapshot(renumbered("lem-3.9", "lem-3.11"), examples=BASE.examples)
    (change,) = compare(BASE, new).changes
    assert (change.kind, change.label, change.weight) == ("renamed", "lem-3.11", Weight.HARMLESS)
    assert change.text == "lem-3.9 is called lem-3.11 now"


def test_also_when_another_lemma_has_the_old_number_now():
    statements = renumbered("lem-3.9", "lem-3.11")
    newcomer = statement("Something else", it=step("a ≤ b"))
    new = snapshot({"lem-3.9": newcomer, **statements}, examples=BASE.examples)
    assert found(new) == [
        ("added", "lem-3.9", Weight.HARMLESS),
        ("renamed", "lem-3.11", Weight.HARMLESS),
    ]


def test_also_when_the_one_with_the_old_number_shares_a_step():
    statements = renumbered("lem-3.9", "lem-3.11")
    newcomer = statement("Something else", it=step("a ≤ b"), by_parts=LEMMA.steps["by-parts"])
    new = snapshot({"lem-3.9": newcomer, **statements}, examples=BASE.examples)
    assert match(BASE, new).statements["lem-3.9"] == "lem-3.11"


def test_two_lemmas_that_change_places():
    statements = {"lem-1": LEMMA, "lem-2": statement("Other", it=step("a ≤ b"))}
    swapped = {"lem-2": relabelled(LEMMA, "lem-1", "lem-2"), "lem-1": statements["lem-2"]}
    new = snapshot({"lem-1": swapped["lem-1"], "lem-2": swapped["lem-2"]})
    assert match(snapshot(statements), new).statements == {"lem-1": "lem-2", "lem-2": "lem-1"}


def test_a_renumbered_lemma_that_was_also_edited():
    edited = {**LEMMA.steps, "bound": step("‖∇Mg‖_∞ ≤ 2K‖g‖₋₁", conclusion=True)}
    statements = renumbered("lem-3.9", "lem-3.11", {**BASE.statements, "lem-3.9": evolve(LEMMA, steps=edited)})  # fmt: skip
    kinds = {kind for kind, label, _ in found(snapshot(statements, examples=BASE.examples))}
    assert {"renamed", "constants"} <= kinds
    assert not {"added", "removed"} & kinds


def test_a_lemma_of_one_step_renumbered_and_edited_is_known_by_its_title():
    old = snapshot({"eq-1": statement("Derivative", it=step("a = b"))})
    new = snapshot({"eq-2": statement("Derivative", it=step("a = 2b"))})
    assert [kind for kind, _, _ in found(new, old)] == ["constants", "renamed"]
    stranger = snapshot({"eq-2": statement("Integral", it=step("a = 2b"))})
    assert [kind for kind, _, _ in found(stranger, old)] == ["removed", "added"]


def test_statements_of_one_claim_each_are_told_apart_by_their_labels():
    same = statement("Twice", it=step("a = b"))
    both = snapshot({"eq-1": same, "eq-2": same})
    assert match(both, both).statements == {"eq-1": "eq-1", "eq-2": "eq-2"}
    one = snapshot({"eq-2": same})
    assert match(both, one).statements == {"eq-2": "eq-2"}


def test_a_renamed_step_is_one_rename():
    steps = {("slopewise" if n == "pointwise" else n): s for n, s in LEMMA.steps.items()}
    lemma = relabelled(
        evolve(LEMMA, steps=steps, order=tuple(steps)), "lem-3.9/pointwise", "lem-3.9/slopewise"
    )
    new = snapshot({"lem-3.9": lemma, "thm-4.1": THEOREM}, examples=BASE.examples)
    (change,) = compare(BASE, new).changes
    assert (change.kind, change.label) == ("renamed", "lem-3.9/slopewise")
    assert change.text == "lem-3.9/pointwise is called lem-3.9/slopewise now"


def test_a_moved_step_is_told_as_moved():
    aside = THEOREM.steps["aside"]
    rest = {name: s for name, s in THEOREM.steps.items() if name != "aside"}
    new = snapshot(
        {
            "lem-3.9": evolve(
                LEMMA, steps={**LEMMA.steps, "young": aside}, order=(*LEMMA.order, "young")
            ),
            "thm-4.1": evolve(THEOREM, steps=rest, order=tuple(rest)),
        },
        examples=BASE.examples,
    )
    (change,) = compare(BASE, new).changes
    assert (change.kind, change.label, change.weight) == ("moved", "lem-3.9/young", Weight.CHANGED)
    assert change.text == "moved here from thm-4.1/aside"


def test_two_steps_of_one_claim_are_matched_in_order():
    twice = statement("Twice", first=step("a ≤ b"), second=step("a ≤ b"))
    once = statement("Twice", second=step("a ≤ b"))
    matching = match(snapshot({"s": twice}), snapshot({"s": once}))
    assert matching.steps == {"s/second": "s/second"}


def test_what_rests_on_a_renamed_statement_is_named_as_it_is_now():
    old = snapshot({**BASE.statements}, examples=BASE.examples)
    statements = renumbered("thm-4.1", "thm-5")
    lemma = evolve(
        LEMMA, steps={**LEMMA.steps, "bound": evolve(LEMMA.steps["bound"], logical="open")}
    )
    new = snapshot({**statements, "lem-3.9": lemma}, examples=BASE.examples)
    verdict = next(c for c in compare(old, new).changes if c.kind == "verdict")
    assert (verdict.label, verdict.affected) == ("lem-3.9/bound", ("thm-5",))


def test_a_reason_of_another_name_is_the_same_reason_after_a_rename():
    theorem = evolve(
        THEOREM,
        steps={
            **THEOREM.steps,
            "error": evolve(THEOREM.steps["error"], because=(reason("lem-3.11", "lemma", "x"),)),
        },
    )
    statements = {"lem-3.11": relabelled(LEMMA, "lem-3.9", "lem-3.11"), "thm-4.1": theorem}
    kinds = [kind for kind, _, _ in found(snapshot(statements, examples=BASE.examples))]
    assert "reasons" in kinds  # the lemma is the same, but what it says there is not
