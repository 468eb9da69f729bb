"""cvc5 beside z3: agreement, disagreement and absence are all told."""

import sys

import pytest

from mflverify.engines import second_solver
from mflverify.engines.logical import judge
from mflverify.engines.scalar import prove
from mflverify.engines.second_solver import SecondOpinion, second_opinion
from mflverify.expr import Parameter
from mflverify.proof import Logical, Statement
from mflverify.proof.kernel import examine

a, b = Parameter("a", "positive"), Parameter("b", "positive")
SQUARE = "(declare-fun x () Real)\n(assert (< (* x x) {}))\n(check-sat)\n"


def obligation(claim, given=()):
    return examine(Statement("s", "t", given=given).step("c", claim))[-1]


def test_both_solvers_agree():
    pytest.importorskip("cvc5")
    assert second_opinion(SQUARE.format("0.0"), unsatisfiable=True).opinion == "agrees"
    assert second_opinion(SQUARE.format("1.0"), unsatisfiable=False).opinion == "agrees"
    assert prove(obligation(a**2 <= a)).second == SecondOpinion("agrees", "cvc5 agrees")
    assert prove(obligation(a * b <= a**2, [b <= a])).second.opinion == "agrees"


def test_a_contradiction_is_told():
    pytest.importorskip("cvc5")
    found = second_opinion(SQUARE.format("0.0"), unsatisfiable=False)
    assert found.opinion == "contradicts"
    assert "cvc5 says unsat" in found.sentence


def test_no_answer_is_told():
    pytest.importorskip("cvc5")
    silent = (sys.executable, "-c", "raise SystemExit(1)")
    found = second_opinion(SQUARE.format("0.0"), unsatisfiable=True, command=silent)
    assert found.opinion == "no answer"
    assert "gave no answer" in found.sentence


def test_absence_is_told(monkeypatch):
    monkeypatch.setattr(second_solver, "find_spec", lambda name: None)
    step = Statement("s", "t").step("c", a**2 <= a)
    assert "cvc5 is not installed" in judge(step).reason


def test_a_contradiction_leaves_the_step_undecided(monkeypatch):
    said = SecondOpinion("contradicts", "z3 and cvc5 contradict each other: cvc5 says sat")
    monkeypatch.setattr("mflverify.engines.scalar.second_opinion", lambda *_, **__: said)
    finding = judge(Statement("s", "t").step("c", a**2 <= a))
    assert finding.verdict is Logical.UNDECIDED
    assert "contradict each other" in finding.reason
