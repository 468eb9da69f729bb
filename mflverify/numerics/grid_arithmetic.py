"""Evaluation of an integrand tree at many points at once, in balls.

`PeriodicGrid` encloses the values at N equispaced points of the circle, its trigonometric
polynomials by one discrete Fourier transform; grids of tori are in `torus_quadrature`.
"""

from attrs import frozen
from flint import acb, arb, fmpq

from mflverify.numerics.arithmetic import OneVariable, real_power
from mflverify.numerics.trig import Coefficient, TrigPolynomial


class BallLists:
    """Operations on lists of `size` balls, entry by entry."""

    @property
    def size(self) -> int:
        raise NotImplementedError

    def constant(self, value: Coefficient) -> list[arb]:
        return [arb(value)] * self.size

    def trigonometric(self, p: TrigPolynomial) -> list[arb]:
        raise ValueError(f"a function of one variable among those of several: {p}")

    def polynomial(self, coefficients: tuple[fmpq, ...]) -> list[arb]:
        raise ValueError(f"a polynomial is not periodic: {coefficients}")

    def add(self, left: list[arb], right: list[arb]) -> list[arb]:
        return [a + b for a, b in zip(left, right, strict=True)]

    def multiply(self, left: list[arb], right: list[arb]) -> list[arb]:
        return [a * b for a, b in zip(left, right, strict=True)]

    def divide(self, left: list[arb], right: list[arb]) -> list[arb]:
        return [a / b for a, b in zip(left, right, strict=True)]

    def exp(self, value: list[arb]) -> list[arb]:
        return [v.exp() for v in value]

    def log(self, value: list[arb]) -> list[arb]:
        return [v.log() for v in value]

    def power(self, value: list[arb], exponent: fmpq) -> list[arb]:
        return [real_power(v, exponent) for v in value]

    def absolute(self, value: list[arb]) -> list[arb]:
        return [abs(v) for v in value]


@frozen
class PeriodicGrid(BallLists, OneVariable[list[arb]]):
    """Enclosures of the values at x_j = 2 pi j/N, j = 0, ..., N-1; N >= 1."""

    N: int

    def __attrs_post_init__(self) -> None:
        if self.N < 1:
            raise ValueError(f"N must be at least 1, got {self.N}")

    @property
    def size(self) -> int:
        return self.N

    def trigonometric(self, p: TrigPolynomial) -> list[arb]:
        # Frequencies beyond N are folded: e^{ikx} and e^{i(k mod N)x} agree on the grid.
        spectrum = [acb(0)] * self.N
        spectrum[0] = acb(p.mean)
        for j, (a, b) in enumerate(zip(p.cosines[1:], p.sines, strict=True), 1):
            half = acb(a, b) / 2
            spectrum[j % self.N] += half
            spectrum[-j % self.N] += half.conjugate()
        # FLINT's transform has e^{-2 pi i jk/N}; conjugate coefficients turn the sign.
        return [value.real for value in acb.dft(spectrum)]
