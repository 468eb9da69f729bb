"""Spaces, densities, operators and constants shared by the statements of the paper."""

from mflverify.expr import (
    Direction,
    Flow,
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    Point,
    RemainderSymbol,
    Space,
    generator,
    grad,
    grad_adjoint,
)

# Two players; a gradient flow lives on X alone.
X = Space("X")
Y = Space("Y")
f = FunctionSymbol("f", X, "perturbation")
g = FunctionSymbol("g", Y, "perturbation")

# The payoff k(x, y) acts on perturbations of the second player; M.T on those of the first.
M = KernelSymbol("M", source=Y, target=X)
# The interaction of a gradient flow is symmetric.
S = KernelSymbol("M", source=X, target=X, symmetric=True)

# What the first variation F' has beyond its linear part at equilibrium.
R = RemainderSymbol("R", (X,), X)

x, v = Point("x", X), Direction("v", X)

tau = Parameter("tau", "positive")
alpha = Parameter("alpha", "positive")
eps = Parameter("eps", "positive")
lam = Parameter("lambda", "nonnegative")
K = Parameter("K", "nonnegative")
T = Parameter("T", "nonnegative")
t = Parameter("t", "nonnegative")
q = Parameter("q", "nonnegative")  # s = q / (1 + q) runs through a segment of measures

# (2.2): mean-field Langevin dynamics with F'' = k.
mfld = Flow.of(
    "MFLD",
    {f: -tau * generator(f) - generator(S(f)) - grad_adjoint(f * grad(S(f)))},
)

# (3.6): mean-field Langevin dynamics of a general functional.
general_mfld = Flow.of(
    "general MFLD",
    {
        f: -tau * generator(f)
        - grad_adjoint((1 + f) * grad(S(f)))
        - grad_adjoint((1 + f) * grad(R(f)))
    },
)

# (4.2): mean-field Langevin descent-ascent.
descent_ascent = Flow.of(
    "MFL-DA",
    {
        f: -tau * generator(f) - generator(M(g)) - grad_adjoint(f * grad(M(g))),
        g: -tau * generator(g) + generator(M.T(f)) + grad_adjoint(g * grad(M.T(f))),
    },
)
