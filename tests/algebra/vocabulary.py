"""Symbols that the tests of the algebra share."""

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
    inverse_generator,
)

X, Y = Space("X"), Space("Y")
f = FunctionSymbol("f", X, "perturbation")
h = FunctionSymbol("h", X, "mean-zero")
u, w = FunctionSymbol("u", X), FunctionSymbol("w", X)
g = FunctionSymbol("g", Y, "perturbation")
q = FunctionSymbol("q", Y)
phi, psi = VectorSymbol("Phi", X), VectorSymbol("Psi", X)
M = KernelSymbol("M", source=Y, target=X)
S = KernelSymbol("S", X, X, symmetric=True)
A = KernelSymbol("A", X, X)
x, v = Point("x", X), Direction("v", X)
tau, eta, eps = (Parameter(name, "positive") for name in ("tau", "eta", "eps"))
c = Parameter("c")
L, inverse = generator, inverse_generator

# (2.2), (4.2) with two temperatures and two time scales, (3.7) with a general remainder R = w
gradient_flow = Flow.of("mfld", {f: -tau * L(f) - L(S(f)) - grad_adjoint(f * grad(S(f)))})
game = Flow.of(
    "game",
    {
        f: -tau * L(f) - L(M(g)) - grad_adjoint(f * grad(M(g))),
        g: eta * (-eps * L(g) + L(M.T(f)) + grad_adjoint(g * grad(M.T(f)))),
    },
)
remainder_flow = Flow.of(
    "remainder",
    {f: -tau * L(f) - L(S(f)) - grad_adjoint(f * grad(S(f))) - grad_adjoint((1 + f) * grad(w))},
)
