"""Lemma A.1 on the circle: (ii) holds for every function and (i) fails, so that they are not equivalent."""

from fractions import Fraction
from pathlib import Path

import pytest
from flint import fmpq

from mflverify.expr import equation, norm
from mflverify.expr.terms import FunctionSymbol
from mflverify.models import Choice, InstanceData, Request, interpret
from mflverify.proof.loader import load

PROOFS = load(Path(__file__).parents[2] / "proofs").statements
# A = 17/50 + (cos x + 2/5)^2 = 1 + 4/5 cos x + 1/2 cos 2x on the uniform circle, and grad L^-1 g = cos x
DATA = InstanceData(
    "torus",
    potentials={"X": ()},
    functions={"b": (Fraction(0), Fraction(1)), "g": (Fraction(0), Fraction(0), Fraction(1))},
    constants={"b": Fraction(2, 5)},
    parameters={"a": Choice("value", Fraction(17, 50))},
)


def sides(relation, arithmetic):
    instance = interpret(DATA, Request.of(relation), arithmetic)
    return instance.evaluate(relation.lhs), instance.evaluate(relation.rhs)


def test_the_first_inequality_fails_at_one_field():
    left, right = sides(PROOFS["lem-A.1-forward"].given[0], "exact")
    assert (left, right) == (fmpq(5, 8), fmpq(1, 2))


def test_the_second_inequality_holds_for_every_function():
    """The best constants at this weight, as the refuted claim of the lemma sees them."""
    claim = next(step for step in PROOFS["lem-A.1"].steps if step.acknowledged).claim
    convexity, poincare = sides(claim, "ball")
    assert (convexity.str(4, radius=False), poincare.str(5, radius=False)) == ("0.7715", "1.0483")
    assert poincare > 1 > convexity


def test_the_second_inequality_at_this_function():
    left, right = sides(PROOFS["lem-A.1-converse"].given[0], "ball")
    assert left < right


@pytest.mark.parametrize("label", ["lem-A.1-forward", "lem-A.1-converse"])
def test_the_weight_is_read_as_it_is_written(label):
    b = next(s for s in Request.of(PROOFS[label].given[0]).ordered(FunctionSymbol) if s.name == "b")
    square, _ = sides(equation(norm(b) ** 2, norm(b) ** 2), "exact")
    assert square == fmpq(1, 2) + fmpq(4, 25)
