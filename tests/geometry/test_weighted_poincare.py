"""Lemma A.1 on the circle: (ii) holds for every function and (i) fails, so that they are not equivalent."""

from fractions import Fraction
from pathlib import Path

import pytest
from flint import acb, arb, fmpq

from mflverify.expr import equation, norm
from mflverify.expr.terms import FunctionSymbol
from mflverify.models import Choice, InstanceData, Request, interpret
from mflverify.numerics.fourier_block import fourier_block
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


def negative_directions(factor):
    """How many negative eigenvalues -d^2 - factor A has: bounds below and above, in balls.

    The constants are one negative direction of int h'^2 - factor int A h^2; by orthogonality for
    this form the others lie where int A h = 0, that is where A h is a derivative.
    """
    modes = {0: fmpq(1), 1: fmpq(2, 5), 2: fmpq(1, 4)}
    potential = {(s * k,): acb(-factor * c) for k, c in modes.items() for s in (1, -1)}
    block = fourier_block(potential, 12)
    return block.count_below(arb(0)), block.count_below_at_most(arb(0))


def test_the_first_inequality_fails_at_one_field():
    left, right = sides(PROOFS["lem-A.1"].given[0], "exact")
    assert (left, right) == (fmpq(5, 8), fmpq(1, 2))


def test_the_second_inequality_holds_for_every_function():
    """With h = A^-1 g' it says int A h^2 <= int h'^2 where int A h = 0."""
    assert negative_directions(fmpq(1)) == (1, 1)


def test_the_certificate_can_fail():
    """At 11/10 A the second inequality is false too: the optimal factor is near 1.048."""
    assert negative_directions(fmpq(11, 10)) == (2, 2)


def test_the_second_inequality_at_this_function():
    left, right = sides(PROOFS["lem-A.1-converse"].given[0], "ball")
    assert left < right


@pytest.mark.parametrize("label", ["lem-A.1", "lem-A.1-converse"])
def test_the_weight_is_read_as_it_is_written(label):
    b = next(s for s in Request.of(PROOFS[label].given[0]).ordered(FunctionSymbol) if s.name == "b")
    square, _ = sides(equation(norm(b) ** 2, norm(b) ** 2), "exact")
    assert square == fmpq(1, 2) + fmpq(4, 25)
