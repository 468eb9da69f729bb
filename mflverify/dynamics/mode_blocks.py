"""The linearised flow of a polymatrix game on its eigenmodes: a rational matrix, exactly.

f_i' = -eta_i L_i (tau_i f_i + sum_j M_ij f_j).  On uniform circles of period 2 pi the waves of
frequency k are eigenfunctions of L for k^2, on a Gaussian line of variance v the coordinate is one for
1/v.  Payoffs made of these act on finitely many modes; every other mode of species i decays at a
rate eta_i tau_i l with l an eigenvalue of L_i.  The spectrum is that of the matrix and those rates.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from attrs import frozen
from flint import acb, arb, fmpq, fmpq_mat

from mflverify.models.basis import BasisFunction
from mflverify.models.games import PolymatrixGame
from mflverify.models.request import Unavailable
from mflverify.models.spaces import SpaceData

Mode = tuple[int, BasisFunction]


@frozen
class Linearisation:
    """The linearised flow c' = -Z c on the modes of the payoffs, and the slowest of all other modes.

    modes: (species, eigenfunction).  generator: Z by rows.  payoffs: the matrix N of the operators
    M_ij in the same basis.  metric: ||e||^2 of each mode, in L2 of its equilibrium.  rest: the
    least decay rate of the modes on which the payoffs do not act.
    """

    modes: tuple[Mode, ...]
    generator: tuple[tuple[fmpq, ...], ...]
    payoffs: tuple[tuple[fmpq, ...], ...]
    metric: tuple[fmpq, ...]
    rest: fmpq

    def eigenvalues(self) -> tuple[acb, ...]:
        """All eigenvalues of the matrix as balls, by multiplicity."""
        return _roots(self.generator)

    def abscissa(self) -> arb:
        """inf Re of the spectrum of the linearised operator: half the conjectured rate of chi2."""
        return _least([arb(self.rest), *(z.real for z in self.eigenvalues())])

    def slack(self) -> arb:
        """The least lambda >= 0 of (5.2), with equal shares of the species."""
        size = len(self.modes)
        half = fmpq(1, 2)
        # <f, M g> = metric times payoffs, whose symmetric part is compared with the metric
        rows = [
            [
                -half * (self.payoffs[a][b] + self.metric[b] * self.payoffs[b][a] / self.metric[a])
                for b in range(size)
            ]
            for a in range(size)
        ]
        return -_least([arb(0), *(-z.real for z in _roots(rows))])


def linearisation(
    game: PolymatrixGame, timescales: Sequence[Fraction | int] | None = None
) -> Linearisation:
    """The linearised flow of a game at its equilibrium; timescales: eta_i, by default 1.

    Raises Unavailable unless every species lives on a uniform circle or a Gaussian line and the
    payoffs are made of waves and coordinates, ValueError for timescales that do not fit.
    """
    n = len(game.spaces)
    eta = [Fraction(x) for x in timescales] if timescales is not None else [Fraction(1)] * n
    if len(eta) != n or min(eta) <= 0:
        raise ValueError(f"{n} positive timescales are needed, got {[str(x) for x in eta]}")
    speed = [_rational(e * tau) for e, tau in zip(eta, game.temperatures, strict=True)]
    found: dict[Mode, None] = {}
    for i, j in sorted(game.payoffs):
        for a, b in sorted(game.terms(i, j)):
            for mode in ((i, a), (j, b)):
                if not mode[1].is_constant:
                    found[mode] = None
    modes = tuple(sorted(found))
    values = [_eigenmode(game.spaces[i], basis) for i, basis in modes]
    rows, payoffs = [], []
    for a, (i, left) in enumerate(modes):
        acts = []
        for b, (j, right) in enumerate(modes):
            c = game.terms(i, j).get((left, right), Fraction(0))
            acts.append(_rational(c) * values[b][1])
        scale = _rational(eta[i]) * values[a][0]
        own = speed[i] * values[a][0]
        rows.append(tuple(scale * x + (own if a == b else 0) for b, x in enumerate(acts)))
        payoffs.append(tuple(acts))
    rest = min(
        speed[i] * _next(space, {basis for k, basis in modes if k == i})
        for i, space in enumerate(game.spaces)
    )
    return Linearisation(modes, tuple(rows), tuple(payoffs), tuple(v for _, v in values), rest)


def stability_bracket(
    family: Callable[[Fraction], Linearisation], low: Fraction, high: Fraction, steps: int = 20
) -> tuple[Fraction, Fraction]:
    """Strengths between which the linearised flow loses stability: at the first its spectrum is
    certainly in Re z > 0, at the second certainly not.

    The interval is cut `steps` times, or until balls do not decide.  Raises ValueError unless the
    ends are certainly stable and unstable.
    """

    def is_stable(strength: Fraction) -> bool | None:
        least = family(strength).abscissa()
        return True if least > 0 else False if least < 0 else None

    if is_stable(low) is not True or is_stable(high) is not False:
        raise ValueError(f"not certainly stable at {low} and unstable at {high}")
    for _ in range(steps):
        # where the strength itself is the threshold no ball decides: then another point is tried
        for part in (Fraction(1, 2), Fraction(2, 5)):
            middle = low + part * (high - low)
            verdict = is_stable(middle)
            if verdict is not None:
                break
        else:
            break
        low, high = (middle, high) if verdict else (low, middle)
    return low, high


def _eigenmode(space: SpaceData, basis: BasisFunction) -> tuple[fmpq, fmpq]:
    """The eigenvalue of L and the squared norm of a basis function, made mean-zero."""
    _require_simple(space)
    if space.circles:
        return fmpq(basis.frequency[0] ** 2), fmpq(1, 2)
    if basis.powers != (1,) or any(basis.frequency):
        raise Unavailable(f"{basis.text()} is no eigenfunction on {space.text()}")
    return 1 / _variance(space), _variance(space)


def _next(space: SpaceData, taken: set[BasisFunction]) -> fmpq:
    """The least non-zero eigenvalue of L with an eigenfunction that is not among those taken."""
    _require_simple(space)
    if space.circles:
        waves = [basis.frequency[0] for basis in taken]
        return fmpq(next(k for k in range(1, len(waves) + 2) if waves.count(k) < 2) ** 2)
    return (2 if taken else 1) / _variance(space)


def _require_simple(space: SpaceData) -> None:
    if space.dimension != 1 or not space.is_rational:
        raise Unavailable(f"{space.text()} is neither a uniform circle nor a Gaussian line")


def _variance(space: SpaceData) -> fmpq:
    found = space.gaussian(0)
    assert found is not None
    return found[1]


def _rational(value: Fraction) -> fmpq:
    return fmpq(value.numerator, value.denominator)


def _roots(rows: Sequence[Sequence[fmpq]]) -> tuple[acb, ...]:
    """Eigenvalues of a rational matrix: roots of its characteristic polynomial, isolated."""
    size = len(rows)
    if not size:
        return ()
    polynomial = fmpq_mat(size, size, [x for row in rows for x in row]).charpoly()
    found: Any = polynomial.complex_roots()  # pairs (root, multiplicity), which the stubs leave out
    return tuple(root for root, count in found for _ in range(count))


def _least(values: Sequence[arb]) -> arb:
    least, *rest = values
    for value in rest:
        least = least.min(value)
    return least


__all__ = ["Linearisation", "linearisation", "stability_bracket"]
