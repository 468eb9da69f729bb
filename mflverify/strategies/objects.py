"""Strategies for spaces with their equilibrium, and for functions and kernels on them.

Everything shrinks to few terms with small integers: equilibria to the uniform circle, functions to one
wave or one power, kernels to one product.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product as cartesian
from math import ceil

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from mflverify.models.basis import BasisFunction, Expansion, wave_of
from mflverify.models.kernel_data import (
    GaussianKernel,
    General,
    Kernel,
    PairTerms,
    TranslationInvariant,
)
from mflverify.models.product_source import lower_bound
from mflverify.models.spaces import SpaceData, double_well, gaussian, product, torus


def rationals(largest: int = 3, parts: int = 4) -> SearchStrategy[Fraction]:
    """Rationals in [-largest, largest] with denominators up to `parts`; shrink to small integers."""

    def over(denominator: int) -> SearchStrategy[Fraction]:
        bound = largest * denominator
        return st.integers(-bound, bound).map(lambda numerator: Fraction(numerator, denominator))

    # nothing is filtered out: an instance draws dozens of these
    return st.integers(1, parts).flatmap(over)


def positive_rationals(largest: int = 3, parts: int = 4) -> SearchStrategy[Fraction]:
    """Rationals in (0, largest] with denominators up to `parts`; shrink to 1."""
    return st.builds(
        lambda numerator, denominator: Fraction(min(numerator, largest * denominator), denominator),
        st.integers(1, largest * parts),
        st.integers(1, parts),
    )


def _waves(dimension: int, modes: int, axes: tuple[int, ...]) -> list[BasisFunction]:
    """All cos and sin with frequencies up to `modes` on the axes, the simplest first."""
    found: set[BasisFunction] = set()
    for k in cartesian(range(-modes, modes + 1), repeat=len(axes)):
        if any(k):
            frequency = [0] * dimension
            for axis, n in zip(axes, k, strict=True):
                frequency[axis] = n
            found |= {wave_of((0,) * dimension, frequency, wave)[0] for wave in ("cos", "sin")}
    return sorted(found, key=lambda b: (sum(map(abs, b.frequency)), b.wave, b.frequency))


def _power(dimension: int, axis: int, n: int) -> BasisFunction:
    zero = (0,) * dimension
    return BasisFunction((*zero[:axis], n, *zero[axis + 1 :]), zero)


@st.composite
def equilibria(
    draw: DrawFn,
    dimension: int = 1,
    *,
    lines: bool = False,
    rational: bool = False,
    modes: int = 1,
    terms: int = 2,
) -> SpaceData:
    """Spaces with an equilibrium: tori of a dimension, or products of circles and lines.

    lines: whether axes may be lines, with Gaussians or double wells.  rational: only equilibria with
    rational moments (uniform circles, Gaussian lines).  modes, terms: of U on circles, at most two
    of which are coupled.
    """
    if not lines:
        return draw(_tori(dimension, 0 if rational else terms, modes))
    axes = [draw(_axis(rational, modes, terms)) for _ in range(dimension)]
    return axes[0] if dimension == 1 else product(*axes)


@st.composite
def _tori(draw: DrawFn, dimension: int, terms: int, modes: int) -> SpaceData:
    space = torus(dimension)
    if not terms:
        return space
    # the last two variables may be coupled, the others stand alone
    free = tuple(range(dimension))[-2:]
    choices = _waves(dimension, modes, free)
    for axis in range(dimension - 2):
        choices += _waves(dimension, modes, (axis,))
    drawn = draw(
        st.lists(st.tuples(st.sampled_from(choices), rationals(1, 3)), min_size=0, max_size=terms)
    )
    return SpaceData(space.axes, Expansion(dimension, drawn))


def _axis(rational: bool, modes: int, terms: int) -> SearchStrategy[SpaceData]:
    gaussians = st.builds(gaussian, positive_rationals(), rationals(1, 2))
    if rational:
        return st.one_of(st.just(torus(1)), gaussians)
    wells = st.builds(double_well, st.integers(0, 2), positive_rationals(2, 2))
    return st.one_of(_tori(1, terms, modes), gaussians, wells)


@st.composite
def perturbations(
    draw: DrawFn, space: SpaceData, *, signed: bool = False, modes: int = 2, terms: int = 3
) -> Expansion:
    """phi, for the perturbation f = L phi of the equilibrium: f has mean zero, L^-1 f is known.

    1 + f >= 0, proved, unless `signed`; then (1 + f) mu-bar is a signed measure of mass 1.  On a
    line phi is quadratic, with a positive leading coefficient unless `signed`.
    """
    d = space.dimension
    drawn: list[tuple[BasisFunction, Fraction]] = []
    if space.circles:
        waves = st.tuples(st.sampled_from(_waves(d, modes, space.circles)), rationals())
        drawn += draw(st.lists(waves, min_size=1, max_size=terms))
    for axis in space.lines:
        square = rationals() if signed else positive_rationals()
        drawn.append((_power(d, axis, 2), draw(square)))
        drawn.append((_power(d, axis, 1), draw(rationals())))
    phi = Expansion(d, drawn)
    if signed:
        return phi
    low = lower_bound(space, phi)
    size = Fraction(int(low.p), int(low.q))
    return phi * Fraction(1, ceil(-size)) if size < -1 else phi


def _factors(space: SpaceData, modes: int) -> SearchStrategy[BasisFunction]:
    """Basis functions with bounded gradient."""
    linear = [_power(space.dimension, axis, 1) for axis in space.lines]
    waves = _waves(space.dimension, modes, space.circles) if space.circles else []
    return st.sampled_from(linear + waves)


@st.composite
def payoffs(
    draw: DrawFn, target: SpaceData, source: SpaceData, *, modes: int = 1, terms: int = 3
) -> Kernel:
    """Kernels k(x, y) between two spaces with a bounded mixed derivative.

    Sums of products of waves (circles) and coordinates (lines); between equal tori also functions
    of x - y.
    """
    if target.axes == source.axes and not target.lines and draw(st.booleans()):
        waves = st.tuples(
            st.sampled_from(_waves(target.dimension, modes, target.circles)), rationals()
        )
        return TranslationInvariant(
            Expansion(target.dimension, draw(st.lists(waves, min_size=1, max_size=terms)))
        )
    entries = st.tuples(_factors(target, modes), _factors(source, modes), rationals())
    drawn = draw(st.lists(entries, min_size=1, max_size=terms))
    return General((target.dimension, source.dimension), tuple(drawn))


@st.composite
def interactions(draw: DrawFn, space: SpaceData, *, modes: int = 1, terms: int = 3) -> Kernel:
    """Symmetric kernels k(x, x') on one space, with a bounded mixed derivative."""
    kernel = draw(payoffs(space, space, modes=modes, terms=terms))
    total: PairTerms = {}
    for (a, b), c in kernel.terms(space.dimension, space.dimension).items():
        for pair in ((a, b), (b, a)):
            total[pair] = total.get(pair, Fraction(0)) + c / 2
    entries = tuple((a, b, c) for (a, b), c in sorted(total.items()) if c)
    return General((space.dimension, space.dimension), entries)


@st.composite
def gaussian_kernels(draw: DrawFn, dimension: int = 1, *, positive: bool = False) -> GaussianKernel:
    """Gaussians of the distance on lines with Gaussian equilibria; positive semidefinite when `positive`.

    They shrink to exp(-|x - y|^2/2).
    """
    variance = draw(positive_rationals())
    amplitude = draw(positive_rationals() if positive else rationals())
    return GaussianKernel(dimension, variance, amplitude)


@st.composite
def fields(draw: DrawFn, space: SpaceData, *, modes: int = 2) -> tuple[Expansion, ...]:
    """Vector fields, one expansion for each variable: constants, waves and coordinates."""
    constant = BasisFunction((0,) * space.dimension, (0,) * space.dimension)
    part = st.tuples(st.one_of(st.just(constant), _factors(space, modes)), rationals())
    return tuple(Expansion(space.dimension, draw(st.lists(part, max_size=2))) for _ in space.axes)


@st.composite
def directions(draw: DrawFn, space: SpaceData) -> tuple[Fraction, ...]:
    """Rational unit vectors: coordinate directions, and (3, 4)/5 in two of the coordinates."""
    d = space.dimension
    sign = draw(st.sampled_from([1, -1]))
    parts = [Fraction(0)] * d
    first = draw(st.integers(0, d - 1))
    parts[first] = Fraction(sign)
    if d > 1 and draw(st.booleans()):
        parts[first] = Fraction(3 * sign, 5)
        parts[(first + 1) % d] = Fraction(4, 5)
    return tuple(parts)
