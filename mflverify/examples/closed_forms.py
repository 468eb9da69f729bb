"""Exact integrals of the functions that occur in the closed-form examples.

On the torus a function is a Laurent polynomial in z = e^{ix}, and its integral a combination of
moments: E z^n = 1 if n = 0 else 0 (uniform), I_n(kappa)/I_0(kappa) (von Mises).  On the line it is
a combination of x^p e^{ax + b}, with E x^p e^{ax} = e^{a^2/2} E (x + a)^p under N(0, 1); L^-1 of a
shifted Gaussian is an integral over r in (0, 1) of such functions (Mehler), carried out last.
Nothing is handed to a general integrator.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy
from attrs import frozen

from mflverify.expr.sorts import Space
from mflverify.expr.terms import KernelSymbol
from mflverify.models.request import Unavailable

Expr = Any
"""A sympy expression (sympy has no types)."""

x, r = sympy.Symbol("x", real=True), sympy.Symbol("r", positive=True)


@frozen
class ClosedFunction:
    """A function of the coordinate; inverse_gradient: grad L^-1 of it, when it is known."""

    value: Expr
    inverse_gradient: Expr = None


@frozen
class InverseFunction:
    """L^-1 of a function, known by its gradient only."""

    gradient: Expr


@frozen
class ClosedSpace:
    """A space with its equilibrium: `potential` U up to a constant, and exact expectations.

    kappa: on the torus, mu = exp(kappa cos x)/Z (0: uniform); None: N(0, 1) on the line.
    """

    kappa: Expr

    @property
    def potential(self) -> Expr:
        """U with mu = exp(-U)/Z."""
        return x**2 / 2 if self.kappa is None else -self.kappa * sympy.cos(x)

    def expectation(self, u: Expr) -> Expr:
        """The integral of u against the equilibrium, exactly."""
        total = self._line(u) if self.kappa is None else self._torus(u)
        return integrate_r(sympy.expand(total))

    def _torus(self, u: Expr) -> Expr:
        return sympy.Add(*(c * self._moment(abs(n)) for n, c in _fourier(sympy.sympify(u)).items()))

    def _moment(self, n: int) -> Expr:
        """E z^n, on the von Mises circle by I_{n+1} = I_{n-1} - (2n/kappa) I_n from I_1/I_0."""
        if n == 0 or self.kappa == 0:
            return sympy.Integer(1 if n == 0 else 0)
        before, moment = sympy.Integer(1), _mean_resultant(self.kappa)
        for k in range(1, n):
            before, moment = moment, sympy.expand(before - 2 * k * moment / self.kappa)
        return moment

    def _line(self, u: Expr) -> Expr:
        total: Expr = sympy.Integer(0)
        factor: Expr
        for term in sympy.Add.make_args(sympy.expand(sympy.powsimp(sympy.expand(u)))):
            coefficient, rest = term.as_independent(x)
            power, slope = 0, sympy.Integer(0)
            for factor in sympy.Mul.make_args(rest):
                base, exponent = factor.as_base_exp()
                if base == x:
                    power += int(exponent)
                elif base == sympy.E or isinstance(factor, sympy.exp):
                    inside = sympy.Poly(sympy.expand(factor.exp), x)
                    if inside.degree() > 1:
                        raise Unavailable(f"the integral of {term} against a Gaussian")
                    slope += inside.coeff_monomial(x)
                    coefficient *= sympy.exp(inside.coeff_monomial(1))
                elif rest != 1:
                    raise Unavailable(f"the integral of {term} against a Gaussian")
            shifted = sympy.Poly(sympy.expand((x + slope) ** power), x)
            mean = sum(
                shifted.coeff_monomial(x**n) * (sympy.factorial2(n - 1) if n % 2 == 0 else 0)
                for n in range(power + 1)
            )
            total += coefficient * sympy.exp(slope**2 / 2) * mean
        return sympy.powsimp(sympy.expand(total))


def _mean_resultant(kappa: Expr) -> Expr:
    """E cos x under the von Mises law."""
    return sympy.besseli(1, kappa) / sympy.besseli(0, kappa)


def _fourier(u: Expr) -> dict[int, Expr]:
    """The coefficients of a trigonometric polynomial in x, by powers of e^{ix}; they are not expanded."""
    if not u.has(x):
        return {0: u}
    if u.is_Add:
        total: dict[int, Expr] = {}
        for term in u.args:
            for n, c in _fourier(term).items():
                total[n] = total.get(n, sympy.Integer(0)) + c
        return total
    if u.is_Mul or (u.is_Pow and u.exp.is_Integer and u.exp > 0):
        factors = u.args if u.is_Mul else (u.base,) * int(u.exp)
        product: dict[int, Expr] = {0: sympy.Integer(1)}
        for factor in factors:
            product = _convolve(product, _fourier(factor))
        return product
    if isinstance(u, sympy.cos | sympy.sin):
        n = sympy.expand(u.args[0] / x)
        if n.is_Integer:
            half = sympy.Rational(1, 2)
            up, down = (
                (half, half) if isinstance(u, sympy.cos) else (-half * sympy.I, half * sympy.I)
            )
            return {int(n): up, -int(n): down}
    raise Unavailable(f"the integral of {u} over the circle")


def _convolve(left: dict[int, Expr], right: dict[int, Expr]) -> dict[int, Expr]:
    product: dict[int, Expr] = {}
    for n, a in left.items():
        for k, b in right.items():
            product[n + k] = product.get(n + k, sympy.Integer(0)) + a * b
    return product


def integrate_r(u: Expr) -> Expr:
    """The integral over r in (0, 1) of polynomials times exponentials linear in r."""
    if not u.has(r):
        return u
    total: Expr = sympy.Integer(0)
    for term in sympy.Add.make_args(sympy.expand(sympy.powsimp(u))):
        coefficient, rest = term.as_independent(r)
        slope: Expr = sympy.Integer(0)
        power = 0
        for factor in sympy.Mul.make_args(rest):
            base, exponent = factor.as_base_exp()
            if base == r:
                power += int(exponent)
            elif isinstance(factor, sympy.exp):
                inside = sympy.Poly(sympy.expand(factor.exp), r)
                if inside.degree() > 1:
                    raise Unavailable(f"the integral of {term} over (0, 1)")
                slope += inside.coeff_monomial(r)
                coefficient *= sympy.exp(inside.coeff_monomial(1))
        total += coefficient * _unit_integral(power, slope)
    return sympy.expand(total)


def _unit_integral(power: int, slope: Expr) -> Expr:
    """The integral of r^power e^{slope r}, by parts."""
    if slope == 0:
        return sympy.Rational(1, power + 1)
    if power == 0:
        return (sympy.exp(slope) - 1) / slope
    return (sympy.exp(slope) - power * _unit_integral(power - 1, slope)) / slope


@frozen
class ClosedForms:
    """The backend of `mflverify.models.Evaluator` on closed forms; scalars are sympy expressions.

    kernels: by symbol, lists of pairs (a, b) with k(x, y) = sum of a(x) b(y), both written in `x`.
    """

    spaces: dict[Space, ClosedSpace]
    kernels: dict[KernelSymbol, list[tuple[Expr, Expr]]]

    def number(self, value: Fraction) -> Expr:
        return sympy.Rational(value.numerator, value.denominator)

    def scalar_power(self, base: Expr, exponent: Fraction) -> Expr:
        return base ** sympy.Rational(exponent.numerator, exponent.denominator)

    def exp(self, x_: Expr) -> Expr:
        return sympy.exp(x_)

    def absolute(self, x_: Expr) -> Expr:
        return sympy.Abs(x_)

    def extremum(self, which: str, xs: list[Expr]) -> Expr:
        return sympy.Max(*xs) if which == "max" else sympy.Min(*xs)

    def add(self, u: ClosedFunction, v: ClosedFunction) -> ClosedFunction:
        return ClosedFunction(u.value + v.value)

    def scale(self, c: Expr, u: ClosedFunction) -> ClosedFunction:
        return ClosedFunction(c * u.value)

    def times(self, u: ClosedFunction, v: ClosedFunction) -> ClosedFunction:
        return ClosedFunction(u.value * v.value)

    def one(self, space: Space) -> ClosedFunction:
        return ClosedFunction(sympy.Integer(1))

    def grad(self, space: Space, u: ClosedFunction | InverseFunction) -> ClosedFunction:
        if isinstance(u, InverseFunction):
            return ClosedFunction(u.gradient)
        return ClosedFunction(sympy.diff(u.value, x))

    def grad_adjoint(self, space: Space, phi: ClosedFunction) -> ClosedFunction:
        slope = sympy.diff(self.spaces[space].potential, x)
        return ClosedFunction(slope * phi.value - sympy.diff(phi.value, x))

    def generator_inverse(self, space: Space, u: ClosedFunction) -> InverseFunction:
        if u.inverse_gradient is None:
            raise Unavailable("L^-1 of a function without a known potential")
        return InverseFunction(u.inverse_gradient)

    def projector(self, space: Space, phi: ClosedFunction) -> ClosedFunction:
        raise Unavailable("the projector of a field in closed form")

    def center(self, space: Space, u: ClosedFunction) -> ClosedFunction:
        return ClosedFunction(u.value - self.spaces[space].expectation(u.value))

    def inner(self, space: Space, u: ClosedFunction, v: ClosedFunction) -> Expr:
        return self.spaces[space].expectation(u.value * v.value)

    def dual_square(self, space: Space, u: ClosedFunction) -> Expr:
        raise Unavailable("a squared dual norm in closed form")

    def sup(self, space: Space, u: ClosedFunction) -> Expr:
        raise Unavailable("a supremum in closed form")

    def at_point(self, space: Space, u: ClosedFunction, point: Expr) -> Expr:
        return u.value.subs(x, point)

    def apply(self, kernel: KernelSymbol, u: ClosedFunction, *, transposed: bool) -> ClosedFunction:
        source = self.spaces[kernel.target if transposed else kernel.source]
        total: Expr = sympy.Integer(0)
        for a, b in self.kernels[kernel]:
            outer, inner = (b, a) if transposed else (a, b)
            total += outer * source.expectation(inner * u.value)
        return ClosedFunction(total)

    def kernel_slice(
        self, kernel: Any, point: Expr, direction: Expr, *, transposed: bool
    ) -> ClosedFunction:
        raise Unavailable("a kernel slice in closed form")

    def mixed_sup(self, kernel: Any) -> Expr:
        raise Unavailable("a supremum in closed form")

    def poincare(self, space: Space) -> Expr:
        raise Unavailable("a Poincaré constant in closed form")
