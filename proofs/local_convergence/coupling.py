"""What one species does to another, and the sums over n species that section 5 needs.

The sums are about real numbers: the row of species i, u_i = sum_j K_ij p_j, is one number here, so
that nothing is expanded into the n^2 couplings.
"""

from collections.abc import Iterable, Sequence

from mflverify.expr import (
    Parameter,
    Term,
    chi2,
    dual_norm,
    grad,
    grad_adjoint,
    inner,
    inverse_generator,
    mixed_derivative_sup,
    norm,
    sqrt,
)
from mflverify.proof import (
    Statement,
    cauchy_schwarz,
    dual_cauchy_schwarz,
    finite_cauchy_schwarz,
    hoelder,
    projection,
)

from .lemma_3_9 import lemma_3_9
from .notation import K, M, f, g

SIZES = (1, 2, 3)  # the numbers of species of the statements; the tests take more


def total(terms: Iterable[Term]) -> Term:
    """The sum of one or more terms."""
    first, *rest = terms
    for term in rest:
        first = first + term
    return first


coupling = Statement(
    "lem-coupling",
    "The force of one species on another, against each of the two test functions",
    kind="lemma",
    given=[mixed_derivative_sup(M) <= K],
    source="the chain after (4.3), for one pair of species",
)
force = f * grad(M(g))
push = (1 + f) * grad(M(g))
coupling.conclude(
    "error",
    abs(inner(f, inverse_generator(grad_adjoint(force))))
    <= K * dual_norm(f) * norm(f) * dual_norm(g),
    because=[
        dual_cauchy_schwarz(f, grad_adjoint(force)),
        projection(force),
        hoelder(f, grad(M(g))),
        lemma_3_9,
    ],
)
coupling.conclude(
    "drift",
    abs(inner(grad(f), push)) <= K * norm(grad(f)) * sqrt(1 + chi2(f)) * dual_norm(g),
    because=[
        cauchy_schwarz(grad(f), push),
        hoelder(1 + f, grad(M(g))),
        lemma_3_9,
    ],
)


def numbers(name: str, n: int) -> tuple[Parameter, ...]:
    """n non-negative numbers."""
    return tuple(Parameter(f"{name}{i}", "nonnegative") for i in range(1, n + 1))


size = Parameter("c", "nonnegative")


def squares(terms: Iterable[Term]) -> Term:
    """The sum of the squares."""
    return total(x**2 for x in terms)


def sums(n: int) -> Statement:
    """Rows u with |u| <= c, summed against p and the norms z, and against d and sqrt(1 + z^2)."""
    p, z, d, u = (numbers(name, n) for name in "pzdu")
    result = Statement(
        f"lem-sums[n={n}]",
        "Sums over the species",
        kind="lemma",
        given=[squares(u) <= size**2],
        source="Cauchy–Schwarz over the species, before (5.5)",
    )
    rows = [
        result.step(f"row-{i}", x**2 * y**2 <= size**2 * x**2)
        for i, (x, y) in enumerate(zip(z, u, strict=True), 1)
    ]
    weighted = [x * y for x, y in zip(z, u, strict=True)]
    bounded = result.step("weighted", squares(weighted) <= size**2 * squares(z), because=rows)
    root = result.step(
        "weighted-root", sqrt(squares(weighted)) <= size * sqrt(squares(z)), because=[bounded]
    )
    result.conclude(
        "errors",
        total(x * y for x, y in zip(p, weighted, strict=True))
        <= size * sqrt(squares(p)) * sqrt(squares(z)),
        because=[root, finite_cauchy_schwarz(p, weighted)],
    )
    spread = [sqrt(1 + x**2) * y for x, y in zip(z, u, strict=True)]
    spread_root = result.step(
        "spread", sqrt(squares(spread)) <= size * sqrt(1 + squares(z)), because=[bounded]
    )
    result.conclude(
        "drifts",
        total(x * y for x, y in zip(d, spread, strict=True))
        <= size * sqrt(squares(d)) * sqrt(1 + squares(z)),
        because=[spread_root, finite_cauchy_schwarz(d, spread)],
    )
    return result


def others(terms: Sequence[Term], i: int) -> list[Term]:
    """All terms but the one of species i."""
    return [x for j, x in enumerate(terms) if j != i]


strength = Parameter("k", "positive")
b = Parameter("b", "nonnegative")


def sums_of_others(n: int) -> Statement:
    """Rows u with |u| <= k |p| that do not see their own p: the sum of the errors gains sqrt(2)."""
    p, z, u = (numbers(name, n) for name in "pzu")
    whole = squares(p)
    result = Statement(
        f"lem-sums-game[n={n}]",
        "Sums over the players of a game",
        kind="lemma",
        given=[
            *(y**2 <= strength**2 * squares(others(p, i)) for i, y in enumerate(u)),
            squares(u) <= b,
            b <= strength**2 * whole,
        ],
        source="no player has a payoff against itself: the factor of Theorem 4.1, for all n",
    )
    rows = [
        result.step(
            f"row-{i + 1}",
            4 * p[i] ** 2 * u[i] ** 2 <= whole * (strength**2 * p[i] ** 2 + u[i] ** 2),
            note="4 x y <= (x + y)^2 for x = k^2 p_i^2 and y = u_i^2, and x + y <= k^2 |p|^2",
        )
        for i in range(n)
    ]
    weighted = [x * y for x, y in zip(p, u, strict=True)]
    bounded = result.step("weighted", squares(weighted) <= strength**2 / 2 * whole**2, because=rows)
    root = result.step(
        "weighted-root",
        sqrt(squares(weighted)) <= strength / sqrt(2) * whole,
        because=[bounded],
    )
    result.conclude(
        "errors",
        total(x * y for x, y in zip(z, weighted, strict=True))
        <= strength / sqrt(2) * whole * sqrt(squares(z)),
        because=[root, finite_cauchy_schwarz(z, weighted)],
    )
    return result


over_species = {n: sums(n) for n in SIZES}
over_players = {n: sums_of_others(n) for n in SIZES if n > 1}
