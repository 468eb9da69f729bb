"""Section 3.1.4: the free energy F_tau = F + tau H, (3.11) and Lemma 3.7.

H is the entropy relative to dx.  The equilibrium is exp(-U), so that H(mu) is KL(mu | mu_bar) minus
the integral of U; it is stationary, F'[mu_bar] + tau log mu_bar = c.
"""

from mflverify.expr import (
    FunctionSymbol,
    Parameter,
    chi2,
    equation,
    equilibrium_entropy,
    fisher_information,
    gibbs_density,
    inner,
    log_sobolev_constant,
    one,
    poincare_constant,
    relative_entropy,
    remainder_energy,
    variation_slack,
    variation_sup,
)
from mflverify.proof import (
    Statement,
    bregman_convexity,
    bregman_dual,
    bregman_transport,
    entropy_variance,
    fisher_gibbs,
    gibbs_entropy,
    otto_villani,
    poincare_dual,
)

from .notation import K, R, S, X, alpha, f, general_mfld, tau

entropy = relative_entropy(f)
force = S(f) + R(f)  # F'[mu] - F'[mu_bar]
bregman = inner(f, S(f)) / 2 + remainder_energy(R, f)  # D_F(mu | mu_bar)
reversed_bregman = inner(f, force) - bregman  # D_F(mu_bar | mu)
excess = tau * entropy + bregman  # F_tau(mu) - F_tau(mu_bar)
proximal = gibbs_density(force / tau)  # the density of mu_hat, proportional to exp(-F'[mu]/tau)
proximal_entropy = relative_entropy(f, proximal)

U = FunctionSymbol("U", X)
c = Parameter("c")
first_variation = tau * U + c  # F'[mu_bar], since mu_bar is stationary
difference = inner(first_variation, f) + bregman  # F(mu) - F(mu_bar)
entropy_difference = entropy - inner(U, 1 + f) + inner(U, one(X))  # H(mu) - H(mu_bar)

companion = Statement(
    "eq-companion",
    "The excess free energy is tau KL plus the Bregman divergence",
    kind="identities",
    source="section 3.1.4, beside (3.11); U may be any function here",
)
companion.conclude(
    "identity",
    equation(difference + tau * entropy_difference, excess),
    note="the linear terms cancel, since the equilibrium is stationary",
)

proximal_identity = Statement(
    "eq-3.11",
    "The free energy through the proximal Gibbs measure",
    kind="identities",
    source="(3.11)",
)
proximal_identity.conclude(
    "identity",
    equation(
        excess,
        tau * proximal_entropy - tau * equilibrium_entropy(proximal) - reversed_bregman,
    ),
    because=[gibbs_entropy(f, force / tau)],
    note="the normaliser cancels",
)

sandwich = Statement(
    "entropy-sandwich",
    "Entropy sandwich",
    kind="lemma",
    given=[variation_slack(S, R) <= 0],
    source="section 3.1.4 and (B.4), F linearly convex; [18]",
)
convexity = [
    sandwich.conclude("convex", bregman >= 0, because=[bregman_convexity(S, R, f)]),
    sandwich.conclude("convex-back", reversed_bregman >= 0, because=[bregman_convexity(S, R, f)]),
]
sandwich.conclude("lower", tau * entropy <= excess, because=convexity)
sandwich.conclude(
    "upper", excess <= tau * proximal_entropy, because=[*convexity, proximal_identity]
)

dissipation = Statement(
    "eq-dissipation",
    "The free energy is dissipated at tau^2 times the Fisher information relative to mu_hat",
    kind="identities",
    source="appendix B; [18]",
)
dissipation.conclude(
    "identity",
    equation(general_mfld.derivative(excess), -(tau**2) * fisher_information(f, proximal)),
    because=[fisher_gibbs(f, force / tau)],
)

lemma_3_7 = Statement(
    "lem-3.7",
    "The free energy is bounded by the entropy, and by chi2",
    kind="lemma",
    given=[
        alpha <= log_sobolev_constant(X),
        variation_sup(S, R, 2) <= K,
    ],
    source="Lemma 3.7; of (3.3) only the dependence on the measure is used, and there K is Lambda",
)
transport = lemma_3_7.step(
    "transport",
    bregman <= K / alpha * entropy,
    because=[bregman_transport(S, R, f), otto_villani(f)],
)
by_entropy = lemma_3_7.conclude(
    "entropy", excess <= (tau + K / alpha) * entropy, because=[transport]
)
lemma_3_7.conclude(
    "chi2",
    excess <= (tau + K / alpha) * chi2(f),
    because=[by_entropy, entropy_variance(f)],
)

stronger = Statement(
    "lem-3.7-dual",
    "The free energy is bounded by chi2 under a Poincaré inequality",
    kind="lemma",
    given=[
        alpha <= poincare_constant(X),
        variation_sup(S, R, 2) <= K,
    ],
    source="Lemma 3.7, stronger: Poincaré alone, and half the constant of the interaction",
)
stronger.conclude(
    "chi2",
    excess <= (tau + K / (2 * alpha)) * chi2(f),
    because=[bregman_dual(S, R, f), poincare_dual(f), entropy_variance(f)],
)
