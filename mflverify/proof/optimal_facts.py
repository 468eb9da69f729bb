"""Facts about optimal constants: the spectral gap, the convexity at equilibrium, the interaction.

That a constant is optimal is used in two ways: it bounds, and what bounds for every function is at
most it.  A premise about every function is about a symbol that nothing restricts.
"""

from __future__ import annotations

from mflverify.expr.densities import density_of
from mflverify.expr.divergences import (
    fisher_information,
    relative_entropy,
    transport_constant,
    wasserstein,
)
from mflverify.expr.hessians import (
    curvature_bound,
    equilibrium_convexity,
    first_eigenfunction,
    hilbert_schmidt,
    interaction_bottom,
)
from mflverify.expr.language import (
    center,
    convexity_slack,
    equation,
    generator,
    grad,
    grad_adjoint,
    inner,
    norm,
    poincare_constant,
    sqrt,
)
from mflverify.expr.sorts import FunctionSort, SortError, Space
from mflverify.expr.terms import (
    Apply,
    FunctionSymbol,
    KernelSymbol,
    Number,
    Term,
    Transpose,
    is_mean_zero,
)
from mflverify.proof.fact import Fact
from mflverify.proof.statement import Content, Premise


def any_function(u: Term) -> Space:
    """The space of a symbol for any function, up to a constant: signs must not be restricted."""
    if not (isinstance(u, FunctionSymbol) and u.kind != "perturbation"):
        raise SortError(f"{u!r} is not declared an arbitrary function, with a mean or without")
    assert isinstance(u.sort, FunctionSort)
    return u.space


def _hwi(f: Term) -> Content:
    if not isinstance(f.sort, FunctionSort):
        raise SortError(f"the HWI inequality is about a perturbation, not {f!r}")
    distance, kappa = wasserstein(f), curvature_bound(f.sort.space)
    slope = distance * sqrt(fisher_information(f))
    return Content((relative_entropy(f) <= slope - kappa * distance**2 / 2,))


hwi = Fact(
    "hwi",
    "HWI: KL <= W2 sqrt(I) - (kappa/2) W2^2 where hess U >= kappa",
    "Otto–Villani, J. Funct. Anal. 173 (2000), Theorem 3; Villani, Optimal Transport: Old and New, "
    "Corollary 20.13",
    _hwi,
    sharp="equality for translated Gaussians",
)


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
    space = any_function(u)
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
    space = any_function(phi)
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
    space = any_function(phi)
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


def _transport_inequality(f: Term) -> Content:
    density_of(f)
    assert isinstance(f.sort, FunctionSort)
    best = transport_constant(f.sort.space)
    return Content((best * wasserstein(f) ** 2 <= 2 * relative_entropy(f),))


transport_inequality = Fact(
    "transport-inequality",
    "Transport inequality T2 with the optimal constant: alpha W2(mu, mu_bar)^2 <= 2 KL(mu | mu_bar)",
    "definition: an infimum; Talagrand, Geom. Funct. Anal. 6 (1996)",
    _transport_inequality,
    sharp="optimal by definition; equality for translated Gaussians",
)


def _transport_optimal(bound: Term, f: Term) -> Content:
    density_of(f)
    assert isinstance(f.sort, FunctionSort)
    return Content(
        conclusions=(bound <= transport_constant(f.sort.space),),
        premises=(Premise(bound * wasserstein(f) ** 2 <= 2 * relative_entropy(f)),),
        generic=(f,),
    )


transport_optimal = Fact(
    "transport-optimal",
    "A constant in the transport inequality for every density is at most the optimal one",
    "definition: an infimum; Talagrand, Geom. Funct. Anal. 6 (1996)",
    _transport_optimal,
    sharp="equality for the optimal constant",
)


def _transport_poincare(space: Space) -> Content:
    return Content((transport_constant(space) <= poincare_constant(space),))


transport_poincare = Fact(
    "transport-poincare",
    "A transport inequality implies a Poincaré inequality with the same constant",
    "Otto–Villani, J. Funct. Anal. 173 (2000), section 7; Villani, Optimal Transport: Old and New "
    "(2009), Theorem 22.17",
    _transport_poincare,
    sharp="equality for Gaussians and on the uniform circle",
)


def _hilbert_schmidt_bound(operator: KernelSymbol | Transpose, phi: Term, psi: Term) -> Content:
    pairing = inner(grad_adjoint(phi), Apply(operator, grad_adjoint(psi)))
    return Content((abs(pairing) <= hilbert_schmidt(operator) * norm(phi) * norm(psi),))


hilbert_schmidt_bound = Fact(
    "hilbert-schmidt",
    "|<grad* Phi, M grad* Psi>| <= |grad grad' k|_2 ||Phi|| ||Psi||, with the Hilbert–Schmidt norm",
    "the kernel of grad M grad* is grad grad' k, by two integrations by parts; Cauchy–Schwarz in L2 "
    "of the product; Reed–Simon I, Theorem VI.23",
    _hilbert_schmidt_bound,
    sharp="equality for k(x, y) = a(x) b(y), Phi = grad a and Psi = grad b",
)


def _slack_bounded(operator: KernelSymbol, bound: Term, f: Term) -> Content:
    density_of(f)
    slack = convexity_slack(operator)
    if f.sort != FunctionSort(operator.source):
        raise SortError(f"{operator!r} does not act on functions such as {f!r}")
    form = -inner(f, operator(f))
    return Content(
        conclusions=(slack <= bound,),
        premises=(Premise(form <= bound * norm(f) ** 2), Premise(bound >= 0)),
        generic=(f,),
    )


slack_bounded = Fact(
    "slack-bounded",
    "Bounded functions decide the slack: what bounds -<f, M f>/||f||^2 for every density 1 + f does",
    "bounded mean-zero functions are multiples of densities minus 1, and dense in L2, where the form "
    "is continuous; Rudin, Real and Complex Analysis, 3rd ed., Theorem 3.13",
    _slack_bounded,
    sharp="equality for the slack itself",
)

OPTIMAL_FACTS: tuple[Fact, ...] = (
    hwi,
    eigenfunction,
    poincare_optimal,
    convexity,
    convexity_optimal,
    interaction_form,
    compact_interaction,
    transport_inequality,
    transport_optimal,
    transport_poincare,
    hilbert_schmidt_bound,
    slack_bounded,
)
