"""False statements about weighted inequalities: a lost factor, a dropped condition, the false converse."""

from symbols import Entry, L, X, a, f, u, w

from mflverify.expr import (
    center,
    grad,
    grad_adjoint,
    inner,
    norm,
    one,
    poincare_constant,
    reciprocal,
    weighted_convexity_constant,
    weighted_poincare_constant,
)
from mflverify.proof import (
    Application,
    poincare,
    weighted_convexity,
    weighted_convexity_optimal,
    weighted_poincare,
    weighted_poincare_optimal,
)

weight = a * one(X) + w**2
gap, convex = weighted_poincare_constant(weight), weighted_convexity_constant(weight)
slope = inner(reciprocal(weight) * grad(u), grad(u))
bent = inner(weight * grad(u), grad(u))
field = reciprocal(weight) * grad(u)  # no gradient in general

# fmt: off
WEIGHTED: dict[str, dict[str, Entry]] = {
    "weighted inequalities": {
        "twice the weighted gap": Entry(
            2 * gap * norm(center(u)) ** 2 <= slope, because=(weighted_poincare(weight, u),)
        ),
        "a function with its mean": Entry(
            gap * norm(u) ** 2 <= slope, because=(weighted_poincare(weight, u),)
        ),
        "the weight for its inverse": Entry(
            gap * norm(center(u)) ** 2 <= bent, because=(weighted_poincare(weight, u),)
        ),
        "twice the optimal weighted gap": Entry(
            2 * gap <= gap, at="premise 1 of weighted-poincare-optimal",
            because=(weighted_poincare_optimal(2 * gap, weight, u), weighted_poincare(weight, u)),
        ),
        "a weighted gap at one function": Entry(
            a <= gap, at="weighted-poincare-optimal ranges over",
            given=(a * norm(center(u)) ** 2 <= slope,), because=(weighted_poincare_optimal(a, weight, u),),
        ),
        "a weight that is the function itself": Entry(
            poincare_constant(X) <= weighted_poincare_constant(a * one(X) + u**2),
            at="weighted-poincare-optimal ranges over",
            because=(weighted_poincare_optimal(poincare_constant(X), a * one(X) + u**2, u), poincare(u)),
        ),
        "weighted gaps seen by perturbations": Entry(
            a <= gap, at="is not declared an arbitrary function",
            because=(Application(weighted_poincare_optimal, (a, weight, f)), poincare(f)),
        ),
        "twice the weighted convexity": Entry(
            2 * convex * bent <= norm(L(u)) ** 2, because=(weighted_convexity(weight, u),)
        ),
        "the convexity on every field": Entry(
            convex * inner(weight * field, field) <= norm(grad_adjoint(field)) ** 2,
            because=(weighted_convexity(weight, u),),
        ),
        "twice the optimal weighted convexity": Entry(
            2 * convex <= convex, at="premise 1 of weighted-convexity-optimal",
            because=(weighted_convexity_optimal(2 * convex, weight, u), weighted_convexity(weight, u)),
        ),
        "a convexity at one function": Entry(
            a <= convex, at="weighted-convexity-optimal ranges over",
            given=(a * bent <= norm(L(u)) ** 2,), because=(weighted_convexity_optimal(a, weight, u),),
        ),
        "the converse of the lemma": Entry(
            gap <= convex, at="premise 1 of weighted-convexity-optimal",
            because=(weighted_poincare(weight, u), weighted_poincare(weight, L(u)), weighted_convexity_optimal(gap, weight, u)),
        ),
    },
}
# fmt: on
