"""Remark 3.2: the global rate is linear in tau - lambda too, when F + lambda H is linearly convex.

F_tau is F + lambda H with the temperature theta = tau - lambda > 0, and mu_hat its proximal Gibbs measure
there, proportional to exp(-(F'[mu] + lambda log mu)/theta).  What [18] does for a convex F at the
temperature tau holds for F + lambda H at theta.
"""

from mflverify.expr import (
    Flow,
    Parameter,
    Substitution,
    at_time,
    convexity_slack,
    equation,
    equilibrium_convexity,
    equilibrium_entropy,
    exp,
    fisher_information,
    gibbs_density,
    grad,
    log_density,
    log_sobolev_constant,
    relative_entropy,
)
from mflverify.proof import (
    Statement,
    entropy_integrals,
    fisher_gibbs,
    gibbs_entropy,
    gronwall,
    log_gradient,
    rothaus,
)

from . import free_energy
from .exact_rate import guaranteed
from .free_energy import force, reversed_bregman
from .notation import S, X, alpha, f, general_mfld, lam, t, tau

rho, theta = Parameter("rho", "positive"), Parameter("theta", "positive")
split_temperature = Substitution.of({tau: lam + theta})
excess = split_temperature(free_energy.excess)
flow = Flow.of(
    "general MFLD",
    {symbol: split_temperature(side) for symbol, side in general_mfld.equations},
)
potential = (force + lam * log_density(f)) / theta
# a density relative to mu_bar, as F'[mu_bar] + tau log mu_bar is constant
proximal = gibbs_density(potential)
# D_{F + lambda H}(mu_bar | mu), which is not negative when F + lambda H is linearly convex
divergence_back = reversed_bregman + lam * equilibrium_entropy(f)

identities = Statement(
    "rem-3.2-identities",
    "The free energy and its dissipation through the proximal measure of F + lambda H",
    kind="identities",
    source="Remark 3.2; (3.11) for F + lambda H at the temperature tau - lambda",
)
split = identities.conclude(
    "excess",
    equation(
        excess,
        theta * relative_entropy(f, proximal)
        - theta * equilibrium_entropy(proximal)
        - divergence_back,
    ),
    because=[gibbs_entropy(f, potential), entropy_integrals(f)],
)
dissipated = identities.conclude(
    "dissipation",
    equation(flow.derivative(excess), -(theta**2) * fisher_information(f, proximal)),
    because=[
        fisher_gibbs(f, potential),
        log_gradient(f, grad(log_density(f))),
        log_gradient(f, grad(force)),
    ],
)

theorem = Statement(
    "rem-3.2",
    "The global rate is linear in tau - lambda",
    kind="remark",
    given=[
        convexity_slack(S) <= lam,
        0 <= divergence_back,
        rho < log_sobolev_constant(X),
        2 * rho * relative_entropy(f, proximal) <= fisher_information(f, proximal),
    ],
    source="Remark 3.2; [17]; rho is a log-Sobolev constant of the proximal measures, mu_bar among them",
)
contraction = theorem.conclude(
    "contract",
    flow.derivative(excess) <= -2 * rho * theta * excess,
    because=[identities],
    note="where mu_hat satisfies a log-Sobolev inequality",
)
theorem.conclude(
    "decay",
    at_time(excess, t) <= exp(-2 * rho * theta * t) * at_time(excess, 0),
    because=[contraction, gronwall(excess, 2 * rho * theta, flow, t)],
)
theorem.conclude(
    "local",
    rho * theta <= equilibrium_convexity(X, lam + theta, S),
    because=[rothaus(X), guaranteed.at({tau: lam + theta, alpha: rho})],
    note="the global rate is at most that of the linearised flow, and both are linear in theta",
)
