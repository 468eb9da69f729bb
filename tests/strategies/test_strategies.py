"""The public strategies: what they draw can be interpreted, shrinks, and is reproducible."""

import doctest
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, find, given, settings

import mflverify.strategies as public
from mflverify.expr import (
    Direction,
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    Point,
    Space,
    VectorSymbol,
    center,
    dual_norm,
    generator,
    grad,
    grad_adjoint,
    inner,
    inverse_generator,
    mixed_derivative_sup,
    norm,
    poincare_constant,
    projector,
)
from mflverify.models import InstanceData, Request, TorusFamily, interpret
from mflverify.strategies import batches, coefficients, instances, kernels, rationals

X, Y = Space("X"), Space("Y")
f = FunctionSymbol("f", X, "perturbation")
g = FunctionSymbol("g", Y, "perturbation")
u = FunctionSymbol("u", X)
M = KernelSymbol("M", source=Y, target=X)
S = KernelSymbol("S", X, X, symmetric=True)
phi = VectorSymbol("Phi", X)
x, v = Point("x", X), Direction("v", X)
K, alpha = Parameter("K", "positive"), Parameter("alpha", "positive")
L, inverse = generator, inverse_generator

QUICK = settings(max_examples=15, database=None, derandomize=True, deadline=None)


def test_the_pasted_example_runs():
    result = doctest.testmod(public)
    assert result.attempted > 0
    assert result.failed == 0


@QUICK
@given(rationals(largest=2, parts=4))
def test_rationals_stay_in_range(q):
    assert abs(q) <= 2
    assert q.denominator <= 4


@QUICK
@given(coefficients(2))
def test_coefficients_have_no_mean(row):
    assert row[0] == 0
    assert len(row) <= 5


@QUICK
@given(kernels(symmetric=True))
def test_symmetric_kernels_are_symmetric(matrix):
    assert matrix == tuple(zip(*matrix, strict=True))


IDENTITIES = {
    "grad* is the adjoint of grad": (inner(grad(u), phi), inner(u, grad_adjoint(phi))),
    "L is symmetric": (inner(L(u), f), inner(u, L(f))),
    "L L^-1 = 1": (inner(L(inverse(f)), u), inner(f, u)),
    "L^-1 L centres": (inner(inverse(L(u)), f), inner(center(u), f)),
    "transposes": (inner(f, M(g)), inner(M.T(f), g)),
    "symmetric kernels": (inner(u, S(f)), inner(S(u), f)),
    "the projector fixes gradients": (norm(projector(grad(u))) ** 2, norm(grad(u)) ** 2),
    "the projector is symmetric": (
        inner(projector(phi), grad(u)),
        inner(phi, grad(u)),
    ),
}


@pytest.mark.parametrize("name", IDENTITIES)
@settings(max_examples=8, database=None, derandomize=True, deadline=None)
@given(instances(Request.of(f, g, u, M, S, phi, x, v)))
def test_identities_hold_in_balls(name, data):
    request = Request.of(f, g, u, M, S, phi, x, v)
    instance = interpret(data, request, "ball")
    left, right = IDENTITIES[name]
    difference = instance.evaluate(left) - instance.evaluate(right)
    assert difference.contains(0)
    assert float(difference.rad()) < 1e-20


@QUICK
@given(instances(Request.of(f, g, M, hypotheses=[mixed_derivative_sup(M) <= K])))
def test_drawn_hypotheses_hold(data):
    request = Request.of(f, g, M, hypotheses=[mixed_derivative_sup(M) <= K])
    # a kernel without mixed derivative has no positive tight bound
    assume(any(any(row[1:]) for row in data.kernels["M"][1:]))
    instance = interpret(data, request, "ball")
    assert instance.evaluate(mixed_derivative_sup(M)) <= instance.evaluate(K)


@QUICK
@given(instances(Request.of(f, g, M, x, v)))
def test_data_survive_json(data):
    assert InstanceData.from_json(data.to_json()) == data


def test_instances_shrink_to_few_modes_and_small_numbers():
    request = Request.of(f, M)

    def interesting(data):
        return any(data.functions["f"]) and any(any(row) for row in data.kernels["M"])

    small = find(
        instances(request),
        interesting,
        settings=settings(max_examples=300, database=None, derandomize=True),
    )
    assert sum(1 for c in small.functions["f"] if c) == 1
    assert not any(small.potentials["X"])
    entries = [c for row in small.kernels["M"] for c in row if c]
    assert len(entries) == 1
    assert abs(entries[0]) <= 1


@QUICK
@given(batches(Request.of(f, hypotheses=[alpha <= poincare_constant(X)]), TorusFamily(), 20))
def test_batches_satisfy_their_hypotheses(batch):
    gap = batch.evaluate(poincare_constant(X))
    assert np.all(batch.evaluate(alpha) <= gap)
    assert np.all(
        gap * batch.evaluate(dual_norm(f) ** 2) <= batch.evaluate(norm(f) ** 2) * (1 + 1e-9)
    )


@QUICK
@given(instances(Request.of(f), uniform=True))
def test_uniform_instances_are_rational(data):
    request = Request.of(f)
    instance = interpret(data, request, "exact")
    square = instance.evaluate(dual_norm(f) ** 2)
    assert instance.evaluate(inner(f, inverse(f))) == square
    assert square <= instance.evaluate(norm(f) ** 2)
    assert Fraction(int(square.p), int(square.q)) >= 0
