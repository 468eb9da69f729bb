"""Attacks on the kernel: false proofs, each by another trick.  None may be green.

Every test first shows the honest neighbour that must stay green, or says what is refused and why.
"""

from fractions import Fraction

import pytest
from attrs import evolve

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
    VectorSymbol,
    at_time,
    chi2,
    directional,
    dual_norm,
    equation,
    exp,
    generator,
    inner,
    maximum,
    monotonicity_slack,
    norm,
    relative_entropy,
    sqrt,
)
from mflverify.expr.terms import AtTime, Rational
from mflverify.proof import Fact, Logical, Statement, barrier, cauchy_schwarz, gronwall, slack
from mflverify.proof.loader import load
from mflverify.proof.statement import Application, Content

S, R = Space("S"), Space("R")
f, g = FunctionSymbol("f", S, "perturbation"), FunctionSymbol("g", S, "perturbation")
h = FunctionSymbol("h", S, "mean-zero")
flow, other = Flow("abstract"), Flow("other")
X, Y = flow.quantity("X"), flow.quantity("Y")
Z = other.quantity("Z")
a = Parameter("a", "positive")
c = Parameter("c", "nonnegative")
r = Parameter("r")
t = Parameter("t", "nonnegative")
heat = Flow.of("heat", {f: -generator(f)})
GREEN = {Logical.PROVED, Logical.FACT, Logical.LEMMA}


def green(step):
    return judge(step).verdict in GREEN


def reason(step):
    finding = judge(step)
    assert finding.verdict not in GREEN
    return finding.reason


def lemma(claim, given=(), because=()):
    s = Statement("lemma", "a lemma", given=given)
    assert green(s.conclude("holds", claim, because=because))
    return s


def use(claim, because, given=()):
    return Statement("user", "uses it", given=given).conclude("claim", claim, because=because)


# ------------------------------------------------------------------------------------- names


def test_one_name_with_two_signs():
    step = use(Parameter("r", "positive") + r > 0, [])
    assert "two different things" in reason(step)


def test_one_name_with_two_kinds():
    signed = FunctionSymbol("f", S, "function")
    assert "two different things" in reason(use(inner(signed, f) <= chi2(f) + 1, []))


def test_a_direction_is_no_vector_field_of_that_name():
    """v(x) . v >= 0 would be a square."""
    x, v, field = Point("x", S), Direction("v", S), VectorSymbol("v", S)
    assert "two different things" in reason(use(directional(field, x, v) >= 0, []))


@pytest.mark.parametrize("name", ["f:function S.g", "·", "a b", "a)", "", "a-b"])
def test_names_cannot_forge_keys(name):
    forged = FunctionSymbol(name, S, "function")
    assert "no name" in reason(use(norm(forged) >= 0, []))


# ----------------------------------------------------------------------- uses and the library


def test_circular_lemmas():
    first, second = Statement("first", "uses second"), Statement("second", "uses first")
    one = first.conclude("false", 2 * norm(f) <= norm(f), because=[second])
    two = second.conclude("false", 2 * norm(f) <= norm(f), because=[first])
    assert "circular use: first -> second -> first" in reason(one)
    assert "circular use: second -> first -> second" in reason(two)


def test_a_statement_cannot_use_itself():
    s = Statement("s", "itself")
    s.conclude("false", 2 * norm(f) <= norm(f), because=[])
    assert "circular" in reason(s.conclude("again", 2 * norm(f) <= norm(f), because=[s]))


def test_facts_are_those_of_the_library():
    forged = Fact("cauchy-schwarz", "t", "c", lambda u: Content((2 * norm(u) <= norm(u),)))
    assert "neither a statement nor in the fact library" in reason(
        use(2 * norm(f) <= norm(f), [forged(f)])
    )

    class Forged:
        label = "lem-3.9"

        def content(self, arguments):
            return Content((2 * norm(f) <= norm(f),))

    assert "fact library" in reason(use(2 * norm(f) <= norm(f), [Application(Forged(), ())]))


def test_a_subclass_of_a_statement_is_none():
    class Generous(Statement):
        def content(self, arguments):
            return Content((2 * norm(f) <= norm(f),))

    assert "fact library" in reason(use(2 * norm(f) <= norm(f), [Generous("g", "t").at({})]))


def test_circles_below_a_statement_are_found():
    """A uses B, and B and C use each other: A is told, and nothing runs for ever."""
    top, first, second = (Statement(name, "t") for name in ("top", "first", "second"))
    first.conclude("false", 2 * norm(f) <= norm(f), because=[second])
    second.conclude("false", 2 * norm(f) <= norm(f), because=[first])
    step = top.conclude("false", 2 * norm(f) <= norm(f), because=[first])
    assert "circular use: first -> second -> first" in reason(step)


def test_a_step_of_another_statement_is_no_step_of_this_one():
    """Its proof may use the hypotheses of the other."""
    rich = Statement("rich", "assumes much", given=[2 * norm(f) <= norm(f)])
    false = rich.conclude("false", 2 * norm(f) <= norm(f))
    assert green(false)
    poor = Statement("poor", "assumes nothing")
    poor.steps.append(false)
    assert "has not written its step" in reason(use(2 * norm(f) <= norm(f), [poor]))


def test_a_conclusion_rests_on_no_assumption():
    inside = norm(f) <= a
    s = Statement("s", "conditional")
    local = s.step("local", norm(f) <= a, assuming=[inside])
    assert green(local)
    s.steps[0] = evolve(local, conclusion=True)
    assert "has not written its step" in reason(use(norm(f) <= a, [s]))


def test_steps_that_are_not_written_are_told(tmp_path):
    folder = tmp_path / "proofs" / "paper"
    folder.mkdir(parents=True)
    (folder / "forged.py").write_text(
        "from mflverify.expr import FunctionSymbol, Space, norm\n"
        "from mflverify.proof import Statement\n"
        'f = FunctionSymbol("f", Space("X"), "perturbation")\n'
        "rich = Statement('rich', 'assumes much', given=[2 * norm(f) <= norm(f)])\n"
        "poor = Statement('poor', 'assumes nothing')\n"
        "poor.steps.append(rich.conclude('false', 2 * norm(f) <= norm(f)))\n"
    )
    (problem,) = load(tmp_path / "proofs").problems
    assert problem.step == "poor"
    assert "has not written its step rich/false" in problem.message


def test_statements_that_are_not_read_are_told(tmp_path):
    folder = tmp_path / "proofs" / "paper"
    folder.mkdir(parents=True)
    head = (
        "from mflverify.expr import FunctionSymbol, Space, norm\n"
        "from mflverify.proof import Statement\n"
        'f = FunctionSymbol("f", Space("X"), "perturbation")\n'
        "def hidden():\n"
        '    s = Statement("lem-1", "hidden")\n'
        '    s.conclude("false", 2 * norm(f) <= norm(f))\n'
        "    return s\n"
    )
    (folder / "user.py").write_text(
        f"{head}s = Statement('s', 'uses it')\n"
        "s.conclude('false', 2 * norm(f) <= norm(f), because=[hidden()])\n"
    )
    (problem,) = load(tmp_path / "proofs").problems
    assert problem.step == "s/false"
    assert "lem-1" in problem.message
    assert "not read" in problem.message


# ---------------------------------------------------------------------------- substitutions


def constant_in_time():
    return lemma(equation(at_time(r, t), r))


def test_a_parameter_does_not_become_something_that_moves():
    assert green(use(equation(at_time(2 * a, t), 2 * a), [constant_in_time().at({r: 2 * a})]))
    image = chi2(f)
    step = use(equation(at_time(image, t), image), [constant_in_time().at({r: image})])
    assert "may move" in reason(step)


def test_a_rate_does_not_become_something_that_moves():
    decay = at_time(X, t) <= exp(-a * t) * at_time(X, 0)
    given = [flow.derivative(X) <= -a * X]
    grown = lemma(decay, given, [gronwall(X, a, flow, t)])
    false = at_time(X, t) <= exp(-Y * t) * at_time(X, 0)
    step = use(false, [grown.at({a: Y})], [flow.derivative(X) <= -Y * X, 0 < Y])
    assert "may move" in reason(step)


def test_what_stands_still_along_one_flow_may_move_along_another():
    still = lemma(equation(flow.derivative(chi2(f)), 0))
    step = use(equation(heat.derivative(chi2(f)), 0), [still.at({}, {flow: heat})])
    assert "does not move along" in reason(step)


def test_a_fixed_function_does_not_become_the_state():
    claim = equation(heat.derivative(inner(f, h)), -inner(f, generator(h)))
    fixed = lemma(claim)
    assert green(
        use(
            equation(heat.derivative(inner(f, 2 * h)), -inner(f, generator(2 * h))),
            [fixed.at({h: 2 * h})],
        )
    )
    false = equation(heat.derivative(inner(f, f)), -inner(f, generator(f)))
    assert "does not move along" in reason(use(false, [fixed.at({h: f})]))


def test_a_flow_with_equations_is_not_replaced():
    identity = lemma(equation(heat.derivative(chi2(f)), -2 * inner(f, generator(f))))
    back = Flow.of("backward", {f: generator(f)})
    false = equation(back.derivative(chi2(f)), -2 * inner(f, generator(f)))
    assert "has equations" in reason(use(false, [identity.at({}, {heat: back})]))


def test_two_moving_functions_do_not_become_one():
    pair = Flow.of("pair", {f: -generator(f), g: -2 * generator(g)})
    identity = lemma(equation(pair.derivative(chi2(f)), -2 * inner(f, generator(f))))
    with pytest.raises(SortError, match="two equations"):
        identity.at({g: f}).content  # noqa: B018  (computing it is what must fail)
    assert "two equations" in reason(use(chi2(f) >= 0, [identity.at({g: f})]))


def test_a_density_stays_a_density():
    true = lemma(relative_entropy(f) >= 0)
    assert green(use(relative_entropy(g) >= 0, [true.at({f: g})]))
    about_norms = lemma(norm(f) >= 0)
    assert "is a perturbation" in reason(use(norm(3 * f) >= 0, [about_norms.at({f: 3 * f})]))


def test_a_slack_keeps_its_spaces_apart():
    """For an antisymmetric kernel A on one space the slack is 0, and <f, A g> has any sign."""
    k = FunctionSymbol("k", R, "mean-zero")
    M, A = KernelSymbol("M", R, S), KernelSymbol("A", S, S)
    bound = -monotonicity_slack(M) * (norm(h) ** 2 + norm(k) ** 2) <= inner(h, M(k))
    true = lemma(bound, because=[slack((M,), (h, k))])
    false = -monotonicity_slack(A) * (norm(h) ** 2 + norm(f) ** 2) <= inner(h, A(f))
    assert "two spaces become one" in reason(use(false, [true.at({k: f, M: A})]))


def test_signs_go_with_their_symbols():
    true = lemma(a + 1 > 1)
    assert not green(use(r + 1 > 1, [true.at({a: r})]))


# ------------------------------------------------------------------------ time and flows


def test_two_flows_are_not_confused():
    given = [flow.derivative(X) <= -a * X, other.derivative(Z) <= -a * Z]
    both = Statement("both", "two flows", given=given)
    step = both.conclude(
        "decay", at_time(X, t) <= exp(-a * t) * at_time(X, 0), because=[gronwall(X, a, flow, t)]
    )
    assert "about one flow" in reason(step)


def test_conclusions_of_different_flows_are_not_combined():
    forward = Statement("forward", "decays")
    size = norm(f) ** 2
    rate = forward.step("rate", heat.derivative(size) <= 0, because=[])
    assert green(rate)
    backward = Flow.of("backward", {f: generator(f)})
    decays = Statement("decays", "along the heat flow", given=[heat.derivative(size) <= -a * size])
    decays.conclude(
        "decay",
        at_time(size, t) <= exp(-a * t) * at_time(size, 0),
        because=[gronwall(size, a, heat, t)],
    )
    elsewhere = Statement("elsewhere", "uses it", given=[backward.derivative(size) >= a * size])
    step = elsewhere.conclude("decay", at_time(size, t) <= at_time(size, 0), because=[decays])
    assert "about one flow" in reason(step)


def test_a_moment_is_a_constant():
    step = use(equation(AtTime(AtTime(X, Y), Rational(0)), AtTime(X, Y)), [])
    assert "not a constant" in reason(step)


def test_a_later_value_is_not_the_present_one():
    assert not green(use(X <= a, [], [at_time(X, t) <= a]))
    assert green(use(at_time(X, t) <= a, [], [X <= a]))


def test_an_assumption_is_not_established_by_its_own_use():
    inside = X <= a
    s = Statement("s", "leak")
    local = s.step("local", 2 * X <= 2 * a, assuming=[inside])
    assert green(local)
    assert "rests on an assumption" in reason(s.step("use", inside, because=[local]))


def test_two_assumptions_do_not_lift_each_other():
    first, second = X <= a, Y <= a
    s = Statement("s", "circle", given=[X <= Y, Y <= X])
    one = s.step("one", first, assuming=[second])
    two = s.step("two", second, assuming=[first])
    assert "rests on an assumption" in reason(s.step("both", first, because=[one, two]))


def test_a_barrier_starts_inside():
    s = Statement("s", "no start")
    local = s.step("rate", flow.derivative(X) <= -a * X, assuming=[c * X <= a], because=[])
    assert not green(s.step("in", c * X <= a, because=[local, barrier(X, c, a, a, flow, t)]))


# ------------------------------------------------------------------------------ definedness


def test_a_quotient_of_what_may_vanish():
    assert not green(use(c / c >= 1, []))
    assert not green(use(equation(c / c, 1), []))
    assert green(use(equation(c / c, 1), [], [0 < c]))


def test_a_root_of_what_may_be_negative():
    assert not green(use(equation(sqrt(r) ** 2, r), []))
    assert green(use(equation(sqrt(r) ** 2, r), [], [0 <= r]))


def test_a_fractional_power_of_what_may_be_negative():
    assert not green(use(equation(r ** Fraction(1, 3) * r ** Fraction(2, 3), r), []))
    assert green(use(equation(a ** Fraction(1, 3) * a ** Fraction(2, 3), a), []))


def test_nothing_is_the_largest_of_nothing():
    assert "max of nothing" in reason(use(2 * a <= a, [], [a <= maximum()]))


def test_a_slack_has_positive_weights():
    A = KernelSymbol("A", S, S)
    with pytest.raises(SortError, match="positive"):
        slack((A,), (h,), (0,))


def test_a_fact_is_not_applied_to_what_is_undefined():
    """The conclusion mentions 1/c, which must not be taken to exist for that reason."""
    step = use(0 < c, [cauchy_schwarz(f / c, f)])
    assert "domain of cauchy-schwarz" in reason(step)


def test_a_lemma_is_not_applied_to_what_is_undefined():
    true = lemma(r <= r + 1)
    assert "domain of lemma" in reason(use(1 / c <= 1 / c + 1, [true.at({r: 1 / c})]))


def test_a_lemma_about_quotients_needs_its_denominator():
    true = lemma(equation(c / c, 1), [0 < c])
    assert green(use(equation(a / a, 1), [true.at({c: a})]))
    assert not green(use(equation(c / c, 1), [true]))


def test_the_derivative_of_a_norm_at_zero():
    claim = equation(heat.derivative(norm(f)), -inner(f, generator(f)) / norm(f))
    assert "domain of claim" in reason(use(claim, []))
    square = equation(heat.derivative(norm(f) ** 2), -2 * inner(f, generator(f)))
    assert green(use(square, []))


def test_a_value_at_a_time_is_defined_at_that_time():
    assert not green(use(equation(at_time(X, t) / at_time(X, t), 1), [], [0 < at_time(X, 0)]))
    assert green(use(equation(at_time(X, t) / at_time(X, t), 1), [], [0 < X]))


# -------------------------------------------------------------------------- strict and weak


def test_strict_does_not_follow_from_weak():
    assert green(use(X <= Y, [], [X < Y]))
    assert not green(use(X < Y, [], [X <= Y]))
    assert not green(use(dual_norm(f) > 0, []))


def test_unsigned_factors_do_not_keep_inequalities():
    assert not green(use(r * X <= r * Y, [], [X <= Y]))
    assert green(use(a * X <= a * Y, [], [X <= Y]))
