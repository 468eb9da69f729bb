"""Theorem 3.2: local convergence of mean-field Langevin dynamics for a quadratic functional.

F'' = k is the kernel of the symmetric operator M.  (3.1) says that its slack is at most lambda.
"""

from mflverify.expr import (
    at_time,
    chi2,
    convexity_slack,
    dual_norm,
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
    barrier,
    cauchy_schwarz,
    dual_cauchy_schwarz,
    hoelder,
    poincare,
    poincare_dual,
    projection,
    slack,
)

from . import lemma_q as q
from .lemma_3_9 import lemma_3_9
from .notation import K, M, S, X, alpha, eps, f, g, lam, mfld, t, tau
from .quadratic_flow import chi2_identity, dual_norm_identity

inequalities = Statement(
    "eq-3.9",
    "Differential inequalities for a quadratic functional",
    kind="lemma",
    given=[mixed_derivative_sup(S) <= K, convexity_slack(S) <= lam],
    source="(3.9); the second line before Young's inequality",
)
gradient_bound = lemma_3_9.at({M: S, g: f})
convexity = inequalities.conclude(
    "3.1",
    -lam * chi2(f) <= inner(f, S(f)),
    because=[slack((S,), (f,))],
)

# (3.9), first line
force = f * grad(S(f))
error = inner(f, inverse_generator(grad_adjoint(force)))
error_bound = inequalities.conclude(
    "error",
    abs(error) <= K * dual_norm(f) ** 2 * norm(f),
    because=[
        dual_cauchy_schwarz(f, grad_adjoint(force)),
        projection(force),
        hoelder(f, grad(S(f))),
        gradient_bound,
    ],
)
inequalities.conclude(
    "dual",
    mfld.derivative(dual_norm(f) ** 2)
    <= -2 * (tau - lam) * chi2(f) + 2 * K * dual_norm(f) ** 2 * norm(f),
    because=[dual_norm_identity, convexity, error_bound],
)

# (3.9), second line, before Young's inequality
drift = inner(grad(f), (1 + f) * grad(S(f)))
drift_bound = inequalities.conclude(
    "drift",
    abs(drift) <= K * norm(grad(f)) * sqrt(1 + chi2(f)) * dual_norm(f),
    because=[
        cauchy_schwarz(grad(f), (1 + f) * grad(S(f))),
        hoelder(1 + f, grad(S(f))),
        gradient_bound,
    ],
)
inequalities.conclude(
    "chi2",
    mfld.derivative(chi2(f))
    <= -2 * tau * norm(grad(f)) ** 2 + 2 * K * norm(grad(f)) * dual_norm(f) * sqrt(1 + chi2(f)),
    because=[chi2_identity, drift_bound],
)

theorem = Statement(
    "thm-3.2",
    "Local convergence of mean-field Langevin dynamics, quadratic functional",
    given=[
        alpha <= poincare_constant(X),
        mixed_derivative_sup(S) <= K,
        convexity_slack(S) <= lam,
        eps < tau - lam,
        K**2 * at_time(chi2(f), 0) <= alpha**2 * eps**2,
    ],
    source="Theorem 3.2, with (3.9), (3.10)",
)

gap_dual = theorem.step(
    "gap-dual", alpha * dual_norm(f) ** 2 <= chi2(f), because=[poincare_dual(f)]
)
gap = theorem.step("gap-chi2", alpha * chi2(f) <= norm(grad(f)) ** 2, because=[poincare(f)])
initial = theorem.step(
    "initial",
    K**2 * at_time(dual_norm(f) ** 2, 0) <= alpha * eps**2,
    because=[gap_dual],
    note="what the proof needs of the initial datum",
)

closing = q.lemma_q.at(
    {
        q.X: dual_norm(f) ** 2,
        q.Y: chi2(f),
        q.D: norm(grad(f)) ** 2,
        q.a: tau - lam,
        q.K1: K,
        q.K2: K,
    },
    {q.flow: mfld},
)
because = [inequalities, gap_dual, gap, initial, closing]
theorem.conclude(
    "3.10",
    at_time(dual_norm(f) ** 2, t)
    <= exp(-2 * alpha * (tau - lam - eps) * t) * at_time(dual_norm(f) ** 2, 0),
    because=because,
)
theorem.conclude(
    "chi2-decay",
    at_time(chi2(f), t)
    <= (1 + K**2 * (tau - lam) ** 2 / (2 * alpha**2 * eps**2 * (tau - lam - eps) ** 2))
    * exp(-2 * alpha * (tau - lam - eps) * t)
    * at_time(chi2(f), 0),
    because=because,
)

remark = Statement(
    "rem-3.1",
    "Contraction of the dual norm from a ball of the dual norm",
    kind="remark",
    given=[
        alpha <= poincare_constant(X),
        mixed_derivative_sup(S) <= K,
        convexity_slack(S) <= lam,
        eps < tau - lam,
        K**2 * at_time(dual_norm(f) ** 2, 0) <= alpha * eps**2,
    ],
    source="Remark 3.1",
)
dual = dual_norm(f) ** 2
rate = 2 * alpha * (tau - lam - eps)
inside = K**2 * dual <= alpha * eps**2
spectral = remark.step("gap-dual", alpha * dual <= chi2(f), because=[poincare_dual(f)])
small = remark.step("small", K * dual_norm(f) <= sqrt(alpha) * eps, assuming=[inside])
root = remark.step("root", sqrt(alpha) * dual_norm(f) <= norm(f), because=[spectral])
absorbed = remark.step(
    "absorb", K * dual * norm(f) <= eps * chi2(f), because=[small, root], assuming=[inside]
)
contraction = remark.step(
    "contract",
    mfld.derivative(dual) <= -rate * dual,
    because=[inequalities, absorbed, spectral],
    assuming=[inside],
)
remark.conclude(
    "decay",
    at_time(dual, t) <= exp(-rate * t) * at_time(dual, 0),
    because=[contraction, barrier(dual, K**2, alpha * eps**2, rate, mfld, t)],
)
