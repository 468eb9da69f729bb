"""Spaces with their equilibrium exp(-U)/Z as exact data: products of circles and lines.

U is a trigonometric polynomial of the circle variables plus a polynomial in each line variable.
Circles have period 2 pi; on a line U has even degree and a positive leading coefficient.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any, Literal

from attrs import frozen
from flint import arb, fmpq

from mflverify.models.basis import BasisFunction, Expansion
from mflverify.models.request import Unavailable
from mflverify.numerics.density import LogPolynomialDensity, LogTrigDensity, UniformTorus
from mflverify.numerics.poincare import poincare_constant
from mflverify.numerics.precision import working_precision
from mflverify.numerics.spectral_densities import Factor, LogTrigTorus, ProductMeasure
from mflverify.numerics.trig import TrigPolynomial

Axis = Literal["circle", "line"]

LARGEST_DIMENSION = 6
POINCARE_DIGITS = 9
POINCARE_BITS = 128


@frozen
class SpaceData:
    """A product of circles and lines with equilibrium exp(-U)/Z, U = `potential`.

    Raises ValueError when exp(-U) has no finite integral, U is not periodic in a circle variable,
    or a line variable occurs in a wave or beside another variable.
    """

    axes: tuple[Axis, ...]
    potential: Expansion

    def __attrs_post_init__(self) -> None:
        if not 1 <= len(self.axes) <= LARGEST_DIMENSION:
            raise ValueError(f"a space has 1 to {LARGEST_DIMENSION} axes, got {len(self.axes)}")
        for axis in self.axes:
            if axis not in ("circle", "line"):
                raise ValueError(f"axes are 'circle' or 'line', got {axis!r}")
        if self.potential.dimension != len(self.axes):
            raise ValueError(
                f"the potential has {self.potential.dimension} variables, the space {len(self.axes)}"
            )
        for basis, _ in self.potential:
            self._check(basis)
        for i, axis in enumerate(self.axes):
            if axis == "line":
                coefficients = self.line_polynomial(i)
                if len(coefficients) < 3 or len(coefficients) % 2 == 0 or coefficients[-1] <= 0:
                    raise ValueError(
                        f"exp(-U) with U = {self.potential.text()} is no density: on a line U needs "
                        "an even degree, at least 2, and a positive leading coefficient"
                    )

    def _check(self, basis: BasisFunction) -> None:
        used = [i for i in range(self.dimension) if basis.powers[i] or basis.frequency[i]]
        lines = [i for i in used if self.axes[i] == "line"]
        if any(basis.powers[i] for i in used if self.axes[i] == "circle"):
            raise ValueError(f"{basis.text()} in the potential is not periodic on a circle")
        if lines and (len(used) > 1 or any(basis.frequency)):
            raise ValueError(
                f"{basis.text()} in the potential: a line variable occurs in powers of its own only"
            )

    @property
    def dimension(self) -> int:
        """The number of axes."""
        return len(self.axes)

    @property
    def circles(self) -> tuple[int, ...]:
        """The circle axes."""
        return tuple(i for i, axis in enumerate(self.axes) if axis == "circle")

    @property
    def lines(self) -> tuple[int, ...]:
        """The line axes."""
        return tuple(i for i, axis in enumerate(self.axes) if axis == "line")

    def line_polynomial(self, axis: int) -> tuple[Fraction, ...]:
        """Coefficients of U in the variable of a line, lowest first, without the constant."""
        powers = {b.powers[axis]: c for b, c in self.potential if b.powers[axis]}
        return tuple(powers.get(n, Fraction(0)) for n in range(max(powers, default=0) + 1))

    def gaussian(self, axis: int) -> tuple[fmpq, fmpq] | None:
        """Mean and variance of a line whose U is quadratic; None otherwise."""
        p = self.line_polynomial(axis)
        return gaussian_law(p) if len(p) == 3 else None

    @property
    def circle_blocks(self) -> tuple[tuple[int, ...], ...]:
        """Circle axes in groups that U does not couple to each other; uniform axes stand alone."""
        groups: list[set[int]] = [{i} for i in self.circles]
        for basis, _ in self.potential:
            used = {i for i in self.circles if basis.frequency[i]}
            together = [g for g in groups if g & used]
            if together:
                groups = [g for g in groups if not g & used] + [set().union(*together)]
        return tuple(sorted(tuple(sorted(g)) for g in groups))

    def block_potential(self, block: Sequence[int]) -> Expansion:
        """U restricted to the variables of a group of circles, without the constant."""
        terms = [
            (_restricted(basis, block), c)
            for basis, c in self.potential
            if any(basis.frequency[i] for i in block)
        ]
        return Expansion(len(block), terms)

    @property
    def is_rational(self) -> bool:
        """Whether every circle is uniform and every line Gaussian, so that moments are rational."""
        return not any(any(b.frequency) for b, _ in self.potential) and all(
            self.gaussian(i) is not None for i in self.lines
        )

    def uniform(self) -> SpaceData:
        """The same axes with rational equilibria: uniform circles, standard Gaussian lines."""
        squares = {f"{_name(i, self.dimension)}^2": Fraction(1, 2) for i in self.lines}
        return SpaceData(self.axes, Expansion.of(self.dimension, squares))

    def factors(self) -> tuple[Factor, ...]:
        """The independent factors of the equilibrium, as densities of the numerics.

        Raises Unavailable for three or more coupled circles.
        """
        return tuple(
            [self._circle_factor(block) for block in self.circle_blocks]
            + [LogPolynomialDensity(self.line_polynomial(i)) for i in self.lines]
        )

    def _circle_factor(self, block: tuple[int, ...]) -> Factor:
        potential = self.block_potential(block)
        if not potential.terms:
            return UniformTorus(len(block))
        if len(block) == 1:
            return LogTrigDensity(trigonometric(potential))
        if len(block) > 2:
            raise Unavailable(f"an equilibrium that couples {len(block)} circles")
        modes = {b.frequency: (Fraction(0), Fraction(0)) for b, _ in potential}
        for basis, c in potential:
            even, odd = modes[basis.frequency]
            modes[basis.frequency] = (even + c, odd) if basis.wave == "cos" else (even, odd + c)
        return LogTrigTorus(modes)

    def poincare_constant(self) -> arb:
        """A ball around the Poincaré constant, exact (1 or 1/variance) where it is rational."""
        return _poincare(self)

    def text(self) -> str:
        """For readers: `circle, uniform`; `circle x line, U = ...`."""
        kind = " x ".join(self.axes)
        if all(axis == "circle" for axis in self.axes):
            kind = "torus" if self.dimension == 1 else f"torus of dimension {self.dimension}"
        return f"{kind}, " + (f"U = {self.potential.text()}" if self.potential.terms else "uniform")

    def to_json(self) -> dict[str, Any]:
        """{"axes": [...], "potential": {...}}."""
        return {"axes": list(self.axes), "potential": self.potential.to_json()}


@lru_cache(maxsize=512)
def _poincare(space: SpaceData) -> arb:
    with working_precision(POINCARE_BITS):  # kept for callers at any precision
        return poincare_constant(ProductMeasure(space.factors()), digits=POINCARE_DIGITS).ball


def gaussian_law(p: Sequence[Fraction]) -> tuple[fmpq, fmpq]:
    """Mean and variance of exp(-p)/Z, p quadratic, its coefficients lowest first."""
    a, b = fmpq(p[2].numerator, p[2].denominator), fmpq(p[1].numerator, p[1].denominator)
    return -b / (2 * a), 1 / (2 * a)


def trigonometric(expansion: Expansion) -> TrigPolynomial:
    """A one-dimensional expansion in waves as a trigonometric polynomial."""
    size = max((b.frequency[0] for b, _ in expansion), default=0)
    cosines, sines = [Fraction(0)] * (size + 1), [Fraction(0)] * size
    for basis, c in expansion:
        if basis.wave == "cos":
            cosines[basis.frequency[0]] += c
        else:
            sines[basis.frequency[0] - 1] += c
    return TrigPolynomial(cosines, sines)


def _restricted(basis: BasisFunction, block: Sequence[int]) -> BasisFunction:
    return BasisFunction(
        tuple(basis.powers[i] for i in block), tuple(basis.frequency[i] for i in block), basis.wave
    )


def _name(axis: int, dimension: int) -> str:
    return "x" if dimension == 1 else f"x{axis + 1}"


def torus(dimension: int = 1, potential: dict[str, Fraction | int] | None = None) -> SpaceData:
    """A torus; uniform, or with equilibrium exp(-U)/Z.

    >>> torus(2, {"cos x1": 1, "sin(x1 - x2)": Fraction(1, 2)}).text()
    'torus of dimension 2, U = cos(x1) + 1/2 sin(x1 - x2)'
    """
    return SpaceData(("circle",) * dimension, Expansion.of(dimension, potential or {}))


def gaussian(variance: Fraction | int = 1, mean: Fraction | int = 0) -> SpaceData:
    """The line with N(mean, variance).  Raises ValueError unless the variance is positive."""
    if variance <= 0:
        raise ValueError(f"variance must be positive, got {variance}")
    return line((Fraction(0), -Fraction(mean) / Fraction(variance), 1 / (2 * Fraction(variance))))


def line(coefficients: Sequence[Fraction | int]) -> SpaceData:
    """The line with equilibrium exp(-p)/Z, p by its coefficients, lowest first."""
    return SpaceData(("line",), Expansion.polynomial([Fraction(c) for c in coefficients]))


def double_well(depth: Fraction | int = 1, temperature: Fraction | int = 1) -> SpaceData:
    """The line with U = (x^4/4 - depth x^2/2)/temperature.  Raises ValueError unless it is positive."""
    if temperature <= 0:
        raise ValueError(f"temperature must be positive, got {temperature}")
    beta = 1 / Fraction(temperature)
    return line((0, 0, -beta * depth / 2, 0, beta / 4))


def product(*spaces: SpaceData) -> SpaceData:
    """The product of spaces, with the product of their equilibria."""
    dimension = sum(space.dimension for space in spaces)
    terms: list[tuple[BasisFunction, Fraction]] = []
    before = 0
    for space in spaces:
        after = dimension - before - space.dimension
        for basis, c in space.potential:
            left, right = (0,) * before, (0,) * after
            moved = BasisFunction(
                left + basis.powers + right, left + basis.frequency + right, basis.wave
            )
            terms.append((moved, c))
        before += space.dimension
    return SpaceData(
        tuple(axis for space in spaces for axis in space.axes), Expansion(dimension, terms)
    )
