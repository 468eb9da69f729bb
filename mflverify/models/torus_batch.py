"""Drawing batches on tori: potentials, densities, kernels, parameters, admissible states."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from attrs import define, evolve, field, frozen

from mflverify.expr.sorts import SCALAR
from mflverify.expr.terms import (
    Direction,
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    Point,
    RemainderSymbol,
    Term,
    VectorSymbol,
    subterms,
)
from mflverify.models.batch_solving import (
    Solution,
    largest_states,
    perturbed,
    require_some,
    solve_parameter,
)
from mflverify.models.bounds import (
    System,
    analyse,
    is_static,
    start_of,
)
from mflverify.models.crossing import holds
from mflverify.models.evaluation import Evaluator
from mflverify.models.float_torus import (
    GRID,
    Array,
    FloatTorus,
    Index,
    Mask,
    differentiate,
    grid,
    positive_density,
    trig_basis,
)
from mflverify.models.instance_data import Choice, InstanceData
from mflverify.models.request import Request, Unavailable

POTENTIAL_MODES, STATE_MODES, KERNEL_MODES = 2, 4, 5


@frozen
class Raw:
    """The free numbers of a batch, before anything is solved; first axis: instances.

    arrays: by (kind, name).  Kinds: `potential`, `function`, `constant`, `kernel`, `moments`, `strength`, `field`,
    `point`, `direction`, `tight` (is the parameter at its bound), `amount` (its free number),
    `share` (how much of the admissible amplitude), `edge` (how much of the constraint).
    """

    arrays: dict[tuple[str, str], Array]

    @property
    def size(self) -> int:
        return len(next(iter(self.arrays.values())))

    def take(self, index: Index) -> Raw:
        return Raw({key: value[index] for key, value in self.arrays.items()})

    @staticmethod
    def joined(parts: list[Raw]) -> Raw:
        """All instances of batches of one request, in order."""
        return Raw({key: np.concatenate([p.arrays[key] for p in parts]) for key in parts[0].arrays})

    def perturbed(self, rng: np.random.Generator, scale: float) -> Raw:
        """Every number moved a little; amplitudes stay within what is admissible."""
        moved: dict[tuple[str, str], Array] = {}
        for (kind, name), value in self.arrays.items():
            if kind in ("tight", "direction", "place"):
                moved[kind, name] = value
                continue
            noise = rng.normal(size=value.shape)
            spread = np.std(value, axis=0, keepdims=True) if kind != "amount" else 0.3
            new = value + scale * noise * (np.abs(value) + 0.1 * spread)
            if kind in ("share", "edge"):
                new = np.clip(new, 1e-3, 1.0)
            if kind == "amount":
                new = np.clip(new, 0.01, 0.99)
            moved[kind, name] = new
        return Raw(moved)


def draw_raw(request: Request, rng: np.random.Generator, size: int) -> Raw:
    """Free numbers for every symbol of the request."""
    arrays: dict[tuple[str, str], Array] = {}

    def waves(modes: int, decay: float) -> Array:
        index = np.arange(1, 2 * modes + 1)
        scale = ((index + 1) // 2).astype(float) ** -decay
        keep = rng.random((size, 2 * modes)) < 0.7
        values = rng.normal(size=(size, 2 * modes)) * scale * keep
        return np.concatenate([np.zeros((size, 1)), values], axis=1)

    for space in request.ordered_spaces:
        shape = waves(POTENTIAL_MODES, 1.0) * rng.choice([0.0, 0.4, 1.0], size=(size, 1))
        arrays["potential", space.name] = 0 * shape if space in request.uniform else shape
    for kernel in request.ordered(KernelSymbol):
        matrix = _draw_kernel(kernel, rng, size)
        arrays["kernel", kernel.name] = _squared(matrix) if kernel in request.convex else matrix
    kernels = request.ordered(KernelSymbol)
    for f in request.ordered(FunctionSymbol):
        phi = waves(STATE_MODES, 2.0)
        aligned = [k for k in kernels if f.space in (k.source, k.target)]
        if aligned:
            k = aligned[0]
            matrix = arrays["kernel", k.name]
            matrix = matrix if f.space == k.source else np.swapaxes(matrix, 1, 2)
            row = np.einsum("bi,bij->bj", rng.normal(size=matrix.shape[:2]), matrix)
            row = row[:, : phi.shape[1]]
            chosen = rng.random(size) < 0.3
            phi[chosen, 1 : row.shape[1]] = row[chosen, 1:]
        for kernel in (k for k in kernels if (k, f) in request.forms and k not in request.convex):
            chosen = rng.random(size) < 0.7
            phi[chosen] = _lowest_state(arrays["kernel", kernel.name][chosen], phi[chosen])
        flat = np.abs(phi).sum(axis=1) < 1e-3
        phi[flat, 1] = 1.0
        arrays["function", f.name] = phi
        arrays["share", f.name] = rng.choice([1.0, 0.0], size=size) * rng.uniform(0.8, 1, size)
        low = arrays["share", f.name] == 0
        arrays["share", f.name][low] = 10 ** rng.uniform(-2, 0, low.sum())
        if f.kind == "function":
            arrays["constant", f.name] = rng.normal(size=size)
    for functional in request.ordered(RemainderSymbol):
        count = 1 + len(functional.sources)
        rows = np.stack([waves(POTENTIAL_MODES, 1.0) for _ in range(count)], axis=1)
        rows[np.abs(rows).sum(axis=2) < 1e-3, 1] = 1.0
        arrays["moments", functional.name] = rows
        strength = rng.normal(size=size)
        if functional in request.convex:
            strength = _convex_strength(strength, rows, arrays, request)
        arrays["strength", functional.name] = strength
    for phi_symbol in request.ordered(VectorSymbol):
        arrays["field", phi_symbol.name] = waves(STATE_MODES, 1.0)
        arrays["field", phi_symbol.name][:, 0] = rng.normal(size=size) * (rng.random(size) < 0.5)
    for point in request.ordered(Point):
        arrays["point", point.name] = rng.integers(0, 64, size) / 64
    for direction in request.ordered(Direction):
        arrays["direction", direction.name] = rng.choice([-1.0, 1.0], size=size)
    for parameter in request.ordered(Parameter):
        arrays["tight", parameter.name] = (rng.random(size) < 0.75).astype(float)
        arrays["amount", parameter.name] = rng.uniform(0.02, 0.98, size)
    arrays["edge", "state"] = np.where(rng.random(size) < 0.5, 1.0, rng.uniform(0.05, 1, size))
    return Raw(arrays)


def _draw_kernel(kernel: KernelSymbol, rng: np.random.Generator, size: int) -> Array:
    """A mixture: dense, one mode of a difference, separable with nearly square-wave slopes."""
    count = 2 * KERNEL_MODES + 1
    decay = np.concatenate([[1.0], ((np.arange(1, count) + 1) // 2) ** -2.0])
    dense = rng.normal(size=(size, count, count)) * decay[:, None] * decay[None]
    dense *= rng.random((size, count, count)) < 0.4
    dense[:, 1, 1] += 0.2
    shift = np.zeros((size, count, count))
    mode = rng.integers(1, 3, size)
    strength = rng.normal(size=size) + 0.3
    rows = np.arange(size)
    shift[rows, 2 * mode - 1, 2 * mode - 1] = strength
    shift[rows, 2 * mode, 2 * mode] = strength * rng.choice([-1.0, 1.0], size=size)
    odd = np.arange(1, KERNEL_MODES + 1, 2)
    wave = np.zeros((size, count))
    wave[:, 2 * odd - 1] = (
        1.0 / odd**2 * rng.uniform(0.6, 1.1, (size, len(odd))) * (-1.0) ** (odd // 2)
    )
    partner = np.zeros((size, count))
    partner[:, 1] = 1.0
    partner[:, 3] = 0.3 * rng.normal(size=size)
    separable = wave[:, None, :] * partner[:, :, None]
    kind = rng.integers(0, 3, size)
    matrix = np.where(
        (kind == 0)[:, None, None], dense, np.where((kind == 1)[:, None, None], shift, separable)
    )
    return (matrix + np.swapaxes(matrix, 1, 2)) / 2 if kernel.symmetric else matrix


def _lowest_state(matrix: Array, phi: Array) -> Array:
    """phi with L phi along the lowest eigenvector of a symmetric kernel, where L is -d^2, and a
    tenth of what was drawn."""
    waves = matrix[:, 1:, 1:]
    _, vectors = np.linalg.eigh((waves + np.swapaxes(waves, 1, 2)) / 2)
    modes = (np.arange(1, phi.shape[1]) + 1) // 2
    lowest = vectors[:, : phi.shape[1] - 1, 0] / modes**2
    return np.concatenate([phi[:, :1], lowest + phi[:, 1:] / 10], axis=1)


def _convex_strength(
    strength: Array, rows: Array, arrays: dict[tuple[str, str], Array], request: Request
) -> Array:
    """At most nine tenths of what keeps the convex kernels definite beside c m phi phi."""
    kernels = [k for k in request.ordered(KernelSymbol) if k in request.convex]
    least = [np.linalg.eigvalsh(arrays["kernel", k.name][:, 1:, 1:])[:, 0] for k in kernels]
    phi = rows[:, 0]
    moment, size = 2 * np.abs(phi).sum(axis=1), (phi**2).sum(axis=1)
    return 0.9 * np.tanh(strength) * np.min(least, axis=0) / (moment * size)


def _squared(matrix: Array) -> Array:
    """A^2 beside a small multiple of the identity, in the waves of the symmetric A: definite also
    when rounded.  Constants keep their entries."""
    waves = matrix[:, 1:, 1:]
    square = waves @ waves
    scale = np.abs(square).max(axis=(1, 2), keepdims=True)
    result = matrix.copy()
    result[:, 1:, 1:] = square + 0.1 * scale * np.eye(square.shape[1])
    return result


@define(repr=False)
class TorusBatch:
    """A batch with everything solved: densities, parameters and states of admissible size.

    known: its solution, when it was taken from solved batches.
    """

    request: Request
    raw: Raw
    known: Solution | None = None
    states: dict[FunctionSymbol, Array] = field(factory=dict)
    potentials_of_states: dict[FunctionSymbol, Array] = field(factory=dict)
    evaluator: Evaluator = field(init=False)
    admissible: Mask = field(init=False)
    solution: Solution = field(init=False)
    _system: System = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._system = analyse(self.request)
        self._solve()

    def __repr__(self) -> str:
        return f"<{self.size} instances on tori>"

    @property
    def size(self) -> int:
        """Number of instances."""
        return self.raw.size

    @property
    def backend(self) -> FloatTorus:
        """The arithmetic, with the densities."""
        backend = self.evaluator.backend
        assert isinstance(backend, FloatTorus)
        return backend

    def evaluate(self, term: Term) -> Array:
        """Values of a scalar, shape (size,)."""
        if term.sort != SCALAR:
            raise Unavailable(f"{term!r} is not a scalar")
        return self.evaluator(term)

    # ------------------------------------------------------------------------------- solving

    def _solve(self) -> None:
        raw, size = self.raw.arrays, self.raw.size
        self.admissible = np.ones(size, dtype=bool)
        points = grid()
        potentials = {
            space: raw["potential", space.name]
            @ trig_basis(raw["potential", space.name].shape[1], points)
            for space in self.request.ordered_spaces
        }
        backend = FloatTorus({s: positive_density(u) for s, u in potentials.items()}, size)
        values: dict[Term, object] = {}
        for kernel in self.request.ordered(KernelSymbol):
            values[kernel] = (kernel, raw["kernel", kernel.name])
        for functional in self.request.ordered(RemainderSymbol):
            rows = self._moments(functional)
            out, *forms = np.moveaxis(rows @ trig_basis(rows.shape[2], points), 1, 0)
            values[functional] = (raw["strength", functional.name], out, tuple(forms))
        for phi in self.request.ordered(VectorSymbol):
            coefficients = raw["field", phi.name]
            values[phi] = coefficients @ trig_basis(coefficients.shape[1], points)
        for point in self.request.ordered(Point):
            values[point] = 2 * np.pi * raw["point", point.name]
        for direction in self.request.ordered(Direction):
            values[direction] = raw["direction", direction.name]
        self.evaluator = Evaluator(backend, values, step=Fraction(1, 8))
        for parameter in self._system.order:
            known = None if self.known is None else self.known.numbers[parameter]
            values[parameter] = self._parameter(parameter) if known is None else known
            self.evaluator = evolve(self.evaluator, symbols=values)
        unit: dict[FunctionSymbol, Array] = {}
        for f in self.request.ordered(FunctionSymbol):
            unit[f] = self._unit_state(f, potentials[f.space])
        self._scale_states(unit, values)

    def _moments(self, functional: RemainderSymbol) -> Array:
        """Coefficients of the function and the forms, (batch, 1 + sources, waves)."""
        rows = self.raw.arrays["moments", functional.name]
        # the third variation of one functional is symmetric
        return rows[:, [0, 0]] if functional.sources == (functional.target,) else rows

    def _parameter(self, p: Parameter) -> Array:
        arrays, bounds = self.raw.arrays, self._system.bounds[p]
        tight, amount = arrays["tight", p.name] > 0.5, arrays["amount", p.name]
        value, good = solve_parameter(p, bounds, tight, amount, self.evaluator)
        self.admissible &= good
        return value

    def _unit_state(self, f: FunctionSymbol, potential: Array) -> Array:
        """L phi at its drawn amplitude, with the coefficients of phi kept beside it."""
        coefficients = self.raw.arrays["function", f.name]
        points = grid()
        phi = coefficients @ trig_basis(coefficients.shape[1], points)
        slope = differentiate(phi)
        value = -differentiate(slope) + differentiate(potential) * slope
        share = self.raw.arrays["share", f.name]
        if f.kind == "perturbation":
            # a hair below the admissible maximum, so that rounding to rationals keeps 1 + f >= 0
            factor = 0.99 * share / np.maximum(-value.min(axis=1), 1e-12)
        else:
            factor = 3 * share / np.maximum(np.abs(value).max(axis=1), 1e-12)
        self.potentials_of_states[f] = factor[:, None] * coefficients
        return factor[:, None] * value

    def _scale_states(self, unit: dict[FunctionSymbol, Array], values: dict[Term, object]) -> None:
        """The largest common factor in (0, 1] that meets the constraints, times the drawn edge."""
        constants = {
            f: self.raw.arrays["constant", f.name]
            for f in unit
            if ("constant", f.name) in self.raw.arrays
        }

        state = tuple(start_of(relation) for relation in self._system.state)
        # a spectral gap does not depend on the state: it is computed once
        if self.known is None:
            static = {
                part: np.broadcast_to(self.evaluator(part), self.size)
                for relation in state
                for part in subterms(relation)
                if isinstance(part, Term) and part.sort == SCALAR and is_static(part)
            }
            parameters = {p: np.asarray(values[p]) for p in self._system.order}
            fixed = {**static, **parameters}
        else:
            fixed = self.known.numbers

        def at(factor: Array) -> Evaluator:
            moved = {
                f: factor[:, None] * u + (constants[f][:, None] if f in constants else 0.0)
                for f, u in unit.items()
            }
            return evolve(self.evaluator, symbols={**values, **fixed, **moved})

        if self.known is None:
            factor, good = largest_states(
                at, state if unit else (), self.raw.arrays["edge", "state"]
            )
            self.admissible &= good
        else:
            factor = self.known.factor
        self.evaluator = at(factor)
        if self.known is not None:
            self.admissible = self.known.admissible
        elif state:
            self.admissible &= holds(self.evaluator, state)
        self.solution = Solution(factor, fixed, self.admissible)
        require_some(self.admissible, self.evaluator, self.request)
        self.states = {f: np.asarray(self.evaluator(f)) for f in unit}
        self.potentials_of_states = {
            f: factor[:, None] * self.potentials_of_states[f] for f in unit
        }

    # ------------------------------------------------------------------------------ batches

    def take(self, index: Index) -> TorusBatch:
        """The named instances."""
        return TorusBatch(self.request, self.raw.take(index), self.solution.take(index))

    @staticmethod
    def joined(parts: list[TorusBatch]) -> TorusBatch:
        """All instances of batches of one request, in order."""
        raw = Raw.joined([part.raw for part in parts])
        solution = Solution.joined([part.solution for part in parts])
        return TorusBatch(parts[0].request, raw, solution)

    def perturb(self, rng: np.random.Generator, scale: float) -> TorusBatch:
        """Admissible children of the instances, see `perturbed`."""
        return perturbed(self, rng, scale)

    def with_raw(self, raw: Raw) -> TorusBatch:
        """Other free numbers of the same request."""
        return TorusBatch(self.request, raw)

    def kept(self) -> TorusBatch:
        """The admissible instances alone."""
        return self.take(np.flatnonzero(self.admissible))

    def with_states(self, states: dict[FunctionSymbol, Array]) -> Evaluator:
        """An evaluator of the same batch in other states, values on the grid (size, N)."""
        return evolve(self.evaluator, symbols={**self.evaluator.symbols, **states})

    def _rounded_state(
        self, f: FunctionSymbol, index: int, potential: tuple[Fraction, ...], parts: int
    ) -> tuple[Fraction, ...]:
        """phi in rationals, shrunk until 1 + L phi >= 0 again and with room for the constraints."""
        phi = rounded(self.potentials_of_states[f][index], 16 * parts)
        if self._system.state:
            phi = tuple(c * Fraction(15, 16) for c in phi)
        if f.kind != "perturbation":
            return phi
        fine = grid(4 * GRID)
        slope, bend = (
            np.array([float(c) for c in phi]) @ trig_basis(len(phi), fine, derivative=n)
            for n in (1, 2)
        )
        push = np.array([float(c) for c in potential]) @ trig_basis(
            len(potential), fine, derivative=1
        )
        lowest = float((push * slope - bend).min())
        while lowest < -0.999:
            phi, lowest = tuple(c * Fraction(31, 32) for c in phi), lowest * 31 / 32
        return phi

    def data(self, index: int, max_denominator: int = 64) -> InstanceData:
        """One instance in rationals, its coefficients rounded to `max_denominator` parts."""
        raw = self.raw.arrays

        def vector(kind: str, name: str) -> tuple[Fraction, ...]:
            return rounded(raw[kind, name][index], max_denominator)

        return InstanceData(
            family="torus",
            potentials={s.name: vector("potential", s.name) for s in self.request.ordered_spaces},
            functions={
                f.name: self._rounded_state(
                    f, index, vector("potential", f.space.name), max_denominator
                )
                for f in self.states
            },
            constants={
                f.name: rounded(raw["constant", f.name][index : index + 1], max_denominator)[0]
                for f in self.states
                if ("constant", f.name) in raw
            },
            kernels={
                k.name: _matrix(raw["kernel", k.name][index], max_denominator)
                for k in self.request.ordered(KernelSymbol)
            },
            remainders={
                r.name: (
                    rounded(raw["strength", r.name][index : index + 1], max_denominator),
                    *(rounded(row, max_denominator) for row in self._moments(r)[index]),
                )
                for r in self.request.ordered(RemainderSymbol)
            },
            fields={v.name: vector("field", v.name) for v in self.request.ordered(VectorSymbol)},
            points={
                p.name: Fraction(raw["point", p.name][index]).limit_denominator(64)
                for p in self.request.ordered(Point)
            },
            directions={
                d.name: Fraction(int(raw["direction", d.name][index]))
                for d in self.request.ordered(Direction)
            },
            parameters={
                p.name: choice_of(p, self._system, self.raw, self.evaluator, index, max_denominator)
                for p in self.request.ordered(Parameter)
            },
        )


def choice_of(
    p: Parameter, system: System, raw: Raw, evaluator: Evaluator, index: int, parts: int
) -> Choice:
    """How a parameter of one instance gets its value, for its rational description."""
    bounds = system.bounds[p]
    if bounds.has_tight and raw.arrays["tight", p.name][index] > 0.5:
        return Choice("tight")
    if not bounds.lower and not bounds.upper:
        return Choice("value", rounded(np.asarray(evaluator(p))[index : index + 1], parts)[0])
    amount = Fraction(float(raw.arrays["amount", p.name][index]))
    return Choice("between", amount.limit_denominator(parts))


def rounded(values: Array, parts: int) -> tuple[Fraction, ...]:
    """Rationals near the values: the largest is rounded to `parts` parts of a power of two."""
    largest = float(np.abs(values).max()) if len(values) else 0.0
    if largest == 0.0:
        return tuple(Fraction(0) for _ in values)
    unit = Fraction(2) ** int(np.ceil(np.log2(largest)))
    result = [Fraction(round(float(v) / float(unit) * parts), parts) * unit for v in values]
    while len(result) > 1 and result[-1] == 0:
        result.pop()
    return tuple(result)


def _matrix(values: Array, parts: int) -> tuple[tuple[Fraction, ...], ...]:
    flat = rounded(np.append(values.ravel(), 0.0), parts)
    padded = list(flat) + [Fraction(0)] * (values.size - len(flat))
    rows = [padded[i * values.shape[1] : (i + 1) * values.shape[1]] for i in range(values.shape[0])]
    height = max((i + 1 for i, row in enumerate(rows) if any(row)), default=1)
    width = max((j + 1 for row in rows for j, c in enumerate(row) if c), default=1)
    return tuple(tuple(row[:width]) for row in rows[:height])
