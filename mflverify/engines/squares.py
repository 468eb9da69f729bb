"""Sums of squares of polynomials: a semidefinite program, made exact in rationals.

p = z^T Q z with z a list of monomials and Q positive semidefinite.  Where each product of two
monomials occurs once, Q is read off the coefficients; otherwise it is found by cvxpy with Clarabel
(extra `certificates`; without it nothing is found here), rounded to rationals and put back onto the
equations.  Q = sum d (l z)^2 by elimination in rationals; the kernel checks the result.
"""

from __future__ import annotations

from fractions import Fraction
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from mflverify.algebra.polynomial import Monomial, Polynomial, monomial_key, monomial_polynomial
from mflverify.proof.certificate import Part, Signs

MAX_BASIS = 12
_DENOMINATORS = (1, 4, 60, 10_000)

Matrix = list[list[Fraction]]
Groups = dict[Monomial, list[tuple[int, int, Fraction]]]


def sum_of_squares(target: Polynomial, signs: Signs) -> tuple[Part, ...] | None:
    """Squares with non-negative coefficients that sum to `target`, or None when none were found."""
    basis = _basis(target, signs)
    if not basis or len(basis) > MAX_BASIS:
        return None
    groups: Groups = {}
    for i, first in enumerate(basis):
        for j in range(i, len(basis)):
            product = monomial_polynomial([*first, *basis[j]])
            if len(product.terms) != 1:
                return None
            ((monomial, factor),) = product.terms.items()
            groups.setdefault(monomial, []).append((i, j, factor))
    if not set(target.terms) <= set(groups):
        return None
    if all(len(entries) == 1 for entries in groups.values()):
        return _squares(_onto(_zero(len(basis)), target, groups), basis)
    found = _solve(target, groups, len(basis))
    if found is None:
        return None
    for denominator in _DENOMINATORS:
        rounded = [[Fraction(x).limit_denominator(denominator) for x in row] for row in found]
        parts = _squares(_onto(rounded, target, groups), basis)
        if parts is not None:
            return parts
    return None


def _basis(target: Polynomial, signs: Signs) -> list[Monomial]:
    """Square roots of the monomials that may be squares."""
    roots: set[Monomial] = set()
    for monomial in target.terms:
        half = tuple((atom, power / 2) for atom, power in monomial)
        if signs.is_defined(half):
            roots.add(half)
    return sorted(roots, key=monomial_key)


def _zero(size: int) -> Matrix:
    return [[Fraction(0)] * size for _ in range(size)]


def _onto(gram: Matrix, target: Polynomial, groups: Groups) -> Matrix:
    """The nearest symmetric matrix whose quadratic form is the target: residuals spread evenly."""
    result = [list(row) for row in gram]
    for monomial, entries in groups.items():
        have = sum(
            (gram[i][j] * factor * (1 if i == j else 2) for i, j, factor in entries), Fraction(0)
        )
        missing = (target.terms.get(monomial, Fraction(0)) - have) / len(entries)
        for i, j, factor in entries:
            share = missing / factor / (1 if i == j else 2)
            result[i][j] = gram[i][j] + share
            result[j][i] = result[i][j]
    return result


def _squares(gram: Matrix, basis: list[Monomial]) -> tuple[Part, ...] | None:
    """z^T Q z as a sum of squares by elimination, or None when Q is not positive semidefinite."""
    rest = [list(row) for row in gram]
    parts: list[Part] = []
    for k in range(len(basis)):
        pivot = rest[k][k]
        if pivot < 0 or (pivot == 0 and any(rest[k][j] for j in range(len(basis)))):
            return None
        if pivot == 0:
            continue
        row = [rest[k][j] / pivot for j in range(len(basis))]
        root = Polynomial()
        for weight, monomial in zip(row, basis, strict=True):
            root = root + monomial_polynomial(monomial).scale(weight)
        parts.append(Part(pivot, root=root))
        for i in range(len(basis)):
            for j in range(len(basis)):
                rest[i][j] -= pivot * row[i] * row[j]
    return tuple(parts)


def _solve(target: Polynomial, groups: Groups, size: int) -> list[list[float]] | None:
    """A positive semidefinite Q as far inside as possible, in floats; None without a solver."""
    if find_spec("cvxpy") is None or find_spec("clarabel") is None:
        return None
    cvxpy: Any = import_module("cvxpy")
    gram = cvxpy.Variable((size, size), symmetric=True)
    depth = cvxpy.Variable()
    constraints: list[Any] = [gram - depth * np.eye(size) >> 0, depth <= 1]
    for monomial, entries in groups.items():
        form = sum(float(f) * (1 if i == j else 2) * gram[i, j] for i, j, f in entries)
        constraints.append(form == float(target.terms.get(monomial, Fraction(0))))
    problem = cvxpy.Problem(cvxpy.Maximize(depth), constraints)
    problem.solve(solver="CLARABEL")
    if problem.status not in ("optimal", "optimal_inaccurate") or depth.value < -1e-7:
        return None
    return [[float(gram.value[i][j]) for j in range(size)] for i in range(size)]


__all__ = ["sum_of_squares"]
