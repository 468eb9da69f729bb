"""Proposition 3.5: (3.1) never holds with a negative lambda.

m(M) is the largest constant with <f, M f> >= m ||f||^2 on mean-zero functions, so that (3.1) with
lambda = -c says c <= m(M).
"""

from mflverify.expr import (
    FunctionSymbol,
    Parameter,
    generator,
    grad,
    inner,
    interaction_bottom,
    norm,
    poincare_constant,
)
from mflverify.proof import Statement, compact_interaction, interaction_form, poincare_dual

from .notation import S, X, alpha

phi = FunctionSymbol("phi", X)
image = generator(phi)
c = Parameter("c")  # -lambda

proposition = Statement(
    "prop-3.5",
    "No negative slack",
    kind="proposition",
    given=[alpha <= poincare_constant(X), c <= interaction_bottom(S)],
    source="Proposition 3.5",
)
form = proposition.step(
    "form",
    c * norm(image) ** 2 <= inner(image, S(image)),
    because=[interaction_form(S, image)],
    note="<grad* Phi, M grad* Phi> = int int Phi^T grad grad' k Phi' for Phi = grad phi",
)
gap = proposition.step(
    "gap",
    alpha * norm(grad(phi)) ** 2 <= norm(image) ** 2,
    because=[poincare_dual(image)],
)
proposition.conclude(
    "no-negative-slack",
    c <= 0,
    because=[form, gap, compact_interaction(c * alpha, phi, S)],
    note="were c positive, grad M grad* would be at least c alpha on all gradient fields",
)
