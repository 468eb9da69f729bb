"""From data to an instance: dependent parameters are solved again, every hypothesis is verified."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Literal

from attrs import evolve, frozen
from flint import arb, fmpq

from mflverify.expr.sorts import SCALAR
from mflverify.expr.terms import (
    Direction,
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    Point,
    Quantity,
    Relation,
    Term,
    VectorSymbol,
)
from mflverify.models.bounds import Bounds, analyse, place, start_of
from mflverify.models.evaluation import Evaluator
from mflverify.models.gaussian import GaussianLine
from mflverify.models.instance_data import Choice, InstanceData
from mflverify.models.request import Request, Unavailable
from mflverify.models.torus_ring import RingTorus, polynomial_of
from mflverify.numerics.precision import working_precision
from mflverify.numerics.suprema import minimum

Arithmetic = Literal["exact", "ball"]

# a tight parameter is moved off its bound by this much, so that the bound holds for certain
NUDGE = Fraction(1, 2**60)


@frozen
class Instance:
    """One instance in rational or ball arithmetic, its hypotheses verified."""

    data: InstanceData
    arithmetic: Arithmetic
    bits: int
    evaluator: Evaluator

    def evaluate(self, term: Term) -> fmpq | arb:
        """The value of a scalar.  Raises Unavailable when this arithmetic has none."""
        if term.sort != SCALAR:
            raise Unavailable(f"{term!r} is not a scalar")
        with working_precision(self.bits):
            return self.evaluator(term)


def interpret(
    data: InstanceData, request: Request, arithmetic: Arithmetic, bits: int = 128
) -> Instance:
    """The instance that `data` describes.

    Raises ValueError naming the symbol when a value is missing or not admissible (tau <= 0, an
    asymmetric kernel for a symmetric symbol, 1 + f < 0), or a hypothesis does not certainly hold;
    Unavailable when the arithmetic cannot represent the instance.
    """
    with working_precision(bits):
        backend = _backend(data, request, arithmetic)
        symbols: dict[Term, Any] = {}
        for kernel in request.ordered(KernelSymbol):
            symbols[kernel] = (kernel, _kernel(kernel, data))
        for point in request.ordered(Point):
            symbols[point] = _get(data.points, point.name, "points")
        for direction in request.ordered(Direction):
            symbols[direction] = backend.number(_get(data.directions, direction.name, "directions"))
        for phi in request.ordered(VectorSymbol):
            symbols[phi] = backend.field_of(_get(data.fields, phi.name, "fields"))
        for f in request.ordered(FunctionSymbol):
            symbols[f] = _function(f, data, backend)
        rates: dict[Term, Any] = {}
        for quantity in request.ordered(Quantity):
            value = _get(data.quantities, quantity.name, "quantities")
            if quantity.sign != "real" and (
                value < 0 or (quantity.sign == "positive" and value == 0)
            ):
                raise ValueError(f"quantity {quantity.name} must be {quantity.sign}, got {value}")
            symbols[quantity] = backend.number(value)
            if quantity.name in data.rates:
                rates[quantity] = backend.number(data.rates[quantity.name])
        evaluator = Evaluator(backend, symbols, rates)
        solved: dict[str, str] = {}
        system = analyse(request)
        for parameter in system.order:
            value = _parameter(parameter, data, system.bounds[parameter], evaluator)
            symbols[parameter] = value
            evaluator = evolve(evaluator, symbols=symbols)
            solved[parameter.name] = (
                str(value) if isinstance(value, fmpq) else value.str(8, radius=False)
            )
        for relation in request.hypotheses:
            _verify(start_of(relation), evaluator)
        return Instance(evolve(data, solved=solved), arithmetic, bits, evaluator)


def _backend(data: InstanceData, request: Request, arithmetic: Arithmetic) -> Any:
    if data.family == "gaussian":
        if arithmetic != "exact":
            raise Unavailable("Gaussian instances are rational; use exact arithmetic")
        return GaussianLine()
    potentials = {}
    if data.family == "torus":
        for space in request.ordered_spaces:
            potentials[space] = polynomial_of(_get(data.potentials, space.name, "potentials"))
    return RingTorus(potentials, exact=arithmetic == "exact")


def _get(values: Any, name: str, section: str) -> Any:
    if name not in values:
        raise ValueError(f"{section}: no value for {name}")
    return values[name]


def _kernel(kernel: KernelSymbol, data: InstanceData) -> tuple[tuple[Fraction, ...], ...]:
    matrix = _get(data.kernels, kernel.name, "kernels")
    if kernel.symmetric:
        size = max(len(matrix), len(matrix[0]))
        square = [
            [
                matrix[i][j] if i < len(matrix) and j < len(matrix[0]) else Fraction(0)
                for j in range(size)
            ]
            for i in range(size)
        ]
        for i in range(size):
            for j in range(i):
                if square[i][j] != square[j][i]:
                    raise ValueError(
                        f"kernels.{kernel.name} must be symmetric: entries ({i}, {j}) and ({j}, {i}) "
                        f"are {square[i][j]} and {square[j][i]}"
                    )
        return tuple(tuple(row) for row in square)
    return matrix


def _function(f: FunctionSymbol, data: InstanceData, backend: Any) -> Any:
    coefficients = _get(data.functions, f.name, "functions")
    if isinstance(backend, GaussianLine):
        return backend.function_of(coefficients, f.kind)
    phi = backend.field_of(coefficients)
    value = backend.grad_adjoint(f.space, backend.grad(f.space, phi))
    if f.kind == "perturbation":
        low = minimum(value.parts[0])
        if low.lower < -1:
            raise ValueError(
                f"functions.{f.name}: 1 + {f.name} must not be negative, and {f.name} goes down to "
                f"{float(low.lower):.6g}"
            )
    constant = data.constants.get(f.name, Fraction(0))
    if f.kind == "function" and constant:
        return backend.add(value, backend.scale(backend.number(constant), backend.one(f.space)))
    return value


def _parameter(p: Parameter, data: InstanceData, bounds: Bounds, evaluator: Evaluator) -> Any:
    choice: Choice = _get(data.parameters, p.name, "parameters")
    number = evaluator.backend.number
    if choice.rule == "value":
        value = number(choice.amount)
    else:
        lower, upper, open_below, open_above = _bounds(p, bounds, evaluator)
        value = place(
            lower,
            upper,
            number(choice.amount),
            choice.rule == "tight",
            not open_above,
            not open_below,
        )
        if value is None:
            raise ValueError(f"parameters.{p.name}: nothing bounds it; give a value")
    if not _certainly(value, p.sign):
        shown = str(value) if isinstance(value, fmpq) else value.str(8)
        raise ValueError(f"parameters.{p.name} must be {p.sign}, got {shown}")
    return value


def _bounds(p: Parameter, bounds: Bounds, evaluator: Evaluator) -> tuple[Any, Any, bool, bool]:
    """Largest lower and smallest upper bound as exact numbers, each on its safe side."""
    number = evaluator.backend.number
    lower = number(Fraction(0)) if p.sign != "real" else None
    upper = None
    open_below, open_above = p.sign == "positive", False
    for term, strict in bounds.lower:
        value = evaluator(term)
        if isinstance(value, arb):
            value = arb(value.upper() + abs(value.upper()) * number(NUDGE)).upper()
        if lower is None or value > lower:
            lower, open_below = value, strict
    for term, strict in bounds.upper:
        value = evaluator(term)
        if isinstance(value, arb):
            value = arb(value.lower() - abs(value.lower()) * number(NUDGE)).lower()
        if upper is None or value < upper:
            upper, open_above = value, strict
    return lower, upper, open_below, open_above


def _certainly(value: Any, sign: str) -> bool:
    if sign == "positive":
        return bool(value > 0)
    return sign == "real" or bool(value >= 0)


def _verify(relation: Relation, evaluator: Evaluator) -> None:
    lhs, rhs = evaluator(relation.lhs), evaluator(relation.rhs)
    match relation.kind:
        case "le":
            good = lhs <= rhs
        case "lt":
            good = lhs < rhs
        case "eq":
            good = lhs == rhs if isinstance(lhs, fmpq) else (lhs - rhs).contains(0)
    if not good:
        raise ValueError(
            f"the hypothesis {relation!r} does not certainly hold: {lhs} against {rhs}"
        )


__all__ = ["Arithmetic", "Instance", "interpret"]
