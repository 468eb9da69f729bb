"""Terms of second order: built, refused, printed, substituted, read back."""

import pytest

from mflverify.algebra.normal import normalize
from mflverify.expr import (
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    SortError,
    Space,
    Substitution,
    VectorSymbol,
    advection,
    at_time,
    curvature,
    curvature_bound,
    divergence,
    equilibrium_convexity,
    first_eigenfunction,
    grad,
    hilbert_schmidt,
    inner,
    interaction_bottom,
    jacobian_square,
    kernel_along,
    one,
    reciprocal,
    score,
    to_latex,
    to_mathml,
    to_unicode,
    weighted_convexity_constant,
    weighted_poincare_constant,
)
from mflverify.expr.serial import TermTable, read_terms

X, Y = Space("X"), Space("Y")
u, h = FunctionSymbol("u", X), FunctionSymbol("h", Y)
perturbation = FunctionSymbol("f", X, "perturbation")
phi, psi = VectorSymbol("Phi", X), VectorSymbol("Psi", X)
M = KernelSymbol("M", source=Y, target=X)
S = KernelSymbol("M", X, X, symmetric=True)
tau, lam = Parameter("tau", "positive"), Parameter("lambda", "nonnegative")

PRINTED = {
    jacobian_square(phi): ("tr((∇Φ)²)", r"\mathrm{tr}((\nabla\Phi)^2)"),
    curvature(grad(u)): ("∇²U(∇u, ∇u)", r"\nabla^2U(\nabla u, \nabla u)"),
    advection(phi, psi): ("(Φ·∇)Ψ", r"(\Phi\cdot\nabla)\Psi"),
    kernel_along(S, phi): ("⟨∇′k_M, Φ⟩", r"\langle\nabla'k_M, \Phi\rangle"),
    reciprocal(tau * one(X) + u**2): ("(τ + u²)⁻¹", r"(\tau + u^2)^{-1}"),
    divergence(phi): ("div Φ", r"\mathrm{div}\,\Phi"),
    score(X): ("∇U", r"\nabla U"),
    curvature_bound(X): ("κ(X)", r"\kappa(X)"),
    interaction_bottom(S): ("m(M)", "m(M)"),
    hilbert_schmidt(M): ("‖∇_x ∇_y k_M‖_HS", r"\|\nabla_x\nabla_yk_M\|_{\mathrm{HS}}"),
    hilbert_schmidt(S): ("‖∇∇′k_M‖_HS", r"\|\nabla\nabla'k_M\|_{\mathrm{HS}}"),
    first_eigenfunction(X): ("e₁", "e_1"),
    equilibrium_convexity(X): ("ρ(X, 1)", r"\rho(X, 1)"),
    equilibrium_convexity(X, tau, S): ("ρ(X, τ + M)", r"\rho(X, \tau + M)"),
    weighted_poincare_constant(1 + u**2): ("α_w(X, 1 + u²)", r"\alpha_{\mathrm{w}}(X, 1 + u^2)"),
    weighted_convexity_constant(tau * one(X) + u**2): (
        "ρ_w(X, τ + u²)",
        r"\rho_{\mathrm{w}}(X, \tau + u^2)",
    ),
}


@pytest.mark.parametrize("term", PRINTED, ids=to_unicode)
def test_printing(term):
    assert (to_unicode(term), to_latex(term)) == PRINTED[term]
    assert "<math" in to_mathml(term)


@pytest.mark.parametrize("term", PRINTED, ids=to_unicode)
def test_read_back(term):
    table = TermTable()
    number = table.add(term)
    assert read_terms(table.nodes)[number] == term


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: jacobian_square(u), "of a vector field"),
        (lambda: curvature(u), "of a vector field"),
        (lambda: advection(phi, u), "of a vector field"),
        (lambda: advection(phi, grad(h)), "does not live where"),
        (lambda: kernel_along(M, phi), "does not act where"),
        (lambda: reciprocal(u**2), "not visibly a positive function"),
        (lambda: reciprocal(one(X) + u), "not visibly a positive function"),
        (lambda: reciprocal(1 + perturbation), "not visibly a positive function"),
        (lambda: reciprocal(tau), "not visibly a positive function"),
        (lambda: weighted_poincare_constant(u**2), "not visibly a positive function"),
        (lambda: weighted_convexity_constant(1 + perturbation), "not visibly a positive function"),
        (lambda: hilbert_schmidt(u), "no operator with a kernel"),
        (lambda: interaction_bottom(KernelSymbol("A", X, X)), "not known to be symmetric"),
        (lambda: equilibrium_convexity(X, 0), "not known to be positive"),
        (lambda: equilibrium_convexity(X, lam), "not known to be positive"),
        (lambda: equilibrium_convexity(X, lam + lam), "not known to be positive"),
        (lambda: equilibrium_convexity(X, tau + Parameter("r")), "not known to be positive"),
        (lambda: equilibrium_convexity(X, 1, KernelSymbol("A", X, X)), "not known to be symmetric"),
        (lambda: equilibrium_convexity(Y, 1, S), "does not act on functions on Y"),
    ],
)
def test_what_means_nothing_is_refused(build, message):
    with pytest.raises(SortError, match=message):
        build()


def test_a_kernel_takes_displacements_of_its_source():
    assert kernel_along(M, grad(h)).sort == u.sort
    assert kernel_along(M.T, phi).sort == h.sort


def test_substitution():
    moved = Substitution.of({phi: grad(u)})
    assert moved(jacobian_square(phi)) == jacobian_square(grad(u))
    assert moved(advection(psi, phi)) == advection(psi, grad(u))


def test_the_convexity_at_equilibrium_does_not_move():
    rho = equilibrium_convexity(X, tau, S)
    assert normalize(at_time(rho, 1)) == normalize(rho)
    assert normalize(equilibrium_convexity(X, 2 * tau)) == normalize(
        equilibrium_convexity(X, tau + tau)
    )
    assert normalize(equilibrium_convexity(X, tau)).is_nonnegative
    assert normalize(equilibrium_convexity(X, lam + tau)).is_nonnegative
    assert not normalize(rho).is_nonnegative


def test_weighted_constants_depend_on_their_weight():
    first, second = (weighted_poincare_constant(c * tau * one(X) + u**2) for c in (1, 2))
    assert normalize(first) != normalize(second)
    assert normalize(first) != normalize(weighted_convexity_constant(tau * one(X) + u**2))
    assert normalize(first).is_nonnegative
    moved = Substitution.of({u: 2 * u})(first)
    assert moved == weighted_poincare_constant(tau * one(X) + (2 * u) ** 2)
    assert normalize(at_time(first, 1)) != normalize(first)  # the weight may move


def test_the_algebra_knows_nothing_of_second_derivatives():
    assert normalize(inner(one(X), curvature(-1 * phi))) != normalize(inner(one(X), curvature(phi)))


def test_the_hilbert_schmidt_norm_is_that_of_the_transpose():
    assert normalize(hilbert_schmidt(M.T)) == normalize(hilbert_schmidt(M))
    assert normalize(hilbert_schmidt(M)).is_nonnegative
    assert normalize(at_time(hilbert_schmidt(S), 1)) == normalize(hilbert_schmidt(S))
