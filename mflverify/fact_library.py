"""`mflverify list facts`: the fact library on the terminal, and as the page docs/facts.md."""

from __future__ import annotations

from mflverify.markdown import cell
from mflverify.proof.facts import LIBRARY
from mflverify.terminal import console, print_folded

INTRODUCTION = """# The fact library

What is taken from the literature. Each fact is an assumption of the proofs that use it (`mflverify trust`), with its
side conditions as premises that the kernel makes whoever applies it establish; it is checked on instances of every family
that can evaluate it, and where it is known to be sharp, on an extremal (`tests/proof/test_facts.py`,
`test_extremals.py`, `test_time_facts.py`). This page is what `mflverify list facts --markdown` prints.

| fact | what it says | sharp | source |
| --- | --- | --- | --- |
"""


def list_facts(*, markdown: bool) -> None:
    """Print the facts with their titles, why they are sharp if that is known, and their sources."""
    out = console()
    if markdown:
        out.print(facts_page(), end="", markup=False, soft_wrap=True)
        return
    for fact in LIBRARY:
        print_folded(out, fact.label, style="bold")
        print_folded(out, f"    {fact.title}", hanging=4)
        sharp = f"sharp: {fact.sharp}" if fact.sharp else "not known to be sharp"
        print_folded(out, f"    {sharp}", hanging=4)
        print_folded(out, f"    {fact.citation}", hanging=4, style="dim")


def facts_page() -> str:
    """The whole page in Markdown."""
    rows = (
        f"| `{fact.label}` | {cell(fact.title)} | {cell(fact.sharp) or 'not known'} "
        f"| {cell(fact.citation)} |\n"
        for fact in LIBRARY
    )
    return INTRODUCTION + "".join(rows)


__all__ = ["facts_page", "list_facts"]
