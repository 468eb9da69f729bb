"""Sections of generators on tori in real Fourier modes, and functions times the ground state.

The density is exp(-U)/Z with a trigonometric polynomial U, W = |grad U|^2/4 - Laplace U/2.  The
ground state g is compared with a trigonometric polynomial q of norm 1: as S >= gamma on the
complement of g and S g = 0, the part of q orthogonal to g is at most |S q|/gamma, and
|q - g| <= sqrt(2) |S q|/gamma for one of the two signs of g.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product

from attrs import frozen
from flint import acb, arb, arb_mat

from mflverify.dynamics.spectral_section import Diagonalised, Section, norm
from mflverify.dynamics.trigonometric import Mode, TrigSeries
from mflverify.numerics.fourier_block import schroedinger_potential
from mflverify.numerics.inertia import UndecidedSignError

Waves = Mapping[Mode, acb]  # coefficients of e^{ik.x}


@frozen(eq=False)
class TorusSection:
    """A species on a torus: its diagonalised section, and q with |q - g| <= error.

    waves: U without its constant.  place: the number of each real Fourier mode (k, sine).
    """

    waves: Waves
    place: Mapping[tuple[Mode, bool], int]
    diagonal: Diagonalised
    ground: Waves
    error: arb

    @staticmethod
    def of(potential: TrigSeries, cutoff: int, degree: int) -> TorusSection:
        """With modes |k_j| <= cutoff; functions of at most `degree` will be asked about.

        Raises UndecidedSignError when the section does not resolve the ground state.
        """
        dimension = potential.dimension
        waves = _without_mean(potential)
        well = schroedinger_potential(waves)
        own = potential.degree
        reach = max(2 * own, degree + own) if own else 0
        inner, outer = _functions(dimension, cutoff), _functions(dimension, cutoff + reach)
        chosen = set(inner)
        order = [*inner, *(f for f in outer if f not in chosen)]
        place = {function: n for n, function in enumerate(order)}
        columns = [_schroedinger(well, _wave(function)) for function in inner]
        image = _matrix([_real(column, place) for column in columns])
        # W >= -sup Laplace U / 2
        lowest = sum((_square(k) * abs(u) for k, u in waves.items()), arb(0)) / 2
        diagonal = Diagonalised.of(Section(image, arb((cutoff + 1) ** 2) - lowest))
        ground: dict[Mode, acb] = {}
        for function, value in zip(inner, diagonal.ground(), strict=True):
            for k, c in _wave(function).items() if not value.is_zero() else ():
                ground[k] = ground.get(k, acb(0)) + value * c
        residual = norm(_schroedinger(well, ground).values()) / diagonal.gap()
        if not residual < 1:
            raise UndecidedSignError("the ground state is not resolved")
        return TorusSection(waves, place, diagonal, ground, arb(2).sqrt() * residual)

    def source(self, function: TrigSeries) -> tuple[list[arb], arb]:
        """(psi - its mean) sqrt(mu_bar): coordinates, and a bound of their error."""
        waves = _waves(function)
        largest = sum((abs(c) for c in waves.values()), arb(0))
        weighted = _times(waves, self.ground)
        mean = sum(
            (c * self.ground[k].conjugate() for k, c in weighted.items() if k in self.ground),
            acb(0),
        )
        for k, c in self.ground.items():
            weighted[k] = weighted.get(k, acb(0)) - mean.real * c
        # the means differ by at most 2 sup |psi| error
        return _real(weighted, self.place), 4 * largest * self.error

    def target(self, function: TrigSeries) -> tuple[list[arb], arb]:
        """(L phi) sqrt(mu_bar): coordinates, and a bound of their error."""
        waves = _waves(function)
        image: dict[Mode, acb] = {k: _square(k) * c for k, c in waves.items()}
        for j, u in self.waves.items():
            for k, c in waves.items():
                both = _plus(j, k)
                image[both] = image.get(both, acb(0)) - _dot(j, k) * u * c
        largest = sum((abs(c) for c in image.values()), arb(0))
        return _real(_times(image, self.ground), self.place), largest * self.error


def kernel_pairs(
    convolution: TrigSeries, products: Iterable[tuple[TrigSeries, TrigSeries]]
) -> list[tuple[TrigSeries, TrigSeries]]:
    """convolution(x - y) + the products as a sum of products."""
    pairs = list(products)
    for mode, (a, b) in convolution.terms.items():
        d = convolution.dimension
        if any(mode):
            cosine, sine = TrigSeries(d, {mode: (1.0, 0.0)}), TrigSeries(d, {mode: (0.0, 1.0)})
            pairs.append((TrigSeries(d, {mode: (a, b)}), cosine))
            pairs.append((TrigSeries(d, {mode: (-b, a)}), sine))
    return pairs


def _functions(dimension: int, cutoff: int) -> list[tuple[Mode, bool]]:
    """Real Fourier modes with |k_j| <= cutoff: (k, False) for cosines, (k, True) for sines."""
    zero = (0,) * dimension
    modes = [k for k in product(range(-cutoff, cutoff + 1), repeat=dimension) if k >= zero]
    modes.sort(key=lambda k: (_square(k), k))
    return [(k, sine) for k in modes for sine in (False, True) if any(k) or not sine]


def _wave(function: tuple[Mode, bool]) -> dict[Mode, acb]:
    """1, sqrt(2) cos k.x or sqrt(2) sin k.x."""
    mode, sine = function
    if not any(mode):
        return {mode: acb(1)}
    size = 1 / arb(2).sqrt()
    value = acb(0, -size) if sine else acb(size)
    return {mode: value, _minus(mode): value.conjugate()}


def _real(waves: Waves, place: Mapping[tuple[Mode, bool], int]) -> list[arb]:
    """Coordinates of a real function."""
    row, root = [arb(0)] * len(place), arb(2).sqrt()
    for k, c in waves.items():
        if not any(k):
            row[place[k, False]] = c.real
        elif (k, False) in place:
            row[place[k, False]] = root * c.real
            row[place[k, True]] = -root * c.imag
        elif (_minus(k), False) not in place:
            raise ValueError(f"mode {k} is not among those of the section")
    return row


def _schroedinger(well: Waves, function: Waves) -> dict[Mode, acb]:
    image = _times(well, function)
    for k, c in function.items():
        image[k] = image.get(k, acb(0)) + _square(k) * c
    return image


def _times(left: Waves, right: Waves) -> dict[Mode, acb]:
    found: dict[Mode, acb] = {}
    for k, a in left.items():
        for j, b in right.items():
            both = _plus(j, k)
            found[both] = found.get(both, acb(0)) + a * b
    return found


def _waves(series: TrigSeries) -> dict[Mode, acb]:
    zero = (0,) * series.dimension
    constant = series.terms.get(zero, (0.0, 0.0))[0]
    return {**_without_mean(series), **({zero: acb(arb(constant))} if constant else {})}


def _without_mean(series: TrigSeries) -> dict[Mode, acb]:
    found: dict[Mode, acb] = {}
    for mode, (a, b) in series.terms.items():
        if any(mode):
            found[mode] = acb(arb(a), -arb(b)) / 2
            found[_minus(mode)] = acb(arb(a), arb(b)) / 2
    return found


def _matrix(columns: list[list[arb]]) -> arb_mat:
    return arb_mat(columns).transpose()


def _square(k: Mode) -> int:
    return _dot(k, k)


def _dot(a: Iterable[int], b: Iterable[int]) -> int:
    return sum(x * y for x, y in zip(a, b, strict=True))


def _plus(a: Mode, b: Mode) -> Mode:
    return tuple(x + y for x, y in zip(a, b, strict=True))


def _minus(a: Mode) -> Mode:
    return tuple(-x for x in a)
