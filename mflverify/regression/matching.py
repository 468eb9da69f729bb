"""Which statement and step of one snapshot is which of another, whatever they are called.

Content decides before names do: a lemma renumbered from 3.9 to 3.11 is the same lemma, also when
another one is called 3.9 now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import TypeVar

from attrs import frozen

from mflverify.regression.snapshot import Snapshot, StatementEntry, StepEntry

ALIKE = 0.5  # the share of common steps from which two statements are taken for one

Entry = TypeVar("Entry")


@frozen
class Matching:
    """Old labels to new ones; what is missing on either side was removed or added.

    statements: labels of statements.  steps: full labels of steps.
    """

    statements: Mapping[str, str]
    steps: Mapping[str, str]

    def renamed(self, label: str) -> str:
        """What an old label of a statement or step is called now, or would be if it were there."""
        found = self.statements.get(label) or self.steps.get(label)
        if found is not None:
            return found
        statement, slash, name = label.partition("/")
        return f"{self.statements.get(statement, statement)}{slash}{name}"


def match(old: Snapshot, new: Snapshot) -> Matching:
    """Match statements, then the steps inside them, then steps that moved between statements."""
    statements = _match_statements(old.statements, new.statements)
    steps: dict[str, str] = {}
    for before, after in statements.items():
        inside = _match_steps(old.statements[before].steps, new.statements[after].steps)
        steps |= {f"{before}/{a}": f"{after}/{b}" for a, b in inside.items()}
    left = {label: step for label, step in old.steps().items() if label not in steps}
    taken = set(steps.values())
    right = {label: step for label, step in new.steps().items() if label not in taken}
    steps |= _pair(left, right, fingerprint)
    return Matching(statements, steps)


def fingerprint(step: StepEntry) -> tuple[str, ...]:
    """What a step claims, under which assumptions of its own."""
    return (step.claim.digest, *sorted(said.digest for said in step.assuming))


def _match_statements(
    old: Mapping[str, StatementEntry], new: Mapping[str, StatementEntry]
) -> dict[str, str]:
    """The most alike first, those of one label when equally alike; then same labels, then titles."""
    found: dict[str, str] = {}
    taken: set[str] = set()

    def settle(pairs: Iterable[tuple[str, str]]) -> None:
        for a, b in pairs:
            if a not in found and b not in taken:
                found[a] = b
                taken.add(b)

    alike = {(a, b): _likeness(old[a], new[b]) for a in old for b in new}
    ranked = sorted(alike, key=lambda pair: (-alike[pair], pair[0] != pair[1], pair))
    settle(pair for pair in ranked if alike[pair] >= ALIKE)
    settle((a, a) for a in old if a in new and (alike[a, a] or old[a].title == new[a].title))
    settle((a, b) for a in old for b in new if old[a].title == new[b].title)
    settle((a, a) for a in old if a in new)
    return {a: found[a] for a in old if a in found}


def _likeness(first: StatementEntry, second: StatementEntry) -> float:
    """The share of steps that two statements have in common."""
    mine = Counter(fingerprint(step) for step in first.steps.values())
    theirs = Counter(fingerprint(step) for step in second.steps.values())
    common = (mine & theirs).total()
    return common / max(mine.total(), theirs.total(), 1)


def _match_steps(old: Mapping[str, StepEntry], new: Mapping[str, StepEntry]) -> dict[str, str]:
    """Same name and claim first, then the same claim, then the same name."""
    found = {
        name: name
        for name in old
        if name in new and fingerprint(old[name]) == fingerprint(new[name])
    }
    left = {name: step for name, step in old.items() if name not in found}
    right = {name: step for name, step in new.items() if name not in found}
    found |= _pair(left, right, fingerprint)
    taken = set(found.values())
    return found | {n: n for n in old if n in new and n not in found and n not in taken}


def _pair(
    left: Mapping[str, Entry], right: Mapping[str, Entry], key: Callable[[Entry], Hashable]
) -> dict[str, str]:
    """Names with equal keys, in order."""
    waiting: dict[Hashable, list[str]] = {}
    for name, entry in right.items():
        waiting.setdefault(key(entry), []).append(name)
    found: dict[str, str] = {}
    for name, entry in left.items():
        candidates = waiting.get(key(entry))
        if candidates:
            found[name] = candidates.pop(0)
    return found
