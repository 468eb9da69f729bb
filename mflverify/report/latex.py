"""The LaTeX report: a document for pdflatex with the statements, their proofs and appendices."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from attrs import frozen

from mflverify.ledger.kills import row, rows
from mflverify.ledger.records import (
    CertificateCase,
    CertificateTerm,
    EvidenceRecord,
    Formula,
    Ledger,
    StatementRecord,
    StepRecord,
)
from mflverify.report import wording
from mflverify.report.anchors import Anchors
from mflverify.report.campaigns import Digests, coverage_of, kill_matrix, rate_groups
from mflverify.report.tallies import example_groups, tally
from mflverify.report.tex import breakable, checked_tex, escape_tex, unaligned
from mflverify.report.wording import is_sum


class Tex(str):
    """Text that is LaTeX already; everything else is escaped on its way into a template."""

    __slots__ = ()


@frozen
class Refutation:
    """A step with the evidence that refutes it."""

    step: StepRecord
    evidence: EvidenceRecord


def render_latex(ledger: Ledger) -> str:
    """The document as text; ASCII only.

    Raises ValueError when a formula's LaTeX holds a command that reaches outside a formula.
    """
    anchors = Anchors.of(ledger)
    targets = _Targets(anchors)
    refutations = [
        Refutation(step, evidence)
        for statement in ledger.statements
        for step in statement.steps
        for evidence in step.evidence
        if evidence.verdict == "refuted"
    ]
    return (
        _environment()
        .get_template("report.tex.j2")
        .render(
            ledger=ledger,
            anchors=anchors,
            counts=ledger.counts(),
            failures=ledger.failures,
            tallies={statement.label: tally(statement) for statement in ledger.statements},
            link=targets.link,
            target=targets.target,
            reasons=targets.reasons,
            certificate=targets.certificate,
            refutations=refutations,
            example_groups=example_groups(ledger.examples),
            matrix=kill_matrix(ledger.mutants),
            scores=rows(ledger.mutants, by="statement"),
            total_score=row("all", ledger.mutants),
            digests=Digests.of(ledger),
            when=_when,
            rate_groups=rate_groups(ledger.rates),
            coverage=coverage_of(ledger),
            statuses={statement.label: statement.status for statement in ledger.statements},
        )
    )


def write_latex(ledger: Ledger, path: str | Path) -> None:
    """Write the document of a ledger; the same ledger gives the same bytes.

    Raises ValueError as `render_latex` does, OSError when the file cannot be written.
    """
    Path(path).write_text(render_latex(ledger), encoding="ascii")


@frozen
class _Targets:
    """Links inside the document; targets are numbered, since labels may hold any character."""

    anchors: Anchors

    def target(self, *key: str) -> Tex:
        """The place that a label names, from here on."""
        return Tex(rf"\mfltarget{{{self._name(self.anchors.identifier(*key))}}}")

    def link(self, label: str, statement: str = "", step: str = "") -> Tex:
        """The label as a link; a step of the same statement is shown by its name alone."""
        shown = Tex(breakable(label.removeprefix(f"{statement}/") if statement else label))
        key = self.anchors.resolve(label, statement, step)
        if key is None:
            return shown
        return Tex(rf"\hyperlink{{{self._name(self.anchors.identifier(*key))}}}{{{shown}}}")

    def links(self, labels: Sequence[str], statement: str = "", step: str = "") -> Tex:
        return Tex(", ".join(self.link(label, statement, step) for label in labels))

    def reasons(self, step: StepRecord, statement: StatementRecord) -> Tex:
        """The reasons of a step as one sentence."""
        named: dict[str, None] = {}
        for reason in step.because:
            link = self.link(reason.label, statement.label, step.label)
            if reason.kind == "hypothesis":
                formulas = ", ".join(_inline(formula) for formula in reason.formulas)
                named[f"{link} ({formulas})" if formulas else link] = None
            else:
                named[f"{reason.kind} {link}" if reason.kind != "step" else link] = None
        parts = list(named) or [
            self.link(label, statement.label, step.label) for label in dict.fromkeys(step.uses)
        ]
        return Tex(f"From {', '.join(parts)}." if parts else "By algebra alone.")

    def certificate(
        self, case: CertificateCase, statement: StatementRecord, step: StepRecord
    ) -> Tex:
        """The identity of one case: target = the sum of its summands."""
        several = len(case.terms) > 1
        shown = [self._summand(term, statement.label, step.label, several) for term in case.terms]
        return Tex(f"{_inline(case.target)} ${{}}={{}}$ {' $+$ '.join(shown) or '$0$'}")

    def _summand(self, term: CertificateTerm, statement: str, step: str, several: bool) -> str:
        factors: list[str] = []
        alone = not term.hypotheses
        if term.coefficient != "1":
            factors.append(f"${_rational(term.coefficient)}$")
        if alone or term.multiplier.unicode != "1":
            formula = _inline(term.multiplier)
            bracketed = (factors or several or not alone) and is_sum(term.multiplier)
            factors.append(rf"$\bigl(${formula}$\bigr)$" if bracketed else formula)
        factors += [
            rf"$\Delta$({self.link(slack.label, statement, step)})" for slack in term.hypotheses
        ]
        return r"$\,\cdot\,$".join(factors)

    def _name(self, identifier: str) -> str:
        return "m" + identifier.encode().hex()


def _rational(text: str) -> str:
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    numerator, bar, denominator = digits.partition("/")
    return rf"{sign}\tfrac{{{numerator}}}{{{denominator}}}" if bar else escape_tex(text)


def _displayed(formula: Formula) -> Tex:
    """A displayed formula: as the printer broke it when it fits, otherwise broken by TeX."""
    latex = checked_tex(formula.latex)
    return Tex(f"\\mflformula{{{latex}}}{{{unaligned(latex)}}}")


def _inline(formula: Formula) -> Tex:
    return Tex(f"${unaligned(checked_tex(formula.latex))}$")


def _heading(text: str) -> Tex:
    """Text of a heading, with a plain form for the bookmarks of the PDF."""
    decomposed = unicodedata.normalize("NFKD", text)
    plain = re.sub(r"[^A-Za-z0-9 .,:;()'/-]", "", decomposed)
    return Tex(rf"\texorpdfstring{{{escape_tex(text)}}}{{{plain}}}")


def _mark(verdict: str, kind: str) -> Tex:
    """A verdict with its sign, in the colour of its tone."""
    tables = {
        "logical": wording.LOGICAL,
        "empirical": wording.EMPIRICAL,
        "status": wording.STATUS,
        "mutant": wording.MUTANT,
        "coverage": wording.COVERAGE,
        "rate": wording.RATE,
    }
    word = tables[kind][verdict]
    return Tex(rf"\mflmark{{{word.tone}}}{{\mflsign{tex_sign(word)}}}{{{escape_tex(verdict)}}}")


def tex_sign(word: wording.Wording) -> str:
    """The name of the sign in macros: `pass`, `fail` or `doubt`."""
    return {"✓": "pass", "✗": "fail", "?": "doubt"}[word.sign]


def _when(freshness: str) -> Tex:
    """What to say of a finding that is not about the step as it is."""
    said = {"earlier": "of an earlier version of the step", "gone": "the step is gone"}
    return Tex(rf" (\textit{{{said[freshness]}}})" if freshness in said else "")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


@cache
def _environment() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415  (heavy)

    environment = Environment(  # noqa: S701  (LaTeX, not HTML: `finalize` escapes everything)
        loader=PackageLoader("mflverify.report", "templates"),
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        finalize=lambda value: value if isinstance(value, Tex) else escape_tex(value),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"LOGICAL": wording.LOGICAL, "EMPIRICAL": wording.EMPIRICAL}
    environment.filters |= {
        "displayed": _displayed,
        "inline": _inline,
        "raw_inline": lambda latex: Tex(f"${unaligned(checked_tex(latex))}$"),
        "mark": _mark,
        "heading": _heading,
        "breakable": lambda text: Tex(breakable(text)),
        "capital": _capital,
    }
    return environment


__all__ = ["render_latex", "write_latex"]
