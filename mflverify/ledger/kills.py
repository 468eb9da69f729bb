"""The kill matrix: which check noticed which kind of mistake, and the score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from attrs import frozen

from mflverify.ledger.sections import MutantRecord

CHECKS = ("exact", "sampled", "certified", "trajectories", "algebra", "prover", "kernel", "witness")
# a certain failure at an instance, or a normal form that is not 0; the rest says that it is open
CERTAIN = frozenset({"exact", "sampled", "certified", "algebra"})


@frozen
class Row:
    """Mutants of one kind (or of one statement).

    total: how many.  by: how many each check killed.  refuted: killed with certainty, by an
    instance or by a normal form; open_only: killed because the reasons no longer imply it, or no
    instance is left, which is weaker.  harmless, loose: shown equivalent or weaker; not settled.
    """

    name: str
    total: int
    by: dict[str, int]
    refuted: int
    open_only: int
    harmless: int
    loose: int

    @property
    def noticed(self) -> tuple[str, ...]:
        """The checks that killed some."""
        return tuple(check for check, count in self.by.items() if count)


def row(name: str, records: Iterable[MutantRecord]) -> Row:
    """Count records."""
    found = list(records)
    killed = [r for r in found if r.status == "killed"]
    by = Counter(check for r in killed for check in r.killed_by)
    refuted = sum(bool(CERTAIN & set(r.killed_by)) for r in killed)
    harmless = sum(r.status == "harmless" for r in found)
    return Row(
        name,
        len(found),
        {check: by[check] for check in CHECKS},
        refuted,
        len(killed) - refuted,
        harmless,
        len(found) - len(killed) - harmless,
    )


def rows(records: Iterable[MutantRecord], *, by: str) -> list[Row]:
    """One row for each value of the field `by` (`kind` or `statement`), in order of appearance."""
    found = list(records)
    names = dict.fromkeys(getattr(record, by) for record in found)
    return [row(name, [r for r in found if getattr(r, by) == name]) for name in names]


def holes(records: Iterable[MutantRecord]) -> list[MutantRecord]:
    """What keeps the score from being full: survivors, undecided mutants, neighbours that fail."""
    return [r for r in records if r.status in ("survived", "undecided") or r.neighbour == "fails"]
