"""Facts about how a quantity evolves in time, beside Grönwall's inequality and the barriers.

The premises are differential inequalities that hold at all times; t and s are times >= 0.
"""

from __future__ import annotations

from mflverify.expr.language import at_time, equation, exp
from mflverify.expr.terms import Flow, Parameter, Term
from mflverify.proof.fact import Fact, require_constant
from mflverify.proof.statement import Content, Premise


def _gronwall_from(u: Term, rate: Term, flow: Flow, s: Parameter, t: Parameter) -> Content:
    require_constant(flow, t, rate=rate)
    return Content(
        (at_time(u, t) <= exp(-rate * (t - s)) * at_time(u, s),),
        (Premise(flow.derivative(u) <= -rate * u), Premise(s >= 0), Premise(s <= t)),
    )


gronwall_from = Fact(
    "gronwall-from",
    "Grönwall from a later start: u' <= -r u gives u(t) <= exp(-r (t - s)) u(s) for s <= t",
    "Grönwall (1919); Evans, Partial Differential Equations, appendix B.2",
    _gronwall_from,
    sharp="equality for u' = -r u",
)


def _gronwall_below(u: Term, rate: Term, flow: Flow, t: Parameter) -> Content:
    require_constant(flow, t, rate=rate)
    return Content(
        (exp(-rate * t) * at_time(u, 0) <= at_time(u, t),),
        (Premise(-rate * u <= flow.derivative(u)), Premise(t >= 0)),
    )


gronwall_below = Fact(
    "gronwall-below",
    "Grönwall from below: u' >= -r u gives u(t) >= exp(-r t) u(0)",
    "Evans, Partial Differential Equations, appendix B.2, applied to -u",
    _gronwall_below,
    sharp="equality for u' = -r u",
)


def _exponential(u: Term, rate: Term, flow: Flow, t: Parameter) -> Content:
    require_constant(flow, t, rate=rate)
    return Content(
        (equation(at_time(u, t), exp(-rate * t) * at_time(u, 0)),),
        (Premise(equation(flow.derivative(u), -rate * u)), Premise(t >= 0)),
    )


exponential = Fact(
    "exponential",
    "u' = -r u has the solution u(t) = exp(-r t) u(0)",
    "Hartman, Ordinary Differential Equations, section IV.1",
    _exponential,
    sharp="an identity",
)


def _decreasing(u: Term, flow: Flow, s: Parameter, t: Parameter) -> Content:
    return Content(
        (at_time(u, t) <= at_time(u, s),),
        (Premise(flow.derivative(u) <= 0), Premise(s >= 0), Premise(s <= t)),
    )


decreasing = Fact(
    "decreasing",
    "u' <= 0 gives u(t) <= u(s) for s <= t",
    "mean value theorem; Rudin, Principles of Mathematical Analysis, 3rd ed., Theorem 5.11",
    _decreasing,
    sharp="equality for constants",
)

EVOLUTION_FACTS: tuple[Fact, ...] = (gronwall_from, gronwall_below, exponential, decreasing)
