"""Assumption A: (3.1) is convexity of F + lambda H at equilibrium along segments of densities.

The segment moves mu_bar to (1 + s h) mu_bar; f = s h.  F is quadratic at first, with V = F'[mu_bar].  For any
F, and for the entropy, the second derivatives at s = 0 are given with the errors of third order.
"""

from mflverify.expr import (
    Flow,
    FunctionSymbol,
    chi2,
    convexity_slack,
    dual_norm,
    equation,
    inner,
    norm,
    sup_norm,
    third_derivative_sup,
)
from mflverify.proof import Statement, entropy_taylor, entropy_taylor_below, slack, third_order

from .free_energy import bregman, entropy
from .hessian_formulas import V, energy
from .notation import R, S, T, X, f, lam

h = FunctionSymbol("h", X, "mean-zero")
segment = Flow.of("segment", {f: h})

assumption = Statement(
    "assumption-A",
    "The convexity slack along segments of densities",
    kind="identities",
    given=[convexity_slack(S) <= lam],
    source="Assumption A, the remarks after (3.1)",
)
first = inner(V, h) + inner(h, S(f))
assumption.conclude("first", equation(segment.derivative(energy), first))
second = assumption.conclude("second", equation(segment.derivative(first), inner(h, S(h))))
assumption.conclude(
    "3.1",
    -lam * norm(h) ** 2 <= segment.derivative(first),
    because=[second, slack((S,), (h,))],
    note="||h||^2 is the second derivative of the entropy at equilibrium",
)

general = Statement(
    "assumption-A-general",
    "Second variations at equilibrium of any functional and of the entropy",
    kind="lemma",
    given=[convexity_slack(S) <= lam, third_derivative_sup(R) <= T],
    source="Assumption A, the remarks after (3.1); D_F and KL are F and H beyond their tangents",
)
energy_expansion = general.conclude(
    "functional",
    abs(2 * bregman - inner(f, S(f))) <= T / 3 * dual_norm(f) ** 3,
    because=[third_order(R, f)],
)
general.conclude(
    "entropy-above", 2 * (1 - sup_norm(f)) * entropy <= chi2(f), because=[entropy_taylor(f)]
)
below = general.conclude(
    "entropy-below", chi2(f) <= 2 * (1 + sup_norm(f)) * entropy, because=[entropy_taylor_below(f)]
)
general.conclude(
    "3.1",
    0 <= bregman + lam * (1 + sup_norm(f)) * entropy + T / 6 * dual_norm(f) ** 3,
    because=[energy_expansion, below, slack((S,), (f,))],
    note="F + lambda H lies above its tangent, up to terms of third order",
)

implied = Statement(
    "assumption-A-implied",
    "Linear convexity of F + lambda H implies (3.1)",
    kind="lemma",
    given=[
        third_derivative_sup(R) <= T,
        0 <= bregman + lam * entropy,
        sup_norm(f) < 1,
    ],
    source="Assumption A, the remarks after (3.1); divide by s^2 for f = s h, and let s tend to 0",
)
room = 1 - sup_norm(f)
tangent = implied.step(
    "above",
    0 <= inner(f, S(f)) + T / 3 * dual_norm(f) ** 3 + 2 * lam * entropy,
    because=[third_order(R, f)],
)
spread = implied.step(
    "entropy", 2 * lam * room * entropy <= lam * chi2(f), because=[entropy_taylor(f)]
)
implied.conclude(
    "3.1",
    -lam * chi2(f) <= room * (inner(f, S(f)) + T / 3 * dual_norm(f) ** 3),
    because=[tangent, spread],
)
