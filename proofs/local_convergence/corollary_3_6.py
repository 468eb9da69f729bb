"""Corollary 3.6: from global to local convergence.

Global: when F'' is bounded, all proximal Gibbs measures satisfy one log-Sobolev inequality, and the
free energy of a linearly convex F decays from every initial datum.  Then chi2 becomes small, if it is
finite at the start.  Local: once chi2 is small, at a time that is the origin here, all quantities
decay at the rate of the Poincaré constant.
"""

from mflverify.expr import (
    Parameter,
    at_time,
    chi2,
    exp,
    grad,
    inner,
    log_sobolev_constant,
    norm,
    poincare_constant,
    sup_norm,
    variation_slack,
    variation_sup,
    wasserstein,
)
from mflverify.proof import (
    Statement,
    cauchy_schwarz,
    entropy_variance,
    exp_tangent,
    force_gradient,
    force_variation,
    gronwall,
    hoelder,
    holley_stroock_gibbs,
    log_sobolev,
    otto_villani,
    poincare,
    total_mass,
)

from . import lemma_mixed as m
from .free_energy import dissipation, entropy, excess, force, lemma_3_7, proximal, sandwich
from .general_flow import derivatives
from .notation import K, R, S, X, alpha, f, general_mfld, t, tau
from .theorem_3_8 import rate, theorem

B0 = Parameter("B0", "nonnegative")
K2 = Parameter("K2", "nonnegative")
rho = Parameter("rho", "positive")

oscillation = exp(-4 * B0 / tau)
worldwide = Statement(
    "cor-3.6-global",
    "The free energy decays from every initial datum",
    kind="corollary",
    given=[
        rho <= log_sobolev_constant(X),
        variation_slack(S, R) <= 0,
        variation_sup(S, R) <= B0,
    ],
    source="the global convergence that Corollary 3.6 starts from; [18]",
)
small = worldwide.step(
    "oscillation",
    sup_norm(force) <= 2 * B0,
    because=[force_variation(S, R, f), total_mass(f)],
)
exponent = -2 / tau * sup_norm(force)
exponential = worldwide.step(
    "exponential",
    oscillation <= exp(exponent),
    because=[small, exp_tangent(exponent + 4 * B0 / tau)],
)
uniform = worldwide.conclude(
    "log-sobolev",
    rho * oscillation <= log_sobolev_constant(proximal),
    because=[exponential, holley_stroock_gibbs(force, tau)],
)
contraction = worldwide.conclude(
    "contract",
    general_mfld.derivative(excess) <= -2 * tau * rho * oscillation * excess,
    because=[uniform, dissipation, sandwich, log_sobolev(f, proximal)],
)
settled = worldwide.conclude(
    "decay",
    at_time(excess, t) <= exp(-2 * tau * rho * oscillation * t) * at_time(excess, 0),
    because=[contraction, gronwall(excess, 2 * tau * rho * oscillation, general_mfld, t)],
)

# From a free energy that decays at the rate r to a small chi2, for any finite chi2 at the start: the
# excess in the exponent pays for what the force may add to chi2.
r = Parameter("r", "positive")
h = Parameter("h", "nonnegative")
exponent_of_excess = 2 * h / r * excess
raised = (1 + chi2(f)) * exp(exponent_of_excess) - 1
passage = Statement(
    "cor-3.6-passage",
    "A free energy that decays makes chi2 small",
    kind="corollary",
    given=[
        *worldwide.given,
        alpha <= poincare_constant(X),
        variation_sup(S, R, 2) <= K2,
        2 * K2**2 <= h * rho * tau**2,
        r <= 2 * tau * rho * oscillation,
        r <= 2 * tau * alpha,
        4 * h * at_time(excess, 0) <= r,
    ],
    source="Corollary 3.6, in place of [14, Proposition 2.3], for a finite chi2 at the start",
)
heat = passage.step(
    "heat",
    sup_norm(grad(force)) ** 2 <= tau * h * excess,
    because=[force_gradient(S, R, f), otto_villani(f), sandwich],
)
push = passage.step(
    "push",
    2 * abs(inner(grad(f), (1 + f) * grad(force)))
    <= tau * norm(grad(f)) ** 2 + sup_norm(grad(force)) ** 2 * (1 + chi2(f)) / tau,
    because=[cauchy_schwarz(grad(f), (1 + f) * grad(force)), hoelder(1 + f, grad(force))],
)
growth = passage.step(
    "growth",
    general_mfld.derivative(chi2(f)) <= -tau * alpha * chi2(f) + h * excess * (1 + chi2(f)),
    because=[derivatives, push, heat, poincare(f)],
)
drop = passage.step(
    "drop", general_mfld.derivative(excess) <= -r * excess, because=[worldwide, sandwich]
)
tangent = passage.step(
    "tangent",
    r / 2 * exp(exponent_of_excess) <= r / 2 + h * excess * exp(exponent_of_excess),
    because=[exp_tangent(-exponent_of_excess)],
)
falls = passage.step(
    "contract",
    general_mfld.derivative(raised) <= -r / 2 * raised,
    because=[growth, drop, tangent, sandwich],
)
below = passage.step(
    "below", chi2(f) <= raised, because=[exp_tangent(exponent_of_excess), sandwich]
)
begin = at_time(exponent_of_excess, 0)
small = passage.step("small", 2 * begin <= 1)
inverse = passage.step("inverse", exp(begin) * (1 - begin) <= 1, because=[exp_tangent(-begin)])
double = passage.step("double", exp(begin) <= 2, because=[small, inverse])
exponential = passage.step(
    "exponential", exp(begin) <= 1 + 2 * begin, because=[inverse, double, sandwich]
)
start = passage.step(
    "start",
    at_time(raised, 0) <= 2 * at_time(chi2(f), 0) + 4 * h / r * at_time(excess, 0),
    because=[exponential],
)
passage.conclude(
    "chi2",
    at_time(chi2(f), t)
    <= exp(-r / 2 * t) * (2 * at_time(chi2(f), 0) + 4 * h / r * at_time(excess, 0)),
    because=[falls, gronwall(raised, r / 2, general_mfld, t), below, start],
    note="below any level from an explicit time on, where cor-3.6 starts",
)

corollary = Statement(
    "cor-3.6",
    "All distances and the free energy decay at the local rate",
    kind="corollary",
    given=[
        *theorem.given,
        rho <= log_sobolev_constant(X),
        variation_sup(S, R, 2) <= K2,
    ],
    source="Corollary 3.6, from the time at which chi2 is small",
)
decay = corollary.conclude(
    "chi2",
    at_time(chi2(f), t) <= (1 + 1 / m.eta) * exp(-rate * t) * at_time(chi2(f), 0),
    because=[theorem],
)
corollary.conclude(
    "entropy", at_time(entropy, t) <= at_time(chi2(f), t), because=[entropy_variance(f)]
)
corollary.conclude(
    "transport",
    rho / 2 * at_time(wasserstein(f), t) ** 2 <= at_time(entropy, t),
    because=[otto_villani(f)],
)
corollary.conclude(
    "free-energy",
    at_time(excess, t) <= (tau + K2 / rho) * (1 + 1 / m.eta) * exp(-rate * t) * at_time(chi2(f), 0),
    because=[decay, lemma_3_7.at({alpha: rho, K: K2})],
)
