"""The cost of a monotone transport between two densities in one dimension, in balls.

T with F_nu(T(x)) = F_mu(x) + theta is increasing and transports mu to nu. On the line theta = 0 and
T is optimal for the squared distance. On the circle every theta gives a coupling (T lifted to the
line) whose cost bounds W2^2 from above, and the cost c(theta) is convex
(Delon, Salomon, Sobolevski 2010), with c'(theta) = 2 int (T - x) T' dx.
"""

from collections.abc import Callable, Sequence

from attrs import frozen
from flint import arb

from mflverify.numerics.cumulative import Primitive, cell, integrate_jet
from mflverify.numerics.jets import DensityJet, Jet, divide, multiply, variable

_MOST_HALVINGS = 48


@frozen
class TransportCost:
    """c(theta) and c'(theta) on the circle, in units of the period."""

    cost: arb
    slope: arb


@frozen
class MonotoneMap:
    """T(x) = H^{-1}(offset + scale G(x)), G and H the primitives of mu and nu.

    `scale` = Z_nu/Z_mu, the ratio of the normalising constants.
    """

    source: Primitive
    target: Primitive
    scale: arb
    offset: arb

    def image(self, source_value: arb) -> arb:
        """A ball containing T(x) for every x with G(x) in `source_value`."""
        return self.target.inverse(self.offset + self.scale * source_value)

    def jet(self, at: arb, image: arb, order: int) -> Jet:
        """The jet of T at `at` with T(at) in `image`, from T' = scale mu(x)/nu(T)."""
        numerator = self.source.density(variable(at, order))
        result = [image]
        for n in range(1, order):
            ratio = divide(numerator[:n], self.target.density(result))
            result.append(self.scale * ratio[n - 1] / n)
        return result


Integrand = Callable[[DensityJet, arb, Jet], Jet]  # density, x, jet of T at x


def _displacement(at: arb, image: Jet) -> Jet:
    return [t - x for t, x in zip(image, variable(at, len(image)), strict=True)]


def squared_displacement(density: DensityJet, at: arb, image: Jet) -> Jet:
    """(T - x)^2 mu, mu not normalised."""
    displacement = _displacement(at, image)
    return multiply(multiply(displacement, displacement), density(variable(at, len(image))))


def cut_derivative(density: DensityJet, at: arb, image: Jet) -> Jet:
    """2 (T - x) T'."""
    order = len(image) - 1
    derivative = [2 * (n + 1) * image[n + 1] for n in range(order)]
    return multiply(_displacement(at, image)[:order], derivative)


class _CellIntegrator:
    """Adaptive integration over the source's cells: a cell is halved while its ball is too wide."""

    def __init__(
        self, transport: MonotoneMap, integrands: Sequence[Integrand], order: int, tolerance: arb
    ) -> None:
        self._transport = transport
        self._integrands = integrands
        self._order = order
        self._tolerance = tolerance

    def _jet_integrals(self, over: arb, image: arb, at: arb, at_image: arb, half: arb) -> list[arb]:
        density = self._transport.source.density
        point = self._transport.jet(at, at_image, self._order)
        whole = self._transport.jet(over, image, self._order)
        return [
            integrate_jet(integrand(density, at, point), integrand(density, over, whole), half)
            for integrand in self._integrands
        ]

    def integrate(self, j: int, a: arb, b: arb, images: tuple[arb, arb], depth: int) -> list[arb]:
        """The integrals over [a, b] in the source's cell j; `images` are those of a and b."""
        transport, source = self._transport, self._transport.source
        centre = ((a + b) / 2).mid()
        at_centre = transport.image(source.value_in_cell(j, centre))
        # T increases, so the images of the ends enclose the image of the cell.
        image = cell(images[0].lower(), images[1].upper())
        found = self._jet_integrals(cell(a, b), image, centre, at_centre, (b - a) / 2)
        if depth == 0 or all(value.rad() <= self._tolerance for value in found):
            return found
        left = self.integrate(j, a, centre, (images[0], at_centre), depth - 1)
        right = self.integrate(j, centre, b, (at_centre, images[1]), depth - 1)
        return [x + y for x, y in zip(left, right, strict=True)]

    def total(self, first: int, last: int) -> list[arb]:
        """The integrals over the source's nodes first, ..., last (indices)."""
        source = self._transport.source
        images = [self._transport.image(value) for value in source.values[first : last + 1]]
        totals = [arb(0) for _ in self._integrands]
        for offset, j in enumerate(range(first, last)):
            ends = (images[offset], images[offset + 1])
            parts = self.integrate(j, source.nodes[j], source.nodes[j + 1], ends, _MOST_HALVINGS)
            totals = [x + y for x, y in zip(totals, parts, strict=True)]
        return totals


def line_cost(
    transport: MonotoneMap, first: int, last: int, source_mass: arb, *, order: int, tolerance: arb
) -> arb:
    """int (T - x)^2 dmu, mu normalised by `source_mass`, between two nodes of the source.

    `order` is the length of the jets of T, `tolerance` the radius wished for each cell.
    """
    integrator = _CellIntegrator(transport, (squared_displacement,), order, tolerance)
    return integrator.total(first, last)[0] / source_mass


def circle_cost(
    transport: MonotoneMap, source_mass: arb, *, order: int, tolerance: arb
) -> TransportCost:
    """The cost over one period, and its derivative in the cut; arguments as in `line_cost`."""
    integrands = (squared_displacement, cut_derivative)
    integrator = _CellIntegrator(transport, integrands, order, tolerance)
    cost, slope = integrator.total(0, len(transport.source.nodes) - 1)
    return TransportCost(cost / source_mass, slope)
