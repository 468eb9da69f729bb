"""Two printed formulas compared: which parts differ, and whether only numbers do."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from attrs import frozen

_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_SUBSCRIPTS = "₀-₉₋ₐ-ₜ"
# numbers, letters with their subscripts, exponents, single signs
_TOKEN = re.compile(rf"\d+(?:\.\d+)?|\w[{_SUBSCRIPTS}]*|[{_SUPERSCRIPTS}⁻]+|\s+|.")
_NUMBER = re.compile(rf"/?\d+(?:\.\d+)?|⁻?[{_SUPERSCRIPTS}]+")


@frozen
class Piece:
    """A part of a formula, and whether the other formula lacks it."""

    text: str
    changed: bool


def compare_formulas(old: str, new: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both formulas cut into pieces that are shared and pieces that are not."""
    first, second = _TOKEN.findall(old), _TOKEN.findall(new)
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    left: list[Piece] = []
    right: list[Piece] = []
    for tag, i, j, k, m in matcher.get_opcodes():
        _append(left, "".join(first[i:j]), changed=tag != "equal")
        _append(right, "".join(second[k:m]), changed=tag != "equal")
    return tuple(left), tuple(right)


def _append(pieces: list[Piece], text: str, *, changed: bool) -> None:
    if text:
        pieces.append(Piece(text, changed))


def changed_constants(old: str, new: str) -> tuple[str, ...]:
    """How the numbers differ, such as `2 → 3`, when nothing else does; otherwise empty.

    Subscripts belong to names and are no numbers; exponents are.
    """
    if old == new or _skeleton(old) != _skeleton(new):
        return ()
    first, second = _NUMBER.findall(old), _NUMBER.findall(new)
    changes: list[str] = []
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            continue
        pairs = list(zip(first[i:j], second[k:m], strict=False))
        if len(pairs) != max(j - i, m - k):
            pairs = [(" ".join(first[i:j]), " ".join(second[k:m]))]
        changes += [f"{before or 'none'} → {after or 'none'}" for before, after in pairs]
    return tuple(changes)


def _skeleton(text: str) -> str:
    return re.sub(r"\s+", "", _NUMBER.sub("", text))
