"""Where a changed statement fails: instances of its hypotheses at which a claim does not hold."""

from __future__ import annotations

from attrs import define, field

from mflverify.engines.empirical import find_witness, speaks_of_time
from mflverify.engines.evidence import Witness
from mflverify.expr.terms import Relation
from mflverify.models import Request, Unavailable
from mflverify.mutation.pool import Pool, Refutation
from mflverify.proof.statement import Statement, Step


@define
class Refuter:
    """Instances drawn for the hypotheses of each step; what was found of a step is kept."""

    seed: int
    _pools: dict[Step, Pool] = field(factory=dict, init=False)
    _found: dict[tuple[Step, bool], Refutation | None] = field(factory=dict, init=False)

    def first(self, steps: list[Step], *, attack: bool = False) -> Refutation | None:
        """attack: whether to search beyond the common instances."""
        for step in dict.fromkeys(steps):
            if speaks_of_time(step.claim):
                continue
            if (step, attack) not in self._found:
                self._found[step, attack] = self._refuted(step, attack)
            if (found := self._found[step, attack]) is not None:
                return found
        return None

    def _refuted(self, step: Step, attack: bool) -> Refutation | None:
        if step not in self._pools:
            self._pools[step] = Pool.of(step, [step.claim], self.seed)
        pool = self._pools[step]
        return pool.attack(step.claim) if attack else pool.refute(step.claim)


@define
class SharedInstances:
    """Instances at which all hypotheses hold but for one, shared by all mutants of that one.

    A claim that fails at some of them refutes those mutants that certainly hold there, so each
    mutant costs two more evaluations and no new draws.
    """

    statement: Statement
    hypothesis: Relation
    seed: int
    _pools: dict[str, Pool] = field(factory=dict, init=False)
    _of_all: Pool | None = field(default=None, init=False)

    def first(self, names: list[str], mutant: Relation | None) -> Refutation | None:
        """A claim of the named steps that fails where the mutant holds (None: anywhere)."""
        for step in self.statement.steps:
            if step.name not in names or speaks_of_time(step.claim):
                continue
            if step.name not in self._pools:
                self._pools[step.name] = Pool.of(
                    step, [step.claim], self.seed, without=self.hypothesis
                )
            found = self._pools[step.name].refute(step.claim, given=mutant)
            if found is not None:
                return found
        return None

    def witness(self, changed: Statement, mutant: Relation | None) -> Witness:
        """An instance that satisfies all hypotheses of the changed statement."""
        if self._of_all is None:
            claims = (step.claim for step in self.statement.steps)
            others = [given for given in self.statement.given if given != self.hypothesis]
            request = Request.of(*claims, self.hypothesis, hypotheses=others)
            self._of_all = Pool(request, self.seed)
        if mutant is not None and self._of_all.allows(mutant):
            return Witness(True)
        try:
            claims = (step.claim for step in changed.steps)
            return find_witness(Request.of(*claims, hypotheses=changed.given), self.seed)
        except (ValueError, Unavailable) as error:  # not one draw satisfies them
            return Witness(False, reason=str(error))
