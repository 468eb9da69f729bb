"""The pytest plugin: every step of a proof file is a test item.

`pytest proofs/` collects files two levels below a folder named `proofs`; items are named
`FILE::STATEMENT/STEP` and `FILE::STATEMENT/witness`.  Options: `--mfl-profile`, `--mfl-seed`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mflverify.ledger.records import StepRecord
    from mflverify.proof.loader import Proofs
    from mflverify.proof.statement import Statement, Step


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options for how hard to try and with which seed."""
    group = parser.getgroup("mflverify", "proof files")
    group.addoption("--mfl-profile", default="quick", choices=("quick", "default", "deep"),
                    help="instances per engine and step (default: quick)")  # fmt: skip
    group.addoption("--mfl-seed", default=0, type=int, help="seed of all random draws")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ProofFile | None:
    """Proof files are those in a subfolder of a folder `proofs`."""
    if file_path.suffix == ".py" and file_path.parent.parent.name == "proofs":
        if file_path.name.startswith("_"):
            return None
        return ProofFile.from_parent(parent, path=file_path)
    return None


_loaded: dict[Path, Proofs] = {}


def proofs_of(file: Path) -> Proofs:
    """The proofs that a file belongs to, read once a session."""
    from mflverify.proof.loader import load  # noqa: PLC0415  (not needed by other test runs)

    root = file.parent.parent
    if root not in _loaded:
        _loaded[root] = load(root)
    return _loaded[root]


class ProofError(Exception):
    """A step, a witness or a file that fails; its text is the report."""


class ProofFile(pytest.File):
    """A proof file."""

    def collect(self) -> Iterator[pytest.Item]:
        """The witness and the steps of each statement; an unreadable file is one failing item."""
        proofs = proofs_of(self.path)
        for problem in proofs.problems:
            if problem.where.startswith(str(self.path)):
                text = f"{problem.where}: {problem.step + ': ' if problem.step else ''}{problem.message}"
                yield UnreadableItem.from_parent(self, name="unreadable", text=text)
        for statement in proofs.statements.values():
            if Path(statement.location.file) != self.path:
                continue
            yield WitnessItem.from_parent(
                self, name=f"{statement.label}/witness", statement=statement
            )
            for step in statement.steps:
                yield StepItem.from_parent(self, name=step.label, step=step)


class _Item(pytest.Item):
    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style=None):
        if isinstance(excinfo.value, ProofError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    @property
    def _seed(self) -> int:
        return int(self.config.getoption("--mfl-seed", default=0) or 0)


class UnreadableItem(_Item):
    """A file that could not be read."""

    def __init__(self, *, text: str, **kwargs: object) -> None:
        super().__init__(**kwargs)  # type: ignore[arg-type]
        self.text = text

    def runtest(self) -> None:
        """Fail with the problem."""
        raise ProofError(self.text)


class WitnessItem(_Item):
    """The hypotheses of a statement can hold."""

    def __init__(self, *, statement: Statement, **kwargs: object) -> None:
        super().__init__(**kwargs)  # type: ignore[arg-type]
        self.statement = statement

    def runtest(self) -> None:
        """Fail when no instance satisfies all hypotheses."""
        from mflverify.verification.check import check_witness  # noqa: PLC0415

        witness = check_witness(self.statement, self._seed)
        self.user_properties += [
            ("check", self.name),
            ("witness", "found" if witness.found else "none"),
            ("family", witness.family),
        ]
        if not witness.found:
            raise ProofError(
                f"{self.statement.label}: no witness for its hypotheses: {witness.reason}"
            )

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the statement stands."""
        return self.path, self.statement.location.line - 1, self.name


class StepItem(_Item):
    """One step: passes when both findings are a pass (or a known-false claim is refuted again)."""

    def __init__(self, *, step: Step, **kwargs: object) -> None:
        super().__init__(**kwargs)  # type: ignore[arg-type]
        self.step = step

    def runtest(self) -> None:
        """Fail with formula, findings, instance, both sides and margin."""
        from mflverify.engines.profile import PROFILES  # noqa: PLC0415
        from mflverify.verification.check import check_step  # noqa: PLC0415

        profile = PROFILES[str(self.config.getoption("--mfl-profile"))]
        record = check_step(self.step, profile, self._seed)
        self.user_properties += properties_of(record)
        if record.failure:
            raise ProofError(describe_failure(record))

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the step stands."""
        return self.path, self.step.location.line - 1, self.name


def properties_of(record: StepRecord) -> list[tuple[str, object]]:
    """What JUnit files say of a step (`pytest --junitxml`): its label, findings, digest and place."""
    instances = sum(e.instances for e in record.evidence if e.verdict == record.empirical)
    margins = [float(e.margin) for e in record.evidence if e.margin]
    found: list[tuple[str, object]] = [
        ("check", record.label),
        ("logical", record.logical),
        ("empirical", record.empirical),
        ("instances", instances),
        ("digest", record.digest),
        ("location", record.location),
    ]
    if margins:
        found.append(("worst margin", f"{min(margins):.6g}"))
    if record.acknowledged:
        found.append(("acknowledged", record.acknowledged))
    return found


def describe_failure(record: StepRecord) -> str:
    """The formula, both findings, and for each engine the instance, both sides and the margin."""
    lines = [
        f"{record.location}: {record.label}",
        f"    {record.claim.unicode}",
        *(f"    where {relation.unicode}" for relation in record.assuming),
        f"logical    {record.logical}",
        f"empirical  {record.empirical}",
        f"failure    {record.failure}",
    ]
    for obligation in record.obligations:
        if obligation.outcome in ("open", "disproved", "undecided"):
            lines.append(f"{obligation.role}: {obligation.goal.unicode}")
            lines.append(f"    {obligation.how}")
            lines += [f"    {a.quantity.unicode} = {a.value}" for a in obligation.counterexample]
    for item in record.evidence:
        if item.verdict in ("refuted", "undecided"):
            lines.append(
                f"{item.engine} on {item.family or 'no family'}: {item.verdict}, margin {item.margin}"
            )
            lines.append(f"    left side  {item.lhs}")
            lines.append(f"    right side {item.rhs}")
            lines.append(f"    instance   {item.minimal or item.instance}")
            if item.minimal:
                lines.append(f"    first found at {item.instance}")
            if item.reason:
                lines.append(f"    {item.reason}")
    return "\n".join(lines)
