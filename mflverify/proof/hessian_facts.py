"""Facts about second derivatives, weights, and what is optimal at equilibrium.

The equilibrium is e^{-U}; Phi and Psi are smooth vector fields, u, v and w smooth functions, bounded
with their derivatives.  Pointwise identities are stated against a weight w.
"""

from __future__ import annotations

from mflverify.expr.densities import density_of, log_density
from mflverify.expr.hessians import (
    advection,
    curvature,
    divergence,
    equilibrium_convexity,
    first_eigenfunction,
    interaction_bottom,
    jacobian_square,
    kernel_along,
    score,
)
from mflverify.expr.language import (
    center,
    dot,
    equation,
    generator,
    grad,
    grad_adjoint,
    inner,
    norm,
    poincare_constant,
)
from mflverify.expr.sorts import FunctionSort, OperatorSort, SortError, Space, VectorSort
from mflverify.expr.terms import FunctionSymbol, KernelSymbol, Number, Term, Transpose, is_mean_zero
from mflverify.expr.weights import reciprocal
from mflverify.proof.fact import Fact
from mflverify.proof.statement import Content, Premise


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


def _gradient_product(u: Term, v: Term, phi: Term) -> Content:
    both = inner(phi, advection(grad(u), grad(v))) + inner(phi, advection(grad(v), grad(u)))
    return Content((equation(both, inner(phi, grad(dot(grad(u), grad(v))))),))


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


def _any_function(u: Term) -> Space:
    """The space of a symbol for any function, up to a constant: signs must not be restricted."""
    if not (isinstance(u, FunctionSymbol) and u.kind != "perturbation"):
        raise SortError(f"{u!r} is not declared an arbitrary function, with a mean or without")
    assert isinstance(u.sort, FunctionSort)
    return u.space


def _eigenfunction(u: Term) -> Content:
    if not isinstance(u.sort, FunctionSort):
        raise SortError(f"an eigenfunction is paired with a function, not with {u!r}")
    first = first_eigenfunction(u.sort.space)
    gap = poincare_constant(u.sort.space)
    return Content((equation(inner(u, generator(first)), gap * inner(u, first)),))


eigenfunction = Fact(
    "eigenfunction",
    "A first eigenfunction: L e = alpha e with the Poincaré constant (0 where there is none)",
    "definition; it exists when H^1 embeds compactly in L^2: Reed–Simon IV, Theorem XIII.64",
    _eigenfunction,
    sharp="an identity",
)


def _poincare_optimal(bound: Term, u: Term) -> Content:
    space = _any_function(u)
    return Content(
        conclusions=(bound <= poincare_constant(space),),
        premises=(Premise(bound * norm(center(u)) ** 2 <= norm(grad(u)) ** 2),),
        generic=(u,),
    )


poincare_optimal = Fact(
    "poincare-optimal",
    "A constant in the Poincaré inequality for every function is at most the optimal one",
    "definition of the spectral gap; Bakry–Gentil–Ledoux (2014), section 4.2",
    _poincare_optimal,
    sharp="equality for the optimal constant",
)


def _form(phi: Term, temperature: Term | Number, operator: KernelSymbol | None) -> Term:
    """<L phi, (tau + M) L phi>."""
    image = generator(phi)
    heat = temperature * norm(image) ** 2
    return heat if operator is None else heat + inner(image, operator(image))


def _convexity(
    phi: Term, temperature: Term | Number = 1, operator: KernelSymbol | None = None
) -> Content:
    if not isinstance(phi.sort, FunctionSort):
        raise SortError(
            f"convexity at equilibrium is about the gradient of a function, not {phi!r}"
        )
    least = equilibrium_convexity(phi.sort.space, temperature, operator)
    return Content((least * norm(grad(phi)) ** 2 <= _form(phi, temperature, operator),))


convexity = Fact(
    "convexity",
    "The convexity at equilibrium bounds the Hessian on gradient fields: "
    "rho ||grad phi||^2 <= <L phi, (tau + M) L phi>",
    "definition: an infimum; Reed–Simon IV, Theorem XIII.1",
    _convexity,
    sharp="optimal by definition: an infimum",
)


def _convexity_optimal(
    bound: Term,
    phi: Term,
    temperature: Term | Number = 1,
    operator: KernelSymbol | None = None,
) -> Content:
    space = _any_function(phi)
    return Content(
        conclusions=(bound <= equilibrium_convexity(space, temperature, operator),),
        premises=(Premise(bound * norm(grad(phi)) ** 2 <= _form(phi, temperature, operator)),),
        generic=(phi,),
    )


convexity_optimal = Fact(
    "convexity-optimal",
    "A lower bound of the Hessian on every gradient field is at most the convexity at equilibrium",
    "definition: an infimum; Reed–Simon IV, Theorem XIII.1",
    _convexity_optimal,
    sharp="equality for the optimal constant",
)


def _interaction_form(operator: KernelSymbol, f: Term) -> Content:
    if not is_mean_zero(f):
        raise SortError(f"{f!r} is not known to be mean-zero")
    return Content((interaction_bottom(operator) * norm(f) ** 2 <= inner(f, operator(f)),))


interaction_form = Fact(
    "interaction-form",
    "The bottom of the interaction bounds its form on mean-zero functions: m ||f||^2 <= <f, M f>",
    "definition: an infimum; Reed–Simon IV, Theorem XIII.1",
    _interaction_form,
    sharp="optimal by definition: an infimum",
)


def _compact_interaction(bound: Term, phi: Term, operator: KernelSymbol) -> Content:
    space = _any_function(phi)
    interaction_bottom(operator)  # symmetric
    if operator.source != space:
        raise SortError(f"{operator!r} does not act on functions on {space}")
    image = generator(phi)
    claim = bound * norm(grad(phi)) ** 2 <= inner(image, operator(image))
    return Content((bound <= 0,), (Premise(claim, assuming=(bound > 0,)),), generic=(phi,))


compact_interaction = Fact(
    "compact-interaction",
    "grad M grad* is compact on the gradient fields, of which there is an infinite-dimensional "
    "space: it has no positive lower bound there",
    "its kernel grad grad' k is square integrable, so it is Hilbert–Schmidt: Reed–Simon I, Theorems "
    "VI.22 and VI.23; its eigenvalues tend to 0: Theorem VI.16",
    _compact_interaction,
    sharp="0 for a positive operator of finite rank",
)

HESSIAN_FACTS: tuple[Fact, ...] = (
    weighted_divergence,
    log_gradient,
    commutation,
    gradient_product,
    symmetric_hessian,
    kernel_by_parts,
    weighted_cauchy_schwarz,
    division,
    eigenfunction,
    poincare_optimal,
    convexity,
    convexity_optimal,
    interaction_form,
    compact_interaction,
)
