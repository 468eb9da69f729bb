"""Symbols of the false variants; the true statements are in proofs/local_convergence."""

from mflverify.expr import (
    Direction,
    Flow,
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    Point,
    Space,
    VectorSymbol,
    generator,
    grad,
    grad_adjoint,
    inner,
    inverse_generator,
)

X = Space("X")
Y = Space("Y")
f = FunctionSymbol("f", X, "perturbation")
g = FunctionSymbol("g", Y, "perturbation")
M = KernelSymbol("M", source=Y, target=X)
x, v = Point("x", X), Direction("v", X)
phi = VectorSymbol("Phi", X)

tau = Parameter("tau", "positive")
alpha = Parameter("alpha", "positive")
eps = Parameter("eps", "positive")
K = Parameter("K", "positive")
t = Parameter("t", "nonnegative")

L = generator
descent_ascent = Flow.of(
    "MFL-DA",
    {
        f: -tau * L(f) - L(M(g)) - grad_adjoint(f * grad(M(g))),
        g: -tau * L(g) + L(M.T(f)) + grad_adjoint(g * grad(M.T(f))),
    },
)
error_x = inner(f, inverse_generator(grad_adjoint(f * grad(M(g)))))
error_y = inner(g, inverse_generator(grad_adjoint(g * grad(M.T(f)))))
