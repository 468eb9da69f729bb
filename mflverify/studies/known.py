"""Published results, found again by the solvers.

Each check gives the known value, the value found and the tolerance that was set beforehand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from attrs import frozen
from numpy.polynomial import Polynomial
from scipy.optimize import root_scalar

from mflverify.dynamics.exponential import Array
from mflverify.dynamics.interaction import Kernel
from mflverify.dynamics.line_flow import LineFlow, LineModel, transposed
from mflverify.dynamics.line_spectrum import line_spectrum
from mflverify.dynamics.particles import LineParticles, steps
from mflverify.dynamics.simulation import Limits, Run, simulate
from mflverify.dynamics.spectrum import linearised_spectrum
from mflverify.dynamics.torus_flow import TorusFlow
from mflverify.dynamics.torus_grid import TorusGrid
from mflverify.dynamics.torus_model import descent_ascent, mean_field_langevin
from mflverify.dynamics.trigonometric import TrigSeries
from mflverify.studies.storage import Row

X = Polynomial([0.0, 1.0])
WELL = Polynomial([0.0, 0.0, -0.5, 0.0, 0.25])
FLAT = TrigSeries(1, {})


@frozen
class Check:
    """One known result.  find: computes it; tolerance: absolute."""

    name: str
    source: str
    known: float
    tolerance: float
    find: Callable[[], float]

    def row(self) -> Row:
        """What was found.  A computation that fails is undecided."""
        record: dict[str, Any] = {
            "check": self.name,
            "source": self.source,
            "known": self.known,
            "tolerance": self.tolerance,
            "found": float("nan"),
            "verdict": "undecided",
            "reason": "",
        }
        try:
            record["found"] = float(self.find())
        except ArithmeticError as error:
            record["reason"] = str(error)
            return record
        within = abs(record["found"] - self.known) <= self.tolerance
        record["verdict"] = "agrees" if within else "differs"
        return record


def _oscillators(coupling: float, tau: float, waves: Sequence[float] = (1.0,)) -> TorusFlow:
    """Energy -(coupling/2) int int sum_j waves_j cos j(x - y), about the uniform law."""
    terms = {(j,): (-coupling * wave, 0.0) for j, wave in enumerate(waves, 1)}
    return TorusFlow(mean_field_langevin(FLAT, tau, Kernel(TrigSeries(1, terms))), TorusGrid(1, 48))


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    return float(root_scalar(function, bracket=(low, high), xtol=1e-13).root)


def critical_coupling() -> float:
    """Where the uniform state of the Brownian mean field at temperature 0.7 loses stability."""
    return _root(lambda k: linearised_spectrum(_oscillators(k, 0.7).model, 8).rate, 1.0, 2.0)


def stability_threshold(waves: Sequence[float]) -> float:
    """The coupling at which the uniform state loses stability, diffusion 1/2."""
    return _root(lambda k: linearised_spectrum(_oscillators(k, 0.5, waves).model, 9).rate, 0.1, 5.0)


# minus |sin x| without its mean, up to the eighth wave
ONSAGER = [4 / (np.pi * (j**2 - 1)) if j % 2 == 0 else 0.0 for j in range(1, 9)]


def order_parameter(coupling: float) -> float:
    """The coherence that noisy oscillators settle at, diffusion 1/2 and critical coupling 1.

    The drift is -coupling r sin, twice the temperature times the gradient of cos: k = -coupling cos
    at temperature 1/2.
    """
    flow = _oscillators(coupling, 0.5)
    start = flow.state_of([0.2 * np.cos(flow.grid.coordinates[0])])
    run = simulate(flow, start, 200.0, outputs=40, limits=Limits(seconds=60.0)).require_resolved()
    return float(abs(run.states[-1][0, 1]))


def desai_zwanzig(theta: float) -> float:
    """The temperature at which the symmetric state of the double well loses stability."""

    def rate(temperature: float) -> float:
        potential = (WELL + theta / 2 * X**2) / temperature
        kernel = ((-theta * X, X),)
        return line_spectrum(LineModel((potential,), (temperature,), (1.0,), {(0, 0): kernel})).rate

    return _root(rate, 0.3 * theta, 0.6 * theta)


def double_well_game(tau: float, a: float) -> LineModel:
    """Descent-ascent of x^4/4 - x^2/2 - y^4/4 + y^2/2 + a x y about its symmetric equilibrium."""
    kernel = ((a * X, X),)
    return LineModel(
        (WELL / tau, WELL / tau),
        (tau, tau),
        (1.0, 1.0),
        {(0, 1): kernel, (1, 0): transposed(kernel, -1.0)},
        "double-well game",
    )


def game_run(noise: float, duration: float, modes: int) -> tuple[LineFlow, Run]:
    """The game with a = 1.5 from two narrow laws about (1, 0); noise is the coefficient of dB."""
    tau = noise**2 / 2
    flow = LineFlow(double_well_game(tau, 1.5), modes)
    near = [-((X - 1) ** 2) / 0.06, -(X**2) / 0.06]
    limits = Limits(tolerance=1e-7, seconds=240.0, tail=1e-5)
    return flow, simulate(flow, flow.state_of(near), duration, outputs=200, limits=limits)


def mean_radius(flow: LineFlow, run: Run) -> Array:
    """The distance of the pair of means from the origin, at the outputs."""
    return np.array([np.hypot(*flow.mean(state, X)) for state in run.states])


def remaining_radius(noise: float) -> float:
    """The least distance of the means over the last third of a run of length 40."""
    flow, run = game_run(noise, 40.0, 200 if noise < 0.4 else 120)
    run.require_resolved()
    radius = mean_radius(flow, run)
    return float(radius[-len(radius) // 3 :].min())


def cycle_period(a: float) -> float:
    """The period of the limit cycle of the game without noise, by events of a fine integration."""
    from scipy.integrate import solve_ivp  # noqa: PLC0415

    def field(_: float, z: Array) -> list[float]:
        x, y = z
        return [-(x**3) + x - a * y, -(y**3) + y + a * x]

    def crossing(_: float, z: Array) -> float:
        return z[1]

    crossing.direction = 1.0  # type: ignore[attr-defined]
    found = solve_ivp(field, (0, 120), [1.0, 0.0], events=crossing, rtol=1e-12, atol=1e-12)
    times = found.t_events[0]
    return float(times[-1] - times[-2])


def particle_radius(noise: float, seed: int = 0) -> float:
    """The mean distance of the centre of 500 particles from the origin over [40, 60]."""
    ensemble = LineParticles(LineFlow(double_well_game(noise**2 / 2, 1.5), 24))
    rng = np.random.default_rng(seed)
    positions = np.stack(
        [1.0 + 0.2 * rng.standard_normal((1, 500)), 0.2 * rng.standard_normal((1, 500))]
    )
    step, radii = 0.01, []
    for number, moved in enumerate(steps(ensemble, positions, step, rng)):
        time = (number + 1) * step
        if time > 40.0:
            radii.append(np.hypot(*moved.mean(axis=(1, 2))))
        if time >= 60.0:
            break
    return float(np.mean(radii))


def two_timescales() -> float:
    """The slowest rate of a pair of modes with alpha = 1, eta = 4, coupling at the transition.

    At |m| = tau |1 - eta| / (2 sqrt eta) the two eigenvalues of E13 meet at tau (1 + eta)/2.
    """
    tau, eta = 0.6, 4.0
    m = tau * abs(1 - eta) / (2 * np.sqrt(eta))
    payoff = Kernel(TrigSeries(1, {(1,): (2 * m * (1 + 1e-9), 0.0)}))
    model = descent_ascent((FLAT, FLAT), tau, payoff, timescale=eta)
    return linearised_spectrum(model, 8, agreement=1e-6).rate


def checks() -> list[Check]:
    """All checks, quick ones first."""
    return [
        Check(
            "critical coupling of the Brownian mean field, temperature 0.7",
            "uniform state stable iff K < 2 tau",
            1.4,
            1e-9,
            critical_coupling,
        ),
        Check(
            "order parameter of noisy Kuramoto oscillators, K = 1.25",
            "r = I1(2 K r)/I0(2 K r)",
            0.589707987782744,
            1e-8,
            lambda: order_parameter(1.25),
        ),
        Check(
            "order parameter of noisy Kuramoto oscillators, K = 2",
            "r = I1(2 K r)/I0(2 K r)",
            0.831462024754257,
            1e-8,
            lambda: order_parameter(2.0),
        ),
        Check(
            "stability of Kuramoto-Daido oscillators, cos + 3 cos 2",
            "1/m for m >= 2",
            1 / 3,
            1e-9,
            lambda: stability_threshold((1.0, 3.0)),
        ),
        Check(
            "stability of Onsager's model on the circle",
            "3 pi/4",
            3 * np.pi / 4,
            1e-9,
            lambda: stability_threshold(ONSAGER),
        ),
        Check(
            "critical temperature of Desai and Zwanzig, attraction 1",
            "(2 Gamma(3/4)/Gamma(1/4))^2",
            0.456946581044463625,
            1e-11,
            lambda: desai_zwanzig(1.0),
        ),
        Check(
            "critical temperature of Desai and Zwanzig, attraction 2",
            "theta Var = T",
            0.81578659470532,
            1e-11,
            lambda: desai_zwanzig(2.0),
        ),
        Check(
            "two timescales: eigenvalues meet",
            "E13: tau (1 + eta)/2, doubled",
            3.0,
            1e-3,
            two_timescales,
        ),
        Check(
            "period of the double-well game without noise, a = 1.5",
            "arXiv 2604.11134",
            4.349442,
            1e-5,
            lambda: cycle_period(1.5),
        ),
        Check(
            "period of the double-well game without noise, a = 1",
            "arXiv 2604.11134",
            6.851346,
            1e-5,
            lambda: cycle_period(1.0),
        ),
        Check(
            "500 particles of the game at noise 0.25 follow the cycle: mean radius",
            "arXiv 2604.11134: radius of the deterministic cycle about 1.15",
            1.05,
            0.15,
            lambda: particle_radius(0.25),
        ),
        Check(
            "500 particles of the game at noise 0.5 do not: mean radius",
            "arXiv 2604.11134",
            0.0,
            0.2,
            lambda: particle_radius(0.5),
        ),
        Check(
            "mean-field game at noise 0.25: the means keep away from the equilibrium",
            "limit cycle at small temperature",
            1.0,
            0.1,
            lambda: remaining_radius(0.25),
        ),
        Check(
            "mean-field game at noise 0.5: the means converge",
            "convergence at a larger temperature",
            0.0,
            1e-3,
            lambda: remaining_radius(0.5),
        ),
    ]
