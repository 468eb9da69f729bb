"""The closing of the dual norm alone: (3.8) with the error bounded by powers of the dual norm.

X, Y and D stand for the squared dual norm, chi2 and the Dirichlet form; K bounds the linear part of
the force and T what is beyond it.  r is the radius of a ball of the dual norm that is never left.
"""

from fractions import Fraction

from mflverify.expr import Flow, Parameter, as_term, at_time, exp, sqrt
from mflverify.proof import Statement, barrier, forced_decay

from .notation import K, T, alpha, eps, t, tau

flow = Flow("abstract")
X = flow.quantity("X")
Y = flow.quantity("Y")
D = flow.quantity("D")

a = Parameter("a", "positive")
r = Parameter("r", "positive")

c1 = K / sqrt(alpha) + T / (2 * alpha)
c2 = T / (2 * sqrt(alpha))
rate = 2 * alpha * (a - eps)

first_line = flow.derivative(X) <= -2 * a * Y + 2 * K * X * sqrt(Y) + T * X ** Fraction(
    3, 2
) * sqrt(1 + Y)

contraction = Statement(
    "lem-dual",
    "Closing of (3.8) in the dual norm alone",
    kind="lemma",
    given=[
        eps < a,
        alpha * X <= Y,
        first_line,
        c1 * r + c2 * r**2 <= eps,
        at_time(X, 0) <= r**2,
    ],
    source="Theorem 3.8 in the stronger form with the dual norm",
)
inside = X <= r**2
root = contraction.step("root", sqrt(X) <= r, assuming=[inside])
gap = contraction.step("gap", sqrt(alpha) * sqrt(X) <= sqrt(Y))
linear = contraction.step(
    "linear", X * sqrt(Y) <= r / sqrt(alpha) * Y, because=[root, gap], assuming=[inside]
)
cubic = contraction.step(
    "cubic", X ** Fraction(3, 2) <= r / alpha * Y, because=[root], assuming=[inside]
)
quartic = contraction.step(
    "quartic",
    X ** Fraction(3, 2) * sqrt(Y) <= r**2 / sqrt(alpha) * Y,
    because=[root, linear],
    assuming=[inside],
)
split = contraction.step("split", sqrt(1 + Y) <= 1 + sqrt(Y))
beyond = contraction.step(
    "beyond",
    X ** Fraction(3, 2) * sqrt(1 + Y) <= (r / alpha + r**2 / sqrt(alpha)) * Y,
    because=[split, cubic, quartic],
    assuming=[inside],
)
absorbed = contraction.step(
    "absorb",
    2 * K * X * sqrt(Y) + T * X ** Fraction(3, 2) * sqrt(1 + Y) <= 2 * (c1 * r + c2 * r**2) * Y,
    because=[linear, beyond],
    assuming=[inside],
)
small = contraction.step(
    "small",
    flow.derivative(X) <= -2 * (a - eps) * Y,
    because=[absorbed],
    assuming=[inside],
)
contracts = contraction.step(
    "contract", flow.derivative(X) <= -rate * X, because=[small], assuming=[inside]
)
stays = barrier(X, as_term(1), r**2, rate, flow, t)
contraction.conclude("stays", inside, because=[contracts, stays])
contraction.conclude(
    "decay",
    at_time(X, t) <= exp(-rate * t) * at_time(X, 0),
    because=[contracts, stays],
)

# chi2 follows when half of eps is left to it.
K2 = K + T * r / 2
half = contraction.at({eps: eps / 2})

growth = Statement(
    "lem-dual-chi2",
    "chi2 decays where the dual norm does",
    kind="lemma",
    given=[
        eps < a,
        a <= tau,
        alpha * X <= Y,
        alpha * Y <= D,
        first_line,
        flow.derivative(Y) <= -2 * tau * D + sqrt(D) * sqrt(1 + Y) * (2 * K * sqrt(X) + T * X),
        c1 * r + c2 * r**2 <= eps / 2,
        at_time(X, 0) <= r**2,
    ],
    source="Lemma Q (d'), for a force that depends on the dual norm",
)
start = at_time(X, 0)
ball = growth.step("ball", X <= r**2, because=[half])
faster = growth.step(
    "faster",
    at_time(X, t) <= start * exp(-(rate + alpha * eps) * t),
    because=[half],
)
length = growth.step("root", sqrt(X) <= r, because=[ball])
push = growth.step("push", 2 * K * sqrt(X) + T * X <= 2 * K2 * sqrt(X), because=[length])
pushed = growth.step(
    "pushed",
    flow.derivative(Y) <= -2 * tau * D + 2 * K2 * sqrt(D) * sqrt(X) * sqrt(1 + Y),
    because=[push],
)
young = growth.step(
    "young",
    2 * K2 * sqrt(D) * sqrt(X) * sqrt(1 + Y) <= eps / 2 * D + 2 * K2**2 / eps * X * (1 + Y),
)
size = growth.step("size", 2 * K2 * r <= sqrt(alpha) * eps)
remains = growth.step("remains-small", 4 * K2**2 * X <= alpha * eps**2, because=[size, length])
forced = growth.step(
    "forced",
    flow.derivative(Y) <= -rate * Y + 2 * K2**2 / eps * X,
    because=[pushed, young, remains],
)
duhamel = growth.step(
    "duhamel",
    at_time(Y, t) <= exp(-rate * t) * (at_time(Y, 0) + 2 * K2**2 / eps * start / (alpha * eps)),
    because=[
        forced,
        faster,
        forced_decay(Y, X, rate, alpha * eps, 2 * K2**2 / eps, start, flow, t),
    ],
)
growth.conclude(
    "chi2-decay",
    at_time(Y, t) <= (1 + 2 * K2**2 / (alpha**2 * eps**2)) * exp(-rate * t) * at_time(Y, 0),
    because=[duhamel],
)
