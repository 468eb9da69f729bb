"""Appendix A's list: CD(kappa, N) with a finite N, and local inequalities along the semigroup.

The measure is w^2 mu_bar, of mass ||w||^2: w is the root of its density, times any constant.
"""

from mflverify.expr import (
    Flow,
    Parameter,
    as_term,
    at_time,
    curvature,
    curvature_bound,
    divergence,
    dot,
    equation,
    exp,
    generator,
    grad,
    grad_adjoint,
    inner,
    jacobian_square,
    norm,
    score,
)
from mflverify.proof import (
    Statement,
    cauchy_schwarz,
    commutation,
    curvature_lower,
    decreasing,
    gradient_product,
    gronwall_below,
    hessian_square,
    weighted_divergence,
)

from .definition_1_1 import bent, kappa, phi, slope, w
from .notation import X, f, t

n, m = Parameter("n", "positive"), Parameter("m", "positive")
N = n + m
image = generator(phi)
spread, pushed = divergence(slope), dot(score(X), slope)  # L phi = pushed - spread

parts = Statement(
    "correspondence-gamma-2",
    "Gamma_2 in parts: the dimension, the curvature and the square of L phi",
    kind="lemma",
    source="The correspondences of appendix A; N = n + m",
)
square = parts.step(
    "square",
    equation(norm(w * image) ** 2, norm(w * (pushed - spread)) ** 2),
    because=[weighted_divergence(slope, w**2 * side) for side in (image, pushed, spread)],
    note="L phi = grad U . grad phi - div grad phi",
)
parts.conclude(
    "young",
    norm(w * image) ** 2 / N <= norm(w * spread) ** 2 / n + norm(w * pushed) ** 2 / m,
    because=[square, cauchy_schwarz(w * spread, w * pushed)],
)
parts.conclude(
    "jensen",
    inner(w**2, image) ** 2 <= norm(w) ** 2 * norm(w * image) ** 2,
    because=[cauchy_schwarz(w, w * image)],
)
parts.conclude(
    "differential",
    equation(inner(w**2, image), 2 * inner(w * grad(w), slope)),
    note="the differential of KL along grad phi: the mean of grad log w^2 . grad phi",
)

dimension = Statement(
    "correspondence-cd-n",
    "The curvature-dimension condition CD(kappa, N), and (kappa, N)-convexity of KL",
    kind="lemma",
    given=[
        norm(w * spread) ** 2 <= n * inner(w**2, jacobian_square(slope)),
        kappa * norm(w * slope) ** 2 + norm(w * pushed) ** 2 / m <= inner(w**2, curvature(slope)),
    ],
    source="The correspondences of appendix A, with N = n + m: the dimension is at most n, and "
    "hess U >= kappa + grad U grad U^T / m; on the line U'' >= kappa + U'^2 / (N - 1)",
)
gamma = dimension.conclude(
    "gamma-2",
    kappa * norm(w * slope) ** 2 + norm(w * image) ** 2 / N <= inner(w**2, bent),
    because=[parts],
    note="Gamma_2 >= kappa Gamma + (L phi)^2 / N at every point, since w is any function",
)
dimension.conclude(
    "convex",
    kappa * norm(w) ** 2 * norm(w * slope) ** 2 + inner(w**2, image) ** 2 / N
    <= norm(w) ** 2 * inner(w**2, bent),
    because=[gamma, parts],
    note="Hess KL >= kappa + (dKL)^2 / N at every measure, along gradients; Erbar–Kuwada–Sturm",
)

# 1 + f runs forwards and phi backwards, so that <1 + f_s, u_s> is the semigroup between two times.
semigroup = Flow.of("semigroup", {f: -generator(f), phi: generator(phi)})
energy = inner((1 + f) * slope, slope)
local = Statement(
    "correspondence-local",
    "Local inequalities: what the semigroup does to a square and to a squared gradient",
    kind="lemma",
    given=[kappa <= curvature_bound(X)],
    source="The correspondences of appendix A, along d/ds f = -L f and d/ds phi = L phi",
)
local.conclude(
    "square",
    equation(semigroup.derivative(inner(1 + f, phi**2)), 2 * energy),
)
bochner = local.conclude(
    "gamma-2",
    equation(semigroup.derivative(energy), 2 * inner(1 + f, bent)),
    because=[commutation(slope, 1 + f), gradient_product(phi, phi, grad(f))],
)
local.conclude(
    "gradient",
    2 * kappa * energy <= semigroup.derivative(energy),
    because=[bochner, hessian_square(phi, 1 + f), curvature_lower(slope, 1 + f)],
)

# For a positive function e^phi in place of phi^2 the measure u e^phi takes the place of u: with
# d/ds u = -L u and d/ds e^phi = L e^phi its density 1 + f and phi move as follows.
interpolation = Flow.of(
    "entropic interpolation",
    {
        f: -generator(f) + 2 * grad_adjoint((1 + f) * slope),
        phi: generator(phi) - dot(slope, slope),
    },
)
entropic = Statement(
    "correspondence-local-entropy",
    "Local logarithmic inequalities: what the semigroup does to an entropy and its gradient",
    kind="lemma",
    given=[kappa <= curvature_bound(X)],
    source="The correspondences of appendix A, for <1 + f, phi>, the entropy int u e^phi phi",
)
entropic.conclude(
    "entropy",
    equation(interpolation.derivative(inner(1 + f, phi)), energy),
)
bochner = entropic.conclude(
    "gamma-2",
    equation(interpolation.derivative(energy), 2 * inner(1 + f, bent)),
    because=[commutation(slope, 1 + f), gradient_product(phi, phi, grad(f))],
)
entropic.conclude(
    "gradient",
    2 * kappa * energy <= interpolation.derivative(energy),
    because=[bochner, hessian_square(phi, 1 + f), curvature_lower(slope, 1 + f)],
)

# The same at later times, for numbers: A stands for <1 + f, phi^2>, or twice the entropy, G for the
# energy, E for exp(-2 kappa s), or for 0.  The flows are well posed where phi is P_(t - s) u of a function u, such as a
# trigonometric polynomial on a uniform torus.
flow = Flow("abstract")
A, G, E = flow.quantity("A"), flow.quantity("G"), flow.quantity("E")
rate = Parameter("kappa", "positive")
later = Statement(
    "correspondence-local-later",
    "Local Poincaré and logarithmic inequalities, and a gradient bound",
    kind="lemma",
    given=[
        flow.derivative(A) <= 2 * G,
        2 * rate * G <= flow.derivative(G),
        flow.derivative(E) <= -2 * rate * E,
        E <= 1,
    ],
    source="The correspondences of appendix A; Bakry–Gentil–Ledoux (2014), Theorems 4.7.2 and 5.5.2",
)
later.conclude(
    "gradient",
    exp(2 * rate * t) * at_time(G, 0) <= at_time(G, t),
    because=[gronwall_below(G, -2 * rate, flow, t)],
    note="|grad P_t u|^2 <= exp(-2 kappa t) P_t |grad u|^2, in the mean under f_0",
)
later.conclude(
    "local",
    rate * (at_time(A, t) - at_time(A, 0))
    <= (1 - at_time(E, t)) * at_time(G, t) - (1 - at_time(E, 0)) * at_time(G, 0),
    because=[decreasing(rate * A - (1 - E) * G, flow, as_term(0), t)],
    note="kappa (P_t u^2 - (P_t u)^2) <= (1 - exp(-2 kappa t)) P_t |grad u|^2, or with E = 0 "
    "P_t |grad u|^2 - |grad P_t u|^2, in the mean under f_0; the same for twice an entropy",
)
