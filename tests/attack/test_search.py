"""Ascent finds known extremal instances, and nothing certain above 1 where a claim is true."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from attrs import evolve
from click.testing import CliRunner

from mflverify.attack.ascent import Chart, ascend, widened
from mflverify.attack.certify import certify
from mflverify.attack.constants import attack, constant_of_fact, numeric_factor, rounded_down
from mflverify.attack.ratio import Ratio
from mflverify.attack.search import Effort, families, search
from mflverify.cli import main
from mflverify.expr import (
    Flow,
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    Space,
    dual_norm,
    grad,
    mixed_derivative_sup,
    norm,
    poincare_constant,
    sqrt,
    sup_norm,
)
from mflverify.ledger import read
from mflverify.models import InstanceData, Request, TorusFamily, interpret
from mflverify.proof import log_pairing

ROOT = Path(__file__).parents[2]
X, Y = Space("X"), Space("Y")
f = FunctionSymbol("f", X, "perturbation")
g = FunctionSymbol("g", Y, "perturbation")
M = KernelSymbol("M", source=Y, target=X)
S = KernelSymbol("S", source=X, target=X, symmetric=True)
K, alpha = Parameter("K", "positive"), Parameter("alpha", "positive")
LEMMA = sup_norm(grad(M(g))) <= K * dual_norm(g)
BOUND = (mixed_derivative_sup(M) <= K,)
GAP = alpha * dual_norm(f) ** 2 <= norm(f) ** 2
LIGHT = Effort(size=200, rounds=3, starts=1, iterations=25, modes=())


def test_the_first_eigenfunction_attains_the_spectral_gap():
    found = attack(GAP, (alpha <= poincare_constant(X),), "gap", 0, LIGHT)
    assert found.best is not None
    assert (found.best.attained, found.best.arithmetic, found.best.ratio) == (True, "exact", 1.0)
    assert set(found.best.data.functions["f"][3:]) <= {0}  # modes above the first vanish
    ratio, request = Ratio.of(GAP), Request.of(GAP, hypotheses=(alpha <= poincare_constant(X),))
    assert ratio.is_attained(interpret(found.best.data, request, "exact"))


def test_lemma_3_9_comes_close_and_stays_below_one():
    found = attack(LEMMA, BOUND, "lemma", 0, evolve(LIGHT, starts=4, iterations=50))
    assert found.best is not None
    assert 0.85 < found.best.ratio < 1
    assert not found.best.attained


def test_half_of_a_constant_is_certainly_exceeded():
    half = sup_norm(grad(M(g))) <= K / 2 * dual_norm(g)
    found = attack(half, BOUND, "half", 0, LIGHT)
    assert found.best is not None
    assert found.best.ratio > 1.5


def test_constants_of_an_abstract_flow():
    flow = Flow("abstract")
    x, y = flow.quantity("X"), flow.quantity("Y")
    claim = 2 * sqrt(x) * sqrt(y) <= x + y
    found = attack(claim, (alpha * x <= y,), "young", 0, LIGHT)
    assert found.best is not None
    assert 0.9999 < found.best.ratio <= 1


def test_ascent_only_goes_up_and_keeps_symmetry():
    claim = Ratio.of(norm(S(f)) <= mixed_derivative_sup(S) * dual_norm(f))
    request = Request.of(claim.relation)
    batch = TorusFamily().draw(request, np.random.default_rng(1), 4)
    for index in range(batch.size):
        single = batch.take(np.array([index]))
        summit = ascend(single, lambda b: claim.floats(b.evaluate), 10)
        assert summit.ratio >= claim.floats(single.evaluate)[0]
        matrix = summit.batch.raw.arrays["kernel", "S"][0]
        assert np.array_equal(matrix, matrix.T)


def test_a_chart_is_the_instance_itself_at_its_own_vector():
    batch = TorusFamily().draw(Request.of(LEMMA, hypotheses=BOUND), np.random.default_rng(2), 1)
    chart = Chart.of(batch)
    again = chart.batch(chart.vector()[None])
    assert np.array_equal(batch.evaluate(LEMMA.lhs), again.evaluate(LEMMA.lhs))


def test_widening_changes_nothing_by_itself():
    batch = TorusFamily().draw(Request.of(LEMMA, hypotheses=BOUND), np.random.default_rng(3), 5)
    wide = widened(batch, 9)
    assert wide.raw.arrays["kernel", "M"].shape[1:] == (19, 19)
    assert np.allclose(batch.evaluate(LEMMA.lhs), wide.evaluate(LEMMA.lhs), rtol=1e-12)


def test_what_cannot_be_certified_is_not_reported():
    request = Request.of(LEMMA, hypotheses=BOUND)
    family = next(f for f in families(request) if f.name == "torus")
    summits = search(Ratio.of(LEMMA), request, family, [0], LIGHT)
    empty = evolve(summits[0], ratio=2.0)  # floats may claim what they like
    best = certify(Ratio.of(LEMMA), request, [empty])
    assert best is not None
    assert best.ratio < 1


def test_a_side_that_is_nothing_has_ratio_zero_and_is_certified():
    claim = 0 <= norm(f) ** 2
    found = attack(claim, (), "nothing", 0, LIGHT)
    assert found.best is not None
    assert found.best.ratio == 0


def test_the_sharpest_conclusion_of_a_fact_counts():
    found = constant_of_fact(log_pairing, log_pairing(f), 0, LIGHT)  # 0 <= ... is its first
    assert 0.5 < float(found.best_ratio) < 1


@pytest.mark.parametrize(("ratio", "text"), [(1.0, "1.000000000"), (0.99999999996, "0.999999999")])
def test_ratios_are_rounded_down(ratio, text):
    assert rounded_down(ratio) == text
    assert float(rounded_down(ratio)) <= ratio


def test_the_number_in_front():
    assert numeric_factor(sqrt(2) * K * norm(f)) == "√2"
    assert numeric_factor(norm(f)) == "1"
    assert numeric_factor(2 * norm(f)) == "2"


# ------------------------------------------------------------------------------- the command

PROOF = """
from mflverify.expr import FunctionSymbol, Parameter, Space, dual_norm, norm, poincare_constant
from mflverify.proof import Statement, poincare_dual
X = Space("X")
f = FunctionSymbol("f", X, "perturbation")
alpha = Parameter("alpha", "positive")
gap = Statement("gap", "The gap", given=[alpha <= poincare_constant(X)])
gap.step("loose", alpha * dual_norm(f) ** 2 <= 3 * norm(f) ** 2, because=[poincare_dual(f)])
gap.conclude("gap", alpha * dual_norm(f) ** 2 <= norm(f) ** 2, because=[poincare_dual(f)])
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "proofs" / "paper").mkdir(parents=True)
    (tmp_path / "proofs" / "paper" / "gap.py").write_text(PROOF)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def constants(*arguments):
    return CliRunner().invoke(main, ["constants", "--jobs", "1", *arguments])


def test_the_table_tells_a_sharp_constant_from_a_loose_one(folder):
    result = constants("gap")
    assert result.exit_code == 0, result.output
    records = {r.step: r for r in read(folder / "reports" / "constants.json").constants}
    assert records["gap/gap"].attained
    loose = records["gap/loose"]
    assert (loose.stated, loose.attained, loose.best_ratio[:7]) == ("3", False, "0.33333")
    assert "improvable: the same reasons prove it with 0.33" in loose.note


def test_the_page_of_constants_counts_and_quotes(folder):
    _, head, page = constants("gap", "--markdown").output.partition(
        "# How sharp the constants are\n"
    )
    assert head  # what comes before is progress, told on a slow machine
    assert "2 inequalities: 1 attained, 0 more certainly within 0.001 of it; 1 improvable" in page
    assert "\n## `gap`\n" in page
    row = next(line for line in page.splitlines() if line.startswith("| `loose` | 3 | 0.33333"))
    assert "improvable: the same reasons prove it with 0.33" in row
    assert "| `gap` | 1 | attained | exact |" in page
    assert "written to" not in page


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes(folder):
    constants("gap", "--no-cache")
    first = (folder / "reports" / "constants.json").read_bytes()
    program = "from mflverify.cli import main; main()"
    subprocess.run(
        [sys.executable, "-c", program, "constants", "gap", "--no-cache", "--jobs", "2"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    assert (folder / "reports" / "constants.json").read_bytes() == first


def test_a_false_inequality_fails_with_its_instance(folder):
    file = folder / "proofs" / "paper" / "gap.py"
    file.write_text(PROOF.replace("<= norm(f) ** 2,", "<= norm(f) ** 2 / 2,"))
    result = constants("gap/gap")
    assert result.exit_code == 1
    assert "false, ratio" in result.output
    (record,) = json.loads((folder / "reports" / "constants.json").read_text())["constants"]
    assert InstanceData.from_json(record["data"]).family == "torus"


def test_every_fact_is_listed(folder):
    result = constants("facts")
    assert result.exit_code == 0, result.output
    records = read(folder / "reports" / "constants.json").constants
    assert len(records) > 10
    dual = next(r for r in records if r.step == "facts/poincare-dual")
    assert dual.attained
    assert dual.known_sharp.startswith("optimal by definition")
    unused = next(r for r in records if r.step == "facts/cauchy-schwarz")
    assert (unused.best_ratio, unused.note) == ("", "no proof applies it")


def test_an_unknown_label_is_refused(folder):
    assert constants("gap/nothing").exit_code == 2
