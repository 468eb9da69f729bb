"""Corollary 3.6: a free energy that decays makes chi2 small, from any finite chi2 at the start.

C and E stand for chi2 and the excess free energy; E in the exponent pays for what the force may add to
C, which is at most proportional to E (1 + C).
"""

from mflverify.expr import (
    Flow,
    Parameter,
    at_time,
    chi2,
    exp,
    grad,
    inner,
    log_sobolev_constant,
    norm,
    poincare_constant,
    sup_norm,
    variation_sup,
)
from mflverify.proof import (
    Statement,
    cauchy_schwarz,
    exp_tangent,
    force_gradient,
    gronwall,
    hoelder,
    otto_villani,
    poincare,
)

from .free_energy import entropy, force
from .general_flow import derivatives
from .notation import R, S, X, alpha, f, general_mfld, t, tau

K2 = Parameter("K2", "nonnegative")
rho, a, r = (Parameter(name, "positive") for name in ("rho", "a", "r"))
h = Parameter("h", "nonnegative")

forced = Statement(
    "cor-3.6-growth",
    "What a force that is small with the entropy may add to chi2",
    kind="lemma",
    given=[
        rho <= log_sobolev_constant(X),
        alpha <= poincare_constant(X),
        variation_sup(S, R, 2) <= K2,
    ],
    source="Corollary 3.6",
)
heat = forced.step(
    "heat",
    rho * sup_norm(grad(force)) ** 2 <= 2 * K2**2 * entropy,
    because=[force_gradient(S, R, f), otto_villani(f)],
)
push = forced.step(
    "push",
    2 * abs(inner(grad(f), (1 + f) * grad(force)))
    <= tau * norm(grad(f)) ** 2 + sup_norm(grad(force)) ** 2 * (1 + chi2(f)) / tau,
    because=[cauchy_schwarz(grad(f), (1 + f) * grad(force)), hoelder(1 + f, grad(force))],
)
forced.conclude(
    "growth",
    general_mfld.derivative(chi2(f))
    <= -tau * alpha * chi2(f) + 2 * K2**2 / (rho * tau) * entropy * (1 + chi2(f)),
    because=[derivatives, push, heat, poincare(f)],
)

flow = Flow("abstract")
C, E = flow.quantity("C"), flow.quantity("E")
exponent = 2 * h / r * E
raised = (1 + C) * exp(exponent) - 1

lemma = Statement(
    "lem-passage",
    "A free energy that decays makes chi2 small",
    kind="lemma",
    given=[
        flow.derivative(C) <= -a * C + h * E * (1 + C),
        flow.derivative(E) <= -r * E,
        r <= 2 * a,
        4 * h * at_time(E, 0) <= r,
    ],
    source="Corollary 3.6, in place of [14, Proposition 2.3], for a finite chi2 at the start",
)
tangent = lemma.step(
    "tangent",
    r / 2 * exp(exponent) <= r / 2 + h * E * exp(exponent),
    because=[exp_tangent(-exponent)],
)
falls = lemma.step("contract", flow.derivative(raised) <= -r / 2 * raised, because=[tangent])
below = lemma.step("below", C <= raised, because=[exp_tangent(exponent)])
begin = at_time(exponent, 0)
small = lemma.step("small", 2 * begin <= 1)
inverse = lemma.step("inverse", exp(begin) * (1 - begin) <= 1, because=[exp_tangent(-begin)])
double = lemma.step("double", exp(begin) <= 2, because=[small, inverse])
exponential = lemma.step("exponential", exp(begin) <= 1 + 2 * begin, because=[inverse, double])
start = 2 * at_time(C, 0) + 4 * h / r * at_time(E, 0)
bounded = lemma.step("start", at_time(raised, 0) <= start, because=[exponential])
lemma.conclude(
    "decay",
    at_time(C, t) <= exp(-r / 2 * t) * start,
    because=[falls, gronwall(raised, r / 2, flow, t), below, bounded],
)
