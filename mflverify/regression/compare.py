"""The comparison of two snapshots."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mflverify.regression.circumstances import compare_circumstances
from mflverify.regression.dependents import Dependents
from mflverify.regression.difference import Change, Difference, Weight
from mflverify.regression.matching import Matching, match
from mflverify.regression.snapshot import Snapshot, StatementEntry, StepEntry
from mflverify.regression.steps import compare_steps

_STATUS = {"closed": 3, "open": 2, "undecided": 1, "refuted": 0}
_WEIGHTS = {Weight.WORSE: 0, Weight.CHANGED: 1, Weight.HARMLESS: 2}


def compare(old: Snapshot, new: Snapshot, *, names: tuple[str, str] = ("old", "new")) -> Difference:
    """What changed from `old` to `new`.

    Margins and numbers of instances are compared only between runs with the same profile and seed.
    names: how the two are called in reports.
    """
    matching = match(old, new)
    dependents = Dependents.of(old, new, matching)
    changes = [
        *_statements(old, new, matching, dependents),
        *_steps(old, new, matching, dependents),
        *compare_circumstances(old, new),
    ]
    changes.sort(key=lambda c: (_WEIGHTS[c.weight], not c.label, natural(c.label), c.kind))
    return Difference(*names, tuple(changes))


def natural(label: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts lem-3.9 before lem-3.11."""
    return tuple(
        (1, int(part), "") if part.isdecimal() else (0, 0, part)
        for part in re.split(r"(\d+)", label)
    )


def _statements(
    old: Snapshot, new: Snapshot, matching: Matching, dependents: Dependents
) -> Iterator[Change]:
    for label, statement in old.statements.items():
        if label not in matching.statements:
            text = f"statement removed: {statement.title}"
            yield Change(
                "removed", label, Weight.CHANGED, text, affected=dependents.of_statement(label)
            )
    for label in new.statements:
        if label not in matching.statements.values():
            yield _added(label, new.statements[label])
    for before, after in matching.statements.items():
        if before != after:
            text = f"{before} is called {after} now"
            yield Change("renamed", after, Weight.HARMLESS, text)
        yield from _statement(after, old.statements[before], new.statements[after], dependents)


def _added(label: str, statement: StatementEntry) -> Change:
    good = statement.status == "closed" and all(s.passes for s in statement.steps.values())
    count = len(statement.steps)
    text = (
        f"statement added: {statement.title}; {count} step{'s' * (count != 1)}, {statement.status}"
    )
    return Change("added", label, Weight.HARMLESS if good else Weight.WORSE, text)


def _statement(
    label: str, old: StatementEntry, new: StatementEntry, dependents: Dependents
) -> Iterator[Change]:
    gone = [said for said in old.given if said.digest not in {s.digest for s in new.given}]
    come = [said for said in new.given if said.digest not in {s.digest for s in old.given}]
    if gone or come:
        first, second = ("; ".join(said.text for said in part) for part in (gone, come))
        text = (
            "hypotheses changed"
            if gone and come
            else f"hypothesis {'added' if come else 'removed'}"
        )
        affected = dependents.of_statement(label)
        yield Change("given", label, Weight.CHANGED, text, first, second, affected=affected)
    if old.witness and not new.witness:
        text = "no instance is found any more at which the hypotheses hold"
        yield Change("witness", label, Weight.WORSE, text)
    elif new.witness and not old.witness:
        text = "an instance is found at which the hypotheses hold"
        yield Change("witness", label, Weight.HARMLESS, text)
    if old.status != new.status:
        worse = _STATUS[new.status] < _STATUS[old.status]
        text = f"status {old.status} → {new.status}"
        yield Change(
            "status",
            label,
            Weight.WORSE if worse else Weight.HARMLESS,
            text,
            affected=dependents.of_statement(label) if worse else (),
        )


def _steps(
    old: Snapshot, new: Snapshot, matching: Matching, dependents: Dependents
) -> Iterator[Change]:
    before, after = old.steps(), new.steps()
    measured = _same_draws(old, new)
    for label, step in before.items():
        statement = label.partition("/")[0]
        if label in matching.steps:
            new_label = matching.steps[label]
            yield from _place(label, new_label, matching)
            yield from compare_steps(
                new_label, step, after[new_label], matching, dependents, measured=measured
            )
        elif statement in matching.statements:
            new_label = matching.renamed(label)
            text = f"{'conclusion' if step.conclusion else 'step'} removed"
            yield Change(
                "removed", new_label, Weight.CHANGED, text, old=step.claim.text,
                affected=dependents.of_step(new_label),
            )  # fmt: skip
    taken = set(matching.steps.values())
    for label, step in after.items():
        if label not in taken and label.partition("/")[0] in matching.statements.values():
            yield _added_step(label, step)


def _added_step(label: str, step: StepEntry) -> Change:
    text = (
        f"{'conclusion' if step.conclusion else 'step'} added: {step.logical}, {step.empirical}"
        + (f", acknowledged as false (see {step.acknowledged})" if step.acknowledged else "")
    )
    weight = Weight.HARMLESS if step.passes and not step.acknowledged else Weight.WORSE
    return Change("added", label, weight, text, new=step.claim.text)


def _place(old: str, new: str, matching: Matching) -> Iterator[Change]:
    """A step that is called otherwise within its statement, or stands in another one."""
    (statement, name), (home, called) = old.split("/", 1), new.split("/", 1)
    if matching.statements.get(statement) != home:
        yield Change("moved", new, Weight.CHANGED, f"moved here from {old}")
    elif name != called:
        yield Change("renamed", new, Weight.HARMLESS, f"{old} is called {new} now")


def _same_draws(old: Snapshot, new: Snapshot) -> bool:
    mine, theirs = old.settings, new.settings
    return (mine.profile, mine.seed) == (theirs.profile, theirs.seed)
