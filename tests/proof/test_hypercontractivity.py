"""Hypercontractivity with a drift: on the heat flow in closed form, and on Fokker-Planck solutions."""

from fractions import Fraction

import numpy as np
import pytest
from flint import arb

from mflverify.algebra.normal import normalize
from mflverify.expr import (
    Flow,
    FunctionSymbol,
    Parameter,
    SortError,
    Space,
    VectorSymbol,
    as_term,
    at_time,
    generator,
    grad_adjoint,
    lebesgue_norm,
    to_latex,
    to_mathml,
    to_unicode,
)
from mflverify.expr.serial import TermTable, read_terms
from mflverify.models import InstanceData, Request, TorusFamily, Unavailable, interpret
from mflverify.models.evaluation import Evaluator
from mflverify.models.float_torus import FloatTorus
from mflverify.proof import hypercontractive

X = Space("X")
f, phi = FunctionSymbol("f", X, "perturbation"), VectorSymbol("Phi", X)
tau, rho, B = (Parameter(name, "positive") for name in ("tau", "rho", "B"))
p, q = Parameter("p", "positive"), Parameter("q")
s, t = Parameter("s", "nonnegative"), Parameter("t", "nonnegative")
flow = Flow.of("drifted", {f: -tau * generator(f) - grad_adjoint((1 + f) * phi)})
fact = hypercontractive(f, phi, B, tau, rho, flow, s, t)
SIZE = 256
POINTS = np.arange(SIZE) * 2 * np.pi / SIZE
WAVES = np.fft.fftfreq(SIZE, 1 / SIZE)


def sides(before, after, time, temperature, drift):
    """Both sides of the conclusion on the uniform circle, where rho = 1."""
    backend = FloatTorus({X: np.ones((1, SIZE))}, 1)
    constants = {
        symbol: np.array([float(value)])
        for symbol, value in ((tau, temperature), (rho, 1), (B, drift), (t, time))
    }

    def state(u):
        return Evaluator(backend, {**constants, f: u[None, :] - 1})

    now = state(after)
    evaluator = Evaluator(backend, now.symbols, times={as_term(0): state(before), t: now})
    (claim,) = fact.content.conclusions
    return float(evaluator(claim.lhs)[0]), float(evaluator(claim.rhs)[0])


def solved(u, drift, temperature, time, steps=2000):
    """u' = tau u'' + (drift u)', by an exponential Runge-Kutta step of order two."""
    step = time / steps
    decay = np.exp(-temperature * WAVES**2 * step)
    for _ in range(steps):
        first = 1j * WAVES * np.fft.fft(drift * u)
        guess = np.fft.ifft(decay * (np.fft.fft(u) + step * first)).real
        second = 1j * WAVES * np.fft.fft(drift * guess)
        u = np.fft.ifft(decay * (np.fft.fft(u) + step / 2 * first) + step / 2 * second).real
    return u


@pytest.mark.parametrize("size", [0.3, 0.999])
@pytest.mark.parametrize("time", [0.01, 0.3, 2.0])
def test_the_heat_flow(size, time):
    before, after = (1 + size * c * np.cos(POINTS) for c in (1, np.exp(-time)))
    left, right = sides(before, after, time, 1.0, 0.0)
    assert left <= right
    assert 1 + 0.5 * (size * np.exp(-time)) ** 2 == pytest.approx(left)


def test_half_the_constant_would_be_too_little():
    """A density that the drift concentrates: the bound holds, and with half of B it would not."""
    drift = 0.75 * np.tanh(3 * np.sin(POINTS))
    before = np.exp(np.cos(POINTS) / 3)
    before = before / before.mean()
    after = solved(before, drift, 1.25, 1.1)
    size = float(np.max(drift) ** 2)
    left, right = sides(before, after, 1.1, 1.25, size)
    assert left <= right
    left, right = sides(before, after, 1.1, 1.25, size / 2)
    assert left > right


@pytest.mark.parametrize("seed", range(6))
def test_random_drifts(seed):
    rng = np.random.default_rng(seed)
    temperature, time = rng.uniform(0.3, 2), rng.uniform(0.05, 1.5)
    drift = rng.uniform(0.5, 4) * np.tanh(3 * np.sin(POINTS - rng.uniform(0, 6)))
    before = np.exp(rng.uniform(0, 4) * np.cos(POINTS))
    before = before / before.mean()
    after = solved(before, drift, temperature, time)
    left, right = sides(before, after, time, temperature, float(np.max(drift**2)))
    assert left <= right


def test_printing_reading_and_normal_form():
    term = lebesgue_norm(f, p)
    assert (to_unicode(term), to_latex(term)) == ("‖1 + f‖_p", r"\|1 + f\|_p")
    assert "<math" in to_mathml(term)
    table = TermTable()
    number = table.add(term)
    assert read_terms(table.nodes)[number] == term
    assert normalize(lebesgue_norm(f, 2 * p)) == normalize(lebesgue_norm(f, p + p))
    assert normalize(lebesgue_norm(f, 2 * p)) != normalize(lebesgue_norm(f, p))
    assert normalize(term).is_nonnegative
    assert normalize(at_time(term, 0)) != normalize(term)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: lebesgue_norm(f, q), "not known to be positive"),
        (lambda: lebesgue_norm(f, 1 - p), "not known to be positive"),
        (lambda: lebesgue_norm(FunctionSymbol("u", X), p), "perturbation"),
    ],
)
def test_what_means_nothing_is_refused(build, message):
    with pytest.raises(SortError, match=message):
        build()


def test_values_of_the_norm():
    """int (1 + (3/5) cos x)^p: p = 2 is sqrt(1 + chi2), p = 1 is 1; balls agree with floats."""
    data = InstanceData(
        "torus", potentials={"X": ()}, functions={"f": (Fraction(0), Fraction(3, 5))}
    )
    for exponent, square in ((1, "1"), (2, "1.18")):
        term = lebesgue_norm(f, exponent)
        ball = interpret(data, Request.of(term), "ball").evaluate(term)
        assert (ball**2).overlaps(arb(square))
        assert ball.rad() < 1e-15
    with pytest.raises(Unavailable):
        interpret(data, Request.of(term), "exact").evaluate(term)
    half = lebesgue_norm(f, Fraction(3, 2))
    request = Request.of(half)
    batch = TorusFamily().draw(request, np.random.default_rng(1), 5)
    compared = 0
    for index in range(5):
        instance = interpret(batch.data(index, max_denominator=2**20), request, "ball")
        try:
            ball = instance.evaluate(half)
        except Unavailable:  # a density that touches 0
            continue
        compared += 1
        assert float(ball) == pytest.approx(float(batch.evaluate(half)[index]), rel=1e-4)
    assert compared >= 3
