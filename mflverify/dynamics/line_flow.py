"""Flows of n species on the line, in the eigenfunctions of their generators.

With f^i = sum_j c_ij e_j and kernels k(x, y) = sum_r target_r(x) source_r(y) of polynomials,

    c_i' = -eta_i (tau_i l c_i + sum_r s_r (l t_r + B_r c_i)),
    s_r = <source_r, f^j>,   t_r = <e, target_r>,   B_r = <grad e_i, e_j grad target_r>,

an ordinary differential equation with exact coefficients and a diagonal stiff part.  The mass is
exact: e_0 = 1 is left out.  A Galerkin basis is dense, but a hundred eigenfunctions are plenty, and
the cost of a kernel is that of its rank.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from attrs import field, frozen
from numpy.polynomial import Polynomial

from mflverify.dynamics.exponential import Array
from mflverify.dynamics.functionals import Functionals
from mflverify.dynamics.line_basis import LineBasis, line_basis
from mflverify.numerics.entropy import entropy_density

ProductKernel = tuple[tuple[Polynomial, Polynomial], ...]
"""Pairs (target_r, source_r)."""


def transposed(kernel: ProductKernel, factor: float = 1.0) -> ProductKernel:
    """factor * k(y, x) as a function of (x, y)."""
    return tuple((factor * source, target) for target, source in kernel)


@frozen(eq=False)
class LineModel:
    """What a flow on the line is made of.

    potentials: polynomials U_i, equilibria exp(-U_i)/Z.  temperatures, timescales: positive.
    kernels: {(i, j): k_ij}, the action of species j on species i.
    Raises ValueError for data that do not fit together.
    """

    potentials: tuple[Polynomial, ...] = field(converter=tuple)
    temperatures: tuple[float, ...] = field(converter=tuple)
    timescales: tuple[float, ...] = field(converter=tuple)
    kernels: Mapping[tuple[int, int], ProductKernel]
    name: str = "model"

    def __attrs_post_init__(self) -> None:
        n = len(self.potentials)
        if not n:
            raise ValueError("a model needs at least one species")
        for what, values in (("temperatures", self.temperatures), ("timescales", self.timescales)):
            if len(values) != n or not all(np.isfinite(v) and v > 0 for v in values):
                raise ValueError(f"{n} positive {what} are needed: {values}")
        for pair in self.kernels:
            if not all(0 <= index < n for index in pair):
                raise ValueError(f"no such pair of species: {pair}")

    @property
    def species(self) -> int:
        """n."""
        return len(self.potentials)

    @property
    def is_gradient_flow(self) -> bool:
        """One species with a symmetric kernel: MFLD, with a free energy."""
        if self.species != 1:
            return False
        points = np.linspace(-1.0, 1.0, 13)
        x, y = points[:, None], points[None, :]
        values = np.zeros((13, 13))
        for target, source in self.kernels.get((0, 0), ()):
            values = values + target(x) * source(y)
        return bool(np.allclose(values, values.T, rtol=1e-12, atol=1e-12))


@frozen(eq=False)
class _Term:
    """One product of one kernel: s = source . c_j acts on species i through vector and matrix."""

    target: int
    source: int
    moments: Array
    vector: Array
    matrix: Array
    mean: Array


@frozen(eq=False)
class LineFlow:
    """A model in `modes` eigenfunctions of each generator.  States: c, real, shape (n, modes).

    decay: eta_i tau_i l_j.  bases: the eigenfunctions of each species.
    """

    model: LineModel
    modes: int
    bases: tuple[LineBasis, ...] = field(init=False, repr=False)
    decay: Array = field(init=False, repr=False)
    _eigenvalues: Array = field(init=False, repr=False)
    _terms: tuple[_Term, ...] = field(init=False, repr=False)
    _gradient_flow: bool = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        model, put = self.model, object.__setattr__
        bases = tuple(line_basis(potential, self.modes) for potential in model.potentials)
        put(self, "bases", bases)
        eigenvalues = np.stack([basis.eigenvalues[1:] for basis in bases])
        put(self, "_eigenvalues", eigenvalues)
        speed = np.array(model.timescales)[:, None]
        put(self, "decay", speed * np.array(model.temperatures)[:, None] * eigenvalues)
        terms = []
        for (i, j), kernel in model.kernels.items():
            for target, source in kernel:
                coefficients = bases[i].coefficients(target)[1:]
                terms.append(
                    _Term(
                        target=i,
                        source=j,
                        moments=bases[j].coefficients(source)[1:],
                        vector=model.timescales[i] * eigenvalues[i] * coefficients,
                        matrix=model.timescales[i] * bases[i].transport(target)[1:, 1:],
                        mean=coefficients,
                    )
                )
        put(self, "_terms", tuple(terms))
        put(self, "_gradient_flow", model.is_gradient_flow)

    @property
    def species(self) -> int:
        """n."""
        return self.model.species

    def force(self, state: Array) -> Array:
        """The right-hand side without the diffusion."""
        found = np.zeros_like(state)
        for term in self._terms:
            s = term.moments @ state[term.source]
            found[term.target] -= s * (term.vector + term.matrix @ state[term.target])
        return found

    def right_side(self, state: Array) -> Array:
        """dc/dt."""
        return self.force(state) - self.decay * state

    def interaction_matrix(self) -> Array:
        """<e_a, M_ij e_b>, shape (n modes, n modes)."""
        size = self.modes
        matrix = np.zeros((self.species * size,) * 2)
        for term in self._terms:
            rows = slice(term.target * size, (term.target + 1) * size)
            columns = slice(term.source * size, (term.source + 1) * size)
            matrix[rows, columns] += np.outer(term.mean, term.moments)
        return matrix

    def hessian_matrix(self) -> Array:
        """sqrt(eta_i l) (tau + M) sqrt(eta_j l): similar to the linearised operator."""
        speeds = np.repeat(self.model.timescales, self.modes)
        roots = np.sqrt(speeds * self._eigenvalues.reshape(-1))
        temperatures = np.diag(np.repeat(self.model.temperatures, self.modes))
        return roots[:, None] * (self.interaction_matrix() + temperatures) * roots[None, :]

    def state_of(self, exponents: Sequence[Polynomial]) -> Array:
        """The state with mu_0^i proportional to exp(p_i) mu_bar^i, for polynomials p_i.

        p = m x shifts a standard Gaussian by m; p = -(x - a)^2/(2 v) concentrates near a.
        Raises ValueError if chi2 is infinite as far as the grid can tell.
        """
        rows = []
        for basis, exponent in zip(self.bases, exponents, strict=True):
            values = (exponent - basis.potential / 2)(basis.points)
            weight = np.exp(values - values.max())
            if weight[[0, -1]].max() > 1e-9:
                raise ValueError("chi2 of the initial density is infinite or not resolved")
            total = basis.roots[0] @ weight
            rows.append(basis.roots[1:] @ weight / total)
        return np.stack(rows)

    def density(self, state: Array) -> list[Array]:
        """mu of each species on its basis' grid, with respect to dx."""
        return [
            basis.roots[0] * (basis.roots[0] + c @ basis.roots[1:])
            for basis, c in zip(self.bases, state, strict=True)
        ]

    def mean(self, state: Array, function: Polynomial) -> Array:
        """int function d mu^i of each species, shape (n,)."""
        rows = []
        for basis, c in zip(self.bases, state, strict=True):
            coefficients = basis.coefficients(function)
            rows.append(coefficients[0] + coefficients[1:] @ c)
        return np.array(rows)

    def functionals(self, state: Array) -> Functionals:
        """chi2, squared dual norm and entropy of each species; the free energy of a gradient flow."""
        entropy = []
        for basis, c in zip(self.bases, state, strict=True):
            root = basis.roots[0]
            inside = np.abs(root) > 1e-9 * np.abs(root).max()
            f = (c @ basis.roots[1:, inside]) / root[inside]
            # noise in the tails is not a density; `lowest` reports what is really negative
            density = entropy_density(np.maximum(f, -1.0)) * root[inside] ** 2
            entropy.append(density.sum() * basis.spacing)
        energy = None
        if self._gradient_flow:
            energy = self.model.temperatures[0] * entropy[0] + 0.5 * sum(
                float((term.mean @ state[0]) * (term.moments @ state[0])) for term in self._terms
            )
        return Functionals(
            chi2=np.sum(state**2, axis=1),
            dual=np.sum(state**2 / self._eigenvalues, axis=1),
            entropy=np.array(entropy),
            free_energy=energy,
        )

    def lowest(self, state: Array) -> float:
        """The least density relative to the largest of mu_bar, over species and points."""
        return min(
            float(mu.min() / basis.density.max())
            for mu, basis in zip(self.density(state), self.bases, strict=True)
        )

    def refined(self, state: Array, finer: LineFlow) -> Array:
        """The same functions in more eigenfunctions."""
        return np.pad(state, ((0, 0), (0, finer.modes - self.modes)))

    def size(self, state: Array) -> float:
        """The norm of f in L^2(mu_bar)."""
        return float(np.linalg.norm(state))

    def tail(self, state: Array) -> float:
        """The largest share, over species, of the norm in the upper third of the eigenfunctions."""
        shares = []
        for row in state:
            total = np.linalg.norm(row)
            shares.append(float(np.linalg.norm(row[2 * self.modes // 3 :]) / total) if total else 0)
        return max(shares)
