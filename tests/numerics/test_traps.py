"""Known traps of numerical libraries: that they are real, and that we do not fall into them.

Others have their tests beside what they concern; docs/numerics.md lists them all.
"""

import ast
from pathlib import Path

import mpmath
import numpy as np
import pytest
import scipy.integrate
from flint import acb, arb, ctx

import mflverify
from mflverify.numerics import LogTrigDensity, TrigPolynomial, exp, periodic_integral
from mflverify.numerics.precision import working_precision
from mflverify.numerics.wasserstein_float import quantiles_on_circle

PACKAGE = Path(mflverify.__file__).parent
UNTRUSTED = {
    "sympy.integrate",
    "mpmath.iv",
    "mpmath.quad",
    "mpmath.quadgl",
    "mpmath.quadts",
    "scipy.integrate.quad",
    "scipy.integrate.dblquad",
}


def _calls(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    used = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    imported = {
        f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    return used | imported


def test_integrators_and_eigensolvers_that_are_not_trusted_are_not_used() -> None:
    """Integrals come from the quadrature modules; eigenvalues of balls are counted, not solved."""
    offenders = [
        (path.relative_to(PACKAGE).as_posix(), name)
        for path in PACKAGE.rglob("*.py")
        for name in _calls(path) & UNTRUSTED
    ]
    assert offenders == []


def test_no_eigenvalues_of_ball_matrices() -> None:
    """acb_mat.eig fails on clusters; only NumPy's and SciPy's solvers may be called `eig...`."""
    offenders = [
        (path.relative_to(PACKAGE).as_posix(), name)
        for path in PACKAGE.rglob("*.py")
        for name in _calls(path)
        if name.rpartition(".")[2] in {"eig", "eig_multiple", "eig_simple"}
        and name.rpartition(".")[0] not in {"np.linalg", "scipy.linalg"}
    ]
    assert offenders == []


def test_arb_integrators_get_their_flag() -> None:
    """Every callback of acb.integral either passes `analytic` on or is entire by construction."""
    found = [
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if "acb.integral" in _calls(path)
    ]
    assert sorted(found) == ["examples/quadrature.py", "numerics/quadrature.py"]


def test_a_narrow_peak_deceives_adaptive_rules_and_not_the_trapezoid_rule() -> None:
    """exp(10^5 (cos(x - 1) - 1)): width 1/300, between the first nodes of an adaptive rule."""
    kappa = 10**5
    with working_precision(300):
        waves = TrigPolynomial((-kappa, kappa * arb(1).cos()), (kappa * arb(1).sin(),))
        exact = 2 * arb.pi() * arb(kappa).bessel_i(0) * arb(-kappa).exp()
    ball = periodic_integral(exp(waves), 15)
    assert ball.overlaps(exact)
    assert ball.rel_accuracy_bits() > 35

    def plain(x):
        return mpmath.exp(kappa * (mpmath.cos(x - 1) - 1))

    value, error = mpmath.quad(plain, [0, 2 * mpmath.pi], maxdegree=5, error=True)
    assert abs(value - float(exact)) > 100 * error
    value, error = scipy.integrate.quad(
        lambda x: float(np.exp(kappa * (np.cos(x - 1.0001) - 1))), 0, 200 * np.pi, limit=3
    )[:2]
    assert abs(value - 100 * float(exact)) > 10 * error


def test_the_nyquist_mode_has_no_antiderivative() -> None:
    """1 + cos(Nx/2)/2 looks like 1.5, 0.5, 1.5, ... : its distribution function is uniform there."""
    density = np.array([1.5, 0.5] * 8)
    assert quantiles_on_circle(density) == pytest.approx(np.arange(17) / 16, abs=1e-15)


def test_one_triangle_is_all_that_eigh_reads() -> None:
    wrong = np.array([[1.0, 5.0], [0.0, 1.0]])
    assert np.allclose(np.linalg.eigvalsh(wrong), [1, 1])
    assert not np.allclose(np.linalg.eigvalsh(wrong.T), [1, 1])


def test_the_precision_of_flint_is_global() -> None:
    """Somebody else's precision, low or high, changes no digit of a result."""
    density = LogTrigDensity(TrigPolynomial((0, -1)))
    texts = set()
    for bits in (20, 53, 400):
        with working_precision(bits):
            ball = periodic_integral(density.weight, 25)
            assert ctx.prec == bits
        texts.add(ball.str(25))
        assert acb(ball).real.rel_accuracy_bits() > 80
    assert len(texts) == 1
