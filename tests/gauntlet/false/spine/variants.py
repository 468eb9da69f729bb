"""False variants of the spine's statements.  Each must be caught, and by the right finding."""

from fractions import Fraction

from mflverify.expr import (
    Flow,
    FunctionSymbol,
    KernelSymbol,
    chi2,
    dual_norm,
    equation,
    grad,
    grad_adjoint,
    inner,
    inverse_generator,
    mixed_derivative_sup,
    norm,
    poincare_constant,
    projector,
    sqrt,
    sup_norm,
)
from mflverify.proof import (
    Statement,
    cauchy_schwarz,
    hoelder,
    mixed_derivative,
    poincare_dual,
    projection,
    supremum,
)

from .notation import (
    K,
    L,
    M,
    X,
    alpha,
    descent_ascent,
    error_x,
    error_y,
    f,
    g,
    phi,
    tau,
    v,
    x,
)

squared_dual = dual_norm(f) ** 2 + dual_norm(g) ** 2
squared = chi2(f) + chi2(g)

# The second player's drift has the first player's sign: nothing cancels.
both_descend = Flow.of(
    "both descend",
    {
        f: -tau * L(f) - L(M(g)) - grad_adjoint(f * grad(M(g))),
        g: -tau * L(g) - L(M.T(f)) - grad_adjoint(g * grad(M.T(f))),
    },
)
drift_flipped = Statement("drift-flipped", "4.3 with the second drift flipped")
drift_flipped.conclude(
    "4.3",
    equation(both_descend.derivative(squared_dual), -2 * tau * squared - 2 * error_x - 2 * error_y),
)

# The second player answers with M instead of its transpose.
h = FunctionSymbol("h", X, "perturbation")
A = KernelSymbol("A", source=X, target=X)
untransposed_flow = Flow.of(
    "untransposed",
    {
        f: -tau * L(f) - L(A(h)) - grad_adjoint(f * grad(A(h))),
        h: -tau * L(h) + L(A(f)) + grad_adjoint(h * grad(A(f))),
    },
)
untransposed = Statement("untransposed", "4.3 without the transpose")
untransposed.conclude(
    "4.3",
    equation(
        untransposed_flow.derivative(dual_norm(f) ** 2 + dual_norm(h) ** 2),
        -2 * tau * (chi2(f) + chi2(h))
        - 2 * inner(f, inverse_generator(grad_adjoint(f * grad(A(h)))))
        + 2 * inner(h, inverse_generator(grad_adjoint(h * grad(A(f))))),
    ),
)

half_dissipation = Statement("half-dissipation", "4.3 with -tau for -2 tau")
half_dissipation.conclude(
    "4.3",
    equation(descent_ascent.derivative(squared_dual), -tau * squared - 2 * error_x + 2 * error_y),
)

half_lemma = Statement("half-lemma", "Lemma 3.9 with K/2", given=[mixed_derivative_sup(M) <= K])
half_lemma.conclude(
    "bound",
    sup_norm(grad(M(g))) <= K / 2 * dual_norm(g),
    because=[
        cauchy_schwarz(grad(inverse_generator(g)), grad(inverse_generator(g))),
        mixed_derivative(M, x, v),
        supremum(grad(M(g)), K / 2 * dual_norm(g), x, v),
    ],
)

# In L2 the cross terms <f, L M g> and <g, L M^T f> do not cancel.
wrong_norm = Statement("wrong-norm", "4.3 with L2 norms in the Lyapunov functional")
wrong_norm.conclude(
    "4.3",
    equation(
        descent_ascent.derivative(squared),
        -2 * tau * (norm(grad(f)) ** 2 + norm(grad(g)) ** 2)
        - 2 * inner(grad(f), f * grad(M(g)))
        + 2 * inner(grad(g), g * grad(M.T(f))),
    ),
)

double_gap = Statement(
    "double-gap", "Poincaré with twice the constant", given=[alpha <= poincare_constant(X)]
)
double_gap.conclude("gap", 2 * alpha * dual_norm(f) ** 2 <= chi2(f), because=[poincare_dual(f)])

tight_projection = Statement("tight-projection", "The projector with 0.9")
tight_projection.conclude(
    "bound", norm(projector(phi)) <= Fraction(9, 10) * norm(phi), because=[projection(phi)]
)

small_sum = Statement("small-sum", "The sum of two norms without the factor sqrt(2)")
small_sum.conclude("sum", norm(f) + norm(g) <= sqrt(squared))

no_hoelder = Statement(
    "no-density", "The drift without sqrt(1 + chi2)", given=[mixed_derivative_sup(M) <= K]
)
no_hoelder.conclude(
    "drift",
    norm((1 + f) * grad(M(g))) <= sup_norm(grad(M(g))),
    because=[hoelder(1 + f, grad(M(g)))],
)
