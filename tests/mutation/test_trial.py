"""Mutants are killed by the right check, and nothing is called killed or harmless without reason."""

import json
import re
import subprocess
import sys

import pytest
from attrs import evolve
from click.testing import CliRunner

from mflverify.cli import main
from mflverify.engines.certificates import find_certificate
from mflverify.engines.profile import PROFILES
from mflverify.engines.scalar import ScalarResult
from mflverify.expr import (
    FunctionSymbol,
    Parameter,
    Space,
    dual_norm,
    equation,
    inner,
    inverse_generator,
    norm,
    poincare_constant,
    sqrt,
)
from mflverify.expr.terms import subterms
from mflverify.ledger import read
from mflverify.ledger.kills import holes, row
from mflverify.mutation import proving
from mflverify.mutation.copying import with_symbols
from mflverify.mutation.hypotheses import (
    HypothesisTrial,
    dropped_sign,
    meaningless,
    signed_parameters,
)
from mflverify.mutation.pool import Pool, Refutation
from mflverify.mutation.proving import Judge, Proof
from mflverify.mutation.trial import Trial, verdict
from mflverify.proof import Statement, poincare_dual

X = Space("X")
f = FunctionSymbol("f", X, "perturbation")
alpha, beta = Parameter("alpha", "positive"), Parameter("beta", "positive")


def gap_statement(**changes):
    given = changes.get("given", [alpha <= poincare_constant(X)])
    statement = Statement("gap", "Poincaré in dual form", given=given)
    claim = changes.get("claim", alpha * dual_norm(f) ** 2 <= norm(f) ** 2)
    statement.conclude("gap", claim, because=[poincare_dual(f)])
    return statement


def trials(statement):
    return list(Trial(statement.steps[-1], PROFILES["quick"], 0).records())


@pytest.fixture(scope="module")
def gap():
    return trials(gap_statement())


def one(records, kind, part):
    found = [r for r in records if r.kind == kind and part in r.change]
    assert len(found) == 1, [r.change for r in records if r.kind == kind]
    return found[0]


def test_a_sharp_constant_has_no_slack(gap):
    halved = one(gap, "factor", "‖f‖² → ‖f‖²/2")
    assert halved.status == "killed"
    assert "exact" in halved.killed_by
    assert "against" in halved.note
    assert halved.instance


def test_a_weaker_claim_is_harmless_and_says_why(gap):
    doubled = one(gap, "factor", "‖f‖² → 2‖f‖²")
    assert (doubled.status, doubled.killed_by) == ("harmless", ())
    assert doubled.note.startswith("weaker")


def test_an_open_mutant_is_not_called_refuted(gap):
    strict = one(gap, "strict", "<")
    assert strict.killed_by == ("prover",)
    total = row("all", [strict])
    assert (total.refuted, total.open_only) == (0, 1)


def test_a_needed_reason_is_missed(gap):
    dropped = one(gap, "dropped reason", "poincare-dual")
    assert (dropped.status, dropped.killed_by) == ("killed", ("prover",))


def test_every_mutant_has_a_neighbour_that_passes(gap):
    assert {record.neighbour for record in gap} == {"passes"}
    assert holes(gap) == []


def test_a_mutant_of_an_identity_is_disproved_by_its_normal_form():
    statement = Statement("square", "The square of the dual norm")
    statement.conclude("square", equation(dual_norm(f) ** 2, inner(f, inverse_generator(f))))
    records = trials(statement)
    sign = one(records, "sign", "‖f‖₋₁² → −‖f‖₋₁²")
    assert sign.killed_by == ("exact", "algebra")  # floats and balls are not asked any more
    assert all(r.status == "killed" for r in records)


def test_a_mutant_that_may_divide_by_zero_is_rejected_with_the_values():
    statement = Statement("quotient", "A quotient", given=[beta < alpha])
    statement.conclude("quotient", 1 <= alpha / (alpha - beta))
    records = trials(statement)
    mutant = one(records, "factor", "−β → −2β")
    assert mutant.status == "killed"
    assert "not defined" in mutant.note or "against" in mutant.note
    assert not [r for r in records if r.status in ("undecided", "survived")]


def test_a_claim_with_slack_shows_it():
    records = trials(gap_statement(claim=alpha * dual_norm(f) ** 2 <= 3 * norm(f) ** 2))
    slack = one(records, "factor", "3‖f‖² → 3‖f‖²/2")
    assert slack.status == "harmless"
    assert slack.note.startswith("also true")


def test_mutants_of_an_open_step_are_killed_by_instances_alone():
    statement = Statement("open", "No reason given", given=[alpha <= poincare_constant(X)])
    statement.conclude("gap", alpha * dual_norm(f) ** 2 <= norm(f) ** 2)
    records = trials(statement)
    assert not any({"prover", "algebra", "kernel"} & set(r.killed_by) for r in records)
    assert one(records, "factor", "‖f‖² → ‖f‖²/2").status == "killed"
    assert one(records, "factor", "‖f‖² → 2‖f‖²").status == "undecided"


@pytest.mark.parametrize(
    ("outcome", "check", "expected"),
    [
        ("unknown", None, "undecided"),  # a limit that was hit is no kill
        ("unknown", "trajectories", "undecided"),  # nor is a violation in floats
        ("unknown", "exact", "killed"),
        ("refuted", None, "killed"),
        ("proved", None, "harmless"),
        ("proved", "trajectories", "harmless"),
        ("proved", "certified", "survived"),  # both at once: something is unsound
    ],
)
def test_verdicts(outcome, check, expected):
    found = None if check is None else Refutation(check, "", "")
    assert verdict(Proof(outcome, "prover"), found)[0] == expected


def test_a_needed_hypothesis_is_missed():
    records = list(HypothesisTrial(gap_statement(), 1, 0).records())
    dropped = one(records, "dropped hypothesis", "α_PI")
    assert dropped.status == "killed"
    assert dropped.killed_by == ("exact", "prover")
    stronger = one(records, "factor", "α → 2α")
    assert (stronger.status, stronger.note[:10]) == ("harmless", "a stronger")
    empty = one(records, "sign", "α_PI(X) → −α_PI(X)")
    assert empty.killed_by == ("witness",)


def test_an_unused_hypothesis_is_told():
    statement = gap_statement(given=[alpha <= poincare_constant(X), beta <= alpha])
    dropped = next(iter(HypothesisTrial(statement, 2, 0).records()))
    assert (dropped.status, dropped.note) == ("harmless", "no step uses it")


def test_a_hypothesis_that_is_not_always_defined_is_no_hypothesis():
    gamma = Parameter("gamma", "nonnegative")
    sound = Statement("s", "s", given=[gamma / alpha <= 1])
    sound.conclude("s", gamma <= alpha)
    assert meaningless(Judge(), sound) == ""
    faulty = Statement("s", "s", given=[gamma / alpha <= 1, beta / gamma <= 1])
    faulty.conclude("s", gamma <= alpha)
    assert re.match("β/γ ≤ 1: .*γ = 0", meaningless(Judge(), faulty))


def test_hypotheses_do_not_vouch_for_each_other():
    """Either would be defined if the other one were."""
    gamma = Parameter("gamma", "positive")
    given = [beta / gamma <= 1, sqrt(beta / gamma) <= 1]
    statement = Statement("s", "s", given=given)
    statement.conclude("s", 0 < gamma)
    assert meaningless(Judge(), statement) == ""
    record = dropped_sign(statement, gamma, 0)
    assert (record.status, record.killed_by) == ("killed", ("kernel",))
    assert record.note.startswith("step s: hypothesis β/γ ≤ 1: it is not defined everywhere")


def test_an_undecided_obligation_does_not_hide_one_that_fails():
    """Whether 2 / |alpha| >= 0 is undecided where alpha may be 0; that alpha may be 0 is not."""
    statement = Statement("s", "s", given=[beta <= 1])
    statement.conclude("s", 0 <= sqrt(2 / abs(alpha)))
    assert Judge().step(statement.steps[-1]).outcome == "proved"
    record = dropped_sign(statement, alpha, 0)
    assert (record.status, record.neighbour) == ("killed", "passes")
    assert "α = 0" in record.note


@pytest.mark.parametrize(("check", "expected"), [("trajectories", "passes"), ("sampled", "fails")])
def test_a_neighbour_that_is_proved_fails_only_where_it_certainly_does(
    monkeypatch, check, expected
):
    """Rounding makes `x + a - a` look different from a tiny x along a trajectory."""
    refutation = Refutation(check, "somewhere", "1 against 0")
    monkeypatch.setattr(Trial, "_on_instances", lambda *_: (refutation, (check,)))
    trial = Trial(gap_statement().steps[-1], PROFILES["quick"], 0)
    assert trial._passes(trial.step.claim) == expected


def test_what_earlier_steps_prove_is_true_as_well(monkeypatch):
    """A claim with slack: without it, it follows from a step that is not among its reasons."""

    def short_sighted(obligation, **options):
        """Certificates by a search that overlooks the hypothesis beside a step."""
        seen = [h for h in obligation.hypotheses if h.labels != ("hypothesis 1",)]
        steps = [h for h in seen if h.labels[0].startswith("s/")]
        return find_certificate(
            evolve(obligation, hypotheses=tuple(seen)) if steps else obligation, **options
        )

    monkeypatch.setattr(proving, "find_certificate", short_sighted)
    for search in ("prove", "climb", "guess"):
        nothing = ScalarResult("unknown", reason="not asked")
        monkeypatch.setattr(proving, search, lambda *_, found=nothing, **__: found)
    gamma = Parameter("gamma", "positive")
    statement = Statement("s", "s", given=[alpha**2 <= beta**2])
    first = statement.step("first", alpha <= beta)
    loose = statement.step("loose", alpha <= beta + gamma, because=[first])
    step = statement.step("loose twice", alpha + gamma <= beta + 2 * gamma, because=[loose])
    found = {record.change: record for record in Trial(step, PROFILES["quick"], 0).records()}
    assert found["2γ → γ"].status == "harmless"
    assert found["β → β/2"].status == "killed"


def test_what_is_weaker_than_a_proved_mutant_is_true_as_well(monkeypatch):
    """The prover gives up wherever gamma occurs, in whole or squared: that it may be left out, it sees."""
    gamma = Parameter("gamma", "positive")
    statement = Statement("s", "s", given=[alpha <= beta])
    step = statement.step("loose", alpha <= beta + gamma)
    claim = Judge.claim

    def short_sighted(self, new, **options):
        given_up = any(part == gamma for part in subterms(new.claim)) and new.name != "loose"
        return Proof("unknown", "prover", "gave up") if given_up else claim(self, new, **options)

    monkeypatch.setattr(Judge, "claim", short_sighted)
    monkeypatch.setattr("mflverify.mutation.trial.gives_more", lambda *_: False)
    monkeypatch.setattr(Trial, "_on_instances", lambda *_: (None, ("sampled",)))
    monkeypatch.setattr(Pool, "attack", lambda *_: None)
    found = {record.change: record for record in Trial(step, PROFILES["quick"], 0).records()}
    square = found["γ → γ²"]
    assert square.status == "harmless"
    assert "weaker than with β + γ → β" in square.note
    # neither refuted nor proved here, and no weaker than what is
    assert (found["β → β/2"].status, found["β → β/2"].killed_by) == ("undecided", ())


def test_a_sign_that_the_hypotheses_imply_is_harmless(monkeypatch):
    """Also where the proof does not show it."""
    monkeypatch.setattr(
        "mflverify.mutation.hypotheses.closing",
        lambda *_: (Proof("unknown", "prover", "gave up"), "scaled", None),
    )
    statement = Statement("scaled", "A scaled inequality", given=[alpha <= 1, 1 <= alpha * beta])
    statement.conclude("scaled", alpha**2 * beta <= alpha * beta)
    by_name = {p.name: dropped_sign(statement, p, 0) for p in signed_parameters(statement)}
    assert (by_name["beta"].status, by_name["beta"].note) == ("harmless", "the hypotheses imply it")
    without = Statement("scaled", "A scaled inequality", given=[alpha <= 1])
    without.conclude("scaled", alpha * beta <= beta)
    by_name = {p.name: dropped_sign(without, p, 0) for p in signed_parameters(without)}
    assert by_name["beta"].status == "undecided"


def test_a_needed_sign_is_missed():
    statement = Statement("scaled", "A scaled inequality", given=[alpha <= 1])
    statement.conclude("scaled", alpha * beta <= beta)
    by_name = {p.name: dropped_sign(statement, p, 0) for p in signed_parameters(statement)}
    assert by_name["beta"].status == "killed"
    assert {"exact", "prover"} <= set(by_name["beta"].killed_by)
    assert by_name["beta"].neighbour == "passes"
    assert (by_name["alpha"].status, by_name["alpha"].note) == (
        "harmless",
        "every step still closes",
    )


def test_what_is_acknowledged_as_false_is_not_asked_for():
    statement = gap_statement()
    right = statement.conclude("half", alpha <= poincare_constant(X))
    statement.step("false", 2 * poincare_constant(X) <= alpha, acknowledged=right)
    (sign,) = (dropped_sign(statement, p, 0) for p in signed_parameters(statement))
    assert "false" not in sign.note
    renamed = with_symbols(statement, {alpha: beta})
    assert renamed.steps[-1].acknowledged is renamed.steps[1]


def test_symbols_are_replaced_in_reasons_and_lemmas():
    lemma = gap_statement()
    user = Statement("user", "Uses the lemma", given=[alpha <= poincare_constant(X)])
    user.conclude("gap", alpha * dual_norm(f) ** 2 <= norm(f) ** 2, because=[lemma])
    renamed = with_symbols(user, {alpha: beta})
    assert renamed.given == (beta <= poincare_constant(X),)
    assert Judge().step(renamed.steps[0]).outcome == "proved"
    real = with_symbols(user, {alpha: Parameter("alpha", "real")})
    assert Judge().step(real.steps[0]).outcome == "refuted"  # the lemma wants a positive constant


# ------------------------------------------------------------------------------- the command

PROOF = """
from mflverify.expr import FunctionSymbol, Parameter, Space, dual_norm, norm, poincare_constant
from mflverify.proof import Statement, poincare_dual
X = Space("X")
f = FunctionSymbol("f", X, "perturbation")
alpha = Parameter("alpha", "positive")
gap = Statement("gap", "The gap", given=[alpha <= poincare_constant(X)])
gap.conclude("gap", alpha * dual_norm(f) ** 2 <= norm(f) ** 2, because=[poincare_dual(f)])
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "proofs" / "paper").mkdir(parents=True)
    (tmp_path / "proofs" / "paper" / "gap.py").write_text(PROOF)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def mutate(*arguments):
    return CliRunner().invoke(main, ["mutate", "--jobs", "1", *arguments])


def test_the_command_prints_the_matrix_and_writes_a_ledger(folder):
    result = mutate()
    assert result.exit_code == 0, result.output
    assert "dropped hypothesis" in result.output
    assert "0 not settled" in result.output
    ledger = read(folder / "reports" / "mutants.json")
    steps = {record.step for record in ledger.mutants}
    assert steps == {"gap/gap", "gap/hypothesis 1", "gap/sign of alpha"}


def test_the_page_counts_by_mistake_and_by_statement_and_names_what_is_not_settled(folder):
    result = mutate("--markdown")
    assert result.exit_code == 0, result.output
    records = read(folder / "reports" / "mutants.json").mutants
    total = row("gap", records)
    _, _, page = result.output.partition("# The kill matrix\n")
    counts = f"{total.total} | {total.refuted} | {total.open_only} | {total.harmless} |  |"
    assert f"| `gap` | {counts}" in page
    signs = row("sign", [r for r in records if r.kind == "sign"])
    assert f"| sign | {signs.total} | {signs.refuted} |" in page
    assert page.endswith("## Not settled\n\nNothing.\n")
    file = folder / "proofs" / "paper" / "gap.py"
    file.write_text(PROOF.replace("[poincare_dual(f)]", "[]"))
    open_ = mutate("gap/gap", "--markdown")
    assert open_.exit_code == 1
    assert "\n- `gap/gap`, sign: " in open_.output
    assert "undecided: the step itself does not close" in open_.output


def test_the_same_seed_gives_the_same_bytes_with_and_without_a_cache(folder):
    mutate()
    first = (folder / "reports" / "mutants.json").read_bytes()
    mutate()
    assert (folder / "reports" / "mutants.json").read_bytes() == first
    mutate("--no-cache")
    assert (folder / "reports" / "mutants.json").read_bytes() == first


@pytest.mark.slow
def test_processes_give_the_same_bytes(folder):
    mutate("--no-cache")
    first = (folder / "reports" / "mutants.json").read_bytes()
    program = "from mflverify.cli import main; main()"
    subprocess.run(
        [sys.executable, "-c", program, "mutate", "--no-cache", "--jobs", "2"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    assert (folder / "reports" / "mutants.json").read_bytes() == first


def test_an_open_step_is_a_hole(folder):
    file = folder / "proofs" / "paper" / "gap.py"
    file.write_text(PROOF.replace("[poincare_dual(f)]", "[]"))
    result = mutate("gap/gap")
    assert result.exit_code == 1
    assert "does not close" in result.output
    statuses = {
        m["status"]
        for m in json.loads((folder / "reports" / "mutants.json").read_text())["mutants"]
    }
    assert "undecided" in statuses


def test_an_unknown_step_is_refused(folder):
    result = mutate("gap/nothing")
    assert result.exit_code == 2
    assert "gap/nothing" in result.output
