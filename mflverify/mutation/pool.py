"""Instances shared by all mutants of one step: drawn once, every mutant is evaluated on all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
from attrs import define, field, frozen

from mflverify.engines.empirical import FLOAT_TOLERANCE, compare, margins
from mflverify.expr.digest import canonical_text
from mflverify.expr.terms import Relation
from mflverify.models import (
    FAMILIES,
    Batch,
    Family,
    Instance,
    Request,
    Unavailable,
    interpret,
)
from mflverify.models.bounds import start_of
from mflverify.proof.statement import Step

EXACT, BALLS, FLOATS = 6, 4, 300
SUSPECTS = 3
ASCENTS, ELITE = 3, 20


@frozen
class Refutation:
    """An instance at which a claim certainly fails, and the check that found it."""

    check: str
    instance: str
    sides: str


@define
class Pool:
    """Instances that satisfy the hypotheses of a step, by family and arithmetic.

    exact, balls: verified rational and ball instances.  batches: floats of the families that have
    them; a violation there counts when balls confirm it on the same instance.
    """

    request: Request
    seed: int
    exact: list[Instance] = field(factory=list, init=False)
    balls: list[Instance] = field(factory=list, init=False)
    batches: list[Batch] = field(factory=list, init=False)
    _rounded: dict[tuple[int, int], Instance | None] = field(factory=dict, init=False)

    @staticmethod
    def of(step: Step, claims: Iterable[Relation], run_seed: int) -> Pool:
        """Instances at which the hypotheses of the step hold and all `claims` can be evaluated."""
        request = Request.of(
            *(start_of(claim) for claim in claims),
            hypotheses=(*step.statement.given, *step.assuming),
        )
        words = " ".join([step.label, *(canonical_text(r) for r in request.hypotheses)])
        mixed = hashlib.sha256(f"{run_seed} {words}".encode()).digest()
        return Pool(request, int.from_bytes(mixed[:7], "big"))

    def __attrs_post_init__(self) -> None:
        for family in FAMILIES:
            if family.supports(self.request) is not None:
                continue
            for arithmetic, wanted, salt in (("exact", EXACT, 1), ("ball", BALLS, 2)):
                if arithmetic in family.arithmetics:
                    self._interpret(family, arithmetic, wanted, salt)
            if "float" in family.arithmetics:
                rng = np.random.default_rng([self.seed, 3])
                try:
                    self.batches.append(family.draw(self.request, rng, FLOATS))
                except (ValueError, Unavailable):
                    continue  # no draw meets the hypotheses: this family says nothing

    def _interpret(self, family: Family, arithmetic: str, wanted: int, salt: int) -> None:
        target = self.exact if arithmetic == "exact" else self.balls
        rng = np.random.default_rng([self.seed, salt])
        count = 0
        try:
            drawn = family.draw_data(self.request, rng, 3 * wanted)
        except (ValueError, Unavailable):
            return
        for data in drawn:
            if count == wanted:
                break
            try:
                point = data.uniform() if arithmetic == "exact" else data
                target.append(interpret(point, self.request, arithmetic))  # type: ignore[arg-type]
                count += 1
            except (ValueError, Unavailable):
                continue  # rounding left the hypotheses, or a root is not rational

    def refute(self, claim: Relation) -> list[Refutation]:
        """One certain failure for each check that finds one: `exact`, `sampled`, `certified`."""
        claim = start_of(claim)
        with np.errstate(all="ignore"):  # a mutant may divide by zero at some instances
            sampled = self._sampled(claim)
        found = [
            self._first("exact", claim, self.exact),
            sampled,
            self._first("certified", claim, self.balls),
        ]
        return [refutation for refutation in found if refutation is not None]

    def attack(self, claim: Relation) -> Refutation | None:
        """A search for a failure: the worst float instances perturbed again and again."""
        with np.errstate(all="ignore"):
            return self._ascend(start_of(claim))

    def _ascend(self, claim: Relation) -> Refutation | None:
        rng = np.random.default_rng([self.seed, 4])
        for first in self.batches:
            batch = first
            try:
                for ascent in range(ASCENTS):
                    value = np.nan_to_num(margins(claim, batch)[0], nan=np.inf)
                    elite = batch.take(np.argsort(value)[:ELITE])
                    batch = elite.perturb(rng, 0.5 ** (ascent + 1))
                    found = self._confirmed(claim, batch, None)
                    if found is not None:
                        return found
            except Unavailable:
                continue
        return None

    def _first(self, check: str, claim: Relation, instances: list[Instance]) -> Refutation | None:
        for instance in instances:
            try:
                sides = compare(claim, instance)
            except (Unavailable, ZeroDivisionError, ValueError):
                continue  # a root, supremum or quotient that has no finite value here
            if sides.holds is False:
                words = f"{sides.lhs} against {sides.rhs}"
                return Refutation(check, instance.data.describe(), words)
        return None

    def _sampled(self, claim: Relation) -> Refutation | None:
        for number, batch in enumerate(self.batches):
            try:
                found = self._confirmed(claim, batch, number)
            except Unavailable:
                continue  # floats have no value for it
            if found is not None:
                return found
        return None

    def _confirmed(self, claim: Relation, batch: Batch, number: int | None) -> Refutation | None:
        """The worst violations in floats, confirmed in balls; number: of the batch, to remember."""
        value = np.nan_to_num(margins(claim, batch)[0], nan=np.inf)
        for index in np.argsort(value)[:SUSPECTS].tolist():
            if value[index] >= -FLOAT_TOLERANCE:
                break
            instance = self._rounding(batch, index, number)
            found = None if instance is None else self._first("sampled", claim, [instance])
            if found is not None:
                return found
        return None

    def _rounding(self, batch: Batch, index: int, number: int | None) -> Instance | None:
        key = (-1 if number is None else number, index)
        if number is None or key not in self._rounded:
            try:
                self._rounded[key] = interpret(batch.data(index), self.request, "ball")
            except (ValueError, Unavailable):
                self._rounded[key] = None  # rounding left the hypotheses
        return self._rounded[key]


__all__ = ["Pool", "Refutation"]
