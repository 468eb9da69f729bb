"""Interacting particles for the same models: Euler-Maruyama and a scheme of weak order two.

    dX^i = -eta_i grad(tau_i U_i + phi_i[mu_N]) dt + sqrt(2 eta_i tau_i) dB

where phi_i[mu_N] = sum_j M_ij f^j + R_i with mu_N - mu_bar in place of mu - mu_bar, so that the exact
equilibrium of the model is that of the limit.  On a torus forces and kernels are trigonometric
polynomials: a step costs N times the number of modes (exact Fourier features), never N^2.

Schemes, with noise dW of variance h (the noise is additive, so both have simple forms):
- euler: X + h b(X) + sigma dW; weak order one.
- heun: with the predictor Z of euler, X + h (b(X) + b(Z))/2 + sigma dW; weak order two
  (Kloeden and Platen 1992, section 15.1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

import numpy as np
from attrs import field, frozen
from numpy.polynomial import Polynomial

from mflverify.dynamics.exponential import Array
from mflverify.dynamics.line_flow import LineFlow
from mflverify.dynamics.torus_flow import TorusFlow
from mflverify.dynamics.torus_grid import Complex, TorusGrid
from mflverify.dynamics.torus_model import TorusModel
from mflverify.dynamics.trigonometric import Mode, TrigSeries, half_space_modes

SCHEMES = ("euler", "heun")
_CHUNK = 1 << 15
_Part = TypeVar("_Part")
_Result = TypeVar("_Result")


class Ensemble(Protocol):
    """The drift and noise of N particles of each species; positions have shape (n, d, N)."""

    @property
    def noise(self) -> Array: ...
    def drift(self, positions: Array) -> Array: ...


def steps(
    ensemble: Ensemble,
    positions: Array,
    step: float,
    rng: np.random.Generator,
    scheme: str = "heun",
) -> Iterator[Array]:
    """Positions after one step, two steps, and so on.  Raises ValueError for another scheme.

    FloatingPointError when a position is not finite.
    """
    if scheme not in SCHEMES:
        raise ValueError(f"the scheme must be one of {', '.join(SCHEMES)}: {scheme}")
    size = np.sqrt(step) * ensemble.noise[:, None, None]
    while True:
        push = size * rng.standard_normal(positions.shape)
        drift = ensemble.drift(positions)
        moved = positions + step * drift + push
        if scheme == "heun":
            moved = positions + step / 2 * (drift + ensemble.drift(moved)) + push
        if not np.all(np.isfinite(moved)):
            raise FloatingPointError(f"a particle blew up with step {step:g}")
        positions = moved
        yield positions


@frozen(eq=False)
class TorusParticles:
    """Particles of a model on a torus.  workers: threads that share the particles."""

    model: TorusModel
    workers: int = 2
    _flow: TorusFlow = field(init=False, repr=False)
    _modes: tuple[Mode, ...] = field(init=False, repr=False)
    _equilibrium: Complex = field(init=False, repr=False)
    noise: Array = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        model, put = self.model, object.__setattr__
        degree = model.degree()
        put(self, "_flow", TorusFlow(model, TorusGrid(model.dimension, degree)))
        put(self, "_modes", tuple(half_space_modes(model.dimension, degree)))
        fine = TorusFlow(model, TorusGrid(model.dimension, max(4 * degree, 24)))
        equilibrium = fine.grid.to_coefficients(fine.equilibrium)
        put(self, "_equilibrium", self.from_state(fine.grid, equilibrium))
        speed = np.array(model.timescales)
        put(self, "noise", np.sqrt(2 * speed * np.array(model.temperatures)))

    def from_state(self, grid: TorusGrid, state: Complex) -> Complex:
        """The coefficients of a state of the equation that `deviations` estimates."""
        flat = state.reshape(self.model.species, -1)
        rows = []
        for mode in self._modes:
            at, conjugated = grid.index(mode)
            rows.append(np.conj(flat[:, at]) if conjugated else flat[:, at])
        return np.stack(rows, axis=1)

    def coefficients(self, positions: Array) -> Complex:
        """The Fourier coefficients of the empirical measures, shape (n, modes)."""
        return self._averages(list(self._phases(positions)))

    def deviations(self, positions: Array) -> Complex:
        """The same, minus those of the equilibria."""
        return self.coefficients(positions) - self._equilibrium

    def drift(self, positions: Array) -> Array:
        """-eta_i grad(tau_i U_i + phi_i) at the particles."""
        phases = list(self._phases(positions))
        state = self._state(self._averages(phases) - self._equilibrium)
        potential = self._flow.potential(state).reshape(self.model.species, -1)
        waves = np.array(self._modes, dtype=float)
        slopes = np.empty((self.model.species, len(self._modes), self.model.dimension), complex)
        for m, mode in enumerate(self._modes):
            at, conjugated = self._flow.grid.index(mode)
            values = np.conj(potential[:, at]) if conjugated else potential[:, at]
            slopes[:, m] = values[:, None] * (2j * waves[m])
        for i, series in enumerate(self.model.potentials):
            tau = self.model.temperatures[i]
            for m, mode in enumerate(self._modes):
                a, b = series.terms.get(mode, (0.0, 0.0))
                slopes[i, m] += 1j * waves[m] * tau * complex(a, -b)
        slopes *= -np.array(self.model.timescales)[:, None, None]

        def force(part: Complex) -> Array:
            return np.stack([(s.T @ p).real for s, p in zip(slopes, part, strict=True)])

        return np.concatenate(self._mapped(force, phases), axis=2)

    def _state(self, deviations: Complex) -> Complex:
        """Coefficients for the coarse flow, from one of each pair of modes."""
        found = np.zeros((self.model.species, *self._flow.grid.retained.shape), complex)
        flat = found.reshape(self.model.species, -1)
        for m, mode in enumerate(self._modes):
            for sign in (1, -1):
                at, conjugated = self._flow.grid.index(tuple(sign * k for k in mode))
                if not conjugated:
                    flat[:, at] = deviations[:, m] if sign == 1 else np.conj(deviations[:, m])
        return found

    def _phases(self, positions: Array) -> list[Complex]:
        """exp(i k.x) of chunks of particles, each of shape (n, modes, chunk)."""
        count = positions.shape[2]
        chunks = [positions[:, :, a : a + _CHUNK] for a in range(0, count, _CHUNK)]
        return self._mapped(self._phase, chunks)

    def _phase(self, positions: Array) -> Complex:
        n, d, count = positions.shape
        degree = self._flow.grid.modes
        powers = np.empty((degree + 1, n, d, count), complex)
        powers[0] = 1.0
        first = np.exp(1j * positions)
        for k in range(1, degree + 1):
            np.multiply(powers[k - 1], first, out=powers[k])
        found = np.empty((n, len(self._modes), count), complex)
        for m, mode in enumerate(self._modes):
            factors = [
                powers[k, :, axis] if k >= 0 else np.conj(powers[-k, :, axis])
                for axis, k in enumerate(mode)
            ]
            found[:, m] = factors[0]
            for factor in factors[1:]:
                found[:, m] *= factor
        return found

    def _averages(self, phases: list[Complex]) -> Complex:
        total = sum(part.shape[2] for part in phases)
        sums = self._mapped(lambda part: np.conj(part.sum(axis=2)), phases)
        return np.sum(np.stack(sums), axis=0) / total

    def _mapped(self, function: Callable[[_Part], _Result], parts: list[_Part]) -> list[_Result]:
        """In the order of the parts, whatever thread is first: sums do not depend on timing."""
        if self.workers == 1 or len(parts) == 1:
            return [function(part) for part in parts]
        with ThreadPoolExecutor(self.workers) as pool:
            return list(pool.map(function, parts))


def sample_torus(
    potential: TrigSeries, start: TrigSeries, count: int, rng: np.random.Generator
) -> Array:
    """`count` points of density proportional to exp(-U)(1 + f - <f>), by rejection: shape (d, count).

    Raises ValueError when that is negative somewhere on a grid.
    """
    grid = TorusGrid(potential.dimension, max(4 * max(potential.degree, start.degree), 12))
    weight = np.exp(-potential.values(grid.coordinates))
    mean = float(np.sum(weight * start.values(grid.coordinates)) / weight.sum())

    def density(points: Array) -> Array:
        return np.exp(-potential.values(points)) * (1 + start.values(points) - mean)

    values = density(grid.coordinates)
    if values.min() < 0:
        raise ValueError(f"the initial density is negative: {values.min():.3g}")
    ceiling = 1.1 * float(values.max())
    found: list[Array] = []
    missing = count
    while missing > 0:
        points = rng.uniform(0, 2 * np.pi, (potential.dimension, 2 * missing + 64))
        kept = points[:, rng.uniform(0, ceiling, points.shape[1]) < density(points)]
        found.append(kept[:, :missing])
        missing -= found[-1].shape[1]
    return np.concatenate(found, axis=1)


@frozen(eq=False)
class LineParticles:
    """Particles of a model on the line; positions of shape (n, 1, N)."""

    flow: LineFlow
    noise: Array = field(init=False, repr=False)
    _means: tuple[tuple[int, int, Polynomial, Polynomial, float], ...] = field(
        init=False, repr=False
    )

    def __attrs_post_init__(self) -> None:
        model, put = self.flow.model, object.__setattr__
        speed = np.array(model.timescales)
        put(self, "noise", np.sqrt(2 * speed * np.array(model.temperatures)))
        terms = []
        for (i, j), kernel in model.kernels.items():
            for target, source in kernel:
                mean = float(self.flow.bases[j].coefficients(source)[0])
                terms.append((i, j, target.deriv(), source, mean))
        put(self, "_means", tuple(terms))

    def drift(self, positions: Array) -> Array:
        """-eta_i (tau_i U_i' + phi_i') at the particles."""
        model = self.flow.model
        found = np.stack(
            [
                -tau * potential.deriv()(x)
                for tau, potential, x in zip(
                    model.temperatures, model.potentials, positions, strict=True
                )
            ]
        )
        for i, j, slope, source, mean in self._means:
            found[i] -= (float(np.mean(source(positions[j]))) - mean) * slope(positions[i])
        return found * np.array(model.timescales)[:, None, None]
