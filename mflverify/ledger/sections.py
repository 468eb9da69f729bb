"""What longer campaigns find: sharp constants, mutants, rates of decay; and what is covered.

`mflverify verify` does not run campaigns.  Each campaign writes a ledger of its own, without
statements, beside the ledger of the run; reports show them together (`mflverify.ledger.gather`).
Every record names its step and the digest that the step had, so that findings about an earlier
version of a step are told apart.  Numbers are decimal text, as the engine printed them.
"""

from __future__ import annotations

from typing import Any

from attrs import Attribute, field, frozen

from mflverify.ledger.formula import Formula


@frozen
class ConstantRecord:
    """How sharp the constant of an inequality is: the largest lhs/rhs that was found.

    step: label of the inequality; digest: of that step when it was attacked.
    constant: what is measured, such as `K` or `2/alpha`, as a formula; None: the bound as a whole.
    stated: the paper's value, in words or as a number.  best_ratio: the largest lhs/rhs found, 1 when
    the bound is attained.  instance, data: where, in words and to rebuild it.
    arithmetic: `exact`, `certified` or `sampled`, the arithmetic that confirmed the ratio.
    attained: the ratio is 1 at the instance.  known_sharp: citation or argument that the constant
    cannot be improved; empty when none is known.
    """

    statement: str
    step: str
    digest: str
    stated: str
    best_ratio: str
    instance: str
    arithmetic: str
    attained: bool
    constant: Formula | None = None
    data: dict[str, Any] | None = None
    known_sharp: str = ""
    instances: int = 0
    note: str = ""


@frozen
class MutantRecord:
    """A step or hypothesis changed on purpose, and which checks noticed.

    step, digest: the step that was changed, and its digest.  kind: `sign`, `factor`, `exponent`,
    `norm`, `dropped term`, `dropped hypothesis` or another operator's name.  change: in words.
    status: `killed`, `survived`, `undecided` (a check gave up or ran out of time: never a kill) or
    `harmless` (shown to be equivalent to the original, or weaker and still true; how: in the note).
    tried: all checks that ran; killed_by: those that noticed.  neighbour: what the checks said of
    the harmless change paired with this one, `passes` or `fails`; empty when there is none.
    """

    statement: str
    step: str
    digest: str
    kind: str
    change: str
    formula: Formula
    status: str
    tried: tuple[str, ...] = ()
    killed_by: tuple[str, ...] = ()
    neighbour: str = ""
    instance: str = ""
    note: str = ""


def _as_many_as_times(
    curve: CurveRecord, _attribute: Attribute[tuple[str, ...]], values: tuple[str, ...]
) -> None:
    if len(values) != len(curve.times):
        message = f"curve {curve.label!r}: {len(curve.times)} times and {len(values)} values"
        raise ValueError(message)


@frozen
class CurveRecord:
    """A quantity along a trajectory.

    role: `measured`, `guaranteed` (a theorem's bound), `conjectured` (exponential decay at the
    conjectured rate) or `lyapunov` (a functional that a proof shows to decrease).
    times, values: of equal length, decimal text; a value may be empty where there is none.
    Raises ValueError for different lengths.
    """

    label: str
    role: str
    times: tuple[str, ...]
    values: tuple[str, ...] = field(validator=_as_many_as_times)


@frozen
class RateRecord:
    """One trajectory against the bound of a statement, and its rate of exponential decay.

    quantity: what decays, as a formula (squared distances decay at twice the rate of distances).
    verdict: of the bound along the trajectory: `holds`, `violated`, `undecided` (the run cannot be
    trusted), or `outside` (the datum lies outside the ball, where nothing is guaranteed).
    guaranteed, conjectured, measured: rates per unit of time; empty when there is none.
    guaranteed: by the statement, as its epsilon tends to 0.  claimed: of its bound at the epsilon
    of this trajectory.  conjectured: from the spectrum of the linearised flow.
    error_bar: half the width of the interval around `measured`.  method: how it was measured.
    curves: the trajectory, drawn on a logarithmic axis; time_unit, value_unit: for its axes, empty
    for pure numbers.
    """

    statement: str
    step: str
    digest: str
    title: str
    instance: str
    verdict: str
    guaranteed: str
    measured: str
    error_bar: str
    claimed: str = ""
    conjectured: str = ""
    quantity: Formula | None = None
    method: str = ""
    data: dict[str, Any] | None = None
    curves: tuple[CurveRecord, ...] = ()
    time_unit: str = ""
    value_unit: str = ""
    note: str = ""


@frozen
class CoverageRecord:
    """A numbered item of a paper and the statement here that bears its label.

    state: `formalised`, `in part` (reason: what is not), `missing`, or `out of scope` (reason: why).
    """

    paper: str
    label: str
    section: str
    state: str
    title: str = ""
    reason: str = ""
