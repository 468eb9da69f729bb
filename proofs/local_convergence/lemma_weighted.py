"""The closing with unequal rates: what Lemma Q becomes when species differ.

A and B stand for the dissipations sum a_i Y_i and sum eta_i tau_i D_i; r is the rate that they
leave when eps is spent on the errors.  The smaller ball K^2 X(0) <= alpha eps^2 / 4 pays for a dual
norm that decays faster than r, so that no Bernoulli inequality is needed.
"""

from mflverify.expr import Flow, Parameter, at_time, exp, sqrt
from mflverify.proof import Statement, barrier, forced_decay

from .notation import alpha, eps, t, tau

flow = Flow("abstract")
X = flow.quantity("X")
Y = flow.quantity("Y")
D = flow.quantity("D")
A = flow.quantity("A")
B = flow.quantity("B")

r = Parameter("r", "positive")
K1 = Parameter("K1", "nonnegative")
K2 = Parameter("K2", "nonnegative")

start = at_time(X, 0)
half = eps / 2

lemma = Statement(
    "lem-Q-weights",
    "Closing of the differential inequalities with unequal rates",
    kind="lemma",
    given=[
        alpha * X <= Y,
        alpha * Y <= D,
        half * Y + (r + alpha * half) * X <= A,
        half * D + r * Y <= B,
        flow.derivative(X) <= -2 * A + 2 * K1 * X * sqrt(Y),
        flow.derivative(Y) <= -2 * B + 2 * K2 * sqrt(D) * sqrt(X) * sqrt(1 + Y),
        K1**2 * start <= alpha * half**2,
        K2**2 * start <= alpha * half**2,
    ],
    source="Lemma Q (d') with the dissipations of Remark 5.1",
)

inside = K1**2 * X <= alpha * half**2
small = lemma.step("small", K1 * sqrt(X) <= sqrt(alpha) * half, assuming=[inside])
root = lemma.step("gap", sqrt(alpha) * sqrt(X) <= sqrt(Y))
absorbed = lemma.step(
    "absorb", K1 * X * sqrt(Y) <= half * Y, because=[small, root], assuming=[inside]
)
contraction = lemma.step(
    "contract",
    flow.derivative(X) <= -(2 * r + alpha * eps) * X,
    because=[absorbed],
    assuming=[inside],
)
stays = barrier(X, K1**2, alpha * half**2, 2 * r + alpha * eps, flow, t)
faster = lemma.step(
    "faster",
    at_time(X, t) <= start * exp(-(2 * r + alpha * eps) * t),
    because=[contraction, stays],
)
remains = lemma.step("remains", inside, because=[contraction, stays])
small_for_y = lemma.step(
    "remains-small",
    K2**2 * X <= alpha * half**2,
    because=[
        remains,
        contraction,
        barrier(X, K2**2, alpha * half**2, 2 * r + alpha * eps, flow, t),
    ],
)
lemma.conclude(
    "dual-decay",
    at_time(X, t) <= exp(-(2 * r + alpha * eps) * t) * start,
    because=[faster],
)

young = lemma.step(
    "young",
    2 * K2 * sqrt(D) * sqrt(X) * sqrt(1 + Y) <= half * D + 2 * K2**2 / eps * X * (1 + Y),
)
forced = lemma.step(
    "forced",
    flow.derivative(Y) <= -2 * r * Y + 2 * K2**2 / eps * X,
    because=[young, small_for_y],
)
duhamel = lemma.step(
    "duhamel",
    at_time(Y, t) <= exp(-2 * r * t) * (at_time(Y, 0) + 2 * K2**2 / eps * start / (alpha * eps)),
    because=[
        forced,
        faster,
        forced_decay(Y, X, 2 * r, alpha * eps, 2 * K2**2 / eps, start, flow, t),
    ],
)
lemma.conclude(
    "chi2-decay",
    at_time(Y, t) <= (1 + 2 * K2**2 / (alpha**2 * eps**2)) * exp(-2 * r * t) * at_time(Y, 0),
    because=[duhamel],
)

# What one species contributes to the dissipations: x, y, d are its squared norms.
x = Parameter("x", "nonnegative")
y = Parameter("y", "nonnegative")
d = Parameter("d", "nonnegative")
gap = Parameter("gap", "nonnegative")
a = Parameter("a", "real")
eta = Parameter("eta", "positive")

one_species = Statement(
    "lem-share",
    "The share of one species in the dissipations",
    kind="lemma",
    given=[
        gap * x <= y,
        gap * y <= d,
        eps < a,
        a <= tau,
        alpha <= eta * gap,
        r <= eta * gap * (a - eps),
    ],
    source="Remark 5.1: r is at most eta_i alpha_i (tau_i - lambda_i - eps)",
)
spent = one_species.step("spent", r * x / eta <= (a - eps) * y)
kept = one_species.step("kept", alpha * x / eta <= y)
one_species.conclude(
    "room",
    (r + alpha * half) * x / eta + half * y <= a * y,
    because=[spent, kept],
)
warm = one_species.step("warm", r * y <= (a - eps) * eta * d)
one_species.conclude("heat", half * eta * d + r * y <= tau * eta * d, because=[warm])
