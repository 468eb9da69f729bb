"""Local inequalities on the Ornstein-Uhlenbeck semigroup, kappa = 1, where linear functions attain them."""

from pathlib import Path

import numpy as np
import pytest

from mflverify.expr import as_term
from mflverify.expr.terms import Parameter, Quantity, subterms
from mflverify.models.evaluation import Evaluator
from mflverify.models.float_torus import FloatTorus
from mflverify.proof.loader import load

PROOFS = load(Path(__file__).parents[2] / "proofs").statements
LATER = PROOFS["correspondence-local-later"]
HORIZON = 1.3


def evaluator(curves, time):
    """Values and rates at a time, of curves that know theirs; kappa = 1."""
    terms = [r for step in LATER.conclusions for r in subterms(step.claim)]
    quantities = {part.name: part for part in terms if isinstance(part, Quantity)}
    parameters = {part.name: part for part in terms if isinstance(part, Parameter)}
    backend = FloatTorus({}, 1)
    constants = {parameters["kappa"]: np.array([1.0]), parameters["t"]: np.array([time])}

    def moment(s):
        values = {quantities[n]: np.array([curve(s)[0]]) for n, curve in curves.items()}
        rates = {quantities[n]: np.array([curve(s)[1]]) for n, curve in curves.items()}
        return Evaluator(backend, {**constants, **values}, rates)

    now = moment(time)
    times = {as_term(0): moment(0.0), parameters["t"]: now}
    return Evaluator(backend, now.symbols, now.rates, times)


def linear(start, growth=0.0):
    """u(x) = x from the point `start`: phi_s = exp(s - T) x, and A and G in closed form.

    growth: something wrong that is added to A.
    """
    left = np.exp(-2 * HORIZON)
    return {
        "A": lambda s: (
            left * (start**2 + np.exp(2 * s) - 1) + growth * s,
            2 * left * np.exp(2 * s) + growth,
        ),
        "G": lambda s: (left * np.exp(2 * s), 2 * left * np.exp(2 * s)),
        "E": lambda s: (np.exp(-2 * s), -2 * np.exp(-2 * s)),
    }


def sides(relation, curves, time):
    at = evaluator(curves, time)
    return float(at(relation.lhs)[0]), float(at(relation.rhs)[0])


@pytest.mark.parametrize("start", [0.0, 0.7, -2.0])
@pytest.mark.parametrize("time", [0.2, HORIZON])
def test_linear_functions_attain_both(start, time):
    for relation in LATER.given:
        left, right = sides(relation, linear(start), time)
        assert left <= right + 1e-12
    for step in LATER.conclusions:
        left, right = sides(step.claim, linear(start), time)
        assert left == pytest.approx(right, rel=1e-12)


def test_at_the_end_it_is_the_local_poincare_inequality():
    """P_t x^2 - (P_t x)^2 = 1 - exp(-2t), and P_t |grad x|^2 = 1."""
    (claim,) = [step.claim for step in LATER.conclusions if step.name == "local"]
    left, right = sides(claim, linear(0.4), HORIZON)
    assert left == pytest.approx(1 - np.exp(-2 * HORIZON))
    assert right == pytest.approx(left)


def test_a_square_that_grows_faster_is_noticed():
    (claim,) = [step.claim for step in LATER.conclusions if step.name == "local"]
    left, right = sides(claim, linear(0.4, growth=0.01), HORIZON)
    assert left > right
    assert any(
        left > right + 1e-12
        for left, right in (sides(r, linear(0.4, growth=0.01), HORIZON) for r in LATER.given)
    )
