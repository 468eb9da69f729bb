"""Tiny exact models, independent of `mflverify.models`: what a term means, in rational arithmetic.

Two spaces of any dimension d: the uniform torus of length 2 pi with trigonometric polynomials, and
the standard Gaussian with polynomials.  A function is a dict from exponents (modes) to numbers; a
vector field is a tuple of d functions; a kernel is a dict from pairs of exponents to numbers.
"""

from __future__ import annotations

import random
from functools import cache
from itertools import product
from math import prod

from attrs import frozen
from flint import fmpq

from mflverify.expr.sorts import SCALAR, VectorSort
from mflverify.expr.terms import (
    Apply,
    Center,
    Directional,
    Dot,
    DualNorm,
    FunctionSymbol,
    Generator,
    GeneratorInverse,
    Gradient,
    GradientAdjoint,
    Inner,
    KernelSlice,
    KernelSymbol,
    Norm,
    One,
    Parameter,
    Power,
    Product,
    Projector,
    Rational,
    Sum,
    Term,
    Transpose,
    VectorSymbol,
)

ZERO = fmpq(0)


@frozen
class Complex:
    """A Gaussian rational."""

    re: fmpq
    im: fmpq = ZERO

    def __add__(self, other):
        return Complex(self.re + other.re, self.im + other.im)

    def __mul__(self, other):
        if not isinstance(other, Complex):
            return Complex(self.re * other, self.im * other)
        return Complex(
            self.re * other.re - self.im * other.im, self.re * other.im + self.im * other.re
        )

    __rmul__ = __mul__

    def __bool__(self):
        return bool(self.re or self.im)


class Geometry:
    """What the two spaces share: everything that follows from products, means and derivatives."""

    def __init__(self, dimension):
        self.dimension = dimension
        self.origin = (0,) * dimension

    def add(self, u, v, factor=1):
        total = dict(u)
        for key, value in v.items():
            total[key] = total[key] + factor * value if key in total else factor * value
        return {key: value for key, value in total.items() if value}

    def scale(self, u, factor):
        return self.add({}, u, factor)

    def multiply(self, u, v):
        total = {}
        for (a, c), (b, d) in product(u.items(), v.items()):
            key = tuple(i + j for i, j in zip(a, b, strict=True))
            total[key] = total[key] + c * d if key in total else c * d
        return {key: value for key, value in total.items() if value}

    def gradient(self, u):
        return tuple(self.partial(u, i) for i in range(self.dimension))

    def gradient_adjoint(self, field):
        total = {}
        for i, u in enumerate(field):
            total = self.add(total, self.partial_adjoint(u, i))
        return total

    def generator(self, u):
        return self.gradient_adjoint(self.gradient(u))

    def dot(self, v, w):
        total = {}
        for a, b in zip(v, w, strict=True):
            total = self.add(total, self.multiply(a, b))
        return total


class Torus(Geometry):
    """Modes exp(i k.x), k integer; the measure is uniform."""

    def unit(self):
        return {self.origin: Complex(fmpq(1))}

    def mean(self, u):
        value = u.get(self.origin, Complex(fmpq(0)))
        assert value.im == 0
        return value.re

    def partial(self, u, i):
        return {k: Complex(fmpq(0), fmpq(k[i])) * c for k, c in u.items() if k[i]}

    def partial_adjoint(self, u, i):
        return self.scale(self.partial(u, i), -1)

    def inverse(self, u):
        return {k: c * fmpq(1, sum(j * j for j in k)) for k, c in u.items() if any(k)}

    def against_basis(self, key, u):
        """The integral of the basis function `key` times u, not necessarily real."""
        return u.get(tuple(-j for j in key), Complex(fmpq(0)))

    def at(self, u, _point):
        """The value at (pi/2, .., pi/2), where exp(i k.x) is a power of i."""
        total = Complex(fmpq(0))
        for k, c in u.items():
            re, im = ((1, 0), (0, 1), (-1, 0), (0, -1))[sum(k) % 4]
            total = total + c * Complex(fmpq(re), fmpq(im))
        return total

    def random(self, rng, *, mean_zero):
        u = {} if mean_zero else {self.origin: Complex(fmpq(rng.randint(1, 3)))}
        for _ in range(3):
            k = tuple(rng.randint(-2, 2) for _ in self.origin)
            if any(k):
                c = Complex(fmpq(rng.randint(1, 3)), fmpq(rng.randint(-3, 3)))
                u = self.add(u, {k: c})
                u = self.add(u, {tuple(-j for j in k): Complex(c.re, -c.im)})
        return u


class Gaussian(Geometry):
    """Monomials under the standard Gaussian."""

    def unit(self):
        return {self.origin: fmpq(1)}

    def mean(self, u):
        total = fmpq(0)
        for key, c in u.items():
            if all(n % 2 == 0 for n in key):
                total += c * prod(prod(range(1, n, 2)) for n in key)
        return total

    def _shift(self, key, i, by):
        return (*key[:i], key[i] + by, *key[i + 1 :])

    def partial(self, u, i):
        return {self._shift(k, i, -1): c * k[i] for k, c in u.items() if k[i]}

    def partial_adjoint(self, u, i):
        moved = {self._shift(k, i, 1): c for k, c in u.items()}
        return self.add(moved, self.partial(u, i), -1)

    def inverse(self, u):
        """L multiplies the part of top degree n by n, and the rest has lower degree."""
        solution, rest = {}, dict(u)
        while degree := max((sum(k) for k in rest), default=0):
            top = {k: c / degree for k, c in rest.items() if sum(k) == degree}
            solution = self.add(solution, top)
            rest = self.add(rest, self.generator(top), -1)
        assert not rest
        return self.add(solution, {self.origin: -self.mean(solution)})

    def against_basis(self, key, u):
        return self.mean(self.multiply({key: fmpq(1)}, u))

    def at(self, u, point):
        values = (c * prod(x**n for x, n in zip(point, k, strict=True)) for k, c in u.items())
        return sum(values, fmpq(0))

    def random(self, rng, *, mean_zero):
        u = {}
        for _ in range(4):
            k = tuple(rng.randint(0, 2) for _ in self.origin)
            u = self.add(u, {k: fmpq(rng.randint(1, 4) * rng.choice((-1, 1)))})
        return self.add(u, {self.origin: -self.mean(u)}) if mean_zero else u


class Quartic(Gaussian):
    """Monomials under exp(-V), V the sum of all x_i^4/4 and x_i x_j, whose Hessian is not constant.

    Integration by parts gives all moments from those with exponents below 3.  These have arbitrary
    values here: what follows from integration by parts does not depend on them.  L^-1 of a polynomial
    is none, so there is no `inverse`.
    """

    def _others(self, i):
        return (j for j in range(self.dimension) if j != i)

    def partial_adjoint(self, u, i):
        total = {self._shift(k, i, 3): c for k, c in u.items()}
        for j in self._others(i):
            total = self.add(total, {self._shift(k, j, 1): c for k, c in u.items()})
        return self.add(total, self.partial(u, i), -1)

    def mean(self, u):
        return sum((c * self.moment(k) for k, c in u.items()), fmpq(0))

    @cache  # noqa: B019  (a handful of geometries, each with its moments)
    def moment(self, key):
        """E[x_i^3 r] = E[d_i r] - sum of E[x_j r]."""
        for i, n in enumerate(key):
            if n >= 3:
                rest = self._shift(key, i, -3)
                derived = rest[i] * self.moment(self._shift(rest, i, -1)) if rest[i] else fmpq(0)
                return derived - sum(self.moment(self._shift(rest, j, 1)) for j in self._others(i))
        return fmpq(1 + 2 * sum(key), 1 + sum((i + 2) * n * n for i, n in enumerate(key)))

    def inverse(self, u):
        raise NotImplementedError("L^-1 of a polynomial")


GEOMETRIES = {"torus": Torus, "gaussian": Gaussian, "quartic": Quartic}


class Instance:
    """Values of symbols drawn from a seed, and the exact value of any first-order term.

    kind: `torus`, `gaussian` or `quartic`, of the given dimension, for every space of the language.
    Norms are evaluated when their power is even.
    """

    def __init__(self, kind, dimension, seed, values=None):
        self.kind = kind
        self.geometry = GEOMETRIES[kind](dimension)
        self.seed = f"{kind} {dimension} {seed}"
        self.direction = {1: (fmpq(1),), 2: (fmpq(3, 5), fmpq(4, 5))}[dimension]
        self.point = (fmpq(1, 2), fmpq(-2, 3))[:dimension]
        self.values = dict(values or {})
        self.known = {}

    def symbol(self, term):
        if term not in self.values:
            rng = random.Random(f"{self.seed} {type(term).__name__} {term.name}")
            g = self.geometry
            match term:
                case FunctionSymbol(kind=kind):
                    value = g.random(rng, mean_zero=kind != "function")
                case VectorSymbol():
                    value = tuple(g.random(rng, mean_zero=False) for _ in range(g.dimension))
                case Parameter():
                    value = fmpq(rng.randint(1, 7), rng.randint(1, 7))
                case KernelSymbol(symmetric=symmetric):
                    value = self._kernel(rng, symmetric=symmetric)
            self.values[term] = value
        return self.values[term]

    def _kernel(self, rng, *, symmetric):
        g, kernel = self.geometry, {}
        for _ in range(2):
            u, v = g.random(rng, mean_zero=False), g.random(rng, mean_zero=False)
            for (a, c), (b, d) in product(u.items(), v.items()):
                kernel = g.add(kernel, {(a, b): c * d})
                if symmetric:
                    kernel = g.add(kernel, {(b, a): c * d})
        return kernel

    def kernel(self, operator):
        if isinstance(operator, Transpose):
            return {(b, a): c for (a, b), c in self.symbol(operator.operator).items()}
        return self.symbol(operator)

    def __call__(self, term):
        if term not in self.known:
            self.known[term] = self._value(term)
        return self.known[term]

    def _value(self, term: Term):
        g = self.geometry
        match term:
            case Rational(value):
                return fmpq(value.numerator, value.denominator)
            case FunctionSymbol() | VectorSymbol() | Parameter():
                return self.symbol(term)
            case One():
                return g.unit()
            case Sum(terms):
                total = self(terms[0])
                for part in terms[1:]:
                    total = self._add(total, self(part))
                return total
            case Product(factors=factors):
                total = self(factors[0])
                for part in factors[1:]:
                    total = self._times(total, self(part))
                return total
            case Power(Norm(u), exponent) if exponent % 2 == 0:
                return self(Inner(u, u)) ** (exponent / 2).numerator
            case Power(DualNorm(u), exponent) if exponent % 2 == 0:
                return self(Inner(u, GeneratorInverse(u))) ** (exponent / 2).numerator
            case Power(base, exponent) if exponent.denominator == 1:
                value = self(base)
                if base.sort == SCALAR:
                    return value**exponent.numerator
                total = g.unit()
                for _ in range(exponent.numerator):
                    total = g.multiply(total, value)
                return total
            case Inner(u, v):
                both = g.dot if isinstance(u.sort, VectorSort) else g.multiply
                return g.mean(both(self(u), self(v)))
            case Dot(u, v):
                return g.dot(self(u), self(v))
            case Generator(u):
                return g.generator(self(u))
            case GeneratorInverse(u):
                return g.inverse(self(u))
            case Gradient(u):
                return g.gradient(self(u))
            case GradientAdjoint(phi):
                return g.gradient_adjoint(self(phi))
            case Projector(phi):
                return g.gradient(g.inverse(g.gradient_adjoint(self(phi))))
            case Center(u):
                return g.add(self(u), self._scaled_unit(-g.mean(self(u))))
            case Apply(operator, u):
                value, total = self(u), {}
                for (a, b), c in self.kernel(operator).items():
                    total = g.add(total, {a: c * g.against_basis(b, value)})
                return total
            case KernelSlice(operator):
                total = {}
                for (a, b), c in self.kernel(operator).items():
                    slope = self._along(g.gradient({a: g.unit()[g.origin]}))
                    total = g.add(total, {b: c * slope})
                return total
            case Directional(phi):
                value = self._along(self(phi))
                return value.re if isinstance(value, Complex) else value
        raise NotImplementedError(type(term).__name__)

    def _along(self, field):
        """The component of a field along the direction, at the point."""
        g, along = self.geometry, {}
        for component, v in zip(field, self.direction, strict=True):
            along = g.add(along, component, v)
        return g.at(along, self.point)

    def _scaled_unit(self, value):
        return self.geometry.scale(self.geometry.unit(), value)

    def _add(self, left, right):
        if isinstance(left, dict):
            return self.geometry.add(left, right)
        if isinstance(left, tuple):
            return tuple(self.geometry.add(a, b) for a, b in zip(left, right, strict=True))
        return left + right

    def _times(self, left, right):
        g = self.geometry
        if isinstance(left, tuple) or isinstance(right, tuple):
            field, other = (left, right) if isinstance(left, tuple) else (right, left)
            return tuple(self._times(other, component) for component in field)
        if isinstance(left, dict) and isinstance(right, dict):
            return g.multiply(left, right)
        if isinstance(left, dict):
            return g.scale(left, right)
        return g.scale(right, left) if isinstance(right, dict) else left * right


def instances(count=2):
    """Instances on which identities are tried: both spaces, one and two dimensions."""
    return [
        Instance(kind, dimension, seed)
        for seed in range(count)
        for kind in ("torus", "gaussian")
        for dimension in (1, 2)
    ]
