"""The HTML report: one self-contained file, rendered beforehand, without any network access."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from mflverify.ledger.kills import row, rows
from mflverify.ledger.records import (
    Formula,
    Ledger,
    StepRecord,
)
from mflverify.report import wording
from mflverify.report.anchors import Anchors
from mflverify.report.campaigns import LISTED, Digests, coverage_of, kill_matrix, rate_groups
from mflverify.report.figures import LEGEND, margin_figure, ratio_bar
from mflverify.report.graph import graph
from mflverify.report.mathml import checked_mathml, summand_mathml
from mflverify.report.network import overview_network, statement_network
from mflverify.report.rate_strip import rate_strip
from mflverify.report.tallies import example_groups, tally
from mflverify.report.trajectories import ROLES, curve_key, trajectory_figure


def render_html(ledger: Ledger) -> str:
    """The report as text.

    Raises ValueError when a formula's MathML holds anything but presentational MathML.
    """
    anchors = Anchors.of(ledger)
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            ledger=ledger,
            anchors=anchors,
            counts=ledger.counts(),
            failures=ledger.failures,
            tallies={statement.label: tally(statement) for statement in ledger.statements},
            statuses={statement.label: statement.status for statement in ledger.statements},
            overview=overview_network(ledger, anchors),
            networks=lambda statement: statement_network(statement, ledger, anchors),
            matrix=kill_matrix(ledger.mutants),
            scores=rows(ledger.mutants, by="statement"),
            total_score=row("all", ledger.mutants),
            digests=Digests.of(ledger),
            rate_groups=rate_groups(ledger.rates),
            coverage=coverage_of(ledger),
            example_groups=example_groups(ledger.examples),
        )
    )


def write_html(ledger: Ledger, path: str | Path) -> None:
    """Write the report of a ledger; the same ledger gives the same bytes.

    Raises ValueError as `render_html` does, OSError when the file cannot be written.
    """
    Path(path).write_text(render_html(ledger), encoding="utf-8")


@cache
def _environment() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415  (heavy)

    environment = Environment(
        loader=PackageLoader("mflverify.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "LISTED": LISTED,
        "LOGICAL": wording.LOGICAL,
        "EMPIRICAL": wording.EMPIRICAL,
        "STATUS": wording.STATUS,
        "OUTCOME": wording.OUTCOME,
        "SELF_EVIDENT": wording.SELF_EVIDENT,
        "ROLES": ROLES,
        "badge_of": badge,
        "KEY": LEGEND,
    }
    environment.filters |= {
        "math": lambda formula: _math(formula.mathml),
        "inline": lambda formula: _inline(formula.mathml),
        "summand": summand_mathml,
        "graph": graph,
        "margins": margin_figure,
        "trajectory": trajectory_figure,
        "rate_strip": rate_strip,
        "rate_badge": lambda word: badge(wording.RATE, word),
        "curve_key": curve_key,
        "ratio_bar": ratio_bar,
        "mutant_badge": lambda word: badge(wording.MUTANT, word),
        "coverage_badge": lambda word: badge(wording.COVERAGE, word),
        "status_badge": lambda word: badge(wording.STATUS, word),
        "pretty": _pretty,
        "searchable": _searchable,
        "counted": _counted,
    }
    return environment


@lru_cache(maxsize=16384)
def _math(text: str) -> Markup:
    return checked_mathml(text)


@lru_cache(maxsize=16384)
def _inline(text: str) -> Markup:
    return checked_mathml(text.replace('display="block"', 'display="inline"', 1))


def _pretty(data: dict[str, Any]) -> str:
    return json.dumps(data, sort_keys=True, ensure_ascii=False, default=str)


def _searchable(step: StepRecord) -> str:
    """What the search box looks through: label, formulas as text, reasons, note."""
    formulas: list[Formula] = [step.claim, *step.assuming]
    words = [step.label, *(formula.unicode for formula in formulas), step.note, step.failure]
    words += [f"{reason.label} {reason.title}" for reason in step.because]
    return " ".join(word for word in (*words, *step.uses) if word).casefold()


def badge(table: Mapping[str, wording.Wording], verdict: str) -> Markup:
    """A verdict with its sign, in its tone, with its meaning."""
    entry = table[verdict]
    return Markup(
        '<span class="badge tone-{}" title="{}"><span class="sign" aria-hidden="true">{}</span> {}'
        "</span>"
    ).format(entry.tone, entry.meaning, entry.sign, verdict)


def _counted(number: int, noun: str) -> str:
    plural = f"{noun.removesuffix('y')}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


__all__ = ["render_html", "write_html"]
