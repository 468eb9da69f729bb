"""What a Gaussian kernel on lines does, in closed form, under Gaussian equilibria.

With k(x, y) = c exp(-(x - y)^2/(2s)) and a function y^n exp(-a y^2/2 + b y), on a line with N(m, v), put
r = 1/s + a + 1/v and t = b + m/v.  Completing the square in y,

    int k(x, y) y^n exp(-a y^2/2 + b y) N(m, v)(dy)
        = c (v r)^(-1/2) exp(t^2/(2r) - m^2/(2v)) E[((x/s + t)/r + N/r^(1/2))^n]
          exp(-(1/s - 1/(s^2 r)) x^2/2 + (t/(s r)) x),

N a standard normal variable, so that the mean is a polynomial of x.  In several variables the factors
multiply.  Everything is rational but the constants in front.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from flint import arb, fmpq, fmpq_poly

from mflverify.models.basis import Expansion, variable_names
from mflverify.models.kernel_data import GaussianKernel
from mflverify.models.moments import Index
from mflverify.models.product_functions import Function
from mflverify.models.product_space import ProductSpace
from mflverify.models.request import Unavailable
from mflverify.models.rings import Balls, Ring, Scalar, fraction, rational
from mflverify.models.spaces import SpaceData

_HALF = Fraction(1, 2)


def applied(kernel: GaussianKernel, source: ProductSpace, u: Any) -> Function:
    """x -> int k(x, y) u(y) mu(dy).

    Raises Unavailable for equilibria that are not Gaussian, and for waves.
    """
    if not isinstance(u, Function):
        raise Unavailable(
            "a Gaussian kernel applied to an L^-1 of which only the gradient is known"
        )
    d, ring = source.dimension, source.ring
    laws = [source.data.gaussian(i) if axis == "line" else None
            for i, axis in enumerate(source.data.axes)]  # fmt: skip
    total: dict[Index, Any] = {}
    for index, c in u.terms.items():
        if any(index[d : 2 * d]):
            raise Unavailable("a Gaussian kernel applied to a wave")
        image = fmpq_poly([1])
        square, exponent = fmpq(1), fmpq(0)
        parts: list[fmpq_poly] = []
        shape: list[tuple[Fraction, Fraction]] = []
        for i, law in enumerate(laws):
            if law is None:
                raise Unavailable("a Gaussian kernel beside an equilibrium that is not Gaussian")
            weight = (index[2 * d + i], index[3 * d + i]) if len(index) > 2 * d else (0, 0)
            image, factor, power, new = _one_variable(kernel.variance, law, index[i], weight)
            parts.append(image)
            shape.append(new)
            square, exponent = square * factor, exponent + power
        front = constant(ring, kernel.amplitude, square, exponent)
        for powers, value in _expanded(parts):
            place = (*powers, *(0,) * d, *(a for a, _ in shape), *(b for _, b in shape))
            part = c * (front * ring.number(fraction(value)))
            total[place] = total[place] + part if place in total else part
    return Function(ring, {i: c for i, c in total.items() if not ring.is_zero(c)})


def constant(ring: Ring, amplitude: Fraction, square: fmpq, exponent: fmpq) -> Scalar:
    """amplitude square^(1/2) exp(exponent).  Raises Unavailable where it is not represented."""
    root = ring.scalar_power(ring.number(fraction(square)), _HALF)
    return ring.number(amplitude) * root * ring.exp(ring.number(fraction(exponent)))


def _one_variable(
    variance: Fraction, law: tuple[fmpq, fmpq], n: int, weight: Sequence[Any]
) -> tuple[fmpq_poly, fmpq, fmpq, tuple[Fraction, Fraction]]:
    """The polynomial of x, what stands under the root, the exponent, and the new (a, b)."""
    (m, v), (a, b) = law, (rational(Fraction(w)) for w in weight)
    s = rational(variance)
    r, t = 1 / s + a + 1 / v, b + m / v
    if r <= 0:
        raise Unavailable("a kernel applied to a function that grows too fast")
    centre = fmpq_poly([t / r, 1 / (s * r)])
    before, now = fmpq_poly([0]), fmpq_poly([1])
    for k in range(1, n + 1):  # E (c + N/r^(1/2))^k = c E(...)^(k-1) + (k - 1)/r E(...)^(k-2)
        before, now = now, centre * now + before * (fmpq(k - 1) / r)
    shape = fraction(1 / s - 1 / (s**2 * r)), fraction(t / (s * r))
    return now, 1 / (v * r), t**2 / (2 * r) - m**2 / (2 * v), shape


def _expanded(parts: Sequence[fmpq_poly]) -> list[tuple[tuple[int, ...], fmpq]]:
    """A product of polynomials, one in each variable, by powers."""
    total: list[tuple[tuple[int, ...], fmpq]] = [((), fmpq(1))]
    for p in parts:
        total = [
            ((*powers, n), c * p[n])
            for powers, c in total
            for n in range(p.degree() + 1)
            if p[n] != 0
        ]
    return total


def sliced(
    kernel: GaussianKernel, space: ProductSpace, point: Sequence[Fraction], direction: Sequence[Any]
) -> Function:
    """y -> direction . grad_x k(point, y) = k(point, y) direction . (y - point)/s."""
    d, ring, s = space.dimension, space.ring, kernel.variance
    square = sum((x * x for x in point), Fraction(0))
    front = constant(ring, kernel.amplitude, fmpq(1), rational(-square / (2 * s)))
    zero = ring.number(Fraction(0))
    shape = (*(0,) * d, *(1 / s for _ in point), *(x / s for x in point))
    total: dict[Index, Any] = {}
    at_zero = zero
    for i, (x, v) in enumerate(zip(point, direction, strict=True)):
        powers = tuple(int(i == j) for j in range(d))
        total[*powers, *shape] = ring.complex(front * v * ring.number(1 / s), zero)
        at_zero = at_zero - front * v * ring.number(x / s)
    total[*(0,) * d, *shape] = ring.complex(at_zero, zero)
    return Function(ring, {i: c for i, c in total.items() if not ring.is_zero(c)})


def mixed_derivative_sup(kernel: GaussianKernel, ring: Ring) -> Scalar:
    """sup ||grad_x grad_y k||_op = |c|/s.

    The matrix is c/s (1 - z z^T/s) exp(-|z|^2/(2s)): its norm is c/s times the larger of 1 and
    |1 - |z|^2/s|, times the exponential, which is 1 at z = 0 and at most 1 (2 exp(-3/2) beside it).
    """
    return ring.number(abs(kernel.amplitude) / kernel.variance)


def mixed_square(kernel: GaussianKernel, target: ProductSpace, source: ProductSpace) -> Scalar:
    """The mean of |grad_x grad_y k|_F^2 = c^2/s^2 (d - 2|z|^2/s + |z|^4/s^2) exp(-|z|^2/s).

    z = x - y is again Gaussian, with the difference of the means and the sum of the variances.
    """
    d, s = target.dimension, kernel.variance
    terms: dict[str, Fraction] = {}
    names = variable_names(d)
    for axis, name in enumerate(names):
        first, second = target.data.gaussian(axis), source.data.gaussian(axis)
        if first is None or second is None:
            raise Unavailable("a Gaussian kernel beside an equilibrium that is not Gaussian")
        mean, variance = fraction(first[0] - second[0]), fraction(first[1] + second[1])
        terms |= {f"{name}^2": 1 / (2 * variance), name: -mean / variance}
    space = ProductSpace(SpaceData(("line",) * d, Expansion.of(d, terms)), target.ring)
    square = space.function_of(Expansion.of(d, {f"{name}^2": 1 for name in names}))
    number = target.ring.number
    polynomial = space.one().scaled(number(Fraction(d)))
    polynomial = polynomial.plus(square.scaled(number(-2 / s)))
    polynomial = polynomial.plus(square.times(square).scaled(number(1 / s**2)))
    weight = (*(0,) * (2 * d), *(2 / s,) * d, *(Fraction(0),) * d)
    one = target.ring.complex(number(kernel.amplitude**2 / s**2), number(Fraction(0)))
    return space.integral(polynomial.times(Function(target.ring, {weight: one})))


def slack(kernel: GaussianKernel, source: ProductSpace) -> Scalar:
    """The slack of a kernel alone: 0 for c >= 0, since k is then positive semidefinite.

    Otherwise |c| times the largest eigenvalue of k/c on mean-zero functions, which interlacing puts
    between its second and its first on all functions.  With p = 1/(4v), e = 1/(2s) and
    R = p + e + (p^2 + 2pe)^(1/2) in each variable the first is the product of the (2p/R)^(1/2), and the
    second that times the largest e/R (Zhu, Williams, Rohwer, Morciniec 1998).  Raises Unavailable
    where only a ball is known.
    """
    ring = source.ring
    if kernel.amplitude >= 0:
        return ring.number(Fraction(0))
    if not isinstance(ring, Balls):
        raise Unavailable("the slack of a negative Gaussian kernel, of which a ball is known")
    first, ratio, e = arb(1), arb(0), arb(rational(1 / (2 * kernel.variance)))
    for axis in range(source.dimension):
        law = source.data.gaussian(axis) if source.data.axes[axis] == "line" else None
        if law is None:
            raise Unavailable("a Gaussian kernel beside an equilibrium that is not Gaussian")
        p = arb(1 / (4 * law[1]))
        rest = p + e + (p * p + 2 * p * e).sqrt()
        first, ratio = first * (2 * p / rest).sqrt(), ratio.max(e / rest)
    size = abs(ring.number(kernel.amplitude)) * first
    return (size * ratio).union(size)
