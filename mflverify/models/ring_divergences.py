"""Entropies and transport distances on the torus in balls, by certified quadrature.

A function is sum_k parts[k] e^{kU}, as in `torus_ring`; the equilibrium is e^{-U}/Z.
"""

from __future__ import annotations

from collections.abc import Mapping

from flint import arb

from mflverify.models.request import Unavailable
from mflverify.numerics.density import LogTrigDensity, TrigDensity, UniformTorus
from mflverify.numerics.integrand import Integrand, absolute, as_integrand, constant, exp, log
from mflverify.numerics.log_sobolev import log_sobolev_constant
from mflverify.numerics.quadrature import adaptive_integral, periodic_integral
from mflverify.numerics.trig import TrigPolynomial
from mflverify.numerics.wasserstein import wasserstein_squared

Parts = Mapping[int, TrigPolynomial]
_DIGITS = 20


def tree_of(potential: TrigPolynomial, parts: Parts) -> Integrand:
    """sum_k parts[k] e^{kU} as an integrand."""
    tree: Integrand = constant(0)
    for k, p in parts.items():
        weight = exp(as_integrand(potential) * constant(k)) if k else constant(1)
        tree = tree + as_integrand(p) * weight
    return tree


def relative_entropy(potential: TrigPolynomial, density: Parts, reference: Parts) -> arb:
    """KL(density mu | reference mu).  Raises Unavailable when a density may touch 0."""
    p, q = tree_of(potential, density), tree_of(potential, reference)
    return mean_of(potential, p * (log(p) - log(q)))


def fisher_information(potential: TrigPolynomial, density: Parts, reference: Parts) -> arb:
    """I(density mu | reference mu).  Raises Unavailable when a density may touch 0."""
    p, q = tree_of(potential, density), tree_of(potential, reference)
    if isinstance(q.derivative(), type(constant(0))):
        return mean_of(potential, p.derivative() ** 2 / p)
    slope = p.derivative() * q - p * q.derivative()
    return mean_of(potential, slope**2 / (p * q**2))


def wasserstein(potential: TrigPolynomial, density: Parts, reference: Parts) -> arb:
    """W2(density mu, reference mu) in arc length, for a uniform mu."""
    if not potential.is_constant or set(density) | set(reference) != {0}:
        raise Unavailable("a certified Wasserstein distance beside an equilibrium not uniform")
    sides = [_trigonometric(parts) for parts in (density, reference)]
    return wasserstein_squared(*sides).ball.sqrt()


def log_sobolev(potential: TrigPolynomial, reference: Parts | None) -> arb:
    """A ball that contains the log-Sobolev constant of (reference) mu; its radius may be large."""
    if reference is None:
        density = UniformTorus() if potential.is_constant else LogTrigDensity(potential)
    elif potential.is_constant and set(reference) == {0}:
        density = _trigonometric(reference)
    else:
        raise Unavailable("the log-Sobolev constant of a density that is not trigonometric")
    return log_sobolev_constant(density).ball


def mean_absolute(potential: TrigPolynomial, parts: Parts) -> arb:
    """The L1(mu) norm."""
    return mean_absolute_of(potential, tree_of(potential, parts))


def mean_absolute_of(potential: TrigPolynomial, u: Integrand) -> arb:
    """The L1(mu) norm of an integrand."""
    tree = absolute(u) * exp(-as_integrand(potential))
    top = 2 * arb.pi()
    try:
        total = adaptive_integral(tree, 0, top, _DIGITS)
    except ValueError as error:
        raise Unavailable(f"an L1 norm: {error}") from error
    return total / _normalisation(potential)


def _trigonometric(parts: Parts) -> UniformTorus | TrigDensity:
    p = parts[0]
    return UniformTorus() if p.is_constant else TrigDensity(p)


def mean_of(potential: TrigPolynomial, tree: Integrand) -> arb:
    """The integral of a tree against the equilibrium.  Raises Unavailable when it is not certified."""
    try:
        total = periodic_integral(tree * exp(-as_integrand(potential)), _DIGITS)
    except ValueError as error:
        raise Unavailable("a density that is not certified positive on any strip") from error
    return total / _normalisation(potential)


def _normalisation(potential: TrigPolynomial) -> arb:
    return periodic_integral(exp(-as_integrand(potential)), _DIGITS)
