"""A proved enclosure of inf Re spec of the linearised flow on a torus.

On functions modulo constants, isomorphic to L^2_0, the operator is A_ij = eta_i L_i (tau_i delta_ij +
M_ij), with L = -Laplace + grad U . grad and M_ij g = int k_ij(., y) (g - E_j g)(y) mu_bar^j(dy).  In
Fourier modes L is banded, and M_ij has finitely many rows, whose columns decay like the coefficients
of the density.  The modes |k| <= N (the head) are diagonalised approximately by P, and Gershgorin's
theorem is applied to the infinite matrix diag(P, 1)^-1 A diag(P, 1), all in balls:

- a bounded eigenvector has an entry of largest modulus, since Fourier coefficients of smooth
  functions tend to 0, so every eigenvalue lies in one of the discs |z - A_ii| <= sum_j |A_ij|;
- the resolvent is compact, so there is no other spectrum;
- a set of discs that is disjoint from all others contains as many eigenvalues as it has discs: move
  the off-diagonal part from 0 to 1, a family that is analytic of type (A) (Kato, Perturbation
  Theory for Linear Operators, chapter VII).

So the least left end of all discs bounds the real parts from below, and the right end of the
discs connected with it bounds the smallest from above.  Nothing here is about normality: games
are as good as gradient flows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

import numpy as np
from attrs import frozen
from flint import acb, acb_mat, arb

from mflverify.dynamics.interaction import Kernel
from mflverify.dynamics.torus_model import TorusModel
from mflverify.dynamics.trigonometric import Mode, TrigSeries
from mflverify.numerics.density import LogTrigDensity
from mflverify.numerics.fourier_series import FourierSeries, fourier_series
from mflverify.numerics.precision import working_precision
from mflverify.numerics.trig import TrigPolynomial

BITS = 128
DIGITS = 30
LARGEST = 400  # rows of the head
WANTED = 1e-9  # relative width at which more modes are not tried


class NoEnclosureError(ArithmeticError):
    """The discs do not separate, or the model is of a kind for which no enclosure is known."""


@frozen
class RateEnclosure:
    """Numbers between which 2 inf Re spec lies, the conjectured exact rate; modes: N."""

    lower: float
    upper: float
    modes: int


@frozen(eq=False)
class _Species:
    """mu_bar = exp(-U)/Z in Fourier modes: U, and the means of e^{ik.x}."""

    potential: Mapping[Mode, acb]
    series: FourierSeries | None  # of exp(-U) in one dimension; None for the uniform density
    mass: arb

    @staticmethod
    def of(potential: TrigSeries) -> _Species:
        waves = _complex(potential)
        if not waves:
            return _Species(waves, None, arb(1))
        if potential.dimension > 1:
            raise NoEnclosureError(
                "in two and more dimensions equilibria must be uniform for an enclosure of the rate"
            )
        degree = potential.degree
        pairs = [potential.terms.get((k,), (0.0, 0.0)) for k in range(degree + 1)]
        polynomial = TrigPolynomial([arb(a) for a, _ in pairs], [arb(b) for _, b in pairs[1:]])
        try:
            series = fourier_series(LogTrigDensity(polynomial).weight, DIGITS)
        except ValueError as error:
            raise NoEnclosureError(f"the density is too steep: {error}") from error
        return _Species(waves, series, series.frequency(0)[0])

    def mean(self, mode: Mode) -> acb:
        """The mean of e^{ik.x}, the complex conjugate of the k-th coefficient of the density."""
        if not any(mode):
            return acb(1)
        if self.series is None:
            return acb(0)
        (k,) = mode
        cosine, sine = self.series.frequency(abs(k))
        return acb(cosine, sine if k > 0 else -sine) / (2 * self.mass)

    def mean_sum_beyond(self, k: int) -> arb:
        """A bound of the sum of |mean(j)| over |j| > k, in one dimension."""
        if self.series is None:
            return arb(0)
        strip = self.series.strip
        return 2 * strip.decay(k + 1) / (1 - (-strip.width).exp()) / self.mass


def enclose_rate(model: TorusModel, modes: int | None = None) -> RateEnclosure:
    """An enclosure of 2 inf Re spec on L^2_0, the flow linearised at its equilibrium.

    The coefficients of the model are taken as the binary fractions that they are.  modes: N; more
    are tried until the enclosure is narrow.  Equilibria must be uniform in two and more dimensions.
    Raises NoEnclosureError when no N up to 400 rows separates the discs.
    """
    least = model.degree() + max(s.degree for s in model.potentials)
    narrow: RateEnclosure | None = None
    count = max(least, modes or 2 * least)
    while True:
        operator = _Operator.of(model, count)
        if model.species * len(operator.head) > LARGEST:
            break
        found = operator.enclosure()
        if found is not None and (narrow is None or _width(found) < _width(narrow)):
            narrow = found
        if modes is not None or (narrow is not None and _width(narrow) <= WANTED):
            break
        if not operator.has_tail:
            break
        count = count + max(4, count // 2)
    if narrow is None:
        raise NoEnclosureError(f"the discs do not separate with up to {count} modes")
    return narrow


def _width(found: RateEnclosure) -> float:
    return (found.upper - found.lower) / max(abs(found.upper), abs(found.lower), 1e-300)


@frozen(eq=False)
class _Operator:
    """The infinite matrix, and which modes are its head (the same for each species)."""

    model: TorusModel
    species: tuple[_Species, ...]
    head: tuple[Mode, ...]
    modes: int

    @staticmethod
    def of(model: TorusModel, modes: int) -> _Operator:
        box = product(range(-modes, modes + 1), repeat=model.dimension)
        head = tuple(mode for mode in box if any(mode))
        return _Operator(model, tuple(_Species.of(p) for p in model.potentials), head, modes)

    @property
    def has_tail(self) -> bool:
        """Whether anything couples the head to the other modes."""
        return any(s.potential for s in self.species)

    def enclosure(self) -> RateEnclosure | None:
        """The enclosure, or None when the lowest discs do not separate."""
        with working_precision(BITS):
            return self._enclosure()

    def _enclosure(self) -> RateEnclosure | None:
        beyond = self._far_tail()
        if beyond is None:
            return None
        matrix = self._head_matrix()
        size = matrix.nrows()
        middle = np.array([[complex(matrix[i, j].mid()) for j in range(size)] for i in range(size)])
        _, vectors = np.linalg.eig(middle)
        change = acb_mat([[acb(complex(v)) for v in row] for row in vectors])
        try:
            inverse = change.inv()
        except ZeroDivisionError:
            return None
        near = inverse * matrix * change
        radii = [sum((abs(near[i, j]) for j in range(size) if j != i), arb(0)) for i in range(size)]
        discs = [
            (near[i, i], radius + far)
            for i, (radius, far) in enumerate(zip(radii, self._far(inverse), strict=True))
        ]
        return self._joined(discs, [*self._near_tail(change), *beyond])

    # ------------------------------------------------------------------------- the entries

    def _generator(self, i: int, row: Mode, column: Mode) -> acb:
        """L e_k = |k|^2 e_k - sum_l (l.k) u_l e_{k+l}."""
        if row == column:
            return acb(_dot(column, column))
        step = _minus(row, column)
        wave = self.species[i].potential.get(step)
        return acb(0) if wave is None else -_dot(step, column) * wave

    def _forces(self, i: int, j: int) -> dict[Mode, dict[Mode, acb]]:
        """eta_i L_i k_ij by the mode b of the source, then by row: rows that are no constants."""
        kernel = self.model.kernels.get((i, j))
        found: dict[Mode, dict[Mode, acb]] = {}
        if kernel is None:
            return found
        eta = arb(self.model.timescales[i])
        steps = [(0,) * self.model.dimension, *self.species[i].potential]
        for (a, b), value in _kernel_waves(kernel).items():
            for step in steps if any(a) else ():
                row = _plus(a, step)
                if any(row):
                    rows = found.setdefault(b, {})
                    entry = eta * self._generator(i, row, a) * value
                    rows[row] = rows.get(row, acb(0)) + entry
        return found

    def _head_matrix(self) -> acb_mat:
        count = len(self.head)
        place = {mode: n for n, mode in enumerate(self.head)}
        matrix = acb_mat(count * len(self.species), count * len(self.species))
        for i, own in enumerate(self.species):
            speed = self._speed(i)
            steps = [(0,) * self.model.dimension, *own.potential]
            for column, mode in enumerate(self.head):
                for step in steps:
                    row = place.get(_plus(mode, step))
                    if row is not None:
                        entry = speed * self._generator(i, self.head[row], mode)
                        matrix[i * count + row, i * count + column] = entry
            for j, source in enumerate(self.species):
                for b, rows in self._forces(i, j).items():
                    weights = [
                        source.mean(_plus(b, mode)) - source.mean(b) * source.mean(mode)
                        for mode in self.head
                    ]
                    for row, value in rows.items():
                        for column, weight in enumerate(weights):
                            at = i * count + place[row], j * count + column
                            matrix[at] = matrix[at] + value * weight
        return matrix

    def _speed(self, i: int) -> arb:
        return arb(self.model.timescales[i]) * arb(self.model.temperatures[i])

    # ------------------------------------------------------------------ head and tail together

    def _far(self, inverse: acb_mat) -> list[arb]:
        """For each row of the transformed head the sum of its entries in columns of the tail."""
        columns = list(self._tail_columns())
        size = inverse.nrows()
        matrix = acb_mat(size, len(columns))
        for n, (entries, _) in enumerate(columns):
            for row, value in entries.items():
                matrix[row, n] = value
        seen = inverse * matrix
        return [
            sum((abs(seen[row, n]) * factor for n, (_, factor) in enumerate(columns)), arb(0))
            for row in range(size)
        ]

    def _tail_columns(self) -> Iterator[tuple[dict[int, acb], arb]]:
        """Columns of the tail in rows of the head; like columns are one, times the sum of sizes."""
        count = len(self.head)
        place = {mode: n for n, mode in enumerate(self.head)}
        for i, own in enumerate(self.species):
            for mode in self._border(own):
                rows = [_plus(mode, step) for step in own.potential]
                yield (
                    {
                        i * count + place[row]: self._speed(i) * self._generator(i, row, mode)
                        for row in rows
                        if row in place
                    },
                    arb(1),
                )
            for j, source in enumerate(self.species):
                for b, forces in self._forces(i, j).items() if source.potential else ():
                    beyond = source.mean_sum_beyond(self.modes - abs(b[0]))
                    beyond += abs(source.mean(b)) * source.mean_sum_beyond(self.modes)
                    yield {i * count + place[row]: value for row, value in forces.items()}, beyond

    def _border(self, own: _Species) -> list[Mode]:
        """Modes of the tail that a potential couples to the head (in one dimension)."""
        degree = max((abs(step[0]) for step in own.potential), default=0)
        outside = range(self.modes + 1, self.modes + degree + 1)
        return [(sign * k,) for k in outside for sign in (1, -1)]

    def _near_tail(self, change: acb_mat) -> list[tuple[acb, arb]]:
        """Discs of the rows of the tail that see the head."""
        count, size = len(self.head), change.nrows()
        place = {mode: n for n, mode in enumerate(self.head)}
        found: list[tuple[acb, arb]] = []
        for i, own in enumerate(self.species):
            for mode in self._border(own):
                row, radius = acb_mat(1, size), arb(0)
                for step in own.potential:
                    column = _minus(mode, step)
                    entry = self._speed(i) * self._generator(i, mode, column)
                    if column in place:
                        row[0, i * count + place[column]] = entry
                    else:
                        radius += abs(entry)
                seen = row * change
                radius += sum((abs(seen[0, n]) for n in range(size)), arb(0))
                found.append((acb(self._speed(i) * _dot(mode, mode)), radius))
        return found

    def _far_tail(self) -> list[tuple[acb, arb]] | None:
        """One disc for each species whose left end is left of all further rows of the tail; None
        when there are too few modes for that.

        The left end of row k is at least s (k^2 - S |k| - T), S = sum |l| |u_l|, T = sum l^2 |u_l|.
        """
        found: list[tuple[acb, arb]] = []
        for i, own in enumerate(self.species):
            degree = max((abs(step[0]) for step in own.potential), default=0)
            k = self.modes + degree + 1
            first = sum((abs(step[0]) * abs(u) for step, u in own.potential.items()), arb(0))
            second = sum((step[0] ** 2 * abs(u) for step, u in own.potential.items()), arb(0))
            if not first < 2 * k:  # the left ends need not increase yet
                return None
            found.append((acb(self._speed(i) * k**2), self._speed(i) * (first * k + second)))
        return found

    # -------------------------------------------------------------------------- conclusions

    def _joined(
        self, discs: list[tuple[acb, arb]], tail: list[tuple[acb, arb]]
    ) -> RateEnclosure | None:
        left = [2 * (z.real - radius).lower() for z, radius in (*discs, *tail)]
        lowest = min(range(len(left)), key=lambda n: float(left[n]))
        if lowest >= len(discs):
            return None
        group, waiting = {lowest}, [lowest]
        while waiting:
            z, radius = discs[waiting.pop()]
            for other, (w, size) in enumerate(discs):
                if other not in group and not abs(z - w) > radius + size:
                    group.add(other)
                    waiting.append(other)
        right = [2 * (discs[n][0].real + discs[n][1]).upper() for n in group]
        top = max(right, key=float)
        if not all(top < end for end in left[len(discs) :]):
            return None
        return RateEnclosure(
            float(np.nextafter(float(left[lowest]), -np.inf)),
            float(np.nextafter(float(top), np.inf)),
            self.modes,
        )


# --------------------------------------------------------------------------------- small things


def _dot(a: Mode, b: Mode) -> int:
    return sum(x * y for x, y in zip(a, b, strict=True))


def _plus(a: Mode, b: Mode) -> Mode:
    return tuple(x + y for x, y in zip(a, b, strict=True))


def _minus(a: Mode, b: Mode) -> Mode:
    return tuple(x - y for x, y in zip(a, b, strict=True))


def _complex(series: TrigSeries) -> dict[Mode, acb]:
    """Coefficients of e^{ik.x} for k != 0."""
    found: dict[Mode, acb] = {}
    for mode, (a, b) in series.terms.items():
        if any(mode):
            found[mode] = acb(arb(a), -arb(b)) / 2
            found[tuple(-k for k in mode)] = acb(arb(a), arb(b)) / 2
    return found


def _with_mean(series: TrigSeries) -> dict[Mode, acb]:
    zero = (0,) * series.dimension
    return {**_complex(series), zero: acb(arb(series.terms.get(zero, (0.0, 0.0))[0]))}


def _kernel_waves(kernel: Kernel) -> dict[tuple[Mode, Mode], acb]:
    """k(x, y) = sum_ab k_ab e^{ia.x} e^{ib.y}."""
    found: dict[tuple[Mode, Mode], acb] = {}
    for mode, value in _complex(kernel.convolution).items():
        found[mode, tuple(-k for k in mode)] = value
    for target, source in kernel.products:
        for a, left in _with_mean(target).items():
            for b, right in _with_mean(source).items():
                found[a, b] = found.get((a, b), acb(0)) + left * right
    return found
