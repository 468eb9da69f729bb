"""The closed-form examples: spaces, equilibria, kernels, states (statements.md, section C)."""

from __future__ import annotations

from typing import Any

import sympy
from attrs import frozen

from mflverify.examples.closed_forms import ClosedSpace, Expr, r, x
from mflverify.expr.language import generator, grad, grad_adjoint
from mflverify.expr.sorts import Space
from mflverify.expr.terms import Flow, FunctionSymbol, KernelSymbol, Parameter

tau = Parameter("tau", "positive")
SX, SY = Space("X"), Space("Y")
f = FunctionSymbol("f", SX, "perturbation")
g = FunctionSymbol("g", SY, "perturbation")
S = KernelSymbol("M", SX, SX, symmetric=True)
M = KernelSymbol("M", SY, SX)

GRADIENT_FLOW = Flow.of(
    "MFLD", {f: -tau * generator(f) - generator(S(f)) - grad_adjoint(f * grad(S(f)))}
)
DESCENT_ASCENT = Flow.of(
    "MFL-DA",
    {
        f: -tau * generator(f) - generator(M(g)) - grad_adjoint(f * grad(M(g))),
        g: -tau * generator(g) + generator(M.T(f)) + grad_adjoint(g * grad(M.T(f))),
    },
)

sym_tau = sympy.Symbol("tau", positive=True)


@frozen
class State:
    """One perturbation f with its potential.

    symbolic_slope: grad L^-1 f for exact integration (it may contain the Mehler variable r).
    numeric_slope: the same in the coordinate alone, for quadrature; both are verified against
    -(mu_bar phi')' = f mu_bar by the tests.
    """

    space: ClosedSpace
    value: Expr
    symbolic_slope: Expr
    numeric_slope: Expr


@frozen
class ClosedExample:
    """A flow at an exact equilibrium with a closed-form state.

    kernel: pairs (a, b) with k(x, y) = sum a(x) b(y).  signs: +1 for a player who descends, -1 for
    one who ascends.  values: rational values of the parameters, for the comparison.
    """

    name: str
    title: str
    source: str
    flow: Flow
    states: tuple[State, ...]
    kernel: list[tuple[Expr, Expr]]
    values: dict[Any, Any]

    @property
    def symbols(self) -> tuple[FunctionSymbol, ...]:
        """The state symbols, in the order of `states`."""
        return tuple(symbol for symbol, _ in self.flow.equations)


def torus_state(space: ClosedSpace, phi: Expr) -> State:
    """f = L phi for a trigonometric polynomial phi."""
    slope = sympy.diff(phi, x)
    value = sympy.expand(sympy.diff(space.potential, x) * slope - sympy.diff(slope, x))
    return State(space, value, slope, slope)


def shifted_gaussian(m: Expr) -> State:
    """mu = N(m, 1) against N(0, 1): f = e^{mx - m^2/2} - 1, by Mehler and by distribution functions."""
    space = ClosedSpace(None)
    slope = m * sympy.exp(r * m * x - r**2 * m**2 / 2)
    normal = sympy.exp(-(x**2) / 2) / sympy.sqrt(2 * sympy.pi)
    root = sympy.sqrt(2)
    distribution = (sympy.erf((x - m) / root) - sympy.erf(x / root)) / 2
    return State(space, sympy.exp(m * x - m**2 / 2) - 1, slope, -distribution / normal)


def catalogue() -> tuple[ClosedExample, ...]:
    """All examples."""
    s, q, m, c, a, b, eps, delta, kappa, nu, beta, gamma = sympy.symbols(
        "s r_2 m c a b epsilon delta kappa nu beta gamma", real=True
    )
    Q = sympy.Rational
    uniform = ClosedSpace(sympy.Integer(0))
    von_mises, other = ClosedSpace(kappa), ClosedSpace(nu)
    cos, sin = sympy.cos, sympy.sin
    kuramoto = [(2 * m * cos(x), cos(x)), (2 * m * sin(x), sin(x))]
    rotation = [(2 * c * cos(x), cos(x)), (2 * c * sin(x), sin(x))]
    one = sympy.Integer(1)
    return (
        ClosedExample(
            "kuramoto", "one harmonic on the uniform torus, f = s cos x + r cos 2x", "E2",
            GRADIENT_FLOW, (torus_state(uniform, s * cos(x) + q * cos(2 * x) / 4),), kuramoto,
            {sym_tau: Q(3, 4), m: Q(-2, 5), s: Q(1, 3), q: Q(1, 7)},
        ),
        ClosedExample(
            "von-mises-cos", "von Mises equilibrium, f = eps L cos, k = m cos x cos x'", "E4",
            GRADIENT_FLOW, (torus_state(von_mises, eps * cos(x)),), [(m * cos(x), cos(x))],
            {sym_tau: Q(1, 2), m: Q(2, 3), eps: Q(1, 5), kappa: Q(13, 10)},
        ),
        ClosedExample(
            "von-mises-sin", "von Mises equilibrium, f = eps L sin, k = m sin x sin x'", "E4",
            GRADIENT_FLOW, (torus_state(von_mises, eps * sin(x)),), [(m * sin(x), sin(x))],
            {sym_tau: Q(1, 2), m: Q(2, 3), eps: Q(1, 4), kappa: Q(13, 10)},
        ),
        ClosedExample(
            "gaussian-shift", "N(m, 1) against N(0, 1), k = beta x x'", "E6",
            GRADIENT_FLOW, (shifted_gaussian(m),), [(beta * x, x)],
            {sym_tau: Q(3, 5), m: Q(1, 2), beta: Q(2, 7)},
        ),
        ClosedExample(
            "squared-distance", "N(m, 1) against N(0, 1), k = gamma/2 (x - x')^2", "E7",
            GRADIENT_FLOW, (shifted_gaussian(m),),
            [(gamma / 2 * x**2, one), (gamma / 2, x**2), (-gamma * x, x)],
            {sym_tau: Q(4, 5), m: Q(2, 5), gamma: Q(1, 3)},
        ),
        ClosedExample(
            "bilinear-torus", "zero-sum game on uniform tori, k = 2c cos(x - y)", "E11",
            DESCENT_ASCENT,
            (torus_state(uniform, a * cos(x) + b * sin(2 * x)), torus_state(uniform, b * cos(x) - a * cos(2 * x) / 3)),
            rotation, {sym_tau: Q(3, 4), c: Q(5, 4), a: Q(1, 4), b: Q(1, 9)},
        ),
        ClosedExample(
            "bilinear-von-mises", "zero-sum game on von Mises tori, k = m sin x sin y", "E4, E11",
            DESCENT_ASCENT,
            (torus_state(von_mises, eps * sin(x)), torus_state(other, delta * (sin(x) + cos(x) / 2))),
            [(m * sin(x), sin(x))],
            {sym_tau: Q(1, 2), m: Q(3, 2), eps: Q(1, 6), delta: Q(1, 8), kappa: Q(6, 5), nu: Q(-4, 5)},
        ),
        ClosedExample(
            "bilinear-gaussian", "zero-sum game on the line, k = beta x y, N(a, 1) and N(b, 1)", "E12",
            DESCENT_ASCENT, (shifted_gaussian(a), shifted_gaussian(b)), [(beta * x, x)],
            {sym_tau: Q(2, 3), beta: Q(3, 4), a: Q(1, 2), b: Q(-1, 3)},
        ),
    )  # fmt: skip
