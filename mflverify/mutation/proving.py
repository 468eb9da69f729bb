"""Does a claim still close?  The kernel's obligations, decided in the order that suits mutants.

A verification tries certificates first, since most of its claims are true; so does what is said to
hold here (`expected`), such as a harmless neighbour.  Most mutants are false, so they go to the solver
first, and what instances have refuted already gets less time.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from functools import lru_cache
from typing import Literal

from attrs import define, field, frozen

from mflverify.algebra.normal import Normalizer
from mflverify.engines.certificates import find_certificate
from mflverify.engines.interior import climb, has_room
from mflverify.engines.scalar import (
    NOT_IMPLIED,
    RESOURCE_LIMIT,
    ScalarResult,
    guess,
    prove,
)
from mflverify.expr.printing import to_unicode
from mflverify.expr.sorts import SortError
from mflverify.proof.errors import ProofError
from mflverify.proof.kernel import NormalRelation, Obligation, examine
from mflverify.proof.statement import Step

# solver steps for the better word, for a first look (which may take seconds), and where nothing
# else decides
BLINK, GLANCE, LONG = (RESOURCE_LIMIT // share for share in (1000, 100, 10))
# where equations leave no room, counterexamples of which some values are given: how many are tried,
# and the solver's steps for each, at first and later
FEW, MORE = (20, RESOURCE_LIMIT // 500), (300, RESOURCE_LIMIT // 500)
# elsewhere, starts from which one is climbed to, at first and later
FEW_STARTS, MORE_STARTS = 10, 100
# what the kernel calls the conditions that a claim be defined
DOMAIN = "domain of claim"


class Effort(IntEnum):
    """How far to search where nothing is found soon."""

    SHORT = 0  # certificates that are found fast or not at all, guesses, a glance of the solver
    FULL = 1  # also certificates whose search takes longest in vain, and a long run of the solver


@frozen
class Proof:
    """What the logical checks say of a claim.

    outcome: `proved`, `refuted` (the named reasons do not imply it), `disproved` (false for some
    values of its constants), `rejected` (a reason is not allowed, or the
    claim has no meaning for some values that the reasons allow) or `unknown` (a limit was hit:
    never a refutation).  check: `algebra` (normal forms), `prover` (certificates and solver) or
    `kernel`.  how: one sentence.
    """

    outcome: Literal["proved", "refuted", "disproved", "rejected", "unknown"]
    check: Literal["algebra", "prover", "kernel"]
    how: str = ""


@define
class Judge:
    """The logical checks of one statement and its mutants.

    What mutants share is computed once: normal forms, and what was decided of the same normal form
    under the same hypotheses.
    """

    _normalizer: Normalizer = field(factory=Normalizer, init=False)
    _decided: dict[tuple[object, ...], Proof] = field(factory=dict, init=False)

    def claim(self, step: Step, *, expected: bool = False, effort: Effort = Effort.FULL) -> Proof:
        """Whether the claim of a step follows from its reasons, its premises taken for granted.

        expected: whether it should; says what is tried first, and nothing of the answer.
        effort: how far to search where the first searches leave it undecided.
        """
        obligations = self._obligations(step)
        if isinstance(obligations, Proof):
            return obligations
        defined = self._defined(obligations, expected, effort)
        if defined.outcome != "proved":
            return defined
        return self._decide(obligations[-1], expected, effort)

    def defined(self, step: Step) -> Proof:
        """Whether the claim of a step is defined for all values that its hypotheses allow.

        `rejected` when it is not, with such values.
        """
        obligations = self._obligations(step)
        if isinstance(obligations, Proof):
            return obligations
        return self._defined(obligations, expected=False, effort=Effort.SHORT)

    def _defined(
        self, obligations: tuple[Obligation, ...], expected: bool, effort: Effort
    ) -> Proof:
        domain = [self._decide(o, expected, effort) for o in obligations if o.role == DOMAIN]
        for found in domain:
            if found.outcome in ("refuted", "disproved"):
                return Proof("rejected", "prover", f"it is not defined everywhere: {found.how}")
        for found in domain:
            if found.outcome != "proved":
                return found
        return Proof("proved", "prover", "it is defined everywhere")

    def glance(self, step: Step, *, solver: bool) -> Proof:
        """What the logical checks see at once of a claim that fails at an instance.

        `proved` is a contradiction, since the claim is false; `unknown` is no surprise.
        solver: whether to ask the solver, or normal forms alone.
        """
        obligations = self._obligations(step)
        if isinstance(obligations, Proof):
            return obligations
        last = obligations[-1]
        if last.settled is not None:
            return self.claim(step)
        if differs(last):
            return DIFFERENT
        if not solver:
            return Proof("unknown", "algebra", "the solver was not asked")
        found = self._solved(last, GLANCE)
        # that it is defined is a matter of its own
        return self.claim(step) if found.outcome == "proved" else found

    def step(self, step: Step, *, expected: bool = False, effort: Effort = Effort.FULL) -> Proof:
        """Whether a step closes, premises included: the first obligation that certainly fails, else
        the first that is undecided, or a proof.

        expected, effort: as for `claim`.
        """
        obligations = self._obligations(step)
        if isinstance(obligations, Proof):
            return obligations
        found = Proof("unknown", "kernel", "nothing to show")
        undecided: Proof | None = None
        for obligation in obligations:
            # once one is undecided, the others are asked only whether they fail
            tried = effort if undecided is None else Effort.SHORT
            found = self._decide(obligation, expected, tried)
            told = Proof(found.outcome, found.check, f"{obligation.role}: {found.how}")
            if found.outcome == "unknown":
                undecided = undecided or told
            elif found.outcome != "proved":
                return told
        return undecided or Proof("proved", found.check, found.how)

    def plain(self, step: Step) -> Proof:
        """Whether the claim of a step plainly follows from its reasons: by its normal form, by the
        solver in a blink, or by a certificate that is found fast."""
        obligations = self._obligations(step)
        if isinstance(obligations, Proof):
            return obligations
        found = _at_once(obligations[-1]) or self._solved(obligations[-1], BLINK)
        if found.outcome == "unknown" and self._certified(obligations[-1], thorough=False):
            return CERTIFIED
        return found

    def closes_soon(self, step: Step) -> bool:
        """Whether a step is seen to close with little effort."""
        obligations = self._obligations(step)
        if isinstance(obligations, Proof):
            return False
        return all(self._soon(obligation).outcome == "proved" for obligation in obligations)

    def _obligations(self, step: Step) -> tuple[Obligation, ...] | Proof:
        try:
            return examine(step, self._normalizer)
        except (ProofError, SortError) as error:
            return Proof("rejected", "kernel", str(error))

    def _decide(self, obligation: Obligation, expected: bool, effort: Effort) -> Proof:
        found = _at_once(obligation)
        if found is None and expected and self._certified(obligation, thorough=True):
            return CERTIFIED
        found = found or self._soon(obligation)
        if found.outcome == "unknown":
            found = self._searched(obligation, MORE_STARTS, MORE, found)
        if found.outcome != "unknown" or effort < Effort.FULL:
            return found
        if self._certified(obligation, thorough=True):
            return CERTIFIED
        return self._solved(obligation, LONG)

    def _soon(self, obligation: Obligation) -> Proof:
        """What is seen with little effort.

        Most mutants are false, which is seen soon: by the solver in a blink, or where floats climb.
        A search for a certificate that does not exist takes longer, and so does the solver on what
        has one.  Guesses, where floats cannot climb, cost more than a glance of the solver.
        """
        found = _at_once(obligation) or self._solved(obligation, BLINK)
        looks = [
            lambda: self._searched(obligation, FEW_STARTS, FEW, found),
            lambda: self._solved(obligation, GLANCE),
        ]
        for look in looks if has_room(obligation) else reversed(looks):
            if found.outcome == "unknown":
                found = look()
        if found.outcome != "unknown":
            return found
        return CERTIFIED if self._certified(obligation, thorough=False) else found

    def _solved(self, obligation: Obligation, limit: int) -> Proof:
        """What the solver says of it with so many steps."""
        return self._remembered(obligation, f"solver, {limit}", lambda: _solve(obligation, limit))

    def _searched(
        self, obligation: Obligation, starts: int, guesses: tuple[int, int], otherwise: Proof
    ) -> Proof:
        """A counterexample, or what is known otherwise.

        It is climbed to where there is room, else some of its values are guessed.
        """

        def search() -> Proof:
            climbs = has_room(obligation)
            return _as_proof(climb(obligation, starts) if climbs else guess(obligation, *guesses))

        found = self._remembered(obligation, f"search, {starts}", search)
        return found if found.outcome != "unknown" else otherwise

    def _certified(self, obligation: Obligation, *, thorough: bool) -> bool:
        """Whether a certificate is found; a thorough search includes the other."""
        kind = "certificate, thorough" if thorough else "certificate"

        def search() -> Proof:
            found = find_certificate(obligation, thorough=thorough)
            return NOT_CERTIFIED if found is None else CERTIFIED

        return self._remembered(obligation, kind, search) is CERTIFIED

    def _remembered(self, obligation: Obligation, kind: str, decide: Callable[[], Proof]) -> Proof:
        key = (
            kind,
            _key(obligation.normal),
            *((h.labels, _key(h.normal)) for h in obligation.hypotheses),
        )
        if key not in self._decided:
            self._decided[key] = decide()
        return self._decided[key]


DIFFERENT = Proof("refuted", "algebra", "the two sides have different normal forms")


def _at_once(obligation: Obligation) -> Proof | None:
    """What normal forms alone decide."""
    if obligation.settled is not None:
        return Proof("proved", "algebra", obligation.settled)
    return DIFFERENT if differs(obligation) else None


def differs(obligation: Obligation) -> bool:
    """Whether an equation has two different sides and nothing else is known."""
    return (
        obligation.settled is None
        and obligation.normal.sense == "eq"
        and all(known.normal.is_trivial for known in obligation.hypotheses)
    )


def _key(normal: NormalRelation) -> tuple[str, str]:
    return normal.sense, normal.difference.key


CERTIFIED = Proof("proved", "prover", "a non-negative combination of what is used")
NOT_CERTIFIED = Proof("unknown", "prover", "no certificate was found")


@lru_cache(maxsize=1024)
def original_proof(step: Step) -> Proof:
    """Whether a step closes as it stands; kept, since all mutants of a statement ask."""
    return Judge().step(step, expected=True)


def _solve(obligation: Obligation, limit: int) -> Proof:
    """The first solver alone: the second one confirms what a verification claims."""
    return _as_proof(prove(obligation, limit, confirm=False, once=True))


def _as_proof(result: ScalarResult) -> Proof:
    if result.answer == "proved":
        how = "the solver shows its negation unsatisfiable"
        return Proof("proved", "prover", how)
    if result.answer == "refuted":
        values = ", ".join(f"{to_unicode(q)} = {v}" for q, v in result.counterexample)
        how = f"the reasons allow {values}" if values else NOT_IMPLIED
        if result.relaxed:
            return Proof("unknown", "prover", f"{how}, unless {result.relaxed}")
        return Proof("disproved" if result.pure else "refuted", "prover", how)
    return Proof("unknown", "prover", result.reason)
