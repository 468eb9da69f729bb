"""Certified expectations on the line under Gaussian and log-polynomial densities.

Integrands are sums, products and natural powers of polynomials, trigonometric polynomials and
exponentials of polynomials. Against a Gaussian, polynomials are integrated exactly and
p exp(r), deg r <= 2, by completing the square. Otherwise the integral over [-R, R] is Arb's, and
the tail is bounded by
    int_R^inf x^m e^{-Q(x)} dx <= R^m e^{-Q(R)} / d,   d = Q'(R) - m/R > 0,
valid when Q' is non-decreasing on [R, inf): then (m log x - Q)' <= -d there. Monotonicity is read
off the Taylor coefficients of Q' at R, all non-negative beyond the first, in exact rationals.
"""

from __future__ import annotations

from attrs import define, field, frozen
from flint import arb, fmpq, fmpq_poly

from mflverify.numerics.arithmetic import OneVariable, RealBalls, evaluate
from mflverify.numerics.density import Density, Gaussian, LogPolynomialDensity
from mflverify.numerics.integrand import (
    Constant,
    Convertible,
    Exponential,
    Integrand,
    Polynomial,
    Product,
    Sum,
    as_integrand,
)
from mflverify.numerics.precision import digits_to_bits, working_precision
from mflverify.numerics.quadrature import adaptive_integral
from mflverify.numerics.trig import Coefficient, TrigPolynomial

_GUARD_BITS = 32
_FARTHEST = 1 << 20
_SAMPLES = 64


@frozen
class Growth:
    """The function sum_m coefficients[m] |x|^m exp(exponent(x)), coefficients >= 0."""

    coefficients: tuple[arb, ...]
    exponent: fmpq_poly


_Growths = tuple[Growth, ...]


@frozen
class GrowthMajorant(OneVariable[_Growths]):
    """Majorants of |f| on the whole line as sums of `Growth`; an arithmetic for the walker."""

    def constant(self, value: Coefficient) -> _Growths:
        return (Growth((abs(arb(value)),), fmpq_poly([])),)

    def trigonometric(self, p: TrigPolynomial) -> _Growths:
        total = sum((abs(arb(c)) for c in (*p.cosines, *p.sines)), arb(0))
        return (Growth((total,), fmpq_poly([])),)

    def polynomial(self, coefficients: tuple[fmpq, ...]) -> _Growths:
        return (Growth(tuple(abs(arb(c)) for c in coefficients), fmpq_poly([])),)

    def add(self, left: _Growths, right: _Growths) -> _Growths:
        return left + right

    def multiply(self, left: _Growths, right: _Growths) -> _Growths:
        return tuple(
            Growth(_convolve(g.coefficients, h.coefficients), g.exponent + h.exponent)
            for g in left
            for h in right
        )

    def divide(self, left: _Growths, right: _Growths) -> _Growths:
        raise ValueError("no bound at infinity is known for a quotient")

    def exp(self, value: _Growths) -> _Growths:
        raise ValueError("no bound at infinity is known for exp of a function not a polynomial")

    def log(self, value: _Growths) -> _Growths:
        raise ValueError("no bound at infinity is known for a logarithm")

    def power(self, value: _Growths, exponent: fmpq) -> _Growths:
        if exponent.q != 1 or exponent < 0:
            raise ValueError(f"no bound at infinity is known for the power {exponent}")
        result = self.constant(fmpq(1))
        for _ in range(int(exponent.p)):
            result = self.multiply(result, value)
        return result

    def absolute(self, value: _Growths) -> _Growths:
        return value


def _convolve(left: tuple[arb, ...], right: tuple[arb, ...]) -> tuple[arb, ...]:
    product = [arb(0)] * (len(left) + len(right) - 1)
    for i, a in enumerate(left):
        for j, b in enumerate(right):
            product[i + j] += a * b
    return tuple(product)


def growth(tree: Integrand) -> _Growths:
    """A majorant of |f| on the line. Raises ValueError where none is known."""
    match tree:
        case Sum(terms):
            return tuple(g for term in terms for g in growth(term))
        case Product(factors):
            result = (Growth((arb(1),), fmpq_poly([])),)
            for factor in factors:
                result = GrowthMajorant().multiply(result, growth(factor))
            return result
        case Exponential(argument):
            exponent = _as_polynomial(argument)
            if exponent is not None:
                return (Growth((arb(1),), exponent),)
    return evaluate(tree, GrowthMajorant())


def _as_polynomial(tree: Integrand) -> fmpq_poly | None:
    match tree:
        case Polynomial(coefficients):
            return fmpq_poly(list(coefficients))
        case Constant(value) if isinstance(value, fmpq):
            return fmpq_poly([value])
    return None


def _reflected(p: fmpq_poly) -> fmpq_poly:
    return p(fmpq_poly([0, -1]))


def tail_bound(growths: _Growths, potential: fmpq_poly, R: int) -> arb | None:
    """A bound of the integral of sum |g| e^{-potential} over |x| >= R, or None if not proved."""
    total = arb(0)
    for g in growths:
        for Q in (potential - g.exponent, _reflected(potential - g.exponent)):
            slope = Q.derivative()(fmpq_poly([R, 1]))
            if any(c < 0 for c in slope.coeffs()[1:]):
                return None
            for m, c in enumerate(g.coefficients):
                margin = slope[0] - fmpq(m, R)
                if margin <= 0:
                    return None
                total += c * arb(R) ** m * arb(-Q(fmpq(R))).exp() / margin
    return total


@define(eq=False)
class WeightedLine:
    """Expectations under a Gaussian or log-polynomial density; the normalisation is kept.

    `digits` digits relative to the largest value of integrand times weight. Raises ValueError for
    densities that are neither.
    """

    density: Density
    digits: int = 30
    _normalisation: list[arb] = field(factory=list, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.density, Gaussian | LogPolynomialDensity):
            raise ValueError(f"density must be Gaussian or log-polynomial, got {self.density}")

    @property
    def normalisation(self) -> arb:
        """The integral of the weight."""
        if not self._normalisation:
            self._normalisation.append(self.integral(1))
        return self._normalisation[0]

    def integral(self, integrand: Convertible) -> arb:
        """The integral of the integrand times the weight over the line.

        Raises ValueError if no bound at infinity is known, or if the product does not decay.
        """
        tree = as_integrand(integrand)
        with working_precision(digits_to_bits(self.digits, _GUARD_BITS)):
            growths = growth(tree)
            for g in growths:
                Q = self._potential - g.exponent
                if Q.degree() < 2 or Q.degree() % 2 or Q.leading_coefficient() < 0:
                    raise ValueError(f"the integrand grows too fast for the density: {tree}")
            product = tree * self.density.weight
            step = 2
            while step < _FARTHEST:
                for R in (step, 3 * step // 2):
                    tail = tail_bound(growths, self._potential, R)
                    if tail is not None and self._is_negligible(tail, product, R):
                        return self.truncated_integral(tree, R)
                step *= 2
        raise ValueError(f"the tails are not small within {_FARTHEST}: {tree}")

    def truncated_integral(self, integrand: Convertible, R: int) -> arb:
        """The same from [-R, R] and the tail bound: a wide ball if R is small.

        Raises ValueError if the tails beyond R are not bounded by the theorem above.
        """
        tree = as_integrand(integrand)
        with working_precision(digits_to_bits(self.digits, _GUARD_BITS)):
            tail = tail_bound(growth(tree), self._potential, R)
            if tail is None:
                raise ValueError(f"no tail bound beyond R = {R} for {tree}")
            product = tree * self.density.weight
            # Two halves: the integrator bisects anyway, and symmetric peaks often sit at zero.
            left = adaptive_integral(product, -R, 0, self.digits + 8)
            right = adaptive_integral(product, 0, R, self.digits + 8)
            return left + right + arb(0, tail.upper())

    @property
    def _potential(self) -> fmpq_poly:
        assert isinstance(self.density, Gaussian | LogPolynomialDensity)
        return self.density.potential

    def _is_negligible(self, tail: arb, product: Integrand, R: int) -> bool:
        points = (arb(fmpq(R * j, _SAMPLES)) for j in range(-_SAMPLES, _SAMPLES + 1))
        size = max(abs(evaluate(product, RealBalls(x))).lower() for x in points)
        return bool(tail <= size * arb(2) ** -digits_to_bits(self.digits))

    def expectation(self, integrand: Convertible) -> Coefficient:
        """The mean of the integrand under the probability; exact for polynomials and Gaussians."""
        tree = as_integrand(integrand)
        if isinstance(self.density, Gaussian):
            exact = gaussian_expectation(tree, self.density, self.digits)
            if exact is not None:
                return exact
        with working_precision(digits_to_bits(self.digits, _GUARD_BITS)):
            return self.integral(tree) / self.normalisation


def gaussian_moment(p: fmpq_poly, density: Gaussian) -> fmpq:
    """The exact mean of the polynomial p under a Gaussian."""
    centred = p(fmpq_poly([density.mean, 1]))
    total, moment = fmpq(0), fmpq(1)
    for k, c in enumerate(centred.coeffs()):
        if k % 2 == 0:
            total += c * moment
            moment *= (k + 1) * density.variance
    return total


def gaussian_expectation(tree: Integrand, density: Gaussian, digits: int) -> Coefficient | None:
    """The mean of p or p exp(r), deg r <= 2, in closed form; None for any other tree.

    Raises ValueError if the product does not decay.
    """
    p, r = fmpq_poly([1]), fmpq_poly([])
    for factor in tree.factors if isinstance(tree, Product) else (tree,):
        exponent = _as_polynomial(factor.argument) if isinstance(factor, Exponential) else None
        base = _as_polynomial(factor)
        if exponent is not None:
            r += exponent
        elif base is not None:
            p *= base
        else:
            return None
    if r.degree() > 2:
        return None
    if r.degree() <= 0 and r == 0:
        return gaussian_moment(p, density)
    # r - (x - m)^2/2v = -(x - m')^2/2v' + c: complete the square.
    total = r - density.potential
    a, b, c = total[2], total[1], total[0]
    if a >= 0:
        raise ValueError(f"the integrand grows too fast for the density: {tree}")
    variance = -1 / (2 * a)
    tilted = Gaussian(b * variance, variance)
    with working_precision(digits_to_bits(digits, _GUARD_BITS)):
        factor = arb(c - b * b / (4 * a)).exp() * arb(variance / density.variance).sqrt()
        return factor * gaussian_moment(p, tilted)


def line_integral(integrand: Convertible, density: Density, digits: int = 30) -> Coefficient:
    """The mean of the integrand under `density` (a probability on the line); see `WeightedLine`."""
    return WeightedLine(density, digits).expectation(integrand)
