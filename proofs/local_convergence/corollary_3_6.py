"""Corollary 3.6: from global to local convergence.

Global: when F'' is bounded, all proximal Gibbs measures satisfy one log-Sobolev inequality, and the
free energy of a linearly convex F decays from every initial datum.  Local: once chi2 is small, at
a time that is the origin here, all quantities decay at the rate of the Poincaré constant.
"""

from mflverify.expr import (
    Parameter,
    at_time,
    chi2,
    exp,
    log_sobolev_constant,
    sup_norm,
    variation_slack,
    variation_sup,
    wasserstein,
)
from mflverify.proof import (
    Statement,
    entropy_variance,
    exp_tangent,
    force_variation,
    gronwall,
    holley_stroock_gibbs,
    log_sobolev,
    otto_villani,
    total_mass,
)

from . import lemma_mixed as m
from .free_energy import dissipation, entropy, excess, force, lemma_3_7, proximal, sandwich
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
contraction = worldwide.step(
    "contract",
    general_mfld.derivative(excess) <= -2 * tau * rho * oscillation * excess,
    because=[uniform, dissipation, sandwich, log_sobolev(f, proximal)],
)
worldwide.conclude(
    "decay",
    at_time(excess, t) <= exp(-2 * tau * rho * oscillation * t) * at_time(excess, 0),
    because=[contraction, gronwall(excess, 2 * tau * rho * oscillation, general_mfld, t)],
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
