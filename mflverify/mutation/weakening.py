"""Why a changed claim may hold all the same: it says less than the step itself."""

from __future__ import annotations

from mflverify.expr.sorts import FunctionSort, VectorSort
from mflverify.expr.substitution import symbols
from mflverify.expr.terms import (
    DualNorm,
    FunctionSymbol,
    Norm,
    One,
    Parameter,
    Relation,
    SupNorm,
    is_mean_zero,
    subterms,
)
from mflverify.mutation.copying import with_step
from mflverify.mutation.functional import OtherNorm
from mflverify.mutation.proving import Judge, Proof, original_proof
from mflverify.proof.facts import hoelder, poincare, poincare_dual
from mflverify.proof.statement import Application, Reason, Statement, Step

MORE_ROOM = Proof(
    "proved", "prover", "one side is that of the step, the other one gives no less room"
)


def gives_more(judge: Judge, step: Step, claim: Relation, kind: str) -> bool:
    """Whether a claim is plainly the step's with a smaller left or a larger right side, which is
    defined everywhere.

    Without the reasons of the step there is little to search in, and a root of more is more.
    kind: the mistake; how norms compare is used when it is another norm.
    """
    own = step.claim
    if (
        claim.kind != own.kind
        or own.kind == "eq"
        or (claim.lhs != own.lhs) == (claim.rhs != own.rhs)
    ):
        return False
    low, high = (claim.lhs, own.lhs) if claim.rhs == own.rhs else (own.rhs, claim.rhs)
    gain = with_step(
        step, Relation("le", low, high), name="room", because=standard_facts(kind, claim)
    )
    return all(proof.outcome == "proved" for proof in (judge.plain(gain), judge.defined(gain)))


def follows_anyway(step: Step, reason: Reason) -> bool:
    """Whether what a reason says is true where the step holds, also when it is not named.

    So is an earlier step, if all that it rests on is proved (what it assumes, it says only under that
    assumption), a statement about numbers alone, whose premises the step proves, and what a fact
    says that needs no fact.
    """
    source = reason.source if isinstance(reason, Application) else reason
    if isinstance(source, Statement):
        return _is_about_numbers(source)
    if isinstance(reason, Application):
        return _is_plain(step, reason.content.conclusions)
    if not isinstance(reason, Step) or reason.statement is not step.statement:
        return False
    if reason.acknowledged is not None:
        return False
    if original_proof(reason).outcome != "proved":
        return False
    return all(follows_anyway(step, r) for r in reason.because if isinstance(r, Step))


def _is_plain(step: Step, conclusions: tuple[Relation, ...]) -> bool:
    """Whether conclusions plainly follow from the hypotheses alone, in some order."""
    judge = Judge()
    known, waiting = step, list(conclusions)
    because: list[Step] = []
    while waiting:
        for conclusion in waiting:
            new = with_step(known, conclusion, name=f"plain {len(because)}", because=because)
            if judge.plain(new).outcome == "proved":
                known = new
                because.append(new)
                waiting.remove(conclusion)
                break
        else:
            return False
    return True


def _is_about_numbers(statement: Statement) -> bool:
    """Whether a statement speaks of nothing but parameters, and is proved."""
    relations = [*statement.given, *(step.claim for step in statement.steps)]
    named = {symbol for relation in relations for symbol in symbols(relation)}
    return all(isinstance(symbol, Parameter) for symbol in named) and all(
        original_proof(step).outcome == "proved" for step in statement.steps
    )


def standard_facts(kind: str, claim: Relation) -> list[Application]:
    """How norms of what occurs in a mutant compare, when the mistake (`kind`) is another norm.

    A norm that is larger anyway makes a weaker claim, which must not pass for a mistake.
    """
    if kind != OtherNorm.kind:
        return []
    found: dict[Relation, Application] = {}
    for part in subterms(claim):
        if not isinstance(part, (Norm, SupNorm, DualNorm)):
            continue
        u = part.argument
        sort = u.sort
        assert isinstance(sort, (FunctionSort, VectorSort))
        applications = [hoelder(One(sort.space), u)]
        if isinstance(u, FunctionSymbol):
            applications.append(poincare(u))
        if is_mean_zero(u):
            applications.append(poincare_dual(u))
        for application in applications:
            found.setdefault(application.content.conclusions[0], application)
    return list(found.values())
