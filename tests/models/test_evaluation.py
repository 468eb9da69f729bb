"""The three arithmetics agree, derivatives are independent of the algebra, bad data is refused."""

from fractions import Fraction

import numpy as np
import pytest
from attrs import evolve

from mflverify.algebra import time_derivative
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
    mixed_derivative_sup,
    norm,
    poincare_constant,
    projector,
    sup_norm,
)
from mflverify.models import Choice, InstanceData, Request, TorusFamily, Unavailable, interpret
from mflverify.numerics.precision import working_precision

X, Y = Space("X"), Space("Y")
f = FunctionSymbol("f", X, "perturbation")
g = FunctionSymbol("g", Y, "perturbation")
M = KernelSymbol("M", source=Y, target=X)
S = KernelSymbol("S", X, X, symmetric=True)
phi = VectorSymbol("Phi", X)
x, v = Point("x", X), Direction("v", X)
tau, K, alpha = (Parameter(n, "positive") for n in ("tau", "K", "alpha"))
L, inverse = generator, inverse_generator
flow = Flow.of(
    "game",
    {
        f: -tau * L(f) - L(M(g)) - grad_adjoint(f * grad(M(g))),
        g: -tau * L(g) + L(M.T(f)) + grad_adjoint(g * grad(M.T(f))),
    },
)

TERMS = {
    "chi2": chi2(f),
    "dual norm": dual_norm(f),
    "dirichlet": norm(grad(f)) ** 2,
    "error": inner(f, inverse(grad_adjoint(f * grad(M(g))))),
    "coupling": inner(f, M(g)),
    "projector": norm(projector(phi)),
    "value": directional(grad(M(g)), x, v),
    "rate of chi2": flow.derivative(chi2(f) + chi2(g)),
    "rate of the dual norm": flow.derivative(dual_norm(f) ** 2 + dual_norm(g) ** 2),
    "generator": norm(L(f)) ** 2,
}
REQUEST = Request.of(*TERMS.values(), hypotheses=[mixed_derivative_sup(M) <= K])


def batch(seed=3, size=6):
    return TorusFamily().draw(REQUEST, np.random.default_rng(seed), size)


@pytest.mark.parametrize("name", TERMS)
def test_floats_lie_where_the_balls_are(name):
    drawn = batch()
    for index in range(drawn.size):
        data = drawn.data(index)
        ball = interpret(data, REQUEST, "ball").evaluate(TERMS[name])
        # the same rational data in floats
        again = _float_value(data, TERMS[name])
        assert abs(again - float(ball.mid())) <= 1e-9 * (1 + abs(again))
        assert float(ball.rad()) < 1e-20


def _float_value(data, term):
    """The data evaluated by the float arithmetic, independently of the batch that it came from."""
    from mflverify.models.evaluation import Evaluator
    from mflverify.models.float_torus import (
        FloatTorus,
        differentiate,
        grid,
        positive_density,
        trig_basis,
    )

    def values(coefficients):
        row = np.array([[float(c) for c in coefficients] or [0.0]])
        return row @ trig_basis(row.shape[1], grid())

    potentials = {s: values(data.potentials[s.name]) for s in (X, Y)}
    symbols = {tau: _solved(data, "tau"), K: np.ones(1)}
    for symbol in (f, g):
        slope = differentiate(values(data.functions[symbol.name]))
        u = potentials[symbol.space]
        symbols[symbol] = -differentiate(slope) + differentiate(u) * slope
    matrix = np.array([[[float(c) for c in row] for row in data.kernels["M"]]])
    symbols[M] = (M, matrix)
    symbols[phi] = values(data.fields["Phi"])
    symbols[x] = 2 * np.pi * np.array([float(data.points["x"])])
    symbols[v] = np.array([float(data.directions["v"])])
    backend = FloatTorus({s: positive_density(u) for s, u in potentials.items()}, 1)
    return float(Evaluator(backend, symbols, step=Fraction(1, 8))(term)[0])


def _solved(data, name):
    return np.array([float(data.parameters[name].amount)])


@pytest.mark.parametrize(
    "name", ["chi2", "error", "rate of chi2", "rate of the dual norm", "coupling"]
)
def test_rationals_lie_in_the_balls(name):
    free = Request.of(TERMS[name])
    drawn = TorusFamily().draw(free, np.random.default_rng(5), 4)
    for index in range(drawn.size):
        data = drawn.data(index).uniform()
        exact = interpret(data, free, "exact").evaluate(TERMS[name])
        ball = interpret(data, free, "ball").evaluate(TERMS[name])
        with working_precision(160):
            assert ball.contains(exact)


@pytest.mark.parametrize("name", ["rate of chi2", "rate of the dual norm"])
def test_the_stencil_agrees_with_the_algebra(name):
    term = TERMS[name]
    request = Request.of(term)
    data = TorusFamily().draw(request, np.random.default_rng(7), 1).data(0).uniform()
    instance = interpret(data, request, "exact")
    assert instance.evaluate(term) == instance.evaluate(time_derivative(term.argument, flow))


def test_the_poincare_constant_of_von_mises():
    data = InstanceData("torus", potentials={"X": (Fraction(0), Fraction(-1))})
    request = Request.of(poincare_constant(X))
    ball = interpret(data, request, "ball").evaluate(poincare_constant(X))
    assert ball.contains(interpret(data, request, "ball", 200).evaluate(poincare_constant(X)).mid())
    assert float(ball.mid()) == pytest.approx(1.16549653046466, abs=1e-8)


def test_tight_parameters_satisfy_their_bounds():
    request = Request.of(chi2(f), hypotheses=[alpha <= poincare_constant(X)])
    data = InstanceData(
        "torus",
        potentials={"X": (Fraction(0), Fraction(1, 2))},
        functions={"f": (Fraction(0), Fraction(1, 10))},
        parameters={"alpha": Choice("tight")},
    )
    instance = interpret(data, request, "ball")
    assert instance.evaluate(alpha) <= instance.evaluate(poincare_constant(X))
    assert float(instance.evaluate(alpha).mid()) > 0.9 * float(
        instance.evaluate(poincare_constant(X)).mid()
    )


def good_data(**changes):
    data = InstanceData(
        "torus",
        potentials={"X": ()},
        functions={"f": (Fraction(0), Fraction(1, 2))},
        kernels={
            "S": ((Fraction(0),) * 3, (Fraction(0), Fraction(1), Fraction(0)), (Fraction(0),) * 3)
        },
        parameters={"tau": Choice("value", Fraction(1))},
    )
    return evolve(data, **changes)


BAD = {
    "tau": (
        {"parameters": {"tau": Choice("value", Fraction(-1))}},
        "parameters.tau must be positive, got -1",
    ),
    "zero tau": (
        {"parameters": {"tau": Choice("value", Fraction(0))}},
        "parameters.tau must be positive",
    ),
    "density": ({"functions": {"f": (Fraction(0), Fraction(3))}}, "1 \\+ f must not be negative"),
    "kernel": (
        {
            "kernels": {
                "S": (
                    (Fraction(0),) * 3,
                    (Fraction(0), Fraction(1), Fraction(2)),
                    (Fraction(0),) * 3,
                )
            }
        },
        "kernels.S must be symmetric: entries \\(2, 1\\) and \\(1, 2\\)",
    ),
    "missing space": ({"potentials": {}}, "potentials: no value for X"),
    "missing function": ({"functions": {}}, "functions: no value for f"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_instances_are_refused(name):
    changes, message = BAD[name]
    request = Request.of(tau * inner(f, S(f)))
    interpret(good_data(), request, "exact")
    with pytest.raises(ValueError, match=message):
        interpret(good_data(**changes), request, "exact")


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ([], "JSON object"),
        ({"family": "sphere"}, "family"),
        ({"family": "torus", "functions": {"f": ["1/0"]}}, "functions.f"),
        ({"family": "torus", "functions": {"f": [0.5]}}, "rational number as text"),
        ({"family": "torus", "surprise": {}}, "unknown field 'surprise'"),
        ({"family": "torus", "kernels": {"M": [["1"], ["1", "2"]]}}, "different lengths"),
        ({"family": "torus", "parameters": {"tau": "__import__('os')"}}, "parameters.tau"),
        ({"family": "torus", "directions": {"v": "2"}}, "unit vector"),
    ],
)
def test_bad_json_is_refused(tree, message):
    with pytest.raises(ValueError, match=message):
        InstanceData.from_json(tree)


def test_json_round_trip():
    data = batch().data(0)
    assert InstanceData.from_json(data.to_json()) == data


def test_same_seed_same_batch():
    first, second = batch(11), batch(11)
    assert first.data(2).to_json() == second.data(2).to_json()
    assert np.array_equal(first.evaluate(chi2(f)), second.evaluate(chi2(f)))


def test_suprema_are_unavailable_in_rationals():
    request = Request.of(sup_norm(grad(M(g))))
    data = TorusFamily().draw(request, np.random.default_rng(1), 1).data(0).uniform()
    with pytest.raises(Unavailable):
        interpret(data, request, "exact").evaluate(sup_norm(grad(M(g))) ** 1 + norm(f))


def test_ten_thousand_instances_of_lemma_3_9_hold():
    claim = sup_norm(grad(M(g))) <= K * dual_norm(g)
    request = Request.of(claim, hypotheses=[mixed_derivative_sup(M) <= K])
    drawn = TorusFamily().draw(request, np.random.default_rng(0), 10_000)
    assert np.all(drawn.evaluate(claim.lhs) <= drawn.evaluate(claim.rhs) * (1 + 1e-9))
