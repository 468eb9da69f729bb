"""The right-hand side against the paper's own flows and against dense matrices."""

from fractions import Fraction

import numpy as np
import pytest

from mflverify.dynamics.exponential import differentiation_matrix
from mflverify.dynamics.functionals import dual_norm_squared
from mflverify.dynamics.interaction import Kernel, Remainder
from mflverify.dynamics.torus_flow import TorusFlow
from mflverify.dynamics.torus_grid import TorusGrid
from mflverify.dynamics.torus_model import TorusModel, descent_ascent, mean_field_langevin
from mflverify.dynamics.trigonometric import TrigSeries, equispaced
from mflverify.expr.terms import Parameter
from mflverify.models import Request, TorusFamily
from mflverify.numerics.entropy import entropy_density
from proofs.local_convergence.notation import M, S, X, Y, f, g
from proofs.local_convergence.notation import descent_ascent as paper_game
from proofs.local_convergence.notation import mfld as paper_mfld
from tests.dynamics.instances import random_model, random_state


def _waves(coefficients: np.ndarray) -> TrigSeries:
    """From the coefficients of 1, cos x, sin x, cos 2x, ..."""
    terms = {(0,): (coefficients[0], 0.0)}
    for mode in range(1, (len(coefficients) + 1) // 2):
        terms[mode,] = (coefficients[2 * mode - 1], coefficients[2 * mode])
    return TrigSeries(1, terms)


def _kernel(matrix: np.ndarray) -> Kernel:
    products = [
        (_waves(np.eye(len(matrix))[row]), _waves(matrix[row])) for row in range(len(matrix))
    ]
    return Kernel(TrigSeries(1, {}), products)


def _temperature(flow) -> Parameter:
    (found,) = {s for s in Request.of(flow).symbols if isinstance(s, Parameter)}
    return found


@pytest.mark.parametrize("paper", [paper_mfld, paper_game], ids=["mfld", "mfl-da"])
def test_right_side_is_that_of_the_paper(paper):
    """(2.2) and (4.2), evaluated from the proofs' own expressions on random instances."""
    batch = TorusFamily().draw(Request.of(paper), np.random.default_rng(5), 12)
    raw = batch.raw.arrays
    tau = batch.evaluate(_temperature(paper))
    game = paper is paper_game
    spaces, symbols, kernel = ((X, Y), (f, g), M) if game else ((X,), (f,), S)
    for index in range(batch.size):
        potentials = tuple(_waves(raw["potential", space.name][index]) for space in spaces)
        k = _kernel(raw["kernel", kernel.name][index])
        if game:
            model = descent_ascent((potentials[0], potentials[1]), tau[index], k)
        else:
            model = mean_field_langevin(potentials[0], tau[index], k)
        flow = TorusFlow(model, TorusGrid(1, 32))
        states, expected = [], []
        for space, symbol in zip(spaces, symbols, strict=True):
            density = batch.backend.densities[space][index]
            # 64 points of the batch: its states and densities have negligible modes above 31
            states.append(np.fft.rfft(batch.states[symbol][index] * density, norm="forward"))
            rhs = dict(paper.equations)[symbol]
            values = np.asarray(batch.evaluator(rhs))[index]
            expected.append(np.fft.rfft(values * density, norm="forward"))
        found = flow.right_side(np.array(states) * flow.grid.retained)
        difference = np.abs(found - np.array(expected))[:, :20].max()
        assert difference <= 1e-9 * np.abs(expected).max()


@pytest.mark.parametrize("cubic", [False, True])
@pytest.mark.parametrize("species", [1, 2, 3])
def test_right_side_is_that_of_dense_matrices(species, cubic):
    """eta (-tau L f - grad*((1 + f) grad(M f + R))) with N x N kernels, for n species."""
    model = random_model(species, species, cubic=cubic)
    flow = TorusFlow(model, TorusGrid(1, 40))
    state = random_state(flow, 1)
    count = flow.grid.points
    x = flow.grid.coordinates[0]
    d = differentiation_matrix(count)
    perturbation = flow.perturbation(state)
    mu = flow.equilibrium
    points = np.stack(np.meshgrid(x, x, indexing="ij"))
    for i in range(species):
        phi = np.zeros(count)
        for j in range(species):
            kernel = model.kernels[i, j]
            dense = kernel.convolution.values((points[0] - points[1])[None])
            for target, source in kernel.products:
                dense = dense + np.outer(target.values(x[None]), source.values(x[None]))
            phi += dense @ (perturbation[j] * mu[j]) / count
        if cubic:
            psi = [series.values(x[None]) for series in model.remainder.functions]
            s = [np.mean(p * q * m) for p, q, m in zip(psi, perturbation, mu, strict=True)]
            phi += psi[i] * np.einsum("jk,j,k", model.remainder.tensor[i], s, s) / 2
        f_i, mu_i = perturbation[i], mu[i]

        def adjoint(field, mu_i=mu_i):
            return -(d @ (mu_i * field)) / mu_i

        expected = model.timescales[i] * (
            -model.temperatures[i] * adjoint(d @ f_i) - adjoint((1 + f_i) * (d @ phi))
        )
        found = flow.grid.to_values(flow.right_side(state)[i]) / mu_i
        assert np.allclose(found, expected, atol=1e-9 * np.abs(expected).max())


def test_right_side_in_two_dimensions_by_quadrature():
    """The potential M f of a two-dimensional kernel, by summing over all pairs of points."""
    model = random_model(3, 2, dimension=2)
    flow = TorusFlow(model, TorusGrid(2, 9))
    state = random_state(flow, 2, degree=1)
    points = flow.grid.coordinates.reshape(2, -1)
    q = flow.grid.to_values(state).reshape(2, -1)
    expected = np.zeros_like(q)
    for (i, j), kernel in model.kernels.items():
        values = kernel.convolution.values(points[:, :, None] - points[:, None, :])
        for target, source in kernel.products:
            values = values + np.outer(target.values(points), source.values(points))
        expected[i] += values @ q[j] / q.shape[1]
    found = flow.grid.to_values(flow.potential(state)).reshape(2, -1)
    assert np.allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_mass_is_conserved_exactly(dimension):
    flow = TorusFlow(random_model(1, 2, dimension), TorusGrid(dimension, 5))
    change = flow.right_side(random_state(flow, 1, degree=1))
    assert np.all(change[(slice(None), *(0,) * dimension)] == 0)


def test_linearisation_is_the_derivative():
    flow = TorusFlow(random_model(4, 2, cubic=True), TorusGrid(1, 20))
    state = random_state(flow, 3)
    small = 1e-6
    difference = (flow.force(small * state) - flow.force(-small * state)) / (2 * small)
    assert flow.size(difference - flow.linear_force(state)) <= 1e-9 * flow.size(difference)


def test_uniform_modes_of_example_e1():
    """E1: c_j' = -j^2 (tau + m_j) c_j - j sum_l l m_|l| c_l c_{j-l}."""
    m = {1: 0.7, 2: -0.4, 3: 0.2}
    tau = 0.9
    kernel = Kernel(TrigSeries(1, {(j,): (2 * value, 0.0) for j, value in m.items()}))
    flow = TorusFlow(mean_field_langevin(TrigSeries(1, {}), tau, kernel), TorusGrid(1, 12))
    state = random_state(flow, 7)
    change = flow.right_side(state)[0]
    c = {j: state[0, j] if j >= 0 else np.conj(state[0, -j]) for j in range(-12, 13)}
    for j in range(1, 12):
        coupling = sum(
            k * m.get(abs(k), 0.0) * c[k] * c[j - k] for k in range(-12, 13) if abs(j - k) <= 12
        )
        expected = -(j**2) * (tau + m.get(j, 0.0)) * c[j] - j * coupling
        assert change[j] == pytest.approx(expected, abs=1e-13)


def test_closed_functionals_of_examples_e1_and_e2():
    flow = TorusFlow(
        mean_field_langevin(TrigSeries(1, {}), 1.0, Kernel(TrigSeries(1, {(1,): (0.6, 0.0)}))),
        TorusGrid(1, 40),
    )
    x = flow.grid.coordinates[0]
    s, r = 0.5, 0.2
    found = flow.functionals(flow.state_of([s * np.cos(x) + r * np.cos(2 * x)]))
    assert found.chi2[0] == pytest.approx((s**2 + r**2) / 2, rel=1e-13)
    assert found.dual[0] == pytest.approx(s**2 / 2 + r**2 / 8, rel=1e-13)
    one = flow.functionals(flow.state_of([s * np.cos(x)]))
    root = np.sqrt(1 - s**2)
    assert one.entropy[0] == pytest.approx(np.log((1 + root) / 2) + 1 - root, rel=1e-12)
    assert one.free_energy == pytest.approx(one.entropy[0] + 0.3 * s**2 / 4, rel=1e-12)


def test_closed_functionals_of_example_e4():
    """Von Mises, f = eps L cos: X = eps^2 I1/(kappa I0), Y as stated."""
    from scipy.special import iv

    kappa, eps = 1.3, 0.2
    flow = TorusFlow(
        TorusModel((TrigSeries(1, {(1,): (-kappa, 0.0)}),), (1.0,), (1.0,), {}), TorusGrid(1, 40)
    )
    x = flow.grid.coordinates[0]
    found = flow.functionals(flow.state_of([eps * (np.cos(x) - kappa * np.sin(x) ** 2)]))
    first, second = iv(1, kappa) / iv(0, kappa), iv(2, kappa) / iv(0, kappa)
    assert found.dual[0] == pytest.approx(eps**2 * first / kappa, rel=1e-12)
    assert found.chi2[0] == pytest.approx(eps**2 * (1 - first / kappa + second), rel=1e-12)


def test_derivatives_of_example_e2():
    """X' = -(tau + m) s^2 - tau r^2 + m s^2 r / 4 and Y' = -(tau + m) s^2 - 4 tau r^2 - m s^2 r / 2."""
    tau, m, s, r = 0.9, -0.6, 0.4, 0.25
    kernel = Kernel(TrigSeries(1, {(1,): (2 * m, 0.0)}))
    flow = TorusFlow(mean_field_langevin(TrigSeries(1, {}), tau, kernel), TorusGrid(1, 12))
    x = flow.grid.coordinates[0]
    state = flow.state_of([s * np.cos(x) + r * np.cos(2 * x)])
    step = 1e-5 * flow.right_side(state)
    after, before = flow.functionals(state + step), flow.functionals(state - step)
    slope = {
        name: (getattr(after, name)[0] - getattr(before, name)[0]) / 2e-5
        for name in ("dual", "chi2")
    }
    assert slope["dual"] == pytest.approx(
        -(tau + m) * s**2 - tau * r**2 + m * s**2 * r / 4, rel=1e-8
    )
    assert slope["chi2"] == pytest.approx(
        -(tau + m) * s**2 - 4 * tau * r**2 - m * s**2 * r / 2, rel=1e-8
    )


@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("axis", [0, -1])
def test_functions_of_one_coordinate_flow_as_on_the_circle(dimension, axis):
    """Equilibrium, separable kernel and datum depend on one coordinate: so does the solution."""

    def lifted(series: TrigSeries) -> TrigSeries:
        terms = {}
        for (k,), pair in series.terms.items():
            mode = [0] * dimension
            mode[axis] = k
            terms[tuple(mode)] = pair
        return TrigSeries(dimension, terms)

    circle = random_model(21, 2)
    kernels = {
        pair: Kernel(lifted(k.convolution), [(lifted(a), lifted(b)) for a, b in k.products])
        for pair, k in circle.kernels.items()
    }
    torus = TorusModel(
        tuple(lifted(u) for u in circle.potentials), circle.temperatures, circle.timescales, kernels
    )
    small, large = TorusFlow(circle, TorusGrid(1, 8)), TorusFlow(torus, TorusGrid(dimension, 8))
    state = random_state(small, 5)
    spread = np.zeros((2, *large.grid.retained.shape), complex)
    for k in range(-8, 9):
        mode = [0] * dimension
        mode[axis] = k
        at, conjugated = large.grid.index(tuple(mode))
        if not conjugated:
            spread.reshape(2, -1)[:, at] = state[:, k] if k >= 0 else np.conj(state[:, -k])
    found, expected = large.force(spread), small.force(state)
    for k in range(9):
        mode = [0] * dimension
        mode[axis] = k
        at, _ = large.grid.index(tuple(mode))
        assert np.allclose(found.reshape(2, -1)[:, at], expected[:, k], atol=1e-12)
    assert large.size(found) == pytest.approx(small.size(expected), rel=1e-12)


def test_dual_norms_of_products_in_two_dimensions():
    """f(x, y) = u(x) has the dual norm of u; both are found by different algorithms."""
    circle = TrigSeries(1, {(1,): (0.5, 0.3)})
    flat = TorusFlow(TorusModel((circle,), (1.0,), (1.0,), {}), TorusGrid(1, 16))
    plane = TrigSeries(2, {(1, 0): (0.5, 0.3), (0, 1): (0.4, 0.0)})
    torus = TorusFlow(TorusModel((plane,), (1.0,), (1.0,), {}), TorusGrid(2, 16))

    def u(x):
        return 0.3 * np.cos(2 * x) + 0.1 * np.sin(x)

    one = flat.functionals(flat.state_of([u(flat.grid.coordinates[0])]))
    two = torus.functionals(torus.state_of([u(torus.grid.coordinates[0])]))
    assert two.dual[0] == pytest.approx(one.dual[0], rel=1e-10)
    assert two.chi2[0] == pytest.approx(one.chi2[0], rel=1e-10)


def test_dual_norm_of_zero():
    grid = TorusGrid(2, 4)
    assert dual_norm_squared(grid, np.ones(grid.shape), grid.from_vector(np.zeros(grid.size))) == 0


def test_entropy_density_near_and_far():
    import mpmath

    for value in (1e-9, -1e-5, 0.0199, -0.0201, 0.9, -0.999, -1.0):
        exact = (
            mpmath.mpf(1)
            if value == -1
            else (1 + mpmath.mpf(value)) * mpmath.log(1 + mpmath.mpf(value)) - mpmath.mpf(value)
        )
        assert entropy_density(np.array([value]))[0] == pytest.approx(float(exact), rel=1e-12)
    assert np.isnan(entropy_density(np.array([-1.01])))[0]


@pytest.mark.parametrize("dimension", [1, 2])
def test_transposed_kernels_swap_their_arguments(dimension):
    kernel = random_model(17, 2, dimension).kernels[0, 1]
    swapped = kernel.transposed(-2.0)
    x, y = np.random.default_rng(0).uniform(0, 6, (2, dimension, 20))

    def values(k, a, b):
        products = sum(target.values(a) * source.values(b) for target, source in k.products)
        return k.convolution.values(a - b) + products

    assert np.allclose(values(swapped, y, x), -2 * values(kernel, x, y))


def test_gradient_flows_are_recognised():
    even, odd = TrigSeries(1, {(1,): (1.0, 0.0)}), TrigSeries(1, {(1,): (0.0, 1.0)})
    flat = TrigSeries(1, {})
    assert mean_field_langevin(flat, 1.0, Kernel(even)).is_gradient_flow
    assert not mean_field_langevin(flat, 1.0, Kernel(odd)).is_gradient_flow
    assert not mean_field_langevin(flat, 1.0, Kernel(flat, [(even, odd)])).is_gradient_flow
    assert not descent_ascent((flat, flat), 1.0, Kernel(even)).is_gradient_flow


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"temperatures": (1.0, -1.0)}, "temperatures must be positive"),
        ({"temperatures": (1.0,)}, "2 temperatures"),
        ({"timescales": (1.0, np.nan)}, "timescales must be positive"),
        ({"kernels": {(0, 2): Kernel(TrigSeries(1, {}))}}, "no such pair"),
        ({"kernels": {(0, 1): Kernel(TrigSeries(2, {}))}}, "same dimension"),
        ({"potentials": ()}, "at least one species"),
    ],
)
def test_models_that_do_not_fit_are_refused(change, message):
    flat = TrigSeries(1, {})
    given = {
        "potentials": (flat, flat),
        "temperatures": (1.0, 1.0),
        "timescales": (1.0, 1.0),
        "kernels": {},
    }
    with pytest.raises(ValueError, match=message):
        TorusModel(**{**given, **change})


def test_remainders_must_be_symmetric():
    psi = TrigSeries(1, {(1,): (1.0, 0.0)})
    tensor = np.zeros((2, 2, 2))
    tensor[0, 0, 1] = 1.0
    with pytest.raises(ValueError, match="symmetric"):
        Remainder((psi, psi), tensor)


def test_mixed_derivative_suprema_bound_sampled_values():
    for seed in range(5):
        kernel = random_model(seed, 2).kernels[0, 1]
        x, y = np.meshgrid(*[np.linspace(0, 2 * np.pi, 301)] * 2, indexing="ij")
        bend = kernel.convolution.derivative(0).derivative(0)
        values = -bend.values((x - y)[None])
        for target, source in kernel.products:
            values = values + target.derivative(0).values(x[None]) * source.derivative(0).values(
                y[None]
            )
        true = np.abs(values).max()
        assert true <= kernel.mixed_derivative_supremum() <= 1.03 * true


def test_points_are_rational():
    """A float potential is an exact density: nothing is rounded on the way to the certificates."""
    from mflverify.dynamics.constants import measure

    assert measure(TrigSeries(1, {(1,): (0.1, 0.0)})).potential[(1,)] == (Fraction(0.1), 0)
    assert equispaced((4,)).shape == (1, 4)
