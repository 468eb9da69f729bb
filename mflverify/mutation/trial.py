"""The mutants of one step, each tried by every check that applies, beside its harmless neighbour."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from attrs import define, evolve, field, frozen

from mflverify.engines.empirical import speaks_of_time
from mflverify.engines.profile import Profile
from mflverify.expr.printing import to_unicode
from mflverify.expr.terms import Relation
from mflverify.ledger.sections import MutantRecord
from mflverify.mutation import OPERATORS, Operator, weaker
from mflverify.mutation.arithmetic import scaled
from mflverify.mutation.copying import with_step
from mflverify.mutation.pool import Pool, Refutation
from mflverify.mutation.proving import Effort, Judge, Proof, original_proof
from mflverify.mutation.settling import settle
from mflverify.mutation.variants import Variants
from mflverify.mutation.weakening import MORE_ROOM, follows_anyway, gives_more, standard_facts
from mflverify.proof.statement import Reason, Step
from mflverify.proof.verdict import Empirical
from mflverify.verification.record import Printer, step_digest

# one in so many of the mutants that an instance refutes is shown to the solver, which must not
# prove it
GLANCES = 4


@frozen
class Mutant:
    """A changed claim of a step."""

    operator: Operator
    claim: Relation
    words: str


def mutants_of(step: Step) -> list[Mutant]:
    """All different changes of the claim, each counted once, under the first operator that makes it."""
    found: dict[Relation, Mutant] = {}
    for operator in OPERATORS:
        for change in operator.changes(step.claim):
            if change.relation != step.claim:
                found.setdefault(change.relation, Mutant(operator, change.relation, change.words))
    return list(found.values())


@define
class Trial:
    """All that is shared by the mutants of one step.

    variants: what may show that a mutant is true where nothing else decides.
    """

    step: Step
    profile: Profile
    seed: int
    variants: Variants = field(factory=Variants)
    original: Proof = field(init=False)
    _judge: Judge = field(factory=Judge, init=False)
    _pool: Pool | None = field(default=None, init=False)
    _neighbours: dict[str, str] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        self.original = original_proof(self.step)

    def records(self) -> Iterator[MutantRecord]:
        """What became of each mutant of the claim, then of each dropped reason and assumption."""
        mutants = mutants_of(self.step)
        if not speaks_of_time(self.step.claim):
            claims = [self.step.claim, *(m.claim for m in mutants)]
            self._pool = Pool.of(self.step, claims, self.seed)
        found = [self._record(number, mutant) for number, mutant in enumerate(mutants, 1)]
        proved = [
            m for m, record in zip(mutants, found, strict=True) if record.status == "harmless"
        ]
        for mutant, record in zip(mutants, found, strict=True):
            stronger = self._proved_and_stronger(mutant, proved) if _is_open(record) else None
            yield record if stronger is None else self._weaker_than(stronger, mutant, record)
        yield from self._without_reasons()

    # ------------------------------------------------------------------------- changed claims

    def _record(self, number: int, mutant: Mutant) -> MutantRecord:
        name = f"{self.step.name}~{number}"
        refutation, tried = self._on_instances(mutant.claim, name)
        # with the step itself among the reasons: what then still fails, fails without it
        reasons = (
            *self.step.because,
            self.step,
            *standard_facts(mutant.operator.kind, mutant.claim),
        )
        new = with_step(self.step, mutant.claim, name=name, because=reasons)
        proof = self._examine(new, number, refutation, Effort.SHORT)
        if (
            proof is not None
            and proof.outcome == "unknown"
            and gives_more(self._judge, self.step, mutant.claim, mutant.operator.kind)
        ):
            proof = MORE_ROOM
        if proof is not None and proof.outcome != "proved" and refutation is None:
            # not refuted on the common instances: look for one where it fails
            refutation = self._pool.attack(mutant.claim) if self._pool is not None else None
        if proof is not None and proof.outcome == "unknown" and refutation is None:
            proof = self._examine(new, number, refutation, Effort.FULL)
            if proof is not None and proof.outcome == "unknown":
                proof = settle(self._judge, self.step, new, self.variants) or proof
        return self._conclude(mutant, proof, refutation, tried)

    def _examine(
        self, new: Step, number: int, refutation: Refutation | None, effort: Effort
    ) -> Proof | None:
        """The logical finding, or None when the step itself does not close: then it says nothing."""
        if self.original.outcome != "proved":
            return None
        if refutation is not None and refutation.is_certain:
            proof = self._judge.glance(new, solver=number % GLANCES == 1)
        else:
            proof = self._judge.claim(new, effort=effort)
        if proof.check == "prover" and self.step.claim.kind == new.claim.kind == "eq":
            # the step is an identity: the mutant holds when its own normal form vanishes
            proof = evolve(proof, check="algebra") if proof.outcome == "refuted" else proof
        return proof

    def _proved_and_stronger(self, mutant: Mutant, proved: list[Mutant]) -> Mutant | None:
        """A mutant that is true, and from which this one plainly follows."""
        for other in proved:
            true = with_step(self.step, other.claim, name="true")
            new = with_step(true, mutant.claim, name="weaker", because=[true])
            if self._judge.plain(new).outcome == "proved":
                return other
        return None

    def _weaker_than(self, other: Mutant, mutant: Mutant, record: MutantRecord) -> MutantRecord:
        return evolve(
            record,
            status="harmless",
            tried=tuple(dict.fromkeys((*record.tried, "prover"))),
            killed_by=(),
            note=f"also true: it is weaker than with {other.words}, which is shown to be true",
        )

    def _on_instances(
        self, claim: Relation, name: str
    ) -> tuple[Refutation | None, tuple[str, ...]]:
        """A failure, and the checks that looked for one."""
        if self._pool is not None:
            return self._pool.refute(claim), self._pool.checks
        if not speaks_of_time(claim):
            return None, ()
        from mflverify.engines.trajectories import (  # noqa: PLC0415  (heavy)
            examine_trajectories,
        )

        with np.errstate(all="ignore"):  # a mutant may divide by zero on some trajectories
            changed = with_step(self.step, claim, name=name)
            evidence = examine_trajectories(changed, self.profile, self.seed)
        if evidence.verdict is Empirical.NOT_APPLICABLE:
            return None, ()
        violated = evidence.verdict is Empirical.UNDECIDED and evidence.instances > 0
        words = f"{evidence.lhs} against {evidence.rhs} {evidence.reason}"
        found = Refutation("trajectories", evidence.instance, words) if violated else None
        return found, ("trajectories",)

    def _conclude(
        self,
        mutant: Mutant,
        proof: Proof | None,
        refutation: Refutation | None,
        tried: tuple[str, ...],
    ) -> MutantRecord:
        certain = refutation if refutation is not None and refutation.is_certain else None
        sides = certain.sides if certain is not None else ""
        if proof is None:
            status = "killed" if certain is not None else "undecided"
            killed_by = [refutation.check] if refutation is not None else []
            note = sides or f"the step itself does not close: {self.original.how}"
        else:
            tried = tried if proof.outcome == "unknown" and certain else (*tried, proof.check)
            status, killed_by = verdict(proof, refutation)
            note = sides or proof.how
            if status == "survived":
                note = f"a contradiction: proved ({proof.how}) and refuted ({sides})"
            if status == "harmless":
                note = self._why_harmless(mutant, proof)
        neighbour = self._neighbour(mutant.operator)
        if status == "killed" and neighbour == "fails":
            status, note = "undecided", f"its harmless neighbour does not pass either; {note}"
        instance = certain.instance if certain is not None else ""
        return self._as_record(
            mutant.operator.kind,
            mutant.words,
            mutant.claim,
            status,
            tried,
            killed_by,
            neighbour,
            instance,
            note,
        )

    def _as_record(
        self,
        kind: str,
        words: str,
        claim: Relation,
        status: str,
        tried: tuple[str, ...],
        killed_by: list[str],
        neighbour: str,
        instance: str,
        note: str,
    ) -> MutantRecord:
        return MutantRecord(
            statement=self.step.statement.label,
            step=self.step.label,
            digest=step_digest(self.step),
            kind=kind,
            change=words,
            formula=Printer.of(self.step.statement).formula(claim),
            status=status,
            tried=tried,
            killed_by=tuple(killed_by),
            neighbour=neighbour,
            instance=instance,
            note=note,
        )

    def _why_harmless(self, mutant: Mutant, proof: Proof) -> str:
        """Whether the mutant is equivalent, weaker, or true for other reasons of the step."""
        if gives_more(self._judge, self.step, mutant.claim, mutant.operator.kind):
            return f"weaker: {MORE_ROOM.how}"
        # it is proved already: what is sought is the better word, which may be missed
        alone = self._follows(mutant.claim, [])
        if alone.outcome == "proved":
            return f"true for the hypotheses alone: {alone.how}"
        weaker_, by = self._follows(mutant.claim, [self.step]), ""
        facts = standard_facts(mutant.operator.kind, mutant.claim)
        if weaker_.outcome != "proved" and facts:
            weaker_ = self._follows(mutant.claim, [self.step, *facts])
            by = " by comparison of norms"
        if weaker_.outcome != "proved":
            return f"also true: {proof.how}"
        changed = with_step(self.step, mutant.claim, name="mutant")
        back = with_step(changed, self.step.claim, name="back", because=[changed])
        same = self._judge.plain(back).outcome == "proved"
        return f"{'equivalent' if same else 'weaker'}{by}: {weaker_.how}"

    def _follows(self, claim: Relation, because: list[Reason]) -> Proof:
        """Whether a claim plainly follows from these reasons."""
        return self._judge.plain(with_step(self.step, claim, name="weaker", because=because))

    def _neighbour(self, operator: Operator) -> str:
        """`passes` or `fails`: the harmless change paired with an operator, checked like a step."""
        if self.original.outcome != "proved":
            return ""
        if operator.kind not in self._neighbours:
            claim = operator.neighbour(self.step.claim)
            claim = weaker(self.step.claim) if claim is None else claim
            self._neighbours[operator.kind] = "" if claim is None else self._passes(claim)
        return self._neighbours[operator.kind]

    def _passes(self, claim: Relation) -> str:
        name = f"{self.step.name}~"
        proof = self._judge.claim(with_step(self.step, claim, name=name), expected=True)
        refutation, _ = self._on_instances(claim, name)
        # what floats alone suspect along a trajectory kills nothing, nor does it fail what is proved
        refuted = refutation is not None and refutation.is_certain
        return "passes" if proof.outcome == "proved" and not refuted else "fails"

    # ------------------------------------------------------------------------ dropped reasons

    def _without_reasons(self) -> Iterator[MutantRecord]:
        """The step without one of its reasons, then without one of its assumptions."""
        step = self.step
        if self.original.outcome != "proved":
            return
        for index, reason in enumerate(step.because):
            others = [*step.because[:index], *step.because[index + 1 :]]
            name = f"{step.name}~reason{index + 1}"
            words = f"without {reason_words(reason)}"
            fewer = with_step(step, step.claim, name=name, because=others)
            twice = with_step(step, step.claim, name=name, because=[*step.because, reason])
            yield self._dropped("dropped reason", words, fewer, None, twice, reason)
        for index, assumption in enumerate(step.assuming):
            others = [*step.assuming[:index], *step.assuming[index + 1 :]]
            name = f"{step.name}~assumption{index + 1}"
            words = f"without {' '.join(to_unicode(assumption).split())}"
            fewer = with_step(step, step.claim, name=name, assuming=others)
            refutation = Pool.of(fewer, [step.claim], self.seed).refute(step.claim)
            more = [*step.assuming, scaled(assumption, 2)]
            twice = with_step(step, step.claim, name=name, assuming=more)
            yield self._dropped("dropped assumption", words, fewer, refutation, twice)

    def _dropped(
        self,
        kind: str,
        words: str,
        fewer: Step,
        refutation: Refutation | None,
        twice: Step,
        reason: Reason | None = None,
    ) -> MutantRecord:
        certain = refutation is not None and refutation.is_certain
        proof = self._judge.step(fewer, effort=Effort.SHORT if certain else Effort.FULL)
        how = f"closes without it: {proof.how}" if proof.outcome == "proved" else proof.how
        if proof.outcome == "unknown" and reason is not None and follows_anyway(self.step, reason):
            how = "true without it: what is left out follows from the hypotheses anyway"
            proof = Proof("proved", "prover", how)
        neighbour = (
            "passes" if self._judge.step(twice, expected=True).outcome == "proved" else "fails"
        )
        status, killed_by = verdict(proof, refutation)
        if status == "killed" and neighbour == "fails":
            status = "undecided"
        on_instances = () if kind == "dropped reason" else ("exact", "sampled", "certified")
        tried = (*on_instances, proof.check)
        instance = refutation.instance if refutation is not None else ""
        return self._as_record(
            kind, words, self.step.claim, status, tried, killed_by, neighbour, instance, how
        )


def _is_open(record: MutantRecord) -> bool:
    """Whether neither a check nor an instance says anything against a mutant, or for it."""
    return record.status == "undecided" and not record.killed_by and not record.instance


def verdict(proof: Proof, refutation: Refutation | None) -> tuple[str, list[str]]:
    """Status and killers.  Proved and refuted at once is a survivor: something is unsound.

    A violation on trajectories is a suspicion in floats, which kills nothing by itself; neither
    does a limit that was hit.
    """
    certain = refutation is not None and refutation.is_certain
    killers = [refutation.check] if refutation is not None else []
    if proof.outcome == "proved":
        return ("survived", killers) if certain else ("harmless", [])
    if proof.outcome == "unknown":
        return ("killed" if certain else "undecided"), killers
    return "killed", [*killers, proof.check]


def reason_words(reason: Reason) -> str:
    """A reason in a few words."""
    match reason:
        case Step():
            return f"step {reason.name}"
        case Relation():
            return f"hypothesis {' '.join(to_unicode(reason).split())}"
        case _:
            return reason.label


__all__ = ["Mutant", "Trial", "mutants_of", "verdict"]
