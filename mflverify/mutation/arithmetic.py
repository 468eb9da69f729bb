"""Mistakes in arithmetic: signs, factors, exponents, dropped terms, exchanged constants."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import combinations

from mflverify.algebra.understood import is_understood
from mflverify.expr.divergences import (
    FisherInformation,
    LogSobolevConstant,
    RelativeEntropy,
    Wasserstein,
)
from mflverify.expr.printing import to_unicode
from mflverify.expr.sorts import SCALAR, SortError
from mflverify.expr.substitution import Substitution, symbols
from mflverify.expr.terms import (
    AtTime,
    DualNorm,
    MixedSup,
    Node,
    Norm,
    Parameter,
    PoincareConstant,
    Power,
    Product,
    Quantity,
    Rational,
    Relation,
    Sum,
    SupNorm,
    Term,
    TimeDerivative,
)
from mflverify.mutation.operator import Change, Operator
from mflverify.mutation.places import Place, places, put_in

# scalars that are written as one sign, so that an exponent may be forgotten or invented there
_ATOMS = (Norm, DualNorm, SupNorm, MixedSup, PoincareConstant, Parameter, Quantity, AtTime)


_CLOSED = (
    TimeDerivative,
    RelativeEntropy,
    FisherInformation,
    Wasserstein,
    LogSobolevConstant,
)


def scaled(relation: Relation, factor: int) -> Relation:
    """Both sides times a non-zero number; a negative one turns an inequality round."""
    lhs, rhs = factor * relation.lhs, factor * relation.rhs
    if relation.kind == "eq" or factor > 0:
        return Relation(relation.kind, lhs, rhs)
    return Relation(relation.kind, rhs, lhs)


def rewritten(relation: Relation, rule: Callable[[Term], Term | None]) -> Relation | None:
    """The relation with the first term that `rule` rewrites written in the other way.

    Not inside a derivative in time: that of a root, for one, is not defined where it vanishes.  Nor
    inside an entropy and the like, or a node that the algebra does not know: what stands there is
    compared as it is written.
    """
    closed: list[Place] = []
    for place, node in places(relation):
        if isinstance(node, _CLOSED) or (isinstance(node, Term) and not is_understood(node)):
            closed.append(place)
        if any(place[: len(top)] == top for top in closed):
            continue
        new = rule(node) if place and isinstance(node, Term) else None
        changed = put_in(relation, place, new) if new is not None else None
        if changed is not None and changed != relation:
            return changed
    return None


def _is_summand(parent: Node) -> bool:
    return isinstance(parent, (Relation, Sum))


class Sign(Operator):
    """A summand or a whole side with the opposite sign; the neighbour negates both sides."""

    kind = "sign"
    mistake = "the sign of a summand or of a side"

    def mistakes(self, term: Term, parent: Node) -> Iterator[Term]:
        if _is_summand(parent):
            yield -term

    def neighbour(self, relation: Relation) -> Relation | None:
        return scaled(relation, -1)


class Factor(Operator):
    """A summand or a whole side times 2 or 1/2; the neighbour doubles both sides."""

    kind = "factor"
    mistake = "a factor 2 or 1/2 at a summand or a side"

    def mistakes(self, term: Term, parent: Node) -> Iterator[Term]:
        if _is_summand(parent):
            yield 2 * term
            yield Fraction(1, 2) * term

    def neighbour(self, relation: Relation) -> Relation | None:
        return scaled(relation, 2)


class Exponent(Operator):
    """An exponent one off, or doubled and halved for roots; the neighbour writes x x for x^2."""

    kind = "exponent"
    mistake = "an exponent one off; a root forgotten or taken twice"

    def mistakes(self, term: Term, parent: Node) -> Iterator[Term]:
        if isinstance(term, Power):
            e = term.exponent
            near = (e - 1, e + 1) if e.denominator == 1 else (e / 2, 2 * e)
            yield from (Power.of(term.base, n) for n in near if n and _may_be_raised(term, n))
        elif isinstance(term, _ATOMS) and isinstance(parent, (Relation, Sum, Product)):
            yield term**2

    def neighbour(self, relation: Relation) -> Relation | None:
        def split(term: Term) -> Term | None:
            if isinstance(term, Power) and term.exponent.denominator == 1 and term.exponent > 1:
                return Product.of(Power.of(term.base, term.exponent - 1), term.base)
            return None

        return rewritten(relation, split)


def _may_be_raised(power: Power, exponent: Fraction) -> bool:
    return power.sort == SCALAR or (exponent.denominator == 1 and exponent >= 1)


class DroppedTerm(Operator):
    """A summand forgotten; the neighbour adds one of them on both sides."""

    kind = "dropped term"
    mistake = "a summand forgotten"

    def mistakes(self, term: Term, parent: Node) -> Iterator[Term]:
        if isinstance(term, Sum):
            for index in range(len(term.terms)):
                yield Sum.of(*term.terms[:index], *term.terms[index + 1 :])

    def neighbour(self, relation: Relation) -> Relation | None:
        extra = relation.rhs.terms[-1] if isinstance(relation.rhs, Sum) else relation.rhs
        return Relation(relation.kind, relation.lhs + extra, relation.rhs + extra)


class DroppedFactor(Operator):
    """A factor forgotten; the neighbour writes the factors of a product the other way round."""

    kind = "dropped factor"
    mistake = "a factor forgotten"

    def mistakes(self, term: Term, parent: Node) -> Iterator[Term]:
        if isinstance(term, Product):
            for index, factor in enumerate(term.factors):
                rest = Product.of(*term.factors[:index], *term.factors[index + 1 :])
                if not isinstance(factor, Rational) and rest.sort == term.sort:
                    yield rest

    def neighbour(self, relation: Relation) -> Relation | None:
        def turned(term: Term) -> Term | None:
            return Product.of(*reversed(term.factors)) if isinstance(term, Product) else None

        return rewritten(relation, turned)


def exchanges(relation: Relation) -> Iterator[tuple[Parameter, Parameter, Relation]]:
    """Any two constants, and what becomes of a relation when they are exchanged."""
    for p, q in combinations(_parameters(relation), 2):
        try:
            changed = Substitution.of({p: q, q: p})(relation)
        except SortError:
            continue  # where q must be positive, p has no meaning
        if changed != relation:
            yield p, q, changed


class ExchangedConstants(Operator):
    """Two constants exchanged throughout; the neighbour adds one and takes it away again."""

    kind = "exchanged constants"
    mistake = "two constants exchanged"

    def changes(self, relation: Relation) -> Iterator[Change]:
        for p, q, changed in exchanges(relation):
            yield Change(changed, f"{to_unicode(p)} ↔ {to_unicode(q)}")

    def neighbour(self, relation: Relation) -> Relation | None:
        found = _parameters(relation)
        if not found or relation.rhs.sort != SCALAR:
            return None
        return Relation(relation.kind, relation.lhs, relation.rhs + found[0] - found[0])


def _parameters(relation: Relation) -> list[Parameter]:
    found = [symbol for symbol in symbols(relation) if isinstance(symbol, Parameter)]
    return sorted(found, key=lambda parameter: parameter.name)


class MovedConstant(Operator):
    """A constant moved to the factor next to it, alpha (tau - eps) to (alpha - eps) tau.

    The neighbour multiplies a bracket out.
    """

    kind = "moved constant"
    mistake = "a constant such as eps moved to another factor"

    def mistakes(self, term: Term, parent: Node) -> Iterator[Term]:
        if not isinstance(term, Product):
            return
        for i, bracket in enumerate(term.factors):
            for j, other in enumerate(term.factors):
                if not isinstance(bracket, Sum) or not isinstance(other, Parameter):
                    continue
                for k, moved in enumerate(bracket.terms):
                    if _is_signed_parameter(moved):
                        factors = list(term.factors)
                        factors[i] = Sum.of(*bracket.terms[:k], *bracket.terms[k + 1 :])
                        factors[j] = other + moved
                        yield Product.of(*factors)

    def neighbour(self, relation: Relation) -> Relation | None:
        def expanded(term: Term) -> Term | None:
            if not isinstance(term, Product):
                return None
            for i, bracket in enumerate(term.factors):
                if isinstance(bracket, Sum):
                    rest = (*term.factors[:i], *term.factors[i + 1 :])
                    return Sum.of(*(Product.of(*rest, part) for part in bracket.terms))
            return None

        return rewritten(relation, expanded)


def _is_signed_parameter(term: Term) -> bool:
    if isinstance(term, Product) and len(term.factors) == 2:
        return isinstance(term.factors[0], Rational) and isinstance(term.factors[1], Parameter)
    return isinstance(term, Parameter)
