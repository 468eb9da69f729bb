"""The fact library: analytic facts that a step may name, each with its citation.

A fact is applied like a function, `cauchy_schwarz(u, v)`; the kernel recomputes what it says from
its arguments.  `premises` must be established by the other reasons of the step, under no
assumption but their own.  t is any time >= 0; `at_time` values refer to one trajectory.
"""

from __future__ import annotations

from collections.abc import Sequence

from mflverify.expr.language import (
    at_time,
    center,
    directional,
    dual_norm,
    exp,
    grad,
    inner,
    inverse_generator,
    kernel_slice,
    mixed_derivative_sup,
    monotonicity_slack,
    norm,
    poincare_constant,
    projector,
    spectral_norm,
    sqrt,
    sup_norm,
    third_derivative_sup,
)
from mflverify.expr.sorts import SCALAR, FunctionSort, OperatorSort, SortError, VectorSort
from mflverify.expr.terms import (
    Apply,
    Flow,
    FunctionSymbol,
    Number,
    Parameter,
    RemainderSymbol,
    Sum,
    Term,
    as_term,
    is_mean_zero,
)
from mflverify.proof.curvature_facts import CURVATURE_FACTS
from mflverify.proof.entropy_facts import (
    ENTROPY_FACTS,
)
from mflverify.proof.evolution_facts import EVOLUTION_FACTS
from mflverify.proof.fact import Fact, require_constant
from mflverify.proof.free_energy_facts import FREE_ENERGY_FACTS
from mflverify.proof.hessian_facts import HESSIAN_FACTS
from mflverify.proof.optimal_facts import OPTIMAL_FACTS
from mflverify.proof.smoothing_facts import SMOOTHING_FACTS
from mflverify.proof.statement import Content, Premise
from mflverify.proof.transport_facts import TRANSPORT_FACTS
from mflverify.proof.union_facts import UNION_FACTS
from mflverify.proof.weighted_facts import WEIGHTED_FACTS


def _cauchy_schwarz(u: Term, v: Term) -> Content:
    return Content((abs(inner(u, v)) <= norm(u) * norm(v),))


cauchy_schwarz = Fact(
    "cauchy-schwarz",
    "Cauchy–Schwarz inequality in L2 of the equilibrium",
    "Rudin, Real and Complex Analysis, 3rd ed., Theorem 4.2",
    _cauchy_schwarz,
    sharp="equality for v = u",
)


def _dual_cauchy_schwarz(u: Term, v: Term) -> Content:
    return Content(
        (
            abs(inner(u, inverse_generator(v)))
            <= norm(grad(inverse_generator(u))) * norm(grad(inverse_generator(v))),
        )
    )


dual_cauchy_schwarz = Fact(
    "dual-cauchy-schwarz",
    "Cauchy–Schwarz inequality for the inner product <., L^-1 .>",
    "L^-1 is positive on mean-zero functions; Reed–Simon I, section II.1",
    _dual_cauchy_schwarz,
    sharp="equality for v = u",
)


def _projection(phi: Term) -> Content:
    return Content((norm(projector(phi)) <= norm(phi),))


projection = Fact(
    "projection",
    "An orthogonal projection does not increase the norm",
    "Reed–Simon I, Theorem II.3",
    _projection,
    sharp="equality for gradients",
)


def _hoelder(u: Term, phi: Term) -> Content:
    if not isinstance(u.sort, FunctionSort):
        raise SortError(f"Hölder multiplies a function by a function or a vector field, not {u!r}")
    return Content((norm(u * phi) <= norm(u) * sup_norm(phi),))


hoelder = Fact(
    "hoelder",
    "Hölder inequality with exponents 2 and infinity",
    "Rudin, Real and Complex Analysis, 3rd ed., Theorem 3.8",
    _hoelder,
    sharp="equality where |phi| is constant",
)


def _poincare(u: Term) -> Content:
    if isinstance(u.sort, VectorSort) or not isinstance(u.sort, FunctionSort):
        raise SortError(f"the Poincaré inequality is about a function, not {u!r}")
    return Content((poincare_constant(u.sort.space) * norm(center(u)) ** 2 <= norm(grad(u)) ** 2,))


poincare = Fact(
    "poincare",
    "Poincaré inequality with the optimal constant",
    "definition of the spectral gap; Bakry–Gentil–Ledoux (2014), section 4.2",
    _poincare,
    sharp="optimal by definition; equality for the first eigenfunction",
)


def _poincare_dual(u: Term) -> Content:
    if not isinstance(u.sort, FunctionSort):
        raise SortError(f"the Poincaré inequality is about a function, not {u!r}")
    gradient = grad(inverse_generator(u))
    return Content((poincare_constant(u.sort.space) * norm(gradient) ** 2 <= norm(u) ** 2,))


poincare_dual = Fact(
    "poincare-dual",
    "Poincaré inequality in dual form: alpha ||f||_{-1}^2 <= ||f||^2",
    "Bakry–Gentil–Ledoux (2014), section 4.2, by the spectral theorem for L >= alpha",
    _poincare_dual,
    sharp="optimal by definition; equality for the first eigenfunction",
)


def _mixed_derivative(operator: Term, point: Term, direction: Term) -> Content:
    seen = kernel_slice(operator, point, direction)  # type: ignore[arg-type]  (checked by the slice)
    return Content((norm(grad(seen)) <= mixed_derivative_sup(operator),))


mixed_derivative = Fact(
    "mixed-derivative",
    "|grad_y (v . grad_x k)(x, y)| <= sup ||grad_x grad_y k|| for unit v, under a probability",
    "definition of the operator norm",
    _mixed_derivative,
    sharp="equality for k(x, y) = x y on the line",
)


def _slack(
    operators: Sequence[Term],
    functions: Sequence[Term],
    weights: Sequence[Term | Number] = (),
) -> Content:
    by_space = {f.sort.space: f for f in functions if isinstance(f.sort, FunctionSort)}
    if len(by_space) != len(functions):
        raise SortError("the slack is about one function on each space")
    for f in functions:
        if not is_mean_zero(f):
            raise SortError(f"the slack is about mean-zero functions, and {f!r} may be none")
    form: list[Term] = []
    for operator in operators:
        sort = operator.sort
        if not isinstance(sort, OperatorSort) or not {sort.source, sort.target} <= set(by_space):
            raise SortError(f"no function given for the operator {operator!r}")
        form.append(inner(by_space[sort.target], Apply(operator, by_space[sort.source])))
    if weights and len(weights) != len(functions):
        raise SortError("the slack takes one weight for each function, or none")
    given = dict(zip(by_space, map(as_term, weights), strict=True)) if weights else {}
    size = Sum.of(*(_weighted_square(given.get(space), f) for space, f in by_space.items()))
    least = monotonicity_slack(*operators, weights=given)
    return Content((-least * size <= Sum.of(*form),))


def _weighted_square(weight: Term | None, f: Term) -> Term:
    """w ||f||^2, or <w f, f> for a weight of the species on a union."""
    if weight is None:
        return norm(f) ** 2
    return weight * norm(f) ** 2 if weight.sort == SCALAR else inner(weight * f, f)


def _second_order(functional: RemainderSymbol, *states: Term) -> Content:
    for state in states:
        if not (isinstance(state, FunctionSymbol) and state.kind == "perturbation"):
            raise SortError(f"the segment from equilibrium to {state!r} may leave the densities")
    terms = [
        third_derivative_sup(functional, j, k) * dual_norm(u) * dual_norm(v) / 2
        for j, u in enumerate(states)
        for k, v in enumerate(states)
    ]
    return Content((sup_norm(grad(functional(*states))) <= Sum.of(*terms),))


second_order = Fact(
    "second-order",
    "A remainder is of second order in the dual norm: |grad R| <= 1/2 sum T_jk ||f_j|| ||f_k||",
    "Taylor's formula along (1 + s f) mu_bar with integral remainder, Cartan, Differential Calculus; "
    "then two integrations by parts against grad L^-1 f as in Lemma 3.9",
    _second_order,
)


slack = Fact(
    "slack",
    "The least slack bounds the quadratic form of the interaction from below",
    "definition of the slack: an infimum over mean-zero functions",
    _slack,
    sharp="optimal by definition: an infimum",
)


def _matrix_bound(rows: Sequence[Sequence[Term]], vector: Sequence[Term]) -> Content:
    if any(len(row) != len(vector) for row in rows):
        raise SortError("a matrix takes vectors with as many entries as it has columns")
    images = [Sum.of(*(a * x for a, x in zip(row, vector, strict=True))) for row in rows]
    size = spectral_norm(*rows)
    whole = Sum.of(*(y**2 for y in images)) <= size**2 * Sum.of(*(x**2 for x in vector))
    return Content((whole, *(Sum.of(*(a**2 for a in row)) <= size**2 for row in rows)))


def _finite_cauchy_schwarz(u: Sequence[Term], v: Sequence[Term]) -> Content:
    product = Sum.of(*(x * y for x, y in zip(u, v, strict=True)))
    first, second = (Sum.of(*(x**2 for x in w)) for w in (u, v))
    return Content((product <= sqrt(first) * sqrt(second), product**2 <= first * second))


finite_cauchy_schwarz = Fact(
    "finite-cauchy-schwarz",
    "Cauchy–Schwarz inequality for finite sums of real numbers",
    "Hardy–Littlewood–Pólya, Inequalities, Theorem 7",
    _finite_cauchy_schwarz,
    sharp="equality for v = u",
)


matrix_bound = Fact(
    "matrix-bound",
    "|A x| <= ||A|| |x| for the spectral norm, which also bounds each row",
    "Horn–Johnson, Matrix Analysis, 2nd ed., section 5.6",
    _matrix_bound,
    sharp="optimal by definition; equality for the first right singular vector",
)


def _supremum(field_: Term, bound: Term, point: Term, direction: Term) -> Content:
    return Content(
        conclusions=(sup_norm(field_) <= bound,),
        premises=(Premise(abs(directional(field_, point, direction)) <= bound),),
        generic=(point, direction),
    )


supremum = Fact(
    "supremum",
    "A bound of v . Phi(x) for every point x and unit vector v bounds the supremum of |Phi|",
    "definition of the supremum and of the Euclidean norm",
    _supremum,
    sharp="equality for bound = sup |Phi|",
)


def _exp_decay(x: Term) -> Content:
    return Content((exp(x) <= 1,), (Premise(x <= 0),))


exp_decay = Fact(
    "exp-decay",
    "exp(x) <= 1 for x <= 0",
    "monotonicity of exp",
    _exp_decay,
    sharp="equality at x = 0",
)


def _exp_monotone(x: Term, y: Term) -> Content:
    return Content((exp(x) <= exp(y),), (Premise(x <= y),))


exp_monotone = Fact(
    "exp-monotone",
    "exp is increasing",
    "monotonicity of exp",
    _exp_monotone,
    sharp="equality for x = y",
)


def _gronwall(u: Term, rate: Term, flow: Flow, t: Parameter) -> Content:
    require_constant(flow, t, rate=rate)
    return Content(
        (at_time(u, t) <= exp(-rate * t) * at_time(u, 0),),
        (Premise(flow.derivative(u) <= -rate * u), Premise(t >= 0)),
    )


gronwall = Fact(
    "gronwall",
    "Grönwall: u' <= -r u at all times gives u(t) <= exp(-r t) u(0)",
    "Grönwall (1919); Evans, Partial Differential Equations, appendix B.2",
    _gronwall,
    sharp="equality for u' = -r u",
)


def _barrier(u: Term, weight: Term, level: Term, rate: Term, flow: Flow, t: Parameter) -> Content:
    require_constant(flow, t, weight=weight, level=level, rate=rate)
    inside = weight * u <= level
    return Content(
        conclusions=(inside, at_time(u, t) <= exp(-rate * t) * at_time(u, 0)),
        premises=(
            Premise(flow.derivative(u) <= -rate * u, assuming=(inside,)),
            Premise(weight * at_time(u, 0) <= level),
            Premise(level > 0),
            Premise(weight >= 0),
            Premise(rate > 0),
            Premise(t >= 0),
        ),
    )


barrier = Fact(
    "barrier",
    "If u' <= -r u wherever w u <= l, and w u(0) <= l, then w u <= l always and u decays at rate r",
    "at the boundary w u = l > 0 the derivative is negative, so the region is never left; "
    "then Grönwall (Hartman, Ordinary Differential Equations, III.4)",
    _barrier,
    sharp="equality for u' = -r u",
)


def _bernoulli(u: Term, p: Term, q: Term, flow: Flow, t: Parameter) -> Content:
    require_constant(flow, t, p=p, q=q)
    start = sqrt(at_time(u, 0))
    ratio = q * start / p
    region = q * sqrt(u) <= p
    return Content(
        conclusions=(sqrt(at_time(u, t)) <= exp(-p * t) * start / (1 - ratio * (1 - exp(-p * t))),),
        premises=(
            Premise(flow.derivative(u) <= -2 * p * u + 2 * q * sqrt(u) * u, assuming=(region,)),
            Premise(q * start < p),
            Premise(p > 0),
            Premise(q >= 0),
            Premise(u >= 0),
            Premise(t >= 0),
        ),
    )


bernoulli = Fact(
    "bernoulli",
    "Bernoulli: u' <= -2 p u + 2 q u^(3/2) from q sqrt(u(0)) < p bounds sqrt(u) at the full rate p",
    "z = u^(-1/2) satisfies z' >= p z - q while q sqrt(u) <= p, which persists since u decreases there",
    _bernoulli,
    sharp="equality for u' = -2 p u + 2 q u^(3/2)",
)


def _forced_decay(
    y: Term, x: Term, rate: Term, gap: Term, force: Term, size: Term, flow: Flow, t: Parameter
) -> Content:
    require_constant(flow, t, rate=rate, gap=gap, force=force, size=size)
    return Content(
        generic=(t,),
        conclusions=(at_time(y, t) <= exp(-rate * t) * (at_time(y, 0) + force * size / gap),),
        premises=(
            Premise(flow.derivative(y) <= -rate * y + force * x),
            Premise(at_time(x, t) <= size * exp(-(rate + gap) * t)),
            Premise(gap > 0),
            Premise(force >= 0),
            Premise(size >= 0),
            Premise(t >= 0),
        ),
    )


forced_decay = Fact(
    "forced-decay",
    "y' <= -r y + b x with x(t) <= A exp(-(r+s) t) gives y(t) <= exp(-r t) (y(0) + b A / s)",
    "variation of constants; integral of exp(-s t) is at most 1/s",
    _forced_decay,
    sharp="approached as t grows, for x and y with equality in both premises",
)

LIBRARY: tuple[Fact, ...] = (
    cauchy_schwarz,
    dual_cauchy_schwarz,
    projection,
    hoelder,
    poincare,
    poincare_dual,
    mixed_derivative,
    second_order,
    slack,
    finite_cauchy_schwarz,
    matrix_bound,
    supremum,
    exp_decay,
    exp_monotone,
    gronwall,
    barrier,
    bernoulli,
    forced_decay,
    *EVOLUTION_FACTS,
    *ENTROPY_FACTS,
    *HESSIAN_FACTS,
    *OPTIMAL_FACTS,
    *CURVATURE_FACTS,
    *FREE_ENERGY_FACTS,
    *TRANSPORT_FACTS,
    *UNION_FACTS,
    *WEIGHTED_FACTS,
    *SMOOTHING_FACTS,
)

__all__ = [
    "LIBRARY",
    "Fact",
    "barrier",
    "bernoulli",
    "cauchy_schwarz",
    "dual_cauchy_schwarz",
    "exp_decay",
    "exp_monotone",
    "finite_cauchy_schwarz",
    "forced_decay",
    "gronwall",
    "hoelder",
    "matrix_bound",
    "mixed_derivative",
    "poincare",
    "poincare_dual",
    "projection",
    "second_order",
    "slack",
    "supremum",
]
