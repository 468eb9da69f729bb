"""Closed-form examples: symbolic derivatives agree with quadrature, wrong flows do not."""

import pytest
import sympy
from attrs import evolve

from mflverify.examples import catalogue, run_example, symbolic_derivative
from mflverify.examples.catalogue import GRADIENT_FLOW, S, f, sym_tau, tau
from mflverify.examples.closed_forms import x
from mflverify.examples.quadrature import FUNCTIONALS, HALF_LINE, TAIL, integrands
from mflverify.expr import Flow, generator, grad, grad_adjoint

EXAMPLES = {example.name: example for example in catalogue()}


@pytest.mark.parametrize("name", EXAMPLES)
def test_both_derivatives_agree_to_45_digits(name):
    for report in run_example(EXAMPLES[name]):
        assert report.digits_mpmath >= 45
        assert report.digits_arb >= 45
        assert report.passed


@pytest.mark.parametrize(
    ("name", "change", "functional"),
    [
        # the quadrature side sees another potential: only the dual norm depends on it
        ("gaussian-shift", "numeric_slope", "dual norm squared"),
        ("von-mises-cos", "symbolic_slope", "dual norm squared"),
    ],
)
def test_sides_that_differ_do_not_agree(name, change, functional):
    example = EXAMPLES[name]
    state = example.states[0]
    wrong = evolve(state, **{change: getattr(state, change) * sympy.Rational(10**30 + 1, 10**30)})
    for report in run_example(evolve(example, states=(wrong,))):
        assert report.passed == (report.functional != functional)
        if not report.passed:
            assert 27 <= report.digits_mpmath <= 32
            assert report.digits_arb == 0


@pytest.mark.parametrize("name", EXAMPLES)
def test_tails_on_the_line_are_below_the_bound(name):
    """The whole integrand, moments at most one, beyond the interval of integration."""
    example = EXAMPLES[name]
    ones = [[sympy.Integer(1)] * len(example.kernel) for _ in example.states]
    for functional in FUNCTIONALS:
        for state, tree in zip(example.states, integrands(example, functional, ones), strict=True):
            if state.space.kappa is not None:
                continue
            for point in (-HALF_LINE - 5, -HALF_LINE, HALF_LINE, HALF_LINE + 5):
                value = tree.subs(example.values).subs(x, point)
                assert 0 < abs(sympy.N(value, 20, maxn=2000)) < sympy.Float(TAIL) / 1000


@pytest.mark.parametrize("name", EXAMPLES)
def test_slopes_solve_the_poisson_equation(name):
    """-(mu_bar phi')' = f mu_bar, for the slope used in quadrature."""
    for state in EXAMPLES[name].states:
        weight = sympy.exp(-state.space.potential)
        residual = sympy.diff(weight * state.numeric_slope, x) + state.value * weight
        point = {**EXAMPLES[name].values, x: sympy.Rational(3, 7)}
        assert abs(sympy.N(residual.subs(point), 40)) < 1e-30


def symbol(name):
    return sympy.Symbol(name, real=True)


def test_e2_matches_the_printed_formulas():
    s, r, m = symbol("s"), symbol("r_2"), symbol("m")
    dual = symbolic_derivative(EXAMPLES["kuramoto"], "dual norm squared")
    square = symbolic_derivative(EXAMPLES["kuramoto"], "chi2")
    t = sym_tau
    assert sympy.expand(dual - (-(t + m) * s**2 - t * r**2 + m * s**2 * r / 4)) == 0
    assert sympy.expand(square - (-(t + m) * s**2 - 4 * t * r**2 - m * s**2 * r / 2)) == 0


def test_e6_matches_the_printed_formulas():
    m, beta = symbol("m"), symbol("beta")
    dual = symbolic_derivative(EXAMPLES["gaussian-shift"], "dual norm squared")
    square = symbolic_derivative(EXAMPLES["gaussian-shift"], "chi2")
    assert sympy.simplify(dual + 2 * (sym_tau + beta) * (sympy.exp(m**2) - 1)) == 0
    assert sympy.simplify(square + 2 * (sym_tau + beta) * m**2 * sympy.exp(m**2)) == 0


def test_e4_matches_the_printed_formula():
    m, eps, kappa = symbol("m"), symbol("epsilon"), symbol("kappa")
    bessel = [sympy.besseli(n, kappa) for n in range(3)]
    ratio = bessel[1] / (kappa * bessel[0])
    square = eps**2 * (ratio + kappa * (bessel[1] / bessel[0] - bessel[2] / (kappa * bessel[0])))
    printed = -2 * sym_tau * square - 2 * m * eps**2 * (1 - ratio) ** 2
    found = symbolic_derivative(EXAMPLES["von-mises-sin"], "dual norm squared")
    difference = (found - printed).subs(EXAMPLES["von-mises-sin"].values)
    assert abs(sympy.N(difference, 50)) < 1e-45


def test_e12_matches_the_printed_formula():
    a, b, beta = symbol("a"), symbol("b"), symbol("beta")
    chi2 = sympy.exp(a**2) + sympy.exp(b**2) - 2
    printed = -2 * sym_tau * chi2 - 2 * beta * (
        b * (sympy.exp(a**2) - 1 - a**2) / a - a * (sympy.exp(b**2) - 1 - b**2) / b
    )
    found = symbolic_derivative(EXAMPLES["bilinear-gaussian"], "dual norm squared")
    assert sympy.simplify(found - printed) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {f: -tau * generator(f) - generator(S(f))},
        {f: -2 * tau * generator(f) - generator(S(f)) - grad_adjoint(f * grad(S(f)))},
        {f: -tau * generator(f) + generator(S(f)) - grad_adjoint(f * grad(S(f)))},
    ],
)
def test_a_wrong_flow_is_seen(wrong):
    example = EXAMPLES["kuramoto"]
    assert example.flow == GRADIENT_FLOW
    right = symbolic_derivative(example, "dual norm squared").subs(example.values)
    other = symbolic_derivative(example, "dual norm squared", Flow.of("wrong", wrong))
    assert abs(sympy.N(right - other.subs(example.values))) > 1e-4
