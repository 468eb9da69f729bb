"""Facts on unions of spaces, which are any finite number n >= 1 of components.

What else holds there is in `mflverify.proof.on_unions`.
"""

from __future__ import annotations

from collections.abc import Sequence

from mflverify.expr.densities import density_of
from mflverify.expr.divergences import wasserstein
from mflverify.expr.language import (
    dual_norm,
    grad,
    inner,
    inverse_generator,
    mixed_derivative_sup,
    norm,
    sqrt,
    sup_norm,
)
from mflverify.expr.sorts import FunctionSort, OperatorSort, SortError, VectorSort
from mflverify.expr.terms import (
    Apply,
    FunctionSymbol,
    KernelSymbol,
    One,
    RemainderSymbol,
    Sum,
    Term,
    is_mean_zero,
    is_positive,
    is_species_constant,
)
from mflverify.expr.unions import (
    component_sup,
    least,
    mixed_norm,
    shifted_slack,
    spaces_of,
    species_gap,
    third_norm,
)
from mflverify.proof.fact import Fact
from mflverify.proof.statement import Content, Premise


def _component_hoelder(u: Term, phi: Term) -> Content:
    if not isinstance(u.sort, FunctionSort) or not isinstance(phi.sort, (FunctionSort, VectorSort)):
        raise SortError(f"Hölder multiplies a function by a function or a vector field, not {u!r}")
    size = component_sup(phi)
    found = [norm(phi) <= size, norm(u * phi) <= norm(u) * size]
    if is_mean_zero(u):
        found.append(norm((1 + u) * phi) <= sqrt(1 + norm(u) ** 2) * size)
    return Content(tuple(found))


component_hoelder = Fact(
    "component-hoelder",
    "Hölder on a union: |phi| <= |phi|_{2,oo}, |u phi| <= |u| |phi|_{2,oo}, and for mean-zero u "
    "with 1 + u and 1 + |u|^2",
    "Rudin, Real and Complex Analysis, 3rd ed., Theorem 3.8, on each component, where the norm of u "
    "is at most that on the union, and 1 + u has the square 1 + |u_i|^2",
    _component_hoelder,
    sharp="equality on one component where |phi| is constant",
)


def _component_force(
    plus: Sequence[Term],
    minus: Sequence[Term],
    f: Term,
    operator: Term,
    g: Term,
    *weights: Term,
) -> Content:
    for state in (f, g):
        if not (isinstance(state, FunctionSymbol) and state.kind == "perturbation"):
            raise SortError(f"{state!r} is not declared a perturbation")
    sort = operator.sort
    if not (isinstance(operator, KernelSymbol) and isinstance(sort, OperatorSort)):
        raise SortError(f"{operator!r} stands for any payoff, and is no symbol of one")
    if operator.symmetric or sort.source == sort.target or any(s.union for s in spaces_of(sort)):
        raise SortError(f"{operator!r} stands for any payoff between two components")
    if g.sort != FunctionSort(sort.source):
        raise SortError(f"{g!r} stands for any state that {operator!r} acts on")
    force = Sum.of(*(Apply(o, f) for o in plus), *(-Apply(o, f) for o in minus))
    match weights:
        case ():
            bound = component_sup(grad(force)) <= mixed_norm(*plus, *minus) * dual_norm(f)
        case (weight,):
            size = mixed_norm(*plus, *minus, weight=weight)
            bound = component_sup(weight * grad(force)) <= size * dual_norm(weight**-1 * f)
        case _:
            raise SortError("the forces have one weight, or none")
    return Content(
        conclusions=(bound,),
        premises=(
            Premise(sup_norm(grad(operator(g))) <= mixed_derivative_sup(operator) * dual_norm(g)),
        ),
        generic=(operator, g),
    )


component_force = Fact(
    "component-force",
    "What holds for each payoff between two components, |grad N g| <= K_ij |g|_{-1}, gives "
    "|grad M f|_{2,oo} <= K |f|_{-1} with K the spectral norm of (K_ij); with weights w_i of the "
    "species, |w grad M f|_{2,oo} <= K |f/w|_{-1} for (w_i K_ij w_j)",
    "triangle inequality on each component, then |A x| <= |A| |x|: Horn–Johnson, Matrix Analysis, "
    "2nd ed., section 5.6",
    _component_force,
    sharp="equality for one component where the premise is one",
)


def _component_second_order(functional: RemainderSymbol, f: Term) -> Content:
    if not (isinstance(f, FunctionSymbol) and f.kind == "perturbation"):
        raise SortError(f"the segment from equilibrium to {f!r} may leave the densities")
    size = third_norm(functional)
    return Content((component_sup(grad(functional(f))) <= size / 2 * dual_norm(f) ** 2,))


component_second_order = Fact(
    "component-second-order",
    "The forces beyond their linear parts are of second order: |grad R|_{2,oo} <= T/2 |f|_{-1}^2",
    "Taylor's formula along (1 + s f) mu_bar with integral remainder, Cartan, Differential "
    "Calculus, for each R_i, which gives |grad R_i| <= 1/2 sum_jk T_ijk |f_j| |f_k|; then "
    "<x, A x> <= |A| |x|^2, Horn–Johnson, Matrix Analysis, 2nd ed., section 5.6",
    _component_second_order,
)


def _component_transport(functional: RemainderSymbol, f: Term) -> Content:
    density_of(f)
    size = third_norm(functional)
    return Content((component_sup(grad(functional(f))) <= size / 2 * wasserstein(f) ** 2,))


component_transport = Fact(
    "component-transport",
    "The forces beyond their linear parts, by transport: |grad R|_{2,oo} <= T/2 W2(mu, mu_bar)^2",
    "Taylor's formula along (1 + s f) mu_bar with integral remainder, Cartan, Differential "
    "Calculus; Kantorovich–Rubinstein duality in each of the two variables, Villani, Optimal "
    "Transport: Old and New (2009), chapter 6, which gives |grad R_i| <= 1/2 sum_jk T_ijk W1_j W1_k "
    "with W1_j <= W2_j; then <x, A x> <= |A| |x|^2, Horn–Johnson, Matrix Analysis, 2nd ed., section 5.6",
    _component_transport,
)


def _component_difference(functional: RemainderSymbol, f: Term, g: Term) -> Content:
    for state in (f, g):
        if not (isinstance(state, FunctionSymbol) and state.kind == "perturbation"):
            raise SortError(f"the segment to {state!r} may leave the densities")
    change = functional(f) - functional(g)
    ends = dual_norm(f) + dual_norm(g)
    return Content(
        (component_sup(grad(change)) <= third_norm(functional) / 2 * ends * dual_norm(f - g),)
    )


component_difference = Fact(
    "component-difference",
    "The forces beyond their linear parts at two states: "
    "|grad R(f) - grad R(g)|_{2,oo} <= T/2 (|f|_{-1} + |g|_{-1}) |f - g|_{-1}",
    "mean value along g + s (f - g), whose dual norm is at most (1 - s) |g| + s |f|, and Taylor's "
    "formula from equilibrium for the derivative of each R_i there, Cartan, Differential Calculus; "
    "then <x, A y> <= |A| |x| |y|, Horn–Johnson, Matrix Analysis, 2nd ed., section 5.6",
    _component_difference,
)


def _component_least(c: Term, u: Term) -> Content:
    found = [least(c) * norm(u) ** 2 <= inner(c * u, u)]
    if isinstance(u.sort, FunctionSort) and is_mean_zero(u):
        found.append(least(c) * dual_norm(u) ** 2 <= inner(c * u, inverse_generator(u)))
    return Content(tuple(found))


component_least = Fact(
    "component-least",
    "A constant of species is at least the least of its values, under each quadratic form",
    "the form is a sum of squares over the components, each multiplied by a number",
    _component_least,
    sharp="equality for one component",
)


def _component_poincare(u: Term, positive: Term, *shifted: Term) -> Content:
    if not isinstance(u.sort, FunctionSort) or not is_mean_zero(u):
        raise SortError(f"{u!r} is not known to be mean-zero on every component")
    if not (isinstance(positive, One) or is_positive(positive)):
        raise SortError(f"{positive!r} is not visibly positive")
    if not is_species_constant(positive):
        raise SortError(f"{positive!r} is not visibly constant on each component")
    weight, premises = positive, ()
    if shifted:
        c, level = shifted
        weight = c - level if isinstance(positive, One) else positive * (c - level)
        premises = (Premise(level <= least(c)),)
    gap = species_gap(u.sort.space)
    return Content(
        (
            inner(weight * gap * u, inverse_generator(u)) <= inner(weight * u, u),
            inner(weight * gap * u, u) <= inner(weight * grad(u), grad(u)),
        ),
        premises,
    )


component_poincare = Fact(
    "component-poincare",
    "Poincaré inequalities of all components with weights w >= 0: <w alpha L^-1 u, u> <= <w u, u> "
    "and <w alpha u, u> <= <w grad u, grad u>; w = p (c - l) with p > 0 and l <= min c",
    "Bakry–Gentil–Ledoux (2014), section 4.2, on each component, multiplied by its weight",
    _component_poincare,
    sharp="equality for the first eigenfunction of one component",
)


def _component_slack(operator: Term, shift: Term, f: Term) -> Content:
    if not is_mean_zero(f):
        raise SortError(f"the slack is about mean-zero functions, and {f!r} may be none")
    form = inner(f, Apply(operator, f)) + inner(shift * f, f)
    return Content((-shifted_slack(operator, shift) * norm(f) ** 2 <= form,))


component_slack = Fact(
    "component-slack",
    "The least slack beyond slacks s_i of the species: -l |f|^2 <= <f, M f> + <s f, f>",
    "definition of the slack: an infimum over functions that are mean-zero on every component",
    _component_slack,
    sharp="optimal by definition: an infimum",
)


def _component_compact(operator: Term, shift: Term, weight: Term, level: Term) -> Content:
    claim = -least(shift) <= shifted_slack(operator, shift)
    if not is_positive(weight):
        raise SortError(f"{weight!r} is not visibly positive")
    (space,) = spaces_of(shift.sort)
    gaps = Premise(level <= least(weight * species_gap(space)))
    return Content((claim,), (Premise(level > 0), gaps))


component_compact = Fact(
    "component-compact",
    "Where all components have a gap M is compact on each, and no lower bound of M + s is above s_i",
    "the kernel made mean-zero in both variables is square integrable, by the Poincaré inequality in "
    "each and a bounded mixed derivative: Hilbert–Schmidt, Reed–Simon I, Theorems VI.22 and VI.23; "
    "an orthonormal sequence on one component tends weakly to 0: Theorem VI.11",
    _component_compact,
    sharp="equality for a positive operator of finite rank and negative s",
)

UNION_FACTS: tuple[Fact, ...] = (
    component_hoelder,
    component_force,
    component_second_order,
    component_transport,
    component_difference,
    component_least,
    component_poincare,
    component_slack,
    component_compact,
)

__all__ = [
    "UNION_FACTS",
    "component_compact",
    "component_difference",
    "component_force",
    "component_hoelder",
    "component_least",
    "component_poincare",
    "component_second_order",
    "component_slack",
    "component_transport",
]
