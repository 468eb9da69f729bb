"""Theorem 5.1: local convergence of linearly monotone flows with any forces.

The inequalities of several species have the shape of those of one, so that the closing of
Theorem 3.8 applies.
"""

from collections.abc import Sequence

from mflverify.expr import (
    Flow,
    Parameter,
    Relation,
    Term,
    at_time,
    chi2,
    exp,
    grad,
    monotonicity_slack,
    norm,
    poincare_constant,
    sqrt,
)
from mflverify.proof import Statement

from . import all_species_forces as every
from . import lemma_mixed as m
from . import young as y
from .notation import K, T, alpha, eps, lam, t, tau
from .species_forces import Forces, general, general_inequality

flow = Flow("abstract")
X = flow.quantity("X")
Y = flow.quantity("Y")
D = flow.quantity("D")
a = Parameter("a", "positive")

lines = Statement(
    "eq-3.8-abstract",
    "The inequalities (3.8) from those with the dual norm in the remainder",
    kind="lemma",
    given=[
        alpha * X <= Y,
        flow.derivative(X) <= -2 * a * Y + 2 * K * X * sqrt(Y) + T * X * sqrt(X) * sqrt(1 + Y),
        flow.derivative(Y) <= -2 * tau * D + sqrt(D) * sqrt(1 + Y) * (2 * K * sqrt(X) + T * X),
    ],
    source="(3.8), for any number of species",
)
larger = lines.step("larger", X <= Y / alpha)
lines.conclude(
    "dual",
    flow.derivative(X)
    <= -2 * a * Y + 2 * K * X * sqrt(Y) + 2 * T / alpha * sqrt(X) * Y * sqrt(1 + Y),
    because=[larger],
)
push = K * sqrt(X) + T / alpha * Y
pushed = lines.step(
    "push",
    flow.derivative(Y) <= -2 * tau * D + 2 * sqrt(D) * sqrt(1 + Y) * push,
    because=[larger],
)
young = lines.step(
    "young",
    2 * sqrt(D) * sqrt(1 + Y) * push <= 2 * tau * D + (1 + Y) * push**2 / (2 * tau),
    because=[y.young.at({y.u: sqrt(D), y.v: sqrt(1 + Y) * push, y.w: 2 * tau})],
)
lines.conclude("chi2", flow.derivative(Y) <= (1 + Y) * push**2 / (2 * tau), because=[pushed, young])

part, whole = Parameter("x", "nonnegative"), Parameter("q", "positive")
ratio = Statement("quotient", "Clearing a denominator", kind="lemma", given=[part <= a / whole])
ratio.conclude("bound", part * whole <= a)


def theorem_5_1(
    label: str,
    given: Sequence[Relation],
    dual: Term,
    size: Term,
    dirichlet: Term,
    moves: Flow,
    inequalities: Statement,
) -> Statement:
    """Theorem 5.1 for a field with this squared dual norm, chi2 (`size`) and Dirichlet form.

    given: bounds of the Poincaré constants, of K, of the slack and of T.
    """
    mixed = alpha * dual + m.eta * size
    rate = 2 * alpha * (tau - lam - eps)
    theorem = Statement(
        label,
        "Local convergence of linearly monotone flows, any forces",
        given=[
            *given,
            eps < tau - lam,
            m.delta <= 1,
            K > 0,
            m.delta <= eps / (2 * m.A1),
            m.eta <= alpha * eps / (m.A2 + 2 * alpha * (tau - lam)),
            at_time(mixed, 0) <= m.eta * m.delta**2,
        ],
        source="Theorem 5.1 with the constants of Theorem 3.8",
    )
    shape = lines.at({X: dual, Y: size, D: dirichlet, a: tau - lam}, {flow: moves})
    closing = m.lemma.at({m.X: dual, m.Y: size, m.a: tau - lam}, {m.flow: moves})
    positive = theorem.step("A1-positive", m.A1 > 0)
    small = theorem.step(
        "delta",
        2 * m.A1 * m.delta <= eps,
        because=[positive, ratio.at({part: m.delta, whole: 2 * m.A1, a: eps})],
    )
    decay = m.A2 + 2 * alpha * (tau - lam)
    room = theorem.step("room", decay > 0)
    share = theorem.step(
        "eta",
        m.eta * decay <= alpha * eps,
        because=[room, ratio.at({part: m.eta, whole: decay, a: alpha * eps})],
    )
    because = [small, share, inequalities, shape, closing]
    theorem.conclude(
        "mixed-decay", at_time(mixed, t) <= exp(-rate * t) * at_time(mixed, 0), because=because
    )
    theorem.conclude(
        "chi2-decay",
        at_time(size, t) <= (1 + 1 / m.eta) * exp(-rate * t) * at_time(size, 0),
        because=because,
    )
    return theorem


def of_species(n: int, s: Forces, inequalities: Statement) -> Statement:
    """Theorem 5.1 for n species."""
    given = [
        *(alpha <= poincare_constant(x) for x in s.linear.spaces),
        s.linear.coupling <= K,
        monotonicity_slack(*s.linear.operators) <= lam,
        s.size <= T,
    ]
    dual, size, dirichlet = s.linear.dual, s.linear.chi2, s.linear.dirichlet
    return theorem_5_1(f"thm-5.1[n={n}]", given, dual, size, dirichlet, s.flow, inequalities)


theorem = {n: of_species(n, s, general_inequality[n]) for n, s in general.items()}
for_all = theorem_5_1(
    "thm-5.1",
    every.given,
    every.dual,
    chi2(every.f),
    norm(grad(every.f)) ** 2,
    every.flow,
    every.inequalities,
)
