"""What the results of engines depend on: the keys under which they are kept.

The sources of an engine are its module and all modules of this package that it imports, found by
reading the import statements.  A package that is only passed through on the way to a module counts
with its own text, not with what it imports.
"""

from __future__ import annotations

import ast
import hashlib
import platform
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import attrs
from attrs import frozen

from mflverify.engines.empirical import speaks_of_time
from mflverify.engines.evidence import Evidence
from mflverify.engines.profile import Profile
from mflverify.expr.digest import canonical_text
from mflverify.ledger.records import ExampleRecord, ObligationRecord
from mflverify.proof.statement import Application, Statement, Step
from mflverify.proof.verdict import Logical
from mflverify.verification.record import Printer, step_digest

PACKAGES = ("hypothesis", "mpmath", "numpy", "python-flint", "scipy", "sympy", "z3-solver")

LOGICAL = ("mflverify.engines.logical", "mflverify.verification.record")
EMPIRICAL = ("mflverify.engines.empirical",)
EXAMPLES = ("mflverify.verification.examples",)

_ROOT = Path(__file__).parents[1]


@frozen
class LogicalPart:
    """The logical finding of a step as it is kept, its obligations printed."""

    verdict: Logical
    uses: tuple[str, ...] = ()
    reason: str = ""
    obligations: tuple[ObligationRecord, ...] = ()


@frozen
class EmpiricalPart:
    """The evidence on a step."""

    evidence: tuple[Evidence, ...]


@frozen
class ExamplePart:
    """The records of a closed-form example."""

    records: tuple[ExampleRecord, ...]


def logical_key(step: Step) -> dict[str, Any]:
    """All that the logical part of a step depends on; neither profile nor seed."""
    reasons = [_named(step, reason) for reason in step.because]
    spaces = Printer.of(step.statement).show_spaces
    about = {"step": step.label, "digest": step_digest(step), "spaces": spaces, "reasons": reasons}
    return {"part": "logical", **about, **_surroundings(LOGICAL)}


def empirical_key(step: Step, profile: Profile, seed: int) -> dict[str, Any]:
    """All that the evidence on a step depends on."""
    flows: list[str] = []
    if speaks_of_time(step.claim):
        from mflverify.engines.trajectories import flows_of  # noqa: PLC0415  (heavy)

        flows = sorted(canonical_text(flow) for flow in flows_of(step))
    about = {"step": step.label, "digest": step_digest(step), "flows": flows}
    return {"part": "empirical", **about, **_draws(profile, seed), **_surroundings(EMPIRICAL)}


def witness_key(statement: Statement, seed: int) -> dict[str, Any]:
    """All that the witness of a statement depends on."""
    relations = [*statement.given, *(step.claim for step in statement.steps)]
    about = {
        "statement": statement.label,
        "hypotheses": len(statement.given),
        "digest": _sha256("\n".join(canonical_text(relation) for relation in relations)),
    }
    return {"part": "witness", **about, "seed": seed, **_surroundings(EMPIRICAL)}


def example_key(name: str) -> dict[str, Any]:
    """All that the records of a closed-form example depend on."""
    return {"part": "example", "example": name, **_surroundings(EXAMPLES)}


def _named(step: Step, reason: object) -> list[Any]:
    """What the kernel and its messages read of a reason, beyond the formulas in the digest."""
    match reason:
        case Step():
            earlier = step.statement.steps[: step.statement.steps.index(step)]
            return ["step", reason.label, reason in earlier, reason.acknowledged is not None]
        case Statement():
            return _named(step, reason.at({}))
        case Application():
            content = reason.content
            scopes = [[canonical_text(r) for r in p.assuming] for p in content.premises]
            generic = [canonical_text(term) for term in content.generic]
            own = reason.source is step.statement
            return [type(reason.source).__name__, reason.label, own, scopes, generic]
        case _:
            return ["hypothesis"]


def _draws(profile: Profile, seed: int) -> dict[str, Any]:
    return {"profile": attrs.asdict(profile), "seed": seed}


def _surroundings(roots: tuple[str, ...]) -> dict[str, Any]:
    return {"engine": engine_digest(roots), "versions": _versions()}


@cache
def _versions() -> dict[str, str]:
    """Interpreter, machine and packages; floats need not agree between machines."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    machine = f"{platform.system()} {platform.machine()}"
    return {"python": python, "machine": machine, **{name: version(name) for name in PACKAGES}}


@cache
def engine_digest(roots: tuple[str, ...]) -> str:
    """Digest of the source files of an engine, as they were when first asked for in this process."""
    total = hashlib.sha256()
    for path in engine_sources(roots):
        total.update(f"{path.relative_to(_ROOT).as_posix()} {_sha256_of(path)}\n".encode())
    return total.hexdigest()[:32]


def engine_sources(roots: tuple[str, ...]) -> list[Path]:
    """The source files that the modules `roots` consist of, sorted."""
    seen: set[str] = set()
    files: set[Path] = set()
    stack = list(roots)
    while stack:
        name = stack.pop()
        if name in seen:
            continue
        seen.add(name)
        path = _file_of(name)
        if path is None:
            continue
        files.add(path)
        parts = name.split(".")
        files.update(
            parent
            for count in range(1, len(parts))
            if (parent := _file_of(".".join(parts[:count]))) is not None
        )
        stack.extend(_imported(path))
    return sorted(files)


def _imported(path: Path) -> Iterator[str]:
    """Names that may be modules of this package, from all import statements of a file."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _file_of(module: str) -> Path | None:
    """The source file of a module of this package, or None for what is no such module."""
    first, *rest = module.split(".")
    if first != _ROOT.name:
        return None
    base = _ROOT.joinpath(*rest)
    if (base / "__init__.py").is_file():
        return base / "__init__.py"
    file = base.with_suffix(".py")
    return file if rest and file.is_file() else None


def _sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
