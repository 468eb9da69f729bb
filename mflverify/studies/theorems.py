"""Each theorem with a rate as a claim about one trajectory: its ball, its bound, its functional."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np
from attrs import frozen

from mflverify.dynamics.constants import Constants
from mflverify.dynamics.exponential import Array
from mflverify.dynamics.functionals import Functionals
from mflverify.dynamics.simulation import Run
from mflverify.dynamics.torus_model import TorusModel
from mflverify.studies.closing import Closing, Lemma, Premises, premises


class Claim(Protocol):
    """What a theorem says about one model: inside a ball, one functional stays below a bound."""

    @property
    def rate(self) -> float:
        """The exponent of the bound."""
        ...

    @property
    def limit(self) -> float:
        """The exponent as epsilon tends to 0."""
        ...

    @property
    def size_of_ball(self) -> float:
        """What the initial size must not exceed."""
        ...

    @property
    def quantity(self) -> str:
        """What is bounded, in words."""
        ...

    @property
    def decreasing(self) -> str:
        """The functional that never grows inside the ball, in words."""
        ...

    def size(self, values: Functionals) -> float:
        """The initial size, to be compared with the ball."""
        ...

    def value(self, run: Run) -> Array:
        """The bounded functional at the outputs."""
        ...

    def bound(self, run: Run) -> Array:
        """Its bound there."""
        ...

    def lyapunov(self, run: Run) -> Array:
        """A functional that never grows inside the ball."""
        ...


@frozen(eq=False)
class QuadraticClaim:
    """Theorems 3.2, 4.1, 5.2 and Corollary 4.2: chi2 below the bound of Lemma Q."""

    given: Premises
    timescale: Array
    closing: Closing
    quantity: str = "χ²"
    decreasing: str = "Σ ‖f‖₋₁²/η"

    @property
    def rate(self) -> float:
        """2 alpha (a - eps)."""
        return self.given.rate

    @property
    def limit(self) -> float:
        """2 alpha a."""
        return 2 * self.given.alpha * self.given.a

    @property
    def size_of_ball(self) -> float:
        """alpha^2 eps^2 / K^2."""
        return self.given.radius

    def size(self, values: Functionals) -> float:
        """chi2."""
        return float(values.chi2.sum())

    def value(self, run: Run) -> Array:
        """chi2."""
        return run.chi2.sum(axis=1)

    def bound(self, run: Run) -> Array:
        """The conclusion chi2-decay of Lemma Q."""
        start = (float(self.lyapunov(run)[0]), float(self.value(run)[0]))
        return self.closing.quadratic.bound("chi2-decay", self.given.values, start, run.times)

    def lyapunov(self, run: Run) -> Array:
        """The squared dual norm, with weights 1 / eta_i."""
        return np.sum(run.dual / self.timescale, axis=1)


@frozen(eq=False)
class MixedClaim:
    """Theorems 3.8 and 5.1: Z = alpha X + eta Y contracts at once, for remainders that are not zero.

    values: of the lemma's parameters, delta and eta as large as its hypotheses allow.
    """

    values: Mapping[str, float]
    lemma: Lemma
    quantity: str = "α‖f‖²₋₁ + η χ²"
    decreasing: str = "α‖f‖²₋₁ + η χ²"

    @staticmethod
    def of(found: Constants, share: float, closing: Closing) -> MixedClaim:
        """With eps = share * (tau - lambda).  Needs one temperature and eta_i = 1."""
        tau = float(found.temperature[0])
        if not (np.all(found.temperature == tau) and np.all(found.timescale == 1)):
            raise ValueError("Theorems 3.8 and 5.1 have one temperature and one time scale")
        a = tau - found.slack
        if a <= 0:
            raise ValueError(f"a slack below the temperature is needed: {found.slack} >= {tau}")
        third = np.linalg.norm(found.third, 2, axis=(1, 2)) + found.second.max(axis=1)
        values = {
            "alpha": float(found.alpha.min()),
            "tau": tau,
            "a": a,
            "eps": share * a,
            "K": float(np.linalg.norm(found.mixed, 2)),
            "T": float(np.linalg.norm(third)),
        }
        for name in ("delta", "eta"):
            values[name] = closing.mixed.largest(name, values)
        return MixedClaim(values, closing.mixed)

    @property
    def rate(self) -> float:
        """2 alpha (a - eps)."""
        return self.limit - 2 * self.values["alpha"] * self.values["eps"]

    @property
    def limit(self) -> float:
        """2 alpha a."""
        return 2 * self.values["alpha"] * self.values["a"]

    @property
    def size_of_ball(self) -> float:
        """eta delta^2."""
        return self.lemma.level(self.values)

    def size(self, values: Functionals) -> float:
        """Z."""
        at = np.array([values.dual.sum()]), np.array([values.chi2.sum()])
        return float(self.lemma.functional(self.values, *at)[0])

    def value(self, run: Run) -> Array:
        """Z."""
        return self.lyapunov(run)

    def bound(self, run: Run) -> Array:
        """The conclusion 3.5 of the lemma."""
        start = (float(run.dual[0].sum()), float(run.chi2[0].sum()))
        return self.lemma.bound("3.5", self.values, start, run.times)

    def lyapunov(self, run: Run) -> Array:
        """Z."""
        return self.lemma.functional(self.values, run.dual.sum(axis=1), run.chi2.sum(axis=1))


@frozen(eq=False)
class EntropyClaim:
    """Proposition B.1 with a bounded F'', in its linear form: the entropy decays.

    values: of its parameters; alpha: a lower bound of the log-Sobolev constant, B0: sup |F''|.
    """

    values: Mapping[str, float]
    proposition: Lemma
    quantity: str = "KL"
    decreasing: str = "free energy"

    @property
    def rate(self) -> float:
        """2 tau alpha (1 - eps)."""
        return self._rate(self.values)

    @property
    def limit(self) -> float:
        """2 tau alpha: the rate as eps tends to 0."""
        return self._rate({**self.values, "eps": 0.0})

    def _rate(self, values: Mapping[str, float]) -> float:
        before, after = self.proposition.bound("decay", values, (1.0, 0.0), np.array([0.0, 1.0]))
        return float(np.log(before / after))

    @property
    def size_of_ball(self) -> float:
        """eps^2."""
        return self.proposition.level(self.values)

    def size(self, values: Functionals) -> float:
        """omega_0^2 (tau + B_0) KL, at least omega_0^2 times the free energy."""
        entropy = np.array([values.entropy[0]])
        return float(self.proposition.functional(self.values, entropy, entropy)[0])

    def value(self, run: Run) -> Array:
        """KL."""
        return run.entropy[:, 0]

    def bound(self, run: Run) -> Array:
        """The conclusion of the proposition."""
        start = float(run.entropy[0, 0])
        return self.proposition.bound("decay", self.values, (start, start), run.times)

    def lyapunov(self, run: Run) -> Array:
        """The free energy."""
        return run.free_energy


QUADRATIC = ("thm-3.2", "thm-4.1", "cor-4.2", "thm-5.2")
THEOREMS = ("thm-3.2", "thm-3.8", "thm-4.1", "cor-4.2", "thm-5.1", "thm-5.2", "prop-B.1")


def claim(
    theorem: str,
    model: TorusModel,
    found: Constants,
    closing: Closing,
    *,
    log_sobolev: Callable[[], Array],
    share: float = 0.5,
) -> Claim:
    """The claim of a theorem about a model, with eps = share * (tau - lambda), or share itself (B.1).

    log_sobolev: gives lower bounds of the constants, shape (n,); called for Proposition B.1 only.
    Raises ValueError for a theorem that is not in THEOREMS.
    """
    if theorem in QUADRATIC:
        return QuadraticClaim(premises(theorem, found, share), found.timescale, closing)
    if theorem in ("thm-3.8", "thm-5.1"):
        return MixedClaim.of(found, share, closing)
    if theorem == "prop-B.1":
        kernel = model.kernels[0, 0]
        bound = kernel.convolution.supremum() + sum(
            target.supremum() * source.supremum() for target, source in kernel.products
        )
        alpha, tau = float(log_sobolev()[0]), model.temperatures[0]
        values = {"alpha": alpha, "tau": tau, "eps": share, "B0": bound}
        return EntropyClaim(values, closing.entropy)
    raise ValueError(f"no such theorem: {theorem}; there are {', '.join(THEOREMS)}")
