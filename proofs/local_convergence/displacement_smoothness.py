"""(3.3) and Lemma 3.7: displacement smoothness, and the free energy through the proximal measure.

F is displacement-smooth with constant Lambda when grad F' is Lambda-Lipschitz in the point and, in W2,
in the measure.  F'[mu] is tau U + M f + R(f) up to a constant, for mu = (1 + f) mu_bar.
"""

from mflverify.expr import (
    FunctionSymbol,
    Parameter,
    Point,
    Term,
    as_term,
    center,
    chi2,
    directional,
    distance,
    equation,
    equilibrium_entropy,
    grad,
    inner,
    jacobian_square,
    norm,
    one,
    poincare_constant,
    score,
    sqrt,
    sup_norm,
    variation_sup,
    wasserstein,
)
from mflverify.proof import (
    Statement,
    bregman_back,
    cauchy_schwarz,
    entropy_variance,
    force_gradient,
    gibbs_entropy,
    hoelder,
    lipschitz,
    poincare,
    pointwise,
    transport_variance,
)

from .free_energy import entropy, excess, force, proximal, proximal_entropy, proximal_identity
from .notation import R, S, X, alpha, f, tau, v, x

Lam = Parameter("Lambda", "nonnegative")
other = FunctionSymbol("f'", X, "perturbation")
y = Point("x'", X)


def slope(state: Term) -> Term:
    """grad F' at the measure of a state."""
    return tau * score(X) + grad(S(state) + R(state))


smooth = Statement(
    "eq-3.3",
    "Displacement smoothness, by suprema of second derivatives",
    kind="lemma",
    given=[
        variation_sup(S, R, 2) <= Lam,
        sup_norm(jacobian_square(slope(f))) <= Lam**2,
    ],
    source="(3.3), where ||grad grad' F''|| and ||grad^2 F'|| are at most Lambda at all measures",
)
measure = smooth.conclude(
    "measure",
    sup_norm(grad(S(f) + R(f) - S(other) - R(other))) <= Lam * wasserstein(f, other),
    because=[force_gradient(S, R, f, other)],
)
bend = smooth.step("hessian", sqrt(sup_norm(jacobian_square(slope(f)))) <= Lam)
in_point = smooth.step(
    "point",
    abs(directional(slope(f), x, v) - directional(slope(f), y, v)) <= Lam * distance(x, y),
    because=[bend, lipschitz(slope(f), x, y, v)],
)
smooth.conclude(
    "smooth",
    abs(directional(slope(f), x, v) - directional(slope(other), y, v))
    <= Lam * (distance(x, y) + wasserstein(f, other)),
    because=[in_point, measure, pointwise(grad(S(f) + R(f) - S(other) - R(other)), y, v)],
)

h = FunctionSymbol("h", X, "mean-zero")
root_gap = Statement(
    "poincare-root",
    "The Poincaré inequality without squares",
    kind="lemma",
    given=[alpha <= poincare_constant(X)],
    source="section 0",
)
root_gap.conclude("gap", sqrt(alpha) * norm(h) <= norm(grad(h)), because=[poincare(h)])

proximal_route = Statement(
    "lem-3.7-proximal",
    "The free energy is bounded by chi2, through the proximal Gibbs measure",
    kind="lemma",
    given=[alpha <= poincare_constant(X), variation_sup(S, R, 2) <= Lam],
    source="Lemma 3.7 by the paper's route; of (3.3) the part at one point is used",
)
through = proximal_route.step(
    "through",
    excess
    <= tau * (proximal_entropy - equilibrium_entropy(proximal)) + Lam / 2 * wasserstein(f) ** 2,
    because=[proximal_identity, bregman_back(S, R, f)],
)
gradient = proximal_route.step(
    "gradient", sup_norm(grad(force)) <= Lam * wasserstein(f), because=[force_gradient(S, R, f)]
)
size = proximal_route.step(
    "size",
    norm(grad(force)) <= Lam * wasserstein(f),
    because=[gradient, hoelder(one(X), grad(force))],
)
spread = proximal_route.step(
    "spread",
    sqrt(alpha) * norm(center(force)) <= Lam * wasserstein(f),
    because=[root_gap.at({h: center(force)}), size],
)
distance_bound = proximal_route.step(
    "transport",
    alpha * wasserstein(f) ** 2 <= 2 * chi2(f),
    because=[transport_variance(f)],
)
pairing = proximal_route.step(
    "pairing",
    inner(f, force) <= sqrt(as_term(2)) * Lam / alpha * chi2(f),
    because=[spread, distance_bound, cauchy_schwarz(f, center(force))],
)
split = proximal_route.step(
    "split",
    equation(
        tau * (proximal_entropy - equilibrium_entropy(proximal)),
        tau * entropy + inner(f, force),
    ),
    because=[gibbs_entropy(f, force / tau)],
    note="KL(mu_bar | mu_hat) cancels",
)
proximal_route.conclude(
    "chi2",
    excess <= (tau + (1 + sqrt(as_term(2))) * Lam / alpha) * chi2(f),
    because=[through, split, pairing, distance_bound, entropy_variance(f)],
)
