"""Trajectories of a flow of the expression language on one-dimensional tori.

The right-hand side is the flow's own expression, evaluated on the grid; only the coefficient of
L u is read off to be treated exactly by the exponential integrator.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from attrs import frozen

from mflverify.dynamics.exponential import Array, Diffusion, Integrator, State
from mflverify.expr.sorts import SCALAR
from mflverify.expr.terms import (
    Flow,
    FunctionSymbol,
    Generator,
    GeneratorInverse,
    Inner,
    KernelSymbol,
    MixedSup,
    Product,
    Rational,
    Sum,
    Term,
    subterms,
)
from mflverify.models import TorusBatch
from mflverify.models.evaluation import Evaluator

# step sizes in time units (`_time_unit`); each is compared with its half
STEPS = (1 / 32, 1 / 64, 1 / 128, 1 / 256, 1 / 512, 1 / 1024)
TOLERANCE = 1e-6


class UnresolvedError(ArithmeticError):
    """The trajectory did not converge under step refinement, blew up, or lost mass or positivity."""


@frozen
class Trajectory:
    """States of a batch at output times.

    times: physical time of each output and instance, shape (outputs, batch).
    evaluators: one for each output; the first is the initial state.
    error: largest relative change of a state when the step was halved.
    """

    times: Array
    evaluators: tuple[Evaluator, ...]
    error: float


def diffusion_speed(symbol: FunctionSymbol, right_side: Term) -> Term:
    """s in u' = -s L u + ..., as a term; 0 when there is no such summand."""
    zero: Term = Rational(Fraction(0))
    match right_side:
        case Generator(argument) if argument == symbol:
            return Rational(Fraction(-1))
        case Sum(terms):
            speeds = [speed for p in terms if (speed := diffusion_speed(symbol, p)) != zero]
            return Sum.of(*speeds) if speeds else zero
        case Product(factors=factors):
            functions = [factor for factor in factors if factor.sort != SCALAR]
            if len(functions) == 1:
                rest = [factor for factor in factors if factor.sort == SCALAR]
                return Product.of(*rest, diffusion_speed(symbol, functions[0]))
    return zero


def integrate(batch: TorusBatch, flow: Flow, outputs: tuple[float, ...]) -> Trajectory:
    """The flow from the drawn states, with outputs at multiples of a time unit (`_time_unit`).

    Steps are halved, for the instances that need it, until that changes no state by more than
    1e-6 relative.  Raises UnresolvedError when the smallest step is not enough.
    """
    symbols = [symbol for symbol, _ in flow.equations]
    count = batch.size
    states = [{s.name: np.zeros_like(batch.states[s]) for s in symbols} for _ in outputs]
    active = np.arange(count)
    coarse = _solve(batch, flow, outputs, STEPS[0])
    errors = np.full(count, np.inf)
    for step in STEPS[1:]:
        fine = _solve(batch.take(active), flow, outputs, step)
        errors[active] = _differences(coarse, fine)
        for target, found in zip(states, fine, strict=True):
            for name, values in found.items():
                target[name][active] = values
        unresolved = errors[active] >= TOLERANCE
        coarse = [{name: values[unresolved] for name, values in found.items()} for found in fine]
        active = active[unresolved]
        if not len(active):
            break
    else:
        raise UnresolvedError(f"halving the step still changes a state by {errors.max():.1e}")
    start = {s.name: batch.states[s] for s in symbols}
    everything = [start, *states]
    densities = [
        float(state[s.name].min())
        for state in everything
        for s in symbols
        if s.kind == "perturbation"
    ]
    lowest = min(densities, default=0.0)
    if lowest < -1 - 1e-6:
        raise UnresolvedError(f"the density became negative: 1 + f = {1 + lowest:.1e}")
    return Trajectory(
        times=np.array([0.0, *outputs])[:, None] * _time_unit(batch, flow)[None, :],
        evaluators=tuple(
            batch.with_states({s: state[s.name] for s in symbols}) for state in everything
        ),
        error=float(errors.max()),
    )


def _time_unit(batch: TorusBatch, flow: Flow) -> Array:
    """The diffusion time; from a state whose dual norm grows, no more than the time in which an
    unstable interaction could let it grow by e, which the mixed derivatives of its kernels bound.

    Growth ends in densities too sharp for the grid.
    """
    speeds = [batch.evaluate(diffusion_speed(s, rhs)) for s, rhs in flow.equations]
    growth = sum(
        batch.evaluate(Inner(s, GeneratorInverse(rhs)))
        for s, rhs in flow.equations
        if s.kind != "function"
    )
    kernels = {part for part in subterms(flow) if isinstance(part, KernelSymbol)}
    fastest = sum(batch.evaluate(MixedSup(kernel)) for kernel in sorted(kernels, key=_name))
    return 1 / np.max([*speeds, np.where(np.asarray(growth) > 0, fastest, 0.0)], axis=0)


def _name(kernel: KernelSymbol) -> str:
    return kernel.name


def _solve(batch: TorusBatch, flow: Flow, outputs: tuple[float, ...], step: float) -> list[State]:
    """States at the outputs, with one step size for the whole batch."""
    symbols = [symbol for symbol, _ in flow.equations]
    unit = _time_unit(batch, flow)

    def right_side(state: State) -> State:
        evaluator = batch.with_states({s: state[s.name] for s in symbols})
        return {s.name: unit[:, None] * np.asarray(evaluator(rhs)) for s, rhs in flow.equations}

    integrator = Integrator(
        right_side,
        {s.name: Diffusion.of(batch.backend.densities[s.space]) for s in symbols},
        {s.name: unit * batch.evaluate(diffusion_speed(s, rhs)) for s, rhs in flow.equations},
    )
    return _outputs(integrator, {s.name: batch.states[s] for s in symbols}, outputs, step)


def _outputs(
    integrator: Integrator, start: State, outputs: tuple[float, ...], step: float
) -> list[State]:
    found: list[State] = []
    state, now = start, 0.0
    for time in outputs:
        count = max(1, round((time - now) / step))
        try:
            state = integrator.run(state, (time - now) / count, count)
        except FloatingPointError as error:
            raise UnresolvedError(str(error)) from error
        found.append(state)
        now = time
    return found


def _differences(coarse: list[State], fine: list[State]) -> Array:
    """Largest change of each instance's state, relative to its own size at that time."""
    worst = np.zeros(len(next(iter(fine[0].values()))))
    for a, b in zip(coarse, fine, strict=True):
        size = np.sqrt(sum(np.mean(b[n] ** 2, axis=1) for n in b))
        change = np.sqrt(sum(np.mean((a[n] - b[n]) ** 2, axis=1) for n in b))
        worst = np.maximum(worst, change / np.maximum(size, 1e-300))
    return worst
