"""A difference as lines for a terminal: old and new formula one under the other, changes marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from mflverify.regression.difference import Change, Difference, Weight
from mflverify.regression.formulas import Piece, compare_formulas

HEADINGS = {
    Weight.WORSE: "Worse, to be accepted by a person",
    Weight.CHANGED: "Changed, to be accepted by a person",
    Weight.HARMLESS: "Harmless",
}
SIGNS = {Weight.WORSE: "✗", Weight.CHANGED: "≠", Weight.HARMLESS: "·"}
_STYLES = {Weight.WORSE: "bold red", Weight.CHANGED: "magenta", Weight.HARMLESS: "dim"}
_MARGIN = 10  # columns before a formula
_LISTED = 12  # labels of affected steps that are spelled out


def summary(difference: Difference) -> str:
    """One line: how many changes of each weight."""
    if not difference.changes:
        return "nothing changed"
    return ", ".join(
        f"{len(found)} {weight}" for weight in Weight if (found := difference.of(weight))
    )


def terminal_lines(difference: Difference, width: int = 80) -> Iterator[Text]:
    """The lines of a report, each at most `width` cells wide where formulas are concerned."""
    yield Text(f"{difference.old} → {difference.new}: {summary(difference)}", style="bold")
    for weight in Weight:
        changes = difference.of(weight)
        if changes:
            yield Text()
            yield Text(HEADINGS[weight], style="bold")
        for change in changes:
            yield from _change(change, width)


def _change(change: Change, width: int) -> Iterator[Text]:
    head = Text(f"  {SIGNS[change.weight]} ", style=_STYLES[change.weight])
    head.append(f"{change.label}  " if change.label else "", style="bold")
    head.append(change.text, style="default")
    yield head
    if change.old or change.new:
        old, new = compare_formulas(change.old, change.new)
        yield from _formula("old", old, width, "red")
        yield from _formula("new", new, width, "green")
    if change.affected:
        yield Text(f"      affects {affected_text(change)}", style="dim")


def affected_text(change: Change, listed: int = _LISTED) -> str:
    """The labels of what is affected; steps of the same statement by their names alone."""
    home = f"{change.label.partition('/')[0]}/"
    names = [label.removeprefix(home) for label in change.affected]
    rest = len(names) - listed
    return ", ".join(names[:listed]) + (f" and {rest} more" if rest > 0 else "")


def _formula(word: str, pieces: Sequence[Piece], width: int, style: str) -> Iterator[Text]:
    """A formula cut to the width, with carets under what the other lacks."""
    if not pieces:
        return
    for number, line in enumerate(_lines(pieces, max(20, width - _MARGIN))):
        text = Text(f"      {word if not number else '':<4}")
        carets = ""
        for character, changed in line:
            text.append(character, style=style if changed else None)
            carets += ("^" if changed else " ") * cell_len(character)
        yield text
        if carets.strip():
            yield Text(f"{' ' * _MARGIN}{carets.rstrip()}", style=style)


def _lines(pieces: Sequence[Piece], room: int) -> Iterator[list[tuple[str, bool]]]:
    """Characters with their marks, in lines of at most `room` cells."""
    line: list[tuple[str, bool]] = []
    used = 0
    for piece in pieces:
        for character in piece.text:
            if used + cell_len(character) > room:
                yield line
                line, used = [], 0
            line.append((character, piece.changed))
            used += cell_len(character)
    yield line
