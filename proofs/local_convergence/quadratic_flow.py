"""Section 2.2: the derivatives of chi2 and of the dual norm along the quadratic flow (2.2)."""

from mflverify.expr import (
    chi2,
    dual_norm,
    equation,
    generator,
    grad,
    inner,
    inverse_generator,
    norm,
)
from mflverify.proof import Statement

from .notation import S, f, mfld, tau

L = generator
error = f * grad(S(f))

chi2_identity = Statement(
    "eq-2.3",
    "Derivative of chi2 along the quadratic flow",
    kind="identities",
    source="section 2.2, equation (2.3)",
)
chi2_identity.conclude(
    "identity",
    equation(
        mfld.derivative(chi2(f)),
        -2 * tau * inner(f, L(f)) - 2 * inner(f, L(S(f))) - 2 * inner(grad(f), error),
    ),
    note="the middle term has no sign: L M is not symmetric",
)

dual_norm_identity = Statement(
    "eq-2.4",
    "Derivative of the squared dual norm along the quadratic flow",
    kind="identities",
    source="section 2.2, equation (2.4)",
)
dual_norm_identity.conclude(
    "identity",
    equation(
        mfld.derivative(dual_norm(f) ** 2),
        -2 * tau * norm(f) ** 2 - 2 * inner(f, S(f)) - 2 * inner(grad(inverse_generator(f)), error),
    ),
    note="here L^-1 removes L, and <f, M f> has a sign when F is linearly convex",
)
