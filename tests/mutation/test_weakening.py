"""A claim with more room on one side is weaker, whatever the reasons of the step."""

from fractions import Fraction

import pytest

from mflverify.expr import FunctionSymbol, Parameter, Space, norm, sqrt, sup_norm
from mflverify.mutation.proving import Judge
from mflverify.mutation.weakening import follows_anyway, gives_more
from mflverify.proof import Statement, finite_cauchy_schwarz, poincare

X = Space("X")
f, g = (FunctionSymbol(name, X, "perturbation") for name in "fg")
alpha, beta, gamma = (Parameter(name, "positive") for name in ("alpha", "beta", "gamma"))
both = norm(f) ** 2 + norm(g) ** 2


@pytest.fixture
def step():
    statement = Statement("s", "No reason is given")
    return statement.conclude("s", alpha * norm(f) <= beta * sqrt(1 + both))


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (alpha * norm(f) <= beta * sqrt(1 + both + norm(g) ** 2), True),
        (alpha * norm(f) <= 2 * beta * sqrt(1 + both), True),
        (alpha * norm(f) / 2 <= beta * sqrt(1 + both), True),
        (alpha * norm(f) <= beta * sqrt(1 + both - norm(g) ** 2), False),
        (2 * alpha * norm(f) <= beta * sqrt(1 + both), False),
        (alpha * norm(f) <= beta * sqrt(2 + both) / 2, False),
        # both sides changed: nothing is said of these
        (alpha * norm(f) / 2 <= 2 * beta * sqrt(1 + both), False),
        # as it stands: no change
        (alpha * norm(f) <= beta * sqrt(1 + both), False),
        # strict, or the root of what may be negative
        (alpha * norm(f) < beta * sqrt(1 + both + norm(g) ** 2), False),
        (alpha * norm(f) <= beta * sqrt(1 + both) + sqrt(alpha - beta), False),
    ],
)
def test_more_room(step, claim, expected):
    assert gives_more(Judge(), step, claim, "factor") is expected


def test_a_larger_norm_gives_more_where_norms_are_mistaken(step):
    larger = alpha * norm(f) <= beta * sqrt(1 + sup_norm(f) ** 2 + norm(g) ** 2)
    assert gives_more(Judge(), step, larger, "norm")
    assert not gives_more(Judge(), step, larger, "factor")  # nothing is said of norms
    assert not gives_more(Judge(), step, alpha * sup_norm(f) <= step.claim.rhs, "norm")


def test_an_earlier_step_follows_from_the_same_hypotheses():
    small, bound = alpha <= 1, beta <= 1
    statement = Statement("s", "s", given=[small])
    root = statement.step("root", sqrt(alpha) <= 1)
    within = statement.step("within", alpha * beta <= 1, because=[root], assuming=[bound])
    wrong = statement.step("wrong", alpha * beta <= Fraction(1, 2), assuming=[bound])
    open_ = statement.step("open", beta <= 1)
    on_open = statement.step("on-open", beta <= 2, because=[open_])
    last = statement.conclude("last", alpha <= 2, because=[root, within, wrong, open_, on_open])
    assert follows_anyway(last, root)
    assert follows_anyway(last, within)  # under the assumption, which the last step has not
    assert not follows_anyway(last, wrong)
    assert not follows_anyway(last, open_)
    assert not follows_anyway(last, on_open)  # it closes, on what does not
    assert not follows_anyway(last, small)
    other = Statement("t", "t").conclude("last", alpha <= 2, because=[root])
    assert not follows_anyway(other, root)


def test_a_statement_about_numbers_follows_anyway():
    lemma = Statement("lemma", "About numbers", kind="lemma", given=[alpha <= 1])
    lemma.conclude("square", alpha**2 <= 1)
    functional = Statement("functional", "About norms", kind="lemma", given=[norm(f) <= 1])
    functional.conclude("square", norm(f) ** 2 <= 1)
    unproved = Statement("unproved", "False", kind="lemma", given=[alpha <= 1])
    unproved.conclude("square", alpha**2 <= alpha / 2)
    last = Statement("s", "s", given=[alpha <= 1]).conclude("last", alpha**2 <= 1, because=[lemma])
    assert follows_anyway(last, lemma)
    assert follows_anyway(last, lemma.at({alpha: beta}))
    assert not follows_anyway(last, functional)
    assert not follows_anyway(last, unproved)
    assert not follows_anyway(last, poincare(f))


def test_what_a_fact_says_of_numbers_follows_anyway():
    """The root of Cauchy–Schwarz follows once its square does, which stands behind it."""
    u, v = (norm(f), norm(g)), (alpha, beta)
    application = finite_cauchy_schwarz(u, v)
    last = Statement("s", "s").conclude("last", alpha <= 2 * alpha, because=[application])
    assert follows_anyway(last, application)
    assert not follows_anyway(last, poincare(f))
