"""Hypotheses that cannot restrict a claim are left out; those that can are kept."""

from mflverify.expr import (
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    Space,
    at_time,
    chi2,
    convexity_slack,
    mixed_derivative_sup,
    norm,
    poincare_constant,
)
from mflverify.models.relevance import relevant

X = Space("X")
f = FunctionSymbol("f", X, "perturbation")
S = KernelSymbol("S", X, X, symmetric=True)
alpha, tau, eps = (Parameter(name, "positive") for name in ("alpha", "tau", "eps"))
K, lam = Parameter("K", "nonnegative"), Parameter("lambda", "nonnegative")

GAP = alpha <= poincare_constant(X)
SIZE = mixed_derivative_sup(S) <= K
SLACK = convexity_slack(S) <= lam
ROOM = eps < tau - lam
BALL = K**2 * at_time(chi2(f), 0) <= alpha**2 * eps**2


def test_constants_that_the_claim_does_not_mention_are_left_out():
    assert relevant(norm(f) <= 1, [GAP, SIZE, SLACK]) == ()
    assert relevant(alpha * norm(f) <= 1, [GAP, SIZE, SLACK]) == (GAP,)


def test_chains_of_constants_are_kept():
    assert relevant(K * norm(f) <= 1, [SIZE, K <= tau]) == (SIZE, K <= tau)
    assert relevant(eps * norm(f) <= 1, [ROOM, SLACK]) == (ROOM, SLACK)


def test_a_positive_constant_below_something_restricts_it():
    # eps < tau - lambda with eps > 0 says lambda < tau, which a claim about both may need
    assert relevant(lam <= tau, [ROOM]) == (ROOM,)


def test_two_sided_bounds_are_kept():
    low = tau <= alpha
    assert relevant(tau <= poincare_constant(X), [GAP, low]) == (GAP, low)


def test_the_size_of_the_state_is_kept_with_its_constants():
    assert relevant(norm(f) <= 1, [GAP, SIZE, ROOM, SLACK, BALL]) == (GAP, SIZE, ROOM, SLACK, BALL)
