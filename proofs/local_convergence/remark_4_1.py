"""Remark 4.1: the linearised operator of descent-ascent, its form, and its slowest mode.

On pairs of gradient fields, A = (tau grad_x grad_x*, grad_x M grad_y*; -grad_y M^T grad_x*,
tau grad_y grad_y*) is the min-max Hessian of the free energy at the saddle.
"""

from mflverify.expr import (
    FunctionSymbol,
    Parameter,
    equation,
    generator,
    grad,
    grad_adjoint,
    inner,
    minimum,
    norm,
    poincare_constant,
    sqrt,
)
from mflverify.proof import Statement, poincare_dual

from .notation import M, X, Y, alpha, tau

u, p = FunctionSymbol("u", X), FunctionSymbol("p", X)
w, q = FunctionSymbol("w", Y), FunctionSymbol("q", Y)


def applied(u, w):
    """A (grad u, grad w), as a pair of fields"""
    first = tau * grad(grad_adjoint(grad(u))) + grad(M(grad_adjoint(grad(w))))
    second = tau * grad(grad_adjoint(grad(w))) - grad(M.T(grad_adjoint(grad(u))))
    return first, second


def paired(left, right):
    """The inner product of two pairs of fields"""
    return inner(left[0], right[0]) + inner(left[1], right[1])


def fields(u, w):
    """The pair of gradient fields of two potentials"""
    return grad(u), grad(w)


operator = Statement(
    "rem-4.1",
    "The min-max Hessian of descent-ascent at equilibrium",
    kind="remark",
    given=[alpha <= poincare_constant(X), alpha <= poincare_constant(Y)],
    source="Remark 4.1",
)
form = operator.conclude(
    "form",
    equation(
        paired(fields(u, w), applied(u, w)),
        tau * norm(generator(u)) ** 2 + tau * norm(generator(w)) ** 2,
    ),
    note="the coupling cancels: A is monotone, whatever the payoff",
)
operator.conclude(
    "bound",
    tau * alpha * (norm(grad(u)) ** 2 + norm(grad(w)) ** 2)
    <= paired(fields(u, w), applied(u, w)),
    because=[form, poincare_dual(generator(u)), poincare_dual(generator(w))],
)
asymmetry = operator.conclude(
    "asymmetry",
    equation(
        paired(fields(p, q), applied(u, w)) - paired(fields(u, w), applied(p, q)),
        2 * inner(generator(p), M(generator(w))) - 2 * inner(generator(u), M(generator(q))),
    ),
    note="A is symmetric only when M vanishes on mean-zero functions",
)
claim = operator.step(
    "symmetric",
    equation(paired(fields(p, q), applied(u, w)), paired(fields(u, w), applied(p, q))),
    acknowledged=asymmetry,
    note="as the remark has it",
)

# One pair of modes: L_x and L_y act as a and b (timescales included), the payoff couples by m.
a, b = Parameter("a", "positive"), Parameter("b", "positive")
m = Parameter("m", "real")
mean = tau * (a + b) / 2
discriminant = tau**2 * (a - b) ** 2 - 4 * a * b * m**2

overdamped = Statement(
    "rem-4.1-overdamped",
    "A pair of modes with weak coupling",
    kind="remark",
    given=[4 * a * b * m**2 <= tau**2 * (a - b) ** 2],
    source="Remark 4.1 on the block (tau a, a m; -b m, tau b)",
)
low = (tau * (a + b) - sqrt(discriminant)) / 2
overdamped.conclude(
    "eigenvalue", equation(low**2 - tau * (a + b) * low + a * b * (tau**2 + m**2), 0)
)
