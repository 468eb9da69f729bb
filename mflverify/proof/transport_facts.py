"""Facts about functionals along transported measures, and about gradients at two points.

mu = (1 + f) mu_bar and nu = (1 + g) mu_bar are probabilities with positive densities.
"""

from __future__ import annotations

from mflverify.expr.densities import density_of
from mflverify.expr.distances import distance
from mflverify.expr.divergences import wasserstein
from mflverify.expr.functionals import remainder_energy, variation_sup
from mflverify.expr.hessians import Score, jacobian_square
from mflverify.expr.language import (
    directional,
    dual_norm,
    grad,
    inner,
    sqrt,
    sup_norm,
    third_derivative_sup,
)
from mflverify.expr.sorts import SCALAR, SortError, VectorSort
from mflverify.expr.terms import (
    Apply,
    FunctionSymbol,
    Gradient,
    Parameter,
    Product,
    RemainderSymbol,
    Sum,
    Term,
    subterms,
)
from mflverify.expr.variations import second_derivative_sup, segment_variation
from mflverify.proof.fact import Fact
from mflverify.proof.statement import Content, Premise


def _transport_taylor(functional: RemainderSymbol, *states: Term) -> Content:
    for state in states:
        if not (isinstance(state, FunctionSymbol) and state.kind == "perturbation"):
            raise SortError(f"there is no transport from equilibrium to {state!r}, not a density")
    distances = [wasserstein(state) for state in states]
    mixed = [
        third_derivative_sup(functional, j, k) * (first**2 if j == k else first * second) / 2
        for j, first in enumerate(distances)
        for k, second in enumerate(distances)
    ]
    own = [
        second_derivative_sup(functional, j) * distance**2 / 2
        for j, distance in enumerate(distances)
    ]
    return Content((sup_norm(grad(functional(*states))) <= Sum.of(*mixed, *own),))


transport_taylor = Fact(
    "transport-taylor",
    "Taylor along a transport: |grad R| <= 1/2 sum T1_jk W2_j W2_k + 1/2 sum T2_j W2_j^2",
    "Taylor's formula in s for R along (id + s Delta)_# mu_bar, which vanishes with its first "
    "derivative at s = 0; id + Delta is the optimal map, which exists by McCann, Geom. Funct. Anal. "
    "11 (2001); int |Delta| d mu_bar <= W2 by Jensen",
    _transport_taylor,
)


def _bent(
    functional: RemainderSymbol, q: Parameter, f: Term, g: Term, h: Term, x: Term, v: Term
) -> Term:
    """|v . grad int int F''' g h| at x and at the measure (1 + s f) mu_bar, s = q / (1 + q) < 1."""
    density_of(f)
    return abs(directional(grad(segment_variation(functional, q, f, g, h)), x, v))


def _segment_taylor(
    functional: RemainderSymbol, q: Parameter, f: Term, x: Term, v: Term, bound: Term
) -> Content:
    if q in subterms(bound):
        raise SortError(f"the bound {bound!r} must hold on the whole segment, whatever {q!r}")
    return Content(
        conclusions=(abs(directional(grad(functional(f)), x, v)) <= bound / 2,),
        premises=(Premise(_bent(functional, q, f, f, f, x, v) <= bound),),
        generic=(q,),
    )


segment_taylor = Fact(
    "segment-taylor",
    "Taylor along (1 + s f) mu_bar: a bound of the second derivative for all s < 1 bounds twice |grad R|",
    "a remainder vanishes with its first derivative at s = 0; Taylor's formula with integral "
    "remainder, Cartan, Differential Calculus",
    _segment_taylor,
    sharp="equality where the second derivative is constant",
)


def _third_variation(
    functional: RemainderSymbol, q: Parameter, f: Term, g: Term, h: Term, x: Term, v: Term
) -> Content:
    bound = third_derivative_sup(functional) * dual_norm(g) * dual_norm(h)
    return Content((_bent(functional, q, f, g, h, x, v) <= bound,))


third_variation = Fact(
    "third-variation",
    "|grad int int F''' g h| <= T_1 ||g||_{-1} ||h||_{-1} at (1 + s f) mu_bar, 0 <= s < 1",
    "two integrations by parts, against grad L^-1 g and grad L^-1 h, as for the Poincaré inequality "
    "in dual form; Bakry–Gentil–Ledoux (2014), section 4.2",
    _third_variation,
)


def _third_transport(
    functional: RemainderSymbol, q: Parameter, f: Term, x: Term, v: Term
) -> Content:
    bound = third_derivative_sup(functional) * wasserstein(f) ** 2
    return Content((_bent(functional, q, f, f, f, x, v) <= bound,))


third_transport = Fact(
    "third-variation-transport",
    "|grad int int F''' d(mu - mu_bar) d(mu - mu_bar)| <= T_1 W1^2 <= T_1 W2(mu, mu_bar)^2",
    "Kantorovich–Rubinstein duality in each of the two variables; Villani, Optimal Transport: Old and "
    "New (2009), chapter 6",
    _third_transport,
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
    segment_taylor,
    third_variation,
    third_transport,
    force_gradient,
    bregman_back,
    lipschitz,
    pointwise,
)
