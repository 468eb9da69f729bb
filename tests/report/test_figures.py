"""Graphs and margin plots say what the ledger says."""

from __future__ import annotations

import math
import re

from attrs import evolve

from mflverify.ledger.records import EvidenceRecord, Ledger, StatementRecord
from mflverify.report.anchors import Anchors
from mflverify.report.figures import is_inequality, margin_figure, margin_rows
from mflverify.report.graph import graph
from mflverify.report.network import overview_network, statement_network


def _edges(svg: str) -> set[tuple[str, str]]:
    names = dict(re.findall(r'data-node="([^"]*)".*?<text class="label"[^>]*>([^<]*)<', svg))
    pairs = re.findall(r'data-from="([^"]*)" data-to="([^"]*)"', svg)
    return {(names[a], names[b]) for a, b in pairs}


def test_steps_are_joined_by_what_they_used(ledger: Ledger) -> None:
    svg = str(graph(statement_network(ledger.statements[1], ledger, Anchors.of(ledger))))
    assert _edges(svg) == {
        ("some-fact", "fact"),
        ("proved", "fact"),
        ("lem-0", "lemma"),
        ("lemma", "open"),
    }
    assert svg.count('class="node ') == 13 + 2


def test_statements_are_joined_by_what_their_steps_used(ledger: Ledger) -> None:
    svg = str(graph(overview_network(ledger, Anchors.of(ledger))))
    assert _edges(svg) == {("some-fact", "thm-1"), ("lem-0", "thm-1")}


def test_nodes_carry_both_findings_in_words_and_colour(ledger: Ledger) -> None:
    svg = str(graph(statement_network(ledger.statements[1], ledger, Anchors.of(ledger))))
    node = svg.split('href="#thm-1/refuted"')[1].split("</a>", maxsplit=1)[0]
    assert "logically proved, empirically refuted" in node
    assert re.search(r'tone-pass">✓ proved<', node)
    assert re.search(r'tone-fail"[^>]*>✗ refuted<', node)


def _with_margins(statement: StatementRecord, margins: list[str]) -> StatementRecord:
    first = statement.steps[0]
    evidence = [EvidenceRecord("certified", "certified", 1, margin=margin) for margin in margins]
    steps = (evolve(first, evidence=tuple(evidence)),)
    return evolve(statement, steps=steps)


def test_margins_are_placed_by_their_logarithm(ledger: Ledger) -> None:
    statement = _with_margins(ledger.statements[1], ["1", "0.01", "-0.0001", "0", "1e-300"])
    svg = str(margin_figure(statement))
    x = [float(place) for place in re.findall(r'<circle cx="([^"]*)"', svg)]
    assert len(x) == 5
    assert x[0] - x[1] == x[1] - x[2] > 0
    assert x[3] == x[4] < x[2]


def test_what_is_no_number_is_not_drawn(ledger: Ledger) -> None:
    statement = _with_margins(ledger.statements[1], ["", "nan", "inf", "[1 +/- 2]"])
    assert margin_rows(statement.steps) == ()
    assert margin_figure(statement) == ""


def test_equations_and_inequalities_are_told_apart(ledger: Ledger) -> None:
    steps = {step.name: step for step in ledger.statements[1].steps}
    assert not is_inequality(steps["proved"])
    assert is_inequality(steps["fact"])


def test_marks_differ_in_shape_for_every_verdict(ledger: Ledger) -> None:
    rows = margin_rows(ledger.statements[1].steps)
    shapes = {row.name: row.marks[0].shape for row in rows}
    assert shapes == {
        "exact": "square",
        "certified": "disc",
        "sampled": "ring",
        "refuted": "cross",
        "straddling": "diamond",
    }
    decades = {row.name: row.marks[0].decade for row in rows}
    assert decades["refuted"] == math.log10(0.5)
