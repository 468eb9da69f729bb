"""Fact 2.1: near a non-degenerate minimum a gradient flow converges at twice the smallest eigenvalue.

N = |y|^2 for y = x - x*, Q = y^T A y, and G = y . g(y) with |g(y)| <= Lambda |y|^2.  For the bound from
below, y = U u + y' with a unit vector u, A u = sigma u, y' orthogonal to u, and P = |y'|^2.
"""

from mflverify.expr import Flow, Parameter, as_term, at_time, exp, sqrt
from mflverify.proof import Statement, barrier, finite_cauchy_schwarz, forced_decay

from .notation import eps, t

flow = Flow("gradient flow")
N = flow.quantity("N")
Q = flow.quantity("Q")
G = flow.quantity("G", "real")

sigma = Parameter("sigma", "positive")
Lambda = Parameter("Lambda", "nonnegative")

fact_2_1 = Statement(
    "fact-2.1",
    "Local rate of a gradient flow in finite dimension, lower bound",
    kind="lemma",
    given=[
        flow.derivative(N) <= -2 * Q - 2 * G,
        sigma * N <= Q,
        abs(G) <= Lambda * sqrt(N) * N,
        eps < sigma,
        4 * Lambda**2 * at_time(N, 0) <= eps**2,
    ],
    source="Fact 2.1, steps 1 and 2",
)
inside = 4 * Lambda**2 * N <= eps**2
small = fact_2_1.step("small", 2 * Lambda * sqrt(N) <= eps, assuming=[inside])
contraction = fact_2_1.step(
    "contract",
    flow.derivative(N) <= -(2 * sigma - eps) * N,
    because=[small],
    assuming=[inside],
)
fact_2_1.conclude(
    "decay",
    at_time(N, t) <= exp(-(2 * sigma - eps) * t) * at_time(N, 0),
    because=[
        contraction,
        barrier(N, 4 * Lambda**2, eps**2, 2 * sigma - eps, flow, t),
    ],
)

U = flow.quantity("U")
P = flow.quantity("P")
size = U**2 + P

upper = Statement(
    "fact-2.1-upper",
    "Local rate of a gradient flow in finite dimension, upper bound",
    kind="lemma",
    given=[
        flow.derivative(P) <= -2 * sigma * P + 2 * Lambda * sqrt(P) * size,
        flow.derivative(U) <= -sigma * U + Lambda * size,
        flow.derivative(U) >= -sigma * U - Lambda * size,
        eps < sigma,
        8 * Lambda**2 * at_time(size, 0) <= eps**2,
        4 * Lambda * at_time(U, 0) <= sigma - eps,
        at_time(P, 0) <= at_time(U, 0) ** 2,
    ],
    source="Fact 2.1, steps 3 and 4, for y_0 in a cone around u",
)
near = 8 * Lambda**2 * size <= eps**2
root = upper.step("root", sqrt(8) * Lambda * sqrt(size) <= eps, assuming=[near])
together = upper.step(
    "together",
    U + sqrt(P) <= sqrt(2) * sqrt(size),
    because=[finite_cauchy_schwarz((as_term(1), as_term(1)), (U, sqrt(P)))],
)
growth = upper.step(
    "growth",
    flow.derivative(size) <= -2 * sigma * size + 2 * Lambda * size * (U + sqrt(P)),
)
inward = upper.step(
    "contract",
    flow.derivative(size) <= -(2 * sigma - eps) * size,
    because=[growth, together, root],
    assuming=[near],
)
shrinks = upper.step(
    "decay",
    at_time(size, t) <= exp(-(2 * sigma - eps) * t) * at_time(size, 0),
    because=[inward, barrier(size, 8 * Lambda**2, eps**2, 2 * sigma - eps, flow, t)],
)
component = upper.step(
    "component",
    exp(-sigma * t) * (at_time(U, 0) - Lambda * at_time(size, 0) / (sigma - eps)) <= at_time(U, t),
    because=[
        shrinks,
        forced_decay(-U, size, sigma, sigma - eps, Lambda, at_time(size, 0), flow, t),
    ],
)
half = upper.step(
    "half",
    exp(-sigma * t) * at_time(U, 0) / 2 <= at_time(U, t),
    because=[component],
)
upper.conclude(
    "below",
    exp(-2 * sigma * t) * at_time(size, 0) / 8 <= at_time(size, t),
    because=[half],
    note="so no rate above 2 sigma holds",
)
