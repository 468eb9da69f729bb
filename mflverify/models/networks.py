"""Two-layer networks in the mean-field limit, as functionals of moments.

A neuron with parameter x answers phi_j(x) = sigma(z_j . x) to the j-th input, a network mu answers
s_j = <phi_j, mu>, and G(s) = sum_j w_j loss(s_j, y_j) is its risk over labels y_j: a function of moments
with diagonal second and third derivatives.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Protocol

from attrs import field, frozen
from flint import arb

from mflverify.models.basis import BasisFunction, Expansion, wave_of
from mflverify.models.functionals import MomentFunctional, Tensor
from mflverify.models.rings import Balls, Ring, Scalar
from mflverify.models.spaces import SpaceData


class Loss(Protocol):
    """loss(s, y), with its derivatives in s up to the third."""

    def value(self, ring: Ring, s: Scalar, label: Fraction) -> Scalar: ...
    def derivative(self, ring: Ring, s: Scalar, label: Fraction, order: int) -> Scalar: ...


@frozen
class SquaredLoss:
    """(s - y)^2/2."""

    def value(self, ring: Ring, s: Scalar, label: Fraction) -> Scalar:
        """The loss."""
        gap = s - ring.number(label)
        return gap * gap * ring.number(Fraction(1, 2))

    def derivative(self, ring: Ring, s: Scalar, label: Fraction, order: int) -> Scalar:
        """Its derivative of order 1, 2 or 3 in s."""
        if order == 1:
            return s - ring.number(label)
        return ring.number(Fraction(1 if order == 2 else 0))


@frozen
class LogisticLoss:
    """log(1 + exp(-y s)); labels are 1 and -1.

    With p = 1/(1 + exp(y s)): derivatives -y p, y^2 p(1 - p) and -y^3 p(1 - p)(1 - 2p).
    """

    def value(self, ring: Ring, s: Scalar, label: Fraction) -> Scalar:
        """The loss, in balls or floats."""
        argument = ring.number(Fraction(1)) + ring.exp(-(s * ring.number(label)))
        return ring.log(argument)

    def derivative(self, ring: Ring, s: Scalar, label: Fraction, order: int) -> Scalar:
        """Its derivative of order 1, 2 or 3 in s.

        In balls never wider than the global bounds 1, 1/4 and sqrt(3)/18, times powers of |y|.
        """
        y, one = ring.number(label), ring.number(Fraction(1))
        denominator = one + ring.exp(s * y)
        if isinstance(ring, Balls) and not denominator.is_finite():
            p = arb(0.5, 0.5)
        else:
            p = ring.scalar_power(denominator, Fraction(-1)) if _is_off_zero(denominator) else (
                arb(0.5, 0.5))  # fmt: skip
        q = one - p
        match order:
            case 1:
                return -y * p
            case 2:
                value, bound = y * y * p * q, Fraction(1, 4)
            case _:
                value, bound = -y * y * y * p * q * (q - p), Fraction(97, 1000)
        if isinstance(value, arb):
            limit = abs(y) ** order * arb(0, float(bound))
            value = value.intersection(limit) if value.overlaps(limit) else value
        return value


def _is_off_zero(value: Scalar) -> bool:
    return not (isinstance(value, arb) and value.contains(0))


@frozen
class Risk:
    """G(s) = sum_j weights[j] loss(s_j, labels[j]).  Raises ValueError for other lengths."""

    loss: Loss
    labels: tuple[Fraction, ...] = field(converter=lambda v: tuple(Fraction(y) for y in v))
    weights: tuple[Fraction, ...] = field(converter=lambda v: tuple(Fraction(w) for w in v))

    def __attrs_post_init__(self) -> None:
        if len(self.labels) != len(self.weights):
            raise ValueError(f"{len(self.labels)} labels and {len(self.weights)} weights")
        if isinstance(self.loss, LogisticLoss) and any(abs(y) != 1 for y in self.labels):
            raise ValueError(f"labels of the logistic loss are 1 and -1, got {self.labels}")

    @property
    def arity(self) -> int:
        """The number of data points."""
        return len(self.labels)

    def value(self, ring: Ring, s: Sequence[Scalar]) -> Scalar:
        """G(s)."""
        total = ring.number(Fraction(0))
        for x, y, w in zip(s, self.labels, self.weights, strict=True):
            total = total + ring.number(w) * self.loss.value(ring, x, y)
        return total

    def derivatives(self, ring: Ring, s: Sequence[Scalar], order: int) -> Tensor:
        """The diagonal of the derivative of this order."""
        return {
            (j,) * order: ring.number(w) * self.loss.derivative(ring, x, y, order)
            for j, (x, y, w) in enumerate(zip(s, self.labels, self.weights, strict=True))
        }


def wave_ridge(direction: Sequence[int], profile: Sequence[Fraction | int]) -> Expansion:
    """sigma(z.x) on a torus: z = `direction`, sigma by its coefficients in 1, cos t, sin t, cos 2t, ..."""
    zero = (0,) * len(direction)
    terms = []
    for i, c in enumerate(profile):
        mode = (i + 1) // 2
        frequency = tuple(mode * k for k in direction)
        basis, sign = wave_of(zero, frequency, "cos" if i % 2 or not i else "sin")
        terms.append((basis, Fraction(c) * sign))
    return Expansion(len(direction), terms)


def polynomial_ridge(
    direction: Sequence[Fraction | int], profile: Sequence[Fraction | int]
) -> Expansion:
    """sigma(z.x) on lines: z = `direction`, sigma by its coefficients in 1, t, t^2, ..."""
    d = len(direction)
    power: dict[tuple[int, ...], Fraction] = {(0,) * d: Fraction(1)}
    terms: list[tuple[BasisFunction, Fraction]] = []
    for n, c in enumerate(profile):
        if n:
            raised: dict[tuple[int, ...], Fraction] = {}
            for index, value in power.items():
                for i, z in enumerate(direction):
                    key = (*index[:i], index[i] + 1, *index[i + 1 :])
                    raised[key] = raised.get(key, Fraction(0)) + value * Fraction(z)
            power = raised
        terms += [(BasisFunction(k, (0,) * d), Fraction(c) * v) for k, v in power.items()]
    return Expansion(d, terms)


def two_layer_network(
    space: SpaceData,
    features: Sequence[Expansion],
    labels: Sequence[Fraction | int],
    loss: Loss,
    *,
    weights: Sequence[Fraction | int] | None = None,
    temperature: Fraction | int = 1,
) -> MomentFunctional:
    """The risk of a two-layer network whose neurons live on `space`, at an exact equilibrium.

    features: the answers phi_j of a neuron to the inputs, e.g. by `wave_ridge`.  weights: 1/m each
    by default.  Raises ValueError for different lengths, labels that the loss does not know, or a
    temperature that is not positive.
    """
    count = len(features)
    if count != len(labels):
        raise ValueError(f"{count} features and {len(labels)} labels")
    shares = [Fraction(1, count)] * count if weights is None else list(weights)
    risk = Risk(loss, tuple(labels), tuple(shares))
    return MomentFunctional(space, tuple(features), risk, Fraction(temperature))
