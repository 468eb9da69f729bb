"""The symbols of the gauntlet, and what a claim of it is."""

from collections.abc import Iterable

from attrs import frozen

from mflverify.expr import (
    Direction,
    Flow,
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    Point,
    Relation,
    Space,
    VectorSymbol,
    generator,
    grad,
    grad_adjoint,
)
from mflverify.proof import Statement, Step
from mflverify.proof.statement import Reason

X, Y = Space("X"), Space("Y")
f, g = FunctionSymbol("f", X, "perturbation"), FunctionSymbol("g", Y, "perturbation")
h = FunctionSymbol("h", X, "mean-zero")
u, w = FunctionSymbol("u", X), FunctionSymbol("w", X)
phi, psi = VectorSymbol("Phi", X), VectorSymbol("Psi", X)
M = KernelSymbol("M", source=Y, target=X)
S = KernelSymbol("S", X, X, symmetric=True)
A = KernelSymbol("A", X, X)
x, v = Point("x", X), Direction("v", X)

tau, alpha, eps, K, eta = (
    Parameter(name, "positive") for name in ("tau", "alpha", "eps", "K", "eta")
)
a, b, c = (Parameter(name, "positive") for name in "abc")
r = Parameter("r")
s, t = Parameter("s", "nonnegative"), Parameter("t", "nonnegative")

L = generator
flow = Flow("abstract")
P, Q, D = (flow.quantity(name) for name in ("P", "Q", "D"))
heat = Flow.of("heat", {f: -tau * L(f)})
mfld = Flow.of("MFLD", {f: -tau * L(f) - L(S(f)) - grad_adjoint(f * grad(S(f)))})
game = Flow.of(
    "MFL-DA",
    {
        f: -tau * L(f) - L(M(g)) - grad_adjoint(f * grad(M(g))),
        g: -tau * L(g) + L(M.T(f)) + grad_adjoint(g * grad(M.T(f))),
    },
)


@frozen
class Entry:
    """A claim with hypotheses, assumptions and reasons.

    at: for a false one the obligation that must fail, or words of the kernel's refusal.
    """

    claim: Relation
    at: str = "claim"
    given: tuple[Relation, ...] = ()
    because: tuple[Reason, ...] = ()
    assuming: tuple[Relation, ...] = ()
    local: tuple[Relation, tuple[Relation, ...]] | None = None

    def step(self) -> Step:
        """The claim as the last step of a statement; `local` is an earlier step that it may use."""
        statement = Statement("entry", "one claim", given=self.given)
        because: Iterable[Reason] = self.because
        if self.local is not None:
            claim, assuming = self.local
            because = [statement.step("local", claim, assuming=assuming), *because]
        return statement.step("claim", self.claim, because=because, assuming=self.assuming)
