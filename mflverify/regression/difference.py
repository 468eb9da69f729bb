"""What a comparison of two snapshots says: changes, each with its weight."""

from __future__ import annotations

from enum import StrEnum

from attrs import frozen


class Weight(StrEnum):
    """How a change is to be taken.

    WORSE: something that held before holds less well now.  CHANGED: the mathematics is another.
    Both are for a person to accept.  HARMLESS: better, added, renamed, or only circumstances.
    """

    WORSE = "worse"
    CHANGED = "changed"
    HARMLESS = "harmless"


@frozen
class Change:
    """One change.

    kind: `restated`, `verdict`, `margin`, ... (a word for grouping).  label: of the statement or
    step as it is called now (or was, when it is gone).  text: one sentence.
    old, new: formulas to be shown side by side.  constants: `2 → 3` when only numbers differ.
    affected: steps of the same statement and other statements that rest on it, in reading order.
    """

    kind: str
    label: str
    weight: Weight
    text: str
    old: str = ""
    new: str = ""
    constants: tuple[str, ...] = ()
    affected: tuple[str, ...] = ()


@frozen
class Difference:
    """All changes from one snapshot to another, the gravest first.

    old, new: how the two are called.
    """

    old: str
    new: str
    changes: tuple[Change, ...]

    def of(self, weight: Weight) -> tuple[Change, ...]:
        """The changes of one weight."""
        return tuple(change for change in self.changes if change.weight is weight)

    @property
    def needs_acceptance(self) -> bool:
        """Whether a person has to accept it: something is worse, or the mathematics changed."""
        return any(change.weight is not Weight.HARMLESS for change in self.changes)
