"""A sympy expression of one variable as a straight line of operations, run in any arithmetic.

Common parts are computed once, and parts without the variable once for all points.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import add, mul
from typing import Any, Protocol

import sympy
from attrs import define, field

from mflverify.examples.closed_forms import Expr, x


class Functions(Protocol):
    """Numbers of one kind; they support +, * and integer powers themselves."""

    def rational(self, numerator: int, denominator: int) -> Any: ...
    def pi(self) -> Any: ...
    def exp(self, value: Any) -> Any: ...
    def cos(self, value: Any) -> Any: ...
    def sin(self, value: Any) -> Any: ...
    def erf(self, value: Any) -> Any: ...
    def sqrt(self, value: Any) -> Any: ...
    def bessel_i(self, order: Any, value: Any) -> Any: ...


_NAMED = {sympy.exp: "exp", sympy.cos: "cos", sympy.sin: "sin", sympy.erf: "erf"}


@define
class Program:
    """The operations of `tree` in their order.

    functions: the arithmetic, at the precision in force when the program is built and run.
    known: values of the symbols other than the variable.
    Raises TypeError for what is not entire in the variable: Arb's `analytic` flag then needs no
    forwarding.
    """

    functions: Functions
    known: Mapping[Expr, Any]
    _slots: dict[Expr, int] = field(factory=dict, init=False)
    _start: list[Any] = field(factory=list, init=False)
    _steps: list[tuple[int, Callable[..., Any], tuple[int, ...]]] = field(factory=list, init=False)

    @classmethod
    def of(
        cls, tree: Expr, functions: Functions, known: Mapping[Expr, Any]
    ) -> Callable[[Any], Any]:
        """The function of one point that `tree` stands for."""
        program = cls(functions, known)
        result = program._slot(sympy.sympify(tree))
        variable = program._slots.get(x)

        def run(point: Any) -> Any:
            values = list(program._start)
            if variable is not None:
                values[variable] = point
            for target, operation, arguments in program._steps:
                values[target] = operation(*(values[i] for i in arguments))
            return values[result]

        return run

    def _slot(self, tree: Expr) -> int:
        if tree not in self._slots:
            self._slots[tree] = self._compile(tree)
        return self._slots[tree]

    def _compile(self, tree: Expr) -> int:
        if tree in self.known:
            return self._keep(self.known[tree])
        if tree.is_Add or tree.is_Mul:
            # constants first, so that they are combined once
            parts = sorted(tree.args, key=lambda part: bool(part.has(x)))
            total = self._slot(parts[0])
            for part in parts[1:]:
                total = self._apply(add if tree.is_Add else mul, total, self._slot(part))
            return total
        if tree.args:
            return self._apply(
                self._operation(tree), *(self._slot(p) for p in self._operands(tree))
            )
        return self._keep(self._leaf(tree))

    def _keep(self, value: Any) -> int:
        self._start.append(value)
        return len(self._start) - 1

    def _apply(self, operation: Callable[..., Any], *arguments: int) -> int:
        """The slot of the result: computed now if no argument depends on the variable."""
        values = [self._start[i] for i in arguments]
        if not any(value is None for value in values):
            return self._keep(operation(*values))
        slot = self._keep(None)
        self._steps.append((slot, operation, arguments))
        return slot

    def _leaf(self, tree: Expr) -> Any:
        if tree == x:
            return None  # filled in at each point
        if tree.is_Rational:
            return self.functions.rational(int(tree.p), int(tree.q))
        if tree == sympy.pi:
            return self.functions.pi()
        if tree == sympy.E:
            return self.functions.exp(self.functions.rational(1, 1))
        raise TypeError(f"no value is known for {tree}")

    def _operands(self, tree: Expr) -> tuple[Expr, ...]:
        return (tree.base,) if tree.is_Pow else tree.args

    def _operation(self, tree: Expr) -> Callable[..., Any]:
        if tree.func in _NAMED:
            return getattr(self.functions, _NAMED[tree.func])
        constant = not tree.has(x)
        if tree.is_Pow and tree.exp.is_Integer and (constant or tree.exp > 0):
            exponent = int(tree.exp)
            return lambda base: base**exponent
        if tree.is_Pow and abs(tree.exp) == sympy.Rational(1, 2) and constant:
            sign = 1 if tree.exp > 0 else -1
            return lambda base: self.functions.sqrt(base) ** sign
        if isinstance(tree, sympy.besseli) and constant:
            return self.functions.bessel_i
        raise TypeError(f"{type(tree).__name__} is not an entire function known here: {tree}")
