"""Batches for lemmas on differential inequalities: constants and quantities of an abstract flow.

Quantities are log-uniform, or at the bound that a hypothesis puts on them; a rate is at the bound
of its differential inequality in half of the draws and below it in the others.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from attrs import define, evolve, field

from mflverify.expr.terms import Parameter, Quantity, Relation, Term, TimeDerivative, subterms
from mflverify.models.batch_solving import perturbed, require_some
from mflverify.models.bounds import System, analyse, numeric_bounds, place_batch, start_of, within
from mflverify.models.crossing import holds, largest_factor, standing
from mflverify.models.evaluation import Evaluator
from mflverify.models.float_torus import Array, FloatTorus, Index, Mask
from mflverify.models.instance_data import Choice, InstanceData
from mflverify.models.request import Request, Unavailable
from mflverify.models.torus_batch import Raw, choice_of

# values at a bound are moved by this much to its safe side, so that rationals satisfy it too
NUDGE = 1e-9


def draw_raw(request: Request, rng: np.random.Generator, size: int) -> Raw:
    """Free numbers for every parameter and quantity."""
    arrays: dict[tuple[str, str], Array] = {}
    for parameter in request.ordered(Parameter):
        arrays["tight", parameter.name] = (rng.random(size) < 0.5).astype(float)
        arrays["amount", parameter.name] = rng.uniform(0.02, 0.98, size)
    for quantity in request.ordered(Quantity):
        arrays["tight", quantity.name] = (rng.random(size) < 0.5).astype(float)
        arrays["amount", quantity.name] = rng.uniform(0.02, 0.98, size)
        arrays["edge", quantity.name] = np.where(
            rng.random(size) < 0.5, 0.0, rng.exponential(1, size)
        )
    arrays["edge", "state"] = np.where(rng.random(size) < 0.5, 1.0, rng.uniform(0.05, 1, size))
    return Raw(arrays)


@define(repr=False)
class ScalarBatch:
    """Solved parameters, quantities and rates; the interface of a batch."""

    request: Request
    raw: Raw
    evaluator: Evaluator = field(init=False)
    admissible: Mask = field(init=False)
    _system: System = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._system = analyse(self.request)
        self._solve()

    def __repr__(self) -> str:
        return f"<{self.size} instances of numbers>"

    @property
    def size(self) -> int:
        """Number of instances."""
        return self.raw.size

    def evaluate(self, term: Term) -> Array:
        """Values of a scalar, shape (size,)."""
        return np.asarray(self.evaluator(term))

    def _solve(self) -> None:
        self.admissible = np.ones(self.size, dtype=bool)
        backend = FloatTorus({}, self.size)
        values: dict[Term, object] = {}
        self.evaluator = Evaluator(backend, values)
        for parameter in self._system.order:
            values[parameter] = self._free(parameter)
            self.evaluator = evolve(self.evaluator, symbols=values)
        state = tuple(start_of(relation) for relation in self._system.state)
        lower, upper, floors, rest = sort_relations(state, self.request.ordered(Quantity))
        for quantity in lower:
            values[quantity] = self._quantity(quantity, lower[quantity])
            self.evaluator = evolve(self.evaluator, symbols=values)
        factor = self._common_factor(rest, list(lower), values)
        for quantity in lower:
            values[quantity] = factor * np.asarray(values[quantity])
        rates: dict[Term, object] = {}
        self.evaluator = evolve(self.evaluator, symbols=values)
        for quantity in lower:
            tops = [self.evaluator(term) for term in upper.get(quantity, [])]
            top = np.min(tops, axis=0) if tops else np.ones(self.size)
            slack = self.raw.arrays["edge", quantity.name] * np.maximum(np.abs(top), 1e-3)
            rate = top - slack - NUDGE * np.abs(top)
            if quantity in floors:
                bottom = np.max([self.evaluator(term) for term in floors[quantity]], axis=0)
                above = bottom + NUDGE * np.abs(bottom)
                rate = np.maximum(rate, above) if tops else above + slack
            rates[quantity] = rate
        self.evaluator = evolve(self.evaluator, rates=rates)
        if state:
            self.admissible &= holds(self.evaluator, state)
        require_some(self.admissible, self.evaluator, self.request)

    def _free(self, p: Parameter) -> Array:
        bounds = self._system.bounds[p]
        amount = self.raw.arrays["amount", p.name]
        if not bounds.lower and not bounds.upper:
            # two decimals, so that the rational description gives the same number
            size = np.round(10 ** (2 * amount - 1), 2)
            return size if p.sign != "real" else size * np.where(amount * 1e3 % 1 < 0.5, -1.0, 1.0)
        lower, upper, open_below, open_above = numeric_bounds(p, bounds, self.evaluator)
        tight = (self.raw.arrays["tight", p.name] > 0.5) & bounds.has_tight
        above, below = ~np.asarray(open_above), ~np.asarray(open_below)
        value = np.asarray(place_batch(lower, upper, amount, tight, above, below)) * np.ones(
            self.size
        )
        self.admissible &= within(value, lower, upper, open_below, open_above)
        return value

    def _choice(self, p: Parameter, one: ScalarBatch) -> Choice:
        bounds = self._system.bounds[p]
        if bounds.lower or bounds.upper:
            return choice_of(p, self._system, one.raw, one.evaluator, 0, 1000)
        return Choice("value", Fraction(float(one.evaluate(p)[0])).limit_denominator(100))

    def _quantity(self, quantity: Quantity, below: list[Term]) -> Array:
        size = 10 ** (4 * self.raw.arrays["amount", quantity.name] - 2)
        if not below:
            return size
        bound = np.max([self.evaluator(term) for term in below], axis=0)
        tight = self.raw.arrays["tight", quantity.name] > 0.5
        return np.where(tight, bound * (1 + NUDGE), bound + size)

    def _common_factor(
        self, relations: list[Relation], quantities: list[Quantity], values: dict[Term, object]
    ) -> Array:
        if not relations:
            return np.ones(self.size)

        def at(factor: Array) -> Evaluator:
            moved = {q: factor * np.asarray(values[q]) for q in quantities}
            return evolve(self.evaluator, symbols={**values, **moved})

        constraints = tuple(relations)
        largest = largest_factor(lambda factor: standing(at(factor), constraints), self.size)
        # quantities that all vanish would satisfy homogeneous relations and witness nothing
        self.admissible &= largest > 0
        inner = largest * (1 - 2 * NUDGE) * self.raw.arrays["edge", "state"]
        return np.where((largest == 0) | (largest == 1), 1.0, inner)

    def take(self, index: Index) -> ScalarBatch:
        """The named instances."""
        return ScalarBatch(self.request, self.raw.take(index))

    @staticmethod
    def joined(parts: list[ScalarBatch]) -> ScalarBatch:
        """All instances of batches of one request, in order."""
        return ScalarBatch(parts[0].request, Raw.joined([part.raw for part in parts]))

    def perturb(self, rng: np.random.Generator, scale: float) -> ScalarBatch:
        """Admissible children of the instances, see `perturbed`."""
        return perturbed(self, rng, scale)

    def with_raw(self, raw: Raw) -> ScalarBatch:
        """Other free numbers of the same request."""
        return ScalarBatch(self.request, raw)

    def kept(self) -> ScalarBatch:
        """The admissible instances alone."""
        return self.take(np.flatnonzero(self.admissible))

    def data(self, index: int, max_denominator: int = 1000) -> InstanceData:
        """One instance in rationals, solved again from rounded free numbers."""
        free = self.raw.take(np.array([index])).arrays

        def solved(parts: int) -> ScalarBatch:
            rounded = {
                key: np.array([float(Fraction(float(v)).limit_denominator(parts)) for v in value])
                for key, value in free.items()
            }
            return ScalarBatch(self.request, Raw(rounded))

        try:
            batch = solved(max_denominator)
        except ValueError:  # coarse rounding left the hypotheses
            batch = solved(10**9)
        quantities = self.request.ordered(Quantity)

        def exact(value: object) -> Fraction:
            return Fraction(float(np.asarray(value)[0])).limit_denominator(10**12)

        return InstanceData(
            family="scalars",
            parameters={p.name: self._choice(p, batch) for p in self.request.ordered(Parameter)},
            quantities={q.name: exact(batch.evaluator(q)) for q in quantities},
            rates={q.name: exact(batch.evaluator.rates[q]) for q in quantities},
        )


def sort_relations(
    relations: tuple[Relation, ...], quantities: list[Quantity]
) -> tuple[
    dict[Quantity, list[Term]],
    dict[Quantity, list[Term]],
    dict[Quantity, list[Term]],
    list[Relation],
]:
    """Lower bounds of quantities in an order in which they can be solved, upper and lower bounds of
    rates, and the remaining relations."""
    lower: dict[Quantity, list[Term]] = {q: [] for q in quantities}
    upper: dict[Quantity, list[Term]] = {}
    floors: dict[Quantity, list[Term]] = {}
    rest: list[Relation] = []
    for relation in relations:
        if isinstance(relation.lhs, TimeDerivative) and isinstance(relation.lhs.argument, Quantity):
            upper.setdefault(relation.lhs.argument, []).append(relation.rhs)
        elif isinstance(relation.rhs, TimeDerivative) and isinstance(
            relation.rhs.argument, Quantity
        ):
            floors.setdefault(relation.rhs.argument, []).append(relation.lhs)
        elif relation.kind != "eq" and isinstance(relation.rhs, Quantity):
            lower[relation.rhs].append(relation.lhs)
        else:
            rest.append(relation)
    order: dict[Quantity, list[Term]] = {}
    waiting = dict(lower)
    while waiting:
        ready = [
            q
            for q, terms in waiting.items()
            if all(
                part in order for t in terms for part in subterms(t) if isinstance(part, Quantity)
            )
        ]
        if not ready:
            raise Unavailable("the hypotheses bound quantities by each other in a circle")
        for q in ready:
            order[q] = waiting.pop(q)
    return order, upper, floors, rest
