"""A formula about a union of n spaces written out for one n: sums over the species, matrices of kernels.

X becomes X1, .., Xn, a function f becomes f1, .., fn, a kernel M the kernels M_11, M_12, .., a
remainder R the remainders R_1, .., R_n.  What is on no union stays.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import TypeVar

from attrs import frozen

from mflverify.expr.divergences import Wasserstein
from mflverify.expr.hessians import Score
from mflverify.expr.segments import SegmentSlope
from mflverify.expr.sorts import SCALAR, FunctionSort, SortError, Space, VectorSort
from mflverify.expr.substitution import Symbol, rebuild
from mflverify.expr.terms import (
    Apply,
    DualNorm,
    Extremum,
    Flow,
    FunctionSymbol,
    Inner,
    KernelSymbol,
    MixedSup,
    MonotonicitySlack,
    Node,
    Norm,
    One,
    Parameter,
    PoincareConstant,
    Power,
    Product,
    Rational,
    Relation,
    Remainder,
    RemainderSymbol,
    SpeciesConstant,
    SpeciesGap,
    SpectralNorm,
    Sum,
    SupNorm,
    Term,
    ThirdSup,
    Transpose,
    VectorSymbol,
    is_species_constant,
)
from mflverify.expr.unions import (
    ComponentSup,
    Least,
    MixedNorm,
    ShiftedSlack,
    ThirdNorm,
    mentions_union,
    spaces_of,
    touched,
)

AnyNode = TypeVar("AnyNode", Term, Relation, Flow)
_TWO = Fraction(2)


def write_out(node: AnyNode, n: int) -> AnyNode:
    """A scalar, relation or flow with every union of spaces written out as n spaces.

    Raises SortError for n < 1, for a function or operator that is no scalar, and for what has no
    components: values at points, and nodes that are not defined on unions.
    """
    if n < 1:
        raise SortError(f"a union has at least one component, not {n}")
    return _written(node, n)  # type: ignore[return-value]  (sort-preserving)


@lru_cache(maxsize=4096)  # the same formulas are evaluated again and again
def _written(node: Node, n: int) -> Node:
    return _WrittenOut(n).node(node) if mentions_union(node) else node


def symbols_on(symbol: Symbol, n: int) -> tuple[Symbol, ...]:
    """The symbols that stand for a symbol on unions; itself when it is on none."""
    if not any(space.union for space in spaces_of(symbol.sort)):
        return (symbol,)
    out = _WrittenOut(n)
    if isinstance(symbol, KernelSymbol):
        blocks = (out.block(symbol, i, j) for i in out.numbers for j in out.numbers)
        return tuple(dict.fromkeys(map(_untransposed, blocks)))
    if isinstance(symbol, SpeciesConstant):
        return tuple(_named(out.constant(symbol, i)) for i in out.numbers)
    if isinstance(symbol, RemainderSymbol):
        return tuple(out.force(symbol, i) for i in out.numbers)
    return tuple(_named(out.part(symbol, i)) for i in out.numbers)


def symbols_without(symbol: Symbol, n: int, left_out: int) -> dict[Symbol, Symbol]:
    """The symbols on n components but those of number `left_out`, each with its name on n - 1.

    Those that join two components keep their order.  A symbol on no union is itself.
    """
    if not any(space.union for space in spaces_of(symbol.sort)):
        return {symbol: symbol}
    before, after = _WrittenOut(n), _WrittenOut(n - 1)
    stay = list(zip((i for i in before.numbers if i != left_out), after.numbers, strict=True))
    if isinstance(symbol, KernelSymbol):
        pairs = (
            (before.block(symbol, i, j), after.block(symbol, k, m))
            for i, k in stay
            for j, m in stay
        )
        return {_untransposed(old): _untransposed(new) for old, new in pairs}
    if isinstance(symbol, SpeciesConstant):
        return {
            _named(before.constant(symbol, i)): _named(after.constant(symbol, k)) for i, k in stay
        }
    if isinstance(symbol, RemainderSymbol):
        return {before.force(symbol, i): after.force(symbol, k) for i, k in stay}
    return {_named(before.part(symbol, i)): _named(after.part(symbol, k)) for i, k in stay}


def _named(part: Term) -> Symbol:
    """The part of a symbol, which is a symbol too."""
    assert isinstance(part, Symbol)
    return part


def _untransposed(operator: KernelSymbol | Transpose) -> KernelSymbol:
    return operator.operator if isinstance(operator, Transpose) else operator


def spaces_on(space: Space, n: int) -> tuple[Space, ...]:
    """The components of a union; the space itself when it is none."""
    return tuple(_component(space, i) for i in range(1, n + 1)) if space.union else (space,)


def spaces_without(space: Space, n: int, left_out: int) -> dict[Space, Space]:
    """The components of a union but number `left_out`, each with its name among n - 1."""
    stay = (part for i, part in enumerate(spaces_on(space, n), 1) if i != left_out)
    return dict(zip(stay, spaces_on(space, n - 1), strict=True)) if space.union else {space: space}


def _component(space: Space, i: int) -> Space:
    return Space(f"{space.name}{i}")


@frozen
class _WrittenOut:
    """The writing out of one n; components are counted from 1."""

    n: int

    @property
    def numbers(self) -> range:
        return range(1, self.n + 1)

    def node(self, node: Node) -> Node:
        """A relation, flow or scalar."""
        if not mentions_union(node):
            return node
        match node:
            case Relation(kind, lhs, rhs) if lhs.sort == SCALAR:
                return Relation(kind, self.scalar(lhs), self.scalar(rhs))
            case Flow(name, equations):
                moves = [
                    (self.part(symbol, i), self.part(rhs, i))
                    for symbol, rhs in equations
                    for i in self._numbers_of(symbol)
                ]
                return Flow(f"{name} of {self.n} components", tuple(moves))  # type: ignore[arg-type]
            case Term() if node.sort == SCALAR:
                return self.scalar(node)
        raise SortError(f"{node!r} is no scalar, and cannot be written out in one formula")

    def _numbers_of(self, symbol: Term) -> range:
        return self.numbers if any(s.union for s in spaces_of(symbol.sort)) else range(1, 2)

    def scalar(self, term: Term) -> Term:
        """A scalar, written out."""
        if not mentions_union(term):
            return term
        base, exponent = (
            (term.base, term.exponent) if isinstance(term, Power) else (term, Fraction(1))
        )
        square = self._square(base)
        if square is not None:
            # whole powers without a root, which may be irrational
            single = isinstance(square, Power)
            return Power.of(square.base, exponent) if single else Power.of(square, exponent / 2)
        match term:
            case Inner(u, v) if _on_union(u):
                return Sum.of(*(Inner(self.part(u, i), self.part(v, i)) for i in self.numbers))
            case SupNorm(u) if _on_union(u):
                return self._extremum("max", lambda i: SupNorm(self.part(u, i)))
            case PoincareConstant(space) if space.union:
                return self._extremum("min", lambda i: PoincareConstant(_component(space, i)))
            case MixedNorm(operators, weight):
                return SpectralNorm(
                    tuple(
                        tuple(self._entry(operators, weight, i, j) for j in self.numbers)
                        for i in self.numbers
                    )
                )
            case SegmentSlope(functionals, ends, starts):
                return SegmentSlope(
                    tuple(self.force(r, i) for r in functionals for i in self.numbers),
                    tuple(self.part(f, i) for f in ends for i in self.numbers),
                    tuple(self.part(g, i) for g in starts for i in self.numbers),
                )
            case Least(constant):
                return self._extremum("min", lambda i: self.constant(constant, i))
            case MonotonicitySlack(operators, weights):
                return MonotonicitySlack(self._all_blocks(operators), self._shares(weights))
            case ShiftedSlack(operators, shifts):
                return ShiftedSlack(self._all_blocks(operators), self._shares(shifts))
        if any(space.union for space in touched(term)):
            raise SortError(f"{type(term).__name__} has no components: {term!r}")
        written = rebuild(term, self.node)
        assert isinstance(written, Term)
        return written

    def _entry(self, operators: tuple[Term, ...], weight: tuple[Term, ...], i: int, j: int) -> Term:
        size = Sum.of(*(self._mixed(o, i, j) for o in operators))
        sides = [self.constant(c, k) for c in weight for k in (i, j)]
        return Product.of(size, *sides)

    def constant(self, c: Term, i: int) -> Term:
        """The value of a constant of species on component i, a scalar."""
        match c:
            case SpeciesConstant(name, _, sign):
                return Parameter(f"{name}_{i}", sign)
            case SpeciesGap(space):
                return PoincareConstant(_component(space, i))
            case One():
                return Rational(Fraction(1))
            case Sum() | Product() | Power():
                value = rebuild(c, lambda part: self.constant(part, i))
                assert isinstance(value, Term)
                return value
        return self.scalar(c)

    def _square(self, norm: Term) -> Term | None:
        """The square of a norm on a union, which is a sum over the components."""
        match norm:
            case Norm(u) | DualNorm(u) | ComponentSup(u) if _on_union(u):
                kind = SupNorm if isinstance(norm, ComponentSup) else type(norm)
                return Sum.of(*(Power.of(kind(self.part(u, i)), _TWO) for i in self.numbers))
            case Wasserstein(p, q) if _on_union(p):
                distances = (Wasserstein(self.part(p, i), self.part(q, i)) for i in self.numbers)
                return Sum.of(*(Power.of(distance, _TWO) for distance in distances))
            case ThirdNorm(functional):
                sizes = (self._third(functional, i) for i in self.numbers)
                return Sum.of(*(Power.of(size, _TWO) for size in sizes))
        return None

    def _third(self, functional: RemainderSymbol, i: int) -> Term:
        force, places = self.force(functional, i), range(self.n)
        return SpectralNorm(tuple(tuple(ThirdSup(force, j, k) for k in places) for j in places))

    def _extremum(self, which: str, part: Callable[[int], Term]) -> Term:
        parts = tuple(part(i) for i in self.numbers)
        return parts[0] if self.n == 1 else Extremum(which, parts)  # type: ignore[arg-type]

    def _mixed(self, operator: Term, i: int, j: int) -> Term:
        block = self.block(operator, i, j)
        return MixedSup(block.operator if isinstance(block, Transpose) else block)

    def _all_blocks(self, operators: tuple[Term, ...]) -> tuple[Term, ...]:
        places = [(i, j) for i in self.numbers for j in self.numbers]
        blocks = (block for o in operators for i, j in places for block in self._blocks(o, i, j))
        return tuple(dict.fromkeys(blocks))

    def _shares(self, shares: tuple[tuple[Space, Term], ...]) -> tuple[tuple[Space, Term], ...]:
        return tuple(
            (part, self.constant(w, i) if is_species_constant(w) else self.scalar(w))
            for s, w in shares
            for i, part in enumerate(spaces_on(s, self.n), 1)
        )

    def _blocks(self, operator: Term, i: int, j: int) -> tuple[Term, ...]:
        sort = operator.sort
        if any(space.union for space in spaces_of(sort)):
            return (self.block(operator, i, j),)
        return (operator,)

    def block(self, operator: Term, i: int, j: int) -> KernelSymbol | Transpose:
        """The operator by which component j acts on component i."""
        if isinstance(operator, Transpose):
            return self.block(operator.operator, j, i).T
        assert isinstance(operator, KernelSymbol)
        if operator.symmetric and i > j:
            return self.block(operator, j, i).T
        source, target = _component(operator.source, j), _component(operator.target, i)
        own = operator.symmetric and i == j
        return KernelSymbol(f"{operator.name}_{i}{j}", source, target, symmetric=own)

    def force(self, functional: RemainderSymbol, i: int) -> RemainderSymbol:
        """The remainder of the force on component i."""
        sources = tuple(part for s in functional.sources for part in spaces_on(s, self.n))
        return RemainderSymbol(f"{functional.name}_{i}", sources, _component(functional.target, i))

    def part(self, u: Term, i: int) -> Term:
        """Component i of a function or vector field; itself when it is on no union."""
        if u.sort == SCALAR:
            return self.scalar(u)
        if not _on_union(u):
            if mentions_union(u):
                raise SortError(f"{u!r} leads from a union to a space that is none")
            return u
        match u:
            case FunctionSymbol(name, space, kind):
                return FunctionSymbol(f"{name}{i}", _component(space, i), kind)
            case VectorSymbol(name, space):
                return VectorSymbol(f"{name}{i}", _component(space, i))
            case One(space):
                return One(_component(space, i))
            case Score(space):
                return Score(_component(space, i))
            case _ if is_species_constant(u):
                value, one = self.constant(u, i), One(_component(_space(u), i))
                if value == Rational(Fraction(1)):
                    return one
                return Product((value, one), result_sort=one.sort)
            case Product(factors=factors):
                return Product.of(
                    *(
                        self.constant(p, i) if is_species_constant(p) else self.part(p, i)
                        for p in factors
                    )
                )
            case Apply(operator, argument):
                images = (
                    Apply(self.block(operator, i, j), self.part(argument, j)) for j in self.numbers
                )
                return Sum.of(*images)
            case Remainder(functional, states):
                given = tuple(self.part(s, j) for s in states for j in self._numbers_of(s))
                return Remainder(self.force(functional, i), given)
        written = rebuild(u, lambda child: self.part(child, i))
        assert isinstance(written, Term)
        if mentions_union(written):
            raise SortError(f"{type(u).__name__} has no components: {u!r}")
        return written


def _space(u: Term) -> Space:
    assert isinstance(u.sort, (FunctionSort, VectorSort))
    return u.sort.space


def _on_union(u: Term) -> bool:
    return isinstance(u.sort, (FunctionSort, VectorSort)) and u.sort.space.union


__all__ = ["spaces_on", "spaces_without", "symbols_on", "symbols_without", "write_out"]
