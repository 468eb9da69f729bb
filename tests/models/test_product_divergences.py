"""Entropies, L1 norms, transport and log-Sobolev constants on products: against quadrature in floats."""

from fractions import Fraction as Q

import numpy as np
import pytest
from flint import fmpq

from mflverify.expr import FunctionSymbol, Space, chi2
from mflverify.expr.divergences import (
    FisherInformation,
    LogSobolevConstant,
    MeanAbsolute,
    RelativeEntropy,
    Wasserstein,
)
from mflverify.expr.terms import One
from mflverify.models import InstanceData, Request, Unavailable, interpret
from mflverify.models.basis import Expansion
from mflverify.models.spaces import double_well, gaussian, product, torus
from mflverify.numerics.density import LogPolynomialDensity
from mflverify.numerics.line_entropy import line_entropy, line_fisher_information

X = Space("X")
f, g = (FunctionSymbol(name, X, "perturbation") for name in ("f", "g"))
KL = RelativeEntropy(1 + f, One(X))
FISHER = FisherInformation(1 + f, One(X))
L1 = MeanAbsolute(f)
RHO = LogSobolevConstant(One(X))
W2 = Wasserstein(1 + f, One(X))


def instance(space, phi, arithmetic="ball", **others):
    functions = {"f": phi, **others}
    data = InstanceData(
        "spaces",
        spaces={"X": space},
        functions={n: Expansion.of(space.dimension, phi) for n, phi in functions.items()},
    )
    return interpret(data, Request.of(KL, f, *([g] if others else [])), arithmetic)


def on_a_line(potential, phi):
    """Density, 1 + L phi and its slope on a fine grid; phi = a x + b x^2, by hand."""
    x = np.linspace(-14, 14, 200_001)
    slope = sum(n * float(c) * x ** (n - 1) for n, c in enumerate(potential) if n)
    bend = sum(n * (n - 1) * float(c) * x ** (n - 2) for n, c in enumerate(potential) if n > 1)
    mu = np.exp(-sum(float(c) * x**n for n, c in enumerate(potential)))
    a, b = (float(c) for c in phi)
    p = 1 + slope * (a + 2 * b * x) - 2 * b
    return mu / mu.sum(), p, bend * (a + 2 * b * x) + slope * 2 * b


@pytest.mark.parametrize(
    ("space", "phi"),
    [(gaussian(2), (Q(1, 8), Q(1, 4))), (double_well(), (0, Q(1, 16))), (double_well(), (Q(1, 64), Q(1, 32)))],
)  # fmt: skip
def test_lines(space, phi):
    mu, p, slope = on_a_line(space.line_polynomial(0), phi)
    here = instance(space, {"x": phi[0], "x^2": phi[1]})
    for term, expected in (
        (KL, mu @ (p * np.log(p))),
        (FISHER, mu @ (slope**2 / p)),
        (L1, mu @ np.abs(p - 1)),
    ):
        value = here.evaluate(term)
        assert abs(float(value.mid()) - expected) < 1e-7
        assert float(value.rad()) < 1e-12
    # the same beside another factor
    wide = instance(product(torus(1, {"cos x": 1}), space), {"x2": phi[0], "x2^2": phi[1]})
    for term in (KL, FISHER, L1):
        assert wide.evaluate(term).overlaps(here.evaluate(term))


def test_two_coupled_circles():
    here = instance(
        torus(2, {"cos(x1 - x2)": Q(1, 2)}),
        {"cos x1": Q(1, 4), "sin(x1 + x2)": Q(1, 16)},
        g={"cos x2": Q(1, 8)},
    )
    t = 2 * np.pi * np.arange(64) / 64
    x, y = np.meshgrid(t, t, indexing="ij")
    mu = np.exp(-np.cos(x - y) / 2)
    mu /= mu.sum()
    push = -np.sin(x - y) / 2

    def state(phi):
        """1 + L phi by spectral differences."""
        k = np.fft.fftfreq(64, 1 / 64)
        hat = np.fft.fft2(phi)
        dx, dy = (np.fft.ifft2(1j * w * hat).real for w in (k[:, None], k[None]))
        bend = np.fft.ifft2((k[:, None] ** 2 + k[None] ** 2) * hat).real
        return 1 + bend + push * (dx - dy)

    p, q = state(np.cos(x) / 4 + np.sin(x + y) / 16), state(np.cos(y) / 8)

    def squared_slope(u):
        k = np.fft.fftfreq(64, 1 / 64)
        hat = np.fft.fft2(u)
        return sum(np.fft.ifft2(1j * w * hat).real ** 2 for w in (k[:, None], k[None]))

    for term, expected in (
        (KL, (mu * p * np.log(p)).sum()),
        (FISHER, (mu * p * squared_slope(np.log(p))).sum()),
        (RelativeEntropy(1 + f, 1 + g), (mu * p * np.log(p / q)).sum()),
        (FisherInformation(1 + f, 1 + g), (mu * p * squared_slope(np.log(p / q))).sum()),
    ):
        value = here.evaluate(term)
        assert abs(float(value.mid()) - expected) < 1e-12
        assert float(value.rad()) < 1e-14


def test_inequalities_between_them():
    for space, phi in (
        (torus(2), {"cos x1": Q(1, 4), "sin(x1 + x2)": Q(1, 8)}),
        (product(torus(1), gaussian(2)), {"cos x1": Q(1, 2)}),
        (product(torus(1, {"cos x": 1}), double_well()), {"x2^2": Q(1, 16)}),
    ):
        here = instance(space, phi)
        entropy, fisher, rho = (here.evaluate(term) for term in (KL, FISHER, RHO))
        assert entropy <= here.evaluate(chi2(f))  # KL <= chi2
        if len(phi) == 1:
            assert here.evaluate(L1) ** 2 <= 2 * entropy  # Pinsker
        assert 2 * rho.lower() * entropy <= fisher  # logarithmic Sobolev


def test_log_sobolev_constants_of_products_are_the_least_of_the_factors():
    rational = instance(product(torus(1), gaussian(2)), {"cos x1": Q(1, 4)}, "exact")
    assert rational.evaluate(RHO) == fmpq(1, 2)
    assert instance(product(torus(1), gaussian(Q(1, 3))), {"cos x1": Q(1, 4)}).evaluate(RHO) == 1
    well = double_well()
    alone = instance(well, {"x^2": Q(1, 16)}).evaluate(RHO)
    beside = instance(product(well, gaussian(Q(1, 9))), {"x1^2": Q(1, 16)}).evaluate(RHO)
    assert alone.lower() == beside.lower()
    assert float(alone.lower()) > 0.4
    assert float(alone.upper()) < 0.8


def test_transport_along_one_circle_of_a_product():
    alone = instance(torus(1), {"cos x": Q(1, 4)}).evaluate(W2)
    beside = instance(product(torus(1), gaussian(2)), {"cos x1": Q(1, 4)}).evaluate(W2)
    assert alone.overlaps(beside)
    # T2 of the uniform circle: W2^2 <= 2 KL
    assert alone**2 <= 2 * instance(torus(1), {"cos x": Q(1, 4)}).evaluate(KL)


def test_what_has_no_ball_says_so():
    cases = [
        (
            KL,
            product(torus(1), gaussian()),
            {"cos x1": Q(1, 4), "x2^2": Q(1, 8)},
            "another variable",
        ),
        (W2, gaussian(), {"x^2": Q(1, 8)}, "on a line"),
        (L1, torus(2), {"cos x1": Q(1, 4), "cos x2": Q(1, 4)}, "several variables"),
        (KL, torus(2), {"cos x1": 1}, "positive"),  # 1 + cos x1 touches 0
    ]
    for term, space, phi, words in cases:
        with pytest.raises(Unavailable, match=words):
            instance(space, phi).evaluate(term)
    with pytest.raises(Unavailable, match="arithmetic"):
        instance(gaussian(), {"x^2": Q(1, 8)}, "exact").evaluate(KL)


def test_a_density_with_a_zero_is_refused():
    density = LogPolynomialDensity((0, 0, Q(1, 2)))
    for measure in (line_entropy, line_fisher_information):
        with pytest.raises(ValueError, match="not bounded"):
            measure(density, [-1, 0, 1])  # x^2 - 1
