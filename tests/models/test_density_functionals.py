"""Entropies and distances of densities, against closed forms and one arithmetic against another."""

from fractions import Fraction

import numpy as np
import pytest
from flint import arb

from mflverify.expr import (
    FunctionSymbol,
    Parameter,
    Space,
    fisher_information,
    log_sobolev_constant,
    mean_absolute,
    norm,
    relative_entropy,
    wasserstein,
)
from mflverify.models import InstanceData, Request, TorusFamily, Unavailable, interpret

X = Space("X")
f, g = FunctionSymbol("f", X, "perturbation"), FunctionSymbol("g", X, "perturbation")
s = Fraction(3, 5)


def uniform(term, arithmetic="ball", **functions):
    data = InstanceData("torus", potentials={"X": ()}, functions=functions)
    return interpret(data, Request.of(term), arithmetic).evaluate(term)


def test_one_harmonic_on_the_uniform_circle():
    """f = s cos x with s = 3/5, so sqrt(1 - s^2) = 4/5 (statements.md, example E2)."""
    wave = (Fraction(0), s)
    entropy = uniform(relative_entropy(f), f=wave)
    assert entropy.overlaps(arb("0.9").log() + arb("0.2"))
    assert entropy.rad() < 1e-15
    assert uniform(fisher_information(f), f=wave).overlaps(arb("0.2"))
    assert uniform(mean_absolute(f), f=wave).overlaps(2 * arb("0.6") / arb.pi())


def test_exact_constant_of_the_uniform_circle():
    assert uniform(log_sobolev_constant(X), "exact") == 1
    with pytest.raises(Unavailable, match="not rational"):
        uniform(relative_entropy(f), "exact", f=(Fraction(0), s))


def test_a_transport_distance_in_floats_and_balls():
    wave = (Fraction(0), s)
    certified = uniform(wasserstein(f), f=wave)
    batch = TorusFamily().draw(Request.of(wasserstein(f)), np.random.default_rng(0), 3)
    batch.evaluator.backend.densities[X][:] = 1.0
    p = np.ones((3, 64)) + float(s) * np.cos(np.arange(64) * 2 * np.pi / 64)
    floats = batch.backend.wasserstein(X, p, np.ones((3, 64)))
    assert floats == pytest.approx(float(certified), rel=1e-3)


def test_floats_agree_with_balls():
    terms = [
        relative_entropy(f, g),
        fisher_information(f, g),
        mean_absolute(f),
        relative_entropy(f),
    ]
    request = Request.of(*terms)
    rng = np.random.default_rng(4)
    batch = TorusFamily().draw(request, rng, 6)
    compared = 0
    for index in range(6):
        data = batch.data(index, max_denominator=4096)
        instance = interpret(data, request, "ball")
        for term in terms:
            try:
                ball = instance.evaluate(term)
            except Unavailable:  # a density that nearly vanishes somewhere
                continue
            compared += 1
            assert float(ball) == pytest.approx(float(batch.evaluate(term)[index]), rel=0.03)
    assert compared >= 16


def test_log_sobolev_constants_are_drawn_where_they_are_known():
    a = Parameter("a", "positive")
    request = Request.of(norm(f), hypotheses=[a <= log_sobolev_constant(X)])
    batch = TorusFamily().draw(request, np.random.default_rng(0), 20)
    assert np.all(batch.evaluate(log_sobolev_constant(X)) == 1)
    plain = TorusFamily().draw(Request.of(norm(f)), np.random.default_rng(0), 20)
    with pytest.raises(Unavailable, match="log-Sobolev"):
        plain.evaluate(log_sobolev_constant(X))
