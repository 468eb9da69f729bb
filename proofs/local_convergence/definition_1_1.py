"""Definition 1.1 and appendix A's list: functional inequalities, and what they say of KL(. | mu_bar).

In Wasserstein geometry I(mu | mu_bar) is the squared norm of the gradient of KL, and W2 the distance.
"""

from mflverify.expr import (
    FunctionSymbol,
    Parameter,
    center,
    curvature,
    curvature_bound,
    dot,
    equation,
    fisher_information,
    generator,
    grad,
    inner,
    jacobian_square,
    log_sobolev_constant,
    norm,
    poincare_constant,
    relative_entropy,
    sqrt,
    transport_constant,
    wasserstein,
)
from mflverify.proof import (
    Statement,
    bakry_emery,
    commutation,
    curvature_lower,
    gradient_product,
    hessian_square,
    hwi,
    log_sobolev,
    otto_villani,
    poincare,
    rothaus,
    transport_inequality,
    transport_optimal,
    transport_poincare,
)

from .notation import X, alpha, f

u = FunctionSymbol("u", X)

definition = Statement(
    "def-1.1",
    "Poincaré, log-Sobolev and transport inequalities",
    kind="lemma",
    given=[alpha <= log_sobolev_constant(X)],
    source="Definition 1.1 and the correspondences of appendix A",
)
definition.conclude(
    "lsi",
    2 * alpha * relative_entropy(f) <= fisher_information(f),
    because=[log_sobolev(f)],
    note="KL satisfies a Polyak–Lojasiewicz inequality: KL <= |grad KL|^2 / (2 alpha)",
)
definition.conclude(
    "t2",
    alpha * wasserstein(f) ** 2 <= 2 * relative_entropy(f),
    because=[otto_villani(f)],
    note="KL grows quadratically: KL >= alpha/2 times the squared distance",
)
order = definition.conclude(
    "order",
    alpha <= poincare_constant(X),
    because=[rothaus(X)],
)
definition.conclude(
    "pi",
    alpha * norm(center(u)) ** 2 <= norm(grad(u)) ** 2,
    because=[order, poincare(u)],
    note="KL is convex at equilibrium: Theorem A.3",
)

beta = Parameter("beta", "positive")
constants = Statement(
    "def-1.1-constants",
    "The optimal constants are in order: log-Sobolev, transport, Poincaré",
    kind="lemma",
    given=[alpha <= log_sobolev_constant(X), beta <= transport_constant(X)],
    source="Definition 1.1",
)
constants.conclude(
    "lsi-t2",
    alpha <= transport_constant(X),
    because=[otto_villani(f), transport_optimal(log_sobolev_constant(X), f)],
)
constants.conclude("t2-pi", beta <= poincare_constant(X), because=[transport_poincare(X)])
constants.conclude(
    "t2",
    beta * wasserstein(f) ** 2 <= 2 * relative_entropy(f),
    because=[transport_inequality(f)],
)

kappa = Parameter("kappa")
star = Statement(
    "correspondence-hwi",
    "The HWI inequality: KL is star-convex at equilibrium",
    kind="lemma",
    given=[kappa <= curvature_bound(X)],
    source="The correspondences of appendix A",
)
star.conclude(
    "hwi",
    relative_entropy(f)
    <= wasserstein(f) * sqrt(fisher_information(f)) - kappa / 2 * wasserstein(f) ** 2,
    because=[hwi(f)],
    note="along the geodesic to equilibrium KL lies above its tangent, by kappa/2 W2^2",
)

phi = FunctionSymbol("phi", X)
w = FunctionSymbol("w", X)
slope = grad(phi)
bent = jacobian_square(slope) + curvature(slope)
curved = Statement(
    "correspondence-cd",
    "The curvature-dimension condition CD(kappa, infinity), and KL convex at every measure",
    kind="lemma",
    given=[kappa <= curvature_bound(X)],
    source="The correspondences of appendix A",
)
commuted = curved.conclude(
    "bochner",
    equation(
        inner(w, dot(slope, grad(generator(phi)))) - inner(w, generator(dot(slope, slope))) / 2,
        inner(w, bent),
    ),
    because=[commutation(slope, w), gradient_product(phi, phi, grad(w))],
    note="Gamma_2 = tr((hess phi)^2) + grad phi^T hess U grad phi",
)
curved.conclude(
    "gamma-2",
    kappa * norm(w * slope) ** 2 <= inner(w**2, bent),
    because=[hessian_square(phi, w**2), curvature_lower(slope, w**2)],
    note="Gamma_2 >= kappa Gamma at every point, since w is any function",
)
curved.conclude(
    "convex",
    kappa * inner((1 + f) * slope, slope) <= inner(1 + f, bent),
    because=[hessian_square(phi, 1 + f), curvature_lower(slope, 1 + f)],
    note="Hess KL(. | mu_bar)[mu] >= kappa at every mu, along gradients",
)
curved.conclude(
    "lsi",
    kappa <= log_sobolev_constant(X),
    because=[bakry_emery(X)],
    note="and with it T2 and the Poincaré inequality, by def-1.1-constants",
)
