"""One product of circles and lines in one arithmetic: L, its adjoint, its inverse, inner products.

Pairings <u, L^-1 v> are exact or certified when one side is L a, when L^-1 v is explicit (all circles uniform,
all lines Gaussian), and in one dimension, where the projector is explicit: on the line every field
in L2 is a gradient; on the circle P Phi = Phi - c/mu.  In higher dimension the projector contracts,
|<P Phi, P Psi>| <= ||Phi|| ||Psi||, and on two circles the dual norm is enclosed from both sides.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import numpy as np
from attrs import define, field
from flint import arb

from mflverify.models.basis import BasisFunction, Expansion
from mflverify.models.moments import Index, Moments
from mflverify.models.product_functions import Field, Function, Inverse, Terms, stacked
from mflverify.models.request import Unavailable
from mflverify.models.rings import Balls, Floats, Ring, Scalar
from mflverify.models.spaces import SpaceData, trigonometric
from mflverify.numerics.dual_norm_torus import torus_dual_norm_squared
from mflverify.numerics.precision import current_bits
from mflverify.numerics.quadrature import WeightedTorus
from mflverify.numerics.torus_polynomial import TorusPolynomial

# a pairing known only up to this much of its size is enclosed again by Galerkin and an admissible flux
LOOSE = 1e-9


@define
class ProductSpace:
    """The operations on one space."""

    data: SpaceData
    ring: Ring
    _moments: Moments | None = field(init=False, default=None, repr=False)
    _slopes: tuple[Function, ...] = field(init=False)

    def __attrs_post_init__(self) -> None:
        potential = self.function_of(self.data.potential)
        self._slopes = self._partials(potential)

    @property
    def dimension(self) -> int:
        """The number of variables."""
        return self.data.dimension

    @property
    def moments(self) -> Moments:
        """Moments of the equilibrium.  Raises Unavailable when this arithmetic has none."""
        if self._moments is None:
            self._moments = Moments(self.data, self.ring)
        return self._moments

    # ----------------------------------------------------------------------------- from data

    def function_of(self, expansion: Iterable[tuple[BasisFunction, Any]]) -> Function:
        """The function with these coefficients (Fractions or scalars of the arithmetic)."""
        total: Terms = {}
        for basis, value in expansion:
            c = self.ring.number(value) if isinstance(value, Fraction) else value
            for index, weight in self._exponentials(basis):
                part = weight * c
                total[index] = total[index] + part if index in total else part
        return Function(self.ring, {i: c for i, c in total.items() if not self.ring.is_zero(c)})

    def field_of(self, components: Iterable[Expansion]) -> Field:
        """The field with these components.  Raises ValueError unless there are `dimension` of them."""
        parts = tuple(self.function_of(c) for c in components)
        if len(parts) != self.dimension:
            raise ValueError(f"a field here has {self.dimension} components, got {len(parts)}")
        return Field(parts)

    def _exponentials(self, basis: BasisFunction) -> list[tuple[Index, Any]]:
        """cos and sin by exp(ikx)."""
        ring = self.ring
        zero, one, half = (ring.number(Fraction(n, 2)) for n in (0, 2, 1))
        if not any(basis.frequency):
            return [((*basis.powers, *basis.frequency), ring.complex(one, zero))]
        opposite = tuple(-k for k in basis.frequency)
        first = ring.complex(half, zero) if basis.wave == "cos" else ring.complex(zero, -half)
        return [
            ((*basis.powers, *basis.frequency), first),
            ((*basis.powers, *opposite), ring.conjugate(first)),
        ]

    def coefficients(self, u: Function) -> dict[BasisFunction, Scalar]:
        """The coefficients of u in the real basis.  Raises Unavailable beside Gaussian factors."""
        d, ring = self.dimension, self.ring
        if u.has_gaussian_factors(d):
            raise Unavailable(
                "coefficients in waves and powers of a function with Gaussian factors"
            )
        total: dict[BasisFunction, Scalar] = {}
        two = ring.number(Fraction(2))
        zero = ring.number(Fraction(0))
        for index, c in u.terms.items():
            powers, frequency = index[:d], index[d:]
            first = next((k for k in frequency if k), 0)
            if first == 0:
                total[BasisFunction(powers, frequency)] = ring.real(c)
            elif first > 0:
                # c e^ik + conj(c) e^-ik = 2 Re c cos - 2 Im c sin
                total[BasisFunction(powers, frequency, "cos")] = two * ring.real(c)
                turned = c * ring.complex(zero, ring.number(Fraction(1)))
                total[BasisFunction(powers, frequency, "sin")] = two * ring.real(turned)
        return total

    # --------------------------------------------------------------------------- operations

    def one(self) -> Function:
        """The constant 1."""
        return self.function_of([(BasisFunction((0,) * self.dimension, (0,) * self.dimension),
                                  Fraction(1))])  # fmt: skip

    def _partials(self, u: Function) -> tuple[Function, ...]:
        return tuple(u.derivative(axis, self.dimension) for axis in range(self.dimension))

    def grad(self, u: Function | Inverse | Field) -> Field | Inverse:
        """The gradient; in one dimension of a field too, which is a function there."""
        if isinstance(u, Field):
            if self.dimension > 1:
                raise Unavailable("the gradient of a field in several variables")
            return Field(self._partials(u.components[0]))
        if isinstance(u, Inverse):
            return Inverse(u.source, is_gradient=True)
        return Field(self._partials(u), origin=u)

    def grad_adjoint(self, phi: Field | Inverse) -> Function:
        """-div Phi + grad U . Phi."""
        if isinstance(phi, Inverse):
            return phi.source
        total: Function | None = None
        minus = self.ring.number(Fraction(-1))
        for axis, (slope, part) in enumerate(zip(self._slopes, phi.components, strict=True)):
            value = slope.times(part).plus(part.derivative(axis, self.dimension).scaled(minus))
            total = value if total is None else total.plus(value)
        assert total is not None
        zero = Function(self.ring, {})
        nothing = Field((zero,) * self.dimension, origin=zero)
        known = (phi.origin, nothing) if phi.origin is not None else (zero, phi)
        return Function(self.ring, total.terms, known)

    def advection(self, phi: Any, psi: Any) -> Field:
        """(Phi . grad) Psi."""
        phi, psi = _explicit(phi), _explicit(psi)
        return Field(tuple(phi.times(self.grad(part)) for part in psi.components))

    def divergence(self, phi: Any) -> Function:
        """div Phi."""
        parts = _explicit(phi).components
        return self._total(u.derivative(i, self.dimension) for i, u in enumerate(parts))

    @property
    def score(self) -> Field:
        """grad U."""
        return Field(self._slopes)

    def jacobian_square(self, phi: Any) -> Function:
        """tr((grad Phi)^2)."""
        rows = [self._partials(part) for part in _explicit(phi).components]
        axes = range(self.dimension)
        return self._total(rows[i][j].times(rows[j][i]) for i in axes for j in axes)

    def curvature(self, phi: Any) -> Function:
        """Phi^T hess U Phi."""
        parts = _explicit(phi).components
        bends = [self._partials(slope) for slope in self._slopes]
        axes = range(self.dimension)
        return self._total(bends[i][j].times(parts[i]).times(parts[j]) for i in axes for j in axes)

    def _total(self, parts: Iterable[Function]) -> Function:
        total = Function(self.ring, {})
        for part in parts:
            total = total.plus(part)
        return total

    def generator_inverse(self, u: Any) -> Function | Inverse:
        """L^-1 u, explicit where possible."""
        if not isinstance(u, Function):
            raise Unavailable("L^-1 twice of a function known by its flux")
        if u.known is not None and u.known[1].is_zero:
            return self.center(u.known[0])
        if self._is_solvable(u):
            return self._solve(u)
        return Inverse(u)

    def _is_solvable(self, u: Function) -> bool:
        """Whether L^-1 of this function is again one of finitely many waves and powers."""
        return self.data.is_rational and not u.has_gaussian_factors(self.dimension)

    def _solve(self, u: Function) -> Function:
        """L^-1 by elimination from the highest powers: L acts on x^n exp(ik.x) by an eigenvalue, plus
        lower powers."""
        self._require_mean_zero(u)
        rest, total = u, Function(self.ring, {})
        d = self.dimension
        rates = [self.ring.number(Fraction(1))] * d
        for i in self.data.lines:
            law = self.data.gaussian(i)
            assert law is not None
            rates[i] = self.ring.number(Fraction(int(law[1].q), int(law[1].p)))
        while True:
            index = max(
                (i for i in rest.terms if any(i)), key=lambda i: (sum(i[:d]), i), default=None
            )
            if index is None:
                return self.center(total)
            if any(index[d + i] for i in self.data.lines):
                raise Unavailable("L^-1 of a wave on a Gaussian line is not explicit")
            value = self.ring.number(Fraction(0))
            for i in range(d):
                value = value + rates[i] * (
                    index[i] if self.data.axes[i] == "line" else index[d + i] ** 2
                )
            part = Function(
                self.ring, {index: rest.terms[index] * (self.ring.number(Fraction(1)) / value)}
            )
            total = total.plus(part)
            image = self.grad_adjoint(self.grad(part))
            left = rest.plus(image.scaled(self.ring.number(Fraction(-1))))
            # in balls the leading coefficient cancels only up to its radius
            rest = Function(self.ring, {i: c for i, c in left.terms.items() if i != index})

    def _require_mean_zero(self, u: Function) -> None:
        mean = self.mean(u)
        if self.ring.is_exact and mean != 0:
            raise ValueError(f"L^-1 of a function with mean {mean}")
        if isinstance(mean, arb) and not mean.contains(0):
            raise ValueError(f"L^-1 of a function with mean {mean.str(8)}")

    def projector(self, phi: Field | Inverse) -> Field | Inverse:
        """grad L^-1 grad*."""
        if isinstance(phi, Inverse) or phi.origin is not None:
            return phi
        if self.data.axes == ("line",):
            return phi
        return self._gradient_of_inverse(self.grad_adjoint(phi))

    def _gradient_of_inverse(self, u: Function) -> Field | Inverse:
        inverse = self.generator_inverse(u)
        return self.grad(inverse)

    def mean(self, u: Function) -> Scalar:
        """The integral against the equilibrium; exactly 0 where that is known."""
        if u.known is not None:
            return self.ring.number(Fraction(0))
        return self.integral(u)

    def integral(self, u: Function) -> Scalar:
        """The same from the moments alone."""
        total = self.ring.number(Fraction(0))
        for index, c in u.terms.items():
            total = total + self.ring.real(c * self.moments(index))
        return total

    def center(self, u: Any) -> Function:
        """u minus its mean."""
        if not isinstance(u, Function):
            raise Unavailable("the mean of an L^-1 of which only the gradient is known")
        if u.known is not None:
            return u
        return u.plus(self.one().scaled(-self.mean(u)))

    def inner(self, u: Any, v: Any) -> Scalar:
        """The inner product of two functions or two fields in L2(equilibrium)."""
        if isinstance(u, Inverse):
            u, v = v, u
        if isinstance(v, Inverse):
            if v.is_gradient:
                other = u.source if isinstance(u, Inverse) else self.grad_adjoint(u)
                return self.pairing(other, v.source)
            if isinstance(u, Inverse):
                raise Unavailable("the inner product of two L^-1 that are not explicit")
            return self.pairing(u, v.source)
        return self._mean_of_product(u, v)

    def _mean_of_product(self, u: Any, v: Any) -> Scalar:
        if isinstance(u, Field):
            total = self.ring.number(Fraction(0))
            for a, b in zip(u.components, v.components, strict=True):
                total = total + self._mean_of_product(a, b)
            return total
        if isinstance(self.ring, Floats):
            return self._mean_of_batches(u, v)
        return self.mean(u.times(v))

    def _mean_of_batches(self, u: Function, v: Function) -> Scalar:
        """The same as one bilinear form, for a batch of floats."""
        if not u.terms or not v.terms:
            return self.ring.number(Fraction(0))
        form = self.moments.matrix(tuple(u.terms), tuple(v.terms))
        return np.real((stacked(u.terms) * (form @ stacked(v.terms))).sum(axis=0))

    def dual_square(self, u: Any) -> Scalar:
        """||u||_{-1}^2.  Raises ValueError when u is certainly not mean-zero."""
        if isinstance(u, Inverse):
            raise Unavailable("the dual norm of an L^-1 of which only the gradient is known")
        return self.pairing(u, u)

    # ------------------------------------------------------------------------------ pairings

    def pairing(self, u: Function, v: Function) -> Scalar:
        """<u, L^-1 v> for mean-zero functions."""
        for first, second in ((u, v), (v, u)):
            if first.known is not None and first.known[1].is_zero:
                return self.inner(first.known[0], second)
        for first, second in ((u, v), (v, u)):
            if self._is_solvable(second):
                return self.inner(first, self._solve(second))
        if u.known is None or v.known is None:
            return self._enclosed_pairing(u, v)
        (a, phi), (b, psi) = u.known, v.known
        if self.data.axes == ("line",):
            left, right = (Field(self._partials(w)).plus(x) for w, x in ((a, phi), (b, psi)))
            return self.inner(left, right)
        rest = self.inner(a, v) + self.inner(b, self.grad_adjoint(phi))
        return rest + self._projected_product(phi, psi, rest)

    def _projected_product(self, phi: Field, psi: Field, rest: Scalar) -> Scalar:
        """<P Phi, P Psi>."""
        if self.data.axes == ("circle",):
            return self.inner(phi, psi) - self._circle_mean(phi) * self._circle_mean(psi) * (
                self.ring.number(Fraction(1)) / self._inverse_density()
            )
        if not isinstance(self.ring, Balls):
            raise Unavailable("the projector in several dimensions, in this arithmetic")
        bound = (self.inner(phi, phi) * self.inner(psi, psi)).upper().sqrt()
        square = phi is psi
        value = (arb(bound / 2, (bound / 2).upper())) if square else arb(0, bound.upper())
        if float(value.rad()) <= LOOSE * abs(float((rest + value).mid())):
            return value
        u = self.grad_adjoint(phi)
        return self._enclosed_pairing(u, u if square else self.grad_adjoint(psi))

    def _circle_mean(self, phi: Field) -> Scalar:
        """The mean of a field over dx/(2 pi)."""
        constant = phi.components[0].terms.get((0, 0))
        return self.ring.number(Fraction(0)) if constant is None else self.ring.real(constant)

    def _inverse_density(self) -> Scalar:
        """The mean of 1/mu over dx/(2 pi), mu the density with respect to dx/(2 pi)."""
        bits = current_bits()
        weight = WeightedTorus(
            trigonometric(self.data.potential), max(10, int(bits / 3.3219280948873626))
        )
        two_pi = 2 * arb.pi()
        value = weight.integral(1, 1) / two_pi * (weight.integral(1, -1) / two_pi)
        if isinstance(self.ring, Balls):
            return value
        return self.ring.number(Fraction(float(value.mid())))

    def _enclosed_pairing(self, u: Function, v: Function) -> Scalar:
        """By polarisation of the two-sided enclosure on two circles."""
        if self.data.axes != ("circle", "circle") or not isinstance(self.ring, Balls):
            raise Unavailable(f"<u, L^-1 v> on {self.data.text()} in {self.ring.name} arithmetic")
        if u is v:
            return self._dual_enclosure(u)
        minus = self.ring.number(Fraction(-1))
        difference = self._dual_enclosure(u.plus(v)) - self._dual_enclosure(u.plus(v.scaled(minus)))
        return difference / 4

    def _dual_enclosure(self, u: Function) -> arb:
        if u.is_zero:
            return arb(0)
        f, potential = (
            TorusPolynomial.from_matrix(self.matrix(v))
            for v in (u, self.function_of(self.data.potential))
        )
        value = torus_dual_norm_squared(f, potential, 1e-9).ball
        if not value.is_finite():
            raise Unavailable("the dual norm could not be enclosed")
        return value

    def matrix(self, u: Function) -> list[list[Any]]:
        """On two circles: the coefficient matrix in 1, cos x, sin x, ... of each variable."""
        values = self.coefficients(u)
        n, m = (max((abs(b.frequency[i]) for b in values), default=0) for i in range(2))
        zero = self.ring.number(Fraction(0))
        rows: list[list[Any]] = [[zero] * (2 * m + 1) for _ in range(2 * n + 1)]
        for basis, c in values.items():
            k, j = basis.frequency
            sign = -1 if j < 0 else 1
            j = abs(j)

            def put(first: str, second: str, value: Any, k: int = k, j: int = j) -> None:
                row = 0 if k == 0 else 2 * k - (first == "cos")
                column = 0 if j == 0 else 2 * j - (second == "cos")
                rows[row][column] = rows[row][column] + value

            if basis.wave == "cos":
                put("cos", "cos", c)
                if k and j:
                    put("sin", "sin", -sign * c)
            else:
                if k:
                    put("sin", "cos", c)
                if j:
                    put("cos", "sin", sign * c)
        return rows


def _explicit(phi: Any) -> Field:
    if not isinstance(phi, Field):
        raise Unavailable("a derivative of the gradient of an L^-1 that is not known")
    return phi
