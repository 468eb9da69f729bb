"""Nodes that the algebra does not know are opaque to it, or refused; never taken for others."""

from importlib import import_module
from pkgutil import walk_packages

import attrs
import pytest
from attrs import field, frozen
from vocabulary import A, L, S, X, c, f, gradient_flow, h, inverse, phi, tau, u, v, w, x

import mflverify.expr
from mflverify.algebra import normalize, time_derivative
from mflverify.algebra.expand import summands
from mflverify.algebra.reading import read_polynomial
from mflverify.algebra.understood import exact_text, is_as_listed, is_understood
from mflverify.expr import (
    Flow,
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    Space,
    at_time,
    center,
    directional,
    dot,
    grad,
    grad_adjoint,
    inner,
    kernel_slice,
    mixed_derivative_sup,
    monotonicity_slack,
    norm,
    one,
    projector,
    spectral_norm,
    sup_norm,
)
from mflverify.expr.hessians import (
    Advection,
    Curvature,
    Divergence,
    JacobianSquare,
    KernelAlong,
)
from mflverify.expr.sorts import SCALAR, FunctionSort, OperatorSort, SortError, VectorSort
from mflverify.expr.terms import (
    Apply,
    Generator,
    GeneratorInverse,
    Inner,
    Norm,
    One,
    Projector,
    Remainder,
    RemainderSymbol,
    Sum,
    Term,
    TimeDerivative,
)
from mflverify.expr.variations import SegmentVariation
from mflverify.expr.weights import Reciprocal


@frozen(repr=False, cache_hash=True)
class Variation(Term):
    """A function that depends on a function in an unknown way."""

    name: str
    argument: Term

    @property
    def sort(self):
        return FunctionSort(X)


@frozen(repr=False, cache_hash=True)
class Drift(Term):
    """A vector field, likewise."""

    argument: Term

    @property
    def sort(self):
        return VectorSort(X)


@frozen(repr=False, cache_hash=True)
class Functional(Term):
    """A number, likewise."""

    argument: Term
    order: int = 1

    @property
    def sort(self):
        return SCALAR


@frozen(repr=False, cache_hash=True)
class Hessian(Term):
    """An operator, likewise."""

    argument: Term

    @property
    def sort(self):
        return OperatorSort(X, X)


@frozen(repr=False, cache_hash=True)
class WeightedGenerator(Generator):
    """A node that inherits from one that the algebra knows."""

    weight: Term = field(default=tau)


@frozen(repr=False, cache_hash=True)
class FlatUnit(One):
    """Likewise."""


@frozen(repr=False, cache_hash=True)
class WeightedNorm(Norm):
    """A node that inherits, without a field of its own."""


@frozen(repr=False, cache_hash=True)
class Callback(Term):
    """A node with a field that no text tells from others."""

    function: object

    @property
    def sort(self):
        return SCALAR


r, drift, F = Variation("R", f), Drift(f), Functional(f)


# facts say what is known of derivatives of fields and of the density, and of reciprocals
SECOND_ORDER = {Advection, Curvature, Divergence, JacobianSquare, KernelAlong, Reciprocal}
# any function of its states: the same for the same states, and no more is known
OPAQUE_ON_PURPOSE: set[type] = {Remainder, RemainderSymbol, SegmentVariation, *SECOND_ORDER}


def kinds(parent):
    for kind in parent.__subclasses__():
        yield kind
        yield from kinds(kind)


def test_every_node_of_the_language_is_understood():
    """A node that the algebra should look into is easily forgotten, since opaque ones are sound."""
    for module in walk_packages(mflverify.expr.__path__, "mflverify.expr."):
        import_module(module.name)
    mine = [k for k in kinds(Term) if k.__module__.startswith("mflverify.") and attrs.has(k)]
    assert len(mine) > 40
    unknown = {k for k in mine if not is_as_listed(k)} - OPAQUE_ON_PURPOSE
    assert not unknown, "see docs/algebra.md, a new kind of node"


def agree(left, right):
    return (normalize(left) - normalize(right)).is_zero


def test_an_opaque_function_is_handled_like_a_symbol():
    assert agree(inner(r, L(u)), inner(L(r), u))
    assert agree(L(r * u), r * L(u) + u * L(r) - 2 * dot(grad(u), grad(r)))
    assert agree(inner(A(r), u), inner(r, A.T(u)))
    assert agree(inverse(L(r)), center(r))
    assert agree(norm(r) ** 2, inner(r, r))
    assert normalize(norm(r) ** 2).is_nonnegative


def test_nothing_else_is_known_of_an_opaque_function():
    assert not agree(inner(r, one(X)), 0 * tau)
    assert not agree(r, f)
    assert not agree(r, Variation("R", h))
    assert not agree(r, Variation("Q", f))
    assert not agree(Variation("R", f + h), Variation("R", h + f))  # true or not: it is not known
    assert not agree(Variation("R", 2 * f), 2 * r)


def test_an_opaque_field_is_handled_like_a_symbol():
    assert agree(inner(drift, grad(u)), inner(grad_adjoint(drift), u))
    assert agree(grad_adjoint(u * drift), u * grad_adjoint(drift) - dot(grad(u), drift))
    assert agree(projector(projector(drift)), projector(drift))
    assert agree(inner(grad_adjoint(drift), one(X)), 0 * tau)
    assert not agree(projector(drift), drift)
    assert not agree(drift, phi)
    assert not agree(directional(drift, x, v), directional(phi, x, v))


def test_an_opaque_scalar_is_an_atom_without_a_sign():
    assert agree((F + 1) ** 2, F**2 + 2 * F + 1)
    assert not agree(F, Functional(h))
    assert not agree(F, Functional(f, 2))
    assert not normalize(F).is_nonnegative
    assert not normalize(F**2).is_total  # it may be undefined
    assert agree(at_time(2 * F + tau, 0), 2 * at_time(F, 0) + tau)
    assert not agree(at_time(F, 0), F)


def test_an_opaque_operator_makes_what_it_is_applied_to_opaque():
    B = Hessian(f)
    assert agree(inner(Apply(B, u), L(w)), inner(L(Apply(B, u)), w))
    assert not agree(inner(Apply(B, u), w), inner(u, Apply(B, w)))
    assert not agree(Apply(B, u), Apply(Hessian(h), u))
    assert not agree(kernel_slice(B, x, v), kernel_slice(S, x, v))
    assert not agree(mixed_derivative_sup(B), mixed_derivative_sup(S))


def test_what_is_opaque_is_not_held_to_be_constant():
    """An unknown operator or number may move, so its value at a time is not its value now."""
    hidden = Functional(tau)  # nothing in it is seen to move
    for term in (monotonicity_slack(Hessian(f)), spectral_norm([hidden]), F, hidden):
        assert not agree(at_time(term, 0), term)
        with pytest.raises(SortError, match="the algebra does not know"):
            normalize(TimeDerivative(term * norm(f), gradient_flow))
    for term in (monotonicity_slack(A), spectral_norm([tau, c])):
        assert agree(at_time(term, 0), term)


def test_remainders_are_functions_of_their_states():
    R = RemainderSymbol("R", (X,), X)
    assert agree(inner(R(f), L(u)), inner(grad(R(f)), grad(u)))
    assert not agree(R(f), R(h))
    assert not agree(R(2 * f), 2 * R(f))
    assert not agree(inner(R(f), one(X)), 0 * tau)
    assert not agree(R(f), RemainderSymbol("Q", (X,), X)(f))
    with pytest.raises(SortError, match="the algebra does not know Remainder"):
        normalize(TimeDerivative(inner(R(f), u), gradient_flow))


def test_a_subclass_is_not_taken_for_its_parent():
    assert not agree(WeightedGenerator(u), L(u))
    assert not agree(WeightedGenerator(u), WeightedGenerator(u, eps := Parameter("e", "positive")))
    assert not agree(inner(WeightedGenerator(u, eps), one(X)), 0 * tau)
    assert not agree(WeightedNorm(u), norm(u))
    assert not agree(WeightedNorm(u) ** 2, norm(u) ** 2)
    assert not normalize(WeightedNorm(u)).is_nonnegative
    assert not agree(inner(FlatUnit(X), u), inner(one(X), u))


def test_a_class_that_gained_a_field_is_not_taken_for_what_it_was():
    @frozen(repr=False, cache_hash=True)
    class Tilted(Projector):
        angle: Term = field(default=c)

        def __repr__(self):
            return "<Tilted>"

    assert not is_understood(Tilted(phi))
    assert not agree(Tilted(phi), projector(phi))
    assert not agree(Tilted(phi, c), Tilted(phi, tau))


def test_an_unknown_kind_of_symbol_is_not_mean_zero_and_an_unknown_sign_is_none():
    strange = FunctionSymbol("s", X, "density")  # type: ignore[arg-type]
    assert not agree(inner(strange, one(X)), 0 * tau)
    assert not normalize(Parameter("p", "negative")).is_nonnegative  # type: ignore[arg-type]
    assert not normalize(Flow("abstract").quantity("p", "negative")).is_nonnegative  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "term",
    [
        F,
        F * norm(f),
        norm(r),
        inner(drift, grad(u)),
        inner(Apply(Hessian(f), u), u),
        WeightedNorm(f),
        norm(WeightedGenerator(h)),
        Functional(h),  # not even when nothing in it is seen to move
    ],
)
def test_the_time_derivative_of_what_is_unknown_is_refused(term):
    with pytest.raises(SortError, match="no time derivative: the algebra does not know"):
        time_derivative(term, gradient_flow)
    with pytest.raises(SortError, match="no time derivative: the algebra does not know"):
        normalize(TimeDerivative(term, gradient_flow))


def test_a_node_that_cannot_be_told_from_others_is_refused():
    with pytest.raises(TypeError, match="no text that tells it from all others"):
        normalize(Callback(print))


def test_what_has_no_value_is_refused():
    for term in (x, v, S):
        with pytest.raises(TypeError, match="no normal form"):
            normalize(term)


def test_opaque_nodes_are_read_back():
    for term in (inner(r * L(u), w), F**2 - tau, inner(drift, grad(u * r)), sup_norm(r)):
        polynomial = normalize(term)
        assert normalize(read_polynomial(polynomial)) == polynomial


def test_traces_do_not_look_into_opaque_nodes():
    @frozen(repr=False, cache_hash=True)
    class Pairing(Inner):
        def __repr__(self):
            return "<Pairing>"

    term = Pairing(f + h, u)
    assert summands(term) == [term]
    assert summands(Sum.of(term, F)) == [term, F]


def test_names_are_quoted_in_exact_texts():
    first = KernelSymbol("K", Space("X)"), Space("Y"))
    second = KernelSymbol("K", Space("X"), Space(")Y"))
    assert exact_text(first) != exact_text(second)
    assert exact_text(GeneratorInverse(f)) != exact_text(L(f))
