"""Rational instances on the line with the standard Gaussian and polynomials.

L = -d^2 + x d is diagonal on the Hermite polynomials He_n with eigenvalue n; moments are double
factorials; everything is a rational number.  The Poincaré constant is 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import product
from math import factorial
from types import MappingProxyType

from attrs import field, frozen
from flint import fmpq, fmpq_poly

from mflverify.expr.sorts import Space
from mflverify.expr.terms import KernelSymbol
from mflverify.models.convexity import Mode, exact_convexity, symmetric_form
from mflverify.models.no_densities import WithoutDensities
from mflverify.models.request import Unavailable
from mflverify.models.rings import Rationals, Ring, RingScalars, coefficient_square
from mflverify.models.slack import exact_slack, exact_spectral_norm

X = fmpq_poly([0, 1])


def moment(n: int) -> int:
    """E x^n under N(0, 1)."""
    result = 1
    for k in range(1, n, 2):
        result *= k
    return 0 if n % 2 else result


def expectation(p: fmpq_poly) -> fmpq:
    """E p under N(0, 1)."""
    total = fmpq(0)
    for n in range(p.degree() + 1):
        total += p[n] * moment(n)
    return total


def hermite_coefficients(p: fmpq_poly) -> dict[int, fmpq]:
    """Coefficients of p in the Hermite polynomials He_n: E p^(n) / n!, as <He_n, p> = E p^(n)."""
    found: dict[int, fmpq] = {}
    for n in range(p.degree() + 1):
        found[n] = expectation(p) / factorial(n)
        p = p.derivative()
    return found


@frozen
class GaussianLine(WithoutDensities, RingScalars):
    """The operations, all in rationals; functions and fields are polynomials."""

    ring: Ring = field(factory=Rationals)

    def relative_entropy(self, space: Space, p: fmpq_poly, q: fmpq_poly) -> fmpq:
        raise Unavailable("an entropy is not rational")

    def fisher_information(self, space: Space, p: fmpq_poly, q: fmpq_poly) -> fmpq:
        raise Unavailable("a Fisher information is not rational")

    def wasserstein(self, space: Space, p: fmpq_poly, q: fmpq_poly) -> fmpq:
        raise Unavailable("a transport distance is not rational")

    def mean_absolute(self, space: Space, u: fmpq_poly) -> fmpq:
        raise Unavailable("an L1 norm is not rational")

    def log_sobolev(self, space: Space, reference: fmpq_poly | None) -> fmpq:
        if reference is not None:
            raise Unavailable("the log-Sobolev constant of a density that is not Gaussian")
        return fmpq(1)

    def add(self, u: fmpq_poly, v: fmpq_poly) -> fmpq_poly:
        return u + v

    def scale(self, c: fmpq, u: fmpq_poly) -> fmpq_poly:
        return u * c

    def times(self, u: fmpq_poly, v: fmpq_poly) -> fmpq_poly:
        return u * v

    def one(self, space: Space) -> fmpq_poly:
        return fmpq_poly([1])

    def grad(self, space: Space, u: fmpq_poly) -> fmpq_poly:
        return u.derivative()

    def grad_adjoint(self, space: Space, phi: fmpq_poly) -> fmpq_poly:
        return X * phi - phi.derivative()

    def generator_inverse(self, space: Space, u: fmpq_poly) -> fmpq_poly:
        """Solve -w'' + x w' = u from the top degree down; u must be mean-zero."""
        if expectation(u) != 0:
            raise ValueError(f"L^-1 of a polynomial with mean {expectation(u)}")
        rest, result = u, fmpq_poly([0])
        while rest.degree() >= 1:
            n = rest.degree()
            term = fmpq_poly([0] * n + [rest[n] / n])
            result += term
            rest -= self.grad_adjoint(space, term.derivative())
        return result - expectation(result)

    def projector(self, space: Space, phi: fmpq_poly) -> fmpq_poly:
        return self.generator_inverse(space, self.grad_adjoint(space, phi)).derivative()

    def center(self, space: Space, u: fmpq_poly) -> fmpq_poly:
        return u - expectation(u)

    def inner(self, space: Space, u: fmpq_poly, v: fmpq_poly) -> fmpq:
        return expectation(u * v)

    def dual_square(self, space: Space, u: fmpq_poly) -> fmpq:
        return expectation(u * self.generator_inverse(space, u))

    def sup(self, space: Space, u: fmpq_poly) -> fmpq:
        if u.degree() > 0:
            raise Unavailable("the supremum of a polynomial over the line is infinite")
        return abs(u[0])

    def at_point(self, space: Space, u: fmpq_poly, point: Fraction) -> fmpq:
        return u(self.number(point))

    def point_distance(self, space: Space, x: Fraction, y: Fraction) -> fmpq:
        return abs(self.number(x - y))

    def apply(
        self,
        kernel: tuple[KernelSymbol, tuple[tuple[Fraction, ...], ...]],
        u: fmpq_poly,
        *,
        transposed: bool,
    ) -> fmpq_poly:
        return self._applied(kernel, u, lambda j: X**j, transposed=transposed)

    def kernel_along(
        self,
        kernel: tuple[KernelSymbol, tuple[tuple[Fraction, ...], ...]],
        phi: fmpq_poly,
        *,
        transposed: bool,
    ) -> fmpq_poly:
        return self._applied(kernel, phi, lambda j: (X**j).derivative(), transposed=transposed)

    def first_eigenfunction(self, space: Space) -> fmpq_poly:
        return X

    def advection(self, space: Space, phi: fmpq_poly, psi: fmpq_poly) -> fmpq_poly:
        return phi * psi.derivative()

    def divergence(self, space: Space, phi: fmpq_poly) -> fmpq_poly:
        return phi.derivative()

    def score(self, space: Space) -> fmpq_poly:
        return X

    def jacobian_square(self, space: Space, phi: fmpq_poly) -> fmpq_poly:
        return phi.derivative() ** 2

    def curvature(self, space: Space, phi: fmpq_poly) -> fmpq_poly:
        return phi**2

    def curvature_bound(self, space: Space) -> fmpq:
        return fmpq(1)

    def convexity(
        self,
        space: Space,
        temperature: fmpq,
        kernels: list[tuple[KernelSymbol, tuple[tuple[Fraction, ...], ...]]],
    ) -> fmpq:
        matrices = [matrix for _, matrix in kernels]
        size = max((max(len(m), len(m[0])) for m in matrices), default=1) - 1
        powers = symmetric_form(matrices, size)
        # x^i in Hermite polynomials
        parts = [hermite_coefficients(X ** (i + 1)) for i in range(size)]
        form = [[fmpq(0)] * size for _ in range(size)]
        for i, j, n, m in product(range(size), repeat=4):
            form[n][m] += powers[i][j] * parts[i].get(n + 1, 0) * parts[j].get(m + 1, 0)
        modes = [Mode(fmpq(n + 1), fmpq(factorial(n + 1))) for n in range(size)]
        return exact_convexity(temperature, form, modes, fmpq(size + 1))

    def _applied(
        self,
        kernel: tuple[KernelSymbol, tuple[tuple[Fraction, ...], ...]],
        u: fmpq_poly,
        wave: Callable[[int], fmpq_poly],
        *,
        transposed: bool,
    ) -> fmpq_poly:
        """The moments <wave(j), u>, multiplied by the coefficients of the kernel."""
        rows = self._rows(kernel, transposed=transposed)
        moments = [expectation(u * wave(j)) for j in range(len(rows[0]))]
        return fmpq_poly(
            [sum((c * m for c, m in zip(row, moments, strict=True)), fmpq(0)) for row in rows]
        )

    def kernel_slice(
        self,
        kernel: tuple[KernelSymbol, tuple[tuple[Fraction, ...], ...]],
        point: Fraction,
        direction: fmpq,
        *,
        transposed: bool,
    ) -> fmpq_poly:
        rows = self._rows(kernel, transposed=transposed)
        total = fmpq_poly([0])
        for i, row in enumerate(rows):
            if i:
                total += fmpq_poly(list(row)) * (i * self.number(point) ** (i - 1) * direction)
        return total

    def _rows(
        self, kernel: tuple[KernelSymbol, tuple[tuple[Fraction, ...], ...]], *, transposed: bool
    ) -> list[list[fmpq]]:
        _, matrix = kernel
        rows = [[self.number(c) for c in row] for row in matrix]
        return [list(column) for column in zip(*rows, strict=True)] if transposed else rows

    def reciprocal(self, space: Space, u: fmpq_poly) -> fmpq_poly:
        raise Unavailable("a mean with a reciprocal is not rational")

    def mixed_sup(self, kernel: tuple[KernelSymbol, tuple[tuple[Fraction, ...], ...]]) -> fmpq:
        _, matrix = kernel
        if any(
            c and i and j and (i, j) != (1, 1)
            for i, row in enumerate(matrix)
            for j, c in enumerate(row)
        ):
            raise Unavailable("the mixed derivative of this kernel is not bounded on the line")
        return abs(self.number(matrix[1][1])) if len(matrix) > 1 and len(matrix[1]) > 1 else fmpq(0)

    def mixed_square(self, kernel: tuple[KernelSymbol, tuple[tuple[Fraction, ...], ...]]) -> fmpq:
        rows = self._rows(kernel, transposed=False)
        slopes = [(X**i).derivative() for i in range(max(len(rows), len(rows[0])))]
        gram = [[expectation(u * v) for v in slopes] for u in slopes]
        return coefficient_square(rows, gram, gram, fmpq(0))

    def slack(
        self,
        kernels: list[tuple[KernelSymbol, tuple[tuple[Fraction, ...], ...]]],
        weights: Mapping[Space, fmpq],
        shifts: Mapping[Space, fmpq] = MappingProxyType({}),
    ) -> fmpq:
        return exact_slack(kernels, self._gram, weights, shifts)

    def _gram(self, space: Space, count: int) -> list[list[fmpq]]:
        powers = [self.center(space, X ** (i + 1)) for i in range(count)]
        return [[expectation(u * v) for v in powers] for u in powers]

    def spectral_norm(self, rows: list[list[fmpq]]) -> fmpq:
        return exact_spectral_norm(rows)

    def poincare(self, space: Space) -> fmpq:
        return fmpq(1)

    def field_of(self, coefficients: tuple[Fraction, ...]) -> fmpq_poly:
        """The polynomial with these coefficients, lowest first."""
        return fmpq_poly([self.number(c) for c in coefficients])

    def function_of(self, coefficients: tuple[Fraction, ...], kind: str) -> fmpq_poly:
        """p^2/E p^2 - 1 for a perturbation (so that 1 + f >= 0), p - E p or p otherwise."""
        p = self.field_of(coefficients)
        if kind == "perturbation":
            square = p * p
            if expectation(square) == 0:
                raise ValueError("a density p^2 needs a polynomial p that is not zero")
            return square * (1 / expectation(square)) - 1
        return p - expectation(p) if kind == "mean-zero" else p
