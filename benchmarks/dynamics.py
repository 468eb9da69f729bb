"""One granular-media problem on the circle to the same error: mflverify, SciPy, py-pde.

    d mu/dt = d/dx( mu d/dx (V + k * mu) ) + tau mu'',   V chosen so that exp(-U)/Z is stationary.

Errors are of mu at time 1 in L^2 of the uniform measure, relative to mu - mu_bar, against a reference
with 96 modes and steps to 1e-13.  SciPy integrates the same Fourier discretisation with its stiff
solvers; py-pde (if installed) has finite differences of order two, so its time for 1e-8 is
extrapolated from the grids that it can do, and marked so.  Cost against modes and pairs follows.

Run with one BLAS thread: OMP_NUM_THREADS=1 python benchmarks/dynamics.py
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import numpy as np
from scipy.integrate import solve_ivp

from mflverify.dynamics.interaction import Kernel
from mflverify.dynamics.simulation import Limits, simulate
from mflverify.dynamics.stepping import Adaptive, Stepper
from mflverify.dynamics.torus_flow import TorusFlow
from mflverify.dynamics.torus_grid import TorusGrid
from mflverify.dynamics.torus_model import TorusModel, mean_field_langevin
from mflverify.dynamics.trigonometric import TrigSeries

TAU, TARGET = 0.5, 1e-8
POTENTIAL = TrigSeries(1, {(1,): (-0.8, 0.3), (2,): (0.2, 0.0)})
KERNEL = Kernel(TrigSeries(1, {(1,): (-0.6, 0.0), (2,): (0.3, 0.0)}))
MODEL = mean_field_langevin(POTENTIAL, TAU, KERNEL)
START = TrigSeries(1, {(1,): (0.4, 0.0), (2,): (0.0, 0.3)})


def timed(run: Callable[[], np.ndarray]) -> tuple[float, np.ndarray]:
    """Seconds and result; the better of two runs."""
    best, result = np.inf, np.empty(0)
    for _ in range(2):
        begin = perf_counter()
        result = run()
        best = min(best, perf_counter() - begin)
    return best, result


def own(modes: int, tolerance: float) -> np.ndarray:
    """Coefficients of q at time 1, without the functionals that `simulate` records."""
    flow = TorusFlow(MODEL, TorusGrid(1, modes))
    state = flow.state_of([START.values(flow.grid.coordinates)])
    adaptive = Adaptive(Stepper(flow), tolerance)
    return adaptive.advance(state, flow.force(state), 1.0)[0][0]


def scipy_solver(modes: int, tolerance: float, method: str) -> np.ndarray:
    """The same right-hand side by a solver of SciPy."""
    flow = TorusFlow(MODEL, TorusGrid(1, modes))
    state = flow.state_of([START.values(flow.grid.coordinates)])

    def field(_: float, y: np.ndarray) -> np.ndarray:
        return flow.grid.to_vector(flow.right_side(flow.grid.from_vector(y[None])))[0]

    found = solve_ivp(
        field,
        (0, 1),
        flow.grid.to_vector(state)[0],
        method=method,
        rtol=tolerance,
        atol=1e-3 * tolerance,
    )
    return flow.grid.from_vector(found.y[:, -1])


def py_pde(points: int) -> np.ndarray:
    """Coefficients of q at time 1 by py-pde's finite differences and SciPy's LSODA."""
    import pde

    grid = pde.CartesianGrid([(0, 2 * np.pi)], points, periodic=True)
    x = grid.axes_coords[0]
    weight = np.exp(-POTENTIAL.values(x[None]))
    equilibrium = weight / weight.mean()
    wave = np.fft.rfftfreq(points, 1 / points)
    symbol = np.zeros(len(wave))
    for (mode,), (size, _) in KERNEL.convolution.terms.items():
        symbol[mode] = size / 2

    def convolved(values: np.ndarray) -> np.ndarray:
        return np.fft.irfft(symbol * np.fft.rfft(values), points)

    external = TAU * POTENTIAL.values(x[None]) - convolved(equilibrium)

    class Granular(pde.PDEBase):
        def evolution_rate(self, state, t=0):
            force = pde.ScalarField(grid, external + convolved(state.data))
            flux = state * force.gradient("periodic")
            return flux.divergence("periodic") + TAU * state.laplace("periodic")

    f = START.values(x[None])
    start = equilibrium * (1 + f - np.mean(f * equilibrium))
    solver = pde.ScipySolver(Granular(), method="LSODA", rtol=1e-9, atol=1e-11, backend="numpy")
    controller = pde.Controller(solver, t_range=1.0, tracker=None)
    result = controller.run(pde.ScalarField(grid, start)).data - equilibrium
    # cells are centred at (j + 1/2) h
    return np.fft.rfft(result, norm="forward") * np.exp(-1j * wave * x[0])


def error(found: np.ndarray, reference: np.ndarray) -> float:
    """Relative, in L^2, over the modes that both have."""
    count = min(len(found), len(reference))
    return float(np.linalg.norm(found[:count] - reference[:count]) / np.linalg.norm(reference))


def compare() -> None:
    """Times to an error of 1e-8."""
    reference = own(96, 1e-13)
    times: dict[str, float] = {}
    for modes, tolerance in ((24, 1e-6), (24, 1e-7), (28, 1e-8), (28, 1e-9)):
        seconds, found = timed(lambda m=modes, t=tolerance: own(m, t))
        found_error = error(found, reference)
        print(f"mflverify         {modes:5d} modes        {found_error:9.1e} {seconds:10.4f} s")
        if found_error <= TARGET:
            times.setdefault("mflverify", seconds)
    for method in ("BDF", "Radau", "LSODA", "RK45", "DOP853"):
        for tolerance in (1e-7, 1e-8, 1e-9, 1e-10, 1e-11):
            seconds, found = timed(lambda m=method, t=tolerance: scipy_solver(28, t, m))
            found_error = error(found.reshape(-1), reference)
            if found_error <= TARGET:
                print(
                    f"SciPy {method:10s}     28 modes        {found_error:9.1e} {seconds:10.4f} s"
                )
                times[f"SciPy {method}"] = seconds
                break
    try:
        last = (0, 0.0, 0.0)
        for points in (64, 128, 256, 512):
            seconds, found = timed(lambda p=points: py_pde(p))
            last = (points, error(found, reference), seconds)
            print(f"py-pde            {points:5d} points       {last[1]:9.1e} {seconds:10.4f} s")
        # order two in space; at least linear cost in the points
        needed = np.sqrt(last[1] / TARGET)
        times["py-pde (extrapolated, at least)"] = last[2] * needed
    except ImportError:
        print("py-pde is not installed")
    for name, seconds in times.items():
        print(f"{name:32s} {seconds:10.4f} s   {seconds / times['mflverify']:8.1f} x")


def scaling() -> None:
    """Milliseconds for a step against modes and against pairs of species."""
    for points in (256, 1024, 4096, 16384):
        flow = TorusFlow(MODEL, TorusGrid(1, (points - 2) // 3))
        print(f"{flow.grid.points:6d} points, 1 species   {milliseconds(flow):8.3f} ms a step")
    for species in (2, 4, 8):
        kernels = {(i, j): KERNEL for i in range(species) for j in range(species)}
        model = TorusModel((POTENTIAL,) * species, (TAU,) * species, (1.0,) * species, kernels)
        flow = TorusFlow(model, TorusGrid(1, 85))
        print(
            f"{flow.grid.points:6d} points, {species} species, {species**2:2d} pairs"
            f" {milliseconds(flow):8.3f} ms a step"
        )
    flow = TorusFlow(MODEL, TorusGrid(1, 85))
    run = simulate(
        flow,
        flow.state_of([START.values(flow.grid.coordinates)]),
        1.0,
        outputs=10,
        limits=Limits(tolerance=1e-8),
    )
    print(f"a whole run to time 1 with ten outputs: {run.steps} steps, {run.verdict}")


def milliseconds(flow: TorusFlow) -> float:
    """For one step, over 200 steps."""
    state = flow.state_of([START.values(flow.grid.coordinates)] * flow.species)
    stepper, force = Stepper(flow), flow.force(state)
    stepper.step(state, force, 1e-3)
    begin = perf_counter()
    for _ in range(200):
        stepper.step(state, force, 1e-3)
    return (perf_counter() - begin) * 5


if __name__ == "__main__":
    compare()
    scaling()
