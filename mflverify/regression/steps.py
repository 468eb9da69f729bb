"""One step compared with its earlier self."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from mflverify.regression.dependents import Dependents
from mflverify.regression.difference import Change, Weight
from mflverify.regression.formulas import changed_constants
from mflverify.regression.margins import FACTOR, margin_trend, radius_trend
from mflverify.regression.matching import Matching, fingerprint
from mflverify.regression.snapshot import EvidenceEntry, Reason, Said, StepEntry

# Higher is better; a step that rests on a fact assumes more than one that is proved.
_LOGICAL = {"proved": 4, "lemma": 4, "fact": 3, "open": 1, "undecided": 1, "disproved": 0}
_EMPIRICAL = {
    "exact": 4,
    "certified": 3,
    "sampled": 2,
    "undecided": 1,
    "not applicable": 1,
    "refuted": 0,
}


def compare_steps(
    label: str,
    old: StepEntry,
    new: StepEntry,
    matching: Matching,
    dependents: Dependents,
    *,
    measured: bool,
) -> Iterator[Change]:
    """What changed in a step; `label` is its new one.

    measured: whether both runs drew with the same profile and seed, so that numbers compare; they
    are compared when the claim is the same.
    """
    affected = dependents.of_step(label)
    yield from _content(label, old, new, matching, affected)
    yield from _verdicts(label, old, new, affected)
    # margins of another claim say nothing, and those of a claim that failed nothing new
    failed = new.empirical in ("refuted", "undecided") and old.empirical != new.empirical
    if measured and not failed and fingerprint(old) == fingerprint(new):
        yield from _evidence(label, old, new)


def _content(
    label: str, old: StepEntry, new: StepEntry, matching: Matching, affected: tuple[str, ...]
) -> Iterator[Change]:
    if old.claim.digest != new.claim.digest:
        constants = changed_constants(old.claim.text, new.claim.text)
        kind = "constants" if constants else "restated"
        what = "conclusion" if new.conclusion else "step"
        text = f"{what} restated" + (
            f", only its constants: {', '.join(constants)}" * bool(constants)
        )
        if old.claim.text == new.claim.text:
            text += ": it prints alike, but speaks of another flow, space or symbol"
        yield Change(
            kind, label, Weight.CHANGED, text, old.claim.text, new.claim.text, constants, affected
        )
    if _digests(old.assuming) != _digests(new.assuming):
        text = "assumptions of the step changed"
        first, second = ("; ".join(s.text for s in part) for part in (old.assuming, new.assuming))
        yield Change("assuming", label, Weight.CHANGED, text, first, second, affected=affected)
    if old.conclusion != new.conclusion:
        text = "is a conclusion now" if new.conclusion else "is not a conclusion any more"
        weight = Weight.HARMLESS if new.conclusion else Weight.CHANGED
        yield Change("conclusion", label, weight, text, affected=affected)
    if old.acknowledged and not new.acknowledged:
        yield Change("waiver", label, Weight.HARMLESS, "is not acknowledged as false any more")
    elif new.acknowledged and not old.acknowledged:
        text = f"is acknowledged as false now (see {new.acknowledged})"
        yield Change("waiver", label, Weight.WORSE, text, affected=affected)
    elif matching.renamed(old.acknowledged) != new.acknowledged:
        text = f"is acknowledged as false, but its correction is {new.acknowledged} now"
        yield Change("waiver", label, Weight.CHANGED, text)
    yield from _reasons(label, old, new, matching)


def _digests(said: tuple[Said, ...]) -> list[str]:
    return sorted(formula.digest for formula in said)


def _reasons(label: str, old: StepEntry, new: StepEntry, matching: Matching) -> Iterator[Change]:
    """Reasons named or dropped, and facts and lemmas applied to something else."""
    before = [_reason(reason, matching.renamed(reason.label)) for reason in old.because]
    after = [_reason(reason, reason.label) for reason in new.because]
    gone, come = _without(before, after), _without(after, before)
    if gone or come:
        parts = [f"without {', '.join(gone)}"] * bool(gone)
        parts += [f"with {', '.join(come)}"] * bool(come)
        yield Change("reasons", label, Weight.HARMLESS, f"argued {' and '.join(parts)} now")
        return
    said = Counter((reason.kind, reason.digest) for reason in old.because)
    applied = [r for r in new.because if r.kind in ("fact", "lemma")]  # steps are told themselves
    other = [_reason(r, r.label) for r in applied if not said[r.kind, r.digest]]
    if other:
        text = f"what it uses of {', '.join(dict.fromkeys(other))} says something else now"
        yield Change("reasons", label, Weight.HARMLESS, text)


def _reason(reason: Reason, label: str) -> str:
    return reason.kind if reason.kind == "hypothesis" else f"{reason.kind} {label}"


def _without(first: list[str], second: list[str]) -> list[str]:
    rest = list(second)
    found: list[str] = []
    for item in first:
        if item in rest:
            rest.remove(item)
        else:
            found.append(item)
    return found


def _verdicts(
    label: str, old: StepEntry, new: StepEntry, affected: tuple[str, ...]
) -> Iterator[Change]:
    for kind, before, after, rank in (
        ("logical", old.logical, new.logical, _LOGICAL),
        ("empirical", old.empirical, new.empirical, _EMPIRICAL),
    ):
        if before == after:
            continue
        text = f"{kind} finding {before} → {after}"
        weight = (
            Weight.WORSE
            if rank[after] < rank[before]
            else Weight.HARMLESS
            if rank[after] > rank[before]
            else Weight.CHANGED
        )
        if new.acknowledged and new.passes:
            weight = Weight.CHANGED  # a claim known to be false is expected to be refuted
        yield Change(
            "verdict", label, weight, text, affected=affected if weight is Weight.WORSE else ()
        )
    if (
        old.passes
        and not new.passes
        and (old.logical, old.empirical) == (new.logical, new.empirical)
    ):
        yield Change("verdict", label, Weight.WORSE, "does not pass any more", affected=affected)


def _evidence(label: str, old: StepEntry, new: StepEntry) -> Iterator[Change]:
    for name in sorted(old.evidence.keys() | new.evidence.keys()):
        before, after = old.evidence.get(name), new.evidence.get(name)
        if after is None:
            yield Change("evidence", label, Weight.WORSE, f"no evidence any more: {name}")
        elif before is None:
            yield Change("evidence", label, Weight.HARMLESS, f"new evidence: {name}")
        else:
            yield from _measures(label, name, before, after)


def _measures(label: str, name: str, old: EvidenceEntry, new: EvidenceEntry) -> Iterator[Change]:
    engine = name.partition(" ")[0]
    if old.verdict != new.verdict:
        worse = _EMPIRICAL[new.verdict] < _EMPIRICAL[old.verdict]
        text = f"evidence {old.verdict} → {new.verdict} ({name})"
        yield Change("evidence", label, Weight.WORSE if worse else Weight.HARMLESS, text)
    for kind, before, after, trend in (
        ("margin", old.margin, new.margin, margin_trend(engine, old.margin, new.margin)),
        ("radius", old.radius, new.radius, radius_trend(old.radius, new.radius)),
    ):
        if trend != "same":
            word = "worse" if trend == "worse" else "better"
            text = f"{kind} {word} by more than a factor of {FACTOR}: {before} → {after} ({name})"
            yield Change(kind, label, Weight.WORSE if trend == "worse" else Weight.HARMLESS, text)
    if FACTOR * new.instances < old.instances:
        text = f"instances {old.instances} → {new.instances} ({name})"
        yield Change("instances", label, Weight.WORSE, text)
