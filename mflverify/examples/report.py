"""Symbolic derivatives of the examples, and their comparison with quadrature."""

from __future__ import annotations

from typing import Any

import mpmath
import sympy
from attrs import frozen
from flint import arb

from mflverify.algebra.normal import normalize
from mflverify.algebra.reading import read_polynomial
from mflverify.examples.catalogue import ClosedExample, catalogue, sym_tau, tau
from mflverify.examples.closed_forms import ClosedForms, ClosedFunction, Expr
from mflverify.examples.quadrature import (
    FUNCTIONALS,
    Adaptive,
    Functional,
    Quadrature,
    Trapezoid,
)
from mflverify.expr.language import chi2, dual_norm
from mflverify.expr.terms import Flow, KernelSymbol, Term, subterms
from mflverify.models.evaluation import Evaluator
from mflverify.numerics.precision import digits_to_bits, working_precision

DIGITS = 50
WORKING_DIGITS = 60
REQUIRED = 45


@frozen
class ExampleReport:
    """One derivative of one example.

    formula: the symbolic derivative.  value: it at the rational parameters, 50 digits.
    digits_mpmath, digits_arb: matching significant digits (for Arb: of the ball's midpoint, 0 when
    the ball excludes the value).  passed: both at least 45.
    """

    name: str
    title: str
    source: str
    functional: Functional
    formula: Expr
    value: str
    mpmath_value: str
    arb_value: str
    digits_mpmath: int
    digits_arb: int

    @property
    def passed(self) -> bool:
        """Whether both quadratures agree with the symbolic value to 45 digits."""
        return min(self.digits_mpmath, self.digits_arb) >= REQUIRED


def symbolic_derivative(
    example: ClosedExample, functional: Functional, flow: Flow | None = None
) -> Expr:
    """d/dt of the functional in closed form, from the flow by the operator algebra.

    flow: another flow of the same symbols, to see what a wrong one gives.
    """
    symbols = example.symbols
    quantity: Term = _sum([chi2(s) if functional == "chi2" else dual_norm(s) ** 2 for s in symbols])
    derived = read_polynomial(normalize((flow or example.flow).derivative(quantity)))
    kernels = {p for p in subterms(example.flow) if isinstance(p, KernelSymbol)}
    backend: Any = ClosedForms(
        {s.space: state.space for s, state in zip(symbols, example.states, strict=True)},
        dict.fromkeys(kernels, example.kernel),
    )
    values: dict[Term, Any] = {tau: sym_tau, **{k: k for k in kernels}}
    for symbol, state in zip(symbols, example.states, strict=True):
        values[symbol] = ClosedFunction(state.value, state.symbolic_slope)
    return sympy.factor_terms(sympy.expand(Evaluator(backend, values)(derived)))


def _sum(terms: list[Term]) -> Term:
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def run_example(example: ClosedExample) -> tuple[ExampleReport, ...]:
    """Both derivatives of an example, compared."""
    with mpmath.workdps(WORKING_DIGITS):
        by_trapezoid = Quadrature(example, Trapezoid(DIGITS + 3))
        numbers = [by_trapezoid.derivative(functional) for functional in FUNCTIONALS]
    with working_precision(digits_to_bits(WORKING_DIGITS)):
        in_balls = Quadrature(example, Adaptive(digits_to_bits(DIGITS + 3, 0)))
        balls = [in_balls.derivative(functional) for functional in FUNCTIONALS]
    return tuple(
        _compare(example, functional, number, ball)
        for functional, number, ball in zip(FUNCTIONALS, numbers, balls, strict=True)
    )


def run_all() -> tuple[ExampleReport, ...]:
    """All derivatives of all examples."""
    return tuple(report for example in catalogue() for report in run_example(example))


def _compare(
    example: ClosedExample, functional: Functional, number: Any, ball: arb
) -> ExampleReport:
    formula = symbolic_derivative(example, functional)
    with mpmath.workdps(WORKING_DIGITS):
        exact = mpmath.mpf(sympy.N(formula.subs(example.values), WORKING_DIGITS))
        shown, precise = str(mpmath.nstr(exact, DIGITS)), str(mpmath.nstr(exact, WORKING_DIGITS))
        digits = _matching(exact, number)
        number_text = str(mpmath.nstr(number, DIGITS))
    with working_precision(digits_to_bits(WORKING_DIGITS)), mpmath.workdps(WORKING_DIGITS):
        value = arb(precise)
        inside = ball.overlaps(arb(value.mid(), abs(value) * arb(10) ** -(DIGITS + 5)))
        middle = mpmath.mpf(arb(ball.mid()).str(WORKING_DIGITS, radius=False))
        digits_arb = _matching(exact, middle) if inside else 0
        ball_text = ball.str(DIGITS)
    return ExampleReport(
        example.name, example.title, example.source, functional, formula,
        shown, number_text, ball_text, digits, digits_arb,
    )  # fmt: skip


def _matching(a: Any, b: Any) -> int:
    """Significant digits to which two numbers agree, at most 50."""
    if a == b:
        return DIGITS
    error = abs(a - b) / max(abs(a), abs(b))
    return max(0, min(DIGITS, int(-mpmath.log10(error))))
