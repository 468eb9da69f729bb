"""Facts about the optimal constants of weighted inequalities.

For a positive function A: the best c with c ||g||^2 <= <A^-1 grad g, grad g> for mean-zero g, and the
best c with c <A Phi, Phi> <= ||grad* Phi||^2 for gradients Phi.
"""

from __future__ import annotations

from mflverify.expr.language import center, generator, grad, inner, norm
from mflverify.expr.sorts import FunctionSort, SortError
from mflverify.expr.terms import Term
from mflverify.expr.weights import (
    reciprocal,
    weighted_convexity_constant,
    weighted_poincare_constant,
)
from mflverify.proof.fact import Fact
from mflverify.proof.optimal_facts import any_function
from mflverify.proof.statement import Content, Premise


def _same_space(weight: Term, u: Term) -> None:
    if not isinstance(u.sort, FunctionSort) or u.sort != weight.sort:
        raise SortError(f"{u!r} is no function where the weight {weight!r} lives")


def _weighted_poincare(weight: Term, u: Term) -> Content:
    _same_space(weight, u)
    slope = inner(reciprocal(weight) * grad(u), grad(u))
    return Content((weighted_poincare_constant(weight) * norm(center(u)) ** 2 <= slope,))


weighted_poincare = Fact(
    "weighted-poincare",
    "Weighted Poincaré inequality with the optimal constant: c Var(u) <= <A^-1 grad u, grad u>",
    "definition: an infimum; Bakry–Gentil–Ledoux (2014), section 4.2",
    _weighted_poincare,
    sharp="optimal by definition: an infimum",
)


def _weighted_poincare_optimal(bound: Term, weight: Term, u: Term) -> Content:
    any_function(u)
    _same_space(weight, u)
    slope = inner(reciprocal(weight) * grad(u), grad(u))
    return Content(
        conclusions=(bound <= weighted_poincare_constant(weight),),
        premises=(Premise(bound * norm(center(u)) ** 2 <= slope),),
        generic=(u,),
    )


weighted_poincare_optimal = Fact(
    "weighted-poincare-optimal",
    "A constant in the weighted Poincaré inequality for every function is at most the optimal one",
    "definition: an infimum; Bakry–Gentil–Ledoux (2014), section 4.2",
    _weighted_poincare_optimal,
    sharp="equality for the optimal constant",
)


def _weighted_convexity(weight: Term, phi: Term) -> Content:
    _same_space(weight, phi)
    form = inner(weight * grad(phi), grad(phi))
    return Content((weighted_convexity_constant(weight) * form <= norm(generator(phi)) ** 2,))


weighted_convexity = Fact(
    "weighted-convexity",
    "The optimal constant on gradients: c <A grad phi, grad phi> <= ||L phi||^2",
    "definition: an infimum",
    _weighted_convexity,
    sharp="optimal by definition: an infimum",
)


def _weighted_convexity_optimal(bound: Term, weight: Term, phi: Term) -> Content:
    any_function(phi)
    _same_space(weight, phi)
    form = inner(weight * grad(phi), grad(phi))
    return Content(
        conclusions=(bound <= weighted_convexity_constant(weight),),
        premises=(Premise(bound * form <= norm(generator(phi)) ** 2),),
        generic=(phi,),
    )


weighted_convexity_optimal = Fact(
    "weighted-convexity-optimal",
    "A constant that is right for every gradient is at most the optimal one",
    "definition: an infimum",
    _weighted_convexity_optimal,
    sharp="equality for the optimal constant",
)

WEIGHTED_FACTS: tuple[Fact, ...] = (
    weighted_poincare,
    weighted_poincare_optimal,
    weighted_convexity,
    weighted_convexity_optimal,
)
