"""How statements and steps look in a notebook: HTML with MathML from the printers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from mflverify.expr.printing import to_mathml
from mflverify.expr.substitution import spaces
from mflverify.expr.terms import Relation
from mflverify.proof.legend import source_and_legend

if TYPE_CHECKING:
    from mflverify.proof.statement import Statement, Step

_LEFT = Markup(' style="text-align: left; vertical-align: top"')


def statement_html(statement: Statement) -> str:
    """The statement with its hypotheses, and a table of its steps with their reasons."""
    told = source_and_legend(statement)
    source = f" ({told})" if told else ""
    head = Markup("<p><strong>{}</strong> {}{}</p>").format(
        statement.label, statement.title, source
    )
    given = Markup("")
    if statement.given:
        items = Markup("").join(
            Markup("<li>{}</li>").format(_math(relation, statement)) for relation in statement.given
        )
        given = Markup("<p>Given</p><ol>{}</ol>").format(items)
    rows = Markup("").join(_row(step) for step in statement.steps)
    columns = Markup("").join(
        Markup("<th{}>{}</th>").format(_LEFT, name) for name in ("Step", "Claim", "From")
    )
    table = Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(
        columns, rows
    )
    return str(Markup('<div class="mflverify">{}{}{}</div>').format(head, given, table))


def step_html(step: Step) -> str:
    """One step: its claim, what it assumes, and its reasons."""
    return str(
        Markup('<div class="mflverify"><table><tbody>{}</tbody></table></div>').format(_row(step))
    )


def _row(step: Step) -> Markup:
    claim = _math(step.claim, step.statement)
    for relation in step.assuming:
        claim += Markup("<div>where {}</div>").format(_math(relation, step.statement))
    if step.note:
        claim += Markup("<div><em>{}</em></div>").format(step.note)
    if step.acknowledged is not None:
        claim += Markup("<div>known to be false; see {}</div>").format(step.acknowledged.name)
    name = Markup("<strong>{}</strong>").format(step.name) if step.conclusion else escape(step.name)
    reasons = Markup("<br>").join(_reason(reason, step) for reason in step.because)
    cells = Markup("").join(
        Markup("<td{}>{}</td>").format(_LEFT, cell) for cell in (name, claim, reasons)
    )
    return Markup("<tr>{}</tr>").format(cells)


def _reason(reason: object, step: Step) -> Markup:
    if isinstance(reason, Relation):
        return _math(reason, step.statement)
    name = getattr(reason, "name", None) or getattr(reason, "label", None)
    return escape(name if name is not None else repr(reason))


def _math(relation: Relation, statement: Statement) -> Markup:
    """A formula as in the reports: space subscripts on all of a statement or on none."""
    relations = [r for step in statement.steps for r in (step.claim, *step.assuming)]
    shown = len({space for r in (*relations, relation) for space in spaces(r)}) > 1
    return Markup(  # noqa: S704  (what the printers emit)
        to_mathml(relation, display="inline", show_spaces=shown)
    )
