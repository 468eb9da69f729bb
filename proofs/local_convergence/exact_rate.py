"""Section 3.1.3: rho, the bottom of the spectrum of L (tau + M), and its bounds.

2 rho is the rate of the linearised flow; that it is the exact local rate is a conjecture of the paper.
"""

from mflverify.expr import (
    Flow,
    FunctionSymbol,
    Parameter,
    Term,
    VectorSymbol,
    at_time,
    convexity_slack,
    directional,
    dual_norm,
    equation,
    equilibrium_convexity,
    exp,
    generator,
    grad,
    grad_adjoint,
    hilbert_schmidt,
    inner,
    inverse_generator,
    kernel_slice,
    mixed_derivative_sup,
    norm,
    one,
    poincare_constant,
    sup_norm,
)
from mflverify.proof import (
    Statement,
    Step,
    cauchy_schwarz,
    convexity,
    convexity_optimal,
    gronwall,
    hilbert_schmidt_bound,
    hoelder,
    mixed_derivative,
    poincare_dual,
    slack,
    supremum,
)

from . import theorem_a_3
from .lemma_a_2 import Phi
from .notation import K, S, X, alpha, lam, t, tau, v, x

f = FunctionSymbol("f", X, "mean-zero")  # the linearised flow does not keep 1 + f positive
phi = FunctionSymbol("phi", X)
Psi = VectorSymbol("Psi", X)
r = Parameter("r")
rho = equilibrium_convexity(X, tau, S)
linearised = Flow.of("linearised MFLD", {f: -tau * generator(f) - generator(S(f))})


def hessian(field: Term) -> Term:
    """grad (tau + M) grad* on vector fields."""
    return tau * grad(grad_adjoint(field)) + grad(S(grad_adjoint(field)))


operator = Statement(
    "sec-3.1.3",
    "The linearised flow and the Hessian at equilibrium",
    kind="identities",
    source="Section 3.1.3",
)
velocity = grad(inverse_generator(f))
operator.conclude(
    "symmetric",
    equation(inner(hessian(Phi), Psi), inner(Phi, hessian(Psi))),
)
image = grad_adjoint(Phi)
operator.conclude(
    "conjugate",
    equation(inner(generator(tau * image + S(image)), phi), inner(grad_adjoint(hessian(Phi)), phi)),
    note="L (tau + M) grad* = grad* [grad (tau + M) grad*]",
)
operator.conclude(
    "velocity",
    equation(linearised.derivative(inner(velocity, Psi)), -inner(hessian(velocity), Psi)),
    note="Phi = grad L^-1 f evolves by the Hessian",
)

rayleigh = Statement(
    "sec-3.1.3-rate",
    "The linearised flow decays in the dual norm at twice the bottom of its spectrum",
    kind="proposition",
    given=[r <= rho],
    source="Section 3.1.3, rho by its Rayleigh quotient",
)
quotient = rayleigh.conclude(
    "quotient",
    r * dual_norm(f) ** 2 <= tau * norm(f) ** 2 + inner(f, S(f)),
    because=[convexity(inverse_generator(f), tau, S)],
)
contraction = rayleigh.step(
    "contract",
    linearised.derivative(dual_norm(f) ** 2) <= -2 * r * dual_norm(f) ** 2,
    because=[quotient],
)
rayleigh.conclude(
    "decay",
    at_time(dual_norm(f) ** 2, t) <= exp(-2 * r * t) * at_time(dual_norm(f) ** 2, 0),
    because=[contraction, gronwall(dual_norm(f) ** 2, 2 * r, linearised, t)],
)

guaranteed = Statement(
    "sec-3.1.3-guaranteed",
    "The guaranteed rate is at most the conjectured one",
    kind="proposition",
    given=[
        alpha <= poincare_constant(X),
        convexity_slack(S) <= lam,
        lam <= tau,
    ],
    source="Section 3.1.3, by (3.1) and the Poincaré inequality",
)
form = guaranteed.step(
    "form",
    alpha * (tau - lam) * norm(grad(phi)) ** 2
    <= tau * norm(generator(phi)) ** 2 + inner(generator(phi), S(generator(phi))),
    because=[slack((S,), (generator(phi),)), poincare_dual(generator(phi))],
)
guaranteed.conclude(
    "bound",
    alpha * (tau - lam) <= rho,
    because=[form, convexity_optimal(alpha * (tau - lam), phi, tau, S)],
)

image = generator(phi)
best = poincare_constant(X)


def bracket(statement: Statement, interaction: Step) -> None:
    """tau alpha - K <= rho <= tau alpha + K where |<L phi, M L phi>| <= K ||grad phi||^2."""
    below = statement.step(
        "below",
        (tau * best - K) * norm(grad(phi)) ** 2 <= tau * norm(image) ** 2 + inner(image, S(image)),
        because=[interaction, poincare_dual(image)],
    )
    statement.conclude(
        "lower",
        tau * best - K <= rho,
        because=[below, convexity_optimal(tau * best - K, phi, tau, S)],
    )
    above = statement.step(
        "above",
        (rho - K) / tau * norm(grad(phi)) ** 2 <= norm(image) ** 2,
        because=[interaction, convexity(phi, tau, S)],
    )
    statement.conclude(
        "upper",
        rho <= tau * best + K,
        because=[above, convexity_optimal((rho - K) / tau, phi), theorem_a_3.theorem],
    )


perturbed = Statement(
    "sec-3.1.3-weyl",
    "The interaction moves the bottom of the spectrum by at most K",
    kind="proposition",
    given=[mixed_derivative_sup(S) <= K],
    source="Section 3.1.3; Weyl's inequality, with K for the norm of grad M grad*",
)
seen = kernel_slice(S, x, v)
pointwise = perturbed.step(
    "pointwise",
    abs(directional(grad(S(image)), x, v)) <= K * norm(grad(phi)),
    because=[cauchy_schwarz(grad(seen), grad(phi)), mixed_derivative(S, x, v)],
    note="as in Lemma 3.9, with grad phi for grad L^-1 f",
)
force = perturbed.step(
    "force",
    sup_norm(grad(S(image))) <= K * norm(grad(phi)),
    because=[pointwise, supremum(grad(S(image)), K * norm(grad(phi)), x, v)],
)
interaction = perturbed.step(
    "interaction",
    abs(inner(image, S(image))) <= K * norm(grad(phi)) ** 2,
    because=[
        force,
        hoelder(one(X), grad(S(image))),
        cauchy_schwarz(grad(phi), grad(S(image))),
    ],
)
bracket(perturbed, interaction)

square_integrable = Statement(
    "sec-3.1.3-hilbert-schmidt",
    "The interaction moves the bottom of the spectrum by at most its Hilbert–Schmidt norm",
    kind="proposition",
    given=[hilbert_schmidt(S) <= K],
    source="Section 3.1.3; Weyl's inequality, with the Hilbert–Schmidt norm of grad M grad*",
)
size = square_integrable.step(
    "interaction",
    abs(inner(image, S(image))) <= K * norm(grad(phi)) ** 2,
    because=[hilbert_schmidt_bound(S, grad(phi), grad(phi))],
)
bracket(square_integrable, size)
