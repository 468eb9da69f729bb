"""Section 3.1.4 for a quadratic functional: the free energy, (3.11) and Lemma 3.7.

F(mu) = int V dmu + 1/2 int int k dmu dmu, and F_tau = F + tau H with the entropy H relative to dx.
The equilibrium is exp(-U), so that H(mu) = KL(mu | mu_bar) - int U dmu; the potential V is the one
that makes it stationary, F'[mu_bar] + tau log mu_bar = c.
"""

from mflverify.expr import (
    FunctionSymbol,
    Parameter,
    Term,
    chi2,
    convexity_slack,
    dual_norm,
    equation,
    equilibrium_entropy,
    fisher_information,
    gibbs_density,
    grad,
    inner,
    inverse_generator,
    log_sobolev_constant,
    mixed_derivative_sup,
    one,
    poincare_constant,
    relative_entropy,
    wasserstein,
)
from mflverify.proof import (
    Statement,
    cauchy_schwarz,
    entropy_variance,
    fisher_gibbs,
    gibbs_entropy,
    hoelder,
    mixed_transport,
    otto_villani,
    poincare_dual,
    slack,
)

from .lemma_3_9 import lemma_3_9
from .notation import K, M, S, X, alpha, f, g, mfld, tau

entropy = relative_entropy(f)
force = S(f)  # F'[mu] - F'[mu_bar]
bregman = inner(f, S(f)) / 2  # D_F(mu | mu_bar), and D_F(mu_bar | mu)
excess = tau * entropy + bregman  # F_tau(mu) - F_tau(mu_bar)
proximal = gibbs_density(force / tau)  # the density of mu_hat, proportional to exp(-F'[mu]/tau)
proximal_entropy = relative_entropy(f, proximal)

U = FunctionSymbol("U", X)
c = Parameter("c")
unit = one(X)
V = tau * U - S(unit) + c


def functional(density: Term) -> Term:
    """F_tau at a density relative to the equilibrium, without its relative entropy."""
    return inner(V, density) + inner(density, S(density)) / 2 - tau * inner(U, density)


companion = Statement(
    "eq-companion",
    "The excess free energy is tau KL plus the Bregman divergence",
    kind="identities",
    source="section 3.1.4, beside (3.11); U may be any function here",
)
companion.conclude(
    "quadratic",
    equation(functional(1 + f) + tau * entropy - functional(unit), excess),
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
        tau * proximal_entropy - tau * equilibrium_entropy(proximal) - bregman,
    ),
    because=[gibbs_entropy(f, force / tau)],
    note="the normaliser cancels",
)

sandwich = Statement(
    "entropy-sandwich",
    "Entropy sandwich",
    kind="lemma",
    given=[convexity_slack(S) <= 0],
    source="section 3.1.4 and (B.4); [18]",
)
convexity = sandwich.conclude("convex", bregman >= 0, because=[slack((S,), (f,))])
sandwich.conclude("lower", tau * entropy <= excess, because=[convexity])
sandwich.conclude(
    "upper",
    excess <= tau * proximal_entropy,
    because=[convexity, proximal_identity],
)

dissipation = Statement(
    "eq-dissipation",
    "The free energy is dissipated at tau^2 times the Fisher information relative to mu_hat",
    kind="identities",
    source="appendix B; [18]",
)
dissipation.conclude(
    "identity",
    equation(mfld.derivative(excess), -(tau**2) * fisher_information(f, proximal)),
    because=[fisher_gibbs(f, force / tau)],
)

lemma_3_7 = Statement(
    "lem-3.7",
    "The free energy is bounded by the entropy, and by chi2",
    kind="lemma",
    given=[
        alpha <= log_sobolev_constant(X),
        mixed_derivative_sup(S) <= K,
    ],
    source="Lemma 3.7; of (3.3) only the dependence on the measure is used",
)
transport = lemma_3_7.step(
    "transport",
    bregman <= K / 2 * wasserstein(f) ** 2,
    because=[mixed_transport(S, f, f)],
)
lemma_3_7.conclude(
    "entropy",
    excess <= (tau + K / alpha) * entropy,
    because=[transport, otto_villani(f)],
)
lemma_3_7.conclude(
    "chi2",
    excess <= (tau + K / alpha) * chi2(f),
    because=[lemma_3_7.steps[-1], entropy_variance(f)],
)

dual_form = Statement(
    "eq-dual-form",
    "The form of the interaction is bounded by the dual norm",
    kind="lemma",
    given=[mixed_derivative_sup(S) <= K],
    source="Lemma 3.9, integrated once more",
)
dual_form.conclude(
    "bound",
    abs(inner(f, S(f))) <= K * dual_norm(f) ** 2,
    because=[
        cauchy_schwarz(grad(inverse_generator(f)), grad(S(f))),
        hoelder(unit, grad(S(f))),
        lemma_3_9.at({M: S, g: f}),
    ],
)

stronger = Statement(
    "lem-3.7-dual",
    "The free energy is bounded by chi2 under a Poincaré inequality",
    kind="lemma",
    given=[
        alpha <= poincare_constant(X),
        mixed_derivative_sup(S) <= K,
    ],
    source="Lemma 3.7, stronger: Poincaré alone, and half the constant of the interaction",
)
stronger.conclude(
    "chi2",
    excess <= (tau + K / (2 * alpha)) * chi2(f),
    because=[dual_form, poincare_dual(f), entropy_variance(f)],
)
