"""Remark 4.1: the linearised operator of descent-ascent, its form, and its slowest mode.

On pairs of gradient fields, A = (tau grad_x grad_x*, grad_x M grad_y*; -grad_y M^T grad_x*,
tau grad_y grad_y*) is the min-max Hessian of the free energy at the saddle.
"""

from mflverify.expr import (
    FunctionSymbol,
    Parameter,
    Term,
    VectorSymbol,
    curvature,
    equation,
    generator,
    grad,
    grad_adjoint,
    inner,
    jacobian_square,
    kernel_along,
    norm,
    one,
    poincare_constant,
    sqrt,
)
from mflverify.proof import Statement, kernel_by_parts, poincare_dual

from .lemma_a_2 import Phi
from .lemma_a_2 import lemma as lemma_a_2
from .notation import M, X, Y, alpha, tau

u, p = FunctionSymbol("u", X), FunctionSymbol("p", X)
w, q = FunctionSymbol("w", Y), FunctionSymbol("q", Y)


def applied(u: Term, w: Term) -> tuple[Term, Term]:
    """A (grad u, grad w), as a pair of fields"""
    first = tau * grad(grad_adjoint(grad(u))) + grad(M(grad_adjoint(grad(w))))
    second = tau * grad(grad_adjoint(grad(w))) - grad(M.T(grad_adjoint(grad(u))))
    return first, second


def paired(left: tuple[Term, Term], right: tuple[Term, Term]) -> Term:
    """The inner product of two pairs of fields"""
    return inner(left[0], right[0]) + inner(left[1], right[1])


def fields(u: Term, w: Term) -> tuple[Term, Term]:
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
    tau * alpha * (norm(grad(u)) ** 2 + norm(grad(w)) ** 2) <= paired(fields(u, w), applied(u, w)),
    because=[form, poincare_dual(generator(u)), poincare_dual(generator(w))],
    note="real and imaginary parts of an eigenvector add up: Re z >= tau alpha on the whole spectrum",
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

# The min-max Hessian: the own blocks of x and of -y, and the crossed blocks xy and -yx.  At the
# saddle hess(int k d mu_bar^y) = -tau hess log mu_bar^x, and the opposite sign for y.
field_x, field_y = VectorSymbol("Phi", X), VectorSymbol("Psi", Y)


def own(phi: VectorSymbol) -> Term:
    """Hess_xx of the free energy, and -Hess_yy"""
    return tau * inner(one(phi.space), jacobian_square(phi) + curvature(phi))


hessian = Statement(
    "rem-4.1-hessian",
    "The min-max Hessian of the free energy at the saddle",
    kind="remark",
    source="Remark 4.1, for any vector fields",
)
hessian.conclude(
    "xx",
    equation(own(field_x), tau * inner(field_x, grad(grad_adjoint(field_x)))),
    because=[lemma_a_2.at({Phi: field_x})],
)
hessian.conclude(
    "yy",
    equation(own(field_y), tau * inner(field_y, grad(grad_adjoint(field_y)))),
    because=[lemma_a_2.at({Phi: field_y})],
)
hessian.conclude(
    "xy",
    equation(
        inner(field_x, grad(kernel_along(M, field_y))),
        inner(field_x, grad(M(grad_adjoint(field_y)))),
    ),
    because=[kernel_by_parts(M, field_y, grad_adjoint(field_x))],
)
hessian.conclude(
    "yx",
    equation(
        -inner(field_y, grad(kernel_along(M.T, field_x))),
        -inner(field_y, grad(M.T(grad_adjoint(field_x)))),
    ),
    because=[kernel_by_parts(M.T, field_x, grad_adjoint(field_y))],
)

# One pair of modes: L_x and eta L_y act as a and b, the payoff couples them by m, and the block is
# (tau a, a m; -b m, tau b), with b = a + c: a is the smaller of the two, and tau a is guaranteed.
a, c = Parameter("a", "positive"), Parameter("c", "nonnegative")
b = a + c
m = Parameter("m", "real")
trace, determinant = tau * (a + b), a * b * (tau**2 + m**2)
guaranteed = tau * a

overdamped = Statement(
    "rem-4.1-overdamped",
    "A pair of modes with weak coupling: real eigenvalues, and the smaller one",
    kind="remark",
    given=[4 * a * b * m**2 <= tau**2 * c**2],
    source="Remark 4.1: |m| <= tau c / (2 sqrt(a b)), with b = a + c",
)
root = sqrt(tau**2 * c**2 - 4 * a * b * m**2)
low = (trace - root) / 2
overdamped.conclude("eigenvalue", equation(low**2 - trace * low + determinant, 0))
overdamped.conclude(
    "gap",
    equation((low - tau * a) * (tau * b - low), a * b * m**2),
    note="strictly between tau a and tau b unless the coupling vanishes",
)
difference = overdamped.step("root", root <= tau * c)
overdamped.conclude("bound", guaranteed <= low, because=[difference])

underdamped = Statement(
    "rem-4.1-underdamped",
    "A pair of modes with strong coupling: complex eigenvalues",
    kind="remark",
    given=[tau**2 * c**2 < 4 * a * b * m**2],
    source="Remark 4.1: |m| > tau c / (2 sqrt(a b)), with b = a + c",
)
speed = trace / 2
turning = sqrt(4 * a * b * m**2 - tau**2 * c**2) / 2
underdamped.conclude("real-part", equation(speed**2 - turning**2 - trace * speed + determinant, 0))
underdamped.conclude("imaginary-part", equation(2 * speed * turning - trace * turning, 0))
underdamped.conclude("bound", guaranteed <= speed)
underdamped.conclude(
    "gain",
    equation(2 * (speed - guaranteed), tau * c),
    note="attained with a coupling that does not vanish when c = 0; strictly faster otherwise",
)
