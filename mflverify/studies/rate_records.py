"""Trajectories of the theorems as records of a ledger: decay, bound, Lyapunov functional, rates."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from mflverify.dynamics.exponential import Array
from mflverify.dynamics.simulation import Limits, Run
from mflverify.ledger.formula import Formula
from mflverify.ledger.records import SCHEMA_VERSION, CurveRecord, Ledger, RateRecord
from mflverify.proof.loader import Proofs
from mflverify.proof.statement import Step
from mflverify.studies.conclusions import REGIMES, Instance, instance, judge
from mflverify.studies.exact_rate import chi2_frequency, settling
from mflverify.studies.rates import fit_rate
from mflverify.studies.theorems import READINGS, StatedTheorems
from mflverify.verification.record import Printer, step_digest
from mflverify.verification.run import provenance

_POINTS = 121  # of a curve; its line has no visible corners
_SMALLEST = 1e-12  # relative to the start; steps are computed to 1e-7 of what is left
_STARTS = {
    "inside": "from half the radius of the ball",
    "edge": "from the edge of the ball",
    "outside": "from far outside the ball",
}


def rate_ledger(proofs: Proofs, seed: int) -> Ledger:
    """Three trajectories for each theorem with a rate that is among the statements, no statements.

    The model is drawn from the seed and satisfies the hypotheses; the data are `REGIMES` of the
    claim's ball.  The same proofs and seed give the same ledger.  Raises SpectrumError when the
    spectrum of a model is undecided, ValueError when a lemma that states the bounds is missing.
    """
    theorems = StatedTheorems.of(proofs)
    return Ledger(
        schema=SCHEMA_VERSION,
        provenance=provenance("default", seed),
        statements=(),
        rates=tuple(
            record
            for theorem in READINGS
            for step, species in stated(theorem, proofs)
            for record in _records(theorem, step, species, seed, theorems)
        ),
    )


def stated(theorem: str, proofs: Proofs) -> Iterator[tuple[Step, int]]:
    """The steps that state the bound of a theorem, with the number of species to draw.

    A theorem on n species is one statement for each n, labelled such as thm-5.2[n=2].
    """
    reading = READINGS[theorem]
    pattern = re.compile(rf"{re.escape(reading.statement)}(?:\[n=(\d+)\])?")
    for found, statement in proofs.statements.items():
        match = pattern.fullmatch(found)
        if match:
            for step in statement.steps:
                if step.name == reading.bound:
                    yield step, int(match[1] or 3)


def _records(
    theorem: str, step: Step, species: int, seed: int, theorems: StatedTheorems
) -> Iterator[RateRecord]:
    case = instance(theorem, 0, seed, theorems, species)
    for regime in REGIMES:
        yield trajectory_record(case, step, regime, seed)


def trajectory_record(
    case: Instance, step: Step, regime: str, seed: int, limits: Limits | None = None
) -> RateRecord:
    """One trajectory of an instance, against the bound that `step` states; regime: of `REGIMES`.

    seed: which the instance was drawn from.  limits: those of `Instance.run` when None.
    """
    start = case.start(regime)
    run = case.run(start, limits)
    verdict, found = judge(case, run), _Measured.of(case, run)
    outside = regime == "outside"
    claim = case.claim
    word = "outside" if outside and not run.reason else str(verdict["bound"])
    size = claim.size(case.flow.functionals(start))
    return RateRecord(
        statement=step.statement.label,
        step=step.label,
        digest=step_digest(step),
        title=_STARTS[regime],
        instance=f"{_model(case)}; size {size:.4g} in a ball of size {claim.size_of_ball:.4g}",
        verdict=word,
        guaranteed="" if outside else _decimal(claim.limit),
        claimed="" if outside else _decimal(claim.rate),
        conjectured=_decimal(case.spectrum.rate),
        measured=found.rate,
        error_bar=found.error,
        quantity=_quantity(step),
        method=found.method,
        data={"study": "conclusions", "theorem": case.theorem, "species": case.model.species,
              "instance": 0, "seed": seed, "regime": regime},
        curves=tuple(_curves(case, run, outside=outside)),
        note=_note(run, word, float(verdict["margin"])),
    )  # fmt: skip


def _quantity(step: Step) -> Formula:
    return Printer.of(step.statement).part(step.claim.lhs)


def _model(case: Instance) -> str:
    """The constants of a model on the circle, in words."""
    found, model = case.constants, case.model
    listed = {
        "τ": found.temperature,
        "η": found.timescale,
        "α": found.alpha,
        "λ": [found.slack],
        "K": found.mixed.ravel(),
        **({"T": found.third.ravel()} if found.third.any() else {}),
    }
    words = [f"{name} = {', '.join(f'{v:.4g}' for v in values)}" for name, values in listed.items()]
    return f"{model.species} species on a circle of length 2π: {'; '.join(words)}"


def _note(run: Run, verdict: str, margin: float) -> str:
    if run.reason:
        return f"undecided: {run.reason}"
    if verdict == "outside":
        return "outside the ball nothing is guaranteed"
    return f"least log(bound / value) at later times: {margin:.3g}"


@frozen
class _Measured:
    """A fitted rate as text, empty when it cannot be told; method: how, or why not."""

    rate: str
    error: str
    method: str

    @staticmethod
    def of(case: Instance, run: Run) -> _Measured:
        if run.reason:
            return _Measured("", "", "")
        fit = fit_rate(run.times, run.chi2.sum(axis=1), frequency=chi2_frequency(case.spectrum))
        window = f"for t in [{fit.start:.4g}, {fit.end:.4g}]"
        needed = settling(case.spectrum)
        if not needed.settled:
            reason = f"the two slowest modes nearly tie (gap {needed.gap:.2g}) or turn too slowly"
            return _Measured("", "", f"slope of log χ² about {fit.rate:.4g} {window}, but {reason}")
        return _Measured(_decimal(fit.rate), f"{fit.error:.1g}", f"slope of log χ² {window}")


def _curves(case: Instance, run: Run, *, outside: bool) -> Iterator[CurveRecord]:
    """The decay, the bound, the decreasing functional, and a line of the conjectured slope."""
    value = case.claim.value(run)
    shown = _shown(value)
    times = run.times[shown]
    yield _curve(case.claim.reading.quantity, "measured", times, value[shown])
    if not outside:
        yield _curve("bound", "guaranteed", times, case.claim.bound(run)[shown])
    if case.claim.reading.decreasing != case.claim.reading.quantity:
        falling = case.claim.lyapunov(run)[shown]
        yield _curve(case.claim.reading.decreasing, "lyapunov", times, falling)
    rate, last = case.spectrum.rate, times[-1]
    line = value[shown][-1] * np.exp(-rate * (times - last))
    yield _curve("exp(−rate t)", "conjectured", times[[0, -1]], line[[0, -1]])


def _shown(value: Array) -> NDArray[np.integer]:
    """Which outputs are kept: at most `_POINTS`, until the value is a tiny part of the first."""
    small = np.flatnonzero(~(value > _SMALLEST * value[0]))
    count = max(int(small[0]) if len(small) else len(value), 2)
    return np.unique(np.linspace(0, min(count, len(value)) - 1, _POINTS).round().astype(int))


def _curve(label: str, role: str, times: Array, values: Array) -> CurveRecord:
    texts = tuple(_decimal(value) for value in values)
    return CurveRecord(label, role, tuple(_decimal(time) for time in times), texts)


def _decimal(number: float) -> str:
    """Six digits: what is left of the accuracy of a run on any machine."""
    return f"{number:.6g}"


__all__ = ["rate_ledger", "stated", "trajectory_record"]
