"""Does a claim still close?  The kernel's obligations, decided in the order that suits mutants.

A verification tries certificates first, since most of its claims are true.  Most mutants are
false, so they go to the solver first, and what instances have refuted already gets less time.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from attrs import frozen

from mflverify.engines.certificates import find_certificate
from mflverify.engines.scalar import RESOURCE_LIMIT, prove
from mflverify.expr.printing import to_unicode
from mflverify.expr.sorts import SortError
from mflverify.proof.certificate import labels_used
from mflverify.proof.errors import ProofError
from mflverify.proof.kernel import Obligation, examine
from mflverify.proof.statement import Step

# solver steps for a first try; what it leaves undecided is tried again with all of them
SHORT = RESOURCE_LIMIT // 10
# what the kernel calls the conditions that a claim be defined
DOMAIN = "domain of claim"


@frozen
class Proof:
    """What the logical checks say of a claim.

    outcome: `proved`, `refuted` (the named reasons do not imply it), `disproved` (false for some
    values of its constants), `rejected` (a reason is not allowed, or the
    claim has no meaning for some values that the reasons allow) or `unknown` (a limit was hit:
    never a refutation).  check: `algebra` (normal forms), `prover` (certificates and solver) or
    `kernel`.  how: one sentence.  used: labels of what a proof really used.
    """

    outcome: Literal["proved", "refuted", "disproved", "rejected", "unknown"]
    check: Literal["algebra", "prover", "kernel"]
    how: str = ""
    used: tuple[str, ...] = ()


def examine_claim(step: Step, *, mutant: bool = False, suspected: bool = False) -> Proof:
    """Whether the claim of a step follows from its reasons, its premises taken for granted.

    mutant: whether it is more likely false.  suspected: whether instances refuted it already.
    """
    try:
        obligations = examine(step)
    except (ProofError, SortError) as error:
        return Proof("rejected", "kernel", str(error))
    for obligation in obligations:
        if obligation.role == DOMAIN:
            defined = _decide(obligation)
            if defined.outcome in ("refuted", "disproved"):
                return Proof("rejected", "prover", f"it is not defined everywhere: {defined.how}")
            if defined.outcome != "proved":
                return defined
    return _decide(obligations[-1], mutant=mutant or suspected, suspected=suspected)


def examine_step(step: Step, *, mutant: bool = False) -> Proof:
    """Whether a step closes, premises included: the first obligation that fails, or a proof.

    mutant: whether it is more likely that it does not.
    """
    try:
        obligations = examine(step)
    except (ProofError, SortError) as error:
        return Proof("rejected", "kernel", str(error))
    used: dict[str, None] = {}
    last = Proof("unknown", "kernel", "nothing to show")
    for obligation in obligations:
        last = _decide(obligation, mutant=mutant)
        if last.outcome != "proved":
            return Proof(last.outcome, last.check, f"{obligation.role}: {last.how}")
        used |= dict.fromkeys(last.used)
    return Proof("proved", last.check, last.how, tuple(used))


@lru_cache(maxsize=1024)
def original_proof(step: Step) -> Proof:
    """Whether a step closes as it stands; kept, since all mutants of a statement ask."""
    return examine_step(step)


def _decide(obligation: Obligation, *, mutant: bool = False, suspected: bool = False) -> Proof:
    """Solver and certificate search: what is likely false is soon seen by the solver, what is likely
    true has a certificate as a rule, and a failed search for one takes long."""
    if obligation.settled is not None:
        return Proof("proved", "algebra", obligation.settled, obligation.used)
    if mutant:
        found = _solve(obligation, SHORT)
        if found.outcome != "unknown":
            return found
    certificate = find_certificate(obligation)
    if certificate is not None:
        how = "a non-negative combination of what is used"
        return Proof("proved", "prover", how, labels_used(certificate, obligation))
    found = _solve(obligation, SHORT)
    return found if suspected or found.outcome != "unknown" else _solve(obligation, RESOURCE_LIMIT)


def _solve(obligation: Obligation, limit: int) -> Proof:
    result = prove(obligation, limit, confirm_refutation=False)
    if result.answer == "proved":
        how = "the solver shows its negation unsatisfiable"
        return Proof("proved", "prover", how, result.used)
    if result.answer == "refuted":
        values = ", ".join(f"{to_unicode(q)} = {v}" for q, v in result.counterexample)
        how = f"the reasons allow {values}" if values else "the reasons do not imply it"
        return Proof("disproved" if result.pure else "refuted", "prover", how)
    return Proof("unknown", "prover", result.reason)
