"""Statements, steps, facts and the kernel that says what a step needs."""

from mflverify.proof.errors import ProofError
from mflverify.proof.facts import (
    LIBRARY,
    Fact,
    barrier,
    bernoulli,
    cauchy_schwarz,
    dual_cauchy_schwarz,
    exp_decay,
    exp_monotone,
    finite_cauchy_schwarz,
    forced_decay,
    gronwall,
    hoelder,
    matrix_bound,
    mixed_derivative,
    poincare,
    poincare_dual,
    projection,
    slack,
    supremum,
)
from mflverify.proof.statement import Application, Statement, Step
from mflverify.proof.verdict import Empirical, Logical

__all__ = [
    "LIBRARY",
    "Application",
    "Empirical",
    "Fact",
    "Logical",
    "ProofError",
    "Statement",
    "Step",
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
    "slack",
    "supremum",
]
