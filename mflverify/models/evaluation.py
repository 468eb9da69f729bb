"""One walk over a term, whatever the arithmetic.

A backend knows how functions and scalars are represented and offers the operations of the language;
the evaluator knows what the nodes mean.  A formula is never written again in a backend.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Protocol

from attrs import define, evolve, field

from mflverify.expr.densities import GibbsDensity, LogDensity
from mflverify.expr.distances import PointDistance
from mflverify.expr.divergences import (
    FisherInformation,
    LogSobolevConstant,
    MeanAbsolute,
    RelativeEntropy,
    TransportConstant,
    Wasserstein,
)
from mflverify.expr.functionals import RemainderEnergy, VariationSlack, VariationSup
from mflverify.expr.hessians import (
    Advection,
    Curvature,
    CurvatureBound,
    Divergence,
    EquilibriumConvexity,
    FirstEigenfunction,
    HilbertSchmidt,
    InteractionBottom,
    JacobianSquare,
    KernelAlong,
    Score,
)
from mflverify.expr.lebesgue import LebesgueNorm
from mflverify.expr.segments import SegmentSlope
from mflverify.expr.sorts import SCALAR, FunctionSort
from mflverify.expr.terms import (
    Abs,
    Apply,
    AtTime,
    Center,
    Directional,
    Dot,
    DualNorm,
    Exp,
    Extremum,
    Flow,
    FunctionSymbol,
    Generator,
    GeneratorInverse,
    Gradient,
    GradientAdjoint,
    Inner,
    KernelSlice,
    KernelSymbol,
    MixedSup,
    MonotonicitySlack,
    Node,
    Norm,
    One,
    PoincareConstant,
    Power,
    Product,
    Projector,
    Quantity,
    Rational,
    Remainder,
    RemainderSymbol,
    SpectralNorm,
    Sum,
    SupNorm,
    Term,
    ThirdSup,
    TimeDerivative,
    Transpose,
    children,
    subterms,
)
from mflverify.expr.unions import ShiftedSlack
from mflverify.expr.variations import SecondSup, SegmentVariation
from mflverify.expr.weights import Reciprocal, WeightedConvexity, WeightedPoincare
from mflverify.models.request import Unavailable
from mflverify.models.rings import between

Value = Any
"""A scalar, function or vector field in the backend's own representation."""


class Backend(Protocol):
    """The operations of one space family in one arithmetic.

    Scalars support +, -, * and comparison themselves; functions and fields go through these.
    """

    def number(self, value: Fraction) -> Value: ...
    def scalar_power(self, base: Value, exponent: Fraction) -> Value: ...
    def exp(self, x: Value) -> Value: ...
    def absolute(self, x: Value) -> Value: ...
    def extremum(self, which: str, xs: list[Value]) -> Value: ...

    def add(self, u: Value, v: Value) -> Value: ...
    def scale(self, c: Value, u: Value) -> Value: ...
    def times(self, u: Value, v: Value) -> Value: ...
    def one(self, space: Any) -> Value: ...
    def grad(self, space: Any, u: Value) -> Value: ...
    def grad_adjoint(self, space: Any, phi: Value) -> Value: ...
    def generator_inverse(self, space: Any, u: Value) -> Value: ...
    def projector(self, space: Any, phi: Value) -> Value: ...
    def center(self, space: Any, u: Value) -> Value: ...
    def apply(self, kernel: Any, u: Value, *, transposed: bool) -> Value: ...
    def kernel_slice(
        self, kernel: Any, point: Value, direction: Value, *, transposed: bool
    ) -> Value: ...
    def kernel_along(self, kernel: Any, phi: Value, *, transposed: bool) -> Value: ...
    def curvature_bound(self, space: Any) -> Value: ...
    def first_eigenfunction(self, space: Any) -> Value: ...
    def advection(self, space: Any, phi: Value, psi: Value) -> Value: ...
    def divergence(self, space: Any, phi: Value) -> Value: ...
    def score(self, space: Any) -> Value: ...
    def jacobian_square(self, space: Any, phi: Value) -> Value: ...
    def curvature(self, space: Any, phi: Value) -> Value: ...
    def convexity(self, space: Any, temperature: Value, kernels: list[Any]) -> Value: ...
    def reciprocal(self, space: Any, u: Value) -> Value: ...
    def weighted_poincare(self, space: Any, weight: Value) -> Value: ...
    def weighted_convexity(self, space: Any, weight: Value) -> Value: ...
    def inner(self, space: Any, u: Value, v: Value) -> Value: ...
    def dual_square(self, space: Any, u: Value) -> Value: ...
    def sup(self, space: Any, u: Value) -> Value: ...
    def at_point(self, space: Any, u: Value, point: Value) -> Value: ...
    def point_distance(self, space: Any, x: Value, y: Value) -> Value: ...
    def mixed_sup(self, kernel: Any) -> Value: ...
    def mixed_square(self, kernel: Any) -> Value: ...
    def variation_sup(
        self, kernel: Any, strength: Value, form: Value, derivatives: int
    ) -> Value: ...
    def variation_slack(self, kernel: Any, strength: Value, form: Value) -> Value: ...
    def slack(
        self,
        kernels: list[Any],
        weights: Mapping[Any, Value],
        shifts: Mapping[Any, Value] = ...,
    ) -> Value: ...
    def spectral_norm(self, rows: list[list[Value]]) -> Value: ...
    def poincare(self, space: Any) -> Value: ...
    def gibbs(self, space: Any, u: Value) -> Value: ...
    def log(self, space: Any, density: Value) -> Value: ...
    def relative_entropy(self, space: Any, p: Value, q: Value) -> Value: ...
    def entropy_rate(self, space: Any, p: Value, q: Value, change: Value) -> Value: ...
    def fisher_information(self, space: Any, p: Value, q: Value) -> Value: ...
    def wasserstein(self, space: Any, p: Value, q: Value) -> Value: ...
    def mean_absolute(self, space: Any, u: Value) -> Value: ...
    def lebesgue_norm(self, space: Any, p: Value, exponent: Value) -> Value: ...
    def log_sobolev(self, space: Any, reference: Value | None) -> Value: ...


@define
class Evaluator:
    """Values of terms at one instance (or one batch), each term evaluated once.

    symbols: values of parameters, functions, fields, kernels, points, directions and quantities;
    of a remainder, its strength, the function that it multiplies, and one form on each space.
    rates: values of d/dt of quantities along an abstract flow.  times: for `AtTime`, the evaluator
    of the state at that time.  step: the increment h of the stencil for time derivatives.
    """

    backend: Backend
    symbols: Mapping[Term, Value]
    rates: Mapping[Term, Value] = field(factory=dict)
    times: Mapping[Term, Evaluator] = field(factory=dict)
    step: Fraction = Fraction(1)
    _known: dict[Term, Value] = field(factory=dict, init=False, repr=False)

    def __call__(self, term: Term) -> Value:
        """The value of `term`.  Raises Unavailable when this arithmetic has none."""
        if term not in self._known:
            self._known[term] = self._compute(term)
        return self._known[term]

    def _compute(self, term: Term) -> Value:
        b = self.backend
        if term in self.symbols:
            return self.symbols[term]
        match term:
            case Rational(value):
                return b.number(value)
            case Sum(terms):
                total = self(terms[0])
                for part in terms[1:]:
                    total = total + self(part) if term.sort == SCALAR else b.add(total, self(part))
                return total
            case Product(factors=factors):
                return self._product(factors)
            case Power(Norm(u), exponent) if exponent.denominator == 1 and exponent % 2 == 0:
                return b.scalar_power(self(Inner(u, u)), exponent / 2)
            case Power(DualNorm(u), exponent) if exponent.denominator == 1 and exponent % 2 == 0:
                return b.scalar_power(b.dual_square(_space(u), self(u)), exponent / 2)
            case Power(HilbertSchmidt(operator), exponent):
                return self._hilbert_schmidt(operator, exponent)
            case Power(base, exponent) if base.sort == SCALAR:
                return b.scalar_power(self(base), exponent)
            case Power(base, exponent):
                value = self(base)
                result = value
                for _ in range(exponent.numerator - 1):
                    result = b.times(result, value)
                return result
            case Abs(x):
                return b.absolute(self(x))
            case Exp(x):
                return b.exp(self(x))
            case Extremum(which, xs):
                return b.extremum(which, [self(x) for x in xs])
            case Inner(u, v):
                return b.inner(_space(u), self(u), self(v))
            case Norm(u):
                return b.scalar_power(self(Inner(u, u)), Fraction(1, 2))
            case DualNorm(u):
                return b.scalar_power(b.dual_square(_space(u), self(u)), Fraction(1, 2))
            case SupNorm(u):
                return b.sup(_space(u), self(u))
            case MixedSup(operator):
                return b.mixed_sup(self._kernel_value(_kernel(operator)[0]))
            case RemainderEnergy(functional, state):
                # the third variation is c phi phi phi
                strength, form, _ = self._moments(functional)
                moment = b.inner(functional.target, form, self(state))
                return b.number(Fraction(1, 6)) * strength * moment * moment * moment
            case VariationSup(operator, functional, derivatives):
                strength, form, _ = self._moments(functional)
                kernel = self._kernel_value(_kernel(operator)[0])
                return b.variation_sup(kernel, strength, form, derivatives)
            case VariationSlack(operator, functional):
                strength, form, _ = self._moments(functional)
                kernel = self._kernel_value(_kernel(operator)[0])
                return b.variation_slack(kernel, strength, form)
            case SegmentVariation(functional, _, _, left, right):
                # the third variation c phi phi phi is the same at every measure
                strength, out, (form,) = self._moments(functional)
                space = functional.target
                moments = b.inner(space, form, self(left)) * b.inner(space, form, self(right))
                return b.scale(strength * moments, out)
            case SegmentSlope(functionals, ends, starts):
                # the forces are quadratic, so that the slope is affine: least at an end
                slopes = [self._slope(functionals, ends, starts, at) for at in (starts, ends)]
                return b.extremum("min", slopes)
            case Remainder(functional, states):
                return self._cubic(functional, states)
            case ThirdSup(functional, first, second):
                strength, out, forms = self._moments(functional)
                total = b.absolute(strength)
                spaces = (functional.target, functional.sources[first], functional.sources[second])
                for space, u in zip(spaces, (out, forms[first], forms[second]), strict=True):
                    total = total * b.sup(space, b.grad(space, u))
                return total
            case SecondSup(functional, index):
                return self._second_sup(functional, index)
            case MonotonicitySlack(operators, weights):
                # the transposed operator has the same form
                kernels = [self._kernel_value(_kernel(a)[0]) for a in operators]
                return b.slack(kernels, {space: self(weight) for space, weight in weights})
            case ShiftedSlack(operators, shifts):
                kernels = [self._kernel_value(_kernel(a)[0]) for a in operators]
                return b.slack(kernels, {}, {space: self(shift) for space, shift in shifts})
            case SpectralNorm(rows):
                return b.spectral_norm([[self(entry) for entry in row] for row in rows])
            case PoincareConstant(space):
                return b.poincare(space)
            case GibbsDensity(u):
                return b.gibbs(_space(u), self(u))
            case LogDensity(p):
                return b.log(_space(p), self(p))
            case RelativeEntropy(p, q):
                return b.relative_entropy(_space(p), self(p), self(q))
            case FisherInformation(p, q):
                return b.fisher_information(_space(p), self(p), self(q))
            case Wasserstein(p, q):
                return b.wasserstein(_space(p), self(p), self(q))
            case MeanAbsolute(u):
                return b.mean_absolute(_space(u), self(u))
            case LebesgueNorm(p, exponent):
                return b.lebesgue_norm(_space(p), self(p), self(exponent))
            case TransportConstant(space):
                # between the two others: Otto–Villani, J. Funct. Anal. 173 (2000), Theorem 1
                return between(b.log_sobolev(space, None), b.poincare(space))
            case LogSobolevConstant(One(space)):
                return b.log_sobolev(space, None)
            case LogSobolevConstant(p):
                return b.log_sobolev(_space(p), self(p))
            case PointDistance(first, second):
                return b.point_distance(_space(first), self(first), self(second))
            case HilbertSchmidt(operator):
                return self._hilbert_schmidt(operator, Fraction(1))
            case Directional(phi, point, direction):
                return b.at_point(_space(phi), self(phi), self(point)) * self(direction)
            case TimeDerivative(argument, flow):
                return self._rate(argument, flow)
            case AtTime(argument, time):
                if time not in self.times:
                    raise Unavailable(f"{term!r} needs a trajectory")
                return self.times[time](argument)
            case One(space):
                return b.one(space)
            case Gradient(u):
                return b.grad(_space(u), self(u))
            case GradientAdjoint(phi):
                return b.grad_adjoint(_space(phi), self(phi))
            case Generator(u):
                return b.grad_adjoint(_space(u), b.grad(_space(u), self(u)))
            case GeneratorInverse(u):
                return b.generator_inverse(_space(u), self(u))
            case Projector(phi):
                return b.projector(_space(phi), self(phi))
            case Center(u):
                return b.center(_space(u), self(u))
            case Dot(u, v):
                return b.times(self(u), self(v))
            case Apply(operator, u):
                kernel, transposed = _kernel(operator)
                return b.apply(self._kernel_value(kernel), self(u), transposed=transposed)
            case KernelSlice(operator, point, direction):
                kernel, transposed = _kernel(operator)
                return b.kernel_slice(
                    self._kernel_value(kernel), self(point), self(direction), transposed=transposed
                )
            case CurvatureBound(space):
                return b.curvature_bound(space)
            case FirstEigenfunction(space):
                return b.first_eigenfunction(space)
            case InteractionBottom(operator):
                # of finite rank: functions orthogonal to all that occur exist, so it is at most 0
                zero = b.number(Fraction(0))
                return zero - b.slack([self._kernel_value(_kernel(operator)[0])], {})
            case Reciprocal(u):
                return b.reciprocal(_space(u), self(u))
            case WeightedPoincare(weight):
                return b.weighted_poincare(term.space, self(weight))
            case WeightedConvexity(weight):
                return b.weighted_convexity(term.space, self(weight))
            case KernelAlong(operator, phi):
                kernel, transposed = _kernel(operator)
                return b.kernel_along(self._kernel_value(kernel), self(phi), transposed=transposed)
            case Advection(phi, psi):
                return b.advection(_space(phi), self(phi), self(psi))
            case Divergence(phi):
                return b.divergence(_space(phi), self(phi))
            case Score(space):
                return b.score(space)
            case JacobianSquare(phi):
                return b.jacobian_square(_space(phi), self(phi))
            case Curvature(phi):
                return b.curvature(_space(phi), self(phi))
            case EquilibriumConvexity(space, temperature, operators):
                kernels = [self._kernel_value(_kernel(a)[0]) for a in operators]
                return b.convexity(space, self(temperature), kernels)
        raise Unavailable(f"no value for {term!r}: {type(term).__name__} is not interpreted here")

    def _hilbert_schmidt(self, operator: Term, exponent: Fraction) -> Value:
        square = self.backend.mixed_square(self._kernel_value(_kernel(operator)[0]))
        return self.backend.scalar_power(square, exponent / 2)

    def _cubic(self, functional: RemainderSymbol, states: tuple[Term, ...]) -> Value:
        """c/2 (sum <phi_j, f_j>)^2 phi: the third variation is c phi phi_j phi_k."""
        b = self.backend
        strength, out, _ = self._moments(functional)
        moment = self._moment(functional, states)
        return b.scale(b.number(Fraction(1, 2)) * strength * moment * moment, out)

    def _moment(self, functional: RemainderSymbol, states: tuple[Term, ...]) -> Value:
        """sum <phi_j, f_j>"""
        b = self.backend
        _, _, forms = self._moments(functional)
        moment = b.number(Fraction(0))
        for space, form, state in zip(functional.sources, forms, states, strict=True):
            moment = moment + b.inner(space, form, self(state))
        return moment

    def _slope(
        self,
        functionals: tuple[RemainderSymbol, ...],
        ends: tuple[Term, ...],
        starts: tuple[Term, ...],
        at: tuple[Term, ...],
    ) -> Value:
        """sum_i <h_i, R_i'[at] h> with h = ends - starts."""
        b = self.backend
        step = tuple(f - g for f, g in zip(ends, starts, strict=True))
        total = b.number(Fraction(0))
        for functional, h in zip(functionals, step, strict=True):
            strength, out, _ = self._moments(functional)
            pairing = b.inner(functional.target, out, self(h))
            moments = self._moment(functional, at) * self._moment(functional, step)
            total = total + strength * pairing * moments
        return total

    def _second_sup(self, functional: RemainderSymbol, index: int) -> Value:
        """|c| sup |sum_j <phi_j, mu_j - mu_bar_j>| sup |grad phi| sup |grad^2 phi_index|, on circles.

        The moments range independently, each between the extrema of its centred form.
        """
        b = self.backend
        strength, out, forms = self._moments(functional)
        source = functional.sources[index]
        bend = b.grad(source, b.grad(source, forms[index]))  # one dimension: a field is a function
        total = b.absolute(strength) * b.sup(source, bend)
        total = total * b.sup(functional.target, b.grad(functional.target, out))
        centred = [b.center(s, u) for s, u in zip(functional.sources, forms, strict=True)]
        if len(centred) == 1:
            return total * b.sup(functional.sources[0], centred[0])
        above = below = b.number(Fraction(0))
        for space, u in zip(functional.sources, centred, strict=True):
            size = b.sup(space, u)
            shift = b.scale(size, b.one(space))
            above = above + b.sup(space, b.add(shift, u)) - size
            below = below + b.sup(space, b.add(shift, b.scale(b.number(Fraction(-1)), u))) - size
        return total * b.extremum("max", [above, below])

    def _moments(self, functional: RemainderSymbol) -> tuple[Value, Value, tuple[Value, ...]]:
        if functional not in self.symbols:
            raise Unavailable(f"no value for the functional {functional!r}")
        return self.symbols[functional]

    def _kernel_value(self, kernel: KernelSymbol) -> Value:
        if kernel not in self.symbols:
            raise Unavailable(f"no value for the kernel {kernel!r}")
        return self.symbols[kernel]

    def _product(self, factors: tuple[Term, ...]) -> Value:
        b = self.backend
        scalar: Value = None
        body: Value = None
        for part in factors:
            value = self(part)
            if part.sort == SCALAR:
                scalar = value if scalar is None else scalar * value
            else:
                body = value if body is None else b.times(body, value)
        if body is None:
            return scalar
        return body if scalar is None else b.scale(scalar, body)

    # ---------------------------------------------------------------- derivatives along a flow

    def _rate(self, term: Term, flow: Flow) -> Value:
        """d/dt, independently of the algebra: chain rule for scalars, an exact stencil for
        polynomials of the state of degree at most four along the line f + h rhs."""
        b = self.backend
        zero = b.number(Fraction(0))
        moving = {symbol for symbol, _ in flow.equations}
        if isinstance(term, Quantity):
            if term not in self.rates:
                raise Unavailable(f"no rate for {term!r}")
            return self.rates[term]
        if not any(
            part in moving or isinstance(part, Quantity)
            for part in subterms(term)
            if isinstance(part, Term)
        ):
            return zero
        match term:
            case Sum(terms):
                total = zero
                for part in terms:
                    total = total + self._rate(part, flow)
                return total
            case Product(factors=factors):
                total = zero
                for i, part in enumerate(factors):
                    rate = self._rate(part, flow)
                    for other in (*factors[:i], *factors[i + 1 :]):
                        rate = rate * self(other)
                    total = total + rate
                return total
            case (
                Inner()
                | RemainderEnergy()
                | Power(Norm() | DualNorm(), Fraction(numerator=2, denominator=1))
            ):
                return self._stencil(term, flow)
            case Power(base, exponent):
                outer = b.number(exponent) * b.scalar_power(self(base), exponent - 1)
                return outer * self._rate(base, flow)
            case Norm() | DualNorm():
                square = Power(term, Fraction(2))
                return self._rate(square, flow) / (b.number(Fraction(2)) * self(term))
            case Exp(x):
                return self(term) * self._rate(x, flow)
            case RelativeEntropy(Sum((One(space), FunctionSymbol() as f)), One()):
                change = self(dict(flow.equations)[f])
                return b.entropy_rate(space, self(term.density), b.one(space), change)
        raise Unavailable(f"no time derivative of {type(term).__name__} here")

    def _stencil(self, term: Term, flow: Flow) -> Value:
        if degree(term, flow) > 4:
            raise Unavailable(f"{term!r} has degree above 4 in the state")
        b = self.backend

        def at(multiple: int) -> Value:
            h = b.number(self.step * multiple)
            moved = {s: b.add(self(s), b.scale(h, self(rhs))) for s, rhs in flow.equations}
            return evolve(self, symbols={**self.symbols, **moved})(term)

        eight = b.number(Fraction(8))
        weight = b.number(1 / (12 * self.step))
        return (eight * (at(1) - at(-1)) - (at(2) - at(-2))) * weight


def degree(node: Node, flow: Flow) -> int:
    """Degree of an expression as a polynomial in the symbols moved by `flow`.

    Raises Unavailable when it is none: a norm beside a function, exp, a quotient.
    """
    moving = {symbol for symbol, _ in flow.equations}
    if not any(part in moving for part in subterms(node)):
        return 0
    match node:
        case FunctionSymbol():
            return 1
        case Sum(terms):
            return max(degree(part, flow) for part in terms)
        case RemainderEnergy(_, state):
            return 3 * degree(state, flow)
        case Power(Norm(u) | DualNorm(u), exponent) if (
            exponent > 0 and (exponent / 2).denominator == 1
        ):
            return degree(u, flow) * exponent.numerator
        case Power(base, exponent) if exponent > 0 and exponent.denominator == 1:
            return degree(base, flow) * exponent.numerator
        case (
            Power()
            | Norm()
            | DualNorm()
            | SupNorm()
            | Abs()
            | Exp()
            | Extremum()
            | SegmentSlope()
            | MeanAbsolute()
            | LebesgueNorm()
            | WeightedPoincare()
            | WeightedConvexity()
            | Reciprocal()
            | GibbsDensity()
            | LogDensity()
        ):
            raise Unavailable(f"{node!r} is not a polynomial of the state")
        case AtTime() | TimeDerivative() | Remainder():
            raise Unavailable(f"{node!r} inside a function that moves")
        case JacobianSquare(phi) | Curvature(phi):
            return 2 * degree(phi, flow)
        case _:  # linear in each argument
            return sum(degree(child, flow) for child in children(node) if isinstance(child, Term))


def _space(u: Term):
    sort = u.sort
    assert isinstance(sort, FunctionSort) or hasattr(sort, "space")
    return sort.space  # type: ignore[union-attr]


def _kernel(operator: Term) -> tuple[KernelSymbol, bool]:
    if isinstance(operator, Transpose):
        return operator.operator, True
    assert isinstance(operator, KernelSymbol)
    return operator, False
