"""The bounds of the theorems as numbers, read from the proofs themselves.

Every theorem with quadratic interactions ends in Lemma Q, with constants alpha, a, K1 and K2 of its
own; the bound on a trajectory is the right-hand side of a conclusion of that lemma, evaluated.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from attrs import frozen

from mflverify.dynamics.constants import Constants
from mflverify.dynamics.exponential import Array
from mflverify.expr.terms import Parameter, Quantity, Rational, Term
from mflverify.models import Request
from mflverify.models.evaluation import Evaluator
from mflverify.models.float_torus import FloatTorus
from mflverify.proof.loader import load
from mflverify.proof.statement import Statement

LEMMA = "lem-Q"


@frozen
class Premises:
    """The constants of Lemma Q: X' <= -2 a Y + 2 K1 X sqrt(Y), and so on, with 0 < eps < a <= tau."""

    alpha: float
    a: float
    tau: float
    eps: float
    K1: float
    K2: float

    @property
    def rate(self) -> float:
        """2 alpha (a - eps)."""
        return 2 * self.alpha * (self.a - self.eps)

    @property
    def radius(self) -> float:
        """The ball chi2 <= radius in which the lemma applies: alpha^2 eps^2 / max(K1, K2)^2."""
        return (self.alpha * self.eps / max(self.K1, self.K2)) ** 2


def premises(theorem: str, found: Constants, share: float) -> Premises:
    """The constants of a theorem for one model, with eps = share * a.

    theorem: thm-3.2, thm-4.1, cor-4.2 or thm-5.2.  Time scales are removed by rescaling:
    alpha_i -> eta_i alpha_i, K_ij -> sqrt(eta_i eta_j) K_ij.  Raises ValueError for another
    theorem, temperatures that differ or a slack that is not below them.
    """
    tau = float(found.temperature[0])
    if not np.all(found.temperature == tau):
        raise ValueError(f"{theorem} has one temperature: {found.temperature}")
    speed = np.sqrt(found.timescale)
    mixed = speed[:, None] * found.mixed * speed[None, :]
    a = tau - found.slack
    if theorem == "thm-3.2":
        k1 = k2 = float(mixed[0, 0])
    elif theorem in ("thm-4.1", "cor-4.2"):
        # a zero-sum game has no slack; the error of X gains a factor sqrt 2
        a, k2 = tau, float(mixed[0, 1])
        k1 = k2 / np.sqrt(2)
    elif theorem == "thm-5.2":
        k1 = float(np.sqrt(np.max(np.sum(mixed**2, axis=1))))
        k2 = float(np.linalg.norm(mixed, 2))
    else:
        raise ValueError(f"{theorem} does not end in Lemma Q")
    if a <= 0:
        raise ValueError(f"{theorem} needs a slack below the temperature: {found.slack} >= {tau}")
    alpha = float(np.min(found.timescale * found.alpha))
    return Premises(alpha=alpha, a=a, tau=tau, eps=share * a, K1=k1, K2=k2)


@frozen(eq=False)
class Closing:
    """Lemma Q of a folder of proofs."""

    statement: Statement

    @staticmethod
    def load(root: Path) -> Closing:
        """From a folder of proofs.  Raises ValueError when it has no Lemma Q."""
        statements = load(root).statements
        if LEMMA not in statements:
            raise ValueError(f"{root}: no statement {LEMMA}")
        return Closing(statements[LEMMA])

    def bound(
        self, conclusion: str, given: Premises, start: tuple[float, float], t: Array
    ) -> Array:
        """The right-hand side of a conclusion (dual-decay, chi2-decay) at times t.

        start: X and Y at time 0.  Raises ValueError for a conclusion that is not there.
        """
        steps = {step.name: step.claim for step in self.statement.steps}
        if conclusion not in steps:
            raise ValueError(f"{LEMMA} has no step {conclusion!r}; it has {', '.join(steps)}")
        claim = steps[conclusion].rhs
        values: dict[str, Any] = {
            "alpha": given.alpha,
            "a": given.a,
            "tau": given.tau,
            "eps": given.eps,
            "K1": given.K1,
            "K2": given.K2,
        }
        return self._evaluate(claim, values, {"X": start[0], "Y": start[1]}, t)

    def _evaluate(
        self, term: Term, values: Mapping[str, float], start: Mapping[str, float], t: Array
    ) -> Array:
        request = Request.of(term)
        size = len(t)
        symbols: dict[Term, Array] = {}
        for parameter in request.ordered(Parameter):
            value = t if parameter.name == "t" else np.full(size, values[parameter.name])
            symbols[parameter] = value
        initial: dict[Term, Array] = {
            quantity: np.full(size, start[quantity.name]) for quantity in request.ordered(Quantity)
        }
        backend = FloatTorus({}, size)
        at_start = Evaluator(backend, {**symbols, **initial})
        evaluator = Evaluator(backend, symbols, times={Rational(Fraction(0)): at_start})
        return np.asarray(evaluator(term))
