"""Counterexamples of which some values are given: found where they exist, never where none does."""

from fractions import Fraction

import pytest

from mflverify.engines.scalar import guess, prove
from mflverify.expr import Parameter, sqrt
from mflverify.proof import Statement
from mflverify.proof.kernel import examine

a, b, c, d = (Parameter(name, "positive") for name in "abcd")
LIMIT = 40_000
x, y = Parameter("x", "real"), Parameter("y", "real")


def posed(given, claim):
    statement = Statement("s", "s", given=given)
    return examine(statement.step("claim", claim))[-1]


@pytest.mark.parametrize(
    ("given", "claim"),
    [
        ([], 2 * a * b <= a**2 + b**2),
        ([a <= b], sqrt(a) <= sqrt(b)),
        ([a * x**2 <= b, b <= a], x**2 <= 1),
        ([sqrt(x) <= b], sqrt(x) <= 2 * b),
        # where the root is not defined it would be false
        ([sqrt(x) <= b], x <= b**2),
    ],
)
def test_nothing_is_found_against_what_is_true(given, claim):
    assert guess(posed(given, claim), 30, LIMIT).answer == "unknown"


def test_all_hypotheses_hold_at_what_is_found():
    found = guess(posed([a * b <= c, c <= d**3], a * b <= d**2), 30, LIMIT)
    assert found.answer == "refuted"
    assert found.pure
    value = {term: Fraction(text) for term, text in found.counterexample}
    assert value[a] * value[b] <= value[c] <= value[d] ** 3
    assert value[a] * value[b] > value[d] ** 2


def test_a_hypothesis_that_may_not_be_defined_is_defined_at_what_is_found():
    found = guess(posed([sqrt(x) <= b], x <= b), 30, LIMIT)
    assert (found.answer, found.relaxed) == ("refuted", "")
    value = {term: float(Fraction(text)) for term, text in found.counterexample}
    assert value[b] ** 2 >= value[x] > value[b] > 0


def test_a_goal_that_is_not_defined_everywhere_is_not_refuted():
    step = Statement("s", "s").step("claim", sqrt(2 / x) <= b)
    found = guess(examine(step)[0], 5, LIMIT)  # that 2 / x is not negative, where x may be 0
    assert found.answer == "unknown"
    assert "may vanish in a denominator" in found.reason


def test_it_finds_what_the_solver_gives_up_on():
    """Lemma "mixed" with a cube for a square: half of it is decided by a few constants."""
    given = [
        x**2 + c * y**2 <= c * d**2,
        a * x**2 <= y**2,
        2 * (b / a + sqrt(2) * b / a ** Fraction(3, 2)) * d <= c,
    ]
    false = (1 + y**2) * (b * x + y**2 / a) ** 3 <= (b / sqrt(a) + 1 / a) ** 2 * y**2
    obligation = posed(given, false)
    assert prove(obligation, 20_000, confirm=False).answer == "unknown"
    assert guess(obligation, 40, LIMIT).answer == "refuted"
