"""Snapshots written by hand, with formulas whose digests follow from their texts."""

import hashlib

from attrs import evolve

from mflverify.regression.snapshot import (
    SNAPSHOT_VERSION,
    EvidenceEntry,
    ExampleEntry,
    Reason,
    Said,
    Settings,
    Snapshot,
    StatementEntry,
    StepEntry,
    count,
)

SETTINGS = Settings("0.1.0", "default", 0, "3.11.7", {"numpy": "2.4.6"})


def said(text):
    return Said(text, hashlib.sha256(text.encode()).hexdigest()[:16])


def reason(label, kind="step", says=""):
    return Reason(kind, label, says or said(label).digest[:8])


def step(claim, logical="proved", empirical="certified", **fields):
    passes = logical in ("proved", "fact", "lemma") and empirical in (
        "exact",
        "certified",
        "sampled",
    )
    fields.setdefault("passes", passes)
    assuming = tuple(said(text) for text in fields.pop("assuming", ()))
    return StepEntry(
        said(claim).digest, said(claim), logical, empirical, assuming=assuming, **fields
    )


def evidence(engine="certified", instances=10, margin="0.5", radius="", verdict="certified"):
    return {f"{engine} torus": EvidenceEntry(verdict, instances, margin, radius)}


def statement(title, *, given=(), status="closed", witness="torus exact", **steps):
    """Steps by their names, with - for _."""
    named = {name.replace("_", "-"): entry for name, entry in steps.items()}
    return StatementEntry(
        title=title,
        status=status,
        order=tuple(named),
        given=tuple(said(text) for text in given),
        witness=witness,
        steps=named,
    )


def snapshot(statements, **fields):
    fields.setdefault("settings", SETTINGS)
    fields.setdefault("order", tuple(statements))
    return Snapshot(
        schema=SNAPSHOT_VERSION, counts=count(statements.values()), statements=statements, **fields
    )


LEMMA = statement(
    "The gradient is bounded",
    given=["sup‖k‖ ≤ K"],
    by_parts=step("v·∇Mg = ⟨∇s, ∇L⁻¹g⟩", empirical="exact"),
    pointwise=step(
        "|v·∇Mg| ≤ K‖g‖₋₁",
        because=(reason("lem-3.9/by-parts"), reason("cauchy-schwarz", "fact")),
        uses=("lem-3.9/by-parts", "cauchy-schwarz", "hypothesis 1"),
        evidence=evidence(margin="0.25", radius="1e-08"),
    ),
    bound=step(
        "‖∇Mg‖_∞ ≤ K‖g‖₋₁",
        "fact",
        conclusion=True,
        because=(reason("lem-3.9/pointwise"), reason("supremum", "fact")),
        uses=("lem-3.9/pointwise", "supremum"),
        evidence=evidence(margin="0.03"),
    ),
)
THEOREM = statement(
    "Local convergence",
    given=["ε < τ"],
    error=step(
        "|e| ≤ K‖f‖₋₁‖f‖",
        because=(reason("lem-3.9", "lemma"),),
        uses=("lem-3.9",),
        evidence=evidence("sampled", 4000, "0.4", verdict="sampled"),
        empirical="sampled",
    ),
    aside=step("2ab ≤ a² + b²"),
    decay=step(
        "‖f(t)‖₋₁² ≤ 2exp(−2αt)‖f(0)‖₋₁²",
        conclusion=True,
        because=(reason("thm-4.1/error"),),
        uses=("thm-4.1/error",),
    ),
)
EXAMPLES = {"kuramoto chi2": ExampleEntry("-0.25", 50, passed=True)}
BASE = snapshot({"lem-3.9": LEMMA, "thm-4.1": THEOREM}, examples=EXAMPLES)


def with_step(base, label, **fields):
    """The snapshot with fields of one step replaced, and its counts as they then are."""
    home, _, name = label.partition("/")
    entry = base.statements[home]
    claim = fields.pop("claim", None)
    if claim is not None:
        fields |= {"claim": said(claim), "digest": said(claim).digest}
    steps = {**entry.steps, name: evolve(entry.steps[name], **fields)}
    return with_statement(base, home, steps=steps)


def with_statement(base, label, **fields):
    """The snapshot with fields of one statement replaced; `order` follows its steps."""
    changed = evolve(base.statements[label], **fields)
    if "steps" in fields and "order" not in fields:
        known = [name for name in changed.order if name in changed.steps]
        order = (*known, *(name for name in changed.steps if name not in known))
        changed = evolve(changed, order=order)
    statements = {**base.statements, label: changed}
    return evolve(base, statements=statements, counts=count(statements.values()))
