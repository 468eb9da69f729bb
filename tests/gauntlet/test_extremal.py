"""How sharp Lemma 3.9 is: kernels with nearly square-wave slopes bring the ratio towards 1.

For k(x, y) = sin x b(y) and g = L b the ratio ||grad M g||_inf / (K ||g||_{-1}) is
||b'||/sup |b'|, which is below 1 for trigonometric b and tends to 1 as b' tends to a square wave.
"""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from mflverify.expr import (
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    Space,
    dual_norm,
    grad,
    mixed_derivative_sup,
    sup_norm,
)
from mflverify.models import Choice, InstanceData, Request, TorusFamily, interpret
from mflverify.numerics.precision import working_precision

X, Y = Space("X"), Space("Y")
g = FunctionSymbol("g", Y, "perturbation")
M = KernelSymbol("M", source=Y, target=X)
K = Parameter("K", "positive")
CLAIM = sup_norm(grad(M(g))) <= K * dual_norm(g)
REQUEST = Request.of(CLAIM, hypotheses=[mixed_derivative_sup(M) <= K])

# slopes sum c_j sin jy with ||.||/sup|.| nearly as large as these modes allow
SLOPES = {
    1: {1: "1"},
    3: {1: "1", 3: "2/9"},
    9: {1: "1", 3: "7/24", 5: "9/65", 7: "3/44", 9: "1/37"},
}


def certified_ratio(slopes):
    """The ratio of the two sides as a ball, for b' = sum c_j sin jy."""
    top = max(slopes)
    b = [Fraction(0)] * (2 * top + 1)
    for j, c in slopes.items():
        b[2 * j - 1] = -Fraction(c) / j
    row = tuple(b)
    zero = (Fraction(0),) * len(row)
    data = InstanceData(
        "torus",
        potentials={"X": (), "Y": ()},
        functions={"g": tuple(c / 10 for c in row)},
        kernels={"M": (zero, zero, row)},
        parameters={"K": Choice("tight")},
    )
    instance = interpret(data, REQUEST, "ball")
    with working_precision(128):
        return instance.evaluate(CLAIM.lhs) / instance.evaluate(CLAIM.rhs)


def test_the_ratio_grows_towards_one_with_the_modes():
    ratios = [certified_ratio(slopes) for slopes in SLOPES.values()]
    assert all(ratio < 1 for ratio in ratios)
    assert all(low < high for low, high in pairwise(ratios))
    assert float(ratios[0].mid()) == pytest.approx(2**-0.5, abs=1e-5)
    assert ratios[-1] > 0.92


def test_half_of_the_constant_is_certainly_refuted():
    assert all(certified_ratio(slopes) > 0.5 for slopes in SLOPES.values())


def test_random_search_with_ascent_comes_close():
    rng = np.random.default_rng(0)
    batch = TorusFamily().draw(REQUEST, rng, 400)
    best = 0.0
    for round_ in range(8):
        ratio = batch.evaluate(CLAIM.lhs) / batch.evaluate(CLAIM.rhs)
        best = max(best, float(ratio.max()))
        elite = batch.take(np.argsort(-ratio)[:80])
        batch = elite.perturb(rng, 0.5 ** (round_ + 1))
    assert 0.85 < best <= 1 + 1e-9
