"""Theorem 4.1: local convergence of mean-field Langevin descent-ascent.

The cross terms of (4.3) cancel in the normal form: <f, M g> and <M^T f, g> are one integral.
"""

from mflverify.expr import (
    at_time,
    chi2,
    dual_norm,
    equation,
    exp,
    grad,
    grad_adjoint,
    inner,
    inverse_generator,
    mixed_derivative_sup,
    norm,
    poincare_constant,
    sqrt,
)
from mflverify.proof import (
    Statement,
    cauchy_schwarz,
    dual_cauchy_schwarz,
    hoelder,
    poincare,
    poincare_dual,
    projection,
)

from . import lemma_q as q
from .lemma_3_9 import lemma_3_9
from .notation import K, M, X, Y, alpha, descent_ascent, eps, f, g, t, tau

squared_dual = dual_norm(f) ** 2 + dual_norm(g) ** 2
squared = chi2(f) + chi2(g)
dirichlet = norm(grad(f)) ** 2 + norm(grad(g)) ** 2

theorem = Statement(
    "thm-4.1",
    "Local convergence of mean-field Langevin descent-ascent",
    given=[
        alpha <= poincare_constant(X),
        alpha <= poincare_constant(Y),
        mixed_derivative_sup(M) <= K,
        eps < tau,
        K**2 * at_time(squared, 0) <= alpha**2 * eps**2,
    ],
    source="Theorem 4.1, with (4.2) and (4.3)",
)

# Lemma 3.9 for each player.
slope_x = lemma_3_9
slope_y = lemma_3_9.at({g: f, M: M.T})

# (4.3)
force_x = f * grad(M(g))
force_y = g * grad(M.T(f))
error_x = inner(f, inverse_generator(grad_adjoint(force_x)))
error_y = inner(g, inverse_generator(grad_adjoint(force_y)))

theorem.step(
    "4.3",
    equation(
        descent_ascent.derivative(squared_dual),
        -2 * tau * squared - 2 * error_x + 2 * error_y,
    ),
    note="the terms with M cancel",
)
bound_x = theorem.step(
    "error-x",
    abs(error_x) <= K * dual_norm(f) * dual_norm(g) * norm(f),
    because=[
        dual_cauchy_schwarz(f, grad_adjoint(force_x)),
        projection(force_x),
        hoelder(f, grad(M(g))),
        slope_x,
    ],
)
bound_y = theorem.step(
    "error-y",
    abs(error_y) <= K * dual_norm(f) * dual_norm(g) * norm(g),
    because=[
        dual_cauchy_schwarz(g, grad_adjoint(force_y)),
        projection(force_y),
        hoelder(g, grad(M.T(f))),
        slope_y,
    ],
)
product = theorem.step("product", 2 * dual_norm(f) * dual_norm(g) <= squared_dual)
total = theorem.step("sum", norm(f) + norm(g) <= sqrt(2) * sqrt(squared))
contraction = theorem.step(
    "dual-inequality",
    descent_ascent.derivative(squared_dual)
    <= -2 * tau * squared + sqrt(2) * K * squared_dual * sqrt(squared),
    because=[bound_x, bound_y, product, total],
)

# The growth of chi2.
drift_x = inner(grad(f), (1 + f) * grad(M(g)))
drift_y = inner(grad(g), (1 + g) * grad(M.T(f)))

theorem.step(
    "chi2-derivative",
    equation(descent_ascent.derivative(squared), -2 * tau * dirichlet - 2 * drift_x + 2 * drift_y),
)
push_x = theorem.step(
    "drift-x",
    abs(drift_x) <= K * norm(grad(f)) * sqrt(1 + chi2(f)) * dual_norm(g),
    because=[
        cauchy_schwarz(grad(f), (1 + f) * grad(M(g))),
        hoelder(1 + f, grad(M(g))),
        slope_x,
    ],
)
push_y = theorem.step(
    "drift-y",
    abs(drift_y) <= K * norm(grad(g)) * sqrt(1 + chi2(g)) * dual_norm(f),
    because=[
        cauchy_schwarz(grad(g), (1 + g) * grad(M.T(f))),
        hoelder(1 + g, grad(M.T(f))),
        slope_y,
    ],
)
crossed = theorem.step(
    "crossed",
    dual_norm(g) ** 2 * (1 + chi2(f)) + dual_norm(f) ** 2 * (1 + chi2(g))
    <= squared_dual * (1 + squared),
)
gathered = theorem.step(
    "gather",
    norm(grad(f)) * sqrt(1 + chi2(f)) * dual_norm(g)
    + norm(grad(g)) * sqrt(1 + chi2(g)) * dual_norm(f)
    <= sqrt(dirichlet) * sqrt(squared_dual) * sqrt(1 + squared),
    because=[crossed],
)
growth = theorem.step(
    "chi2-inequality",
    descent_ascent.derivative(squared)
    <= -2 * tau * dirichlet + 2 * K * sqrt(dirichlet) * sqrt(squared_dual) * sqrt(1 + squared),
    because=[push_x, push_y, gathered],
)

# Poincaré for the pair, and the size of the initial datum in the dual norm.
gap_x = theorem.step(
    "gap-dual",
    alpha * squared_dual <= squared,
    because=[poincare_dual(f), poincare_dual(g)],
)
gap_y = theorem.step(
    "gap-chi2",
    alpha * squared <= dirichlet,
    because=[poincare(f), poincare(g)],
)
initial = theorem.step(
    "initial",
    K**2 * at_time(squared_dual, 0) <= alpha * eps**2,
    because=[gap_x],
)

closing = q.lemma_q.at(
    {q.X: squared_dual, q.Y: squared, q.D: dirichlet, q.a: tau, q.K1: K / sqrt(2), q.K2: K},
    {q.flow: descent_ascent},
)
theorem.conclude(
    "dual-decay",
    at_time(squared_dual, t) <= exp(-2 * alpha * (tau - eps) * t) * at_time(squared_dual, 0),
    because=[contraction, growth, gap_x, gap_y, initial, closing],
)
theorem.conclude(
    "chi2-decay",
    at_time(squared, t)
    <= (1 + K**2 * tau**2 / (2 * alpha**2 * eps**2 * (tau - eps) ** 2))
    * exp(-2 * alpha * (tau - eps) * t)
    * at_time(squared, 0),
    because=[contraction, growth, gap_x, gap_y, initial, closing],
)
