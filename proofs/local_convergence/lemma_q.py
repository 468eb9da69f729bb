"""Lemma Q: the differential inequalities of the quadratic case close (core of Theorems 3.2 to 5.2).

X, Y and D stand for the squared dual norm, chi2 and the Dirichlet form of a perturbation.
"""

from mflverify.expr import Flow, Parameter, at_time, exp, sqrt
from mflverify.proof import Statement, barrier, bernoulli, exp_decay, forced_decay

from .notation import alpha, eps, t, tau

flow = Flow("abstract")
X = flow.quantity("X")
Y = flow.quantity("Y")
D = flow.quantity("D")

a = Parameter("a", "positive")
K1 = Parameter("K1", "nonnegative")
K2 = Parameter("K2", "nonnegative")

start = at_time(X, 0)
rate = 2 * alpha * (a - eps)

lemma_q = Statement(
    "lem-Q",
    "Closing of the quadratic differential inequalities",
    kind="lemma",
    given=[
        eps < a,
        a <= tau,
        alpha * X <= Y,
        alpha * Y <= D,
        flow.derivative(X) <= -2 * a * Y + 2 * K1 * X * sqrt(Y),
        flow.derivative(Y) <= -2 * tau * D + 2 * K2 * sqrt(D) * sqrt(X) * sqrt(1 + Y),
        K1**2 * start <= alpha * eps**2,
        K2**2 * start <= alpha * eps**2,
    ],
    source="statements (a) to (d) of the core lemma behind Theorem 3.2",
)

# (a), (b): inside the ball the error is absorbed, so the ball is never left.
inside = K1**2 * X <= alpha * eps**2

small = lemma_q.step("small", K1 * sqrt(X) <= sqrt(alpha) * eps, assuming=[inside])
gap = lemma_q.step("gap", sqrt(alpha) * sqrt(X) <= sqrt(Y))
absorbed = lemma_q.step(
    "absorb",
    K1 * X * sqrt(Y) <= eps * Y,
    because=[small, gap],
    assuming=[inside],
)
contraction = lemma_q.step(
    "contract",
    flow.derivative(X) <= -rate * X,
    because=[absorbed],
    assuming=[inside],
)
stays = barrier(X, K1**2, alpha * eps**2, rate, flow, t)
lemma_q.conclude(
    "dual-decay",
    at_time(X, t) <= exp(-rate * t) * start,
    because=[contraction, stays],
)
remains = lemma_q.step("remains", inside, because=[contraction, stays])
small_for_y = lemma_q.step(
    "remains-small",
    K2**2 * X <= alpha * eps**2,
    because=[remains, contraction, barrier(X, K2**2, alpha * eps**2, rate, flow, t)],
)

# (c): no epsilon is lost in X, by the Bernoulli inequality.
region = sqrt(alpha) * K1 * sqrt(X) <= alpha * a
full = lemma_q.step(
    "full-rate",
    flow.derivative(X) <= -2 * alpha * a * X + 2 * sqrt(alpha) * K1 * sqrt(X) * X,
    because=[gap],
    assuming=[region],
)
decay = exp(-alpha * a * t)
ratio = sqrt(alpha) * K1 * sqrt(start) / (alpha * a)
bernoulli_bound = lemma_q.step(
    "bernoulli",
    sqrt(at_time(X, t)) <= decay * sqrt(start) / (1 - ratio * (1 - decay)),
    because=[full, bernoulli(X, alpha * a, sqrt(alpha) * K1, flow, t)],
)
ratio_small = lemma_q.step("ratio", ratio <= eps / a)
undamped = lemma_q.step(
    "undamped", ratio * (1 - decay) <= eps / a, because=[ratio_small, exp_decay(-alpha * a * t)]
)
root_decay = lemma_q.step(
    "root-decay",
    sqrt(at_time(X, t)) <= a / (a - eps) * decay * sqrt(start),
    because=[bernoulli_bound, undamped],
)
full_decay = lemma_q.step(
    "full-decay",
    at_time(X, t) <= a**2 / (a - eps) ** 2 * start * exp(-(rate + 2 * alpha * eps) * t),
    because=[root_decay],
)

# (d): chi2 follows, with Young's inequality at u = eps/2.
young = lemma_q.step(
    "young",
    2 * K2 * sqrt(D) * sqrt(X) * sqrt(1 + Y) <= eps * D + K2**2 / eps * X * (1 + Y),
)
forced = lemma_q.step(
    "forced",
    flow.derivative(Y) <= -2 * alpha * (tau - eps) * Y + K2**2 / eps * X,
    because=[young, small_for_y],
)
slower = lemma_q.step(
    "forced-slower",
    flow.derivative(Y) <= -rate * Y + K2**2 / eps * X,
    because=[forced],
)
size = a**2 / (a - eps) ** 2 * start
duhamel = lemma_q.step(
    "duhamel",
    at_time(Y, t) <= exp(-rate * t) * (at_time(Y, 0) + K2**2 / eps * size / (2 * alpha * eps)),
    because=[
        slower,
        full_decay,
        forced_decay(Y, X, rate, 2 * alpha * eps, K2**2 / eps, size, flow, t),
    ],
)
lemma_q.conclude(
    "chi2-decay",
    at_time(Y, t)
    <= (1 + K2**2 * a**2 / (2 * alpha**2 * eps**2 * (a - eps) ** 2))
    * exp(-rate * t)
    * at_time(Y, 0),
    because=[duhamel],
)
