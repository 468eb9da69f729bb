"""The command line and the pytest plugin, as their users run them."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
from click.testing import CliRunner

from mflverify.cli import main
from mflverify.verification import run as verification

ROOT = Path(__file__).parent.parent
FALSE_STEP = """
from mflverify.expr import FunctionSymbol, Parameter, Space, dual_norm, norm, poincare_constant
from mflverify.proof import Statement, poincare_dual
X = Space("X")
f = FunctionSymbol("f", X, "perturbation")
alpha = Parameter("alpha", "positive")
bad = Statement("bad", "Twice the gap", given=[alpha <= poincare_constant(X)])
bad.conclude("gap", 2 * alpha * dual_norm(f) ** 2 <= norm(f) ** 2, because=[poincare_dual(f)])
"""
GOOD_STEP = FALSE_STEP.replace("bad", "good").replace("2 * alpha *", "alpha *")
ACKNOWLEDGED = """
known = Statement("known", "A known false claim", given=[alpha <= poincare_constant(X)])
right = known.conclude("right", alpha * dual_norm(f) ** 2 <= norm(f) ** 2, because=[poincare_dual(f)])
known.step("wrong", 2 * alpha * dual_norm(f) ** 2 <= norm(f) ** 2, acknowledged=right)
"""
NOT_REFUTED = ACKNOWLEDGED.replace(
    "2 * alpha * dual_norm(f) ** 2 <= norm(f) ** 2, ack",
    "alpha * dual_norm(f) ** 2 <= norm(f) ** 2, ack",
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "proofs" / "paper").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder, text, name="statement"):
    (folder / "proofs" / "paper" / f"{name}.py").write_text(text)


def run(*arguments):
    return CliRunner().invoke(main, list(arguments))


def verify(*arguments):
    return run("verify", "--profile", "quick", "--jobs", "1", "--no-examples", *arguments)


def test_help_teaches():
    result = run("--help")
    assert result.exit_code == 0
    assert "mflverify verify thm-4.1" in result.output


def test_a_true_statement_passes_and_reports_are_written(folder):
    write(folder, GOOD_STEP)
    result = verify()
    assert result.exit_code == 0, result.output
    assert "closed" in result.output
    ledger = json.loads((folder / "reports" / "ledger.json").read_text())
    assert ledger["statements"][0]["status"] == "closed"
    assert "<math" in (folder / "reports" / "report.html").read_text()
    assert "\\begin{document}" in (folder / "reports" / "report.tex").read_text()


def test_a_false_statement_fails_with_its_counterexample(folder):
    write(folder, FALSE_STEP)
    result = verify()
    assert result.exit_code == 1
    assert "refuted" in result.output
    assert "counterexample" in result.output
    assert "statement.py:8" in result.output


def test_an_acknowledged_refutation_passes_but_stays_visible(folder):
    write(folder, GOOD_STEP + ACKNOWLEDGED)
    result = verify()
    assert result.exit_code == 0, result.output
    assert "≠ wrong" in result.output
    assert "1 claims acknowledged as false" in result.output
    ledger = json.loads((folder / "reports" / "ledger.json").read_text())
    wrong = ledger["statements"][1]["steps"][1]
    assert (wrong["empirical"], wrong["green"]) == ("refuted", False)


def test_an_acknowledged_claim_that_is_not_refuted_fails(folder):
    write(folder, GOOD_STEP + NOT_REFUTED)
    result = verify()
    assert result.exit_code == 1
    assert "did not refute it" in result.output


def test_an_unreadable_file_fails_but_the_others_run(folder):
    write(folder, GOOD_STEP)
    write(folder, "x = (\n", "broken")
    result = verify()
    assert result.exit_code == 1
    assert "broken.py:1" in result.output
    assert "1 of 1 statements" in result.output


def test_the_ledger_of_a_run_fits_the_printed_schema(folder):
    write(folder, GOOD_STEP + ACKNOWLEDGED)
    verify()
    printed = run("schema")
    assert printed.exit_code == 0
    jsonschema.validate(
        json.loads((folder / "reports" / "ledger.json").read_text()), json.loads(printed.output)
    )


def test_reports_are_written_again_without_checking(folder):
    write(folder, FALSE_STEP)
    verify()
    reports = folder / "reports"
    before = {name: (reports / name).read_bytes() for name in ("report.html", "report.tex")}
    for name in before:
        (reports / name).unlink()
    result = run("report", "--sarif", "out/found.sarif", "--status", "paper")
    assert result.exit_code == 0, result.output
    assert {name: (reports / name).read_bytes() for name in before} == before
    sarif = json.loads((folder / "out" / "found.sarif").read_text())
    assert [found["ruleId"] for found in sarif["runs"][0]["results"]] == ["refuted"]
    place = sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "proofs/paper/statement.py"
    assert r"\mflentry{bad}" in (folder / "paper" / "mflstatus-data.tex").read_text()


def test_a_ledger_is_the_same_from_wherever_the_run_starts(folder, monkeypatch):
    write(folder, GOOD_STEP)
    verify("--reports", str(folder / "here"))
    (folder / "deep").mkdir()
    monkeypatch.chdir(folder / "deep")
    verify("--proofs", "../proofs", "--reports", str(folder / "there"))
    here, there = ((folder / name / "ledger.json").read_bytes() for name in ("here", "there"))
    assert here == there


def test_reports_show_what_campaigns_left(folder):
    write(folder, GOOD_STEP)
    verify()
    reports = folder / "reports"
    ledger = json.loads((reports / "ledger.json").read_text())
    step = ledger["statements"][0]["steps"][0]
    mutant = {"statement": "good", "step": "good/gap", "digest": step["digest"], "kind": "sign",
              "change": "minus for plus", "formula": step["claim"], "status": "survived"}  # fmt: skip
    campaign = {
        "schema": ledger["schema"],
        "provenance": ledger["provenance"],
        "statements": [],
        "mutants": [mutant],
    }
    (reports / "mutants.json").write_text(json.dumps(campaign))
    assert run("report").exit_code == 0
    assert "minus for plus" in (reports / "report.html").read_text()
    assert "minus for plus" in (reports / "report.tex").read_text()
    (reports / "mutants.json").write_text(json.dumps(ledger))
    result = run("report")
    assert result.exit_code == 1
    assert "mutants.json: ledger.statements" in result.output


def test_a_report_of_no_ledger_is_one_clear_error(folder):
    (folder / "x.json").write_text("{}")
    result = run("report", "x.json")
    assert result.exit_code == 1
    assert "x.json: ledger.schema: missing" in result.output


def test_the_report_says_what_of_the_paper_is_covered(folder):
    write(folder, GOOD_STEP)
    items = [("good", ""), ("thm-2", ""), ("rem-3", 'out_of_scope = "prose"')]
    listing = "".join(
        f'[[item]]\nlabel = "{label}"\nsection = "1"\n{more}\n' for label, more in items
    )
    (folder / "proofs" / "paper" / "paper.toml").write_text(f'title = "The paper"\n{listing}')
    verify()
    ledger = json.loads((folder / "reports" / "ledger.json").read_text())
    states = {item["label"]: item["state"] for item in ledger["coverage"]}
    assert states == {"good": "formalised", "thm-2": "missing", "rem-3": "out of scope"}
    page = (folder / "reports" / "report.html").read_text()
    assert "The paper: 1 of 2 listed items in scope are formalised" in page


def test_the_commit_of_the_proofs_is_recorded(folder):
    def git(*arguments):
        who = ["-c", "user.name=A", "-c", "user.email=a@b.c"]
        subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)

    def commit():
        return verification.commit_of(folder / "proofs")

    write(folder, GOOD_STEP)
    assert commit() == ""
    git("init", "-q")
    git("add", "proofs")
    git("commit", "-q", "-m", "one")
    first = commit()
    assert len(first) == 12
    write(folder, FALSE_STEP)
    assert commit() == f"{first}+"


def test_the_same_seed_gives_the_same_bytes(folder):
    write(folder, GOOD_STEP)
    verify()
    first = (folder / "reports" / "ledger.json").read_bytes()
    verify()
    assert (folder / "reports" / "ledger.json").read_bytes() == first


def test_unknown_statement(folder):
    write(folder, GOOD_STEP)
    result = verify("thm-9.9")
    assert result.exit_code == 2
    assert "there are good" in result.output


def test_show_and_list(folder):
    write(folder, GOOD_STEP)
    assert "α‖f‖₋₁² ≤ ‖f‖²" in run("show", "good/gap").output
    assert "good" in run("list").output
    assert run("show", "good/none").exit_code == 2


def test_evaluate_replays_an_instance(folder):
    write(folder, FALSE_STEP)
    verify()
    ledger = json.loads((folder / "reports" / "ledger.json").read_text())
    evidence = ledger["statements"][0]["steps"][0]["evidence"]
    data = next(e["minimal_data"] for e in evidence if e["verdict"] == "refuted")
    (folder / "instance.json").write_text(json.dumps(data))
    result = run("evaluate", "bad/gap", "instance.json")
    assert result.exit_code == 1
    assert "fails" in result.output
    data["parameters"]["alpha"] = "value -1"
    (folder / "instance.json").write_text(json.dumps(data))
    result = run("evaluate", "bad/gap", "instance.json")
    assert "parameters.alpha must be positive, got -1" in result.output
    assert "bad/gap" in result.output


@pytest.fixture
def collected(folder):
    write(folder, GOOD_STEP)
    write(folder, FALSE_STEP, "wrong")
    return folder


def pytest_run(folder, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "proofs", *arguments],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_every_step_is_a_test_item(collected):
    result = pytest_run(collected, "-v")
    assert "statement.py::good/gap PASSED" in result.stdout
    assert "statement.py::good/witness PASSED" in result.stdout
    assert "wrong.py::bad/gap FAILED" in result.stdout
    for part in ("2α‖f‖₋₁² ≤ ‖f‖²", "left side", "right side", "margin", "instance"):
        assert part in result.stdout


def test_junit_files_carry_labels_and_findings(collected):
    pytest_run(collected, "--junitxml=junit.xml")
    suite = ElementTree.parse(collected / "junit.xml").getroot()
    found = {}
    for case in suite.iter("testcase"):
        values = {p.get("name"): p.get("value") for p in case.iter("property")}
        found[values["check"]] = values
    assert set(found) == {"good/gap", "good/witness", "bad/gap", "bad/witness"}
    assert found["good/witness"]["witness"] == "found"
    assert found["good/gap"]["logical"] == "proved"
    assert found["good/gap"]["location"].startswith("proofs/paper/statement.py:")
    assert found["bad/gap"]["empirical"] == "refuted"
    assert float(found["bad/gap"]["worst margin"]) < 0


def test_selection_and_xdist(collected):
    assert "2 passed" in pytest_run(collected, "-k", "good").stdout
    assert "1 failed, 3 passed" in pytest_run(collected, "-n", "2").stdout


def test_an_unreadable_proof_is_a_failing_item(folder):
    write(folder, GOOD_STEP)
    write(folder, "x = (\n", "broken")
    result = pytest_run(folder)
    assert "1 failed, 2 passed" in result.stdout
    assert "syntax error" in result.stdout


def test_the_real_proofs_are_found(tmp_path):
    shutil.copytree(ROOT / "proofs", tmp_path / "proofs")
    result = pytest_run(tmp_path, "--collect-only", "-q")
    assert "theorem_4_1.py::thm-4.1/4.3" in result.stdout
