"""What has to be interpreted, and the error for what cannot be."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from mflverify.expr.divergences import LogSobolevConstant, TransportConstant
from mflverify.expr.functionals import VariationSlack
from mflverify.expr.hessians import FirstEigenfunction
from mflverify.expr.sorts import Space
from mflverify.expr.substitution import Symbol, spaces, symbols
from mflverify.expr.terms import (
    Apply,
    Flow,
    Inner,
    MonotonicitySlack,
    Rational,
    Relation,
    Term,
    subterms,
)
from mflverify.expr.weights import WeightedConvexity


class Unavailable(Exception):
    """This family or arithmetic has no value for a term; the message says which and why."""


_KNOWN_WHERE_UNIFORM = (
    LogSobolevConstant,
    TransportConstant,
    FirstEigenfunction,
    WeightedConvexity,
)

UNIONS = "a union of spaces is described by its components"


@frozen
class Request:
    """Symbols and spaces that need values, and hypotheses that the values must satisfy.

    uniform: spaces whose equilibrium must be uniform (on tori), because the log-Sobolev and
    transport constants and weighted convexities of no other are known as floats, nor a first
    eigenfunction in closed form.
    convex: kernels, and remainders beside them, that a hypothesis makes positive semidefinite on
    mean-zero functions.  forms:
    pairs of a kernel and a function, of whose quadratic form a hypothesis says more than that.
    """

    symbols: frozenset[Symbol]
    spaces: frozenset[Space]
    hypotheses: tuple[Relation, ...]
    uniform: frozenset[Space] = frozenset()
    convex: frozenset[Term] = frozenset()
    forms: frozenset[tuple[Term, Term]] = frozenset()

    @staticmethod
    def of(*nodes: Term | Relation | Flow, hypotheses: Iterable[Relation] = ()) -> Request:
        """The request of all symbols and spaces in `nodes` and `hypotheses`."""
        given = tuple(hypotheses)
        everything = (*nodes, *given)
        return Request(
            frozenset().union(*(symbols(node) for node in everything)),
            frozenset().union(*(spaces(node) for node in everything)),
            given,
            frozenset(
                part.space
                for node in everything
                for part in subterms(node)
                if isinstance(part, _KNOWN_WHERE_UNIFORM)
            ),
            frozenset(kernel for relation in given for kernel in _without_slack(relation)),
            frozenset(
                (operator, u)
                for relation in given
                for part in subterms(relation)
                if isinstance(part, Inner)
                for u, image in ((part.left, part.right), (part.right, part.left))
                if isinstance(image, Apply)
                for operator in (image.operator,)
                if image.argument == u
            ),
        )

    def ordered(self, kind: type | tuple[type, ...]) -> list:
        """The symbols of a class, by name: draws must not depend on the order of a set."""
        return sorted(
            (s for s in self.symbols if isinstance(s, kind)),
            key=lambda s: (type(s).__name__, s.name, str(s.sort)),
        )

    @property
    def has_unions(self) -> bool:
        """Whether a union of spaces occurs, whose components have the values."""
        return any(space.union for space in self.spaces)

    @property
    def ordered_spaces(self) -> list[Space]:
        """The spaces, by name."""
        return sorted(self.spaces, key=lambda space: space.name)


def _without_slack(relation: Relation) -> tuple[Term, ...]:
    """The kernel M, and the remainder R if there is one, of a hypothesis that their slack is <= 0."""
    match relation:
        case Relation("le", MonotonicitySlack((kernel,)), Rational(bound)) if bound == 0:
            return (kernel,)
        case Relation("le", VariationSlack(kernel, functional), Rational(bound)) if bound == 0:
            return (kernel, functional)
    return ()
