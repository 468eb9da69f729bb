"""False variants of the closing: constants and quantities of an abstract flow."""

from mflverify.expr import Flow, Parameter, at_time, exp, sqrt
from mflverify.proof import Statement, barrier

from .notation import alpha, eps, t, tau

flow = Flow("abstract")
X, Y = flow.quantity("X"), flow.quantity("Y")
a = Parameter("a", "positive")
K1 = Parameter("K1", "nonnegative")
inside = K1**2 * X <= alpha * eps**2
given = [
    eps < a,
    a <= tau,
    alpha * X <= Y,
    flow.derivative(X) <= -2 * a * Y + 2 * K1 * X * sqrt(Y),
    K1**2 * at_time(X, 0) <= alpha * eps**2,
]

flipped_eps = Statement("flipped-eps", "The closing with eps on the wrong side", given=given)
contraction = flipped_eps.step(
    "contract", flow.derivative(X) <= -2 * alpha * (a + eps) * X, assuming=[inside]
)
flipped_eps.conclude(
    "decay",
    at_time(X, t) <= exp(-2 * alpha * (a + eps) * t) * at_time(X, 0),
    because=[
        contraction,
        barrier(X, K1**2, alpha * eps**2, 2 * alpha * (a + eps), flow, t),
    ],
)

no_smallness = Statement("no-smallness", "The bootstrap without a small start", given=given[:-1])
inner_step = no_smallness.step(
    "contract", flow.derivative(X) <= -2 * alpha * (a - eps) * X, assuming=[inside]
)
no_smallness.conclude(
    "decay",
    at_time(X, t) <= exp(-2 * alpha * (a - eps) * t) * at_time(X, 0),
    because=[
        inner_step,
        barrier(X, K1**2, alpha * eps**2, 2 * alpha * (a - eps), flow, t),
    ],
)

constants = Statement("constants", "A false inequality between constants alone", given=[eps < a])
constants.conclude("gap", a / (a - eps) <= 1 + eps / a)
