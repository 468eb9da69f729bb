"""A ledger is replayed by the kernel alone, and a tampered one is rejected."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from attrs import asdict
from click.testing import CliRunner

from mflverify.cli import main
from mflverify.expr.serial import read_terms
from mflverify.ledger import read, write
from mflverify.ledger.store import LedgerError
from mflverify.proof.loader import load
from mflverify.verification.recheck import recheck
from mflverify.verification.record import Printer
from mflverify.verification.run import run

PROOFS = """
from mflverify.expr import Flow, Parameter, at_time, exp, sqrt
from mflverify.proof import Statement, gronwall

flow = Flow("abstract")
X, Y = flow.quantity("X"), flow.quantity("Y")
a, b = Parameter("a", "positive"), Parameter("b", "positive")
t = Parameter("t", "nonnegative")

lemma = Statement("lem-1", "Decay", given=[b < a, flow.derivative(X) <= -a * X + b * Y, Y <= X])
slower = lemma.step("rate", flow.derivative(X) <= -(a - b) * X)
lemma.conclude(
    "decay",
    at_time(X, t) <= exp(-(a - b) * t) * at_time(X, 0),
    because=[slower, gronwall(X, a - b, flow, t)],
)
lemma.conclude("ratio", sqrt(X) / (a - b) <= a * (1 + X) / (a - b) ** 2 * (1 + 1 / a))

theorem = Statement("thm-1", "Uses it", given=[flow.derivative(X) <= -2 * b * X + b * Y, Y <= X])
theorem.conclude(
    "decay",
    at_time(X, t) <= exp(-b * t) * at_time(X, 0),
    because=[lemma.at({a: 2 * b})],
)
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    root = tmp_path_factory.mktemp("recheck")
    folder = root / "proofs" / "paper"
    folder.mkdir(parents=True)
    (folder / "decay.py").write_text(PROOFS)
    proofs = load(root / "proofs")
    assert not proofs.problems
    write(run(proofs, profile="quick", workers=1), root / "ledger.json")
    return root / "ledger.json"


@pytest.fixture
def raw(path):
    return json.loads(path.read_text())


def rejected(raw, path):
    """The messages with which a changed ledger is rejected."""
    changed = path.with_name("changed.json")
    changed.write_text(json.dumps(raw))
    result = recheck(read(changed))
    assert result.faults
    return " | ".join(f"{fault.label}: {fault.message}" for fault in result.faults)


def obligation_with_proof(raw):
    return next(
        o
        for s in raw["statements"]
        for step in s["steps"]
        for o in step["obligations"]
        if o.get("proof")
    )


def test_an_honest_ledger_is_accepted(path):
    result = recheck(read(path))
    assert not result.faults
    assert set(result.steps) == {"lem-1/rate", "lem-1/decay", "lem-1/ratio", "thm-1/decay"}
    assert result.certificates >= 2
    assert not result.unclaimed


def test_no_solver_is_needed(path):
    code = (
        "import sys\n"
        "class Block:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in ('z3', 'cvc5', 'scipy', 'cvxpy', 'clarabel', 'numpy'):\n"
        "            raise ImportError(name)\n"
        "sys.meta_path.insert(0, Block())\n"
        "from mflverify.ledger import read\n"
        "from mflverify.verification.recheck import recheck\n"
        f"result = recheck(read({str(path)!r}))\n"
        "print(len(result.steps), len(result.faults))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["4", "0"]


def test_a_changed_coefficient_in_a_certificate(raw, path):
    part = obligation_with_proof(raw)["proof"]["cases"][0][0]
    part["coefficient"] = "17/3"
    assert "the certificate does not prove it" in rejected(raw, path)


def test_a_negative_coefficient_in_a_certificate(raw, path):
    part = obligation_with_proof(raw)["proof"]["cases"][0][0]
    part["coefficient"] = f"-{part['coefficient']}"
    assert "the certificate does not prove it" in rejected(raw, path)


def test_a_dropped_certificate(raw, path):
    del obligation_with_proof(raw)["proof"]
    assert "no certificate" in rejected(raw, path)


def test_a_changed_coefficient_in_a_formula(raw, path):
    """Everywhere that -2 b stands, -3 b is claimed: what is shown and what is replayed differ."""
    table = raw["trace"]["terms"]
    entry = next(node for node in table if node == ["Rational", "-2"])
    entry[1] = "-3"
    text = rejected(raw, path)
    assert "is shown, and the trace has" in text


def test_a_claim_changed_in_the_trace_and_in_what_is_shown(raw, path):
    """The strengthened claim is shown consistently; its certificate no longer proves it."""
    table = raw["trace"]["terms"]
    steps = next(s for s in raw["trace"]["statements"] if s["label"] == "lem-1")["steps"]
    rate = next(step for step in steps if step["name"] == "rate")
    table.append([*table[rate["claim"]][:1], "lt", *table[rate["claim"]][2:]])
    rate["claim"] = len(table) - 1
    relation = Printer(show_spaces=False).formula(read_terms(table)[-1])
    first, second = next(s for s in raw["statements"] if s["label"] == "lem-1")["steps"][:2]
    first["relation"] = "lt"
    (reason,) = [r for r in second["because"] if r["kind"] == "step"]
    for formula in (first["claim"], first["obligations"][-1]["goal"], *reason["formulas"]):
        formula.update(asdict(relation))
    text = rejected(raw, path)
    assert "lem-1/rate: claim: the certificate does not prove it" in text
    assert "is shown" not in text


def test_a_dropped_hypothesis(raw, path):
    for record in raw["statements"]:
        if record["label"] == "lem-1":
            del record["given"][0]
    next(s for s in raw["trace"]["statements"] if s["label"] == "lem-1")["given"].pop(0)
    assert "lem-1" in rejected(raw, path)


def test_a_dropped_hypothesis_in_the_trace_alone(raw, path):
    next(s for s in raw["trace"]["statements"] if s["label"] == "lem-1")["given"].pop(0)
    assert "formulas are shown" in rejected(raw, path)


def test_a_dropped_reason(raw, path):
    statement = next(s for s in raw["trace"]["statements"] if s["label"] == "thm-1")
    statement["steps"][0]["because"] = []
    assert "thm-1/decay" in rejected(raw, path)


def test_a_fact_that_does_not_exist(raw, path):
    for step in (s for st in raw["trace"]["statements"] for s in st["steps"]):
        for reason in step.get("because", []):
            if reason["kind"] == "fact":
                reason["name"] = "wishful-thinking"
    assert "not in the fact library" in rejected(raw, path)


def test_a_lemma_that_is_not_closed(raw, path):
    by_label = {s["label"]: s for s in raw["statements"]}
    by_label["thm-1"]["status"], by_label["lem-1"]["status"] = "closed", "open"
    assert "which is not closed" in rejected(raw, path)


def test_other_uses_than_the_real_ones(raw, path):
    next(s for s in raw["statements"] if s["label"] == "thm-1")["steps"][0]["uses"] = []
    assert "uses other things" in rejected(raw, path)


def test_a_statement_without_trace(raw, path):
    raw["trace"]["statements"] = raw["trace"]["statements"][:1]
    assert "missing in the trace" in rejected(raw, path)


def test_a_ledger_without_trace(raw, path):
    del raw["trace"]
    assert "no trace" in rejected(raw, path)


@pytest.mark.parametrize(
    ("node", "message"),
    [
        (["Nonsense"], "no class 'Nonsense'"),
        (["Rational", 2], "no rational number"),
        (["Rational", "__import__('os')"], "no rational number"),
        (["Norm", 99999], "not the number of an earlier node"),
        (["Parameter", "a"], "has 2 fields"),
        (["Parameter", "a", "huge"], "none of positive"),
        ({"Rational": "2"}, "begins with its class"),
    ],
)
def test_broken_terms_are_told(raw, path, node, message):
    raw["trace"]["terms"].append(node)
    assert message in rejected(raw, path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"coefficient": "1.5"}, "no rational number"),
        ({"coefficient": 1}, "no rational number"),
        ({"hypotheses": "all"}, "no list of whole numbers"),
        ({"hypotheses": [True]}, "no list of whole numbers"),
        ({"surprise": 1}, "unknown field"),
        ({"multiplier": [[12345, "1"]]}, "not the number of one of"),
    ],
)
def test_broken_certificates_are_told(raw, path, change, message):
    obligation_with_proof(raw)["proof"]["cases"][0][0].update(change)
    assert message in rejected(raw, path)


def test_certificates_cannot_cheat(raw, path):
    """Parts that look valid and are not: an index from the end or past it, a wrong square."""
    for change in ({"hypotheses": [-1]}, {"hypotheses": [99]}, {"root": [["2", []]]}):
        part = obligation_with_proof(raw)["proof"]["cases"][0][0]
        before = dict(part)
        part.update(change)
        assert "does not prove it" in rejected(raw, path)
        part.clear()
        part.update(before)


def step_of(raw, label):
    return next(step for s in raw["statements"] for step in s["steps"] if step["label"] == label)


@pytest.mark.parametrize("form", ["unicode", "latex", "mathml", "digest"])
def test_every_form_in_which_a_formula_is_shown(raw, path, form):
    """A page shows MathML and a document LaTeX: they are compared too."""
    step_of(raw, "thm-1/decay")["claim"][form] += " + 1"
    assert "thm-1/decay: " in rejected(raw, path)


@pytest.mark.parametrize("field", ["kind", "label", "citation", "title"])
def test_reasons_are_shown_as_they_are(raw, path, field):
    reason = next(r for r in step_of(raw, "lem-1/decay")["because"] if r["kind"] == "fact")
    reason[field] = "lemma" if field == "kind" else "wishful thinking"
    assert "the reasons shown are not those of the trace" in rejected(raw, path)


def test_a_fact_is_not_shown_to_say_more(raw, path):
    reason = next(r for r in step_of(raw, "lem-1/decay")["because"] if r["kind"] == "fact")
    reason["formulas"][0]["mathml"] = step_of(raw, "lem-1/rate")["claim"]["mathml"]
    assert "the reasons shown are not those of the trace" in rejected(raw, path)


def test_a_certificate_is_shown_as_it_is(raw, path):
    shown = obligation_with_proof(raw)["certificate"][0]["terms"][0]
    shown["coefficient"] = f"2*{shown['coefficient']}"
    assert "another certificate is shown" in rejected(raw, path)


def test_goals_of_premises_are_shown_as_they_are(raw, path):
    obligation = next(
        o for o in step_of(raw, "lem-1/decay")["obligations"] if o["role"].startswith("premise")
    )
    obligation["goal"]["mathml"] = step_of(raw, "lem-1/rate")["claim"]["mathml"].replace("a", "b")
    assert "another goal is in the ledger" in rejected(raw, path)


def test_certificates_of_two_steps_exchanged(raw, path):
    ratio, rate = step_of(raw, "lem-1/ratio"), step_of(raw, "lem-1/rate")
    first = next(o for o in ratio["obligations"] if o.get("proof"))
    second = next(o for o in rate["obligations"] if o.get("proof"))
    first["proof"], second["proof"] = second["proof"], first["proof"]
    text = rejected(raw, path)
    assert "lem-1/ratio: " in text
    assert "lem-1/rate: " in text


def test_a_trace_of_another_statement(raw, path):
    first, second = raw["trace"]["statements"]
    first["steps"], second["steps"] = second["steps"], first["steps"]
    assert "the steps shown are not those of the trace" in rejected(raw, path)


def test_two_records_of_one_statement(raw, path):
    raw["statements"].append(raw["statements"][0])
    with pytest.raises(LedgerError, match="occurs twice"):
        rejected(raw, path)


def test_what_a_statement_rests_on(raw, path):
    next(s for s in raw["statements"] if s["label"] == "thm-1")["rests_on"] = ["lem-1"]
    assert "it rests on other things" in rejected(raw, path)


def test_a_step_called_false_to_be_left_out(raw, path):
    """An open step that is called acknowledged would not keep its statement from being closed."""
    rate = step_of(raw, "lem-1/rate")
    rate["acknowledged"], rate["logical"] = "lem-1/ratio", "open"
    assert "it is not shown as what it is" in rejected(raw, path)


def test_formulas_nested_too_deep(raw, path):
    table = raw["trace"]["terms"]
    steps = next(s for s in raw["trace"]["statements"] if s["label"] == "lem-1")["steps"]
    claim = table[steps[0]["claim"]]
    node = claim[3]
    for _ in range(400):
        table.append(["Abs", node])
        node = len(table) - 1
    table.append([*claim[:3], node])
    steps[0]["claim"] = len(table) - 1
    assert "nested deeper than" in rejected(raw, path)


def run_cli(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


def test_the_commands(path):
    good = run_cli("recheck", path)
    assert good.exit_code == 0
    assert "4 steps replayed" in good.output
    missing = run_cli("recheck", path.with_name("none.json"))
    assert missing.exit_code == 2
    proofs = path.parent / "proofs"
    shown = run_cli("explain", "thm-1/decay", "--proofs", proofs, "--no-cache")
    assert shown.exit_code == 0
    for word in ("lem-1/decay", "gronwall", "premise 1 of lem-1", "hypothesis 1"):
        assert word in shown.output
    assert max(map(len, shown.output.splitlines())) <= 80
    trusted = run_cli("trust", "thm-1", "--proofs", proofs, "--no-cache")
    assert trusted.exit_code == 0
    assert "through lem-1" in trusted.output
    assert "Decay" in trusted.output
    unknown = run_cli("explain", "thm-1/nothing", "--proofs", proofs)
    assert unknown.exit_code == 2
    assert "it has decay" in unknown.output


def test_trust_tells_what_is_not_proved(tmp_path):
    folder = tmp_path / "proofs" / "paper"
    folder.mkdir(parents=True)
    text = PROOFS.replace("-(a - b) * X)", "-(a + b) * X)", 1)
    Path(folder / "decay.py").write_text(text)
    trusted = run_cli("trust", "thm-1", "--proofs", tmp_path / "proofs", "--no-cache")
    assert trusted.exit_code == 1
    assert "not proved: lem-1/rate" in trusted.output
