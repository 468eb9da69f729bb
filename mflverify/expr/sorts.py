"""Sorts of the expression language: what kind of object a term denotes, and on which space.

A space carries a probability measure, the equilibrium; all inner products are taken in it
(statements.md, section 0).  Two spaces are the same when they are called and made alike.
"""

from __future__ import annotations

from attrs import frozen


class SortError(TypeError):
    """An expression that means nothing: wrong space, wrong kind, or not mean-zero."""


@frozen
class Space:
    """A flat space with a probability measure `equilibrium`, e.g. a torus or the line.

    name: printed name of the space, such as `X`.
    union: the disjoint union of n such spaces, for any n >= 1, each with its own equilibrium.
    Integrals are sums over the components, so the total mass is n; mean-zero is mean-zero on every
    component; grad, grad*, L and L^-1 act in each component, kernels between all of them.
    """

    name: str
    union: bool = False

    def __str__(self) -> str:
        return self.name


@frozen
class ScalarSort:
    """A real number."""

    def __str__(self) -> str:
        return "a scalar"


@frozen
class FunctionSort:
    """A real function on `space`, an element of L2(equilibrium)."""

    space: Space

    def __str__(self) -> str:
        return f"a function on {self.space}"


@frozen
class VectorSort:
    """A vector field on `space`."""

    space: Space

    def __str__(self) -> str:
        return f"a vector field on {self.space}"


@frozen
class OperatorSort:
    """An integral operator taking functions on `source` to functions on `target`."""

    source: Space
    target: Space

    def __str__(self) -> str:
        return f"an operator from {self.source} to {self.target}"


@frozen
class FunctionalSort:
    """A map from one function on each of `sources` to functions on `target`, not linear."""

    sources: tuple[Space, ...]
    target: Space

    def __str__(self) -> str:
        names = ", ".join(str(space) for space in self.sources)
        return f"a functional of functions on {names} with values on {self.target}"


@frozen
class PointSort:
    """A point of `space`."""

    space: Space

    def __str__(self) -> str:
        return f"a point of {self.space}"


@frozen
class DirectionSort:
    """A unit tangent vector of `space`."""

    space: Space

    def __str__(self) -> str:
        return f"a unit vector on {self.space}"


Sort = (
    ScalarSort
    | FunctionSort
    | VectorSort
    | OperatorSort
    | FunctionalSort
    | PointSort
    | DirectionSort
)

SCALAR = ScalarSort()
