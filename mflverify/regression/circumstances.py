"""What changed around the statements: counts, examples, unreadable files, settings."""

from __future__ import annotations

from collections.abc import Iterator

from mflverify.regression.difference import Change, Weight
from mflverify.regression.snapshot import COUNTED, ExampleEntry, Snapshot


def compare_circumstances(old: Snapshot, new: Snapshot) -> Iterator[Change]:
    """Changes that belong to no statement."""
    for name, meaning in COUNTED.items():
        before, after = old.counts.get(name, 0), new.counts.get(name, 0)
        if before != after:
            weight = Weight.WORSE if after > before else Weight.HARMLESS
            yield Change("count", "", weight, f"{meaning}: {before} → {after}")
    for problem in new.problems:
        if problem not in old.problems:
            yield Change("problem", "", Weight.WORSE, f"cannot be read: {problem}")
    for problem in old.problems:
        if problem not in new.problems:
            yield Change("problem", "", Weight.HARMLESS, f"can be read again: {problem}")
    yield from _examples(old, new)
    yield from _settings(old, new)


def _examples(old: Snapshot, new: Snapshot) -> Iterator[Change]:
    if old.examples and not new.examples:
        count = len(old.examples)
        yield Change("removed", "", Weight.CHANGED, f"none of the {count} examples was run")
        return
    for name in sorted(old.examples.keys() | new.examples.keys()):
        before, after = old.examples.get(name), new.examples.get(name)
        label = f"example {name}"
        if after is None:
            yield Change("removed", label, Weight.CHANGED, "example removed")
        elif before is None:
            weight = Weight.HARMLESS if after.passed else Weight.WORSE
            yield Change("added", label, weight, f"example added, {after.digits} digits agree")
        else:
            yield from _example(label, before, after)


def _example(label: str, old: ExampleEntry, new: ExampleEntry) -> Iterator[Change]:
    if old.value != new.value:
        yield Change(
            "constants", label, Weight.CHANGED, "the value is another", old.value, new.value
        )
    if old.passed and not new.passed:
        yield Change(
            "verdict", label, Weight.WORSE, "the ways of computing it do not agree any more"
        )
    elif new.passed and not old.passed:
        yield Change("verdict", label, Weight.HARMLESS, "the ways of computing it agree now")
    if old.digits != new.digits:
        weight = Weight.WORSE if new.digits < old.digits else Weight.HARMLESS
        yield Change("digits", label, weight, f"digits of agreement {old.digits} → {new.digits}")


def _settings(old: Snapshot, new: Snapshot) -> Iterator[Change]:
    mine, theirs = old.settings, new.settings
    for name, before, after in (
        ("profile", mine.profile, theirs.profile),
        ("seed", str(mine.seed), str(theirs.seed)),
    ):
        if before != after:
            text = f"made with {name} {after}, not {before}: margins are not compared"
            yield Change("settings", "", Weight.CHANGED, text)
    versions = {
        "mflverify": (mine.version, theirs.version),
        "python": (mine.python, theirs.python),
        **{
            name: (mine.packages.get(name, "none"), theirs.packages.get(name, "none"))
            for name in sorted(mine.packages.keys() | theirs.packages.keys())
        },
    }
    for name, (before, after) in versions.items():
        if before != after:
            yield Change("settings", "", Weight.HARMLESS, f"{name} {before} → {after}")
