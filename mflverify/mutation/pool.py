"""Instances shared by all mutants of one step: each is drawn when first needed, and then kept.

What costs little is asked first.  Rationals come before floats; floats screen, and balls are asked
only about the instances on which floats are violated.  Families that are slow to draw from, such as
tori in two dimensions, are asked only about what floats cannot evaluate.  The first certain failure
ends the search.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

import numpy as np
from attrs import define, field, frozen

from mflverify.engines.empirical import FLOAT_TOLERANCE, compare, margins
from mflverify.expr.digest import canonical_text
from mflverify.expr.terms import Relation
from mflverify.models import (
    FAMILIES,
    Arithmetic,
    Batch,
    Family,
    Instance,
    InstanceData,
    Request,
    Unavailable,
    interpret,
)
from mflverify.models.bounds import start_of
from mflverify.models.relevance import relevant
from mflverify.proof.statement import Step

EXACT, BALLS, FLOATS = 6, 4, 128
SUSPECTS = 3
ASCENTS, ELITE = 2, 16


@frozen
class Refutation:
    """An instance at which a claim fails, and the check that found it."""

    check: str
    instance: str
    sides: str

    @property
    def is_certain(self) -> bool:
        """Whether more than floats say so."""
        return self.check != "trajectories"


@define
class _Supply:
    """What an iterator gives, taken one by one and kept for whoever asks next."""

    source: Iterator[Instance]
    kept: list[Instance] = field(factory=list)

    def __iter__(self) -> Iterator[Instance]:
        index = 0
        while True:
            if index == len(self.kept):
                following = next(self.source, None)
                if following is None:
                    return
                self.kept.append(following)
            yield self.kept[index]
            index += 1


@define
class Pool:
    """Instances that satisfy the hypotheses of a step, by family and arithmetic.

    A violation in floats counts when balls confirm it on the same instance.
    """

    request: Request
    seed: int
    _families: list[Family] = field(init=False)
    _batches: dict[str, Batch | None] = field(factory=dict, init=False)
    _exact: dict[str, _Supply] = field(factory=dict, init=False)
    _slow_exact: dict[str, _Supply] = field(factory=dict, init=False)
    _balls: dict[str, _Supply] = field(factory=dict, init=False)
    _rounded: dict[tuple[str, int], Instance | None] = field(factory=dict, init=False)

    @staticmethod
    def of(
        step: Step, claims: Iterable[Relation], run_seed: int, *, without: Relation | None = None
    ) -> Pool:
        """Instances at which the hypotheses of the step hold and all `claims` can be evaluated.

        claims: of no other symbols than the step's own claim.  without: a hypothesis of the step
        that need not hold, but can be evaluated.
        """
        asked = [start_of(claim) for claim in claims]
        hypotheses = relevant(step.claim, (*step.statement.given, *step.assuming))
        if without in hypotheses:
            asked.append(start_of(without))
            hypotheses = tuple(h for h in hypotheses if h != without)
        request = Request.of(*asked, hypotheses=hypotheses)
        words = " ".join([step.label, *(canonical_text(r) for r in request.hypotheses)])
        mixed = hashlib.sha256(f"{run_seed} {words}".encode()).digest()
        return Pool(request, int.from_bytes(mixed[:7], "big"))

    def __attrs_post_init__(self) -> None:
        self._families = [f for f in FAMILIES if f.supports(self.request) is None]
        for family in self._families:
            slow = not _has_floats(family) and "ball" in family.arithmetics
            if "exact" in family.arithmetics:
                supply = _Supply(self._interpreted(family, "exact", EXACT))
                (self._slow_exact if slow else self._exact)[family.name] = supply
            if slow:
                self._balls[family.name] = _Supply(self._interpreted(family, "ball", BALLS))

    @property
    def checks(self) -> tuple[str, ...]:
        """The checks that have instances to try a claim on."""
        have = {
            "exact": bool(self._exact or self._slow_exact),
            "sampled": any(_has_floats(family) for family in self._families),
            "certified": bool(self._balls),
        }
        return tuple(check for check, some in have.items() if some)

    def refute(self, claim: Relation, *, given: Relation | None = None) -> Refutation | None:
        """The first certain failure, by `exact`, `sampled` or `certified`.

        given: what must certainly hold as well where it fails.
        """
        claim, given = start_of(claim), None if given is None else start_of(given)
        with np.errstate(all="ignore"):  # a mutant may divide by zero at some instances
            found = self._among("exact", claim, self._exact, given)
            if found is not None:
                return found
            found, evaluated = self._sampled(claim, given)
            if evaluated:
                return found
            return self._among("exact", claim, self._slow_exact, given) or self._among(
                "certified", claim, self._balls, given
            )

    def allows(self, relation: Relation) -> bool:
        """Whether a relation certainly holds at one of the instances."""
        relation = start_of(relation)
        supplies = (*self._exact.values(), *self._slow_exact.values(), *self._balls.values())
        with np.errstate(all="ignore"):
            return any(
                _holds(relation, instance)
                for instances in (*supplies, self._likely(relation))
                for instance in instances
            )

    def attack(self, claim: Relation) -> Refutation | None:
        """A search for a failure: the worst float instances perturbed again and again."""
        with np.errstate(all="ignore"):
            return self._ascend(start_of(claim))

    # ---------------------------------------------------------------------------- instances

    def _batch(self, family: Family) -> Batch | None:
        """Floats of a family, or None when no draw meets the hypotheses."""
        if family.name not in self._batches:
            rng = np.random.default_rng([self.seed, 3])
            try:
                self._batches[family.name] = family.draw(self.request, rng, FLOATS)
            except (ValueError, Unavailable):
                self._batches[family.name] = None
        return self._batches[family.name]

    def _interpreted(
        self, family: Family, arithmetic: Arithmetic, wanted: int
    ) -> Iterator[Instance]:
        count = 0
        for data in self._drawn(family, 3 * wanted):
            try:
                point = data.uniform() if arithmetic == "exact" else data
                yield interpret(point, self.request, arithmetic)
            except (ValueError, Unavailable):
                continue  # rounding left the hypotheses, or a root is not rational
            count += 1
            if count == wanted:
                return

    def _drawn(self, family: Family, count: int) -> Iterator[InstanceData]:
        if _has_floats(family):
            batch = self._batch(family)
            if batch is not None:
                yield from (batch.data(index) for index in range(min(count, batch.size)))
            return
        try:
            yield from family.draw_data(self.request, np.random.default_rng([self.seed, 1]), count)
        except (ValueError, Unavailable):
            return  # no draw meets the hypotheses: this family says nothing

    def _rounding(self, family: str, batch: Batch, index: int) -> Instance | None:
        """A float instance in balls; kept when it is one of those that all mutants share."""
        shared = batch is self._batches.get(family)
        if not shared or (family, index) not in self._rounded:
            try:
                found = interpret(batch.data(index), self.request, "ball")
            except (ValueError, Unavailable):
                found = None  # rounding left the hypotheses
            if not shared:
                return found
            self._rounded[family, index] = found
        return self._rounded[family, index]

    def _likely(self, relation: Relation) -> Iterator[Instance]:
        """Roundings of those float instances at which a relation holds by the widest margin."""
        for family in filter(_has_floats, self._families):
            batch = self._batch(family)
            if batch is None:
                continue
            try:
                margin = _margin(relation, batch, otherwise=-np.inf)
            except Unavailable:
                continue
            for index in np.argsort(-margin)[:SUSPECTS].tolist():
                found = self._rounding(family.name, batch, index)
                if found is not None:
                    yield found

    # ---------------------------------------------------------------------------- failures

    def _among(
        self, check: str, claim: Relation, supplies: dict[str, _Supply], given: Relation | None
    ) -> Refutation | None:
        for supply in supplies.values():
            found = _first(check, claim, supply, given)
            if found is not None:
                return found
        return None

    def _sampled(self, claim: Relation, given: Relation | None) -> tuple[Refutation | None, bool]:
        """What floats suspect and balls confirm; whether floats have values for the claim."""
        evaluated = False
        for family in filter(_has_floats, self._families):
            batch = self._batch(family)
            if batch is None:
                continue
            try:
                found = self._confirmed(claim, family.name, batch, given)
            except Unavailable:
                continue  # floats have no value for it
            evaluated = True
            if found is not None:
                return found, True
        return None, evaluated

    def _ascend(self, claim: Relation) -> Refutation | None:
        rng = np.random.default_rng([self.seed, 4])
        for family in filter(_has_floats, self._families):
            batch = self._batch(family)
            if batch is None:
                continue
            try:
                for ascent in range(ASCENTS):
                    value = _margin(claim, batch, otherwise=np.inf)
                    elite = batch.take(np.argsort(value)[:ELITE])
                    batch = elite.perturb(rng, 0.5 ** (ascent + 1))
                    found = self._confirmed(claim, family.name, batch)
                    if found is not None:
                        return found
            except Unavailable:
                continue
        return None

    def _confirmed(
        self, claim: Relation, family: str, batch: Batch, given: Relation | None = None
    ) -> Refutation | None:
        """The worst violations in floats, confirmed in balls."""
        value = _margin(claim, batch, otherwise=np.inf)
        if given is not None:
            value[_margin(given, batch, otherwise=-np.inf) < 0] = np.inf
        for index in np.argsort(value)[:SUSPECTS].tolist():
            if value[index] >= -FLOAT_TOLERANCE:
                break
            instance = self._rounding(family, batch, index)
            found = None if instance is None else _first("sampled", claim, [instance], given)
            if found is not None:
                return found
        return None


def _margin(relation: Relation, batch: Batch, *, otherwise: float) -> np.ndarray:
    """Relative margins over a batch, with a value for what has none."""
    return np.nan_to_num(margins(relation, batch)[0], nan=otherwise)


def _has_floats(family: Family) -> bool:
    return "float" in family.arithmetics


def _holds(relation: Relation, instance: Instance) -> bool:
    """Whether a relation certainly holds at an instance."""
    try:
        return compare(relation, instance).holds is True
    except (Unavailable, ZeroDivisionError, ValueError):
        return False  # a root, supremum or quotient that has no finite value here


def _first(
    check: str, claim: Relation, instances: Iterable[Instance], given: Relation | None = None
) -> Refutation | None:
    for instance in instances:
        try:
            sides = compare(claim, instance)
        except (Unavailable, ZeroDivisionError, ValueError):
            continue  # a root, supremum or quotient that has no finite value here
        if sides.holds is False and (given is None or _holds(given, instance)):
            words = f"{sides.lhs} against {sides.rhs}"
            return Refutation(check, instance.data.describe(), words)
    return None


__all__ = ["Pool", "Refutation"]
