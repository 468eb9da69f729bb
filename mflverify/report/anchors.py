"""Permanent identifiers of everything that a page links to."""

from __future__ import annotations

import re
from urllib.parse import quote

from attrs import frozen

from mflverify.ledger.records import Ledger, StatementRecord, StepRecord

_LOCAL = re.compile(r"(hypothesis|assumption) (\d+)")


@frozen
class Fact:
    """An analytic fact that steps of a ledger name, with the labels of the steps that name it."""

    label: str
    title: str
    citation: str
    steps: tuple[str, ...]


@frozen
class Anchors:
    """Identifiers by label, all different: statements and steps keep their label as identifier."""

    facts: tuple[Fact, ...]
    _identifiers: dict[tuple[str, ...], str]

    @staticmethod
    def of(ledger: Ledger) -> Anchors:
        facts = facts_of(ledger)
        wanted: dict[tuple[str, ...], str] = {}
        for statement in ledger.statements:
            wanted[(statement.label,)] = statement.label
            wanted |= {(step.label,): step.label for step in statement.steps}
        for fact in facts:
            wanted.setdefault((fact.label,), f"fact:{fact.label}")
        for statement in ledger.statements:
            wanted |= _numbered(statement.label, "hypothesis", len(statement.given))
            for step in statement.steps:
                wanted |= _numbered(step.label, "assumption", len(step.assuming))
        taken: dict[str, tuple[str, ...]] = {}
        for key, text in wanted.items():
            base = re.sub(r"\s+", "-", text)
            number = 1
            while (identifier := base if number == 1 else f"{base}-{number}") in taken:
                number += 1
            taken[identifier] = key
        return Anchors(facts, {key: identifier for identifier, key in taken.items()})

    def identifier(self, *key: str) -> str:
        """The identifier of a label, or of a local label such as `hypothesis 2` in a statement."""
        return self._identifiers[key]

    def resolve(self, label: str, statement: str = "", step: str = "") -> tuple[str, ...] | None:
        """The key of a label as seen from a step; None when nothing here bears it."""
        if not statement:  # full labels: `lem-1/hypothesis 2`, `facts/hoelder`
            head, _, tail = label.rpartition("/")
            full = (tail,) if head == "facts" else (head, tail)
            if tail.startswith("sign of "):  # of a constant: the statement is its place
                full = (head,)
            if full in self._identifiers:
                return full
        local = _LOCAL.fullmatch(label)
        owner = statement if local and local[1] == "hypothesis" else step
        key = (owner, label) if local else (label,)
        return key if key in self._identifiers else None

    def href(self, label: str, statement: str = "", step: str = "") -> str:
        """A link to the label as seen from a step; empty when nothing here bears it."""
        key = self.resolve(label, statement, step)
        return "" if key is None else f"#{quote(self._identifiers[key], safe='/:.,-_~!()*')}"


def _numbered(label: str, kind: str, count: int) -> dict[tuple[str, ...], str]:
    return {(label, f"{kind} {n}"): f"{label}:{kind} {n}" for n in range(1, count + 1)}


def facts_of(ledger: Ledger) -> tuple[Fact, ...]:
    """The facts that steps name as reasons or really use, in alphabetical order."""
    described: dict[str, tuple[str, str]] = {}
    steps: dict[str, dict[str, None]] = {}
    own = {label for s in ledger.statements for label in (s.label, *(t.label for t in s.steps))}
    for statement in ledger.statements:
        for step in statement.steps:
            for reason in step.because:
                if reason.kind == "fact":
                    described.setdefault(reason.label, (reason.title, reason.citation))
                    steps.setdefault(reason.label, {})[step.label] = None
            for label in facts_used(statement, step, own):
                steps.setdefault(label, {})[step.label] = None
    return tuple(
        Fact(label, *described.get(label, ("", "")), tuple(steps[label])) for label in sorted(steps)
    )


def facts_used(statement: StatementRecord, step: StepRecord, own: set[str]) -> list[str]:
    """Labels in `uses` that are neither a statement or step of the ledger nor local to a proof."""
    lemmas = {r.label for t in statement.steps for r in t.because if r.kind == "lemma"}
    return [
        label
        for label in step.uses
        if label not in own and label not in lemmas and not _LOCAL.fullmatch(label)
    ]
