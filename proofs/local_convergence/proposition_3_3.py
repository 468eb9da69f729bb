"""Proposition 3.3: for a linear functional chi2 contracts at the Poincaré constant."""

from mflverify.expr import (
    Flow,
    at_time,
    chi2,
    equation,
    exp,
    generator,
    grad,
    norm,
    poincare_constant,
)
from mflverify.proof import Statement, gronwall, poincare

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
