"""Kernels replaced by multiples of kernels: a game as a case of several species with any payoffs.

A multiple c k is no term of the language: it is carried out where the operator occurs, (c M) u being
c (M u).  So what is made is built of the nodes that were there before.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TypeVar

from attrs import field, frozen

from mflverify.expr.hessians import KernelAlong
from mflverify.expr.sorts import OperatorSort, SortError, Space
from mflverify.expr.substitution import rebuild
from mflverify.expr.terms import (
    Apply,
    Flow,
    KernelSlice,
    KernelSymbol,
    MixedSup,
    MonotonicitySlack,
    Node,
    Number,
    One,
    Product,
    Rational,
    Relation,
    Term,
    Transpose,
    children,
)

AnyNode = TypeVar("AnyNode", Term, Relation, Flow)


@frozen
class KernelMultiple:
    """The operator with kernel c k, k the kernel of `operator`; c = 0 gives the zero operator."""

    factor: Fraction = field(converter=Fraction)
    operator: KernelSymbol | Transpose

    @property
    def sort(self) -> OperatorSort:
        """From the functions of one space to those of another."""
        return self.operator.sort  # type: ignore[return-value]  (a kernel operator)

    @property
    def T(self) -> KernelMultiple:
        """The transposed operator."""
        return KernelMultiple(self.factor, self.operator.T)


def multiple(factor: Number, operator: KernelSymbol | Transpose) -> KernelMultiple:
    """c M, for `replace_kernels`."""
    return KernelMultiple(Fraction(factor), operator)


def replace_kernels(node: AnyNode, images: Mapping[KernelSymbol, KernelMultiple]) -> AnyNode:
    """`node` with kernels replaced by multiples of kernels between the same spaces.

    Zero operators leave a slack; other multiples in one are refused, since a slack is about
    operators without signs.  Raises SortError for that, for spaces that differ, for a symmetric
    kernel whose image is not known to be symmetric, and for a node in which multiples mean nothing.
    """
    for symbol, image in images.items():
        if image.sort != symbol.sort:
            raise SortError(f"{symbol!r} is {symbol.sort}, and its image is {image.sort}")
        if symbol.symmetric and image.factor != 0 and image.T != image:
            raise SortError(f"{symbol!r} is symmetric, and {image.operator!r} is not known to be")
    return _replace(node, images)  # type: ignore[return-value]  (sort-preserving)


def _replace(node: Node, images: Mapping[KernelSymbol, KernelMultiple]) -> Node:
    def go(part: Node) -> Node:
        return _replace(part, images)

    def term(part: Term) -> Term:
        replaced = go(part)
        assert isinstance(replaced, Term)
        return replaced

    match node:
        case Apply(operator, u) if image := _image(operator, images):
            return _times(image.factor, Apply(image.operator, term(u)))
        case KernelAlong(operator, phi) if image := _image(operator, images):
            return _times(image.factor, KernelAlong(image.operator, term(phi)))
        case KernelSlice(operator, point, direction) if image := _image(operator, images):
            return _times(image.factor, KernelSlice(image.operator, term(point), term(direction)))
        case MixedSup(operator) if image := _image(operator, images):
            return Product.of(Rational(abs(image.factor)), MixedSup(image.operator))
        case MonotonicitySlack(operators, weights):
            return _slack(operators, [(space, term(weight)) for space, weight in weights], images)
    for child in children(node):
        if isinstance(child, Term) and _image(child, images) is not None:
            raise SortError(f"{type(node).__name__} of a multiple of a kernel means nothing")
    return rebuild(node, go)


def _image(operator: Term, images: Mapping[KernelSymbol, KernelMultiple]) -> KernelMultiple | None:
    if isinstance(operator, KernelSymbol):
        return images.get(operator)
    if isinstance(operator, Transpose) and operator.operator in images:
        return images[operator.operator].T
    return None


def _times(factor: Fraction, function: Term) -> Term:
    """c u; for c = 0 without u, so that nothing of a kernel that vanishes is left."""
    if factor == 0:
        sort = function.sort
        return Product((Rational(factor), One(sort.space)), result_sort=sort)  # type: ignore[union-attr]
    return Product.of(Rational(factor), function)


def _slack(
    operators: tuple[Term, ...],
    weights: list[tuple[Space, Term]],
    images: Mapping[KernelSymbol, KernelMultiple],
) -> Term:
    kept: list[Term] = []
    for operator in operators:
        image = _image(operator, images)
        if image is None:
            kept.append(operator)
        elif image.factor == 1:
            kept.append(image.operator)
        elif image.factor != 0:
            raise SortError(f"a slack with {image.factor} times {image.operator!r}")
    return MonotonicitySlack(tuple(kept), tuple(weights)) if kept else Rational(Fraction(0))


__all__ = ["KernelMultiple", "multiple", "replace_kernels"]
