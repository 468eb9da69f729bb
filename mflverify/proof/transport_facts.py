"""Facts about functionals along transported measures."""

from __future__ import annotations

from mflverify.expr.divergences import wasserstein
from mflverify.expr.language import grad, sup_norm, third_derivative_sup
from mflverify.expr.sorts import SortError
from mflverify.expr.terms import FunctionSymbol, RemainderSymbol, Sum, Term
from mflverify.expr.variations import second_derivative_sup
from mflverify.proof.fact import Fact
from mflverify.proof.statement import Content


def _transport_taylor(functional: RemainderSymbol, *states: Term) -> Content:
    for state in states:
        if not (isinstance(state, FunctionSymbol) and state.kind == "perturbation"):
            raise SortError(f"there is no transport from equilibrium to {state!r}, not a density")
    distances = [wasserstein(state) for state in states]
    mixed = [
        third_derivative_sup(functional, j, k) * (first**2 if j == k else first * second) / 2
        for j, first in enumerate(distances)
        for k, second in enumerate(distances)
    ]
    own = [
        second_derivative_sup(functional, j) * distance**2 / 2
        for j, distance in enumerate(distances)
    ]
    return Content((sup_norm(grad(functional(*states))) <= Sum.of(*mixed, *own),))


transport_taylor = Fact(
    "transport-taylor",
    "Taylor along a transport: |grad R| <= 1/2 sum T1_jk W2_j W2_k + 1/2 sum T2_j W2_j^2",
    "Taylor's formula in s for R along (id + s Delta)_# mu_bar, which vanishes with its first "
    "derivative at s = 0; id + Delta is the optimal map, which exists by McCann, Geom. Funct. Anal. "
    "11 (2001); int |Delta| d mu_bar <= W2 by Jensen",
    _transport_taylor,
)

TRANSPORT_FACTS: tuple[Fact, ...] = (transport_taylor,)
