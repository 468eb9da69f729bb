"""Two-sided enclosures of W2^2 between smooth densities on the line and on the circle."""

from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np
from flint import arb

from mflverify.numerics.cumulative import Primitive, graded_nodes
from mflverify.numerics.jets import DensityJet, LogPolynomialJet
from mflverify.numerics.line_spectrum import Wells, as_ball, wells_of
from mflverify.numerics.line_tail import TailError, tail_moment
from mflverify.numerics.precision import working_precision
from mflverify.numerics.spectral_enclosure import Enclosure
from mflverify.numerics.transport import MonotoneMap, TransportCost, circle_cost, line_cost
from mflverify.numerics.wasserstein_float import circle_cut

_METHOD = "quantile map by Taylor cells in balls"
_LINE_THEOREM = (
    "the monotone rearrangement is optimal on the line; tails by |x - y|^2 <= 2 |x - c|^2 + "
    "2 |y - c|^2 and convexity of the potential"
)
_CIRCLE_THEOREM = (
    "any cut gives a coupling (above); the cost is convex in the cut "
    "(Delon, Salomon, Sobolevski 2010), bounded by its tangent where the slopes change sign (below)"
)
WASSERSTEIN_BITS = 192
_PRIMITIVE_ORDER = 36
_MAP_ORDER = 14
_RESOLUTION = 0.5
_FLOAT_GRID = 2048
_MOST_ROUNDS = 12
_CELL_TOLERANCE = 2.0**-46  # relative to the size of the whole integral's range
_CORE_HEIGHT = 100.0  # distribution functions reach out to density exp(-100) of the barrier's
# The cost is integrated to exp(-42), the rest is bounded; further out if p is not convex there yet.
_COST_HEIGHTS = (42.0, 60.0, 80.0)


def _log_slope(density: DensityJet, x: float) -> float:
    value, derivative = density([arb(x), arb(1)])
    return float((derivative / value).mid())


class _LineSide:
    """One density exp(-p) with its primitive over the core and the tails' masses."""

    def __init__(self, coefficients: Sequence[Fraction | int]) -> None:
        self.wells: Wells = wells_of(coefficients)
        self.potential = [as_ball(c) for c in coefficients]
        density = LogPolynomialJet(tuple(self.potential))
        left, right = self.wells.level_set(_CORE_HEIGHT)
        nodes = graded_nodes(lambda x: _log_slope(density, x), left, right, _RESOLUTION)
        self.primitive = Primitive(density, nodes, _PRIMITIVE_ORDER)
        one = [arb(1)]
        self.left_tail = arb(0).union(tail_moment(self.potential, one, nodes[0], -1))
        right_tail = arb(0).union(tail_moment(self.potential, one, nodes[-1], +1))
        self.mass = self.left_tail + self.primitive.values[-1] + right_tail

    def second_moment_beyond(self, at: arb, direction: int, centre: arb) -> arb:
        """An upper bound of the integral of (x - centre)^2 dmu from `at` outwards."""
        weight = [centre * centre, -2 * centre, arb(1)]
        return tail_moment(self.potential, weight, at, direction) / self.mass


def wasserstein_squared_log_polynomials(
    source: Sequence[Fraction | int], target: Sequence[Fraction | int]
) -> Enclosure:
    """W2^2 between exp(-p)/Z and exp(-q)/Z', coefficients lowest degree first, even degrees.

    Typically ten correct digits. Raises TailError or QuantileError if the tails cannot be bounded.
    """
    with working_precision(WASSERSTEIN_BITS):
        mu, nu = _LineSide(source), _LineSide(target)
        scale = nu.mass / mu.mass
        transport = MonotoneMap(
            mu.primitive, nu.primitive, scale, scale * mu.left_tail - nu.left_tail
        )
        for height in _COST_HEIGHTS[:-1]:
            try:
                return _line_enclosure(mu, nu, transport, height)
            except TailError:
                continue
        return _line_enclosure(mu, nu, transport, _COST_HEIGHTS[-1])


def _line_enclosure(
    mu: _LineSide, nu: _LineSide, transport: MonotoneMap, height: float
) -> Enclosure:
    """W2^2 with the cost integrated up to `height` above the barrier of mu's potential."""
    left, right = mu.wells.level_set(height)
    inside = [i for i, x in enumerate(mu.primitive.nodes) if left <= x <= right]
    first, last = inside[0], inside[-1]
    centre = arb(mu.wells.centre)
    tails = arb(0)
    for index, direction in ((first, -1), (last, +1)):
        image = transport.image(mu.primitive.values[index])
        inner = image.lower() if direction > 0 else image.upper()
        tails += mu.second_moment_beyond(mu.primitive.nodes[index], direction, centre)
        tails += nu.second_moment_beyond(inner, direction, centre)
    width = nu.primitive.nodes[-1] - nu.primitive.nodes[0]
    tolerance = mu.mass.mid() * width**2 * _CELL_TOLERANCE
    core = line_cost(transport, first, last, mu.mass, order=_MAP_ORDER, tolerance=tolerance)
    lower = core.lower().max(arb(0))
    return Enclosure(lower, core + 2 * tails.upper(), _METHOD, _LINE_THEOREM)


def _float_cut(source: DensityJet, target: DensityJet) -> float:
    """The best cut in floats, where the certified search starts."""
    grid = [arb(j) / _FLOAT_GRID for j in range(_FLOAT_GRID)]
    mu, nu = (
        np.array([float(density([x])[0].mid()) for x in grid]) for density in (source, target)
    )
    return circle_cut(mu, nu)[0]


def wasserstein_squared_circle(source: DensityJet, target: DensityJet) -> Enclosure:
    """W2^2 between two positive densities on the circle of length 2 pi, arc-length distance.

    Both are given on the unit interval (frequency 2 pi), not necessarily normalised; they must be
    given at a precision of at least 192 bits or the enclosure widens. Typically ten correct digits.
    Raises ValueError if a density is not proved positive, QuantileError if a quantile is lost.
    """
    with working_precision(WASSERSTEIN_BITS):
        nodes = graded_nodes(lambda x: _log_slope(source, x), 0.0, 1.0, _RESOLUTION)
        period = graded_nodes(lambda x: _log_slope(target, x), 0.0, 1.0, _RESOLUTION)
        # Three periods of the target, so that T needs no reduction modulo one.
        lifted = [x + shift for shift in (-1, 0, 1) for x in period[:-1]] + [arb(2)]
        mu = Primitive(source, nodes, _PRIMITIVE_ORDER)
        nu = Primitive(target, lifted, _PRIMITIVE_ORDER)
        zero = nu.values[len(period) - 1]
        total = nu.values[2 * (len(period) - 1)] - zero

        def cost(cut: arb) -> TransportCost:
            transport = MonotoneMap(mu, nu, total / mu.values[-1], zero + cut * total)
            return circle_cost(
                transport, mu.values[-1], order=_MAP_ORDER, tolerance=arb(_CELL_TOLERANCE)
            )

        return _minimum_over_cuts(cost, arb(_float_cut(source, target)))


def _tangent_bounds(
    low: tuple[arb, TransportCost], high: tuple[arb, TransportCost]
) -> tuple[arb, arb]:
    """Bounds of the minimum, which lies between two cuts where the slopes differ in sign."""
    width = high[0] - low[0]
    below = (low[1].cost + low[1].slope * width).lower()
    below = below.max((high[1].cost - high[1].slope * width).lower()).max(arb(0))
    return below, low[1].cost.upper().min(high[1].cost.upper())


def _minimum_over_cuts(cost: Callable[[arb], TransportCost], start: arb) -> Enclosure:
    """Enclose the minimum of a convex function from its values and slopes at chosen cuts."""
    spread = arb(2) ** -16
    while True:
        low, high = ((x, cost(x)) for x in (start - spread, start + spread))
        if low[1].slope <= 0 and high[1].slope >= 0:
            break
        spread *= 8
        if spread > 0.2:
            raise ArithmeticError(f"the slopes' signs are not decided around the cut {start}")
    for _ in range(_MOST_ROUNDS):
        below, above = _tangent_bounds(low, high)
        if above - below <= above * arb(2) ** -27:
            break
        width, rise = high[0] - low[0], high[1].slope - low[1].slope
        secant = (low[0] - low[1].slope * width / rise).mid()
        spread = (width**2).min(width / 64).mid()
        for x in (secant - spread, secant + spread, (low[0] + high[0]) / 2):
            if x > low[0] and x < high[0] and high[0] - low[0] > width / 4:
                tried = (x.mid(), cost(x.mid()))
                if tried[1].slope <= 0:
                    low = tried
                elif tried[1].slope >= 0:
                    high = tried
        if high[0] - low[0] == width:
            break  # the slopes' signs are not decided any closer
    below, above = _tangent_bounds(low, high)
    length_squared = (2 * arb.pi()) ** 2
    return Enclosure(below * length_squared, above * length_squared, _METHOD, _CIRCLE_THEOREM)
