"""How a proof file writes a statement: step by step, each with the place where it stands.

Nothing here is trusted: what is written is what is printed, and what the kernel checks.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from attrs import frozen

from mflverify.expr.terms import Relation
from mflverify.proof.errors import ProofError

if TYPE_CHECKING:
    from mflverify.proof.statement import Reason, Step


@frozen
class Location:
    """Where in a proof file something was written."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Shown:
    """How a step looks in a notebook."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        from mflverify.proof.notebook import step_html  # noqa: PLC0415  (for notebooks only)

        return step_html(self)  # type: ignore[arg-type]  (only steps are shown so)


class Writing:
    """The methods of a statement with which a proof file adds steps to it."""

    __slots__ = ()
    label: str
    given: tuple[Relation, ...]
    steps: list[Step]

    def _begun(self) -> Location:
        """Where the statement begins.  Raises ProofError for a hypothesis that is no relation."""
        where = _caller()
        for number, hypothesis in enumerate(self.given, 1):
            if not isinstance(hypothesis, Relation):
                raise ProofError(
                    f"hypothesis {number} is {hypothesis!r}, not a relation such as tau > 0",
                    where=str(where),
                    step=self.label,
                )
        return where

    def step(
        self,
        name: str,
        claim: Relation,
        *,
        because: Iterable[Reason] = (),
        assuming: Iterable[Relation] = (),
        note: str = "",
        acknowledged: Step | None = None,
    ) -> Step:
        """Claim `claim`, for the reasons given; without reasons the algebra alone must prove it.

        acknowledged: the claim is known to be false and that step says what is true instead; each
        run must then refute it again.
        Raises ProofError for a duplicate name or something that is not a reason.
        """
        return self._add(name, claim, because, assuming, note, acknowledged, conclusion=False)

    def conclude(
        self, name: str, claim: Relation, *, because: Iterable[Reason] = (), note: str = ""
    ) -> Step:
        """A step that the statement concludes: what others may use of it."""
        return self._add(name, claim, because, (), note, None, conclusion=True)

    def _add(
        self,
        name: str,
        claim: Relation,
        because: Iterable[Reason],
        assuming: Iterable[Relation],
        note: str,
        acknowledged: Step | None,
        *,
        conclusion: bool,
    ) -> Step:
        from mflverify.proof.statement import Application, Statement, Step  # noqa: PLC0415  (they build on this)

        assert isinstance(self, Statement)
        where = _caller()
        problem = {"where": str(where), "step": f"{self.label}/{name}"}
        if any(step.name == name for step in self.steps):
            raise ProofError(f"duplicate step name {name!r}", **problem)
        if not isinstance(claim, Relation):
            raise ProofError(f"a claim is a relation, not {claim!r}", **problem)
        reasons = tuple(because)
        for reason in reasons:
            if not isinstance(reason, (Step, Application, Relation, Statement)):
                raise ProofError(
                    f"{reason!r} is not a reason (step, fact, lemma or hypothesis)", **problem
                )
        step = Step(
            self, name, claim, reasons, tuple(assuming), conclusion, where, note, acknowledged
        )
        self.steps.append(step)
        return step

    def _repr_html_(self) -> str:
        from mflverify.proof.notebook import statement_html  # noqa: PLC0415  (for notebooks only)

        return statement_html(self)  # type: ignore[arg-type]  (only statements are written)


def _caller() -> Location:
    """The innermost frame outside this package's own modules: a line of the proof file."""
    frame = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__", "").startswith(
        ("mflverify.", "attr")
    ):
        frame = frame.f_back
    if frame is None:
        return Location("<unknown>", 0)
    return Location(frame.f_code.co_filename, frame.f_lineno)
