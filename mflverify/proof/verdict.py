"""Findings: what is known about a step, logically and empirically, never blended into one word."""

from __future__ import annotations

from enum import StrEnum
from typing import NoReturn


class _NoTruthValue(StrEnum):
    def __bool__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__}.{self.name} has no truth value; compare with `is`")


class Logical(_NoTruthValue):
    """Why a step holds.

    PROVED: the algebra reduces it to 0 = 0, or the solver shows its negation unsatisfiable.
    FACT: it is an instance of a named analytic fact, matched with its side conditions.
    LEMMA: it is an instance of another statement, likewise matched.
    OPEN: none of these.  DISPROVED: false for some values of its constants.
    UNDECIDED: the prover gave up (limit, crash); never a pass.
    """

    PROVED = "proved"
    FACT = "fact"
    LEMMA = "lemma"
    OPEN = "open"
    DISPROVED = "disproved"
    UNDECIDED = "undecided"


class Empirical(_NoTruthValue):
    """What instances say about a step.

    EXACT: holds in rational arithmetic.  CERTIFIED: proved on instances in ball arithmetic.
    SAMPLED: holds in float64.  REFUTED: a certified counterexample.
    UNDECIDED: a ball straddles, a violation was neither confirmed nor explained, or an engine
    crashed; never a pass.  NOT_APPLICABLE: no engine can evaluate the step (the reason is kept).
    """

    EXACT = "exact"
    CERTIFIED = "certified"
    SAMPLED = "sampled"
    REFUTED = "refuted"
    UNDECIDED = "undecided"
    NOT_APPLICABLE = "not applicable"


GREEN_LOGICAL = frozenset({Logical.PROVED, Logical.FACT, Logical.LEMMA})
GREEN_EMPIRICAL = frozenset({Empirical.EXACT, Empirical.CERTIFIED, Empirical.SAMPLED})
