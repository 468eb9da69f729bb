"""What the results of engines depend on: the keys under which they are kept."""

from __future__ import annotations

import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import attrs
from attrs import frozen

from mflverify.engines.evidence import Evidence
from mflverify.engines.flows import flows_of
from mflverify.engines.profile import Profile
from mflverify.expr.digest import canonical_text
from mflverify.expr.sorts import SortError
from mflverify.expr.substitution import spaces, symbols
from mflverify.expr.terms import AtTime, Relation, subterms
from mflverify.ledger.records import ExampleRecord, ObligationRecord
from mflverify.proof.errors import ProofError
from mflverify.proof.kernel import Examination
from mflverify.proof.statement import Application, Statement, Step
from mflverify.proof.verdict import Logical
from mflverify.verification.record import Printer, reason_content
from mflverify.verification.sources import Engine

PACKAGES = ("mpmath", "numpy", "python-flint", "scipy", "sympy", "z3-solver")

# Engines say whether these are installed, and what they find.
EXTRAS = ("clarabel", "cvc5", "cvxpy")

_HERE = ("mflverify.verification.check",)  # how engines are called and what is kept of them
_TRAJECTORIES = "mflverify.engines.trajectories"

LOGICAL = Engine(("mflverify.engines.logical", "mflverify.verification.record"), beside=_HERE)
INSTANCES = Engine(("mflverify.engines.empirical",), without=(_TRAJECTORIES,), beside=_HERE)
TRAJECTORIES = Engine(("mflverify.engines.empirical", _TRAJECTORIES), beside=_HERE)
EXAMPLES = Engine(("mflverify.verification.examples",), beside=_HERE)
ENGINES = (LOGICAL, INSTANCES, TRAJECTORIES, EXAMPLES)


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


@frozen
class ExampleNames:
    """Names of all closed-form examples."""

    names: tuple[str, ...]


@frozen
class Question:
    """What is asked of an engine: `about` with all that the answer depends on."""

    engine: Engine
    part: str
    about: dict[str, Any]

    @property
    def key(self) -> dict[str, Any]:
        """The key of the answer: JSON values only."""
        made = {"engine": self.engine.digest, "versions": versions()}
        return {"part": self.part, **self.about, **made}


def logical_question(step: Step) -> Question:
    """The logical part of a step; it depends neither on profile nor on seed."""
    return Question(
        LOGICAL,
        "logical",
        {
            "step": step.label,
            **_content(step),
            "spaces": Printer.of(step.statement).show_spaces,
            "refusal": _refusal(step),
            "reasons": [[*_named(step, r), reason_content(r)] for r in step.because],
        },
    )


def _refusal(step: Step) -> str:
    """Why the kernel does not even look at a step, or ''.

    Beyond the step's own text it depends on the whole statement and on what that uses.
    """
    try:
        Examination(step).admit()
    except (ProofError, SortError, ZeroDivisionError, ValueError) as error:
        return str(error)
    return ""


def empirical_question(step: Step, profile: Profile, seed: int) -> Question:
    """The evidence on a step; it depends neither on the step's label nor on its reasons.

    What mentions no time cannot depend on trajectories.
    """
    timed = any(isinstance(part, AtTime) for part in subterms(step.claim))
    flows = sorted(canonical_text(flow) for flow in flows_of(step)) if timed else []
    about = {**_content(step), "flows": flows, "profile": attrs.asdict(profile), "seed": seed}
    return Question(TRAJECTORIES if timed else INSTANCES, "empirical", about)


def witness_question(statement: Statement, seed: int) -> Question:
    """The witness of a statement: its hypotheses, and the symbols and spaces that it speaks of."""
    relations = [*statement.given, *(step.claim for step in statement.steps)]
    about = {
        "given": _texts(statement.given),
        "symbols": sorted({canonical_text(s) for r in relations for s in symbols(r)}),
        "spaces": sorted({space.name for r in relations for space in spaces(r)}),
        "seed": seed,
    }
    return Question(INSTANCES, "witness", about)


def example_question(name: str) -> Question:
    """The records of a closed-form example."""
    return Question(EXAMPLES, "example", {"example": name})


def example_names_question() -> Question:
    """The names of the closed-form examples."""
    return Question(EXAMPLES, "example names", {})


def _content(step: Step) -> dict[str, Any]:
    return {
        "claim": canonical_text(step.claim),
        "assuming": _texts(step.assuming),
        "given": _texts(step.statement.given),
    }


def _texts(relations: tuple[Relation, ...]) -> list[str]:
    return [canonical_text(relation) for relation in relations]


def _named(step: Step, reason: object) -> list[Any]:
    """What the kernel and its messages read of a reason, beyond its formulas."""
    match reason:
        case Step():
            earlier = step.statement.steps[: step.statement.steps.index(step)]
            return ["step", reason.label, reason in earlier, reason.acknowledged is not None]
        case Statement():
            return _named(step, reason.at({}))
        case Application():
            own = reason.source is step.statement
            return [type(reason.source).__name__, reason.label, own]
        case _:
            return ["hypothesis"]


@cache
def versions() -> dict[str, str]:
    """Interpreter, machine and packages; floats need not agree between machines."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    machine = f"{platform.system()} {platform.machine()}"
    extras = {name: _version_or_none(name) for name in EXTRAS}
    packages = {name: version(name) for name in PACKAGES}
    return {"python": python, "machine": machine, **packages, **extras}


def _version_or_none(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"
