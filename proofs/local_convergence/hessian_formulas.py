"""Section 2.1 and definition A.1: Wasserstein Hessians as second derivatives along geodesics.

A geodesic moves mu = (1 + f) mu_bar by the continuity equation with velocity grad phi, and phi by the
Hamilton–Jacobi equation.  F(mu) = F(mu_bar) + <V, f> + <f, M f>/2 with V = F'[mu_bar] and
F'[mu] = V + M f; at equilibrium V is -tau log of the density, up to a constant.
"""

from fractions import Fraction

from mflverify.expr import (
    Flow,
    FunctionSymbol,
    advection,
    curvature,
    dot,
    equation,
    grad,
    grad_adjoint,
    inner,
    jacobian_square,
    kernel_along,
    norm,
    one,
    relative_entropy,
    score,
)
from mflverify.proof import (
    Statement,
    commutation,
    gradient_product,
    kernel_by_parts,
    log_gradient,
    score_curvature,
    symmetric_hessian,
)

from .lemma_a_2 import Phi, lemma
from .notation import S, X, f, tau

phi = FunctionSymbol("phi", X)
V = FunctionSymbol("V", X)
velocity = grad(phi)
moved = (1 + f) * velocity
geodesic = Flow.of(
    "geodesic",
    {f: grad_adjoint(moved), phi: -Fraction(1, 2) * dot(velocity, velocity)},
)

functional = Statement(
    "eq-1.2",
    "A quadratic functional around equilibrium",
    kind="identities",
    source="(1.2)",
)
unit = one(X)
# F(mu) = int V_0 d mu + 1/2 int int k d mu d mu, and V = F'[mu_bar] = V_0 + M 1
functional.conclude(
    "expansion",
    equation(
        inner(V, 1 + f) + inner(1 + f, S(1 + f)) / 2,
        inner(V, unit) + inner(unit, S(unit)) / 2 + inner(V + S(unit), f) + inner(f, S(f)) / 2,
    ),
)

hessians = Statement(
    "hessians",
    "Hessians of F and KL along geodesics, at every mu",
    kind="identities",
    source="Definition A.1 and section 2.1",
)
energy = inner(V, f) + inner(f, S(f)) / 2
slope = grad(V) + grad(S(f))  # grad F'[mu]
force = inner(moved, grad(V)) + inner(moved, grad(S(f)))
hessians.conclude(
    "slope",
    equation(geodesic.derivative(energy), force),
    note="<grad F'[mu], grad phi> in L2(mu): the first variation is the gradient",
)
hessians.conclude(
    "energy",
    equation(
        geodesic.derivative(force),
        inner(moved, grad(kernel_along(S, moved)))
        + inner(moved, advection(velocity, grad(V)))
        + inner(moved, advection(velocity, grad(S(f)))),
    ),
    because=[
        kernel_by_parts(S, moved, grad_adjoint(moved)),
        *(
            fact
            for u in (V, S(f))
            for fact in (
                gradient_product(u, phi, moved),
                gradient_product(phi, phi, (1 + f) * grad(u)),
                symmetric_hessian(phi, grad(u), velocity, 1 + f),
            )
        ),
    ],
    note="int int Phi^T grad grad' F'' Phi' d mu d mu + int Phi^T hess F'[mu] Phi d mu",
)
hessians.conclude(
    "kl-slope",
    equation(geodesic.derivative(relative_entropy(f)), inner(grad(f), velocity)),
    because=[log_gradient(f, velocity)],
    note="int grad log(1 + f) . grad phi d mu",
)
hessians.conclude(
    "kl",
    equation(
        geodesic.derivative(inner(grad(f), velocity)),
        inner(1 + f, jacobian_square(velocity) + curvature(velocity)),
    ),
    because=[commutation(velocity, 1 + f), gradient_product(phi, phi, grad(f))],
)

# H(mu) = KL(mu | mu_bar) - int U d mu, for the entropy relative to dx
U = score(X)
hessians.conclude(
    "entropy",
    equation(
        geodesic.derivative(inner(grad(f), velocity) - inner(moved, U)),
        inner(1 + f, jacobian_square(velocity)),
    ),
    because=[
        hessians.steps[-1],
        score_curvature(velocity, 1 + f),
        gradient_product(U, phi, moved),
        gradient_product(phi, phi, (1 + f) * U),
        symmetric_hessian(phi, U, velocity, 1 + f),
    ],
    note="int tr((grad Phi)^2) d mu, Phi = grad phi",
)

at_equilibrium = Statement(
    "hessian-equilibrium",
    "The Hessian of the free energy at equilibrium",
    kind="identities",
    source="Section 2.1, for any vector field; Lemma A.2",
)
by_parts = at_equilibrium.step(
    "by-parts",
    equation(
        inner(Phi, grad(kernel_along(S, Phi))), inner(grad_adjoint(Phi), S(grad_adjoint(Phi)))
    ),
    because=[kernel_by_parts(S, Phi, grad_adjoint(Phi))],
    note="int int Phi^T grad grad' k Phi' by parts in both variables",
)
# hess F'[mu_bar] = tau hess U, since F'[mu_bar] + tau log mu_bar is constant
free_energy = inner(Phi, grad(kernel_along(S, Phi))) + tau * inner(
    one(X), jacobian_square(Phi) + curvature(Phi)
)
at_equilibrium.conclude(
    "identity",
    equation(
        free_energy,
        inner(grad_adjoint(Phi), S(grad_adjoint(Phi))) + tau * norm(grad_adjoint(Phi)) ** 2,
    ),
    because=[by_parts, lemma],
)
