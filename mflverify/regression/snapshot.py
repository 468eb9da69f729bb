"""What of a ledger is worth remembering: the part that a person reads when a proof has changed.

A snapshot holds formulas as text with their digests, verdicts, margins and counts, and no
instances, traces or markup; it is what `reports/baseline.json` contains.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from attrs import field, frozen

from mflverify.ledger.records import (
    EvidenceRecord,
    ExampleRecord,
    Formula,
    Ledger,
    ReasonRecord,
    StatementRecord,
    StepRecord,
)

SNAPSHOT_VERSION = 2

# What a person has to agree to when it rises.
COUNTED = {
    "facts": "distinct facts relied on",
    "fact uses": "uses of facts in steps",
    "sampled only": "steps whose evidence is in floats only",
    "solver only": "steps that rest on a solver's word, without a certificate",
    "acknowledged": "claims acknowledged as false",
    "failing": "steps that do not pass",
}


@frozen
class Said:
    """A formula: as printed, and the digest of the expression."""

    text: str
    digest: str


@frozen
class Reason:
    """A reason that a step names; digest: of the formulas that it contributes."""

    kind: str
    label: str
    digest: str


@frozen
class EvidenceEntry:
    """What one engine found on one family; radius: widest relative radius of a side, for balls."""

    verdict: str
    instances: int
    margin: str = ""
    radius: str = ""


@frozen
class StepEntry:
    """A step; evidence: by `ENGINE FAMILY`; means: outcomes of its obligations; place: file."""

    digest: str
    claim: Said
    logical: str
    empirical: str
    passes: bool
    conclusion: bool = False
    acknowledged: str = ""
    assuming: tuple[Said, ...] = ()
    because: tuple[Reason, ...] = ()
    means: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    evidence: dict[str, EvidenceEntry] = field(factory=dict)


@frozen
class StatementEntry:
    """A statement.

    order: names of its steps in reading order.  witness: family and arithmetic of the instance at
    which its hypotheses hold.
    """

    title: str
    status: str
    order: tuple[str, ...] = ()
    given: tuple[Said, ...] = ()
    witness: str = ""
    rests_on: tuple[str, ...] = ()
    steps: dict[str, StepEntry] = field(factory=dict)


@frozen
class ExampleEntry:
    """A closed-form example; digits: on which all ways of computing it agree."""

    value: str
    digits: int
    passed: bool


@frozen
class Settings:
    """How the run was made."""

    version: str
    profile: str
    seed: int
    python: str
    packages: dict[str, str] = field(factory=dict)


@frozen
class Snapshot:
    """The state of all proofs as one run saw them.

    counts: see `COUNTED`.  statements, their steps and the examples are keyed by their labels.
    order: labels of the statements in reading order.
    problems: files that could not be read, with the reason.
    """

    schema: int
    settings: Settings
    counts: dict[str, int]
    order: tuple[str, ...]
    statements: dict[str, StatementEntry]
    examples: dict[str, ExampleEntry] = field(factory=dict)
    problems: tuple[str, ...] = ()

    def steps(self) -> dict[str, StepEntry]:
        """All steps by their full labels, such as `thm-4.1/error-x`, in reading order."""
        return {
            f"{label}/{name}": self.statements[label].steps[name]
            for label in self.order
            for name in self.statements[label].order
        }


def snapshot_of(ledger: Ledger) -> Snapshot:
    """The snapshot of a ledger."""
    statements = {record.label: _statement(record) for record in ledger.statements}
    made = ledger.provenance
    return Snapshot(
        schema=SNAPSHOT_VERSION,
        settings=Settings(made.version, made.profile, made.seed, made.python, dict(made.packages)),
        counts=count(statements.values()),
        order=tuple(statements),
        statements=statements,
        examples={f"{e.name} {e.functional}": _example(e) for e in ledger.examples},
        problems=tuple(sorted(f"{_without_line(p.where)}: {p.message}" for p in ledger.problems)),
    )


def count(statements: Iterable[StatementEntry]) -> dict[str, int]:
    """The numbers of `COUNTED`."""
    steps = [step for statement in statements for step in statement.steps.values()]
    facts = [label for step in steps for label in facts_of(step)]
    return {
        "facts": len(set(facts)),
        "fact uses": len(facts),
        "sampled only": sum(step.empirical == "sampled" for step in steps),
        "solver only": sum("solver" in step.means for step in steps),
        "acknowledged": sum(bool(step.acknowledged) for step in steps),
        "failing": sum(not step.passes for step in steps),
    }


def facts_of(step: StepEntry) -> set[str]:
    """Labels of the facts that a step really used."""
    named = {reason.label for reason in step.because if reason.kind == "fact"}
    return named.intersection(step.uses)


def _statement(record: StatementRecord) -> StatementEntry:
    witness = record.witness
    return StatementEntry(
        title=record.title,
        status=record.status,
        order=tuple(step.name for step in record.steps),
        given=tuple(_said(formula) for formula in record.given),
        witness=f"{witness.family} {witness.arithmetic}" if witness.found else "",
        rests_on=tuple(sorted(record.rests_on)),
        steps={step.name: _step(step) for step in record.steps},
    )


def _step(record: StepRecord) -> StepEntry:
    return StepEntry(
        digest=record.digest,
        claim=_said(record.claim),
        logical=record.logical,
        empirical=record.empirical,
        passes=not record.failure,
        conclusion=record.conclusion,
        acknowledged=record.acknowledged,
        assuming=tuple(_said(formula) for formula in record.assuming),
        because=tuple(_reason(reason) for reason in record.because),
        means=tuple(sorted({obligation.outcome for obligation in record.obligations})),
        uses=tuple(sorted(record.uses)),
        evidence=_evidence(record.evidence),
    )


def _said(formula: Formula) -> Said:
    return Said(formula.unicode, formula.digest)


def _reason(record: ReasonRecord) -> Reason:
    return Reason(record.kind, record.label, " ".join(f.digest[:8] for f in record.formulas))


def _evidence(records: tuple[EvidenceRecord, ...]) -> dict[str, EvidenceEntry]:
    """Evidence that says something, by engine and family; a second of a kind gets a number."""
    found: dict[str, EvidenceEntry] = {}
    for record in records:
        if record.verdict == "not applicable":
            continue
        name = f"{record.engine} {record.family}".strip()
        key, number = name, 1
        while key in found:
            number += 1
            key = f"{name} {number}"
        found[key] = EvidenceEntry(
            record.verdict, record.instances, record.margin, relative_radius(record)
        )
    return found


def _example(record: ExampleRecord) -> ExampleEntry:
    digits = min(record.digits_mpmath, record.digits_arb)
    return ExampleEntry(record.value, digits, record.passed)


_BALL = re.compile(r"\[(?P<mid>[-\d.e+]+ )?\+/- (?P<radius>[\d.e+-]+)\]")


def relative_radius(record: EvidenceRecord) -> str:
    """The larger radius of the two sides relative to the larger midpoint, or '' without balls."""
    balls = [match for side in (record.lhs, record.rhs) if (match := _BALL.fullmatch(side))]
    if not balls:
        return ""
    radius = max(float(ball["radius"]) for ball in balls)
    size = max(abs(float(ball["mid"] or 0)) for ball in balls)
    return f"{radius / size if size else radius:.2g}"


def _without_line(where: str) -> str:
    return re.sub(r":\d+$", "", where)
