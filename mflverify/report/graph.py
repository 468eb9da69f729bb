"""The dependency graph as inline SVG, from what each step really used."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from attrs import frozen
from markupsafe import Markup

from mflverify.ledger.records import Ledger, StatementRecord
from mflverify.report.anchors import Anchors
from mflverify.report.layered import Drawing, Edge, Point, draw_layered
from mflverify.report.wording import EMPIRICAL, LOGICAL, STATUS, Tone

_LABEL_WIDTH = 7.4  # of one character of the label and of the line below it, in pixels
_WORD_WIDTH = 5.9
_HEIGHT = 40.0
_PADDING = 12.0
_MARGIN = 8.0
_SPACED = Markup(' dx="9"')


@frozen
class Word:
    """A verdict under a node's label, in its tone."""

    text: str
    tone: Tone | Literal["plain"] = "plain"


@frozen
class Node:
    """A node of the graph: label, verdicts below it, where a click leads, long description.

    tone: colour of its edge; shape: statements and facts differ from steps in outline.
    """

    key: str
    label: str
    words: tuple[Word, ...]
    href: str
    title: str
    tone: Tone | Literal["plain"]
    shape: Literal["step", "conclusion", "statement", "fact"]

    @property
    def size(self) -> Point:
        words = "   ".join(word.text for word in self.words)
        longest = max(len(self.label) * _LABEL_WIDTH, len(words) * _WORD_WIDTH)
        return longest + 2 * _PADDING, _HEIGHT


def overview_graph(ledger: Ledger, anchors: Anchors) -> Markup:
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
    return _svg(shown, edges, "Dependency graph of all statements", "overview")


def statement_graph(statement: StatementRecord, ledger: Ledger, anchors: Anchors) -> Markup:
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
        )
    for step in statement.steps:
        for used in step.uses:
            if used in others:
                nodes.setdefault(used, _statement_node(others[used], anchors))
            elif used in titles:
                nodes.setdefault(used, _fact_node(used, titles[used], anchors))
    edges = [(used, step.label) for step in statement.steps for used in step.uses if used in nodes]
    title = f"What the steps of {statement.label} use"
    return _svg(list(nodes.values()), edges, title, statement.label)


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
    )


def _fact_node(label: str, title: str, anchors: Anchors) -> Node:
    words = (Word("fact"),)
    return Node(
        label, label, words, anchors.href(label), f"Fact: {title or label}", "plain", "fact"
    )


def _svg(nodes: Sequence[Node], edges: Iterable[Edge], title: str, name: str) -> Markup:
    drawing = draw_layered({node.key: node.size for node in nodes}, edges)
    width, height = drawing.width + 2 * _MARGIN, drawing.height + 2 * _MARGIN
    opening = Markup(
        '<svg class="graph" role="group" aria-label="{}" viewBox="{} {} {} {}" '
        'width="{}" height="{}">'
    ).format(title, *(_number(v) for v in (-_MARGIN, -_MARGIN, width, height, width, height)))
    numbers = {node.key: f"{name} {index}" for index, node in enumerate(nodes)}
    body = [_edge(edge, points, numbers) for edge, points in drawing.routes.items()]
    body += [_node(node, drawing, numbers[node.key]) for node in nodes]
    return opening + Markup("").join(body) + Markup("</svg>")


def _edge(edge: Edge, points: Sequence[Point], numbers: dict[str, str]) -> Markup:
    """A curve through the points, horizontal at each of them, with its head at the end."""
    x, y = points[0]
    path = [f"M{_number(x)} {_number(y)}"]
    for nx, ny in points[1:]:
        middle = _number((x + nx) / 2)
        path.append(f"C{middle} {_number(y)} {middle} {_number(ny)} {_number(nx)} {_number(ny)}")
        x, y = nx, ny
    back = _number(x + (5.0 if points[-1][0] < points[0][0] else -5.0))
    tip = f"L{_number(x)} {_number(y)}"
    head = f"M{back} {_number(y - 3)}{tip}L{back} {_number(y + 3)}"
    return Markup('<path class="edge" data-from="{}" data-to="{}" d="{}{}"/>').format(
        numbers[edge[0]], numbers[edge[1]], "".join(path), head
    )


def _node(node: Node, drawing: Drawing, number: str) -> Markup:
    x, y = drawing.centres[node.key]
    width, height = node.size
    left, top = x - width / 2, y - height / 2
    words = Markup("").join(
        Markup('<tspan class="tone-{}"{}>{}</tspan>').format(
            word.tone, _SPACED if index else "", word.text
        )
        for index, word in enumerate(node.words)
    )
    return Markup(
        '<a href="{}" class="node is-{} tone-{}" data-node="{}"><title>{}</title>'
        '<rect x="{}" y="{}" width="{}" height="{}" rx="{}"/>'
        '<text class="label" x="{}" y="{}">{}</text>'
        '<text class="words" x="{}" y="{}">{}</text></a>'
    ).format(
        node.href,
        node.shape,
        node.tone,
        number,
        node.title,
        *(_number(v) for v in (left, top, width, height, 20 if node.shape == "fact" else 3)),
        *(_number(v) for v in (x, y - 3)),
        node.label,
        *(_number(v) for v in (x, y + 13)),
        words,
    )


def _number(value: float) -> str:
    """At most one decimal, so that the last bits of a platform's arithmetic do not show."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text
