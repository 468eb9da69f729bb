"""Theorem 3.8 in the dual norm: every functional contracts it directly, with constant 1.

The remainder is bounded by the squared dual norm (Lemma 3.10 in its linear form), so no mixed
functional is needed.
"""

from mflverify.expr import (
    Relation,
    at_time,
    chi2,
    convexity_slack,
    dual_norm,
    exp,
    grad,
    mixed_derivative_sup,
    norm,
    poincare_constant,
    third_derivative_sup,
)
from mflverify.proof import Statement, poincare, poincare_dual

from . import lemma_dual as d
from .general_flow import inequalities
from .notation import K, R, S, T, X, alpha, eps, f, general_mfld, lam, t, tau

dual = dual_norm(f) ** 2
rate = 2 * alpha * (tau - lam - eps)
hypotheses: list[Relation] = [
    alpha <= poincare_constant(X),
    mixed_derivative_sup(S) <= K,
    convexity_slack(S) <= lam,
    third_derivative_sup(R) <= T,
    eps < tau - lam,
    at_time(dual, 0) <= d.r**2,
]
images = {d.X: dual, d.Y: chi2(f), d.D: norm(grad(f)) ** 2, d.a: tau - lam}

theorem = Statement(
    "thm-3.8-dual",
    "Contraction of the dual norm, general functional",
    given=[*hypotheses, d.c1 * d.r + d.c2 * d.r**2 <= eps],
    source="Theorem 3.8, stronger: the dual norm alone, with constant 1",
)
gap = theorem.step("gap-dual", alpha * dual <= chi2(f), because=[poincare_dual(f)])
theorem.conclude(
    "decay",
    at_time(dual, t) <= exp(-rate * t) * at_time(dual, 0),
    because=[inequalities, gap, d.contraction.at(images, {d.flow: general_mfld})],
)

chi2_theorem = Statement(
    "thm-3.8-chi2",
    "Convergence in chi2 from a ball of the dual norm, general functional",
    given=[*hypotheses, d.c1 * d.r + d.c2 * d.r**2 <= eps / 2],
    source="Theorem 3.8, stronger: the initial datum is small in the dual norm only",
)
chi2_theorem.conclude(
    "decay",
    at_time(chi2(f), t)
    <= (1 + 2 * d.K2**2 / (alpha**2 * eps**2)) * exp(-rate * t) * at_time(chi2(f), 0),
    because=[
        inequalities,
        chi2_theorem.step("gap-dual", alpha * dual <= chi2(f), because=[poincare_dual(f)]),
        chi2_theorem.step("gap-chi2", alpha * chi2(f) <= norm(grad(f)) ** 2, because=[poincare(f)]),
        d.growth.at(images, {d.flow: general_mfld}),
    ],
)
