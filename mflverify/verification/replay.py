"""Proofs to the ledger's trace and back: `trace_of` writes, `statements_of` rebuilds.

Nothing here needs an engine: a ledger is replayed where no solver is installed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from mflverify.expr.serial import TermsError, TermTable, read_terms
from mflverify.expr.sorts import SortError
from mflverify.expr.terms import Node, Relation, children
from mflverify.ledger.records import ReasonTrace, StatementTrace, StepTrace, TraceRecord
from mflverify.proof.errors import ProofError
from mflverify.proof.facts import Fact
from mflverify.proof.statement import Application, Reason, Statement, Step
from mflverify.proof.trace import TraceError, application_from_json, arguments_to_json

MAX_DEPTH = 60


def trace_of(statements: Iterable[Statement]) -> TraceRecord:
    """The proofs as the kernel needs them, terms shared."""
    table = TermTable()
    traces = tuple(
        StatementTrace(
            statement.label,
            tuple(table.add(relation) for relation in statement.given),
            tuple(_step(step, table) for step in statement.steps),
        )
        for statement in statements
    )
    return TraceRecord(tuple(table.nodes), traces)


def _step(step: Step, table: TermTable) -> StepTrace:
    return StepTrace(
        name=step.name,
        claim=table.add(step.claim),
        assuming=tuple(table.add(relation) for relation in step.assuming),
        because=tuple(_reason(reason, table) for reason in step.because),
        conclusion=step.conclusion,
        acknowledged=step.acknowledged.label if step.acknowledged is not None else "",
    )


def _reason(reason: Reason, table: TermTable) -> ReasonTrace:
    match reason:
        case Step():
            return ReasonTrace("step", reason.name)
        case Relation():
            return ReasonTrace("hypothesis", "", table.add(reason))
        case Statement():
            return _reason(reason.at({}), table)
        case Application(source=source):
            kind = "fact" if isinstance(source, Fact) else "lemma"
            return ReasonTrace(kind, source.label, arguments_to_json(reason, table))
    raise TypeError(f"{reason!r} is not a reason")


def statements_of(trace: TraceRecord) -> dict[str, Statement]:
    """The statements of a trace, rebuilt.  Raises TraceError at the first thing that is wrong."""
    try:
        nodes = read_terms(trace.terms)
    except TermsError as error:
        raise TraceError(f"trace.{error}") from error
    _require_shallow(nodes)
    statements: dict[str, Statement] = {}
    for record in trace.statements:
        if record.label in statements:
            raise TraceError(f"trace: the statement {record.label!r} occurs twice")
        given = [_relation(number, nodes, record.label) for number in record.given]
        statements[record.label] = Statement(record.label, "", given=given)
    for record in trace.statements:
        for step in record.steps:
            _add(step, record.label, statements, nodes)
    return statements


def _require_shallow(nodes: Sequence[Node]) -> None:
    """Formulas of people are shallow; deeper ones would exhaust the stack of whoever looks."""
    depth: dict[int, int] = {}
    for number, node in enumerate(nodes):
        depth[id(node)] = 1 + max((depth.get(id(c), 1) for c in children(node)), default=0)
        if depth[id(node)] > MAX_DEPTH:
            raise TraceError(f"trace.terms[{number}]: nested deeper than {MAX_DEPTH}")


def _add(
    record: StepTrace, label: str, statements: dict[str, Statement], nodes: Sequence[Node]
) -> None:
    where = f"{label}/{record.name}"
    statement = statements[label]
    try:
        reasons = [_rebuilt(r, statement, statements, nodes, where) for r in record.because]
        claim = _relation(record.claim, nodes, where)
        assuming = [_relation(number, nodes, where) for number in record.assuming]
        if record.conclusion and (assuming or record.acknowledged):
            raise TraceError(
                f"{where}: a conclusion rests on an assumption or is known to be false"
            )
        if record.conclusion:
            statement.conclude(record.name, claim, because=reasons)
        else:
            corrected = _corrected(record.acknowledged, statements, where)
            statement.step(
                record.name, claim, because=reasons, assuming=assuming, acknowledged=corrected
            )
    except (SortError, ProofError) as error:
        raise TraceError(f"{where}: {error}") from error


def _corrected(label: str, statements: dict[str, Statement], where: str) -> Step | None:
    if not label:
        return None
    steps = (step for statement in statements.values() for step in statement.steps)
    found = next((step for step in steps if step.label == label), None)
    if found is None:
        raise TraceError(f"{where}: no earlier step {label!r}")
    return found


def _rebuilt(
    record: ReasonTrace,
    statement: Statement,
    statements: dict[str, Statement],
    nodes: Sequence[Node],
    where: str,
) -> Reason:
    match record.kind:
        case "step":
            found = next((step for step in statement.steps if step.name == record.name), None)
            if found is None:
                raise TraceError(f"{where}: no earlier step {record.name!r}")
            return found
        case "hypothesis":
            return _relation(record.arguments, nodes, where)
        case "fact" | "lemma":
            return application_from_json(
                record.kind, record.name, record.arguments, nodes, statements
            )
    raise TraceError(f"{where}: {record.kind!r} is no kind of reason")


def _relation(number: Any, nodes: Sequence[Node], where: str) -> Relation:
    if type(number) is not int or not 0 <= number < len(nodes):
        raise TraceError(f"{where}: {number!r} is not the number of a term")
    node = nodes[number]
    if not isinstance(node, Relation):
        raise TraceError(f"{where}: node {number} is not a relation")
    return node


__all__ = ["statements_of", "trace_of"]
