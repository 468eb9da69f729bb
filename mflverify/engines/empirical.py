"""The empirical finding of a step: rational, ball and float instances, and trajectories.

Instances satisfy the hypotheses of the statement and the assumptions of the step; equilibria are
exact by construction.  A float violation is only a suspicion: it counts as a refutation when ball
or rational arithmetic confirms it on the same instance, as explained when they exclude it, and as
undecided otherwise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import chain

import numpy as np
from attrs import define, evolve, field, frozen

from mflverify.engines.comparison import Sides, compare
from mflverify.engines.evidence import Evidence, Witness
from mflverify.engines.profile import Profile
from mflverify.engines.shrink import shrink
from mflverify.expr.digest import canonical_text
from mflverify.expr.terms import AtTime, Relation, Sum, subterms
from mflverify.models import (
    FAMILIES,
    Batch,
    Family,
    InstanceData,
    ProductFamily,
    Request,
    Unavailable,
    interpret,
)
from mflverify.models.bounds import start_of
from mflverify.models.relevance import relevant
from mflverify.proof.statement import Step
from mflverify.proof.verdict import Empirical

FLOAT_TOLERANCE = 1e-9
SUSPECTS = 4
EQUALITY = 1e-20


@frozen
class Question:
    """A step as engines see it: a relation between values of one state, and its hypotheses."""

    claim: Relation
    request: Request
    seed: int

    @staticmethod
    def of(step: Step, run_seed: int) -> Question:
        claim = start_of(step.claim)
        hypotheses = relevant(claim, (*step.statement.given, *step.assuming))
        # not from its label: a step that is only renumbered draws the same instances
        words = f"{run_seed} {canonical_text(step.claim)}"
        mixed = int.from_bytes(hashlib.sha256(words.encode()).digest()[:8], "big")
        return Question(claim, Request.of(claim, hypotheses=hypotheses), mixed)


def speaks_of_time(relation: Relation) -> bool:
    """Whether values at times other than 0 occur."""
    return any(isinstance(part, AtTime) for part in subterms(start_of(relation)))


def examine_instances(step: Step, profile: Profile, run_seed: int) -> tuple[Evidence, ...]:
    """All empirical evidence on a step."""
    if speaks_of_time(step.claim):
        from mflverify.engines.trajectories import examine_trajectories  # noqa: PLC0415  (heavy)

        return (examine_trajectories(step, profile, run_seed),)
    question = Question.of(step, run_seed)
    found: list[Evidence] = []
    for family in FAMILIES:
        reason = family.supports(question.request)
        if reason is not None:
            continue
        found.extend(_in_family(question, family, profile))
    if not found:
        reasons = "; ".join(f"{f.name}: {f.supports(question.request)}" for f in FAMILIES)
        return (Evidence("instances", Empirical.NOT_APPLICABLE, reason=reasons),)
    return tuple(found)


def _in_family(question: Question, family: Family, profile: Profile) -> Iterator[Evidence]:
    if isinstance(family, ProductFamily):
        yield from _on_products(question, family, profile)
        return
    if "exact" in family.arithmetics:
        yield from _rational(question, family, profile, profile.exact)
    if "float" in family.arithmetics:
        sampled, worst = _sample(question, family, profile)
        yield sampled
        if "ball" in family.arithmetics and sampled.verdict is not Empirical.REFUTED:
            yield from _certify(question, family, worst, profile, profile.certified)


def _on_products(question: Question, family: ProductFamily, profile: Profile) -> Iterator[Evidence]:
    """Fewer instances than on circles, which cost less."""
    # balls cannot prove an equation, and roots and suprema are seldom rational
    if question.claim.kind == "eq":
        yield from _rational(question, family, profile, profile.further)
    worst: list[InstanceData] = []
    if "float" in family.arithmetics and profile.elsewhere:
        fewer = evolve(profile, batches=profile.elsewhere)
        try:
            sampled, worst = _sample(question, family, fewer)
        except ValueError as error:  # draws meet the hypotheses on other spaces only
            sampled = Evidence(
                "sampled", Empirical.NOT_APPLICABLE, family=family.name, reason=str(error)
            )
        yield sampled
        if sampled.verdict is Empirical.REFUTED:
            return
    yield from _certify(question, family, worst[: profile.further], profile, profile.further)


# ------------------------------------------------------------------------------ exact, balls


def _draws(
    question: Question, family: Family, count: int, salt: int, *, rational: bool = False
) -> Iterator[InstanceData]:
    rng = np.random.default_rng([question.seed % 2**63, salt])
    yield from family.draw_data(question.request, rng, count, rational=rational)


def _rational(
    question: Question, family: Family, profile: Profile, wanted: int
) -> Iterator[Evidence]:
    """Rational arithmetic: a pass is equality or order of rationals, a failure is a refutation."""
    count, worst, reason = 0, None, ""
    for data in _draws(question, family, 6 * wanted, salt=1, rational=True):
        if count == wanted:
            break
        try:
            instance = interpret(data, question.request, "exact", profile.bits)
            sides = compare(question.claim, instance)
        except Unavailable as error:
            reason = str(error)
            continue  # a root or a supremum of this instance is not rational; another may do
        except ValueError:
            continue  # rounding left the hypotheses; another instance is drawn
        if sides.holds is False:
            yield _refutation(
                question, instance.data, sides, "exact", family.name, count + 1, profile
            )
            return
        count += 1
        if worst is None or sides.margin < worst[0].margin:
            worst = (sides, instance.data)
    if worst is not None:
        sides, data = worst
        yield _evidence("exact", Empirical.EXACT, count, family.name, sides, data)
    else:
        why = reason or "no rational instance satisfied the hypotheses"
        yield Evidence("exact", Empirical.NOT_APPLICABLE, family=family.name, reason=why)


def _certify(
    question: Question, family: Family, worst: list[InstanceData], profile: Profile, wanted: int
) -> Iterator[Evidence]:
    """Ball arithmetic on the worst float instances and on fresh ones.

    A straddling ball is tried again with four times the bits, then in rational arithmetic, which
    decides equality where it can evaluate the instance.  What still straddles below 1e-20 is
    an instance of equality as far as balls can see: it is told and not counted.
    """
    held, straddled, loose, low, reason = 0, 0, 0, None, ""
    fresh = _draws(question, family, wanted if worst else 12 * wanted, salt=2)
    for data in chain(worst[: 2 * wanted], fresh):
        if held + straddled == 2 * wanted or (not worst and held + straddled == wanted):
            break
        try:
            instance = interpret(data, question.request, "ball", profile.bits)
            sides = compare(question.claim, instance)
            if sides.holds is None and question.claim.kind != "eq":
                instance = interpret(data, question.request, "ball", 4 * profile.bits)
                sides = compare(question.claim, instance)
            if sides.holds is None and question.claim.kind != "eq":
                sides = _rationally(question, data) or sides
        except Unavailable as error:
            reason = str(error)
            break
        except ValueError:
            continue  # rounding left the hypotheses; another instance is tried
        if sides.holds is False:
            yield _refutation(question, data, sides, "certified", family.name, held + 1, profile)
            return
        held += sides.holds is True
        straddled += sides.holds is None
        loose += sides.holds is None and abs(sides.margin) > EQUALITY
        if low is None or sides.margin < low[0].margin:
            low = (sides, data)
    if low is None:
        why = reason or "no instance satisfied the hypotheses after rounding"
        yield Evidence("certified", Empirical.NOT_APPLICABLE, family=family.name, reason=why)
        return
    sides, data = low
    if question.claim.kind == "eq":
        agreed = "both sides agree as balls; an equation is not proved by that"
        yield _evidence("certified", Empirical.SAMPLED, straddled, family.name, sides, data, agreed)
    elif straddled and not held and not loose:
        why = f"equality on all {straddled} instances, as far as balls can see: no evidence"
        yield Evidence("certified", Empirical.NOT_APPLICABLE, family=family.name, reason=why)
    elif loose or not held:
        why = f"the ball straddles on {straddled} instances"
        yield _evidence("certified", Empirical.UNDECIDED, held, family.name, sides, data, why)
    else:
        why = f"{straddled} more instances attain equality and are not counted" if straddled else ""
        yield _evidence("certified", Empirical.CERTIFIED, held, family.name, sides, data, why)


def _rationally(question: Question, data: InstanceData) -> Sides | None:
    """Both sides in rational arithmetic, or None where that cannot evaluate the instance."""
    try:
        return compare(question.claim, interpret(data, question.request, "exact"))
    except (Unavailable, ValueError):
        return None


def _evidence(
    engine: str,
    verdict: Empirical,
    count: int,
    family: str,
    sides: Sides,
    data: InstanceData,
    reason: str = "",
) -> Evidence:
    return Evidence(
        engine, verdict, count, family, sides.margin, sides.lhs, sides.rhs,
        data.describe(), data.to_json(), reason=reason,
    )  # fmt: skip


def _refutation(
    question: Question,
    data: InstanceData,
    sides: Sides,
    engine: str,
    family: str,
    count: int,
    profile: Profile,
) -> Evidence:
    """A certified counterexample: as found, and shrunk."""
    arithmetic = "exact" if engine == "exact" else "ball"

    def refutes(candidate: InstanceData) -> bool:
        try:
            instance = interpret(candidate, question.request, arithmetic, profile.bits)
            return compare(question.claim, instance).holds is False
        except (Unavailable, ValueError):
            return False

    small = shrink(data, question.request, refutes)
    return Evidence(
        engine, Empirical.REFUTED, count, family, sides.margin, sides.lhs, sides.rhs,
        data.describe(), data.to_json(), small.describe(), small.to_json(),
        reason=f"{sides.lhs} against {sides.rhs}",
    )  # fmt: skip


# ------------------------------------------------------------------------------------ floats


def margins(relation: Relation, batch: Batch) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Relative margins and both sides over a batch; for equations minus the relative residual."""
    lhs, rhs = batch.evaluate(relation.lhs), batch.evaluate(relation.rhs)
    if relation.kind == "eq":
        # residuals are measured against the summands, which may cancel
        parts = relation.rhs.terms if isinstance(relation.rhs, Sum) else (relation.rhs,)
        size = np.abs(lhs) + sum(np.abs(batch.evaluate(part)) for part in parts)
        return -np.abs(rhs - lhs) / np.maximum(size, np.finfo(float).tiny), lhs, rhs
    size = np.abs(lhs) + np.abs(rhs)
    return (rhs - lhs) / np.maximum(size, np.finfo(float).tiny), lhs, rhs


@frozen
class Suspect:
    """One float instance with its margin and both sides."""

    margin: float
    lhs: float
    rhs: float
    data: InstanceData

    def evidence(self, verdict: Empirical, count: int, family: str, reason: str = "") -> Evidence:
        """The evidence whose worst instance this is."""
        return Evidence(
            "sampled", verdict, count, family, self.margin, f"{self.lhs:.12g}", f"{self.rhs:.12g}",
            self.data.describe(), self.data.to_json(), reason=reason,
        )  # fmt: skip


@define
class _Search:
    """What the float engine has seen so far: the worst instances, and how many it evaluated."""

    question: Question
    rounds: int
    count: int = 0
    worst: list[Suspect] = field(factory=list)
    infinite: str = ""
    unavailable: str = ""

    def attack(self, batch: Batch) -> None:
        """Evaluate a batch, then perturb its worst fifth again and again, keeping what is worse."""
        rng = np.random.default_rng([self.question.seed % 2**63, self.count])
        for ascent in range(self.rounds + 1):
            value, lhs, rhs = margins(self.question.claim, batch)
            if not np.all(np.isfinite(value)):
                self.infinite = batch.data(int(np.argmin(np.isfinite(value)))).describe()
                return
            self.count += batch.size
            order = np.argsort(value)
            for i in order[:SUSPECTS].tolist():
                entry = Suspect(float(value[i]), float(lhs[i]), float(rhs[i]), batch.data(i))
                self.worst.append(entry)
            self.worst.sort(key=lambda suspect: suspect.margin)
            del self.worst[2 * SUSPECTS :]
            if ascent < self.rounds:
                elite = batch.take(order[: max(2, batch.size // 5)])
                batch = elite.perturb(rng, 0.5 ** (ascent + 1))


def _sample(
    question: Question, family: Family, profile: Profile
) -> tuple[Evidence, list[InstanceData]]:
    """Batches drawn by the seed and nothing else, each attacked by perturbing its worst instances.

    Not by Hypothesis, even when it is given the seed: it mixes in constants that it reads in
    whichever modules of the project are loaded at the moment.
    """
    search = _Search(question, profile.ascents)
    for number in range(profile.batches):
        rng = np.random.default_rng([question.seed % 2**63, 4, number])
        try:
            search.attack(family.draw(question.request, rng, profile.batch_size))
        except Unavailable as error:
            search.unavailable = str(error)
        if search.unavailable or search.infinite:
            break
    if search.unavailable:
        reason = search.unavailable
        return Evidence("sampled", Empirical.NOT_APPLICABLE, family=family.name, reason=reason), []
    if search.infinite:
        reason = "a side is not a finite number"
        lost = Evidence(
            "sampled", Empirical.UNDECIDED, search.count, family.name,
            instance=search.infinite, reason=reason,
        )  # fmt: skip
        return lost, []
    suspects = [suspect.data for suspect in search.worst]
    first = search.worst[0]
    if first.margin < -FLOAT_TOLERANCE:
        return _confirm(question, family, search.worst, search.count, profile), suspects
    return first.evidence(Empirical.SAMPLED, search.count, family.name), suspects


def _confirm(
    question: Question,
    family: Family,
    worst: list[Suspect],
    count: int,
    profile: Profile,
) -> Evidence:
    """Decide a float suspicion on the same instances, rounded to rationals, in balls."""
    explained = 0
    why = "no suspect satisfied the hypotheses after rounding"
    for suspect in worst:
        if suspect.margin >= -FLOAT_TOLERANCE:
            break
        data = suspect.data
        try:
            sides = compare(question.claim, interpret(data, question.request, "ball", profile.bits))
        except Unavailable as error:
            why = f"a violation in floats that balls cannot judge: {error}"
            continue
        except ValueError:
            continue  # rounding left the hypotheses
        if sides.holds is False:
            return _refutation(question, data, sides, "certified", family.name, count, profile)
        if sides.holds is True or (sides.holds is None and question.claim.kind == "eq"):
            explained += 1
            floats = f"{suspect.lhs:.6g} against {suspect.rhs:.6g} in floats"
            why = f"{floats} is rounding: balls show {sides.lhs} and {sides.rhs}"
        else:
            why = "a violation in floats on which the ball straddles"
            break
    settled = explained and "rounding" in why
    verdict = Empirical.SAMPLED if settled else Empirical.UNDECIDED
    return worst[0].evidence(verdict, count, family.name, why)


def find_witness(request: Request, run_seed: int) -> Witness:
    """An instance at which all hypotheses hold, verified in balls or rationals."""
    reasons: list[str] = []
    for family in FAMILIES:
        unsupported = family.supports(request)
        if unsupported is not None:
            reasons.append(f"{family.name}: {unsupported}")
            continue
        for arithmetic in ("exact", "ball"):
            if arithmetic not in family.arithmetics:
                continue
            rng = np.random.default_rng([run_seed, 3])
            for data in family.draw_data(request, rng, 12):
                try:
                    instance = interpret(data, request, arithmetic)
                except (Unavailable, ValueError) as error:
                    reasons.append(f"{family.name}: {error}")
                    continue
                return Witness(True, family.name, arithmetic, instance.data.describe())
    return Witness(False, reason="; ".join(dict.fromkeys(reasons)))
