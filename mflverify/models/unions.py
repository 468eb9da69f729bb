"""Instances of claims about unions of spaces: a number of components, and an instance of each.

The claim is written out for that number, so that all arithmetics of the family below are there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from attrs import evolve, frozen

from mflverify.expr.components import spaces_on, symbols_on, write_out
from mflverify.expr.sorts import SortError
from mflverify.expr.terms import Term
from mflverify.models.instance_data import InstanceData
from mflverify.models.request import Request, Unavailable

SIZES = (1, 2, 2, 3, 3, 4, 5)
"""Numbers of components that are drawn, the likelier the more often."""
ATTACKED = 2
"""The number of components on which claims are attacked and written out for good."""


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

    def data(self, index: int) -> InstanceData:
        """One instance, rounded to rationals."""
        return evolve(self.batch.data(index), components=self.components)

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


__all__ = ["SIZES", "UnionBatch", "UnionFamily", "request_on", "written"]
