"""Products of circles and lines: every arithmetic against mpmath, exact values, and each other."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from flint import arb

from mflverify.models.basis import BasisFunction, Expansion
from mflverify.models.product_space import ProductSpace
from mflverify.models.product_suprema import sup_norm
from mflverify.models.request import Unavailable
from mflverify.models.rings import Balls, Floats, Rationals
from mflverify.models.spaces import SpaceData, double_well, gaussian, line, product, torus
from mflverify.numerics.precision import working_precision

SPACES = {
    "circle": torus(1, {"cos x": Fraction(1, 2), "sin 2x": Fraction(1, 3)}),
    "uniform torus 2": torus(2),
    "coupled torus 2": torus(2, {"cos x1": Fraction(1, 2), "sin(x1 - x2)": Fraction(1, 3)}),
    "separable torus 3": torus(3, {"cos x1": 1, "cos x3": Fraction(1, 2)}),
    "partly coupled torus 3": torus(3, {"cos(x1 + x3)": Fraction(1, 2)}),
    "Gaussian": gaussian(2, Fraction(1, 2)),
    "double well": double_well(),
    "two wells": product(double_well(2), double_well(1, 2)),
    "circle and Gaussian": product(torus(1, {"sin x": Fraction(1, 2)}), gaussian()),
}
PHI = {
    1: {"cos x": Fraction(1, 3), "sin 2x": Fraction(-1, 5)},
    2: {"cos(x1 - 2x2)": Fraction(1, 3), "sin x2": Fraction(1, 4)},
    3: {"cos(x1 - x3)": Fraction(1, 3), "sin(x2 + x3)": Fraction(1, 4)},
}


def states(space: SpaceData) -> tuple[Expansion, Expansion]:
    """Two functions with a meaning on every axis of the space: waves on circles, powers on lines."""
    if not space.lines:
        return (
            Expansion.of(space.dimension, PHI[space.dimension]),
            Expansion.of(space.dimension, {k: c + 1 for k, c in PHI[space.dimension].items()}),
        )
    if space.circles:
        return (
            Expansion.of(2, {"x2^2 cos x1": Fraction(1, 3), "x2": Fraction(1, 2)}),
            Expansion.of(2, {"sin x1": Fraction(1, 3), "x2^3": 1}),
        )
    first, last = ("x", "x") if space.dimension == 1 else ("x1", "x2")
    return (
        Expansion.of(space.dimension, {f"{first}^2": Fraction(1, 3), last: Fraction(1, 2)}),
        Expansion.of(space.dimension, {f"{last}^3": Fraction(1, 3), first: Fraction(-2, 3)}),
    )


def oracle(space: SpaceData, expansion: Expansion) -> mpmath.mpf:
    """The mean under exp(-U)/Z by mpmath's quadrature, factor by factor."""
    assert space.dimension == 1

    def value(e, x):
        total = mpmath.mpf(0)
        for b, c in e:
            wave = mpmath.cos if b.wave == "cos" else mpmath.sin
            total += (
                mpmath.mpf(c.numerator)
                / c.denominator
                * x ** b.powers[0]
                * wave(b.frequency[0] * x)
            )
        return total

    weight = lambda x: mpmath.exp(-value(space.potential, x))  # noqa: E731
    with mpmath.workdps(40):
        ends = [0, 2 * mpmath.pi] if space.axes == ("circle",) else [-40, -12, -4, -1, 1, 4, 12, 40]
        top = mpmath.quad(lambda x: value(expansion, x) * weight(x), ends)
        return top / mpmath.quad(weight, ends)


def ball(space: SpaceData) -> ProductSpace:
    return ProductSpace(space, Balls())


@pytest.mark.parametrize("name", ["circle", "double well", "Gaussian"])
@pytest.mark.parametrize("seed", range(4))
def test_balls_contain_what_mpmath_integrates(name, seed):
    rng = np.random.default_rng(seed)
    space = SPACES[name]
    powers = [0] if name == "circle" else [0, 1, 2, 5]
    terms = {
        BasisFunction((int(rng.choice(powers)),), (int(rng.integers(1, 4)),), wave): Fraction(
            int(rng.integers(-9, 10)), 7
        )
        for wave in ("cos", "sin")
    }
    if name == "Gaussian":
        terms |= {BasisFunction((4,), (0,)): Fraction(1, 3)}
    expansion = Expansion(1, terms)
    with working_precision(128):
        value = ball(space).mean(ball(space).function_of(expansion))
        assert float(value.rad()) < 1e-25
        expected = oracle(space, expansion)
        assert value.overlaps(arb(mpmath.nstr(expected, 28)) + arb(0, 1e-22))


def test_coupled_circles_agree_with_a_fine_grid():
    space = SPACES["coupled torus 2"]
    x, y = np.meshgrid(*[2 * np.pi * np.arange(64) / 64] * 2, indexing="ij")
    w = np.exp(-(np.cos(x) / 2 + np.sin(x - y) / 3))
    with working_precision(128):
        moments = ball(space).moments
        for k, m in [(0, 0), (1, 0), (0, 1), (1, -1), (-2, 3), (70, 1)]:
            value = moments((0, 0, k, m))
            expected = complex((w * np.exp(1j * (k * x + m * y))).sum() / w.sum())
            if abs(k) < 32:
                assert abs(complex(value.mid()) - expected) < 1e-14
                assert float(value.real.rad()) < 1e-30
            else:
                # more than the grid resolves: a wider ball around a number that is nearly 0
                assert value.real.contains(0)


@pytest.mark.parametrize("name", SPACES)
def test_the_adjoint_and_the_inverse(name):
    space = SPACES[name]
    with working_precision(128):
        p = ball(space)
        a, b = (p.function_of(e) for e in states(space))
        f, g = (p.grad_adjoint(p.grad(u)) for u in (a, b))
        gradients = p.inner(p.grad(a), p.grad(b))
        assert (p.inner(f, b) - gradients).contains(0)
        assert (p.inner(a, g) - gradients).contains(0)
        assert p.mean(f) == 0  # known
        assert p.integral(f).contains(0)  # and true
        assert float(p.integral(f).rad()) < 1e-30
        assert (p.pairing(f, g) - gradients).contains(0)
        assert float(gradients.mid()) != 0
        force = f.times(p.grad(b))
        flow = p.grad_adjoint(force)
        assert (p.inner(f, p.generator_inverse(flow)) - p.inner(p.grad(a), force)).contains(0)


@pytest.mark.parametrize("name", ["uniform torus 2", "Gaussian"])
def test_rationals_lie_in_the_balls(name):
    space = SPACES[name]
    exact = ProductSpace(space, Rationals())
    with working_precision(128):
        certified = ball(space)
        for make in (exact.dual_square, exact.mean):
            a, b = (exact.function_of(e) for e in states(space))
            u = exact.center(a.times(b))
            c, d = (certified.function_of(e) for e in states(space))
            v = certified.center(c.times(d))
            other = certified.dual_square if make == exact.dual_square else certified.mean
            assert other(v).contains(make(u))
        assert exact.dual_square(exact.center(exact.function_of(states(space)[0]))) > 0


def test_the_dual_norm_on_a_circle_agrees_with_the_numerics():
    from mflverify.models.spaces import trigonometric
    from mflverify.numerics.density import LogTrigDensity
    from mflverify.numerics.dual_norm import dual_norm_squared

    space = SPACES["circle"]
    with working_precision(128):
        p = ball(space)
        phi = p.field_of([Expansion.of(1, {"1": 1, "cos x": 2, "sin 2x": 1})])
        u = p.grad_adjoint(phi)
        coefficients = p.coefficients(u)
        polynomial = sum(
            (trigonometric(Expansion(1, {basis: 1})) * c for basis, c in coefficients.items()),
            start=trigonometric(Expansion(1)),
        )
        expected = dual_norm_squared(polynomial, LogTrigDensity(trigonometric(space.potential)))
        value = p.dual_square(u)
        assert value.overlaps(expected)
        assert float(value.rad()) < 1e-20
        # the constant part of the field is not a gradient: the projector matters
        assert value < p.inner(phi, phi)


def test_the_dual_norm_on_two_circles_is_enclosed_from_both_sides():
    space = SPACES["coupled torus 2"]
    with working_precision(128):
        p = ball(space)
        phi = p.field_of([Expansion.of(2, {"sin x2": 1}), Expansion.of(2, {"cos x1": 1})])
        u = p.grad_adjoint(phi)
        value = p.dual_square(u)
        assert value <= p.inner(phi, phi)
        assert 0 < float(value.rad()) < 1e-6 * float(value.mid())
        # a potential flow: its dual norm is known exactly
        a = p.function_of(states(space)[0])
        forgotten = type(a)(a.ring, p.grad_adjoint(p.grad(a)).terms)
        assert p.dual_square(forgotten).overlaps(p.inner(p.grad(a), p.grad(a)))


def test_floats_lie_where_the_balls_are():
    for name in ("double well", "separable torus 3", "circle and Gaussian"):
        space = SPACES[name]
        floats = ProductSpace(space, Floats(3))
        with working_precision(128):
            certified = ball(space)
            values = []
            for p in (floats, certified):
                a, b = (p.function_of(e) for e in states(space))
                f = p.grad_adjoint(p.grad(a))
                values.append([p.inner(f, f), p.dual_square(f), p.inner(f.times(b), b)])
            for x, y in zip(*values, strict=True):
                assert x.shape == (3,)
                assert np.all(np.abs(x - float(y.mid())) < 1e-11 * (1 + abs(float(y.mid()))))


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_suprema_enclose_the_largest_value_on_a_fine_grid(dimension):
    expansion = Expansion.of(dimension, PHI[dimension])
    axes = np.meshgrid(*[2 * np.pi * np.arange(60) / 60] * dimension, indexing="ij")
    values = sum(
        float(c)
        * (np.cos if b.wave == "cos" else np.sin)(
            sum(k * x for k, x in zip(b.frequency, axes, strict=True))
        )
        for b, c in expansion
    )
    slopes = np.zeros_like(values)
    for axis in range(dimension):
        part = sum(
            float(c)
            * b.frequency[axis]
            * (np.sin if b.wave == "cos" else np.cos)(
                sum(k * x for k, x in zip(b.frequency, axes, strict=True))
            )
            * (-1 if b.wave == "cos" else 1)
            for b, c in expansion
        )
        slopes += part**2
    with working_precision(128):
        p = ball(torus(dimension))
        u = p.function_of(expansion)
        for value, table in (
            (sup_norm(p, u), np.abs(values)),
            (sup_norm(p, p.grad(u)), slopes**0.5),
        ):
            assert arb(table.max() - 1e-12) <= value.upper()
            assert float(value.upper()) < 1.15 * table.max()
            assert float(value.lower()) < table.max() + 1e-2


def test_polynomials_on_the_line_have_no_supremum():
    p = ProductSpace(gaussian(), Rationals())
    u = p.function_of(Expansion.of(1, {"x^2": 1}))
    with pytest.raises(Unavailable, match="infinite"):
        sup_norm(p, p.grad(u))
    assert sup_norm(p, p.grad(p.function_of(Expansion.of(1, {"x": -3})))) == 3


def test_poincare_constants_of_products_are_the_least_of_the_factors():
    assert float(product(gaussian(4), double_well()).poincare_constant().mid()) == 0.25
    assert product(torus(2), gaussian(Fraction(1, 2))).poincare_constant() == 1
    assert float(double_well().poincare_constant().mid()) == pytest.approx(0.79208843, abs=1e-7)


BAD = {
    "no density": (lambda: line((0, 0, 0, 0, -1)), "no density"),
    "odd degree": (lambda: line((0, 0, 0, 1)), "no density"),
    "flat line": (lambda: line((0, 1)), "no density"),
    "not periodic": (lambda: torus(1, {"x^2": 1}), "not periodic"),
    "coupled lines": (
        lambda: SpaceData(("line", "line"), Expansion.of(2, {"x1 x2": 1, "x1^2": 1, "x2^2": 1})),
        "powers of its own only",
    ),
    "variance": (lambda: gaussian(0), "variance must be positive, got 0"),
    "temperature": (lambda: double_well(1, 0), "temperature must be positive, got 0"),
    "three coupled circles": (
        lambda: ball(torus(3, {"cos(x1 + x2 + x3)": 1})).moments,
        "couples 3 circles",
    ),
    "rational moments": (
        lambda: ProductSpace(SPACES["circle"], Rationals()).moments,
        "moments are not rational",
    ),
    "mean": (
        lambda: ProductSpace(gaussian(), Rationals()).generator_inverse(
            ProductSpace(gaussian(), Rationals()).function_of(Expansion.of(1, {"x^2": 1}))
        ),
        "function with mean 1",
    ),
    "components": (
        lambda: ProductSpace(torus(2), Rationals()).field_of([Expansion(2)]),
        "2 components, got 1",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_spaces_are_refused(name):
    make, message = BAD[name]
    with pytest.raises((ValueError, Unavailable), match=message):
        make()


@pytest.mark.parametrize(
    ("text", "dimension"),
    [
        ("cos 2x", 1), ("sin x", 1), ("x^3", 1), ("1", 2), ("x1^2 x3 sin(x1 - 2x2 + x3)", 3),
        ("x^2 cos 3x", 1), ("cos(x1 + x2)", 2),
    ],
)  # fmt: skip
def test_names_of_basis_functions_are_read_back(text, dimension):
    basis, sign = BasisFunction.parse(text, dimension)
    assert sign == 1
    assert BasisFunction.parse(basis.text(), dimension) == (basis, 1)


def test_signs_of_waves():
    assert Expansion.of(2, {"sin(-x1 + x2)": 1}) == Expansion.of(2, {"sin(x1 - x2)": -1})
    assert Expansion.of(2, {"cos(-x1)": 1}) == Expansion.of(2, {"cos x1": 1})
    assert Expansion.of(1, {"sin 0x": 1}).terms == ()


@pytest.mark.parametrize(
    "text",
    ["", "exp x", "cos", "cos(x1", "x3", "y", "2", "cos(x1 * x2)", "x1^9999", "__import__('os')",
     "cos x1 x2", "sin(1000x1 + 999x1)"],
)  # fmt: skip
def test_other_text_is_refused(text):
    with pytest.raises(ValueError, match=r"basis function|angle|variables|frequencies|powers"):
        BasisFunction.parse(text, 2)
