"""Second derivatives and the convexity at equilibrium: closed forms, and one arithmetic against another."""

from fractions import Fraction

import numpy as np
import pytest
from flint import arb, fmpq

from mflverify.expr import (
    FunctionSymbol,
    KernelSymbol,
    Space,
    VectorSymbol,
    advection,
    curvature,
    curvature_bound,
    equation,
    equilibrium_convexity,
    grad,
    grad_adjoint,
    inner,
    jacobian_square,
    kernel_along,
    norm,
    one,
    poincare_constant,
    weighted_convexity_constant,
    weighted_poincare_constant,
)
from mflverify.models import InstanceData, Request, TorusFamily, Unavailable, interpret
from mflverify.models.basis import Expansion
from mflverify.models.kernel_data import General
from mflverify.models.spaces import gaussian, product, torus

X = Space("X")
u, w = FunctionSymbol("u", X), FunctionSymbol("w", X)
phi, psi = VectorSymbol("Phi", X), VectorSymbol("Psi", X)
S = KernelSymbol("S", X, X, symmetric=True)
one_half = Fraction(1, 2)


def value(term, data, arithmetic="exact"):
    return interpret(data, Request.of(term), arithmetic).evaluate(term)


def plane(space, **components):
    fields = {
        name: tuple(Expansion.of(space.dimension, part) for part in parts)
        for name, parts in components.items()
    }
    return InstanceData("spaces", spaces={"X": space}, fields=fields)


ROTATION = ({"x2": Fraction(-1)}, {"x1": Fraction(1)})


def test_a_rotation_of_the_gaussian_plane():
    """Phi = (-y, x) at N(0, 1)^2: divergence-free, tr((grad Phi)^2) = -2, Phi^T hess U Phi = |x|^2."""
    data = plane(product(gaussian(), gaussian()), Phi=ROTATION)
    assert value(inner(one(X), jacobian_square(phi)), data) == -2
    assert value(inner(one(X), curvature(phi)), data) == 2
    assert value(norm(grad_adjoint(phi)) ** 2, data) == 0
    assert value(norm(phi) ** 2, data) == 2


def test_a_rotation_along_itself_points_inwards():
    data = plane(product(gaussian(), gaussian(4)), Phi=ROTATION, Psi=({"x1": Fraction(1)}, {}))
    assert value(inner(advection(phi, phi), psi), data) == -1  # (Phi . grad) Phi = -x


@pytest.mark.parametrize("space", [torus(2), torus(2, {"cos x1": 1, "sin(x1 - x2)": one_half})])
def test_lemma_a_2_on_the_torus(space):
    fields = ({"cos x2": Fraction(2), "sin(x1 + x2)": Fraction(1)}, {"sin x1": Fraction(1)})
    data = plane(space, Phi=fields)
    form = inner(one(X), jacobian_square(phi) + curvature(phi))
    square = norm(grad_adjoint(phi)) ** 2
    left, right = (value(term, data, "ball") for term in (form, square))
    assert left.overlaps(right)
    assert left.rad() < 1e-20
    assert right > 0.4


def test_a_jacobian_square_that_changes_sign():
    """Phi = (sin y, sin x) on the uniform torus: tr((grad Phi)^2) = 2 cos x cos y."""
    data = plane(torus(2), Phi=({"sin x2": Fraction(1)}, {"sin x1": Fraction(1)}))
    assert value(inner(one(X), jacobian_square(phi)), data) == 0
    assert value(norm(jacobian_square(phi)) ** 2, data) == 1


def test_floats_agree_with_balls():
    terms = [
        inner(u, jacobian_square(phi)),
        inner(u, curvature(phi)),
        inner(advection(phi, psi), grad(u)),
        inner(u, kernel_along(S, phi)),
        equilibrium_convexity(X),
        weighted_poincare_constant(1 + u**2),
    ]
    request = Request.of(*terms)
    batch = TorusFamily().draw(request, np.random.default_rng(1), 6)
    for index in range(6):
        instance = interpret(batch.data(index, max_denominator=2**20), request, "ball")
        for term in terms:
            ball = instance.evaluate(term)
            assert float(ball) == pytest.approx(
                float(batch.evaluate(term)[index]), rel=1e-3, abs=1e-4
            )


def test_weighted_convexities_on_uniform_circles():
    terms = [weighted_convexity_constant(1 + u**2), weighted_poincare_constant(1 + u**2)]
    request = Request.of(*terms)
    assert request.uniform == {X}
    batch = TorusFamily().draw(request, np.random.default_rng(4), 6)
    for index in range(6):
        instance = interpret(batch.data(index, max_denominator=2**20), request, "ball")
        for term in terms:
            floats = float(batch.evaluate(term)[index])
            assert float(instance.evaluate(term)) == pytest.approx(floats, rel=1e-4)
    waved = InstanceData(
        "torus", potentials={"X": (Fraction(0), Fraction(1))}, functions={"u": (Fraction(0),)}
    )
    for arithmetic, reason in (("ball", "not uniform"), ("exact", "no rational arithmetic")):
        with pytest.raises(Unavailable, match=reason):
            value(terms[0], waved, arithmetic)
    flat = InstanceData("torus", potentials={"X": ()}, functions={"u": (Fraction(0),)})
    with pytest.raises(Unavailable, match="not rational"):
        value(terms[1], flat)


def diagonal(*entries):
    size = len(entries)
    return tuple(
        tuple(Fraction(c) if i == j else Fraction(0) for j in range(size))
        for i, c in enumerate(entries)
    )


def test_the_convexity_of_noisy_kuramoto():
    """k = -2 lambda cos(x - x'): rho = min(tau - lambda, 4 tau), exactly."""
    rho = equilibrium_convexity(X, Fraction(1), S)
    attractive = InstanceData(
        "torus", potentials={"X": ()}, kernels={"S": diagonal(0, Fraction(-6, 5), Fraction(-6, 5))}
    )
    assert value(rho, attractive) == fmpq(2, 5)
    ball = value(rho, attractive, "ball")
    assert ball.overlaps(arb(2) / 5)
    assert ball.rad() < 1e-9
    repulsive = InstanceData("torus", potentials={"X": ()}, kernels={"S": diagonal(0, 20, 20)})
    assert value(rho, repulsive) == 4


def test_the_convexity_of_a_coupling_between_modes():
    """k = cos x cos 2x' + cos 2x cos x': tau (1, 4) against 1/2 sqrt(1 * 4) off the diagonal."""
    rows = [[Fraction(0)] * 5 for _ in range(5)]
    rows[1][3] = rows[3][1] = Fraction(1)
    kernel = tuple(tuple(row) for row in rows)
    data = InstanceData("torus", potentials={"X": ()}, kernels={"S": kernel})
    rho = equilibrium_convexity(X, Fraction(1), S)
    expected = (5 - arb(13).sqrt()) / 2
    found = value(rho, data, "ball")
    assert found.overlaps(expected)
    assert found.rad() < 1e-9
    with pytest.raises(Unavailable, match="not known as a rational"):
        value(rho, data)
    batch = TorusFamily().draw(Request.of(rho), np.random.default_rng(0), 2)
    batch.backend.densities[X][:] = 1.0
    matrix = np.array([[[float(c) for c in row] for row in kernel]] * 2)
    floats = batch.backend.convexity(X, np.ones(2), [(S, matrix)])
    assert floats == pytest.approx(float(expected), rel=1e-8)


def test_the_convexity_of_a_gaussian():
    """k = beta x x' at N(0, 1): rho = min(tau + beta, 2 tau)."""
    for beta, expected in ((-one_half, fmpq(1, 2)), (Fraction(3), fmpq(2))):
        data = InstanceData("gaussian", kernels={"S": diagonal(0, beta)})
        assert value(equilibrium_convexity(X, Fraction(1), S), data) == expected


def test_the_convexity_is_the_gap_by_two_computations():
    """-d^2 + U'^2/4 + U''/2 beside its zero mode, and -d^2 + U'^2/4 - U''/2 beside its own."""
    potential = (Fraction(0), Fraction(1), Fraction(1, 3), Fraction(0), Fraction(-1, 2))
    data = InstanceData("torus", potentials={"X": potential})
    rho, gap = (value(t, data, "ball") for t in (equilibrium_convexity(X), poincare_constant(X)))
    assert rho.overlaps(gap)
    assert rho.rad() < 1e-8


def test_the_galerkin_value_sees_an_interaction_on_a_weighted_circle():
    """Without an interaction it is the gap; a positive one cannot lower it."""
    terms = [equilibrium_convexity(X, Fraction(1), S), poincare_constant(X)]
    batch = TorusFamily().draw(Request.of(*terms), np.random.default_rng(2), 20)
    mu = batch.backend.densities[X]
    nothing = np.zeros((20, 3, 3))
    still = batch.backend.convexity(X, np.ones(20), [(S, nothing)])
    assert still == pytest.approx(batch.evaluate(poincare_constant(X)), rel=1e-6)
    square = np.zeros((20, 3, 3))
    square[:, 1, 1] = 1.0
    more = batch.backend.convexity(X, np.ones(20), [(S, square)])
    assert np.all(more >= still - 1e-9)
    assert np.max(np.abs(mu - 1)) > 0.1


def test_a_displacement_of_a_kernel_between_lines():
    """k = x^2 y^2 and Phi = y: int 2 y^2 d mu = 2, times x^2."""
    rows = (Expansion.of(1, {"x": Fraction(1)}),)
    x2 = Expansion.of(1, {"x^2": Fraction(1)}).terms[0][0]
    kernel = General((1, 1), ((x2, x2, Fraction(1)),))
    data = InstanceData(
        "spaces", spaces={"X": gaussian()}, kernels={"S": kernel}, fields={"Phi": rows}
    )
    assert value(inner(one(X), kernel_along(S, phi)), data) == 2


def test_the_curvature_of_a_von_mises_density():
    """U = -cos x: hess U = cos x, down to -1."""
    data = InstanceData("torus", potentials={"X": (Fraction(0), Fraction(-1))})
    found = value(curvature_bound(X), data, "ball")
    assert found.overlaps(arb(-1))
    assert found.rad() < 1e-6
    assert value(curvature_bound(X), InstanceData("torus", potentials={"X": ()})) == 0


def test_an_identity_that_can_fail():
    """Without the curvature Lemma A.2 is false on the Gaussian line."""
    data = InstanceData("gaussian", fields={"Phi": (Fraction(1),)})
    claim = equation(inner(one(X), jacobian_square(phi)), norm(grad_adjoint(phi)) ** 2)
    assert value(claim.lhs, data) == 0
    assert value(claim.rhs, data) == 1
