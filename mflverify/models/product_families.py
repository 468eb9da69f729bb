"""Families of instances on products of circles and lines: rational data, exact and ball arithmetic.

Equilibria come from a short list, so that their Poincaré constants and moments, which cost most, are
computed once; states, kernels and parameters are drawn small, with few modes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np
from attrs import evolve, frozen

from mflverify.expr.sorts import Space
from mflverify.expr.terms import (
    Direction,
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    Point,
    Quantity,
    RemainderSymbol,
    VectorSymbol,
)
from mflverify.models.basis import BasisFunction, Expansion, wave_of
from mflverify.models.bounds import System, analyse
from mflverify.models.filling import filled
from mflverify.models.instance_data import Choice, InstanceData, Place
from mflverify.models.instance_reading import Coefficients
from mflverify.models.interpretation import HypothesisError, interpret
from mflverify.models.kernel_data import General, Kernel, TranslationInvariant, gaussian_kernel
from mflverify.models.product_batch import ProductBatch
from mflverify.models.product_draw import ProductDraw
from mflverify.models.product_source import lower_bound
from mflverify.models.request import UNIONS, Request, Unavailable
from mflverify.models.spaces import SpaceData, double_well, gaussian, line, product, torus
from mflverify.models.torus_batch import Raw

HALVINGS = 24
TERMS = 3

TORUS_2 = (
    torus(2, {"cos x1": Fraction(1, 2), "sin(x1 - x2)": Fraction(1, 3)}),
    torus(2, {"cos x1": 1, "cos x2": Fraction(-1, 2)}),
    torus(2, {"cos(x1 + x2)": Fraction(1, 2)}),
    torus(2),
)
TORUS_3 = (
    torus(3, {"cos x1": Fraction(1, 2), "sin x3": Fraction(1, 2)}),
    torus(3, {"cos(x1 - x2)": Fraction(1, 2), "cos x3": 1}),
    torus(3),
)
DOUBLE_WELL = (
    double_well(1),
    double_well(2),
    line((0, Fraction(1, 4), Fraction(-1, 2), 0, Fraction(1, 4))),
    double_well(1, Fraction(1, 2)),
)
MIXED = (
    product(torus(1, {"cos x": Fraction(1, 2)}), gaussian()),
    product(double_well(1), gaussian(2)),
    torus(1, {"cos x": 1, "sin 2x": Fraction(1, 3)}),
    gaussian(Fraction(1, 2)),
    torus(2, {"cos(x1 - x2)": Fraction(1, 2)}),
    double_well(1),
)
CYLINDER = (
    product(torus(1, {"cos x": Fraction(1, 2)}), gaussian()),
    product(torus(1, {"cos x": 1, "sin 2x": Fraction(1, 3)}), double_well(1)),
    product(torus(1), gaussian(2)),
)
GAUSSIAN_LINES = (gaussian(), gaussian(2), gaussian(Fraction(1, 2), 1))
GAUSSIAN_PLANES = (product(gaussian(), gaussian()), product(gaussian(2), gaussian(2)))


@frozen
class ProductFamily:
    """Spaces drawn from a list, each space of a request for itself.

    choices: of the same axes in families with float batches.
    rational_choices: the list in rational arithmetic; empty: `choices`, made uniform.
    has_gaussian_kernels: whether kernels are Gaussians of the distance.

    Draws are lazy: an instance that violates the hypotheses on the size of its state has its states
    halved until it does not.
    """

    name: str
    choices: tuple[SpaceData, ...]
    arithmetics: frozenset[str] = frozenset({"exact", "ball"})
    rational_choices: tuple[SpaceData, ...] = ()
    has_gaussian_kernels: bool = False

    def supports(self, request: Request) -> str | None:
        """None, or why the request cannot be met."""
        if request.has_unions:
            return UNIONS
        if request.ordered(Quantity):
            return "quantities of an abstract flow are not functions on a space"
        drawn = (*self.choices, *self.rational_choices)
        if request.ordered(RemainderSymbol) and any(data.dimension > 1 for data in drawn):
            # suprema of gradients in two variables cost seconds, and a draw asks for many
            return "functionals with a third variation are drawn in one variable only"
        if request.ordered(RemainderSymbol) and analyse(request).state:
            return "beside a functional, hypotheses on the size of the state are met on tori only"
        if self.has_gaussian_kernels and not request.ordered(KernelSymbol):
            return "no kernel occurs"
        return None if request.spaces else "no space occurs"

    def draw(self, request: Request, rng: np.random.Generator, size: int) -> ProductBatch:
        """`size` different instances, fewer when few draws meet the hypotheses (see `filled`).

        Raises ValueError when none does, and for families without float batches; Unavailable for
        functionals with a third variation.
        """
        if "float" not in self.arithmetics:
            raise ValueError(f"the {self.name} family has no float batches")
        if request.ordered(RemainderSymbol):
            raise Unavailable("float batches with functionals exist on circles only")

        def make(request: Request, raw: Raw) -> ProductBatch:
            return ProductBatch(request, raw, self.choices)

        return filled(make, ProductBatch.joined, ProductDraw(self.choices), request, rng, size)

    def draw_data(
        self, request: Request, rng: np.random.Generator, size: int, *, rational: bool = False
    ) -> Iterator[InstanceData]:
        """`size` instances as rationals; with uniform or Gaussian equilibria when `rational`."""
        system = analyse(request)
        for _ in range(size):
            yield self._admissible(
                self._one(request, system, rng, rational), request, system, rational
            )

    def _one(
        self, request: Request, system: System, rng: np.random.Generator, rational: bool
    ) -> InstanceData:
        spaces: dict[str, SpaceData] = {}
        for space in request.ordered_spaces:
            choices = (rational and self.rational_choices) or self.choices
            chosen = choices[int(rng.integers(len(choices)))]
            as_it_is = not rational or self.rational_choices
            spaces[space.name] = chosen if as_it_is else chosen.uniform()
        return InstanceData(
            family="spaces",
            spaces=spaces,
            functions={
                f.name: _state(spaces[f.space.name], f, rng)
                for f in request.ordered(FunctionSymbol)
            },
            constants={
                f.name: _small(rng) for f in request.ordered(FunctionSymbol) if f.kind == "function"
            },
            kernels={
                k.name: _gaussian(k, spaces[k.target.name], request, rng)
                if self.has_gaussian_kernels
                else _kernel(k, spaces[k.target.name], spaces[k.source.name], rng)
                for k in request.ordered(KernelSymbol)
            },
            remainders={
                r.name: _remainder(r, spaces, rng) for r in request.ordered(RemainderSymbol)
            },
            fields={
                v.name: _field(spaces[v.space.name], rng) for v in request.ordered(VectorSymbol)
            },
            points={
                p.name: tuple(
                    Fraction(int(rng.integers(0, 4)), 4) for _ in spaces[p.space.name].axes
                )
                for p in request.ordered(Point)
            },
            directions={
                d.name: _direction(spaces[d.space.name].dimension, rng)
                for d in request.ordered(Direction)
            },
            parameters={p.name: _choice(p, system, rng) for p in request.ordered(Parameter)},
        )

    def _admissible(
        self, data: InstanceData, request: Request, system: System, rational: bool
    ) -> InstanceData:
        """States halved until the hypotheses hold; the instance itself when they never do."""
        if not system.state or not data.functions:
            return data
        small = data
        for _ in range(HALVINGS):
            try:
                interpret(small, request, "exact" if rational else "ball")
            except HypothesisError:
                half = {name: _times(phi, Fraction(1, 2)) for name, phi in small.functions.items()}
                small = evolve(small, functions=half)
            except (ValueError, Unavailable):
                return small  # not for the size of the state
            else:
                return small
        return data


SAMPLED = frozenset({"exact", "ball", "float"})

TORUS_2_FAMILY = ProductFamily("torus-2", TORUS_2, SAMPLED)
TORUS_3_FAMILY = ProductFamily("torus-3", TORUS_3)
DOUBLE_WELL_FAMILY = ProductFamily("double-well", DOUBLE_WELL, SAMPLED)
CYLINDER_FAMILY = ProductFamily("cylinder", CYLINDER, SAMPLED)
MIXED_FAMILY = ProductFamily("mixed", MIXED)
# in the plane the action of a Gaussian kernel is rational: its square roots come in pairs
GAUSSIAN_KERNEL_FAMILY = ProductFamily(
    "gaussian-kernel",
    GAUSSIAN_LINES,
    rational_choices=GAUSSIAN_PLANES,
    has_gaussian_kernels=True,
)


def _times(phi: object, factor: Fraction) -> Expansion:
    assert isinstance(phi, Expansion)
    return phi * factor


def _small(rng: np.random.Generator) -> Fraction:
    return Fraction(int(rng.choice([-3, -2, -1, 1, 2, 3])), int(rng.integers(1, 4)))


def _wave(
    data: SpaceData, rng: np.random.Generator, largest: int, axes: Sequence[int]
) -> BasisFunction:
    """cos or sin(k.x) with small frequencies on some of the axes."""
    while True:
        frequency = [0] * data.dimension
        for i in axes:
            frequency[i] = int(rng.integers(-largest, largest + 1))
        if any(frequency):
            wave = "cos" if rng.random() < 0.5 else "sin"
            return wave_of((0,) * data.dimension, frequency, wave)[0]


def _power(data: SpaceData, axis: int, n: int) -> BasisFunction:
    zero = (0,) * data.dimension
    return BasisFunction((*zero[:axis], n, *zero[axis + 1 :]), zero)


def _state(data: SpaceData, f: FunctionSymbol, rng: np.random.Generator) -> Expansion:
    """phi with 1 + L phi >= 0 for perturbations: on lines even powers lead, with a positive factor."""
    terms: list[tuple[BasisFunction, Fraction]] = []
    if data.circles:
        terms += [(_wave(data, rng, 2, data.circles), _small(rng)) for _ in range(TERMS)]
    for axis in data.lines:
        terms.append((_power(data, axis, 2), abs(_small(rng))))
        terms.append((_power(data, axis, 1), _small(rng)))
    phi = Expansion(data.dimension, terms)
    if f.kind != "perturbation":
        return phi
    low = lower_bound(data, phi)
    if low < -1:
        # 1 + f reaches down to zero, or stays a little above
        size = Fraction(int(low.p), int(low.q))
        factor = Fraction(-1) / size
        phi = phi * (Fraction(int(factor * 256), 256) or factor)
    return phi


def _kernel(
    kernel: KernelSymbol, target: SpaceData, source: SpaceData, rng: np.random.Generator
) -> Kernel:
    """Few terms with bounded mixed derivatives: waves, and bilinear between lines."""
    if target.axes == source.axes and not target.lines and rng.random() < 0.5:
        difference: list[tuple[BasisFunction, Fraction]] = []
        for _ in range(2):
            basis = _wave(target, rng, 1, target.circles)
            if kernel.symmetric:
                basis = evolve(basis, wave="cos")
            difference.append((basis, _small(rng)))
        return TranslationInvariant(Expansion(target.dimension, difference))
    entries = [(_factor(target, rng), _factor(source, rng), _small(rng))]
    if target.circles or source.circles:
        entries += [(_factor(target, rng), _factor(source, rng), _small(rng)) for _ in range(2)]
    else:
        # functions of one variable change M f by a constant, or by nothing, and not its gradient
        entries.append((_power(target, 0, 2), _power(source, 0, 0), _small(rng)))
        entries.append((_power(target, 0, 0), _power(source, 0, 3), _small(rng)))
    if kernel.symmetric:
        entries = [(a, b, c / 2) for a, b, c in entries] + [(b, a, c / 2) for a, b, c in entries]
    return General((target.dimension, source.dimension), tuple(entries))


def _gaussian(
    kernel: KernelSymbol, target: SpaceData, request: Request, rng: np.random.Generator
) -> Kernel:
    """Of both signs, unless a hypothesis makes it positive semidefinite."""
    variance = Fraction(int(rng.integers(1, 5)), int(rng.integers(1, 3)))
    amplitude = _small(rng)
    return gaussian_kernel(
        target.dimension, variance, abs(amplitude) if kernel in request.convex else amplitude
    )


def _remainder(
    functional: RemainderSymbol, spaces: dict[str, SpaceData], rng: np.random.Generator
) -> tuple[Coefficients | Expansion, ...]:
    """A strength, and sums of waves, which are bounded on lines too."""

    def waves(space: Space) -> Expansion:
        data = spaces[space.name]
        terms = [(_wave(data, rng, 2, range(data.dimension)), _small(rng)) for _ in range(2)]
        return Expansion(data.dimension, terms)

    out = waves(functional.target)
    if functional.sources == (functional.target,):  # one functional: symmetric
        return (_small(rng),), out, out
    return (_small(rng),), out, *(waves(space) for space in functional.sources)


def _factor(data: SpaceData, rng: np.random.Generator) -> BasisFunction:
    if data.lines and (not data.circles or rng.random() < 0.5):
        axis = data.lines[int(rng.integers(len(data.lines)))]
        return _power(data, axis, 1)
    return _wave(data, rng, 1, data.circles)


def _field(data: SpaceData, rng: np.random.Generator) -> tuple[Expansion, ...]:
    components = []
    for _ in data.axes:
        terms = [(_factor(data, rng), _small(rng)) for _ in range(2)]
        components.append(Expansion(data.dimension, terms))
    return tuple(components)


def _direction(dimension: int, rng: np.random.Generator) -> Place:
    """A rational unit vector."""
    signs = [Fraction(int(rng.choice([-1, 1]))) for _ in range(dimension)]
    if dimension == 1:
        return (signs[0],)
    sizes = [(3, 4), (5, 12), (1, 0)][int(rng.integers(3))]
    length = {(3, 4): 5, (5, 12): 13, (1, 0): 1}[sizes]
    parts = [Fraction(n, length) * s for n, s in zip(sizes, signs, strict=False)]
    return (*parts, *[Fraction(0)] * (dimension - 2))


def _choice(p: Parameter, system: System, rng: np.random.Generator) -> Choice:
    bounds = system.bounds[p]
    amount = Fraction(int(rng.integers(1, 8)), 8)
    if bounds.has_tight and rng.random() < 0.75:
        return Choice("tight")
    return Choice("between" if bounds.lower or bounds.upper else "value", amount)
