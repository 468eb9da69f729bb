"""The exponential integrator: exact on the linear flow, of order four, and honest about blow-up."""

import numpy as np
import pytest

from mflverify.dynamics.exponential import (
    Diffusion,
    Integrator,
    differentiation_matrix,
    phi_functions,
)

N = 64
GRID = np.arange(N) * 2 * np.pi / N


def test_differentiation_is_exact_on_trigonometric_polynomials():
    d = differentiation_matrix(N)
    for j in (1, 5, 31):
        assert np.allclose(d @ np.sin(j * GRID), j * np.cos(j * GRID), atol=1e-10)


def test_the_nyquist_mode_has_no_derivative():
    assert np.allclose(differentiation_matrix(N) @ np.cos(N / 2 * GRID), 0, atol=1e-10)


def test_odd_grids_are_refused():
    with pytest.raises(ValueError, match="63"):
        differentiation_matrix(63)


def test_phi_functions_agree_with_their_integrals():
    nodes, weights = np.polynomial.legendre.leggauss(40)
    s, w = (nodes + 1) / 2, weights / 2
    z = -np.array([1e-9, 1e-3, 0.5, 0.999, 1.001, 7.0, 30.0])
    for order, phi in enumerate(phi_functions(z), 1):
        factorial = np.prod(np.arange(1, order)) if order > 1 else 1.0
        kernel = np.exp(np.outer(z, 1 - s)) * s ** (order - 1) / factorial
        assert np.allclose(phi, kernel @ w, rtol=1e-12)


def test_spectrum_of_the_uniform_torus():
    eigenvalues = Diffusion.of(np.ones((1, N))).eigenvalues[0]
    assert np.allclose(eigenvalues[2:8], [1, 1, 4, 4, 9, 9])


def test_spectrum_of_von_mises_is_double():
    eigenvalues = Diffusion.of(np.exp(np.cos(GRID))[None]).eigenvalues[0]
    assert eigenvalues[2:4] == pytest.approx([1.16549653046466] * 2, rel=1e-10)


def test_a_density_that_is_not_positive_is_refused():
    with pytest.raises(ValueError, match="positive"):
        Diffusion.of(np.cos(GRID)[None])


def _quadratic(density: np.ndarray) -> Integrator:
    """u' = -L u - grad*(u grad u) / 5 in the given equilibrium."""
    diffusion = Diffusion.of(density)
    d = differentiation_matrix(N)

    def right_side(state):
        u = state["f"]
        flux = u * (u @ d.T) * density
        return {"f": -diffusion.apply(u) + (flux @ d.T) / density / 5}

    return Integrator(right_side, {"f": diffusion}, {"f": np.ones(len(density))})


def test_linear_flow_is_exact_for_any_step():
    diffusion = Diffusion.of(np.ones((1, N)))
    still = Integrator(
        lambda s: {"f": -diffusion.apply(s["f"])}, {"f": diffusion}, {"f": np.ones(1)}
    )
    u = still.run({"f": np.cos(3 * GRID)[None]}, 0.5, 2)["f"]
    assert np.allclose(u, np.exp(-9) * np.cos(3 * GRID), atol=1e-12)


def test_order_four_on_a_nonlinear_flow():
    integrator = _quadratic(np.exp(np.cos(GRID))[None])
    start = {"f": 0.4 * np.cos(GRID)[None] + 0.2 * np.sin(2 * GRID)[None]}
    reference = integrator.run(start, 1 / 320, 320)["f"]
    errors = [np.abs(integrator.run(start, 1 / n, n)["f"] - reference).max() for n in (10, 20, 40)]
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert np.all(orders > 3.6)


def test_blow_up_is_an_error():
    diffusion = Diffusion.of(np.ones((1, N)))
    explosive = Integrator(lambda s: {"f": 1e3 * s["f"] ** 3}, {"f": diffusion}, {"f": np.zeros(1)})
    with np.errstate(all="ignore"), pytest.raises(FloatingPointError, match="blew up"):
        explosive.run({"f": np.cos(GRID)[None]}, 0.1, 50)
