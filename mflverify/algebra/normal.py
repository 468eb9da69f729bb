"""Normal form of scalars: polynomials over canonical diagrams.

`normalize(term)` is sound for every term: equal normal forms mean equal values wherever both are
defined.  `docs/algebra.md` says for which terms equal values mean equal normal forms.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Literal

from attrs import field, frozen

from mflverify.algebra.derivative import time_derivative
from mflverify.algebra.diagram import Vertex, canonical, is_nonnegative
from mflverify.algebra.moments import at_moment, extremum_polynomial, is_constant_in_time
from mflverify.algebra.placing import Placer
from mflverify.algebra.polynomial import Atom, Polynomial, abs_polynomial, exp_polynomial
from mflverify.algebra.rules import Combination, first_rule
from mflverify.algebra.understood import exact_text, is_understood, space_text
from mflverify.expr.distances import PointDistance
from mflverify.expr.divergences import (
    FisherInformation,
    LogSobolevConstant,
    MeanAbsolute,
    RelativeEntropy,
    TransportConstant,
    Wasserstein,
)
from mflverify.expr.functionals import RemainderEnergy, VariationSlack, VariationSup
from mflverify.expr.hessians import (
    CurvatureBound,
    EquilibriumConvexity,
    HilbertSchmidt,
    InteractionBottom,
)
from mflverify.expr.lebesgue import LebesgueNorm
from mflverify.expr.segments import SegmentSlope
from mflverify.expr.sorts import SCALAR, FunctionSort, VectorSort
from mflverify.expr.terms import (
    Abs,
    AtTime,
    Directional,
    DualNorm,
    Exp,
    Extremum,
    FunctionSymbol,
    GeneratorInverse,
    Inner,
    KernelSymbol,
    MixedSup,
    MonotonicitySlack,
    Norm,
    One,
    Parameter,
    PoincareConstant,
    Power,
    Product,
    Quantity,
    Rational,
    SpectralNorm,
    Sum,
    SupNorm,
    Term,
    ThirdSup,
    TimeDerivative,
    Transpose,
    VectorSymbol,
    is_species_constant,
    subterms,
)
from mflverify.expr.unions import ComponentSup, Least, MixedNorm, ShiftedSlack, ThirdNorm
from mflverify.expr.variations import SecondSup
from mflverify.expr.weights import WeightedConvexity, WeightedPoincare

TEST_OBJECT = "·"
SIGNED = ("positive", "nonnegative")


@frozen
class Rewrite:
    """One application of a rule: the tree it was applied to and what became of it."""

    rule: str
    before: Vertex
    after: Combination


@frozen
class Normalizer:
    """Brings terms to normal form and records each rewrite of an integral in `trace`."""

    trace: list[Rewrite] = field(factory=list)
    _terms: dict[Term, Polynomial] = field(factory=dict, repr=False)
    _trees: dict[str, Polynomial] = field(factory=dict, repr=False)

    def __call__(self, term: Term) -> Polynomial:
        """The normal form of a scalar, function or vector field.

        Functions and vector fields are paired with a generic test object, named `·`, so that equal
        normal forms mean equality in L2.  Raises ValueError when such a term uses that name itself,
        and SortError for a time derivative that does not exist.
        """
        if term not in self._terms:
            self._terms[term] = self._compute(term)
        return self._terms[term]

    def _compute(self, term: Term) -> Polynomial:
        match term:
            case _ if isinstance(term.sort, (FunctionSort, VectorSort)):
                return self._tested(term)
            case _ if term.sort == SCALAR and not is_understood(term):
                return Polynomial.atom(Atom("opaque", exact_text(term), False, term))
            case Rational(value):
                return Polynomial.constant(value)
            case Parameter(name, sign):
                return Polynomial.atom(Atom("parameter", f"{name!r} {sign}", sign in SIGNED, term))
            case Sum(terms):
                total = Polynomial()
                for part in terms:
                    total = total + self(part)
                return total
            case Product(factors=factors):
                product = Polynomial.constant(1)
                for part in factors:
                    product = product * self(part)
                return product
            case Power(Norm() | DualNorm() as base, exponent) if is_understood(base):
                return self._square(base).power(exponent / 2, nonnegative=True)
            case Power(Power(base, Fraction(denominator=1) as inner) as power, exponent) if (
                exponent.denominator == 1 and is_understood(power)
            ):
                return self(Power.of(base, inner * exponent))
            case Power(Product(factors=factors) as product, exponent) if (
                exponent.denominator == 1 and is_understood(product)
            ):
                # whole powers factor by factor, so that a denominator keeps its factors
                whole = Polynomial.constant(1)
                for part in factors:
                    whole = whole * self(Power.of(part, exponent))
                return whole
            case Power(base, exponent):
                return self(base).power(exponent)
            case Norm() | DualNorm():
                return self._square(term).power(Fraction(1, 2), nonnegative=True)
            case Inner(left, right):
                return self._combine(self._placer.pairing(left, right))
            case Directional():
                return self._combine(self._placer.value(term))
            case TimeDerivative(Quantity() as q, flow) if q.flow == flow and is_understood(q):
                return Polynomial.atom(Atom("rate", exact_text(q), False, term))
            case TimeDerivative(argument, flow):
                return self(time_derivative(argument, flow))
            case Abs(argument):
                return abs_polynomial(self(argument))
            case Exp(argument):
                return exp_polynomial(self(argument))
            case Extremum(which, arguments):
                return extremum_polynomial(which, tuple(self(part) for part in arguments))
            case SupNorm(argument):
                return self._homogeneous(SupNorm, argument, "supremum")
            case ComponentSup(argument):
                return self._homogeneous(ComponentSup, argument, "supremum")
            case ShiftedSlack(operators, shifts):
                plain = sorted(exact_text(_untransposed(operator)) for operator in operators)
                sizes = sorted(f"{space_text(space)}: {self(shift).key}" for space, shift in shifts)
                key = f"slack {' '.join(plain)} shifted {', '.join(sizes)}"
                return Polynomial.atom(Atom("constant", key, True, term))
            case Least(argument):
                # its values, as a function, are all that it depends on
                key = f"least {self(argument).key}"
                return Polynomial.atom(Atom("constant", key, False, term))
            case MixedNorm(operators, weight):
                # transposing all operators transposes the matrix
                plain = sorted(exact_text(operator) for operator in operators)
                back = sorted(
                    exact_text(o.T) for o in operators if isinstance(o, (KernelSymbol, Transpose))
                )
                known = min(plain, back) if len(back) == len(plain) else plain
                key = f"mixed norm {known} weighted {' '.join(self(c).key for c in weight)}"
                return Polynomial.atom(Atom("constant", key, True, term))
            case ThirdNorm():
                return Polynomial.atom(Atom("constant", exact_text(term), True, term))
            case MeanAbsolute(argument):
                return self._homogeneous(MeanAbsolute, argument, "functional")
            case MixedSup(Transpose(operator)):
                return self(MixedSup(operator))
            case HilbertSchmidt(Transpose(operator)):
                return self(HilbertSchmidt(operator))
            case HilbertSchmidt():
                return Polynomial.atom(Atom("constant", exact_text(term), True, term))
            case MixedSup(operator):
                return Polynomial.atom(Atom("mixed", exact_text(operator), True, term))
            case RemainderEnergy() | SegmentSlope():
                return Polynomial.atom(Atom("functional", exact_text(term), False, term))
            case VariationSup() | VariationSlack():
                return Polynomial.atom(Atom("constant", exact_text(term), True, term))
            case SecondSup() | TransportConstant() | PointDistance():
                return Polynomial.atom(Atom("constant", exact_text(term), True, term))
            case ThirdSup(functional, first, second):
                ordered = ThirdSup(functional, *sorted((first, second)))
                return Polynomial.atom(Atom("constant", exact_text(ordered), True, ordered))
            case MonotonicitySlack(operators, weights):
                # only the symmetric part matters, and it is that of the transposed operators
                plain = sorted(exact_text(_untransposed(operator)) for operator in operators)
                given = [(space, self(weight)) for space, weight in weights]
                sizes = sorted(
                    f"{space_text(s)}: {w.key}" for s, w in given if w != Polynomial.constant(1)
                )
                key = f"slack {' '.join(plain)} weights {', '.join(sizes)}"
                inside = tuple(self(w) for _, w in weights if not is_species_constant(w))
                return Polynomial.atom(Atom(_kind_of(inside), key, True, term, inside))
            case SpectralNorm(rows):
                entries = "; ".join(", ".join(self(entry).key for entry in row) for row in rows)
                inside = tuple(self(entry) for row in rows for entry in row)
                key = f"spectral norm {entries}"
                return Polynomial.atom(Atom(_kind_of(inside), key, True, term, inside))
            case LogSobolevConstant(One() as one) if is_understood(one):
                return Polynomial.atom(Atom("constant", exact_text(term), True, term))
            case RelativeEntropy() | FisherInformation() | Wasserstein() | LogSobolevConstant():
                return Polynomial.atom(Atom("functional", exact_text(term), True, term))
            case LebesgueNorm(density, exponent):
                inside = (self(exponent),)
                key = f"norm of {exact_text(density)} in {inside[0].key}"
                return Polynomial.atom(Atom("functional", key, True, term, inside))
            case WeightedPoincare(weight) | WeightedConvexity(weight):
                # the weight matters as a function, not how it is written
                key = f"{type(term).__name__} {self(weight).key}"
                return Polynomial.atom(Atom("functional", key, True, term))
            case InteractionBottom() | CurvatureBound():
                return Polynomial.atom(Atom("constant", exact_text(term), False, term))
            case EquilibriumConvexity(space, temperature, operators):
                inside = (self(temperature),)
                named = " ".join(map(exact_text, operators))
                key = f"convexity {space_text(space)} {inside[0].key} {named}"
                return Polynomial.atom(Atom(_kind_of(inside), key, not operators, term, inside))
            case PoincareConstant(space):
                return Polynomial.atom(Atom("poincare", space_text(space), True, term))
            case Quantity(sign=sign):
                return Polynomial.atom(Atom("quantity", exact_text(term), sign in SIGNED, term))
            case AtTime(argument, time):
                return at_moment(self(argument), self(time))
        raise TypeError(f"no normal form for {term.sort}: {type(term).__name__}")

    @property
    def _placer(self) -> Placer:
        return Placer(self)

    def _square(self, norm: Norm | DualNorm) -> Polynomial:
        u = norm.argument
        return self(Inner(u, u if isinstance(norm, Norm) else GeneratorInverse(u)))

    def _tested(self, term: Term) -> Polynomial:
        symbol = FunctionSymbol if isinstance(term.sort, FunctionSort) else VectorSymbol
        test = symbol(TEST_OBJECT, term.sort.space)  # type: ignore[union-attr]
        for part in subterms(term):
            if isinstance(part, (FunctionSymbol, VectorSymbol)) and part.name == TEST_OBJECT:
                raise ValueError(f"{term!r} uses the name {TEST_OBJECT} of the test object")
        return self(Inner(term, test))

    def _homogeneous(
        self,
        build: Callable[[Term], Term],
        argument: Term,
        kind: Literal["supremum", "functional"],
    ) -> Polynomial:
        """A norm N of which only N(c u) = |c| N(u) is used, for numbers c and positive constants."""
        tested = self(argument)
        if not tested.terms:
            return tested
        common, primitive = tested.split(lambda atom: atom.kind == "parameter" and atom.positive)
        scale = Rational(1 / primitive.leading)
        inverse = (Power.of(atom.payload, -power) for atom, power in common)  # type: ignore[arg-type]
        # what is stored must be what the key says, or it would be read back wrongly
        shown = build(Product.of(scale, *inverse, argument))
        key = primitive.scale(1 / primitive.leading).key
        if build is ComponentSup:  # atoms of one kind are told by their keys
            key = f"over components: {key}"
        outer = Polynomial({common: primitive.content})
        return outer * Polynomial.atom(Atom(kind, key, True, shown))

    def _combine(self, trees: list[tuple[Polynomial, Vertex]]) -> Polynomial:
        total = Polynomial()
        for coefficient, root in trees:
            total = total + coefficient * self.tree(root)
        return total

    def tree(self, root: Vertex) -> Polynomial:
        """The normal form of one tree: the first rule that applies, then the normal form of what
        it gives; the rules say why this ends."""
        tree = canonical(root)
        if not tree.items and (tree.point is not None or not tree.space.union):
            return Polynomial.constant(1)  # the equilibrium is a probability; on a union it is not
        if tree.key not in self._trees:
            step = first_rule(tree)
            if step is None:
                self._trees[tree.key] = Polynomial.atom(integral_atom(tree))
            else:
                rule, outcome = step
                self.trace.append(Rewrite(rule, tree, outcome))
                total = Polynomial()
                for coefficient, factors in outcome:
                    product = Polynomial.constant(coefficient)
                    for factor in factors:
                        product = product * self.tree(factor)
                    total = total + product
                self._trees[tree.key] = total
        return self._trees[tree.key]


def _kind_of(entries: tuple[Polynomial, ...]) -> Literal["constant", "functional"]:
    """What moves is no constant, and what is opaque may move."""
    return "constant" if all(map(is_constant_in_time, entries)) else "functional"


def _untransposed(operator: Term) -> Term:
    if isinstance(operator, Transpose) and is_understood(operator):
        return operator.operator
    return operator


def integral_atom(tree: Vertex) -> Atom:
    """The atom of a canonical tree."""
    return Atom("integral", tree.key, is_nonnegative(tree), tree)


def normalize(term: Term) -> Polynomial:
    """The normal form of `term`; see `Normalizer`."""
    return Normalizer()(term)
