"""The table of constants: every inequality and every fact, in parallel, kept between runs."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import attrs
from attrs import frozen

from mflverify.attack.constants import (
    FACTS,
    applications_of,
    constant_of,
    constant_of_fact,
    facts,
)
from mflverify.attack.search import Effort
from mflverify.expr.digest import canonical_text
from mflverify.expr.sorts import SCALAR
from mflverify.ledger.records import SCHEMA_VERSION, Ledger
from mflverify.ledger.sections import ConstantRecord
from mflverify.proof.loader import Proofs
from mflverify.proof.statement import Step
from mflverify.verification.cache import Cache
from mflverify.verification.keys import logical_question
from mflverify.verification.run import provenance
from mflverify.verification.sources import Engine
from mflverify.verification.workers import over_processes

ENGINE = Engine(("mflverify.attack.run",))


def tasks_of(proofs: Proofs, labels: list[str] | None) -> list[str]:
    """Labels of all inequalities and facts, or of those named; equations have no constant.

    Those of variants, which are not in the paper, have to be named.
    labels: of statements, steps, or `facts`.  Raises KeyError for an unknown one.
    """
    steps = {
        step.label: step
        for statement in proofs.statements.values()
        for step in statement.steps
        if step.claim.kind != "eq" and step.claim.lhs.sort == SCALAR and step.acknowledged is None
    }
    everything = [*steps, *(f"{FACTS}/{fact.label}" for fact in facts())]
    if labels is None:
        variants = {statement.label for statement in proofs.variants}
        return [task for task in everything if task.partition("/")[0] not in variants]
    known = {*everything, *proofs.statements, FACTS}
    known |= {step.label for s in proofs.statements.values() for step in s.steps}
    for label in labels:
        if label not in known:
            raise KeyError(label)
    return [task for task in everything if {task, task.partition("/")[0]} & set(labels)]


@frozen
class Constant:
    """The record of one task, as it is kept."""

    record: ConstantRecord


def perform(
    proofs: Proofs, label: str, *, seed: int, effort: Effort, cache: Cache | None
) -> Constant:
    """Attack one inequality.  A crash is a record without a ratio that tells the traceback's end."""

    def compute() -> Constant:
        if label.startswith(f"{FACTS}/"):
            fact = next(fact for fact in facts() if label == f"{FACTS}/{fact.label}")
            found = applications_of(proofs).get(fact.label)
            return Constant(constant_of_fact(fact, found, seed, effort))
        return Constant(constant_of(_step(proofs, label), seed, effort))

    try:
        if cache is None:
            return compute()
        return cache.fetch(
            _key(proofs, label, seed, effort),
            Constant,
            compute,
            still_valid=lambda: ENGINE.is_unchanged,
        )
    except Exception as error:  # a crash must be seen, not end the run
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        note = f"crashed: {type(error).__name__}: {error} ({where})"
        statement = label.partition("/")[0]
        return Constant(
            ConstantRecord(statement, label, "", "", "", "", "sampled", attained=False, note=note)
        )


def _step(proofs: Proofs, label: str) -> Step:
    statement, _, name = label.partition("/")
    return next(step for step in proofs.statements[statement].steps if step.name == name)


def _key(proofs: Proofs, label: str, seed: int, effort: Effort) -> dict[str, Any]:
    about: dict[str, Any] = {
        "part": "constant",
        "task": label,
        "seed": seed,
        "effort": [str(value) for value in attrs.astuple(effort)],
        "engine": ENGINE.digest,
    }
    if not label.startswith(f"{FACTS}/"):
        return {**logical_question(_step(proofs, label)).key, **about}
    application = applications_of(proofs).get(label.partition("/")[2])
    content = application.content if application is not None else None
    said = [canonical_text(r) for r in content.conclusions] if content is not None else []
    needed = [canonical_text(p.claim) for p in content.premises] if content is not None else []
    return {**about, "said": said, "needed": needed}


def run(
    proofs: Proofs,
    labels: list[str] | None = None,
    *,
    seed: int = 0,
    effort: Effort | None = None,
    workers: int | None = None,
    cache: Cache | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Ledger:
    """A ledger with the constants of the named statements, steps and facts (None: all).

    progress: called with each finished label, how many are done and how many there are.
    Raises KeyError for an unknown label.
    """
    tasks = tasks_of(proofs, labels)
    work = partial(perform, seed=seed, effort=effort or Effort(), cache=cache)
    found: dict[str, Constant] = {}
    for label, constant in over_processes(proofs, work, tasks, workers):
        found[label] = constant
        if progress is not None:
            progress(label, len(found), len(tasks))
    return Ledger(
        schema=SCHEMA_VERSION,
        provenance=provenance("default", seed),
        statements=(),
        constants=tuple(found[label].record for label in tasks),
    )
