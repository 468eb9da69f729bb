"""What campaigns found, arranged for readers: kill matrix, freshness, coverage."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from attrs import frozen

from mflverify.ledger.records import (
    ConstantRecord,
    CoverageRecord,
    Formula,
    Ledger,
    MutantRecord,
    RateRecord,
)

Freshness = Literal["current", "earlier", "gone"]


LISTED = 1000  # more mutants than that are not listed one by one
FACTS = "facts"  # what campaigns write for the statement of a fact of the library


@frozen
class Cell:
    """Mutants of one kind of one step; harmless ones count in neither number."""

    killed: int
    total: int

    @property
    def tone(self) -> str:
        """`none`, `pass` (all killed) or `fail`."""
        if not self.total:
            return "none"
        return "pass" if self.killed == self.total else "fail"


@frozen
class MatrixRow:
    """The mutants of one step, by kind and together."""

    step: str
    cells: tuple[Cell, ...]
    whole: Cell
    mutants: tuple[MutantRecord, ...]


@frozen
class Check:
    """How many of the mutants that a check tried it noticed."""

    name: str
    killed: int
    tried: int


@frozen
class KillMatrix:
    """Steps by kinds of mutants.

    checks: what noticed mutants, most kills first.  survivors: mutants that are neither killed nor
    harmless.  spoilt: mutants whose harmless neighbour fails, so that their kill says little.
    """

    kinds: tuple[str, ...]
    rows: tuple[MatrixRow, ...]
    totals: tuple[Cell, ...]
    whole: Cell
    harmless: int
    checks: tuple[Check, ...]
    survivors: tuple[MutantRecord, ...]
    spoilt: tuple[MutantRecord, ...]


def kill_matrix(mutants: tuple[MutantRecord, ...]) -> KillMatrix:
    """The matrix of all mutants, steps and kinds in the order of their first appearance."""
    kinds = tuple(dict.fromkeys(mutant.kind for mutant in mutants))
    by_step: dict[str, list[MutantRecord]] = {}
    for mutant in mutants:
        by_step.setdefault(mutant.step, []).append(mutant)
    rows = tuple(
        MatrixRow(
            step,
            tuple(_cell(mutant for mutant in own if mutant.kind == kind) for kind in kinds),
            _cell(own),
            tuple(own),
        )
        for step, own in by_step.items()
    )
    names = dict.fromkeys(name for mutant in mutants for name in (*mutant.tried, *mutant.killed_by))
    checks = (
        Check(
            name,
            sum(name in mutant.killed_by for mutant in mutants),
            sum(name in (*mutant.tried, *mutant.killed_by) for mutant in mutants),
        )
        for name in names
    )
    return KillMatrix(
        kinds=kinds,
        rows=rows,
        totals=tuple(_cell(mutant for mutant in mutants if mutant.kind == kind) for kind in kinds),
        whole=_cell(mutants),
        harmless=sum(mutant.status == "harmless" for mutant in mutants),
        checks=tuple(sorted(checks, key=lambda check: -check.killed)),
        survivors=tuple(m for m in mutants if m.status in ("survived", "undecided")),
        spoilt=tuple(m for m in mutants if m.status == "killed" and m.neighbour == "fails"),
    )


def _cell(mutants: Iterable[MutantRecord]) -> Cell:
    counted = [mutant.status for mutant in mutants if mutant.status != "harmless"]
    return Cell(counted.count("killed"), len(counted))


@frozen
class RateGroup:
    """The trajectories about one step, in the order of the ledger."""

    step: str
    records: tuple[RateRecord, ...]

    @property
    def quantity(self) -> Formula | None:
        """What decays, when all trajectories show the same."""
        found = {record.quantity for record in self.records}
        return found.pop() if len(found) == 1 else None


def rate_groups(rates: Iterable[RateRecord]) -> tuple[RateGroup, ...]:
    """The trajectories by step, in the order of first appearance."""
    by_step: dict[str, list[RateRecord]] = {}
    for record in rates:
        by_step.setdefault(record.step, []).append(record)
    return tuple(RateGroup(step, tuple(records)) for step, records in by_step.items())


@frozen
class Digests:
    """The digests of steps, of hypotheses and, for the signs of constants, of all steps together: to
    tell what campaigns say of earlier versions."""

    by_label: dict[str, str]

    @staticmethod
    def of(ledger: Ledger) -> Digests:
        found = {step.label: step.digest for s in ledger.statements for step in s.steps}
        found |= {
            f"{statement.label}/hypothesis {number}": hypothesis.digest
            for statement in ledger.statements
            for number, hypothesis in enumerate(statement.given, 1)
        }
        found |= {
            f"{statement.label}/sign of": statement.steps_digest for statement in ledger.statements
        }
        return Digests(found)

    def freshness(self, record: ConstantRecord | MutantRecord | RateRecord) -> Freshness:
        """Whether the record is about the step, hypothesis or sign as it is in the ledger.

        A fact of the library counts as current: no statement holds it.
        """
        if record.statement == FACTS:
            return "current"
        label, sign, _ = record.step.partition("/sign of ")
        digest = self.by_label.get(label + sign.rstrip())
        if digest is None:
            return "gone"
        return "current" if digest == record.digest else "earlier"


@frozen
class PaperCoverage:
    """The numbered items of one paper, and how many of those in scope are formalised, whole or partly."""

    paper: str
    items: tuple[CoverageRecord, ...]
    formalised: int
    partly: int
    wanted: int


def coverage_of(ledger: Ledger) -> tuple[PaperCoverage, ...]:
    """The coverage of each paper that the ledger lists."""
    by_paper: dict[str, list[CoverageRecord]] = {}
    for item in ledger.coverage:
        by_paper.setdefault(item.paper, []).append(item)
    return tuple(
        PaperCoverage(
            paper,
            tuple(items),
            sum(item.state == "formalised" for item in items),
            sum(item.state == "in part" for item in items),
            sum(item.state != "out of scope" for item in items),
        )
        for paper, items in by_paper.items()
    )
