"""Each operator makes the mistakes it promises, and its neighbour is no mistake."""

from fractions import Fraction

import pytest

from mflverify.expr import (
    Flow,
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    RemainderSymbol,
    Space,
    SpeciesConstant,
    VectorSymbol,
    advection,
    at_time,
    component_sup,
    curvature,
    divergence,
    dual_norm,
    equation,
    equilibrium_convexity,
    fisher_information,
    generator,
    gibbs_density,
    grad,
    grad_adjoint,
    inner,
    jacobian_square,
    log_sobolev_constant,
    mixed_norm,
    norm,
    reciprocal,
    relative_entropy,
    remainder_energy,
    sqrt,
    sup_norm,
    variation_sup,
    weighted_convexity_constant,
    weighted_poincare_constant,
)
from mflverify.expr.divergences import RelativeEntropy
from mflverify.expr.terms import Relation, subterms
from mflverify.mutation import OPERATORS, weaker
from mflverify.mutation.places import places, put
from mflverify.mutation.proving import Judge
from mflverify.proof import Statement

X = Space("X")
f = FunctionSymbol("f", X, "perturbation")
A = KernelSymbol("A", source=X, target=X)
B = KernelSymbol("B", source=X, target=X, symmetric=True)
phi = VectorSymbol("Phi", X)
R = RemainderSymbol("R", (X,), X)
gibbs = gibbs_density(B(f))
tau, eps, alpha = (Parameter(name, "positive") for name in ("tau", "eps", "alpha"))
t = Parameter("t", "nonnegative")
by_kind = {operator.kind: operator for operator in OPERATORS}

# operator: a relation, and changes of it that must be among those made
EXAMPLES = {
    "sign": (tau - eps <= alpha, [-tau - eps <= alpha, tau + eps <= alpha, tau - eps <= -alpha]),
    "factor": (tau <= alpha * eps, [2 * tau <= alpha * eps, tau <= Fraction(1, 2) * alpha * eps]),
    "exponent": (
        norm(f) ** 2 <= sqrt(tau) * alpha,
        [norm(f) <= sqrt(tau) * alpha, norm(f) ** 3 <= sqrt(tau) * alpha,
         norm(f) ** 2 <= tau * alpha, norm(f) ** 2 <= sqrt(tau) * alpha**2],
    ),
    "dropped term": (tau + eps <= alpha, [tau <= alpha, eps <= alpha]),
    "dropped factor": (norm(tau * f) <= tau * alpha, [norm(f) <= tau * alpha]),
    "exchanged constants": (alpha * (tau - eps) <= 1, [alpha * (eps - tau) <= 1]),
    "moved constant": (alpha * (tau - eps) <= 1, [(alpha - eps) * tau <= 1]),
    "norm": (norm(f) <= tau, [dual_norm(f) <= tau, sup_norm(f) <= tau, norm(grad(f)) <= tau]),
    "operator": (norm(generator(f)) <= tau, [norm(f) <= tau]),
    "transposed": (norm(A(f)) <= tau, [norm(A.T(f)) <= tau]),
    "time": (at_time(norm(f), t) <= tau, [at_time(norm(f), 0) <= tau]),
    "reversed": (tau < eps, [eps < tau]),
    "strict": (tau <= eps, [tau < eps]),
}  # fmt: skip


def test_every_operator_has_an_example():
    assert set(EXAMPLES) == set(by_kind)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_the_promised_changes_are_made(kind):
    relation, expected = EXAMPLES[kind]
    made = [change.relation for change in by_kind[kind].changes(relation)]
    assert [change for change in expected if change not in made] == []
    assert relation not in made


# where the example above offers no place for the neighbour
PLACES = {
    "operator": norm(generator(f)) <= tau,
    "transposed": inner(f, A(f)) <= tau,
    "time": at_time(norm(f) + dual_norm(f), t) <= tau,
}


@pytest.mark.parametrize("kind", EXAMPLES)
def test_the_neighbour_follows_from_the_relation(kind):
    relation = PLACES.get(kind, EXAMPLES[kind][0])
    neighbour = by_kind[kind].neighbour(relation)
    assert neighbour is not None
    assert neighbour != relation
    statement = Statement("s", "s", given=[relation])
    step = statement.step("neighbour", neighbour)
    assert Judge().claim(step).outcome == "proved"


@pytest.mark.parametrize(
    ("term", "mistaken"),
    [
        (advection(phi, grad(f)), advection(grad(f), phi)),
        (jacobian_square(phi), curvature(phi)),
        (curvature(phi), jacobian_square(phi)),
        (divergence(phi), grad_adjoint(phi)),
        (reciprocal(1 + f**2), 1 + f**2),
        (weighted_poincare_constant(1 + f**2), weighted_convexity_constant(1 + f**2)),
        (weighted_convexity_constant(1 + f**2), weighted_poincare_constant(1 + f**2)),
        (equilibrium_convexity(X, tau, B), equilibrium_convexity(X, tau)),
        (relative_entropy(f, gibbs), relative_entropy(f)),
        (fisher_information(f, gibbs), fisher_information(f)),
        (log_sobolev_constant(gibbs), log_sobolev_constant(X)),
        (variation_sup(B, R, 1), variation_sup(B, R, 2)),
        (remainder_energy(R, f), inner(R(f), f)),
    ],
)
def test_one_object_is_taken_for_another(term, mistaken):
    relation = equation(term, term)
    made = [change.relation for change in by_kind["operator"].changes(relation)]
    assert equation(mistaken, term) in made


union = Space("U", union=True)
state, M = FunctionSymbol("u", union), KernelSymbol("M", union, union)
c = SpeciesConstant("c", union, "positive")


@pytest.mark.parametrize(
    ("kind", "relation", "mistaken"),
    [
        ("norm", component_sup(state) <= tau, sup_norm(state) <= tau),
        ("norm", component_sup(state) <= tau, norm(state) <= tau),
        ("norm", sup_norm(state) <= tau, component_sup(state) <= tau),
        ("operator", mixed_norm(M, weight=c) <= tau, mixed_norm(M) <= tau),
        ("operator", norm(c * M(state)) <= tau, norm(M(c * state)) <= tau),
    ],
)
def test_mistakes_about_unions(kind, relation, mistaken):
    assert mistaken in [change.relation for change in by_kind[kind].changes(relation)]


def test_a_flow_is_changed_inside_a_derivative():
    flow = Flow.of("flow", {f: -tau * generator(f) - grad_adjoint(f * grad(A(f)))})
    relation = equation(flow.derivative(norm(f) ** 2), -2 * tau * inner(f, generator(f)))
    flipped = Flow.of("flow", {f: tau * generator(f) - grad_adjoint(f * grad(A(f)))})
    made = [change.relation for change in by_kind["sign"].changes(relation)]
    assert equation(flipped.derivative(norm(f) ** 2), relation.rhs) in made
    transposed = [change.relation for change in by_kind["transposed"].changes(relation)]
    assert len(transposed) == 1
    assert A.T in set(subterms(transposed[0]))


def test_what_means_nothing_is_not_made():
    g = FunctionSymbol("g", X)  # not known to be mean-zero, so it has no dual norm
    made = [change.relation for change in by_kind["norm"].changes(norm(g) <= tau)]
    assert made == [sup_norm(g) <= tau, norm(grad(g)) <= tau]


def test_places_address_every_subterm():
    relation = norm(f) ** 2 + tau <= alpha * (tau - eps)
    for place, node in places(relation):
        if place:
            assert put(relation, place, node) == relation


@pytest.mark.parametrize(
    ("relation", "expected"),
    [
        (equation(tau, eps), tau <= eps),
        (tau <= eps, tau <= 2 * eps),
        (tau <= eps - alpha, tau <= eps - alpha + 1),
        (equation(f, f), None),
    ],
)
def test_weaker(relation, expected):
    made = weaker(relation)
    assert made == expected if isinstance(made, Relation) else made is expected


def test_constants_are_not_exchanged_where_that_means_nothing():
    slack_ = Parameter("lambda", "nonnegative")
    bottom = equilibrium_convexity(X, tau, B)
    changes = by_kind["exchanged constants"].changes(bottom + slack_ <= tau + alpha)
    words = [change.words for change in changes]
    assert words  # alpha is positive, so it may take the place of tau
    assert not any("λ" in change and "τ" in change for change in words)


def test_neighbours_are_written_outside_of_entropies():
    claim = relative_entropy(f, gibbs_density((1 / tau) * B(f))) <= tau * alpha
    neighbour = by_kind["dropped factor"].neighbour(claim)
    assert neighbour is not None
    inside = [part for part in subterms(claim) if isinstance(part, RelativeEntropy)]
    assert inside
    assert all(part in subterms(neighbour) for part in inside)


def test_neighbours_are_written_outside_of_what_the_algebra_does_not_know():
    inside = jacobian_square(tau * grad(f))
    outside = sup_norm(inside) <= tau * alpha
    neighbour = by_kind["dropped factor"].neighbour(outside)
    assert neighbour is not None
    assert neighbour.lhs == outside.lhs
    assert neighbour.rhs != outside.rhs
    assert by_kind["dropped factor"].neighbour(sup_norm(inside) <= alpha) is None
