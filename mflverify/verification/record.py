"""From checked objects to ledger records: every formula is printed from its expression here."""

from __future__ import annotations

import hashlib
import json
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from mflverify.algebra.diagram import Vertex
from mflverify.algebra.expand import summands
from mflverify.algebra.normal import Normalizer, Rewrite
from mflverify.algebra.polynomial import Polynomial
from mflverify.algebra.reading import read_polynomial, read_tree
from mflverify.engines.evidence import Evidence, Witness
from mflverify.expr.digest import canonical_text, digest
from mflverify.expr.printing import to_latex, to_mathml, to_unicode
from mflverify.expr.sorts import SCALAR
from mflverify.expr.substitution import spaces
from mflverify.expr.terms import Flow, Product, Rational, Relation, Sum, Term
from mflverify.ledger.records import (
    AssignmentRecord,
    CertificateCase,
    CertificateTerm,
    EvidenceRecord,
    Formula,
    ObligationRecord,
    ReasonRecord,
    RewriteRecord,
    SlackRecord,
    WitnessRecord,
)
from mflverify.proof.certificate import Case, Certificate, Part, cases_of, part_polynomial
from mflverify.proof.facts import Fact
from mflverify.proof.kernel import Hypothesis, Obligation
from mflverify.proof.statement import Application, Statement, Step
from mflverify.proof.trace import certificate_to_json

if TYPE_CHECKING:  # heavy, and not needed to print what is kept
    from mflverify.engines.logical import Discharge, LogicalFinding

_TERMS_PER_LINE = 3


@lru_cache(maxsize=4096)  # hypotheses and facts stand in many steps
def _printed(node: Term | Relation | Flow, terms: int | None, spaces: bool) -> Formula:
    return Formula(
        unicode=to_unicode(node, show_spaces=spaces),
        latex=to_latex(node, max_terms_per_line=terms, show_spaces=spaces),
        mathml=to_mathml(node, show_spaces=spaces),  # a page breaks it where it has to
        digest=digest(node),
    )


@frozen
class Printer:
    """Prints formulas of one statement alike: space subscripts on all or on none."""

    show_spaces: bool

    @staticmethod
    def of(statement: Statement) -> Printer:
        return Printer(_speaks_of_many_spaces(statement, len(statement.steps)))

    def formula(self, node: Term | Relation | Flow) -> Formula:
        """The formula on lines of its own, a few terms on each."""
        return _printed(node, _TERMS_PER_LINE, self.show_spaces)

    def part(self, node: Term) -> Formula:
        """The formula on one line, to stand within another."""
        return _printed(node, None, self.show_spaces)

    def reasons(self, step: Step) -> tuple[ReasonRecord, ...]:
        return tuple(self._reason(reason, step) for reason in step.because)

    def _reason(self, reason: object, step: Step) -> ReasonRecord:
        match reason:
            case Step():
                return ReasonRecord(
                    "step", reason.label, reason.note, (self.formula(reason.claim),)
                )
            case Relation():
                label = hypothesis_label(reason, step)
                return ReasonRecord("hypothesis", label, "", (self.formula(reason),))
            case Statement():
                return self._reason(reason.at({}), step)
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
        certificate: tuple[CertificateCase, ...] = ()
        if discharge.certificate is not None:
            certificate = self.cases(discharge.certificate, obligation)
        values = discharge.solver.counterexample if discharge.solver else ()
        trace = self.rewrites(obligation)
        return ObligationRecord(
            role=obligation.role,
            goal=self.formula(obligation.goal),
            outcome=discharge.outcome,
            how=discharge.how,
            used=discharge.used,
            trace=trace,
            certificate=certificate,
            counterexample=tuple(AssignmentRecord(self.formula(q), v) for q, v in values),
            proof=(
                certificate_to_json(discharge.certificate, obligation)
                if discharge.certificate is not None
                else None
            ),
        )

    def cases(
        self, certificate: Certificate, obligation: Obligation
    ) -> tuple[CertificateCase, ...]:
        """The identities that a certificate consists of."""
        found: list[CertificateCase] = []
        cases = cases_of(obligation, squared=certificate.squared, lift=certificate.lift)
        for case, parts in zip(cases, certificate.cases, strict=True):
            if found and parts == tuple(_reversed(part) for part in certificate.cases[0]):
                continue  # the other side of an equation
            terms = tuple(self._part(part, case, obligation.hypotheses) for part in parts)
            formula = self.part(read_polynomial(case.target))
            found.append(CertificateCase(formula, terms, certificate.squared))
        return tuple(found)

    def _part(self, part: Part, case: Case, hypotheses: tuple[Hypothesis, ...]) -> CertificateTerm:
        given, count = case.given, len(hypotheses)
        named = [index for index in part.hypotheses if index < count]
        by_definition = tuple(index for index in part.hypotheses if index >= count)
        alone = evolve(part, coefficient=Fraction(1), multiplier=(), hypotheses=by_definition)
        multiplier = Product.of(
            read_polynomial(Polynomial({part.multiplier: Fraction(1)})),
            read_polynomial(part_polynomial(alone, given)),
        )
        slack = tuple(
            SlackRecord(
                hypotheses[index].label,
                self.part(read_polynomial(given[index].difference)),
            )
            for index in named
        )
        kind = "monomial"
        if part.root is not None:
            kind = "square"
        elif by_definition:
            kind = "absolute"
        elif named:
            kind = "hypothesis" if len(named) == 1 else "product"
        return CertificateTerm(str(part.coefficient), self.part(multiplier), kind, slack)

    def rewrites(self, obligation: Obligation) -> tuple[RewriteRecord, ...]:
        """Of an equation, each summand with its normal form, then the rewrites that led there."""
        goal = obligation.goal
        if goal.kind != "eq":
            return ()
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
        rewriting = Normalizer()
        for side in (goal.lhs, goal.rhs):
            rewriting(side)
        for rewrite in rewriting.trace:
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


def _reversed(part: Part) -> Part:
    return evolve(part, coefficient=-part.coefficient)


def hypothesis_label(relation: Relation, step: Step) -> str:
    """`hypothesis n` of the step's statement, or `assumption n` of the step, as the kernel counts.

    `hypothesis` alone for what is neither; the kernel refuses that step.
    """
    for kind, relations in (("hypothesis", step.statement.given), ("assumption", step.assuming)):
        if relation in relations:
            return f"{kind} {relations.index(relation) + 1}"
    return "hypothesis"


@lru_cache(maxsize=256)
def _speaks_of_many_spaces(statement: Statement, _steps: int) -> bool:
    relations = [r for step in statement.steps for r in (step.claim, *step.assuming)]
    return len({space for relation in relations for space in spaces(relation)}) > 1


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
    content = {
        "claim": canonical_text(step.claim),
        "assuming": [canonical_text(relation) for relation in step.assuming],
        "given": [canonical_text(relation) for relation in step.statement.given],
        "because": [reason_content(reason) for reason in step.because],
        "acknowledged": step.acknowledged.label if step.acknowledged is not None else "",
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def reason_content(reason: object) -> list[Any]:
    """All formulas of a reason, in JSON values; labels of facts and lemmas too, but not of steps."""
    match reason:
        case Step():
            return [
                "step",
                canonical_text(reason.claim),
                [canonical_text(relation) for relation in reason.assuming],
            ]
        case Relation():
            return ["hypothesis", canonical_text(reason)]
        case Statement():
            return reason_content(reason.at({}))
        case Application():
            content = reason.content
            return [
                reason.label,
                [canonical_text(relation) for relation in content.conclusions],
                [
                    [canonical_text(premise.claim), [canonical_text(r) for r in premise.assuming]]
                    for premise in content.premises
                ],
                [canonical_text(term) for term in content.generic],
            ]
    raise TypeError(f"{reason!r} is not a reason")


__all__ = [
    "Printer",
    "evidence_record",
    "hypothesis_label",
    "reason_content",
    "step_digest",
    "witness_record",
]
