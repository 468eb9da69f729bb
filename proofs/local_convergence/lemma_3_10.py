"""Lemma 3.10 in the paper's own form: the force beyond its linear part, by optimal transport.

T_1 bounds the mixed third derivative of F''' and T_2 the Hessian of F'' - F''[mu_bar] in its second
argument.  Along (1 + s f) mu_bar T_1 alone is needed, with either distance.
"""

from mflverify.expr import (
    Parameter,
    RemainderSymbol,
    Space,
    chi2,
    directional,
    dual_norm,
    grad,
    poincare_constant,
    second_derivative_sup,
    segment_variation,
    spectral_norm,
    sqrt,
    sup_norm,
    third_derivative_sup,
    wasserstein,
)
from mflverify.proof import (
    Statement,
    finite_cauchy_schwarz,
    matrix_bound,
    segment_taylor,
    supremum,
    third_transport,
    transport_dual,
    transport_taylor,
    transport_variance,
)

from .notation import R, X, alpha, f, g, q, v, x

T1, T2 = (Parameter(name, "nonnegative") for name in ("T_1", "T_2"))
force = sup_norm(grad(R(f)))

transport = Statement(
    "lem-3.10-transport",
    "The force beyond its linear part, by optimal transport",
    kind="lemma",
    given=[
        third_derivative_sup(R) <= T1,
        second_derivative_sup(R) <= T2,
        alpha <= poincare_constant(X),
    ],
    source="Lemma 3.10",
)
bound = transport.conclude(
    "bound", force <= (T1 + T2) / 2 * wasserstein(f) ** 2, because=[transport_taylor(R, f)]
)
transport.conclude(
    "chi2", force <= (T1 + T2) / alpha * chi2(f), because=[bound, transport_variance(f)]
)
transport.conclude(
    "dual", force <= 2 * (T1 + T2) * dual_norm(f) ** 2, because=[bound, transport_dual(f)]
)

duality = Statement(
    "lem-3.10-duality",
    "The force beyond its linear part, by the transport distance without T_2",
    kind="lemma",
    given=[third_derivative_sup(R) <= T1, alpha <= poincare_constant(X)],
    source="Lemma 3.10, stronger: two Kantorovich dualities along (1 + s f) mu_bar",
)
size = T1 * wasserstein(f) ** 2
bent = duality.step(
    "second",
    abs(directional(grad(segment_variation(R, q, f, f, f)), x, v)) <= size,
    because=[third_transport(R, q, f, x, v)],
)
value = duality.step(
    "taylor",
    abs(directional(grad(R(f)), x, v)) <= size / 2,
    because=[bent, segment_taylor(R, q, f, x, v, size)],
)
sharper = duality.conclude(
    "bound", force <= size / 2, because=[value, supremum(grad(R(f)), size / 2, x, v)]
)
duality.conclude("chi2", alpha * force <= T1 * chi2(f), because=[sharper, transport_variance(f)])

# two species: the first variation at any point of a space Z
P = RemainderSymbol("R", (f.space, g.space), Space("Z"))
rows = tuple(tuple(third_derivative_sup(P, j, k) for k in range(2)) for j in range(2))
distances = (wasserstein(f), wasserstein(g))

species = Statement(
    "lem-5.4-transport[n=2]",
    "The forces beyond their linear parts, by optimal transport",
    kind="lemma",
    given=[
        spectral_norm(*rows) <= T1,
        second_derivative_sup(P, 0) <= T2,
        second_derivative_sup(P, 1) <= T2,
    ],
    source="Lemma 5.4, with T_i = T_1 + T_2",
)
images = tuple(first * distances[0] + second * distances[1] for first, second in rows)
squares = distances[0] ** 2 + distances[1] ** 2
whole = species.step(
    "image",
    sqrt(images[0] ** 2 + images[1] ** 2) <= T1 * sqrt(squares),
    because=[matrix_bound(rows, distances)],
)
form = species.step(
    "form",
    distances[0] * images[0] + distances[1] * images[1] <= T1 * squares,
    because=[whole, finite_cauchy_schwarz(distances, images)],
)
species.conclude(
    "bound",
    sup_norm(grad(P(f, g))) <= (T1 + T2) / 2 * squares,
    because=[form, transport_taylor(P, f, g)],
)
