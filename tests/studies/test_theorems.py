"""Bounds, balls and constants read from the theorems, and checked on trajectories."""

from pathlib import Path

import numpy as np
import pytest

from mflverify.dynamics.constants import Constants
from mflverify.dynamics.simulation import Limits
from mflverify.proof.loader import load
from mflverify.studies.conclusions import conclusion_rows, instance, judge
from mflverify.studies.growth import fastest_growth
from mflverify.studies.stated import Measured, State, Stated
from mflverify.studies.theorems import THEOREMS, StatedTheorems

PROOFS = Path(__file__).parents[2] / "proofs"
READ = StatedTheorems.load(PROOFS)


def _measured(mixed, *, timescale=None, slack=0.1, third=0.0, temperature=0.5):
    n = len(mixed)
    constants = Constants(
        alpha=np.array([1.0, 0.5, 2.0][:n]),
        temperature=np.broadcast_to(temperature, n),
        timescale=np.ones(n) if timescale is None else np.array(timescale),
        slack=slack,
        mixed=np.array(mixed, dtype=float),
        third=np.full((n, n, n), third),
    )
    return Measured(constants, lambda: np.array([0.4]), lambda: 1.5)


def _state(chi2, dual, entropy=0.0):
    return State(*(np.atleast_1d(np.array(x, dtype=float)) for x in (chi2, dual, entropy)))


def _values(theorem, found, share=0.5):
    return READ.statements[theorem].values(found, share)


def test_theorem_3_2_at_known_numbers():
    stated, t = READ.statements["thm-3.2"], np.array([0.0, 1.0, 2.5])
    values = _values("thm-3.2", _measured([[3.0]]))
    assert {k: values[k] for k in ("alpha", "K", "lambda", "tau", "eps")} == pytest.approx(
        {"alpha": 1.0, "K": 3.0, "lambda": 0.1, "tau": 0.5, "eps": 0.2}
    )
    found = stated.bound("chi2-decay", values, _state(0.02, 0.01), t)
    # K^2 a^2 / (2 alpha^2 eps^2 (a - eps)^2) = 9 * 0.16 / (2 * 0.04 * 0.04)
    assert np.allclose(found, 0.02 * (1 + 1.44 / 0.0032) * np.exp(-0.4 * t))
    dual = stated.bound("3.10", values, _state(0.02, 0.01), t)
    assert np.allclose(dual, 0.01 * np.exp(-0.4 * t))
    assert stated.rate("chi2-decay", values) == pytest.approx(0.4)
    # K^2 chi2 <= alpha^2 eps^2
    assert stated.size(values, _state(0.02, 0.01)) == pytest.approx(0.18)
    assert stated.level(values) == pytest.approx(0.04)


def test_proposition_b_1_at_known_numbers():
    stated, t = READ.statements["prop-B.1"], np.array([0.0, 2.0])
    values = _values("prop-B.1", _measured([[1.0]], slack=0.0), 0.25)
    # (1 + B0/tau) exp(-2 tau alpha (1 - eps) t) KL
    start = _state(0.0, 0.0, 0.01)
    assert np.allclose(stated.bound("decay", values, start, t), 0.04 * np.exp(-0.3 * t))
    # omega^2 (tau + B_0) KL with omega = (2 B0 / tau) sqrt(2 / tau) = 12
    assert stated.size(values, start) == pytest.approx(144 * 0.02)
    assert stated.level(values) == 0.25**2


def test_constants_of_each_theorem():
    two = _values("thm-4.1", _measured([[0, 2.0], [2.0, 0]]))
    assert (two["K"], two["alpha"], two["eps"]) == (2.0, 0.5, 0.25)
    # Corollary 4.2: alpha_eta = min(alpha_x, eta alpha_y), K -> sqrt(eta) K
    scaled = _values("cor-4.2", _measured([[0, 2.0], [2.0, 0]], timescale=[1.0, 4.0]))
    assert (scaled["alpha"], scaled["K"]) == (1.0, pytest.approx(4.0))
    mixed = [[0, 3, 4], [1, 0, 0], [0, 1, 0]]
    three = _values("thm-5.2", _measured(mixed))
    assert three["K"] == pytest.approx(np.linalg.norm(mixed, 2))
    assert three["alpha"] == 0.5
    # T_i = 3 * 0.2 is the norm of a 3 x 3 matrix of 0.2, T = sqrt(3) T_i
    third = _values("thm-5.1", _measured(mixed, third=0.2))
    assert third["T"] == pytest.approx(np.sqrt(3) * 0.6)


def test_functionals_of_corollary_4_2_know_the_time_scale():
    stated = READ.statements["cor-4.2"]
    values = _values("cor-4.2", _measured([[0, 2.0], [2.0, 0]], timescale=[1.0, 4.0]))
    rows = State(np.array([[1.0, 2.0]]), np.array([[0.3, 0.8]]), np.zeros((1, 2)))
    assert stated.left("chi2-decay", values, rows) == pytest.approx(3.0)
    assert stated.left("dual-decay", values, rows) == pytest.approx(0.3 + 0.8 / 4)


def test_mixed_norm_of_theorem_3_8():
    """At K = 0 and T = 0 the ball is the unit ball: delta = 1, eta = eps/(2 a)."""
    weak = _values("thm-3.8", _measured([[1e-12]]))
    assert weak["delta"] == 1.0
    assert weak["eta"] == pytest.approx(0.2 / 0.8)
    # alpha eps >= eta (A_2 + 2 alpha (a - eps)) is what step 7 needs
    strong = _values("thm-3.8", _measured([[2.0]]))
    second = 2.0**2 / 0.5
    assert 0.2 >= strong["eta"] * (second + 2 * (0.4 - 0.2))
    assert strong["delta"] == pytest.approx(0.2 / 4)
    level = READ.statements["thm-3.8"].level(strong)
    assert level == pytest.approx(strong["eta"] * 0.05**2)


def test_hypotheses_that_fail_are_errors():
    with pytest.raises(ValueError, match=r"thm-3\.2 needs"):
        _values("thm-3.2", _measured([[3.0]], slack=0.6))
    with pytest.raises(ValueError, match="has one temperature"):
        _values("thm-4.1", _measured([[0, 2.0], [2.0, 0]], temperature=[0.5, 0.6]))
    with pytest.raises(ValueError, match="does not have these time scales"):
        _values("thm-4.1", _measured([[0, 2.0], [2.0, 0]], timescale=[1.0, 4.0]))
    with pytest.raises(ValueError, match=r"prop-B\.1.* needs"):
        _values("prop-B.1", _measured([[1.0]], slack=0.1))


def test_unknown_conclusions_are_refused():
    values = _values("thm-3.2", _measured([[3.0]]))
    with pytest.raises(ValueError, match=r"no step 'rate'.*chi2-decay"):
        READ.statements["thm-3.2"].bound("rate", values, _state(1.0, 1.0), np.zeros(1))


def test_statements_about_other_things_are_refused():
    with pytest.raises(ValueError, match=r"lem-3\.9 has no single hypothesis"):
        Stated.of(load(PROOFS).statements["lem-3.9"]).level({})


def test_folders_without_the_theorems_are_refused(tmp_path):
    paper = tmp_path / "paper"
    paper.mkdir()
    (paper / "__init__.py").write_text("")
    (paper / "paper.toml").write_text("items = []\n")
    (paper / "empty.py").write_text("x = 1\n")
    with pytest.raises(ValueError, match=r"no statement thm-3\.2"):
        StatedTheorems.load(tmp_path)


@pytest.mark.parametrize("theorem", THEOREMS)
def test_the_bound_holds_inside_and_at_the_edge(theorem):
    case = instance(theorem, 0, 0, READ)
    for regime, size in (("inside", 0.25), ("edge", 1.0)):
        start = case.start(regime)
        found = case.claim.size(case.flow.functionals(start))
        assert found == pytest.approx(size * case.claim.size_of_ball, rel=1e-6)
        run = case.run(start, Limits(tolerance=1e-6))
        outcome = judge(case, run)
        assert outcome["bound"] == "holds", outcome
        assert not outcome["lyapunov_grows"]
    assert case.claim.limit <= case.spectrum.rate * (1 + 1e-6)


def test_a_bound_that_is_too_good_is_seen_to_be_violated():
    from attrs import evolve

    case = instance("thm-3.2", 0, 0, READ)
    values = {**case.claim.values, "alpha": 5 * case.claim.values["alpha"]}
    faster = evolve(case.claim, values=values)
    case = evolve(case, claim=faster)
    run = case.run(0.3 * case.most * case.unit, Limits(tolerance=1e-6))
    assert judge(case, run)["bound"] == "violated"


def test_a_run_without_time_is_undecided():
    case = instance("thm-3.2", 0, 0, READ)
    run = case.run(case.start("edge"), Limits(tolerance=1e-10, seconds=0.01))
    found = judge(case, run)
    assert found["bound"] == "undecided"
    assert "no time left" in found["reason"]
    assert np.isnan(found["measured"])


def test_chi2_first_grows_while_the_dual_norm_decreases():
    from mflverify.dynamics.simulation import simulate
    from mflverify.studies.conclusion_figures import growing_instance

    case, growth = growing_instance("thm-3.2", 0, READ)
    start = case.start("inside")
    run = simulate(case.flow, start, 1e-4, outputs=1, limits=Limits(tolerance=1e-9, tail=1e-6))
    chi2 = run.chi2.sum(axis=1)
    slope = np.log(chi2[1] / chi2[0]) / 1e-4
    assert slope == pytest.approx(growth, rel=0.15)  # the datum is small, not infinitesimal
    assert np.all(np.diff(case.claim.lyapunov(run)) < 0)


def test_a_draw_without_growth_is_not_the_last():
    """Seed 9: chi2 grows along no datum for the first interaction, however strong it is."""
    from mflverify.studies.conclusion_figures import growing_instance

    case, growth = growing_instance("thm-3.8", 9, READ)
    assert growth > min(case.model.temperatures)


def test_fastest_growth_is_minus_the_decay_for_a_symmetric_operator():
    """Uniform law: L and M commute, so no datum does better than the spectrum."""
    from mflverify.dynamics.interaction import Kernel
    from mflverify.dynamics.torus_flow import TorusFlow
    from mflverify.dynamics.torus_grid import TorusGrid
    from mflverify.dynamics.torus_model import mean_field_langevin
    from mflverify.dynamics.trigonometric import TrigSeries

    kernel = Kernel(TrigSeries(1, {(1,): (-1.2, 0.0)}))
    flow = TorusFlow(mean_field_langevin(TrigSeries(1, {}), 1.0, kernel), TorusGrid(1, 12))
    assert fastest_growth(flow)[0] == pytest.approx(-0.8)


@pytest.mark.slow
def test_rows_are_reproducible():
    first = conclusion_rows("thm-4.1", 3, 5, READ)
    again = conclusion_rows("thm-4.1", 3, 5, READ)
    assert repr(first) == repr(again)
    assert repr(first) != repr(conclusion_rows("thm-4.1", 3, 6, READ))
