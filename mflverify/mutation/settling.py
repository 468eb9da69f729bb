"""What is tried last of a mutant that nothing decides: proofs from more than the step names.

Only a proof counts: that a mutant does not follow from more, or may not rest on it, says nothing new.
"""

from __future__ import annotations

from contextlib import suppress

from attrs import evolve

from mflverify.expr.sorts import SortError
from mflverify.expr.substitution import Substitution
from mflverify.expr.terms import Relation
from mflverify.mutation.arithmetic import exchanges
from mflverify.mutation.copying import replaced, with_step
from mflverify.mutation.proving import Effort, Judge, Proof
from mflverify.mutation.variants import Variants
from mflverify.mutation.weakening import follows_anyway
from mflverify.proof.statement import Reason, Step


def settle(judge: Judge, step: Step, new: Step, variants: Variants) -> Proof | None:
    """A proof of a mutant of a step, or None.

    new: the mutant, with the reasons that did not decide it.
    """
    found = _from_exchanged(judge, step, new) or _from_all_steps(judge, step, new)
    if found is not None:
        return found
    label = variants.proof_of([new.claim], step.statement.given, step.assuming)
    return Proof("proved", "prover", f"{label} proves it") if label else None


def _from_exchanged(judge: Judge, step: Step, new: Step) -> Proof | None:
    """By what the step applies, applied to exchanged constants."""
    more = exchanged_reasons(step, new.claim)
    if not more:
        return None
    wider = with_step(step, new.claim, name=new.name, because=(*new.because, *more))
    # premises included: they are not those of the step
    found = judge.step(wider, expected=True, effort=Effort.SHORT)
    return _told(found, "by the same reasons with exchanged constants")


def _from_all_steps(judge: Judge, step: Step, new: Step) -> Proof | None:
    """By all earlier steps that hold where the step does."""
    earlier = step.statement.steps[: step.statement.steps.index(step)]
    here = [r for r in earlier if r not in new.because and set(r.assuming) <= set(step.assuming)]
    more = [r for r in here if follows_anyway(step, r)]
    if not more:
        return None
    wider = with_step(step, new.claim, name=new.name, because=(*new.because, *more))
    found = judge.claim(wider, expected=True, effort=Effort.SHORT)
    return _told(found, "with all earlier steps as reasons")


def _told(found: Proof, words: str) -> Proof | None:
    return evolve(found, how=f"{words}: {found.how}") if found.outcome == "proved" else None


def exchanged_reasons(step: Step, claim: Relation) -> list[Reason]:
    """What is applied in a step, applied to exchanged constants, where the claim is that of the step
    with two constants exchanged."""
    for p, q, changed in exchanges(step.claim):
        if changed == claim:
            exchange = Substitution.of({p: q, q: p})
            with suppress(SortError):  # where one of them must be positive, and the other is not
                return [replaced(applied, exchange, {}) for applied in step.applications]
    return []


__all__ = ["exchanged_reasons", "settle"]
