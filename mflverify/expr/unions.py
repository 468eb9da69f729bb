"""Constants and norms on unions of spaces: n species as one field, for every number n.

A function on the union of X_1, ..., X_n is one function f_i on each X_i.  A kernel operator is a
matrix of operators, (M f)_i = sum_j M_ij f_j, and a remainder is one R_i of all states for each i.
What takes the place of the suprema of one space is here; on one component it is what it was.
"""

# pyright: reportAttributeAccessIssue=false, reportIncompatibleVariableOverride=false
# (attrs' `@field.validator` is not seen by the type checker)

from __future__ import annotations

from collections.abc import Iterator

from attrs import field, frozen

from mflverify.expr.sorts import (
    SCALAR,
    FunctionalSort,
    FunctionSort,
    OperatorSort,
    Sort,
    SortError,
    Space,
    VectorSort,
)
from mflverify.expr.terms import (
    Node,
    RemainderSymbol,
    SpeciesGap,
    Term,
    children,
    is_number,
    is_positive,
    is_species_constant,
    subterms,
)


def spaces_of(sort: Sort) -> tuple[Space, ...]:
    """The spaces that a sort speaks of."""
    match sort:
        case OperatorSort(source, target):
            return source, target
        case FunctionalSort(sources, target):
            return *sources, target
    space = getattr(sort, "space", None)
    return () if space is None else (space,)


def touched(node: Node) -> Iterator[Space]:
    """The spaces that a node itself or one of its direct parts lives on."""
    for part in (node, *children(node)):
        if isinstance(part, Term):
            yield from spaces_of(part.sort)
    if isinstance(space := getattr(node, "space", None), Space):
        yield space
    for space, _ in (*getattr(node, "weights", ()), *getattr(node, "shifts", ())):
        yield space


def mentions_union(node: Node) -> bool:
    """Whether a union of spaces occurs."""
    return any(space.union for part in subterms(node) for space in touched(part))


class _OnUnions(Term):
    __slots__ = ()

    @property
    def sort(self) -> Sort:
        return SCALAR


@frozen(repr=False, cache_hash=True)
class ComponentSup(_OnUnions):
    """(sum_i sup over X_i of |u|^2)^(1/2), pointwise Euclidean for a vector field."""

    argument: Term = field()

    @argument.validator
    def _check(self, _attribute: object, value: Term) -> None:
        sort = value.sort
        if not isinstance(sort, (FunctionSort, VectorSort)) or not sort.space.union:
            raise SortError(f"suprema over components are of something on a union, not {value!r}")


@frozen(repr=False, cache_hash=True)
class MixedNorm(_OnUnions):
    """The spectral norm of the matrix of all w_i K_ij w_j, added over the operators.

    K_ij of an operator is the supremum of the mixed derivatives of its kernel between X_i and X_j.
    weight: the w_i > 0, a constant of species such as eta^(1/2), alone in a tuple; none: 1.
    """

    operators: tuple[Term, ...] = field()
    weight: tuple[Term, ...] = field(default=())

    @operators.validator
    def _check(self, _attribute: object, value: tuple[Term, ...]) -> None:
        if not value or len({operator.sort for operator in value}) != 1:
            raise SortError("the matrix of mixed derivatives is of operators between two unions")
        (sort,) = {operator.sort for operator in value}
        if not isinstance(sort, OperatorSort) or not (sort.source.union and sort.target.union):
            raise SortError(f"{value[0]!r} is no operator between unions of spaces")

    @weight.validator
    def _check_weight(self, _attribute: object, value: tuple[Term, ...]) -> None:
        spaces = {space for operator in self.operators for space in spaces_of(operator.sort)}
        for constant in value:
            if not (is_species_constant(constant) and is_positive(constant)):
                raise SortError(f"{constant!r} is no positive constant of species")
            if len(value) > 1 or spaces != {*spaces_of(constant.sort)}:
                raise SortError(f"{value!r} is not one constant of the species that payoffs join")


@frozen(repr=False, cache_hash=True)
class ThirdNorm(_OnUnions):
    """(sum_i T_i^2)^(1/2) with T_i the spectral norm of (T_ijk)_jk.

    T_ijk is the supremum of grad_i grad_j grad_k of the second variation of R_i.
    """

    functional: RemainderSymbol = field()

    @functional.validator
    def _check(self, _attribute: object, value: RemainderSymbol) -> None:
        if value.sources != (value.target,) or not value.target.union:
            raise SortError(f"{value!r} is no remainder of the forces on a union of spaces")


@frozen(repr=False, cache_hash=True)
class ShiftedSlack(_OnUnions):
    """The least l >= 0 with sum <f_i, A f_j> + sum s_i ||f_i||^2 >= -l sum ||f_i||^2, mean-zero f.

    operators: the entries A of the block operator, of which only the symmetric part matters.
    shifts: the s_i of any sign, 0 on other spaces; on a union a constant of species.
    """

    operators: tuple[Term, ...] = field()
    shifts: tuple[tuple[Space, Term], ...] = field()

    @operators.validator
    def _check(self, _attribute: object, value: tuple[Term, ...]) -> None:
        if not value or not all(isinstance(o.sort, OperatorSort) for o in value):
            raise SortError(f"{value!r} are not the operators of a slack")

    @shifts.validator
    def _check_shifts(self, _attribute: object, value: tuple[tuple[Space, Term], ...]) -> None:
        for space, shift in value:
            known = is_species_constant(shift) and shift.sort == FunctionSort(space)
            if not (known or is_number(shift)):
                raise SortError(
                    f"{shift!r} is neither a number nor a constant of species on {space}"
                )


@frozen(repr=False, cache_hash=True)
class Least(_OnUnions):
    """The least of the values of a function that is constant on each component: min_i c_i."""

    argument: Term = field()

    @argument.validator
    def _check(self, _attribute: object, value: Term) -> None:
        if not is_species_constant(value):
            raise SortError(f"{value!r} is not visibly constant on each component")


def component_sup(u: Term) -> Term:
    """The Euclidean norm of the suprema of |u| over the components.  SortError off unions."""
    return ComponentSup(u)


def mixed_norm(*operators: Term, weight: Term | None = None) -> Term:
    """K, the spectral norm of the matrix of all w_i K_ij w_j; of several operators, of their sum.

    weight: the w_i, a positive constant of species; 1 without one.  Raises SortError for what is no
    operator between unions, or no such weight.
    """
    return MixedNorm(operators, () if weight is None else (weight,))


def shifted_slack(operator: Term, shift: Term) -> Term:
    """The least l >= 0 with <f, M f> + <s f, f> >= -l ||f||^2 for mean-zero f on a union.

    shift: s, a constant of species of any sign.  Raises SortError for others.
    """
    (space,) = {*spaces_of(shift.sort)} or {None}
    if space is None or {*spaces_of(operator.sort)} != {space}:
        raise SortError(f"{shift!r} is no constant of the species that {operator!r} joins")
    return ShiftedSlack((operator,), ((space, shift),))


def least(constant: Term) -> Term:
    """min_i c_i of a constant of species, such as eta * species_gap(X).  Raises SortError."""
    return Least(constant)


def species_gap(space: Space) -> Term:
    """The Poincaré constants alpha_i of the components of a union, as a constant of species."""
    return SpeciesGap(space)


def third_norm(functional: RemainderSymbol) -> Term:
    """T, the Euclidean norm of the T_i of all species.  SortError for a remainder off unions."""
    return ThirdNorm(functional)


__all__ = [
    "ComponentSup",
    "Least",
    "MixedNorm",
    "ShiftedSlack",
    "ThirdNorm",
    "component_sup",
    "least",
    "mentions_union",
    "mixed_norm",
    "shifted_slack",
    "spaces_of",
    "species_gap",
    "third_norm",
    "touched",
]
