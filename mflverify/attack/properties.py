"""A step as a property for Hypothesis: targeted search, known worst cases, its example database."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, field
from hypothesis import HealthCheck, Phase, example, given, seed, settings, target
from hypothesis import strategies as st
from hypothesis.database import ExampleDatabase

from mflverify.attack.chunk import as_finding, question_of, refutes
from mflverify.attack.store import Finding
from mflverify.models import InstanceData, TorusFamily, Unavailable, interpret
from mflverify.models.unions import UnionFamily
from mflverify.proof.statement import Step
from mflverify.strategies import instances

# a counterexample is shrunk as an instance, not as a sequence of choices: that is much faster
PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.target)
EXAMPLES = 25
# what `instances` draws
_DRAWN = (TorusFamily(), UnionFamily(TorusFamily()))


class _FailsError(AssertionError):
    """The property fails at an instance."""


@define
class Property:
    """`step holds at this instance`, with the ratio of its sides as Hypothesis's target.

    known: instances tried first as explicit examples, such as worst cases found by ascent.
    best: the largest certain ratio seen.
    """

    step: Step
    known: tuple[InstanceData, ...] = ()
    best: float = field(default=0.0, init=False)
    count: int = field(default=0, init=False)
    worst: InstanceData | None = field(default=None, init=False)
    _failing: InstanceData | None = field(default=None, init=False)

    def check(
        self,
        run_seed: int,
        database: ExampleDatabase | None,
        examples: int = EXAMPLES,
        is_over: Callable[[], bool] = lambda: False,
    ) -> Finding | None:
        """Run Hypothesis; a certain counterexample, shrunk, or None.

        database: where Hypothesis keeps failing and Pareto-optimal examples between runs.
        is_over: from when on nothing is tried any more.
        A step that is not about functions on tori has no strategy and passes untried (count is 0).
        """
        claim, request = question_of(self.step)
        if all(family.supports(request) is not None for family in _DRAWN):
            return None
        strategy = st.booleans().flatmap(lambda flat: instances(request, uniform=flat))

        def holds(data: InstanceData) -> None:
            if is_over():
                return
            self.count += 1
            if refutes(claim, request, data, "ball"):
                self._failing = data
                raise _FailsError(data.describe())
            try:
                ratio = claim.at_least(interpret(data, request, "ball"))
            except (Unavailable, ValueError, ZeroDivisionError):
                return  # this instance violates a hypothesis, or balls have no value here
            target(ratio, label=self.step.label)
            if ratio > self.best:
                self.best, self.worst = ratio, data

        test = given(strategy)(holds)
        for data in self.known:
            test = example(data)(test)
        test = settings(
            max_examples=examples,
            phases=PHASES,
            database=database,
            deadline=None,
            suppress_health_check=[
                HealthCheck.too_slow,
                HealthCheck.data_too_large,
                HealthCheck.filter_too_much,
            ],
            report_multiple_bugs=False,
        )(seed(run_seed)(test))
        try:
            test()
        except _FailsError:
            assert self._failing is not None
            return as_finding(claim, request, self._failing, "ball")
        return None


__all__ = ["Property"]
