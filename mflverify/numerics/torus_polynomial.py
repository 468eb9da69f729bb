"""Real trigonometric polynomials on the torus of any dimension, by their frequencies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import TypeAlias

from attrs import frozen
from flint import arb, fmpq

from mflverify.numerics.coefficient_matrix import Matrix, amplitude, checked_matrix
from mflverify.numerics.trig import Coefficient, Number, as_coefficient

Frequency: TypeAlias = tuple[int, ...]
Wave: TypeAlias = tuple[Frequency, Coefficient, Coefficient]


@frozen(init=False)
class TorusPolynomial:
    """p(x) = sum a_k cos(k.x) + b_k sin(k.x) on (R/2 pi Z)^d.

    waves: (k, a_k, b_k), one of k and -k each, in the order of k, none with a_k = b_k = 0.
    Coefficients are rationals or balls. Raises ValueError if the frequencies do not have
    `dimension` entries, or for coefficients of another kind.
    """

    dimension: int
    waves: tuple[Wave, ...]

    def __init__(
        self, dimension: int, modes: Mapping[Frequency, tuple[Number, Number]] | None = None
    ) -> None:
        if dimension < 1:
            raise ValueError(f"dimension must be at least 1, got {dimension}")
        merged: dict[Frequency, tuple[Coefficient, Coefficient]] = {}
        for given, (first, second) in (modes or {}).items():
            k, a, b = tuple(given), as_coefficient(first), as_coefficient(second)
            if len(k) != dimension:
                raise ValueError(f"frequency {k} must have {dimension} entries")
            if k < (0,) * dimension:
                k, b = tuple(-j for j in k), -b
            elif not any(k):
                b = fmpq(0)
            c, d = merged.get(k, (fmpq(0), fmpq(0)))
            merged[k] = a + c, b + d
        waves = tuple((k, a, b) for k, (a, b) in sorted(merged.items()) if not (a == 0 and b == 0))
        self.__attrs_init__(dimension, waves)  # pyright: ignore[reportAttributeAccessIssue]

    @classmethod
    def from_matrix(cls, matrix: Matrix) -> TorusPolynomial:
        """sum C[i][j] b_i(x) b_j(y) in the basis (1, cos x, sin x, cos 2x, ...) of each variable.

        Raises ValueError unless the matrix is rectangular with odd numbers of rows and columns.
        """
        total = cls(2)
        for i, row in enumerate(checked_matrix(matrix)):
            for j, c in enumerate(row):
                if c == 0:
                    continue
                m, n = (i + 1) // 2, (j + 1) // 2
                half = c / 2
                # cos cos, sin sin, sin cos, cos sin in sums and differences of the angles.
                sine = i % 2 == 0 and i > 0, j % 2 == 0 and j > 0
                up = (0, half) if sine[0] != sine[1] else (-half if sine[0] else half, 0)
                down = {
                    (False, False): (half, 0),
                    (True, True): (half, 0),
                    (True, False): (0, half),
                    (False, True): (0, -half),
                }[sine]
                total += cls(2, {(m, n): up}) + cls(2, {(m, -n): down})
        return total

    @property
    def modes(self) -> dict[Frequency, tuple[Coefficient, Coefficient]]:
        """{k: (a_k, b_k)}."""
        return {k: (a, b) for k, a, b in self.waves}

    @property
    def mean(self) -> Coefficient:
        """a_0."""
        return self.modes.get((0,) * self.dimension, (fmpq(0), fmpq(0)))[0]

    @property
    def degrees(self) -> tuple[int, ...]:
        """The largest |k_j| in each variable."""
        return tuple(
            max((abs(k[j]) for k, _, _ in self.waves), default=0) for j in range(self.dimension)
        )

    def amplitudes(self) -> Iterator[tuple[int, arb]]:
        """(|k_1| + ... + |k_d|, sqrt(a_k^2 + b_k^2)) of all waves that are not constant."""
        for k, a, b in self.waves:
            if any(k):
                yield sum(map(abs, k)), arb(amplitude(a, b))

    def derivative(self, axis: int) -> TorusPolynomial:
        """The partial derivative in the variable number `axis`, from 0."""
        modes = {k: (b * k[axis], -a * k[axis]) for k, a, b in self.waves}
        return TorusPolynomial(self.dimension, modes)

    def laplacian(self) -> TorusPolynomial:
        """The sum of all second partial derivatives."""
        squares = {k: -sum(j * j for j in k) for k, _, _ in self.waves}
        return TorusPolynomial(
            self.dimension, {k: (a * squares[k], b * squares[k]) for k, a, b in self.waves}
        )

    def __add__(self, other: TorusPolynomial) -> TorusPolynomial:
        if other.dimension != self.dimension:
            raise ValueError(f"dimensions differ: {self.dimension} and {other.dimension}")
        total = self.modes
        for k, a, b in other.waves:
            c, d = total.get(k, (fmpq(0), fmpq(0)))
            total[k] = a + c, b + d
        return TorusPolynomial(self.dimension, total)

    def __mul__(self, other: TorusPolynomial) -> TorusPolynomial:
        if other.dimension != self.dimension:
            raise ValueError(f"dimensions differ: {self.dimension} and {other.dimension}")
        total = TorusPolynomial(self.dimension)
        for k, a, b in self.waves:
            sums, differences = {}, {}
            for m, c, d in other.waves:
                up = tuple(i + j for i, j in zip(k, m, strict=True))
                down = tuple(i - j for i, j in zip(k, m, strict=True))
                sums[up] = (a * c - b * d) / 2, (a * d + b * c) / 2
                differences[down] = (a * c + b * d) / 2, (b * c - a * d) / 2
            for modes in (sums, differences):
                total = total + TorusPolynomial(self.dimension, modes)
        return total

    def scaled(self, factor: Number) -> TorusPolynomial:
        """factor * p."""
        c = as_coefficient(factor)
        return TorusPolynomial(self.dimension, {k: (a * c, b * c) for k, a, b in self.waves})

    def plus(self, constant: Number) -> TorusPolynomial:
        """p + constant."""
        return self + TorusPolynomial(self.dimension, {(0,) * self.dimension: (constant, 0)})

    def tensor(self) -> tuple[tuple[int, ...], list[Coefficient]]:
        """The shape and the coefficients, last variable fastest, in the basis
        (1, cos x_j, sin x_j, cos 2x_j, ...) of each variable."""
        shape = tuple(2 * n + 1 for n in self.degrees)
        flat: list[Coefficient] = [fmpq(0)]
        for size in shape:
            flat = flat * size
        for k, a, b in self.waves:
            # The real part of (a - ib) prod_j (cos k_j x_j + i sin k_j x_j).
            for sines in product(*((0, 1) if j else (0,) for j in k)):
                index, sign = 0, 1
                for j, sine, size in zip(k, sines, shape, strict=True):
                    index = index * size + (2 * abs(j) - 1 + sine if j else 0)
                    sign = -sign if sine and j < 0 else sign
                count = sum(sines)
                sign = -sign if count % 4 >= 2 else sign
                flat[index] += sign * (b if count % 2 else a)
        return shape, flat
