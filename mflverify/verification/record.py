"""From checked objects to ledger records: every formula is printed from its expression here."""

from __future__ import annotations

import hashlib
from fractions import Fraction

from attrs import evolve, frozen

from mflverify.algebra.diagram import Vertex
from mflverify.algebra.expand import summands
from mflverify.algebra.normal import Normalizer, Rewrite
from mflverify.algebra.polynomial import Polynomial
from mflverify.algebra.reading import read_polynomial, read_tree
from mflverify.engines.evidence import Evidence, Witness
from mflverify.engines.logical import Discharge, LogicalFinding
from mflverify.expr.digest import canonical_text, digest
from mflverify.expr.printing import to_latex, to_mathml, to_unicode
from mflverify.expr.sorts import SCALAR
from mflverify.expr.substitution import spaces
from mflverify.expr.terms import Flow, Product, Rational, Relation, Sum, Term
from mflverify.ledger.records import (
    AssignmentRecord,
    CertificateTerm,
    EvidenceRecord,
    Formula,
    ObligationRecord,
    ReasonRecord,
    RewriteRecord,
    WitnessRecord,
)
from mflverify.proof.certificate import Part, part_polynomial
from mflverify.proof.facts import Fact
from mflverify.proof.kernel import NormalRelation, Obligation
from mflverify.proof.statement import Application, Statement, Step

_TERMS_PER_LINE = 3


@frozen
class Printer:
    """Prints formulas of one statement alike: space subscripts on all or on none."""

    show_spaces: bool

    @staticmethod
    def of(statement: Statement) -> Printer:
        seen = {
            space
            for step in statement.steps
            for relation in (step.claim, *step.assuming)
            for space in spaces(relation)
        }
        return Printer(len(seen) > 1)

    def formula(self, node: Term | Relation | Flow) -> Formula:
        return Formula(
            unicode=to_unicode(node, show_spaces=self.show_spaces),
            latex=to_latex(node, max_terms_per_line=_TERMS_PER_LINE, show_spaces=self.show_spaces),
            mathml=to_mathml(
                node, max_terms_per_line=_TERMS_PER_LINE, show_spaces=self.show_spaces
            ),
            digest=digest(node),
        )

    def reasons(self, step: Step) -> tuple[ReasonRecord, ...]:
        return tuple(self._reason(reason) for reason in step.because)

    def _reason(self, reason: object) -> ReasonRecord:
        match reason:
            case Step():
                return ReasonRecord(
                    "step", reason.label, reason.note, (self.formula(reason.claim),)
                )
            case Relation():
                return ReasonRecord("hypothesis", "hypothesis", "", (self.formula(reason),))
            case Statement():
                return self._reason(reason.at({}))
            case Application(source=source):
                kind = "fact" if isinstance(source, Fact) else "lemma"
                citation = source.citation if isinstance(source, Fact) else ""
                title = source.title if isinstance(source, (Fact, Statement)) else ""
                said = tuple(self.formula(relation) for relation in reason.content.conclusions)
                return ReasonRecord(kind, source.label, title, said, citation)
        raise TypeError(f"{reason!r} is not a reason")

    def obligations(self, finding: LogicalFinding) -> tuple[ObligationRecord, ...]:
        return tuple(self._obligation(d) for d in finding.discharges)

    def _obligation(self, discharge: Discharge) -> ObligationRecord:
        obligation = discharge.obligation
        terms: tuple[CertificateTerm, ...] = ()
        if discharge.certificate is not None:
            hypotheses = [h.normal for h in obligation.hypotheses]
            labels = [h.label for h in obligation.hypotheses]
            terms = tuple(
                self._part(part, hypotheses, labels)
                for case in discharge.certificate.cases
                for part in case
            )
        values = discharge.solver.counterexample if discharge.solver else ()
        trace = self._trace(obligation) if obligation.normal.sense == "eq" else ()
        return ObligationRecord(
            role=obligation.role,
            goal=self.formula(obligation.goal),
            outcome=discharge.outcome,
            how=discharge.how,
            used=discharge.used,
            trace=trace,
            certificate=terms,
            counterexample=tuple(AssignmentRecord(self.formula(q), v) for q, v in values),
        )

    def _part(
        self, part: Part, hypotheses: list[NormalRelation], labels: list[str]
    ) -> CertificateTerm:
        multiplier = read_polynomial(Polynomial({part.multiplier: Fraction(1)}))
        match part.kind:
            case "hypothesis":
                label = labels[part.index]
            case "product":
                label = f"{labels[part.index]} times {labels[part.second]}"
            case "monomial":
                label = "non-negative"
            case "absolute" | "square":
                alone = evolve(part, coefficient=Fraction(1), multiplier=())
                multiplier = Product.of(
                    multiplier, read_polynomial(part_polynomial(alone, hypotheses))
                )
                label = "a square" if part.kind == "square" else "|q| + q or |q| - q"
        return CertificateTerm(str(part.coefficient), self.formula(multiplier), label)

    def _trace(self, obligation: Obligation) -> tuple[RewriteRecord, ...]:
        """Each summand of the two sides with its normal form, then the rewrites that led there."""
        goal = obligation.goal
        records: list[RewriteRecord] = []
        if goal.lhs.sort == SCALAR:
            normalizer = Normalizer()
            for side, term in (("left", goal.lhs), ("right", goal.rhs)):
                for part in summands(term):
                    result = read_polynomial(normalizer(part))
                    records.append(
                        RewriteRecord(
                            f"summand on the {side}", self.formula(part), self.formula(result)
                        )
                    )
        for rewrite in obligation.trace:
            record = self._rewrite(rewrite)
            if record.before.unicode != record.after.unicode and record not in records:
                records.append(record)
        return tuple(records)

    def _rewrite(self, rewrite: Rewrite) -> RewriteRecord:
        after: list[Term] = [
            Product.of(Rational(c), *(_tree_term(tree) for tree in trees))
            for c, trees in rewrite.after
        ]
        result = Sum.of(*after) if after else Rational(Fraction(0))
        return RewriteRecord(
            rewrite.rule, self.formula(_tree_term(rewrite.before)), self.formula(result)
        )


def _tree_term(tree: Vertex) -> Term:
    return read_tree(tree) if tree.items else Rational(Fraction(1))


def evidence_record(item: Evidence) -> EvidenceRecord:
    """The ledger record of a piece of evidence; margins keep six significant digits."""
    return EvidenceRecord(
        engine=item.engine,
        verdict=str(item.verdict),
        instances=item.instances,
        family=item.family,
        margin="" if item.margin is None else f"{item.margin:.6g}",
        lhs=item.lhs,
        rhs=item.rhs,
        instance=item.instance,
        data=item.data,
        minimal=item.minimal,
        minimal_data=item.minimal_data,
        reason=item.reason,
    )


def witness_record(witness: Witness) -> WitnessRecord:
    """The ledger record of a witness."""
    return WitnessRecord(
        witness.found, witness.family, witness.arithmetic, witness.instance, witness.reason
    )


def step_digest(step: Step) -> str:
    """Digest of everything the finding of a step depends on, short of the engines."""
    parts = [canonical_text(step.claim)]
    parts += [canonical_text(relation) for relation in (*step.assuming, *step.statement.given)]
    parts += [_reason_text(reason) for reason in step.because]
    if step.acknowledged is not None:
        parts.append(f"acknowledged {step.acknowledged.label}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _reason_text(reason: object) -> str:
    match reason:
        case Step():
            return f"step {canonical_text(reason.claim)} {[canonical_text(r) for r in reason.assuming]}"
        case Relation():
            return f"hypothesis {canonical_text(reason)}"
        case Statement():
            return _reason_text(reason.at({}))
        case Application():
            content = reason.content
            said = [canonical_text(r) for r in content.conclusions]
            needed = [canonical_text(p.claim) for p in content.premises]
            return f"{reason.label} {said} {needed}"
    raise TypeError(f"{reason!r} is not a reason")


__all__ = ["Printer", "evidence_record", "step_digest", "witness_record"]
