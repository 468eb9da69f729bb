"""Entropies, transport distances and log-Sobolev constants on products of circles and lines, in balls.

Densities (with respect to the equilibrium) that depend on some of the variables only are integrated over these
and what the equilibrium couples to them: the other factors of a product measure contribute nothing to
KL, to the Fisher information, nor to W2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

from flint import arb, fmpq

from mflverify.models import ring_divergences
from mflverify.models.basis import BasisFunction
from mflverify.models.product_functions import Function
from mflverify.models.product_space import ProductSpace
from mflverify.models.request import Unavailable
from mflverify.models.rings import Balls, Scalar
from mflverify.models.spaces import POINCARE_BITS, SpaceData, trigonometric
from mflverify.numerics.density import LogPolynomialDensity
from mflverify.numerics.integrand import Integrand, absolute, as_integrand, constant, exp, log
from mflverify.numerics.line_entropy import (
    line_entropy,
    line_fisher_information,
    polynomial_tree,
)
from mflverify.numerics.line_quadrature import WeightedLine
from mflverify.numerics.log_sobolev import log_sobolev_constant
from mflverify.numerics.precision import working_precision
from mflverify.numerics.spectral_densities import ProductMeasure
from mflverify.numerics.torus_polynomial import TorusPolynomial
from mflverify.numerics.torus_quadrature import torus_integral
from mflverify.numerics.trig import TrigPolynomial

_DIGITS = 20
Coefficients = dict[BasisFunction, arb]


def relative_entropy(space: ProductSpace, p: Any, q: Any) -> Scalar:
    """KL(p mu | q mu).  Raises Unavailable when a density may touch 0."""
    first, second = _coefficients(space, p), _coefficients(space, q)
    axes = _coupled_axes(space.data, (first, second))
    if _is_line(space, axes):
        return _line_entropy(space, axes[0], first, second)
    if len(axes) == 1:
        parts = ({0: _on_circle(c, axes[0])} for c in (first, second))
        return ring_divergences.relative_entropy(_circle_potential(space, axes[0]), *parts)
    u, v = (_on_torus(c, axes) for c in (first, second))
    return _torus_mean(space, axes, u * (log(u) - log(v)))


def fisher_information(space: ProductSpace, p: Any, q: Any) -> Scalar:
    """I(p mu | q mu).  Raises Unavailable when a density may touch 0."""
    first, second = _coefficients(space, p), _coefficients(space, q)
    axes = _coupled_axes(space.data, (first, second))
    if _is_line(space, axes):
        _require_constant(second)
        density, values = _on_line(space, axes[0], first)
        return _certified(lambda: line_fisher_information(density, values, _DIGITS))
    if len(axes) == 1:
        parts = ({0: _on_circle(c, axes[0])} for c in (first, second))
        return ring_divergences.fisher_information(_circle_potential(space, axes[0]), *parts)
    u, v = (_on_torus(c, axes) for c in (first, second))
    total: Integrand = constant(0)
    for axis in range(len(axes)):
        total = total + (u.derivative(axis) / u - v.derivative(axis) / v) ** 2
    return _torus_mean(space, axes, u * total)


def wasserstein(space: ProductSpace, p: Any, q: Any) -> Scalar:
    """W2(p mu, q mu), of densities that depend on one uniform circle."""
    first, second = _coefficients(space, p), _coefficients(space, q)
    axis, *others = _coupled_axes(space.data, (first, second))
    if others or space.data.axes[axis] == "line":
        raise Unavailable("a Wasserstein distance in several variables or on a line")
    parts = ({0: _on_circle(c, axis)} for c in (first, second))
    return ring_divergences.wasserstein(_circle_potential(space, axis), *parts)


def mean_absolute(space: ProductSpace, u: Any) -> Scalar:
    """The L1(mu) norm, of functions of one variable."""
    values = _coefficients(space, u)
    axes = _coupled_axes(space.data, (values,))
    if _is_line(space, axes):
        density, powers = _on_line(space, axes[0], values)
        tree = absolute(polynomial_tree(powers))
        return _certified(lambda: arb(WeightedLine(density, _DIGITS).expectation(tree)))
    if len(axes) > 1:
        raise Unavailable("an L1 norm in several variables")
    potential, part = _circle_potential(space, axes[0]), _on_circle(values, axes[0])
    return ring_divergences.mean_absolute(potential, {0: part})


def log_sobolev(space: ProductSpace, reference: Any) -> Scalar:
    """The log-Sobolev constant of mu: the least of the factors (tensorisation of entropy).

    Exact on uniform circles and Gaussian lines.
    """
    if reference is not None and _coupled(_coefficients(space, reference)):
        raise Unavailable("the log-Sobolev constant of another density on a product")
    data = space.data
    if data.is_rational:
        laws = [law for law in map(data.gaussian, data.lines) if law is not None]
        rates = [1 / variance for _, variance in laws] + [fmpq(1)] * bool(data.circles)
        least = min(rates)
        return space.ring.number(Fraction(int(least.p), int(least.q)))
    if not isinstance(space.ring, Balls):
        raise Unavailable("a log-Sobolev constant that is known as a ball only")
    return _log_sobolev(data)


@lru_cache(maxsize=512)
def _log_sobolev(data: SpaceData) -> arb:
    with working_precision(POINCARE_BITS):
        return log_sobolev_constant(ProductMeasure(data.factors())).ball


def _line_entropy(space: ProductSpace, axis: int, first: Coefficients, second: Coefficients) -> arb:
    """int p log(p/q) d mu on a line, q a number."""
    _require_constant(second)
    density, values = _on_line(space, axis, first)
    total = _certified(lambda: line_entropy(density, values, _DIGITS))
    (level,) = second.values()
    mass = space.mean(space.function_of(first.items()))
    return total if level == 1 else total - mass * level.log()


# ------------------------------------------------------------------------------- reductions


def _coefficients(space: ProductSpace, u: Any) -> Coefficients:
    if not isinstance(space.ring, Balls):
        raise Unavailable("an entropy or a transport distance in this arithmetic")
    if not isinstance(u, Function):
        raise Unavailable("a density known only by its gradient")
    return space.coefficients(u)


def _coupled(values: Coefficients) -> set[int]:
    """The variables that occur."""
    return {
        i
        for basis in values
        for i in range(basis.dimension)
        if basis.powers[i] or basis.frequency[i]
    }


def _coupled_axes(data: SpaceData, functions: Sequence[Coefficients]) -> list[int]:
    """The variables of these functions and those that the equilibrium couples to them."""
    used = set().union(*(_coupled(values) for values in functions))
    for block in data.circle_blocks:
        if used & set(block):
            used |= set(block)
    axes = sorted(used) or [0]
    if len(axes) > 1 and any(data.axes[i] == "line" for i in axes):
        raise Unavailable("an entropy of a function of a line and another variable")
    return axes


def _is_line(space: ProductSpace, axes: Sequence[int]) -> bool:
    return len(axes) == 1 and space.data.axes[axes[0]] == "line"


def _require_constant(values: Coefficients) -> None:
    if _coupled(values):
        raise Unavailable("an entropy relative to a density that is not constant, on a line")


def _circle_potential(space: ProductSpace, axis: int) -> TrigPolynomial:
    return trigonometric(space.data.block_potential((axis,)))


def _on_circle(values: Coefficients, axis: int) -> TrigPolynomial:
    size = max((basis.frequency[axis] for basis in values), default=0)
    cosines, sines = [arb(0)] * (size + 1), [arb(0)] * size
    for basis, c in values.items():
        k = basis.frequency[axis]
        if basis.wave == "cos":
            cosines[k] += c
        else:
            sines[k - 1] += c
    return TrigPolynomial(cosines, sines)


def _on_torus(values: Coefficients, axes: Sequence[int]) -> Integrand:
    modes: dict[tuple[int, ...], tuple[arb, arb]] = {}
    for basis, c in values.items():
        k = tuple(basis.frequency[i] for i in axes)
        even, odd = modes.get(k, (arb(0), arb(0)))
        modes[k] = (even + c, odd) if basis.wave == "cos" else (even, odd + c)
    return as_integrand(TorusPolynomial(len(axes), modes))


def _torus_mean(space: ProductSpace, axes: Sequence[int], tree: Integrand) -> arb:
    potential = space.function_of(
        (basis, c) for basis, c in space.data.potential if any(basis.frequency[i] for i in axes)
    )
    weight = exp(-_on_torus(space.coefficients(potential), axes))
    if potential.is_zero:
        weight = as_integrand(TorusPolynomial(len(axes), {(0,) * len(axes): (1, 0)}))
    total = _certified(lambda: torus_integral(tree * weight, _DIGITS))
    return total / _certified(lambda: torus_integral(weight, _DIGITS))


def _on_line(
    space: ProductSpace, axis: int, values: Coefficients
) -> tuple[LogPolynomialDensity, list[arb]]:
    if any(any(basis.frequency) for basis in values):
        raise Unavailable("an entropy of a wave on a line")
    powers = {basis.powers[axis]: c for basis, c in values.items()}
    density = LogPolynomialDensity(space.data.line_polynomial(axis))
    return density, [powers.get(n, arb(0)) for n in range(max(powers, default=0) + 1)]


def _certified(integral: Callable[[], arb]) -> arb:
    try:
        value = integral()
    except ValueError as error:
        reason = str(error).partition(":")[0]  # behind it stands the whole integrand
        raise Unavailable(f"a density that is not certified positive: {reason}") from error
    if not value.is_finite():
        raise Unavailable("a density that is not certified positive")
    return value
