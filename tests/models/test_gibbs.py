"""Gibbs densities, logarithms, derivatives of entropies and functionals, against closed forms."""

from fractions import Fraction

import numpy as np
import pytest
from flint import arb

from mflverify.engines.empirical import examine_instances
from mflverify.engines.profile import PROFILES
from mflverify.expr import (
    Flow,
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    RemainderSymbol,
    Space,
    chi2,
    convexity_slack,
    equilibrium_entropy,
    fisher_information,
    generator,
    gibbs_density,
    inner,
    log_density,
    log_sobolev_constant,
    mean_absolute,
    norm,
    relative_entropy,
    remainder_energy,
    sup_norm,
    variation_slack,
    variation_sup,
)
from mflverify.models import (
    InstanceData,
    Request,
    TorusBatch,
    TorusFamily,
    Unavailable,
    interpret,
)
from mflverify.models.rings import rational
from mflverify.models.torus_batch import Raw
from mflverify.proof import Empirical, Statement

X = Space("X")
f = FunctionSymbol("f", X, "perturbation")
u = FunctionSymbol("u", X)
S = KernelSymbol("S", X, X, symmetric=True)
R = RemainderSymbol("R", (X,), X)
gibbs = gibbs_density(u)
RNG = np.random.default_rng
WAVE = (Fraction(0), Fraction(3, 5))


def uniform(term, arithmetic="ball", **functions):
    data = InstanceData("torus", potentials={"X": ()}, functions=functions)
    return interpret(data, Request.of(term), arithmetic).evaluate(term)


def bessel(order):
    """I_n(3/5) by its series."""
    x, total, term = arb("0.3"), arb(0), arb(1)
    for k in range(order):
        term = term * x / (k + 1)
    for k in range(40):
        total += term
        term = term * x * x / ((k + 1) * (k + 1 + order))
    return total


def test_von_mises_densities():
    """u = 3/5 cos x on the uniform circle: the normaliser is I_0(3/5)."""
    normaliser = bessel(0)
    entropy = uniform(equilibrium_entropy(gibbs), u=WAVE)
    assert entropy.overlaps(normaliser.log())
    assert entropy.rad() < 1e-15
    assert uniform(mean_absolute(gibbs), u=WAVE).overlaps(arb(1))
    assert uniform(inner(gibbs, u), u=WAVE).overlaps(-arb("0.6") * bessel(1) / normaliser)
    assert uniform(sup_norm(gibbs), u=WAVE).overlaps(arb("0.6").exp() / normaliser)


def test_a_density_beside_itself():
    """log(1 + f) is minus a potential of 1 + f: entropy and Fisher information vanish."""
    itself = gibbs_density(-log_density(f))
    for term in (relative_entropy(f, itself), fisher_information(f, itself)):
        value = uniform(term, f=WAVE)
        assert value.overlaps(arb(0))
        assert value.rad() < 1e-12


def test_the_log_sobolev_constant_of_a_gibbs_density_is_below_that_of_the_circle():
    value = uniform(log_sobolev_constant(gibbs), u=WAVE)
    assert value.lower() >= arb("-1.2").exp()
    assert value.upper() <= 1.1


def test_what_is_not_rational_is_unavailable():
    for term in (equilibrium_entropy(gibbs), norm(log_density(f))):
        with pytest.raises(Unavailable):
            uniform(term, "exact", u=WAVE, f=WAVE)


def test_entropies_decrease_along_the_heat_flow_at_the_fisher_information():
    heat = Flow.of("heat", {f: -generator(f)})
    rate, information = heat.derivative(relative_entropy(f)), fisher_information(f)
    assert uniform(rate, f=WAVE).overlaps(-uniform(information, f=WAVE))
    batch = TorusFamily().draw(Request.of(rate, information), RNG(1), 40)
    assert batch.evaluate(rate) == pytest.approx(-batch.evaluate(information), rel=1e-7)


def test_small_perturbations_have_half_of_chi2_as_entropy():
    batch = TorusFamily().draw(Request.of(relative_entropy(f)), RNG(1), 20)
    small = 1e-7 / np.abs(batch.states[f]).max(axis=1, keepdims=True) * batch.states[f]
    entropy = batch.backend.relative_entropy(X, 1 + small, np.ones_like(small))
    assert entropy == pytest.approx(batch.backend.inner(X, small, small) / 2, rel=1e-5)


MATRIX = ((0, 0, 0), (0, 2, 0), (0, 0, 1))
WAVES = (Fraction(0), Fraction(1))


def functional(strength):
    """k = 2 cos x cos y + sin x sin y, phi = cos: F'' = k + c m cos x cos y with -1 <= m <= 1."""
    matrix = tuple(tuple(Fraction(c) for c in row) for row in MATRIX)
    remainder = ((Fraction(strength),), WAVES, WAVES)
    return InstanceData(
        "torus", potentials={"X": ()}, kernels={"S": matrix}, remainders={"R": remainder},
        functions={"f": (Fraction(0), Fraction(1, 2))},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("term", "value"),
    [
        # at the ends the coefficient of cos cos is 2 - 3 and 2 + 3
        (variation_sup(S, R), 5),
        (variation_sup(S, R, 1), 5),
        (variation_sup(S, R, 2), 5),
        # the moment of cos is c/2 for f = c cos, so <f, F'' f> = -||f||^2 / 2 at the lower end
        (variation_slack(S, R), Fraction(1, 2)),
        # <phi, f> = 1/4
        (remainder_energy(R, f), Fraction(3, 6 * 64)),
    ],
)
def test_a_functional_at_all_measures(term, value):
    data = functional(3)
    assert interpret(data, Request.of(term), "exact").evaluate(term) == rational(Fraction(value))
    ball = interpret(data, Request.of(term), "ball").evaluate(term)
    assert abs(ball - arb(Fraction(value).numerator) / Fraction(value).denominator) < 1e-5
    batch = TorusFamily().draw(Request.of(term), RNG(0), 2)
    raw = {key: np.zeros_like(block) for key, block in batch.raw.arrays.items()}
    if ("kernel", "S") in raw:
        raw["kernel", "S"][:, :3, :3] = MATRIX
    raw["strength", "R"][:], raw["moments", "R"][:, :, 1] = 3.0, 1.0
    if ("function", "f") in raw:
        raw["function", "f"][:, 1], raw["share", "f"][:] = 1.0, 1 / 2 / 0.99
    found = TorusBatch(batch.request, Raw(raw)).evaluate(term)
    assert found == pytest.approx([float(value)] * 2, rel=4e-3)


def test_convex_functionals_are_drawn_where_a_hypothesis_asks_for_them():
    request = Request.of(remainder_energy(R, f), hypotheses=[variation_slack(S, R) <= 0])
    batch = TorusFamily().draw(request, RNG(2), 30)
    assert batch.size == 30
    for index in range(5):
        interpret(batch.data(index), request, "ball")  # its hypothesis holds when rounded
    strong = batch.raw.arrays["strength", "R"] * 200
    raw = Raw({**batch.raw.arrays, ("strength", "R"): strong})
    with pytest.raises(ValueError, match="no drawn instance satisfies"):
        TorusBatch(request, raw)


def test_convex_kernels_are_drawn_where_a_hypothesis_asks_for_them():
    request = Request.of(inner(f, S(f)), hypotheses=[convexity_slack(S) <= 0])
    batch = TorusFamily().draw(request, RNG(2), 30)
    assert np.all(batch.admissible)
    assert np.all(batch.evaluate(inner(f, S(f))) > 0)
    for index in range(5):
        interpret(batch.data(index), request, "ball")  # its hypothesis holds when rounded
    other = TorusFamily().draw(Request.of(inner(f, S(f))), RNG(2), 30)
    assert np.any(other.evaluate(inner(f, S(f))) < 0)


def test_unstable_states_are_drawn_where_a_hypothesis_asks_for_them():
    bound = Parameter("theta", "positive")
    given = [bound <= convexity_slack(S), bound * chi2(f) <= -inner(f, S(f))]
    batch = TorusFamily().draw(Request.of(inner(f, S(f)), hypotheses=given), RNG(3), 50)
    assert batch.size == 50
    assert np.all(batch.evaluate(inner(f, S(f))) < 0)


def test_a_steep_gibbs_density_is_resolved_through_its_logarithm():
    """u = 40 cos x on the uniform circle: the Fisher information of 1 + s cos x beside exp(-u)/Z is
    that beside 1, plus 2 <grad f, grad u> + <1 + f, |grad u|^2>."""
    steep, s = 40.0, 0.5
    batch = TorusFamily().draw(Request.of(relative_entropy(f)), RNG(0), 1)
    batch.backend.densities[X][:] = 1.0
    x = np.arange(64) * 2 * np.pi / 64
    p, u_values = 1 + s * np.cos(x)[None], steep * np.cos(x)[None]
    q = batch.backend.gibbs(X, u_values)
    plain = batch.backend.fisher_information(X, p, np.ones_like(p))
    beside = batch.backend.fisher_information(X, p, q)
    assert beside == pytest.approx(plain + s * steep + steep**2 / 2, rel=1e-9)
    entropy = batch.backend.relative_entropy(X, p, q) - batch.backend.relative_entropy(
        X, p, 1 + 0 * p
    )
    normaliser = np.log(np.mean(np.exp(-u_values - steep))) + steep
    assert entropy == pytest.approx(s * steep / 2 + normaliser, rel=1e-9)


def test_what_floats_cannot_evaluate_is_left_to_balls():
    step = Statement("s", "a claim").step("c", log_sobolev_constant(gibbs) > 0)
    found = examine_instances(step, PROFILES["quick"], 0)
    verdicts = {e.engine: e.verdict for e in found if e.family == "torus"}
    assert verdicts["sampled"] is Empirical.NOT_APPLICABLE
    assert verdicts["certified"] is Empirical.CERTIFIED
