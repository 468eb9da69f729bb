"""Assumption B for every number of species: mu_bar is stationary where V[mu_bar] + tau log mu_bar is constant.

W = V[mu_bar] + tau log mu_bar is any function on the union of the spaces of all species, so that
grad V[mu] = tau grad U + grad W + grad M f + grad R(f) with mu_bar = e^{-U}.
"""

from mflverify.expr import (
    Flow,
    FunctionSymbol,
    Term,
    center,
    equation,
    generator,
    grad,
    grad_adjoint,
    inner,
    norm,
    poincare_constant,
    score,
)
from mflverify.proof import (
    Statement,
    at_equilibrium,
    cauchy_schwarz,
    poincare,
    weighted_divergence,
)

from .all_species import M, X, f
from .all_species_forces import R
from .all_species_forces import flow as balanced
from .evolution import tested
from .notation import alpha, tau

W = FunctionSymbol("W", X)
phi = FunctionSymbol("phi", X)


def moved(u: Term) -> Term:
    """df/dt at the state u"""
    return -tau * generator(u) - grad_adjoint((1 + u) * grad(W + M(u) + R(u)))


flow = Flow.of("all species about any measure", {f: moved(f)})
start = moved(0 * f)

measures = Statement(
    "eq-5.1",
    "Flows of all species, relative to any measure",
    kind="identities",
    source="(1.4), (5.1)",
)
measures.conclude(
    "evolution",
    equation(
        flow.derivative(inner(phi, f)),
        tested(1 + f, phi, tau, tau * score(X) + grad(W) + grad(M(f)) + grad(R(f))),
    ),
    because=[weighted_divergence(grad(phi), 1 + f)],
)
measures.conclude(
    "balanced",
    equation(
        flow.derivative(inner(phi, f)) - balanced.derivative(inner(phi, f)),
        -inner(grad(phi), (1 + f) * grad(W)),
    ),
    note="where W is constant this is the flow of (5.5) and (5.6)",
)

stationary = Statement(
    "assumption-B",
    "Which measures are stationary",
    kind="lemma",
    given=[alpha <= poincare_constant(X)],
    source="Assumption B; df/dt at f = 0, tested with functions",
)
force = stationary.conclude(
    "at-equilibrium",
    equation(inner(phi, start), -inner(grad(phi), grad(W))),
    because=[at_equilibrium(R, grad(phi), f)],
)
stationary.conclude(
    "sufficient",
    abs(inner(phi, start)) <= norm(grad(phi)) * norm(grad(W)),
    because=[force, cauchy_schwarz(grad(phi), grad(W))],
    note="nothing moves where W is constant on each component",
)
own = stationary.step(
    "own",
    equation(inner(W, start), -(norm(grad(W)) ** 2)),
    because=[at_equilibrium(R, grad(W), f)],
)
stationary.conclude(
    "necessary",
    alpha * norm(center(W)) ** 2 <= -inner(W, start),
    because=[own, poincare(W)],
    note="where nothing moves, W is constant on each component",
)
