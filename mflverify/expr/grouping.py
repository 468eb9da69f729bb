"""Grouping of a layout for the reader: parentheses where they are needed, and lines.

Parentheses depend on the page: in two dimensions a fraction bar groups by itself, on one line of
text it does not.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from attrs import evolve, frozen

from mflverify.expr.layout import (
    Call,
    Compared,
    Dotted,
    Fence,
    Fraction,
    Gap,
    Juxtaposed,
    Layout,
    Level,
    Lines,
    Matrix,
    Number,
    Prefixed,
    Ratio,
    Root,
    Row,
    Script,
    SignedSum,
    Symbol,
    first_leaf,
    level,
    parts,
    run_together,
)


def parenthesised(layout: Layout, linear: bool) -> Layout:
    """The layout with the parentheses and product signs that it needs; ratios become fractions."""

    def inside(part: Layout) -> Layout:
        return parenthesised(part, linear)

    def at_least(part: Layout, minimum: Level) -> Layout:
        return inside(part) if level(part, linear) >= minimum else _parentheses(inside(part))

    match layout:
        case Symbol() | Number() | Gap():
            return layout
        case Row(items):
            return Row(tuple(inside(item) for item in items))
        case Script(base, sub, sup):
            return Script(at_least(base, Level.ATOM), sub and inside(sub), sup and inside(sup))
        case Prefixed(operator, argument, spaced):
            found = level(argument, linear)
            # An unmarked exponent after an operator has two readings: L f^2.  And M1 is no word.
            bare = found >= Level.POWER if spaced else found in (Level.PREFIX, Level.ATOM)
            if isinstance(argument, Number):
                bare = False
            body = inside(argument) if bare else _parentheses(inside(argument))
            return Prefixed(inside(operator), body, spaced or run_together(operator, body))
        case Call(function, arguments):
            named = level(function, linear) in (Level.PREFIX, Level.ATOM)
            head = inside(function) if named else _parentheses(inside(function))
            return Call(head, tuple(inside(part) for part in arguments))
        case Juxtaposed(items):
            return _product(items, linear, open_end=True)
        case Dotted(left, right):
            return Dotted(at_least(left, Level.PRODUCT), at_least(right, Level.PRODUCT))
        case Ratio() if linear:
            return _slash(layout)
        case Ratio(numerator, denominator, trailing):
            fraction = Fraction(
                _product(numerator, linear, open_end=True),
                _product(denominator, linear, open_end=True),
            )
            if not trailing:
                return fraction
            return _with_signs((fraction, *_factors(trailing, linear, open_end=True)))
        case Fraction(numerator, denominator):
            return Fraction(inside(numerator), inside(denominator))
        case Root(body):
            return Root(at_least(body, Level.ATOM) if linear else inside(body))
        case Fence("", (body,), right):
            return Fence("", (at_least(body, Level.POWER),), right)
        case Fence(left, items, right):
            body = tuple(inside(item) for item in items)
            # Bars do not tell their left from their right: nested ones need parentheses between.
            if left == right and any(_shows_bar(part, right) for part in body):
                body = (_parentheses(*body),)
            return Fence(left, body, right)
        case Matrix(rows):
            return Matrix(tuple(tuple(inside(entry) for entry in row) for row in rows))
        case SignedSum(terms, continued):
            return SignedSum(
                tuple((minus, at_least(term, Level.DOT)) for minus, term in terms), continued
            )
        case Compared(left, sign, right):
            return Compared(left and inside(left), sign, inside(right))
        case Lines(items):
            return Lines(tuple(inside(item) for item in items))


def _parentheses(*items: Layout) -> Fence:
    return Fence("(", items, ")")


def _factors(items: tuple[Layout, ...], linear: bool, open_end: bool) -> tuple[Layout, ...]:
    """Each factor, closed off from the next; the last may be open to the right as in `f ∇g`."""
    found: list[Layout] = []
    for position, item in enumerate(items):
        last = position == len(items) - 1
        needed = Level.PREFIX if last and open_end else Level.POWER
        part = parenthesised(item, linear)
        if level(item, linear) < needed:
            part = _parentheses(part)
        elif linear and not last and isinstance(part, Root) and not isinstance(part.body, Fence):
            part = Root(_parentheses(part.body))
        found.append(part)
    return tuple(found)


def _product(items: tuple[Layout, ...], linear: bool, open_end: bool) -> Layout:
    if len(items) == 1:
        return parenthesised(items[0], linear)
    return _with_signs(_factors(items, linear, open_end))


def _with_signs(factors: tuple[Layout, ...]) -> Juxtaposed:
    """A product with a dot between numbers and a space between words that would run together."""
    found = list(factors[:1])
    for before, part in pairwise(factors):
        digits_meet = isinstance(first_leaf(part), Number) or (
            isinstance(part, Fraction) and isinstance(before, Number)
        )
        if digits_meet:
            found.append(Symbol("⋅", "operator"))
        elif run_together(before, part):
            found.append(Gap())
        found.append(part)
    return Juxtaposed(tuple(found))


def _slash(ratio: Ratio) -> Fraction:
    """A ratio on one line."""
    one = bool(ratio.trailing) and ratio.numerator == (Number("1"),)
    above = ratio.trailing if one else (*ratio.numerator, *ratio.trailing)
    numerator = _product(above, True, open_end=False)
    if len(above) == 1 and not _is_closed(above):
        numerator = _parentheses(numerator)
    denominator = _product(ratio.denominator, True, open_end=True)
    if len(ratio.denominator) > 1 or not _is_closed(ratio.denominator):
        denominator = _parentheses(denominator)
    return Fraction(numerator, denominator)


def _is_closed(items: tuple[Layout, ...]) -> bool:
    return all(level(item, True) >= Level.POWER for item in items)


def _shows_bar(layout: Layout, bar: str) -> bool:
    """Whether a delimiter `bar` is visible in `layout` outside parentheses and angle brackets."""
    if isinstance(layout, Matrix):
        return False
    if isinstance(layout, Fence):
        if layout.right == bar:
            return True
        if layout.left != layout.right and layout.left:
            return False
    return any(_shows_bar(part, bar) for part in parts(layout))


@frozen
class Line:
    """One line of a broken formula: `left` before the alignment point and `right` after it."""

    left: Layout | None
    right: Layout
    continued: bool = False

    @property
    def whole(self) -> Layout:
        """The formula when this is its only line."""
        if self.left is None or not isinstance(self.right, Compared):
            return self.right
        return evolve(self.right, left=self.left)


def broken(layout: Layout, fits: Callable[[Layout], bool]) -> tuple[Line, ...]:
    """The lines of a formula broken before its relation and before signs of its outermost sums.

    layout: a parenthesised layout.
    fits: whether a piece of a sum is short enough for one line; single terms are never broken.
    """
    match layout:
        case Lines(items):
            return tuple(line for item in items for line in broken(item, fits))
        case Compared(left, sign, right) if left is not None:
            sources, (first, *rest) = _pieces(left, fits), _pieces(right, fits)
            after = [Line(None, piece, continued=True) for piece in rest]
            comparison = Compared(None, sign, first)
            if len(sources) == 1:
                return (Line(left, comparison), *after)
            before = (Line(None, piece, piece is not sources[0]) for piece in sources)
            return (*before, Line(None, comparison), *after)
        case _:
            pieces = _pieces(layout, fits)
            return tuple(Line(None, piece, piece is not pieces[0]) for piece in pieces)


def _pieces(layout: Layout, fits: Callable[[Layout], bool]) -> list[Layout]:
    if not isinstance(layout, SignedSum):
        return [layout]
    pieces = [evolve(layout, terms=layout.terms[:1])]
    for term in layout.terms[1:]:
        longer = evolve(pieces[-1], terms=(*pieces[-1].terms, term))
        if fits(longer):
            pieces[-1] = longer
        else:
            pieces.append(SignedSum((term,), continued=True))
    return list(pieces)
