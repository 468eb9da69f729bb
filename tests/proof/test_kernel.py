"""The kernel's discipline: what may be used where, and what is refused."""

import pytest
from attrs import evolve

from mflverify.engines import logical
from mflverify.engines.logical import judge
from mflverify.expr import (
    Direction,
    Flow,
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    Point,
    SortError,
    Space,
    at_time,
    directional,
    dual_norm,
    exp,
    grad,
    mixed_derivative_sup,
    norm,
    sup_norm,
)
from mflverify.proof import (
    Empirical,
    Logical,
    Statement,
    barrier,
    cauchy_schwarz,
    gronwall,
    poincare_dual,
    supremum,
)

flow = Flow("abstract")
other_flow = Flow("other")
X, Y = flow.quantity("X"), flow.quantity("Y")
a, w = Parameter("a", "positive"), Parameter("w", "nonnegative")
t = Parameter("t", "nonnegative")
S = Space("S")
f = FunctionSymbol("f", S, "perturbation")
M = KernelSymbol("M", S, S)


def verdict(step):
    return judge(step).verdict


@pytest.mark.parametrize("value", [Logical.PROVED, Empirical.UNDECIDED, norm(f), norm(f) <= 1])
def test_nothing_has_a_truth_value(value):
    with pytest.raises(TypeError, match="truth value"):
        bool(value)


def test_gronwall():
    s = Statement("s", "decay", given=[flow.derivative(X) <= -a * X])
    step = s.conclude(
        "decay", at_time(X, t) <= exp(-a * t) * at_time(X, 0), because=[gronwall(X, a, flow, t)]
    )
    assert verdict(step) is Logical.FACT


def test_gronwall_with_the_wrong_sign():
    s = Statement("s", "growth", given=[flow.derivative(X) <= a * X])
    step = s.conclude(
        "decay", at_time(X, t) <= exp(-a * t) * at_time(X, 0), because=[gronwall(X, a, flow, t)]
    )
    assert verdict(step) is Logical.OPEN


def test_rates_must_be_constant():
    with pytest.raises(SortError, match="must be constant"):
        gronwall(X, Y, flow, t)


def test_an_assumption_does_not_leak():
    inside = w * X <= a
    s = Statement("s", "leak", given=[w * at_time(X, 0) <= a])
    local = s.step("local", X <= a / a * X, assuming=[inside])
    step = s.step("use", X >= 0, because=[local])
    assert "rests on an assumption" in judge(step).reason


def test_gronwall_does_not_see_the_assumption_of_its_step():
    inside = w * X <= a
    s = Statement("s", "leak", given=[])
    local = s.step("local", flow.derivative(X) <= -a * X, assuming=[inside])
    step = s.step(
        "decay",
        at_time(X, t) <= exp(-a * t) * at_time(X, 0),
        because=[local, gronwall(X, a, flow, t)],
        assuming=[inside],
    )
    assert verdict(step) is Logical.OPEN


def test_a_barrier_needs_a_small_start():
    inside = w * X <= a
    s = Statement("s", "no start")
    local = s.step("local", flow.derivative(X) <= -a * X, assuming=[inside])
    step = s.step("stays", inside, because=[local, barrier(X, w, a, a, flow, t)])
    assert verdict(step) is Logical.OPEN


def test_a_supremum_needs_a_generic_point():
    x, v = Point("x", S), Direction("v", S)
    c = Parameter("c", "positive")
    value = abs(directional(grad(f), x, v))
    s = Statement("s", "one point only", given=[value <= c])
    step = s.step("sup", sup_norm(grad(f)) <= c, because=[supremum(grad(f), c, x, v)])
    assert "restricted" in judge(step).reason


def test_a_lemma_needs_its_hypotheses():
    K = Parameter("K", "positive")
    lemma = Statement("lemma", "bounded", given=[mixed_derivative_sup(M) <= K])
    lemma.conclude("bound", mixed_derivative_sup(M) <= 2 * K)
    user = Statement("user", "without the hypothesis")
    step = user.step("use", mixed_derivative_sup(M) <= 2 * K, because=[lemma])
    assert verdict(step) is Logical.OPEN
    with_it = Statement("with", "with it", given=[mixed_derivative_sup(M) <= K])
    assert (
        verdict(with_it.step("use", mixed_derivative_sup(M) <= 2 * K, because=[lemma]))
        is Logical.LEMMA
    )


def test_signs_of_parameters_are_premises():
    c = Parameter("c", "positive")
    lemma = Statement("lemma", "positive constants")
    lemma.conclude("sign", 0 < c)
    user = Statement("user", "a difference of unknown sign")
    step = user.step("use", 0 < a - w, because=[lemma.at({c: a - w})])
    assert verdict(step) is not Logical.LEMMA
    assert judge(step).reason


def test_later_steps_are_not_reasons():
    s = Statement("s", "order")
    first = s.step("first", norm(f) >= 0)
    second = s.step("second", norm(f) >= 0)
    object.__setattr__(first, "because", (second,))
    assert "not an earlier step" in judge(first).reason


def test_a_known_false_claim_is_no_reason():
    s = Statement("s", "acknowledged")
    right = s.step("right", norm(f) >= 0)
    wrong = s.step("wrong", norm(f) <= 0, acknowledged=right)
    assert "known to be false" in judge(s.step("use", norm(f) <= 0, because=[wrong])).reason


def test_unestablished_facts_stay_open():
    s = Statement("s", "a factor lost")
    step = s.step("gap", 3 * dual_norm(f) ** 2 <= norm(f) ** 2, because=[poincare_dual(f)])
    assert verdict(step) is Logical.OPEN


def test_constants_give_a_rational_counterexample():
    s = Statement("s", "constants")
    finding = judge(s.step("false", a**2 <= a))
    assert finding.verdict is Logical.DISPROVED
    (discharge,) = finding.discharges
    ((_, value),) = discharge.solver.counterexample
    assert float(value) > 1


def test_a_counterexample_is_tried_on_the_formula(monkeypatch):
    """Values that do not violate the claim when it is evaluated disprove nothing."""
    s = Statement("s", "constants")
    step = s.step("false", a**2 <= a)
    honest = logical.prove
    wrong = ((a, "1/2"),)
    monkeypatch.setattr(logical, "prove", lambda o: evolve(honest(o), counterexample=wrong))
    assert judge(step).verdict is Logical.OPEN


def test_uses_are_what_was_needed():
    s = Statement("s", "uses", given=[w <= a])
    spare = s.step("spare", norm(f) >= 0)
    step = s.step(
        "needed", w * dual_norm(f) <= a * dual_norm(f), because=[spare, cauchy_schwarz(f, f)]
    )
    finding = judge(step)
    assert finding.verdict is Logical.PROVED
    assert finding.uses == ("hypothesis 1",)


def test_a_vanishing_denominator_is_not_proved():
    c = Parameter("c", "nonnegative")
    s = Statement("s", "division")
    assert verdict(s.step("one", c / c <= 1)) is Logical.OPEN  # c may be 0
    assert verdict(s.step("two", a / c <= a / c + w / c)) is Logical.OPEN
    sure = Statement("sure", "division", given=[0 < c])
    assert verdict(sure.step("one", c / c <= 1)) is Logical.PROVED
