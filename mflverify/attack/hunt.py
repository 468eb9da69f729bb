"""`mflverify hunt`: known counterexamples first, then Hypothesis, then chunks until the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from attrs import define, evolve, field, frozen
from hypothesis.database import DirectoryBasedExampleDatabase

from mflverify.attack.campaign import Workers, chunks
from mflverify.attack.chunk import (
    SUSPICIOUS,
    ChunkTask,
    Sources,
    as_finding,
    question_of,
    refutes,
)
from mflverify.attack.properties import Property
from mflverify.attack.store import Chunk, Finding, Store, Totals
from mflverify.engines.empirical import speaks_of_time
from mflverify.engines.trajectories import Journey, NoJourneyError
from mflverify.expr.sorts import SCALAR
from mflverify.models import InstanceData
from mflverify.models.interpretation import Arithmetic
from mflverify.proof.loader import Proofs
from mflverify.proof.statement import Step
from mflverify.verification.record import step_digest
from mflverify.verification.sources import Engine

ENGINE = Engine(("mflverify.attack.hunt",))
EXAMPLES = "examples"


@frozen
class Prey:
    """What became of one step.

    replayed: whether the counterexample is one of an earlier campaign.  tried: instances that
    Hypothesis tried.  skipped: why the step cannot be hunted, or ''.  late: whether the step is about
    later times, where trajectories in floats may raise a suspicion and refute nothing.
    """

    step: str
    finding: Finding | None = None
    replayed: bool = False
    tried: int = 0
    totals: Totals | None = None
    skipped: str = ""
    late: bool = False

    @property
    def is_suspected(self) -> bool:
        """Whether the claim is violated by floats alone, which nothing certain confirms or denies."""
        if self.finding is not None or self.totals is None:
            return False
        return self.totals.ratio > (1.0 if self.late else SUSPICIOUS)


@define
class Hunt:
    """A campaign against some steps.

    limit: chunks for each step, None: until the budget ends.
    """

    proofs: Proofs
    steps: list[Step]
    store: Store
    seed: int
    limit: int | None = None
    found: dict[str, Prey] = field(factory=dict, init=False)
    _campaigns: dict[str, int] = field(factory=dict, init=False)

    def run(
        self,
        workers: Callable[[], Workers],
        is_over: Callable[[], bool],
        progress: Callable[[str, Chunk | None], None],
    ) -> list[Prey]:
        """Hunt until all chunks are done or `is_over`; what became of each step, in order.

        workers: made only when chunks are to be carried out.
        progress: called with the label of a step, and its chunk when one has ended.
        """
        for step in self.steps:
            progress(step.label, None)
            self.found[step.label] = self._first(step, is_over)
        open_ = [step.label for step in self.steps if self._is_open(step.label)]
        if open_:
            crew = workers()
            try:
                for task, chunk in chunks(self._tasks(open_), crew, is_over):
                    self.store.record(self._campaigns[task.step], chunk)
                    if chunk.finding is not None and self._is_open(task.step):
                        self.found[task.step] = Prey(
                            task.step, chunk.finding, tried=self.found[task.step].tried
                        )
                    progress(task.step, chunk)
            finally:
                crew.close()
        return [self._with_totals(self.found[step.label]) for step in self.steps]

    def _with_totals(self, prey: Prey) -> Prey:
        if prey.step not in self._campaigns:
            return prey
        return evolve(prey, totals=self.store.totals(self._campaigns[prey.step]))

    def _is_open(self, label: str) -> bool:
        return not self.found[label].skipped and self.found[label].finding is None

    def _first(self, step: Step, is_over: Callable[[], bool]) -> Prey:
        """Counterexamples of earlier campaigns, then Hypothesis with the worst cases it knows."""
        if step.claim.lhs.sort != SCALAR:
            return Prey(step.label, skipped="not an equation or inequality between numbers")
        digest = step_digest(step)
        number = self.store.campaign(step.label, digest, ENGINE.digest, self.seed)
        self._campaigns[step.label] = number
        if speaks_of_time(step.claim):
            try:
                Journey.of(step)
            except NoJourneyError as error:
                return Prey(step.label, skipped=str(error))
            return Prey(step.label, late=True)
        claim, request = question_of(step)
        known = self.store.findings(step.label)
        for finding in known:
            for tree in (finding.minimal, finding.data):
                data = _parsed(tree)
                arithmetic: Arithmetic = "exact" if finding.arithmetic == "exact" else "ball"
                if data is not None and refutes(claim, request, data, arithmetic):
                    again = as_finding(claim, request, data, arithmetic)
                    return Prey(step.label, again, replayed=True)
        if is_over():
            return Prey(step.label)
        best = self.store.totals(number).data
        worst = [data for data in [_parsed(best)] if data is not None]
        database = DirectoryBasedExampleDatabase(self.store.path.with_suffix(f".{EXAMPLES}"))
        check = Property(step, tuple(worst))
        finding = check.check(self.seed, database, is_over=is_over)
        if finding is not None:
            self.store.keep(step.label, digest, finding)
        return Prey(step.label, finding, tried=check.count)

    def _tasks(self, labels: list[str]) -> Iterator[ChunkTask]:
        """Chunks not yet done, one for each step in turn; a step that is refuted gets no more."""
        sources = Sources.of(self.proofs.root)
        done = {label: self.store.done(self._campaigns[label]) for label in labels}
        number = 0
        while self.limit is None or number < self.limit:
            still = [label for label in labels if self._is_open(label)]
            if not still:
                return
            for label in still:
                if number not in done[label] and self._is_open(label):
                    yield ChunkTask(sources, label, self.seed, number)
            number += 1


def _parsed(tree: object) -> InstanceData | None:
    try:
        return InstanceData.from_json(tree)
    except ValueError:
        return None  # kept by an earlier version that wrote instances otherwise


def chosen_steps(proofs: Proofs, labels: list[str]) -> list[Step]:
    """The named steps, and those of the named statements that are not acknowledged as false.

    Raises KeyError for an unknown label.
    """
    found: dict[str, Step] = {}
    for label in labels:
        name, _, wanted = label.partition("/")
        if name not in proofs.statements:
            raise KeyError(label)
        steps = proofs.statements[name].steps
        own = [s for s in steps if (s.name == wanted if wanted else s.acknowledged is None)]
        if wanted and not own:
            raise KeyError(label)
        found |= {step.label: step for step in own}
    return list(found.values())
