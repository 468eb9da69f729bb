"""One granular-media problem on the circle to the same error: mflverify, SciPy, py-pde.

    d mu/dt = d/dx( mu d/dx (V + k * mu) ) + tau mu'',   V chosen so that exp(-U)/Z is stationary.

Errors are of mu at time 1 in L^2 of the uniform measure, relative to mu - mu_bar, against a reference
with 96 modes and steps to 1e-13.  SciPy integrates the same Fourier discretisation with its stiff
solvers.  py-pde (if installed) runs in two ways, both tuned in its favour: with its own finite
differences of order two, three grids combined by Richardson's extrapolation, and with derivatives
by Fourier transforms that are given to it.  Times are those of the runs alone, without the setting
up of grids and operators.  Cost against modes and pairs follows.

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
    """Seconds and result; the best of two runs, or of as many as fit into half a second."""
    best, result, spent, count = np.inf, np.empty(0), 0.0, 0
    while count < 2 or spent < 0.5:
        begin = perf_counter()
        result = run()
        last = perf_counter() - begin
        best, spent, count = min(best, last), spent + last, count + 1
    return best, result


def own(modes: int, tolerance: float) -> Callable[[], np.ndarray]:
    """A run to coefficients of q at time 1, without the functionals that `simulate` records."""
    flow = TorusFlow(MODEL, TorusGrid(1, modes))
    state = flow.state_of([START.values(flow.grid.coordinates)])
    force = flow.force(state)
    return lambda: Adaptive(Stepper(flow), tolerance).advance(state, force, 1.0)[0][0]


def scipy_solver(modes: int, tolerance: float, method: str) -> Callable[[], np.ndarray]:
    """The same right-hand side by a solver of SciPy."""
    flow = TorusFlow(MODEL, TorusGrid(1, modes))
    state = flow.state_of([START.values(flow.grid.coordinates)])

    def field(_: float, y: np.ndarray) -> np.ndarray:
        return flow.grid.to_vector(flow.right_side(flow.grid.from_vector(y[None])))[0]

    start = flow.grid.to_vector(state)[0]
    tolerances = {"rtol": tolerance, "atol": 1e-3 * tolerance}

    def run() -> np.ndarray:
        found = solve_ivp(field, (0, 1), start, method=method, **tolerances)
        return flow.grid.from_vector(found.y[:, -1])

    return run


def py_pde(points: int, method: str, tolerance: float, *, spectral: bool) -> Callable:
    """A run of py-pde with a solver of SciPy: coefficients of q at time 1, once it is set up."""
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

    def derivative(values: np.ndarray) -> np.ndarray:
        return np.fft.irfft(1j * wave * np.fft.rfft(values), points)

    external = TAU * POTENTIAL.values(x[None]) - convolved(equilibrium)

    class Granular(pde.PDEBase):
        def evolution_rate(self, state, t=0):
            potential = external + convolved(state.data)
            if spectral:
                flux = state.data * derivative(potential) + TAU * derivative(state.data)
                return pde.ScalarField(grid, derivative(flux))
            force = pde.ScalarField(grid, potential)
            flux = state * force.gradient("periodic")
            return flux.divergence("periodic") + TAU * state.laplace("periodic")

    f = START.values(x[None])
    start = pde.ScalarField(grid, equilibrium * (1 + f - np.mean(f * equilibrium)))
    solver = pde.ScipySolver(
        Granular(), method=method, rtol=tolerance, atol=1e-2 * tolerance, backend="numpy"
    )
    controller = pde.Controller(solver, t_range=1.0, tracker=None)

    def run() -> np.ndarray:
        result = controller.run(start).data - equilibrium
        # cells are centred at (j + 1/2) h
        return np.fft.rfft(result, norm="forward") * np.exp(-1j * wave * x[0])

    return run


def extrapolated(grids: tuple[int, ...], found: list[np.ndarray]) -> np.ndarray:
    """Richardson's extrapolation of an expansion in even powers of the mesh width to width 0."""
    widths = [grid**-2.0 for grid in grids]
    weights = [
        np.prod([other / (other - own) for other in widths if other != own]) for own in widths
    ]
    count = min(len(part) for part in found)
    return sum(w * part[:count] for w, part in zip(weights, found, strict=True))


def error(found: np.ndarray, reference: np.ndarray) -> float:
    """Relative, in L^2, over the modes that both have."""
    count = min(len(found), len(reference))
    return float(np.linalg.norm(found[:count] - reference[:count]) / np.linalg.norm(reference))


def compare() -> None:
    """Times to an error of 1e-8."""
    reference = own(96, 1e-13)()
    times: dict[str, float] = {}
    for modes, tolerance in ((24, 1e-6), (24, 1e-7), (28, 1e-8), (28, 1e-9)):
        seconds, found = timed(own(modes, tolerance))
        found_error = error(found, reference)
        print(f"mflverify         {modes:5d} modes        {found_error:9.1e} {seconds:10.4f} s")
        if found_error <= TARGET:
            times.setdefault("mflverify", seconds)
    for method in ("BDF", "Radau", "LSODA", "RK45", "DOP853"):
        for tolerance in (1e-7, 1e-8, 1e-9, 1e-10, 1e-11):
            seconds, found = timed(scipy_solver(28, tolerance, method))
            found_error = error(found.reshape(-1), reference)
            if found_error <= TARGET:
                print(
                    f"SciPy {method:10s}     28 modes        {found_error:9.1e} {seconds:10.4f} s"
                )
                times[f"SciPy {method}"] = seconds
                break
    try:
        times.update(compare_py_pde(reference))
    except ImportError:
        print("py-pde is not installed")
    for name, seconds in times.items():
        print(f"{name:32s} {seconds:10.4f} s   {seconds / times['mflverify']:8.1f} x")


def compare_py_pde(reference: np.ndarray) -> dict[str, float]:
    """The fastest runs of py-pde that reach the target, for each way to use it."""
    best: dict[str, float] = {}
    for method in ("BDF", "Radau", "LSODA"):
        for tolerance in (1e-8, 1e-9, 1e-10, 1e-11):
            own_stencils: dict[int, tuple[float, np.ndarray]] = {}
            for points in (32, 48, 64, 96, 128):
                own_stencils[points] = timed(py_pde(points, method, tolerance, spectral=False))
            rows = [
                (f"{grids}", sum(own_stencils[n][0] for n in grids), extrapolated(grids, parts))
                for grids in ((32, 48, 64), (48, 64, 96), (64, 96, 128))
                for parts in [[own_stencils[n][1] for n in grids]]
            ]
            seconds, found = timed(py_pde(64, method, tolerance, spectral=True))
            for what, spent, result in (*rows, ("64, Fourier", seconds, found)):
                name = f"py-pde, {'Fourier' if 'Fourier' in what else 'extrapolated'}"
                result_error = error(result, reference)
                if result_error <= TARGET and spent < best.get(name, np.inf):
                    print(f"py-pde {method:6s} {what:20s} {result_error:9.1e} {spent:10.4f} s")
                    best[name] = spent
    return best


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
