"""Time derivatives: against exact differences on models, and rule by rule."""

from itertools import pairwise

import pytest
from exact_model import Instance, instances
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from vocabulary import (
    A,
    L,
    M,
    S,
    X,
    c,
    f,
    g,
    game,
    gradient_flow,
    h,
    inverse,
    phi,
    q,
    tau,
    u,
    v,
    w,
    x,
)

from mflverify.algebra import normalize, time_derivative
from mflverify.expr import (
    Flow,
    SortError,
    at_time,
    center,
    chi2,
    directional,
    dot,
    dual_norm,
    exp,
    grad,
    grad_adjoint,
    inner,
    maximum,
    norm,
    one,
    projector,
    sup_norm,
)
from mflverify.expr.sorts import FunctionSort, VectorSort
from mflverify.expr.terms import FunctionSymbol, Parameter, Power, Sum, children

CASES = {"deadline": None, "derandomize": True, "database": None}
# moves u as well, a symbol without a mean, and leaves h and w where they are
free = Flow.of("free", {f: L(u) * c, u: f * h - L(w) + 3 * one(X)})

FUNCTIONS = st.recursive(
    st.sampled_from([f, h, u, w]),
    lambda part: st.one_of(
        part.map(L),
        part.map(S),
        part.map(A.T),
        part.map(lambda a: inverse(center(a))),
        part.map(lambda a: a**2),
        part.map(lambda a: grad_adjoint(projector(a * phi))),
        st.tuples(part, part).map(lambda p: p[0] - 2 * p[1]),
        st.tuples(part, part).map(lambda p: p[0] * p[1]),
        st.tuples(part, part).map(lambda p: dot(grad(p[0]), grad(p[1]))),
        st.tuples(part, part).map(lambda p: inner(p[0], p[1]) * p[0]),
    ),
    max_leaves=2,
)
FUNCTIONALS = st.one_of(
    st.tuples(FUNCTIONS, FUNCTIONS).map(lambda p: inner(*p)),
    FUNCTIONS.map(chi2),
    FUNCTIONS.map(lambda a: dual_norm(center(a)) ** 2),
    FUNCTIONS.map(lambda a: directional(grad(a), x, v)),
    st.sampled_from([norm(f) ** 2 * inner(u, h), c * norm(u) ** 2 + c**2, inner(f, M(g)) ** 2]),
)


def degree(term):
    """An upper bound of the degree of a polynomial functional in the symbols."""
    match term:
        case FunctionSymbol() | Parameter():
            return 1
        case Power(base, exponent):
            return degree(base) * exponent.numerator
        case Sum(terms):
            return max(map(degree, terms))
        case _:
            return sum(degree(part) for part in children(term))


def exact_derivative(functional, flow, model):
    """The derivative at 0 of the polynomial s -> functional(state + s velocity), by interpolation."""
    velocities = {symbol: model(rhs) for symbol, rhs in flow.equations}

    def at(s):
        values = {t: model.symbol(t) for t in (f, h, u, w, g, q, phi, c, tau, S, A, M)}
        for symbol, velocity in velocities.items():
            values[symbol] = model.geometry.add(values[symbol], velocity, fmpq(s))
        return Instance(model.kind, model.geometry.dimension, 0, values)(functional)

    # Newton's forward formula: the derivative at 0 is the sum of (-1)^(k-1) Delta^k / k
    count = degree(functional)
    total, differences = fmpq(0), [at(s) for s in range(count + 1)]
    for k in range(1, count + 1):
        differences = [b - a for a, b in pairwise(differences)]
        total += fmpq((-1) ** (k - 1), k) * differences[0]
    return total


@settings(max_examples=40, **CASES)
@given(FUNCTIONALS, st.sampled_from([free, gradient_flow]), st.integers(0, 3))
def test_derivative_is_the_exact_difference(functional, flow, which):
    model = instances(1)[which]
    derivative = time_derivative(functional, flow)
    assert derivative.sort == functional.sort
    assert model(derivative) == exact_derivative(functional, flow, model)


@settings(max_examples=30, **CASES)
@given(FUNCTIONALS, FUNCTIONALS)
def test_product_and_chain_rules(a, b):
    da, db = game.derivative(a), game.derivative(b)
    assert normalize(game.derivative(a * b)) == normalize(da * b + a * db)
    assert normalize(game.derivative(a**3)) == normalize(3 * a**2 * da)
    assert normalize(game.derivative(exp(a))) == normalize(exp(a) * da)
    if normalize(b).terms:
        quotient = normalize(game.derivative(a / b) - (da * b - a * db) / b**2)
        assert quotient.is_zero


def zero(term):
    return (normalize(term)).is_zero


def test_norms():
    for n in (norm(f), dual_norm(f), norm(f * grad(S(f)))):
        d = gradient_flow.derivative
        assert zero(2 * n * d(n) - d(n**2))
        assert zero(d(n**3) - 3 * n**2 * d(n))
        assert zero(d(1 / n) + d(n) / n**2)


def test_second_derivatives():
    twice = game.derivative(game.derivative(chi2(f)))
    assert zero(twice - time_derivative(time_derivative(chi2(f), game), game))
    assert not zero(twice)


def test_quantities_of_an_abstract_flow():
    flow = Flow("abstract")
    a, b = flow.quantity("a"), flow.quantity("b")
    d = flow.derivative
    assert zero(d(a**2 * b) - 2 * a * b * d(a) - a**2 * d(b))
    assert zero(d(a / at_time(a, 0)) - d(a) / at_time(a, 0))
    with pytest.raises(SortError, match="no time derivative"):
        normalize(d(d(a)))
    with pytest.raises(SortError, match="no time derivative"):
        normalize(d(at_time(a, tau)))


@pytest.mark.parametrize("constant", [h, M(q), grad(w), phi, tau, sup_norm(w), inner(h, w)])
def test_what_does_not_move_has_derivative_zero(constant):
    derivative = time_derivative(constant, gradient_flow)
    assert derivative.sort == constant.sort
    if isinstance(constant.sort, FunctionSort):
        derivative = inner(derivative, u)
    if isinstance(constant.sort, VectorSort):
        derivative = inner(derivative, grad(u))
    assert zero(derivative)


@pytest.mark.parametrize("term", [sup_norm(f), abs(inner(f, h)), maximum(norm(f), tau)])
def test_what_has_no_derivative_is_refused(term):
    with pytest.raises(SortError, match="no time derivative"):
        normalize(game.derivative(term))
