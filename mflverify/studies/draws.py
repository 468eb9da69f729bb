"""Random models that satisfy the hypotheses of a theorem, and random initial directions."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from attrs import evolve

from mflverify.dynamics.constants import interaction_slack
from mflverify.dynamics.interaction import Kernel, Remainder
from mflverify.dynamics.torus_flow import TorusFlow
from mflverify.dynamics.torus_grid import Complex
from mflverify.dynamics.torus_model import TorusModel, descent_ascent, mean_field_langevin
from mflverify.dynamics.trigonometric import TrigSeries, random_series

_DEGREE = 2


def draw_model(theorem: str, rng: np.random.Generator, species: int = 3) -> TorusModel:
    """A model on the circle for one of the theorems, with an equilibrium that is not uniform.

    species: their number in Theorems 5.1 and 5.2; the others have their own.  Raises ValueError for a theorem that is not known.
    """
    tau = float(rng.uniform(0.4, 1.0))
    if theorem in ("thm-3.2", "thm-3.8"):
        kernel = _symmetric(rng, convex=False)
        model = mean_field_langevin(_potential(rng), tau, kernel)
        model = _with_slack(model, float(rng.uniform(0.0, 0.7)) * tau)
        if theorem == "thm-3.8":
            psi = random_series(rng, 1, 1, 0.7)
            tensor = np.full((1, 1, 1), rng.normal() * 0.3)
            model = evolve(model, remainder=Remainder((psi,), tensor))
        return model
    if theorem == "prop-B.1":
        return mean_field_langevin(_potential(rng), tau, _symmetric(rng, convex=True))
    if theorem in ("thm-4.1", "cor-4.2"):
        eta = float(2 ** rng.uniform(-2, 2)) if theorem == "cor-4.2" else 1.0
        potentials = (_potential(rng), _potential(rng))
        return descent_ascent(potentials, tau, _general(rng), timescale=eta)
    if theorem in ("thm-5.1", "thm-5.2"):
        n = species
        kernels = {(i, j): _general(rng).scaled(0.5) for i in range(n) for j in range(n)}
        model = TorusModel(
            tuple(_potential(rng) for _ in range(n)), (tau,) * n, (1.0,) * n, kernels
        )
        model = _with_slack(model, float(rng.uniform(0.0, 0.7)) * tau)
        if theorem == "thm-5.1":
            tensor = rng.normal(size=(n, n, n)) * 0.05
            functions = tuple(random_series(rng, 1, 1, 0.7) for _ in range(n))
            remainder = Remainder(functions, tensor + np.swapaxes(tensor, 1, 2))
            model = evolve(model, remainder=remainder)
        return model
    raise ValueError(f"no such theorem: {theorem}")


def draw_monotone_model(theorem: str, rng: np.random.Generator, factor: float) -> TorusModel:
    """A model without slack for the theorem, all kernels multiplied by `factor`.

    Strong interactions leave the hypotheses intact (the ball shrinks), and make the linearised
    flow far from normal in L^2.
    """
    model = draw_model(theorem, rng)
    kernels = dict(model.kernels)
    if model.species == 1:
        # one square of a function that mixes eigenfunctions of L: M and L do not commute
        psi = random_series(rng, 1, _DEGREE, 1.0)
        kernels = {(0, 0): Kernel(TrigSeries(1, {}), [(psi, psi)])}
    elif theorem in ("thm-5.1", "thm-5.2"):
        upper = {(i, j): _general(rng) for i in range(3) for j in range(i + 1, 3)}
        lower = {(j, i): kernel.transposed(-1.0) for (i, j), kernel in upper.items()}
        kernels = {**upper, **lower}
    return evolve(model, kernels={pair: k.scaled(factor) for pair, k in kernels.items()})


def _potential(rng: np.random.Generator) -> TrigSeries:
    return random_series(rng, 1, _DEGREE, float(rng.uniform(0.1, 0.6)))


def _general(rng: np.random.Generator) -> Kernel:
    products = [(random_series(rng, 1, _DEGREE, 0.6), random_series(rng, 1, _DEGREE, 0.6))]
    return Kernel(random_series(rng, 1, _DEGREE, 0.8), products)


def _symmetric(rng: np.random.Generator, *, convex: bool) -> Kernel:
    even = random_series(rng, 1, _DEGREE, 0.8)
    terms = {m: (abs(a) if convex else a, 0.0) for m, (a, _) in even.terms.items()}
    psi = random_series(rng, 1, _DEGREE, 0.6)
    sign = 1.0 if convex or rng.random() < 0.5 else -1.0
    return Kernel(TrigSeries(1, terms), [(psi.scaled(sign), psi)])


def _with_slack(model: TorusModel, slack: float) -> TorusModel:
    """All kernels scaled by one factor, so that lambda becomes `slack`, or unchanged if convex."""
    now = interaction_slack(model)
    factor = slack / now if now > 1e-6 else 1.0
    kernels: Mapping[tuple[int, int], Kernel] = {
        pair: kernel.scaled(min(factor, 3.0)) for pair, kernel in model.kernels.items()
    }
    return evolve(model, kernels=kernels)


def draw_direction(model: TorusModel, rng: np.random.Generator) -> tuple[TrigSeries, ...]:
    """f of each species, as drawn: its size is set by `largest_multiple` and a ball."""
    return tuple(random_series(rng, 1, 3, 1.0) for _ in range(model.species))


def direction_state(flow: TorusFlow, direction: tuple[TrigSeries, ...]) -> tuple[Complex, float]:
    """The state of a direction, and the largest s with 1 + s f >= 0.02 for every species."""
    points = flow.grid.coordinates
    state = flow.state_of([series.values(points) for series in direction])
    return state, 0.98 / float(np.max(-flow.perturbation(state)))
