"""Functionals, networks and games: variations against finite differences, stationarity exactly."""

from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from flint import arb, fmpq

from mflverify.expr import FunctionSymbol, KernelSymbol, Space, inner
from mflverify.models import InstanceData, Request, Unavailable, interpret
from mflverify.models.basis import Expansion
from mflverify.models.functionals import MomentFunctional, PolynomialFunction
from mflverify.models.games import (
    MomentGame,
    PolymatrixGame,
    interaction_norm,
    mixed_derivative_sups,
    payoff_kernel,
    potential,
    stationarity,
    zero_sum_game,
)
from mflverify.models.kernel_data import (
    bilinear,
    general,
    squared_distance,
    translation_invariant,
)
from mflverify.models.networks import (
    LogisticLoss,
    Risk,
    SquaredLoss,
    polynomial_ridge,
    two_layer_network,
    wave_ridge,
)
from mflverify.models.rings import Balls, Rationals
from mflverify.models.spaces import double_well, gaussian, product, torus
from mflverify.numerics.precision import working_precision

CUBIC = PolynomialFunction(
    2, {(2, 0): Fraction(1, 2), (1, 1): -1, (3, 0): Fraction(1, 3), (0, 3): Fraction(1, 5)}
)
CIRCLE = torus(1, {"cos x": Fraction(1, 2), "sin x": Fraction(1, 4)})
FUNCTIONALS = {
    "cubic on a circle": MomentFunctional(
        CIRCLE, (Expansion.of(1, {"cos x": 1}), Expansion.of(1, {"sin 2x": 2, "1": 1})), CUBIC
    ),
    "cubic on a double well": MomentFunctional(
        double_well(),
        (Expansion.of(1, {"x": 1}), Expansion.of(1, {"x^2": Fraction(1, 2)})),
        CUBIC,
        Fraction(1, 2),
    ),
    "squared loss": two_layer_network(
        CIRCLE, [wave_ridge([1], [0, 1, 1]), wave_ridge([2], [1, 0, 1])], [1, -1], SquaredLoss()
    ),
    "logistic loss": two_layer_network(
        CIRCLE,
        [wave_ridge([1], [0, 1, 1]), wave_ridge([2], [Fraction(1, 2), 0, 1])],
        [1, -1],
        LogisticLoss(),
        temperature=Fraction(1, 3),
    ),
}


class Oracle:
    """F((1 + e f) mu-bar) by mpmath's quadrature, and its derivatives in e by central differences."""

    def __init__(self, functional, direction):
        self.functional, self.direction = functional, direction
        circle = functional.space.axes == ("circle",)
        self.ends = [0, mpmath.pi, 2 * mpmath.pi] if circle else [-9, -4, -2, -1, 0, 1, 2, 4, 9]
        weight = lambda x: mpmath.exp(-self.at(functional.space.potential, x))  # noqa: E731
        total: Any = mpmath.quad(weight, self.ends)

        def mean(g) -> Any:
            whole: Any = mpmath.quad(lambda x: g(x) * weight(x), self.ends)
            return whole / total

        self.mean = mean
        self.shift = self.mean(lambda x: self.at(direction, x))
        self.still = [self.mean(lambda x, p=p: self.at(p, x)) for p in functional.features]
        self.moving = [
            self.mean(lambda x, p=p: self.at(p, x) * (self.at(direction, x) - self.shift))
            for p in functional.features
        ]

    @staticmethod
    def at(expansion, x):
        total = mpmath.mpf(0)
        for b, c in expansion:
            wave = mpmath.cos if b.wave == "cos" else mpmath.sin
            part = x ** b.powers[0] * wave(b.frequency[0] * x)
            total += mpmath.mpf(c.numerator) / c.denominator * part
        return total

    def outer(self, s):
        g = self.functional.outer
        if isinstance(g, PolynomialFunction):
            return sum(
                mpmath.mpf(c.numerator) / c.denominator * mpmath.fprod(
                    x**n for x, n in zip(s, powers, strict=True))
                for powers, c in g.terms.items()
            )  # fmt: skip
        total = mpmath.mpf(0)
        for x, y, w in zip(s, g.labels, g.weights, strict=True):
            y_, w_ = mpmath.mpf(int(y)), mpmath.mpf(w.numerator) / w.denominator
            squared = isinstance(g.loss, SquaredLoss)
            total += w_ * ((x - y_) ** 2 / 2 if squared else mpmath.log(1 + mpmath.exp(-y_ * x)))
        return total

    def derivative(self, order):
        h = mpmath.mpf(10) ** -8

        def value(k):
            return self.outer([a + k * h * b for a, b in zip(self.still, self.moving, strict=True)])

        if order == 1:
            return (value(1) - value(-1)) / (2 * h)
        if order == 2:
            return (value(1) - 2 * value(0) + value(-1)) / h**2
        return (value(2) - 2 * value(1) + 2 * value(-1) - value(-2)) / (2 * h**3)


@pytest.mark.parametrize("name", FUNCTIONALS)
@pytest.mark.parametrize("order", [1, 2, 3])
def test_variations_are_derivatives_of_the_functional(name, order):
    functional = FUNCTIONALS[name]
    powers = {"x": 1, "x^3": Fraction(1, 7)}
    waves = {"sin x": 1, "cos 2x": Fraction(1, 3)}
    direction = Expansion.of(1, waves if functional.space.circles else powers)
    with mpmath.workdps(50):
        expected = Oracle(functional, direction).derivative(order)
    with working_precision(160):
        from mflverify.models.product_space import ProductSpace

        here = ProductSpace(functional.space, Balls())
        f = here.center(here.function_of(direction))
        value = arb(0)
        for bases, c in functional.variation(Balls(), order).items():
            for basis in bases:
                c = c * here.inner(f, here.function_of([(basis, Fraction(1))]))
            value += c
        assert abs(float(value.mid()) - float(expected)) < 1e-12 * (1 + abs(float(expected)))
        assert abs(float(expected)) > 1e-3 or (order, name) == (3, "squared loss")


@pytest.mark.parametrize("name", FUNCTIONALS)
def test_second_variations_are_symmetric_and_the_equilibrium_is_stationary(name):
    functional = FUNCTIONALS[name]
    with working_precision(128):
        second = functional.variation(Balls(), 2)
        for (a, b), c in second.items():
            assert (second[b, a] - c).contains(0)
        third = functional.variation(Balls(), 3)
        for (a, b, c), value in third.items():
            assert (third[c, a, b] - value).contains(0)
        residual = functional.stationarity(Balls())
        for c in residual.terms.values():
            assert c.real.contains(0)
            assert float(c.real.rad()) < 1e-30
        # and V is not that of another temperature
        assert any(
            not (
                functional.potential(Balls())[basis] - c.numerator * arb(1) / c.denominator
            ).contains(0)
            for basis, c in functional.space.potential
        )


RATIONAL = [
    MomentFunctional(torus(1), FUNCTIONALS["cubic on a circle"].features, CUBIC),
    MomentFunctional(
        gaussian(2, 1), (Expansion.of(1, {"x": 1}), Expansion.of(1, {"x^2": 1})), CUBIC
    ),
    two_layer_network(
        torus(2),
        [wave_ridge([1, -1], [1, 2]), wave_ridge([0, 2], [0, 1, 1])],
        [1, 0],
        SquaredLoss(),
    ),
    two_layer_network(
        product(gaussian(), gaussian(2)),
        [polynomial_ridge([1, 2], [0, 1, Fraction(1, 2)]), polynomial_ridge([1, -1], [1, 1])],
        [1, -1],
        SquaredLoss(),
    ),
]


@pytest.mark.parametrize("functional", RATIONAL, ids=lambda f: f.space.text()[:20])
def test_stationarity_is_exact_over_the_rationals(functional):
    assert functional.stationarity(Rationals()).is_zero
    kernel = functional.second_variation()
    d = functional.space.dimension
    terms = kernel.terms(d, d)
    assert terms
    assert all(terms[b, a] == c for (a, b), c in terms.items())


def test_the_second_variation_acts_in_an_instance():
    """<f, F'' f> through an instance is the form of the Hessian of G on the moments of f."""
    functional = RATIONAL[0]
    X = Space("X")
    f, S = FunctionSymbol("f", X, "mean-zero"), KernelSymbol("S", X, X, symmetric=True)
    phi = Expansion.of(1, {"cos x": Fraction(1, 3), "sin 2x": Fraction(1, 7)})
    data = InstanceData(
        "spaces",
        spaces={"X": functional.space},
        functions={"f": phi},
        kernels={"S": functional.second_variation()},
    )
    value = interpret(data, Request.of(inner(f, S(f))), "exact").evaluate(inner(f, S(f)))
    # moments of f = L phi: 1/3 cos x + 4/7 sin 2x against cos x and 2 sin 2x + 1; s-bar = (0, 1)
    a, b = fmpq(1, 6), fmpq(4, 7)
    assert value == a * a - 2 * a * b + fmpq(6, 5) * b * b


def test_bounds_enclose_what_a_search_finds():
    functional = FUNCTIONALS["logistic loss"]
    x = np.linspace(0, 2 * np.pi, 41)
    d1 = np.stack([-np.sin(x) + np.cos(x), 2 * np.cos(2 * x)])
    d2 = np.stack([-np.cos(x) - np.sin(x), -4 * np.sin(2 * x)])
    rng = np.random.default_rng(0)
    values = np.stack([np.cos(x) + np.sin(x), 0.5 + np.sin(2 * x)])
    y, w = np.array([1.0, -1.0]), np.array([0.5, 0.5])

    def second(s):
        p = 1 / (1 + np.exp(y * s))
        return w * p * (1 - p)

    def third(s):
        p = 1 / (1 + np.exp(y * s))
        return -w * y * p * (1 - p) * (1 - 2 * p)

    with working_precision(128):
        k, t1, t2 = (
            functional.mixed_derivative_sup(),
            functional.third_derivative_bound(),
            functional.second_derivative_bound(),
        )
        middle = np.array([float(m.mid()) for m in functional.moments(Balls())])
    found = np.abs(np.einsum("i,ia,ib->ab", second(middle), d1, d1)).max()
    assert found <= float(k.upper()) < found * 1.1
    found1 = found2 = 0.0
    for _ in range(200):
        s = values @ rng.dirichlet(np.full(len(x), 0.05))
        found1 = max(found1, np.abs(np.einsum("i,ia,ib,ic->abc", third(s), d1, d1, d1)).max())
        change = second(s) - second(middle)
        found2 = max(found2, np.abs(np.einsum("i,ia,ib->ab", change, d1, d2)).max())
    assert 0.05 < found1 <= float(t1)
    assert 0.05 < found2 <= float(t2)
    assert float(t1) < 10 * found1


def test_bounds_where_the_derivatives_of_g_are_constant():
    square = two_layer_network(gaussian(), [polynomial_ridge([2], [1, 1])], [3], SquaredLoss())
    assert square.mixed_derivative_sup() == 4
    assert square.third_derivative_bound() == 0
    assert square.second_derivative_bound() == 0
    cubic = MomentFunctional(
        gaussian(), (Expansion.of(1, {"x": 1}),), PolynomialFunction(1, {(3,): 1})
    )
    assert cubic.third_derivative_bound() == 6
    with pytest.raises(Unavailable, match="not bounded over all measures"):
        MomentFunctional(
            gaussian(), (Expansion.of(1, {"x": 1}),), PolynomialFunction(1, {(4,): 1})
        ).third_derivative_bound()


GAMES = {
    "descent-ascent on a circle and a line": zero_sum_game(
        (torus(1), gaussian(2)), general(1, 1, [("cos x", "x", 2), ("sin 2x", "x^2", 1)]), (1, 2)
    ),
    "three species": PolymatrixGame(
        (torus(2), gaussian(), torus(2)),
        {
            (0, 1): general(2, 1, [("cos(x1 - x2)", "x", 1)]),
            (1, 0): general(1, 2, [("x", "cos(x1 - x2)", -1)]),
            (0, 2): translation_invariant(2, {"sin x1": Fraction(1, 2)}),
            (2, 2): translation_invariant(2, {"cos x2": 1}),
            (1, 1): squared_distance(1, Fraction(1, 3)),
        },
        (1, Fraction(1, 2), 3),
    ),
    "moments": MomentGame(
        (torus(1), gaussian()),
        ((Expansion.of(1, {"cos x": 1}),), (Expansion.of(1, {"x": 1, "x^2": Fraction(1, 2)}),)),
        (
            PolynomialFunction(2, {(1, 1): 1, (2, 0): Fraction(1, 2)}),
            PolynomialFunction(2, {(1, 1): -1, (0, 3): 1}),
        ),
        (1, 1),
    ),
}


@pytest.mark.parametrize("name", GAMES)
def test_games_are_at_an_exact_equilibrium(name):
    game = GAMES[name]
    for i, space in enumerate(game.spaces):
        assert stationarity(game, i, Rationals()).is_zero
        assert space.is_rational
    assert any(c for i in range(2) for c in potential(game, i, Rationals()).values())


def test_games_on_curved_equilibria_are_stationary_in_balls():
    game = zero_sum_game((CIRCLE, double_well()), general(1, 1, [("cos x", "x^2", 1)]))
    with working_precision(128):
        for i in range(2):
            for c in stationarity(game, i, Balls()).terms.values():
                assert c.real.contains(0)
                assert float(c.real.rad()) < 1e-30


def test_zero_sum_games_are_antisymmetric():
    assert GAMES["descent-ascent on a circle and a line"].is_antisymmetric
    assert not GAMES["three species"].is_antisymmetric


def test_interactions_are_averages_of_the_payoff():
    game = GAMES["descent-ascent on a circle and a line"]
    # E y = 0, E y^2 = 2 for the second player: what is left is 2 sin 2x
    ((basis, c),) = ((b, c) for b, c in game.interaction(0, Rationals()).items() if c)
    assert (basis.text(), c) == ("sin 2x", 2)


def test_mixed_derivatives_of_games():
    with working_precision(128):
        game = PolymatrixGame(
            (gaussian(), gaussian(), gaussian()),
            {(0, 1): bilinear([[3]]), (1, 2): bilinear([[-4]])},
            (1, 1, 1),
        )
        table = mixed_derivative_sups(game)
        assert table[0][1] == 3
        assert table[1][2] == 4
        assert table[2][0] == 0
        assert interaction_norm(game).contains(4)
        cosine = zero_sum_game((torus(1), torus(1)), translation_invariant(1, {"cos x": 2}))
        assert mixed_derivative_sups(cosine)[0][1] == 2


def test_the_linearised_interaction_of_a_game_of_moments():
    kernel = payoff_kernel(GAMES["moments"], 0, 1)
    values = {(a.text(), b.text()): c for (a, b), c in kernel.terms(1, 1).items()}
    assert values == {("cos x", "x"): 1, ("cos x", "x^2"): Fraction(1, 2)}


def test_ridge_features():
    feature = wave_ridge([2, -1], [1, Fraction(1, 2), 0, 0, 3])
    assert feature == Expansion.of(
        2, {"1": 1, "cos(2x1 - x2)": Fraction(1, 2), "sin(4x1 - 2x2)": 3}
    )
    assert polynomial_ridge([1, 2], [0, 0, 1]) == Expansion.of(
        2, {"x1^2": 1, "x1 x2": 4, "x2^2": 4}
    )


BAD = {
    "temperature": (
        lambda: MomentFunctional(CIRCLE, (Expansion.of(1, {"cos x": 1}),), PolynomialFunction(
            1, {(2,): 1}), Fraction(0)),
        "temperature must be positive, got 0",
    ),
    "arity": (
        lambda: MomentFunctional(CIRCLE, (), CUBIC), "G has 2 variables, but there are 0 features",
    ),
    "variables": (
        lambda: MomentFunctional(CIRCLE, (Expansion.of(2, {"cos x1": 1}),), PolynomialFunction(
            1, {(2,): 1})),
        "has 2 variables, the space has 1",
    ),
    "periodic": (
        lambda: MomentFunctional(CIRCLE, (Expansion.of(1, {"x": 1}),), PolynomialFunction(
            1, {(2,): 1})),
        "x is not periodic on a circle",
    ),
    "exponent": (lambda: PolynomialFunction(2, {(1,): 1}), "2 natural numbers"),
    "labels": (lambda: Risk(LogisticLoss(), (2,), (1,)), "labels of the logistic loss are 1 and -1"),
    "lengths": (
        lambda: two_layer_network(CIRCLE, [wave_ridge([1], [0, 1])], [1, 1], SquaredLoss()),
        "1 features and 2 labels",
    ),
    "species temperature": (
        lambda: PolymatrixGame((CIRCLE, CIRCLE), {}, (1, -1)), "temperature 1 must be positive, got -1",
    ),
    "species": (
        lambda: PolymatrixGame((CIRCLE, CIRCLE), {(0, 2): squared_distance(1)}, (1, 1)),
        "no species 0 or 2",
    ),
    "payoff": (
        lambda: PolymatrixGame((CIRCLE, CIRCLE), {(0, 1): squared_distance(1)}, (1, 1)),
        "not periodic on a circle",
    ),
    "irrational": (
        FUNCTIONALS["logistic loss"].second_variation, "not rational",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_functionals_and_games_are_refused(name):
    make, message = BAD[name]
    with pytest.raises((ValueError, Unavailable), match=message):
        make()
