"""Definition 1.1 and appendix A's list: functional inequalities, and what they say of KL(. | mu_bar).

In Wasserstein geometry I(mu | mu_bar) is the squared norm of the gradient of KL, and W2 the distance.
"""

from mflverify.expr import (
    FunctionSymbol,
    Parameter,
    center,
    curvature_bound,
    fisher_information,
    grad,
    log_sobolev_constant,
    norm,
    poincare_constant,
    relative_entropy,
    sqrt,
    wasserstein,
)
from mflverify.proof import Statement, hwi, log_sobolev, otto_villani, poincare, rothaus

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
