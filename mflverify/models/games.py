"""Games of n species, each on its own space and at its own temperature, at an exact equilibrium.

The i-th species feels the potential V_i[mu](x) = V_i(x) + interaction_i[mu](x), and moves by the gradient of
V_i[mu] + tau_i log mu_i.  With the equilibria exp(-U_i)/Z_i and the interaction chosen first,
V_i = tau_i U_i - interaction_i[mu-bar] makes the product of the equilibria stationary, exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from attrs import field, frozen
from flint import arb

from mflverify.models.basis import BasisFunction, Expansion
from mflverify.models.functionals import MomentFunction, require_fit
from mflverify.models.kernel_data import (
    GaussianKernel,
    General,
    Kernel,
    PairTerms,
    TranslationInvariant,
    transposed,
)
from mflverify.models.product_functions import Function
from mflverify.models.product_mixed import mixed_sup
from mflverify.models.product_space import ProductSpace
from mflverify.models.rings import Balls, Rationals, Ring, Scalar, fraction
from mflverify.models.slack import ball_spectral_norm
from mflverify.models.spaces import SpaceData

Pair = tuple[int, int]


def _check(spaces: Sequence[SpaceData], temperatures: Sequence[Fraction]) -> None:
    if len(spaces) < 2 or len(spaces) != len(temperatures):
        raise ValueError(f"{len(spaces)} spaces and {len(temperatures)} temperatures")
    for i, tau in enumerate(temperatures):
        if tau <= 0:
            raise ValueError(f"temperature {i} must be positive, got {tau}")


def _fractions(values: Sequence[Fraction | int]) -> tuple[Fraction, ...]:
    return tuple(Fraction(v) for v in values)


@frozen
class PolymatrixGame:
    """interaction_i[mu](x) = sum_j int k_ij(x, y) dmu_j(y).

    payoffs: k_ij by (i, j); missing ones vanish.  Raises ValueError for species that do not exist,
    kernels that do not fit, or temperatures that are not positive.
    """

    spaces: tuple[SpaceData, ...] = field(converter=tuple)
    payoffs: Mapping[Pair, Kernel]
    temperatures: tuple[Fraction, ...] = field(converter=_fractions)

    def __attrs_post_init__(self) -> None:
        _check(self.spaces, self.temperatures)
        for i, j in self.payoffs:
            if not (0 <= i < len(self.spaces) and 0 <= j < len(self.spaces)):
                raise ValueError(f"no species {i} or {j}: there are {len(self.spaces)}")
            for pair in self.terms(i, j):
                for basis, n in zip(pair, (i, j), strict=True):
                    require_fit(Expansion(basis.dimension, [(basis, Fraction(1))]), self.spaces[n])

    def terms(self, i: int, j: int) -> PairTerms:
        """Coefficients of k_ij by products of basis functions."""
        if (i, j) not in self.payoffs:
            return {}
        return self.payoffs[i, j].terms(self.spaces[i].dimension, self.spaces[j].dimension)

    def payoff(
        self, i: int, j: int, ring: Ring
    ) -> dict[tuple[BasisFunction, BasisFunction], Scalar]:
        """The coefficients of k_ij in an arithmetic."""
        return {pair: ring.number(c) for pair, c in self.terms(i, j).items()}

    def interaction(self, i: int, ring: Ring) -> dict[BasisFunction, Scalar]:
        """interaction_i at the equilibrium, by basis functions."""
        total: dict[BasisFunction, Scalar] = {}
        for j, data in enumerate(self.spaces):
            here = ProductSpace(data, ring)
            for (a, b), c in self.payoff(i, j, ring).items():
                value = c * here.mean(here.function_of([(b, Fraction(1))]))
                total[a] = total[a] + value if a in total else value
        return total

    @property
    def is_antisymmetric(self) -> bool:
        """Whether k_ji(y, x) = -k_ij(x, y) for all i, j: then the game is linearly monotone."""
        n = len(self.spaces)
        for i in range(n):
            for j in range(n):
                opposite = {(b, a): -c for (a, b), c in self.terms(j, i).items()}
                if opposite != self.terms(i, j):
                    return False
        return True


@frozen
class MomentGame:
    """interaction_i[mu](x) = sum_a dG_i/ds_a (s) phi_a(x) over the features a of species i.

    features: those of each species.  outers: G_i, functions of all moments s, species by species.
    A game of functionals: for G_i = G all species descend one functional of moments.
    """

    spaces: tuple[SpaceData, ...] = field(converter=tuple)
    features: tuple[tuple[Expansion, ...], ...] = field(
        converter=lambda rows: tuple(tuple(row) for row in rows)
    )
    outers: tuple[MomentFunction, ...] = field(converter=tuple)
    temperatures: tuple[Fraction, ...] = field(converter=_fractions)

    def __attrs_post_init__(self) -> None:
        _check(self.spaces, self.temperatures)
        count = sum(map(len, self.features))
        if len(self.features) != len(self.spaces) or len(self.outers) != len(self.spaces):
            raise ValueError("each species needs its features and its function of the moments")
        for i, g in enumerate(self.outers):
            if g.arity != count:
                raise ValueError(f"function {i} has {g.arity} variables, there are {count} moments")
        for space, row in zip(self.spaces, self.features, strict=True):
            for phi in row:
                require_fit(phi, space)

    def moments(self, ring: Ring) -> list[Scalar]:
        """All moments at the equilibrium, species by species."""
        result = []
        for data, row in zip(self.spaces, self.features, strict=True):
            here = ProductSpace(data, ring)
            result += [here.mean(here.function_of(phi)) for phi in row]
        return result

    def _offset(self, i: int) -> int:
        return sum(len(row) for row in self.features[:i])

    def interaction(self, i: int, ring: Ring) -> dict[BasisFunction, Scalar]:
        """interaction_i at the equilibrium, by basis functions."""
        slopes = self.outers[i].derivatives(ring, self.moments(ring), 1)
        total: dict[BasisFunction, Scalar] = {}
        for a, phi in enumerate(self.features[i], self._offset(i)):
            for basis, c in phi:
                if (a,) in slopes:
                    value = slopes[a,] * ring.number(c)
                    total[basis] = total[basis] + value if basis in total else value
        return total

    def payoff(
        self, i: int, j: int, ring: Ring
    ) -> dict[tuple[BasisFunction, BasisFunction], Scalar]:
        """k_ij = sum of G_i,ab phi_a phi_b at the equilibrium: the linearised interaction."""
        second = self.outers[i].derivatives(ring, self.moments(ring), 2)
        total: dict[tuple[BasisFunction, BasisFunction], Scalar] = {}
        for a, phi in enumerate(self.features[i], self._offset(i)):
            for b, psi in enumerate(self.features[j], self._offset(j)):
                value = second.get((min(a, b), max(a, b)))
                if value is None:
                    continue
                for left, c in phi:
                    for right, e in psi:
                        part = value * ring.number(c * e)
                        key = (left, right)
                        total[key] = total[key] + part if key in total else part
        return total


Game = PolymatrixGame | MomentGame


def zero_sum_game(
    spaces: Sequence[SpaceData], payoff: Kernel, temperatures: Sequence[Fraction | int] = (1, 1)
) -> PolymatrixGame:
    """Two players with opposite payoffs: the first descends k, the second ascends it."""
    return PolymatrixGame(
        tuple(spaces), {(0, 1): payoff, (1, 0): negated(transposed(payoff))}, tuple(temperatures)
    )


def negated(kernel: Kernel) -> General:
    """-k, term by term."""
    dimensions = _dimensions(kernel)
    entries = ((a, b, -c) for (a, b), c in kernel.terms(*dimensions).items())
    return General(dimensions, tuple(entries))


def _dimensions(kernel: Kernel) -> tuple[int, int]:
    if isinstance(kernel, TranslationInvariant):
        return kernel.difference.dimension, kernel.difference.dimension
    if isinstance(kernel, GaussianKernel):
        return kernel.dimension, kernel.dimension
    return kernel.variables


def potential(game: Game, i: int, ring: Ring) -> dict[BasisFunction, Scalar]:
    """V_i, the potential that makes the equilibrium stationary for species i, by basis functions."""
    tau = ring.number(game.temperatures[i])
    total = {basis: tau * ring.number(c) for basis, c in game.spaces[i].potential}
    for basis, c in game.interaction(i, ring).items():
        total[basis] = total[basis] - c if basis in total else -c
    return total


def stationarity(game: Game, i: int, ring: Ring) -> Function:
    """V_i[mu-bar] + tau_i log mu-bar_i without its constant: exactly 0, or balls around 0."""
    here = ProductSpace(game.spaces[i], ring)
    tau = ring.number(game.temperatures[i])
    parts = [*potential(game, i, ring).items(), *game.interaction(i, ring).items()]
    parts += [(basis, -tau * ring.number(c)) for basis, c in game.spaces[i].potential]
    return here.function_of([(b, c) for b, c in parts if not b.is_constant])


def monotone_sum(game: PolymatrixGame, differences: Sequence[Expansion], ring: Ring) -> Scalar:
    """sum_i int (V_i[mu] - V_i[mu']) d(mu_i - mu'_i), never negative in a linearly monotone game.

    differences: phi_i, one a species, with mu_i - mu'_i = (L phi_i) mu-bar_i.  Raises ValueError for
    another number of them.
    """
    if len(differences) != len(game.spaces):
        raise ValueError(f"{len(game.spaces)} species and {len(differences)} differences")
    here = [ProductSpace(space, ring) for space in game.spaces]
    states = [
        space.grad_adjoint(space.grad(space.function_of(phi)))
        for space, phi in zip(here, differences, strict=True)
    ]

    def moment(i: int, basis: BasisFunction) -> Scalar:
        return here[i].inner(here[i].function_of([(basis, Fraction(1))]), states[i])

    total = ring.number(Fraction(0))
    for i, j in game.payoffs:
        for (a, b), c in game.payoff(i, j, ring).items():
            total = total + c * moment(i, a) * moment(j, b)
    return total


def payoff_kernel(game: Game, i: int, j: int) -> General:
    """k_ij as a kernel for an instance.  Raises Unavailable when it is not rational."""
    entries = game.payoff(i, j, Rationals()).items()
    dimensions = game.spaces[i].dimension, game.spaces[j].dimension
    return General(dimensions, tuple((a, b, fraction(c)) for (a, b), c in entries))


def mixed_derivative_sups(game: Game) -> list[list[arb]]:
    """K_ij = sup |grad_x grad_y k_ij|, as balls at the working precision."""
    ring = Balls()
    here = [ProductSpace(space, ring) for space in game.spaces]
    table = []
    for i in range(len(here)):
        row = []
        for j in range(len(here)):
            kernel = game.payoff(i, j, ring)
            first = tuple(dict.fromkeys(a for a, _ in kernel))
            second = tuple(dict.fromkeys(b for _, b in kernel))
            rows = [[kernel.get((a, b), arb(0)) for b in second] for a in first]
            row.append(mixed_sup(here[i], here[j], rows, (first, second)) if first else arb(0))
        table.append(row)
    return table


def interaction_norm(game: Game) -> arb:
    """The operator norm of the matrix K_ij, which takes the place of K for n species."""
    return ball_spectral_norm(mixed_derivative_sups(game))
