"""Corollary 3.6: from global to local convergence.

Global: when F'' is bounded, all proximal Gibbs measures satisfy one log-Sobolev inequality, and the
free energy of a linearly convex F decays from every initial datum.  Then chi2 becomes small, if it is
finite at the start.  Local: once chi2 is small, at a time that is the origin here, all quantities
decay at the rate of the Poincaré constant.
"""

from mflverify.expr import (
    Parameter,
    as_term,
    at_time,
    chi2,
    exp,
    grad,
    lebesgue_norm,
    log_sobolev_constant,
    poincare_constant,
    sup_norm,
    variation_slack,
    variation_sup,
    wasserstein,
)
from mflverify.proof import (
    Statement,
    decreasing,
    entropy_variance,
    exp_tangent,
    force_gradient,
    force_variation,
    gronwall,
    holley_stroock_gibbs,
    hypercontractive,
    log_sobolev,
    otto_villani,
    total_mass,
)

from . import lemma_mixed as m
from . import passage as p
from . import remark_3_2
from .free_energy import bregman, dissipation, entropy, excess, force, lemma_3_7, proximal, sandwich
from .notation import K, R, S, X, alpha, f, general_mfld, lam, t, tau
from .passage import K2, forced, h, r, rho
from .remark_3_2 import excess as total
from .remark_3_2 import flow, theta
from .theorem_3_8 import rate, theorem

B0 = Parameter("B0", "nonnegative")

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

# A small chi2 from a finite one: the case lambda = 0, and F + lambda H linearly convex.
passage = Statement(
    "cor-3.6-passage",
    "The free energy of a linearly convex F makes chi2 small",
    kind="corollary",
    given=[
        *worldwide.given,
        alpha <= poincare_constant(X),
        variation_sup(S, R, 2) <= K2,
        2 * K2**2 / (rho * tau**2) <= h,
        r <= 2 * tau * rho * oscillation,
        r <= 2 * tau * alpha,
        4 * h * at_time(excess, 0) <= r,
    ],
    source="Corollary 3.6, in place of [14, Proposition 2.3], for a finite chi2 at the start",
)
growth = passage.step(
    "growth",
    general_mfld.derivative(chi2(f)) <= -tau * alpha * chi2(f) + h * excess * (1 + chi2(f)),
    because=[forced, sandwich],
)
drop = passage.step(
    "drop", general_mfld.derivative(excess) <= -r * excess, because=[worldwide, sandwich]
)
passage.conclude(
    "chi2",
    at_time(chi2(f), t)
    <= exp(-r / 2 * t) * (2 * at_time(chi2(f), 0) + 4 * h / r * at_time(excess, 0)),
    because=[
        growth,
        drop,
        sandwich,
        p.lemma.at({p.C: chi2(f), p.E: excess, p.a: tau * alpha}, {p.flow: general_mfld}),
    ],
    note="below any level from an explicit time on, where cor-3.6 starts",
)

heat = lam + theta
slack = Statement(
    "cor-3.6-slack",
    "The free energy makes chi2 small when F + lambda H is linearly convex",
    kind="corollary",
    given=[
        *remark_3_2.theorem.given,
        0 <= bregman + lam * entropy,
        alpha <= poincare_constant(X),
        variation_sup(S, R, 2) <= K2,
        2 * K2**2 / (rho * theta * heat) <= h,
        r <= 2 * rho * theta,
        r <= 2 * heat * alpha,
        4 * h * at_time(total, 0) <= r,
    ],
    source="Corollary 3.6 for lambda > 0, with the global decay of Remark 3.2; theta = tau - lambda",
)
growth = slack.step(
    "growth",
    flow.derivative(chi2(f)) <= -heat * alpha * chi2(f) + h * total * (1 + chi2(f)),
    because=[forced.at({tau: heat})],
    note="F + lambda H is above its tangent: theta KL <= F_tau(mu) - F_tau(mu_bar)",
)
slack.conclude(
    "chi2",
    at_time(chi2(f), t)
    <= exp(-r / 2 * t) * (2 * at_time(chi2(f), 0) + 4 * h / r * at_time(total, 0)),
    because=[
        growth,
        remark_3_2.theorem,
        p.lemma.at({p.C: chi2(f), p.E: total, p.a: heat * alpha}, {p.flow: flow}),
    ],
    note="below any level from an explicit time on, where cor-3.6 starts",
)

s = Parameter("s", "nonnegative")
remaining = exp(-rho * heat * t)
# Before: chi2 need not be finite at the start, only an L^p norm with p > 1.
B = Parameter("B", "nonnegative")
smoothing = Statement(
    "cor-3.6-smoothing",
    "An initial density in L^p, p > 1, has a finite chi2 later",
    kind="corollary",
    given=[
        rho <= log_sobolev_constant(X),
        variation_sup(S, R, 2) <= K2,
        0 <= bregman + lam * entropy,
        2 * K2**2 * at_time(total, 0) <= rho * theta * B,
    ],
    source="Corollary 3.6, in place of [14, Proposition 2.3]; lambda = 0 for a linearly convex F",
)
falls = smoothing.step(
    "falls", flow.derivative(total) <= 0, because=[remark_3_2.identities], note="for every F"
)
small = smoothing.step(
    "force",
    at_time(sup_norm(grad(force)), s) ** 2 <= B,
    because=[
        force_gradient(S, R, f),
        otto_villani(f),
        falls,
        decreasing(total, flow, as_term(0), s),
    ],
)
smoothing.conclude(
    "chi2",
    exp(-B * (1 - remaining) / (rho * heat**2)) * (1 + at_time(chi2(f), t))
    <= at_time(lebesgue_norm(f, 1 + remaining), 0) ** 2,
    because=[small, hypercontractive(f, grad(force), B, heat, rho, flow, s, t)],
    note="finite from t = log(1/(p - 1)) / (rho tau) on, where the exponent is p",
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
