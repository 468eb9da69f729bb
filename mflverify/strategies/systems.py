"""Strategies for systems: flows of the expression language, games, and functionals at equilibrium."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from mflverify.expr import (
    Flow,
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    Space,
    generator,
    grad,
    grad_adjoint,
)
from mflverify.expr.terms import Term
from mflverify.models.basis import BasisFunction, Expansion
from mflverify.models.functionals import MomentFunctional, PolynomialFunction
from mflverify.models.games import PolymatrixGame, negated
from mflverify.models.kernel_data import Kernel, transposed
from mflverify.models.networks import LogisticLoss, SquaredLoss, two_layer_network, wave_ridge
from mflverify.models.spaces import SpaceData, torus
from mflverify.strategies.objects import equilibria, payoffs, positive_rationals, rationals


@st.composite
def flows(draw: DrawFn, species: int = 2, *, zero_sum: bool | None = None) -> Flow:
    """Mean-field Langevin flows of n species in terms of their perturbations f_1, ..., f_n:

    f_i' = -tau L f_i - sum_j grad*((1 + f_i) grad(M_ij f_j)), over the drawn pairs (i, j).

    zero_sum: whether species come in pairs with opposite payoffs (both kinds when None).  Shrinks to
    few interactions.  Raises ValueError unless there is a species.
    """
    if species < 1:
        raise ValueError(f"species must be at least 1, got {species}")
    tau = Parameter("tau", "positive")
    spaces = [Space(f"X{i + 1}") for i in range(species)]
    states = [FunctionSymbol(f"f{i + 1}", space, "perturbation") for i, space in enumerate(spaces)]
    opposite = draw(st.booleans()) if zero_sum is None else zero_sum
    pairs = [(i, j) for i in range(species) for j in range(species) if not opposite or i < j]
    chosen = sorted(draw(st.sets(st.sampled_from(pairs), max_size=len(pairs)))) if pairs else []
    forces: list[list[Term]] = [[] for _ in states]
    for i, j in chosen:
        kernel = KernelSymbol(
            f"M{i + 1}{j + 1}", source=spaces[j], target=spaces[i], symmetric=i == j
        )
        forces[i].append(kernel(states[j]))
        if opposite:
            forces[j].append(-kernel.T(states[i]))
    equations: dict[FunctionSymbol, Term] = {}
    for f, potentials in zip(states, forces, strict=True):
        total: Term = -tau * generator(f)
        for potential in potentials:
            total = total - generator(potential) - grad_adjoint(f * grad(potential))
        equations[f] = total
    return Flow.of("drawn", equations)


@st.composite
def games(
    draw: DrawFn,
    species: int = 2,
    *,
    spaces: SearchStrategy[SpaceData] | None = None,
    zero_sum: bool = False,
) -> PolymatrixGame:
    """Polymatrix games of n species at an exact equilibrium, on drawn spaces (default: circles).

    zero_sum: k_ji = -k_ij transposed, so that the game is linearly monotone.
    """
    places = [draw(equilibria() if spaces is None else spaces) for _ in range(species)]
    kernels: dict[tuple[int, int], Kernel] = {}
    for i in range(species):
        for j in range(i + 1, species):
            if draw(st.booleans()):
                kernel = draw(payoffs(places[i], places[j]))
                kernels[i, j] = kernel
                if zero_sum:
                    kernels[j, i] = negated(transposed(kernel))
                else:
                    kernels[j, i] = draw(payoffs(places[j], places[i]))
    temperatures = tuple(draw(positive_rationals()) for _ in places)
    return PolymatrixGame(tuple(places), kernels, temperatures)


@st.composite
def functionals(
    draw: DrawFn, space: SpaceData | None = None, *, features: int = 2, degree: int = 3
) -> MomentFunctional:
    """F = int V dmu + G(moments) at an exact equilibrium, G a polynomial with few terms.

    space: where (a uniform circle by default); its features are waves on circles and powers up to 2
    on lines.
    """
    here = torus(1) if space is None else space
    d = here.dimension
    choices: list[BasisFunction] = []
    for axis in here.lines:
        choices += [
            BasisFunction(tuple(n * (i == axis) for i in range(d)), (0,) * d) for n in (1, 2)
        ]
    for axis in here.circles:
        frequency = tuple(int(i == axis) for i in range(d))
        choices += [BasisFunction((0,) * d, frequency, wave) for wave in ("cos", "sin")]
    term = st.tuples(st.sampled_from(choices), rationals())
    phis = tuple(
        Expansion(d, draw(st.lists(term, min_size=1, max_size=2))) for _ in range(features)
    )
    power = st.lists(st.integers(0, features - 1), min_size=1, max_size=degree).map(
        lambda places: tuple(places.count(i) for i in range(features))
    )
    terms: dict[tuple[int, ...], Fraction] = draw(
        st.dictionaries(power, rationals(), min_size=1, max_size=3)
    )
    return MomentFunctional(
        here, phis, PolynomialFunction(features, terms), draw(positive_rationals())
    )


@st.composite
def networks(draw: DrawFn, space: SpaceData | None = None, *, inputs: int = 2) -> MomentFunctional:
    """Two-layer networks with ridge features on a torus, squared or logistic loss, labels 1 and -1.

    Raises ValueError for a space with lines.
    """
    here = torus(1) if space is None else space
    if here.lines:
        raise ValueError(f"ridge features of waves live on tori, got {here.text()}")
    features = []
    for _ in range(inputs):
        direction = [draw(st.integers(-2, 2)) for _ in here.axes]
        profile = [draw(rationals()) for _ in range(3)]
        features.append(wave_ridge(direction, profile))
    labels = [draw(st.sampled_from([1, -1])) for _ in range(inputs)]
    loss = draw(st.sampled_from([SquaredLoss(), LogisticLoss()]))
    return two_layer_network(here, features, labels, loss, temperature=draw(positive_rationals()))
