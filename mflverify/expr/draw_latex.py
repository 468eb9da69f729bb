"""Drawing a grouped layout in LaTeX."""

from __future__ import annotations

import re

from mflverify.expr.grouping import Line
from mflverify.expr.layout import (
    GREEK,
    Call,
    Compared,
    Dotted,
    Fence,
    Fraction,
    Gap,
    Juxtaposed,
    Layout,
    Matrix,
    Number,
    Prefixed,
    Root,
    Row,
    Script,
    SignedSum,
    Symbol,
    is_tall,
    not_drawn,
)

_QUAD = r"\quad "

_NAMES = {
    **{symbol.text: f"\\{name}" for name, symbol in GREEK.items() if name not in ("eps", "lam")},
    "ε": r"\varepsilon", "φ": r"\varphi",
    "∇": r"\nabla", "∞": r"\infty", "⋅": r"\cdot", "·": r"\cdot", "∗": "*", "′": "'",
    "inf": r"\inf", "log": r"\log", "max": r"\max", "min": r"\min", "sup": r"\sup", ",": ",",
    "≤": r"\le", "=": "=", "<": "<", "|": r"\mid", "μ̄": r"\bar\mu",
}  # fmt: skip
_FENCES = {"": ".", "⟨": r"\langle", "⟩": r"\rangle", "‖": r"\|"}
_SPECIAL = {
    **{sign: f"\\{sign}" for sign in "#$%&_{}"},
    "\\": r"\backslash ",
    "^": r"\hat{}",
    "~": r"\sim ",
}


def _latex(layout: Layout) -> str:
    match layout:
        case Symbol(text, kind):
            return _symbol(text, kind)
        case Number(text):
            return text
        case Gap():
            return r"\,"
        case Row(items) | Juxtaposed(items):
            return _glued(*(_latex(item) for item in items))
        case Script(base, sub, sup):
            body = _latex(base)
            body = f"{{{body}}}" if isinstance(base, Script) else body
            lower = "" if sub is None else f"_{_grouped(_latex(sub))}"
            upper = "" if sup is None else _raised(_latex(sup))
            return body + lower + upper
        case Prefixed(operator, argument, spaced):
            gap = r"\," if spaced else ""
            return _glued(_latex(operator), gap, _latex(argument))
        case Call(function, arguments):
            return _glued(_latex(function), _latex(Fence("(", arguments, ")")))
        case Dotted(left, right):
            return _glued(_latex(left), r"\cdot", _latex(right))
        case Fraction(numerator, denominator):
            return rf"\frac{{{_latex(numerator)}}}{{{_latex(denominator)}}}"
        case Root(body):
            return rf"\sqrt{{{_latex(body)}}}"
        case Fence(left, items, right):
            body = ", ".join(_latex(item) for item in items)
            if left == right and body.startswith("-"):
                body = "{-}" + body[1:]  # after a bar TeX would space the sign as binary
            opened, closed = _FENCES.get(left, left), _FENCES.get(right, right)
            if left == "" or any(is_tall(item) for item in items):
                opened, closed = rf"\left{opened}", rf"\right{closed}"
            return _glued(opened, body, closed)
        case Matrix(rows):
            body = r" \\ ".join(" & ".join(_latex(entry) for entry in row) for row in rows)
            return rf"\begin{{pmatrix}} {body} \end{{pmatrix}}"
        case SignedSum():
            first = "{}" if layout.continued else ""
            return first + "".join(s + _latex(t) for s, t in layout.with_signs(" + ", " - ", "-"))
        case Compared(left, sign, right):
            before = "" if left is None else f"{_latex(left)} "
            return f"{before}{_NAMES[sign]} {_latex(right)}"
        case _:
            raise not_drawn(layout)


def _symbol(text: str, kind: str) -> str:
    if text in _NAMES:
        return _NAMES[text]
    for sign in text:
        if not sign.isascii():
            raise ValueError(f"name {text!r}: LaTeX has no {sign!r} in the table of symbols")
    if kind == "italic":
        return text
    return rf"\mathrm{{{''.join(_SPECIAL.get(sign, sign) for sign in text)}}}"


def _glued(*pieces: str) -> str:
    """The pieces in a row, with a space where a command would swallow the next letter."""
    text = ""
    for piece in pieces:
        gap = " " if re.search(r"\\[A-Za-z]+$", text) and re.match("[A-Za-z]", piece) else ""
        text += gap + piece
    return text


def _raised(text: str) -> str:
    return text if set(text) == {"'"} else f"^{_grouped(text)}"


def _grouped(text: str) -> str:
    return text if len(text) == 1 or re.fullmatch(r"\\[A-Za-z]+", text) else f"{{{text}}}"


def latex_lines(lines: tuple[Line, ...]) -> str:
    """The lines of a formula, aligned at their relations when there are several."""
    if len(lines) == 1:
        return _latex(lines[0].whole)
    rows = [
        f"{'' if line.left is None else _latex(line.left)} &"
        f"{_QUAD if line.continued else ' '}{_latex(line.right)}".strip()
        for line in lines
    ]
    body = " \\\\\n".join(rows)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"
