"""Variations of remainders: built, refused, substituted, read back, evaluated."""

from fractions import Fraction as Q

import pytest

from mflverify.algebra.normal import normalize
from mflverify.expr import (
    FunctionSymbol,
    Parameter,
    RemainderSymbol,
    SortError,
    Space,
    Substitution,
    grad,
    inner,
    segment_variation,
)
from mflverify.expr.serial import TermTable, read_terms
from mflverify.models import Choice, InstanceData, Request, interpret

X, Y = Space("X"), Space("Y")
f, g = FunctionSymbol("f", X, "perturbation"), FunctionSymbol("g", X, "perturbation")
u, h = FunctionSymbol("u", X), FunctionSymbol("h", Y, "perturbation")
R = RemainderSymbol("R", (X,), X)
q = Parameter("q", "nonnegative")


def test_read_back_and_substituted():
    term = segment_variation(R, q, f, f, g)
    table = TermTable()
    number = table.add(term)
    assert read_terms(table.nodes)[number] == term
    assert Substitution.of({g: f})(term) == segment_variation(R, q, f, f, f)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((R, Parameter("r"), f, f, f), "not negative"),
        ((R, q, f, u, f), "mean-zero functions"),
        ((R, q, f, f, h), "mean-zero functions"),
        ((RemainderSymbol("P", (X, Y), X), q, f, f, f), "no first variation of one functional"),
    ],
)
def test_what_means_nothing_is_refused(arguments, message):
    with pytest.raises(SortError, match=message):
        segment_variation(*arguments)


def test_the_algebra_knows_nothing_of_it_but_its_name():
    there, back = segment_variation(R, q, f, f, g), segment_variation(R, q, f, g, f)
    assert normalize(inner(there, u)) != normalize(inner(back, u))
    assert normalize(inner(grad(there), grad(u))) == normalize(inner(grad(u), grad(there)))


def test_it_is_the_second_derivative_of_the_remainder():
    """R(f + g) - 2 R(f) + R(f - g) for the cubic functionals of the instances, at every state."""
    wave = (Q(0), Q(3, 5), Q(4, 5))
    data = InstanceData(
        "torus",
        potentials={"X": ()},
        functions={"f": (Q(0), Q(1, 3)), "g": (Q(0), Q(1, 5), Q(1, 7))},
        remainders={"R": ((Q(3),), wave, wave)},
        parameters={"q": Choice("value", Q(1))},
    )
    bent = inner(segment_variation(R, q, f, g, g), g)
    # R(2 g) - 2 R(g) + R(0), with R(2 g) = 4 R(g)
    difference = 2 * inner(R(g), g)
    request = Request.of(bent, difference)
    instance = interpret(data, request, "exact")
    assert instance.evaluate(bent) == instance.evaluate(difference) != 0
