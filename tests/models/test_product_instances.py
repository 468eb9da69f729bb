"""Instances on any spaces: families, data as JSON, kernels of every kind, many species, bad input."""

from fractions import Fraction

import numpy as np
import pytest
from attrs import evolve
from flint import arb

from mflverify.expr import (
    Direction,
    Flow,
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    Point,
    Space,
    VectorSymbol,
    chi2,
    directional,
    dual_norm,
    generator,
    grad,
    grad_adjoint,
    inner,
    inverse_generator,
    kernel_slice,
    mixed_derivative_sup,
    norm,
    poincare_constant,
    sup_norm,
)
from mflverify.models import (
    DOUBLE_WELL_FAMILY,
    FAMILIES,
    MIXED_FAMILY,
    TORUS_2_FAMILY,
    TORUS_3_FAMILY,
    Choice,
    InstanceData,
    Request,
    TorusFamily,
    Unavailable,
    interpret,
)
from mflverify.models.basis import Expansion
from mflverify.models.kernel_data import (
    bilinear,
    general,
    separable,
    squared_distance,
    translation_invariant,
    transposed,
    wrapped_gaussian,
)
from mflverify.models.product_source import lower_bound, polynomial_minimum
from mflverify.models.spaces import double_well, gaussian, product, torus
from mflverify.numerics.precision import working_precision

X, Y = Space("X"), Space("Y")
f = FunctionSymbol("f", X, "perturbation")
g = FunctionSymbol("g", Y, "perturbation")
M = KernelSymbol("M", source=Y, target=X)
S = KernelSymbol("S", X, X, symmetric=True)
phi = VectorSymbol("Phi", X)
x, v = Point("x", X), Direction("v", X)
tau, K, alpha = (Parameter(n, "positive") for n in ("tau", "K", "alpha"))
PRODUCTS = (TORUS_2_FAMILY, TORUS_3_FAMILY, DOUBLE_WELL_FAMILY, MIXED_FAMILY)
flow = Flow.of(
    "game",
    {
        f: -tau * generator(f) - generator(M(g)) - grad_adjoint(f * grad(M(g))),
        g: -tau * generator(g) + generator(M.T(f)) + grad_adjoint(g * grad(M.T(f))),
    },
)

EQUATIONS = {
    "transposes": (inner(f, M(g)), inner(M.T(f), g)),
    "symmetric kernels": (inner(f, S(f * f)), inner(S(f), f * f)),
    "values by parts": (
        directional(grad(M(g)), x, v),
        inner(grad(kernel_slice(M, x, v)), grad(inverse_generator(g))),
    ),
    "grad* is the adjoint": (inner(f, grad_adjoint(phi)), inner(grad(f), phi)),
    "rate of chi2": (
        flow.derivative(chi2(f)),
        -2 * tau * norm(grad(f)) ** 2 - 2 * inner(grad(f), (1 + f) * grad(M(g))),
    ),
    "rate of the dual norm": (
        flow.derivative(dual_norm(f) ** 2),
        -2 * tau * norm(f) ** 2
        - 2 * inner(f, M(g))
        - 2 * inner(grad(inverse_generator(f)), f * grad(M(g))),
    ),
}
EVERYTHING = Request.of(
    *(side for pair in EQUATIONS.values() for side in pair),
    hypotheses=[mixed_derivative_sup(M) <= K],
)


@pytest.mark.parametrize("family", PRODUCTS, ids=lambda family: family.name)
def test_equations_hold_in_balls_and_rationals(family):
    rng = np.random.default_rng(5)
    exact = 0
    for arithmetic in ("ball", "exact"):
        # suprema are seldom rational
        request = EVERYTHING if arithmetic == "ball" else Request.of(*EVERYTHING.symbols)
        for data in family.draw_data(request, rng, 2, rational=arithmetic == "exact"):
            instance = interpret(data, request, arithmetic)
            for left, right in EQUATIONS.values():
                try:
                    difference = instance.evaluate(left) - instance.evaluate(right)
                except Unavailable:
                    assert arithmetic == "exact"
                    continue
                if arithmetic == "exact":
                    assert difference == 0
                    exact += 1
                else:
                    assert difference.contains(0)
                    assert float(difference.rad()) < 1e-8 * (1 + abs(float(instance.evaluate(
                        left).mid())))  # fmt: skip
    assert exact >= len(EQUATIONS)


@pytest.mark.parametrize("family", PRODUCTS, ids=lambda family: family.name)
def test_lemma_3_9_and_poincare_hold(family):
    claims = [
        sup_norm(grad(M(g))) <= K * dual_norm(g),
        alpha * dual_norm(f) ** 2 <= norm(f) ** 2,
        alpha * norm(f) ** 2 <= norm(grad(f)) ** 2,
    ]
    request = Request.of(
        *claims, hypotheses=[mixed_derivative_sup(M) <= K, alpha <= poincare_constant(X)]
    )
    for data in family.draw_data(request, np.random.default_rng(2), 4):
        instance = interpret(data, request, "ball")
        for claim in claims:
            assert instance.evaluate(claim.lhs) <= instance.evaluate(claim.rhs)


@pytest.mark.parametrize("family", PRODUCTS, ids=lambda family: family.name)
def test_hypotheses_on_the_state_are_met(family):
    request = Request.of(f, hypotheses=[alpha <= poincare_constant(X), 8 * chi2(f) <= alpha**2])
    for data in family.draw_data(request, np.random.default_rng(3), 3):
        instance = interpret(data, request, "ball")
        assert 8 * instance.evaluate(chi2(f)) <= instance.evaluate(alpha) ** 2
        assert instance.evaluate(chi2(f)) > 0


@pytest.mark.parametrize("family", PRODUCTS, ids=lambda family: family.name)
def test_json_round_trip_and_the_same_seed(family):
    first = list(family.draw_data(EVERYTHING, np.random.default_rng(9), 2))
    second = list(family.draw_data(EVERYTHING, np.random.default_rng(9), 2))
    assert [d.to_json() for d in first] == [d.to_json() for d in second]
    for data in first:
        again = InstanceData.from_json(data.to_json())
        left, right = (interpret(d, EVERYTHING, "ball").evaluate(chi2(f)) for d in (data, again))
        assert left.overlaps(right)
        assert again.describe() == data.describe()
    assert first[0].to_json() != first[1].to_json()


@pytest.mark.parametrize("family", PRODUCTS, ids=lambda family: family.name)
def test_floats_agree_with_balls(family):
    terms = [chi2(f), dual_norm(f) ** 2, inner(f, M(g)), norm(grad(M(g))) ** 2]
    request = Request.of(*terms)
    for data in family.draw_data(request, np.random.default_rng(4), 2):
        ball, floats = interpret(data, request, "ball"), interpret(data, request, "float")
        for term in terms:
            exact, value = float(ball.evaluate(term).mid()), float(floats.evaluate(term)[0])
            assert abs(value - exact) <= 1e-9 * (1 + abs(exact))


@pytest.mark.parametrize("species", [3, 5, 8])
def test_many_species_in_every_family(species):
    """sum <f_i, M_ij f_j> cancels for antisymmetric payoffs, in every family of spaces."""
    places = [Space(f"X{i}") for i in range(species)]
    states = [FunctionSymbol(f"f{i}", space, "perturbation") for i, space in enumerate(places)]
    pairs = [(i, (i + 1) % species) for i in range(species)]
    kernels = {
        (i, j): KernelSymbol(f"M{i}{j}", source=places[j], target=places[i]) for i, j in pairs
    }
    total = sum(
        (
            inner(states[i], kernels[i, j](states[j]))
            - inner(kernels[i, j].T(states[i]), states[j])
            for i, j in pairs
        ),
        start=norm(states[0]) ** 2,
    )
    request = Request.of(
        total - norm(states[0]) ** 2,
        *states,
        hypotheses=[mixed_derivative_sup(kernel) <= K for kernel in kernels.values()],
    )
    claim = total - norm(states[0]) ** 2
    for family in FAMILIES:
        if family.supports(request) is not None:
            assert family.name == "scalars" or family.name.startswith("union")
            continue
        arithmetic = "ball" if "ball" in family.arithmetics else "exact"
        data = next(iter(family.draw_data(request, np.random.default_rng(6), 1)))
        value = interpret(data, request, arithmetic).evaluate(claim)
        assert value.contains(0) if isinstance(value, arb) else value == 0


KERNELS = {
    "translation-invariant": (
        translation_invariant(1, {"cos x": 2, "sin 2x": Fraction(1, 3)}),
        lambda s, t: 2 * np.cos(s - t) + np.sin(2 * (s - t)) / 3,
    ),
    "separable": (
        separable(1, 1, [({"cos x": 1, "1": 2}, {"sin x": 3}), ({"sin 3x": 1}, {"cos x": 1})]),
        lambda s, t: (np.cos(s) + 2) * 3 * np.sin(t) + np.sin(3 * s) * np.cos(t),
    ),
    "trigonometric": (
        general(1, 1, [("cos 2x", "sin x", Fraction(1, 2)), ("sin x", "1", -1)]),
        lambda s, t: np.cos(2 * s) * np.sin(t) / 2 - np.sin(s),
    ),
    "polynomial": (
        general(1, 1, [("x^2", "x", 1), ("1", "x^3", Fraction(-1, 2))]),
        lambda s, t: s**2 * t - t**3 / 2,
    ),
    "squared distance": (squared_distance(1, 3), lambda s, t: 3 * (s - t) ** 2 / 2),
    "bilinear": (bilinear([[Fraction(5, 2)]]), lambda s, t: 5 * s * t / 2),
    "wrapped Gaussian": (
        wrapped_gaussian(1, Fraction(1, 2), 3),
        lambda s, t: sum(0.5 ** (k * k) * np.cos(k * (s - t)) for k in range(-3, 4)),
    ),
}


@pytest.mark.parametrize("name", KERNELS)
def test_kernels_are_the_functions_that_they_say(name):
    kernel, function = KERNELS[name]
    s, t = 0.7, -1.3
    for k, (a, b) in ((kernel, (s, t)), (transposed(kernel), (t, s))):
        value = 0.0
        for (left, right), c in k.terms(1, 1).items():
            value += float(c) * np.prod(
                [
                    z ** e.powers[0] * getattr(np, e.wave)(e.frequency[0] * z)
                    for e, z in ((left, a), (right, b))
                ]
            )
        assert value == pytest.approx(function(s, t), abs=1e-12)
    again = InstanceData.from_json(InstanceData("spaces", kernels={"M": kernel}).to_json()).kernels[
        "M"
    ]
    assert again.terms(1, 1) == kernel.terms(1, 1)


def test_a_kernel_in_two_dimensions_acts_by_its_fourier_coefficients():
    kernel = wrapped_gaussian(2, Fraction(1, 3), 2)
    data = InstanceData(
        "spaces",
        spaces={"X": torus(2), "Y": torus(2)},
        functions={
            "f": Expansion.of(2, {"cos(x1 - 2x2)": Fraction(1, 10)}),
            "g": Expansion.of(2, {"cos(x1 - 2x2)": Fraction(1, 20)}),
        },
        kernels={"M": kernel},
    )
    instance = interpret(data, Request.of(inner(f, M(g))), "exact")
    # decay^(1 + 4) for the frequency (1, -2); L multiplies by 5
    assert instance.evaluate(inner(f, M(g))) * 3**5 == instance.evaluate(inner(f, f)) / 2


def good_data(**changes):
    data = InstanceData(
        "spaces",
        spaces={"X": torus(2)},
        functions={"f": Expansion.of(2, {"cos(x1 + x2)": Fraction(1, 4)})},
        kernels={"S": translation_invariant(2, {"cos x1": 1})},
        fields={"Phi": (Expansion.of(2, {"cos x1": 1}), Expansion(2))},
        points={"x": (Fraction(1, 4), Fraction(0))},
        directions={"v": (Fraction(3, 5), Fraction(4, 5))},
        parameters={"tau": Choice("value", Fraction(1))},
    )
    return evolve(data, **changes)


BAD = {
    "tau": ({"parameters": {"tau": Choice("value", Fraction(0))}}, "tau must be positive, got 0"),
    "density": (
        {"functions": {"f": Expansion.of(2, {"cos x1": 2})}},
        r"functions.f: 1 \+ f must not be negative",
    ),
    "kernel": (
        {"kernels": {"S": general(2, 2, [("cos x1", "cos x2", 1)])}},
        "kernels.S must be symmetric",
    ),
    "odd kernel": (
        {"kernels": {"S": translation_invariant(2, {"sin x1": 1})}},
        "kernels.S must be symmetric",
    ),
    "kernel of another dimension": (
        {"kernels": {"S": translation_invariant(1, {"cos x": 1})}},
        "kernels.S: .* does not fit",
    ),
    "kernel not periodic": (
        {"kernels": {"S": squared_distance(2)}},
        "kernels.S: .* is not periodic on a circle",
    ),
    "missing space": ({"spaces": {}}, "spaces: no value for X"),
    "missing function": ({"functions": {}}, "functions: no value for f"),
    "missing kernel": ({"kernels": {}}, "kernels: no value for S"),
    "function of another dimension": (
        {"functions": {"f": (Fraction(0), Fraction(1, 4))}},
        "functions.f: a list of coefficients on a space of dimension 2",
    ),
    "function not periodic": (
        {"functions": {"f": Expansion.of(2, {"x1": 1})}},
        "functions.f: x1 is not periodic",
    ),
    "components": ({"fields": {"Phi": (Expansion(2),)}}, "fields.Phi: .* 2 components, got 1"),
    "point": ({"points": {"x": Fraction(1, 4)}}, "points.x: 2 numbers are needed, got 1"),
    "direction": (
        {"directions": {"v": (Fraction(1), Fraction(1))}},
        "directions.v: not a unit vector",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_instances_are_refused(name):
    changes, message = BAD[name]
    request = Request.of(tau * inner(f, S(f)), phi, x, v)
    interpret(good_data(), request, "exact")
    with pytest.raises(ValueError, match=message):
        interpret(good_data(**changes), request, "exact")


def spaces_json(**changes):
    return {"family": "spaces", "spaces": {"X": {"axes": ["line"], "potential": changes}}}


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        (spaces_json(**{"x^3": "1"}), "spaces.X: exp.* no density"),
        (spaces_json(**{"x^2": "0.5x"}), "spaces.X.potential.x\\^2: .* not a rational number"),
        (spaces_json(**{"open('/etc')": "1"}), "spaces.X.potential: .* not a basis function"),
        ({"family": "spaces", "spaces": {"X": {"axes": ["sphere"], "potential": {}}}}, "axes are"),
        ({"family": "spaces", "spaces": {"X": {"axes": []}}}, "missing field 'potential'"),
        ({"family": "spaces", "kernels": {"M": {"kind": "exotic"}}}, "kind 'exotic' is none of"),
        ({"family": "spaces", "kernels": {"M": {"kind": "general", "variables": [1, 1],
          "terms": [["x", "1"]]}}}, "lists of 3"),
        ({"family": "spaces", "functions": {"f": {"variables": 99, "terms": {}}}}, "variables must"),
        ({"family": "spaces", "functions": {"f": {"variables": 1, "terms": {"x": 2}}}}, "as text"),
        ({"family": "spaces", "directions": {"v": ["1", "1"]}}, "not a unit vector: 1, 1"),
    ],
)  # fmt: skip
def test_bad_json_is_refused(tree, message):
    with pytest.raises(ValueError, match=message):
        InstanceData.from_json(tree)


def test_lower_bounds_are_sharp_and_true():
    assert lower_bound(torus(2), Expansion.of(2, {"cos(x1 - x2)": 1})) == -2
    well = double_well()
    # L x^2/2 = x U' - 1 = x^4 - x^2 - 1, least at x^2 = 1/2
    bound = float(lower_bound(well, Expansion.of(1, {"x^2": Fraction(1, 2)})))
    assert -1.25 - 1e-9 < bound <= -1.25
    both = product(well, gaussian())
    assert float(lower_bound(both, Expansion.of(2, {"x1^2": Fraction(1, 2), "x2^2": 1}))) == (
        pytest.approx(-1.25 - 2)
    )
    with pytest.raises(ValueError, match="no lower bound is known"):
        lower_bound(both, Expansion.of(2, {"x1^2 x2^2": 1}))
    with pytest.raises(ValueError, match="not bounded below"):
        lower_bound(well, Expansion.of(1, {"x^3": 1}))


@pytest.mark.parametrize("seed", range(20))
def test_minima_of_random_polynomials(seed):
    from flint import fmpq, fmpq_poly

    rng = np.random.default_rng(seed)
    coefficients = [*rng.integers(-9, 10, 6).tolist(), 3]
    with working_precision(128):
        bound = float(polynomial_minimum(fmpq_poly([fmpq(int(c)) for c in coefficients])))
    points = np.linspace(-20, 20, 400_001)
    lowest = np.polyval(coefficients[::-1], points).min()
    assert bound <= lowest
    assert bound > lowest - 1e-3 * (1 + abs(lowest))


def test_the_circle_agrees_in_both_representations():
    terms = [chi2(f), dual_norm(f) ** 2, inner(f, inverse_generator(grad_adjoint(f * grad(M(g)))))]
    request = Request.of(*terms)
    batch = TorusFamily().draw(request, np.random.default_rng(8), 3)
    for index in range(3):
        data = batch.data(index)
        spaces = {
            name: torus(1, {b.text(): c for b, c in Expansion.waves(u)})
            for name, u in data.potentials.items()
        }
        other = InstanceData(
            "spaces", spaces=spaces, functions=data.functions, kernels=data.kernels
        )
        one, two = interpret(data, request, "ball"), interpret(other, request, "ball")
        for term in terms:
            assert one.evaluate(term).overlaps(two.evaluate(term))
            assert float(two.evaluate(term).rad()) < 1e-25


def test_lists_are_not_described_as_waves_on_a_line():
    data = InstanceData(
        "spaces",
        spaces={"X": double_well()},
        functions={"f": (Fraction(0), Fraction(0), Fraction(1, 4))},
        kernels={"S": ((Fraction(0), Fraction(1)),)},
    )
    assert data.describe().endswith("f = L(coefficients 0, 0, 1/4); S: k = 0, 1 by coefficients")
