"""Facts about second derivatives, logarithms and weights.

The equilibrium is e^{-U}; Phi and Psi are smooth vector fields, u, v and w smooth functions, bounded
with their derivatives.  Pointwise identities are stated against a weight w.
"""

from __future__ import annotations

from mflverify.expr.densities import density_of, log_density
from mflverify.expr.hessians import (
    Score,
    advection,
    curvature,
    divergence,
    jacobian_square,
    kernel_along,
    score,
)
from mflverify.expr.language import (
    dot,
    equation,
    grad,
    grad_adjoint,
    inner,
)
from mflverify.expr.sorts import OperatorSort, SortError, VectorSort
from mflverify.expr.terms import KernelSymbol, Term, Transpose
from mflverify.expr.weights import reciprocal
from mflverify.proof.fact import Fact
from mflverify.proof.statement import Content


def _weighted_divergence(phi: Term, w: Term) -> Content:
    if not isinstance(phi.sort, VectorSort):
        raise SortError(f"a divergence is of a vector field, not of {phi!r}")
    pushed = inner(w * phi, score(phi.sort.space))
    return Content((equation(inner(w, grad_adjoint(phi)), pushed - inner(w, divergence(phi))),))


weighted_divergence = Fact(
    "weighted-divergence",
    "grad* Phi = grad U . Phi - div Phi for the equilibrium e^{-U}",
    "integration by parts against e^{-U} dx; Bakry–Gentil–Ledoux (2014), section 1.11",
    _weighted_divergence,
    sharp="an identity",
)


def _log_gradient(f: Term, phi: Term) -> Content:
    logarithm = grad(log_density(f))
    return Content((equation(inner(density_of(f) * phi, logarithm), inner(phi, grad(f))),))


log_gradient = Fact(
    "log-gradient",
    "(1 + f) grad log(1 + f) = grad f where 1 + f is positive",
    "chain rule; Rudin, Principles of Mathematical Analysis, 3rd ed., Theorem 5.5",
    _log_gradient,
    sharp="an identity",
)


def _commutation(phi: Term, w: Term) -> Content:
    commuted = inner(w * phi, grad(grad_adjoint(phi)))
    local = inner(w, jacobian_square(phi)) + inner(w, curvature(phi))
    return Content((equation(commuted, local + inner(w, grad_adjoint(advection(phi, phi)))),))


commutation = Fact(
    "commutation",
    "Phi . grad grad* Phi = tr((grad Phi)^2) + Phi^T hess U Phi + grad*((Phi . grad) Phi)",
    "product rule; Bakry–Gentil–Ledoux (2014), appendix C.5, for gradients",
    _commutation,
    sharp="an identity",
)


def _gradient_of(u: Term) -> Term:
    """grad u; grad U for the score, which is one already."""
    return u if isinstance(u, Score) else grad(u)


def _gradient_product(u: Term, v: Term, phi: Term) -> Content:
    first, second = _gradient_of(u), _gradient_of(v)
    both = inner(phi, advection(first, second)) + inner(phi, advection(second, first))
    return Content((equation(both, inner(phi, grad(dot(first, second)))),))


gradient_product = Fact(
    "gradient-product",
    "grad(grad u . grad v) = (grad u . grad) grad v + (grad v . grad) grad u",
    "product rule and symmetry of second derivatives; Rudin, Principles of Mathematical Analysis, "
    "3rd ed., Theorem 9.41",
    _gradient_product,
    sharp="an identity",
)


def _symmetric_hessian(u: Term, phi: Term, psi: Term, w: Term) -> Content:
    left, right = advection(phi, grad(u)), advection(psi, grad(u))
    return Content((equation(inner(w * psi, left), inner(w * phi, right)),))


symmetric_hessian = Fact(
    "symmetric-hessian",
    "Psi . (Phi . grad) grad u is symmetric in Phi and Psi",
    "symmetry of second derivatives; Rudin, Principles of Mathematical Analysis, 3rd ed., "
    "Theorem 9.41",
    _symmetric_hessian,
    sharp="an identity",
)


def _score_curvature(phi: Term, w: Term) -> Content:
    if not isinstance(phi.sort, VectorSort):
        raise SortError(f"a curvature is of a vector field, not of {phi!r}")
    along = advection(phi, score(phi.sort.space))
    return Content((equation(inner(w, curvature(phi)), inner(w * phi, along)),))


score_curvature = Fact(
    "score-curvature",
    "Phi^T hess U Phi = Phi . (Phi . grad) grad U",
    "definition of the second derivative; Rudin, Principles of Mathematical Analysis, 3rd ed., "
    "chapter 9",
    _score_curvature,
    sharp="an identity",
)


def _kernel_by_parts(operator: KernelSymbol | Transpose, phi: Term, u: Term) -> Content:
    if not isinstance(operator.sort, OperatorSort):
        raise SortError(f"{operator!r} is no kernel operator")
    seen = inner(u, kernel_along(operator, phi))
    return Content((equation(seen, inner(u, operator(grad_adjoint(phi)))),))


kernel_by_parts = Fact(
    "kernel-by-parts",
    "int grad_y k(x, y) . Phi(y) d mu_bar(y) = (M grad* Phi)(x)",
    "definition of grad* applied to y -> k(x, y); Fubini's theorem",
    _kernel_by_parts,
    sharp="an identity",
)


def _weighted_cauchy_schwarz(phi: Term, psi: Term, w: Term) -> Content:
    sizes = inner(w * phi, phi), inner(reciprocal(w) * psi, psi)
    return Content(
        (inner(phi, psi) ** 2 <= sizes[0] * sizes[1], sizes[0] >= 0, sizes[1] >= 0),
    )


weighted_cauchy_schwarz = Fact(
    "weighted-cauchy-schwarz",
    "Cauchy–Schwarz with a positive weight: <Phi, Psi>^2 <= <w Phi, Phi> <Psi / w, Psi>",
    "Rudin, Real and Complex Analysis, 3rd ed., Theorem 4.2, for sqrt(w) Phi and Psi / sqrt(w)",
    _weighted_cauchy_schwarz,
    sharp="equality for Psi = w Phi",
)


def _division(w: Term, phi: Term, psi: Term) -> Content:
    return Content((equation(inner(w * (reciprocal(w) * phi), psi), inner(phi, psi)),))


division = Fact(
    "division",
    "w (1/w) = 1 for a positive function w",
    "definition of the reciprocal",
    _division,
    sharp="an identity",
)


HESSIAN_FACTS: tuple[Fact, ...] = (
    weighted_divergence,
    log_gradient,
    commutation,
    gradient_product,
    symmetric_hessian,
    score_curvature,
    kernel_by_parts,
    weighted_cauchy_schwarz,
    division,
)
