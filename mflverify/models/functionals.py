"""Functionals of moments, F(mu) = int V dmu + G(<phi_1, mu>, ..., <phi_m, mu>), and their variations.

    F'[mu](x)             = V(x) + sum_i   G_i(s) phi_i(x),                s_i = <phi_i, mu>
    F''[mu](x, x')        =        sum_ij  G_ij(s) phi_i(x) phi_j(x')
    F'''[mu](x, x', x'')  =        sum_ijk G_ijk(s) phi_i(x) phi_j(x') phi_k(x'')
with the partial derivatives of G.  The equilibrium mu-bar = exp(-U)/Z and G are chosen first; then
V = tau U - sum_i G_i(s-bar) phi_i makes F'[mu-bar] + tau log mu-bar constant, exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Protocol

from attrs import field, frozen
from flint import arb

from mflverify.models.basis import BasisFunction, Expansion
from mflverify.models.kernel_data import General
from mflverify.models.product_functions import Function
from mflverify.models.product_mixed import mixed_sup
from mflverify.models.product_space import ProductSpace
from mflverify.models.product_suprema import hessian_sup, sup_norm
from mflverify.models.request import Unavailable
from mflverify.models.rings import Balls, Rationals, Ring, Scalar, fraction
from mflverify.models.spaces import SpaceData

Tensor = dict[tuple[int, ...], Scalar]
"""Entries of a symmetric tensor by indices in increasing order; missing ones vanish."""


class MomentFunction(Protocol):
    """G, a smooth function of m real variables, with its derivatives up to the third."""

    @property
    def arity(self) -> int: ...
    def value(self, ring: Ring, s: Sequence[Scalar]) -> Scalar: ...
    def derivatives(self, ring: Ring, s: Sequence[Scalar], order: int) -> Tensor: ...


def _as_powers(terms: Mapping[tuple[int, ...], Fraction | int]) -> dict[tuple[int, ...], Fraction]:
    return {tuple(powers): Fraction(c) for powers, c in terms.items() if c}


@frozen
class PolynomialFunction:
    """G(s) = sum of terms[n] s_1^n_1 ... s_m^n_m.

    Raises ValueError unless every exponent has `arity` entries, none negative.
    """

    arity: int
    terms: Mapping[tuple[int, ...], Fraction] = field(converter=_as_powers)

    def __attrs_post_init__(self) -> None:
        for powers in self.terms:
            if len(powers) != self.arity or min(powers, default=0) < 0:
                raise ValueError(f"exponents must be {self.arity} natural numbers, got {powers}")

    def value(self, ring: Ring, s: Sequence[Scalar]) -> Scalar:
        """G(s)."""
        total = ring.number(Fraction(0))
        for powers, c in self.terms.items():
            part = ring.number(c)
            for x, n in zip(s, powers, strict=True):
                for _ in range(n):
                    part = part * x
            total = total + part
        return total

    def partial(self, i: int) -> PolynomialFunction:
        """The partial derivative in the i-th variable."""
        return PolynomialFunction(
            self.arity,
            {
                (*powers[:i], powers[i] - 1, *powers[i + 1 :]): c * powers[i]
                for powers, c in self.terms.items()
                if powers[i]
            },
        )

    def derivatives(self, ring: Ring, s: Sequence[Scalar], order: int) -> Tensor:
        """All partial derivatives of this order at s."""
        found: dict[tuple[int, ...], PolynomialFunction] = {(): self}
        for _ in range(order):
            found = {
                (*indices, i): g.partial(i)
                for indices, g in found.items()
                for i in range(indices[-1] if indices else 0, self.arity)
            }
        return {indices: g.value(ring, s) for indices, g in found.items() if g.terms}


@frozen
class MomentFunctional:
    """F on one space, at its exact equilibrium.

    space: the space and the equilibrium exp(-U)/Z.  features: phi_1, ..., phi_m.  outer: G.
    temperature: tau.  Raises ValueError when it is not positive, or a feature does not fit.
    """

    space: SpaceData
    features: tuple[Expansion, ...]
    outer: MomentFunction
    temperature: Fraction = Fraction(1)

    def __attrs_post_init__(self) -> None:
        if self.temperature <= 0:
            raise ValueError(f"temperature must be positive, got {self.temperature}")
        if len(self.features) != self.outer.arity:
            raise ValueError(
                f"G has {self.outer.arity} variables, but there are {len(self.features)} features"
            )
        for phi in self.features:
            require_fit(phi, self.space)

    def moments(self, ring: Ring) -> list[Scalar]:
        """s-bar, the means of the features under the equilibrium."""
        here = ProductSpace(self.space, ring)
        return [here.mean(here.function_of(phi)) for phi in self.features]

    def variation(self, ring: Ring, order: int) -> dict[tuple[BasisFunction, ...], Scalar]:
        """G-part of F', F'' or F''' at the equilibrium, by products of basis functions."""
        tensor = self.outer.derivatives(ring, self.moments(ring), order)
        return expanded(ring, tensor, self.features)

    def second_variation(self) -> General:
        """F''[mu-bar] as a kernel for an instance.  Raises Unavailable when it is not rational."""
        d = self.space.dimension
        entries = self.variation(Rationals(), 2).items()
        return General((d, d), tuple((a, b, fraction(c)) for (a, b), c in entries))

    def potential(self, ring: Ring) -> dict[BasisFunction, Scalar]:
        """V, the potential that makes the equilibrium stationary, by basis functions."""
        tau = ring.number(self.temperature)
        total = {basis: tau * ring.number(c) for basis, c in self.space.potential}
        for (basis,), c in self.variation(ring, 1).items():
            total[basis] = total[basis] - c if basis in total else -c
        return total

    def stationarity(self, ring: Ring) -> Function:
        """F'[mu-bar] + tau log mu-bar without its constant: exactly 0, or balls around 0."""
        here = ProductSpace(self.space, ring)
        tau = ring.number(self.temperature)
        parts = [*self.potential(ring).items()]
        parts += [(basis, c) for (basis,), c in self.variation(ring, 1).items()]
        parts += [(basis, -tau * ring.number(c)) for basis, c in self.space.potential]
        return here.function_of([(b, c) for b, c in parts if not b.is_constant])

    # -------------------------------------------------------------------------------- bounds

    def mixed_derivative_sup(self) -> arb:
        """K = sup |grad grad' F''[mu-bar]|, a ball at the working precision."""
        ring = Balls()
        here = ProductSpace(self.space, ring)
        kernel = self.variation(ring, 2)
        bases = tuple(dict.fromkeys(b for pair in kernel for b in pair))
        rows = [[kernel.get((a, b), arb(0)) for b in bases] for a in bases]
        return mixed_sup(here, here, rows, (bases, bases)) if bases else arb(0)

    def third_derivative_bound(self) -> arb:
        """T1: an upper bound of sup |grad grad' grad'' F'''[mu]| over all mu and all points."""
        return self._tensor_bound(3, lambda tensor: tensor)

    def second_derivative_bound(self) -> arb:
        """T2: an upper bound of sup |grad_x grad_x'^2 (F''[mu] - F''[mu-bar])| over all mu."""
        ring = Balls()
        middle = self.outer.derivatives(ring, self.moments(ring), 2)

        def moved(tensor: Tensor) -> Tensor:
            keys = set(tensor) | set(middle)
            return {k: tensor.get(k, arb(0)) - middle.get(k, arb(0)) for k in keys}

        return self._tensor_bound(2, moved)

    def _tensor_bound(self, order: int, change: Callable[[Tensor], Tensor]) -> arb:
        ring = Balls()
        here = ProductSpace(self.space, ring)
        functions = [here.function_of(phi) for phi in self.features]
        tensor = change(self.outer.derivatives(ring, self._range(here, functions), order))
        total = arb(0)
        for indices, value in tensor.items():
            size = arb(abs(value).upper())
            if size == 0:
                continue
            if not size.is_finite():
                raise Unavailable("the derivatives of G are not bounded over all measures")
            for place in set(permutations(indices)):
                part = size
                for number, i in enumerate(place):
                    last = order == 2 and number == 1
                    sup = hessian_sup if last else gradient_sup
                    part *= arb(sup(here, functions[i]).upper())
                total += part
        return arb(total.upper())

    def _range(self, here: ProductSpace, functions: list[Function]) -> list[arb]:
        """Balls that contain <phi_i, mu> for every probability measure mu."""
        balls = []
        for u in functions:
            try:
                size = arb(sup_norm(here, u).upper())
            except Unavailable:
                size = arb.pos_inf()
            balls.append(arb(0, size) if size.is_finite() else arb.neg_inf().union(arb.pos_inf()))
        return balls


def gradient_sup(space: ProductSpace, u: Function) -> Scalar:
    """sup |grad u|."""
    return sup_norm(space, space.grad(u))


def permutations(indices: tuple[int, ...]) -> list[tuple[int, ...]]:
    """All orders of the indices, with repetitions."""
    if len(indices) <= 1:
        return [indices]
    return [
        (indices[n], *rest)
        for n in range(len(indices))
        for rest in permutations((*indices[:n], *indices[n + 1 :]))
    ]


def expanded(
    ring: Ring, tensor: Tensor, features: Sequence[Expansion]
) -> dict[tuple[BasisFunction, ...], Scalar]:
    """sum of tensor[i, j, ...] phi_i phi_j ... by products of basis functions."""
    total: dict[tuple[BasisFunction, ...], Scalar] = {}
    for indices, value in tensor.items():
        for place in set(permutations(indices)):
            parts: dict[tuple[BasisFunction, ...], Scalar] = {(): value}
            for i in place:
                parts = {
                    (*known, basis): c * ring.number(e)
                    for known, c in parts.items()
                    for basis, e in features[i]
                }
            for key, c in parts.items():
                total[key] = total[key] + c if key in total else c
    return total


def require_fit(phi: Expansion, space: SpaceData) -> None:
    """Raises ValueError unless phi is a function on the space."""
    if phi.dimension != space.dimension:
        raise ValueError(
            f"{phi.text()} has {phi.dimension} variables, the space has {space.dimension}"
        )
    for basis, _ in phi:
        if any(basis.powers[i] for i in space.circles):
            raise ValueError(f"{basis.text()} is not periodic on a circle")
