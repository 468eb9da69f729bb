"""Records of steps: certificates as identities for readers, reasons and places by their names."""

from __future__ import annotations

import pytest

from mflverify.engines.profile import PROFILES
from mflverify.expr import FunctionSymbol, Parameter, Space, chi2, inner, norm, poincare_constant
from mflverify.ledger.records import StepRecord
from mflverify.proof import Statement, cauchy_schwarz
from mflverify.proof.statement import Step
from mflverify.verification.check import check_step
from mflverify.verification.record import Printer, hypothesis_label

X = Space("X")
f, g = (FunctionSymbol(name, X, "perturbation") for name in "fg")
alpha, K = (Parameter(name, "positive") for name in ("alpha", "K"))
GAP, SMALL = alpha <= poincare_constant(X), norm(g) <= K


@pytest.fixture
def step() -> Step:
    statement = Statement("lem", "A lemma", given=[GAP, SMALL])
    return statement.conclude(
        "bound", abs(inner(f, g)) <= K * norm(f), because=[cauchy_schwarz(f, g), SMALL]
    )


@pytest.fixture
def record(step: Step) -> StepRecord:
    return check_step(step, PROFILES["quick"], 0)


def test_a_certificate_has_a_case_for_each_sign_and_names_its_hypotheses(
    record: StepRecord,
) -> None:
    (certificate,) = [o.certificate for o in record.obligations if o.certificate]
    targets = {case.target.unicode for case in certificate}
    assert targets == {"‖f‖K − ⟨f, g⟩", "‖f‖K + ⟨f, g⟩"}
    for case in certificate:
        used = {slack.label: slack.difference.unicode for t in case.terms for slack in t.hypotheses}
        assert used["hypothesis 2"] in ("K − ‖g‖", "−‖g‖ + K")
        assert "|⟨f, g⟩|" in used["cauchy-schwarz"]
        assert {term.kind for term in case.terms} == {"absolute", "hypothesis"}


def test_reasons_that_are_hypotheses_have_their_number(record: StepRecord) -> None:
    (reason,) = [reason for reason in record.because if reason.kind == "hypothesis"]
    assert reason.label == "hypothesis 2"
    assert reason.formulas[0].unicode == "‖g‖ ≤ K"


def test_assumptions_are_counted_apart(step: Step) -> None:
    small = chi2(f) <= K
    local = step.statement.step("local", small, assuming=[K <= alpha, small], because=[small])
    assert hypothesis_label(small, local) == "assumption 2"
    assert hypothesis_label(GAP, local) == "hypothesis 1"
    assert hypothesis_label(chi2(g) <= K, local) == "hypothesis"


def test_the_relation_and_the_place_are_recorded(step: Step, record: StepRecord) -> None:
    assert record.relation == "le"
    assert record.location == f"tests/verification/test_record.py:{step.location.line}"


def test_formulas_within_formulas_stay_on_one_line(step: Step) -> None:
    printer = Printer.of(step.statement)
    total = sum((chi2(f) * n * K for n in range(2, 9)), start=K)
    assert "aligned" in printer.formula(total).latex
    assert "aligned" not in printer.part(total).latex
    assert "<mtable" not in printer.part(total).mathml
