"""Drawn batches: every counted instance is different and satisfies all hypotheses."""

from fractions import Fraction

import numpy as np
import pytest

from mflverify.expr import (
    Flow,
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    Space,
    chi2,
    dual_norm,
    generator,
    grad,
    inner,
    mixed_derivative_sup,
    norm,
    poincare_constant,
)
from mflverify.models import InstanceData, Request, ScalarFamily, TorusFamily, interpret
from mflverify.models.bounds import place_batch

X, Y = Space("X"), Space("Y")
f = FunctionSymbol("f", X, "perturbation")
g = FunctionSymbol("g", Y, "perturbation")
M = KernelSymbol("M", source=Y, target=X)
S = KernelSymbol("S", X, X, symmetric=True)
tau, K, alpha, eps = (Parameter(n, "positive") for n in ("tau", "K", "alpha", "eps"))
SIZE = 300

SETS = {
    "bounds from both sides": [mixed_derivative_sup(M) <= K, K <= tau],
    "strict and closed from below": [eps < tau, alpha <= tau],
    "theorem 4.1": [
        alpha <= poincare_constant(X),
        alpha <= poincare_constant(Y),
        mixed_derivative_sup(M) <= K,
        eps < tau,
        K**2 * (chi2(f) + chi2(g)) <= alpha**2 * eps**2,
    ],
    "sign of a quadratic form": [inner(f, S(f)) <= -Fraction(1, 10) * norm(f) ** 2],
    "seldom met": [inner(f, S(f)) <= -Fraction(1, 2) * norm(f) ** 2],
}


def draw(hypotheses, seed=0, size=SIZE):
    # f occurs everywhere, so that instances can be told apart
    request = Request.of(norm(f), hypotheses=hypotheses)
    return TorusFamily().draw(request, np.random.default_rng(seed), size)


def broken(batch, relation):
    lhs, rhs = batch.evaluate(relation.lhs), batch.evaluate(relation.rhs)
    slack = 0 if relation.kind == "lt" else 1e-9 * (np.abs(lhs) + np.abs(rhs))
    return np.count_nonzero(lhs >= rhs if relation.kind == "lt" else lhs > rhs + slack)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("perturbed", [False, True])
def test_every_instance_satisfies_every_hypothesis(name, perturbed):
    batch = draw(SETS[name])
    if perturbed:
        batch = batch.take(np.arange(20)).perturb(np.random.default_rng(1), 0.5)
    assert batch.size
    assert [broken(batch, relation) for relation in SETS[name]] == [0] * len(SETS[name])


@pytest.mark.parametrize("name", SETS)
def test_no_instance_is_counted_twice(name):
    batch = draw(SETS[name])
    assert batch.size <= SIZE
    assert len(np.unique(batch.evaluate(norm(f)))) == batch.size


def test_a_batch_is_filled_when_many_draws_are_refused():
    assert draw([0 <= inner(f, S(f))]).size == SIZE


def test_constraints_are_not_met_by_a_vanishing_state():
    batch = draw(SETS["seldom met"])
    assert np.all(batch.evaluate(norm(f)) > 1e-9)


def test_rational_draws_are_as_many_as_there_are_instances():
    request = Request.of(norm(f), hypotheses=SETS["seldom met"])
    data = TorusFamily().draw_data(request, np.random.default_rng(0), SIZE)
    assert 0 < len(data) < SIZE
    assert len({str(d.to_json()) for d in data}) == len(data)


def test_contradictory_hypotheses_are_refused():
    with pytest.raises(ValueError, match="no drawn instance satisfies"):
        draw([mixed_derivative_sup(M) <= K, K < Fraction(1, 2) * mixed_derivative_sup(M)])
    with pytest.raises(ValueError, match="no drawn instance satisfies"):
        draw([norm(grad(f)) ** 2 < poincare_constant(X) * norm(f) ** 2 * Fraction(1, 2)])


@pytest.mark.parametrize("scale", [0.05, 0.5])
def test_perturbed_symmetric_kernels_are_symmetric(scale):
    rng = np.random.default_rng(2)
    request = Request.of(inner(f, S(f)))
    batch = TorusFamily().draw(request, rng, 20).perturb(rng, scale)
    matrix = batch.raw.arrays["kernel", "S"]
    assert np.array_equal(matrix, np.swapaxes(matrix, 1, 2))
    interpret(batch.data(0), request, "ball")


def test_scalar_draws_satisfy_bounds_from_both_sides():
    X_t = Flow("abstract").quantity("X")
    hypotheses = [alpha <= K, K <= tau, eps < K]
    request = Request.of(X_t, hypotheses=hypotheses)
    batch = ScalarFamily().draw(request, np.random.default_rng(0), SIZE)
    assert batch.size == SIZE
    assert [broken(batch, relation) for relation in hypotheses] == [0, 0, 0]


@pytest.mark.parametrize(
    "number", ["1e999999999", "1e5", "nan", "inf", "1/0", "1/00", "", " 1", "1_0"]
)
def test_numbers_in_data_are_plain_rationals(number):
    with pytest.raises(ValueError, match="is not a rational number"):
        InstanceData.from_json({"family": "torus", "functions": {"f": [number]}})


@pytest.mark.parametrize("number", ["0", "-3/4", "+2", "0.25", "10/30"])
def test_plain_rationals_are_read(number):
    data = InstanceData.from_json({"family": "torus", "functions": {"f": [number]}})
    assert data.functions["f"] == (Fraction(number),)


def test_the_dual_norm_of_a_drawn_state_is_at_most_its_norm_over_the_gap():
    batch = draw([])
    bound = batch.evaluate(poincare_constant(X) * dual_norm(f) ** 2)
    assert np.all(bound <= batch.evaluate(norm(f) ** 2) * (1 + 1e-9))
    assert np.all(batch.evaluate(norm(generator(f))) > 0)


def test_a_bound_that_is_undefined_for_some_draws_costs_those_alone():
    # 1 / K is infinite where K = 0, and no eps lies between infinity and infinity
    zero = Parameter("K", "nonnegative")
    hypotheses = [mixed_derivative_sup(M) <= zero, 1 / zero <= eps, eps <= 2 / zero]
    batch = TorusFamily().draw(
        Request.of(norm(f) * zero, hypotheses=hypotheses), np.random.default_rng(1), SIZE
    )
    amounts = batch.evaluate(zero)
    assert len(amounts) > SIZE // 2
    assert np.all(amounts > 0)
    assert not any(broken(batch, relation) for relation in hypotheses)
    placed = place_batch(
        np.array([1.0, np.inf]), np.array([2.0, np.inf]), 0.5, np.array([False] * 2), True, True
    )
    assert placed[0] == 1.5
    assert np.isnan(placed[1])
