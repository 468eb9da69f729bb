"""Values of scalars at a time, and extrema: what acts on a polynomial through its atoms."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from mflverify.algebra.polynomial import Atom, Polynomial, abs_polynomial, exp_polynomial

_CONSTANT = ("parameter", "constant", "mixed", "poincare", "prime", "at")
_COMPOSED = ("composite", "exp", "abs", "extremum")


def extremum_polynomial(which: Literal["max", "min"], parts: tuple[Polynomial, ...]) -> Polynomial:
    """The largest or smallest of `parts`, in any order; ValueError when there is none."""
    if not parts:
        raise ValueError(f"arguments = (): the {which} of nothing")
    ordered = tuple(sorted(parts, key=lambda part: part.key))
    key = f"{which}({', '.join(part.key for part in ordered)})"
    return Polynomial.atom(Atom("extremum", key, False, (which, ordered)))


def is_constant_in_time(polynomial: Polynomial) -> bool:
    """Whether only constants, and values at constant times, occur."""
    return all(
        atom.kind in _CONSTANT
        or (atom.kind in _COMPOSED and all(map(is_constant_in_time, atom.inside)))
        for atom in polynomial.atoms()
    )


def at_moment(polynomial: Polynomial, time: Polynomial) -> Polynomial:
    """The value at a time: a homomorphism that fixes constants.

    Raises ValueError when the time itself moves.
    """
    if not is_constant_in_time(time):
        raise ValueError(f"time = {time!r} is not constant")
    total = Polynomial()
    for monomial, coefficient in polynomial.terms.items():
        product = Polynomial.constant(coefficient)
        for atom, power in monomial:
            product = product * _power_at(atom, power, time)
        total = total + product
    return total


def _inner(atom: Atom) -> Polynomial:
    assert isinstance(atom.payload, Polynomial)
    return atom.payload


def _power_at(atom: Atom, power: Fraction, time: Polynomial) -> Polynomial:
    match atom.kind:
        case kind if kind in _CONSTANT:
            return Polynomial.atom(atom, power)
        case "composite":
            # non-negative at all times, when it is so for a reason visible in its form
            return at_moment(_inner(atom), time).power(power, nonnegative=atom.nonnegative)
        case "exp":
            return exp_polynomial(at_moment(_inner(atom), time).scale(power))
        case "abs":
            return abs_polynomial(at_moment(_inner(atom), time)).power(power)
        case "extremum":
            which, parts = atom.payload  # type: ignore[misc]
            moved = tuple(at_moment(part, time) for part in parts)
            return extremum_polynomial(which, moved).power(power)
    key = f"{atom.kind}({atom.key}) at ({time.key})"
    return Polynomial.atom(Atom("at", key, atom.nonnegative, (atom, time)), power)
