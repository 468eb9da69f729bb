"""The derivative computed independently: from the PDE in density form, by quadrature.

partial_t mu = -J', J = -(mu W' + tau mu'), with W the first variation at mu; by stationarity
W' = tau U' +- d/dx integral of k d(mu - mu_bar).  Then d/dt chi2 = 2 integral f' J dx and
d/dt ||f||_{-1}^2 = 2 integral phi' J dx with -(mu_bar phi')' = mu - mu_bar.  No operator identity is
used, and the f-equation neither.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import sympy
from flint import acb, arb

from mflverify.examples.catalogue import ClosedExample, State, sym_tau
from mflverify.examples.closed_forms import Expr, x
from mflverify.numerics.precision import working_precision

# beyond this the integrands on the line, polynomials times exp(-x^2/2 + |x|), are below 1e-80
HALF_LINE = 22
BITS = 260
TAIL = "1e-70"

Functional = str
FUNCTIONALS = ("chi2", "dual norm squared")


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


def derivative(
    example: ClosedExample, functional: Functional, integrate: Callable[[Expr, State], Any]
) -> Any:
    """The derivative with all integrals done by `integrate` (mpmath or Arb), parameters at `values`."""
    moments: list[list[Any]] = []
    for index, state in enumerate(example.states):
        own = [
            # the factor on this state's space: for one species, the second argument
            (pair[1] if len(example.states) == 1 or index else pair[0])
            for pair in example.kernel
        ]
        moments.append(
            [
                integrate((b * state.value * _density(state)).subs(example.values), state)
                for b in own
            ]
        )
    names = [
        [sympy.Symbol(f"moment_{i}_{j}") for j in range(len(row))] for i, row in enumerate(moments)
    ]
    total: Any = None
    known = {
        n: v
        for row, values in zip(names, moments, strict=True)
        for n, v in zip(row, values, strict=True)
    }
    for state, integrand in zip(
        example.states, integrands(example, functional, names), strict=True
    ):
        value = _integrate_with(integrand.subs(example.values), known, integrate, state)
        total = value if total is None else total + value
    return total


def _integrate_with(
    integrand: Expr, known: dict[Any, Any], integrate: Callable[[Expr, State], Any], state: State
) -> Any:
    """Integrate an integrand linear in the moments, which are numbers of the integrator's kind."""
    expanded = sympy.expand(integrand)
    constant = expanded.subs(dict.fromkeys(known, 0))
    total = integrate(constant, state)
    for name, value in known.items():
        slope = sympy.diff(expanded, name)
        if slope != 0:
            total = total + value * integrate(slope, state)
    return total


def by_mpmath(expression: Expr, state: State) -> Any:
    """mpmath.quad over the period or the line, at the working precision of mpmath."""
    constants = sorted(expression.atoms(sympy.besseli), key=str)
    names = [sympy.Symbol(f"constant_{i}") for i in range(len(constants))]
    renamed = expression.subs(dict(zip(constants, names, strict=True)))
    compiled = sympy.lambdify([x, *names], renamed, "mpmath")
    values = [
        mpmath.besseli(int(c.order), mpmath.mpf(c.argument.p) / c.argument.q) for c in constants
    ]

    def function(point: Any) -> Any:
        return compiled(point, *values)

    if state.space.kappa is None:
        points = [-HALF_LINE, -8, -3, 0, 3, 8, HALF_LINE]
    else:
        points = [mpmath.pi * k / 2 for k in range(5)]
    return mpmath.quad(function, points)


def by_arb(expression: Expr, state: State) -> arb:
    """A ball that contains the integral: Arb's rigorous adaptive rule, plus the tail on the line."""
    with working_precision(BITS):
        tree = sympy.sympify(expression)
        constants = {c: to_acb(c, acb(0), {}) for c in tree.atoms(sympy.besseli)}

        def function(value: acb, _analytic: bool) -> acb:
            return to_acb(tree, value, constants)

        if state.space.kappa is None:
            total = acb.integral(function, acb(-HALF_LINE), acb(HALF_LINE), rel_tol=arb(2) ** -220)
            return total.real + arb(0, arb(TAIL))
        return acb.integral(function, acb(0), 2 * acb.pi(), rel_tol=arb(2) ** -220).real


def to_acb(tree: Expr, value: acb, constants: dict[Any, acb]) -> acb:
    """An entire expression at a complex ball; `constants` holds subterms already evaluated.

    Raises TypeError for what is not entire here, so Arb's `analytic` flag needs no forwarding.
    """
    if tree in constants:
        return constants[tree]
    if tree == x:
        return value
    if tree.is_Rational:
        return acb(arb(int(tree.p)) / int(tree.q))
    if tree == sympy.pi:
        return acb.pi()
    if tree == sympy.E:
        return acb(1).exp()
    arguments = [to_acb(part, value, constants) for part in tree.args]
    if tree.is_Add:
        return sum(arguments[1:], arguments[0])
    if tree.is_Mul:
        product = arguments[0]
        for other in arguments[1:]:
            product *= other
        return product
    if isinstance(tree, sympy.exp):
        return arguments[0].exp()
    if (
        isinstance(tree, sympy.Pow)
        and tree.exp.is_Integer
        and not (tree.exp < 0 and tree.base.has(x))
    ):
        return arguments[0] ** int(tree.exp)
    if isinstance(tree, sympy.Pow) and not tree.base.has(x):
        return arguments[0] ** arguments[1]
    simple = {sympy.cos: "cos", sympy.sin: "sin", sympy.erf: "erf"}
    if type(tree) in simple:
        return getattr(arguments[0], simple[type(tree)])()
    if isinstance(tree, sympy.besseli):
        return arguments[1].bessel_i(arguments[0])
    raise TypeError(f"{type(tree).__name__} is not an entire function known here")
