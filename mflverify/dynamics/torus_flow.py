"""Flows of n species on a torus, as a partial differential equation for q^i = mu^i - mu_bar^i.

    d q^i/dt = eta_i div( tau_i q^i grad U_i + tau_i grad q^i + (mu_bar^i + q^i) grad phi_i )

which is d f^i/dt = eta_i (-tau_i L_i f^i - grad*((1 + f^i) grad phi_i)) for q^i = f^i mu_bar^i.  It
covers MFLD (n = 1), MFL-DA (n = 2, k_21 = -k_12 transposed), time scales eta_i and polymatrix games.
The form is conservative, so the mass of q stays exactly zero, and homogeneous, so a solution is
followed with relative accuracy however near it is to the equilibrium.

Densities are with respect to the uniform probability measure: the equilibrium has mean 1, and
<f, g> is the mean of f g mu_bar over the grid.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import field, frozen

from mflverify.dynamics.exponential import Array
from mflverify.dynamics.functionals import Functionals, dual_norm_squared
from mflverify.dynamics.torus_grid import Complex, TorusGrid
from mflverify.dynamics.torus_model import TorusModel
from mflverify.numerics.entropy import entropy_density


@frozen(eq=False)
class _LowModes:
    """All kernels made of products, as one real matrix on a few Fourier coefficients.

    phi.flat[targets] += (matrix @ (Re, Im of q.flat[sources])) seen as complex numbers.
    """

    sources: np.ndarray
    targets: np.ndarray
    matrix: Array

    def add_to(self, potential: Complex, state: Complex) -> None:
        gathered = state.reshape(-1)[self.sources].view(float)
        potential.reshape(-1)[self.targets] += (self.matrix @ gathered).view(complex)


@frozen(eq=False)
class TorusFlow:
    """A model on a grid.  States are coefficients of q, shape (n, ..., modes + 1), complex.

    decay: eta_i tau_i |k|^2, what the exponential integrator treats exactly.
    equilibrium: mu_bar on the grid, shape (n, ...), mean 1.
    """

    model: TorusModel
    grid: TorusGrid
    decay: Array = field(init=False, repr=False)
    equilibrium: Array = field(init=False, repr=False)
    _drift: Array = field(init=False, repr=False)
    _gradient: Complex = field(init=False, repr=False)
    _divergence: Complex = field(init=False, repr=False)
    _convolutions: dict[tuple[int, int], Complex] = field(init=False, repr=False)
    _low: _LowModes | None = field(init=False, repr=False)
    _moments: Complex | None = field(init=False, repr=False)
    _gradient_flow: bool = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        model, grid = self.model, self.grid
        if model.dimension != grid.dimension:
            raise ValueError(f"the model has dimension {model.dimension}, not {grid.dimension}")
        if model.degree() > grid.modes:
            raise ValueError(f"{grid.modes} modes do not hold data of degree {model.degree()}")
        put = object.__setattr__
        speed = np.array(model.timescales).reshape((-1,) + (1,) * grid.dimension)
        heat = speed * np.array(model.temperatures).reshape(speed.shape)
        put(self, "decay", heat * grid.laplacian * grid.retained)
        points = grid.coordinates
        weights = [np.exp(-series.values(points)) for series in model.potentials]
        put(self, "equilibrium", np.stack([weight / weight.mean() for weight in weights]))
        slopes = [
            [tau * series.derivative(j).values(points) for j in range(grid.dimension)]
            for tau, series in zip(model.temperatures, model.potentials, strict=True)
        ]
        put(self, "_drift", np.array(slopes))
        gradient = 1j * grid.wave_numbers * grid.retained
        put(self, "_gradient", gradient)
        put(self, "_divergence", gradient[None] * speed[:, None])
        put(
            self,
            "_convolutions",
            {
                pair: grid.series(kernel.convolution)
                for pair, kernel in model.kernels.items()
                if kernel.convolution.terms
            },
        )
        put(self, "_low", _low_modes(model, grid))
        functions = model.remainder.functions if model.remainder else None
        moments = (
            None if functions is None else np.stack([grid.series(series) for series in functions])
        )
        put(self, "_moments", moments)
        put(self, "_gradient_flow", model.is_gradient_flow)

    @property
    def species(self) -> int:
        """n."""
        return self.model.species

    def linear_potential(self, state: Complex) -> Complex:
        """The coefficients of M f, shape as the state."""
        found = np.zeros_like(state)
        for (i, j), coefficients in self._convolutions.items():
            found[i] += coefficients * state[j]
        if self._low is not None:
            self._low.add_to(found, state)
        return found

    def potential(self, state: Complex) -> Complex:
        """The coefficients of phi = M f + R."""
        found = self.linear_potential(state)
        if self._moments is not None:
            assert self.model.remainder is not None
            s = self.moments(state)
            factors = 0.5 * np.einsum("ijk,j,k->i", self.model.remainder.tensor, s, s)
            found += factors.reshape((-1,) + (1,) * self.grid.dimension) * self._moments
        return found

    def moments(self, state: Complex) -> Array:
        """s_j = int psi_j f^j d mu_bar^j of the remainder, shape (n,)."""
        assert self._moments is not None
        axes = tuple(range(1, state.ndim))
        return np.sum((np.conj(self._moments) * state).real * self.grid.multiplicity, axis=axes)

    def force(self, state: Complex) -> Complex:
        """The right-hand side without the Laplacian."""
        return self._transported(state, self.potential(state), linear=False)

    def linear_force(self, state: Complex) -> Complex:
        """The linearisation of `force` at the equilibrium."""
        return self._transported(state, self.linear_potential(state), linear=True)

    def _transported(self, state: Complex, potential: Complex, *, linear: bool) -> Complex:
        n, d = self.species, self.grid.dimension
        spectra = np.empty((n * (1 + d), *state.shape[1:]), dtype=complex)
        spectra[:n] = state
        np.multiply(
            self._gradient[None],
            potential[:, None],
            out=spectra[n:].reshape(n, d, *state.shape[1:]),
        )
        values = self.grid.to_values(spectra)
        q = values[:n, None]
        slopes = values[n:].reshape(n, d, *values.shape[1:])
        mass = self.equilibrium[:, None] if linear else self.equilibrium[:, None] + q
        flux = self.grid.to_coefficients(self._drift * q + mass * slopes)
        if d == 1:
            return self._divergence[:, 0] * flux[:, 0]
        return np.sum(self._divergence * flux, axis=1)

    def right_side(self, state: Complex) -> Complex:
        """d q/dt."""
        return self.force(state) - self.decay * state

    def state_of(self, perturbations: Sequence[Array]) -> Complex:
        """The state with f^i given on the grid, minus its mean under mu_bar^i; modes are cut off.

        Raises ValueError for values of another shape.
        """
        f = np.stack([np.asarray(values, dtype=float) for values in perturbations])
        if f.shape != self.equilibrium.shape:
            raise ValueError(f"shape {self.equilibrium.shape} is needed, not {f.shape}")
        q = f * self.equilibrium
        axes = tuple(range(1, q.ndim))
        state = self.grid.to_coefficients(q - q.mean(axes, keepdims=True) * self.equilibrium)
        state[(slice(None), *(0,) * self.grid.dimension)] = 0.0
        return state

    def perturbation(self, state: Complex) -> Array:
        """f on the grid, shape (n, ...)."""
        return self.grid.to_values(state) / self.equilibrium

    def functionals(self, state: Complex) -> Functionals:
        """chi2, squared dual norm and entropy of each species; the free energy of a gradient flow.

        Entropies are nan where the density is negative.
        """
        axes = tuple(range(1, self.grid.dimension + 1))
        q = self.grid.to_values(state)
        f = q / self.equilibrium
        entropy = np.mean(entropy_density(f) * self.equilibrium, axis=axes)
        return Functionals(
            chi2=np.mean(q * f, axis=axes),
            dual=np.array(
                [
                    dual_norm_squared(self.grid, density, part)
                    for density, part in zip(self.equilibrium, state, strict=True)
                ]
            ),
            entropy=entropy,
            free_energy=self._free_energy(state, float(entropy[0]))
            if self._gradient_flow
            else None,
        )

    def _free_energy(self, state: Complex, entropy: float) -> float:
        """F_tau(mu) - F_tau(mu_bar) = tau KL(mu | mu_bar) + D_F(mu | mu_bar)."""
        pairing = (np.conj(self.linear_potential(state)) * state).real
        energy = self.model.temperatures[0] * entropy
        energy += 0.5 * float(np.sum(pairing * self.grid.multiplicity))
        if self.model.remainder is not None:
            energy += float(self.model.remainder.tensor[0, 0, 0] * self.moments(state)[0] ** 3) / 6
        return energy

    def lowest(self, state: Complex) -> float:
        """The least value of mu = mu_bar + q on the grid, relative to its mean 1."""
        return float((self.equilibrium + self.grid.to_values(state)).min())

    def refined(self, state: Complex, finer: TorusFlow) -> Complex:
        """The same functions with more modes."""
        return self.grid.refined(state, finer.grid)

    def size(self, state: Complex) -> float:
        """The norm that the step control uses: q in L^2 of the uniform measure."""
        energy = (state.real**2 + state.imag**2) * self.grid.multiplicity
        return float(np.sqrt(energy.sum()))

    def tail(self, state: Complex) -> float:
        """The largest share, over species, of the norm in the upper third of wave numbers."""
        return max(self.grid.tail(part) for part in state)


def _low_modes(model: TorusModel, grid: TorusGrid) -> _LowModes | None:
    """The matrix of all kernels made of products; None when there are none.

    int source q = sum over kept modes of multiplicity * Re(conj(source_k) q_k).
    """
    size = int(np.prod(grid.retained.shape))
    rows: list[tuple[int, Complex, int, Complex]] = []
    for (i, j), kernel in model.kernels.items():
        for target, source in kernel.products:
            weighted = (grid.series(source) * grid.multiplicity).reshape(-1)
            rows.append((i, grid.series(target).reshape(-1), j, weighted))
    if not rows:
        return None
    targets = np.unique(np.concatenate([i * size + np.nonzero(t)[0] for i, t, _, _ in rows]))
    sources = np.unique(np.concatenate([j * size + np.nonzero(s)[0] for _, _, j, s in rows]))
    matrix = np.zeros((2 * len(targets), 2 * len(sources)))
    for i, target, j, source in rows:
        left = np.zeros(len(targets), dtype=complex)
        right = np.zeros(len(sources), dtype=complex)
        at = np.nonzero(target)[0]
        left[np.searchsorted(targets, i * size + at)] = target[at]
        at = np.nonzero(source)[0]
        right[np.searchsorted(sources, j * size + at)] = source[at]
        matrix += np.outer(left.view(float), right.view(float))
    return _LowModes(sources, targets, matrix)
