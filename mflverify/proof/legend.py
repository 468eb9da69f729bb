"""What a reader must be told of the symbols of a statement beside its formulas."""

from __future__ import annotations

from mflverify.expr.substitution import spaces
from mflverify.proof.statement import Statement

_UNION = (
    "{names} is the union of the spaces of n species, for every n ≥ 1: a function f is (f₁, …, fₙ), "
    "inner products and squared norms are sums over the species, an operator M is the matrix of all "
    "Mᵢⱼ"
)


def source_and_legend(statement: Statement) -> str:
    """Where a statement stands in the literature, and what its unions of spaces are."""
    relations = (*statement.given, *(step.claim for step in statement.steps))
    found = {space.name for relation in relations for space in spaces(relation) if space.union}
    legend = [_UNION.format(names=", ".join(sorted(found)))] if found else []
    return ". ".join([part for part in (statement.source, *legend) if part])


__all__ = ["source_and_legend"]
