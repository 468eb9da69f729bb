"""Random models on tori for the tests of the flows."""

import numpy as np

from mflverify.dynamics.interaction import Kernel, Remainder
from mflverify.dynamics.torus_flow import TorusFlow
from mflverify.dynamics.torus_model import TorusModel
from mflverify.dynamics.trigonometric import TrigSeries, random_series


def random_model(seed: int, species: int, dimension: int = 1, *, cubic: bool = False) -> TorusModel:
    """Every pair of species interacts, with convolutions and products, and no symmetry."""
    rng = np.random.default_rng(seed)
    degree = 3 if dimension == 1 else 2

    def series(size: float) -> TrigSeries:
        return random_series(rng, dimension, degree, size)

    kernels = {
        (i, j): Kernel(series(0.3), [(series(0.4), series(0.4)), (series(0.2), series(0.2))])
        for i in range(species)
        for j in range(species)
    }
    if species == 1:
        even = TrigSeries(dimension, {m: (a, 0.0) for m, (a, _) in series(0.3).terms.items()})
        psi = series(0.4)
        kernels = {(0, 0): Kernel(even, [(psi, psi)])}
    remainder = None
    if cubic:
        tensor = rng.normal(size=(species,) * 3)
        remainder = Remainder(
            tuple(series(0.5) for _ in range(species)), tensor + np.swapaxes(tensor, 1, 2)
        )
    return TorusModel(
        tuple(series(0.4) for _ in range(species)),
        tuple(rng.uniform(0.5, 1.0, species)),
        tuple(rng.uniform(0.5, 2.0, species)),
        kernels,
        remainder,
    )


def random_state(flow: TorusFlow, seed: int, size: float = 0.2, degree: int = 3) -> np.ndarray:
    """A perturbation of every species with 1 + f > 0."""
    rng = np.random.default_rng(seed)
    points = flow.grid.coordinates
    values = []
    for _ in range(flow.species):
        series = random_series(rng, flow.grid.dimension, degree, 1.0)
        values.append(size / series.supremum() * series.values(points))
    return flow.state_of(values)
