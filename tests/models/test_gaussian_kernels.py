"""Gaussian kernels on lines: closed forms against quadrature, exactly in the plane, bad input."""

from fractions import Fraction as Q

import mpmath
import numpy as np
import pytest
from flint import arb, arb_poly, fmpq
from hypothesis import given, settings

from mflverify.expr import (
    Direction,
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    Point,
    Space,
    VectorSymbol,
    directional,
    dual_norm,
    grad,
    grad_adjoint,
    inner,
    inverse_generator,
    kernel_slice,
    mixed_derivative_sup,
    norm,
    sup_norm,
)
from mflverify.expr.hessians import HilbertSchmidt, KernelAlong
from mflverify.expr.terms import MonotonicitySlack
from mflverify.models import (
    FAMILIES,
    GAUSSIAN_KERNEL_FAMILY,
    Choice,
    InstanceData,
    Request,
    Unavailable,
    interpret,
)
from mflverify.models.basis import Expansion
from mflverify.models.kernel_data import gaussian_kernel, transposed
from mflverify.models.moments import Moments
from mflverify.models.rings import Balls
from mflverify.models.spaces import double_well, gaussian, product, torus
from mflverify.numerics import line_suprema
from mflverify.numerics.line_suprema import GaussianTerm, UnboundedError, line_sup_norm
from mflverify.numerics.precision import working_precision
from mflverify.strategies import equilibria, gaussian_kernels, instances_on

X, Y = Space("X"), Space("Y")
f = FunctionSymbol("f", X, "perturbation")
g = FunctionSymbol("g", Y, "perturbation")
M = KernelSymbol("M", source=Y, target=X)
S = KernelSymbol("S", X, X, symmetric=True)
x, v = Point("x", X), Direction("v", X)
phi = VectorSymbol("Phi", Y)
K = Parameter("K", "positive")
FORMS = {
    "transposes": (inner(f, M(g)), inner(M.T(f), g)),
    "symmetry": (inner(f, S(f * f)), inner(S(f), f * f)),
    "values by parts": (
        directional(grad(M(g)), x, v),
        inner(grad(kernel_slice(M, x, v)), grad(inverse_generator(g))),
    ),
    "along a field": (inner(f, KernelAlong(M, phi)), inner(grad(M.T(f)), phi)),
    "an adjoint": (inner(f, grad_adjoint(g_slope := grad(M(g)))), inner(grad(f), g_slope)),
}
REQUEST = Request.of(*(side for pair in FORMS.values() for side in pair))
BOUND = sup_norm(grad(M(g))) <= K * dual_norm(g)


def on_lines(kernel=None, **spaces):
    return InstanceData(
        "spaces",
        spaces={"X": gaussian(2), "Y": gaussian(1, Q(1, 2)), **spaces},
        functions={
            "f": Expansion.of(1, {"x^2": Q(1, 8), "x": Q(1, 8)}),
            "g": Expansion.of(1, {"x^2": Q(1, 8), "x": Q(-1, 16)}),
        },
        kernels={"M": kernel or gaussian_kernel(1, Q(3, 4), 2), "S": gaussian_kernel(1, 2)},
        fields={"Phi": (Expansion.of(1, {"x": 1, "1": 2}),)},
        points={"x": (Q(1, 3),)},
        directions={"v": (Q(-1),)},
        parameters={"K": Choice("tight")},
    )


def test_the_form_of_the_kernel_is_the_double_integral():
    value = interpret(on_lines(), REQUEST, "ball").evaluate(inner(f, M(g)))
    # f = L(x^2/8 + x/8) under N(0, 2) and g = L(y^2/8 - y/16) under N(1/2, 1), by hand
    nodes, weights = np.polynomial.hermite_e.hermegauss(100)
    weights = weights / weights.sum()
    s, t = np.sqrt(2) * nodes, 0.5 + nodes
    at_f, at_g = s / 2 * (s / 4 + 1 / 8) - 1 / 4, (t - 0.5) * (t / 4 - 1 / 16) - 1 / 4
    kernel = 2 * np.exp(-2 * (s[:, None] - t) ** 2 / 3)
    total = (weights * at_f) @ kernel @ (weights * at_g)
    assert abs(float(value.mid()) - total) < 1e-12
    assert float(value.rad()) < 1e-25


@pytest.mark.parametrize("name", FORMS)
def test_identities_hold_in_balls(name):
    instance = interpret(on_lines(), REQUEST, "ball")
    left, right = (instance.evaluate(side) for side in FORMS[name])
    assert (left - right).contains(0)
    assert float((left - right).rad()) < 1e-25 < abs(float(left.mid()))


def test_in_the_plane_everything_is_rational():
    rng = np.random.default_rng(1)
    request = Request.of(inner(f, M(g)), inner(f, S(f)), MonotonicitySlack((S,)))
    for data in GAUSSIAN_KERNEL_FAMILY.draw_data(request, rng, 4, rational=True):
        exact, ball = (interpret(data, request, a) for a in ("exact", "ball"))
        assert exact.evaluate(inner(f, M(g))) == exact.evaluate(inner(M.T(f), g))
        for term in (inner(f, M(g)), inner(f, S(f * f)), norm(S(f)) ** 2, norm(grad(S(f))) ** 2):
            enclosure, value = ball.evaluate(term), exact.evaluate(term)
            with working_precision(400):  # comparison with a rational rounds it first
                assert enclosure.contains(value)
    with pytest.raises(Unavailable, match="root"):
        interpret(on_lines(), REQUEST, "exact").evaluate(inner(f, M(g)))


def test_the_bound_on_gradients_holds_and_half_of_it_does_not():
    worst = 0.0
    request = Request.of(BOUND, hypotheses=[mixed_derivative_sup(M) <= K])
    rng = np.random.default_rng(2)
    for data in GAUSSIAN_KERNEL_FAMILY.draw_data(request, rng, 12):
        instance = interpret(data, request, "ball")
        left, right = instance.evaluate(BOUND.lhs), instance.evaluate(BOUND.rhs)
        assert left <= right
        worst = max(worst, float((left / right).mid()))
    assert worst > 0.5


def test_the_mixed_derivative_is_largest_on_the_diagonal():
    request = Request.of(mixed_derivative_sup(M))
    kernel = gaussian_kernel(2, Q(3, 4), -2)
    plane = product(gaussian(), gaussian())
    data = InstanceData("spaces", spaces={"X": plane, "Y": plane}, kernels={"M": kernel})
    assert interpret(data, request, "exact").evaluate(mixed_derivative_sup(M)) == fmpq(8, 3)
    z = np.random.default_rng(3).normal(size=(4000, 2)) * 2
    square = (z**2).sum(axis=1)
    sizes = 8 / 3 * np.maximum(1, abs(1 - square / 0.75)) * np.exp(-square / 1.5)
    assert 2.4 < sizes.max() <= 8 / 3


def test_the_mean_square_of_the_mixed_derivative():
    norm_of = HilbertSchmidt(M)
    value = interpret(on_lines(), Request.of(norm_of), "ball").evaluate(norm_of) ** 2
    nodes, weights = np.polynomial.hermite_e.hermegauss(100)
    weights = weights / weights.sum()
    z = np.sqrt(2) * nodes[:, None] - 0.5 - nodes
    slope = 2 / 0.75 * (1 - z**2 / 0.75) * np.exp(-(z**2) / 1.5)
    assert abs(float(value.mid()) - weights @ slope**2 @ weights) < 1e-9
    plane = product(gaussian(), gaussian(2))
    data = InstanceData(
        "spaces", spaces={"X": plane, "Y": plane}, kernels={"M": gaussian_kernel(2, 2)}
    )
    value = interpret(data, Request.of(norm_of), "ball").evaluate(norm_of) ** 2
    rng = np.random.default_rng(7)
    z = rng.normal(size=(400_000, 2)) * np.sqrt([2, 4])
    square = (z**2).sum(axis=1)
    sample = (2 - square + square**2 / 4) / 4 * np.exp(-square / 2)
    assert abs(float(value.mid()) - sample.mean()) < 5 * sample.std() / np.sqrt(len(sample))


def test_suprema_on_the_line_are_enclosed_tightly():
    cases = [
        ([([1], 2, 0)], 1.0),  # exp(-x^2)
        ([([0, 1], 1, 0)], mpmath.exp(-0.5)),  # x exp(-x^2/2)
        ([([1], 1, 2), ([-3], 0, 0)], mpmath.exp(2) - 3),  # exp(-x^2/2 + 2x) - 3
        ([([1], 1, 0), ([-3], 0, 0)], 3),  # only in the limit
    ]
    for terms, expected in cases:
        made = [GaussianTerm(arb_poly(p), fmpq(a), fmpq(b)) for p, a, b in terms]
        value = line_sup_norm(made)
        assert abs(float(value.mid()) - float(expected)) < 1e-8
        assert float(value.rad()) < 1e-8
        assert value.contains(arb(float(expected))) or float(expected) != int(expected)
    with pytest.raises(UnboundedError, match="infinite"):
        line_sup_norm([GaussianTerm(arb_poly([0, 1]), fmpq(0), fmpq(0))])


def test_what_lies_beyond_the_interval_is_in_the_ball(monkeypatch):
    def early(terms, relative):
        return fmpq(1), sum((term.tail(fmpq(1)) for term in terms), arb(0))

    monkeypatch.setattr(line_suprema, "_cut", early)
    wave = GaussianTerm(arb_poly([1]), fmpq(1), fmpq(0))
    constant = GaussianTerm(arb_poly([-3]), fmpq(0), fmpq(0))
    # |exp(-x^2/2) - 3| is below 2.4 on [-1, 1] and comes close to 3 far out
    assert line_sup_norm([wave, constant]).contains(3)


@pytest.mark.parametrize(("curvature", "place"), [(10**4, 5), (10**6, -3), (100, 50)])
def test_a_narrow_peak_far_away_is_not_missed(curvature, place):
    with working_precision(128):
        size = arb(-fmpq(curvature * place**2, 2)).exp()
    value = line_sup_norm(
        [GaussianTerm(arb_poly([size]), fmpq(curvature), fmpq(curvature * place))]
    )
    assert value.contains(1)
    assert float(value.rad()) < 1e-8


@settings(max_examples=60, database=None, derandomize=True, deadline=None)
@given(
    instances_on(
        Request.of(sup_norm(S(f)), inner(f, S(f))),
        equilibria(1, lines=True, rational=True).filter(lambda space: space.axes == ("line",)),
        gaussian_kernels(positive=True),
    )
)
def test_positive_gaussian_kernels_are_positive_semidefinite(data):
    instance = interpret(data, Request.of(sup_norm(S(f)), inner(f, S(f))), "ball")
    form = instance.evaluate(inner(f, S(f)))
    assert form > 0 or form.contains(0)
    assert abs(form) <= instance.evaluate(sup_norm(S(f)) * norm(f))


def test_the_slack_is_zero_or_between_two_eigenvalues():
    term = MonotonicitySlack((S,))
    values = []
    for amplitude in (1, -1):
        data = InstanceData(
            "spaces", spaces={"X": gaussian(2)}, kernels={"S": gaussian_kernel(1, 3, amplitude)}
        )
        values.append(interpret(data, Request.of(term), "ball").evaluate(term))
    assert values[0] == 0
    # Nystroem: the kernel on a quadrature rule, constants projected out
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    nodes, weights = nodes * np.sqrt(2), weights / weights.sum()
    root = np.sqrt(weights)
    matrix = root[:, None] * np.exp(-((nodes[:, None] - nodes) ** 2) / 6) * root
    whole = np.linalg.eigvalsh(matrix)
    centre = np.eye(60) - np.outer(root, root)
    top = np.linalg.eigvalsh(centre @ matrix @ centre)[-1]
    assert abs(float(values[1].upper()) - whole[-1]) < 1e-8
    assert abs(float(values[1].lower()) - whole[-2]) < 1e-8
    assert values[1].contains(arb(float(top)))


@pytest.mark.parametrize(("curvature", "tilt", "k"), [(1, 0, 0), (Q(1, 2), Q(-1, 3), 0), (1, 1, 2)])
@pytest.mark.parametrize("space", [gaussian(2, 1), double_well(1)], ids=["gaussian", "double well"])
def test_moments_with_gaussian_factors(space, curvature, tilt, k):
    moments = Moments(space, Balls())
    p = [float(c) for c in space.line_polynomial(0)]

    def weight(y):
        return mpmath.exp(-mpmath.polyval(p[::-1], y))

    def factor(y):
        return y**3 * mpmath.exp(-float(curvature) * y**2 / 2 + float(tilt) * y) * mpmath.cos(k * y)

    expected = mpmath.quad(lambda y: weight(y) * factor(y), [-12, -2, 0, 2, 12]) / mpmath.quad(
        weight, [-14, -2, 0, 2, 14]
    )
    value = moments((3, k, Q(curvature), Q(tilt))).real
    assert abs(float(value.mid()) - float(expected)) < 1e-10
    assert float(value.rad()) < 1e-12


def test_data_are_read_back_and_bad_input_is_named():
    data = on_lines()
    assert InstanceData.from_json(data.to_json()) == data
    assert "k = 2 exp(-2/3 z^2) with z = x - y" in data.describe()
    assert gaussian_kernel(2, 1).text() == "exp(-1/2 (z1^2 + z2^2)) with z = x - y"
    assert transposed(gaussian_kernel(1, 2)) == gaussian_kernel(1, 2)
    with pytest.raises(ValueError, match="variance must be positive, got 0"):
        gaussian_kernel(1, 0)
    tree = data.to_json()
    tree["kernels"]["M"]["variance"] = "-1"
    with pytest.raises(ValueError, match=r"kernels\.M: variance must be positive, got -1"):
        InstanceData.from_json(tree)
    with pytest.raises(ValueError, match=r"kernels\.M: a Gaussian kernel in 1 variables .* circle"):
        interpret(on_lines(Y=torus(1)), REQUEST, "ball")
    with pytest.raises(Unavailable, match="not Gaussian"):
        interpret(on_lines(Y=double_well()), Request.of(inner(f, M(g))), "ball").evaluate(
            inner(f, M(g))
        )


def test_engines_draw_the_family():
    assert GAUSSIAN_KERNEL_FAMILY in FAMILIES
    assert GAUSSIAN_KERNEL_FAMILY.supports(Request.of(norm(f))) == "no kernel occurs"
