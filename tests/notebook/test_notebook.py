"""Expressions, statements, steps, instances and ledgers in a notebook that really runs."""

from __future__ import annotations

from typing import Any

import pytest

CELLS = {
    "term": """
from mflverify.expr import FunctionSymbol, Parameter, Space, dual_norm, norm, poincare_constant
from mflverify.proof import Statement, poincare_dual
X = Space("X")
f = FunctionSymbol("f", X, "perturbation")
alpha = Parameter("alpha", "positive")
alpha * dual_norm(f) ** 2
""",
    "relation": "alpha * dual_norm(f) ** 2 <= norm(f) ** 2",
    "flow": """
from mflverify.expr import Flow, generator
Flow.of("heat", {f: -generator(f)})
""",
    "statement": """
gap = Statement("gap", "The gap & <more>", given=[alpha <= poincare_constant(X)])
step = gap.conclude("dual", alpha * dual_norm(f) ** 2 <= norm(f) ** 2, because=[poincare_dual(f)])
gap
""",
    "step": "step",
    "instance": """
from mflverify.models import InstanceData
InstanceData.from_json({"family": "torus", "potentials": {"X": ["0", "1/2"]}, "functions": {"f": ["0", "1"]}})
""",
    "ledger": """
from mflverify.ledger import Ledger
from mflverify.ledger.records import SCHEMA_VERSION, Provenance, StatementRecord, WitnessRecord
Ledger(SCHEMA_VERSION, Provenance("0", "quick", 0, "3", {}), (
    StatementRecord("gap", "<b>The gap</b>", "lemma", "", "a.py:1", "open", (), WitnessRecord(True), ()),))
""",
}


@pytest.fixture(scope="module")
def shown() -> dict[str, dict[str, Any]]:
    """What each cell displays, by type of media."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in CELLS.values()]
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    displays = [cell.outputs[0]["data"] for cell in notebook.cells]
    return dict(zip(CELLS, displays, strict=True))


def test_terms_relations_and_flows_are_mathematics(shown: dict[str, dict[str, Any]]) -> None:
    assert shown["term"]["text/latex"] == r"$\displaystyle \alpha\|f\|_{-1}^2$"
    assert r"\le" in shown["relation"]["text/latex"]
    assert r"\frac{d}{dt}\,f" in shown["flow"]["text/latex"]


def test_a_statement_shows_hypotheses_steps_and_reasons(shown: dict[str, dict[str, Any]]) -> None:
    html = shown["statement"]["text/html"]
    assert "The gap &amp; &lt;more&gt;" in html
    assert html.count("<math") == 2
    assert "<strong>dual</strong>" in html
    assert "poincare-dual" in html


def test_a_step_shows_its_claim(shown: dict[str, dict[str, Any]]) -> None:
    assert shown["step"]["text/html"].count("<math") == 1


def test_instances_and_ledgers_are_readable_and_escaped(shown: dict[str, dict[str, Any]]) -> None:
    assert "<li>X: torus, U = 1/2 cos x</li>" in shown["instance"]["text/html"]
    assert "&lt;b&gt;The gap&lt;/b&gt;" in shown["ledger"]["text/html"]
    assert "open" in shown["ledger"]["text/html"]
