"""Facts about functionals along transported measures, and about gradients at two points.

mu = (1 + f) mu_bar and nu = (1 + g) mu_bar are probabilities with positive densities.
"""

from __future__ import annotations

from mflverify.expr.densities import density_of
from mflverify.expr.distances import distance
from mflverify.expr.divergences import wasserstein
from mflverify.expr.functionals import remainder_energy, variation_sup
from mflverify.expr.hessians import Score, jacobian_square
from mflverify.expr.language import directional, grad, inner, sqrt, sup_norm, third_derivative_sup
from mflverify.expr.sorts import SCALAR, SortError, VectorSort
from mflverify.expr.terms import (
    Apply,
    FunctionSymbol,
    Gradient,
    Product,
    RemainderSymbol,
    Sum,
    Term,
)
from mflverify.expr.variations import second_derivative_sup
from mflverify.proof.fact import Fact
from mflverify.proof.statement import Content


def _require_densities(states: tuple[Term, ...]) -> None:
    for state in states:
        if not (isinstance(state, FunctionSymbol) and state.kind == "perturbation"):
            raise SortError(f"there is no transport from equilibrium to {state!r}, not a density")


def _mixed(functional: RemainderSymbol, states: tuple[Term, ...]) -> list[Term]:
    """T1_jk W2_j W2_k / 2."""
    distances = [wasserstein(state) for state in states]
    return [
        third_derivative_sup(functional, j, k) * (first**2 if j == k else first * second) / 2
        for j, first in enumerate(distances)
        for k, second in enumerate(distances)
    ]


def _transport_taylor(functional: RemainderSymbol, *states: Term) -> Content:
    _require_densities(states)
    own = [
        second_derivative_sup(functional, j) * wasserstein(state) ** 2 / 2
        for j, state in enumerate(states)
    ]
    bound = Sum.of(*_mixed(functional, states), *own)
    return Content((sup_norm(grad(functional(*states))) <= bound,))


transport_taylor = Fact(
    "transport-taylor",
    "Taylor along a transport: |grad R| <= 1/2 sum T1_jk W2_j W2_k + 1/2 sum T2_j W2_j^2",
    "Taylor's formula in s for R along (id + s Delta)_# mu_bar, which vanishes with its first "
    "derivative at s = 0; id + Delta is the optimal map, which exists by McCann, Geom. Funct. Anal. "
    "11 (2001); int |Delta| d mu_bar <= W2 by Jensen",
    _transport_taylor,
)


def _transport_duality(functional: RemainderSymbol, *states: Term) -> Content:
    _require_densities(states)
    bound = Sum.of(*_mixed(functional, states))
    return Content((sup_norm(grad(functional(*states))) <= bound,))


transport_duality = Fact(
    "transport-duality",
    "A remainder is of second order in the transport distance: |grad R| <= 1/2 sum T1_jk W2_j W2_k",
    "Taylor's formula along (1 + s f) mu_bar with integral remainder, Cartan, Differential Calculus; "
    "then Kantorovich–Rubinstein duality in each of the two variables, and W1 <= W2; "
    "Villani, Optimal Transport: Old and New (2009), chapter 6",
    _transport_duality,
)


def _force_gradient(
    operator: Term, functional: RemainderSymbol, f: Term, g: Term | None = None
) -> Content:
    density_of(f)
    change = Apply(operator, f) + functional(f)
    if g is not None:
        density_of(g)
        change = change - Apply(operator, g) - functional(g)
    size = variation_sup(operator, functional, 2)
    return Content((sup_norm(grad(change)) <= size * wasserstein(f, g),))


force_gradient = Fact(
    "force-gradient",
    "|grad F'[mu] - grad F'[nu]| <= sup ||grad grad' F''|| W1(mu, nu) <= the same W2(mu, nu)",
    "mean value theorem along the segment from nu to mu, then Kantorovich–Rubinstein duality; "
    "Villani, Optimal Transport: Old and New (2009), chapter 6",
    _force_gradient,
)


def _bregman_back(operator: Term, functional: RemainderSymbol, f: Term) -> Content:
    density_of(f)
    force = Apply(operator, f) + functional(f)
    bregman = inner(f, Apply(operator, f)) / 2 + remainder_energy(functional, f)
    bound = variation_sup(operator, functional, 2) / 2 * wasserstein(f) ** 2
    return Content((abs(inner(f, force) - bregman) <= bound,))


bregman_back = Fact(
    "bregman-transport-back",
    "|D_F(mu_bar | mu)| <= sup ||grad grad' F''|| W2(mu, mu_bar)^2 / 2",
    "Taylor's formula along the displacement interpolation from mu, where the gradient of F' moves "
    "by at most sup ||grad grad' F''|| W1; Villani, Topics in Optimal Transportation (2003), section 5.1",
    _bregman_back,
)


def _is_gradient(phi: Term) -> bool:
    """Whether a field is visibly a gradient: its Jacobian is then symmetric."""
    match phi:
        case Gradient() | Score():
            return True
        case Sum(terms):
            return all(map(_is_gradient, terms))
        case Product(factors=factors):
            *numbers, field = sorted(factors, key=lambda part: part.sort != SCALAR)
            return all(part.sort == SCALAR for part in numbers) and _is_gradient(field)
    return False


def _lipschitz(phi: Term, x: Term, y: Term, v: Term) -> Content:
    if not (isinstance(phi.sort, VectorSort) and _is_gradient(phi)):
        raise SortError(
            f"{phi!r} is not visibly a gradient, and tr(J^2) may not bound its Jacobian"
        )
    change = abs(directional(phi, x, v) - directional(phi, y, v))
    return Content((change <= sqrt(sup_norm(jacobian_square(phi))) * distance(x, y),))


lipschitz = Fact(
    "lipschitz",
    "|v . Phi(x) - v . Phi(y)| <= sup |hess u|_F d(x, y) for a gradient Phi = grad u and a unit v",
    "mean value theorem along the segment; the operator norm of a symmetric matrix A is at most "
    "tr(A^2)^(1/2); Rudin, Principles of Mathematical Analysis, 3rd ed., Theorem 9.19",
    _lipschitz,
)


def _pointwise(phi: Term, x: Term, v: Term) -> Content:
    return Content((abs(directional(phi, x, v)) <= sup_norm(phi),))


pointwise = Fact(
    "pointwise",
    "|v . Phi(x)| <= sup |Phi| for a unit vector v",
    "definition of the supremum and of the Euclidean norm",
    _pointwise,
    sharp="equality at a point where |Phi| is largest, along Phi",
)

TRANSPORT_FACTS: tuple[Fact, ...] = (
    transport_taylor,
    transport_duality,
    force_gradient,
    bregman_back,
    lipschitz,
    pointwise,
)
