"""The closing of Theorem 3.8 has room: half of its constant before T is enough.

Where alpha X + eta Y <= eta delta^2, X and Y are not both as large as the steps of `lem-mixed` take
them to be.  That is why some of their mutants hold all the same, which is shown here.
"""

from fractions import Fraction

from mflverify.expr import sqrt
from mflverify.proof import Statement

from . import lemma_mixed as m
from .lemma_mixed import X, Y, a, delta, eta, flow, inside, rate
from .notation import K, T, alpha, eps

# the constant of the paper with half of the term in T
A = K / alpha + sqrt(2) * T / (2 * alpha ** Fraction(3, 2))

variant = Statement(
    "lem-mixed-variant",
    "Closing of (3.8) with half of the constant before T",
    kind="variant",
    given=[*m.about_flow, delta <= 1, 2 * A * delta <= eps, *m.about_growth],
    source="beside Theorem 3.8, steps 6 to 8",
)

small, root, gap = m.near(variant)
most = variant.step("most", Y <= 1, because=[small], assuming=[inside])
bounded = variant.step("bounded", sqrt(1 + Y) <= sqrt(2), because=[most], assuming=[inside])
linear = variant.step("linear", X * sqrt(Y) <= sqrt(X) * Y / sqrt(alpha), because=[gap])
force = variant.step(
    "force",
    flow.derivative(X) <= -2 * a * Y + 2 * (K / sqrt(alpha) + sqrt(2) * T / alpha) * sqrt(X) * Y,
    because=[linear, bounded],
    assuming=[inside],
)
constant = variant.step(
    "constant", (K / sqrt(alpha) + sqrt(2) * T / alpha) * delta <= sqrt(alpha) * eps
)
forced = variant.step(
    "forced",
    delta * flow.derivative(X) <= -2 * a * delta * Y + 2 * eps * sqrt(alpha) * sqrt(X) * Y,
    because=[force, constant],
    assuming=[inside],
)
# the square of sqrt(alpha X) - eta delta is not negative
mean = variant.step(
    "mean",
    2 * delta * sqrt(alpha) * sqrt(X) <= delta**2 - Y + eta * delta**2,
    assuming=[inside],
)
less = variant.step(
    "less",
    delta**2 - Y + eta * delta**2 <= delta**2 * (1 - Y + eta),
    because=[most],
    assuming=[inside],
)
times = variant.step(
    "times",
    delta**2 * flow.derivative(X) <= -2 * a * delta**2 * Y + eps * delta**2 * (1 - Y + eta) * Y,
    because=[forced, mean, less],
    assuming=[inside],
)
dual = variant.step(
    "dual",
    flow.derivative(X) <= -2 * a * Y + eps * (1 - Y + eta) * Y,
    because=[times],
    assuming=[inside],
)
pushed = m.pushes(variant, root, gap)
growth = variant.step(
    "growth",
    2 * eta * flow.derivative(Y) <= (1 + Y) * (alpha * eps - 2 * alpha * a * eta) * Y,
    because=[pushed],
    assuming=[inside],
)
slow = variant.step("slow", 2 * a * eta <= eps)
leftover = variant.step("left", m.left, because=[dual, growth, slow, most], assuming=[inside])
size = m.close(variant, leftover)

twice = flow.derivative(alpha * X + 2 * eta * Y)
square = flow.derivative(alpha * X + eta * Y**2)
slower = variant.step(
    "growth-times-Y",
    2 * eta * Y * flow.derivative(Y) <= (1 + Y) * (alpha * eps - 2 * alpha * a * eta) * Y,
    because=[growth, slow, most],
    assuming=[inside],
)
for name, derivative, faster in (("twice", twice, growth), ("square", square, slower)):
    step = variant.step(
        f"left-{name}", derivative <= m.left.rhs, because=[dual, faster, slow], assuming=[inside]
    )
    variant.step(
        f"contract-{name}", derivative <= -rate * m.Z, because=[step, size], assuming=[inside]
    )
