"""The coefficient of the diffusion is read off the expression of a flow."""

from mflverify.dynamics.flows import diffusion_speed
from mflverify.expr import (
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    Space,
    as_term,
    generator,
    grad,
    grad_adjoint,
)


def test_the_diffusion_is_found_inside_products_and_sums() -> None:
    X = Space("X")
    f = FunctionSymbol("f", X, "perturbation")
    S = KernelSymbol("S", X, X, symmetric=True)
    tau, eta = Parameter("tau", "positive"), Parameter("eta", "positive")
    nested = eta * (-tau * generator(f) - (generator(S(f)) + grad_adjoint(f * grad(S(f)))))
    assert diffusion_speed(f, nested) == eta * tau
    assert diffusion_speed(f, -generator(S(f))) == as_term(0)
    assert diffusion_speed(f, -tau * generator(f) - eta * generator(f)) == tau + eta
