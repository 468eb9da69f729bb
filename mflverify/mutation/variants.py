"""Variants: proofs beside those of the paper, which show that a mutant is true.

Where neither the prover nor an instance decides a mutant, a person may: by a statement of kind
`variant`, whose steps are carried out under the hypotheses of the mutant.  It is checked like every
other statement; nothing is taken on trust.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import define, field

from mflverify.expr.substitution import symbols
from mflverify.expr.terms import Relation, Term
from mflverify.mutation.copying import with_hypotheses, with_step
from mflverify.mutation.proving import Judge
from mflverify.proof.loader import Proofs
from mflverify.proof.statement import Statement


def variants_of(proofs: Proofs, statement: Statement) -> tuple[Statement, ...]:
    """The variants that speak of all that a statement speaks of, in reading order."""
    return tuple(v for v in proofs.variants if _symbols(statement) <= _symbols(v))


def _symbols(statement: Statement) -> set[Term]:
    relations = [*statement.given, *(step.claim for step in statement.steps)]
    return {symbol for relation in relations for symbol in symbols(relation)}


@define
class Variants:
    """What variants prove, under hypotheses that need not be their own."""

    statements: tuple[Statement, ...] = ()
    _judge: Judge = field(factory=Judge, init=False)
    _closed: dict[tuple[str, tuple[Relation, ...]], Statement | None] = field(
        factory=dict, init=False
    )

    def proof_of(
        self,
        claims: Iterable[Relation],
        given: tuple[Relation, ...],
        assuming: tuple[Relation, ...] = (),
    ) -> str:
        """The label of a variant that proves all these claims under these hypotheses, or ''.

        Of no claims at all nothing is said.
        """
        wanted = list(claims)
        for variant in self.statements if wanted else ():
            closed = self._carried_out(variant, given)
            if closed is not None and all(self._follows(closed, c, assuming) for c in wanted):
                return variant.label
        return ""

    def _carried_out(self, variant: Statement, given: tuple[Relation, ...]) -> Statement | None:
        """The variant with these hypotheses, if every step closes."""
        key = variant.label, given
        if key not in self._closed:
            copy = with_hypotheses(variant, given)
            closes = all(
                self._judge.step(step, expected=True).outcome == "proved" for step in copy.steps
            )
            self._closed[key] = copy if closes else None
        return self._closed[key]

    def _follows(self, closed: Statement, claim: Relation, assuming: tuple[Relation, ...]) -> bool:
        here = [step for step in closed.steps if set(step.assuming) <= set(assuming)]
        new = with_step(closed.steps[-1], claim, name="mutant", because=here, assuming=assuming)
        return self._judge.plain(new).outcome == "proved"


__all__ = ["Variants", "variants_of"]
