"""Theorems 3.1 and 3.8: local convergence for a general functional, by a mixed functional."""

from fractions import Fraction

from mflverify.expr import (
    at_time,
    chi2,
    convexity_slack,
    dual_norm,
    exp,
    grad,
    mixed_derivative_sup,
    norm,
    poincare_constant,
    sqrt,
    third_derivative_sup,
)
from mflverify.proof import Statement, poincare_dual

from . import lemma_mixed as m
from . import young as y
from .general_flow import inequalities
from .notation import K, R, S, T, X, alpha, eps, f, general_mfld, lam, t, tau

dual = dual_norm(f) ** 2
mixed = alpha * dual + m.eta * chi2(f)
rate = 2 * alpha * (tau - lam - eps)
A1 = K / alpha + sqrt(2) * T / alpha ** Fraction(3, 2)
A2 = (K / sqrt(alpha) + T / alpha) ** 2 / tau

theorem = Statement(
    "thm-3.8",
    "Local convergence of mean-field Langevin dynamics, general functional",
    given=[
        alpha <= poincare_constant(X),
        mixed_derivative_sup(S) <= K,
        convexity_slack(S) <= lam,
        third_derivative_sup(R) <= T,
        eps < tau - lam,
        m.delta <= 1,
        2 * A1 * m.delta <= eps,
        m.eta * (A2 + 2 * alpha * (tau - lam)) <= alpha * eps,
        at_time(mixed, 0) <= m.eta * m.delta**2,
    ],
    source="Theorem 3.8 with (3.4), (3.5); Theorem 3.1 is its qualitative form",
)
gap = theorem.step("gap-dual", alpha * dual <= chi2(f), because=[poincare_dual(f)])
larger = theorem.step("larger", dual_norm(f) ** 2 <= chi2(f) / alpha, because=[gap])
dual_line = theorem.step(
    "3.8-dual",
    general_mfld.derivative(dual)
    <= -2 * (tau - lam) * chi2(f)
    + 2 * K * dual * norm(f)
    + 2 * T / alpha * dual_norm(f) * chi2(f) * sqrt(1 + chi2(f)),
    because=[inequalities, larger],
)
push = K * dual_norm(f) + T / alpha * chi2(f)
pushed = theorem.step(
    "3.8-push",
    general_mfld.derivative(chi2(f))
    <= -2 * tau * norm(grad(f)) ** 2 + 2 * norm(grad(f)) * sqrt(1 + chi2(f)) * push,
    because=[inequalities, larger],
)
young = theorem.step(
    "young",
    2 * norm(grad(f)) * sqrt(1 + chi2(f)) * push
    <= 2 * tau * norm(grad(f)) ** 2 + (1 + chi2(f)) * push**2 / (2 * tau),
    because=[y.young.at({y.u: norm(grad(f)), y.v: sqrt(1 + chi2(f)) * push, y.w: 2 * tau})],
)
chi2_line = theorem.step(
    "3.8-chi2",
    general_mfld.derivative(chi2(f)) <= (1 + chi2(f)) * push**2 / (2 * tau),
    because=[pushed, young],
)
closing = m.lemma.at({m.X: dual, m.Y: chi2(f), m.a: tau - lam}, {m.flow: general_mfld})
because = [dual_line, chi2_line, gap, closing]
theorem.conclude("3.5", at_time(mixed, t) <= exp(-rate * t) * at_time(mixed, 0), because=because)
theorem.conclude(
    "chi2-decay",
    at_time(chi2(f), t) <= (1 + 1 / m.eta) * exp(-rate * t) * at_time(chi2(f), 0),
    because=because,
)
