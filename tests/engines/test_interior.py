"""Counterexamples that are climbed to: certain where they are found, never where none exists."""

from fractions import Fraction
from functools import partial

import pytest

from mflverify.engines import logical
from mflverify.engines.interior import climb, has_room, is_counterexample
from mflverify.engines.landscape import Landscape
from mflverify.engines.scalar import prove
from mflverify.expr import Parameter, equation, maximum, minimum, sqrt
from mflverify.proof import Statement
from mflverify.proof.kernel import examine

a, b, c, d = (Parameter(name, "positive") for name in "abcd")
k = Parameter("k", "nonnegative")
x, y = Parameter("x", "real"), Parameter("y", "real")


def posed(given, claim):
    statement = Statement("s", "s", given=given)
    return examine(statement.step("claim", claim))[-1]


TRUE = [
    ([], 2 * a * b <= a**2 + b**2),
    ([a <= b], sqrt(a) <= sqrt(b)),
    ([a * x**2 <= b, b <= a], x**2 <= 1),
    ([sqrt(x) <= b], x <= b**2),
    ([x**2 <= a, y**2 <= b], abs(x * y) <= sqrt(a * b)),
    ([a <= c, b <= c], maximum(a, b) <= c),
    ([maximum(a, b) <= c], a + b <= 2 * c),
    ([c <= minimum(a, b)], 2 * c <= a + b),
    # true because of a sign alone
    ([], 0 <= k),
]
FALSE = [
    ([], 2 * a * b <= a**2 + b**2 / 2),
    ([a <= b], sqrt(a) <= b),
    ([a * x**2 <= b, b <= 2 * a], x**2 <= 1),
    ([sqrt(x) <= b], x <= b),
    ([x**2 <= a, y**2 <= b], 2 * abs(x * y) <= sqrt(a * b)),
    ([a <= c, b <= c], maximum(a, b) <= c / 2),
    ([x < 0], a <= x**2),
]


@pytest.mark.parametrize(("given", "claim"), TRUE)
def test_nothing_is_found_against_what_is_true(given, claim):
    obligation = posed(given, claim)
    assert obligation.settled is not None or climb(obligation, 50).answer == "unknown"


@pytest.mark.parametrize(("given", "claim"), FALSE)
def test_what_is_false_on_an_open_set_is_refuted(given, claim):
    obligation = posed(given, claim)
    found = climb(obligation, 50)
    assert found.answer == "refuted"
    assert found.pure
    # the solver knows no better at these very values
    values = [equation(term, Fraction(text)) for term, text in found.counterexample]
    assert prove(posed([*given, *values], claim), confirm=False).answer == "refuted"


def test_the_values_satisfy_what_is_given():
    found = climb(posed([a * b <= c, c <= d**3], a * b <= d**2), 50)
    value = {term: Fraction(text) for term, text in found.counterexample}
    assert value[a] * value[b] <= value[c] <= value[d] ** 3
    assert value[a] * value[b] > value[d] ** 2


def test_balls_have_the_last_word():
    obligation = posed([a**2 <= b], a <= sqrt(b) / 2)
    (small, large) = (atom for atom in Landscape.of([obligation.normal.difference]).free)
    given = [h.normal for h in obligation.hypotheses]
    for value, expected in ((4, True), (3, False), (16, False)):
        point = {small: Fraction(2), large: Fraction(value)}
        assert is_counterexample(point, obligation.normal, given) is expected


def test_a_point_where_the_claim_has_no_value_is_none():
    obligation = posed([], sqrt(x) <= b)
    atoms = Landscape.of([obligation.normal.difference]).free
    point = {atom: Fraction(-4) if atom.payload == x else Fraction(1) for atom in atoms}
    assert not is_counterexample(point, obligation.normal, [])
    point = {atom: Fraction(4) if atom.payload == x else Fraction(1) for atom in atoms}
    assert is_counterexample(point, obligation.normal, [])


def test_an_equation_leaves_no_room():
    for given, claim in (([equation(a * b, c)], c <= a), ([], equation(x, y))):
        assert not has_room(posed(given, claim))
        assert climb(posed(given, claim), 5).answer == "unknown"
    assert has_room(posed([a <= b], a <= 2 * b))


def test_what_is_at_most_zero_and_has_a_sign_is_zero():
    """Hypotheses such as `the least slack is at most 0` leave no room, but are no obstacle."""
    zero = [k <= 0]
    found = climb(posed([*zero, a + k <= b], a <= b / 2), 50)
    assert found.answer == "refuted"
    assert dict(found.counterexample)[k] == "0"
    assert climb(posed([*zero, a <= b + k], a <= b), 50).answer == "unknown"
    assert climb(posed([*zero], b * k <= a * k), 50).answer == "unknown"
    assert climb(posed([*zero], a * k < b * k), 50).answer == "refuted"
    # at most something else that is 0, and a sum
    nought, none = (Parameter(name, "nonnegative") for name in ("nought", "none"))
    chain = [*zero, nought + none <= k * a]
    found = climb(posed(chain, a <= b + nought), 50)
    assert {term: text for term, text in found.counterexample if term in (k, nought, none)} == {
        k: "0",
        nought: "0",
        none: "0",
    }
    assert climb(posed(chain, none * a <= nought * b), 50).answer == "unknown"
    # one factor is positive
    assert climb(posed([a * k <= 0, a + k <= b], a <= b / 2), 50).answer == "refuted"
    # nothing is the inverse of 0
    assert climb(posed([1 / k <= 0], b <= c), 50).answer == "unknown"
    # without a sign it may be negative, and what is positive is not 0
    found = climb(posed([x <= 0], 0 <= x), 50)
    assert Fraction(dict(found.counterexample)[x]) < 0
    assert climb(posed([a <= 0], b <= c), 50).answer == "unknown"


def test_the_same_obligation_gets_the_same_answer():
    obligation = posed([a * b <= c, c <= d**3], a * b <= d**2)
    assert climb(obligation, 50) == climb(obligation, 50)


def test_what_the_solver_gives_up_on_is_refuted_for_the_author(monkeypatch):
    """Lemma "mixed" with a cube for a square, and a solver that gives up sooner."""
    monkeypatch.setattr(logical, "prove", partial(prove, limit=20_000, confirm=False))
    given = [
        x**2 + c * y**2 <= c * d**2,
        a * x**2 <= y**2,
        2 * (b / a + sqrt(2) * b / a ** Fraction(3, 2)) * d <= c,
    ]
    cube = (1 + y**2) * (b * x + y**2 / a) ** 3 <= (b / sqrt(a) + 1 / a) ** 2 * y**2
    found = logical.discharge(posed(given, cube))
    assert found.outcome == "disproved"
    assert "confirmed in balls" in found.how
