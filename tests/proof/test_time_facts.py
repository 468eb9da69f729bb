"""Facts about time, on solutions that are known in closed form: one attains equality, one does not."""

from collections.abc import Callable

import numpy as np
import pytest
from attrs import frozen

from mflverify.expr import Flow, Parameter, as_term
from mflverify.models.evaluation import Evaluator
from mflverify.models.float_torus import FloatTorus
from mflverify.proof import LIBRARY

FACTS = {fact.label: fact for fact in LIBRARY}
a, b, c = (Parameter(name, "positive") for name in "abc")
s, t = Parameter("s", "nonnegative"), Parameter("t", "nonnegative")
flow = Flow("abstract")
P, Q = flow.quantity("P"), flow.quantity("Q")
TIMES = np.linspace(0.0, 4.0, 81)
VALUES = {a: 0.7, b: 0.4, c: 0.9, s: 0.0}
TOLERANCE = 1e-12

Curve = Callable[[np.ndarray], np.ndarray]


@frozen
class Solution:
    """P and Q as functions of time, with their derivatives."""

    P: Curve
    dP: Curve
    Q: Curve = np.zeros_like
    dQ: Curve = np.zeros_like

    def faster(self) -> "Solution":
        """The same, growing where it should not."""
        return Solution(
            lambda x: self.P(x) * (1 + x),
            lambda x: self.dP(x) * (1 + x) + self.P(x),
            self.Q,
            self.dQ,
        )


def decaying(rate: float, size: float = 0.8) -> Solution:
    return Solution(lambda x: size * np.exp(-rate * x), lambda x: -rate * size * np.exp(-rate * x))


def bernoulli() -> Solution:
    """sqrt(P) = e^{-at} z / (1 - (b z/a)(1 - e^{-at})) with z = sqrt(P(0)) = 1/2."""

    def root(x: np.ndarray) -> np.ndarray:
        decay = np.exp(-0.7 * x)
        return decay * 0.5 / (1 - 0.4 * 0.5 / 0.7 * (1 - decay))

    return Solution(
        lambda x: root(x) ** 2, lambda x: -2 * 0.7 * root(x) ** 2 + 2 * 0.4 * root(x) ** 3
    )


def forced(share: float) -> Solution:
    """P' = -aP + cQ with Q = share b e^{-(a + b) t}: rate a, gap b, force c, size b."""

    def Q(x: np.ndarray) -> np.ndarray:
        return share * 0.4 * np.exp(-1.1 * x)

    def P(x: np.ndarray) -> np.ndarray:
        return np.exp(-0.7 * x) * (0.8 + 0.9 * share * (1 - np.exp(-0.4 * x)))

    return Solution(P, lambda x: -0.7 * P(x) + 0.9 * Q(x), Q, lambda x: -1.1 * Q(x))


CASES = {
    "gronwall": ((P, a, flow, t), [decaying(0.7), decaying(1.3)]),
    "barrier": ((P, b, c, a, flow, t), [decaying(0.7), decaying(1.3)]),
    "bernoulli": ((P, a, b, flow, t), [bernoulli(), decaying(1.4, 0.25)]),
    "forced-decay": ((P, Q, a, b, c, b, flow, t), [forced(1.0), forced(0.3)]),
    "gronwall-from": ((P, a, flow, s, t), [decaying(0.7), decaying(1.3)]),
    "gronwall-below": ((P, a, flow, t), [decaying(0.7), decaying(0.2)]),
    "exponential": ((P, a, flow, t), [decaying(0.7), decaying(0.7, 2.0)]),
    "decreasing": ((P, flow, s, t), [decaying(0.0), decaying(1.3)]),
}


def evaluator(solution: Solution, at: np.ndarray) -> Evaluator:
    backend = FloatTorus({}, len(TIMES))
    constants = {p: np.full(len(TIMES), x) for p, x in VALUES.items()} | {t: TIMES}

    def moment(x: np.ndarray) -> Evaluator:
        return Evaluator(backend, {**constants, P: solution.P(x), Q: solution.Q(x)})

    times = {t: moment(TIMES), as_term(0): moment(0 * TIMES), s: moment(0 * TIMES)}
    state = {**constants, P: solution.P(at), Q: solution.Q(at)}
    return Evaluator(backend, state, {P: solution.dP(at), Q: solution.dQ(at)}, times)


def holds(relation, solution: Solution) -> np.ndarray:
    """Where a relation holds along the solution, up to rounding."""
    at = evaluator(solution, TIMES)
    lhs, rhs = at(relation.lhs), at(relation.rhs)
    slack = TOLERANCE * (np.abs(lhs) + np.abs(rhs))
    return {
        "eq": np.abs(lhs - rhs) <= slack,
        "le": lhs <= rhs + slack,
        "lt": lhs < rhs,
    }[relation.kind]


def premises_hold(content, solution: Solution) -> bool:
    return all(
        np.all(
            holds(premise.claim, solution)
            | ~np.all([holds(r, solution) for r in premise.assuming] or [TIMES >= 0], axis=0)
        )
        for premise in content.premises
    )


@pytest.mark.parametrize("label", CASES)
def test_the_fact_holds_on_its_solutions(label):
    arguments, solutions = CASES[label]
    content = FACTS[label](*arguments).content
    for solution in solutions:
        assert premises_hold(content, solution)
        for claim in content.conclusions:
            assert np.all(holds(claim, solution)), claim


@pytest.mark.parametrize("label", CASES)
def test_equality_is_attained_or_approached(label):
    arguments, (sharp, _) = CASES[label]
    claim = FACTS[label](*arguments).content.conclusions[-1]
    at = evaluator(sharp, TIMES)
    gap = np.abs(at(claim.rhs) - at(claim.lhs)) / np.abs(at(claim.rhs))
    # forced decay bounds the integral (1 - exp(-bt))/b by 1/b
    missing = 0.9 * np.exp(-0.4 * TIMES) / (0.8 + 0.9) if label == "forced-decay" else 0 * TIMES
    assert np.allclose(gap, missing, atol=1e-12)


@pytest.mark.parametrize("label", CASES)
def test_a_curve_that_grows_too_fast_is_noticed(label):
    """Nothing here passes for want of a premise: the curve breaks one, and the conclusion too."""
    arguments, (sharp, _) = CASES[label]
    content = FACTS[label](*arguments).content
    wrong = sharp.faster()
    if label == "gronwall-below":  # from below, growing is what is claimed
        wrong = decaying(1.3)
    assert not premises_hold(content, wrong)
    assert not all(np.all(holds(claim, wrong)) for claim in content.conclusions)
