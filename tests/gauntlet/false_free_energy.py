"""False statements about Gibbs densities, forces and free energies: two beside each fact."""

from symbols import Entry, S, X, a, f, h, mfld, r, tau, u

from mflverify.expr import (
    chi2,
    equation,
    equilibrium_entropy,
    exp,
    fisher_information,
    gibbs_density,
    grad,
    inner,
    kernel_slope_sup,
    kernel_sup,
    log_density,
    log_sobolev_constant,
    mean_absolute,
    mixed_derivative_sup,
    norm,
    one,
    relative_entropy,
    sup_norm,
    wasserstein,
)
from mflverify.proof import (
    entropy_taylor,
    exp_tangent,
    fisher_gibbs,
    gibbs_entropy,
    gibbs_perturbation,
    holley_stroock_gibbs,
    kantorovich,
    kernel_bound,
    mixed_transport,
)

gibbs = gibbs_density(u)
slope = grad(log_density(f)) + grad(u)
product = grad(f) + (1 + f) * grad(u)
heated = gibbs_density(u / a)
force = S(f)
K, B0, B1 = mixed_derivative_sup(S), kernel_sup(S), kernel_slope_sup(S)
excess = tau * relative_entropy(f) + inner(f, force) / 2
dissipated = fisher_information(f, gibbs_density(force / tau))

FREE_ENERGY = {
    "entropies beside a Gibbs density": {
        "half the Fisher information": Entry(
            equation(2 * fisher_information(f, gibbs), inner(product, slope)), because=(fisher_gibbs(f, u),)
        ),
        "Fisher information under the equilibrium": Entry(
            equation(fisher_information(f, gibbs), norm(slope) ** 2), because=(fisher_gibbs(f, u),)
        ),
        "half the mean of the potential": Entry(
            equation(relative_entropy(f, gibbs), relative_entropy(f) + inner(f, u) / 2 + equilibrium_entropy(gibbs)),
            because=(gibbs_entropy(f, u),),
        ),
        "normaliser dropped": Entry(
            equation(relative_entropy(f, gibbs), relative_entropy(f) + inner(f, u)), because=(gibbs_entropy(f, u),)
        ),
        "once the supremum": Entry(
            relative_entropy(f, heated) <= relative_entropy(f) + sup_norm(u) / a, because=(gibbs_perturbation(f, u, a),)
        ),
        "temperature dropped": Entry(
            relative_entropy(f, heated) <= relative_entropy(f) + 2 * sup_norm(u), because=(gibbs_perturbation(f, u, a),)
        ),
        "half the oscillation": Entry(
            exp(-sup_norm(u) / a) * log_sobolev_constant(X) <= log_sobolev_constant(heated),
            because=(holley_stroock_gibbs(u, a),),
        ),
        "no loss at all": Entry(
            log_sobolev_constant(X) <= log_sobolev_constant(heated), because=(holley_stroock_gibbs(u, a),)
        ),
        "entropy below half of chi2": Entry(2 * relative_entropy(f) <= chi2(f), because=(entropy_taylor(f),)),
        "a factor 2 lost": Entry(
            4 * (1 - sup_norm(f)) * relative_entropy(f) <= chi2(f), because=(entropy_taylor(f),)
        ),
        "a tangent too steep": Entry(1 + 2 * r <= exp(r), because=(exp_tangent(r),)),
        "a tangent too high": Entry(2 + r <= exp(r), because=(exp_tangent(r),)),
    },
    "forces": {
        "half the slope": Entry(2 * sup_norm(force) <= B1 * wasserstein(f), because=(kantorovich(S, f),)),
        "slope against total variation": Entry(
            sup_norm(force) <= B1 * mean_absolute(f), because=(kantorovich(S, f), kernel_bound(S, f))
        ),
        "half the kernel": Entry(2 * sup_norm(S(h)) <= B0 * mean_absolute(h), because=(kernel_bound(S, h),)),
        "mean for mean absolute": Entry(
            sup_norm(S(u)) <= B0 * abs(inner(u, one(X))), because=(kernel_bound(S, u),)
        ),
        "half the mixed derivative": Entry(
            2 * abs(inner(f, force)) <= K * wasserstein(f) ** 2, because=(mixed_transport(S, f, f),)
        ),
        "one distance": Entry(abs(inner(f, force)) <= K * wasserstein(f), because=(mixed_transport(S, f, f),)),
    },
    "dissipation": {
        "temperature once": Entry(
            equation(mfld.derivative(excess), -tau * dissipated), because=(fisher_gibbs(f, force / tau),)
        ),
        "relative to the equilibrium": Entry(
            equation(mfld.derivative(excess), -(tau**2) * fisher_information(f)),
            because=(fisher_gibbs(f, force / tau),),
        ),
        "interaction twice": Entry(
            equation(mfld.derivative(excess + inner(f, force) / 2), -(tau**2) * dissipated),
            because=(fisher_gibbs(f, force / tau),),
        ),
    },
}  # fmt: skip
