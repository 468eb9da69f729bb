"""What rests on a step or a statement, through what was really used before or is used now."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from mflverify.regression.matching import Matching
from mflverify.regression.snapshot import Snapshot


@frozen
class Dependents:
    """Edges from what is used to what uses it, under the new labels.

    users: labels of the steps that use a step or statement; a conclusion is used by its statement.
    order: position of every label in reading order.
    """

    users: Mapping[str, frozenset[str]]
    order: Mapping[str, int]

    @staticmethod
    def of(old: Snapshot, new: Snapshot, matching: Matching) -> Dependents:
        """The dependents in both snapshots together: an edge that was just lost still counts."""
        users: dict[str, set[str]] = {}
        order: dict[str, int] = {}
        for snapshot, rename in ((new, False), (old, True)):
            for label in snapshot.order:
                statement = snapshot.statements[label]
                home = matching.renamed(label) if rename else label
                order.setdefault(home, len(order))
                for name in statement.order:
                    step = statement.steps[name]
                    full = matching.renamed(f"{label}/{name}") if rename else f"{label}/{name}"
                    order.setdefault(full, len(order))
                    if step.conclusion:
                        users.setdefault(full, set()).add(home)
                    for used in step.uses:
                        source = matching.renamed(used) if rename else used
                        users.setdefault(source, set()).add(full)
        return Dependents({label: frozenset(found) for label, found in users.items()}, order)

    def of_step(self, label: str) -> tuple[str, ...]:
        """Later steps of the same statement and other statements that rest on a step."""
        return self._reached(label, label.partition("/")[0])

    def of_statement(self, label: str) -> tuple[str, ...]:
        """Other statements that rest on a statement."""
        return self._reached(label, label)

    def _reached(self, start: str, home: str) -> tuple[str, ...]:
        seen = {start}
        stack = [start]
        while stack:
            for user in self.users.get(stack.pop(), ()):
                if user not in seen:
                    seen.add(user)
                    stack.append(user)
        found = {
            label if label.startswith(f"{home}/") else label.partition("/")[0]
            for label in seen - {start, home}
        }
        return tuple(sorted(found - {home}, key=lambda label: self.order.get(label, 0)))
