"""The mutants of a statement's hypotheses: dropped, weakened, mistaken; signs of constants among them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from attrs import define, evolve, field

from mflverify.expr.digest import digest
from mflverify.expr.printing import to_unicode
from mflverify.expr.sorts import SortError
from mflverify.expr.substitution import symbols
from mflverify.expr.terms import Parameter, Relation
from mflverify.ledger.records import joined_digest
from mflverify.ledger.sections import MutantRecord
from mflverify.mutation import OPERATORS
from mflverify.mutation.arithmetic import scaled
from mflverify.mutation.copying import with_hypotheses, with_step, with_symbols
from mflverify.mutation.counterexamples import Refuter, SharedInstances
from mflverify.mutation.pool import Refutation
from mflverify.mutation.proving import Effort, Judge, Proof
from mflverify.mutation.trial import verdict
from mflverify.mutation.variants import Variants
from mflverify.proof.statement import Statement, Step
from mflverify.verification.record import Printer, step_digest


@define
class HypothesisTrial:
    """All that is shared by the mutants of one hypothesis; number: counted from 1.

    variants: what may show that all conclusions still hold where nothing else decides.
    affected: the steps that are not seen to close without the hypothesis; no other can notice.
    """

    statement: Statement
    number: int
    seed: int
    variants: Variants = field(factory=Variants)
    affected: list[Step] = field(init=False)
    _instances: SharedInstances = field(init=False)
    _judge: Judge = field(factory=Judge, init=False)
    _neighbours: dict[bool, str] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        dropped = self._with(None)
        self._instances = SharedInstances(dropped, self.hypothesis, self.seed)
        without = {s.name: s for s in dropped.steps if s.acknowledged is None}
        self.affected = [
            step
            for step in self.statement.steps
            if step.name in without and not self._judge.closes_soon(without[step.name])
        ]

    @property
    def hypothesis(self) -> Relation:
        """The hypothesis itself."""
        return self.statement.given[self.number - 1]

    def records(self) -> Iterator[MutantRecord]:
        """What became of each mutant: the hypothesis dropped, then each change of it."""
        yield self._record("dropped hypothesis", None, f"without {_line(self.hypothesis)}")
        seen = {self.hypothesis}
        for operator in OPERATORS:
            for change in operator.changes(self.hypothesis):
                if change.relation not in seen:
                    seen.add(change.relation)
                    yield self._record(operator.kind, change.relation, change.words)

    def _record(self, kind: str, mutant: Relation | None, words: str) -> MutantRecord:
        status, killed_by, instance, note = self._conclude(mutant)
        neighbour = self._neighbour(dropped=mutant is None)
        if status == "killed" and neighbour == "fails":
            status, note = "undecided", f"its harmless neighbour does not pass either; {note}"
        return MutantRecord(
            statement=self.statement.label,
            step=f"{self.statement.label}/hypothesis {self.number}",
            digest=digest(self.hypothesis),
            kind=kind,
            change=words,
            formula=Printer.of(self.statement).formula(
                self.hypothesis if mutant is None else mutant
            ),
            status=status,
            tried=("exact", "sampled", "certified", "prover", "witness"),
            killed_by=tuple(killed_by),
            neighbour=neighbour,
            instance=instance,
            note=note,
        )

    def _conclude(self, mutant: Relation | None) -> tuple[str, list[str], str, str]:
        """Status, killers, instance and note."""
        changed = self._with(mutant)
        common = partial(self._instances.first, mutant=mutant)
        if mutant is not None and self._implied(changed):
            return self._unless_empty(
                changed, mutant, "a stronger hypothesis: it implies the original"
            )
        affected = self._affected_in(changed)
        failed, where, refutation = closing(
            self._judge, self.statement, changed, affected, self.seed, common
        )
        if failed.outcome == "proved" and refutation is None:
            why = "no step uses it" if not self.affected else "every step still closes"
            return self._unless_empty(changed, mutant, why)
        if failed.outcome == "unknown" and refutation is None:
            concluded = [step.claim for step in self.statement.conclusions]
            if label := self.variants.proof_of(concluded, changed.given):
                return self._unless_empty(changed, mutant, f"{label} proves every conclusion")
        status, killed_by = verdict(failed, refutation)
        sides = refutation.sides if refutation is not None else ""
        note = f"step {where}: {failed.how}" if where else sides
        return status, killed_by, refutation.instance if refutation is not None else "", note

    def _with(self, mutant: Relation | None) -> Statement:
        given = list(self.statement.given)
        given[self.number - 1 : self.number] = [] if mutant is None else [mutant]
        return with_hypotheses(self.statement, given)

    def _affected_in(self, changed: Statement) -> list[Step]:
        names = {step.name for step in self.affected}
        return [step for step in changed.steps if step.name in names]

    def _implied(self, changed: Statement) -> bool:
        """Whether the changed hypotheses are seen to imply the original one."""
        last = changed.steps[-1]
        probe = with_step(last, self.hypothesis, name="~", because=(), assuming=())
        return self._judge.closes_soon(probe)

    def _unless_empty(
        self, changed: Statement, mutant: Relation | None, why: str
    ) -> tuple[str, list[str], str, str]:
        """Harmless, unless no instance satisfies the hypotheses any more: then all would follow."""
        witness = self._instances.witness(changed, mutant)
        if witness.found:
            return "harmless", [], "", why
        return "killed", ["witness"], "", f"no instance satisfies the hypotheses: {witness.reason}"

    def _neighbour(self, *, dropped: bool) -> str:
        """The steps with the hypotheses in another order, or with both sides doubled."""
        if dropped not in self._neighbours:
            given = list(self.statement.given)
            if dropped:
                given.reverse()
            else:
                given[self.number - 1] = scaled(self.hypothesis, 2)
            same = self._affected_in(with_hypotheses(self.statement, given))
            good = all(self._judge.step(step, expected=True).outcome == "proved" for step in same)
            self._neighbours[dropped] = "passes" if good else "fails"
        return self._neighbours[dropped]


def closing(
    judge: Judge,
    original: Statement,
    changed: Statement,
    steps: list[Step],
    seed: int,
    common: Callable[[list[str]], Refutation | None] | None = None,
) -> tuple[Proof, str, Refutation | None]:
    """Whether steps of a changed statement close: what is found, the step it is found of ('' when
    all close), and where a claim fails at an instance of the hypotheses.

    The effort grows only while no step certainly fails, no instance refutes, and all hypotheses
    have a meaning (or had none in the original either).

    common: looks for such an instance, given names of steps, where that costs least.
    """
    own = Refuter(seed)
    failed, where, refutation = Proof("proved", "prover"), "", None
    for effort in Effort:
        failed, where = _first_failure(judge, steps, effort)
        # steps before the first that fails are proved; the last one says what is concluded
        named = [step for step in steps if step.name == where]
        shown = named + steps[-1:]
        if common is not None:
            refutation = common([step.name for step in shown])
        if refutation is None and (common is None or failed.outcome == "unknown"):
            refutation = own.first(shown)
        if refutation is None and failed.outcome == "unknown":
            refutation = own.first(named, attack=True)
        if failed.outcome != "unknown" or refutation is not None:
            break
        why = meaningless(judge, changed) if effort is Effort.SHORT else ""
        if why and not meaningless(judge, original):
            return Proof("rejected", "kernel", f"hypothesis {why}"), where, None
    return failed, where, refutation


def _first_failure(judge: Judge, steps: list[Step], effort: Effort) -> tuple[Proof, str]:
    """The first step that certainly fails, else the first that is undecided, with its name."""
    failed, where = Proof("proved", "prover"), ""
    for step in steps:
        proof = judge.step(step, effort=effort)
        if proof.outcome not in ("proved", "unknown"):
            return proof, step.name
        if proof.outcome == "unknown" and not where:
            failed, where = proof, step.name
    return failed, where


def meaningless(judge: Judge, statement: Statement) -> str:
    """Which hypothesis has no meaning for some values that the others allow, and why, or ''.

    A hypothesis that need not be defined excludes nothing, so that two of them cannot vouch for each
    other: the others are those that are defined, one after the other, in any order.
    """
    sound: list[Relation] = []
    waiting = list(statement.given)
    while True:
        bare = with_hypotheses(statement, sound)
        last = bare.steps[-1]
        probes = [with_step(last, r, name="~", because=(), assuming=()) for r in waiting]
        found = [judge.defined(probe) for probe in probes]
        defined = [r for r, proof in zip(waiting, found, strict=True) if proof.outcome == "proved"]
        if not defined:
            break
        sound += defined
        waiting = [r for r in waiting if r not in defined]
    for relation, proof in zip(waiting, found, strict=True):
        if proof.outcome == "rejected":
            return f"{_line(relation)}: {proof.how}"
    return ""


def signed_parameters(statement: Statement) -> list[Parameter]:
    """The constants of a statement that are declared positive or non-negative, by name."""
    relations = [*statement.given, *(s.claim for s in statement.steps)]
    found = {symbol for relation in relations for symbol in symbols(relation)}
    signed = [p for p in found if isinstance(p, Parameter) and p.sign != "real"]
    return sorted(signed, key=lambda parameter: parameter.name)


def dropped_sign(statement: Statement, parameter: Parameter, seed: int) -> MutantRecord:
    """What became of the statement when a constant may have any sign.

    The neighbour gives the constant another name: the step that noticed must then close.
    """
    free = Parameter(parameter.name, "real")
    proof, where, refutation = Proof("proved", "prover"), "", None
    judge = Judge()
    try:
        changed = with_symbols(statement, {parameter: free})
    except SortError as error:
        changed, proof = statement, Proof("rejected", "kernel", str(error))
    if proof.outcome == "proved":
        stated = [step for step in changed.steps if step.acknowledged is None]
        proof, where, refutation = closing(judge, statement, changed, stated, seed)
    if proof.outcome == "unknown" and _implies_sign(judge, changed, parameter, free):
        proof, where = Proof("proved", "prover", "the hypotheses imply it"), ""
    status, killed_by = verdict(proof, refutation)
    neighbour = _renamed(statement, parameter, where)
    if status == "killed" and neighbour == "fails":
        status = "undecided"
    note = f"step {where}: {proof.how}" if where else proof.how or "every step still closes"
    word = ">" if parameter.sign == "positive" else "≥"
    return MutantRecord(
        statement=statement.label,
        step=f"{statement.label}/sign of {parameter.name}",
        digest=joined_digest(step_digest(step) for step in statement.steps),
        kind="dropped sign",
        change=f"without {to_unicode(parameter)} {word} 0",
        formula=Printer.of(statement).formula(parameter > 0),
        status=status,
        tried=("exact", "sampled", "certified", "prover", "kernel"),
        killed_by=tuple(killed_by),
        neighbour=neighbour,
        instance=refutation.instance if refutation is not None else "",
        note=note,
    )


def _implies_sign(judge: Judge, changed: Statement, parameter: Parameter, free: Parameter) -> bool:
    """Whether a constant without a sign is seen to have the one that was dropped."""
    sign = free > 0 if parameter.sign == "positive" else 0 <= free
    return judge.closes_soon(with_step(changed.steps[-1], sign, name="~", because=(), assuming=()))


def _renamed(statement: Statement, parameter: Parameter, name: str) -> str:
    """Whether the step of this name still closes when the constant is called something else."""
    if not name:
        return ""
    other = with_symbols(statement, {parameter: evolve(parameter, name=f"{parameter.name}_2")})
    step = next(step for step in other.steps if step.name == name)
    return "passes" if Judge().step(step, expected=True).outcome == "proved" else "fails"


def _line(relation: Relation) -> str:
    return " ".join(to_unicode(relation).split())
