"""The bounds of the theorems as numbers, read from the proofs themselves.

Every theorem with quadratic interactions ends in Lemma Q, and those with a remainder in the lemma on
the mixed functional, with constants of their own; the bound on a trajectory is the right-hand side of
a conclusion of that lemma, evaluated.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import numpy as np
from attrs import asdict, frozen

from mflverify.dynamics.constants import Constants
from mflverify.dynamics.exponential import Array
from mflverify.expr.divergences import RelativeEntropy
from mflverify.expr.substitution import rebuild, symbols
from mflverify.expr.terms import (
    AtTime,
    Flow,
    Node,
    Parameter,
    Quantity,
    Rational,
    Relation,
    Term,
    subterms,
)
from mflverify.models import Request
from mflverify.models.bounds import is_static, start_of
from mflverify.models.evaluation import Evaluator
from mflverify.models.float_torus import FloatTorus
from mflverify.proof.loader import Proofs, load
from mflverify.proof.statement import Statement

LEMMAS = ("lem-Q", "lem-mixed", "prop-B.1-linear-bounded")
# what stands for an entropy relative to the equilibrium, whose density these bounds need not know
ENTROPY = Quantity("X", Flow.of("entropy", {}), "nonnegative")


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
    def values(self) -> dict[str, float]:
        """By the names of the lemma's parameters."""
        return asdict(self)

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
class Lemma:
    """A lemma on the quantities X and Y, or a proposition on an entropy X, evaluated in floats.

    values: of its parameters, by name.
    """

    label: str
    claims: Mapping[str, Relation]
    given: tuple[Relation, ...]

    @staticmethod
    def of(statement: Statement) -> Lemma:
        """Its steps by name, and its hypotheses, entropies taken for X."""
        claims = {step.name: _plain(step.claim) for step in statement.steps}
        return Lemma(statement.label, claims, tuple(_plain(r) for r in statement.given))

    def bound(
        self, conclusion: str, values: Mapping[str, float], start: tuple[float, float], t: Array
    ) -> Array:
        """The right-hand side of a conclusion at times t.

        start: X and Y at time 0.  Raises ValueError for a conclusion that is not there.
        """
        if conclusion not in self.claims:
            raise ValueError(
                f"{self.label} has no step {conclusion!r}; it has {', '.join(self.claims)}"
            )
        size = len(t)
        initial = (np.full(size, start[0]), np.full(size, start[1]))
        return _evaluate(self.claims[conclusion].rhs, {**values, "t": t}, initial, size)

    def largest(self, name: str, values: Mapping[str, float]) -> float:
        """The largest value of a parameter that the hypotheses `c name <= e` on constants allow.

        Raises ValueError when there is no such hypothesis, or one is not linear in the parameter.
        """
        limits: list[float] = []
        for relation in self.given:
            if relation.kind != "le" or not is_static(relation.lhs) or not is_static(relation.rhs):
                continue
            if name not in {p.name for p in symbols(relation.lhs) if isinstance(p, Parameter)}:
                continue
            at = [_number(relation.lhs, {**values, name: x}) for x in (1.0, 2.0)]
            if not np.isclose(at[1], 2 * at[0], rtol=1e-12):
                raise ValueError(f"{relation!r} is not linear in {name}")
            limits.append(_number(relation.rhs, values) / at[0] if at[0] else np.inf)
        if not limits:
            raise ValueError(f"no hypothesis of {self.label} bounds {name} from above")
        return float(min(limits))

    def functional(self, values: Mapping[str, float], dual: Array, chi2: Array) -> Array:
        """The functional whose initial value the last hypothesis bounds, at X and Y."""
        return _evaluate(start_of(self._ball).lhs, values, (dual, chi2), len(dual))

    def level(self, values: Mapping[str, float]) -> float:
        """What that hypothesis allows."""
        return _number(self._ball.rhs, values)

    @property
    def _ball(self) -> Relation:
        (found,) = (
            r for r in self.given if any(isinstance(part, AtTime) for part in subterms(r.lhs))
        )
        return found


def _plain(relation: Relation) -> Relation:
    def convert(node: Node) -> Node:
        return ENTROPY if isinstance(node, RelativeEntropy) else rebuild(node, convert)

    found = convert(relation)
    assert isinstance(found, Relation)
    return found


@frozen(eq=False)
class Closing:
    """Lemma Q, the lemma on the mixed functional and Proposition B.1, of a folder of proofs."""

    quadratic: Lemma
    mixed: Lemma
    entropy: Lemma

    @staticmethod
    def load(root: Path) -> Closing:
        """From a folder of proofs.  Raises ValueError when one of the lemmas is missing."""
        return Closing.of(load(root))

    @staticmethod
    def of(proofs: Proofs) -> Closing:
        """From proofs that are loaded.  Raises ValueError as `load` does."""
        for label in LEMMAS:
            if label not in proofs.statements:
                raise ValueError(f"{proofs.root}: no statement {label}")
        return Closing(*(Lemma.of(proofs.statements[label]) for label in LEMMAS))


def _number(term: Term, values: Mapping[str, float]) -> float:
    nothing = (np.zeros(1), np.zeros(1))
    return float(_evaluate(term, values, nothing, 1)[0])


def _evaluate(
    term: Term, values: Mapping[str, float | Array], state: tuple[Array, Array], size: int
) -> Array:
    """A term at constants and at X and Y, which are also the values at time 0; shape (size,)."""
    request = Request.of(term)
    constants: dict[Term, Array] = {
        p: np.ones(size) * values[p.name] for p in request.ordered(Parameter)
    }
    moving = dict(zip(("X", "Y"), state, strict=True))
    quantities: dict[Term, Array] = {q: moving[q.name] for q in request.ordered(Quantity)}
    backend = FloatTorus({}, size)
    now = Evaluator(backend, {**constants, **quantities})
    evaluator = Evaluator(backend, {**constants, **quantities}, times={Rational(Fraction(0)): now})
    return np.asarray(evaluator(term))
