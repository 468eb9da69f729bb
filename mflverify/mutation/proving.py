"""Does a claim still close?  The kernel's obligations, decided in the order that suits mutants.

A verification tries certificates first, since most of its claims are true.  Most mutants are
false, so a claim that instances have already refuted goes to the solver first.
"""

from __future__ import annotations

from typing import Literal

from attrs import evolve, frozen

from mflverify.algebra.polynomial import Atom, Polynomial
from mflverify.algebra.reading import read_polynomial
from mflverify.engines.certificates import find_certificate
from mflverify.engines.scalar import RESOURCE_LIMIT, prove
from mflverify.expr.printing import to_unicode
from mflverify.expr.sorts import SortError
from mflverify.proof.errors import ProofError
from mflverify.proof.kernel import NormalRelation, Obligation, examine
from mflverify.proof.statement import Step

# solver steps for a first try; what it leaves undecided is tried again with all of them
SHORT = RESOURCE_LIMIT // 10


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


def examine_claim(step: Step, *, suspected: bool = False) -> Proof:
    """Whether the claim of a step follows from its reasons, its premises taken for granted.

    suspected: whether instances refuted it already, so that a refutation is looked for first.
    """
    try:
        obligations = examine(step).obligations
    except (ProofError, SortError) as error:
        return Proof("rejected", "kernel", str(error))
    return _decide(obligations[-1], suspected)


def examine_step(step: Step) -> Proof:
    """Whether a step closes, premises included: the first obligation that fails, or a proof."""
    try:
        obligations = examine(step).obligations
    except (ProofError, SortError) as error:
        return Proof("rejected", "kernel", str(error))
    used: dict[str, None] = {}
    last = Proof("unknown", "kernel", "nothing to show")
    for obligation in obligations:
        last = _decide(obligation, suspected=False)
        if last.outcome != "proved":
            return Proof(last.outcome, last.check, f"{obligation.role}: {last.how}")
        used |= dict.fromkeys(last.used)
    return Proof("proved", last.check, last.how, tuple(used))


def _decide(obligation: Obligation, suspected: bool) -> Proof:
    if obligation.settled is not None:
        return Proof("proved", "algebra", obligation.settled, obligation.used)
    if not suspected:
        found = _certify(obligation)
        if found is not None:
            return found
    reason = ""
    for limit in (SHORT,) if suspected else (SHORT, RESOURCE_LIMIT):
        result = prove(obligation, limit)
        if result.answer == "proved":
            how = "the solver shows its negation unsatisfiable"
            return Proof("proved", "prover", how, result.used)
        if result.answer == "refuted":
            values = ", ".join(f"{to_unicode(q)} = {v}" for q, v in result.counterexample)
            how = f"the reasons allow {values}" if values else "the reasons do not imply it"
            return Proof("disproved" if result.pure else "refuted", "prover", how)
        reason = result.reason
    if suspected:
        found = _certify(obligation)
        if found is not None:
            return found
    undefined = _undefined(obligation)
    if undefined is not None:
        return Proof("rejected", "prover", undefined)
    return Proof("unknown", "prover", reason)


def _undefined(obligation: Obligation) -> str | None:
    """Values that the reasons allow and at which the goal has no meaning, if the solver finds some:
    a denominator that vanishes, or something negative under a root."""
    seen: set[tuple[str, Atom]] = set()
    stack = [obligation.normal.difference]
    while stack:
        for monomial in stack.pop().terms:
            for atom, power in monomial:
                if isinstance(atom.payload, Polynomial):
                    stack.append(atom.payload)
                alone = Polynomial.atom(atom)
                if power < 0 and not atom.positive:
                    needed, word = NormalRelation("lt", alone * alone), "in a denominator"
                elif power.denominator % 2 == 0 and not atom.nonnegative:
                    needed, word = NormalRelation("le", alone), "under a root"
                else:
                    continue
                if (needed.sense, atom) in seen:
                    continue
                seen.add((needed.sense, atom))
                asked = evolve(obligation, normal=needed, settled=None)
                result = prove(asked, SHORT)
                if result.answer == "refuted":
                    values = ", ".join(f"{to_unicode(q)} = {v}" for q, v in result.counterexample)
                    name = to_unicode(read_polynomial(alone))
                    return f"it has no meaning where {name} is {word}: {values}"
    return None


def _certify(obligation: Obligation) -> Proof | None:
    certificate = find_certificate(obligation)
    if certificate is None:
        return None
    used = {
        obligation.hypotheses[index].label: None
        for case in certificate.cases
        for part in case
        for index in (part.index, part.second)
        if index >= 0
    }
    return Proof("proved", "prover", "a non-negative combination of what is used", tuple(used))
