"""Distances of points, the Hilbert–Schmidt norm and the transport constant: known values, arithmetics."""

from fractions import Fraction as Q

import numpy as np
import pytest
from flint import arb, fmpq

from mflverify.expr import (
    KernelSymbol,
    Point,
    Space,
    distance,
    hilbert_schmidt,
    mixed_derivative_sup,
    transport_constant,
)
from mflverify.models import InstanceData, Request, Unavailable, interpret
from mflverify.models.families import TorusFamily
from mflverify.models.kernel_data import bilinear
from mflverify.models.spaces import gaussian, product, torus

X = Space("X")
S = KernelSymbol("S", X, X, symmetric=True)
x, y = Point("x", X), Point("y", X)
PLACES = {"points": {"x": Q(1, 8), "y": Q(7, 8)}}
DENSE = ((Q(0), Q(0), Q(0)), (Q(0), Q(1), Q(1, 2)), (Q(0), Q(1, 2), Q(-1)))


def value(term, data, arithmetic="ball"):
    return interpret(data, Request.of(term), arithmetic).evaluate(term)


def test_arcs_are_the_shorter_ones():
    circle = InstanceData("torus", potentials={"X": ()}, **PLACES)
    assert value(distance(x, y), circle).overlaps(arb.pi() / 2)
    assert value(distance(x, x), circle, "exact") == 0
    with pytest.raises(Unavailable, match="arc length"):
        value(distance(x, y), circle, "exact")


def test_distances_on_lines_and_products():
    line = InstanceData("gaussian", points={"x": Q(-1, 2), "y": Q(1, 4)})
    assert value(distance(x, y), line, "exact") == fmpq(3, 4)
    plane = InstanceData(
        "spaces",
        spaces={"X": product(gaussian(), gaussian())},
        points={"x": (Q(0), Q(1)), "y": (Q(3), Q(5))},
    )
    assert value(distance(x, y), plane, "exact") == 5
    flat = InstanceData(
        "spaces",
        spaces={"X": torus(2)},
        points={"x": (Q(0), Q(1, 8)), "y": (Q(3, 4), Q(1, 8))},
    )
    assert value(distance(x, y), flat).overlaps(arb.pi() / 2)


def test_distances_of_a_batch():
    batch = TorusFamily().draw(Request.of(distance(x, y)), np.random.default_rng(0), 50)
    found = batch.evaluate(distance(x, y))
    for index in range(5):
        assert found[index] == pytest.approx(float(value(distance(x, y), batch.data(index)).mid()))
    assert np.all((0 <= found) & (found <= np.pi))


def test_the_hilbert_schmidt_norm_in_closed_form():
    # k = cos cos + (cos sin + sin cos)/2 - sin sin: the slopes have mean square 1/2 each
    circle = InstanceData("torus", potentials={"X": ()}, kernels={"S": DENSE})
    square = value(hilbert_schmidt(S) ** 2, circle, "exact")
    assert square == fmpq(1 + 1) / 4 + fmpq(1, 4) * fmpq(2, 4)
    assert value(hilbert_schmidt(S), circle).overlaps(arb(square).sqrt())
    # k = x y + x^2 y^2 on the Gaussian line: grad grad' k = 1 + 4 x y
    line = InstanceData(
        "gaussian", kernels={"S": ((Q(0),) * 3, (Q(0), Q(1), Q(0)), (Q(0), Q(0), Q(1)))}
    )
    assert value(hilbert_schmidt(S) ** 2, line, "exact") == 1 + 16


def test_it_is_a_frobenius_norm_in_two_dimensions():
    """k = x . y has grad grad' k = 1, whose operator norm is 1 and whose Frobenius norm is sqrt 2."""
    plane = InstanceData(
        "spaces",
        spaces={"X": product(gaussian(), gaussian())},
        kernels={"S": bilinear(((Q(1), Q(0)), (Q(0), Q(1))))},
    )
    assert value(hilbert_schmidt(S) ** 2, plane, "exact") == 2
    assert value(mixed_derivative_sup(S), plane).overlaps(arb(1))


def test_batches_agree_with_balls_and_stay_below_the_supremum():
    terms = (hilbert_schmidt(S), mixed_derivative_sup(S))
    batch = TorusFamily().draw(Request.of(*terms), np.random.default_rng(1), 60)
    size, largest = (batch.evaluate(term) for term in terms)
    assert np.all(size <= largest * (1 + 1e-9))  # a mean in one dimension
    for index in range(3):
        data = batch.data(index, max_denominator=2**30)
        assert size[index] == pytest.approx(float(value(terms[0], data).mid()), rel=1e-6)


def test_the_transport_constant_is_known_where_the_two_others_agree():
    line, circle = InstanceData("gaussian"), InstanceData("torus", potentials={"X": ()})
    assert value(transport_constant(X), line, "exact") == 1
    assert value(transport_constant(X), circle, "exact") == 1
    assert value(transport_constant(X), circle).contains(1)
    curved = InstanceData("torus", potentials={"X": (Q(0), Q(1, 2))})
    with pytest.raises(Unavailable, match="only between two bounds"):
        value(transport_constant(X), curved)
