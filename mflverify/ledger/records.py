"""What a run found: plain records, one schema, written as canonical JSON.

Formulas are generated from the checked expressions by the printers and stored rendered, so that
reports need nothing but the ledger.  Verdicts are the strings of `mflverify.proof.verdict`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from attrs import field, frozen

from mflverify.ledger.formula import Formula
from mflverify.ledger.notebook import html_table
from mflverify.ledger.sections import (
    ConstantRecord,
    CoverageRecord,
    CurveRecord,
    MutantRecord,
    RateRecord,
)

SCHEMA_VERSION = 3  # raised whenever a record changes in any way


@frozen
class RewriteRecord:
    """One rewrite of an integral in a normal form: `before` = `after` by `rule`."""

    rule: str
    before: Formula
    after: Formula


@frozen
class AssignmentRecord:
    """The value that a counterexample of the scalar prover gives to a quantity."""

    quantity: Formula
    value: str


@frozen
class SlackRecord:
    """A hypothesis of a certificate: its label, and its right minus its left side."""

    label: str
    difference: Formula


@frozen
class CertificateTerm:
    """coefficient * multiplier * (right minus left of each hypothesis).

    kind: why it is not negative: `hypothesis` (the multiplier is not negative and the hypothesis
    holds; for an equation the coefficient has any sign), `product` (of two hypotheses), `monomial`
    (a product of non-negative quantities), `absolute` (by definition of |q|, max or min) or `square`.
    """

    coefficient: str
    multiplier: Formula
    kind: str
    hypotheses: tuple[SlackRecord, ...] = ()


@frozen
class CertificateCase:
    """target = the sum of the terms, an identity of polynomials.

    target: right minus left of the goal, one case for what each |q|, max and min in it may be;
    `squared`: of the squares of its two sides.
    """

    target: Formula
    terms: tuple[CertificateTerm, ...]
    squared: bool = False


@frozen
class ObligationRecord:
    """What had to be shown for a step, and how it was.

    role: `claim` or `premise n of ...`.  outcome: `settled`, `certificate`, `solver`, `open`,
    `disproved` or `undecided`.  how: one sentence.  used: labels of what was really needed.
    certificate: the non-negative combinations that prove it, when there are any; `proof`: the same
    for a machine, as `mflverify.proof.trace` reads it.
    """

    role: str
    goal: Formula
    outcome: str
    how: str
    used: tuple[str, ...] = ()
    trace: tuple[RewriteRecord, ...] = ()
    certificate: tuple[CertificateCase, ...] = ()
    counterexample: tuple[AssignmentRecord, ...] = ()
    proof: dict[str, Any] | None = None


@frozen
class ReasonRecord:
    """A reason that a step names: kind is `step`, `fact`, `lemma` or `hypothesis`.

    label: of a hypothesis, `hypothesis n` of the statement or `assumption n` of the step.
    """

    kind: str
    label: str
    title: str
    formulas: tuple[Formula, ...] = ()
    citation: str = ""


@frozen
class EvidenceRecord:
    """What one engine says of one step.

    engine: `exact`, `certified`, `sampled` or `trajectories`.  verdict: an `Empirical` value.
    margin: worst relative margin (rhs - lhs)/(|lhs| + |rhs|) over the instances, as a decimal
    string; for equations minus the worst relative residual.  instance: the one that attains it
    (or the counterexample), described for readers, with `data` to rebuild it.
    minimal: for a refutation, the shrunk counterexample beside the dramatic one.
    """

    engine: str
    verdict: str
    instances: int
    family: str = ""
    margin: str = ""
    lhs: str = ""
    rhs: str = ""
    instance: str = ""
    data: dict[str, Any] | None = None
    minimal: str = ""
    minimal_data: dict[str, Any] | None = None
    reason: str = ""


@frozen
class StepRecord:
    """One step with both findings.

    relation: `eq`, `le` or `lt`, the kind of the claim.  location: `FILE:LINE`, relative to the
    folder that holds the folder of proofs.  logical, empirical: verdicts.  uses: labels of facts, lemmas and steps really used.
    acknowledged: label of the step that corrects this known-false claim, or empty.
    green: both findings are a pass (never true of an acknowledged step).
    """

    label: str
    name: str
    claim: Formula
    relation: str
    location: str
    logical: str
    empirical: str
    green: bool
    digest: str
    assuming: tuple[Formula, ...] = ()
    because: tuple[ReasonRecord, ...] = ()
    note: str = ""
    conclusion: bool = False
    acknowledged: str = ""
    obligations: tuple[ObligationRecord, ...] = ()
    evidence: tuple[EvidenceRecord, ...] = ()
    uses: tuple[str, ...] = ()
    failure: str = ""


@frozen
class WitnessRecord:
    """An instance at which all hypotheses hold; `found` false means that none was found."""

    found: bool
    family: str = ""
    arithmetic: str = ""
    instance: str = ""
    reason: str = ""


def joined_digest(digests: Iterable[str]) -> str:
    """One digest for several, in their order."""
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()[:16]


@frozen
class StatementRecord:
    """A statement with its steps.

    status: `closed`, `open`, `refuted` or `undecided`; rests_on: facts and statements, transitively.
    """

    label: str
    title: str
    kind: str
    source: str
    location: str
    status: str
    given: tuple[Formula, ...]
    witness: WitnessRecord
    steps: tuple[StepRecord, ...]
    rests_on: tuple[str, ...] = ()
    seconds: float = field(default=0.0, eq=False)

    @property
    def steps_digest(self) -> str:
        """What stands for all steps at once, where a finding is about the whole statement."""
        return joined_digest(step.digest for step in self.steps)

    def _repr_html_(self) -> str:
        """A table of the steps with both findings, for notebooks."""
        rows = [(s.name, s.claim.unicode, s.logical, s.empirical) for s in self.steps]
        return html_table(("Step", "Claim", "Logical", "Empirical"), rows)


@frozen
class ProblemRecord:
    """A proof file, statement or step that could not be read or run: never skipped silently."""

    where: str
    step: str
    message: str


@frozen
class ExampleRecord:
    """A closed-form example: one derivative, symbolically and by two quadratures.

    digits_mpmath, digits_arb: matching digits.  passed: both at least 45 and the ball contains it.
    """

    name: str
    title: str
    source: str
    functional: str
    formula: str
    latex: str
    value: str
    mpmath: str
    arb: str
    digits_mpmath: int
    digits_arb: int
    passed: bool


@frozen
class ReasonTrace:
    """A reason for replay: kind is `step`, `fact`, `lemma` or `hypothesis`.

    name: of the step in its statement, of the fact, of the statement; for a hypothesis empty.
    arguments: numbers of terms, as `mflverify.proof.trace` reads them.
    """

    kind: str
    name: str
    arguments: Any = None


@frozen
class StepTrace:
    """A step for replay; claim and assumptions are numbers of terms."""

    name: str
    claim: int
    assuming: tuple[int, ...] = ()
    because: tuple[ReasonTrace, ...] = ()
    conclusion: bool = False
    acknowledged: str = ""


@frozen
class StatementTrace:
    """A statement for replay; hypotheses are numbers of terms."""

    label: str
    given: tuple[int, ...]
    steps: tuple[StepTrace, ...]


@frozen
class TraceRecord:
    """All that the kernel needs to check the proofs again; `terms` as in `mflverify.expr.serial`."""

    terms: tuple[Any, ...]
    statements: tuple[StatementTrace, ...]


@frozen
class Provenance:
    """How the run was made; everything that may change its outcome.

    commit: of the folder of proofs, with `+` when its files differed from it; empty without git.
    """

    version: str
    profile: str
    seed: int
    python: str
    packages: dict[str, str]
    commit: str = ""


@frozen
class Ledger:
    """All that one run found.

    constants, mutants, rates: what campaigns found; those have ledgers of their own, without
    statements.  coverage: the numbered items of the papers.  trace: the proofs for replay.
    """

    schema: int
    provenance: Provenance
    statements: tuple[StatementRecord, ...]
    problems: tuple[ProblemRecord, ...] = ()
    examples: tuple[ExampleRecord, ...] = ()
    coverage: tuple[CoverageRecord, ...] = ()
    constants: tuple[ConstantRecord, ...] = ()
    mutants: tuple[MutantRecord, ...] = ()
    rates: tuple[RateRecord, ...] = ()
    trace: TraceRecord | None = None

    def counts(self) -> dict[str, dict[str, int]]:
        """How many steps have each finding: {'logical': {...}, 'empirical': {...}}."""
        table: dict[str, dict[str, int]] = {"logical": {}, "empirical": {}}
        for statement in self.statements:
            for step in statement.steps:
                for kind, verdict in (("logical", step.logical), ("empirical", step.empirical)):
                    table[kind][verdict] = table[kind].get(verdict, 0) + 1
        return table

    @property
    def failures(self) -> tuple[str, ...]:
        """Labels of all that keeps the run from passing, with the reason; empty means success."""
        found = [f"{problem.where}: {problem.message}" for problem in self.problems]
        for statement in self.statements:
            if not statement.witness.found:
                found.append(
                    f"{statement.label}: no witness for its hypotheses: {statement.witness.reason}"
                )
            found.extend(
                f"{step.label}: {step.failure}" for step in statement.steps if step.failure
            )
        found += [
            f"{example.name} ({example.functional}): digits disagree"
            for example in self.examples
            if not example.passed
        ]
        return tuple(found)

    def _repr_html_(self) -> str:
        """A table of the statements, for notebooks."""
        rows = [
            (
                s.label,
                s.title,
                s.status,
                str(sum(step.green for step in s.steps)),
                str(len(s.steps)),
            )
            for s in self.statements
        ]
        return html_table(("Statement", "Title", "Status", "Green", "Steps"), rows)


__all__ = [
    "AssignmentRecord",
    "CertificateCase",
    "CertificateTerm",
    "ConstantRecord",
    "CoverageRecord",
    "CurveRecord",
    "EvidenceRecord",
    "ExampleRecord",
    "Formula",
    "Ledger",
    "MutantRecord",
    "ObligationRecord",
    "ProblemRecord",
    "Provenance",
    "RateRecord",
    "ReasonRecord",
    "ReasonTrace",
    "RewriteRecord",
    "SlackRecord",
    "StatementRecord",
    "StatementTrace",
    "StepRecord",
    "StepTrace",
    "TraceRecord",
    "WitnessRecord",
]
