"""The coefficient of the diffusion is read off the expression of a flow."""

import numpy as np
import pytest

from mflverify.dynamics.flows import diffusion_speed, integrate
from mflverify.expr import (
    Flow,
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    Space,
    as_term,
    generator,
    grad,
    grad_adjoint,
)
from mflverify.models import Request, TorusBatch, TorusFamily
from mflverify.models.torus_batch import Raw

X = Space("X")


def test_the_diffusion_is_found_inside_products_and_sums() -> None:
    f = FunctionSymbol("f", X, "perturbation")
    S = KernelSymbol("S", X, X, symmetric=True)
    tau, eta = Parameter("tau", "positive"), Parameter("eta", "positive")
    nested = eta * (-tau * generator(f) - (generator(S(f)) + grad_adjoint(f * grad(S(f)))))
    assert diffusion_speed(f, nested) == eta * tau
    assert diffusion_speed(f, -generator(S(f))) == as_term(0)
    assert diffusion_speed(f, -tau * generator(f) - eta * generator(f)) == tau + eta


def test_a_growing_state_is_followed_in_the_time_of_its_growth() -> None:
    """f = s cos x with the kernel 2m cos(x - y): its dual norm grows for m < -tau (example E3)."""
    tau = Parameter("tau", "positive")
    S = KernelSymbol("S", X, X, symmetric=True)
    moving = FunctionSymbol("f", X, "perturbation")
    drift = grad_adjoint((1 + moving) * grad(S(moving)))
    flow = Flow.of("MFLD", {moving: -tau * generator(moving) - drift})
    batch = TorusFamily().draw(Request.of(moving, flow), np.random.default_rng(0), 2)
    raw = {key: np.zeros_like(value) for key, value in batch.raw.arrays.items()}
    raw["function", "f"][:, 1], raw["share", "f"][:] = 1.0, 0.01
    raw["amount", "tau"][:] = 0.5  # tau = 1
    raw["kernel", "S"][0, [1, 2], [1, 2]] = 3.0
    raw["kernel", "S"][1, [1, 2], [1, 2]] = -3.0
    times = integrate(TorusBatch(batch.request, Raw(raw)), flow, (0.1,)).times
    assert times[1] == pytest.approx([0.1, 0.1 / 3], rel=1e-3)
