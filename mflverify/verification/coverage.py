"""Which numbered items of a paper are formalised, from its `paper.toml`.

title = "..."
[[item]]
label = "thm-4.1"
section = "4.1"
title = "..."                 # optional
out_of_scope = "why"          # optional: not meant to be formalised
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
    known = proofs.statements.get(label)
    state = "formalised" if known else "out of scope" if reason else "missing"
    title = str(item.get("title", known.title if known else ""))
    return CoverageRecord(paper, label, str(item.get("section", "")), state, title, reason)
