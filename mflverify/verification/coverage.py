"""Which numbered items of a paper are formalised, from its `paper.toml`.

title = "..."
[[item]]
label = "thm-4.1"
section = "4.1"
title = "..."                 # optional
by = ["thm-4.1", "lem-Q"]     # statements, or steps such as thm-4.1/4.3; default: the label itself
lacks = "the converse"         # optional: what of it is still missing
out_of_scope = "why"          # optional: waived, for a mathematical reason
"""

from __future__ import annotations

import tomllib

from mflverify.ledger.records import CoverageRecord
from mflverify.proof.loader import Proofs


def coverage(proofs: Proofs) -> tuple[CoverageRecord, ...]:
    """One record an item, in the order of the papers; a listing that cannot be read has none.

    The loader reports such a listing as a problem.
    """
    found: list[CoverageRecord] = []
    for listing in sorted(proofs.root.glob("*/paper.toml")):
        try:
            content = tomllib.loads(listing.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError):
            continue
        items = content.get("item", [])
        paper = str(content.get("title", listing.parent.name))
        found += [
            _record(paper, item, proofs)
            for item in (items if isinstance(items, list) else [])
            if isinstance(item, dict) and isinstance(item.get("label"), str)
        ]
    return tuple(found)


def _record(paper: str, item: dict[str, object], proofs: Proofs) -> CoverageRecord:
    label = str(item["label"])
    reason = str(item.get("out_of_scope", ""))
    places = [str(place) for place in item.get("by", [label])]  # type: ignore[union-attr]
    absent = [place for place in places if not _exists(place, proofs)]
    lacks = str(item.get("lacks", ""))
    here = bool(places) and not absent
    state = "formalised" if here and not lacks else "out of scope" if reason else "missing"
    if state == "missing" and here:
        state = "in part"
    if "by" in item and absent and not reason:
        reason = f"there is no {', '.join(absent)}"
    if lacks and not reason:
        reason = f"without {lacks}"
    known = proofs.statements.get(label)
    title = str(item.get("title", known.title if known else ""))
    return CoverageRecord(paper, label, str(item.get("section", "")), state, title, reason)


def _exists(place: str, proofs: Proofs) -> bool:
    """Whether a statement, or a step written statement/step, is among the proofs."""
    label, _, name = place.partition("/")
    statement = proofs.statements.get(label)
    return statement is not None and (not name or any(s.name == name for s in statement.steps))
