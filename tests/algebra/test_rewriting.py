"""Random rewriting inside the decided fragment never changes a normal form."""

import random

import pytest
from exact_model import instances
from hypothesis import given, note, settings
from hypothesis import strategies as st
from rewriting import neutral, step, valid
from vocabulary import A, L, M, S, f, g, gradient_flow, h, inverse, phi, q, u, w

from mflverify.algebra import normalize
from mflverify.algebra.derivative import time_derivative
from mflverify.expr import center, dot, dual_norm, grad, grad_adjoint, inner, norm, projector

LEGS = st.sampled_from(
    [
        *(f, h, u, w, L(f), L(u), S(h), A(u), A.T(f), M(g), M(g * q), L(S(f)), S(L(u)), S(u * w)),
        *(inverse(h), inverse(f), inverse(center(u)), center(w), S(inverse(f)), inverse(L(u))),
    ]
)
PLAIN = st.sampled_from([f, h, u, w, S(h), A(u), M(g), inverse(h)])


@st.composite
def products(draw, legs=LEGS):
    """A bilinear expression in two legs, as a function."""
    a, b = draw(legs), draw(legs)
    return draw(
        st.sampled_from(
            [a * b, dot(grad(a), grad(b)), L(a * b), grad_adjoint(a * grad(b)), L(L(a * b))]
        )
    )


# docs/algebra.md, what is decided: kinds 1 and 2, to which any number of L may be added
WORDS = st.one_of(LEGS.map(grad), st.just(phi), st.just(projector(phi)))
FLOWS = st.tuples(PLAIN, PLAIN).map(lambda p: projector(p[0] * grad(p[1])))
ANY_ORDER = st.one_of(
    st.tuples(LEGS, LEGS).map(lambda p: inner(*p)),
    st.tuples(WORDS, WORDS).map(lambda p: inner(*p)),
    st.tuples(products(), LEGS).map(lambda p: inner(*p)),
    st.tuples(LEGS.map(grad), FLOWS).map(lambda p: inner(*p)),
    st.tuples(LEGS, LEGS).map(lambda p: inner(p[0] * phi, grad(p[1]))),
    st.tuples(products(PLAIN), PLAIN).map(lambda p: inner(inverse(center(p[0])), p[1])),
)
# kinds 3 and 4
DRIFTS = st.one_of(FLOWS, PLAIN.map(lambda a: projector(a * phi)))
FIRST_ORDER = st.one_of(
    st.tuples(PLAIN, PLAIN, PLAIN).map(lambda p: inner(p[0] * p[1], p[2] * L(p[2]))),
    st.tuples(PLAIN, PLAIN, PLAIN, PLAIN).map(
        lambda p: inner(p[0] * p[1], dot(grad(p[2]), grad(p[3])))
    ),
    st.tuples(PLAIN, PLAIN).map(lambda p: norm(p[0] * grad(p[1])) ** 2),
    st.tuples(PLAIN, PLAIN).map(lambda p: dual_norm(grad_adjoint(p[0] * grad(p[1]))) ** 2),
    st.tuples(DRIFTS, DRIFTS).map(lambda p: inner(*p)),
    st.tuples(st.sampled_from([phi, projector(phi)]), DRIFTS).map(lambda p: inner(*p)),
)
CASES = {"deadline": None, "derandomize": True, "database": None}


def walk(term, data, identities, steps):
    for _ in range(data.draw(st.integers(1, steps))):
        term = step(term, lambda n: data.draw(st.integers(0, n - 1)), identities)
    return term


@settings(max_examples=300, **CASES)
@given(ANY_ORDER, st.data())
def test_random_valid_rewriting_keeps_the_normal_form(term, data):
    other = walk(term, data, valid, 6)
    note(f"{term!r} and {other!r}")
    assert normalize(term) == normalize(other)


@settings(max_examples=200, **CASES)
@given(FIRST_ORDER, st.data())
def test_random_rewriting_at_first_order_keeps_the_normal_form(term, data):
    other = walk(term, data, neutral, 6)
    note(f"{term!r} and {other!r}")
    assert normalize(term) == normalize(other)


@settings(max_examples=80, **CASES)
@given(st.one_of(ANY_ORDER, FIRST_ORDER), st.data())
def test_the_rewriting_itself_is_valid(term, data):
    other = walk(term, data, valid, 3)
    for instance in instances(1):
        assert instance(term) == instance(other)


@pytest.mark.parametrize("seed", range(4))
def test_long_walks_from_the_derivative_of_the_dual_norm(seed):
    rng = random.Random(seed)
    start = time_derivative(dual_norm(f) ** 2, gradient_flow)
    seen, term = {start}, start
    for _ in range(40):
        term = step(term, rng.randrange)
        seen.add(term)
    assert len(seen) > 5
    assert normalize(term) == normalize(start)
