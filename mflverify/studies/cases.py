"""What studies need of a model and its initial datum, on a torus or on the line."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Protocol

import numpy as np
from attrs import frozen
from numpy.polynomial import Polynomial

from mflverify.dynamics.constants import Constants, constants, log_sobolev_bounds
from mflverify.dynamics.exponential import Array
from mflverify.dynamics.line_flow import LineFlow, LineModel
from mflverify.dynamics.line_spectrum import line_spectrum
from mflverify.dynamics.simulation import Simulable
from mflverify.dynamics.spectrum import Spectrum, linearised_spectrum
from mflverify.dynamics.stepping import Vector
from mflverify.dynamics.torus_flow import TorusFlow
from mflverify.dynamics.torus_grid import Complex, TorusGrid
from mflverify.dynamics.torus_model import TorusModel
from mflverify.dynamics.trigonometric import TrigSeries
from mflverify.numerics.density import LogPolynomialDensity
from mflverify.numerics.log_sobolev import log_sobolev_constant
from mflverify.numerics.poincare import poincare_constant


class DiscreteFlow(Simulable, Protocol):
    """A flow with a finite number of modes."""

    @property
    def species(self) -> int: ...
    def refined(self, state: Vector, finer: Any) -> Vector: ...


class Case(Protocol):
    """A model with an initial datum.

    source: the text it came from, kept with every result.  fewest, most: modes to begin with and
    to end with when their number is doubled until a run is resolved.
    """

    @property
    def name(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def fewest(self) -> int: ...
    @property
    def most(self) -> int: ...
    def flow(self, modes: int) -> DiscreteFlow: ...
    def start(self, flow: Any) -> Vector: ...
    def spectrum(self) -> Spectrum: ...
    def constants(self) -> Constants: ...
    def log_sobolev(self) -> Array: ...


_FEWEST = {1: 32, 2: 16, 3: 8}
_MOST = {1: 4096, 2: 256, 3: 48}
_SPECTRUM = {1: 32, 2: 8, 3: 3}


@frozen(eq=False)
class TorusCase:
    """A model on a torus with f_0 of each species as a trigonometric polynomial."""

    model: TorusModel
    starts: tuple[TrigSeries, ...]
    source: str

    @property
    def name(self) -> str:
        """The model's name."""
        return self.model.name

    @property
    def fewest(self) -> int:
        """Modes to begin with."""
        return max(_FEWEST[self.model.dimension], self.model.degree())

    @property
    def most(self) -> int:
        """Modes to end with."""
        return _MOST[self.model.dimension]

    def flow(self, modes: int) -> TorusFlow:
        """The model with `modes` wave numbers in each direction."""
        return TorusFlow(self.model, TorusGrid(self.model.dimension, modes))

    def start(self, flow: TorusFlow) -> Complex:
        """The initial state on a grid."""
        points = flow.grid.coordinates
        return flow.state_of([series.values(points) for series in self.starts])

    def spectrum(self) -> Spectrum:
        """The linearised flow.  Raises SpectrumError when computations of the rate disagree."""
        return linearised_spectrum(self.model, _SPECTRUM[self.model.dimension], enclosed=True)

    def constants(self) -> Constants:
        """The constants of the theorems."""
        return constants(self.model)

    def log_sobolev(self) -> Array:
        """Bounds of each species' log-Sobolev constant, shape (n, 2)."""
        return np.array([log_sobolev_bounds(potential) for potential in self.model.potentials])


@frozen(eq=False)
class LineCase:
    """A model on the line with mu_0 proportional to exp(p) mu_bar, p a polynomial for each species."""

    model: LineModel
    starts: tuple[Polynomial, ...]
    source: str
    fewest: int = 48
    most: int = 400

    @property
    def name(self) -> str:
        """The model's name."""
        return self.model.name

    def flow(self, modes: int) -> LineFlow:
        """The model in `modes` eigenfunctions of each generator."""
        return LineFlow(self.model, modes)

    def start(self, flow: LineFlow) -> Array:
        """The initial state.  Raises ValueError when its chi2 is infinite."""
        return flow.state_of(self.starts)

    def spectrum(self) -> Spectrum:
        """The linearised flow.  Raises SpectrumError when two computations disagree."""
        return line_spectrum(self.model, enclosed=True)

    def constants(self) -> Constants:
        """The constants of the theorems; K is infinite unless the kernels are bilinear."""
        model, n = self.model, self.model.species
        mixed = np.zeros((n, n))
        for (i, j), kernel in model.kernels.items():
            slopes = [target.deriv() * source.deriv() for target, source in kernel]
            bilinear = all(max(t.trim().degree(), s.trim().degree()) <= 1 for t, s in kernel)
            mixed[i, j] = abs(sum(float(p.coef[0]) for p in slopes)) if bilinear else np.inf
        matrix = LineFlow(model, self.fewest).interaction_matrix()
        values = np.linalg.eigvalsh((matrix + matrix.T) / 2)
        raised = 1e-10 * float(np.abs(values).max())
        return Constants(
            alpha=np.array([_below(p) for p in model.potentials]),
            temperature=np.array(model.temperatures),
            timescale=np.array(model.timescales),
            slack=max(0.0, float(-values[0])) + raised,
            mixed=mixed,
            third=np.zeros((n, n, n)),
        )

    def log_sobolev(self) -> Array:
        """Bounds of each species' log-Sobolev constant, shape (n, 2)."""
        rows = []
        for potential in self.model.potentials:
            found = log_sobolev_constant(_density(potential))
            rows.append(
                (
                    np.nextafter(float(found.lower), 0.0),
                    np.nextafter(float(found.upper), np.inf),
                )
            )
        return np.array(rows)


def _density(potential: Polynomial) -> LogPolynomialDensity:
    """exp(-U)/Z as an exact density: floats are the rationals that they are."""
    coefficients = np.asarray(potential.convert().trim().coef, dtype=float)
    return LogPolynomialDensity(tuple(Fraction(float(c)) for c in coefficients))


def _below(potential: Polynomial) -> float:
    enclosure = poincare_constant(_density(potential), digits=6)
    return float(np.nextafter(float(enclosure.lower), 0.0))
