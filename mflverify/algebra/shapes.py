"""What the rules ask of a vertex, and the products that integration by parts makes of its items."""

from __future__ import annotations

from fractions import Fraction

from attrs import evolve

from mflverify.algebra.diagram import (
    Item,
    Leg,
    Vertex,
    is_differential,
    is_divergence,
    is_vector,
    item,
)

Combination = list[tuple[Fraction, tuple[Vertex, ...]]]
"""Coefficients times products of trees."""


def is_local(root: Vertex) -> bool:
    """Whether the vertex is integrated and touches no end of L^k, k >= 0."""
    return root.point is None and not any(map(is_differential, root.legs))


def order(root: Vertex) -> int:
    return sum(leg.power for leg in root.legs) + sum(len(value) == 2 for value in root.items)


def is_first_order(root: Vertex) -> bool:
    """Order one, at least three legs, and all of them functions without a divergence."""
    return (
        is_local(root)
        and len(root.legs) > 2
        and order(root) == 1
        and not any(is_vector(leg) or is_divergence(leg) for leg in root.legs)
    )


def is_plain(items: tuple[Item, ...]) -> bool:
    return all(len(value) == 1 for value in items)


def lowered(leg: Leg) -> Leg:
    return evolve(leg, power=0) if leg.power else leg


def places(items: tuple[Item, ...], partner: Leg) -> list[tuple[Item, ...]]:
    """grad(product of single legs) . partner, one product for each leg, in their order."""
    return [(*items[:i], *items[i + 1 :], item(value[0], partner)) for i, value in enumerate(items)]
