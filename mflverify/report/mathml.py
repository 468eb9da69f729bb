"""Letting MathML of a ledger into a page: nothing but presentational elements may pass.

A ledger may come from elsewhere, so markup is checked against the list of what the printers emit.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

from markupsafe import Markup

from mflverify.ledger.records import CertificateTerm, Formula
from mflverify.report.wording import is_sum

_ELEMENTS = frozenset(
    [
        "math",
        "mfrac",
        "mi",
        "mn",
        "mo",
        "mover",
        "mroot",
        "mrow",
        "ms",
        "mspace",
        "msqrt",
        "mstyle",
        "msub",
        "msubsup",
        "msup",
        "mtable",
        "mtd",
        "mtext",
        "mtr",
        "munder",
        "munderover",
    ]
)
_ATTRIBUTES = frozenset(
    [
        "accent",
        "columnalign",
        "columnspacing",
        "display",
        "displaystyle",
        "form",
        "lspace",
        "mathvariant",
        "maxsize",
        "minsize",
        "rowspacing",
        "rspace",
        "scriptlevel",
        "stretchy",
        "style",
        "symmetric",
        "width",
        "xmlns",
    ]
)
_EMPTY = "mspace"
_XMLNS = "http://www.w3.org/1998/Math/MathML"
_RATIONAL = re.compile(r"(-?)(\d+)(?:/(\d+))?")
_HARMLESS = re.compile(r"[\w\s.:;%-]*")


def checked_mathml(text: str) -> Markup:
    """The `<math>` element as markup.

    Raises ValueError for anything but one balanced `<math>` element made of presentational
    elements with harmless attributes.
    """
    checker = _Checker(text)
    checker.feed(text)
    checker.close()
    checker.finish()
    return Markup(text)  # noqa: S704  (just checked)


def summand_mathml(term: CertificateTerm) -> Markup:
    """A summand of a certificate as one formula: coefficient, multiplier, differences.

    Raises ValueError as `checked_mathml` does, and for a coefficient that is no rational.
    """
    differences = [slack.difference for slack in term.hypotheses]
    factors: list[str] = []
    if term.coefficient != "1":
        factors.append(_rational(term.coefficient))
    if term.multiplier.unicode != "1" or not differences:
        factors.append(_factor(term.multiplier))
    factors += [_factor(difference) for difference in differences]
    row = "<mo>⋅</mo>".join(factors)
    return checked_mathml(f'<math xmlns="{_XMLNS}" display="inline"><mrow>{row}</mrow></math>')


def _body(text: str) -> str:
    """What stands inside the `<math>` element."""
    checked_mathml(text)
    return text[text.index(">") + 1 : text.rindex("<")]


def _factor(formula: Formula) -> str:
    body = _body(formula.mathml)
    if not is_sum(formula):
        return body
    tall = str("<mfrac>" in body or "<mtable" in body).lower()
    left, right = (
        f'<mo form="{form}" stretchy="{tall}">{sign}</mo>'
        for form, sign in (("prefix", "("), ("postfix", ")"))
    )
    return f"<mrow>{left}{body}{right}</mrow>"


def _rational(text: str) -> str:
    match = _RATIONAL.fullmatch(text)
    if match is None:
        raise ValueError(f"coefficient must be a rational number, not {text!r}")
    sign, top, bottom = match.groups()
    minus = '<mo form="prefix">−</mo>' if sign else ""
    number = f"<mfrac><mn>{top}</mn><mn>{bottom}</mn></mfrac>" if bottom else f"<mn>{top}</mn>"
    return f"<mrow>{minus}{number}</mrow>"


class _Checker(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self._text, self._open, self._roots = text, list[str](), 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _ELEMENTS or (tag == "math") != (not self._open):
            self._refuse(f"element <{tag}>")
        for name, value in attrs:
            harmless = (
                value == _XMLNS if name == "xmlns" else bool(_HARMLESS.fullmatch(value or ""))
            )
            if name not in _ATTRIBUTES or not harmless:
                self._refuse(f"attribute {name}={value!r}")
        self._roots += tag == "math"
        self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != _EMPTY:
            self._refuse(f"element <{tag}/>")
        self.handle_starttag(tag, attrs)
        self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self._refuse(f"unbalanced </{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._open and data.strip():
            self._refuse(f"text {data!r} outside <math>")

    def handle_comment(self, data: str) -> None:
        self._refuse(f"comment {data!r}")

    def handle_decl(self, decl: str) -> None:
        self._refuse(f"declaration {decl!r}")

    def unknown_decl(self, data: str) -> None:
        self._refuse(f"declaration {data!r}")

    def handle_pi(self, data: str) -> None:
        self._refuse(f"instruction {data!r}")

    def finish(self) -> None:
        if self._open or self._roots != 1:
            self._refuse("not one closed <math> element")

    def _refuse(self, what: str) -> None:
        raise ValueError(f"mathml must be plain MathML: {what} in {self._text[:200]!r}")
