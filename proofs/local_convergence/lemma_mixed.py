"""The closing of Theorem 3.8: a mixed functional alpha X + eta Y contracts near equilibrium.

X and Y stand for the squared dual norm and chi2.  K bounds the linear part of the force, T the part
beyond it; the latter is of order Y, so that X alone does not close.
"""

from fractions import Fraction

from mflverify.expr import Flow, Parameter, as_term, at_time, exp, sqrt
from mflverify.proof import Statement, Step, barrier

from .notation import K, T, alpha, eps, t, tau

flow = Flow("abstract")
X = flow.quantity("X")
Y = flow.quantity("Y")

a = Parameter("a", "positive")
delta = Parameter("delta", "positive")
eta = Parameter("eta", "positive")

A1 = K / alpha + sqrt(2) * T / alpha ** Fraction(3, 2)
B = K / sqrt(alpha) + T / alpha
A2 = B**2 / tau
Z = alpha * X + eta * Y
rate = 2 * alpha * (a - eps)

# what the flow satisfies, and how small the constants are
about_flow = (
    eps < a,
    alpha * X <= Y,
    flow.derivative(X)
    <= -2 * a * Y + 2 * K * X * sqrt(Y) + 2 * T / alpha * sqrt(X) * Y * sqrt(1 + Y),
    flow.derivative(Y) <= (1 + Y) * (K * sqrt(X) + T / alpha * Y) ** 2 / (2 * tau),
)
about_growth = (eta * (A2 + 2 * alpha * a) <= alpha * eps, at_time(Z, 0) <= eta * delta**2)
inside = Z <= eta * delta**2

lemma = Statement(
    "lem-mixed",
    "Closing of (3.8) by a mixed functional",
    kind="lemma",
    given=[*about_flow, delta <= 1, 2 * A1 * delta <= eps, *about_growth],
    source="Theorem 3.8, steps 6 to 8",
)


def near(statement: Statement) -> tuple[Step, Step, Step]:
    """How small Y and X are near equilibrium: steps small, root, gap."""
    small = statement.step("small", Y <= delta**2, assuming=[inside])
    root = statement.step("root", sqrt(Y) <= delta, because=[small], assuming=[inside])
    return small, root, statement.step("gap", sqrt(alpha) * sqrt(X) <= sqrt(Y))


def pushes(statement: Statement, root: Step, gap: Step) -> Step:
    """The force against Y: steps below, push, push-squared."""
    below = statement.step("below", Y <= sqrt(Y), because=[root], assuming=[inside])
    push = statement.step(
        "push",
        K * sqrt(X) + T / alpha * Y <= B * sqrt(Y),
        because=[gap, below],
        assuming=[inside],
    )
    return statement.step(
        "push-squared",
        (K * sqrt(X) + T / alpha * Y) ** 2 <= B**2 * Y,
        because=[push],
        assuming=[inside],
    )


small, root, gap = near(lemma)
linear = lemma.step("linear", X * sqrt(Y) <= delta / alpha * Y, because=[root], assuming=[inside])
bounded = lemma.step("bounded", sqrt(1 + Y) <= sqrt(2), because=[small], assuming=[inside])
product = lemma.step(
    "product", sqrt(alpha) * sqrt(X) <= delta, because=[gap, root], assuming=[inside]
)
beyond = lemma.step(
    "beyond",
    sqrt(X) * Y * sqrt(1 + Y) <= sqrt(2) * delta / sqrt(alpha) * Y,
    because=[product, bounded],
    assuming=[inside],
)
dual = lemma.step(
    "dual",
    flow.derivative(X) <= -2 * (a - A1 * delta) * Y,
    because=[linear, beyond],
    assuming=[inside],
)
pushed = pushes(lemma, root, gap)
doubled = lemma.step("doubled", 1 + Y <= 2, because=[small], assuming=[inside])
growth = lemma.step(
    "growth",
    flow.derivative(Y) <= A2 * Y,
    because=[pushed, doubled],
    assuming=[inside],
)
halfway = lemma.step(
    "half-of-eps",
    alpha * flow.derivative(X) <= -2 * alpha * a * Y + alpha * eps * Y,
    because=[dual],
    assuming=[inside],
)
rest = lemma.step(
    "other-half",
    eta * flow.derivative(Y) <= (alpha * eps - 2 * alpha * a * eta) * Y,
    because=[growth],
    assuming=[inside],
)
left = flow.derivative(Z) <= -rate * (1 + eta) * Y
leftover = lemma.step("left", left, because=[halfway, rest], assuming=[inside])


def close(statement: Statement, leftover: Step) -> Step:
    """From the differential inequality to the decay: steps size, contract, 3.5, chi2-decay."""
    size = statement.step("size", rate * Z <= rate * (1 + eta) * Y)
    contraction = statement.step(
        "contract",
        flow.derivative(Z) <= -rate * Z,
        because=[leftover, size],
        assuming=[inside],
    )
    decay = statement.conclude(
        "3.5",
        at_time(Z, t) <= exp(-rate * t) * at_time(Z, 0),
        because=[contraction, barrier(Z, as_term(1), eta * delta**2, rate, flow, t)],
    )
    statement.conclude(
        "chi2-decay",
        at_time(Y, t) <= (1 + 1 / eta) * exp(-rate * t) * at_time(Y, 0),
        because=[decay],
    )
    return size


close(lemma, leftover)
