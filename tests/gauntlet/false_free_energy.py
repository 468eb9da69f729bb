"""False statements about Gibbs densities, functionals and free energies: two beside each fact."""

from symbols import Entry, S, X, a, f, r, tau, u

from mflverify.expr import (
    Flow,
    FunctionSymbol,
    RemainderSymbol,
    chi2,
    convexity_slack,
    dual_norm,
    equation,
    equilibrium_entropy,
    exp,
    fisher_information,
    generator,
    gibbs_density,
    grad,
    grad_adjoint,
    inner,
    log_density,
    log_sobolev_constant,
    mean_absolute,
    mixed_derivative_sup,
    norm,
    relative_entropy,
    remainder_energy,
    segment_slope,
    sup_norm,
    third_derivative_sup,
    variation_slack,
    variation_sup,
    wasserstein,
)
from mflverify.proof import (
    at_equilibrium,
    bregman_convexity,
    bregman_dual,
    bregman_transport,
    bregman_variation,
    entropy_taylor,
    exp_tangent,
    fisher_gibbs,
    force_transport,
    force_variation,
    gibbs_entropy,
    gibbs_perturbation,
    holley_stroock_gibbs,
    log_pairing,
    mean_value,
    slack_everywhere,
    third_order,
    total_mass,
)

gibbs = gibbs_density(u)
slope = grad(log_density(f)) + grad(u)
product = grad(f) + (1 + f) * grad(u)
heated = gibbs_density(u / a)
R = RemainderSymbol("R", (X,), X)
force = S(f) + R(f)
B0, B1, K = (variation_sup(S, R, derivatives) for derivatives in range(3))
bregman = inner(f, S(f)) / 2 + remainder_energy(R, f)
excess = tau * relative_entropy(f) + bregman
p = FunctionSymbol("p", X, "perturbation")
slope_on_segment = inner(f - p, S(f - p)) + segment_slope(R, f, p)
general = Flow.of(
    "general MFLD",
    {
        f: -tau * generator(f)
        - grad_adjoint((1 + f) * grad(S(f)))
        - grad_adjoint((1 + f) * grad(R(f)))
    },
)
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
        "entropies both ways below chi2": Entry(inner(f, log_density(f)) <= chi2(f), because=(log_pairing(f),)),
        "a factor 2 lost both ways": Entry(
            2 * (1 - sup_norm(f)) * inner(f, log_density(f)) <= chi2(f), because=(log_pairing(f),)
        ),
        "a tangent too steep": Entry(1 + 2 * r <= exp(r), because=(exp_tangent(r),)),
        "a tangent too high": Entry(2 + r <= exp(r), because=(exp_tangent(r),)),
    },
    "total mass": {
        "at most 1": Entry(mean_absolute(f) <= 1, because=(total_mass(f),)),
        "less than 2 of any multiple": Entry(mean_absolute(2 * f) <= 2, because=(total_mass(f),)),
    },
    "functionals": {
        "no force at any state": Entry(
            equation(inner(grad(u), grad(R(f))), 0), because=(at_equilibrium(R, grad(u), f),)
        ),
        "the slope at an end for the least on the segment": Entry(
            inner(f - p, R(f) - R(p)) <= segment_slope(R, f, p), because=(mean_value(R, f, p),)
        ),
        "twice the least slope": Entry(
            2 * segment_slope(R, f, p) <= inner(f - p, R(f) - R(p)), because=(mean_value(R, f, p),)
        ),
        "half of the slack on a segment": Entry(
            -variation_slack(S, R) / 2 * norm(f - p) ** 2 <= slope_on_segment,
            because=(slack_everywhere(S, R, f, p),),
        ),
        "the slack at equilibrium on a segment": Entry(
            -convexity_slack(S) * norm(f - p) ** 2 <= slope_on_segment,
            because=(slack_everywhere(S, R, f, p),),
        ),
        "no linear part at equilibrium": Entry(
            equation(inner(grad(u), grad(S(f) + R(0 * f))), 0), because=(at_equilibrium(R, grad(u), f),)
        ),
        "half the slope": Entry(2 * sup_norm(force) <= B1 * wasserstein(f), because=(force_transport(S, R, f),)),
        "slope against total variation": Entry(
            sup_norm(force) <= B1 * mean_absolute(f), because=(force_transport(S, R, f), force_variation(S, R, f))
        ),
        "half of F''": Entry(2 * sup_norm(force) <= B0 * mean_absolute(f), because=(force_variation(S, R, f),)),
        "F'' at equilibrium": Entry(sup_norm(S(f)) <= B0 * mean_absolute(f), because=(force_variation(S, R, f),)),
        "half the mixed derivative": Entry(
            4 * abs(bregman) <= K * wasserstein(f) ** 2, because=(bregman_transport(S, R, f),)
        ),
        "one distance": Entry(2 * abs(bregman) <= K * wasserstein(f), because=(bregman_transport(S, R, f),)),
        "half the mixed derivative in the dual norm": Entry(
            4 * abs(bregman) <= K * dual_norm(f) ** 2, because=(bregman_dual(S, R, f),)
        ),
        "mixed derivative at equilibrium": Entry(
            2 * abs(bregman) <= mixed_derivative_sup(S) * dual_norm(f) ** 2, because=(bregman_dual(S, R, f),)
        ),
        "half of F'' against the mass": Entry(
            4 * abs(bregman) <= B0 * mean_absolute(f) ** 2, because=(bregman_variation(S, R, f),)
        ),
        "slope against the mass twice": Entry(
            2 * abs(bregman) <= B1 * mean_absolute(f) ** 2, because=(bregman_variation(S, R, f),)
        ),
        "convex without a hypothesis": Entry(bregman >= 0, because=(bregman_convexity(S, R, f),)),
        "convex at equilibrium only": Entry(
            bregman >= 0, given=(convexity_slack(S) <= 0,), because=(bregman_convexity(S, R, f),)
        ),
        "half the slack": Entry(
            -variation_slack(S, R) / 4 * norm(f) ** 2 <= bregman, because=(bregman_convexity(S, R, f),)
        ),
        "a remainder of order four": Entry(
            abs(remainder_energy(R, f)) <= third_derivative_sup(R) / 6 * dual_norm(f) ** 4, because=(third_order(R, f),)
        ),
        "a twelfth of a remainder": Entry(
            abs(remainder_energy(R, f)) <= third_derivative_sup(R) / 12 * dual_norm(f) ** 3, because=(third_order(R, f),)
        ),
        "a remainder against its own force": Entry(
            equation(3 * remainder_energy(R, f), inner(R(f), f)), because=(third_order(R, f),)
        ),
    },
    "dissipation": {
        "temperature once": Entry(
            equation(general.derivative(excess), -tau * dissipated), because=(fisher_gibbs(f, force / tau),)
        ),
        "relative to the equilibrium": Entry(
            equation(general.derivative(excess), -(tau**2) * fisher_information(f)),
            because=(fisher_gibbs(f, force / tau),),
        ),
        "without the remainder": Entry(
            equation(general.derivative(excess - remainder_energy(R, f)), -(tau**2) * dissipated),
            because=(fisher_gibbs(f, force / tau),),
        ),
    },
}  # fmt: skip
