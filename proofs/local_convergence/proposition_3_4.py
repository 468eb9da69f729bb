"""Proposition 3.4: instability beyond the slack tau.

Where <f, M f> < -tau chi2 the free energy is below that of the equilibrium for small multiples of f;
it decreases, and it is bounded below by the distance to the equilibrium, which therefore stays
away from 0 for all times.  No lower semicontinuity is needed, and the distance is explicit.
"""

from mflverify.expr import (
    Parameter,
    as_term,
    at_time,
    chi2,
    convexity_slack,
    dual_norm,
    grad,
    inner,
    inverse_generator,
    mixed_derivative_sup,
    one,
    poincare_constant,
    remainder_energy,
    sup_norm,
    third_derivative_sup,
    variation_sup,
    wasserstein,
)
from mflverify.proof import (
    Statement,
    bregman_dual,
    bregman_transport,
    cauchy_schwarz,
    decreasing,
    entropy_taylor,
    hoelder,
    poincare_dual,
    slack_bounded,
    third_order,
)

from .free_energy import dissipation, entropy, excess
from .notation import K, R, S, T, X, alpha, eps, f, general_mfld, t, tau
from .theorem_3_2 import gradient_bound

r = Parameter("r", "nonnegative")
delta = Parameter("delta", "positive")
theta = Parameter("theta", "positive")
start = at_time(chi2(f), 0)
depth = -at_time(excess, 0)

proposition = Statement(
    "prop-3.4",
    "Mean-field Langevin dynamics stays away from an unstable equilibrium",
    kind="proposition",
    given=[
        alpha <= poincare_constant(X),
        variation_sup(S, R, 2) <= K,
        third_derivative_sup(R) <= T,
        theta <= convexity_slack(S),
        eps < theta,
        r < 1,
        tau < (1 - r) * (theta - eps),
        theta * start <= -at_time(inner(f, S(f)), 0),
        at_time(sup_norm(f), 0) <= r,
        T * at_time(dual_norm(f), 0) <= 3 * alpha * eps,
        start <= delta,
        start > 0,
    ],
    source="Proposition 3.4; f is s times a bounded function; r, eps and delta vanish with s",
)
taylor = proposition.step(
    "entropy",
    2 * (1 - r) * at_time(entropy, 0) <= start,
    because=[entropy_taylor(f)],
)
remainder = proposition.step(
    "remainder",
    2 * at_time(remainder_energy(R, f), 0) <= eps * start,
    because=[third_order(R, f), poincare_dual(f)],
)
expansion = proposition.conclude(
    "expansion",
    2 * (1 - r) * at_time(excess, 0) <= (tau - (1 - r) * (theta - eps)) * start,
    because=[taylor, remainder],
)
divided = proposition.step(
    "divided",
    2 * at_time(excess, 0) <= (tau / (1 - r) - (theta - eps)) * start,
    because=[expansion],
)
proposition.conclude("below", at_time(excess, 0) < 0, because=[divided])
never = proposition.step("decreases", general_mfld.derivative(excess) <= 0, because=[dissipation])
below = proposition.step(
    "stays-below",
    at_time(excess, t) <= at_time(excess, 0),
    because=[never, decreasing(excess, general_mfld, as_term(0), t)],
)
apart = proposition.step(
    "transport", -2 * excess <= K * wasserstein(f) ** 2, because=[bregman_transport(S, R, f)]
)
dual_apart = proposition.step(
    "dual", -2 * excess <= K * dual_norm(f) ** 2, because=[bregman_dual(S, R, f)]
)
proposition.conclude(
    "distance", 2 * depth <= K * at_time(wasserstein(f), t) ** 2, because=[below, apart]
)
proposition.conclude(
    "dual-distance", 2 * depth <= K * at_time(dual_norm(f), t) ** 2, because=[below, dual_apart]
)

largest = Statement(
    "prop-3.4-bounded",
    "Bounded functions decide the slack, which is at most K / alpha",
    kind="lemma",
    given=[
        alpha <= poincare_constant(X),
        mixed_derivative_sup(S) <= K,
        theta <= convexity_slack(S),
    ],
    source="Proposition 3.4, its first step: f may be taken bounded; with Lemma 3.9",
)
form = largest.step(
    "form",
    -inner(f, S(f)) <= K / alpha * chi2(f),
    because=[
        gradient_bound,
        hoelder(one(X), grad(S(f))),
        cauchy_schwarz(grad(inverse_generator(f)), grad(S(f))),
        poincare_dual(f),
    ],
)
largest.conclude("slack", theta <= K / alpha, because=[form, slack_bounded(S, K / alpha, f)])
