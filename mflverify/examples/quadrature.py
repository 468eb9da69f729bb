"""The derivative computed independently: from the PDE in density form, by quadrature.

partial_t mu = -J', J = -(mu W' + tau mu'), with W the first variation at mu; by stationarity
W' = tau U' +- d/dx integral of k d(mu - mu_bar).  Then d/dt chi2 = 2 integral f' J dx and
d/dt ||f||_{-1}^2 = 2 integral phi' J dx with -(mu_bar phi')' = mu - mu_bar.  No operator identity is
used, and the f-equation neither.

Two rules in two arithmetics: the trapezoid rule in mpmath, which converges geometrically for
periodic analytic integrands and for Gaussian decay, and Arb's rigorous adaptive rule in balls.
"""

from __future__ import annotations

from typing import Any, Protocol

import mpmath
import sympy
from attrs import define, field
from flint import acb, arb

from mflverify.examples.catalogue import ClosedExample, State, sym_tau
from mflverify.examples.closed_forms import Expr, x
from mflverify.examples.program import Functions, Program

# beyond this the integrands on the line, polynomials times exp(-x^2/2 + |x|), are below 1e-70
HALF_LINE = 20
TAIL = "1e-66"

Functional = str
FUNCTIONALS = ("chi2", "dual norm squared")


class Rule(Protocol):
    """A quadrature rule with its arithmetic."""

    @property
    def functions(self) -> Functions: ...

    def integrate(self, tree: Expr, state: State, known: dict[Expr, Any]) -> Any:
        """The integral of `tree` over the state's space; known: values of its other symbols."""
        ...


def integrands(
    example: ClosedExample, functional: Functional, moments: list[list[Expr]]
) -> list[Expr]:
    """For each state the integrand 2 w' J over the coordinate, with w = f or phi.

    moments: for each state, the integrals of the kernel's factors against mu - mu_bar there.
    """
    found: list[Expr] = []
    for index, state in enumerate(example.states):
        density = _density(state)
        mu = density * (1 + state.value)
        force = sum(
            sympy.diff(_factor(pair, index), x) * moment
            for pair, moment in zip(example.kernel, moments[_other(example, index)], strict=True)
        )
        sign = -1 if index else 1  # the second player ascends
        slope = sym_tau * sympy.diff(state.space.potential, x) + sign * force
        flux = -(mu * slope + sym_tau * sympy.diff(mu, x))
        weight = sympy.diff(state.value, x) if functional == "chi2" else state.numeric_slope
        found.append(2 * weight * flux)
    return found


def _factor(pair: tuple[Expr, Expr], index: int) -> Expr:
    return pair[1] if index else pair[0]


def _other(example: ClosedExample, index: int) -> int:
    return index if len(example.states) == 1 else 1 - index


def _density(state: State) -> Expr:
    """mu_bar, normalised with a symbol-free constant where it is elementary."""
    kappa = state.space.kappa
    if kappa is None:
        return sympy.exp(-(x**2) / 2) / sympy.sqrt(2 * sympy.pi)
    if kappa == 0:
        return 1 / (2 * sympy.pi)
    return sympy.exp(kappa * sympy.cos(x)) / (2 * sympy.pi * sympy.besseli(0, kappa))


@define
class Quadrature:
    """The derivatives of one example by one rule, its parameters at `values`; the moments are shared.

    Set the working precision of the rule's arithmetic around construction and calls.
    """

    example: ClosedExample
    rule: Rule
    _moments: dict[Expr, Any] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        example = self.example
        for index, state in enumerate(example.states):
            # the kernel's factor on this state's space: for one species, the second argument
            own = [_factor(p, index if len(example.states) > 1 else 1) for p in example.kernel]
            density = _density(state)
            for factor, name in zip(own, self._names(index), strict=True):
                integrand = (factor * state.value * density).subs(example.values)
                self._moments[name] = self.rule.integrate(integrand, state, {})

    def _names(self, index: int) -> list[Expr]:
        return [sympy.Symbol(f"moment_{index}_{j}") for j in range(len(self.example.kernel))]

    def derivative(self, functional: Functional) -> Any:
        """The derivative of the functional in time, in the rule's arithmetic."""
        states = self.example.states
        names = [self._names(index) for index in range(len(states))]
        total: Any = 0
        for state, integrand in zip(
            states, integrands(self.example, functional, names), strict=True
        ):
            tree = integrand.subs(self.example.values)
            total = total + self.rule.integrate(tree, state, self._moments)
        return total


class MpFunctions:
    """mpmath's numbers at its working precision."""

    def rational(self, numerator: int, denominator: int) -> Any:
        return mpmath.mpf(numerator) / denominator

    def pi(self) -> Any:
        return +mpmath.pi

    def bessel_i(self, order: Any, value: Any) -> Any:
        return mpmath.besseli(order, value)

    def exp(self, value: Any) -> Any:
        return mpmath.exp(value)

    def cos(self, value: Any) -> Any:
        return mpmath.cos(value)

    def sin(self, value: Any) -> Any:
        return mpmath.sin(value)

    def erf(self, value: Any) -> Any:
        return mpmath.erf(value)

    def sqrt(self, value: Any) -> Any:
        return mpmath.sqrt(value)


@define
class Trapezoid:
    """The trapezoid rule in mpmath, refined until two successive sums agree: a second opinion.

    digits: of agreement, relative to the sum of the absolute values; at least as many should be in
    force in mpmath.  Raises ArithmeticError where `most` points do not suffice.
    """

    digits: int
    most: int = 4096
    functions: MpFunctions = field(factory=MpFunctions)

    def integrate(self, tree: Expr, state: State, known: dict[Expr, Any]) -> Any:
        function = Program.of(tree, self.functions, known)
        if state.space.kappa is None:
            start, length, count = mpmath.mpf(-HALF_LINE), mpmath.mpf(2 * HALF_LINE), 112
        else:
            start, length, count = mpmath.mpf(0), 2 * mpmath.pi, 48
        step = length / count
        values = [function(start + k * step) for k in range(count)]
        while count < self.most:
            between = [function(start + (k + mpmath.mpf(0.5)) * step) for k in range(count)]
            coarse, fine = mpmath.fsum(values) * step, mpmath.fsum(between) * step
            values += between
            count, step = 2 * count, step / 2
            size = mpmath.fsum(abs(value) for value in values) * step
            if abs(coarse - fine) <= size * mpmath.mpf(10) ** -self.digits:
                return (coarse + fine) / 2
        raise ArithmeticError(f"the trapezoid rule does not converge on {tree}")


class BallFunctions:
    """Arb's complex balls at the working precision in force."""

    def rational(self, numerator: int, denominator: int) -> acb:
        return acb(arb(numerator) / denominator)

    def pi(self) -> acb:
        return acb.pi()

    def bessel_i(self, order: acb, value: acb) -> acb:
        return value.bessel_i(order)

    def exp(self, value: acb) -> acb:
        return value.exp()

    def cos(self, value: acb) -> acb:
        return value.cos()

    def sin(self, value: acb) -> acb:
        return value.sin()

    def erf(self, value: acb) -> acb:
        return value.erf()

    def sqrt(self, value: acb) -> acb:
        return value.sqrt()


@define
class Adaptive:
    """Arb's rigorous adaptive rule, plus a bound of the tail on the line: a ball that contains
    the integral of an entire integrand.

    bits: the tolerance, relative to the integral.
    """

    bits: int
    functions: BallFunctions = field(factory=BallFunctions)

    def integrate(self, tree: Expr, state: State, known: dict[Expr, Any]) -> arb:
        program = Program.of(tree, self.functions, known)
        tolerance = arb(2) ** -self.bits

        def function(value: acb, _analytic: bool) -> acb:
            return program(value)

        if state.space.kappa is None:
            total = acb.integral(function, acb(-HALF_LINE), acb(HALF_LINE), rel_tol=tolerance)
            return total.real + arb(0, arb(TAIL))
        return acb.integral(function, acb(0), 2 * acb.pi(), rel_tol=tolerance).real
