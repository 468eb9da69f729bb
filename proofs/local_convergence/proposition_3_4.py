"""Proposition 3.4 for a quadratic functional: instability beyond the slack tau.

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
    inner,
    mixed_derivative_sup,
    sup_norm,
    wasserstein,
)
from mflverify.proof import Statement, decreasing, entropy_taylor, mixed_transport

from .free_energy import dissipation, dual_form, entropy, excess
from .notation import K, S, f, mfld, t, tau

r = Parameter("r", "nonnegative")
delta = Parameter("delta", "positive")
theta = Parameter("theta", "positive")
size = -at_time(excess, 0)

proposition = Statement(
    "prop-3.4",
    "Mean-field Langevin dynamics stays away from an unstable equilibrium",
    kind="proposition",
    given=[
        mixed_derivative_sup(S) <= K,
        theta <= convexity_slack(S),
        tau < (1 - r) * theta,
        r < 1,
        at_time(theta * chi2(f), 0) <= -at_time(inner(f, S(f)), 0),
        at_time(sup_norm(f), 0) <= r,
        at_time(chi2(f), 0) <= delta,
        at_time(chi2(f), 0) > 0,
    ],
    source="Proposition 3.4; f is s times a bounded function, r and delta are of the order of s",
)
taylor = proposition.step(
    "entropy",
    2 * (1 - r) * at_time(entropy, 0) <= at_time(chi2(f), 0),
    because=[entropy_taylor(f)],
)
expansion = proposition.conclude(
    "expansion",
    2 * (1 - r) * at_time(excess, 0) <= (tau - (1 - r) * theta) * at_time(chi2(f), 0),
    because=[taylor],
)
proposition.conclude("below", at_time(excess, 0) < 0, because=[expansion])
never = proposition.step(
    "decreases",
    mfld.derivative(excess) <= 0,
    because=[dissipation],
)
below = proposition.step(
    "stays-below",
    at_time(excess, t) <= at_time(excess, 0),
    because=[never, decreasing(excess, mfld, as_term(0), t)],
)
apart = proposition.step(
    "transport",
    -2 * excess <= K * wasserstein(f) ** 2,
    because=[mixed_transport(S, f, f)],
)
proposition.conclude(
    "distance",
    2 * size <= K * at_time(wasserstein(f), t) ** 2,
    because=[below, apart],
)
proposition.conclude(
    "dual-distance",
    2 * size <= K * at_time(dual_norm(f), t) ** 2,
    because=[below, dual_form],
)
