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
    Matrix,
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


# A break may come at a mark; the number in it is how deep inside the formula that is.
_FIRST_MARK, _LAST_MARK = 0xE000, 0xE0FF
_MARKS = re.compile(f"[{chr(_FIRST_MARK)}-{chr(_LAST_MARK)}]")


def unicode_text(layout: Layout) -> str:
    """The formula on one line."""
    return _unmarked(_marked(layout, 0))


def _unmarked(text: str) -> str:
    return _MARKS.sub("", text)


def _mark(depth: int) -> str:
    return chr(min(_FIRST_MARK + depth, _LAST_MARK))


def _marked(layout: Layout, depth: int) -> str:
    """The formula on one line, with marks where it may be broken."""

    def inside(part: Layout) -> str:
        return _marked(part, depth + 1)

    match layout:
        case Symbol(text) | Number(text):
            return text
        case Gap():
            return " "
        case Row(items):
            return "".join(inside(item) for item in items)
        case Script(base, sub, sup):
            return inside(base) + _lowered(sub) + _raised(sup)
        case Prefixed(operator, argument, spaced):
            if spaced:
                return f"{inside(operator)} {inside(argument)}"
            return _side_by_side((operator, argument), depth)
        case Call(function, arguments):
            return f"{inside(function)}({_listed(arguments, depth)})"
        case Juxtaposed(items):
            return _side_by_side(items, depth)
        case Dotted(left, right):
            return f"{inside(left)}·{inside(right)}"
        case Fraction(numerator, denominator):
            return f"{inside(numerator)}/{inside(denominator)}"
        case Root(body):
            return f"√{inside(body)}"
        case Fence(left, items, right):
            return left + _listed(items, depth) + right
        case Matrix(rows):
            return f"({f'; {_mark(depth)}'.join(_listed(row, depth + 1) for row in rows)})"
        case SignedSum():
            first, *rest = layout.with_signs("+ ", "− ", "−")
            parts = [first[0] + inside(first[1])]
            parts += [f" {_mark(depth)}{sign}{inside(term)}" for sign, term in rest]
            return "".join(parts)
        case Compared(left, sign, right):
            before = "" if left is None else f"{inside(left)} {_mark(depth)}"
            return f"{before}{sign} {inside(right)}"
        case Lines(items):
            return ";  ".join(inside(item) for item in items)
        case _:
            raise not_drawn(layout)


def _listed(items: tuple[Layout, ...], depth: int) -> str:
    return f", {_mark(depth)}".join(_marked(item, depth + 1) for item in items)


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


def _side_by_side(items: tuple[Layout, ...], depth: int) -> str:
    """The items in a row, with spaces where neighbours would read as one."""
    texts = [_marked(item, depth + 1) for item in items]
    pairs = zip(pairwise(items), pairwise(texts), strict=True)
    text = texts[0]
    for (before, after), written in pairs:
        gap = " " if _collide(before, after, *map(_unmarked, written)) else ""
        text += gap + (_mark(depth) if _is_block(after) else "") + written[1]
    return text


def _is_block(layout: Layout) -> bool:
    """Whether a product may be broken before this factor."""
    match layout:
        case Script(base=base):
            return _is_block(base)
        case Root() | Fence():
            return True
        case _:
            return False


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
    """The formula on lines of at most `width` characters, as far as there are places to break it."""
    whole = unicode_text(layout)
    if len(whole) <= width:
        return [whole]
    lines = broken(layout, lambda piece: len(unicode_text(piece)) <= width - 4)
    found = [] if lines[0].left is None else _folded(_marked(lines[0].left, 0), 0, width)
    indent = 0
    for line in lines:
        if isinstance(line.right, Compared):
            indent = 2
        further = 2 * line.continued if not isinstance(line.right, Compared) else 0
        found += _folded(_marked(line.right, 0), indent + further, width)
    return found


def _folded(text: str, indent: int, width: int) -> list[str]:
    """The marked text on lines, broken where it is least deep; further lines are indented by four."""
    found: list[str] = []
    space = " " * indent
    while len(_unmarked(text)) + len(space) > width:
        room = width - len(space)
        places: list[tuple[int, int, int]] = []
        column = 0
        for position, sign in enumerate(text):
            if _MARKS.match(sign):
                if 0 < column <= room:
                    places.append((ord(sign), -column, position))
            else:
                column += 1
        # a line is at least half full, if that can be
        place = min([p for p in places if -p[1] > room // 2] or places, default=None)
        if place is None:
            break
        found.append(space + _unmarked(text[: place[2]]).rstrip())
        text = text[place[2] :]
        space = " " * (indent + 4)
    return [*found, space + _unmarked(text)]
