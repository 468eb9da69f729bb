"""Units of work: the witness of a statement, a step, or an example."""

from __future__ import annotations

from pathlib import Path

from attrs import frozen

from mflverify.ledger.records import ExampleRecord, StepRecord, WitnessRecord
from mflverify.proof.loader import Proofs
from mflverify.proof.statement import Application, Statement, Step

Record = StepRecord | WitnessRecord | tuple[ExampleRecord, ...]


@frozen
class Task:
    """One unit of work: a step, the witness of a statement (step empty), or an example."""

    statement: str
    step: str
    example: str = ""

    @property
    def label(self) -> str:
        """How the task is called while it runs."""
        return self.example or (f"{self.statement}/{self.step}" if self.step else self.statement)


@frozen
class Done:
    """A finished task with its record."""

    task: Task
    record: Record


def tasks_of(statements: list[Statement]) -> list[Task]:
    """All units of work, in reading order."""
    return [
        task
        for s in statements
        for task in (Task(s.label, ""), *(Task(s.label, step.name) for step in s.steps))
    ]


def step_of(statement: Statement, task: Task) -> Step:
    """The step that a task is about."""
    return next(step for step in statement.steps if step.name == task.step)


def closure(proofs: Proofs, labels: list[str]) -> list[str]:
    """The named statements and all that they use, in reading order."""
    wanted = set(labels)
    stack = list(labels)
    while stack:
        for used in used_statements(proofs.statements[stack.pop()]):
            if used not in wanted:
                wanted.add(used)
                stack.append(used)
    return [label for label in proofs.statements if label in wanted]


def used_statements(statement: Statement) -> set[str]:
    """Labels of the statements that the steps of this one name."""
    found: set[str] = set()
    for step in statement.steps:
        for reason in step.because:
            source = reason.source if isinstance(reason, Application) else reason
            if isinstance(source, Statement):
                found.add(source.label)
    return found


def relative(file: str, line: int) -> str:
    """`file:line`, relative to the folder that holds the folder of proofs.

    So a ledger is the same from wherever the run was started.
    """
    path = Path(file)
    return f"{path.relative_to(path.parents[2]) if len(path.parents) > 2 else path}:{line}"
