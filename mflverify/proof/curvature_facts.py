"""Facts about curvature: hess U >= kappa for the equilibrium e^{-U}, pointwise against a weight.

A weight is visibly non-negative: an even power of a function, or a density.
"""

from __future__ import annotations

from mflverify.expr.densities import is_density
from mflverify.expr.divergences import log_sobolev_constant
from mflverify.expr.hessians import curvature, curvature_bound, jacobian_square
from mflverify.expr.language import grad, inner
from mflverify.expr.sorts import SortError, Space, VectorSort
from mflverify.expr.terms import Power, Term
from mflverify.proof.fact import Fact
from mflverify.proof.statement import Content


def _require_weight(w: Term) -> None:
    square = isinstance(w, Power) and w.exponent.denominator == 1 and w.exponent % 2 == 0
    if not (square or is_density(w)):
        raise SortError(f"{w!r} is not visibly non-negative: a density or an even power is needed")


def _curvature_lower(phi: Term, w: Term) -> Content:
    _require_weight(w)
    if not isinstance(phi.sort, VectorSort):
        raise SortError(f"the curvature is along a vector field, not {phi!r}")
    size = inner(w * phi, phi)
    least = curvature_bound(phi.sort.space) * size
    return Content((0 <= size, least <= inner(w, curvature(phi))))


curvature_lower = Fact(
    "curvature-lower",
    "Phi^T hess U Phi >= kappa |Phi|^2, where |Phi|^2 >= 0, for the largest kappa with hess U >= kappa",
    "definition: an infimum over points and directions; Villani, Optimal Transport: Old and New "
    "(2009), chapter 14",
    _curvature_lower,
    sharp="optimal by definition; an identity for Gaussians on the line",
)


def _hessian_square(u: Term, w: Term) -> Content:
    _require_weight(w)
    return Content((0 <= inner(w, jacobian_square(grad(u))),))


hessian_square = Fact(
    "hessian-square",
    "tr((hess u)^2) >= 0",
    "the square of the Frobenius norm of a symmetric matrix; Horn–Johnson, Matrix Analysis, 2nd ed., "
    "section 5.6",
    _hessian_square,
    sharp="equality where u is affine",
)


def _bakry_emery(space: Space) -> Content:
    return Content((curvature_bound(space) <= log_sobolev_constant(space),))


bakry_emery = Fact(
    "bakry-emery",
    "Bakry–Émery: hess U >= kappa gives a log-Sobolev inequality with constant kappa",
    "Bakry–Émery, Séminaire de Probabilités XIX (1985); Bakry–Gentil–Ledoux (2014), Corollary 5.7.2",
    _bakry_emery,
    sharp="equality for Gaussians",
)

CURVATURE_FACTS: tuple[Fact, ...] = (curvature_lower, hessian_square, bakry_emery)
