"""Polynomials over atoms with rational exponents: the scalar half of the normal form.

A polynomial is a sum of rational coefficients times monomials; a monomial is a sorted product of
atoms to rational powers.  Equal polynomials have equal dictionaries.  Conventions, all of them
valid wherever the expression is defined: x^a x^b = x^(a+b); exp(p) exp(q) = exp(p+q); a
non-negative atom to a fractional power is again a monomial; sqrt(12) = 2 sqrt(3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import cached_property
from math import floor, trunc
from typing import Literal

from attrs import Factory, field, frozen
from flint import fmpz

AtomKind = Literal[
    "parameter", "quantity", "rate", "integral", "supremum", "mixed", "poincare",
    "constant", "functional", "prime", "exp", "abs", "extremum", "composite", "at",
    "opaque",
]  # fmt: skip


@frozen(order=False, cache_hash=True)  # atoms are looked up in every product
class Atom:
    """A scalar that the algebra does not look into.

    key: canonical text; two atoms are equal exactly when kind and key are.
    nonnegative, positive: known from the form alone.
    payload: what the atom stands for (a Term, a diagram, a Polynomial, ...).
    entries: polynomials that a Term in `payload` is made of, where that is only known from outside.
    """

    kind: AtomKind
    key: str
    nonnegative: bool = field(default=False, eq=False)
    payload: object = field(default=None, eq=False, repr=False)
    entries: tuple[Polynomial, ...] = field(default=(), eq=False, repr=False)
    # stored, since every product sorts its atoms
    order: tuple[str, str] = field(
        default=Factory(lambda atom: (atom.kind, atom.key), takes_self=True),
        init=False,
        eq=False,
        repr=False,
    )

    @property
    def positive(self) -> bool:
        """Whether the atom is > 0: exponentials, primes, parameters declared positive."""
        if self.kind in ("exp", "prime"):
            return True
        return self.kind == "parameter" and getattr(self.payload, "sign", "real") == "positive"

    @property
    def inside(self) -> tuple[Polynomial, ...]:
        """The polynomials that the atom is made of, if any."""
        match self.payload:
            case Polynomial():
                return (self.payload,)
            case ("max" | "min", tuple() as parts):
                return parts
            case (Atom() as atom, Polynomial() as time):
                return (Polynomial.atom(atom), time)
            case _:
                return self.entries


Monomial = tuple[tuple[Atom, Fraction], ...]


class Polynomial:
    """An immutable polynomial; see the module text for what is identified."""

    __slots__ = ("__dict__", "terms")
    terms: dict[Monomial, Fraction]

    def __init__(self, terms: Mapping[Monomial, Fraction] | None = None) -> None:
        self.terms = {m: c for m, c in (terms or {}).items() if c}

    @staticmethod
    def constant(value: Fraction | int) -> Polynomial:
        return Polynomial({(): Fraction(value)})

    @staticmethod
    def atom(atom: Atom, exponent: Fraction | int = 1) -> Polynomial:
        return _monomial([(atom, Fraction(exponent))])

    def __add__(self, other: Polynomial) -> Polynomial:
        total = dict(self.terms)
        for monomial, coefficient in other.terms.items():
            total[monomial] = total.get(monomial, Fraction(0)) + coefficient
        return Polynomial(total)

    def __neg__(self) -> Polynomial:
        return self.scale(Fraction(-1))

    def __sub__(self, other: Polynomial) -> Polynomial:
        return self + (-other)

    def scale(self, factor: Fraction) -> Polynomial:
        return Polynomial({m: c * factor for m, c in self.terms.items()})

    def __mul__(self, other: Polynomial) -> Polynomial:
        total: dict[Monomial, Fraction] = {}
        for m1, c1 in self.terms.items():
            for m2, c2 in other.terms.items():
                product = times(m1, m2)
                if _is_simplified(product):
                    total[product] = total.get(product, 0) + c1 * c2
                    continue
                for monomial, coefficient in _monomial(product).terms.items():
                    total[monomial] = total.get(monomial, 0) + c1 * c2 * coefficient
        return Polynomial(total)

    def power(self, exponent: Fraction, *, nonnegative: bool = False) -> Polynomial:
        """self ** exponent; a composite atom when nothing better is valid.

        nonnegative: the value is known to be >= 0, as for the square of a norm.  Raises
        ZeroDivisionError and ValueError for what is defined nowhere: an inverse of zero, and a root
        of a negative number.
        """
        if exponent.denominator == 1 and exponent >= 0:
            result = Polynomial.constant(1)
            for _ in range(exponent.numerator):
                result = result * self
            return result
        if exponent < 0 and self._contains_zero:
            raise ZeroDivisionError("negative power of zero")
        if not self.terms:
            return self
        if len(self.terms) == 1:
            root = self._monomial_power(exponent)
            if root is not None:
                return root
        nonnegative = nonnegative or self.is_nonnegative
        # a root, and what is known to be >= 0, keeps its sign; otherwise p^-1 and (-p)^-1 are one
        content = self.content if nonnegative or exponent.denominator != 1 else self.leading
        base = self.scale(1 / content)
        atom = Atom("composite", base.key, nonnegative or base.is_nonnegative, base)
        return _monomial([(atom, exponent)]) * _rational_power(content, exponent)

    def _monomial_power(self, exponent: Fraction) -> Polynomial | None:
        """The power of a polynomial with one term; None for a root of what may be negative."""
        ((monomial, coefficient),) = self.terms.items()
        if exponent.denominator == 1:
            factors = [(atom, power * exponent) for atom, power in monomial]
            return _monomial(factors).scale(coefficient**exponent.numerator)
        if coefficient < 0:
            if not monomial:
                raise ValueError(f"fractional power of the negative number {coefficient}")
            return None
        result = _rational_power(coefficient, exponent)
        for atom, power in monomial:
            if atom.nonnegative:
                result = result * Polynomial.atom(atom, power * exponent)
            elif power.denominator == 1 and power.numerator % 2 == 0:
                # (x^2)^(1/2) = |x|
                size = abs_polynomial(Polynomial.atom(atom))
                result = result * size.power(power * exponent)
            else:
                return None
        return result

    @property
    def _contains_zero(self) -> bool:
        """Whether it, or what is under a root in it, vanishes identically: then its inverse is
        defined nowhere, and clearing denominators would prove anything of it."""
        return self.is_zero or any(
            inner.is_zero
            for atom in self.atoms()
            if atom.kind == "composite"
            for inner in atom.inside
        )

    @property
    def leading(self) -> Fraction:
        """Coefficient of the first monomial in canonical order (0 for the zero polynomial)."""
        return self.terms[self.order[0]] if self.terms else Fraction(0)

    @property
    def content(self) -> Fraction:
        """The positive rational |leading coefficient|; dividing by it fixes the scale, not the sign."""
        return abs(self.leading)

    @cached_property
    def order(self) -> list[Monomial]:
        """Monomials in canonical order."""
        return sorted(self.terms, key=monomial_key)

    @cached_property
    def key(self) -> str:
        """Canonical text: equal polynomials, equal keys."""
        return " + ".join(f"{self.terms[m]}*{monomial_key(m)}" for m in self.order) or "0"

    def atoms(self) -> set[Atom]:
        """Atoms occurring in some monomial."""
        return {atom for monomial in self.terms for atom, _ in monomial}

    def map_atoms(self, image) -> Polynomial:
        """The polynomial with each atom replaced by the polynomial image(atom)."""
        total = Polynomial()
        for monomial, coefficient in self.terms.items():
            product = Polynomial.constant(coefficient)
            for atom, power in monomial:
                product = product * image(atom).power(power)
            total = total + product
        return total

    def split(self, allowed: Callable[[Atom], bool]) -> tuple[Monomial, Polynomial]:
        """The greatest common monomial in atoms that are `allowed`, and the polynomial without it."""
        first, *others = ({a: p for a, p in m if allowed(a)} for m in self.terms)
        common = {
            atom: min(power, *(other.get(atom, Fraction(0)) for other in others))
            if others
            else power
            for atom, power in first.items()
            if power > 0
        }
        kept = tuple((atom, power) for atom, power in common.items() if power > 0)
        inverse = [(atom, -power) for atom, power in kept]
        rest = Polynomial()
        for monomial, coefficient in self.terms.items():
            rest = rest + _monomial([*monomial, *inverse]).scale(coefficient)
        return kept, rest

    def cleared(self) -> Polynomial:
        """A polynomial that vanishes where this one does, without composite denominators."""
        current = self
        for _ in range(32):
            worst: dict[Atom, Fraction] = {}
            for monomial in current.terms:
                for atom, power in monomial:
                    if atom.kind == "composite" and power < 0:
                        worst[atom] = min(worst.get(atom, Fraction(0)), power)
            if not worst:
                return current
            raised = [(atom, Fraction(-floor(power))) for atom, power in worst.items()]
            total = Polynomial()
            for monomial, coefficient in current.terms.items():
                # exponents are added before anything is expanded, so that c^-1 c = 1
                total = total + _monomial([*monomial, *raised]).scale(coefficient)
            current = total
        return current

    @property
    def is_nonnegative(self) -> bool:
        """Whether it is a sum of non-negative monomials."""
        return all(c > 0 and monomial_is_nonnegative(m) for m, c in self.terms.items())

    @property
    def is_total(self) -> bool:
        """Whether it is defined everywhere for a visible reason: no denominator that may vanish,
        no root of what may be negative, neither here nor inside an atom, and nothing opaque."""
        return all(
            atom.kind != "opaque"
            and (power > 0 or atom.positive)
            and (power.denominator == 1 or atom.nonnegative)
            and all(inner.is_total for inner in atom.inside)
            for monomial in self.terms
            for atom, power in monomial
        )

    @property
    def is_zero(self) -> bool:
        """Whether the polynomial vanishes identically (after clearing denominators)."""
        return not self.terms or not self.cleared().terms

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Polynomial) and self.terms == other.terms

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        return f"<Polynomial {self.key}>"


def monomial_polynomial(monomial: Iterable[tuple[Atom, Fraction]]) -> Polynomial:
    """A product of powers of atoms, brought to normal form (composites are expanded)."""
    return _monomial(monomial)


def times(first: Monomial, second: Monomial) -> Monomial:
    """The product of two monomials, exponents added and nothing expanded."""
    powers = dict(first)
    for atom, power in second:
        known = powers.get(atom)
        powers[atom] = power if known is None else known + power
    return _sorted(powers)


def _sorted(powers: Mapping[Atom, Fraction]) -> Monomial:
    return tuple(sorted([pair for pair in powers.items() if pair[1]], key=_atom_order))


def _atom_order(pair: tuple[Atom, Fraction]) -> tuple[str, str]:
    return pair[0].order


def _is_simplified(monomial: Monomial) -> bool:
    """Whether `_monomial` would leave it as it is."""
    for atom, power in monomial:
        match atom.kind:
            case "prime":
                if not 0 < power < 1:
                    return False
            case "composite":
                if power >= 1:
                    return False
            case "abs":
                if abs(power) >= 2:
                    return False
    return True


def monomial_is_nonnegative(monomial: Monomial) -> bool:
    """Whether every factor is >= 0: a non-negative atom, an even power, or an even root."""
    return all(
        atom.nonnegative or power.numerator % 2 == 0 or power.denominator % 2 == 0
        for atom, power in monomial
    )


def monomial_is_positive(monomial: Monomial) -> bool:
    """Whether every factor is > 0."""
    return all(atom.positive for atom, _ in monomial)


def monomial_key(monomial: Monomial) -> str:
    """Canonical text of a monomial."""
    return "*".join(f"{atom.kind}({atom.key})^{power}" for atom, power in monomial) or "1"


def _monomial(factors: Iterable[tuple[Atom, Fraction]]) -> Polynomial:
    """The product of powers of atoms, with everything that simplifies simplified."""
    powers: dict[Atom, Fraction] = {}
    for atom, power in factors:
        powers[atom] = powers.get(atom, Fraction(0)) + power
    coefficient = Fraction(1)
    expanded: list[Polynomial] = []
    for atom, power in list(powers.items()):
        if atom.kind == "prime":
            whole = floor(power)
            coefficient *= Fraction(int(atom.key)) ** whole
            powers[atom] = power - whole
        elif atom.kind == "composite" and power >= 1:
            whole = floor(power)
            powers[atom] = power - whole
            expanded.append(atom.payload.power(Fraction(whole)))  # type: ignore[union-attr]
        elif atom.kind == "abs" and abs(power) >= 2:
            pairs = trunc(power / 2)
            powers[atom] = power - 2 * pairs
            expanded.append(atom.payload.power(Fraction(2 * pairs)))  # type: ignore[union-attr]
    result = Polynomial({_sorted(powers): coefficient})
    for factor in expanded:
        result = result * factor
    return result


def exp_polynomial(exponent: Polynomial) -> Polynomial:
    """exp(sum of c m) as the product of the atoms exp(m) to the powers c, m the monomials."""
    return _monomial(
        (Atom("exp", monomial_key(m), True, Polynomial({m: Fraction(1)})), c)
        for m, c in exponent.terms.items()
    )


def abs_polynomial(argument: Polynomial) -> Polynomial:
    """|argument|, with |c x| = |c| |x|, |-x| = |x|, and |x| = x for x >= 0."""
    if argument.is_nonnegative:
        return argument
    if (-argument).is_nonnegative:
        return -argument
    common, primitive = argument.split(lambda atom: atom.nonnegative)
    result = Polynomial({common: Fraction(1)})
    if len(primitive.terms) > 1:
        inner = primitive.scale(1 / primitive.leading)
        return result.scale(primitive.content) * _abs_atom(inner)
    ((monomial, coefficient),) = primitive.terms.items()
    for factor in monomial:
        atom, power = factor
        if monomial_is_nonnegative((factor,)):
            result = result * Polynomial.atom(atom, power)
        elif power.denominator == 1:
            result = result * _abs_atom(Polynomial.atom(atom)).power(power)
        else:
            result = result * _abs_atom(Polynomial.atom(atom, power))
    return result.scale(abs(coefficient))


def _abs_atom(inner: Polynomial) -> Polynomial:
    return Polynomial.atom(Atom("abs", inner.key, True, inner))


def _rational_power(value: Fraction, exponent: Fraction) -> Polynomial:
    if exponent.denominator == 1:
        return Polynomial.constant(value**exponent.numerator)
    if value <= 0:
        raise ValueError(f"fractional power of {value}")
    factors: list[tuple[Atom, Fraction]] = []
    for number, sign in ((value.numerator, 1), (value.denominator, -1)):
        for prime, multiplicity in fmpz(number).factor():
            factors.append((Atom("prime", str(prime), True), multiplicity * sign * exponent))
    return _monomial(factors)
