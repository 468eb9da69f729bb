"""Relative margins of polynomials over positive and signed atoms, and the climb to where they are large.

Positive coordinates are taken by their logarithms; gradients are exact.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np
from attrs import frozen
from scipy.optimize import minimize

from mflverify.algebra.polynomial import Atom, Polynomial
from mflverify.engines.scalar import DEFINED
from mflverify.engines.translation import all_atoms
from mflverify.proof.kernel import NormalRelation

LOGARITHM, SIZE = 9.0, 1e3  # of positive coordinates, of others
SPREAD = 2.0
ENOUGH = 0.1  # relative margin beyond which more room is of no use
LEAST = 1e-5
NOTHING = 1e-60  # what is 0, where floats take logarithms
STEPS = 120


def is_maximum(atom: Atom) -> bool:
    """Whether an extremum is the largest of its parts."""
    return isinstance(atom.payload, tuple) and atom.payload[0] == "max"


@frozen
class _Rows:
    """Polynomials over numbered atoms: coefficients (m,) and exponents (m, atoms) of all their
    monomials, and where each polynomial begins."""

    coefficients: np.ndarray
    exponents: np.ndarray
    begins: np.ndarray

    @staticmethod
    def of(polynomials: Sequence[Polynomial], index: dict[Atom, int]) -> _Rows:
        # an empty sum is 0 times an empty product
        terms = [p.terms if p.terms else {(): Fraction(0)} for p in polynomials]
        monomials = [(m, c) for each in terms for m, c in each.items()]
        exponents = np.zeros((len(monomials), len(index)))
        for row, (monomial, _) in enumerate(monomials):
            for atom, power in monomial:
                exponents[row, index[atom]] = float(power)
        coefficients = np.array([float(c) for _, c in monomials])
        begins = np.cumsum([0, *map(len, terms[:-1])])
        return _Rows(coefficients, exponents, begins)

    def at(self, x: np.ndarray, slopes: np.ndarray) -> tuple[np.ndarray, ...]:
        """Values and sums of absolute values, each with their gradients.

        x: values of atoms (atoms,).  slopes: gradients of their logarithms (atoms, free).
        """
        sizes = np.exp(self.exponents @ np.log(np.abs(x))) * np.abs(self.coefficients)
        odd = (self.exponents[:, x < 0] % 2).sum(axis=1) % 2
        terms = sizes * np.sign(self.coefficients) * np.where(odd, -1.0, 1.0)
        bent = self.exponents @ slopes
        return (
            np.add.reduceat(terms, self.begins),
            np.add.reduceat(terms[:, None] * bent, self.begins),
            np.add.reduceat(sizes, self.begins),
            np.add.reduceat(sizes[:, None] * bent, self.begins),
        )


@frozen
class Landscape:
    """Relative margins of polynomials that are to be positive, over the free atoms.

    free: atoms whose values are chosen.  Others are 0, or `defined` by earlier ones.
    """

    free: list[Atom]
    _signed: np.ndarray
    _index: dict[Atom, int]
    _defined: list[tuple[Atom, _Rows]]
    _margins: _Rows

    @staticmethod
    def of(polynomials: list[Polynomial], zero: tuple[Atom, ...] = ()) -> Landscape:
        atoms = sorted(
            all_atoms([NormalRelation("le", p) for p in polynomials]), key=lambda a: a.order
        )
        free = [atom for atom in atoms if atom.kind not in DEFINED and atom not in zero]
        defined: list[Atom] = []
        waiting = [atom for atom in atoms if atom.kind in DEFINED]
        while waiting:
            ready = [atom for atom in waiting if _leaves(atom) <= {*free, *defined, *zero}]
            defined += ready
            waiting = [atom for atom in waiting if atom not in ready]
        index = {atom: i for i, atom in enumerate([*free, *defined, *zero])}
        return Landscape(
            free,
            np.array([not atom.nonnegative for atom in free], dtype=bool),
            index,
            [(atom, _Rows.of(_parts(atom), index)) for atom in defined],
            _Rows.of(polynomials, index),
        )

    def ascend(self, rng: np.random.Generator) -> np.ndarray | None:
        """Values of the free atoms with a positive margin, or None where none was found."""
        n = len(self.free)
        start = rng.normal(0.0, SPREAD, n + 1)
        start[-1] = -1.0
        bound = np.where(self._signed, SIZE, LOGARITHM)
        objective = np.append(np.zeros(n), -1.0)
        room = _once(self.room)
        with np.errstate(all="ignore"):
            result = minimize(
                lambda u: -u[-1],
                start,
                jac=lambda u: objective,
                method="SLSQP",
                bounds=[*((-b, b) for b in bound), (-1.0, ENOUGH)],
                constraints={
                    "type": "ineq",
                    "fun": lambda u: room(u)[0],
                    "jac": lambda u: room(u)[1],
                },
                options={"maxiter": STEPS},
            )
            margins = self.room(np.append(result.x[:-1], 0.0))[0]
        if not (np.isfinite(margins).all() and margins.min() > LEAST):
            return None
        return self.values(result.x[:-1])

    def values(self, u: np.ndarray) -> np.ndarray:
        """What the free atoms are at a point: positive ones are given by their logarithms."""
        return np.where(self._signed, u, np.exp(np.where(self._signed, 0.0, u)))

    def room(self, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Relative margins less the last coordinate, and their gradients."""
        n = len(self.free)
        x = np.ones(len(self._index))  # a logarithm of 0 would spoil what does not use it
        x[n + len(self._defined) :] = NOTHING
        slopes = np.zeros((len(self._index), n))
        x[:n] = self.values(u[:-1])
        slopes[:n] = np.diag(np.where(self._signed, 1 / x[:n], 1.0))
        for position, (atom, parts) in enumerate(self._defined, n):
            x[position], slopes[position] = _composed(atom, parts, x, slopes)
        value, slope, size, growth = self._margins.at(x, slopes)
        margin = value / size
        gradient = (slope - margin[:, None] * growth) / size[:, None]
        return margin - u[-1], np.hstack([gradient, np.full((len(margin), 1), -1.0)])


def _once(
    compute: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]],
) -> Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """The same, without computing it again at the same point."""
    last: list[tuple[bytes, tuple[np.ndarray, np.ndarray]]] = []

    def value(u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if not last or last[0][0] != u.tobytes():
            last[:] = [(u.tobytes(), compute(u))]
        return last[0][1]

    return value


def _composed(
    atom: Atom, parts: _Rows, x: np.ndarray, slopes: np.ndarray
) -> tuple[float, np.ndarray]:
    """Value of a defined atom, and the gradient of its logarithm."""
    if atom.kind == "prime":
        return float(atom.key), np.zeros(slopes.shape[1])
    values, gradients, *_ = parts.at(x, slopes)
    chosen = 0
    if atom.kind == "extremum":
        chosen = int(values.argmax() if is_maximum(atom) else values.argmin())
    value, gradient = float(values[chosen]), gradients[chosen]
    return (abs(value) if atom.kind == "abs" else value), gradient / value


def _parts(atom: Atom) -> tuple[Polynomial, ...]:
    """What an atom is defined by; a prime by nothing."""
    return () if atom.kind == "prime" else atom.inside


def _leaves(atom: Atom) -> set[Atom]:
    return set().union(*(p.atoms() for p in _parts(atom)))


__all__ = ["Landscape", "is_maximum"]
