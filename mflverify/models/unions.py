"""Instances of claims about unions of spaces: a number of components, and an instance of each.

The claim is written out for that number, so that all arithmetics of the family below are there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, TypeVar

import numpy as np
from attrs import evolve, frozen

from mflverify.expr.components import (
    spaces_on,
    spaces_without,
    symbols_on,
    symbols_without,
    write_out,
)
from mflverify.expr.sorts import SortError
from mflverify.expr.terms import RemainderSymbol, Term
from mflverify.models.instance_data import InstanceData
from mflverify.models.request import Request, Unavailable

V = TypeVar("V")

SIZES = (1, 2, 2, 3, 3, 4, 5)
"""Numbers of components that are drawn, the likelier the more often."""
ATTACKED = 2
"""The number of components on which the sharpness of constants is looked for."""


def request_on(request: Request, n: int) -> Request:
    """The request with its unions written out as n spaces."""
    written = Request.of(hypotheses=[write_out(r, n) for r in request.hypotheses])
    symbols = (part for symbol in request.symbols for part in symbols_on(symbol, n))
    spaces = (part for space in request.spaces for part in spaces_on(space, n))
    return evolve(
        written,
        symbols=written.symbols.union(symbols),
        spaces=written.spaces.union(spaces),
    )


@frozen
class UnionBatch:
    """Float instances with one number of components."""

    batch: Any
    components: int

    @property
    def size(self) -> int:
        """How many instances there are."""
        return self.batch.size

    def evaluate(self, term: Term) -> Any:
        """Values of a scalar.  Raises Unavailable when it has no components."""
        return self.batch.evaluate(written(term, self.components))

    def data(self, index: int, *parts: int) -> InstanceData:
        """One instance, rounded to rationals, of so many parts where the number is given."""
        return evolve(self.batch.data(index, *parts), components=self.components)

    def take(self, index: Any) -> UnionBatch:
        """Some of the instances."""
        return evolve(self, batch=self.batch.take(index))

    def perturb(self, rng: np.random.Generator, scale: float) -> UnionBatch:
        """All instances moved a little."""
        return evolve(self, batch=self.batch.perturb(rng, scale))


def written(term: Term, n: int) -> Term:
    """`write_out`, with Unavailable in place of SortError."""
    try:
        return write_out(term, n)
    except SortError as error:
        raise Unavailable(str(error)) from error


def with_fewer(data: InstanceData, request: Request) -> Iterator[InstanceData]:
    """The instance without one of its components, for each of them; nothing when it has one at most.

    request: of the symbols that the instance describes, unions not written out.
    """
    n = data.components
    for left_out in range(1, n + 1) if n > 1 else ():
        names = {
            old.name: new.name
            for symbol in request.symbols
            for old, new in symbols_without(symbol, n, left_out).items()
        }
        places = {
            old.name: new.name
            for space in request.spaces
            for old, new in spaces_without(space, n, left_out).items()
        }
        yield evolve(
            data,
            potentials=_renamed(data.potentials, places),
            spaces=_renamed(data.spaces, places),
            functions=_renamed(data.functions, names),
            constants=_renamed(data.constants, names),
            kernels=_renamed(data.kernels, names),
            remainders=_renamed(_without_forms(data, request, left_out), names),
            fields=_renamed(data.fields, names),
            points=_renamed(data.points, names),
            directions=_renamed(data.directions, names),
            parameters=_renamed(data.parameters, names),
            components=n - 1,
        )


def _renamed(section: Mapping[str, V], names: Mapping[str, str]) -> dict[str, V]:
    return {names[old]: value for old, value in section.items() if old in names}


def _without_forms(data: InstanceData, request: Request, left_out: int) -> dict[str, Any]:
    """The remainders without their dependence on one component."""
    found = dict(data.remainders)
    for functional in request.ordered(RemainderSymbol):
        states = [
            number
            for space in functional.sources
            for number in (range(1, data.components + 1) if space.union else (0,))
        ]
        for part in symbols_on(functional, data.components):
            if part.name not in found:
                continue
            strength, out, *forms = found[part.name]
            kept = [form for form, i in zip(forms, states, strict=False) if i != left_out]
            if functional.sources == (functional.target,) and len(kept) == 1:
                kept = [out]  # of one functional on one space, whose third variation is symmetric
            found[part.name] = (strength, out, *kept)
    return found


@frozen
class UnionFamily:
    """Unions of one to five spaces of another family.

    base: the family of the components.
    """

    base: Any

    @property
    def name(self) -> str:
        """That of the components, with `union of`."""
        return f"union of {self.base.name}"

    @property
    def arithmetics(self) -> frozenset[str]:
        """Those of the components."""
        return self.base.arithmetics

    def supports(self, request: Request) -> str | None:
        """None, or why the request cannot be met."""
        if not request.has_unions:
            return "no union of spaces occurs"
        try:
            return self.base.supports(request_on(request, 2))
        except SortError as error:
            return str(error)

    def draw(self, request: Request, rng: np.random.Generator, size: int) -> UnionBatch:
        """`size` different instances of one number of components, fewer when few are admissible.

        Raises ValueError when none is.
        """
        return self._fewer(
            int(rng.choice(SIZES)),
            lambda n: UnionBatch(self.base.draw(request_on(request, n), rng, size), n),
        )

    def draw_data(
        self, request: Request, rng: np.random.Generator, size: int, *, rational: bool = False
    ) -> Iterator[InstanceData]:
        """`size` instances as rationals, in groups of one number of components each."""
        left = size
        while left > 0:
            count = min(left, 3)
            left -= count
            yield from self._fewer(
                int(rng.choice(SIZES)), partial(self._group, request, rng, count, rational)
            )

    def _group(
        self, request: Request, rng: np.random.Generator, count: int, rational: bool, n: int
    ) -> list[InstanceData]:
        drawn = self.base.draw_data(request_on(request, n), rng, count, rational=rational)
        return [evolve(data, components=n) for data in drawn]

    def _fewer(self, n: int, draw: Callable[[int], Any]) -> Any:
        """What is drawn for n components, or for the most below n for which something is.

        Hypotheses on all species at once are the seldomer met by chance the more there are.
        """
        try:
            return draw(n)
        except ValueError:
            if n == 1:
                raise
            return self._fewer(n - 1, draw)


__all__ = ["SIZES", "UnionBatch", "UnionFamily", "request_on", "with_fewer", "written"]
