"""Drawing a grouped layout as Unicode text, in one dimension."""

from __future__ import annotations

import re
from itertools import pairwise

from mflverify.expr.grouping import broken
from mflverify.expr.layout import (
    Call,
    Compared,
    Dotted,
    Fence,
    Fraction,
    Gap,
    Juxtaposed,
    Layout,
    Lines,
    Number,
    Prefixed,
    Root,
    Row,
    Script,
    SignedSum,
    Symbol,
    not_drawn,
)

_SUPERSCRIPTS = str.maketrans("0123456789−∗′", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻*′")
_SUBSCRIPTS = str.maketrans("0123456789−", "₀₁₂₃₄₅₆₇₈₉₋")


def unicode_text(layout: Layout) -> str:
    """The formula on one line."""
    match layout:
        case Symbol(text) | Number(text):
            return text
        case Gap():
            return " "
        case Row(items):
            return "".join(unicode_text(item) for item in items)
        case Script(base, sub, sup):
            return unicode_text(base) + _lowered(sub) + _raised(sup)
        case Prefixed(operator, argument, spaced):
            if spaced:
                return f"{unicode_text(operator)} {unicode_text(argument)}"
            return _side_by_side((operator, argument))
        case Call(function, arguments):
            return (
                f"{unicode_text(function)}({', '.join(unicode_text(part) for part in arguments)})"
            )
        case Juxtaposed(items):
            return _side_by_side(items)
        case Dotted(left, right):
            return f"{unicode_text(left)}·{unicode_text(right)}"
        case Fraction(numerator, denominator):
            return f"{unicode_text(numerator)}/{unicode_text(denominator)}"
        case Root(body):
            return f"√{unicode_text(body)}"
        case Fence(left, items, right):
            return left + ", ".join(unicode_text(item) for item in items) + right
        case SignedSum():
            if layout.continued:
                pieces = [f"{s} {unicode_text(t)}" for s, t in layout.with_signs("+", "−", "−")]
                return " ".join(pieces)
            return "".join(s + unicode_text(t) for s, t in layout.with_signs(" + ", " − ", "−"))
        case Compared(left, sign, right):
            before = "" if left is None else f"{unicode_text(left)} "
            return f"{before}{sign} {unicode_text(right)}"
        case Lines(items):
            return ";  ".join(unicode_text(item) for item in items)
        case _:
            raise not_drawn(layout)


def _tight(script: Layout) -> str:
    return re.sub(" ([+−]) ", r"\1", unicode_text(script))


def _lowered(sub: Layout | None) -> str:
    if sub is None:
        return ""
    text = _tight(sub)
    if all(ord(sign) in _SUBSCRIPTS for sign in text):
        return text.translate(_SUBSCRIPTS)
    return f"_{text}" if text.isalpha() or text == "∞" else f"_{{{text}}}"


def _raised(sup: Layout | None) -> str:
    if sup is None:
        return ""
    text = _tight(sup)
    if all(ord(sign) in _SUPERSCRIPTS for sign in text):
        return text.translate(_SUPERSCRIPTS)
    return f"^({text})"


def _side_by_side(items: tuple[Layout, ...]) -> str:
    """The items in a row, with spaces where neighbours would read as one."""
    texts = [unicode_text(item) for item in items]
    pairs = zip(pairwise(items), pairwise(texts), strict=True)
    gaps = [" " if _collide(*layouts, *written) else "" for layouts, written in pairs]
    return "".join(text + gap for text, gap in zip(texts, [*gaps, ""], strict=True))


def _collide(before: Layout, after: Layout, left: str, right: str) -> bool:
    """Whether two neighbours read as one subscript, one pair of bars or one fraction."""
    if isinstance(after, Prefixed) and after.spaced:
        return not isinstance(before, Gap)
    if right[0] in "‖|":
        return _ends_in_bar(before)
    return bool(re.search(r"_(\w+|∞)$", left)) and right[0] not in "([⟨ "


def _ends_in_bar(layout: Layout) -> bool:
    if isinstance(layout, Script):
        return _ends_in_bar(layout.base)
    return isinstance(layout, Fence) and layout.right in ("‖", "|")


def unicode_lines(layout: Layout, width: int) -> list[str]:
    """The formula on lines of at most `width` characters, single terms excepted."""
    whole = unicode_text(layout)
    if len(whole) <= width:
        return [whole]
    lines = broken(layout, lambda piece: len(unicode_text(piece)) <= width - 4)
    found = [] if lines[0].left is None else [unicode_text(lines[0].left)]
    indent = 0
    for line in lines:
        if isinstance(line.right, Compared):
            found.append(f"  {unicode_text(line.right)}")
            indent = 2
        else:
            found.append(" " * (indent + 2 * line.continued) + unicode_text(line.right))
    return found
