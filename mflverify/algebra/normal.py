"""Normal form of scalars: polynomials over canonical diagrams.

`normalize(term)` decides equality of bilinear and quadratic expressions in the language: adjoints,
L and its inverse, the projector, transposes, symmetric kernels, pointwise products.  It is sound
for every term; `docs/algebra.md` says for which it is complete.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Literal

from attrs import field, frozen

from mflverify.algebra.derivative import time_derivative
from mflverify.algebra.diagram import (
    Edge,
    End,
    Hole,
    Item,
    Leaf,
    Leg,
    Vertex,
    is_nonnegative,
    item,
    vertex,
)
from mflverify.algebra.polynomial import (
    Atom,
    Polynomial,
    abs_polynomial,
    exp_polynomial,
)
from mflverify.algebra.rules import Combination, leibniz, reduce_tree
from mflverify.expr.digest import canonical_text
from mflverify.expr.divergences import (
    FisherInformation,
    LogSobolevConstant,
    MeanAbsolute,
    RelativeEntropy,
    Wasserstein,
)
from mflverify.expr.sorts import SCALAR, FunctionSort, Space, VectorSort
from mflverify.expr.terms import (
    Abs,
    Apply,
    AtTime,
    Center,
    Directional,
    Dot,
    DualNorm,
    Exp,
    Extremum,
    FunctionSymbol,
    Generator,
    GeneratorInverse,
    Gradient,
    GradientAdjoint,
    Inner,
    KernelSlice,
    KernelSymbol,
    MixedSup,
    MonotonicitySlack,
    Norm,
    One,
    Parameter,
    PoincareConstant,
    Power,
    Product,
    Projector,
    Quantity,
    Rational,
    SpectralNorm,
    Sum,
    SupNorm,
    Term,
    TimeDerivative,
    Transpose,
    VectorSymbol,
)

Placed = list[tuple[Polynomial, tuple[Item, ...]]]
PlacedVector = list[tuple[Polynomial, tuple[Item, ...], Leg]]


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
    _cache: dict[Term, Polynomial] = field(factory=dict, repr=False)
    _trees: dict[str, Polynomial] = field(factory=dict, repr=False)

    def __call__(self, term: Term) -> Polynomial:
        """The normal form of a scalar, function or vector field.

        Functions and vector fields are paired with a generic test object, so that equal normal
        forms mean equality in L2.
        """
        if term not in self._cache:
            self._cache[term] = self._compute(term)
        return self._cache[term]

    def _compute(self, term: Term) -> Polynomial:
        sort = term.sort
        if isinstance(sort, FunctionSort):
            return self._pair(term, FunctionSymbol("·", sort.space))
        if isinstance(sort, VectorSort):
            return self._pair(term, VectorSymbol("·", sort.space))
        match term:
            case Rational(value):
                return Polynomial.constant(value)
            case Parameter(name, sign):
                return Polynomial.atom(Atom("parameter", name, sign != "real", term))
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
            case Power(Norm() | DualNorm() as base, exponent):
                return self._square(base).power(exponent / 2, nonnegative=True)
            case Power(base, exponent):
                return self(base).power(exponent)
            case Norm() | DualNorm():
                return self._square(term).power(Fraction(1, 2), nonnegative=True)
            case Inner(left, right):
                return self._pair(left, right)
            case Directional():
                return self._directional(term)
            case TimeDerivative(Quantity() as quantity, flow) if not flow.equations:
                return Polynomial.atom(Atom("rate", canonical_text(quantity), False, term))
            case TimeDerivative(argument, flow):
                return self(time_derivative(argument, flow))
            case Abs(argument):
                return abs_polynomial(self(argument))
            case Exp(argument):
                return exp_polynomial(self(argument))
            case Extremum(which, arguments):
                parts = sorted((self(part) for part in arguments), key=lambda p: p.key)
                key = f"{which}({', '.join(part.key for part in parts)})"
                return Polynomial.atom(Atom("extremum", key, False, (which, tuple(parts))))
            case SupNorm(argument):
                return self._supremum(argument)
            case MixedSup(Transpose(operator)):
                return self(MixedSup(operator))
            case MixedSup(operator):
                return Polynomial.atom(Atom("mixed", canonical_text(operator), True, term))
            case MonotonicitySlack(operators):
                # only the symmetric part matters, and it is that of the transposed operators
                plain = sorted(
                    canonical_text(a.operator if isinstance(a, Transpose) else a) for a in operators
                )
                return Polynomial.atom(Atom("constant", f"slack {' '.join(plain)}", True, term))
            case SpectralNorm(rows):
                entries = "; ".join(", ".join(self(entry).key for entry in row) for row in rows)
                return Polynomial.atom(Atom("constant", f"spectral norm {entries}", True, term))
            case LogSobolevConstant(One()):
                return Polynomial.atom(Atom("constant", canonical_text(term), True, term))
            case RelativeEntropy() | FisherInformation() | Wasserstein() | LogSobolevConstant():
                return Polynomial.atom(Atom("functional", canonical_text(term), True, term))
            case MeanAbsolute(argument):
                return self._supremum(argument, MeanAbsolute, "functional")
            case PoincareConstant(space):
                return Polynomial.atom(Atom("poincare", space.name, True, term))
            case Quantity(sign=sign):
                return Polynomial.atom(Atom("quantity", canonical_text(term), sign != "real", term))
            case AtTime(argument, time):
                return self(argument).map_atoms(lambda atom: _at_time(atom, self(time)))
        raise TypeError(f"no normal form for {type(term).__name__}")

    def _square(self, norm: Norm | DualNorm) -> Polynomial:
        u = norm.argument
        return self._pair(u, u) if isinstance(norm, Norm) else self._pair(u, GeneratorInverse(u))

    def _supremum(
        self,
        argument: Term,
        build: Callable[[Term], Term] = SupNorm,
        kind: Literal["supremum", "functional"] = "supremum",
    ) -> Polynomial:
        """A norm of a function of which only the homogeneity is used."""
        inner = self(argument)
        if not inner.terms:
            return inner
        scaled = inner.scale(1 / inner.leading)
        # what is stored must be what the key says, or it would be read back wrongly
        shown = build(Product.of(Rational(1 / inner.leading), argument))
        return Polynomial.atom(Atom(kind, scaled.key, True, shown)).scale(inner.content)

    # ------------------------------------------------------------------ integrals to diagrams

    def _pair(self, left: Term, right: Term) -> Polynomial:
        total = Polynomial()
        if isinstance(left.sort, VectorSort):
            for c1, items1, leg1 in self._vector(left):
                for c2, items2, leg2 in self._vector(right):
                    root = vertex(left.sort.space, (*items1, *items2, item(leg1, leg2)))
                    total = total + c1 * c2 * self._tree(root)
            return total
        for c1, items1 in self._function(left):
            for c2, items2 in self._function(right):
                root = vertex(left.sort.space, (*items1, *items2))  # type: ignore[union-attr]
                total = total + c1 * c2 * self._tree(root)
        return total

    def _directional(self, term: Directional) -> Polynomial:
        total = Polynomial()
        for coefficient, items, leg in self._vector(term.field_):
            pinned = (*items, item(leg, Leaf(term.direction)))  # type: ignore[arg-type]
            root = vertex(term.point.space, pinned, term.point)  # type: ignore[union-attr, arg-type]
            total = total + coefficient * self._tree(root)
        return total

    def _tree(self, root: Vertex) -> Polynomial:
        if root.key not in self._trees:
            total = Polynomial()
            record = lambda rule, before, after: self.trace.append(Rewrite(rule, before, after))  # noqa: E731
            for coefficient, factors in reduce_tree(root, record):
                product = Polynomial.constant(coefficient)
                for tree in factors:
                    product = product * Polynomial.atom(integral_atom(tree))
                total = total + product
            self._trees[root.key] = total
        return self._trees[root.key]

    def _function(self, u: Term) -> Placed:
        """A function, placed at a vertex: coefficients times products of items."""
        one = Polynomial.constant(1)
        match u:
            case FunctionSymbol():
                return [(one, ((Leaf(u),),))]
            case One():
                return [(one, ())]
            case Sum(terms):
                return [placed for part in terms for placed in self._function(part)]
            case Product(factors=factors):
                product: Placed = [(one, ())]
                for part in factors:
                    if part.sort == SCALAR:
                        scalar = self(part)
                        product = [(c * scalar, items) for c, items in product]
                    else:
                        placed = self._function(part)
                        product = [(c * d, (*i, *j)) for c, i in product for d, j in placed]
                return product
            case Power(base, exponent):
                power: Placed = [(one, ())]
                for _ in range(exponent.numerator):
                    placed = self._function(base)
                    power = [(c * d, (*i, *j)) for c, i in power for d, j in placed]
                return power
            case Dot(left, right):
                return [
                    (c * d, (*i, *j, item(v, w)))
                    for c, i, v in self._vector(left)
                    for d, j, w in self._vector(right)
                ]
            case Generator(argument):
                return self._function(GradientAdjoint(Gradient(argument)))
            case GradientAdjoint(argument):
                return [
                    (c, ((Edge("I", "", vertex(_space(u), (*items, item(leg, Hole())))),),))
                    for c, items, leg in self._vector(argument)
                ]
            case GeneratorInverse(argument):
                return [
                    (c, ((Edge("G", "", vertex(_space(u), (*items, (Hole(),)))),),))
                    for c, items in self._function(argument)
                ]
            case Center(argument):
                mean = self._pair(argument, One(_space(u)))
                return [*self._function(argument), (-mean, ())]
            case Apply(operator, argument):
                kind, end = _kernel_end(operator, "target")
                return [
                    (c, ((Edge(kind, end, vertex(_space(argument), (*items, (Hole(),)))),),))
                    for c, items in self._function(argument)
                ]
            case KernelSlice(operator, point, direction):
                kind, end = _kernel_end(operator, "source")
                pinned = vertex(point.space, (item(Hole(), Leaf(direction)),), point)  # type: ignore
                return [(one, ((Edge(kind, end, pinned),),))]
        raise TypeError(f"no diagram for the function {type(u).__name__}")

    def _vector(self, phi: Term) -> PlacedVector:
        """A vector field, placed at a vertex: items and the one leg still to be contracted."""
        one = Polynomial.constant(1)
        match phi:
            case VectorSymbol():
                return [(one, (), Leaf(phi))]
            case Sum(terms):
                return [placed for part in terms for placed in self._vector(part)]
            case Product(factors=factors):
                scalars = Product.of(*(p for p in factors if not isinstance(p.sort, VectorSort)))
                (field_,) = (p for p in factors if isinstance(p.sort, VectorSort))
                if scalars.sort == SCALAR:
                    outer: Placed = [(self(scalars), ())]
                else:
                    outer = self._function(scalars)
                return [
                    (c * d, (*i, *j), leg) for c, i in outer for d, j, leg in self._vector(field_)
                ]
            case Projector(argument):
                return self._vector(Gradient(GeneratorInverse(GradientAdjoint(argument))))
            case Gradient(argument):
                return [
                    (c, tuple(v for v in placed if v is not marked), _partner(marked))
                    for c, items in self._function(argument)
                    for placed in leibniz(items, Hole())
                    for marked in (next(v for v in placed if _is_marked(v)),)
                ]
        raise TypeError(f"no diagram for the vector field {type(phi).__name__}")


def _is_marked(value: Item) -> bool:
    return any(isinstance(leg, Hole) for leg in value)


def _partner(value: Item) -> Leg:
    return next(leg for leg in value if not isinstance(leg, Hole))


def _space(u: Term) -> Space:
    assert isinstance(u.sort, FunctionSort)
    return u.sort.space


def _kernel_end(operator: Term, near: Literal["source", "target"]) -> tuple[KernelSymbol, End]:
    """The kernel symbol and which of its ends is here; `near` is the operator's own end."""
    if isinstance(operator, Transpose):
        return operator.operator, "source" if near == "target" else "target"
    assert isinstance(operator, KernelSymbol)
    return operator, "" if operator.symmetric else near


def integral_atom(tree: Vertex) -> Atom:
    """The atom of a canonical tree."""
    return Atom("integral", tree.key, is_nonnegative(tree), tree)


def _at_time(atom: Atom, time: Polynomial) -> Polynomial:
    match atom.kind:
        case "parameter" | "constant" | "mixed" | "poincare" | "prime" | "at":
            return Polynomial.atom(atom)
        case "composite":
            return atom.payload.map_atoms(lambda a: _at_time(a, time))  # type: ignore[union-attr]
        case "exp":
            return exp_polynomial(atom.payload.map_atoms(lambda a: _at_time(a, time)))  # type: ignore
        case "abs":
            return abs_polynomial(atom.payload.map_atoms(lambda a: _at_time(a, time)))  # type: ignore
        case "extremum":
            which, parts = atom.payload  # type: ignore[misc]
            moved = sorted(
                (p.map_atoms(lambda a: _at_time(a, time)) for p in parts), key=lambda p: p.key
            )
            key = f"{which}({', '.join(part.key for part in moved)})"
            return Polynomial.atom(Atom("extremum", key, False, (which, tuple(moved))))
        case _:
            key = f"{atom.kind}:{atom.key} at {time.key}"
            return Polynomial.atom(Atom("at", key, atom.nonnegative, (atom, time)))


def normalize(term: Term) -> Polynomial:
    """The normal form of `term`; see `Normalizer`."""
    return Normalizer()(term)
