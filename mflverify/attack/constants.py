"""How sharp each constant is: the largest certain ratio of the two sides, and what is known."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from math import ceil

from attrs import evolve, field, frozen

from mflverify.algebra.normal import Normalizer
from mflverify.attack.ascent import Summit
from mflverify.attack.certify import Certified, certify
from mflverify.attack.ratio import Ratio
from mflverify.attack.search import Effort, families, search
from mflverify.engines.empirical import speaks_of_time
from mflverify.expr.digest import canonical_text, digest
from mflverify.expr.printing import to_unicode
from mflverify.expr.terms import Power, Product, Rational, Relation, Term
from mflverify.ledger.sections import ConstantRecord
from mflverify.models import Request, Unavailable
from mflverify.models.relevance import relevant
from mflverify.mutation.copying import with_step
from mflverify.mutation.proving import Judge
from mflverify.proof.facts import LIBRARY, Fact
from mflverify.proof.loader import Proofs
from mflverify.proof.statement import Application, Step
from mflverify.verification.record import step_digest

FACTS = "facts"
# the reasons are asked for this factor first; if they do not give it, the constant is as they give
NEARLY = Fraction(63, 64)
HALVINGS = 6


@frozen
class Attack:
    """What an attack on one inequality found.

    best: the best certain ratio, or None.  sampled: the best ratio in floats.  instances: how many
    were evaluated.
    """

    best: Certified | None = None
    sampled: float = 0.0
    instances: int = 0
    summits: tuple[Summit, ...] = field(default=(), repr=False)


def attack(
    claim: Relation, hypotheses: tuple[Relation, ...], words: str, seed: int, effort: Effort
) -> Attack:
    """The largest ratio of the sides of a claim over all families that can evaluate it.

    What is said of unions of spaces is attacked on two components.
    words: what else the draws depend on, such as the label.
    """
    ratio = Ratio.of(claim)
    request = Request.of(ratio.relation, hypotheses=hypotheses)
    mixed = hashlib.sha256(f"{seed} {words} {canonical_text(claim)}".encode()).digest()
    start = int.from_bytes(mixed[:6], "big")
    total = Attack()
    for number, family in enumerate(families(request)):
        # where drawn instances attain the bound there is nothing to climb for
        drawn = search(ratio, request, family, [start, number], evolve(effort, starts=0, modes=()))
        best = certify(ratio, request, drawn) if drawn else None
        summits = drawn
        if best is None or not best.attained:
            summits = search(ratio, request, family, [start, number], effort)
            best = certify(ratio, request, summits) if summits else None
        if not summits:
            continue
        total = Attack(
            max((b for b in (total.best, best) if b), key=lambda b: b.ratio, default=None),
            max(total.sampled, summits[0].ratio),
            total.instances + sum(summit.count for summit in summits),
            (*total.summits, *summits),
        )
    return total


# ------------------------------------------------------------------------------ of a step


def constant_of(step: Step, seed: int, effort: Effort) -> ConstantRecord:
    """How sharp the inequality of a step is, and whether its reasons prove a smaller constant."""
    record = ConstantRecord(
        statement=step.statement.label,
        step=step.label,
        digest=step_digest(step),
        stated=numeric_factor(step.claim.rhs),
        best_ratio="",
        instance="",
        arithmetic="sampled",
        attained=False,
        known_sharp=_sharp(step),
        note=_provable(step),
    )
    if speaks_of_time(step.claim):
        return _on_trajectories(record, step, seed)
    hypotheses = relevant(step.claim, (*step.statement.given, *step.assuming))
    return _filled(record, attack(step.claim, hypotheses, step.label, seed, effort))


def _filled(record: ConstantRecord, found: Attack) -> ConstantRecord:
    best = found.best
    if best is None:
        why = f"{found.sampled:.6g} in floats, not certified" if found.sampled else "not evaluated"
        return evolve(record, instances=found.instances, note=_joined(record.note, why))
    return evolve(
        record,
        best_ratio=rounded_down(best.ratio),
        instance=best.data.describe(),
        data=best.data.to_json(),
        arithmetic=best.arithmetic,
        attained=best.attained,
        instances=found.instances,
    )


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)


def rounded_down(ratio: float) -> str:
    """Nine digits that are certainly reached when `ratio` is."""
    text = f"{ratio:.9f}"
    return text if float(text) <= ratio else f"{float(text) - 1e-9:.9f}"


def _on_trajectories(record: ConstantRecord, step: Step, seed: int) -> ConstantRecord:
    """A claim about later times: the largest ratio on trajectories, in floats."""
    from mflverify.attack.late import approach  # noqa: PLC0415  (heavy)

    try:
        found = approach(step, [seed, 6])
    except (ArithmeticError, ValueError, Unavailable) as error:
        return evolve(record, note=_joined(record.note, str(error)))
    words = "on trajectories, less their error"
    if found.ratio > 1:
        words = f"violated {words}, by floats alone"
    return evolve(
        record,
        best_ratio=f"{found.ratio:.6g}",
        instance=found.describe,
        data=found.data,
        instances=found.instances,
        note=_joined(record.note, words),
    )


def _sharp(step: Step) -> str:
    """Why the constant is known to be sharp: what a fact says of itself, when it is the step."""
    for reason in step.because:
        if (
            isinstance(reason, Application)
            and isinstance(reason.source, Fact)
            and step.claim in reason.content.conclusions
            and not reason.content.premises
        ):
            return reason.source.sharp
    return ""


def _provable(step: Step) -> str:
    """The smallest constant that the reasons of the step prove, when it is smaller than stated."""
    claim = step.claim
    normal = Normalizer()(claim.rhs)
    if claim.kind == "eq" or not (normal.is_total and normal.is_nonnegative):
        return ""
    if Judge().step(step, expected=True).outcome != "proved" or not _proves(step, NEARLY):
        return ""
    low, high = Fraction(0), NEARLY
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if _proves(step, middle) else (middle, high)
    enough = f"{ceil(1000 * high) / 1000:g}"
    return f"improvable: the same reasons prove it with {enough} times the constant"


def _proves(step: Step, factor: Fraction) -> bool:
    smaller = Relation(step.claim.kind, step.claim.lhs, factor * step.claim.rhs)
    return Judge().claim(with_step(step, smaller, name=f"{step.name}~")).outcome == "proved"


def numeric_factor(term: Term) -> str:
    """The number in front of a product, such as 2√2, or 1."""
    factors = term.factors if isinstance(term, Product) else (term,)
    numbers = [f for f in factors if isinstance(f, Rational) or _is_root(f)]
    return to_unicode(Product.of(*numbers)) if numbers else "1"


def _is_root(term: Term) -> bool:
    return isinstance(term, Power) and isinstance(term.base, Rational)


# ------------------------------------------------------------------------------ of a fact


def applications_of(proofs: Proofs) -> dict[str, Application]:
    """For each fact of the library the first application of it in the proofs."""
    found: dict[str, Application] = {}
    for statement in proofs.statements.values():
        for step in statement.steps:
            for reason in step.because:
                if isinstance(reason, Application) and isinstance(reason.source, Fact):
                    found.setdefault(reason.source.label, reason)
    return found


def constant_of_fact(
    fact: Fact, application: Application | None, seed: int, effort: Effort
) -> ConstantRecord:
    """How sharp a fact is, as the proofs apply it first: the sharpest of what it concludes."""
    record = ConstantRecord(
        statement=FACTS,
        step=f"{FACTS}/{fact.label}",
        digest="",
        stated="1",
        best_ratio="",
        instance="",
        arithmetic="sampled",
        attained=False,
        known_sharp=fact.sharp,
    )
    if application is None:
        return evolve(record, note="no proof applies it")
    content = application.content
    first = content.conclusions[0]
    record = evolve(record, digest=digest(first), stated=numeric_factor(first.rhs))
    premises = tuple(premise.claim for premise in content.premises)
    if content.generic or any(premise.assuming for premise in content.premises):
        return evolve(record, note="about all points or times: attacked in the steps that use it")
    if any(speaks_of_time(relation) for relation in (*content.conclusions, *premises)):
        return evolve(record, note="about later times: attacked in the steps that use it")
    found: list[ConstantRecord] = []
    for claim in content.conclusions:
        own = evolve(record, digest=digest(claim), stated=numeric_factor(claim.rhs))
        try:
            found.append(_filled(own, attack(claim, premises, fact.label, seed, effort)))
        except (ValueError, Unavailable) as error:
            found.append(evolve(own, note=f"not evaluated: {error}"))
    return max(found, key=lambda each: float(each.best_ratio or 0))


def facts() -> tuple[Fact, ...]:
    """The facts of the library, in its order."""
    return LIBRARY
