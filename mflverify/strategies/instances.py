"""Strategies for rational data of instances, and for float batches driven by a drawn seed."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from attrs import evolve
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from mflverify.expr.terms import (
    Direction,
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    Point,
    RemainderSymbol,
    VectorSymbol,
)
from mflverify.models import Batch, Choice, Family, InstanceData, Request
from mflverify.models.bounds import analyse
from mflverify.models.instance_reading import Coefficients, Matrix
from mflverify.models.kernel_data import Kernel
from mflverify.models.spaces import SpaceData
from mflverify.models.unions import SIZES, request_on
from mflverify.strategies.objects import (
    directions,
    fields,
    interactions,
    payoffs,
    perturbations,
    rationals,
)


def coefficients(modes: int = 3, *, mean: bool = False) -> SearchStrategy[Coefficients]:
    """Coefficients in 1, cos x, sin x, cos 2x, ... up to `modes`; the constant is 0 unless `mean`."""

    def build(values: list[Fraction]) -> Coefficients:
        return tuple(values) if mean else (Fraction(0), *values)

    return st.lists(rationals(), min_size=1, max_size=2 * modes + (1 if mean else 0)).map(build)


@st.composite
def kernels(draw: DrawFn, modes: int = 2, *, symmetric: bool = False) -> Matrix:
    """Coefficient matrices in the basis 1, cos, sin, ... of both variables, rows for the target."""
    size = 2 * draw(st.integers(1, modes)) + 1
    rows = [[draw(rationals()) for _ in range(size)] for _ in range(size)]
    if symmetric:
        rows = [[rows[max(i, j)][min(i, j)] for j in range(size)] for i in range(size)]
    return tuple(tuple(row) for row in rows)


@st.composite
def _choices(draw: DrawFn, request: Request) -> dict[str, Choice]:
    """How each parameter of a request gets its value."""
    system = analyse(request)

    def choice(p: Parameter) -> Choice:
        bounds = system.bounds[p]
        if bounds.has_tight and draw(st.booleans()):
            return Choice("tight")
        amount = Fraction(draw(st.integers(1, 7)), 8)
        return Choice("between" if bounds.lower or bounds.upper else "value", amount)

    return {p.name: choice(p) for p in request.ordered(Parameter)}


@st.composite
def instances_on(
    draw: DrawFn,
    request: Request,
    spaces: SearchStrategy[SpaceData],
    kernel: SearchStrategy[Kernel] | None = None,
) -> InstanceData:
    """Instances of a request with every space drawn from `spaces`, e.g. `equilibria(2)`.

    kernel: of all kernels, e.g. `gaussian_kernels()`; otherwise `payoffs` and `interactions`.

    1 + f >= 0 is proved for perturbations.  Hypotheses on the size of a state are not imposed;
    `interpret` refuses instances that violate them.
    """
    places = {space.name: draw(spaces) for space in request.ordered_spaces}
    return InstanceData(
        family="spaces",
        spaces=places,
        functions={
            f.name: draw(perturbations(places[f.space.name], signed=f.kind != "perturbation"))
            for f in request.ordered(FunctionSymbol)
        },
        constants={
            f.name: draw(rationals())
            for f in request.ordered(FunctionSymbol)
            if f.kind == "function"
        },
        kernels={
            k.name: draw(
                kernel
                if kernel is not None
                else interactions(places[k.target.name])
                if k.symmetric
                else payoffs(places[k.target.name], places[k.source.name])
            )
            for k in request.ordered(KernelSymbol)
        },
        fields={v.name: draw(fields(places[v.space.name])) for v in request.ordered(VectorSymbol)},
        points={
            p.name: tuple(Fraction(draw(st.integers(0, 3)), 4) for _ in places[p.space.name].axes)
            for p in request.ordered(Point)
        },
        directions={
            d.name: draw(directions(places[d.space.name])) for d in request.ordered(Direction)
        },
        parameters=draw(_choices(request)),
    )


@st.composite
def instances(draw: DrawFn, request: Request, *, uniform: bool = False) -> InstanceData:
    """Circle instances of a request, with 1 + f >= 0 guaranteed by the size of the coefficients.

    uniform: only uniform equilibria, so that rational arithmetic is available.  Hypotheses on the
    size of a state are not imposed; `interpret` refuses instances that violate them.  Unions have
    one to five components.
    """
    if request.has_unions:
        n = draw(st.sampled_from(sorted(set(SIZES))))
        return evolve(draw(instances(request_on(request, n), uniform=uniform)), components=n)
    potentials = {
        space.name: () if uniform else tuple(c / 3 for c in draw(coefficients(2)))
        for space in request.ordered_spaces
    }
    return InstanceData(
        family="torus",
        potentials=potentials,
        functions={
            f.name: _admissible(draw(coefficients()), potentials[f.space.name])
            for f in request.ordered(FunctionSymbol)
        },
        constants={
            f.name: draw(rationals())
            for f in request.ordered(FunctionSymbol)
            if f.kind == "function"
        },
        kernels={
            k.name: draw(kernels(symmetric=k.symmetric)) for k in request.ordered(KernelSymbol)
        },
        remainders={r.name: draw(_remainder(r)) for r in request.ordered(RemainderSymbol)},
        fields={v.name: draw(coefficients(mean=True)) for v in request.ordered(VectorSymbol)},
        points={p.name: Fraction(draw(st.integers(0, 15)), 16) for p in request.ordered(Point)},
        directions={
            d.name: Fraction(draw(st.sampled_from([1, -1]))) for d in request.ordered(Direction)
        },
        parameters=draw(_choices(request)),
    )


@st.composite
def _remainder(draw: st.DrawFn, functional: RemainderSymbol) -> tuple[Coefficients, ...]:
    """A strength, a wave and one form on each space; symmetric for one species."""
    out = draw(coefficients(2))
    if functional.sources == (functional.target,):
        forms = [out]
    else:
        forms = [draw(coefficients(2)) for _ in functional.sources]
    return ((draw(rationals()),), out, *forms)


def _admissible(phi: Coefficients, potential: Coefficients) -> Coefficients:
    """phi scaled so that |L phi| <= 1 by the sum of its coefficients' sizes."""

    def size(values: Coefficients, power: int) -> Fraction:
        return sum((abs(c) * ((i + 1) // 2) ** power for i, c in enumerate(values)), Fraction(0))

    bound = size(phi, 2) + size(potential, 1) * size(phi, 1)
    return tuple(c / bound for c in phi) if bound > 1 else phi


@st.composite
def batches(draw: DrawFn, request: Request, family: Family, size: int) -> Batch:
    """Float batches of a family: Hypothesis draws the seed, the family fills the arrays."""
    seed = draw(st.integers(0, 2**32 - 1))
    return family.draw(request, np.random.default_rng(seed), size)
