"""Instances on one-dimensional tori in rational or ball arithmetic.

A function is sum_k p_k(x) e^{kU(x)} with trigonometric polynomials p_k; this ring is closed under
products, d/dx, L, grad* Phi = -Phi' + U' Phi, kernels, and the projector P Phi = Phi - c e^{U} with
c = mean Phi / mean e^{U}.  Integrals are certified moments.  Over the rationals U = 0 and k = 0.
L^-1 u is known when u = L phi was built from phi; when only u = grad* Phi is known, its gradient
P Phi is, which is enough for inner products and dual norms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from attrs import define, field, frozen
from flint import arb, fmpq

from mflverify.expr.sorts import Space
from mflverify.expr.terms import KernelSymbol
from mflverify.models import ring_divergences
from mflverify.models.no_densities import WithoutDensities
from mflverify.models.request import Unavailable
from mflverify.models.rings import Balls, Rationals, RingScalars, coefficient_square
from mflverify.models.rings import Ring as Arithmetic
from mflverify.models.slack import (
    ball_slack,
    ball_spectral_norm,
    exact_slack,
    exact_spectral_norm,
)
from mflverify.numerics.density import LogTrigDensity
from mflverify.numerics.integrand import Integrand, as_integrand, constant, exp
from mflverify.numerics.poincare import poincare_constant
from mflverify.numerics.precision import current_bits
from mflverify.numerics.quadrature import WeightedTorus
from mflverify.numerics.suprema import (
    Bounds,
    integrand_sup_norm,
    mixed_sup,
    sup_norm,
)
from mflverify.numerics.trig import TrigPolynomial

Scalar = fmpq | arb
Matrix = tuple[tuple[Fraction, ...], ...]


@frozen
class Ring:
    """A function or vector field sum_k parts[k] e^{kU}.

    inverse: L^-1 of it, when known.  flux: Phi with this = grad* Phi, when known.
    origin: u with this = grad u, when known.
    """

    parts: dict[int, TrigPolynomial]
    inverse: Ring | None = None
    flux: Ring | None = None
    origin: Ring | None = None


@frozen
class Potential:
    """L^-1 u of which only the gradient is known, together with u."""

    gradient: Ring
    source: Ring


Function = Ring | Potential

ONE = TrigPolynomial.constant(1)


@lru_cache(maxsize=256)
def _weight(potential: TrigPolynomial, digits: int) -> WeightedTorus:
    """Shared by all instances on one equilibrium: its moments are computed once."""
    return WeightedTorus(potential, digits)


@define
class RingTorus(WithoutDensities, RingScalars):
    """The operations.  potentials: U of each space.  exact: rationals instead of balls."""

    potentials: dict[Space, TrigPolynomial]
    exact: bool
    ring: Arithmetic = field(init=False)
    _weights: dict[Space, WeightedTorus] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        self.ring = Rationals() if self.exact else Balls()
        for space, u in self.potentials.items():
            if self.exact and not u.is_constant:
                raise Unavailable(
                    f"the equilibrium of {space} is not uniform: no rational arithmetic"
                )
            # more digits than the working precision holds
            self._weights[space] = _weight(u, max(10, current_bits() // 3))

    # --------------------------------------------------------------------- functions, fields

    def add(self, u: Function, v: Function) -> Function:
        if isinstance(u, Potential) or isinstance(v, Potential):
            raise Unavailable("a sum with an L^-1 of which only the gradient is known")
        parts = dict(u.parts)
        for k, p in v.parts.items():
            parts[k] = parts[k] + p if k in parts else p
        return Ring(
            parts,
            self._add_known(u.inverse, v.inverse),
            self._add_known(u.flux, v.flux),
            self._add_known(u.origin, v.origin),
        )

    def _add_known(self, u: Ring | None, v: Ring | None) -> Ring | None:
        if u is None or v is None:
            return None
        total = self.add(u, v)
        assert isinstance(total, Ring)
        return total

    def scale(self, c: Scalar, u: Function) -> Function:
        if isinstance(u, Potential):
            return Potential(self._scaled(c, u.gradient), self._scaled(c, u.source))
        return self._scaled(c, u)

    def _scaled(self, c: Scalar, u: Ring) -> Ring:
        def known(v: Ring | None) -> Ring | None:
            return None if v is None else self._scaled(c, v)

        return Ring(
            {k: p * c for k, p in u.parts.items()}, known(u.inverse), known(u.flux), known(u.origin)
        )

    def times(self, u: Function, v: Function) -> Function:
        if isinstance(u, Potential) or isinstance(v, Potential):
            raise Unavailable("a product with an L^-1 of which only the gradient is known")
        parts: dict[int, TrigPolynomial] = {}
        for k, p in u.parts.items():
            for m, q in v.parts.items():
                parts[k + m] = parts[k + m] + p * q if k + m in parts else p * q
        return Ring(parts)

    def one(self, space: Space) -> Ring:
        return Ring({0: TrigPolynomial.constant(1)})

    def grad(self, space: Space, u: Function) -> Ring:
        if isinstance(u, Potential):
            return u.gradient
        slope = self.potentials[space].derivative()
        parts = {
            k: p.derivative() + slope * p * k if k else p.derivative() for k, p in u.parts.items()
        }
        return Ring(parts, origin=u)

    def grad_adjoint(self, space: Space, phi: Ring) -> Ring:
        slope = self.potentials[space].derivative()
        parts = {k: slope * p * (1 - k) - p.derivative() for k, p in phi.parts.items()}
        inverse = None if phi.origin is None else self.center(space, phi.origin)
        return Ring(parts, inverse=inverse, flux=phi)

    def generator_inverse(self, space: Space, u: Function) -> Function:
        if isinstance(u, Potential):
            raise Unavailable("L^-1 twice of a function known by its flux")
        if u.inverse is not None:
            return u.inverse
        if self.potentials[space].is_constant and set(u.parts) <= {0}:
            return Ring({0: _uniform_inverse(u.parts.get(0, TrigPolynomial.constant(0)))})
        if u.flux is not None:
            return Potential(self.projector(space, u.flux), u)
        raise Unavailable("L^-1 of a function known neither by its potential nor by its flux")

    def projector(self, space: Space, phi: Ring) -> Ring:
        if phi.origin is not None:
            return phi
        mean = self._sum(self._integral(space, p, k) for k, p in phi.parts.items())
        if self.exact:
            mean = self._sum(p.mean for p in phi.parts.values())
        normal = fmpq(1) if self.exact else self._integral(space, ONE, 1)
        back = {
            1 if not self.potentials[space].is_constant else 0: TrigPolynomial.constant(
                -mean / normal
            )
        }
        result = self.add(Ring(phi.parts), Ring(back))
        assert isinstance(result, Ring)
        return result

    def _sum(self, values) -> Scalar:
        total: Scalar = self.number(Fraction(0))
        for value in values:
            total = total + value
        return total

    def center(self, space: Space, u: Function) -> Ring:
        if isinstance(u, Potential):
            raise Unavailable("the mean of an L^-1 of which only the gradient is known")
        mean = self.mean(space, u)
        parts = dict(u.parts)
        parts[0] = parts.get(0, TrigPolynomial.constant(0)) - mean
        return Ring(parts)

    def mean(self, space: Space, u: Ring) -> Scalar:
        """The integral against the equilibrium."""
        if self.exact:
            return self._sum(p.mean for p in u.parts.values())
        total = self._sum(self._integral(space, p, k - 1) for k, p in u.parts.items())
        return total / self._integral(space, ONE, -1)

    def _integral(self, space: Space, p: TrigPolynomial, power: int) -> arb:
        """The integral of p e^{power U} dx over a period."""
        return self._weights[space].integral(p, power)

    def inner(self, space: Space, u: Function, v: Function) -> Scalar:
        if isinstance(u, Potential):
            u, v = v, u
        if isinstance(u, Potential):
            return self._inner_inverse(space, u.source, v)
        if isinstance(v, Potential):
            return self._inner_inverse(space, u, v)
        product = self.times(u, v)
        assert isinstance(product, Ring)
        return self.mean(space, product)

    def _inner_inverse(self, space: Space, u: Ring, v: Function) -> Scalar:
        """<u, L^-1 w> with v = L^-1 w known by its gradient."""
        assert isinstance(v, Potential)
        if u.inverse is not None:
            return self.inner(space, u.inverse, v.source)
        if u.flux is not None:
            return self.inner(space, self.projector(space, u.flux), v.gradient)
        raise Unavailable("<u, L^-1 v> with neither L^-1 u nor the flux of u known")

    def dual_square(self, space: Space, u: Function) -> Scalar:
        if isinstance(u, Potential):
            raise Unavailable("the dual norm of an L^-1 of which only the gradient is known")
        return self.inner(space, u, self.generator_inverse(space, u))

    def sup(self, space: Space, u: Function) -> Scalar:
        if isinstance(u, Potential):
            raise Unavailable("the supremum of an L^-1 of which only the gradient is known")
        return self._enclosed(self._sup_bounds(space, u))

    def _sup_bounds(self, space: Space, u: Ring) -> Bounds:
        if set(u.parts) <= {0}:
            return sup_norm(u.parts.get(0, TrigPolynomial.constant(0)))
        tree: Integrand = constant(0)
        potential = as_integrand(self.potentials[space])
        for k, p in u.parts.items():
            tree = tree + as_integrand(p) * exp(potential * constant(k))
        return integrand_sup_norm(tree)

    def _enclosed(self, bounds: Bounds) -> Scalar:
        if not self.exact:
            return bounds.ball
        if not bounds.is_exact:
            raise Unavailable("a supremum that is not known as a rational number")
        return bounds.lower

    def at_point(self, space: Space, u: Function, point: Fraction) -> Scalar:
        """The value at a fraction of the period."""
        if isinstance(u, Potential):
            raise Unavailable("a value of an L^-1 of which only the gradient is known")
        total: Scalar = self.number(Fraction(0))
        for k, p in u.parts.items():
            value = p.at_turns(point)
            if k:
                value = arb(value) * (k * arb(self.potentials[space].at_turns(point))).exp()
            if self.exact and not isinstance(value, fmpq):
                raise Unavailable("a value that is not rational")
            total = total + value
        return total

    def point_distance(self, space: Space, x: Fraction, y: Fraction) -> Scalar:
        """The arc length between two fractions of the period."""
        turns = (x - y) % 1
        shorter = min(turns, 1 - turns)
        if self.exact and shorter:
            raise Unavailable("an arc length that is not rational")
        return self.number(shorter) if self.exact else 2 * arb.pi() * self.number(shorter)

    # ------------------------------------------------------------------------------- kernels

    def apply(self, kernel: tuple[KernelSymbol, Matrix], u: Function, *, transposed: bool) -> Ring:
        return self._applied(kernel, u, basis_polynomial, transposed=transposed)

    def kernel_along(
        self, kernel: tuple[KernelSymbol, Matrix], phi: Function, *, transposed: bool
    ) -> Ring:
        def slope(j: int) -> TrigPolynomial:
            return basis_polynomial(j).derivative()

        return self._applied(kernel, phi, slope, transposed=transposed)

    def _applied(
        self,
        kernel: tuple[KernelSymbol, Matrix],
        u: Function,
        wave: Callable[[int], TrigPolynomial],
        *,
        transposed: bool,
    ) -> Ring:
        """The moments <wave(j), u>, multiplied by the coefficients of the kernel."""
        symbol, matrix = kernel
        source = symbol.target if transposed else symbol.source
        rows = tuple(zip(*matrix, strict=True)) if transposed else matrix
        moments = [self.inner(source, Ring({0: wave(j)}), u) for j in range(len(rows[0]))]
        total = TrigPolynomial.constant(0)
        for i, row in enumerate(rows):
            weight = self._sum(self.number(c) * m for c, m in zip(row, moments, strict=True) if c)
            total = total + basis_polynomial(i) * weight
        return Ring({0: total})

    def kernel_slice(
        self,
        kernel: tuple[KernelSymbol, Matrix],
        point: Fraction,
        direction: Scalar,
        *,
        transposed: bool,
    ) -> Ring:
        _, matrix = kernel
        rows = tuple(zip(*matrix, strict=True)) if transposed else matrix
        total = TrigPolynomial.constant(0)
        for i, row in enumerate(rows):
            slope = basis_polynomial(i).derivative().at_turns(point)
            if self.exact and not isinstance(slope, fmpq):
                raise Unavailable("a value that is not rational")
            for j, c in enumerate(row):
                if c:
                    total = total + basis_polynomial(j) * (slope * self.number(c) * direction)
        return Ring({0: total})

    def mixed_sup(self, kernel: tuple[KernelSymbol, Matrix]) -> Scalar:
        _, matrix = kernel
        width = max(3, len(matrix[0]) + 1 - len(matrix[0]) % 2)
        height = max(3, len(matrix) + 1 - len(matrix) % 2)
        padded: list[list[Any]] = [
            [
                matrix[i][j] if i < len(matrix) and j < len(matrix[0]) else Fraction(0)
                for j in range(width)
            ]
            for i in range(height)
        ]
        return self._enclosed(mixed_sup(padded))

    def mixed_square(self, kernel: tuple[KernelSymbol, Matrix]) -> Scalar:
        symbol, matrix = kernel
        rows = [[self.number(c) if c else None for c in row] for row in matrix]
        zero: Scalar = self.number(Fraction(0))
        left = self._slope_gram(symbol.target, len(rows))
        return coefficient_square(rows, left, self._slope_gram(symbol.source, len(rows[0])), zero)

    def _slope_gram(self, space: Space, count: int) -> list[list[Any]]:
        slopes = [Ring({0: basis_polynomial(i).derivative()}) for i in range(count)]
        return [[self.inner(space, u, v) for v in slopes] for u in slopes]

    def slack(
        self,
        kernels: list[tuple[KernelSymbol, Matrix]],
        weights: Mapping[Space, Any],
        shifts: Mapping[Space, Any] = MappingProxyType({}),
    ) -> Scalar:
        return (exact_slack if self.exact else ball_slack)(kernels, self._gram, weights, shifts)

    def _gram(self, space: Space, count: int) -> list[list[Any]]:
        waves = [self.center(space, Ring({0: basis_polynomial(i + 1)})) for i in range(count)]
        return [[self.inner(space, u, v) for v in waves] for u in waves]

    def spectral_norm(self, rows: list[list[Scalar]]) -> Scalar:
        entries: list[list[Any]] = [list(row) for row in rows]
        return exact_spectral_norm(entries) if self.exact else ball_spectral_norm(entries)

    def field_of(self, coefficients: tuple[Fraction, ...]) -> Ring:
        """The trigonometric polynomial with coefficients in the basis 1, cos x, sin x, ..."""
        return Ring({0: polynomial_of(coefficients)})

    def poincare(self, space: Space) -> Scalar:
        potential = self.potentials[space]
        if potential.is_constant:
            return self.number(Fraction(1))
        return poincare_constant(LogTrigDensity(potential), digits=9).ball

    # ------------------------------------------------------------------ densities 1 + f

    def relative_entropy(self, space: Space, p: Function, q: Function) -> Scalar:
        return ring_divergences.relative_entropy(self._inexact(space), _parts(p), _parts(q))

    def fisher_information(self, space: Space, p: Function, q: Function) -> Scalar:
        return ring_divergences.fisher_information(self._inexact(space), _parts(p), _parts(q))

    def wasserstein(self, space: Space, p: Function, q: Function) -> Scalar:
        return ring_divergences.wasserstein(self._inexact(space), _parts(p), _parts(q))

    def mean_absolute(self, space: Space, u: Function) -> Scalar:
        return ring_divergences.mean_absolute(self._inexact(space), _parts(u))

    def log_sobolev(self, space: Space, reference: Function | None) -> Scalar:
        if self.exact and reference is None:
            return fmpq(1)
        density = None if reference is None else _parts(reference)
        return ring_divergences.log_sobolev(self._inexact(space), density)

    def _inexact(self, space: Space) -> TrigPolynomial:
        if self.exact:
            raise Unavailable("an entropy or a transport distance is not rational")
        return self.potentials[space]


def _parts(u: Function) -> dict[int, TrigPolynomial]:
    if isinstance(u, Potential):
        raise Unavailable("a density known only by its gradient")
    return u.parts


def basis_polynomial(index: int) -> TrigPolynomial:
    """1, cos x, sin x, cos 2x, sin 2x, ..."""
    if index == 0:
        return TrigPolynomial.constant(1)
    mode = (index + 1) // 2
    return TrigPolynomial.cosine(mode) if index % 2 else TrigPolynomial.sine(mode)


def polynomial_of(coefficients: tuple[Fraction, ...]) -> TrigPolynomial:
    """The trigonometric polynomial with these coefficients in the basis 1, cos x, sin x, ..."""
    cosines = [c for i, c in enumerate(coefficients) if i == 0 or i % 2]
    sines = [c for i, c in enumerate(coefficients) if i and i % 2 == 0]
    return TrigPolynomial(cosines or [0], sines)


def _uniform_inverse(p: TrigPolynomial) -> TrigPolynomial:
    cosines: list[Scalar] = [fmpq(0)]
    sines: list[Scalar] = []
    for j in range(1, p.degree + 1):
        a, b = p.frequency(j)
        cosines.append(a / (j * j))
        sines.append(b / (j * j))
    return TrigPolynomial(cosines, sines)
