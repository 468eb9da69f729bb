"""The comparison of two snapshots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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
    places = {label: n for n, label in enumerate(dict.fromkeys(_labels(old, new, matching)))}
    changes.sort(key=lambda c: (_WEIGHTS[c.weight], not c.label, places.get(c.label, -1), c.label))
    return Difference(*names, tuple(changes))


def _labels(old: Snapshot, new: Snapshot, matching: Matching) -> Iterator[str]:
    """Labels in the reading order of today, what a statement lost after what it has."""
    former = {matching.renamed(label): label for label in old.order}
    for label in dict.fromkeys([*new.order, *former]):
        yield label
        if label in new.statements:
            yield from (f"{label}/{name}" for name in new.statements[label].order)
        if label in former:
            names = old.statements[former[label]].order
            yield from (matching.renamed(f"{former[label]}/{name}") for name in names)


def _statements(
    old: Snapshot, new: Snapshot, matching: Matching, dependents: Dependents
) -> Iterator[Change]:
    yield from _order("", "statements", old.order, new.order, matching.statements)
    for label in old.order:
        if label not in matching.statements:
            lost = ", or in a file that cannot be read" if new.problems else ""
            text = f"statement removed{lost}: {old.statements[label].title}"
            yield Change(
                "removed", label, Weight.CHANGED, text, affected=dependents.of_statement(label)
            )
    for label in new.order:
        if label not in matching.statements.values():
            yield _added(label, new.statements[label])
    for before, after in matching.statements.items():
        if before != after:
            text = f"{before} is called {after} now"
            yield Change("renamed", after, Weight.HARMLESS, text)
        names = {
            name: matching.steps[f"{before}/{name}"].partition("/")[2]
            for name in old.statements[before].order
            if matching.steps.get(f"{before}/{name}", "").startswith(f"{after}/")
        }
        yield from _statement(
            after, old.statements[before], new.statements[after], names, dependents
        )


def _added(label: str, statement: StatementEntry) -> Change:
    good = statement.status == "closed" and all(s.passes for s in statement.steps.values())
    count = len(statement.steps)
    text = (
        f"statement added: {statement.title}; {count} step{'s' * (count != 1)}, {statement.status}"
    )
    return Change("added", label, Weight.HARMLESS if good else Weight.WORSE, text)


def _statement(
    label: str,
    old: StatementEntry,
    new: StatementEntry,
    names: Mapping[str, str],
    dependents: Dependents,
) -> Iterator[Change]:
    """names: of the steps, old to new."""
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
    yield from _order(label, "steps", old.order, new.order, names)
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


def _order(
    label: str, what: str, old: tuple[str, ...], new: tuple[str, ...], names: Mapping[str, str]
) -> Iterator[Change]:
    before = [names[name] for name in old if name in names]
    after = [name for name in new if name in set(before)]
    if before != after:
        text = f"{what} are in another order"
        yield Change("order", label, Weight.HARMLESS, text, ", ".join(before), ", ".join(after))


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
