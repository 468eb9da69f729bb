"""What backends without entropies, general functionals and weighted constants say of them."""

from __future__ import annotations

from typing import Any

from mflverify.models.request import Unavailable


class WithoutDensities:
    """The operations on densities, functionals and weights, none of which this arithmetic has."""

    def gibbs(self, space: Any, u: Any) -> Any:
        raise Unavailable("a Gibbs density in this arithmetic")

    def log(self, space: Any, density: Any) -> Any:
        raise Unavailable("a logarithm of a density in this arithmetic")

    def entropy_rate(self, space: Any, p: Any, q: Any, change: Any) -> Any:
        raise Unavailable("the derivative of an entropy in this arithmetic")

    def variation_sup(self, kernel: Any, strength: Any, form: Any, derivatives: int) -> Any:
        raise Unavailable("the supremum of a second variation in this arithmetic")

    def variation_slack(self, kernel: Any, strength: Any, form: Any) -> Any:
        raise Unavailable("the slack of a functional in this arithmetic")

    def weighted_poincare(self, space: Any, weight: Any) -> Any:
        raise Unavailable("a weighted Poincaré constant in this arithmetic")

    def weighted_convexity(self, space: Any, weight: Any) -> Any:
        raise Unavailable("a weighted convexity in this arithmetic")

    def lebesgue_norm(self, space: Any, p: Any, exponent: Any) -> Any:
        raise Unavailable("a norm of a density with any exponent in this arithmetic")
