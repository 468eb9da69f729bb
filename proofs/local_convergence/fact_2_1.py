"""Fact 2.1: near a non-degenerate minimum a gradient flow converges at twice the smallest eigenvalue.

N = |y|^2 for y = x - x*, Q = y^T A y, and G = y . g(y) with |g(y)| <= Lambda |y|^2.
"""

from mflverify.expr import Flow, Parameter, at_time, exp, sqrt
from mflverify.proof import Statement, barrier

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
