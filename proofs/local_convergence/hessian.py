"""(2.1) and section 3.1.3: the Hessian of the free energy at equilibrium is bounded below."""

from mflverify.expr import (
    FunctionSymbol,
    Substitution,
    convexity_slack,
    generator,
    grad,
    inner,
    norm,
    poincare_constant,
)
from mflverify.proof import Statement, poincare_dual, slack

from .hessian_formulas import at_equilibrium, free_energy
from .lemma_a_2 import Phi
from .notation import S, X, alpha, lam, tau

phi = FunctionSymbol("phi", X)
field = grad(phi)
at_field = Substitution.of({Phi: field})
hessian = at_field(free_energy)

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
    because=[form, gap, at_equilibrium.at({Phi: field})],
)
