"""`mflverify explain`, `trust` and `recheck` on the terminal: trees of 80 columns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import define, field
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from mflverify.expr.printing import to_unicode

if TYPE_CHECKING:
    from mflverify.ledger.records import ObligationRecord
    from mflverify.proof.loader import Proofs
    from mflverify.proof.statement import Application, Statement, Step
    from mflverify.verification.cache import Cache
    from mflverify.verification.keys import LogicalPart

WIDTH = 80


@define
class Foundations:
    """What the steps of a folder of proofs really used, each examined once."""

    proofs: Proofs
    cache: Cache | None = None
    _parts: dict[str, LogicalPart] = field(factory=dict)

    def part(self, step: Step) -> LogicalPart:
        """The logical finding of a step."""
        from mflverify.verification.check import logical_part  # noqa: PLC0415  (imports the engines)

        if step.label not in self._parts:
            self._parts[step.label] = logical_part(step, self.cache)
        return self._parts[step.label]

    def step(self, label: str) -> Step | None:
        """The step with a label, or None."""
        statement, _, name = label.partition("/")
        steps = (
            self.proofs.statements[statement].steps if statement in self.proofs.statements else []
        )
        return next((step for step in steps if step.name == name), None)

    def direct(self, statement: Statement) -> tuple[set[str], set[str]]:
        """Labels of the facts and of the statements that the steps of a statement used."""
        facts: set[str] = set()
        lemmas: set[str] = set()
        for step in statement.steps:
            named = {application.label: application for application in step.applications}
            for label in self.part(step).uses:
                if label in self.proofs.statements:
                    lemmas.add(label)
                elif label in named:
                    facts.add(label)
        return facts, lemmas


# ---------------------------------------------------------------------------------- explain


def explain_command(foundations: Foundations, step: Step, depth: int | None) -> int:
    """Print why a step holds, down to facts; 1 when it does not."""
    tree = Tree(_head(step, foundations))
    _explain(step, tree, foundations, {step.label}, depth)
    Console(width=WIDTH, highlight=False).print(tree)
    from mflverify.proof.verdict import GREEN_LOGICAL  # noqa: PLC0415  (keeps --help fast)

    return 0 if foundations.part(step).verdict in GREEN_LOGICAL else 1


def _head(step: Step, foundations: Foundations) -> Text:
    text = Text.assemble((step.label, "bold"), f"  {foundations.part(step).verdict}\n")
    text.append(to_unicode(step.claim))
    if step.assuming:
        text.append("\nwhere " + ", ".join(to_unicode(relation) for relation in step.assuming))
    return text


def _explain(
    step: Step, tree: Tree, foundations: Foundations, seen: set[str], depth: int | None
) -> None:
    part = foundations.part(step)
    if part.reason:
        tree.add(Text(part.reason, style="red"))
    for obligation in part.obligations:
        if obligation.role == "claim":
            tree.add(Text(obligation.how, style="italic"))
    for label in part.uses:
        _add_use(label, step, tree, foundations, seen, depth)


def _add_use(
    label: str,
    step: Step,
    tree: Tree,
    foundations: Foundations,
    seen: set[str],
    depth: int | None,
) -> None:
    below = None if depth is None else depth - 1
    used = foundations.step(label)
    if used is not None:
        if label in seen:
            tree.add(Text.assemble((label, "bold"), "  (explained above)"))
            return
        seen.add(label)
        branch = tree.add(_head(used, foundations))
        if below is None or below >= 0:
            _explain(used, branch, foundations, seen, below)
        return
    kind, _, number = label.partition(" ")
    if kind in ("hypothesis", "assumption") and number.isdecimal():
        relations = step.statement.given if kind == "hypothesis" else step.assuming
        formula = to_unicode(relations[int(number) - 1])
        tree.add(Text.assemble((label, "dim"), f"  {formula}"))
        return
    if label.startswith("domain of"):
        tree.add(Text(f"{label}: shown first", style="dim"))
        return
    for application in (a for a in step.applications if a.label == label):
        _add_application(application, step, tree, foundations, seen, below)


def _add_application(
    application: Application,
    step: Step,
    tree: Tree,
    foundations: Foundations,
    seen: set[str],
    depth: int | None,
) -> None:
    from mflverify.proof.facts import Fact  # noqa: PLC0415  (keeps --help fast)

    source = application.source
    content = application.content
    said = "\n".join(to_unicode(relation) for relation in content.conclusions)
    if isinstance(source, Fact):
        head = Text.assemble((source.label, "bold cyan"), f"  {source.title}\n{said}\n")
        branch = tree.add(head.append(source.citation, style="dim"))
    else:
        branch = tree.add(Text.assemble((application.label, "bold magenta"), f"  lemma\n{said}"))
    for obligation in _premises(foundations.part(step).obligations, application.label):
        used = f" ({', '.join(obligation.used)})" if obligation.used else ""
        text = f"{obligation.role}: {obligation.goal.unicode}\n{obligation.how}{used}"
        branch.add(Text(text, style="dim"))
    if isinstance(source, Fact) or (depth is not None and depth < 0):
        return
    for conclusion in foundations.proofs.statements[application.label].conclusions:
        if conclusion.label in seen:
            branch.add(Text.assemble((conclusion.label, "bold"), "  (explained above)"))
            continue
        seen.add(conclusion.label)
        below = branch.add(_head(conclusion, foundations))
        _explain(conclusion, below, foundations, seen, None if depth is None else depth - 1)


def _premises(obligations: tuple[ObligationRecord, ...], label: str) -> Iterator[ObligationRecord]:
    return (o for o in obligations if o.role.startswith("premise") and o.role.endswith(f" {label}"))


# ------------------------------------------------------------------------------------ trust


def trust_command(foundations: Foundations, labels: list[str]) -> int:
    """Print the facts and statements that each statement rests on, from what steps really used."""
    from mflverify.proof.facts import LIBRARY  # noqa: PLC0415  (keeps --help fast)
    from mflverify.proof.verdict import GREEN_LOGICAL  # noqa: PLC0415

    facts = {fact.label: fact for fact in LIBRARY}
    console = Console(width=WIDTH, highlight=False)
    whole = True
    for label in labels:
        statement = foundations.proofs.statements[label]
        own, lemmas = foundations.direct(statement)
        through: dict[str, set[str]] = {name: {"its own steps"} for name in own}
        below = list(lemmas)
        reached: set[str] = set()
        while below:
            lower = below.pop()
            if lower in reached:
                continue
            reached.add(lower)
            its_facts, its_lemmas = foundations.direct(foundations.proofs.statements[lower])
            for name in its_facts:
                through.setdefault(name, set()).add(lower)
            below += its_lemmas
        missing = [
            step.label
            for name in (label, *sorted(reached))
            for step in foundations.proofs.statements[name].steps
            if step.acknowledged is None and foundations.part(step).verdict not in GREEN_LOGICAL
        ]
        whole = whole and not missing
        tree = Tree(Text.assemble((label, "bold"), f"  {statement.title}"))
        for name in sorted(through):
            text = Text.assemble((name, "bold cyan"), f"  {facts[name].title}\n")
            text.append(facts[name].citation, style="dim")
            text.append(f"\nthrough {', '.join(sorted(through[name]))}", style="dim")
            tree.add(text)
        for name in sorted(reached):
            title = foundations.proofs.statements[name].title
            tree.add(Text.assemble((name, "bold magenta"), f"  {title}"))
        if not through and not reached:
            tree.add("nothing but the algebra and its own hypotheses")
        for name in missing:
            tree.add(Text(f"not proved: {name}", style="red"))
        console.print(tree)
    return 0 if whole else 1


# ---------------------------------------------------------------------------------- recheck


def recheck_command(path: Path) -> int:
    """Print what the kernel says of a ledger; 1 when it rejects anything."""
    from mflverify.ledger.store import LedgerError, read  # noqa: PLC0415  (keeps --help fast)
    from mflverify.verification.recheck import recheck  # noqa: PLC0415

    console = Console(width=WIDTH, highlight=False)
    try:
        ledger = read(path)
    except LedgerError as error:
        console.print(Text(str(error), style="red"))
        return 2
    result = recheck(ledger)
    for fault in result.faults:
        console.print(Text.assemble((fault.label, "bold red"), f": {fault.message}"))
    console.print(
        f"{len(result.steps)} steps replayed by the kernel, {result.certificates} certificates "
        f"checked, {len(result.faults)} rejected"
    )
    for label in result.unclaimed:
        console.print(f"no proof claimed: {label}")
    return 1 if result.faults else 0
