"""Primitives of positive functions and their inverses in balls, by Taylor expansion on cells."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise

from flint import arb, arb_poly

from mflverify.numerics.jets import DensityJet, Jet, variable


class QuantileError(ArithmeticError):
    """A quantile could not be located at this precision or outside the range covered."""


def cell(lower: arb, upper: arb) -> arb:
    """The ball that covers [lower, upper]."""
    return lower.union(upper)


def integrate_jet(point: Sequence[arb], whole: Sequence[arb], half: arb) -> arb:
    """Integral over [c - half, c + half] of a function with jets `point` at c, `whole` over it.

    Taylor at c with Lagrange's remainder: the last coefficient of `whole`, times t^{n-1}.
    """
    n = len(point)
    total = arb(0)
    for m in range(0, n - 1, 2):
        total += 2 * point[m] * half ** (m + 1) / (m + 1)
    # The remainder's coefficient varies with t. If n - 1 is even, t^{n-1} >= 0 and the mean value
    # lies in the ball; if it is odd, only the absolute value is bounded.
    magnitude = 2 * half**n / n
    if n % 2:
        return total + whole[n - 1] * magnitude
    return total + arb(0, (abs(whole[n - 1]) * magnitude).upper())


class Primitive:
    """G(x) = integral of `density` from nodes[0] to x, for x up to nodes[-1], and its inverse.

    Nodes are exact and increasing, `order` is the number of Taylor coefficients a cell.
    Raises ValueError if the nodes do not increase or the density is not proved positive on a cell.
    """

    def __init__(self, density: DensityJet, nodes: Sequence[arb], order: int) -> None:
        if not all(a < b for a, b in pairwise(nodes)):
            raise ValueError(f"nodes must increase: {nodes!r}")
        self.density = density
        self.nodes = list(nodes)
        self.order = order
        self._centres = [((a + b) / 2).mid() for a, b in pairwise(nodes)]
        self._points = [density(variable(c, order)) for c in self._centres]
        self._remainders = []
        for a, b in pairwise(nodes):
            whole = density(variable(cell(a, b), order))
            if not whole[0] > 0:
                raise ValueError(f"density is not proved positive on [{a}, {b}]: {whole[0]}")
            self._remainders.append(abs(whole[-1]))
        self.values = [arb(0)]  # G at the nodes
        for j, (a, b) in enumerate(pairwise(nodes)):
            self.values.append(self.values[-1] + self._from_centre(j, b) - self._from_centre(j, a))
        self._middles = [v.mid() for v in self.values]

    def _from_centre(self, j: int, x: arb) -> arb:
        """The integral from the centre of cell j to x in that cell (Taylor, Lagrange)."""
        t = x - self._centres[j]
        n = self.order
        terms = arb_poly([arb(0), *(self._points[j][m] / (m + 1) for m in range(n - 1))])
        return terms(t) + arb(0, (self._remainders[j] * abs(t) ** n / n).upper())

    def value_in_cell(self, j: int, x: arb) -> arb:
        """G(x) for x in [nodes[j], nodes[j + 1]]."""
        return self.values[j] + self._from_centre(j, x) - self._from_centre(j, self.nodes[j])

    def inverse(self, level: arb) -> arb:
        """A ball that contains every x with G(x) in the ball `level`; G increases strictly.

        Newton finds a midpoint; signs of G - level at two exact points prove the bracket.
        Raises QuantileError if the level is not, for certain, inside the range of G.
        """
        if not (level >= self.values[0] and level <= self.values[-1]):
            raise QuantileError(f"level {level} is not within [0, {self.values[-1]}]")
        last = len(self.nodes) - 2
        j = min(max(bisect_right(self._middles, level.mid()) - 1, 0), last)
        x = self._newton(j, level.mid())
        noise = level.rad() + self.value_in_cell(j, x).rad()
        newton_error = (self.nodes[j + 1] - self.nodes[j]) * arb(2) ** -58
        spread = (4 * noise / self.density([x])[0] + newton_error).upper()
        while spread < self.nodes[-1] - self.nodes[0]:
            below = self._proved_end(level, (x - spread).lower(), -1)
            above = self._proved_end(level, (x + spread).upper(), +1)
            if below is not None and above is not None:
                return cell(below, above)
            spread = (spread * 4).mid()
        raise QuantileError(f"no bracket found for level {level}")

    def _proved_end(self, level: arb, x: arb, side: int) -> arb | None:
        """x or a node beyond it if G there is proved to be on the given side of the level."""
        if x <= self.nodes[0] or x >= self.nodes[-1]:
            return self.nodes[0] if side < 0 else self.nodes[-1]
        j = bisect_right(self.nodes, x) - 1
        difference = (self.value_in_cell(j, x) - level) * side
        return x if difference >= 0 else None

    def _newton(self, j: int, level: arb) -> arb:
        low, high = self.nodes[j], self.nodes[j + 1]
        x = self._centres[j]
        for _ in range(40):
            slope = self.density([x])[0]
            step = ((level - self.value_in_cell(j, x)) / slope).mid()
            following = (x + step).max(low).min(high).mid()
            if abs(following - x) <= abs(high - low) * arb(2) ** -60:
                return following
            x = following
        return x


def integral(integrand: Callable[[Jet], Jet], nodes: Sequence[arb], order: int) -> arb:
    """Integral of a function over [nodes[0], nodes[-1]]; `integrand` maps the jet of x to its jet.

    Taylor with Lagrange's remainder on each cell; nodes exact and increasing.
    """
    total = arb(0)
    for a, b in pairwise(nodes):
        centre = ((a + b) / 2).mid()
        point = integrand(variable(centre, order))
        whole = integrand(variable(cell(a, b), order))
        total += integrate_jet(point, whole, (b - a) / 2)
    return total


def graded_nodes(
    slope: Callable[[float], float], lower: float, upper: float, resolution: float
) -> list[arb]:
    """Exact nodes from lower to upper, denser where a log-density has a steep `slope`.

    A step is about resolution/(|slope| + 30/(upper - lower)).
    """
    nodes = [lower]
    while nodes[-1] < upper:
        x = nodes[-1]
        nodes.append(x + resolution / (30 / (upper - lower) + abs(slope(x))))
    if len(nodes) > 2 and upper - nodes[-2] < (nodes[-1] - nodes[-2]) / 4:
        nodes.pop(-2)
    nodes[-1] = upper
    return [arb(x) for x in nodes]
