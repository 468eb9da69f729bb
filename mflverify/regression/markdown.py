"""A difference as Markdown that fits a comment on a change request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mflverify.regression.difference import Change, Difference, Weight
from mflverify.regression.formulas import Piece, compare_formulas
from mflverify.regression.terminal import HEADINGS, SIGNS, affected_text, summary

LIMIT = 60_000  # characters; the usual hosts refuse comments above 65,536


def to_markdown(difference: Difference, limit: int = LIMIT) -> str:
    """The report, at most about `limit` characters long; what is left out is counted.

    Formulas, labels and messages are escaped, so that nothing in them is taken for markup,
    a mention or mathematics of the host.
    """
    verdict = (
        "**A person has to accept this change.**"
        if difference.needs_acceptance
        else "There is nothing to accept."
    )
    lines = [
        f"### Proofs: {summary(difference)}",
        "",
        f"{_code(difference.old)} → {_code(difference.new)}. {verdict}",
    ]
    length = sum(len(line) + 1 for line in lines)
    left_out = 0
    for weight in Weight:
        changes = difference.of(weight)
        if not changes:
            continue
        folded = weight is Weight.HARMLESS
        lines += ["", *_opening(weight, len(changes), folded=folded), ""]
        for change in changes:
            block = list(_change(change))
            size = sum(len(line) + 1 for line in block)
            if length + size > limit:
                left_out += 1
                continue
            length += size
            lines += block
        if folded:
            lines += ["", "</details>"]
    if left_out:
        lines += ["", f"_{left_out} more changes are left out here; `mflverify diff` shows them._"]
    return "\n".join(lines) + "\n"


def _opening(weight: Weight, count: int, *, folded: bool) -> list[str]:
    if folded:
        return [f"<details><summary>{HEADINGS[weight]} ({count})</summary>"]
    return [f"#### {HEADINGS[weight]}"]


def _change(change: Change) -> Iterator[str]:
    label = f"{_code(change.label)} " if change.label else ""
    affected = f" Affects {_escape(affected_text(change))}." if change.affected else ""
    yield f"- {SIGNS[change.weight]} {label}{_escape(change.text)}.{affected}"
    if change.old or change.new:
        old, new = compare_formulas(change.old, change.new)
        yield ""
        yield "  | old | new |"
        yield "  | --- | --- |"
        yield f"  | {_formula(old, 'del')} | {_formula(new, 'ins')} |"
        yield ""


def _formula(pieces: Sequence[Piece], tag: str) -> str:
    if not pieces:
        return "(none)"
    marked = "".join(
        f"<{tag}>{_escape(piece.text)}</{tag}>" if piece.changed else _escape(piece.text)
        for piece in pieces
    )
    return f"<code>{marked}</code>"


def _code(text: str) -> str:
    return f"<code>{_escape(text)}</code>"


# what Markdown, HTML, mentions and mathematics of a host could be made of
_SPECIAL = "&<>\"'`*_{}[]()#+-.!|~$@\\"


def _escape(text: str) -> str:
    """Text in which no sign has a meaning of its own; line breaks become spaces."""
    one_line = " ".join(text.splitlines())
    return "".join(f"&#{ord(sign)};" if sign in _SPECIAL else sign for sign in one_line)
