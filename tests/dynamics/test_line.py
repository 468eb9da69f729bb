"""The line: closed forms of Gaussian flows, known spectra and critical temperatures."""

import numpy as np
import pytest
from numpy.polynomial import Polynomial
from scipy.optimize import brentq
from scipy.special import expi

from mflverify.dynamics.line_basis import BasisError, line_basis, support
from mflverify.dynamics.line_flow import LineFlow, LineModel, transposed
from mflverify.dynamics.line_spectrum import line_spectrum
from mflverify.dynamics.simulation import Limits, simulate

X = Polynomial([0.0, 1.0])
GAUSSIAN = Polynomial([0.0, 0.0, 0.5])
WELL = Polynomial([0.0, 0.0, -0.5, 0.0, 0.25])


def _ein(z):
    """Ein(z) = int_0^z (e^s - 1)/s ds."""
    return expi(z) - np.euler_gamma - np.log(z)


@pytest.mark.parametrize(
    ("temperature", "known"),
    [
        (1.0, (0.79208843, 3.54888918, 6.84354846)),
        (0.25, (0.18717042,)),
        (0.05, (0.00277614,)),
    ],
)
def test_spectra_of_the_double_well(temperature, known):
    basis = line_basis(WELL / temperature, 20)
    found = temperature * basis.eigenvalues[1 : len(known) + 1]
    assert np.allclose(found, known, atol=6e-9)


def test_spectrum_of_a_steeper_well():
    found = line_basis(Polynomial([1.0, 0.0, -2.0, 0.0, 1.0]), 12).eigenvalues[1:4]
    assert np.allclose(found, (0.74868167, 6.00411367, 11.66069556), atol=6e-9)


def test_hermite_polynomials():
    basis = line_basis(GAUSSIAN, 30)
    assert np.allclose(basis.eigenvalues, np.arange(31), atol=1e-9)
    # x^2 = 1 + sqrt 2 h_2
    square = basis.coefficients(X**2)
    assert np.allclose(np.abs(square[:4]), [1, 0, np.sqrt(2), 0], atol=1e-11)
    gram = basis.roots @ basis.roots.T * basis.spacing
    assert np.allclose(gram, np.eye(31), atol=1e-10)


def test_transport_matrix_of_hermite_polynomials():
    """<h_i', h_j phi'> with h_i' = sqrt i h_{i-1} and x h_j = sqrt(j + 1) h_{j+1} + sqrt j h_{j-1}."""
    basis = line_basis(GAUSSIAN, 12)
    rise = np.diag(np.sqrt(np.arange(1.0, 13.0)), -1)  # h_j -> sqrt(j + 1) h_{j+1}
    slope = np.eye(13) + (rise + rise.T) / 2  # phi' = 1 + x/2
    expected = rise @ slope  # row i: sqrt i times row i - 1
    found = basis.transport(X + X**2 / 4)
    assert np.allclose(found[:12, :12], expected[:12, :12], atol=1e-10)


@pytest.mark.parametrize("beta", [0.5, -0.3])
def test_example_e6(beta):
    """MFLD with k = beta x y from N(1, 1): every functional in closed form along the flow."""
    tau = 0.7
    model = LineModel([GAUSSIAN], [tau], [1.0], {(0, 0): ((beta * X, X),)})
    flow = LineFlow(model, 40)
    run = simulate(flow, flow.state_of([X]), 3.0, outputs=6).require_resolved()
    m = np.exp(-(tau + beta) * run.times)
    assert np.allclose(run.chi2[:, 0], np.exp(m**2) - 1, rtol=1e-9)
    assert np.allclose(run.dual[:, 0], [_ein(z) for z in m**2], rtol=1e-9)
    assert np.allclose(run.entropy[:, 0], m**2 / 2, rtol=1e-9)
    assert np.allclose(run.free_energy, (tau + beta) / 2 * m**2, rtol=1e-9)
    assert line_spectrum(model).rate == pytest.approx(2 * min(tau + beta, 2 * tau))


def test_example_e7():
    """k = gamma (x - y)^2/2 from N(m, 1 + u): mean and variance decay on their own."""
    tau, gamma, m0, u0 = 0.8, 0.3, 0.5, 0.2
    kernel = ((gamma / 2 * X**2, Polynomial([1.0])), (-gamma * X, X))
    flow = LineFlow(LineModel([GAUSSIAN], [tau], [1.0], {(0, 0): kernel}), 60)
    # log of the ratio of N(m, 1 + u) and N(0, 1)
    exponent = X**2 / 2 - (X - m0) ** 2 / (2 * (1 + u0))
    run = simulate(flow, flow.state_of([exponent]), 2.0, outputs=4).require_resolved()
    m = m0 * np.exp(-(tau - gamma) * run.times)
    u = u0 * np.exp(-2 * tau * run.times)
    assert np.allclose([flow.mean(c, X)[0] for c in run.states], m, rtol=1e-8)
    second = [flow.mean(c, X**2)[0] for c in run.states]
    assert np.allclose(np.array(second) - m**2, 1 + u, rtol=1e-8)
    chi2 = np.exp(m**2 / (1 - u)) / np.sqrt(1 - u**2) - 1
    assert np.allclose(run.chi2[:, 0], chi2, rtol=1e-8)


def test_examples_e12_and_e15():
    """Gaussian players: m' = -(tau + C) m for any matrix C."""
    tau = 0.5
    c = np.array([[0.0, 1.2, -0.3], [-0.7, 0.1, 0.4], [0.2, -0.9, 0.0]])
    kernels = {(i, j): ((c[i, j] * X, X),) for i in range(3) for j in range(3)}
    model = LineModel([GAUSSIAN] * 3, [tau] * 3, [1.0] * 3, kernels)
    flow = LineFlow(model, 30)
    start = np.array([0.5, -0.4, 0.3])
    run = simulate(flow, flow.state_of([m * X for m in start]), 1.5, outputs=3).require_resolved()
    from scipy.linalg import expm

    for time, state, chi2, dual in zip(run.times, run.states, run.chi2, run.dual, strict=True):
        m = expm(-time * (tau * np.eye(3) + c)) @ start
        assert np.allclose(flow.mean(state, X), m, rtol=1e-9, atol=1e-12)
        assert np.allclose(chi2, np.exp(m**2) - 1, rtol=1e-8)
        assert np.allclose(dual, [_ein(z) for z in m**2], rtol=1e-8)
    expected = np.linalg.eigvals(tau * np.eye(3) + c).real.min()
    assert line_spectrum(model).rate == pytest.approx(2 * min(expected, 2 * tau))


def test_example_e12_keeps_the_length_of_the_means():
    beta, tau = 1.7, 0.4
    kernel = ((beta * X, X),)
    model = LineModel(
        [GAUSSIAN] * 2, [tau] * 2, [1.0] * 2, {(0, 1): kernel, (1, 0): transposed(kernel, -1.0)}
    )
    flow = LineFlow(model, 30)
    run = simulate(flow, flow.state_of([0.5 * X, 0.2 * X]), 2.0, outputs=4).require_resolved()
    length = np.array([np.sum(flow.mean(c, X) ** 2) for c in run.states])
    assert np.allclose(length, 0.29 * np.exp(-2 * tau * run.times), rtol=1e-9)


@pytest.mark.parametrize(
    ("theta", "critical"), [(1.0, 0.456946581044463625), (2.0, 0.81578659470532)]
)
def test_critical_temperature_of_desai_and_zwanzig(theta, critical):
    """The symmetric equilibrium loses its linear stability at the known temperature."""

    def rate(temperature):
        potential = (WELL + theta / 2 * X**2) / temperature
        kernel = ((-theta * X, X),)
        model = LineModel([potential], [temperature], [1.0], {(0, 0): kernel})
        return line_spectrum(model).rate

    found = brentq(rate, 0.8 * critical, 1.2 * critical, xtol=1e-13)
    assert found == pytest.approx(critical, rel=1e-11)


def test_below_the_critical_temperature_a_magnetisation_appears():
    """It settles where m = <x> in exp(-(V + theta (x - m)^2/2)/T)."""
    temperature, theta = 0.3, 1.0
    potential = (WELL + theta / 2 * X**2) / temperature
    model = LineModel([potential], [temperature], [1.0], {(0, 0): ((-theta * X, X),)})
    flow = LineFlow(model, 60)
    run = simulate(flow, flow.state_of([0.01 * X]), 150.0, outputs=60).require_resolved()
    x = np.linspace(-4, 4, 4001)

    def gap(m):
        weight = np.exp(-(WELL(x) + theta / 2 * (x - m) ** 2) / temperature)
        return np.sum(x * weight) / np.sum(weight) - m

    assert flow.mean(run.states[-1], X)[0] == pytest.approx(brentq(gap, 0.1, 1.2), rel=1e-6)
    assert run.free_energy[-1] < 0


def test_ten_digits_by_refinement_on_the_line():
    potential = WELL / 0.6
    kernel = ((0.4 * X, X), (0.1 * X**2, X**2))
    model = LineModel([potential], [0.6], [1.0], {(0, 0): kernel})
    states = []
    for modes, tolerance in ((48, 1e-10), (72, 1e-12)):
        flow = LineFlow(model, modes)
        limits = Limits(tolerance=tolerance)
        run = simulate(flow, flow.state_of([0.6 * X]), 1.0, outputs=2, limits=limits)
        states.append((flow, run.require_resolved().states[-1]))
    (coarse, found), (fine, reference) = states
    assert fine.size(coarse.refined(found, fine) - reference) <= 1e-10 * fine.size(reference)


@pytest.mark.parametrize(
    ("modes", "limits", "reason"),
    [
        (8, Limits(), "the density is negative"),
        (8, Limits(negative=10.0), "too few modes"),
        (48, Limits(seconds=1e-3), "no time left"),
    ],
)
def test_faults_are_undecided_on_the_line(modes, limits, reason):
    """A Gaussian shifted by two standard deviations needs more than eight Hermite polynomials."""
    flow = LineFlow(LineModel((GAUSSIAN,), (1.0,), (1.0,), {(0, 0): ((0.5 * X, X),)}), modes)
    run = simulate(flow, flow.state_of([2.0 * X]), 100.0, outputs=2, limits=limits)
    assert run.verdict == "undecided"
    assert run.reason.startswith(reason)


def test_a_start_of_infinite_chi2_is_refused():
    flow = LineFlow(LineModel([GAUSSIAN], [1.0], [1.0], {}), 20)
    with pytest.raises(ValueError, match="infinite"):
        flow.state_of([0.3 * X**2])  # N(0, 2.5): the square of the ratio is not integrable


def test_potentials_that_do_not_confine_are_refused():
    with pytest.raises(ValueError, match="even degree"):
        support(Polynomial([0.0, 0.0, 0.0, 1.0]))
    with pytest.raises(ValueError, match="even degree"):
        support(Polynomial([0.0, 0.0, -1.0]))


def test_what_is_not_resolved_is_an_error():
    with pytest.raises(BasisError, match="not resolved"):
        line_basis(WELL / 1e-6, 400)


def test_asymmetric_kernels_have_no_free_energy():
    model = LineModel([GAUSSIAN], [1.0], [1.0], {(0, 0): ((X, X**2),)})
    assert not model.is_gradient_flow
    flow = LineFlow(model, 10)
    assert flow.functionals(flow.state_of([0.1 * X])).free_energy is None
