"""The families of instances that engines draw from."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Protocol

import numpy as np
from attrs import frozen

from mflverify.expr.terms import (
    Direction,
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    Point,
    Quantity,
    RemainderSymbol,
    Term,
    VectorSymbol,
)
from mflverify.models.bounds import analyse
from mflverify.models.filling import filled
from mflverify.models.float_torus import Array, Index
from mflverify.models.instance_data import Choice, InstanceData
from mflverify.models.product_batch import ProductBatch
from mflverify.models.product_families import (
    CYLINDER_FAMILY,
    DOUBLE_WELL_FAMILY,
    GAUSSIAN_KERNEL_FAMILY,
    TORUS_2_FAMILY,
)
from mflverify.models.request import UNIONS, Request
from mflverify.models.scalar_batch import ScalarBatch
from mflverify.models.scalar_batch import draw_raw as draw_scalars
from mflverify.models.torus_batch import TorusBatch
from mflverify.models.torus_batch import draw_raw as draw_torus
from mflverify.models.unions import UnionFamily


class Batch(Protocol):
    """`size` instances in float64 that satisfy the hypotheses of a request."""

    @property
    def size(self) -> int: ...
    def evaluate(self, term: Term) -> Array: ...
    def data(self, index: int) -> InstanceData: ...
    def take(self, index: Index) -> Batch: ...
    def perturb(self, rng: np.random.Generator, scale: float) -> Batch: ...


class Family(Protocol):
    """A kind of instance.  arithmetics: which of `exact`, `ball` and `float` it has.

    Families without `float` are not searched: they witness that a claim holds beyond the circle.
    """

    @property
    def name(self) -> str: ...
    @property
    def arithmetics(self) -> frozenset[str]: ...
    def supports(self, request: Request) -> str | None: ...
    def draw(self, request: Request, rng: np.random.Generator, size: int) -> Batch: ...
    def draw_data(
        self, request: Request, rng: np.random.Generator, size: int, *, rational: bool = False
    ) -> Iterable[InstanceData]: ...


@frozen
class TorusFamily:
    """One-dimensional tori of period 2 pi, equilibria exp(-U)/Z, trigonometric kernels and states."""

    name: str = "torus"
    arithmetics: frozenset[str] = frozenset({"exact", "ball", "float"})

    def supports(self, request: Request) -> str | None:
        """None, or why the request cannot be met."""
        if request.has_unions:
            return UNIONS
        if request.ordered(Quantity):
            return "quantities of an abstract flow are not functions on a torus"
        return None if request.spaces else "no space occurs"

    def draw(self, request: Request, rng: np.random.Generator, size: int) -> TorusBatch:
        """`size` different instances, fewer when few draws meet the hypotheses (see `filled`).

        Raises ValueError when none does.
        """
        return filled(TorusBatch, TorusBatch.joined, draw_torus, request, rng, size)

    def draw_data(
        self, request: Request, rng: np.random.Generator, size: int, *, rational: bool = False
    ) -> list[InstanceData]:
        """`size` instances as rationals; on uniform equilibria when `rational`."""
        batch = self.draw(request, rng, size)
        drawn = [batch.data(index) for index in range(batch.size)]
        return [data.uniform() for data in drawn] if rational else drawn


@frozen
class ScalarFamily:
    """Constants and quantities of an abstract flow."""

    name: str = "scalars"
    arithmetics: frozenset[str] = frozenset({"exact", "ball", "float"})

    def supports(self, request: Request) -> str | None:
        """None, or why the request cannot be met."""
        if request.spaces or request.ordered((FunctionSymbol, KernelSymbol, VectorSymbol)):
            return "functions on a space are not scalars"
        return None

    def draw(self, request: Request, rng: np.random.Generator, size: int) -> ScalarBatch:
        """`size` different instances, fewer when few draws meet the hypotheses (see `filled`).

        Raises ValueError when none does.
        """
        return filled(ScalarBatch, ScalarBatch.joined, draw_scalars, request, rng, size)

    def draw_data(
        self, request: Request, rng: np.random.Generator, size: int, *, rational: bool = False
    ) -> list[InstanceData]:
        """`size` instances as rationals."""
        batch = self.draw(request, rng, size)
        return [batch.data(index) for index in range(batch.size)]


@frozen
class GaussianFamily:
    """The line with N(0, 1), polynomial kernels and states: rational throughout."""

    name: str = "gaussian"
    arithmetics: frozenset[str] = frozenset({"exact"})

    def supports(self, request: Request) -> str | None:
        """None, or why the request cannot be met."""
        if request.has_unions:
            return UNIONS
        if request.ordered(Quantity) or not request.spaces:
            return "no space with a Gaussian occurs"
        if request.ordered(RemainderSymbol):
            return "remainders are described on circles only"
        if analyse(request).state:
            return "hypotheses on the size of the state are met on the torus only"
        return None

    def draw(self, request: Request, rng: np.random.Generator, size: int) -> Batch:
        """Not available: Gaussian instances are rational."""
        raise ValueError("the Gaussian family has no float batches")

    def draw_data(
        self, request: Request, rng: np.random.Generator, size: int, *, rational: bool = False
    ) -> list[InstanceData]:
        """`size` instances of low degree with small coefficients."""
        return [self._one(request, rng) for _ in range(size)]

    def _one(self, request: Request, rng: np.random.Generator) -> InstanceData:
        def small(count: int) -> tuple[Fraction, ...]:
            return tuple(
                Fraction(int(rng.integers(-3, 4)), int(rng.integers(1, 4))) for _ in range(count)
            )

        def square(kernel: KernelSymbol) -> tuple[tuple[Fraction, ...], ...]:
            # bilinear plus one-variable parts: the mixed derivative is constant, hence bounded
            rows = [list(small(3)) for _ in range(3)]
            rows[1][2] = rows[2][1] = rows[2][2] = Fraction(0)
            if kernel.symmetric:
                rows[1][0], rows[2][0] = rows[0][1], rows[0][2]
            return tuple(tuple(row) for row in rows)

        def positive(count: int) -> tuple[Fraction, ...]:
            values = list(small(count))
            values[0] = values[0] or Fraction(1)
            return tuple(values)

        system = analyse(request)
        return InstanceData(
            family="gaussian",
            functions={f.name: positive(3) for f in request.ordered(FunctionSymbol)},
            kernels={k.name: square(k) for k in request.ordered(KernelSymbol)},
            fields={v.name: small(3) for v in request.ordered(VectorSymbol)},
            points={p.name: small(1)[0] for p in request.ordered(Point)},
            directions={
                d.name: Fraction(int(rng.choice([-1, 1]))) for d in request.ordered(Direction)
            },
            parameters={
                p.name: _choice(
                    system.bounds[p].has_tight,
                    bool(system.bounds[p].lower or system.bounds[p].upper),
                    rng,
                )
                for p in request.ordered(Parameter)
            },
        )


def _choice(has_tight: bool, bounded: bool, rng: np.random.Generator) -> Choice:
    amount = Fraction(int(rng.integers(1, 8)), 8)
    if has_tight and rng.random() < 0.75:
        return Choice("tight")
    return Choice("between" if bounded else "value", amount)


Solved = TorusBatch | ScalarBatch | ProductBatch
"""Batches that can be solved again from other free numbers."""

FAMILIES: tuple[Family, ...] = (
    TorusFamily(),
    GaussianFamily(),
    TORUS_2_FAMILY,
    DOUBLE_WELL_FAMILY,
    GAUSSIAN_KERNEL_FAMILY,
    CYLINDER_FAMILY,
    ScalarFamily(),
    UnionFamily(TorusFamily()),
    UnionFamily(GaussianFamily()),
)
