"""Mistakes in what the terms are: another norm, an operator dropped or transposed, another time."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from mflverify.expr.densities import GibbsDensity
from mflverify.expr.digest import canonical_text
from mflverify.expr.divergences import FisherInformation, LogSobolevConstant, RelativeEntropy
from mflverify.expr.functionals import RemainderEnergy, VariationSup
from mflverify.expr.hessians import (
    Advection,
    Curvature,
    Divergence,
    EquilibriumConvexity,
    JacobianSquare,
)
from mflverify.expr.printing import to_unicode
from mflverify.expr.sorts import FunctionSort, OperatorSort, Space, VectorSort
from mflverify.expr.terms import (
    Apply,
    AtTime,
    Center,
    DualNorm,
    Generator,
    GeneratorInverse,
    Gradient,
    GradientAdjoint,
    Inner,
    KernelSymbol,
    Node,
    Norm,
    One,
    Power,
    Product,
    Projector,
    Rational,
    Relation,
    Sum,
    SupNorm,
    Term,
    Transpose,
    is_mean_zero,
    is_species_constant,
    subterms,
)
from mflverify.expr.unions import ComponentSup, MixedNorm
from mflverify.expr.weights import Reciprocal, WeightedConvexity, WeightedPoincare
from mflverify.mutation.arithmetic import rewritten
from mflverify.mutation.operator import Change, Operator
from mflverify.mutation.places import places, put_in

_START = Rational(Fraction(0))


class OtherNorm(Operator):
    """One norm for another; the neighbour writes it by an inner product."""

    kind = "norm"
    mistake = "one norm for another"

    def mistakes(self, term: Term, parent: Node) -> Iterator[Term]:
        match term:
            case Norm(u) | SupNorm(u) | DualNorm(u):
                scalar = not isinstance(u.sort, VectorSort)
                others: list[Term] = [Norm(u), SupNorm(u)]
                if scalar and is_mean_zero(u):
                    others.append(DualNorm(u))
                if scalar and not isinstance(term, SupNorm):
                    others.append(Norm(Gradient(u)))
                if isinstance(u, Gradient) and isinstance(term, Norm):
                    others.append(Norm(u.argument))
                if u.sort.space.union:  # type: ignore[union-attr]  (a function or a field)
                    others.append(ComponentSup(u))
                yield from (other for other in others if other != term)
            case ComponentSup(u):
                yield Norm(u)
                yield SupNorm(u)

    def neighbour(self, relation: Relation) -> Relation | None:
        def spelled(term: Term) -> Term | None:
            match term:
                case Power(Norm(u), exponent) if exponent == 2:
                    return Inner(u, u)
                case Power(DualNorm(u), exponent) if exponent == 2:
                    return Inner(u, GeneratorInverse(u))
                case Norm(u):
                    return Inner(u, u) ** Fraction(1, 2)
                case DualNorm(u):
                    return Inner(u, GeneratorInverse(u)) ** Fraction(1, 2)
            return None

        return rewritten(relation, spelled)


class OtherOperator(Operator):
    """An operator dropped, L for its inverse, the equilibrium for a Gibbs measure, a constant of species
    taken through a kernel or left out of K; the neighbour writes L as grad* grad."""

    kind = "operator"
    mistake = "an operator dropped, L for its inverse, a constant of species through a kernel"

    def mistakes(self, term: Term, parent: Node) -> Iterator[Term]:
        match term:
            case Generator(u):
                yield u
                if is_mean_zero(u):
                    yield GeneratorInverse(u)
            case GeneratorInverse(u):
                yield u
                yield Generator(u)
            case Projector(u) | Center(u):
                yield u
            case Apply(_, u) if u.sort == term.sort:
                yield u
            case Advection(phi, psi) if phi != psi:
                yield Advection(psi, phi)
            case JacobianSquare(phi):
                yield Curvature(phi)
            case Curvature(phi):
                yield JacobianSquare(phi)
            case Divergence(phi):
                yield GradientAdjoint(phi)
            case EquilibriumConvexity(space, temperature, (_, *_)):
                yield EquilibriumConvexity(space, temperature)
            case Reciprocal(w):
                yield w
            case WeightedPoincare(w):
                yield WeightedConvexity(w)
            case WeightedConvexity(w):
                yield WeightedPoincare(w)
            case RelativeEntropy(p, GibbsDensity() as q) | FisherInformation(
                p, GibbsDensity() as q
            ):
                yield type(term)(p, One(_space(q)))
            case LogSobolevConstant(GibbsDensity() as q):
                yield LogSobolevConstant(One(_space(q)))
            case VariationSup(operator, functional, derivatives):
                others = (n for n in range(3) if n != derivatives)
                yield from (VariationSup(operator, functional, n) for n in others)
            case RemainderEnergy(functional, u):
                yield Inner(functional(u), u)
            case MixedNorm(operators, (_, *_)):
                yield MixedNorm(operators)
            case Product(factors=factors):
                yield from _through_interactions(factors)
            case GradientAdjoint(Gradient(u)) | Gradient(GeneratorInverse(GradientAdjoint(u))):
                yield u

    def neighbour(self, relation: Relation) -> Relation | None:
        def spelled(term: Term) -> Term | None:
            match term:
                case Generator(u):
                    return GradientAdjoint(Gradient(u))
                case Projector(phi):
                    return Gradient(GeneratorInverse(GradientAdjoint(phi)))
                case Inner(u, v) if u != v:
                    return Inner(v, u)
            return None

        return rewritten(relation, spelled)


def _through_interactions(factors: tuple[Term, ...]) -> Iterator[Term]:
    """c M u as M (c u): true of numbers, and not of constants of species."""
    for c in filter(is_species_constant, factors):
        for image in factors:
            if isinstance(image, Apply):
                rest = [factor for factor in factors if factor is not c and factor is not image]
                yield Product.of(*rest, Apply(image.operator, Product.of(c, image.argument)))


def _space(u: Term) -> Space:
    assert isinstance(u.sort, FunctionSort)
    return u.sort.space


class Transposed(Operator):
    """A kernel transposed, or its transpose taken for it; only where that has a meaning.

    The neighbour exchanges the two sides of an inner product.
    """

    kind = "transposed"
    mistake = "a kernel transposed"

    def mistakes(self, term: Term, parent: Node) -> Iterator[Term]:
        if isinstance(parent, Transpose):
            return
        if isinstance(term, (KernelSymbol, Transpose)):
            sort = term.sort
            assert isinstance(sort, OperatorSort)
            if sort.source == sort.target:
                yield term.T

    def neighbour(self, relation: Relation) -> Relation | None:
        def turned(term: Term) -> Term | None:
            return Inner(term.right, term.left) if isinstance(term, Inner) else None

        return rewritten(relation, turned)


class OtherTime(Operator):
    """A claim about every time weakened to the initial one, or the reverse.

    The neighbour takes the value of a sum at a time as the sum of values.
    """

    kind = "time"
    mistake = "another time: the quantifier weakened or strengthened"

    def changes(self, relation: Relation) -> Iterator[Change]:
        values = [part for part in subterms(relation) if isinstance(part, AtTime)]
        later = {value.time for value in values if value.time != _START}
        for value in dict.fromkeys(values):
            others = later if value.time == _START else {_START}
            for time in sorted(others, key=canonical_text):
                moved = AtTime(value.argument, time)
                for place, part in places(relation):
                    changed = put_in(relation, place, moved) if part == value else None
                    if changed is not None:
                        words = f"{to_unicode(value)} → {to_unicode(moved)}"
                        yield Change(changed, words)

    def neighbour(self, relation: Relation) -> Relation | None:
        def split(term: Term) -> Term | None:
            if isinstance(term, AtTime) and isinstance(term.argument, Sum):
                return Sum.of(*(AtTime(part, term.time) for part in term.argument.terms))
            return None

        return rewritten(relation, split)
