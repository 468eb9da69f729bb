"""Section 3.2: the flow of a general functional, (3.6) to (3.8).

F' = F'[mu_bar] + M f + R[mu].  Lemma 3.10 in its linear form bounds the gradient of R by the dual
norm, so that neither the transport distance nor the second constant T_2 is needed.
"""

from mflverify.expr import (
    chi2,
    convexity_slack,
    directional,
    dual_norm,
    equation,
    grad,
    grad_adjoint,
    inner,
    inverse_generator,
    mixed_derivative_sup,
    norm,
    segment_variation,
    sqrt,
    sup_norm,
    third_derivative_sup,
)
from mflverify.proof import (
    Statement,
    cauchy_schwarz,
    dual_cauchy_schwarz,
    hoelder,
    projection,
    segment_taylor,
    supremum,
    third_variation,
)

from .notation import K, R, S, T, f, general_mfld, lam, q, tau, v, x
from .theorem_3_2 import error
from .theorem_3_2 import inequalities as quadratic

lemma_3_10 = Statement(
    "lem-3.10",
    "The force beyond its linear part is of second order",
    kind="lemma",
    given=[third_derivative_sup(R) <= T],
    source="Lemma 3.10 in the stronger form with the dual norm",
)
size = T * dual_norm(f) ** 2
bent = lemma_3_10.step(
    "second",
    abs(directional(grad(segment_variation(R, q, f, f, f)), x, v)) <= size,
    because=[third_variation(R, q, f, f, f, x, v)],
    note="the second derivative along (1 + s f) mu_bar: Lemma 3.9 in both variables",
)
value = lemma_3_10.step(
    "taylor",
    abs(directional(grad(R(f)), x, v)) <= size / 2,
    because=[bent, segment_taylor(R, q, f, x, v, size)],
)
lemma_3_10.conclude(
    "bound",
    sup_norm(grad(R(f))) <= size / 2,
    because=[value, supremum(grad(R(f)), size / 2, x, v)],
)

beyond = (1 + f) * grad(R(f))
remainder = inner(f, inverse_generator(grad_adjoint(beyond)))

derivatives = Statement(
    "eq-3.7",
    "Derivatives of the dual norm and of chi2 for a general functional",
    kind="identities",
    source="(3.6) and (3.7)",
)
dual_identity = derivatives.conclude(
    "dual",
    equation(
        general_mfld.derivative(dual_norm(f) ** 2),
        -2 * tau * chi2(f) - 2 * inner(f, S(f)) - 2 * error - 2 * remainder,
    ),
)
push = (1 + f) * grad(S(f)) + beyond
chi2_identity = derivatives.conclude(
    "chi2",
    equation(
        general_mfld.derivative(chi2(f)),
        -2 * tau * norm(grad(f)) ** 2 - 2 * inner(grad(f), push),
    ),
)

inequalities = Statement(
    "eq-3.8",
    "Differential inequalities for a general functional",
    kind="lemma",
    given=[
        mixed_derivative_sup(S) <= K,
        convexity_slack(S) <= lam,
        third_derivative_sup(R) <= T,
    ],
    source="(3.8) beside (3.9), before chi2 is taken for the dual norm in the remainder",
)
remainder_bound = inequalities.step(
    "remainder",
    abs(remainder) <= T / 2 * dual_norm(f) ** 3 * sqrt(1 + chi2(f)),
    because=[
        dual_cauchy_schwarz(f, grad_adjoint(beyond)),
        projection(beyond),
        hoelder(1 + f, grad(R(f))),
        lemma_3_10,
    ],
)
inequalities.conclude(
    "dual",
    general_mfld.derivative(dual_norm(f) ** 2)
    <= -2 * (tau - lam) * chi2(f)
    + 2 * K * dual_norm(f) ** 2 * norm(f)
    + T * dual_norm(f) ** 3 * sqrt(1 + chi2(f)),
    because=[derivatives, quadratic, remainder_bound],
)
drift_beyond = inequalities.step(
    "drift-beyond",
    abs(inner(grad(f), beyond)) <= T / 2 * norm(grad(f)) * sqrt(1 + chi2(f)) * dual_norm(f) ** 2,
    because=[
        cauchy_schwarz(grad(f), beyond),
        hoelder(1 + f, grad(R(f))),
        lemma_3_10,
    ],
)
inequalities.conclude(
    "chi2",
    general_mfld.derivative(chi2(f))
    <= -2 * tau * norm(grad(f)) ** 2
    + norm(grad(f)) * sqrt(1 + chi2(f)) * (2 * K * dual_norm(f) + T * dual_norm(f) ** 2),
    because=[derivatives, quadratic, drift_beyond],
)
