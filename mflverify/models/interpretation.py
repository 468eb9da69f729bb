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
    RemainderSymbol,
    Term,
    VectorSymbol,
)
from mflverify.models.bounds import Bounds, analyse, place, start_of
from mflverify.models.evaluation import Evaluator
from mflverify.models.gaussian import GaussianLine
from mflverify.models.instance_data import Choice, InstanceData
from mflverify.models.product_source import ProductSource, ring_of, value_of
from mflverify.models.request import Request, Unavailable
from mflverify.models.torus_ring import polynomial_of
from mflverify.models.torus_variations import VariationTorus
from mflverify.models.unions import request_on, written
from mflverify.numerics.precision import working_precision
from mflverify.numerics.suprema import minimum

Arithmetic = Literal["exact", "ball"]

# a tight parameter is moved off its bound by this much, so that the bound holds for certain
NUDGE = Fraction(1, 2**60)


class HypothesisError(ValueError):
    """A hypothesis does not certainly hold at an instance."""


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
        if self.data.components:
            term = written(term, self.data.components)
        with working_precision(self.bits):
            return self.evaluator(term)


def interpret(
    data: InstanceData, request: Request, arithmetic: Arithmetic, bits: int = 128
) -> Instance:
    """The instance that `data` describes.

    Raises ValueError naming the symbol when a value is missing or not admissible (tau <= 0, an
    asymmetric kernel for a symmetric symbol, 1 + f < 0); HypothesisError, a ValueError, when a
    hypothesis does not certainly hold; Unavailable when the arithmetic cannot represent the instance.
    """
    if request.has_unions != bool(data.components):
        raise ValueError(
            f"components: {data.components} is given, and the request has "
            f"{'a' if request.has_unions else 'no'} union of spaces"
        )
    if data.components:
        request = request_on(request, data.components)
    with working_precision(bits):
        source = (
            ProductSource(data, request, ring_of(arithmetic))
            if data.family == "spaces"
            else _PlainSource(data, _backend(data, request, arithmetic))
        )
        backend = source.backend
        symbols: dict[Term, Any] = {}
        for kernel in request.ordered(KernelSymbol):
            symbols[kernel] = (kernel, source.kernel(kernel))
        for functional in request.ordered(RemainderSymbol):
            symbols[functional] = source.remainder(functional)
        for point in request.ordered(Point):
            symbols[point] = source.point(point)
        for direction in request.ordered(Direction):
            symbols[direction] = source.direction(direction)
        for phi in request.ordered(VectorSymbol):
            symbols[phi] = source.field(phi)
        for f in request.ordered(FunctionSymbol):
            symbols[f] = source.function(f)
        rates: dict[Term, Any] = {}
        for quantity in request.ordered(Quantity):
            value = value_of(data.quantities, quantity.name, "quantities")
            if quantity.sign != "real" and (
                value < 0 or (quantity.sign == "positive" and value == 0)
            ):
                raise ValueError(f"quantity {quantity.name} must be {quantity.sign}, got {value}")
            symbols[quantity] = backend.number(value)
            if quantity.name in data.rates:
                rates[quantity] = backend.number(data.rates[quantity.name])
        evaluator = Evaluator(backend, symbols, rates, step=source.step)
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
            potentials[space] = polynomial_of(value_of(data.potentials, space.name, "potentials"))
    return VariationTorus(potentials, exact=arithmetic == "exact")


@frozen
class _PlainSource:
    """Values of symbols on circles and on the Gaussian line, from lists of coefficients."""

    data: InstanceData
    backend: Any
    step: Fraction = Fraction(1)

    def kernel(self, kernel: KernelSymbol) -> tuple[tuple[Fraction, ...], ...]:
        """Its coefficient matrix, square when the kernel is symmetric."""
        matrix = value_of(self.data.kernels, kernel.name, "kernels")
        if not isinstance(matrix, tuple):
            raise ValueError(
                f"kernels.{kernel.name}: the {self.data.family} family takes a coefficient matrix"
            )
        return _symmetrised(matrix, kernel.name) if kernel.symmetric else matrix

    def remainder(self, functional: RemainderSymbol) -> Any:
        """Its strength, the function that it multiplies, and its forms."""
        rows = value_of(self.data.remainders, functional.name, "remainders")
        where, count = f"remainders.{functional.name}", 2 + len(functional.sources)
        if len(rows) != count or len(rows[0]) != 1:
            raise ValueError(
                f"{where}: one number and {count - 1} lists of coefficients are needed"
            )
        if functional.sources == (functional.target,) and rows[1] != rows[2]:
            raise ValueError(f"{where}: the third variation of one functional is symmetric")
        if not all(isinstance(row, tuple) for row in rows):
            raise ValueError(f"{where}: the {self.data.family} family takes lists of coefficients")
        strength, out, *forms = rows
        waves = tuple(self.backend.field_of(form) for form in forms)
        return self.backend.number(strength[0]), self.backend.field_of(out), waves

    def point(self, point: Point) -> Fraction:
        """Its coordinate."""
        return _plain(value_of(self.data.points, point.name, "points"), f"points.{point.name}")

    def direction(self, direction: Direction) -> Any:
        """1 or -1."""
        value = value_of(self.data.directions, direction.name, "directions")
        return self.backend.number(_plain(value, f"directions.{direction.name}"))

    def field(self, phi: VectorSymbol) -> Any:
        """The field with these coefficients."""
        return self.backend.field_of(self._list(self.data.fields, phi.name, "fields"))

    def function(self, f: FunctionSymbol) -> Any:
        """The state: L phi, or made from a polynomial."""
        coefficients = self._list(self.data.functions, f.name, "functions")
        backend = self.backend
        if isinstance(backend, GaussianLine):
            return backend.function_of(coefficients, f.kind)
        phi = backend.field_of(coefficients)
        value = backend.grad_adjoint(f.space, backend.grad(f.space, phi))
        if f.kind == "perturbation":
            low = minimum(value.parts[0])
            if low.lower < -1:
                raise ValueError(
                    f"functions.{f.name}: 1 + {f.name} must not be negative, and {f.name} goes "
                    f"down to {float(low.lower):.6g}"
                )
        constant = self.data.constants.get(f.name, Fraction(0))
        if f.kind == "function" and constant:
            return backend.add(value, backend.scale(backend.number(constant), backend.one(f.space)))
        return value

    def _list(self, values: Any, name: str, section: str) -> tuple[Fraction, ...]:
        value = value_of(values, name, section)
        if not isinstance(value, tuple) or not all(isinstance(c, Fraction) for c in value):
            raise ValueError(
                f"{section}.{name}: the {self.data.family} family takes a list of coefficients"
            )
        return value


def _plain(value: Any, where: str) -> Fraction:
    if not isinstance(value, Fraction):
        raise ValueError(f"{where}: one number is needed here, got {len(value)}")
    return value


def _symmetrised(
    matrix: tuple[tuple[Fraction, ...], ...], name: str
) -> tuple[tuple[Fraction, ...], ...]:
    """The matrix filled up with zeros to a square.  Raises ValueError unless it is symmetric."""
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
                    f"kernels.{name} must be symmetric: entries ({i}, {j}) and ({j}, {i}) "
                    f"are {square[i][j]} and {square[j][i]}"
                )
    return tuple(tuple(row) for row in square)


def _parameter(p: Parameter, data: InstanceData, bounds: Bounds, evaluator: Evaluator) -> Any:
    choice: Choice = value_of(data.parameters, p.name, "parameters")
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
        raise HypothesisError(
            f"the hypothesis {relation!r} does not certainly hold: {lhs} against {rhs}"
        )


__all__ = ["Arithmetic", "HypothesisError", "Instance", "interpret"]
