"""Layout of formulas: what stands beside, above, below or inside what, before any output language.

A layout holds no parentheses: `mflverify.expr.grouping` adds those that a reader needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from typing import Literal

import attrs
from attrs import frozen

SymbolKind = Literal["italic", "upright", "operator"]


@frozen
class Symbol:
    """A letter, a word or a sign, as Unicode text: `τ`, `PI`, `∇`, `max`."""

    text: str
    kind: SymbolKind = "italic"


@frozen
class Number:
    """A non-negative number as it is written, such as `2`, or `3/2` in an exponent."""

    text: str


@frozen
class Row:
    """Parts that read as one word, such as the `dt` of a derivative or the `x,t` of a subscript."""

    items: tuple[Layout, ...]


@frozen
class Gap:
    """A thin space between factors, where a word would run into its neighbour."""


@frozen
class Script:
    """A base with a subscript, a superscript or both."""

    base: Layout
    sub: Layout | None = None
    sup: Layout | None = None


@frozen
class Prefixed:
    """An operator before its argument: `L f`; `spaced` for wide ones such as d/dt."""

    operator: Layout
    argument: Layout
    spaced: bool = False


@frozen
class Call:
    """A function at its arguments: `k(x, y)`."""

    function: Layout
    arguments: tuple[Layout, ...]


@frozen
class Juxtaposed:
    """A product written without a sign."""

    items: tuple[Layout, ...]


@frozen
class Dotted:
    """A scalar product of vectors."""

    left: Layout
    right: Layout


@frozen
class Ratio:
    """numerator / denominator, times `trailing`, which stands beside the bar where there is one.

    On one line the trailing factors join the numerator: no one can misread K/(2τ)·b, but K/2τ b
    has two readings.
    """

    numerator: tuple[Layout, ...]
    denominator: tuple[Layout, ...]
    trailing: tuple[Layout, ...] = ()


@frozen
class Fraction:
    """A fraction of two finished layouts."""

    numerator: Layout
    denominator: Layout


@frozen
class Root:
    """A square root."""

    body: Layout


@frozen
class Fence:
    """Parts between delimiters, separated by commas; an empty delimiter is not drawn."""

    left: str
    items: tuple[Layout, ...]
    right: str


@frozen
class Matrix:
    """Entries in rows and columns, between parentheses."""

    rows: tuple[tuple[Layout, ...], ...]


@frozen
class SignedSum:
    """Terms with their signs (True: minus); a `continued` sum shows its first sign even if plus."""

    terms: tuple[tuple[bool, Layout], ...]
    continued: bool = False

    def with_signs(self, plus: str, minus: str, leading: str) -> list[tuple[str, Layout]]:
        """Each term with the text of its sign; `leading` is the minus before everything."""
        texts = [minus if negative else plus for negative, _ in self.terms]
        if not self.continued:
            texts[0] = leading if self.terms[0][0] else ""
        return [(text, term) for text, (_, term) in zip(texts, self.terms, strict=True)]


@frozen
class Compared:
    """`left sign right`; without `left` it is the second half of a broken line."""

    left: Layout | None
    sign: str
    right: Layout


@frozen
class Lines:
    """A system: formulas one below the other."""

    items: tuple[Layout, ...]


Layout = (
    Symbol
    | Number
    | Row
    | Gap
    | Script
    | Prefixed
    | Call
    | Juxtaposed
    | Dotted
    | Ratio
    | Fraction
    | Root
    | Fence
    | Matrix
    | SignedSum
    | Compared
    | Lines
)


PRIME = Symbol("′", "operator")

_LOWER = (
    "alpha α, beta β, gamma γ, delta δ, zeta ζ, eta η, theta θ, iota ι, kappa κ, lambda λ, mu μ, "
    "nu ν, xi ξ, pi π, rho ρ, sigma σ, tau τ, upsilon υ, phi φ, chi χ, psi ψ, omega ω, "
    "epsilon ε, eps ε, lam λ"
)
_UPPER = "Gamma Γ, Delta Δ, Theta Θ, Lambda Λ, Xi Ξ, Pi Π, Sigma Σ, Phi Φ, Psi Ψ, Omega Ω"


def _alphabet(table: str, kind: SymbolKind) -> dict[str, Symbol]:
    pairs = (entry.split() for entry in table.split(", "))
    return {name: Symbol(letter, kind) for name, letter in pairs}


GREEK = {**_alphabet(_LOWER, "italic"), **_alphabet(_UPPER, "upright")}


class Level(IntEnum):
    """How tightly the parts of a layout hold together, loosest first."""

    RELATION = 0
    SUM = 1
    DOT = 2
    SLASH = 3
    PRODUCT = 4
    PREFIX = 5
    POWER = 6
    ATOM = 7


def level(layout: Layout, linear: bool) -> Level:
    """The level of a layout on a page of one (`linear`) or two dimensions."""
    match layout:
        case Compared() | Lines():
            return Level.RELATION
        case SignedSum():
            return Level.SUM
        case Dotted():
            return Level.DOT
        case Juxtaposed():
            return Level.PRODUCT
        case Ratio(trailing=trailing) if trailing and not linear:
            return Level.PRODUCT
        case Ratio() | Fraction():
            return Level.SLASH if linear else Level.POWER
        case Prefixed():
            return Level.PREFIX
        case Call(function=Prefixed()):
            return Level.PREFIX
        case Root():
            return Level.POWER
        case Script(base=Fence(left="")):
            return Level.POWER
        case Script(sup=sup):
            return Level.ATOM if sup is None or _is_primes(sup) else Level.POWER
        case _:
            return Level.ATOM


def _is_primes(sup: Layout) -> bool:
    return isinstance(sup, Row) and PRIME in sup.items


def parts(layout: Layout) -> Iterator[Layout]:
    """The direct parts of a layout, in reading order."""
    if isinstance(layout, Matrix):
        yield from (entry for row in layout.rows for entry in row)
        return
    for attribute in attrs.fields(type(layout)):
        value = getattr(layout, attribute.name)
        for part in value if isinstance(value, tuple) else (value,):
            inner = part[1] if isinstance(part, tuple) else part
            if attrs.has(type(inner)):
                yield inner


def first_leaf(layout: Layout) -> Symbol | Number | None:
    """The symbol or number at which `layout` starts; None when it starts with a drawn sign."""
    match layout:
        case Symbol() | Number():
            return layout
        case Script(base=part) | Prefixed(operator=part) | Call(function=part) | Dotted(left=part):
            return first_leaf(part)
        case Row(items) | Juxtaposed(items):
            return first_leaf(items[0])
        case _:
            return None


def last_leaf(layout: Layout) -> Symbol | Number | None:
    """The symbol or number at which `layout` ends, scripts aside; None when it ends with a sign."""
    match layout:
        case Symbol() | Number():
            return layout
        case Script(base=part) | Prefixed(argument=part) | Dotted(right=part):
            return last_leaf(part)
        case Row(items) | Juxtaposed(items):
            return last_leaf(items[-1])
        case _:
            return None


def run_together(before: Layout, after: Layout) -> bool:
    """Whether two neighbours, one of them a word of several letters, would read as one word."""
    left, right = last_leaf(before), first_leaf(after)
    if left is None or right is None:
        return False
    return any(isinstance(leaf, Symbol) and len(leaf.text) > 1 for leaf in (left, right))


def is_tall(layout: Layout) -> bool:
    """Whether `layout` is higher than a line of text, so that delimiters around it must grow."""
    match layout:
        case Fraction() | Matrix():
            return True
        case Script(base=base):
            return is_tall(base)
        case _:
            return any(is_tall(part) for part in parts(layout))


def not_drawn(layout: Layout | None) -> TypeError:
    """The error for a layout that must be grouped before it is drawn."""
    return TypeError(f"{type(layout).__name__} is not drawn: group the layout first")
