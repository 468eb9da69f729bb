"""Straight-line programs: the value of the tree in both arithmetics, and what they refuse."""

import mpmath
import pytest
import sympy
from flint import acb, arb

from mflverify.examples.catalogue import State
from mflverify.examples.closed_forms import ClosedSpace, x
from mflverify.examples.program import Program
from mflverify.examples.quadrature import Adaptive, BallFunctions, MpFunctions, Trapezoid
from mflverify.numerics.precision import working_precision

moment, kappa = sympy.Symbol("moment"), sympy.Rational(13, 10)
TREES = [
    sympy.Rational(2, 7),
    x,
    3 * x**2 - x * moment / 5 + moment,
    sympy.exp(-(x**2) / 2) / sympy.sqrt(2 * sympy.pi) * sympy.erf(x / sympy.sqrt(2)),
    sympy.exp(kappa * sympy.cos(x)) * sympy.sin(2 * x) ** 3 / sympy.besseli(0, kappa),
]


@pytest.mark.parametrize("tree", TREES)
def test_value(tree):
    with mpmath.workdps(40), working_precision(150):
        exact = sympy.N(tree.subs({moment: sympy.Rational(3, 4), x: sympy.Rational(5, 8)}), 40)
        number = Program.of(tree, MpFunctions(), {moment: mpmath.mpf(3) / 4})(mpmath.mpf(5) / 8)
        ball = Program.of(tree, BallFunctions(), {moment: acb(0.75)})(acb(0.625))
        assert abs(number - mpmath.mpf(exact)) < mpmath.mpf(10) ** -37
        assert abs(ball.real - arb(str(exact))) < arb(10) ** -37


@pytest.mark.parametrize("tree", [1 / x, sympy.sqrt(x), sympy.log(x), abs(x), x**kappa])
def test_what_is_not_entire_is_refused(tree):
    with pytest.raises(TypeError, match="not an entire function"):
        Program.of(tree, BallFunctions(), {})


def test_an_unknown_symbol_is_refused():
    with pytest.raises(TypeError, match="no value is known for moment"):
        Program.of(moment * x, BallFunctions(), {})


def circle_state():
    zero = sympy.Integer(0)
    return State(ClosedSpace(zero), zero, zero, zero)


def test_both_rules_on_a_bessel_integral():
    tree = sympy.exp(3 * sympy.cos(x)) * sympy.cos(2 * x)
    with mpmath.workdps(60), working_precision(210):
        exact = 2 * mpmath.pi * mpmath.besseli(2, 3)
        number = Trapezoid(50).integrate(tree, circle_state(), {})
        ball = Adaptive(180).integrate(tree, circle_state(), {})
        assert abs(number - exact) < mpmath.mpf(10) ** -55
        assert ball.overlaps(arb(mpmath.nstr(exact, 60)) + arb(0, "1e-57"))
        assert ball.rad() < arb(10) ** -50


def test_the_trapezoid_rule_does_not_stop_early():
    """A peak of width 1/200: the first sums are wrong, and so is every sum that is not resolved."""
    tree = sympy.exp(20000 * (sympy.cos(x - 1) - 1))
    with mpmath.workdps(40):
        exact = 2 * mpmath.pi * mpmath.besseli(0, 20000) * mpmath.exp(-20000)
        assert abs(Trapezoid(30).integrate(tree, circle_state(), {}) - exact) < 1e-30
        with pytest.raises(ArithmeticError, match="does not converge"):
            Trapezoid(30, most=400).integrate(tree, circle_state(), {})
