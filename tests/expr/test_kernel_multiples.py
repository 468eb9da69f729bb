"""Kernels replaced by multiples: the term made is worth what the old one is with the new kernel."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mflverify.expr import (
    FunctionSymbol,
    KernelSymbol,
    SortError,
    Space,
    Transpose,
    dual_norm,
    grad,
    inner,
    kernel_along,
    mixed_derivative_sup,
    monotonicity_slack,
    multiple,
    norm,
    replace_kernels,
)
from mflverify.expr.terms import MixedSup, Rational, subterms
from mflverify.models import InstanceData, Request, interpret

X, Y = Space("X"), Space("Y")
f, g = FunctionSymbol("f", X, "perturbation"), FunctionSymbol("g", Y, "perturbation")
A = KernelSymbol("A", source=X, target=Y)  # to be replaced
B = KernelSymbol("B", source=Y, target=X)
OTHER = KernelSymbol("C", source=Y, target=Y)
TERMS = (
    inner(g, A(f)),
    inner(f, A.T(g)) + inner(g, OTHER(g)),
    norm(grad(A(f))) ** 2 + dual_norm(f) ** 2,
    inner(g, kernel_along(A, grad(f))),
    inner(grad(A.T(A(f))), grad(f)),
)
small = st.fractions(min_value=-2, max_value=2, max_denominator=3)


def matrices(rows, columns):
    row = st.tuples(*[small] * columns)
    return st.tuples(*[row] * rows)


def value(term, arithmetic="ball", **kernels):
    data = InstanceData(
        "torus",
        potentials={"X": (Fraction(0),), "Y": (Fraction(0),)},
        functions={
            "f": (Fraction(0), Fraction(1, 8)),
            "g": (Fraction(0), Fraction(0), Fraction(1, 9)),
        },
        kernels=kernels,
    )
    return interpret(data, Request.of(term), arithmetic).evaluate(term)


@pytest.mark.parametrize("term", TERMS, ids=str)
@settings(max_examples=10)
@given(b=matrices(3, 3), c=matrices(3, 3), factor=small)
def test_it_is_worth_what_the_old_term_is(term, b, c, factor):
    """A = c B^T, once in the data and once in the term."""
    transposed = tuple(tuple(factor * b[j][i] for j in range(3)) for i in range(3))
    old = value(term, A=transposed, B=b, C=c)
    new = value(replace_kernels(term, {A: multiple(factor, B.T)}), A=transposed, B=b, C=c)
    assert (old - new).contains(0)
    assert (old - new).rad() < 1e-20


def test_a_kernel_that_vanishes_leaves_nothing():
    for term in TERMS:
        gone = replace_kernels(term, {A: multiple(0, A)})
        assert A not in set(subterms(gone))


def test_suprema_have_no_sign():
    bound = mixed_derivative_sup(A)
    assert replace_kernels(bound, {A: multiple(-2, B.T)}) == 2 * MixedSup(B.T)
    assert replace_kernels(bound, {A: multiple(0, A)}) == Rational(Fraction(0))


def test_a_slack_loses_what_vanishes_and_refuses_signs():
    slack = monotonicity_slack(A, B, OTHER)
    assert replace_kernels(slack, {A: multiple(0, A)}) == monotonicity_slack(B, OTHER)
    assert replace_kernels(monotonicity_slack(A), {A: multiple(0, A)}) == Rational(Fraction(0))
    assert replace_kernels(slack, {A: multiple(1, B.T)}) == monotonicity_slack(B.T, B, OTHER)
    with pytest.raises(SortError, match="slack with -1 times"):
        replace_kernels(slack, {A: multiple(-1, B.T)})


def test_what_does_not_fit_is_refused():
    with pytest.raises(SortError, match="its image is"):
        replace_kernels(inner(g, A(f)), {A: multiple(-1, B)})
    S = KernelSymbol("S", X, X, symmetric=True)
    any_kernel = KernelSymbol("N", X, X)
    with pytest.raises(SortError, match="not known to be"):
        replace_kernels(inner(f, S(f)), {S: multiple(2, any_kernel)})
    with pytest.raises(SortError, match="Transpose of a multiple"):
        replace_kernels(Transpose(A), {A: multiple(2, B.T)})
