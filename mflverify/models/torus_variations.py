"""Second variations of functionals at all measures, on one-dimensional tori, in rationals or balls.

The instances have F''[mu] = k + c m phi phi with m = <phi, mu> - <phi, mu_bar>.  Suprema and slacks
are convex in m, so the largest are at an end of its range.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from attrs import define
from flint import arb, fmpq

from mflverify.expr.terms import KernelSymbol
from mflverify.models.request import Unavailable
from mflverify.models.rings import rational
from mflverify.models.torus_ring import Matrix, Ring, Scalar
from mflverify.models.torus_trees import TreeTorus
from mflverify.numerics.coefficient_matrix import mixed_derivative
from mflverify.numerics.suprema import matrix_sup_norm, maximum, minimum
from mflverify.numerics.trig import TrigPolynomial

Rows = list[list[Any]]


@define
class VariationTorus(TreeTorus):
    """The operations on functions, and bounds of second variations."""

    def variation_sup(
        self, kernel: tuple[KernelSymbol, Matrix], strength: Scalar, form: Ring, derivatives: int
    ) -> Scalar:
        found: list[Scalar] = []
        for rows in self._variations(kernel, strength, form):
            table: Any = mixed_derivative(rows) if derivatives == 2 else rows
            if derivatives == 1:
                table = [_coefficients(_polynomial(row).derivative(), len(row)) for row in rows]
            found.append(self._enclosed(matrix_sup_norm(table)))
        return self.extremum("max", found)

    def variation_slack(
        self, kernel: tuple[KernelSymbol, Matrix], strength: Scalar, form: Ring
    ) -> Scalar:
        symbol, _ = kernel
        rows = self._variations(kernel, strength, form)
        return self.extremum("max", [self.slack([(symbol, table)], {}) for table in rows])  # type: ignore[list-item]  (entries beyond Fractions)

    def _variations(
        self, kernel: tuple[KernelSymbol, Matrix], strength: Scalar, form: Ring
    ) -> list[Rows]:
        """The coefficient matrices at the two ends, with odd numbers of rows and columns."""
        symbol, matrix = kernel
        if set(form.parts) - {0}:
            raise Unavailable("a functional of a moment that is not trigonometric")
        phi = form.parts.get(0, TrigPolynomial.constant(0))
        size = max(len(matrix), len(matrix[0]), 2 * phi.degree + 1, 3)
        size += 1 - size % 2
        wave = _coefficients(phi, size)
        mean = self.mean(symbol.source, form)
        tables: list[Rows] = []
        for end in (minimum(phi), maximum(phi)):
            weight = strength * (self._enclosed(end) - mean)
            tables.append(
                [
                    [_entry(matrix, i, j) + weight * wave[i] * wave[j] for j in range(size)]
                    for i in range(size)
                ]
            )
        return tables


def _entry(matrix: Matrix, i: int, j: int) -> fmpq:
    inside = i < len(matrix) and j < len(matrix[i])
    return rational(matrix[i][j]) if inside else rational(Fraction(0))


def _coefficients(p: TrigPolynomial, size: int) -> list[Any]:
    """The coefficients of 1, cos x, sin x, ..., filled up with zeros."""
    listed = [p.mean, *(c for j in range(1, p.degree + 1) for c in p.frequency(j))]
    return listed + [fmpq(0)] * (size - len(listed))


def _polynomial(row: list[Any]) -> TrigPolynomial:
    """The trigonometric polynomial with these coefficients, balls if one is a ball."""
    if any(isinstance(c, arb) for c in row):
        row = [arb(c) for c in row]
    return TrigPolynomial([row[0], *row[1::2]], row[2::2])
