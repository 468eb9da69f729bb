"""Statements and the steps of their proofs.

A proof file builds one or more `Statement`s.  Each step is one claim with the reasons it names:
earlier steps, applications of facts (`mflverify.proof.facts`), applications of other statements
(`statement.at({...})`), or hypotheses of the statement.  A relation without `at_time` is claimed
at every time of every trajectory that satisfies the hypotheses; one under `assuming` is claimed at
those times where the assumption holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol, Union

import attrs
from attrs import field, frozen

from mflverify.expr.substitution import Substitution, obligations
from mflverify.expr.terms import Flow, Relation, Term
from mflverify.proof.writing import Location, Shown, Writing

Kind = Literal["theorem", "lemma", "proposition", "corollary", "remark", "identities", "variant"]


@frozen
class Premise:
    """What must be established before a fact or lemma may be used.

    assuming: relations that may be assumed, at the current time, while establishing it.
    """

    claim: Relation
    assuming: tuple[Relation, ...] = ()


@frozen
class Content:
    """What an application of a fact or lemma says, given its premises.

    generic: points and directions that must not be restricted by anything (for suprema).
    """

    conclusions: tuple[Relation, ...]
    premises: tuple[Premise, ...] = ()
    generic: tuple[Term, ...] = ()


class Source(Protocol):
    """What can be applied: a fact of the library or a statement."""

    @property
    def label(self) -> str: ...

    def content(self, arguments: object) -> Content: ...


@frozen
class Application:
    """A fact or a statement applied to arguments; its content is recomputed by the kernel."""

    source: Source = field(eq=False)
    arguments: object

    @property
    def label(self) -> str:
        return self.source.label

    @property
    def content(self) -> Content:
        return self.source.content(self.arguments)


@frozen(eq=False)
class Step(Shown):
    """One claim of a proof.

    name: unique in its statement.  assuming: local assumptions.  conclusion: whether the statement
    concludes it.  acknowledged: for a claim known to be false, the step that corrects it.
    """

    statement: Statement = field(repr=False)
    name: str
    claim: Relation
    because: tuple[Reason, ...]
    assuming: tuple[Relation, ...]
    conclusion: bool
    location: Location
    note: str = ""
    acknowledged: Step | None = None

    @property
    def label(self) -> str:
        """The permanent identifier, such as `thm-4.1/error-x`."""
        return f"{self.statement.label}/{self.name}"

    @property
    def applications(self) -> tuple[Application, ...]:
        """The facts and statements that it applies; a bare statement is its identical instance."""
        reasons = (r.at({}) if isinstance(r, Statement) else r for r in self.because)
        return tuple(reason for reason in reasons if isinstance(reason, Application))


Reason = Union[Step, Application, Relation, "Statement"]


@attrs.define(eq=False)
class Statement(Writing):
    """A numbered statement: hypotheses, steps, conclusions.

    label: identifier such as `thm-4.1`, unique over all proofs.
    title: one line for readers.  kind: what the paper calls it; a `variant` is not in the paper, and
    shows why mutants of it are true.
    given: hypotheses, relations between terms; signs of parameters count as hypotheses too.
    source: where in the literature it stands.
    """

    label: str
    title: str
    kind: Kind = "theorem"
    given: tuple[Relation, ...] = field(default=(), converter=tuple)
    source: str = ""
    steps: list[Step] = field(factory=list, init=False, repr=False)
    location: Location = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.location = self._begun()

    @property
    def conclusions(self) -> tuple[Step, ...]:
        """The steps that the statement concludes."""
        return tuple(step for step in self.steps if step.conclusion)

    @property
    def forged(self) -> Step | None:
        """A step that its methods cannot have written: another's, or a conclusion under a proviso."""
        for step in self.steps:
            under = step.assuming or step.acknowledged is not None
            if step.statement is not self or (step.conclusion and under):
                return step
        return None

    def at(
        self, terms: Mapping[Term, Term], flows: Mapping[Flow, Flow] | None = None
    ) -> Application:
        """The statement with its symbols replaced: how a lemma is used.

        Raises SortError when an image has the wrong sort.
        """
        return Application(self, Substitution.of(terms, flows=flows))

    def content(self, arguments: object) -> Content:
        """Conclusions and premises of the statement under a substitution."""
        assert isinstance(arguments, Substitution)
        signs = [Premise(relation) for relation in obligations(arguments)]
        return Content(
            conclusions=tuple(arguments(step.claim) for step in self.conclusions),
            premises=(*signs, *(Premise(arguments(relation)) for relation in self.given)),
        )
