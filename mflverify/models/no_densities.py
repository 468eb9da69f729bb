"""What backends without entropies say of them."""

from __future__ import annotations

from typing import Any

from mflverify.models.request import Unavailable


class WithoutDensities:
    """The operations on densities, none of which this arithmetic has."""

    def gibbs(self, space: Any, u: Any) -> Any:
        raise Unavailable("a Gibbs density in this arithmetic")

    def log(self, space: Any, density: Any) -> Any:
        raise Unavailable("a logarithm of a density in this arithmetic")

    def entropy_rate(self, space: Any, p: Any, q: Any, change: Any) -> Any:
        raise Unavailable("the derivative of an entropy in this arithmetic")

    def kernel_sup(self, kernel: Any, derivatives: int, *, transposed: bool) -> Any:
        raise Unavailable("the supremum of a kernel in this arithmetic")
