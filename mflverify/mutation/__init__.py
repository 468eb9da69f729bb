"""Mutants of statements: which checks notice a mistake made on purpose."""

from mflverify.mutation.arithmetic import (
    DroppedFactor,
    DroppedTerm,
    ExchangedConstants,
    Exponent,
    Factor,
    MovedConstant,
    Sign,
)
from mflverify.mutation.functional import OtherNorm, OtherOperator, OtherTime, Transposed
from mflverify.mutation.operator import Change, Operator
from mflverify.mutation.relational import Reversed, Strict, weaker

OPERATORS: tuple[Operator, ...] = (
    Sign(),
    Factor(),
    Exponent(),
    DroppedTerm(),
    DroppedFactor(),
    ExchangedConstants(),
    MovedConstant(),
    OtherNorm(),
    OtherOperator(),
    Transposed(),
    OtherTime(),
    Reversed(),
    Strict(),
)

__all__ = ["OPERATORS", "Change", "Operator", "weaker"]
