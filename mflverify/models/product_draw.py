"""Free numbers of float batches on products of circles and lines, and the bases they are for."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product as cartesian

import numpy as np
from attrs import frozen

from mflverify.expr.terms import (
    Direction,
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    Point,
    VectorSymbol,
)
from mflverify.models.basis import BasisFunction, wave_of
from mflverify.models.float_torus import Array
from mflverify.models.request import Request
from mflverify.models.spaces import SpaceData
from mflverify.models.torus_batch import Raw

STATE_MODES = 2
PLACES = 2
UNIT_VECTORS = ((1, 0, 1), (3, 4, 5), (5, 12, 13))


def waves(data: SpaceData, largest: int) -> list[BasisFunction]:
    """cos and sin of the circles with |k|_1 <= largest, the simplest first."""
    zero = (0,) * data.dimension
    found: set[BasisFunction] = set()
    for k in cartesian(range(-largest, largest + 1), repeat=len(data.circles)):
        if 0 < sum(map(abs, k)) <= largest:
            by_axis = dict(zip(data.circles, k, strict=True))
            frequency = [by_axis.get(axis, 0) for axis in range(data.dimension)]
            found |= {wave_of(zero, frequency, w)[0] for w in ("cos", "sin")}
    return sorted(found, key=lambda b: (sum(map(abs, b.frequency)), b.frequency, b.wave))


def powers(data: SpaceData, degrees: Sequence[int]) -> list[BasisFunction]:
    """Powers of each line variable."""
    zero = (0,) * data.dimension
    return [
        BasisFunction((*zero[:axis], n, *zero[axis + 1 :]), zero)
        for axis in data.lines
        for n in degrees
    ]


def state_basis(data: SpaceData) -> list[BasisFunction]:
    """The functions phi of states L phi: on lines even powers lead."""
    return waves(data, STATE_MODES) + powers(data, (1, 2))


def kernel_basis(data: SpaceData) -> list[BasisFunction]:
    """Factors of kernels: bounded slopes."""
    constant = BasisFunction((0,) * data.dimension, (0,) * data.dimension)
    return [constant, *waves(data, 2 if data.dimension == 1 else 1), *powers(data, (1,))]


@frozen
class ProductDraw:
    """Free numbers for every symbol of a request, on spaces from `choices`."""

    choices: tuple[SpaceData, ...]

    def __call__(self, request: Request, rng: np.random.Generator, size: int) -> Raw:
        """Numbers as in `Raw`, and kind `place`: which of the choices each space is."""
        arrays: dict[tuple[str, str], Array] = {}
        data, spaces = self.choices[0], request.ordered_spaces
        # few different equilibria in one batch: each is evaluated for itself
        groups = rng.integers(len(self.choices), size=(PLACES, len(spaces)))
        places = groups[rng.integers(PLACES, size=size)]
        for i, space in enumerate(spaces):
            arrays["place", space.name] = places[:, i].astype(float)
        basis, factors = state_basis(data), kernel_basis(data)
        for kernel in request.ordered(KernelSymbol):
            matrix = _draw_kernel(kernel, factors, rng, size)
            arrays["kernel", kernel.name] = _square(matrix) if kernel in request.convex else matrix
        for f in request.ordered(FunctionSymbol):
            phi = rng.normal(size=(size, len(basis))) * (rng.random((size, len(basis))) < 0.4)
            # a little of everything: sides that vanish up to rounding tell nothing
            phi += 0.02 * rng.normal(size=phi.shape)
            phi /= [1 + sum(map(abs, b.frequency)) ** 2 for b in basis]
            kernels = [k for k in request.ordered(KernelSymbol) if f.space in (k.source, k.target)]
            if kernels:
                chosen = rng.random(size) < 0.3
                matrix = arrays["kernel", kernels[0].name][chosen]
                matrix = matrix if f.space == kernels[0].source else np.swapaxes(matrix, 1, 2)
                phi[chosen] = 0.02 * phi[chosen] + _aligned(matrix, basis, factors, rng)
            arrays["function", f.name] = phi
            full = rng.random(size) < 0.5
            low = 10 ** rng.uniform(-2, 0, size)
            arrays["share", f.name] = np.where(full, rng.uniform(0.8, 1, size), low)
            if f.kind == "function":
                arrays["constant", f.name] = rng.normal(size=size)
        for phi_symbol in request.ordered(VectorSymbol):
            shape = (size, data.dimension, len(factors))
            arrays["field", phi_symbol.name] = rng.normal(size=shape) * (rng.random(shape) < 0.4)
        for point in request.ordered(Point):
            steps = rng.integers(-16, 16, (size, data.dimension))
            arrays["point", point.name] = steps / 16
        for direction in request.ordered(Direction):
            arrays["direction", direction.name] = _unit_vectors(rng, size, data.dimension)
        for parameter in request.ordered(Parameter):
            arrays["tight", parameter.name] = (rng.random(size) < 0.75).astype(float)
            arrays["amount", parameter.name] = rng.uniform(0.02, 0.98, size)
        arrays["edge", "state"] = np.where(rng.random(size) < 0.5, 1.0, rng.uniform(0.05, 1, size))
        return Raw(arrays)


def _draw_kernel(
    kernel: KernelSymbol, factors: list[BasisFunction], rng: np.random.Generator, size: int
) -> Array:
    """A mixture: one frequency in each variable, functions of x - y, a few products."""
    count = len(factors)
    entry = rng.normal(size=(size, count, count)) * (
        rng.random((size, count, count)) < 3 / count**2
    )
    entry[:, 1, 1] += 0.2
    single = np.zeros((size, count, count))
    shift = np.zeros((size, count, count))
    rows = np.arange(size)
    i, j = rng.integers(1, count, (2, size))
    single[rows, i, j] = rng.normal(size=size) + 0.3
    pairs = [
        (a, b)
        for a, first in enumerate(factors)
        for b, second in enumerate(factors)
        if any(first.frequency) and first.frequency == second.frequency and first.wave < second.wave
    ]
    for n, (a, b) in enumerate(pairs):
        chosen = rng.integers(len(pairs), size=size) == n
        strength = rng.normal(size=size) * chosen
        sign = rng.choice([-1.0, 1.0], size=size)
        shift[:, a, a], shift[:, b, b] = strength, sign * strength
    kind = rng.integers(0, 3, size) if pairs else rng.integers(0, 2, size)
    kinds = [(kind == n)[:, None, None] for n in range(2)]
    matrix = np.where(kinds[0], single, np.where(kinds[1], entry, shift))
    return (matrix + np.swapaxes(matrix, 1, 2)) / 2 if kernel.symmetric else matrix


def _aligned(
    matrix: Array,
    basis: list[BasisFunction],
    factors: list[BasisFunction],
    rng: np.random.Generator,
) -> Array:
    """A combination of the functions y -> k(x, y) in the basis of states."""
    row = np.einsum("bi,bij->bj", rng.normal(size=matrix.shape[:2]), matrix)
    phi = np.zeros((len(matrix), len(basis)))
    for i, b in enumerate(basis):
        if b in factors:
            phi[:, i] = row[:, factors.index(b)]
    return phi


def _square(matrix: Array) -> Array:
    """Definite beside constants, also when rounded."""
    inner = matrix[:, 1:, 1:]
    square = inner @ np.swapaxes(inner, 1, 2)
    scale = np.abs(square).max(axis=(1, 2), keepdims=True)
    result = matrix.copy()
    result[:, 1:, 1:] = square + 0.1 * scale * np.eye(square.shape[1])
    return result


def _unit_vectors(rng: np.random.Generator, size: int, dimension: int) -> Array:
    """Rational ones, with at most two components."""
    signs = rng.choice([-1.0, 1.0], size=(size, dimension))
    vectors = np.zeros((size, dimension))
    chosen = rng.integers(len(UNIT_VECTORS), size=size)
    if dimension == 1:
        return signs
    for n, (a, b, c) in enumerate(UNIT_VECTORS):
        vectors[chosen == n, 0], vectors[chosen == n, 1] = a / c, b / c
    return vectors * signs
