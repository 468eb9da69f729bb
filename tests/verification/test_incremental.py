"""What runs again after an edit, and that a run with kept results says the same as one without."""

import pytest

from mflverify.proof.loader import load
from mflverify.verification import keys
from mflverify.verification.cache import Cache
from mflverify.verification.run import run


@pytest.fixture
def check(paper, computed):
    """check() runs everything with kept results; returns the labels computed anew, by part."""

    def again(**options):
        computed.clear()
        ledger = run(
            load(paper.parent),
            profile="quick",
            workers=1,
            cache=Cache.open(paper.parents[1] / "kept"),
            **options,
        )
        again.ledger = ledger
        return sorted(part for part, _ in computed), sorted(
            label for part, label in computed if part == "logical"
        )

    return again


# the two statements have the same hypotheses and symbols, so one witness serves both
ALL = ["lem-1/gap", "thm-1/apart", "thm-1/first", "thm-1/last"]


def test_nothing_runs_after_no_change(check):
    parts, labels = check()
    assert labels == ALL
    assert parts == ["empirical"] * 4 + ["logical"] * 4 + ["witness"]
    first = check.ledger
    assert check() == ([], [])
    assert check.ledger == first
    assert all(statement.status == "closed" for statement in first.statements)


def test_the_ledger_is_the_same_without_kept_results(check, paper):
    check()
    check()
    assert run(load(paper.parent), profile="quick", workers=1) == check.ledger


def test_an_edited_step_runs_with_its_dependents(check, edit):
    check()
    edit("theorem.py", "<= 2 * norm(f) ** 2, because", "<= (3 - 1) * norm(f) ** 2, because")
    assert check() == ([], [])  # the same formula in other words
    edit("theorem.py", "<= (3 - 1) *", "<= Fraction(5, 2) *")
    edit(
        "theorem.py",
        "\nfrom mflverify.expr",
        "\nfrom fractions import Fraction\nfrom mflverify.expr",
    )
    parts, labels = check()
    assert labels == ["thm-1/first", "thm-1/last"]
    assert parts == ["empirical", "logical", "logical"]  # the evidence of the last is as it was


def test_an_edited_lemma_runs_with_the_steps_that_apply_it(check, edit):
    check()
    edit("lemma.py", 'alpha * dual_norm(f) ** 2 <= norm(f) ** 2', 'alpha * dual_norm(f) ** 2 <= 2 * norm(f) ** 2')  # fmt: skip
    assert check()[1] == ["lem-1/gap", "thm-1/first"]


def test_an_edited_hypothesis_runs_the_whole_statement_again(check, edit):
    check()
    edit("theorem.py", "given=[alpha <=", "given=[2 * alpha <=")
    assert check()[1] == ["thm-1/apart", "thm-1/first", "thm-1/last"]


def test_words_lines_and_names_in_python_run_nothing_again(check, edit):
    check()
    edit("theorem.py", "\nfrom mflverify.expr", '\n"""A theorem."""\n\nfrom mflverify.expr')
    edit("theorem.py", '"Weaker and weaker"', '"Another title"')
    edit("theorem.py", "apart = ", "alone = ")
    edit("theorem.py", "2 * norm(f) ** 2)", '2 * norm(f) ** 2, note="clear")')
    assert check() == ([], [])
    record = check.ledger.statements[1]
    assert record.title == "Another title"
    assert record.steps[0].note == "clear"
    assert record.steps[0].location.endswith("theorem.py:10")


def test_a_renumbered_statement_keeps_its_evidence(check, edit):
    check()
    before = check.ledger.statements[0]
    edit("lemma.py", "lem-1", "lem-2")
    parts, labels = check()
    assert labels == ["lem-2/gap", "thm-1/first"]
    assert parts == ["logical"] * 2
    assert check.ledger.statements[0].steps[0].evidence == before.steps[0].evidence


def test_a_relation_moved_from_the_step_to_the_hypotheses_is_another_question(check, edit):
    edit("theorem.py", "2 * norm(f) ** 2)\nfirst", "2 * norm(f) ** 2, assuming=[alpha <= 1])\nfirst")  # fmt: skip
    check()
    edit("theorem.py", ", assuming=[alpha <= 1])", ")")
    edit("theorem.py", "given=[alpha <=", "given=[alpha <= 1, alpha <=")
    assert "thm-1/apart" in check()[1]


def test_another_seed_or_profile_runs_the_instances_again_and_not_the_proofs(
    check, paper, computed
):
    check()
    parts, labels = check(seed=1)
    assert labels == []
    assert parts == ["empirical"] * 4 + ["witness"]
    assert check(seed=1) == ([], [])


@pytest.mark.parametrize(
    ("engine", "parts"),
    [
        ("LOGICAL", ["logical"] * 4),
        ("INSTANCES", ["empirical"] * 4 + ["witness"]),
        ("TRAJECTORIES", []),
        ("EXAMPLES", []),
    ],
)
def test_a_changed_engine_runs_its_own_results_again(check, monkeypatch, engine, parts):
    check()
    changed = getattr(keys, engine)
    monkeypatch.setattr(
        type(changed), "digest", property(lambda self: "new" if self is changed else real(self))
    )
    assert check()[0] == parts


real = type(keys.LOGICAL).digest.fget


@pytest.mark.parametrize("package", ["python", "numpy", "z3-solver", "cvc5"])
def test_another_version_of_a_package_runs_everything_again(check, monkeypatch, package):
    check()
    assert package in keys.versions()
    versions = {**keys.versions(), package: "another"}
    monkeypatch.setattr(keys, "versions", lambda: versions)
    assert check()[1] == ALL


def test_damaged_results_are_computed_again_and_told(check, paper):
    check()
    expected = check.ledger
    kept = sorted((paper.parents[1] / "kept").glob("*/*.json"))
    for path in kept[::2]:
        path.write_bytes(path.read_bytes()[:-10])
    parts, _ = check()
    assert len(parts) == len(kept[::2])
    assert check.ledger == expected
    assert check() == ([], [])
