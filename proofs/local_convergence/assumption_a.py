"""Assumption A: (3.1) is convexity of F + lambda H at equilibrium along segments of densities.

The segment moves mu_bar to (1 + s h) mu_bar; f = s h.  F is quadratic, with V = F'[mu_bar].
"""

from mflverify.expr import Flow, FunctionSymbol, convexity_slack, equation, inner, norm
from mflverify.proof import Statement, slack

from .hessian_formulas import V, energy
from .notation import S, X, f, lam

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
