"""What rests on what: statements, facts and steps as nodes, joined by what was really used."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Literal

from attrs import define, frozen

from mflverify.ledger.records import Ledger, StatementRecord
from mflverify.report.anchors import Anchors
from mflverify.report.layered import Edge
from mflverify.report.wording import EMPIRICAL, LOGICAL, STATUS, Tone

Shape = Literal["step", "conclusion", "statement", "fact"]


@frozen
class Word:
    """A verdict under a node's label, in its tone."""

    text: str
    tone: Tone | Literal["plain"] = "plain"


@frozen
class Node:
    """A node of the graph: label, verdicts below it, where a click leads, what it is in words.

    tone: colour of its edge; shape: statements and facts differ from steps in outline.
    steps: how many steps it has or is; instances: on how many instances these were evaluated.
    """

    key: str
    label: str
    words: tuple[Word, ...]
    href: str
    title: str
    tone: Tone | Literal["plain"]
    shape: Shape
    steps: int = 0
    instances: int = 0


@frozen
class Standing:
    """What a node rests on and what rests on it: directly (keys), and in all (how many)."""

    node: Node
    rests_on: tuple[str, ...]
    supports: tuple[str, ...]
    foundations: int
    dependants: int


@define(slots=False)
class Network:
    """A directed graph; an edge leads from what was used to what used it.

    name: identifies the graph in a report.  title: what it shows.
    """

    name: str
    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @cached_property
    def standings(self) -> tuple[Standing, ...]:
        """The statistics of every node, in the order of the nodes."""
        below: dict[str, list[str]] = {node.key: [] for node in self.nodes}
        above: dict[str, list[str]] = {node.key: [] for node in self.nodes}
        for used, user in self.edges:
            below[user].append(used)
            above[used].append(user)
        return tuple(
            Standing(
                node,
                tuple(below[node.key]),
                tuple(above[node.key]),
                len(_reached(node.key, below)),
                len(_reached(node.key, above)),
            )
            for node in self.nodes
        )


def _reached(start: str, neighbours: dict[str, list[str]]) -> set[str]:
    seen: set[str] = set()
    stack = [start]
    while stack:
        for key in neighbours[stack.pop()]:
            if key not in seen:
                seen.add(key)
                stack.append(key)
    return seen - {start}


def _network(name: str, title: str, nodes: Iterable[Node], edges: Iterable[Edge]) -> Network:
    proper = (edge for edge in dict.fromkeys(edges) if edge[0] != edge[1])
    return Network(name, title, tuple(nodes), tuple(proper))


def overview_network(ledger: Ledger, anchors: Anchors) -> Network:
    """Statements and the facts and statements that their steps use."""
    nodes = [_statement_node(statement, anchors) for statement in ledger.statements]
    known = {node.key for node in nodes}
    facts = {fact.label: fact for fact in anchors.facts if fact.label not in known}
    nodes += [_fact_node(label, fact.title, anchors) for label, fact in facts.items()]
    edges = [
        (used, statement.label)
        for statement in ledger.statements
        for step in statement.steps
        for used in step.uses
        if used in known or used in facts
    ]
    linked = {end for edge in edges for end in edge}
    shown = [node for node in nodes if node.key in linked or node.shape == "statement"]
    return _network("overview", "Dependency graph of all statements", shown, edges)


def statement_network(statement: StatementRecord, ledger: Ledger, anchors: Anchors) -> Network:
    """Steps of one statement, and the facts and statements that they use."""
    others = {other.label: other for other in ledger.statements}
    titles = {fact.label: fact.title for fact in anchors.facts}
    nodes: dict[str, Node] = {}
    for step in statement.steps:
        logical, empirical = LOGICAL[step.logical], EMPIRICAL[step.empirical]
        nodes[step.label] = Node(
            step.label,
            step.name,
            (
                Word(f"{logical.sign} {step.logical}", logical.tone),
                Word(f"{empirical.sign} {step.empirical}", empirical.tone),
            ),
            anchors.href(step.label),
            f"Step {step.name}: logically {step.logical}, empirically {step.empirical}",
            logical.tone,
            "conclusion" if step.conclusion else "step",
            steps=1,
            instances=sum(evidence.instances for evidence in step.evidence),
        )
    for step in statement.steps:
        for used in step.uses:
            if used in others:
                nodes.setdefault(used, _statement_node(others[used], anchors))
            elif used in titles:
                nodes.setdefault(used, _fact_node(used, titles[used], anchors))
    edges = [(used, step.label) for step in statement.steps for used in step.uses if used in nodes]
    title = f"What the steps of {statement.label} use"
    return _network(statement.label, title, nodes.values(), edges)


def _statement_node(statement: StatementRecord, anchors: Anchors) -> Node:
    status = STATUS[statement.status]
    return Node(
        statement.label,
        statement.label,
        (Word(f"{status.sign} {statement.status}", status.tone),),
        anchors.href(statement.label),
        f"{statement.kind.capitalize()} {statement.label}, {statement.title}: {statement.status}",
        status.tone,
        "statement",
        steps=len(statement.steps),
        instances=sum(e.instances for step in statement.steps for e in step.evidence),
    )


def _fact_node(label: str, title: str, anchors: Anchors) -> Node:
    words = (Word("fact"),)
    return Node(
        label, label, words, anchors.href(label), f"Fact: {title or label}", "plain", "fact"
    )
