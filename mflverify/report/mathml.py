"""Letting MathML of a ledger into a page: nothing but presentational elements may pass.

A ledger may come from elsewhere, so markup is checked against the list of what the printers emit.
"""

from __future__ import annotations

import re
from functools import lru_cache

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
        "class",
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
_FIXED = {"xmlns": (_XMLNS,), "class": ("line", "matrix")}
# A closing tag, an opening tag with its attributes and perhaps a final slash, or text.
_TOKEN = re.compile(
    r"""</([a-z]+)>|<([a-z]+)((?:\s+[\w-]+=(?:"[^"<>]*"|'[^'<>]*'))*)\s*(/?)>"""
    r"""|((?:[^<>&]|&(?:amp|lt|gt|quot|apos|\#\d+|\#x[0-9a-fA-F]+);)+)"""
)
_ATTRIBUTE = re.compile(r"""([\w-]+)=["']([^"'<>]*)["']""")
_TAG = re.compile(r"<[^>]*>")
_LINE = '<mrow class="line">'
_RATIONAL = re.compile(r"(-?)(\d+)(?:/(\d+))?")
_HARMLESS = re.compile(r"[\w\s.:;%-]*")


@lru_cache(maxsize=8192)  # the same formula stands in a statement, in a step and in its reasons
def checked_mathml(text: str) -> Markup:
    """The `<math>` element as markup.

    Raises ValueError for anything but one balanced `<math>` element made of presentational
    elements with harmless attributes.
    """
    opened: list[str] = []
    place = roots = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise _refusal(_unknown(text[place:]), text)
        place = match.end()
        closing, tag, attributes, empty, prose = match.groups()
        if prose is not None:
            if not opened and prose.strip():
                raise _refusal(f"text {prose!r} outside <math>", text)
        elif closing is not None:
            if not opened or opened.pop() != closing:
                raise _refusal(f"unbalanced </{closing}>", text)
        else:
            if tag not in _ELEMENTS or (tag == "math") != (not opened):
                raise _refusal(f"element <{tag}>", text)
            if attributes:
                refused = _refused_attribute(attributes)
                if refused:
                    raise _refusal(refused, text)
            roots += tag == "math"
            if not empty:
                opened.append(tag)
            elif tag != _EMPTY:
                raise _refusal(f"element <{tag}/>", text)
    if opened or roots != 1:
        raise _refusal("not one closed <math> element", text)
    return Markup(text)  # noqa: S704  (just checked)


@lru_cache(maxsize=1024)
def _refused_attribute(attributes: str) -> str:
    """What is wrong with the first attribute that is not harmless, or ''."""
    for name, value in _ATTRIBUTE.findall(attributes):
        fixed = _FIXED.get(name)
        harmless = bool(_HARMLESS.fullmatch(value)) if fixed is None else value in fixed
        if name not in _ATTRIBUTES or not harmless:
            return f"attribute {name}={value!r}"
    return ""


def _unknown(rest: str) -> str:
    """A short name for what is no token."""
    if rest.startswith("<!--"):
        return f"comment {rest[:40]!r}"
    if rest.startswith(("<!", "<?")):
        return f"declaration {rest[:40]!r}"
    return f"markup {rest[:40]!r}"


def _refusal(what: str, text: str) -> ValueError:
    return ValueError(f"mathml must be plain MathML: {what} in {text[:200]!r}")


def summand_mathml(term: CertificateTerm) -> Markup:
    """A summand of a certificate as one formula: coefficient, multiplier, differences.

    A narrow page may break it between them, and where they may be broken themselves.
    Raises ValueError as `checked_mathml` does, and for a coefficient that is no rational.
    """
    differences = [slack.difference for slack in term.hypotheses]
    factors: list[list[str]] = []
    if term.coefficient != "1":
        factors.append([_rational(term.coefficient)])
    if term.multiplier.unicode != "1" or not differences:
        factors.append(_factor(term.multiplier))
    factors += [_factor(difference) for difference in differences]
    pieces = factors[0]
    for first, *rest in factors[1:]:
        pieces = [*pieces, f"<mrow><mo>⋅</mo>{first}</mrow>", *rest]
    return checked_mathml(
        f'<math xmlns="{_XMLNS}" display="inline"><mrow class="line">{"".join(pieces)}</mrow></math>'
    )


def _body(text: str) -> str:
    """What stands inside the `<math>` element."""
    checked_mathml(text)
    return text[text.index(">") + 1 : text.rindex("<")]


def _factor(formula: Formula) -> list[str]:
    """The pieces of a formula, in brackets when it is a sum."""
    body = _body(formula.mathml)
    pieces = _pieces(body) or [body]
    if not is_sum(formula):
        return pieces
    tall = "<mfrac>" in body or "<mtable" in body
    # a bracket stretches to its own piece only
    size = ' minsize="1.8em"' if tall and len(pieces) > 1 else ""
    left, right = (
        f'<mo form="{form}" stretchy="{str(tall).lower()}"{size}>{sign}</mo>'
        for form, sign in (("prefix", "("), ("postfix", ")"))
    )
    pieces[0] = f"<mrow>{left}{pieces[0]}</mrow>"
    pieces[-1] = f"<mrow>{pieces[-1]}{right}</mrow>"
    return pieces


def _pieces(body: str) -> list[str]:
    """The children of a row between which a page may break, else nothing."""
    if not body.startswith(_LINE):
        return []
    found: list[str] = []
    depth, start = 1, len(_LINE)
    for tag in _TAG.finditer(body, start):
        closing, empty = tag[0].startswith("</"), tag[0].endswith("/>")
        depth += -1 if closing else 0 if empty else 1
        if depth == 0:
            return found if tag.end() == len(body) else []
        if depth == 1 and (closing or empty):
            found.append(body[start : tag.end()])
            start = tag.end()
    return []


def _rational(text: str) -> str:
    match = _RATIONAL.fullmatch(text)
    if match is None:
        raise ValueError(f"coefficient must be a rational number, not {text!r}")
    sign, top, bottom = match.groups()
    minus = '<mo form="prefix">−</mo>' if sign else ""
    number = f"<mfrac><mn>{top}</mn><mn>{bottom}</mn></mfrac>" if bottom else f"<mn>{top}</mn>"
    return f"<mrow>{minus}{number}</mrow>"
