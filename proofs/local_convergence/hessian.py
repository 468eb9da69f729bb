"""(2.1) and section 3.1.3: the Hessian of the free energy at equilibrium.

At equilibrium, Hess F_tau(Phi, Phi) = <grad* Phi, M grad* Phi> + tau ||grad* Phi||^2 for gradient
fields Phi (two integrations by parts and Lemma A.2).
"""

from mflverify.expr import (
    FunctionSymbol,
    convexity_slack,
    generator,
    grad,
    grad_adjoint,
    inner,
    norm,
    poincare_constant,
)
from mflverify.proof import Statement, poincare_dual, slack

from .notation import S, X, alpha, lam, tau

phi = FunctionSymbol("phi", X)
field = grad(phi)
hessian = inner(grad_adjoint(field), S(grad_adjoint(field))) + tau * norm(grad_adjoint(field)) ** 2

convexity = Statement(
    "eq-2.1",
    "The Hessian of the free energy is bounded below on gradient fields",
    kind="proposition",
    given=[
        alpha <= poincare_constant(X),
        convexity_slack(S) <= lam,
        lam <= tau,
    ],
    source="(2.1), with the slack of (3.1); rho >= alpha (tau - lambda) of section 3.1.3",
)
form = convexity.step(
    "form",
    -lam * norm(generator(phi)) ** 2 <= inner(generator(phi), S(generator(phi))),
    because=[slack((S,), (generator(phi),))],
)
gap = convexity.step(
    "gap",
    alpha * norm(field) ** 2 <= norm(generator(phi)) ** 2,
    because=[poincare_dual(generator(phi))],
    note="L^-1 L phi is phi up to a constant",
)
convexity.conclude(
    "bound",
    alpha * (tau - lam) * norm(field) ** 2 <= hessian,
    because=[form, gap],
)
