"""Proposition 3.3: for a linear functional chi2 contracts at the Poincaré constant."""

from mflverify.expr import (
    Flow,
    Parameter,
    at_time,
    chi2,
    equation,
    exp,
    first_eigenfunction,
    generator,
    grad,
    inner,
    norm,
    poincare_constant,
)
from mflverify.proof import (
    Statement,
    cauchy_schwarz,
    eigenfunction,
    exponential,
    gronwall,
    poincare,
)

from .notation import X, alpha, f, t

# (3.2), time rescaled by tau
langevin = Flow.of("Langevin", {f: -generator(f)})

proposition = Statement(
    "prop-3.3",
    "Langevin dynamics contracts chi2 at twice the Poincaré constant",
    kind="proposition",
    given=[alpha <= poincare_constant(X)],
    source="Proposition 3.3, the bound",
)
derivative = proposition.step(
    "derivative",
    equation(langevin.derivative(chi2(f)), -2 * norm(grad(f)) ** 2),
)
contraction = proposition.step(
    "contract",
    langevin.derivative(chi2(f)) <= -2 * alpha * chi2(f),
    because=[derivative, poincare(f)],
)
proposition.conclude(
    "decay",
    at_time(chi2(f), t) <= exp(-2 * alpha * t) * at_time(chi2(f), 0),
    because=[contraction, gronwall(chi2(f), 2 * alpha, langevin, t)],
)

# Where the gap is an eigenvalue, the part of f along an eigenfunction decays at no other rate.
e = first_eigenfunction(X)
gap = poincare_constant(X)
start = at_time(inner(f, e) ** 2, 0)
s = Parameter("s")

attained = Statement(
    "prop-3.3-attained",
    "The rate is attained along the first eigenfunction",
    kind="proposition",
    source="Proposition 3.3, the case of equality",
)
component = attained.step(
    "component",
    equation(langevin.derivative(inner(f, e)), -gap * inner(f, e)),
    because=[eigenfunction(f)],
)
attained.conclude(
    "below",
    exp(-2 * gap * t) * start <= at_time(norm(e) ** 2 * chi2(f), t),
    because=[component, exponential(inner(f, e), gap, langevin, t), cauchy_schwarz(f, e)],
)
attained.conclude(
    "equal",
    equation(inner(s * e, e) ** 2, norm(e) ** 2 * norm(s * e) ** 2),
    note="so for f_0 = s e the bound from below is that from above: both are equalities",
)
