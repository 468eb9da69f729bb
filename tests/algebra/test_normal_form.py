"""Soundness: equal normal forms mean equal values, for any term, in the fragment or not."""

from fractions import Fraction

import pytest
from exact_model import Instance, instances
from hypothesis import assume, given, note, settings
from hypothesis import strategies as st
from rewriting import false, step
from vocabulary import A, L, M, S, X, Y, c, f, g, h, inverse, phi, psi, q, tau, u, v, w, x

from mflverify.algebra import Normalizer, normalize
from mflverify.algebra.diagram import GREEN, Edge, Hole, Leaf, item, vertex
from mflverify.algebra.reading import read_polynomial, read_tree
from mflverify.expr import (
    Direction,
    Flow,
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    SortError,
    Space,
    VectorSymbol,
    at_time,
    center,
    directional,
    dot,
    dual_norm,
    grad,
    grad_adjoint,
    inner,
    kernel_slice,
    maximum,
    norm,
    one,
    projector,
    sqrt,
    sup_norm,
    weighted_convexity_constant,
    weighted_poincare_constant,
)
from mflverify.expr.terms import Product, Rational, Sum, TimeDerivative

CASES = {"deadline": None, "derandomize": True, "database": None}
MODELS = instances(1)


def _function_of(functions, fields, inverses):
    made = [
        functions.map(L),
        functions.map(S),
        functions.map(A),
        functions.map(A.T),
        functions.map(center),
        fields.map(grad_adjoint),
        st.tuples(functions, functions).map(lambda p: p[0] + p[1]),
        st.tuples(functions, functions).map(lambda p: p[0] * p[1]),
        st.tuples(functions, functions).map(lambda p: dot(grad(p[0]), grad(p[1]))),
        st.tuples(fields, fields).map(lambda p: dot(*p)),
    ]
    if inverses:
        made.append(functions.map(lambda a: inverse(center(a))))
    return st.one_of(made)


def functions(depth, *, inverses=True):
    """Functions on X of any kind, with up to `depth` nested operations; L^-1 only on request."""
    atoms = st.sampled_from([f, h, u, w, one(X), M(g), M(q), kernel_slice(A, x, v)])
    if depth == 0:
        return atoms
    below = [make(depth - 1, inverses=inverses) for make in (functions, fields)]
    return st.one_of(atoms, _function_of(*below, inverses))


def fields(depth, *, inverses=True):
    atoms = st.sampled_from([phi, psi, grad(f), grad(u), u * grad(h)])
    if depth == 0:
        return atoms
    part, field = (make(depth - 1, inverses=inverses) for make in (functions, fields))
    made = [atoms, part.map(grad), st.tuples(part, field).map(lambda p: p[0] * p[1])]
    return st.one_of(*made, field.map(projector)) if inverses else st.one_of(made)


SCALARS = st.one_of(
    st.tuples(functions(2), functions(2)).map(lambda p: inner(*p)),
    st.tuples(fields(2), fields(2)).map(lambda p: inner(*p)),
    fields(2).map(lambda p: directional(p, x, v)),
    functions(2).map(lambda a: dual_norm(center(a)) ** 2),
)
SMALL = st.one_of(
    st.tuples(functions(1), functions(2)).map(lambda p: inner(*p)),
    st.tuples(fields(1), fields(1)).map(lambda p: inner(*p)),
)


@settings(max_examples=120, **CASES)
@given(SCALARS)
def test_the_normal_form_has_the_value_of_the_term(term):
    back = read_polynomial(normalize(term))
    for model in MODELS:
        assert model(term) == model(back)


WITHOUT_INVERSES = st.one_of(
    st.tuples(functions(2, inverses=False), functions(2, inverses=False)).map(lambda p: inner(*p)),
    st.tuples(fields(2, inverses=False), fields(2, inverses=False)).map(lambda p: inner(*p)),
    fields(2, inverses=False).map(lambda p: directional(p, x, v)),
)
CURVED = [Instance("quartic", 1, 0), Instance("quartic", 2, 0)]


@settings(max_examples=120, **CASES)
@given(WITHOUT_INVERSES)
def test_the_normal_form_has_the_value_of_the_term_in_a_curved_potential(term):
    """On the torus and under the Gaussian the Hessian of the potential is constant; not here."""
    back = read_polynomial(normalize(term))
    for model in CURVED:
        assert model(term) == model(back)


def test_the_curved_potential_is_curved():
    """Bochner's formula has the Hessian of V, so L does not commute with the gradient."""
    commutator = dot(grad(u), grad(L(u))) - L(dot(grad(u), grad(u))) / 2
    for model in CURVED:
        flat = Instance("gaussian", model.geometry.dimension, 0, {u: {**model.symbol(u)}})
        assert model(inner(commutator, one(X))) != flat(inner(commutator, one(X)))


@settings(max_examples=250, **CASES)
@given(SCALARS)
def test_reading_back_is_a_round_trip(term):
    polynomial = normalize(term)
    assert normalize(read_polynomial(polynomial)) == polynomial


@settings(max_examples=250, **CASES)
@given(SCALARS)
def test_each_rewrite_of_the_trace_keeps_the_value(term):
    normalizer = Normalizer()
    normalizer(term)
    for rewrite in normalizer.trace:
        after = [
            Product.of(Rational(factor), *(read_tree(tree) for tree in trees if tree.items))
            for factor, trees in rewrite.after
        ]
        total = Sum.of(*after) if after else Rational(Fraction(0))
        note(f"{rewrite.rule}: {read_tree(rewrite.before)!r} -> {total!r}")
        for model in MODELS[2:]:
            assert model(read_tree(rewrite.before)) == model(total)


@settings(max_examples=250, **CASES)
@given(SMALL, st.data())
def test_equal_normal_forms_have_equal_values(term, data):
    other = term
    for identities in data.draw(st.permutations([false, None, None])):
        pick = lambda n: data.draw(st.integers(0, n - 1))  # noqa: E731
        other = step(other, pick, identities) if identities else step(other, pick)
    if any(model(term) != model(other) for model in MODELS):
        assert normalize(term) != normalize(other)


@settings(max_examples=150, **CASES)
@given(SCALARS)
def test_what_is_called_nonnegative_is(term):
    polynomial = normalize(term)
    for atom in polynomial.atoms():
        if atom.kind == "integral" and atom.nonnegative:
            assert all(model(read_tree(atom.payload)) >= 0 for model in MODELS)


@settings(max_examples=60, **CASES)
@given(functions(1))
def test_squares_of_norms_are_nonnegative_and_never_negative(a):
    assume(normalize(norm(a) ** 2).terms)
    assert not (-normalize(norm(a) ** 2)).is_nonnegative
    assert not (-normalize(norm(a) ** -2)).is_nonnegative
    assert normalize(norm(a)).is_nonnegative


def test_inverse_of_a_norm_is_positive_whatever_comes_first_in_its_square():
    """The square of the norm is a polynomial that may begin with a negative coefficient."""
    starts = set()
    for a in (L(f), u * f, A(f), S(h), inverse(h), grad_adjoint(phi), u):
        for b in (f, h, A(h), inverse(f), L(h), f * h):
            starts.add(normalize(norm(a - b) ** 2).leading > 0)
            assert normalize(norm(a - b) ** -2).is_nonnegative
    assert starts == {True, False}


def test_a_field_along_a_direction_of_the_same_name_is_no_square():
    value = normalize(directional(VectorSymbol("v", X), x, Direction("v", X)))
    assert not value.is_nonnegative


def test_symbols_that_differ_in_any_attribute_are_different():
    positive, real = Parameter("a", "positive"), Parameter("a")
    assert normalize(positive) != normalize(real)
    assert not normalize(real).is_nonnegative
    pairs = [
        (KernelSymbol("M", X, X), KernelSymbol("Ms", X, X, symmetric=True)),
        (KernelSymbol("M", X, X).T, KernelSymbol("Ms", X, X, symmetric=True)),
        (KernelSymbol("M", X, X), KernelSymbol("Msource", X, X, symmetric=True)),
        (KernelSymbol("M", X, X).T, KernelSymbol("Msource", X, X, symmetric=True)),
        (KernelSymbol("M", X, X), KernelSymbol("M", X, X, symmetric=True)),
    ]
    for first, second in pairs:
        assert normalize(inner(f, first(h))) != normalize(inner(f, second(h)))
    kinds = [FunctionSymbol("s", X, kind) for kind in ("perturbation", "mean-zero", "function")]
    assert len({normalize(inner(s, u)) for s in kinds}) == 3


def test_names_cannot_imitate_structure():
    space = Space("X'.'f':perturbation 'X")
    strange = FunctionSymbol("f':perturbation 'X'.'h", X, "mean-zero")
    assert normalize(norm(strange) ** 2) != normalize(inner(f * h, h))
    assert normalize(Parameter("a' real)^1 + 1*parameter('b")) != normalize(
        Parameter("a") + Parameter("b")
    )
    assert normalize(norm(FunctionSymbol("f", space)) ** 2) != normalize(norm(f) ** 2)


def test_the_name_of_the_test_object_is_reserved():
    test = FunctionSymbol("·", X)
    for term in (A(test), grad(test), sup_norm(A(test))):
        with pytest.raises(ValueError, match="name · of the test object"):
            normalize(term)


def test_a_quantity_moves_along_its_own_flow_only():
    own, other = Flow("own"), Flow("other")
    quantity = own.quantity("Q")
    assert normalize(TimeDerivative(2 * quantity, own)) == normalize(
        2 * TimeDerivative(quantity, own)
    )
    for term in (quantity, 2 * quantity, quantity**2):
        with pytest.raises(SortError, match="no time derivative"):
            normalize(TimeDerivative(term, other))


def test_a_time_must_not_move():
    with pytest.raises(ValueError, match="is not constant"):
        normalize(at_time(norm(f), norm(h)))
    assert normalize(at_time(norm(f), at_time(norm(h), 0) + tau)).terms


def test_the_maximum_of_nothing_is_refused():
    """A solver told that it is one of no values would prove everything."""
    with pytest.raises(ValueError, match="the max of nothing"):
        normalize(maximum())


def test_what_may_be_undefined_is_not_total():
    for term in (
        1 / c,
        sqrt(c),
        c ** Fraction(1, 3),
        sqrt(1 + 1 / norm(f)),
        abs(1 / c),
        norm(f) / c,
    ):
        assert not normalize(term).is_total
    for term in (1 / tau, sqrt(norm(f)), abs(c), sqrt(1 + norm(f)), c**2):
        assert normalize(term).is_total


def test_negative_powers_of_zero_are_refused():
    with pytest.raises(ZeroDivisionError, match="negative power of zero"):
        normalize(1 / norm(grad(one(Y))))


def test_sup_norms_are_read_back_with_their_scale():
    polynomial = normalize(sup_norm(-3 * tau * (f + u)))
    assert normalize(read_polynomial(polynomial)) == polynomial
    assert polynomial == normalize(3 * tau * sup_norm(f + u))


def test_powers_of_l_on_both_sides_of_a_green_kernel():
    """L G L u = L u, on a tree that has both powers at once."""
    far = vertex(X, ((Leaf(u),), (Hole(1),)))
    tree = vertex(X, (item(Leaf(w)), item(Edge(GREEN, "", far, power=1))))
    for model in MODELS:
        assert model(read_tree(tree)) == model(inner(w, L(u)))
    assert Normalizer().tree(tree) == normalize(inner(w, L(u)))


def test_a_vector_that_is_not_contracted_is_refused():
    with pytest.raises(AssertionError, match="must be contracted"):
        vertex(X, ((Leaf(u),), (Leaf(phi),)))


@pytest.mark.parametrize("constant", [weighted_poincare_constant, weighted_convexity_constant])
def test_a_weight_matters_as_a_function(constant):
    a, b = Parameter("a", "positive"), Parameter("b", "positive")
    one_way = constant(a * one(X) + b * u**2)
    assert normalize(constant(Sum.of(Product.of(u**2, b), Product.of(one(X), a)))) == normalize(
        one_way
    )
    assert normalize(constant(a * one(X) + u**2)) != normalize(one_way)
    assert normalize(constant(2 * a * one(X) + b * u**2)) != normalize(one_way)
    other = {weighted_poincare_constant, weighted_convexity_constant} - {constant}
    assert normalize(other.pop()(a * one(X) + b * u**2)) != normalize(one_way)
