"""Each theorem with a rate as a claim about one trajectory: its ball, its bound, its functional."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from attrs import frozen

from mflverify.dynamics.constants import Constants
from mflverify.dynamics.exponential import Array
from mflverify.dynamics.functionals import Functionals
from mflverify.dynamics.simulation import Run
from mflverify.dynamics.torus_model import TorusModel
from mflverify.proof.loader import Proofs, load
from mflverify.studies.stated import Measured, State, Stated


@frozen
class Reading:
    """Where a theorem says what is checked: its statement and two of its steps.

    bound: the step that bounds `quantity`.  contraction: the step that says how a functional decays
    at once; `decreasing` is that functional, or the free energy if that is what decreases.
    """

    statement: str
    bound: str
    contraction: str
    quantity: str
    decreasing: str


FREE_ENERGY = "free energy"
_WEIGHTED, _MIXED = "Σ ‖f‖₋₁²/η", "α‖f‖²₋₁ + η χ²"
READINGS = {
    "thm-3.2": Reading("thm-3.2", "chi2-decay", "3.10", "χ²", _WEIGHTED),
    "thm-3.8": Reading("thm-3.8", "3.5", "3.5", _MIXED, _MIXED),
    "thm-4.1": Reading("thm-4.1", "chi2-decay", "dual-decay", "χ²", _WEIGHTED),
    "cor-4.2": Reading("cor-4.2", "chi2-decay", "dual-decay", "χ²", _WEIGHTED),
    "thm-5.1": Reading("thm-5.1", "mixed-decay", "mixed-decay", _MIXED, _MIXED),
    "thm-5.2": Reading("thm-5.2", "chi2-decay", "dual-decay", "χ²", _WEIGHTED),
    "prop-B.1": Reading("prop-B.1-linear-bounded", "decay", "decay", "KL", FREE_ENERGY),
}
THEOREMS = tuple(READINGS)


@frozen(eq=False)
class StatedTheorems:
    """The theorems of a folder of proofs, as numbers."""

    statements: Mapping[str, Stated]

    @staticmethod
    def load(root: Path) -> StatedTheorems:
        """From a folder of proofs.  Raises ValueError when one of the statements is missing."""
        return StatedTheorems.of(load(root))

    @staticmethod
    def of(proofs: Proofs) -> StatedTheorems:
        """From proofs that are loaded.  Raises ValueError as `load` does."""
        for reading in READINGS.values():
            if reading.statement not in proofs.statements:
                raise ValueError(f"{proofs.root}: no statement {reading.statement}")
        return StatedTheorems(
            {name: Stated.of(proofs.statements[r.statement]) for name, r in READINGS.items()}
        )


@frozen(eq=False)
class Claim:
    """What a theorem says about one model: inside a ball, one functional stays below a bound.

    values: of its parameters.
    """

    reading: Reading
    stated: Stated
    values: Mapping[str, float]

    @property
    def rate(self) -> float:
        """The exponent of the bound."""
        return self.stated.rate(self.reading.bound, self.values)

    @property
    def limit(self) -> float:
        """The exponent of the contraction as epsilon tends to 0."""
        return self.stated.rate(self.reading.contraction, {**self.values, "eps": 0.0})

    @property
    def size_of_ball(self) -> float:
        """What the initial size must not exceed."""
        return self.stated.level(self.values)

    def size(self, values: Functionals) -> float:
        """The initial size, to be compared with the ball."""
        start = State(values.chi2, values.dual, values.entropy)
        return self.stated.size(self.values, start)

    def value(self, run: Run) -> Array:
        """The bounded functional at the outputs."""
        return self.stated.left(self.reading.bound, self.values, _states(run))

    def bound(self, run: Run) -> Array:
        """Its bound there."""
        start = State(run.chi2[0], run.dual[0], run.entropy[0])
        return self.stated.bound(self.reading.bound, self.values, start, run.times)

    def lyapunov(self, run: Run) -> Array:
        """A functional that never grows inside the ball."""
        if self.reading.decreasing == FREE_ENERGY:
            return run.free_energy
        return self.stated.left(self.reading.contraction, self.values, _states(run))


def _states(run: Run) -> State:
    return State(run.chi2, run.dual, run.entropy)


def claim(
    theorem: str,
    model: TorusModel,
    found: Constants,
    theorems: StatedTheorems,
    *,
    log_sobolev: Callable[[], Array],
    share: float = 0.5,
) -> Claim:
    """The claim of a theorem about a model, epsilon being `share` of what the theorem allows.

    log_sobolev: gives lower bounds of the constants, shape (n,); called for Proposition B.1 only.
    Raises ValueError for a theorem that is not in THEOREMS, or when a hypothesis fails.
    """

    def variation() -> float:
        kernel = model.kernels[0, 0]
        return kernel.convolution.supremum() + sum(
            target.supremum() * source.supremum() for target, source in kernel.products
        )

    if theorem not in READINGS:
        raise ValueError(f"no such theorem: {theorem}; there are {', '.join(THEOREMS)}")
    stated = theorems.statements[theorem]
    values = stated.values(Measured(found, log_sobolev, variation), share)
    return Claim(READINGS[theorem], stated, values)
