"""How reports speak of verdicts: a sign, a tone and a sentence for each word.

The sign and the word always stand together, so that colour never carries a verdict alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from attrs import frozen

from mflverify.ledger.records import Formula

# pass: shown here; cited: rests on something named; sampled: seen in float64 only;
# doubt: neither shown nor refuted; fail: false.
Tone = Literal["pass", "cited", "sampled", "doubt", "fail"]


@frozen
class Wording:
    """The sign and tone of a verdict, and what it means."""

    sign: str
    tone: Tone
    meaning: str


LOGICAL: Mapping[str, Wording] = MappingProxyType(
    {
        "proved": Wording(
            "✓",
            "pass",
            "follows by the algebra of operators, by a certificate checked in exact arithmetic, "
            "or because a solver shows its negation unsatisfiable",
        ),
        "fact": Wording("✓", "cited", "is an instance of a named analytic fact"),
        "lemma": Wording("✓", "cited", "is an instance of another statement in this report"),
        "open": Wording("?", "doubt", "the reasons given do not settle it"),
        "undecided": Wording("?", "doubt", "the prover gave up or crashed"),
        "disproved": Wording("✗", "fail", "false for some values of its constants"),
    }
)

EMPIRICAL: Mapping[str, Wording] = MappingProxyType(
    {
        "exact": Wording("✓", "pass", "holds in rational arithmetic on every instance tried"),
        "certified": Wording("✓", "pass", "ball arithmetic proves it on every instance tried"),
        "sampled": Wording("✓", "sampled", "holds in floating point on every instance tried"),
        "undecided": Wording("?", "doubt", "enclosures straddle, or an engine crashed"),
        "not applicable": Wording("?", "doubt", "no engine can evaluate it"),
        "refuted": Wording("✗", "fail", "a certified counterexample was found"),
    }
)

STATUS: Mapping[str, Wording] = MappingProxyType(
    {
        "closed": Wording("✓", "pass", "every step passes"),
        "open": Wording("?", "doubt", "some step is open"),
        "undecided": Wording("?", "doubt", "some step is undecided"),
        "refuted": Wording("✗", "fail", "some step is false"),
    }
)

OUTCOME: Mapping[str, Wording] = MappingProxyType(
    {
        "settled": Wording("✓", "pass", "by normal forms alone"),
        "certificate": Wording("✓", "pass", "by a certificate checked in exact arithmetic"),
        "solver": Wording("✓", "pass", "by a solver"),
        "open": LOGICAL["open"],
        "undecided": LOGICAL["undecided"],
        "disproved": LOGICAL["disproved"],
    }
)

MUTANT: Mapping[str, Wording] = MappingProxyType(
    {
        "killed": Wording("✓", "pass", "some check noticed the change"),
        "survived": Wording("✗", "fail", "no check noticed the change"),
        "undecided": Wording("?", "doubt", "a check gave up or ran out of time"),
        "harmless": Wording("✓", "cited", "the changed claim is true as well"),
    }
)

RATE: Mapping[str, Wording] = MappingProxyType(
    {
        "holds": Wording("✓", "sampled", "the bound holds at every output of the trajectory"),
        "violated": Wording("✗", "fail", "the trajectory leaves the bound"),
        "undecided": Wording("?", "doubt", "the run cannot be trusted"),
        "outside": Wording(
            "?", "doubt", "the datum lies outside the ball, where nothing is guaranteed"
        ),
    }
)

COVERAGE: Mapping[str, Wording] = MappingProxyType(
    {
        "formalised": Wording("✓", "pass", "statements here formalise it"),
        "in part": Wording("?", "doubt", "formalised but for what is said beside it"),
        "missing": Wording("✗", "fail", "nothing here formalises it"),
        "out of scope": Wording("?", "doubt", "not meant to be formalised"),
    }
)

# Why a summand of a certificate that uses no hypothesis is not negative.
SELF_EVIDENT: Mapping[str, str] = MappingProxyType(
    {
        "monomial": "a product of non-negative quantities",
        "absolute": "by definition of |q|, max and min",
        "square": "a square",
    }
)


def is_sum(formula: Formula) -> bool:
    """Whether the printed formula is a sum, or has a sign, at its outermost level."""
    text, count = formula.unicode, 1
    while count:
        text, count = re.subn(r"\([^()]*\)|⟨[^⟨⟩]*⟩|\|[^|]*\||‖[^‖]*‖", "", text)
    return text.startswith("−") or bool(re.search(r" [+−] ", text))
