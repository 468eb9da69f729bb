"""Flows of n species on a torus near an exact equilibrium: the data, without a discretisation."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from attrs import field, frozen

from mflverify.dynamics.exponential import Array
from mflverify.dynamics.interaction import Kernel, Remainder
from mflverify.dynamics.torus_grid import TorusGrid
from mflverify.dynamics.trigonometric import TrigSeries


@frozen(eq=False)
class TorusModel:
    """What a flow is made of, without a discretisation.

    potentials: U_i, so that the equilibrium of species i is exp(-U_i)/Z.
    temperatures, timescales: tau_i and eta_i, positive.
    kernels: {(i, j): k_ij}, the action of species j on species i.
    remainder: the part of V_i that is quadratic in mu, if any.
    The external potentials are whatever makes the equilibrium stationary; they need not be known.
    Raises ValueError for data that do not fit together.
    """

    potentials: tuple[TrigSeries, ...] = field(converter=tuple)
    temperatures: tuple[float, ...] = field(converter=tuple)
    timescales: tuple[float, ...] = field(converter=tuple)
    kernels: Mapping[tuple[int, int], Kernel]
    remainder: Remainder | None = None
    name: str = "model"

    def __attrs_post_init__(self) -> None:
        n = len(self.potentials)
        if not n:
            raise ValueError("a model needs at least one species")
        for what, values in (("temperatures", self.temperatures), ("timescales", self.timescales)):
            if len(values) != n:
                raise ValueError(f"{n} {what} are needed, one for each species: {values}")
            if not all(np.isfinite(value) and value > 0 for value in values):
                raise ValueError(f"{what} must be positive: {values}")
        series = [*self.potentials, *(k.convolution for k in self.kernels.values())]
        if len({s.dimension for s in series}) != 1:
            raise ValueError("all species and kernels must live in the same dimension")
        for pair in self.kernels:
            if len(pair) != 2 or not all(0 <= index < n for index in pair):
                raise ValueError(f"no such pair of species: {pair}")
        if self.remainder is not None and len(self.remainder.functions) != n:
            raise ValueError("a remainder needs one function for each species")

    @property
    def species(self) -> int:
        """n."""
        return len(self.potentials)

    @property
    def dimension(self) -> int:
        """d."""
        return self.potentials[0].dimension

    @property
    def is_gradient_flow(self) -> bool:
        """One species with a symmetric kernel: MFLD, with a free energy."""
        kernel = self.kernels.get((0, 0))
        if self.species != 1:
            return False
        if kernel is None:
            return True
        rng = np.random.default_rng(0)
        x, y = rng.uniform(0, 2 * np.pi, (2, self.dimension, 50))
        return bool(
            np.allclose(_values(kernel, x, y), _values(kernel, y, x), rtol=1e-12, atol=1e-12)
        )

    def degree(self) -> int:
        """The largest wave number of the data."""
        extra = self.remainder.functions if self.remainder else ()
        return max(
            *(series.degree for series in (*self.potentials, *extra)),
            *(kernel.degree for kernel in self.kernels.values()),
            1,
        )


def _values(kernel: Kernel, x: Array, y: Array) -> Array:
    total = kernel.convolution.values(x - y)
    for target, source in kernel.products:
        total = total + target.values(x) * source.values(y)
    return total


def mean_field_langevin(
    potential: TrigSeries,
    temperature: float,
    kernel: Kernel,
    *,
    remainder: Remainder | None = None,
    name: str = "MFLD",
) -> TorusModel:
    """MFLD with equilibrium exp(-potential)/Z and F'' = kernel there (which must be symmetric)."""
    return TorusModel((potential,), (temperature,), (1.0,), {(0, 0): kernel}, remainder, name)


def descent_ascent(
    potentials: tuple[TrigSeries, TrigSeries],
    temperature: float,
    payoff: Kernel,
    *,
    timescale: float = 1.0,
    name: str = "MFL-DA",
) -> TorusModel:
    """MFL-DA: x descends and y ascends the payoff k(x, y); y runs `timescale` times as fast."""
    kernels = {(0, 1): payoff, (1, 0): payoff.transposed(-1.0)}
    return TorusModel(potentials, (temperature, temperature), (1.0, timescale), kernels, None, name)


def resolved_grid(model: TorusModel, modes: int) -> TorusGrid:
    """A grid with at least `modes` modes that holds the model's data."""
    return TorusGrid(model.dimension, max(modes, model.degree()))
