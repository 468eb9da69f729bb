"""Drawing a grouped layout as presentational MathML Core."""

from __future__ import annotations

from xml.sax.saxutils import escape

from mflverify.expr.grouping import Line
from mflverify.expr.layout import (
    PRIME,
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
    parts,
)

_AXIS = 0.25  # height of fraction bars above the baseline, in em
_GAP = '<mspace width="0.17em"/>'
_INFIX = ' form="infix"'
_PREFIX = ' form="prefix"'


def _mathml(layout: Layout) -> str:
    """One element for each layout, so that every part can stand as one argument of a script."""
    match layout:
        case Symbol(text, "operator") if not text.isalpha():
            return _sign(text)
        case Symbol(text, "italic"):
            return f"<mi>{escape(text)}</mi>"
        case Symbol(text):
            variant = ' mathvariant="normal"' if len(text) == 1 else ""
            return f"<mi{variant}>{escape(text)}</mi>"
        case Number(text):
            return f"<mn>{escape(text)}</mn>"
        case Gap():
            return _GAP
        case Row(items) | Juxtaposed(items):
            return _row(*(_mathml(item) for item in items))
        case Script(base, sub, Row(primes)) if (
            PRIME in primes
        ):  # full-size signs; a script would shrink them
            body = base if sub is None else Script(base, sub)
            return _row(_mathml(body), *(_mathml(prime) for prime in primes))
        case Script(base, sub, sup):
            tag = f"m{'sub' if sub else ''}{'sup' if sup else ''}"
            scripts = "".join(_tight(_mathml(part)) for part in (sub, sup) if part is not None)
            return f"<{tag}>{_mathml(base)}{scripts}</{tag}>"
        case Prefixed(operator, argument, spaced):
            gap = _GAP if spaced else ""
            return _row(_mathml(operator), gap, _mathml(argument))
        case Call(function, arguments):
            return _row(_mathml(function), _mathml(Fence("(", arguments, ")")))
        case Dotted(left, right):
            return _row(_mathml(left), _sign("⋅"), _mathml(right))
        case Fraction(numerator, denominator):
            return f"<mfrac>{_mathml(numerator)}{_mathml(denominator)}</mfrac>"
        case Root(body):
            return f"<msqrt>{_mathml(body)}</msqrt>"
        case Fence(left, items, right):
            stretchy = left == "" or any(is_tall(item) for item in items)
            inner = _sign(",").join(_mathml(item) for item in items)
            return _row(
                _bracket(left, "prefix", stretchy), inner, _bracket(right, "postfix", stretchy)
            )
        case Matrix(rows):
            table = "".join(
                f"<mtr>{''.join(f'<mtd>{_mathml(entry)}</mtd>' for entry in row)}</mtr>"
                for row in rows
            )
            return _row(
                _bracket("(", "prefix", True),
                f'<mtable class="matrix">{table}</mtable>',
                _bracket(")", "postfix", True),
            )
        case SignedSum():
            signs = layout.with_signs(_sign("+", _INFIX), _sign("−", _INFIX), _sign("−", _PREFIX))
            return _row(*(part for sign, term in signs for part in (sign, _mathml(term))))
        case Compared(left, sign, right):
            before = "" if left is None else _mathml(left)
            return _row(before, _sign(sign), _mathml(right))
        case _:
            raise not_drawn(layout)


def _tight(script: str) -> str:
    """A script without the spaces around plus and minus."""
    return script.replace(_INFIX, ' lspace="0" rspace="0"')


def _row(*elements: str) -> str:
    return f"<mrow>{''.join(elements)}</mrow>"


def _sign(text: str, attributes: str = "") -> str:
    return f"<mo{attributes}>{escape(text)}</mo>"


def _bracket(text: str, form: str, stretchy: bool, least: float = 0.0) -> str:
    """A bracket; least: its least height in em."""
    if not text:
        return ""
    size = f' minsize="{least:g}em"' if least else ""
    return f'<mo form="{form}" stretchy="{str(stretchy).lower()}"{size}>{escape(text)}</mo>'


def _pieces(layout: Layout) -> list[str]:
    """The parts between which a page may break a line: before a relation or a sign of a sum."""
    match layout:
        case Compared(left, sign, right):
            before = [] if left is None else _pieces(left)
            if isinstance(right, SignedSum) and not right.continued:
                first, *rest = _pieces(right)
                return [*before, _row(_sign(sign, _INFIX), first), *rest]
            return [*before, _term(_sign(sign, _INFIX), right)]
        case SignedSum():
            signs = layout.with_signs(_sign("+", _INFIX), _sign("−", _INFIX), _sign("−", _PREFIX))
            return [_term(sign, term) for sign, term in signs]
        case _:
            return [_term("", layout)]


def _term(sign: str, layout: Layout) -> str:
    """A term with the sign before it, a line of its own.

    It may break before roots, fractions and brackets, before the signs in a bracket, after such a
    bracket, and after the commas of a long list.
    """
    groups: list[list[str]] = [[sign] if sign else []]
    rest: list[str] = []
    for item in layout.items if isinstance(layout, Juxtaposed) else (layout,):
        closed = bool(rest)  # a bracket that breaks inside ends here
        first, *rest = _opened(item)
        # neither the sign alone nor, before a bracket that breaks inside, a factor alone
        block = _is_block(item) and not rest and len(groups[-1]) > (len(groups) == 1 and bool(sign))
        if closed or block:
            groups.append([])
        groups[-1].append(first)
        groups += [[piece] for piece in rest]
    parts = [group[0] if len(group) == 1 else _row(*group) for group in groups]
    return parts[0] if len(parts) == 1 else _breakable(parts)


def _opened(layout: Layout) -> list[str]:
    """The pieces of a bracket around a sum or a long list; anything else is one piece."""
    match layout:
        case Fence("(", (SignedSum(terms) as body,), ")") if len(terms) > 1:
            pieces = _pieces(body)
        case Fence(_, items, _) | Call(_, items) if len(items) > 2 or any(map(_is_list, items)):
            last = len(items) - 1
            opened = [_ended(_opened(item), n == last) for n, item in enumerate(items)]
            pieces = [piece for part in opened for piece in part]
        case Script(base, sub, sup) if len(pieces := _opened(base)) > 1:
            scripts = "".join(_tight(_mathml(part)) for part in (sub, sup) if part is not None)
            tag = f"m{'sub' if sub else ''}{'sup' if sup else ''}"
            return [*pieces[:-1], f"<{tag}>{pieces[-1]}{scripts}</{tag}>"]
        case _:
            return [_mathml(layout)]
    tall = is_tall(layout)
    left, right = (layout.left, layout.right) if isinstance(layout, Fence) else ("(", ")")
    head = [_mathml(layout.function)] if isinstance(layout, Call) else []
    # a bracket stretches to its own piece; both must be as high as all pieces together
    least = _height(layout) if tall else 0.0
    pieces[0] = _row(*head, _bracket(left, "prefix", tall, least), pieces[0])
    pieces[-1] = _row(pieces[-1], _bracket(right, "postfix", tall, least))
    return pieces


def _height(layout: Layout) -> float:
    """How high a bracket around `layout` must be, in em: it is centred on the axis of fractions."""
    up, down = _extent(layout)
    return round(2 * max(up - _AXIS, down + _AXIS), 1)


def _extent(layout: Layout) -> tuple[float, float]:
    """Roughly how far `layout` reaches above and below its baseline, in em."""
    match layout:
        case Fraction(numerator, denominator):
            # fractions inside fractions are set smaller
            above, below = (
                sum(_extent(part)) * (0.85 if is_tall(part) else 1.0)
                for part in (numerator, denominator)
            )
            return _AXIS + 0.1 + above, 0.1 - _AXIS + below
        case Script(base, sub, sup):
            up, down = _extent(base)
            raised = 0.55 if is_tall(base) else 0.25
            return up + (raised if sup else 0.0), down + (0.2 if sub else 0.0)
        case Root(body):
            up, down = _extent(body)
            return up + 0.15, down + 0.1
        case Matrix(rows):
            half = sum(max(sum(_extent(entry)) + 0.3 for entry in row) for row in rows) / 2
            return _AXIS + half, half - _AXIS
        case _:
            found = [_extent(part) for part in parts(layout)]
            return max([0.8, *(up for up, _ in found)]), max([0.22, *(down for _, down in found)])


def _is_list(layout: Layout) -> bool:
    return isinstance(layout, Fence) and len(layout.items) > 1


def _ended(pieces: list[str], last: bool) -> list[str]:
    """The pieces of an item of a list, with its comma."""
    return pieces if last else [*pieces[:-1], _row(pieces[-1], _sign(","))]


def _is_block(layout: Layout) -> bool:
    match layout:
        case Script(base=base):
            return _is_block(base)
        case Root() | Fraction() | Fence():
            return True
        case _:
            return False


def _breakable(parts: list[str]) -> str:
    return f'<mrow class="line">{"".join(parts)}</mrow>'


def _line(layout: Layout) -> str:
    """The formula, or a line of it, as one row of its pieces."""
    pieces = _pieces(layout)
    return pieces[0] if len(pieces) == 1 else _breakable(pieces)


def mathml_lines(lines: tuple[Line, ...]) -> str:
    """The lines of a formula, aligned at their relations when there are several.

    The sides of relations and the terms of outermost sums are the children of a row of class `line`,
    as are the parts of such a term, so that a style sheet can let a narrow page break there.
    """
    if len(lines) == 1:
        return _line(lines[0].whole)
    rows = "".join(
        f'<mtr><mtd style="text-align: right; padding: 0.3em 0 0.3em 0">'
        f"{'' if line.left is None else _line(line.left)}</mtd>"
        f'<mtd style="text-align: left; padding: 0.3em 0 0.3em {2 if line.continued else 0}em">'
        f"{_line(line.right)}</mtd></mtr>"
        for line in lines
    )
    return f'<mtable displaystyle="true">{rows}</mtable>'
