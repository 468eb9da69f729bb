"""Gershgorin's theorem for an operator that is a small matrix beside a few large remainders.

For each species the space is split into m approximate eigenfunctions of its generator and the rest
(`spectral_section`).  All m's together, the head, are diagonalised approximately by P, and in
these coordinates there are blocks of size 1, one for each eigenvalue of the head, and one block, an
operator, for the rest of each species.  All entries are balls.

- An eigenvector has a block of largest norm, so that its eigenvalue z lies in a disc
  |z - A_ii| <= sum_j |A_ij| of the head, or within that distance of the spectrum of the generator on
  the rest of a species, which is real.
- The resolvent is compact, so there is no other spectrum.
- Discs that are disjoint from all others contain as many eigenvalues as there are discs: move
  what is not on the diagonal from 0 to 1, a bounded family (Kato, Perturbation Theory for Linear
  Operators, chapter IV).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce

import numpy as np
from attrs import frozen
from flint import acb, acb_mat, arb, arb_mat

from mflverify.dynamics.spectral_section import Eigenspace, column_norms, norm

Disc = tuple[acb, arb]


@frozen(eq=False)
class Action:
    """eta sum_r p_r s_r^T from species j on species i: columns p_r and s_r, split along V.

    error: a bound of the norm of what is left out.
    """

    target: int
    source: int
    heads: tuple[arb_mat, arb_mat]  # coordinates of p, products U^T s
    rests: tuple[arb_mat, arb_mat]
    error: arb


@frozen(eq=False)
class Blocks:
    """The operator: for each species its split space and the factor of its generator, and actions.

    Trivial eigenvalues: 0, once for each species, if actions leave constants and means alone.
    """

    spaces: Sequence[Eigenspace]
    speeds: Sequence[arb]
    actions: Sequence[Action]

    def least_real_part(self) -> tuple[float, float] | None:
        """Below and above the least real part of an eigenvalue, or None if discs do not separate.

        The eigenvalue 0 of constants, once for each species, is left out.
        """
        head = self._head()
        middle = np.array([[float(x.mid()) for x in row] for row in head.tolist()])
        _, vectors = np.linalg.eig(middle)
        change = acb_mat([[acb(complex(v)) for v in row] for row in vectors])
        try:
            inverse = change.inv()
        except ZeroDivisionError:
            return None
        near = (inverse * acb_mat(head) * change).tolist()
        far = self._head_from_rest(inverse)
        spread, gathered = self._scales(change, inverse)
        radii = []
        for k, row in enumerate(near):
            radius = sum((abs(x) for j, x in enumerate(row) if j != k), far[k])
            for action in self.actions:
                reach = spread[action.source] + 1
                radius += gathered[action.target][k] * action.error * reach
            radii.append(radius)
        discs = [(row[k], radii[k]) for k, row in enumerate(near)]
        return _conclude(discs, self._rests(change, spread), len(self.spaces))

    @property
    def _starts(self) -> list[int]:
        starts = [0]
        for space in self.spaces:
            starts.append(starts[-1] + space.size)
        return starts

    def _head(self) -> arb_mat:
        starts = self._starts
        head = arb_mat(starts[-1], starts[-1])
        for i, (space, speed) in enumerate(zip(self.spaces, self.speeds, strict=True)):
            _add(head, space.block * speed, starts[i], starts[i])
        for action in self.actions:
            push, look = action.heads
            _add(head, push * look.transpose(), starts[action.target], starts[action.source])
        return head

    def _head_from_rest(self, inverse: acb_mat) -> list[arb]:
        """For each row of the transformed head the sum of the norms of what it sees of the rests."""
        starts = self._starts
        total = [arb(0)] * starts[-1]
        for j, (space, speed) in enumerate(zip(self.spaces, self.speeds, strict=True)):
            seen = arb_mat(starts[-1], space.vectors.nrows())
            _add(seen, space.inverse * space.leak.transpose() * speed, starts[j], 0)
            for action in self.actions:
                if action.source == j:
                    block = action.heads[0] * action.rests[1].transpose()
                    _add(seen, block, starts[action.target], 0)
            rows = (inverse * acb_mat(seen)).tolist()
            total = [before + norm(row) for before, row in zip(total, rows, strict=True)]
        return total

    def _rests(self, change: acb_mat, spread: Sequence[arb]) -> list[arb]:
        """For each species a bound from below of Re z near the spectrum on its rest."""
        starts, found = self._starts, []
        for i, (space, speed) in enumerate(zip(self.spaces, self.speeds, strict=True)):
            seen = arb_mat(space.vectors.nrows(), starts[-1])
            _add(seen, space.leak * speed, 0, starts[i])
            radius = arb(0)
            for action in self.actions:
                if action.target == i:
                    push, look = action.rests
                    _add(seen, push * action.heads[1].transpose(), 0, starts[action.source])
                    pairs = zip(column_norms(push), column_norms(look), strict=True)
                    radius += sum((a * b for a, b in pairs), arb(0))
                    radius += action.error * (spread[action.source] + 1)
            columns = (acb_mat(seen) * change).transpose().tolist()
            radius += sum((norm(column) for column in columns), arb(0))
            found.append(speed * space.floor - radius)
        return found

    def _scales(self, change: acb_mat, inverse: acb_mat) -> tuple[list[arb], list[list[arb]]]:
        """Norms of transformed coordinates as functions, summed, and of rows as functionals."""
        starts = self._starts
        forward, backward = change.tolist(), inverse.tolist()
        spread, gathered = [], []
        for i, space in enumerate(self.spaces):
            own = slice(starts[i], starts[i + 1])
            functions = (acb_mat(space.vectors) * acb_mat(forward[own])).transpose().tolist()
            spread.append(sum((norm(column) for column in functions), arb(0)))
            rows = acb_mat([row[own] for row in backward])
            functionals = rows * acb_mat(space.inverse * space.vectors.transpose())
            gathered.append([norm(row) for row in functionals.tolist()])
        return spread, gathered


def _add(matrix: arb_mat, block: arb_mat, row: int, column: int) -> None:
    for i, values in enumerate(block.tolist()):
        for j, value in enumerate(values):
            at = row + i, column + j
            matrix[at] = matrix[at] + value


def _conclude(discs: list[Disc], rests: list[arb], species: int) -> tuple[float, float] | None:
    """Ends of the least real part of the eigenvalues other than 0, once for each species."""
    if not all(radius.is_finite() for _, radius in discs) or not all(r.is_finite() for r in rests):
        return None
    rest = reduce(arb.min, (end.lower() for end in rests))
    lower, upper = rest, None
    for group in _groups(discs):
        left = reduce(arb.min, ((z.real - radius).lower() for z, radius in group))
        right = reduce(arb.max, ((z.real + radius).upper() for z, radius in group))
        alone = right < rest
        trivial = any(not abs(z) > radius for z, radius in group)
        if trivial and alone and len(group) == species:
            continue
        lower = lower.min(left)
        if alone:
            upper = right if upper is None else upper.min(right)
    if upper is None:
        return None
    return float(np.nextafter(float(lower), -np.inf)), float(np.nextafter(float(upper), np.inf))


def _groups(discs: list[Disc]) -> Iterable[list[Disc]]:
    """Discs that are connected."""
    unseen = set(range(len(discs)))
    while unseen:
        waiting = [unseen.pop()]
        group = []
        while waiting:
            n = waiting.pop()
            z, radius = discs[n]
            group.append((z, radius))
            near = {m for m in unseen if not abs(z - discs[m][0]) > radius + discs[m][1]}
            unseen -= near
            waiting += near
        yield group
