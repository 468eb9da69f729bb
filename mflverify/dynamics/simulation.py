"""Running a flow: outputs, monitors, and a verdict that is never better than what was seen.

A run is `resolved` when no monitor complained, and `undecided` with its reason otherwise: blow-up or
a step size that became too small, a lost positivity, too few modes, a free energy that grows along
a gradient flow, or no time left.  An undecided run keeps the outputs reached so far.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Protocol

import numpy as np
from attrs import field, frozen

from mflverify.dynamics.exponential import Array
from mflverify.dynamics.functionals import Functionals
from mflverify.dynamics.stepping import Adaptive, Equation, Stepper, StepSizeError, Vector

Progress = Callable[[float], None]


class Simulable(Equation, Protocol):
    """An equation whose states are densities, with what the monitors need."""

    def functionals(self, state: Vector) -> Functionals: ...
    def lowest(self, state: Vector) -> float: ...
    def tail(self, state: Vector) -> float: ...


@frozen
class Limits:
    """When a run counts as undecided.

    tolerance: of the estimated error of a step, relative.  tail: largest share of the norm in the
    upper third of the modes.  negative: how far below 0 the density may be, relative to its mean.
    seconds: wall-clock time.  Raises ValueError for numbers that are not positive.
    """

    tolerance: float = 1e-10
    tail: float = 1e-8
    negative: float = 1e-9
    seconds: float = 600.0

    def __attrs_post_init__(self) -> None:
        for name in ("tolerance", "tail", "negative", "seconds"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be positive: {getattr(self, name)}")


@frozen(eq=False)
class Run:
    """A trajectory at output times t_0 = 0 < t_1 < ...

    states: one for each output.  chi2, dual, entropy: shape (outputs, n).  free_energy: shape
    (outputs,), nan for flows without one.  reason: empty when resolved.
    tail, lowest: the worst seen.  steps, rejected: of the integrator.
    """

    times: Array
    states: list[Vector]
    chi2: Array
    dual: Array
    entropy: Array
    free_energy: Array
    reason: str
    tail: float
    lowest: float
    steps: int
    rejected: int

    @property
    def verdict(self) -> str:
        """`resolved` or `undecided`."""
        return "undecided" if self.reason else "resolved"

    def require_resolved(self) -> Run:
        """This run.  Raises UndecidedError with the reason if it is undecided."""
        if self.reason:
            raise UndecidedError(self.reason)
        return self


class UndecidedError(ArithmeticError):
    """A run that cannot be trusted, and why."""


class _OutOfTimeError(Exception):
    pass


@frozen(eq=False)
class _Record:
    """Outputs so far."""

    times: list[float] = field(factory=list)
    states: list[Vector] = field(factory=list)
    values: list[Functionals] = field(factory=list)
    tails: list[float] = field(factory=list)
    lowest: list[float] = field(factory=list)

    def add(self, flow: Simulable, time: float, state: Vector) -> None:
        self.times.append(time)
        self.states.append(state)
        self.values.append(flow.functionals(state))
        self.tails.append(flow.tail(state))
        self.lowest.append(flow.lowest(state))

    def complaint(self, limits: Limits) -> str:
        """What is wrong with the last output; empty if nothing is."""
        at = f"at time {self.times[-1]:.4g}"
        if self.lowest[-1] < -limits.negative:
            return f"the density is negative ({self.lowest[-1]:.1e} of its mean) {at}"
        if self.tails[-1] > limits.tail:
            return f"too few modes: {self.tails[-1]:.1e} of the norm is in the upper third {at}"
        if len(self.values) > 1:
            before, now = self.values[-2].free_energy, self.values[-1].free_energy
            if before is not None and now is not None:
                # round-off of the functional itself, which is quadratic in f
                slack = 1e-8 * abs(before) + 1e-14 * float(self.values[-1].chi2.sum())
                if now > before + slack:
                    return f"the free energy grows from {before:.10g} to {now:.10g} {at}"
        return ""


def simulate(
    flow: Simulable,
    start: Vector,
    duration: float,
    *,
    outputs: int = 100,
    limits: Limits | None = None,
    progress: Progress | None = None,
    stop: Callable[[Functionals], bool] | None = None,
) -> Run:
    """The flow from `start` over [0, duration], with `outputs` equal output intervals.

    progress: called with the share done after each output.  stop: ends the run, resolved, once it
    is true of the functionals of an output.  Raises ValueError for a duration that is not positive,
    outputs < 1 or a start that is not finite.
    """
    if not duration > 0 or outputs < 1:
        raise ValueError(f"duration and outputs must be positive: {duration}, {outputs}")
    if not np.all(np.isfinite(start)):
        raise ValueError("the initial state is not finite")
    limits = limits or Limits()
    deadline = monotonic() + limits.seconds

    def in_time() -> None:
        if monotonic() > deadline:
            raise _OutOfTimeError

    integrator = Adaptive(Stepper(flow), limits.tolerance, in_time)
    record = _Record()
    record.add(flow, 0.0, start)
    reason = record.complaint(limits)
    state, force = start, flow.force(start)
    interval = duration / outputs
    for number in range(1, outputs + 1):
        if reason:
            break
        try:
            state, force = integrator.advance(state, force, interval)
            record.add(flow, number * interval, state)
        except StepSizeError as error:
            reason = f"blow-up or a step too small after time {record.times[-1]:.4g}: {error}"
            break
        except _OutOfTimeError:
            reason = f"no time left ({limits.seconds:g} s) after time {record.times[-1]:.4g}"
            break
        reason = record.complaint(limits)
        if progress is not None:
            progress(number / outputs)
        if stop is not None and stop(record.values[-1]):
            break
    energies = [np.nan if v.free_energy is None else v.free_energy for v in record.values]
    return Run(
        times=np.array(record.times),
        states=record.states,
        chi2=np.array([v.chi2 for v in record.values]),
        dual=np.array([v.dual for v in record.values]),
        entropy=np.array([v.entropy for v in record.values]),
        free_energy=np.array(energies),
        reason=reason,
        tail=max(record.tails),
        lowest=min(record.lowest),
        steps=integrator.steps,
        rejected=integrator.rejected,
    )
