"""Bounds read from the proofs, and the constants that each theorem puts into them."""

from pathlib import Path

import numpy as np
import pytest

from mflverify.dynamics.constants import Constants
from mflverify.dynamics.simulation import Limits
from mflverify.studies.closing import Closing, Premises, premises
from mflverify.studies.conclusions import conclusion_rows, instance, judge
from mflverify.studies.growth import fastest_growth
from mflverify.studies.theorems import THEOREMS, MixedClaim

PROOFS = Path(__file__).parents[2] / "proofs"
CLOSING = Closing.load(PROOFS)
GIVEN = Premises(alpha=0.9, a=0.4, tau=0.5, eps=0.2, K1=1.1, K2=1.2)


def test_bounds_of_lemma_q_at_known_numbers():
    t = np.array([0.0, 1.0, 2.5])
    chi2 = CLOSING.quadratic.bound("chi2-decay", GIVEN.values, (0.01, 0.02), t)
    dual = CLOSING.quadratic.bound("dual-decay", GIVEN.values, (0.01, 0.02), t)
    assert np.allclose(dual, 0.01 * np.exp(-0.36 * t))
    # K2^2 a^2 / (2 alpha^2 eps^2 (a - eps)^2) = 1.44 * 0.16 / (2 * 0.81 * 0.04 * 0.04)
    assert np.allclose(chi2, 0.02 * (1 + 0.2304 / 0.002592) * np.exp(-0.36 * t))


def test_proposition_b_1_at_known_numbers():
    values = {"alpha": 0.4, "tau": 0.5, "eps": 0.25, "B0": 1.5}
    t = np.array([0.0, 2.0])
    # (1 + B0/tau) exp(-2 tau alpha (1 - eps) t) KL
    found = CLOSING.entropy.bound("decay", values, (0.01, 0.0), t)
    assert np.allclose(found, 0.04 * np.exp(-0.3 * t))
    # omega^2 (tau + B0) KL with omega = (2 B0 / tau) sqrt(2 / tau) = 12
    assert CLOSING.entropy.functional(values, np.array([0.01]), t[:1]) == pytest.approx(144 * 0.02)
    assert CLOSING.entropy.level(values) == 0.25**2


def test_unknown_conclusions_are_refused():
    with pytest.raises(ValueError, match=r"no step 'rate'.*chi2-decay"):
        CLOSING.quadratic.bound("rate", GIVEN.values, (1.0, 1.0), np.zeros(1))


def test_folders_without_the_lemma_are_refused(tmp_path):
    paper = tmp_path / "paper"
    paper.mkdir()
    (paper / "__init__.py").write_text("")
    (paper / "paper.toml").write_text("items = []\n")
    (paper / "empty.py").write_text("x = 1\n")
    with pytest.raises(ValueError, match="no statement lem-Q"):
        Closing.load(tmp_path)


def _constants(mixed, *, timescale=None, slack=0.1):
    n = len(mixed)
    return Constants(
        alpha=np.array([1.0, 0.5, 2.0][:n]),
        temperature=np.full(n, 0.5),
        timescale=np.ones(n) if timescale is None else np.array(timescale),
        slack=slack,
        mixed=np.array(mixed, dtype=float),
        third=np.zeros((n, n, n)),
        second=np.zeros((n, n)),
    )


def test_premises_of_each_theorem():
    one = premises("thm-3.2", _constants([[3.0]]), 0.5)
    assert (one.a, one.eps, one.K1, one.K2, one.alpha) == (0.4, 0.2, 3.0, 3.0, 1.0)
    assert one.radius == pytest.approx((0.2 / 3) ** 2)
    two = premises("thm-4.1", _constants([[0, 2.0], [2.0, 0]]), 0.5)
    assert (two.a, two.K2, two.alpha) == (0.5, 2.0, 0.5)
    assert two.K1 == pytest.approx(np.sqrt(2))
    # Corollary 4.2: alpha_eta = min(alpha_x, eta alpha_y), K -> sqrt(eta) K
    scaled = premises("cor-4.2", _constants([[0, 2.0], [2.0, 0]], timescale=[1.0, 4.0]), 0.5)
    assert (scaled.alpha, scaled.K2) == (1.0, 4.0)
    three = premises("thm-5.2", _constants([[0, 3, 4], [1, 0, 0], [0, 1, 0]]), 0.5)
    assert three.K1 == pytest.approx(5.0)
    assert three.K2 == pytest.approx(np.linalg.norm([[0, 3, 4], [1, 0, 0], [0, 1, 0]], 2))


def test_premises_that_fail_are_errors():
    with pytest.raises(ValueError, match="slack below the temperature"):
        premises("thm-3.2", _constants([[3.0]], slack=0.6), 0.5)
    with pytest.raises(ValueError, match=r"thm-3\.8 does not end"):
        premises("thm-3.8", _constants([[3.0]]), 0.5)


def test_mixed_norm_of_theorem_3_8():
    """At K = 0 and T = 0 the ball is the unit ball: delta = 1, eta = eps/(2 a)."""
    found = MixedClaim.of(_constants([[1e-12]]), 0.5, CLOSING)
    assert found.values["delta"] == 1.0
    assert found.values["eta"] == pytest.approx(0.2 / 0.8)
    # alpha eps >= eta (A_2 + 2 alpha (a - eps)) is what step 7 needs
    strong = MixedClaim.of(_constants([[2.0]]), 0.5, CLOSING)
    second = 2.0**2 / 0.5
    assert 0.2 >= strong.values["eta"] * (second + 2 * (0.4 - 0.2))
    assert strong.values["delta"] == pytest.approx(0.2 / 4)
    assert strong.size_of_ball == pytest.approx(strong.values["eta"] * 0.05**2)


def test_parameters_that_no_hypothesis_bounds_are_refused():
    values = {"alpha": 1.0, "tau": 0.5, "a": 0.4, "eps": 0.2, "K": 1.0, "T": 1.0}
    with pytest.raises(ValueError, match="no hypothesis of lem-mixed bounds eps"):
        CLOSING.mixed.largest("eps", values)
    with pytest.raises(ValueError, match="not linear in K"):
        CLOSING.mixed.largest("K", {**values, "delta": 1.0, "eta": 1.0})


@pytest.mark.parametrize("theorem", THEOREMS)
def test_the_bound_holds_inside_and_at_the_edge(theorem):
    case = instance(theorem, 0, 0, CLOSING)
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

    case = instance("thm-3.2", 0, 0, CLOSING)
    faster = evolve(case.claim, given=evolve(case.claim.given, alpha=5 * case.claim.given.alpha))
    case = evolve(case, claim=faster)
    run = case.run(0.3 * case.most * case.unit, Limits(tolerance=1e-6))
    assert judge(case, run)["bound"] == "violated"


def test_a_run_without_time_is_undecided():
    case = instance("thm-3.2", 0, 0, CLOSING)
    run = case.run(case.start("edge"), Limits(tolerance=1e-10, seconds=0.01))
    found = judge(case, run)
    assert found["bound"] == "undecided"
    assert "no time left" in found["reason"]
    assert np.isnan(found["measured"])


def test_chi2_first_grows_while_the_dual_norm_decreases():
    from mflverify.dynamics.simulation import simulate
    from mflverify.studies.conclusion_figures import growing_instance

    case, growth = growing_instance("thm-3.2", 0, CLOSING)
    start = case.start("inside")
    run = simulate(case.flow, start, 1e-4, outputs=1, limits=Limits(tolerance=1e-9, tail=1e-6))
    chi2 = run.chi2.sum(axis=1)
    slope = np.log(chi2[1] / chi2[0]) / 1e-4
    assert slope == pytest.approx(growth, rel=0.15)  # the datum is small, not infinitesimal
    assert np.all(np.diff(case.claim.lyapunov(run)) < 0)


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
    first = conclusion_rows("thm-4.1", 3, 5, CLOSING)
    again = conclusion_rows("thm-4.1", 3, 5, CLOSING)
    assert repr(first) == repr(again)
    assert repr(first) != repr(conclusion_rows("thm-4.1", 3, 6, CLOSING))
