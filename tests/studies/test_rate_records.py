"""Trajectories for the reports: what a record says of a bound, and the way from a study to a report."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from attrs import evolve
from click.testing import CliRunner

from mflverify.cli import main
from mflverify.dynamics.simulation import Limits
from mflverify.expr.printing import to_unicode
from mflverify.ledger import read, write
from mflverify.ledger.records import (
    SCHEMA_VERSION,
    CurveRecord,
    Formula,
    Ledger,
    RateRecord,
    StatementRecord,
    StepRecord,
    WitnessRecord,
)
from mflverify.proof.loader import load
from mflverify.studies import rate_records, study
from mflverify.studies.conclusions import Instance, instance
from mflverify.studies.figures import Figure, panels
from mflverify.studies.rate_records import rate_ledger, stated, trajectory_record
from mflverify.studies.theorems import THEOREMS, StatedTheorems
from mflverify.verification.record import step_digest
from mflverify.verification.run import provenance

PROOFS = load(Path(__file__).parents[2] / "proofs")
READ = StatedTheorems.of(PROOFS)
STEP = next(s for s in PROOFS.statements["thm-3.2"].steps if s.name == "chi2-decay")


@pytest.fixture(scope="module")
def case() -> Instance:
    return instance("thm-3.2", 0, 0, READ)


@pytest.fixture(scope="module")
def edge(case: Instance) -> RateRecord:
    return trajectory_record(case, STEP, "edge", 0)


def _values(record: RateRecord, role: str) -> np.ndarray:
    (curve,) = [curve for curve in record.curves if curve.role == role]
    return np.array([float(value) for value in curve.values])


def test_a_record_is_about_the_step_as_it_is(edge: RateRecord) -> None:
    assert (edge.statement, edge.step) == ("thm-3.2", "thm-3.2/chi2-decay")
    assert edge.digest == step_digest(STEP)
    assert edge.quantity is not None
    assert edge.quantity.unicode == to_unicode(STEP.claim.lhs) == "‖f_t‖²"


def test_the_rates_stand_in_the_order_of_the_theory(edge: RateRecord) -> None:
    claimed, guaranteed = float(edge.claimed), float(edge.guaranteed)
    conjectured, measured = float(edge.conjectured), float(edge.measured)
    assert claimed == pytest.approx(guaranteed / 2)  # epsilon is half of its supremum
    assert guaranteed < conjectured
    assert measured == pytest.approx(conjectured, abs=float(edge.error_bar) + 1e-6)


def test_curves_show_decay_bound_functional_and_slope(edge: RateRecord) -> None:
    assert edge.verdict == "holds"
    assert np.all(_values(edge, "measured") <= _values(edge, "guaranteed"))
    assert np.all(np.diff(_values(edge, "lyapunov")) < 0)
    (slope,) = [curve for curve in edge.curves if curve.role == "conjectured"]
    times, values = ([float(x) for x in part] for part in (slope.times, slope.values))
    found = -np.log(values[1] / values[0]) / (times[1] - times[0])
    assert found == pytest.approx(float(edge.conjectured), rel=1e-5)
    assert 50 < len(edge.curves[0].times) <= 121


def test_outside_the_ball_nothing_is_guaranteed(case: Instance) -> None:
    record = trajectory_record(case, STEP, "outside", 0)
    assert (record.verdict, record.guaranteed, record.claimed) == ("outside", "", "")
    assert {curve.role for curve in record.curves} == {"measured", "lyapunov", "conjectured"}
    assert record.measured


class _HalvedBound:
    """A claim whose bound is wrong by a factor."""

    def __init__(self, claim: Any) -> None:
        self._claim = claim

    def __getattr__(self, name: str) -> Any:
        return getattr(self._claim, name)

    def bound(self, run: Any) -> np.ndarray:
        return self._claim.bound(run) * np.exp(-2 * self._claim.limit * run.times)


def test_a_bound_that_is_too_small_is_violated(case: Instance) -> None:
    wrong = evolve(case, claim=_HalvedBound(case.claim))
    assert trajectory_record(wrong, STEP, "inside", 0).verdict == "violated"


@pytest.mark.parametrize("regime", ["edge", "outside"])
def test_a_run_that_cannot_be_trusted_is_undecided(case: Instance, regime: str) -> None:
    record = trajectory_record(case, STEP, regime, 0, Limits(seconds=1e-9))
    assert record.verdict == "undecided"
    assert (record.measured, record.error_bar) == ("", "")
    assert record.note.startswith("undecided: ")


def test_slopes_that_may_belong_to_two_modes_are_no_rate(
    case: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    unsettled = evolve(rate_records.settling(case.spectrum), settled=False)
    monkeypatch.setattr(rate_records, "settling", lambda _: unsettled)
    record = trajectory_record(case, STEP, "edge", 0)
    assert (record.measured, record.error_bar) == ("", "")
    assert "nearly tie" in record.method


def test_versions_of_a_theorem_have_their_number_of_species() -> None:
    found = {step.label: species for step, species in stated("thm-5.2", PROOFS)}
    assert found["thm-5.2[n=1]/chi2-decay"] == 1
    assert found["thm-5.2[n=2]/chi2-decay"] == 2
    assert [step.label for step, _ in stated("thm-3.2", PROOFS)] == ["thm-3.2/chi2-decay"]
    assert instance("thm-5.2", 0, 0, READ, 2).model.species == 2


@pytest.mark.parametrize("theorem", THEOREMS)
def test_what_a_study_claims_is_stated_by_a_conclusion(theorem: str) -> None:
    steps = [step for step, _ in stated(theorem, PROOFS)]
    assert steps
    assert all(step.conclusion for step in steps)


def _plain_figure(theorem: str, *_: object) -> Figure:
    return Figure(theorem, panels(1)[0], "caption", "alternative")


def _reported(step: str) -> Ledger:
    """A ledger of a run that holds the theorem."""
    formula = Formula("c", "c", "<math><mi>c</mi></math>", "d")
    record = StepRecord(
        step, "chi2-decay", formula, "le", "t.py:1", "lemma", "sampled", True, step_digest(STEP)
    )
    statement = StatementRecord(
        "thm-3.2", "T", "theorem", "", "t.py:1", "closed", (), WitnessRecord(True), (record,)
    )
    return Ledger(SCHEMA_VERSION, provenance("quick", 0), (statement,))


def test_from_the_study_to_the_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study, "THEOREMS", ("thm-3.2",))
    monkeypatch.setattr(rate_records, "READINGS", {"thm-3.2": rate_records.READINGS["thm-3.2"]})
    monkeypatch.setattr(study, "theorem_figure", _plain_figure)  # the study's own take long
    reports = tmp_path / "reports"
    run = partial(CliRunner().invoke, main, catch_exceptions=False)
    arguments = ["study", "conclusions", "--count", "1", "--proofs", str(PROOFS.root)]
    arguments += ["--out", str(tmp_path / "out"), "--reports", str(reports)]
    first = run(arguments)
    assert first.exit_code == 0, first.output
    assert "rates.json" in first.output
    text = (reports / "rates.json").read_bytes()
    assert run(arguments).exit_code == 0
    assert (reports / "rates.json").read_bytes() == text
    run([*arguments, "--seed", "1"])
    assert (reports / "rates.json").read_bytes() != text
    (reports / "rates.json").write_bytes(text)

    found = read(reports / "rates.json")
    assert [record.verdict for record in found.rates] == ["holds", "holds", "outside"]
    write(_reported(found.rates[0].step), reports / "ledger.json")
    assert run(["report", str(reports / "ledger.json")]).exit_code == 0
    page = (reports / "report.html").read_text(encoding="utf-8")
    assert page.count('class="curve is-guaranteed"') == 2 * 2  # in figures and their legends
    assert 'href="#thm-3.2/chi2-decay"' in page
    assert "of an earlier version" not in page
    assert found.rates[1].measured in (reports / "report.tex").read_text(encoding="ascii")


def test_a_broken_bound_fails_the_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from rich.console import Console

    from mflverify.studies.terminal import _write_rates

    curve = CurveRecord("c", "measured", (), ())
    rates = tuple(
        RateRecord("t", "t/s", "d", "", "", verdict, "", "", "", curves=(curve,))
        for verdict in ("holds", "violated", "outside", "undecided")
    )
    ledger = evolve(_reported("t/s"), statements=(), rates=rates)
    assert _write_rates(Console(), ledger, tmp_path) == 2


@pytest.mark.slow
def test_every_theorem_among_the_statements_is_followed() -> None:
    found = rate_ledger(PROOFS, 0)
    expected = {step.label for theorem in THEOREMS for step, _ in stated(theorem, PROOFS)}
    assert {record.step for record in found.rates} == expected
    inside = [r for r in found.rates if r.verdict != "outside"]
    assert {record.verdict for record in inside} == {"holds"}
    assert len(inside) * 3 == len(found.rates) * 2
