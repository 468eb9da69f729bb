"""The studies on small samples: what they find, what they count as bad, what they write."""

import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from mflverify.cli import main
from mflverify.commands.running import STUDY_NAMES
from mflverify.studies.agreement import agreement_rows, agreement_slope
from mflverify.studies.basin import bistable_model, outcome
from mflverify.studies.conclusions import about, generator
from mflverify.studies.conjectures import critical_slack_rows, exact_rate_row, low_temperature_rows
from mflverify.studies.draws import direction_state, draw_direction
from mflverify.studies.figures import Figure, panels
from mflverify.studies.known import Check, checks
from mflverify.studies.storage import Campaign, read_table
from mflverify.studies.study import STUDIES, Study
from mflverify.studies.summaries import (
    Summary,
    conclusion_summary,
    exact_rate_summary,
    known_summary,
)
from mflverify.studies.theorems import StatedTheorems

PROOFS = Path(__file__).parents[2] / "proofs"
READ = StatedTheorems.load(PROOFS)


def test_names_on_the_command_line_are_those_of_the_studies():
    assert tuple(STUDIES) == STUDY_NAMES


@pytest.mark.parametrize("number", range(8))
def test_quick_known_results(number):
    row = checks()[number].row()
    assert row["verdict"] == "agrees", row


@pytest.mark.slow
@pytest.mark.parametrize("number", range(8, 14))
def test_slow_known_results(number):
    row = checks()[number].row()
    assert row["verdict"] == "agrees", row


def test_known_results_that_differ_or_fail_are_counted():
    def fail() -> float:
        raise ArithmeticError("no bracket")

    rows = [
        Check("a", "", 1.0, 0.1, lambda: 1.05).row(),
        Check("b", "", 1.0, 0.1, lambda: 1.2).row(),
        Check("c", "", 1.0, 0.1, fail).row(),
    ]
    assert [row["verdict"] for row in rows] == ["agrees", "differs", "undecided"]
    summary = known_summary(rows)
    assert (summary.bad, summary.undecided) == (1, 1)


def test_only_bounds_broken_inside_the_ball_are_bad():
    def row(regime, bound):
        return {
            "theorem": "thm-3.2",
            "regime": regime,
            "bound": bound,
            "margin": 0.1,
            "converged": True,
        }

    inside = conclusion_summary([row("inside", "violated"), row("edge", "undecided")])
    assert (inside.bad, inside.undecided) == (1, 1)
    assert conclusion_summary([row("outside", "violated")]).bad == 0


def test_slower_than_conjectured_is_bad():
    row = {"theorem": "x", "measured": 1.0, "conjectured": 1.1, "reason": "", "verdict": "slower"}
    assert exact_rate_summary([row]).bad == 1


def test_two_sides_of_a_basin():
    """Small data converge, large ones order themselves: the free energy becomes negative."""
    rng = generator("thm-3.2", 0, 0)
    model = bistable_model(rng)
    from mflverify.dynamics.torus_flow import TorusFlow
    from mflverify.dynamics.torus_grid import TorusGrid

    flow = TorusFlow(model, TorusGrid(1, 32))
    unit, most = direction_state(flow, draw_direction(model, rng))
    case = about("thm-3.2", model, flow, unit, most, READ)
    assert outcome(case, most * unit) == "escapes"
    assert outcome(case, 0.5 * case.multiple(case.claim.size_of_ball) * unit) == "converges"


def test_a_basin_without_time_is_undecided():
    from mflverify.dynamics.simulation import Limits

    rng = generator("thm-3.2", 0, 0)
    model = bistable_model(rng)
    from mflverify.dynamics.torus_flow import TorusFlow
    from mflverify.dynamics.torus_grid import TorusGrid

    flow = TorusFlow(model, TorusGrid(1, 32))
    unit, most = direction_state(flow, draw_direction(model, rng))
    case = about("thm-3.2", model, flow, unit, most, READ)
    assert outcome(case, 0.3 * most * unit, Limits(seconds=0.01)) == "undecided"


def test_particles_agree_at_the_rate_of_large_numbers():
    rows = [row for number in range(3) for row in agreement_rows("kuramoto", number, 8, 0)]
    slope, error = agreement_slope(rows)
    assert abs(slope + 0.5) <= 3 * error
    assert error < 0.1


def test_slope_of_exact_powers():
    rows = [
        {"particles": n, "distance": n**-0.5 * (1 + 0.1 * sign)}
        for n in (100, 1000, 10000)
        for sign in (-1, 1)
    ]
    assert agreement_slope(rows)[0] == pytest.approx(-0.5)


@pytest.mark.slow
def test_algebraic_decay_at_the_critical_slack():
    rows = critical_slack_rows(4)
    assert rows[-1]["time"] == pytest.approx(1e4)
    assert rows[-1]["scaled"] == pytest.approx(1.0, abs=2e-3)


def test_low_temperature_ratio_exceeds_one_for_a_shoulder():
    (row,) = low_temperature_rows(5)
    assert row["well"] == "shoulder"
    assert row["ratio_low"] > 2.5
    (convex,) = low_temperature_rows(11)
    # one over the curvature at the minimum: alpha t -> 1
    assert convex["alpha"] == pytest.approx(1.0, abs=0.1)
    assert convex["ratio_low"] <= 1 + 1e-6 <= convex["ratio_high"]


@pytest.mark.parametrize("number", [0, 4])
def test_measured_rates_are_not_slower_than_conjectured(number):
    row = exact_rate_row(number, 1, READ)
    assert row["verdict"] in ("agrees", "faster"), row
    assert np.isfinite(row["measured"])


def test_figures_carry_their_words_and_are_reproducible(tmp_path):
    def draw(folder):
        picture, (axis,) = panels(1)
        axis.plot([0, 1], [1, 2])
        axis.set_xlabel("time t")
        return Figure("test", picture, "A < caption", "A line & more").save(folder)

    svg, png = draw(tmp_path / "one")
    again, _ = draw(tmp_path / "two")
    text = svg.read_text()
    assert "<title>A &lt; caption</title>" in text
    assert "<desc>A line &amp; more</desc>" in text
    assert svg.read_bytes() == again.read_bytes()
    assert png.read_bytes()[:4] == b"\x89PNG"


def _invoke(*arguments):
    return CliRunner().invoke(main, list(arguments), env={"COLUMNS": "80"})


def test_simulate_prints_and_writes(tmp_path):
    result = _invoke("simulate", "kuramoto", "--duration", "0.5", "--check", "--out", str(tmp_path))
    assert result.exit_code == 0, result.output
    assert "resolved" in result.output
    rows, parameters = read_table(tmp_path / "kuramoto.parquet")
    assert rows[-1]["time"] == pytest.approx(0.5)
    assert parameters["verdict"] == "resolved"
    assert "temperature = 1.0" in parameters["model"]
    assert (tmp_path / "kuramoto.svg").is_file()
    assert (tmp_path / "kuramoto.png").is_file()


def test_simulate_reports_undecided_runs(tmp_path):
    model = tmp_path / "rough.toml"
    model.write_text(
        'name = "rough"\nspace = "torus"\n[[species]]\ntemperature = 1.0\n'
        "start = [{mode = [1], cos = 1.5}]\n"
    )
    result = _invoke("simulate", str(model), "--out", str(tmp_path / "out"))
    assert result.exit_code == 1
    assert "undecided" in result.output
    assert "negative" in result.output


def test_errors_are_one_line_on_the_command_line(tmp_path):
    result = _invoke("rate", str(tmp_path / "none.toml"))
    assert result.exit_code == 2
    assert "no such file or preset" in result.output
    assert "Traceback" not in result.output


def test_rate_prints_all_rates():
    result = _invoke("rate", "matching-pennies")
    assert result.exit_code == 0, result.output
    for word in ("log-Sobolev", "guaranteed", "conjectured", "measured"):
        assert word in result.output


def test_rates_on_the_line_are_proved():
    """Standard Gaussian, tau = 0.7, k = x x'/2: the slowest rate is 2 (0.7 + 0.5)."""
    result = _invoke("rate", "gaussian")
    assert result.exit_code == 0
    words = " ".join(result.output.replace("│", " ").split())
    assert re.search(r"proved: from 2\.399999\d* to 2\.40000\d*", words), words


def test_unstable_equilibria_have_no_rate(tmp_path):
    model = tmp_path / "unstable.toml"
    model.write_text(
        'name = "ordered"\nspace = "torus"\n[[species]]\ntemperature = 0.5\n'
        "[[kernels]]\ntarget = 1\nsource = 1\nconvolution = [{mode = [1], cos = -2.0}]\n"
    )
    result = _invoke("rate", str(model))
    assert result.exit_code == 1
    # tau + m = 1/2 - 1, and twice that
    words = " ".join(result.output.replace("│", " ").split())
    assert "undecided the equilibrium is not linearly stable" in words
    assert "conjectured -1 " in words


@pytest.mark.slow
def test_a_near_tie_is_an_undecided_rate(tmp_path):
    """Mode 1 decays at 0.5 and mode 2 at 4 (0.5 - 0.3749) = 0.5004."""
    model = tmp_path / "tie.toml"
    model.write_text(
        'name = "tie"\nspace = "torus"\n[[species]]\ntemperature = 0.5\n'
        "start = [{mode = [1], cos = 0.1}, {mode = [2], cos = 0.1}]\n"
        "[[kernels]]\ntarget = 1\nsource = 1\nconvolution = [{mode = [2], cos = -0.7498}]\n"
    )
    result = _invoke("rate", str(model))
    assert result.exit_code == 1
    assert "undecided" in result.output
    assert "nearly tie" in " ".join(result.output.split())


def test_study_writes_and_resumes(tmp_path):
    arguments = ("study", "exact-rate", "--count", "1", "--out", str(tmp_path))
    first = _invoke(*arguments, "--proofs", str(PROOFS))
    assert first.exit_code == 0, first.output
    table = tmp_path / "exact-rate.parquet"
    before = table.read_bytes()
    part = next((tmp_path / "parts").iterdir())
    stamp = part.stat().st_mtime_ns
    second = _invoke(*arguments, "--proofs", str(PROOFS))
    assert second.exit_code == 0
    assert part.stat().st_mtime_ns == stamp
    assert table.read_bytes() == before
    assert read_table(table)[1]["seed"] == 0


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ArithmeticError("no datum along which chi2 grows"), "no datum along which chi2 grows"),
        (KeyError("margin"), "KeyError: 'margin'"),
    ],
)
def test_a_figure_that_cannot_be_drawn_costs_no_other(tmp_path, monkeypatch, error, words):
    def draw(name):
        picture, (axis,) = panels(1)
        axis.plot([0, 1], [1, 2])
        return Figure(name, picture, "A line", "From 1 to 2")

    def fail(rows):
        raise error

    def study(request):
        campaign = Campaign("one", request.out, 1, {}, lambda number: [{"value": 1.0}])
        figures = {"first": lambda rows: draw("first"), "second": fail}
        figures["third"] = lambda rows: draw("third")
        return Study((campaign,), lambda rows: Summary("one", (), (), 0, 0), figures)

    monkeypatch.setitem(STUDIES, "known", study)
    result = _invoke("study", "known", "--proofs", str(PROOFS), "--out", str(tmp_path))
    assert result.exit_code == 1, result.output
    assert f"no figure second: {words}" in result.output
    assert {path.stem for path in tmp_path.glob("*.svg")} == {"first", "third"}


def test_rates_that_cannot_be_found_cost_no_figure(tmp_path, monkeypatch):
    def study(request):
        def rates():
            raise ArithmeticError("a flow blew up")

        def draw(rows):
            picture, _ = panels(1)
            return Figure("only", picture, "Nothing", "Empty axes")

        campaign = Campaign("one", request.out, 1, {}, lambda number: [{"value": 1.0}])
        return Study((campaign,), lambda rows: Summary("one", (), (), 0, 0), {"only": draw}, rates)

    monkeypatch.setitem(STUDIES, "known", study)
    result = _invoke("study", "known", "--proofs", str(PROOFS), "--out", str(tmp_path))
    assert result.exit_code == 1, result.output
    assert "no rates.json: a flow blew up" in result.output
    assert (tmp_path / "only.svg").is_file()
