"""Terms of the language: immutable, typed when built, equal when written alike.

Every node computes its sort when it is made and refuses what means nothing.  The classes here
are the abstract syntax; `mflverify.expr.language` holds the functions that authors write.
Notation: L = grad* grad is the generator (non-negative), grad* the adjoint of the gradient in
L2(equilibrium), L^-1 its inverse on mean-zero functions (statements.md, section 0).
"""

# pyright: reportAttributeAccessIssue=false, reportIncompatibleVariableOverride=false
# (attrs' `@field.validator` is not seen by the type checker)

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache, lru_cache
from typing import Literal, NoReturn

import attrs
from attrs import field, frozen

from mflverify.expr.sorts import (
    SCALAR,
    DirectionSort,
    FunctionalSort,
    FunctionSort,
    OperatorSort,
    PointSort,
    Sort,
    SortError,
    Space,
    VectorSort,
)

Number = int | Fraction
Sign = Literal["positive", "nonnegative", "real"]
FunctionKind = Literal["perturbation", "mean-zero", "function"]
RelationKind = Literal["eq", "le", "lt"]


class Term:
    """Base of all terms.  Arithmetic builds terms; `<=`, `<`, `>=`, `>` build relations.

    `==` is structural equality of terms (a Python bool); an equation is written `equation(a, b)`.
    """

    __slots__ = ()

    @property
    def sort(self) -> Sort:
        """The sort of the object that the term denotes."""
        raise AttributeError(f"{type(self).__name__} has no sort")

    def __add__(self, other: Term | Number) -> Term:
        return Sum.of(self, lift(other, self))

    def __radd__(self, other: Number) -> Term:
        return Sum.of(lift(other, self), self)

    def __sub__(self, other: Term | Number) -> Term:
        return Sum.of(self, -lift(other, self))

    def __rsub__(self, other: Number) -> Term:
        return Sum.of(lift(other, self), -self)

    def __neg__(self) -> Term:
        return Product.of(Rational(Fraction(-1)), self)

    def __mul__(self, other: Term | Number) -> Term:
        return Product.of(self, as_term(other))

    def __rmul__(self, other: Number) -> Term:
        return Product.of(as_term(other), self)

    def __truediv__(self, other: Term | Number) -> Term:
        return Product.of(self, Power.of(as_term(other), Fraction(-1)))

    def __rtruediv__(self, other: Number) -> Term:
        return Product.of(as_term(other), Power.of(self, Fraction(-1)))

    def __pow__(self, exponent: Number) -> Term:
        return Power.of(self, Fraction(exponent))

    def __abs__(self) -> Term:
        return Abs(self)

    def __le__(self, other: Term | Number) -> Relation:
        return Relation("le", self, as_term(other))

    def __lt__(self, other: Term | Number) -> Relation:
        return Relation("lt", self, as_term(other))

    def __ge__(self, other: Term | Number) -> Relation:
        return Relation("le", as_term(other), self)

    def __gt__(self, other: Term | Number) -> Relation:
        return Relation("lt", as_term(other), self)

    def __bool__(self) -> NoReturn:
        raise TypeError("a term has no truth value; compare with a relation and let it be checked")

    def __repr__(self) -> str:
        from mflverify.expr.printing import to_unicode

        return f"<{type(self).__name__} {to_unicode(self)}>"

    def _repr_latex_(self) -> str:
        from mflverify.expr.printing import to_latex

        return f"$\\displaystyle {to_latex(self)}$"


def as_term(value: Term | Number) -> Term:
    """`value` itself, or the rational constant that it is.  Floats are refused: they are not exact."""
    if isinstance(value, Term):
        return value
    if isinstance(value, (int, Fraction)) and not isinstance(value, bool):
        return Rational(Fraction(value))
    raise SortError(
        f"{value!r} is neither a term nor an exact number (write Fraction(1, 10), not 0.1)"
    )


def lift(value: Term | Number, beside: Term) -> Term:
    """`value` as a term that can be added to `beside`: next to a function, c means c times 1."""
    term = as_term(value)
    if term.sort == SCALAR and isinstance(beside.sort, FunctionSort):
        one = One(beside.sort.space)
        return one if term == Rational(Fraction(1)) else Product.of(term, one)
    return term


def _require(term: Term, kinds: type | tuple[type, ...], where: str) -> None:
    if not isinstance(term.sort, kinds):
        raise SortError(f"{where} does not take {term.sort}: {term!r}")


def _space(term: Term) -> Space:
    sort = term.sort
    if isinstance(sort, (FunctionSort, VectorSort, PointSort, DirectionSort)):
        return sort.space
    raise SortError(f"{term!r} does not live on a space")


def _require_mean_zero(term: Term, where: str) -> None:
    _require(term, FunctionSort, where)
    if not is_mean_zero(term):
        raise SortError(f"{where} needs a mean-zero function, and {term!r} is not known to be one")


# ---------------------------------------------------------------------------------- scalars


@frozen(repr=False, cache_hash=True)
class Rational(Term):
    """An exact number."""

    value: Fraction

    @property
    def sort(self) -> Sort:
        return SCALAR


@frozen(repr=False, cache_hash=True)
class Parameter(Term):
    """A real constant of a statement, with its sign as a standing hypothesis.

    name: ASCII name such as `tau`; Greek letters are printed as such.
    """

    name: str
    sign: Sign = "real"

    @property
    def sort(self) -> Sort:
        return SCALAR


@frozen(repr=False, cache_hash=True)
class Sum(Term):
    """A sum of terms of one sort."""

    terms: tuple[Term, ...] = field()

    @terms.validator
    def _check(self, _attribute: object, value: tuple[Term, ...]) -> None:
        for part in value[1:]:
            if part.sort != value[0].sort:
                raise SortError(
                    f"cannot add {value[0].sort} and {part.sort}: {value[0]!r} and {part!r}"
                )

    @staticmethod
    def of(*terms: Term) -> Term:
        """The flattened sum.  Raises SortError when sorts differ."""
        flat = [
            part for term in terms for part in (term.terms if isinstance(term, Sum) else (term,))
        ]
        return flat[0] if len(flat) == 1 else Sum(tuple(flat))

    @property
    def sort(self) -> Sort:
        return self.terms[0].sort


@frozen(repr=False, cache_hash=True)
class Product(Term):
    """A pointwise product: scalars, functions of one space, and at most one vector field."""

    factors: tuple[Term, ...]
    _sort: Sort = field(eq=False, alias="result_sort")

    @_sort.validator
    def _check(self, _attribute: object, value: Sort) -> None:
        if _product_sort(self.factors) != value:
            raise SortError(f"the product of {self.factors!r} is not {value}")

    @staticmethod
    def of(*factors: Term) -> Term:
        """The flattened product, numbers gathered in front.  Raises SortError on mixed spaces."""
        flat = [
            part
            for term in factors
            for part in (term.factors if isinstance(term, Product) else (term,))
        ]
        number = Fraction(1)
        rest: list[Term] = []
        for part in flat:
            if isinstance(part, Rational):
                number *= part.value
            else:
                rest.append(part)
        if number == 0 and all(part.sort == SCALAR for part in rest):
            return Rational(Fraction(0))
        if number != 1 or not rest:
            rest.insert(0, Rational(number))
        if len(rest) == 1:
            return rest[0]
        return Product(tuple(rest), result_sort=_product_sort(rest))

    @property
    def sort(self) -> Sort:
        return self._sort


def _product_sort(factors: Sequence[Term]) -> Sort:
    result: Sort = SCALAR
    for part in factors:
        sort = part.sort
        if sort == SCALAR:
            continue
        if not isinstance(sort, (FunctionSort, VectorSort)):
            raise SortError(f"{part!r} cannot be a factor: it is {sort}")
        if isinstance(result, (FunctionSort, VectorSort)) and result.space != sort.space:
            raise SortError(
                f"pointwise product across spaces {result.space} and {sort.space}: {part!r}"
            )
        if isinstance(result, VectorSort) and isinstance(sort, VectorSort):
            raise SortError(f"product of two vector fields; write dot(u, v): {part!r}")
        if not isinstance(result, VectorSort):
            result = sort
    return result


@frozen(repr=False, cache_hash=True)
class Power(Term):
    """A scalar or function to a rational power.

    Functions: positive integers only, but for positive constants of species.
    """

    base: Term
    exponent: Fraction = field()

    @exponent.validator
    def _check(self, _attribute: object, value: Fraction) -> None:
        _require(self.base, (type(SCALAR), FunctionSort), "a power")
        if isinstance(self.base, SpeciesConstant) and self.base.sign == "positive":
            return
        if isinstance(self.base.sort, FunctionSort) and (value.denominator != 1 or value < 1):
            raise SortError(
                f"power {value} of a function: only positive integers are pointwise powers"
            )

    @staticmethod
    def of(base: Term, exponent: Fraction) -> Term:
        if isinstance(base, Power) and isinstance(base.base, SpeciesConstant):
            base, exponent = base.base, base.exponent * exponent
        if isinstance(base, SpeciesConstant) and exponent == 0:
            return One(base.space)
        if exponent == 1:
            return base
        if (
            isinstance(base, Rational)
            and exponent.denominator == 1
            and (base.value or exponent > 0)
        ):
            return Rational(base.value**exponent.numerator)
        if isinstance(base, Rational) and base.value == 1:
            return base
        if isinstance(base, Rational) and base.value < 0:
            raise SortError(f"fractional power of the negative number {base.value}")
        return Power(base, exponent)

    @property
    def sort(self) -> Sort:
        return self.base.sort


class _ScalarTerm(Term):
    __slots__ = ()

    @property
    def sort(self) -> Sort:
        return SCALAR


@frozen(repr=False, cache_hash=True)
class Abs(_ScalarTerm):
    """Absolute value of a scalar."""

    argument: Term = field()

    @argument.validator
    def _check(self, _attribute: object, value: Term) -> None:
        _require(value, type(SCALAR), "an absolute value")


@frozen(repr=False, cache_hash=True)
class Exp(_ScalarTerm):
    """Exponential of a scalar."""

    argument: Term = field()

    @argument.validator
    def _check(self, _attribute: object, value: Term) -> None:
        _require(value, type(SCALAR), "exp")


@frozen(repr=False, cache_hash=True)
class Extremum(_ScalarTerm):
    """Maximum or minimum of finitely many scalars."""

    which: Literal["max", "min"]
    arguments: tuple[Term, ...] = field()

    @arguments.validator
    def _check(self, _attribute: object, value: tuple[Term, ...]) -> None:
        for part in value:
            _require(part, type(SCALAR), self.which)


@frozen(repr=False, cache_hash=True)
class Inner(_ScalarTerm):
    """L2(equilibrium) inner product of two functions, or of two vector fields."""

    left: Term
    right: Term = field()

    @right.validator
    def _check(self, _attribute: object, value: Term) -> None:
        _require(self.left, (FunctionSort, VectorSort), "an inner product")
        if value.sort != self.left.sort:
            raise SortError(
                f"inner product of {self.left.sort} with {value.sort}: {self.left!r} and {value!r}"
            )


@frozen(repr=False, cache_hash=True)
class Norm(_ScalarTerm):
    """L2(equilibrium) norm of a function or of a vector field."""

    argument: Term = field()

    @argument.validator
    def _check(self, _attribute: object, value: Term) -> None:
        _require(value, (FunctionSort, VectorSort), "a norm")


@frozen(repr=False, cache_hash=True)
class DualNorm(_ScalarTerm):
    """The norm ||f||_{-1} = <f, L^-1 f>^(1/2) of a mean-zero function."""

    argument: Term = field()

    @argument.validator
    def _check(self, _attribute: object, value: Term) -> None:
        _require_mean_zero(value, "the dual norm")


@frozen(repr=False, cache_hash=True)
class SupNorm(_ScalarTerm):
    """Supremum over the space of |u|, pointwise Euclidean for a vector field."""

    argument: Term = field()

    @argument.validator
    def _check(self, _attribute: object, value: Term) -> None:
        _require(value, (FunctionSort, VectorSort), "a supremum")


@frozen(repr=False, cache_hash=True)
class MixedSup(_ScalarTerm):
    """sup over (x, y) of the operator norm of grad_x grad_y k(x, y), k the kernel of `operator`."""

    operator: Term = field()

    @operator.validator
    def _check(self, _attribute: object, value: Term) -> None:
        _require(value, OperatorSort, "the mixed derivative bound")


@frozen(repr=False, cache_hash=True)
class PoincareConstant(_ScalarTerm):
    """The largest alpha with alpha Var(g) <= ||grad g||^2 for all g: the spectral gap of L."""

    space: Space


@frozen(repr=False, cache_hash=True)
class ThirdSup(_ScalarTerm):
    """sup of the operator norm of grad_x grad_y grad_z of the second variation of a remainder.

    The supremum is over all points and over all probability measures; y and z are the arguments of
    species `first` and `second`, counted from 0.  For one species it is T_1,
    the supremum of the mixed third derivative of the third variation of F.
    """

    functional: RemainderSymbol
    first: int = 0
    second: int = field(default=0)

    @second.validator
    def _check(self, _attribute: object, value: int) -> None:
        for index in (self.first, value):
            if not 0 <= index < len(self.functional.sources):
                raise SortError(f"{self.functional!r} has no argument number {index}")


@frozen(repr=False, cache_hash=True)
class MonotonicitySlack(_ScalarTerm):
    """The least lambda >= 0 with sum <f_i, A f_j> >= -lambda sum w_i ||f_i||^2 for mean-zero f.

    operators: the entries A of the block operator, each from the functions of one species to those
    of another; only its symmetric part matters.  weights: the w_i > 0 of species whose weight is
    not 1; on a union a constant of species.
    """

    operators: tuple[Term, ...] = field()
    weights: tuple[tuple[Space, Term], ...] = field(default=())

    @operators.validator
    def _check(self, _attribute: object, value: tuple[Term, ...]) -> None:
        if not value:
            raise SortError("the slack of no operators")
        for operator in value:
            _require(operator, OperatorSort, "a monotonicity slack")

    @weights.validator
    def _check_weights(self, _attribute: object, value: tuple[tuple[Space, Term], ...]) -> None:
        for space, weight in value:
            if not is_positive(weight):
                raise SortError(f"the weight {weight!r} of {space} is not known to be positive")
            if weight.sort not in (SCALAR, FunctionSort(space)):
                raise SortError(f"{weight!r} is no weight of the species on {space}")


@frozen(repr=False, cache_hash=True)
class SpectralNorm(_ScalarTerm):
    """The largest singular value of a rectangular matrix of constants, given by its rows."""

    rows: tuple[tuple[Term, ...], ...] = field()

    @rows.validator
    def _check(self, _attribute: object, value: tuple[tuple[Term, ...], ...]) -> None:
        if not value or not value[0] or len({len(row) for row in value}) != 1:
            raise SortError("a matrix has rows of one positive length")
        moving = (FunctionSymbol, Quantity, TimeDerivative, AtTime)
        for entry in (entry for row in value for entry in row):
            _require(entry, type(SCALAR), "a matrix")
            if any(isinstance(part, moving) for part in subterms(entry)):
                raise SortError(f"a matrix of constants has no entry that moves: {entry!r}")


@frozen(repr=False, cache_hash=True)
class Directional(_ScalarTerm):
    """v . Phi(x): a vector field at a point, along a unit vector."""

    field_: Term = field(alias="field")
    point: Term
    direction: Term = field()

    @direction.validator
    def _check(self, _attribute: object, value: Term) -> None:
        _require(self.field_, VectorSort, "a directional value")
        _require(self.point, PointSort, "a directional value")
        _require(value, DirectionSort, "a directional value")
        if not _space(self.field_) == _space(self.point) == _space(value):
            raise SortError(
                f"{self.field_!r}, {self.point!r} and {value!r} live on different spaces"
            )


@frozen(repr=False, cache_hash=True)
class Quantity(_ScalarTerm):
    """A real function of time that an abstract flow moves (lemmas on differential inequalities)."""

    name: str
    flow: Flow
    sign: Sign = "nonnegative"


@frozen(repr=False, cache_hash=True)
class TimeDerivative(_ScalarTerm):
    """d/dt of a scalar along a flow.  Expanded by `mflverify.algebra`, never by hand."""

    argument: Term
    flow: Flow = field()

    @flow.validator
    def _check(self, _attribute: object, value: Flow) -> None:
        _require(self.argument, type(SCALAR), "a time derivative")


@frozen(repr=False, cache_hash=True)
class AtTime(_ScalarTerm):
    """The value of a scalar at a time t >= 0 along the trajectory."""

    argument: Term
    time: Term = field()

    @time.validator
    def _check(self, _attribute: object, value: Term) -> None:
        _require(self.argument, type(SCALAR), "a value at a time")
        _require(value, type(SCALAR), "a time")


# -------------------------------------------------------------------------------- functions


@frozen(repr=False, cache_hash=True)
class FunctionSymbol(Term):
    """A function on a space.

    kind: `perturbation` is a relative density d mu/d mu_bar - 1 (mean-zero, 1 + f >= 0),
    `mean-zero` has no sign condition, `function` is arbitrary.
    """

    name: str
    space: Space
    kind: FunctionKind = "function"

    @property
    def sort(self) -> Sort:
        return FunctionSort(self.space)


@frozen(repr=False, cache_hash=True)
class SpeciesConstant(Term):
    """A number for each component of a union: a function that is constant on each, such as tau_i.

    It commutes with grad, L and L^-1, but not with kernels, which lead from one species to another.
    """

    name: str
    space: Space = field()
    sign: Sign = "real"

    @space.validator
    def _check(self, _attribute: object, value: Space) -> None:
        if not value.union:
            raise SortError(f"{self.name} is a number for each species, and {value} is no union")

    @property
    def sort(self) -> Sort:
        return FunctionSort(self.space)


@frozen(repr=False, cache_hash=True)
class SpeciesGap(Term):
    """The Poincaré constant of each component of a union, a function that is constant on each."""

    space: Space = field()

    @space.validator
    def _check(self, _attribute: object, value: Space) -> None:
        if not value.union:
            raise SortError(f"{value} is no union: its Poincaré constant is a number")

    @property
    def sort(self) -> Sort:
        return FunctionSort(self.space)


@frozen(repr=False, cache_hash=True)
class One(Term):
    """The constant function 1."""

    space: Space

    @property
    def sort(self) -> Sort:
        return FunctionSort(self.space)


@frozen(repr=False, cache_hash=True)
class Generator(Term):
    """L u = grad* grad u."""

    argument: Term = field()

    @argument.validator
    def _check(self, _attribute: object, value: Term) -> None:
        _require(value, FunctionSort, "L")

    @property
    def sort(self) -> Sort:
        return self.argument.sort


@frozen(repr=False, cache_hash=True)
class GeneratorInverse(Term):
    """L^-1 u, the mean-zero solution of L w = u for mean-zero u."""

    argument: Term = field()

    @argument.validator
    def _check(self, _attribute: object, value: Term) -> None:
        _require_mean_zero(value, "L^-1")

    @property
    def sort(self) -> Sort:
        return self.argument.sort


@frozen(repr=False, cache_hash=True)
class GradientAdjoint(Term):
    """grad* Phi, with <grad u, Phi> = <u, grad* Phi>; always mean-zero."""

    argument: Term = field()

    @argument.validator
    def _check(self, _attribute: object, value: Term) -> None:
        _require(value, VectorSort, "grad*")

    @property
    def sort(self) -> Sort:
        return FunctionSort(_space(self.argument))


@frozen(repr=False, cache_hash=True)
class Apply(Term):
    """M u, with (M u)(x) = integral of k(x, y) u(y) d equilibrium(y)."""

    operator: Term
    argument: Term = field()

    @argument.validator
    def _check(self, _attribute: object, value: Term) -> None:
        _require(self.operator, OperatorSort, "an application")
        source = self.operator.sort.source
        if value.sort != FunctionSort(source):
            raise SortError(
                f"{self.operator!r} takes functions on {source}, not {value.sort}: {value!r}"
            )

    @property
    def sort(self) -> Sort:
        return FunctionSort(self.operator.sort.target)


@frozen(repr=False, cache_hash=True)
class Dot(Term):
    """Pointwise scalar product of two vector fields."""

    left: Term
    right: Term = field()

    @right.validator
    def _check(self, _attribute: object, value: Term) -> None:
        _require(self.left, VectorSort, "dot")
        if value.sort != self.left.sort:
            raise SortError(f"dot of {self.left.sort} with {value.sort}")

    @property
    def sort(self) -> Sort:
        return FunctionSort(_space(self.left))


@frozen(repr=False, cache_hash=True)
class Center(Term):
    """u minus its mean: the projector of L2 on mean-zero functions."""

    argument: Term = field()

    @argument.validator
    def _check(self, _attribute: object, value: Term) -> None:
        _require(value, FunctionSort, "centring")

    @property
    def sort(self) -> Sort:
        return self.argument.sort


@frozen(repr=False, cache_hash=True)
class KernelSlice(Term):
    """y -> v . grad_x k(x, y): the kernel seen from a point along a unit vector."""

    operator: Term
    point: Term
    direction: Term = field()

    @direction.validator
    def _check(self, _attribute: object, value: Term) -> None:
        _require(self.operator, OperatorSort, "a kernel slice")
        _require(self.point, PointSort, "a kernel slice")
        _require(value, DirectionSort, "a kernel slice")
        target = self.operator.sort.target
        if not _space(self.point) == _space(value) == target:
            raise SortError(f"the slice of {self.operator!r} is taken at a point of {target}")

    @property
    def sort(self) -> Sort:
        return FunctionSort(self.operator.sort.source)


@frozen(repr=False, cache_hash=True)
class Remainder(Term):
    """R[mu] at the perturbations `states`: the first variation without its linear part.

    F'[mu] = F'[mu_bar] + M f + R[mu], so that R and its first variation vanish at equilibrium
    (section 3 of the paper; for several species V_i in place of F').
    """

    functional: RemainderSymbol
    states: tuple[Term, ...] = field()

    @states.validator
    def _check(self, _attribute: object, value: tuple[Term, ...]) -> None:
        sorts = tuple(state.sort for state in value)
        if sorts != tuple(FunctionSort(space) for space in self.functional.sources):
            raise SortError(f"{self.functional!r} takes one function on each of its spaces")
        for state in value:
            _require_mean_zero(state, f"{self.functional!r}")

    @property
    def sort(self) -> Sort:
        return FunctionSort(self.functional.target)


# ---------------------------------------------------------------------- vectors and operators


@frozen(repr=False, cache_hash=True)
class VectorSymbol(Term):
    """A vector field on a space."""

    name: str
    space: Space

    @property
    def sort(self) -> Sort:
        return VectorSort(self.space)


@frozen(repr=False, cache_hash=True)
class Gradient(Term):
    """grad u."""

    argument: Term = field()

    @argument.validator
    def _check(self, _attribute: object, value: Term) -> None:
        _require(value, FunctionSort, "grad")

    @property
    def sort(self) -> Sort:
        return VectorSort(_space(self.argument))


@frozen(repr=False, cache_hash=True)
class Projector(Term):
    """P Phi = grad L^-1 grad* Phi: the orthogonal projection on gradient fields."""

    argument: Term = field()

    @argument.validator
    def _check(self, _attribute: object, value: Term) -> None:
        _require(value, VectorSort, "the projector")

    @property
    def sort(self) -> Sort:
        return self.argument.sort


@frozen(repr=False, cache_hash=True)
class KernelSymbol(Term):
    """An integral operator with kernel k(x, y), x in `target`, y in `source`.

    symmetric: k(x, y) = k(y, x); needs source = target.
    """

    name: str
    source: Space
    target: Space
    symmetric: bool = field(default=False)

    @symmetric.validator
    def _check(self, _attribute: object, value: bool) -> None:
        if value and self.source != self.target:
            raise SortError(
                f"kernel {self.name} cannot be symmetric between {self.source} and {self.target}"
            )

    @property
    def sort(self) -> Sort:
        return OperatorSort(self.source, self.target)

    @property
    def T(self) -> KernelSymbol | Transpose:
        """The transposed operator, with kernel k(y, x)."""
        return self if self.symmetric else Transpose(self)

    def __call__(self, argument: Term) -> Term:
        return Apply(self, argument)


@frozen(repr=False, cache_hash=True)
class RemainderSymbol(Term):
    """The part of a first variation beyond its linear part, for perturbations on `sources`.

    It is smooth, and vanishes with its first variation at equilibrium.
    """

    name: str
    sources: tuple[Space, ...]
    target: Space

    @property
    def sort(self) -> Sort:
        return FunctionalSort(self.sources, self.target)

    def __call__(self, *states: Term) -> Term:
        return Remainder(self, states)


@frozen(repr=False, cache_hash=True)
class Transpose(Term):
    """The transpose of a kernel operator."""

    operator: KernelSymbol

    @property
    def sort(self) -> Sort:
        return OperatorSort(self.operator.target, self.operator.source)

    @property
    def T(self) -> KernelSymbol:
        """The operator itself: transposing twice changes nothing."""
        return self.operator

    def __call__(self, argument: Term) -> Term:
        return Apply(self, argument)


@frozen(repr=False, cache_hash=True)
class Point(Term):
    """A generic point of a space."""

    name: str
    space: Space

    @property
    def sort(self) -> Sort:
        return PointSort(self.space)


@frozen(repr=False, cache_hash=True)
class Direction(Term):
    """A generic unit tangent vector of a space."""

    name: str
    space: Space

    @property
    def sort(self) -> Sort:
        return DirectionSort(self.space)


# ------------------------------------------------------------------------ relations and flows


@frozen(repr=False, cache_hash=True)
class Relation:
    """`lhs = rhs`, `lhs <= rhs` or `lhs < rhs`; a claim, never a truth value.

    Inequalities compare scalars; equations compare terms of one sort.
    """

    kind: RelationKind
    lhs: Term
    rhs: Term = field()

    @rhs.validator
    def _check(self, _attribute: object, value: Term) -> None:
        if self.lhs.sort != value.sort:
            raise SortError(
                f"relation between {self.lhs.sort} and {value.sort}: {self.lhs!r}, {value!r}"
            )
        if self.kind != "eq" and value.sort != SCALAR:
            raise SortError(f"an inequality compares scalars, not {value.sort}: {value!r}")

    def __bool__(self) -> NoReturn:
        raise TypeError(
            "a relation has no truth value: it is a claim to be checked "
            "(chained comparisons a <= b <= c are two relations)"
        )

    def __repr__(self) -> str:
        from mflverify.expr.printing import to_unicode

        return f"<Relation {to_unicode(self)}>"

    def _repr_latex_(self) -> str:
        from mflverify.expr.printing import to_latex

        return f"$\\displaystyle {to_latex(self, max_terms_per_line=3)}$"


@frozen(repr=False, cache_hash=True)
class Flow:
    """An evolution equation: the time derivative of each moving symbol.

    name: how the flow is called in messages.
    equations: pairs (symbol, right-hand side), of one sort; empty for an abstract flow, which
    moves `Quantity` symbols only.
    """

    name: str
    equations: tuple[tuple[FunctionSymbol, Term], ...] = field(default=())

    @equations.validator
    def _check(self, _attribute: object, value: tuple[tuple[FunctionSymbol, Term], ...]) -> None:
        for symbol, rhs in value:
            if not isinstance(symbol, FunctionSymbol):
                raise SortError(f"flow {self.name}: only function symbols move, not {symbol!r}")
            if [other for other, _ in value].count(symbol) > 1:
                raise SortError(f"flow {self.name}: {symbol!r} moves by two equations")
            if symbol.sort != rhs.sort:
                raise SortError(f"flow {self.name}: {symbol!r} moves by {rhs.sort}")
            if symbol.kind != "function" and not is_mean_zero(rhs):
                raise SortError(f"flow {self.name}: the right-hand side of {symbol!r} loses mass")

    @staticmethod
    def of(name: str, equations: dict[FunctionSymbol, Term]) -> Flow:
        """The flow moving each key by its value."""
        return Flow(name, tuple(equations.items()))

    def derivative(self, scalar: Term) -> Term:
        """d/dt of `scalar` along the flow, expanded by the program where it is used."""
        return TimeDerivative(scalar, self)

    def quantity(self, name: str, sign: Sign = "nonnegative") -> Term:
        """A real function of time moved by this (abstract) flow."""
        return Quantity(name, self, sign)

    def __repr__(self) -> str:
        return f"<Flow {self.name}>"

    def _repr_latex_(self) -> str | None:
        """The equations; None, so that a notebook shows the name, for an abstract flow."""
        from mflverify.expr.printing import to_latex

        if not self.equations:
            return None
        return f"$\\displaystyle {to_latex(self, max_terms_per_line=3)}$"


def is_mean_zero(term: Term) -> bool:
    """Whether `term` is mean-zero for a reason visible in its form (False: not known to be)."""
    match term:
        case FunctionSymbol(kind=kind):
            return kind != "function"
        case Generator() | GeneratorInverse() | GradientAdjoint() | Center():
            return True
        case Sum(terms=terms):
            return all(is_mean_zero(part) for part in terms)
        case Product(factors=factors):
            functions = [p for p in factors if p.sort != SCALAR and not is_species_constant(p)]
            return len(functions) == 1 and is_mean_zero(functions[0])
        case _:
            return False


def is_species_constant(term: Term) -> bool:
    """Whether a function is constant on each component, for a reason visible in its form.

    On single spaces no function is written that way.
    """
    match term:
        case SpeciesConstant() | SpeciesGap():
            return True
        case One(space):
            return space.union
        case Sum(terms=parts) | Product(factors=parts):
            return term.sort != SCALAR and all(
                is_number(p) or is_species_constant(p) for p in parts
            )
        case Power(base=base):
            return is_species_constant(base)
        case _:
            return False


def is_number(term: Term) -> bool:
    """Whether a scalar is made of numbers and parameters, so that nothing in it moves."""
    match term:
        case Rational() | Parameter():
            return True
        case Sum(terms=parts) | Product(factors=parts):
            return all(map(is_number, parts))
        case Power(base=base):
            return is_number(base)
        case _:
            return False


def is_positive(term: Term) -> bool:
    """Whether `term` is positive for a reason visible in its form: a constant, or one of species."""
    match term:
        case Rational(value=value):
            return value > 0
        case Parameter(sign=sign) | SpeciesConstant(sign=sign):
            return sign == "positive"
        case Sum(terms=parts):
            # one positive part is enough beside parts that are not negative
            signed = (is_positive(part) or _is_nonnegative_parameter(part) for part in parts)
            return all(signed) and any(is_positive(part) for part in parts)
        case Product(factors=parts):
            return all(is_positive(part) for part in parts)
        case Power(base=base):
            return is_positive(base)
        case _:
            return False


def _is_nonnegative_parameter(term: Term) -> bool:
    return isinstance(term, Parameter) and term.sign == "nonnegative"


Node = Term | Relation | Flow


@cache
def _fields(kind: type) -> tuple[str, ...]:
    return tuple(attribute.name for attribute in attrs.fields(kind))


def children(node: Node) -> Iterator[Node]:
    """The direct subterms of a node, in order; a flow's right-hand sides count."""
    for name in _fields(type(node)):
        value = getattr(node, name)
        if isinstance(value, (Term, Relation, Flow)):
            yield value
        elif isinstance(value, tuple):
            for part in value:
                if isinstance(part, (Term, Relation, Flow)):
                    yield part
                elif isinstance(part, tuple):
                    yield from (
                        inner for inner in part if isinstance(inner, (Term, Relation, Flow))
                    )


def subterms(node: Node) -> Iterator[Node]:
    """`node` and everything below it, parents first."""
    yield from _subterms(node)


@lru_cache(maxsize=4096)
def _subterms(node: Node) -> tuple[Node, ...]:
    """Kept, since nodes never change and the kernel walks the same ones again and again."""
    return (node, *(part for child in children(node) for part in _subterms(child)))
