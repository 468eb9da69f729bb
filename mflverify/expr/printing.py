"""Printing: a term, relation or flow as Unicode text, as LaTeX and as presentational MathML.

Every printer draws the same layout (see `mflverify.expr.notation`) and knows nothing of terms.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from mflverify.expr.draw_latex import latex_lines
from mflverify.expr.draw_mathml import mathml_lines
from mflverify.expr.draw_unicode import unicode_lines, unicode_text
from mflverify.expr.grouping import Line, broken, parenthesised
from mflverify.expr.layout import Layout, Lines, SignedSum
from mflverify.expr.notation import Style, notation, shown_spaces
from mflverify.expr.terms import Node

Display = Literal["block", "inline"]


def to_unicode(node: Node, width: int | None = None, *, show_spaces: bool | None = None) -> str:
    """The formula as text, on one line or on lines of at most `width` characters.

    Lines are broken before relations, then before the signs of the outermost sums; a single term
    longer than `width` stays whole.  show_spaces: subscripts of spaces on operators; None: exactly
    when the formula speaks of more than one space.
    Raises TypeError for a node without notation, ValueError for a width that is not positive.
    """
    layout = _layout(node, show_spaces, linear=True)
    if width is None:
        return unicode_text(layout)
    _require_positive("width", width)
    systems = layout.items if isinstance(layout, Lines) else (layout,)
    return "\n".join(line for item in systems for line in unicode_lines(item, width))


def to_latex(
    node: Node, *, max_terms_per_line: int | None = None, show_spaces: bool | None = None
) -> str:
    """The formula in LaTeX, for mathematics mode; systems and broken lines need amsmath.

    max_terms_per_line: longest piece of an outermost sum on one line; None: lines are not broken.
    show_spaces: as for `to_unicode`.
    Raises TypeError for a node without notation, ValueError for a name with a letter that LaTeX
    lacks or a number of terms that is not positive.
    """
    layout = _layout(node, show_spaces, linear=False)
    return latex_lines(_lines(layout, max_terms_per_line))


def to_mathml(
    node: Node,
    *,
    display: Display = "block",
    max_terms_per_line: int | None = None,
    show_spaces: bool | None = None,
) -> str:
    """The formula as a `<math>` element of MathML Core; options as for `to_latex`.

    Raises TypeError for a node without notation, ValueError for an unknown display or a number of
    terms that is not positive.
    """
    if display not in ("block", "inline"):
        raise ValueError(f"display must be 'block' or 'inline', not {display!r}")
    layout = _layout(node, show_spaces, linear=False)
    body = mathml_lines(_lines(layout, max_terms_per_line))
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML" display="{display}">{body}</math>'


@lru_cache(maxsize=256)  # LaTeX and MathML draw the same layout, one after the other
def _layout(node: Node, show_spaces: bool | None, linear: bool) -> Layout:
    shown = len(shown_spaces(node)) > 1 if show_spaces is None else show_spaces
    return parenthesised(notation(node, Style(shown)), linear)


def _lines(layout: Layout, max_terms: int | None) -> tuple[Line, ...]:
    if max_terms is not None:
        _require_positive("max_terms_per_line", max_terms)
    elif not isinstance(layout, Lines):
        return (Line(None, layout),)

    def fits(piece: Layout) -> bool:
        return (
            max_terms is None or not isinstance(piece, SignedSum) or len(piece.terms) <= max_terms
        )

    return broken(layout, fits)


def _require_positive(name: str, value: int) -> None:
    if value < 1:
        raise ValueError(f"{name} must be positive, not {value}")


__all__ = ["to_latex", "to_mathml", "to_unicode"]
