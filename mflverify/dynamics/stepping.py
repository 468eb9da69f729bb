"""Exponential Runge-Kutta steps of order four with an embedded error estimate.

For u' = -c u + N(u) with c >= 0 diagonal, z = -c h (Krogstad 2005, ETDRK4-B):

    a  = e^{z/2} u + (h/2) phi1(z/2) N0                         N0 = N(u)
    b  = a + h phi2(z/2) (Na - N0)
    c  = e^{z} u + h phi1(z) N0 + 2 h phi2(z) (Nb - N0)
    u' = e^{z} u + h [(phi1 - 3 phi2 + 4 phi3) N0 + (2 phi2 - 4 phi3) (Na + Nb)
                      + (4 phi3 - phi2) Nc]

Replacing Nc by N(u') gives a solution of order three (Whalen, Brio and Moloney 2015), so
h (4 phi3 - phi2) (Nc - N(u')) estimates the error, and N(u') is the next N0.  z is real and
non-positive, where the phi functions are evaluated directly: no contour is needed that might fail
to enclose the spectrum.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from attrs import define, field, frozen
from numpy.typing import NDArray

from mflverify.dynamics.exponential import Array, phi_functions

Vector = NDArray[Any]
"""A state: complex Fourier coefficients or real coefficients in another basis."""


class Equation(Protocol):
    """u' = -decay u + force(u), with a norm for the step control; states may be complex or real."""

    @property
    def decay(self) -> Array: ...
    def force(self, state: Vector) -> Vector: ...
    def size(self, state: Vector) -> float: ...


class StepSizeError(ArithmeticError):
    """No step size meets the tolerance: the solution blows up, or cannot be resolved in time."""


@frozen(eq=False)
class _Weights:
    full: Array
    half: Array
    half_first: Array
    half_second: Array
    whole_first: Array
    whole_second: Array
    start: Array
    middle: Array
    end: Array

    @staticmethod
    def of(decay: Array, step: float) -> _Weights:
        z = -decay * step
        phi1, phi2, phi3 = phi_functions(z)
        half1, half2, _ = phi_functions(z / 2)
        return _Weights(
            full=np.exp(z),
            half=np.exp(z / 2),
            half_first=step / 2 * half1,
            half_second=step * half2,
            whole_first=step * phi1,
            whole_second=2 * step * phi2,
            start=step * (phi1 - 3 * phi2 + 4 * phi3),
            middle=step * (2 * phi2 - 4 * phi3),
            end=step * (4 * phi3 - phi2),
        )


@define
class Stepper:
    """Steps of one equation.  Weights of a step size are computed once and kept."""

    equation: Equation
    _weights: dict[float, _Weights] = field(factory=dict, init=False, repr=False)

    def weights(self, step: float) -> _Weights:
        """The coefficients for one step size."""
        if step not in self._weights:
            self._weights[step] = _Weights.of(self.equation.decay, step)
        return self._weights[step]

    def step(self, u: Vector, n0: Vector, step: float) -> tuple[Vector, Vector, Vector]:
        """The state after one step, the force there, and the error estimate."""
        w, force = self.weights(step), self.equation.force
        a = w.half * u + w.half_first * n0
        na = force(a)
        b = a + w.half_second * (na - n0)
        nb = force(b)
        c = w.full * u + w.whole_first * n0 + w.whole_second * (nb - n0)
        nc = force(c)
        after = w.full * u + w.start * n0 + w.middle * (na + nb) + w.end * nc
        n1 = force(after)
        return after, n1, w.end * (nc - n1)


@define
class Adaptive:
    """Steps chosen so that the estimated error of each stays below tolerance * |u|.

    Step sizes are the output interval divided by powers of two, so few weights are needed and
    outputs are met exactly.  before_step is called before each; what it raises ends the run.
    steps, rejected: counts so far.
    """

    stepper: Stepper
    tolerance: float
    before_step: Callable[[], None] = field(default=lambda: None)
    halvings: int = 6
    deepest: int = 40
    steps: int = field(default=0, init=False)
    rejected: int = field(default=0, init=False)

    def advance(self, u: Vector, n0: Vector, interval: float) -> tuple[Vector, Vector]:
        """The state one output interval later, and the force there.

        Raises StepSizeError when the step must become smaller than interval / 2^deepest, or a
        state is not finite at that step.
        """
        position, ticks = 0, 1 << self.deepest  # in units of interval / 2^deepest
        while position < ticks:
            self.before_step()
            step = interval / (1 << self.halvings)
            with np.errstate(over="ignore", invalid="ignore"):
                after, n1, estimate = self.stepper.step(u, n0, step)
                size = self.stepper.equation.size(after)
                error = self.stepper.equation.size(estimate)
            allowed = self.tolerance * size
            if not np.isfinite(error) or error > allowed:
                self.rejected += 1
                self.halvings += 1
                if self.halvings > self.deepest:
                    raise StepSizeError(f"no step above {step:.1e} meets the tolerance")
                continue
            u, n0 = after, n1
            self.steps += 1
            position += ticks >> self.halvings
            # the error of a step is of order four: a factor 32 leaves room for noise
            if (
                error * 32 < allowed
                and self.halvings
                and not position % (ticks >> (self.halvings - 1))
            ):
                self.halvings -= 1
        return u, n0
