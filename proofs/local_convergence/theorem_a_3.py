"""Theorem A.3: the Poincaré inequality is convexity of KL at equilibrium, with the same constant.

Both constants are optimal, so that equality says: the inequality holds with alpha exactly when
Hess KL(. | mu_bar)[mu_bar] >= alpha on gradient fields.
"""

from mflverify.expr import (
    FunctionSymbol,
    center,
    curvature,
    equation,
    equilibrium_convexity,
    generator,
    grad,
    inner,
    inverse_generator,
    jacobian_square,
    norm,
    one,
    poincare_constant,
)
from mflverify.proof import (
    Statement,
    cauchy_schwarz,
    convexity,
    convexity_optimal,
    poincare,
    poincare_optimal,
)

from .lemma_a_2 import Phi, lemma
from .notation import X, alpha

phi = FunctionSymbol("phi", X)
g = FunctionSymbol("g", X, "mean-zero")
hessian = inner(one(X), jacobian_square(grad(phi)) + curvature(grad(phi)))

forward = Statement(
    "thm-A.3-convex",
    "A Poincaré inequality makes KL convex at equilibrium",
    kind="theorem",
    given=[alpha <= poincare_constant(X)],
    source="Theorem A.3, first direction",
)
by_parts = forward.step(
    "by-parts",
    norm(grad(phi)) ** 2 <= norm(center(phi)) * norm(generator(phi)),
    because=[cauchy_schwarz(center(phi), generator(phi))],
    note="||grad phi||^2 = <phi - E phi, L phi>",
)
gap = forward.step(
    "gap",
    alpha * norm(center(phi)) ** 2 <= norm(grad(phi)) ** 2,
    because=[poincare(phi)],
)
image = forward.step(
    "image",
    alpha * norm(grad(phi)) ** 2 <= norm(generator(phi)) ** 2,
    because=[by_parts, gap],
)
forward.conclude(
    "convex",
    alpha * norm(grad(phi)) ** 2 <= hessian,
    because=[image, lemma.at({Phi: grad(phi)})],
)

theorem = Statement(
    "thm-A.3",
    "The Poincaré constant is the convexity of KL at equilibrium",
    kind="theorem",
    source="Theorem A.3",
)
rho = equilibrium_convexity(X)
best = poincare_constant(X)
potential = inverse_generator(g)

at_most = theorem.step(
    "bounded-below",
    best * norm(grad(phi)) ** 2 <= norm(generator(phi)) ** 2,
    because=[cauchy_schwarz(center(phi), generator(phi)), poincare(phi)],
)
dual = theorem.step(
    "dual",
    norm(g) ** 2 <= norm(grad(g)) * norm(grad(potential)),
    because=[cauchy_schwarz(grad(g), grad(potential))],
    note="||g||^2 = <grad g, grad L^-1 g>",
)
size = theorem.step(
    "size",
    rho * norm(grad(potential)) ** 2 <= norm(g) ** 2,
    because=[convexity(potential)],
)
gap_again = theorem.step(
    "gap",
    rho * norm(g) ** 2 <= norm(grad(g)) ** 2,
    because=[dual, size],
)
theorem.conclude(
    "equal",
    equation(rho, best),
    because=[
        at_most,
        convexity_optimal(best, phi),
        gap_again,
        poincare_optimal(rho, g),
    ],
)
