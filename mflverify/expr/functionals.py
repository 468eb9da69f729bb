"""Suprema of the second variation of a functional of measures."""

# pyright: reportAttributeAccessIssue=false, reportIncompatibleVariableOverride=false
# (attrs' `@field.validator` is not seen by the type checker)

from __future__ import annotations

from attrs import field, frozen

from mflverify.expr.sorts import SCALAR, OperatorSort, Sort, SortError
from mflverify.expr.terms import Term, Transpose


@frozen(repr=False, cache_hash=True)
class KernelSup(Term):
    """sup over (x, y) of |k(x, y)|, or of |grad_y k(x, y)| with one derivative.

    derivatives: 0 or 1; two, one in each argument, are `MixedSup`.
    """

    operator: Term = field()
    derivatives: int = field(default=0)

    @operator.validator
    def _check(self, _attribute: object, value: Term) -> None:
        if not isinstance(value.sort, OperatorSort):
            raise SortError(f"the supremum of a kernel is of an operator, not of {value!r}")

    @derivatives.validator
    def _check_order(self, _attribute: object, value: int) -> None:
        if value not in (0, 1):
            raise SortError(f"the supremum of a kernel has 0 or 1 derivatives, not {value}")

    @property
    def sort(self) -> Sort:
        return SCALAR


def kernel_sup(operator: Term) -> Term:
    """B_0 = sup |k(x, y)|; the same for the transposed operator."""
    return KernelSup(operator.operator if isinstance(operator, Transpose) else operator)


def kernel_slope_sup(operator: Term) -> Term:
    """B_1 = sup |grad_y k(x, y)|, the gradient in the argument that is integrated."""
    return KernelSup(operator, 1)
