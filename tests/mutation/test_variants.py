"""A variant settles what it proves under the hypotheses of the mutant, and nothing else."""

from pathlib import Path

import pytest

from mflverify.attack.run import tasks_of as inequalities
from mflverify.engines.profile import PROFILES
from mflverify.expr import Parameter, sqrt
from mflverify.mutation import hypotheses
from mflverify.mutation.hypotheses import HypothesisTrial
from mflverify.mutation.proving import Judge, Proof
from mflverify.mutation.run import chosen_tasks
from mflverify.mutation.trial import Trial
from mflverify.mutation.variants import Variants, variants_of
from mflverify.proof import Statement
from mflverify.proof.loader import Proofs, load

a, b, c = (Parameter(name, "positive") for name in "abc")
small, other = a <= b**2, c <= 1
UNKNOWN = Proof("unknown", "prover", "gave up")


def variant_of(bound=b):
    statement = Statement("v", "Beside s", kind="variant", given=[small])
    root = statement.step("root", sqrt(a) <= bound)
    statement.step("product", c * sqrt(a) <= bound, because=[root], assuming=[other])
    return statement


@pytest.mark.parametrize(
    ("claims", "given", "assuming", "expected"),
    [
        ([sqrt(a) <= b], [small], [], "v"),
        ([sqrt(a) <= b, 2 * sqrt(a) <= 3 * b], [small], [], "v"),
        # stronger hypotheses carry the same steps
        ([sqrt(a) <= b], [4 * a <= b**2, b <= 1], [], "v"),
        ([c * sqrt(a) <= b], [small], [other], "v"),
        # without the assumption, a false claim beside a true one, weaker hypotheses
        ([c * sqrt(a) <= b], [small], [], ""),
        ([sqrt(a) <= b, 2 * sqrt(a) <= b], [small], [], ""),
        ([sqrt(a) <= b], [a <= 2 * b**2], [], ""),
        ([sqrt(a) <= b], [], [], ""),
        # a statement that concludes nothing
        ([], [small], [], ""),
    ],
)
def test_steps_are_carried_out_under_the_hypotheses(claims, given, assuming, expected):
    assert Variants((variant_of(),)).proof_of(claims, tuple(given), tuple(assuming)) == expected


def test_a_variant_that_does_not_close_shows_nothing():
    """Also when the claim itself would follow."""
    assert not Variants((variant_of(b / 2),)).proof_of([sqrt(a) <= b], (small,))
    assert not Variants().proof_of([sqrt(a) <= b], (small,))


def test_an_undecided_mutant_of_a_step_is_settled(monkeypatch):
    statement = Statement("s", "s", given=[small])
    step = statement.step("loose", sqrt(a) <= 2 * b)
    monkeypatch.setattr(Trial, "_examine", lambda *_: UNKNOWN)
    monkeypatch.setattr("mflverify.mutation.trial.gives_more", lambda *_: False)
    without = {r.change: r for r in Trial(step, PROFILES["quick"], 0).records()}
    variants = Variants((variant_of(),))
    found = {r.change: r for r in Trial(step, PROFILES["quick"], 0, variants).records()}
    assert without["2b → b"].status == "undecided"
    assert found["2b → b"].status == "harmless"
    assert "harmless" not in {r.status for r in without.values()}


def test_an_undecided_mutant_of_a_hypothesis_is_settled_when_every_conclusion_holds(monkeypatch):
    statement = Statement("s", "s", given=[4 * a <= b**2])
    statement.conclude("root", sqrt(a) <= b)
    monkeypatch.setattr(hypotheses, "closing", lambda *_: (UNKNOWN, "root", None))
    variants = Variants((variant_of(),))
    found = {r.change: r for r in HypothesisTrial(statement, 1, 0, variants).records()}
    assert (found["4a → 2a"].status, found["4a → 2a"].note) == (
        "harmless",
        "v proves every conclusion",
    )
    statement.conclude("half", sqrt(a) <= b / 2)
    found = {r.change: r for r in HypothesisTrial(statement, 1, 0, variants).records()}
    assert found["4a → 2a"].status == "undecided"


def test_variants_are_not_of_the_paper_and_have_to_be_named():
    stated = Statement("s", "s", given=[small])
    stated.conclude("root", sqrt(a) <= b)
    variant = variant_of()
    proofs = Proofs(Path(), {"s": stated, "v": variant}, ())
    assert {task.statement for task in chosen_tasks(proofs, None)} == {"s"}
    assert {task.statement for task in chosen_tasks(proofs, ["v"])} == {"v"}
    own = [task for task in inequalities(proofs, None) if not task.startswith("facts/")]
    assert own == ["s/root"]
    assert inequalities(proofs, ["v"]) == ["v/root", "v/product"]
    assert variants_of(proofs, stated) == (variant,)
    unrelated = Statement("t", "t", given=[Parameter("d", "positive") <= b])
    assert variants_of(proofs, unrelated) == ()


def test_the_paper_has_a_variant_of_the_mixed_functional():
    proofs = load(Path(__file__).parents[2] / "proofs")
    (variant,) = variants_of(proofs, proofs.statements["lem-mixed"])
    assert all(Judge().step(step, expected=True).outcome == "proved" for step in variant.steps)
