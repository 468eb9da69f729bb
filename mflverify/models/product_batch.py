"""Batches of float64 instances on products of circles and lines.

Instances of a batch live on spaces from a short list with the same axes, so that the free numbers of all have the
same shapes; those with the same equilibria are evaluated together.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product as cartesian
from typing import Any

import numpy as np
from attrs import define, evolve, field, frozen

from mflverify.expr.sorts import SCALAR, Space
from mflverify.expr.terms import (
    Direction,
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    Point,
    Term,
    VectorSymbol,
    subterms,
)
from mflverify.models.basis import BasisFunction, Expansion
from mflverify.models.batch_solving import (
    Solution,
    largest_states,
    perturbed,
    require_some,
    solve_parameter,
)
from mflverify.models.bounds import System, analyse, is_static, start_of
from mflverify.models.crossing import holds
from mflverify.models.evaluation import Evaluator
from mflverify.models.float_torus import Array, Index, Mask
from mflverify.models.instance_data import InstanceData
from mflverify.models.kernel_data import General
from mflverify.models.product_backend import ProductBackend, Vector
from mflverify.models.product_draw import kernel_basis, state_basis
from mflverify.models.product_functions import Field, Function
from mflverify.models.product_source import lower_bound
from mflverify.models.product_space import ProductSpace
from mflverify.models.product_suprema import float_minimum
from mflverify.models.request import Request, Unavailable
from mflverify.models.rings import Floats
from mflverify.models.spaces import SpaceData
from mflverify.models.torus_batch import Raw, choice_of, rounded


@define
class _Part:
    """The instances of a batch on the same equilibria, solved."""

    index: Index
    evaluator: Evaluator
    solution: Solution
    potentials_of_states: dict[FunctionSymbol, Array]


@define(repr=False)
class ProductBatch:
    """A batch with everything solved; the interface of a batch.

    known: its solution, when it was taken from solved batches.
    raw: kinds as in `Raw`; `function` and `kernel` in the bases of this module, `field` (batch, axes,
    basis), `point` and `direction` (batch, axes), `place` an index into choices.
    """

    request: Request
    raw: Raw
    choices: tuple[SpaceData, ...]
    known: Solution | None = None
    parts: list[_Part] = field(init=False)
    solution: Solution = field(init=False)
    _system: System = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._system = analyse(self.request)
        names = [space.name for space in self.request.ordered_spaces]
        places = np.stack([self.raw.arrays["place", name] for name in names], axis=1)
        kinds, which = np.unique(places.astype(int), axis=0, return_inverse=True)
        self.parts = []
        for n, kind in enumerate(kinds.tolist()):
            index = np.flatnonzero(which.ravel() == n)
            spaces = {
                space: self.choices[place]
                for space, place in zip(self.request.ordered_spaces, kind, strict=True)
            }
            known = None if self.known is None else self.known.take(index)
            solver = _Solver(self.request, self._system, self.raw.take(index), spaces, known)
            self.parts.append(solver.solve(index))
        joined = Solution.joined([part.solution for part in self.parts])
        self.solution = joined.take(np.argsort(np.concatenate([p.index for p in self.parts])))
        require_some(self.admissible, self.parts[0].evaluator, self.request)

    def __repr__(self) -> str:
        return f"<{self.size} instances on {' x '.join(self.choices[0].axes)}>"

    @property
    def size(self) -> int:
        """Number of instances."""
        return self.raw.size

    @property
    def admissible(self) -> Mask:
        """Which instances satisfy all hypotheses."""
        return self.solution.admissible

    def evaluate(self, term: Term) -> Array:
        """Values of a scalar, shape (size,)."""
        if term.sort != SCALAR:
            raise Unavailable(f"{term!r} is not a scalar")
        result = np.empty(self.size)
        for part in self.parts:
            result[part.index] = part.evaluator(term)
        return result

    def take(self, index: Index) -> ProductBatch:
        """The named instances."""
        return evolve(self, raw=self.raw.take(index), known=self.solution.take(index))

    @staticmethod
    def joined(parts: list[ProductBatch]) -> ProductBatch:
        """All instances of batches of one request, in order."""
        raw = Raw.joined([part.raw for part in parts])
        return evolve(parts[0], raw=raw, known=Solution.joined([part.solution for part in parts]))

    def perturb(self, rng: np.random.Generator, scale: float) -> ProductBatch:
        """Admissible children of the instances, see `perturbed`."""
        return perturbed(self, rng, scale)

    def with_raw(self, raw: Raw) -> ProductBatch:
        """Other free numbers of the same request."""
        return evolve(self, raw=raw, known=None)

    def kept(self) -> ProductBatch:
        """The admissible instances alone."""
        return self.take(np.flatnonzero(self.admissible))

    def data(self, index: int, max_denominator: int = 64) -> InstanceData:
        """One instance in rationals, its coefficients rounded to `max_denominator` parts."""
        raw, parts = self.raw.arrays, max_denominator
        part = next(p for p in self.parts if index in p.index)
        place = int(np.flatnonzero(part.index == index)[0])
        spaces = {
            s: self.choices[int(raw["place", s.name][index])] for s in self.request.ordered_spaces
        }

        def factors(space: Space) -> list[BasisFunction]:
            return kernel_basis(spaces[space])

        return InstanceData(
            family="spaces",
            spaces={s.name: data for s, data in spaces.items()},
            functions={
                f.name: self._rounded_state(f, spaces[f.space], values[place], parts)
                for f, values in part.potentials_of_states.items()
            },
            constants={
                f.name: rounded(raw["constant", f.name][index : index + 1], parts)[0]
                for f in part.potentials_of_states
                if ("constant", f.name) in raw
            },
            kernels={
                k.name: _general(
                    raw["kernel", k.name][index], factors(k.target), factors(k.source), parts
                )
                for k in self.request.ordered(KernelSymbol)
            },
            fields={
                v.name: tuple(
                    _expansion(spaces[v.space], factors(v.space), row, parts)
                    for row in raw["field", v.name][index]
                )
                for v in self.request.ordered(VectorSymbol)
            },
            points={
                p.name: tuple(
                    Fraction(float(x)).limit_denominator(64) for x in raw["point", p.name][index]
                )
                for p in self.request.ordered(Point)
            },
            directions={
                d.name: tuple(
                    Fraction(float(x)).limit_denominator(13)
                    for x in raw["direction", d.name][index]
                )
                for d in self.request.ordered(Direction)
            },
            parameters={
                p.name: choice_of(
                    p, self._system, self.raw.take(part.index), part.evaluator, place, parts
                )
                for p in self.request.ordered(Parameter)
            },
        )

    def _rounded_state(
        self, f: FunctionSymbol, data: SpaceData, values: Array, parts: int
    ) -> Expansion:
        """phi in rationals, with room for the constraints, shrunk until 1 + L phi >= 0 for certain."""
        phi = _expansion(data, state_basis(data), values, 16 * parts)
        if self._system.state:
            phi = phi * Fraction(15, 16)
        if f.kind == "perturbation":
            low = lower_bound(data, phi)
            if low < -1:
                size = Fraction(int(low.p), int(low.q))
                phi = phi * Fraction(int(-(2**20) / size), 2**20)
        return phi


def _expansion(
    data: SpaceData, basis: Sequence[BasisFunction], values: Array, parts: int
) -> Expansion:
    return Expansion(data.dimension, zip(basis, rounded(values, parts), strict=False))


def _general(
    values: Array, first: list[BasisFunction], second: list[BasisFunction], parts: int
) -> General:
    flat = rounded(values.ravel(), parts)
    pairs = cartesian(first, second)
    entries = tuple((a, b, c) for (a, b), c in zip(pairs, flat, strict=False) if c)
    return General((first[0].dimension, second[0].dimension), entries)


@frozen
class _Solver:
    """Symbols, parameters and states of instances on the same equilibria."""

    request: Request
    system: System
    raw: Raw
    data: dict[Space, SpaceData]
    known: Solution | None

    def solve(self, index: Index) -> _Part:
        """All of them solved.  index: their places in the batch."""
        ring = Floats(self.raw.size)
        spaces = {s: ProductSpace(data, ring) for s, data in self.data.items()}
        bases = {s: tuple(kernel_basis(data)) for s, data in self.data.items()}
        backend = ProductBackend(ring, spaces, bases)
        arrays = self.raw.arrays
        values: dict[Term, Any] = {}
        for kernel in self.request.ordered(KernelSymbol):
            values[kernel] = (kernel, arrays["kernel", kernel.name])
        for phi in self.request.ordered(VectorSymbol):
            rows = np.moveaxis(arrays["field", phi.name], 1, 0)
            basis = bases[phi.space]
            values[phi] = Field(tuple(_function(spaces[phi.space], basis, row) for row in rows))
        for point in self.request.ordered(Point):
            values[point] = tuple(arrays["point", point.name].T)
        for direction in self.request.ordered(Direction):
            values[direction] = Vector(tuple(arrays["direction", direction.name].T))
        evaluator = Evaluator(backend, values, step=Fraction(1, 8))
        admissible = np.ones(ring.size, dtype=bool)
        numbers: dict[Term, Array] = {}
        for p in self.system.order:
            if self.known is None:
                tight, amount = arrays["tight", p.name] > 0.5, arrays["amount", p.name]
                bounds = self.system.bounds[p]
                numbers[p], good = solve_parameter(p, bounds, tight, amount, evaluator)
                admissible &= good
            else:
                numbers[p] = self.known.numbers[p]
            values[p] = numbers[p]
            evaluator = evolve(evaluator, symbols=values)
        units = {
            f: self._unit_state(f, spaces[f.space]) for f in self.request.ordered(FunctionSymbol)
        }

        state = tuple(start_of(relation) for relation in self.system.state)
        # a spectral gap does not depend on the state: it is computed once
        fixed: dict[Term, Any] = {
            part: evaluator(part)
            for relation in state
            for part in subterms(relation)
            if isinstance(part, Term) and part.sort == SCALAR and is_static(part)
        }

        def at(factor: Array) -> Evaluator:
            moved: dict[Term, Any] = {}
            for f, (u, _) in units.items():
                moved[f] = u.scaled(factor)
                if ("constant", f.name) in arrays:
                    one = spaces[f.space].one().scaled(arrays["constant", f.name])
                    moved[f] = moved[f].plus(one)
            return evolve(evaluator, symbols={**values, **fixed, **moved})

        if self.known is None:
            factor, good = largest_states(at, state if units else (), arrays["edge", "state"])
            admissible &= good
            solved = at(factor)
            if state:
                admissible &= holds(solved, state)
        else:
            factor, admissible = self.known.factor, self.known.admissible
            solved = at(factor)
        potentials: dict[FunctionSymbol, Array] = {
            f: factor[:, None] * phi for f, (_, phi) in units.items()
        }
        return _Part(index, solved, Solution(factor, numbers, admissible), potentials)

    def _unit_state(self, f: FunctionSymbol, space: ProductSpace) -> tuple[Function, Array]:
        """L phi at its drawn amplitude, and the coefficients of phi."""
        basis = state_basis(space.data)
        coefficients = self.raw.arrays["function", f.name].copy()
        for i, b in enumerate(basis):
            if max(b.powers) == 2:  # L phi stays bounded from below
                coefficients[:, i] = np.abs(coefficients[:, i]) + 0.1
        phi = _function(space, basis, coefficients)
        value = space.grad_adjoint(space.grad(phi))
        share = self.raw.arrays["share", f.name]
        if f.kind == "perturbation":
            # a hair below the admissible maximum, so that rounding to rationals keeps 1 + f >= 0
            factor = 0.99 * share / np.maximum(-float_minimum(space, value), 1e-12)
        else:
            factor = 3 * share / np.maximum(np.abs(coefficients).sum(axis=1), 1e-12)
        return value.scaled(factor), factor[:, None] * coefficients


def _function(space: ProductSpace, basis: Sequence[BasisFunction], values: Array) -> Function:
    """values: (batch, basis)."""
    return space.function_of(
        (b, column) for b, column in zip(basis, values.T, strict=True) if np.any(column)
    )
