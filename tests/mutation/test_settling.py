"""Proofs of mutants from more than the step names, of which only proofs count."""

from mflverify.expr import FunctionSymbol, Parameter, Space, norm
from mflverify.mutation.copying import with_step
from mflverify.mutation.proving import Judge
from mflverify.mutation.settling import exchanged_reasons, settle
from mflverify.mutation.variants import Variants
from mflverify.proof import Statement

f = FunctionSymbol("f", Space("X"), "perturbation")
alpha, beta, gamma = (Parameter(name, "positive") for name in ("alpha", "beta", "gamma"))


def test_what_is_applied_is_applied_to_exchanged_constants():
    lemma = Statement("lemma", "Above a number", kind="lemma", given=[gamma <= alpha])
    lemma.conclude("above", gamma * norm(f) <= alpha * norm(f) ** 2)
    statement = Statement("s", "s", given=[gamma <= alpha, gamma <= beta])
    step = statement.conclude(
        "below", gamma * norm(f) <= alpha * norm(f) ** 2 + beta, because=[lemma.at({})]
    )
    (reason,) = exchanged_reasons(step, gamma * norm(f) <= beta * norm(f) ** 2 + alpha)
    assert (gamma <= beta) in [premise.claim for premise in reason.content.premises]
    assert reason.content.conclusions == (gamma * norm(f) <= beta * norm(f) ** 2,)
    # a lemma as it stands is applied, too
    bare = statement.conclude("bare", step.claim, because=[lemma])
    (same,) = exchanged_reasons(bare, gamma * norm(f) <= beta * norm(f) ** 2 + alpha)
    assert same.content == reason.content
    assert exchanged_reasons(step, gamma * norm(f) <= 2 * alpha * norm(f) ** 2 + beta) == []


def test_an_exchanged_reason_counts_only_with_its_premises():
    lemma = Statement("lemma", "Above a number", kind="lemma", given=[gamma <= alpha])
    lemma.conclude("above", gamma * norm(f) <= alpha * norm(f) ** 2)
    claim = gamma * norm(f) <= alpha * norm(f) ** 2 + beta
    mutant = gamma * norm(f) <= beta * norm(f) ** 2 + alpha
    for given, settled in (([gamma <= alpha, gamma <= beta], True), ([gamma <= alpha], False)):
        step = Statement("s", "s", given=given).conclude("below", claim, because=[lemma.at({})])
        new = with_step(step, mutant, name="mutant")
        found = settle(Judge(), step, new, Variants())
        assert (found is not None) is settled
        assert found is None or found.how.startswith("by the same reasons with exchanged constants")


def test_what_earlier_steps_do_not_prove_stays_open():
    statement = Statement("s", "s", given=[alpha <= beta])
    first = statement.step("first", alpha <= 2 * beta)
    step = statement.step("second", alpha <= 3 * beta)
    true = with_step(step, 2 * alpha <= 4 * beta, name="true", because=[])
    assert settle(Judge(), step, true, Variants()).outcome == "proved"
    false = with_step(step, 2 * alpha <= beta, name="false", because=[first])
    assert settle(Judge(), step, false, Variants()) is None
