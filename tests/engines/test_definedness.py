"""What the solver takes for granted about roots and quotients, and what it does not."""

from fractions import Fraction

from mflverify.engines.scalar import prove
from mflverify.expr import Parameter, sqrt
from mflverify.proof import Statement
from mflverify.proof.kernel import examine

x, y = Parameter("x", "real"), Parameter("y", "real")
beta = Parameter("beta", "nonnegative")


def asked(given, claim):
    statement = Statement("s", "s", given=given)
    return prove(examine(statement.step("claim", claim))[-1], confirm=False)


def test_a_root_may_be_defined_by_what_comes_later():
    for given in ([sqrt(x) <= beta, y <= x, 0 <= y], [0 <= y, y <= x, sqrt(x) <= beta]):
        assert asked(given, x <= beta**2).answer == "proved"


def test_values_beside_a_hypothesis_that_may_not_be_defined_are_told_apart():
    found = asked([sqrt(x) <= beta], x <= beta**2)
    assert found.answer == "refuted"
    assert "x may be negative under a root" in found.relaxed
    assert asked([y <= beta], y <= 0).relaxed == ""


def test_values_at_which_all_is_defined_count_in_full():
    # x = 4 and beta = 2, say; without the root x = -1 would do as well, where nothing is said
    for given in ([sqrt(x) <= beta], [sqrt(x) <= beta, 1 <= sqrt(x)], [beta / x <= 2, y <= x]):
        found = asked(given, x <= beta)
        assert (found.answer, found.relaxed) == ("refuted", "")
        values = {term: float(Fraction(value)) for term, value in found.counterexample}
        assert values[x] > max(values[beta], 0)
