"""What of the language and of the fact library is true on unions of spaces.

Trusted, like the kernel.  A union is any finite number n >= 1 of components
(`mflverify.expr.sorts.Space`).  What is not listed here is refused there: the total mass is n and
not 1, constants are more than the multiples of 1, and nobody has looked at entropies or values
at points.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType

from mflverify.expr import densities, divergences, hessians, segments, terms, unions
from mflverify.expr.terms import Node, Relation, subterms
from mflverify.expr.unions import mentions_union, touched
from mflverify.proof.statement import Application, Content, Statement
from mflverify.proof.union_facts import UNION_FACTS

# nodes whose meaning on a union is said in the language, or that only hold such nodes
_ON_UNIONS = frozenset(
    {
        terms.Sum, terms.Product, terms.Power, terms.FunctionSymbol, terms.VectorSymbol, terms.One,
        terms.Generator, terms.GeneratorInverse, terms.Gradient, terms.GradientAdjoint,
        terms.Projector, terms.Center, terms.Dot, terms.Apply, terms.Transpose, terms.Remainder,
        terms.Inner, terms.Norm, terms.DualNorm, terms.SupNorm, terms.PoincareConstant,
        terms.MonotonicitySlack, terms.Relation, terms.Flow,
        terms.SpeciesConstant, terms.SpeciesGap,
        densities.LogDensity, divergences.Wasserstein, hessians.Score, hessians.Divergence,
        segments.SegmentSlope,
        unions.ComponentSup, unions.MixedNorm, unions.ThirdNorm, unions.Least, unions.ShiftedSlack,
    }
)  # fmt: skip
# operators and forces: between unions only
_BETWEEN = frozenset({terms.KernelSymbol, terms.RemainderSymbol})

_NUMBERS = "about real numbers, or real functions of time"
_HILBERT = "about a Hilbert space, here the orthogonal sum of those of the components"
_REASONS: Mapping[str, str] = MappingProxyType(
    {
        "cauchy-schwarz": _HILBERT,
        "dual-cauchy-schwarz": _HILBERT,
        "projection": _HILBERT,
        "hoelder": "the square of the supremum over the union goes in front of the sum",
        "poincare": "the constant of the union is the least of those of the components",
        "poincare-dual": "the constant of the union is the least of those of the components",
        "transport-variance": "the sum of those of the components, the constant of each at least that of "
        "the union",
        "transport-dual": "the sum of the squares over the components",
        "log-pairing": "pointwise, the supremum over the union at least that of each component",
        "weighted-divergence": "the sum of the integrals over the components",
        "mean-value": "of one function of s, the sum over the components",
        "at-equilibrium": "definition of the remainder on each component",
        "slack": "definition of the slack, of functions that are mean-zero on every component",
        "finite-cauchy-schwarz": _NUMBERS,
        "matrix-bound": _NUMBERS,
        "exp-decay": _NUMBERS,
        "exp-monotone": _NUMBERS,
        "gronwall": _NUMBERS,
        "barrier": _NUMBERS,
        "bernoulli": _NUMBERS,
        "forced-decay": _NUMBERS,
    }
)


def foreign_node(node: Node) -> bool:
    """Whether a node speaks of a union of spaces in a way that is not defined there."""
    kinds = {space.union for space in touched(node)}
    if type(node) in _BETWEEN:
        return len(kinds) > 1
    return True in kinds and type(node) not in _ON_UNIONS


def holds_on_unions(fact: object) -> bool:
    """Whether a fact of the library is true on every union of spaces."""
    return any(fact is known for known in UNION_FACTS) or getattr(fact, "label", "") in _REASONS


def union_fault(
    relations: Iterable[Relation], applied: Iterable[tuple[Application, Content]]
) -> str | None:
    """What is said of a union of spaces and known of single spaces only, or None."""
    for part in (part for relation in relations for part in _nodes(relation)):
        if foreign_node(part):
            return f"{type(part).__name__} is not defined on unions of spaces: {part!r}"
    for application, content in applied:
        if isinstance(application.source, Statement) or holds_on_unions(application.source):
            continue
        said = (*content.conclusions, *(p.claim for p in content.premises))
        if any(map(mentions_union, said)):
            return f"{application.label} is about single spaces, and a union occurs"
    return None


@lru_cache(maxsize=4096)  # of the same relations again and again
def _nodes(relation: Relation) -> frozenset[Node]:
    return frozenset(subterms(relation))


__all__ = ["foreign_node", "holds_on_unions", "union_fault"]
