"""Section 5 for every number of species, with forces that are not affine: Lemma 5.4 and (5.5).

V = V[mu_bar] + M f + R[mu] on the union of the spaces of all species, at one temperature; R is one
remainder for each species, of the states of all.
"""

from mflverify.expr import (
    Flow,
    FunctionSymbol,
    Parameter,
    RemainderSymbol,
    chi2,
    component_sup,
    convexity_slack,
    dual_norm,
    equation,
    generator,
    grad,
    grad_adjoint,
    inner,
    inverse_generator,
    log_density,
    mixed_norm,
    norm,
    poincare_constant,
    sqrt,
    sup_norm,
    third_norm,
    wasserstein,
)
from mflverify.proof import (
    Statement,
    cauchy_schwarz,
    component_difference,
    component_hoelder,
    component_second_order,
    component_transport,
    dual_cauchy_schwarz,
    log_pairing,
    projection,
    slack,
    transport_variance,
)

from .all_species import M, X, f
from .all_species import lines as affine
from .notation import K, T, alpha, lam, tau

R = RemainderSymbol("R", (X,), X)
push = (1 + f) * grad(R(f))
flow = Flow.of(
    "all species with any forces",
    {f: -tau * generator(f) - grad_adjoint((1 + f) * grad(M(f))) - grad_adjoint(push)},
)
dual = dual_norm(f) ** 2

lemma_5_4 = Statement(
    "lem-5.4",
    "The forces beyond their linear parts are of second order",
    kind="lemma",
    given=[third_norm(R) <= T],
    source="Lemma 5.4 in the stronger form with the dual norms, for every number of species",
)
lemma_5_4.conclude(
    "bound",
    component_sup(grad(R(f))) <= T / 2 * dual,
    because=[component_second_order(R, f)],
)

transport = Statement(
    "lem-5.4-transport",
    "The forces beyond their linear parts, by optimal transport",
    kind="lemma",
    given=[third_norm(R) <= T, alpha <= poincare_constant(X)],
    source="Lemma 5.4, stronger: along (1 + s f) mu_bar the constants T' are not needed",
)
distance = transport.conclude(
    "bound",
    component_sup(grad(R(f))) <= T / 2 * wasserstein(f) ** 2,
    because=[component_transport(R, f)],
    note="where only one of the R_i is not zero: the bound for one species, with T_i for T",
)
transport.conclude(
    "chi2",
    alpha * component_sup(grad(R(f))) <= T * chi2(f),
    because=[distance, transport_variance(f)],
)

given = [
    alpha <= poincare_constant(X),
    mixed_norm(M) <= K,
    convexity_slack(M) <= lam,
    third_norm(R) <= T,
]
inequalities = Statement(
    "eq-5.5-forces",
    "Differential inequalities for every number of species with any forces",
    kind="lemma",
    given=given,
    source="(5.5) and (5.6) with the remainders",
)
error = inner(f, inverse_generator(grad_adjoint(f * grad(M(f)))))
remainder = inner(f, inverse_generator(grad_adjoint(push)))
dual_derivative = inequalities.step(
    "dual-derivative",
    equation(
        flow.derivative(dual),
        -2 * tau * chi2(f) - 2 * inner(f, M(f)) - 2 * error - 2 * remainder,
    ),
)
small = inequalities.step(
    "remainder",
    abs(remainder) <= T / 2 * dual_norm(f) ** 3 * sqrt(1 + chi2(f)),
    because=[
        dual_cauchy_schwarz(f, grad_adjoint(push)),
        projection(push),
        component_hoelder(f, grad(R(f))),
        lemma_5_4,
    ],
)
inequalities.conclude(
    "dual",
    flow.derivative(dual)
    <= -2 * (tau - lam) * chi2(f)
    + 2 * K * dual * norm(f)
    + T * dual * dual_norm(f) * sqrt(1 + chi2(f)),
    because=[dual_derivative, affine, small],
)
drift = inner(grad(f), (1 + f) * grad(M(f)))
chi2_derivative = inequalities.step(
    "chi2-derivative",
    equation(
        flow.derivative(chi2(f)),
        -2 * tau * norm(grad(f)) ** 2 - 2 * drift - 2 * inner(grad(f), push),
    ),
)
pushed = inequalities.step(
    "push",
    abs(inner(grad(f), push)) <= T / 2 * norm(grad(f)) * sqrt(1 + chi2(f)) * dual,
    because=[
        cauchy_schwarz(grad(f), push),
        component_hoelder(f, grad(R(f))),
        lemma_5_4,
    ],
)
inequalities.conclude(
    "chi2",
    flow.derivative(chi2(f))
    <= -2 * tau * norm(grad(f)) ** 2
    + norm(grad(f)) * sqrt(1 + chi2(f)) * (2 * K * dual_norm(f) + T * dual),
    because=[chi2_derivative, affine, pushed],
)
inequalities.conclude("gap-dual", alpha * dual <= chi2(f), because=[affine])

# Section 5.2.  Nothing here asks mu_bar to be stationary: it may be any reference.
parts = Statement(
    "rem-5.2",
    "Symmetric and antisymmetric parts of the payoffs",
    kind="remark",
    source="Remark 5.2: potential and Hamiltonian parts of a game",
)
parts.conclude("symmetric", equation(inner(f, M(f)), inner(f, M(f) + M.T(f)) / 2))
parts.conclude("antisymmetric", equation(inner(f, M(f) - M.T(f)) / 2, 0))
parts.conclude(
    "slack",
    equation(convexity_slack(M), convexity_slack(M.T)),
    note="the slack is that of the symmetric part",
)


g = FunctionSymbol("g", X, "perturbation")
step = f - g
affine_forces = Statement(
    "rem-5.3",
    "Affine forces: global and local monotonicity are the same",
    kind="remark",
    source="Remark 5.3, where the intermediate value is the same at all points of the segment",
)
same = affine_forces.conclude(
    "mean-value", equation(inner(step, M(f) - M(g)), inner(step, M(step)))
)
affine_forces.conclude(
    "5.3",
    -convexity_slack(M) * norm(step) ** 2 <= inner(step, M(f) - M(g)),
    because=[same, slack((M,), (step,))],
    note="never negative when (5.2) holds with lambda = 0",
)

# For other forces the derivative along the segment differs from that at mu_bar by the remainders.
ends = dual_norm(f) + dual_norm(g)
any_forces = Statement(
    "rem-5.3-forces",
    "Any forces: local monotonicity gives global monotonicity near equilibrium",
    kind="remark",
    given=[third_norm(R) <= T, convexity_slack(M) <= lam],
    source="Remark 5.3 near equilibrium, where (5.4) is needed at mu_bar only",
)
force = any_forces.step(
    "force",
    norm(grad(R(f) - R(g))) <= T / 2 * ends * dual_norm(step),
    because=[component_hoelder(step, grad(R(f) - R(g))), component_difference(R, f, g)],
)
change = any_forces.step(
    "change",
    abs(inner(step, R(f) - R(g))) <= T / 2 * ends * dual_norm(step) ** 2,
    because=[cauchy_schwarz(grad(inverse_generator(step)), grad(R(f) - R(g))), force],
)
error = T / 2 * ends * dual_norm(step) ** 2
pairing = inner(step, M(f) + R(f) - M(g) - R(g))
near = any_forces.conclude(
    "near",
    inner(step, M(step)) - error <= pairing,
    because=[change],
    note="(5.4) with the margin on the left gives (5.3)",
)
monotone = any_forces.step(
    "5.2",
    -lam * norm(step) ** 2 <= inner(step, M(step)),
    because=[slack((M,), (step,)), cauchy_schwarz(step, step)],
    note="|<h, h>| <= |h|^2 says that |h|^2 is not negative, for h = f - g",
)
any_forces.conclude("5.3", -lam * norm(step) ** 2 - error <= pairing, because=[monotone, near])

# (5.3) for mu_bar and (1 + f) mu_bar, up to lambda times KL(mu | mu_bar) + KL(mu_bar | mu)
entropy = inner(f, log_density(f))
local = Statement(
    "prop-5.3",
    "Global monotonicity implies local monotonicity",
    kind="proposition",
    given=[third_norm(R) <= T, -lam * entropy <= inner(f, M(f) + R(f))],
    source="Proposition 5.3, for lambda = 0 the strong form; divide by s^2 for s f, and let s tend to 0",
)
beyond = local.step(
    "beyond",
    inner(f, R(f)) <= T / 2 * dual * dual_norm(f),
    because=[
        cauchy_schwarz(grad(inverse_generator(f)), grad(R(f))),
        component_hoelder(f, grad(R(f))),
        lemma_5_4,
    ],
)
order = local.conclude(
    "5.4",
    -lam * entropy <= inner(f, M(f)) + T / 2 * dual * dual_norm(f),
    because=[beyond],
    note="for lambda = 0: where (5.4) fails by more than the term of third order, (5.3) fails",
)

weak = Statement(
    "prop-5.3-weak",
    "Global monotonicity up to an entropy implies (5.2)",
    kind="proposition",
    given=[*local.given, sup_norm(f) <= 1],
    source="Proposition 5.3, weak form; divide by s^2 for s f, and let s tend to 0",
)
weak.conclude(
    "5.2",
    -lam * chi2(f) <= (1 - sup_norm(f)) * (inner(f, M(f)) + T / 2 * dual * dual_norm(f)),
    because=[local, log_pairing(f)],
)

scale = Parameter("s", "positive")
small = Statement(
    "prop-5.3-scaling",
    "What small multiples of a perturbation do",
    kind="identities",
    source="Proposition 5.3: all terms but that of third order and 1 - sup |s f| are of order s^2",
)
small.conclude("form", equation(inner(scale * f, M(scale * f)), scale**2 * inner(f, M(f))))
small.conclude("size", equation(dual_norm(scale * f) ** 2, scale**2 * dual))
small.conclude("chi2", equation(norm(scale * f) ** 2, scale**2 * chi2(f)))
small.conclude("sup", equation(sup_norm(scale * f), scale * sup_norm(f)))
