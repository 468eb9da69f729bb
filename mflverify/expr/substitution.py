"""Simultaneous substitution of symbols, and of the spaces that it implies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import attrs
from attrs import frozen

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
from mflverify.expr.terms import (
    Direction,
    Flow,
    FunctionSymbol,
    KernelSymbol,
    Node,
    Parameter,
    Point,
    Power,
    Product,
    Quantity,
    Relation,
    RemainderSymbol,
    SpeciesConstant,
    Sum,
    Term,
    Transpose,
    VectorSymbol,
    is_mean_zero,
    subterms,
)

# what has a name, and can be replaced
Symbol = (
    FunctionSymbol
    | SpeciesConstant
    | VectorSymbol
    | KernelSymbol
    | RemainderSymbol
    | Parameter
    | Point
    | Direction
    | Quantity
)
AnyNode = TypeVar("AnyNode", Term, Relation, Flow)


@frozen
class Substitution:
    """Symbols to terms, spaces to spaces, and abstract flows to flows; applied all at once.

    Raises SortError when an image has not the sort of its symbol, or is not mean-zero where
    the symbol is.  Sign conditions of parameters and 1 + f >= 0 are not visible in a sort:
    whoever applies a lemma must discharge them (see `obligations`).
    """

    terms: Mapping[Term, Term]
    spaces: Mapping[Space, Space]
    flows: Mapping[Flow, Flow]

    @staticmethod
    def of(
        terms: Mapping[Term, Term],
        spaces: Mapping[Space, Space] | None = None,
        flows: Mapping[Flow, Flow] | None = None,
    ) -> Substitution:
        """The substitution, with the map of spaces completed from the sorts of the pairs."""
        found: dict[Space, Space] = dict(spaces or {})
        for symbol, image in terms.items():
            if not isinstance(symbol, Symbol):
                raise SortError(f"only symbols are substituted, not {symbol!r}")
            for source, target in _space_pairs(symbol, image):
                if found.setdefault(source, target) != target:
                    raise SortError(
                        f"{symbol!r} -> {image!r} sends space {source} to {target}, "
                        f"but it is already sent to {found[source]}"
                    )
        for source, target in found.items():
            if source.union != target.union:
                raise SortError(
                    f"{source} goes to {target}: what holds on one space need not hold on a union, "
                    "nor the reverse"
                )
        substitution = Substitution(dict(terms), found, dict(flows or {}))
        for symbol, image in terms.items():
            if (
                isinstance(symbol, FunctionSymbol)
                and symbol.kind != "function"
                and not is_mean_zero(image)
            ):
                raise SortError(f"{symbol!r} is mean-zero and {image!r} is not known to be")
            if isinstance(symbol, SpeciesConstant) and not (
                isinstance(image, SpeciesConstant) and image.sign == symbol.sign
            ):
                raise SortError(
                    f"{symbol!r} is a constant of species, with its sign: not {image!r}"
                )
            if isinstance(symbol, KernelSymbol) and symbol.symmetric and not _is_symmetric(image):
                raise SortError(f"{symbol!r} is symmetric and {image!r} is not known to be")
        return substitution

    def __call__(self, node: AnyNode) -> AnyNode:
        return self._apply(node)  # type: ignore[return-value]  (sort-preserving by construction)

    def _apply(self, node: Node) -> Node:
        if isinstance(node, Flow) and node in self.flows:
            return self.flows[node]
        if isinstance(node, Term) and node in self.terms:
            return self.terms[node]
        if isinstance(node, Transpose):
            image = self._apply(node.operator)
            if isinstance(image, (KernelSymbol, Transpose)):
                return image.T
            raise SortError(f"{image!r} cannot be transposed")
        return rebuild(node, self._apply, self._space)

    def _space(self, space: Space) -> Space:
        return self.spaces.get(space, space)


def rebuild(node: Node, on_node, on_space=lambda space: space) -> Node:
    """`node` with `on_node` applied to its children and `on_space` to its spaces, re-checked.

    Sums, products and powers go through their smart constructors, so results stay flat.
    """
    if isinstance(node, Sum):
        return Sum.of(*(on_node(part) for part in node.terms))
    if isinstance(node, Product):
        return Product.of(*(on_node(part) for part in node.factors))
    if isinstance(node, Power):
        return Power.of(on_node(node.base), node.exponent)

    def convert(value: object) -> object:
        if isinstance(value, (Term, Relation, Flow)):
            return on_node(value)
        if isinstance(value, Space):
            return on_space(value)
        if isinstance(value, tuple):
            return tuple(convert(part) for part in value)
        return value

    fields = attrs.fields(type(node))
    build: Any = type(node)
    return build(**{a.alias: convert(getattr(node, a.name)) for a in fields})


def obligations(substitution: Substitution) -> list[Relation]:
    """Sign conditions that the images of signed parameters and quantities must satisfy."""
    found: list[Relation] = []
    for symbol, image in substitution.terms.items():
        if isinstance(symbol, (Parameter, Quantity)):
            if symbol.sign == "positive":
                found.append(image > 0)
            elif symbol.sign == "nonnegative":
                found.append(image >= 0)
    return found


def symbols(node: Node) -> frozenset[Symbol]:
    """All symbols occurring in `node`, flows included."""
    return frozenset(part for part in subterms(node) if isinstance(part, Symbol))


def spaces(node: Node) -> frozenset[Space]:
    """All spaces occurring in `node`."""
    found: set[Space] = set()
    for part in subterms(node):
        if isinstance(part, Term):
            sort = part.sort
            if isinstance(sort, OperatorSort):
                found |= {sort.source, sort.target}
            elif isinstance(sort, FunctionalSort):
                found |= {*sort.sources, sort.target}
            elif sort != SCALAR:
                found.add(sort.space)  # type: ignore[union-attr]
            elif space := getattr(part, "space", None):
                found.add(space)
    return frozenset(found)


def _is_symmetric(image: Term) -> bool:
    return isinstance(image, KernelSymbol) and image.symmetric


def _space_pairs(symbol: Term, image: Term) -> list[tuple[Space, Space]]:
    source, target = symbol.sort, image.sort
    if type(source) is not type(target):
        raise SortError(f"{symbol!r} is {source}, and {image!r} is {target}")
    return list(zip(_sort_spaces(source), _sort_spaces(target), strict=True))


def _sort_spaces(sort: Sort) -> tuple[Space, ...]:
    match sort:
        case FunctionSort(space) | VectorSort(space) | PointSort(space) | DirectionSort(space):
            return (space,)
        case OperatorSort(source, target):
            return (source, target)
        case FunctionalSort(sources, target):
            return (*sources, target)
        case _:
            return ()


__all__ = ["Substitution", "obligations", "rebuild", "spaces", "symbols"]
