"""What a fact is: a named analytic statement that is taken from the literature."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from attrs import field, frozen

from mflverify.expr.sorts import SortError
from mflverify.expr.terms import (
    AtTime,
    Flow,
    FunctionSymbol,
    Node,
    Parameter,
    Quantity,
    Rational,
    Term,
    TimeDerivative,
    VectorSymbol,
    children,
    subterms,
)
from mflverify.proof.statement import Application, Content


@frozen
class Fact:
    """A named analytic fact.

    label: identifier such as `cauchy-schwarz`.  title: one line.  citation: where it is proved.
    build: computes conclusions and premises from the arguments; raises SortError on misuse.
    sharp: why the constant cannot be improved; empty when that is not known.
    Only facts of the library (`mflverify.proof.facts.LIBRARY`) may be used in a proof.
    """

    label: str
    title: str
    citation: str
    build: Callable[..., Content] = field(repr=False, eq=False)
    sharp: str = ""

    def __call__(self, *arguments: object) -> Application:
        application = Application(self, arguments)
        _ = application.content  # misuse is reported where the fact is applied
        return application

    def content(self, arguments: object) -> Content:
        """What the fact says of the arguments."""
        assert isinstance(arguments, tuple)
        return self.build(*arguments)


ZERO = Rational(Fraction(0))


def require_constant(flow: Flow, t: Parameter, **arguments: Term) -> None:
    """Rates and levels of a differential inequality must not move, nor depend on the time t."""
    for name, term in arguments.items():
        frozen_values = [part for part in subterms(term) if isinstance(part, AtTime)]
        if any(part.time != ZERO for part in frozen_values):
            raise SortError(f"{name} = {term!r} depends on time")
        outside = _subterms_outside(term, AtTime)
        moving = [
            part
            for part in outside
            if part == t
            or isinstance(part, (FunctionSymbol, VectorSymbol, Quantity, TimeDerivative))
        ]
        if moving:
            raise SortError(
                f"{name} = {term!r} must be constant along {flow!r}, and {moving[0]!r} is not"
            )


def _subterms_outside(term: Node, stop: type) -> list[Node]:
    """The subterms of `term`, not entering nodes of class `stop`."""
    if isinstance(term, stop):
        return []
    return [term, *(part for child in children(term) for part in _subterms_outside(child, stop))]
