"""Real variables for functional atoms, and what ties them to what they stand for.

An atom known to be non-negative gets a non-negative variable; fractional powers are removed by
taking as variable the root of the atom whose order is the common denominator of its exponents;
a negative power needs a proof that the base cannot vanish.
"""

# pyright: reportAssignmentType=false, reportArgumentType=false, reportReturnType=false
# (z3's operators are typed as the union of everything they may return)

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import lcm

import z3
from attrs import define, field, frozen

from mflverify.algebra.polynomial import Atom, Polynomial
from mflverify.algebra.reading import read_atom, read_polynomial
from mflverify.expr.printing import to_unicode
from mflverify.proof.kernel import NormalRelation


@frozen
class Partial:
    """A variable defined only where `condition` holds, by `definition`."""

    condition: z3.BoolRef
    definition: z3.BoolRef
    message: str


@define
class Translation:
    """Variables for atoms, and the constraints that tie them to what they stand for."""

    orders: dict[Atom, int]
    variables: dict[Atom, z3.ArithRef] = field(factory=dict)
    constraints: list[z3.BoolRef] = field(factory=list)
    partial: list[Partial] = field(factory=list)
    _powers: dict[tuple[Atom, Fraction], z3.ArithRef] = field(factory=dict)

    def polynomial(self, p: Polynomial) -> z3.ArithRef:
        total: z3.ArithRef = z3.RealVal(0)
        for monomial in p.order:
            term: z3.ArithRef = z3.RealVal(str(p.terms[monomial]))
            for atom, power in monomial:
                term = term * self._power(atom, power)
            total = total + term
        return total

    def _power(self, atom: Atom, power: Fraction) -> z3.ArithRef:
        if (atom, power) not in self._powers:
            self._powers[atom, power] = self._new_power(atom, power)
        return self._powers[atom, power]

    def _new_power(self, atom: Atom, power: Fraction) -> z3.ArithRef:
        root = self._variable(atom)
        exponent = power * self.orders[atom]
        count = abs(exponent.numerator)
        if exponent < 0:
            inverse = self._inverse(atom, root)
            return repeat(inverse, count)
        return repeat(root, count)

    def _inverse(self, atom: Atom, root: z3.ArithRef) -> z3.ArithRef:
        inverse = z3.Real(f"1/{root}")
        definition = inverse * root == 1
        if atom.positive:
            self.constraints.append(definition)
        else:
            message = f"{to_unicode(read_atom(atom))} may vanish in a denominator"
            self.partial.append(Partial(root != 0, definition, message))
        return inverse

    def _variable(self, atom: Atom) -> z3.ArithRef:
        if atom in self.variables:
            return self.variables[atom]
        root = z3.Real(f"v{len(self.variables)}")
        self.variables[atom] = root
        order = self.orders[atom]
        whole = repeat(root, order)
        if atom.positive:
            self.constraints.append(root > 0)
        elif atom.nonnegative:
            self.constraints.append(root >= 0)
        if atom.kind == "prime":
            self.constraints.append(whole == int(atom.key))
        elif atom.kind == "composite":
            assert isinstance(atom.payload, Polynomial)
            value = self.polynomial(atom.payload)
            if order == 1:
                self.constraints.append(whole == value)
            elif atom.nonnegative:
                self.constraints.append(z3.And(whole == value, root >= 0))
            else:
                message = (
                    f"{to_unicode(read_polynomial(atom.payload))} may be negative under a root"
                )
                self.partial.append(Partial(value >= 0, z3.And(whole == value, root >= 0), message))
        elif atom.kind == "abs":
            assert isinstance(atom.payload, Polynomial)
            value = self.polynomial(atom.payload)
            self.constraints.append(z3.Or(whole == value, whole == -value))
        elif atom.kind == "extremum":
            assert isinstance(atom.payload, tuple)
            values = [self.polynomial(part) for part in atom.inside]
            is_max = atom.payload[0] == "max"
            self.constraints += [whole >= v if is_max else whole <= v for v in values]
            self.constraints.append(z3.Or(*(whole == v for v in values)))
        return root

    def relation(self, relation: NormalRelation) -> z3.BoolRef:
        value = self.polynomial(relation.difference)
        return {"eq": value == 0, "le": value >= 0, "lt": value > 0}[relation.sense]


def repeat(base: z3.ArithRef, count: int) -> z3.ArithRef:
    result: z3.ArithRef = z3.RealVal(1)
    for _ in range(count):
        result = result * base
    return result


def root_orders(relations: Iterable[NormalRelation]) -> dict[Atom, int]:
    orders: dict[Atom, int] = {}

    def visit(p: Polynomial) -> None:
        for monomial in p.terms:
            for atom, power in monomial:
                orders[atom] = lcm(orders.get(atom, 1), power.denominator)
                for inner in _inside(atom):
                    visit(inner)

    for relation in relations:
        visit(relation.difference)
    return orders


def _inside(atom: Atom) -> tuple[Polynomial, ...]:
    """What an atom is defined by, where its variable is."""
    return atom.inside if atom.kind in ("composite", "abs", "extremum") else ()


def all_atoms(relations: Iterable[NormalRelation]) -> set[Atom]:
    found: set[Atom] = set()
    stack = [relation.difference for relation in relations]
    while stack:
        for atom in stack.pop().atoms():
            if atom not in found:
                found.add(atom)
                stack.extend(_inside(atom))
    return found
