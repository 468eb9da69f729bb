"""Time derivatives by the stencil: against difference quotients in time, or honestly refused."""

from fractions import Fraction

import numpy as np
import pytest

from mflverify.expr import (
    Flow,
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    Space,
    chi2,
    dual_norm,
    exp,
    generator,
    grad,
    grad_adjoint,
    inner,
    norm,
)
from mflverify.models import Request, TorusFamily, Unavailable
from mflverify.models.evaluation import degree

X = Space("X")
f = FunctionSymbol("f", X, "perturbation")
h = FunctionSymbol("h", X, "mean-zero")
S = KernelSymbol("S", X, X, symmetric=True)
tau = Parameter("tau", "positive")
flow = Flow.of("flow", {f: -tau * generator(f) - grad_adjoint((1 + f) * grad(S(f)))})

DIFFERENTIABLE = {
    "chi2": chi2(f),
    "norm": norm(f),
    "dual norm": dual_norm(f),
    "inner": inner(f * f, h),
    "quartic": inner(f * f, f * f),
    "product": chi2(f) * dual_norm(f) ** 2 * tau,
    "power": (1 + chi2(f)) ** 3,
    "exp": exp(-chi2(f)),
    "scalar polynomial in a function": inner(chi2(f) * f, h),
}

REFUSED = {
    "norm beside a function": inner(norm(f) * f, f),
    "quotient": inner(chi2(f) ** -1 * f, f),
    "exp beside a function": inner(exp(chi2(f)) * f, h),
    "absolute value": abs(inner(f, h)),
    "degree five": inner(f * f * f, f * f),
}


def batch(term):
    request = Request.of(term, flow, h)
    return TorusFamily().draw(request, np.random.default_rng(4), 8)


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_the_derivative_is_the_limit_of_difference_quotients(name):
    term = DIFFERENTIABLE[name]
    drawn = batch(term)
    speed = drawn.evaluator(flow.equations[0][1])
    # as far as the state moves, not as far as time goes: states have very different speeds
    step = 1e-4 * np.abs(drawn.states[f]).max(axis=1) / np.abs(speed).max(axis=1)

    def at(side):
        return drawn.with_states({f: drawn.states[f] + side * step[:, None] * speed})(term)

    quotient = (at(1) - at(-1)) / (2 * step)
    value = drawn.evaluate(flow.derivative(term))
    size = np.abs(value) + np.abs(at(0)) / step * 1e-11
    assert np.all(np.abs(value - quotient) <= 1e-5 * size)
    assert np.all(np.abs(value) > 0)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_polynomial_is_refused(name):
    term = REFUSED[name]
    with pytest.raises(Unavailable):
        batch(term).evaluate(flow.derivative(term))


def test_degrees():
    assert degree(inner(f, h), flow) == 1
    assert degree(inner(f * f + f, f), flow) == 3
    assert degree(inner(h, h), flow) == 0
    assert degree(norm(h) * f, flow) == 1
    assert degree(dual_norm(f) ** 4 * f, flow) == 5
    with pytest.raises(Unavailable, match="not a polynomial"):
        degree(norm(f) ** Fraction(1, 2) * f, flow)
